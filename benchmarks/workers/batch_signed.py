"""The same, signed by hand: the floor."""

import sys
from concurrent.futures import ThreadPoolExecutor

from measured import measured, task_ids
from signed import Signed

work, number, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
tasks = task_ids(number)
signed = Signed(workers)


def calls():
    """One after the other."""
    for task in tasks:
        signed.cancel(task)


def cancels():
    """All, on threads."""
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(signed.cancel, tasks))


signed.cancel(tasks[0])
with measured():
    calls() if work == "calls" else cancels()
