"""Calls, batches and waits by botocancel."""

import sys

from measured import measured, task_ids

from botocancel import Backoff, RetryPolicy, TaskClient, task_ref

work, number, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
tasks = task_ids(number)
pace = float(sys.argv[4]) if work == "waits" else 1.0
client = TaskClient(workers=workers, poll=Backoff(first=pace, growth=1.0, ceiling=pace))


def calls():
    """One after the other, on one client."""
    for ref in refs:
        client.cancel(ref)


def cancels():
    """All, as many at a time as there are workers."""
    assert not client.cancel_many(refs).finish().failed


def limited():
    """All, until the service has taken each."""
    assert not client.cancel_many(refs, retry=RetryPolicy()).finish().failed


def waits():
    """All, until they have ended."""
    assert not client.wait_many(refs, timeout=600).finish().failed


def bursts():
    """So many times 32 cancels, and a pause in which nothing is closed."""
    for _ in range(number):
        assert not client.cancel_many(task_ids(32)).finish().failed


refs = [task_ref(task) for task in tasks]
client.cancel(refs[0])
with measured():
    works = {"calls": calls, "cancels": cancels, "limited": limited, "waits": waits}
    {**works, "bursts": bursts}[work]()
