"""Never run: mypy and pyright check that each public call has the type it is said to have."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_type

import botocancel
from botocancel import (
    Cancellation,
    DataRepositoryTaskRef,
    NotFound,
    Phase,
    Response,
    ServiceError,
    Shape,
    TaskClient,
    TaskEnded,
    TaskExecutionRef,
    TaskRef,
    TaskSnapshot,
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

if TYPE_CHECKING:
    import boto3
    import botocore.session
    from types_boto3_fsx import FSxClient


def refs() -> None:
    assert_type(DataRepositoryTaskRef.parse("task-…"), DataRepositoryTaskRef)
    assert_type(TaskExecutionRef.parse("arn:…"), TaskExecutionRef)
    assert_type(task_ref("task-…"), TaskRef[Shape, Response])
    assert_type(DataRepositoryTaskRef("task-…").region, str | None)
    assert_type(TaskExecutionRef("arn:…").region, str)


def sessions(
    boto3_session: boto3.Session, botocore_session: botocore.session.Session, client: FSxClient
) -> None:
    """What types-boto3 and botocore-stubs describe is accepted without casts."""
    TaskClient()
    TaskClient(boto3_session)
    TaskClient(botocore_session, region="us-east-1")
    TaskClient(clients=[client])


def cancels(client: TaskClient, task: DataRepositoryTaskRef, execution: TaskExecutionRef) -> None:
    """The ref decides; a plain string gives the union."""
    assert_type(client.cancel(task), Cancellation[CancelDataRepositoryTaskResponse])
    assert_type(client.cancel(execution), Cancellation[CancelTaskExecutionResponse])
    assert_type(botocancel.cancel(task), Cancellation[CancelDataRepositoryTaskResponse])
    assert_type(
        client.cancel("task-…"),
        Cancellation[CancelTaskExecutionResponse] | Cancellation[CancelDataRepositoryTaskResponse],
    )
    assert_type(
        botocancel.cancel("task-…"),
        Cancellation[CancelTaskExecutionResponse] | Cancellation[CancelDataRepositoryTaskResponse],
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
        TaskSnapshot[DescribeTaskExecutionResponse] | TaskSnapshot[DataRepositoryTask],
    )
    assert_type(
        botocancel.describe("task-…"),
        TaskSnapshot[DescribeTaskExecutionResponse] | TaskSnapshot[DataRepositoryTask],
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
