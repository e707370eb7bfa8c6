"""The same by boto3, as fleets are scripted: a session for each account, on threads."""

import sys
from concurrent.futures import ThreadPoolExecutor

import boto3
from measured import measured, regions

accounts, number, workers = map(int, sys.argv[1:4])
sts = boto3.client("sts")


def look(account):
    """Return the tasks of an account."""
    role = f"arn:aws:iam::{account}:role/StopTasks"
    told = sts.assume_role(RoleArn=role, RoleSessionName="stop")["Credentials"]
    session = boto3.Session(told["AccessKeyId"], told["SecretAccessKey"], told["SessionToken"])
    found = []
    for region in regions(number):
        fsx = session.client("fsx", region_name=region)
        found += fsx.describe_data_repository_tasks()["DataRepositoryTasks"]
        datasync = session.client("datasync", region_name=region)
        found += datasync.list_task_executions()["TaskExecutions"]
    return found


with measured(), ThreadPoolExecutor(workers) as pool:
    names = [f"{111100000000 + index}" for index in range(accounts)]
    assert sum(map(len, pool.map(look, names))) == accounts * number
