"""Measures a piece of work inside its process, and prints what it took as JSON."""

import json
import time
from contextlib import contextmanager


@contextmanager
def measured():
    """Print the seconds of CPU and wall time that the block takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(json.dumps({"cpu": cpu, "wall": wall}))


def task_ids(number):
    """Return so many ids of FSx tasks."""
    return [f"task-{index:017x}" for index in range(number)]


def regions(number):
    """Return so many regions."""
    from botocore.session import get_session  # not all have it

    return sorted(get_session().get_available_regions("fsx"))[:number]
