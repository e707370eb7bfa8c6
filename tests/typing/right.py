"""Never run: mypy and pyright check that each public call has the type it is said to have."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import TYPE_CHECKING, assert_type

import botocancel
from botocancel import (
    Aftermath,
    AsyncBatch,
    AsyncGuard,
    AsyncTaskClient,
    Backoff,
    Batch,
    BotocancelError,
    Cancellation,
    Certainty,
    DataRepositoryTaskRef,
    Done,
    Failed,
    Gap,
    Guard,
    Listing,
    NamesTask,
    NotFound,
    Outcome,
    Phase,
    Response,
    Result,
    RetryPolicy,
    ServiceError,
    Shape,
    Summary,
    TaskClient,
    TaskEnded,
    TaskExecutionRef,
    TaskRef,
    TaskSnapshot,
    WaitTimeout,
    is_retryable,
    task_ref,
)
from botocancel.services.datasync import (
    CancelTaskExecutionResponse,
    DescribeTaskExecutionResponse,
    InvalidRequestException,
    ListTaskExecutionsRequest,
    ListTaskExecutionsResponse,
    TaskExecutionStatus,
)
from botocancel.services.fsx import (
    CancelDataRepositoryTaskRequest,
    CancelDataRepositoryTaskResponse,
    DataRepositoryTask,
    DataRepositoryTaskLifecycle,
    FSxError,
)
from botocancel.typing import (
    AnyCancellation,
    AnyOutcome,
    AnySnapshot,
    AwsClient,
    AwsSession,
    IfEnded,
)

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Iterable, Sequence

    import boto3
    import botocore.session
    from types_boto3_datasync import DataSyncClient
    from types_boto3_fsx import FSxClient


def refs() -> None:
    assert_type(DataRepositoryTaskRef.parse("task-…"), DataRepositoryTaskRef)
    assert_type(TaskExecutionRef.parse("arn:…"), TaskExecutionRef)
    assert_type(task_ref("task-…"), TaskRef[Shape, Response])
    assert_type(DataRepositoryTaskRef("task-…").region, str | None)
    assert_type(TaskExecutionRef("arn:…").region, str | None)


def sessions(
    boto3_session: boto3.Session,
    botocore_session: botocore.session.Session,
    fsx: FSxClient,
    datasync: DataSyncClient,
) -> None:
    """What types-boto3 and botocore-stubs describe is accepted without casts."""
    for kind in (TaskClient, AsyncTaskClient):
        kind()
        kind(boto3_session)
        kind(botocore_session, region="us-east-1")
        kind(clients=[fsx])
        kind(clients=(fsx, datasync))
        kind(clients={client.meta.region_name: client for client in (fsx, fsx)}.values())


def started_with_boto3(client: TaskClient, fsx: FSxClient, datasync: DataSyncClient) -> None:
    """What boto3 answers names the task by its id, a plain string."""
    task = fsx.create_data_repository_task(
        Type="EXPORT_TO_REPOSITORY", FileSystemId="fs-…", Report={"Enabled": False}
    )
    client.cancel(DataRepositoryTaskRef(task["DataRepositoryTask"]["TaskId"]))
    execution = datasync.start_task_execution(TaskArn="arn:…")
    client.cancel(TaskExecutionRef(execution["TaskExecutionArn"]))


def cancels(client: TaskClient, task: DataRepositoryTaskRef, execution: TaskExecutionRef) -> None:
    """The ref decides; a plain string gives the union."""
    assert_type(client.cancel(task), Cancellation[CancelDataRepositoryTaskResponse])
    assert_type(client.cancel(execution), Cancellation[CancelTaskExecutionResponse])
    assert_type(botocancel.cancel(task), Cancellation[CancelDataRepositoryTaskResponse])
    assert_type(
        client.cancel("task-…"),
        AnyCancellation,
    )
    assert_type(
        botocancel.cancel("task-…"),
        AnyCancellation,
    )
    cancellation = client.cancel(task)
    assert_type(cancellation.accepted, bool)
    assert_type(cancellation.phase, Phase)
    assert_type(cancellation.response, CancelDataRepositoryTaskResponse | None)
    assert_type(client.cancel(cancellation), Cancellation[CancelDataRepositoryTaskResponse])


def describes(client: TaskClient, task: DataRepositoryTaskRef, execution: TaskExecutionRef) -> None:
    assert_type(client.describe(task), TaskSnapshot[DataRepositoryTask])
    assert_type(client.describe(execution), TaskSnapshot[DescribeTaskExecutionResponse])
    assert_type(botocancel.describe(task), TaskSnapshot[DataRepositoryTask])
    assert_type(
        client.describe("task-…"),
        AnySnapshot,
    )
    assert_type(
        botocancel.describe("task-…"),
        AnySnapshot,
    )
    snapshot = client.describe(task)
    assert_type(snapshot.detail.lifecycle, DataRepositoryTaskLifecycle)
    assert_type(snapshot.detail.paths, tuple[str, ...] | None)
    assert_type(snapshot.progress.fraction, float | None)
    assert_type(client.describe(snapshot), TaskSnapshot[DataRepositoryTask])
    assert_type(client.describe(execution).detail.status, TaskExecutionStatus | None)


def calls(client: TaskClient) -> None:
    assert_type(
        client.call(CancelDataRepositoryTaskRequest(task_id="task-…")),
        CancelDataRepositoryTaskResponse,
    )
    response = client.call(ListTaskExecutionsRequest(), region="us-east-1")
    assert_type(response, ListTaskExecutionsResponse)
    assert_type(response.metadata.request_id, str | None)


def failures(client: TaskClient) -> None:
    try:
        client.cancel("task-…")
    except TaskEnded as ended:
        assert_type(ended.snapshot, TaskSnapshot[Shape] | None)
        assert_type(ended.code, str)
        assert_type(ended.attempts, int)
    except FSxError as failed:
        assert_type(failed.request_id, str | None)
        assert_type(failed.ref, TaskRef[Shape, Response] | None)
    except InvalidRequestException as refused:
        assert_type(refused.datasync_error_code, str | None)
    except (NotFound, ServiceError) as error:
        assert_type(error.retryable, bool)
    except WaitTimeout as late:
        assert_type(late.snapshot, TaskSnapshot[Shape] | None)
        assert_type(late.accepted, bool)
        assert_type(late.elapsed, float)
        assert_type(late.requests, int)


def looked_at(_: TaskSnapshot[Shape]) -> None: ...
async def looked_at_async(_: TaskSnapshot[Shape]) -> None: ...


def waits(client: TaskClient, task: DataRepositoryTaskRef, execution: TaskExecutionRef) -> None:
    assert_type(client.wait(task, timeout=60), TaskSnapshot[DataRepositoryTask])
    assert_type(
        client.wait(execution, on_progress=looked_at), TaskSnapshot[DescribeTaskExecutionResponse]
    )
    assert_type(
        client.wait("task-…"),
        AnySnapshot,
    )


def stops(client: TaskClient, task: DataRepositoryTaskRef, execution: TaskExecutionRef) -> None:
    outcome = client.cancel_and_wait(task, timeout=60, if_ended="raise", on_progress=looked_at)
    assert_type(outcome, Outcome[DataRepositoryTask])
    assert_type(outcome.snapshot.detail.lifecycle, DataRepositoryTaskLifecycle)
    assert_type(outcome.phase, Phase)
    assert_type(outcome.certainty, Certainty)
    assert_type(outcome.canceled, bool)
    assert_type(outcome.aftermath, Aftermath | None)
    assert_type(client.cancel_and_wait(execution), Outcome[DescribeTaskExecutionResponse])
    assert_type(client.cancel_and_wait(outcome), Outcome[DataRepositoryTask])
    assert_type(botocancel.cancel_and_wait(task), Outcome[DataRepositoryTask])
    assert_type(
        client.cancel_and_wait("task-…"),
        AnyOutcome,
    )


def policies(client: TaskClient, task: DataRepositoryTaskRef) -> None:
    policy = RetryPolicy(timeout=60, backoff=Backoff(first=1, growth=2), retry_on=is_retryable)
    TaskClient(retry=policy, poll=Backoff(ceiling=60), workers=32)
    assert_type(client.cancel(task, retry=policy), Cancellation[CancelDataRepositoryTaskResponse])


def batches(
    client: TaskClient, tasks: list[DataRepositoryTaskRef], executions: tuple[TaskExecutionRef, ...]
) -> None:
    """The refs decide in batches too."""
    assert_type(client.cancel_many(tasks), Batch[Cancellation[CancelDataRepositoryTaskResponse]])
    assert_type(client.cancel_many(executions), Batch[Cancellation[CancelTaskExecutionResponse]])
    assert_type(client.describe_many(tasks), Batch[TaskSnapshot[DataRepositoryTask]])
    assert_type(client.wait_many(tasks), Batch[TaskSnapshot[DataRepositoryTask]])
    assert_type(client.wait_many(executions), Batch[TaskSnapshot[DescribeTaskExecutionResponse]])
    assert_type(client.cancel_and_wait_many(tasks), Batch[Outcome[DataRepositoryTask]])
    assert_type(
        client.cancel_and_wait_many(executions), Batch[Outcome[DescribeTaskExecutionResponse]]
    )
    assert_type(
        client.cancel_and_wait_many(["task-…"]),
        Batch[AnyOutcome],
    )
    batch = client.cancel_and_wait_many(tasks)
    assert_type(next(batch), Result[Outcome[DataRepositoryTask]])
    assert_type(batch.summary(), Summary[Outcome[DataRepositoryTask]])
    assert_type(batch.finish().done, tuple[Done[Outcome[DataRepositoryTask]], ...])
    assert_type(batch.finish().failed, tuple[Failed, ...])


def mixed_batches(
    client: TaskClient,
    task: DataRepositoryTaskRef,
    execution: TaskExecutionRef,
    tasks: Sequence[TaskRef | str],
) -> None:
    """A list may name its tasks in several ways."""
    snapshot, cancellation = client.describe(task), client.cancel(execution)
    assert_type(client.cancel_many([snapshot, "task-…"]), Batch[AnyCancellation])
    assert_type(client.wait_many([snapshot, cancellation, "task-…"]), Batch[AnySnapshot])
    assert_type(client.cancel_and_wait_many(["arn:…", task]), Batch[AnyOutcome])
    assert_type(client.cancel_and_wait_many({snapshot.detail, "arn:…"}), Batch[AnyOutcome])
    assert_type(client.cancel_and_wait_many(tasks), Batch[AnyOutcome])
    client.cancel_many([task, execution])
    client.cancel_many([snapshot, cancellation])
    client.cancel_many(client.active())
    client.wait_many(snapshot.ref for snapshot in client.active())
    client.cancel_and_wait_many(client.wait_many(tasks).finish().done)


def results(result: Result[Outcome[DataRepositoryTask]]) -> Outcome[DataRepositoryTask]:
    """A result is a value or an error, and to know one is to know the other."""
    assert_type(result.value, Outcome[DataRepositoryTask] | None)
    assert_type(result.error, BotocancelError | None)
    assert_type(result.ref, TaskRef[Shape, Response] | None)
    assert_type(result.unwrap(), Outcome[DataRepositoryTask])
    if result.error is None:
        assert_type(result.value, Outcome[DataRepositoryTask])
        assert_type(result.ref, TaskRef[Shape, Response])
    else:
        assert_type(result.error, BotocancelError)
        assert_type(result.value, None)
    if result.value is not None:
        assert_type(result.error, None)
    if isinstance(result, Failed):
        assert_type(result.error, BotocancelError)
    else:
        assert_type(result, Done[Outcome[DataRepositoryTask]])
    match result:
        case Done(value=outcome, ref=ref):
            assert_type(outcome, Outcome[DataRepositoryTask])
            assert_type(ref, TaskRef[Shape, Response])
        case Failed(error=error):
            assert_type(error, BotocancelError)
    if result.error is not None:
        raise result.error
    return result.value


def bare(
    ref: TaskRef,
    named: NamesTask,
    snapshot: TaskSnapshot,
    cancellation: Cancellation,
    outcome: Outcome,
    result: Result,
    batch: Batch,
) -> None:
    """Who does not care about the service leaves the parameters out."""
    assert_type(ref, TaskRef[Shape, Response])
    assert_type(named.ref, TaskRef[Shape, Response])
    assert_type(snapshot.detail, Shape)
    assert_type(cancellation.response, Response | None)
    assert_type(outcome.snapshot, TaskSnapshot[Shape])
    assert_type(result.unwrap(), object)
    assert_type(next(batch), Result[object])


def phases(snapshot: TaskSnapshot, outcome: Outcome) -> dict[str, str]:
    """A phase is a string to whoever wants one."""
    if snapshot.phase == "CANCELED" and outcome.certainty == "reported":
        return {"phase": snapshot.phase}
    return {str(Phase.RUNNING): snapshot.phase.lower()}


def running(client: TaskClient) -> None:
    """What `active` finds can be passed on to anything."""
    found = client.active(kinds=["fsx"], tag=("key", "value"), older_than=60)
    assert_type(found, Listing)
    assert_type(next(found), AnySnapshot)
    assert_type(found.gaps, tuple[Gap, ...])
    for snapshot in found:
        client.cancel(snapshot)


def restarts(client: TaskClient, execution: TaskExecutionRef) -> None:
    assert_type(client.restart(execution), TaskExecutionRef)
    assert_type(client.restart("arn:…"), TaskRef[Shape, Response])


def guards(
    client: TaskClient,
    task: DataRepositoryTaskRef,
    execution: TaskExecutionRef,
    signals: list[signal.Signals],
) -> None:
    with client.guard(task, execution, "task-…", signals=signals, always=True) as guard:
        assert_type(guard, Guard)
        guard.add(task)

    @client.guard()
    def export(path: str, *, files: int) -> DataRepositoryTaskRef:
        return DataRepositoryTaskRef(path * files)

    assert_type(export("…", files=3), AbstractContextManager[DataRepositoryTaskRef])
    with export("…", files=3) as started:
        assert_type(started, DataRepositoryTaskRef)


async def awaits(
    client: AsyncTaskClient, task: DataRepositoryTaskRef, execution: TaskExecutionRef
) -> None:
    assert_type(await client.describe(task), TaskSnapshot[DataRepositoryTask])
    assert_type(await client.cancel(task), Cancellation[CancelDataRepositoryTaskResponse])
    assert_type(await client.cancel(execution), Cancellation[CancelTaskExecutionResponse])
    assert_type(
        await client.wait(task, on_progress=looked_at_async), TaskSnapshot[DataRepositoryTask]
    )
    assert_type(await client.cancel_and_wait(task), Outcome[DataRepositoryTask])
    assert_type(await client.cancel_and_wait(execution), Outcome[DescribeTaskExecutionResponse])
    assert_type(
        await client.cancel_and_wait("task-…"),
        AnyOutcome,
    )
    assert_type(await client.restart(execution), TaskExecutionRef)
    assert_type(
        await client.call(CancelDataRepositoryTaskRequest(task_id="task-…")),
        CancelDataRepositoryTaskResponse,
    )


async def batches_async(
    client: AsyncTaskClient, tasks: list[DataRepositoryTaskRef], executions: set[TaskExecutionRef]
) -> None:
    assert_type(
        client.cancel_many(tasks), AsyncBatch[Cancellation[CancelDataRepositoryTaskResponse]]
    )
    assert_type(
        client.wait_many(executions), AsyncBatch[TaskSnapshot[DescribeTaskExecutionResponse]]
    )
    batch = client.cancel_and_wait_many(tasks)
    assert_type(batch, AsyncBatch[Outcome[DataRepositoryTask]])
    async for result in batch:
        assert_type(result.unwrap(), Outcome[DataRepositoryTask])
    assert_type(await batch.finish(), Summary[Outcome[DataRepositoryTask]])
    async for snapshot in client.active():
        await client.cancel(snapshot)


async def guards_async(client: AsyncTaskClient, task: DataRepositoryTaskRef) -> None:
    async with client.guard(task, "task-…") as guard:
        assert_type(guard, AsyncGuard)

    @client.guard()
    async def export(path: str) -> DataRepositoryTaskRef:
        return DataRepositoryTaskRef(path)

    assert_type(export("…"), AbstractAsyncContextManager[DataRepositoryTaskRef])
    async with export("…") as started:
        assert_type(started, DataRepositoryTaskRef)
    async with client as entered:
        assert_type(entered, AsyncTaskClient)


def retryable() -> Callable[[BaseException], bool]:
    """What stamina and tenacity take."""
    return is_retryable


def passed_on(client: TaskClient, task: str, *, if_ended: IfEnded = "raise") -> AnyOutcome:
    """What annotations of a user's own functions name is public."""
    assert_type(client.cancel(task), AnyCancellation)
    return client.cancel_and_wait(task, if_ended=if_ended)


def made_by(session: AwsSession | None, clients: Iterable[AwsClient]) -> TaskClient:
    return TaskClient(session, clients=clients)


def unions(cancellation: AnyCancellation, snapshot: AnySnapshot, outcome: AnyOutcome) -> None:
    """A plain string may be the id of a task of any service, also of one that a package adds."""
    assert_type(
        cancellation,
        Cancellation[CancelTaskExecutionResponse]
        | Cancellation[CancelDataRepositoryTaskResponse]
        | Cancellation[Response],
    )
    assert_type(
        snapshot,
        TaskSnapshot[DescribeTaskExecutionResponse]
        | TaskSnapshot[DataRepositoryTask]
        | TaskSnapshot[Shape],
    )
    assert_type(
        outcome,
        Outcome[DescribeTaskExecutionResponse] | Outcome[DataRepositoryTask] | Outcome[Shape],
    )
