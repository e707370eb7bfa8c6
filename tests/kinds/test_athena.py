"""What is particular to Athena's query executions: descriptions of 50, lists of ids alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, cast

import pytest

from botocancel import (
    Cause,
    Certainty,
    InvalidInput,
    NotFound,
    Phase,
    TaskClient,
    TaskEnded,
    task_ref,
)
from botocancel.services.athena import (
    AthenaNotFound,
    QueryExecutionRef,
    StartQueryExecutionRequest,
    StopQueryExecutionRequest,
)
from botocancel.testing import Fault, FaultKind, SimulatedAWS, SimulatorSettings

if TYPE_CHECKING:
    from botocancel.testing import DeclaredSimulator

    Answered: TypeAlias = Literal["accept"] | tuple[str, str]

UUID = "01234567-89ab-4cde-8f01-23456789abcd"


def client_of(aws: SimulatedAWS) -> TaskClient:
    session = aws.session()
    session.set_config_variable("max_attempts", 1)
    return TaskClient(session, clock=aws.clock)


@pytest.fixture
def client(aws: SimulatedAWS) -> TaskClient:
    return client_of(aws)


@pytest.fixture
def athena(aws: SimulatedAWS) -> DeclaredSimulator:
    return aws.simulator("athena")


def test_a_uuid_needs_its_kind() -> None:
    assert task_ref(f"athena:{UUID}") == QueryExecutionRef(UUID)
    with pytest.raises(InvalidInput, match=f"'athena:{UUID}' would be the Athena query execution"):
        task_ref(UUID)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"athena:{UUID.upper()}", "it has upper-case letters"),
        (f"athena:{UUID[:-1]}", "it is not the id of an Athena query execution, a UUID"),
        ("arn:aws:athena:us-east-1:123456789012:workgroup/primary", "query executions have none"),
    ],
)
def test_what_is_wrong_with_a_text_is_said(text: str, fault: str) -> None:
    with pytest.raises(InvalidInput, match=fault):
        task_ref(text)


def test_a_cancel_is_accepted_and_the_query_stops_later(
    client: TaskClient, athena: DeclaredSimulator, aws: SimulatedAWS
) -> None:
    """No status tells that it is stopping."""
    query = QueryExecutionRef(athena.start("RUNNING"))
    cancellation = client.cancel(query)
    assert (cancellation.accepted, cancellation.phase) == (True, Phase.UNKNOWN)
    assert client.describe(query).phase is Phase.RUNNING
    aws.advance(2)
    assert client.describe(query).phase is Phase.CANCELED


def test_cancel_and_wait_knows_for_sure(client: TaskClient, athena: DeclaredSimulator) -> None:
    outcome = client.cancel_and_wait(QueryExecutionRef(athena.start("RUNNING")))
    assert (outcome.phase, outcome.certainty) == (Phase.CANCELED, Certainty.REPORTED)
    assert outcome.aftermath
    assert outcome.aftermath.may_be_inconsistent


@pytest.mark.parametrize("ended", ["accept", ("InvalidRequestException", "{id} has {status}")])
def test_the_stop_of_a_query_that_has_ended_claims_nothing(ended: Answered) -> None:
    """AWS does not say what it answers then."""
    aws = SimulatedAWS(SimulatorSettings(ended=ended))
    client, query = client_of(aws), QueryExecutionRef(aws.simulator("athena").start("SUCCEEDED"))
    if ended == "accept":
        assert client.cancel(query).accepted
    else:
        with pytest.raises(TaskEnded) as caught:
            client.cancel(query)
        assert caught.value.snapshot
        assert caught.value.snapshot.phase is Phase.SUCCEEDED
    outcome = client.cancel_and_wait(query)
    assert (outcome.phase, outcome.canceled, outcome.aftermath) == (Phase.SUCCEEDED, False, None)


def test_a_query_that_was_started_by_a_request_can_be_stopped(client: TaskClient) -> None:
    """The answer to the start names the task; so does the request that stops it."""
    started = client.call(StartQueryExecutionRequest(query_string="SELECT 1"))
    stop = StopQueryExecutionRequest(query_execution_id=started.query_execution_id or "")
    assert task_ref(stop) == task_ref(started) == QueryExecutionRef(stop.query_execution_id)
    client.call(stop)
    assert client.wait(started).phase is Phase.CANCELED


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ({"ErrorType": 1011}, Cause.REQUEST),
        ({"ErrorType": 1014}, Cause.REQUEST),
        ({"ErrorType": 209}, Cause.UNKNOWN),
        ({}, Cause.UNKNOWN),
        (None, Cause.UNKNOWN),
    ],
)
def test_that_a_user_cancelled_a_query_is_told_by_the_type_of_its_error(
    client: TaskClient, athena: DeclaredSimulator, error: object, cause: Cause
) -> None:
    """A limit on the data of a query cancels it, too."""
    query = QueryExecutionRef(athena.start("CANCELLED"))
    members = athena.tasks[query.id].members
    members["Status"] = {"State": "CANCELLED", "AthenaError": error}
    assert client.cancel_and_wait(query).cause is cause


# --- many queries --------------------------------------------------------------------------


def test_queries_are_described_by_50_and_one_that_there_is_not_hides_no_other(
    client: TaskClient, athena: DeclaredSimulator, aws: SimulatedAWS
) -> None:
    queries = [QueryExecutionRef(athena.start("RUNNING")) for _ in range(60)]
    export = aws.fsx().start(status="EXECUTING")
    summary = client.cancel_and_wait_many([*queries, export, f"athena:{UUID}"]).finish()
    assert {str(result.task) for result in summary.done} == {*map(str, queries), export}
    assert all(result.unwrap().canceled for result in summary.done)
    (failed,) = summary.failed
    assert str(failed.task) == f"athena:{UUID}"
    assert isinstance(failed.error, AthenaNotFound)
    batches = [
        record.parameters["QueryExecutionIds"]
        for record in aws.requests
        if record.operation == "BatchGetQueryExecution"
    ]
    assert max(len(cast("list[str]", ids)) for ids in batches) == 50


def test_an_id_is_left_unprocessed_for_a_reason(client: TaskClient) -> None:
    """The answer tells it, as a member of its own."""
    with pytest.raises(NotFound, match=f"QueryExecution {UUID} was not found") as caught:
        client.describe(f"athena:{UUID}")
    assert caught.value.operation_name == "BatchGetQueryExecution"


def test_what_is_wrong_with_a_whole_batch_is_said_of_each(
    client: TaskClient, athena: DeclaredSimulator, aws: SimulatedAWS
) -> None:
    queries = [QueryExecutionRef(athena.start("SUCCEEDED")) for _ in range(3)]
    aws.inject(
        Fault(
            kind=FaultKind.ERROR, operation="BatchGetQueryExecution", code="AccessDeniedException"
        )
    )
    assert len(client.wait_many(queries).finish().failed) == 3


def test_where_a_batch_is_refused_each_is_asked_alone(
    client: TaskClient, athena: DeclaredSimulator, aws: SimulatedAWS
) -> None:
    queries = [QueryExecutionRef(athena.start("SUCCEEDED")) for _ in range(3)]
    aws.inject(
        Fault(
            kind=FaultKind.ERROR, operation="BatchGetQueryExecution", code="InvalidRequestException"
        )
    )
    assert len(client.wait_many(queries).finish().done) == 3


def test_active_queries_of_one_workgroup_are_found_by_a_filter(
    client: TaskClient, athena: DeclaredSimulator, aws: SimulatedAWS
) -> None:
    """Without it the workgroups are listed first."""
    query = athena.start()
    (snapshot,) = client.active(kinds=["athena"], filters={"work_group": "primary"})
    assert snapshot.ref.id == query
    assert list(client.active(kinds=["athena"], filters={"work_group": "night"})) == []
    assert "ListWorkGroups" not in {record.operation for record in aws.requests}
    assert len(list(client.active(kinds=["athena"]))) == 1
    assert "ListWorkGroups" in {record.operation for record in aws.requests}
