"""The same by boto3: a client for each call, one for all, or one for all under threads."""

import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from measured import measured, task_ids

work, number, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
pace = float(sys.argv[4]) if work == "waits" else 0.0
tasks = task_ids(number)
retries = {"retries": {"mode": "adaptive"}} if work == "adaptive" else {}
client = boto3.client("fsx", config=Config(**retries))


def cancel(task):
    """Cancel by the client that all share."""
    client.cancel_data_repository_task(TaskId=task)


def naive_calls():
    """One after the other, and a client for each."""
    for task in tasks:
        boto3.client("fsx").cancel_data_repository_task(TaskId=task)


def calls():
    """One after the other, on one client."""
    for task in tasks:
        cancel(task)


def cancels():
    """All, on threads."""
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(cancel, tasks))


def insist(task):
    """Cancel, and again where that was throttled."""
    while True:
        try:
            return cancel(task)
        except ClientError:
            time.sleep(0.5 * random.random())


def limited():
    """All, on threads, until the service has taken each."""
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(insist, tasks))


def wait(task):
    """Describe one task until it has ended: the poll loop of a workflow's hook."""
    while True:
        answer = client.describe_data_repository_tasks(TaskIds=[task])
        if answer["DataRepositoryTasks"][0]["Lifecycle"] in {"CANCELED", "FAILED", "SUCCEEDED"}:
            return
        time.sleep(pace * random.random())


def waits():
    """One wait for each task, all at once."""
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(wait, tasks))


def bursts():
    """So many times 32 cancels, all at once."""
    with ThreadPoolExecutor(32) as pool:
        for _ in range(number):
            list(pool.map(cancel, task_ids(32)))


cancel(tasks[0])
works = {
    "naive": naive_calls,
    "calls": calls,
    "cancels": cancels,
    "limited": limited,
    "adaptive": limited,
    "waits": waits,
    "bursts": bursts,
}
with measured():
    works[work]()
