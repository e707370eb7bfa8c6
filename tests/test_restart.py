"""Starting work anew: DataSync's documented repair after a cancel."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from botocancel import InvalidRequest, NotFound, Phase, TaskExecutionRef, Unsupported, task_ref
from botocancel.services.datasync import (
    DescribeTaskExecutionRequest,
    FilterRule,
    FilterType,
    Options,
    StartTaskExecutionRequest,
    VerifyMode,
)
from tests.simulated import DATASYNC, FSX, asked, client_of

if TYPE_CHECKING:
    from botocancel import TaskClient
    from botocancel.testing import SimulatedAWS

VERIFY = Options(verify_mode=VerifyMode.NONE, bytes_per_second=1_000_000)
INCLUDES = (FilterRule(filter_type=FilterType.SIMPLE_PATTERN, value="/reports"),)
EXCLUDES = (FilterRule(filter_type=FilterType.SIMPLE_PATTERN, value="*.tmp"),)


@pytest.fixture
def client(aws: SimulatedAWS) -> TaskClient:
    return client_of(aws)


def started(aws: SimulatedAWS, client: TaskClient) -> TaskExecutionRef:
    """Start an execution with options and filters of its own."""
    response = client.call(
        StartTaskExecutionRequest(
            task_arn=aws.datasync().create_parent(),
            override_options=VERIFY,
            includes=INCLUDES,
            excludes=EXCLUDES,
        )
    )
    return TaskExecutionRef.parse(response.task_execution_arn or "")


def test_a_cancelled_execution_is_started_anew_and_runs_to_its_end(
    aws: SimulatedAWS, client: TaskClient
) -> None:
    execution = TaskExecutionRef.parse(DATASYNC.start(aws, "TRANSFERRING"))
    assert client.cancel_and_wait(execution).canceled
    fresh = client.restart(execution)
    assert fresh != execution
    assert fresh.id.partition("/execution/")[0] == execution.id.partition("/execution/")[0]
    assert client.wait(fresh).phase is Phase.SUCCEEDED


def test_what_the_execution_was_started_with_is_taken_over(
    aws: SimulatedAWS, client: TaskClient
) -> None:
    execution = started(aws, client)
    fresh = client.restart(execution)
    old, new = (
        client.call(DescribeTaskExecutionRequest(task_execution_arn=ref.id))
        for ref in (execution, fresh)
    )
    assert new.options is not None
    assert new.options.verify_mode == VerifyMode.NONE
    assert new.options.bytes_per_second == 1_000_000
    assert (new.options, new.includes, new.excludes) == (old.options, INCLUDES, EXCLUDES)


def test_restart_takes_two_requests_in_the_executions_own_region(
    aws: SimulatedAWS, client: TaskClient
) -> None:
    client.restart(DATASYNC.start(aws, "ERROR"))
    assert asked(aws) == {"DescribeTaskExecution": 1, "StartTaskExecution": 1}


def test_an_outcome_can_be_restarted(aws: SimulatedAWS, client: TaskClient) -> None:
    outcome = client.cancel_and_wait(DATASYNC.start(aws, "TRANSFERRING"))
    assert outcome.aftermath is not None
    assert outcome.aftermath.repair
    assert client.restart(outcome).id in aws.datasync().tasks


def test_fsx_has_no_such_repair_and_says_why(aws: SimulatedAWS, client: TaskClient) -> None:
    task = FSX.start(aws, "CANCELED")
    with pytest.raises(Unsupported, match="documents no way to start") as caught:
        client.restart(task)
    assert "create a new one" in str(caught.value)
    assert caught.value.ref == task_ref(task)
    assert aws.requests == []


def test_an_execution_that_there_is_not_is_not_found(aws: SimulatedAWS, client: TaskClient) -> None:
    task = DATASYNC.unknown(aws)
    with pytest.raises(NotFound) as caught:
        client.restart(task)
    assert caught.value.ref == task_ref(task)
    assert asked(aws) == {"DescribeTaskExecution": 1}


def test_a_refusal_to_start_is_raised_as_the_service_said_it(
    aws: SimulatedAWS, client: TaskClient
) -> None:
    """The execution still runs, and its options forbid a queue."""
    task = aws.datasync().create_parent(Options={"TaskQueueing": "DISABLED"})
    execution = aws.datasync().start(parent=task, status="TRANSFERRING")
    with pytest.raises(InvalidRequest) as caught:
        client.restart(execution)
    assert caught.value.operation == "StartTaskExecution"
    assert caught.value.ref == task_ref(execution)


def test_a_restart_is_logged_with_both_executions(
    aws: SimulatedAWS, client: TaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "botocancel")
    execution = DATASYNC.start(aws, "ERROR")
    fresh = client.restart(execution)
    (record,) = [item for item in caplog.records if "started anew" in item.getMessage()]
    assert execution in record.getMessage()
    assert fresh.id in record.getMessage()
    assert record.__dict__["task"] == execution
