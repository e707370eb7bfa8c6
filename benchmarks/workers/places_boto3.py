"""The same by boto3: one region after the other, or on threads."""

import sys
from concurrent.futures import ThreadPoolExecutor

import boto3
from measured import measured, regions

work, number, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
session = boto3.Session()


def fsx(region):
    """Return the tasks of FSx in a region."""
    client = session.client("fsx", region_name=region)
    return client.describe_data_repository_tasks()["DataRepositoryTasks"]


def datasync(region):
    """Return the executions of DataSync in a region."""
    return session.client("datasync", region_name=region).list_task_executions()["TaskExecutions"]


places = [(look, region) for region in regions(number) for look in (fsx, datasync)]
with measured(), ThreadPoolExecutor(workers) as pool:
    answers = pool.map(lambda place: place[0](place[1]), places)
    found = (task for tasks in answers for task in tasks)
    if work == "first":
        next(found)
        pool.shutdown(wait=False, cancel_futures=True)
    else:
        assert len(list(found)) == number
