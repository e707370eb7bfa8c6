"""Never run: each line marked ``# wrong`` must be reported by mypy and by pyright."""

from __future__ import annotations

import botocancel
from botocancel import DataRepositoryTaskRef, Phase, TaskClient, TaskExecutionRef
from botocancel.services import fsx
from botocancel.services.datasync import ListTaskExecutionsRequest
from botocancel.services.fsx import (
    CancelDataRepositoryTaskRequest,
    DataRepositoryTask,
    DataRepositoryTaskLifecycle,
    DescribeDataRepositoryTasksRequest,
)

client = TaskClient()
task = DataRepositoryTaskRef("task-…")
execution = TaskExecutionRef("arn:…")


def described(_: DataRepositoryTask) -> None: ...


described(client.describe(execution).detail)  # wrong
described(client.describe("task-…").detail)  # wrong
client.describe(execution).detail.lifecycle  # wrong
client.cancel(task).response.task_id  # wrong
client.cancel(["task-…"])  # wrong
client.cancel(None)  # wrong
client.cancel(b"task-0")  # wrong
client.cancel()  # wrong
client.cancel(task, nonsense=True)  # wrong
client.cancel(task).succeeded  # wrong
client.describe(17)  # wrong
TaskClient(region_name="us-east-1")  # wrong
TaskClient("us-east-1")  # wrong
TaskClient(clients=client)  # wrong
CancelDataRepositoryTaskRequest()  # wrong
CancelDataRepositoryTaskRequest("task-…")  # wrong
CancelDataRepositoryTaskRequest(task_id=["task-…"])  # wrong
CancelDataRepositoryTaskRequest(TaskId="task-…")  # wrong
DescribeDataRepositoryTasksRequest(task_ids="task-…")  # wrong
client.call(ListTaskExecutionsRequest()).data_repository_tasks  # wrong
client.call({"TaskId": "task-…"})  # wrong
DataRepositoryTaskLifecycle.CANCELLING  # wrong
Phase.CANCELLED  # wrong
task.id = "task-…"  # wrong
botocancel.nonsense  # wrong
fsx.Nonsense  # wrong
