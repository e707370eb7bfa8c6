"""The same by boto3: a client for each call, one for all, or one for all under threads."""

import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
from measured import measured, task_ids

work, number, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
tasks = task_ids(number)
client = boto3.client("fsx")


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


def wait(task):
    """Describe one task until it has ended: the poll loop of a workflow's hook."""
    while True:
        answer = client.describe_data_repository_tasks(TaskIds=[task])
        if answer["DataRepositoryTasks"][0]["Lifecycle"] in {"CANCELED", "FAILED", "SUCCEEDED"}:
            return
        time.sleep(0.5 * random.random())


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
    "waits": waits,
    "bursts": bursts,
}
with measured():
    works[work]()
