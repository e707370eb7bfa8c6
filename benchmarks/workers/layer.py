"""What botocancel itself takes of a cancel: its client is one that answers at once."""

import sys
from types import SimpleNamespace

from measured import measured

from botocancel import TaskClient, task_ref

number = int(sys.argv[1])
TASK = "task-0123456789abcdef0"


class Instant:
    """Stands in for botocore's client."""

    meta = SimpleNamespace(
        service_model=SimpleNamespace(service_name="fsx", resolved_protocol="json"),
        region_name="us-east-1",
        partition="aws",
    )

    def cancel_data_repository_task(self, **_):
        """Answer as FSx does."""
        return {
            "Lifecycle": "CANCELING",
            "TaskId": TASK,
            "ResponseMetadata": {"RequestId": "0", "HTTPStatusCode": 200, "RetryAttempts": 0},
        }


client, ref = TaskClient(clients=[Instant()]), task_ref(TASK)
client.cancel(ref)
with measured():
    for _ in range(number):
        client.cancel(ref)
