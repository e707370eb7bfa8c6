"""What is particular to Redshift Data statements: refusals in answers, and lists that hide work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import pytest

from botocancel import Cause, InvalidInput, NotFound, Phase, TaskClient, TaskEnded, WaitTimeout
from botocancel.services import task_ref
from botocancel.services.redshift_data import (
    ExecuteStatementRequest,
    RedshiftDataInvalidRequest,
    StatementRef,
)
from botocancel.testing import Fault, FaultKind, SimulatedAWS, SimulatorSettings

if TYPE_CHECKING:
    from botocancel.testing import DeclaredSimulator

    Answered: TypeAlias = Literal["accept", "as declared"] | tuple[str, str]

KEY: Final = "redshift-data"
UUID: Final = "01234567-89ab-4cde-8f01-23456789abcd"
NOT_YET: Final = ("ValidationException", "Could not cancel a query that is in {status} state")


def client_of(aws: SimulatedAWS) -> TaskClient:
    session = aws.session()
    session.set_config_variable("max_attempts", 1)
    return TaskClient(session, clock=aws.clock)


def statement_in(aws: SimulatedAWS, status: str) -> StatementRef:
    """Start a statement, and give it a status."""
    simulator = aws.simulator(KEY)
    ref = StatementRef(simulator.start())
    simulator.set_status(ref.id, status)
    return ref


@pytest.fixture
def statements(aws: SimulatedAWS) -> DeclaredSimulator:
    return aws.simulator(KEY)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (UUID, "it does not say which kind of task it is"),
        (f"{KEY}:{UUID}:2", "of a batch, statements are not stopped one by one"),
        ("arn:aws:redshift:us-east-1:123456789012:cluster:reports", "statements have no ARN"),
        (f"{KEY}:{UUID[:-1]}", "it is not the id of a Redshift Data API statement"),
    ],
)
def test_what_is_wrong_with_a_text_is_said(text: str, fault: str) -> None:
    assert task_ref(f"{KEY}:{UUID}@eu-west-1") == StatementRef(UUID, region="eu-west-1")
    with pytest.raises(InvalidInput) as caught:
        task_ref(text)
    assert fault in str(caught.value)


@pytest.mark.parametrize(
    "ended", ["as declared", ("Declined", ""), ("ResourceNotFoundException", "It has ended.")]
)
def test_the_cancel_of_what_has_ended_claims_nothing(ended: Answered) -> None:
    """Whether it is refused, declined in the answer, or answered as if there were no such one."""
    aws = SimulatedAWS(SimulatorSettings(ended=ended))
    statement = statement_in(aws, "FINISHED")
    outcome = client_of(aws).cancel_and_wait(statement)
    assert (outcome.phase, outcome.accepted, outcome.cause) == (Phase.SUCCEEDED, False, None)


def test_a_status_of_false_is_a_refusal() -> None:
    """A describe tells why."""
    ended = SimulatedAWS(SimulatorSettings(ended=("Declined", "")))
    with pytest.raises(TaskEnded) as caught:
        client_of(ended).cancel(statement_in(ended, "FINISHED"))
    assert caught.value.code == "Declined"
    early = SimulatedAWS(SimulatorSettings(too_soon=("Declined", "")))
    with pytest.raises(RedshiftDataInvalidRequest, match="Status is false"):
        client_of(early).cancel(statement_in(early, "PICKED"))


@pytest.mark.parametrize("too_soon", ["accept", ("Declined", ""), NOT_YET])
@pytest.mark.parametrize("seconds", [1.0, 60.0])
def test_a_statement_that_does_not_run_yet_is_canceled_when_it_does(
    too_soon: Answered, seconds: float
) -> None:
    """AWS says that it must be running to be cancelled, however long it waits for that."""
    aws = SimulatedAWS(SimulatorSettings(too_soon=too_soon, seconds={"SUBMITTED": seconds}))
    outcome = client_of(aws).cancel_and_wait(StatementRef(aws.simulator(KEY).start()))
    assert (outcome.snapshot.status, outcome.canceled) == ("ABORTED", True)
    assert (outcome.cancels > 1) == (too_soon != "accept")


def test_a_wait_for_what_never_runs_says_that_no_cancel_was_accepted() -> None:
    aws = SimulatedAWS(SimulatorSettings(too_soon=NOT_YET, seconds={"SUBMITTED": 1e6}))
    with pytest.raises(WaitTimeout, match="last: SUBMITTED; the cancel was not accepted"):
        client_of(aws).cancel_and_wait(StatementRef(aws.simulator(KEY).start()), timeout=60)


def test_an_error_of_a_cancel_is_not_its_failure(
    aws: SimulatedAWS, statements: DeclaredSimulator
) -> None:
    """The statement turned ABORTED all the same."""
    statement = statement_in(aws, "STARTED")
    aws.inject(Fault(kind=FaultKind.LOST_ANSWER, operation="CancelStatement"))
    outcome = client_of(aws).cancel_and_wait(statement, if_ended="raise")
    assert (outcome.canceled, outcome.cause) == (True, Cause.REQUEST)
    assert statements.status(statement.id) == "ABORTED"


def test_a_statement_that_there_is_not_is_not_found(aws: SimulatedAWS) -> None:
    for call in (client_of(aws).cancel, client_of(aws).describe, client_of(aws).cancel_and_wait):
        with pytest.raises(NotFound):
            call(StatementRef(UUID))


def test_each_status_is_asked_for_since_others_are_hidden(aws: SimulatedAWS) -> None:
    open_statuses = ("SUBMITTED", "PICKED", "STARTED")
    statements = {statement_in(aws, status).id: status for status in open_statuses}
    found = {each.ref.id: each.status for each in client_of(aws).active(kinds=[KEY])}
    assert found == statements
    assert [each.parameters["Status"] for each in aws.requests if "Status" in each.parameters] == [
        *open_statuses
    ]


def test_statements_are_found_by_cluster_workgroup_and_database(
    aws: SimulatedAWS, statements: DeclaredSimulator
) -> None:
    client = client_of(aws)
    on_cluster, in_work_group = (statement_in(aws, "STARTED") for _ in range(2))
    task = statements.tasks[in_work_group.id]
    task.members.update(ClusterIdentifier=None, WorkgroupName="night", Database="prod")
    for filters, expected in (
        ({"cluster": "reports"}, [on_cluster]),
        ({"cluster": "reports", "database": "prod"}, []),
        ({"work_group": "night"}, [in_work_group]),
        ({"work_group": "night", "database": "prod"}, [in_work_group]),
        ({}, [on_cluster, in_work_group]),
    ):
        found = list(client.active(kinds=[KEY], filters=filters))
        assert [each.ref for each in found] == expected
    assert {each.parent for each in client.active(kinds=[KEY])} == {"reports", "night"}
    with pytest.raises(InvalidInput, match="cluster must be the name of a cluster"):
        list(client.active(kinds=[KEY], filters={"cluster": "A"}))


def test_a_statement_that_was_started_by_a_request_can_be_canceled(aws: SimulatedAWS) -> None:
    client = client_of(aws)
    started = client.call(ExecuteStatementRequest(sql="SELECT 1", database="dev"))
    assert client.cancel_and_wait(started).canceled
