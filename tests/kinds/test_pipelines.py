"""What is particular to SageMaker's pipeline executions: tokens, refusals of a moment, retries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from botocancel import (
    Conflict,
    InvalidInput,
    InvalidResponse,
    NotFound,
    Phase,
    TaskClient,
    TaskEnded,
    task_ref,
)
from botocancel.services.sagemaker import (
    PipelineExecutionRef,
    SageMakerInvalidRequest,
    StartPipelineExecutionRequest,
)
from botocancel.testing import Fault, FaultKind, SimulatedAWS, SimulatorSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from botocancel.testing import DeclaredSimulator

KEY: Final = "sagemaker-pipeline"
HERE: Final = "arn:aws:sagemaker:us-east-1:123456789012:pipeline"
ARN: Final = f"{HERE}/nightly/execution/0a1b2c3d4e5f"
STOP: Final = "StopPipelineExecution"


def client_of(aws: SimulatedAWS) -> TaskClient:
    session = aws.session()
    session.set_config_variable("max_attempts", 1)
    return TaskClient(session, clock=aws.clock)


@pytest.fixture
def executions(aws: SimulatedAWS) -> DeclaredSimulator:
    return aws.simulator(KEY)


def tokens(aws: SimulatedAWS, operation: str) -> Sequence[object]:
    asked = [each.parameters for each in aws.requests if each.operation == operation]
    return [parameters["ClientRequestToken"] for parameters in asked]


@pytest.mark.parametrize(
    ("arn", "fault"),
    [
        (f"{HERE}/nightly", "of a pipeline, only an execution can be stopped"),
        (f"{HERE}/nightly/execution/", "some part of the ARN is malformed"),
        (f"{HERE}/night_ly/execution/0a1b2c3d4e5f", "some part of the ARN is malformed"),
        (f"{KEY}:0a1b2c3d4e5f", "it is not the ARN of a SageMaker pipeline execution"),
    ],
)
def test_what_is_wrong_with_an_arn_is_said_and_nothing_is_sent(
    aws: SimulatedAWS, arn: str, fault: str
) -> None:
    assert task_ref(ARN) == PipelineExecutionRef(ARN)
    with pytest.raises(InvalidInput, match=fault):
        client_of(aws).cancel(arn)
    assert not aws.requests


def test_a_stop_that_is_sent_again_is_another_request(
    aws: SimulatedAWS, executions: DeclaredSimulator
) -> None:
    """By its token: one that was accepted and came to nothing would be answered, and not done."""
    execution = executions.start("Executing")
    aws.inject(Fault(kind=FaultKind.IGNORED_CANCEL))
    outcome = client_of(aws).cancel_and_wait(execution)
    sent = tokens(aws, STOP)
    assert outcome.canceled
    assert len(set(sent)) == len(sent) == outcome.cancels > 1
    assert {len(str(token)) for token in sent} == {32}


def test_a_retry_of_a_request_by_botocore_keeps_its_token(
    aws: SimulatedAWS, executions: DeclaredSimulator
) -> None:
    execution = executions.start("Executing")
    aws.inject(Fault(kind=FaultKind.THROTTLE, operation=STOP))
    TaskClient(aws.session(), clock=aws.clock).cancel(execution)
    first, second = tokens(aws, STOP)
    assert first == second


@pytest.mark.parametrize("ended", ["Succeeded", "Failed", "CompletedWithFailures", "Stopped"])
def test_what_is_not_executing_is_told_as_ended_by_a_code_that_is_not_modelled(
    aws: SimulatedAWS, executions: DeclaredSimulator, ended: str
) -> None:
    execution = executions.start()
    executions.set_status(execution, ended)
    with pytest.raises(TaskEnded, match="Only pipelines with 'Executing' status") as caught:
        client_of(aws).cancel(execution)
    assert caught.value.code == "ValidationException"
    assert caught.value.snapshot
    assert caught.value.snapshot.status == ended


def test_a_conflict_that_passes_is_ridden_out(
    aws: SimulatedAWS, executions: DeclaredSimulator
) -> None:
    execution = executions.start("Executing")
    conflict = Fault(
        kind=FaultKind.ERROR, operation=STOP, code="ConflictException", message="In use.", times=2
    )
    aws.inject(conflict)
    outcome = client_of(aws).cancel_and_wait(execution)
    assert (outcome.canceled, outcome.cancels) == (True, 3)


def test_a_conflict_that_does_not_pass_is_told(
    aws: SimulatedAWS, executions: DeclaredSimulator
) -> None:
    execution = executions.start("Executing")
    conflict = Fault(
        kind=FaultKind.ERROR,
        operation=STOP,
        code="ConflictException",
        message="In use.",
        times=None,
    )
    aws.inject(conflict)
    for call in (client_of(aws).cancel, client_of(aws).cancel_and_wait):
        with pytest.raises(Conflict, match="In use"):
            call(execution)


def test_a_conflict_with_what_has_ended_is_told_as_that() -> None:
    aws = SimulatedAWS(SimulatorSettings(ended=("ConflictException", "It is {status}.")))
    execution = aws.simulator(KEY).start()
    aws.simulator(KEY).set_status(execution, "Succeeded")
    with pytest.raises(TaskEnded, match="It is Succeeded"):
        client_of(aws).cancel(execution)
    assert client_of(aws).cancel_and_wait(execution).phase is Phase.SUCCEEDED


@pytest.mark.parametrize("code", ["ResourceNotFound", "ValidationException"])
def test_an_execution_that_there_is_not_is_not_found_by_either_code(code: str) -> None:
    aws = SimulatedAWS(SimulatorSettings(unknown=(code, "Pipeline execution {id} does not exist.")))
    for call in (client_of(aws).cancel, client_of(aws).cancel_and_wait):
        with pytest.raises(NotFound):
            call(ARN)


def test_an_execution_is_retried_under_its_arn(
    aws: SimulatedAWS, executions: DeclaredSimulator
) -> None:
    """And can be stopped again: neither request is taken for the one before."""
    execution = executions.start("Executing")
    client = client_of(aws)
    for _ in range(2):
        assert client.cancel_and_wait(execution).canceled
        assert str(client.restart(execution)) == execution
        assert client.describe(execution).phase is Phase.RUNNING
    assert len({*tokens(aws, STOP), *tokens(aws, "RetryPipelineExecution")}) == 4
    with pytest.raises(SageMakerInvalidRequest, match="is Executing"):
        client.restart(execution)


def test_an_answer_to_a_retry_that_names_another_execution_is_not_believed(
    aws: SimulatedAWS, executions: DeclaredSimulator
) -> None:
    execution = executions.start()
    executions.set_status(execution, "Stopped")
    other = {"PipelineExecutionArn": ARN}
    fault = Fault(
        kind=FaultKind.REPLACED_MEMBER,
        operation="RetryPipelineExecution",
        member="PipelineExecutionArn",
        members=other,
    )
    aws.inject(fault)
    with pytest.raises(InvalidResponse):
        client_of(aws).restart(execution)


def test_what_is_stopping_is_not_retried(aws: SimulatedAWS, executions: DeclaredSimulator) -> None:
    execution = executions.start()
    executions.set_status(execution, "Stopping")
    with pytest.raises(SageMakerInvalidRequest, match="is Stopping"):
        client_of(aws).restart(execution)


def test_executions_of_one_pipeline_are_found_by_a_filter(
    aws: SimulatedAWS, executions: DeclaredSimulator
) -> None:
    """Without it the pipelines are listed first."""
    client = client_of(aws)
    executions.start("Executing")
    started = client.call(
        StartPipelineExecutionRequest(pipeline_name="hourly", client_request_token="0" * 32)
    )
    (snapshot,) = client.active(kinds=[KEY], filters={"pipeline": "hourly"})
    assert (str(snapshot.ref), snapshot.parent) == (
        started.pipeline_execution_arn,
        f"{HERE}/hourly",
    )
    assert "ListPipelines" not in {record.operation for record in aws.requests}
    assert len(list(client.active(kinds=[KEY]))) == 2
    with pytest.raises(InvalidInput, match="pipeline must be the name of a pipeline"):
        list(client.active(kinds=[KEY], filters={"pipeline": "a_b"}))
