"""What refs, snapshots and outcomes hold, and a listing of many tasks at its peak, in bytes."""

import json
import sys
import tracemalloc
from datetime import UTC, datetime
from types import SimpleNamespace

from botocancel import TaskClient, task_ref

held, listed, page = int(sys.argv[1]), int(sys.argv[2]), 100


class Pages:
    """Stands in for botocore's client: describes what is asked for, or lists page by page."""

    meta = SimpleNamespace(
        service_model=SimpleNamespace(service_name="fsx", resolved_protocol="json"),
        region_name="us-east-1",
        partition="aws",
    )
    lifecycle = "EXECUTING"

    def describe_data_repository_tasks(self, TaskIds=(), NextToken=None, **_):
        """Answer as FSx does."""
        first = int(NextToken or 0)
        last = min(first + page, listed)
        ids = TaskIds or [f"task-{index:017x}" for index in range(first, last)]
        answer = {"DataRepositoryTasks": [self._task(task) for task in ids]}
        return answer if TaskIds or last == listed else {**answer, "NextToken": str(last)}

    def cancel_data_repository_task(self, TaskId):
        """Answer as FSx does."""
        return {"TaskId": TaskId, "Lifecycle": "CANCELING"}

    def _task(self, task):
        return {
            "TaskId": task,
            "Lifecycle": self.lifecycle,
            "Type": "EXPORT_TO_REPOSITORY",
            "CreationTime": datetime(2024, 1, 1, tzinfo=UTC),
            "Status": {"TotalCount": 100, "SucceededCount": 7, "FailedCount": 0},
        }


def kept(make):
    """Return how many bytes stay in use for what is made."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    things = make()
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return used, things


source = Pages()
client = TaskClient(clients=[source])
client.describe("task-0123456789abcdef0")
source.lifecycle = "SUCCEEDED"
used_refs, refs = kept(lambda: [task_ref(f"task-{index:017x}") for index in range(held)])
used_snapshots, _ = kept(lambda: [result.value for result in client.wait_many(refs)])
used_outcomes, _ = kept(lambda: [result.value for result in client.cancel_and_wait_many(refs)])
source.lifecycle = "EXECUTING"
tracemalloc.start()
for _ in client.active(kinds=["fsx"]):
    pass
peak = tracemalloc.get_traced_memory()[1]
facts = {
    "refs": (held, used_refs),
    "snapshots": (held, used_snapshots),
    "outcomes": (held, used_outcomes),
    "active()": (listed, peak),
}
print(json.dumps(facts))
