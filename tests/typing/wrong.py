"""Never run: each line marked ``# wrong`` must be reported by mypy and by pyright."""

from __future__ import annotations

import botocancel
from botocancel import (
    AsyncTaskClient,
    Backoff,
    BotocancelError,
    DataRepositoryTaskRef,
    Done,
    Failed,
    Phase,
    RetryPolicy,
    TaskClient,
    TaskExecutionRef,
)
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
async_client = AsyncTaskClient()


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
described(client.wait(execution).detail)  # wrong
described(client.cancel_and_wait(execution).snapshot.detail)  # wrong
client.wait(task, timeout="60")  # wrong
client.wait(task, on_progress=described)  # wrong
client.cancel_and_wait(task, if_ended="ignore")  # wrong
client.cancel_and_wait(task).aftermath.summary  # wrong
client.cancel(task, retry=3)  # wrong
client.cancel_many(task)  # wrong
client.wait_many([17])  # wrong
client.cancel_many([task]).canceled  # wrong
described(next(client.cancel_and_wait_many([execution])).unwrap().snapshot.detail)  # wrong
next(client.cancel_and_wait_many([task])).value.canceled  # wrong
next(client.cancel_and_wait_many([task])).ref.region  # wrong
next(client.cancel_and_wait_many(["task-…", 17]))  # wrong
Done(task="task-…", ref=task)  # wrong
Failed(task="task-…", ref=None, error=ValueError())  # wrong
Failed(task="task-…", ref=None, error=BotocancelError()).value.phase  # wrong
client.cancel_many([task]).finish().failed[0].value.phase  # wrong
client.active(older_than="60")  # wrong
client.active(tag="key")  # wrong
client.restart(17)  # wrong
client.guard([task])  # wrong
client.guard(task, signals=True)  # wrong
TaskClient(workers="16")  # wrong
TaskClient(poll=30)  # wrong
Backoff(30)  # wrong
RetryPolicy(attempts=3)  # wrong
async_client.cancel(task).accepted  # wrong


@client.guard()  # wrong
def starts_nothing() -> None: ...


async def awaited() -> None:
    described((await async_client.wait(execution)).detail)  # wrong
    (await async_client.cancel_and_wait(task)).accepted()  # wrong
    for _ in async_client.cancel_many([task]):  # wrong
        pass
    with async_client.guard(task):  # wrong
        pass
