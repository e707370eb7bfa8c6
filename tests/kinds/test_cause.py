"""What ended a task that was cancelled: this cancel, a request, a limit, or what is not told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from botocancel import Cancellation, Cause, TaskClient
from botocancel.services import kind_named

if TYPE_CHECKING:
    from botocancel import Response, Shape, TaskRef
    from botocancel.testing import SimulatedAWS


def client_of(aws: SimulatedAWS) -> TaskClient:
    session = aws.session()
    session.set_config_variable("max_attempts", 1)
    return TaskClient(session, clock=aws.clock)


def task_of(aws: SimulatedAWS, key: str) -> TaskRef[Shape, Response]:
    """Start a task of a kind that is at work."""
    simulator, kind = aws.simulator(key), kind_named(key)
    ref = kind.ref(simulator.start())
    simulator.set_status(ref.id, next(s for s, p in kind.phases.items() if p == "RUNNING"))
    return ref


@pytest.mark.parametrize(
    ("key", "with_reason", "without"),
    [
        ("batch", Cause.THIS_CANCEL, Cause.REQUEST),
        ("stepfunctions", Cause.THIS_CANCEL, Cause.UNKNOWN),
        ("sagemaker-training", Cause.REQUEST, Cause.REQUEST),
        ("sagemaker-processing", Cause.UNKNOWN, Cause.UNKNOWN),
        ("sagemaker-pipeline", Cause.UNKNOWN, Cause.UNKNOWN),
        ("redshift-data", Cause.REQUEST, Cause.REQUEST),
        ("bedrock-invocation", Cause.REQUEST, Cause.REQUEST),
        ("codebuild", Cause.UNKNOWN, Cause.UNKNOWN),
        ("logs", Cause.UNKNOWN, Cause.UNKNOWN),
        ("ecs", Cause.THIS_CANCEL, Cause.REQUEST),
        ("emr", Cause.UNKNOWN, Cause.UNKNOWN),
        ("emr-serverless", Cause.UNKNOWN, Cause.UNKNOWN),
        ("fsx", Cause.UNKNOWN, Cause.UNKNOWN),
        ("datasync", Cause.UNKNOWN, Cause.UNKNOWN),
    ],
)
def test_a_cause_is_told_as_far_as_the_service_tells_it(
    aws: SimulatedAWS, key: str, with_reason: Cause, without: Cause
) -> None:
    client = client_of(aws)
    outcomes = [
        client.cancel_and_wait(task_of(aws, key), reason=reason) for reason in ("too slow", None)
    ]
    assert [outcome.cause for outcome in outcomes] == [with_reason, without]


def test_a_receipt_that_was_kept_tells_that_it_was_this_cancel(aws: SimulatedAWS) -> None:
    client = client_of(aws)
    kept = json.dumps(client.cancel(task_of(aws, "batch"), reason="too slow").to_dict())
    receipt = Cancellation.from_dict(json.loads(kept))
    assert client.cancel_and_wait(receipt).cause is Cause.THIS_CANCEL


def test_the_reason_of_somebody_else_is_not_taken_for_ours(aws: SimulatedAWS) -> None:
    client, job = client_of(aws), task_of(aws, "batch")
    client.cancel(job, reason="theirs")
    outcome = client.cancel_and_wait(job, reason="ours")
    assert (outcome.accepted, outcome.cause) == (True, Cause.REQUEST)


@pytest.mark.parametrize("limit", ["MaxRuntimeExceeded", "MaxWaitTimeExceeded"])
def test_a_limit_is_told_whatever_was_asked_for(aws: SimulatedAWS, limit: str) -> None:
    client, job = client_of(aws), task_of(aws, "sagemaker-training")
    receipt = client.cancel(job)
    task = aws.simulator("sagemaker-training").tasks[job.id]
    task.members["SecondaryStatus"] = limit
    outcome = client.cancel_and_wait(receipt)
    assert (outcome.canceled, outcome.accepted, outcome.cause) == (True, True, Cause.LIMIT)


@pytest.mark.parametrize("key", ["batch", "sagemaker-training", "fsx"])
def test_what_was_not_canceled_has_no_such_cause(aws: SimulatedAWS, key: str) -> None:
    task = task_of(aws, key)
    aws.simulator(key).finish(task.id)
    assert client_of(aws).cancel_and_wait(task).cause is None
