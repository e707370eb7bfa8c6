"""What is particular to Step Functions' executions: ids, the reason, and that they are redriven."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import pytest
from botocore.session import Session

from botocancel import InvalidInput, Phase, TaskClient, TaskEnded, Unsupported, task_ref
from botocancel.services.stepfunctions import ExecutionRef, StartExecutionRequest
from botocancel.testing import SimulatedAWS, SimulatorSettings, VirtualClock

if TYPE_CHECKING:
    from botocancel.testing import DeclaredSimulator

    Answered: TypeAlias = Literal["accept"] | tuple[str, str]

HERE = "arn:aws:states:us-east-1:123456789012"


def client_of(aws: SimulatedAWS) -> TaskClient:
    session = aws.session()
    session.set_config_variable("max_attempts", 1)
    return TaskClient(session, clock=aws.clock)


@pytest.fixture
def executions(aws: SimulatedAWS) -> DeclaredSimulator:
    return aws.simulator("stepfunctions")


@pytest.mark.parametrize(
    "arn",
    [
        f"{HERE}:execution:orders:2026-11-28_a",
        f"{HERE}:execution:orders/each:0123abcd-4567",
        f"{HERE}:execution:zürich:größe+1",
        f"{HERE.replace('aws', 'aws-us-gov')}:execution:orders:1",
    ],
)
def test_an_execution_is_named_by_its_arn(arn: str) -> None:
    assert task_ref(arn) == ExecutionRef(arn)


@pytest.mark.parametrize(
    ("arn", "fault"),
    [
        (f"{HERE}:express:orders:a:0123", "an EXPRESS state machine cannot be stopped"),
        (f"{HERE}:stateMachine:orders", "only an execution can be stopped"),
        (f"{HERE}:execution:orders", "some part of the ARN is malformed"),
        (f"{HERE}:execution:orders:{'x' * 300}", "more than 256"),
    ],
)
def test_what_is_wrong_with_an_arn_is_said_and_nothing_is_sent(
    aws: SimulatedAWS, arn: str, fault: str
) -> None:
    with pytest.raises(InvalidInput, match=fault):
        client_of(aws).cancel(arn)
    assert not aws.requests


@pytest.mark.parametrize(("reason", "sent"), [(None, {}), ("too slow", {"cause": "too slow"})])
def test_a_cause_is_sent_only_where_a_reason_is_given(
    aws: SimulatedAWS, executions: DeclaredSimulator, reason: str | None, sent: dict[str, str]
) -> None:
    """With one, an encrypted state machine takes a permission for its key more."""
    execution = executions.start("RUNNING")
    client_of(aws).cancel(execution, reason=reason)
    assert aws.requests[-1].parameters == {"executionArn": execution, **sent}


@pytest.mark.parametrize("ended", ["accept", ("ValidationException", "Execution is {status}")])
def test_the_stop_of_an_execution_that_has_ended_claims_nothing(ended: Answered) -> None:
    """AWS does not say what it answers then."""
    aws = SimulatedAWS(SimulatorSettings(ended=ended))
    client, executions = client_of(aws), aws.simulator("stepfunctions")
    execution = executions.start()
    executions.set_status(execution, "TIMED_OUT")
    if ended == "accept":
        assert client.cancel(execution).accepted
    else:
        with pytest.raises(TaskEnded):
            client.cancel(execution)
    outcome = client.cancel_and_wait(execution)
    assert (outcome.phase, outcome.canceled) == (Phase.FAILED, False)


def test_an_execution_that_awaits_its_redrive_has_not_ended(
    aws: SimulatedAWS, executions: DeclaredSimulator
) -> None:
    """A listing cannot be asked for it, but of the children of a Map Run."""
    execution = executions.start()
    executions.set_status(execution, "PENDING_REDRIVE")
    client = client_of(aws)
    assert client.describe(execution).phase is Phase.PENDING
    assert list(client.active(kinds=["stepfunctions"])) == []
    asked = {each.parameters.get("statusFilter") for each in aws.requests}
    assert asked == {None, "RUNNING"}


def test_an_execution_is_redriven_under_its_arn(
    aws: SimulatedAWS, executions: DeclaredSimulator
) -> None:
    execution = executions.start("RUNNING")
    client = client_of(aws)
    outcome = client.cancel_and_wait(execution)
    assert outcome.canceled
    assert outcome.aftermath is not None
    assert (outcome.aftermath.repair_by, outcome.aftermath.children) == ("redrive", "asked to stop")
    assert client.restart(execution) == ExecutionRef(execution)
    assert aws.requests[-1].operation == "RedriveExecution"
    assert client.describe(execution).phase is Phase.RUNNING
    with pytest.raises(Unsupported, match=r"is RUNNING"):
        client.restart(execution)
    assert client.wait(execution).phase is Phase.SUCCEEDED


def test_an_execution_that_was_started_by_a_request_is_found_under_its_machine(
    aws: SimulatedAWS,
) -> None:
    client = client_of(aws)
    machine = f"{HERE}:stateMachine:nightly"
    started = client.call(StartExecutionRequest(state_machine_arn=machine, name="tonight"))
    assert started.execution_arn == f"{HERE}:execution:nightly:tonight"
    (snapshot,) = client.active(kinds=["stepfunctions"], filters={"state_machine": machine})
    assert (snapshot.ref, snapshot.parent) == (task_ref(started), machine)


@pytest.mark.filterwarnings("ignore:datetime:DeprecationWarning")
def test_moto_agrees() -> None:
    """It stops executions at once, takes the cause, and lists only what runs."""
    moto: Any = pytest.importorskip("moto.server", reason="moto's server is not installed")
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    session = Session()
    session.set_credentials("key", "secret")
    made: Any = session.create_client(
        "stepfunctions", region_name="us-east-1", endpoint_url=f"http://{host}:{port}"
    )
    try:
        role = "arn:aws:iam::123456789012:role/any"
        definition = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
        machine = made.create_state_machine(name="orders", definition=definition, roleArn=role)
        arn = machine["stateMachineArn"]
        arns = [made.start_execution(stateMachineArn=arn)["executionArn"] for _ in range(2)]
        client = TaskClient(clients=[made], clock=VirtualClock())
        outcome = client.cancel_and_wait(arns[0], reason="too slow")
        assert (outcome.canceled, outcome.snapshot.status) == (True, "ABORTED")
        (snapshot,) = client.active(kinds=["stepfunctions"])
        assert str(snapshot.ref) == arns[1]
    finally:
        server.stop()
