"""Calls, batches and waits by botocancel."""

import sys

from measured import measured, task_ids

from botocancel import Backoff, TaskClient, task_ref

work, number, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
tasks = task_ids(number)
client = TaskClient(workers=workers, poll=Backoff(first=0.5, growth=1.0, ceiling=0.5))


def calls():
    """One after the other, on one client."""
    for ref in refs:
        client.cancel(ref)


def cancels():
    """All, as many at a time as there are workers."""
    assert not client.cancel_many(refs).finish().failed


def waits():
    """All, until they have ended."""
    assert not client.wait_many(refs, timeout=60).finish().failed


def bursts():
    """So many times 32 cancels, and a pause in which nothing is closed."""
    for _ in range(number):
        assert not client.cancel_many(task_ids(32)).finish().failed


refs = [task_ref(task) for task in tasks]
client.cancel(refs[0])
with measured():
    {"calls": calls, "cancels": cancels, "waits": waits, "bursts": bursts}[work]()
