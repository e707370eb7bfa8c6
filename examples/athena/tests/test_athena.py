"""Queries are stopped as tasks of any other service are."""

from __future__ import annotations

from typing import cast

import pytest

from botocancel import (
    Certainty,
    InvalidInput,
    NotFound,
    Phase,
    TaskClient,
    TaskEnded,
    TaskSnapshot,
    Unsupported,
    task_ref,
)
from botocancel.services import service_named
from botocancel.testing import Fault, FaultKind, SimulatedAWS
from botocancel.testing.conformance import ServiceConformance
from botocancel_athena import AthenaError, QueryExecutionRef
from botocancel_athena.errors import AthenaNotFound
from botocancel_athena.models import (
    QueryExecution,
    StartQueryExecutionRequest,
    StopQueryExecutionRequest,
)
from botocancel_athena.simulator import AthenaSettings, AthenaSimulator


@pytest.mark.parametrize("service", [service_named("athena")])
class TestConformance(ServiceConformance):
    """Found by the entry point, as botocancel finds it."""


@pytest.fixture
def aws() -> SimulatedAWS:
    return SimulatedAWS()


@pytest.fixture
def athena(aws: SimulatedAWS) -> AthenaSimulator:
    return simulated(aws)


@pytest.fixture
def client(aws: SimulatedAWS) -> TaskClient:
    return client_of(aws)


def simulated(aws: SimulatedAWS) -> AthenaSimulator:
    return cast("AthenaSimulator", aws.simulator("athena"))


def client_of(aws: SimulatedAWS) -> TaskClient:
    session = aws.session()
    session.set_config_variable("max_attempts", 1)
    return TaskClient(session, clock=aws.clock)


# --- one query -----------------------------------------------------------------------------


def test_a_cancel_is_accepted_and_the_query_stops_later(
    client: TaskClient, athena: AthenaSimulator, aws: SimulatedAWS
) -> None:
    """No status tells that it is stopping."""
    query = QueryExecutionRef(athena.start("RUNNING"))
    cancellation = client.cancel(query)
    assert cancellation.accepted
    assert (cancellation.phase, cancellation.status) == (Phase.UNKNOWN, None)
    assert client.describe(query).phase is Phase.RUNNING
    aws.advance(2)
    assert client.describe(query).phase is Phase.CANCELED


def test_cancel_and_wait_knows_for_sure(client: TaskClient, athena: AthenaSimulator) -> None:
    outcome = client.cancel_and_wait(QueryExecutionRef(athena.start("RUNNING")))
    assert (outcome.phase, outcome.certainty) == (Phase.CANCELED, Certainty.REPORTED)
    assert outcome.aftermath is not None
    assert outcome.aftermath.repair is None


@pytest.mark.parametrize("stop_of_ended", ["accept", "refuse"])
def test_the_stop_of_a_query_that_has_ended_claims_nothing(stop_of_ended: str) -> None:
    """AWS does not say what it answers then."""
    settings = AthenaSettings(stop_of_ended="accept" if stop_of_ended == "accept" else "refuse")
    aws = SimulatedAWS(settings)
    query = simulated(aws).start("SUCCEEDED")
    client = client_of(aws)
    if stop_of_ended == "accept":
        assert client.cancel(query).accepted
    else:
        with pytest.raises(TaskEnded) as caught:
            client.cancel(query)
        assert isinstance(caught.value, AthenaError)
        assert caught.value.snapshot is not None
        assert caught.value.snapshot.phase is Phase.SUCCEEDED
    outcome = client.cancel_and_wait(query)
    assert (outcome.phase, outcome.canceled, outcome.aftermath) == (Phase.SUCCEEDED, False, None)


def test_a_query_that_ends_before_the_stop_takes_effect_has_succeeded(
    client: TaskClient, athena: AthenaSimulator
) -> None:
    query = athena.start_query(status="RUNNING", seconds={"RUNNING": 1})
    outcome = client.cancel_and_wait(query)
    assert outcome.accepted
    assert (outcome.phase, outcome.canceled) == (Phase.SUCCEEDED, False)


def test_a_failed_query_says_why(client: TaskClient, athena: AthenaSimulator) -> None:
    query = athena.start_query(fails=True, failure="SYNTAX_ERROR: line 1:8")
    snapshot = client.wait(query)
    assert (snapshot.phase, snapshot.failure) == (Phase.FAILED, "SYNTAX_ERROR: line 1:8")


def test_progress_is_what_was_scanned(
    client: TaskClient, athena: AthenaSimulator, aws: SimulatedAWS
) -> None:
    query = athena.start_query(status="RUNNING", size=1000, seconds={"RUNNING": 100})
    aws.advance(25)
    assert client.describe(query).progress.bytes_done == 250


def test_no_query_is_started_anew(client: TaskClient, athena: AthenaSimulator) -> None:
    with pytest.raises(Unsupported, match="Amazon Athena documents no way to start"):
        client.restart(athena.start())


def test_a_query_that_was_started_by_a_request_can_be_stopped(client: TaskClient) -> None:
    """The answer to the start names the task; so does the request that stops it."""
    token = "a" * 32
    request = StartQueryExecutionRequest(query_string="SELECT 1", client_request_token=token)
    started = client.call(request)
    assert client.call(request) == started
    client.call(StopQueryExecutionRequest(query_execution_id=started.query_execution_id or ""))
    assert client.wait(started).phase is Phase.CANCELED


# --- many queries --------------------------------------------------------------------------


def test_queries_and_tasks_of_other_services_are_stopped_together(
    client: TaskClient, athena: AthenaSimulator, aws: SimulatedAWS
) -> None:
    queries = [athena.start("RUNNING") for _ in range(60)]
    export = aws.fsx().create_task(status="EXECUTING")
    gone = "00000000-0000-4000-8000-000000000000"
    summary = client.cancel_and_wait_many([*queries, export, gone]).finish()
    assert {str(result.task) for result in summary.done} == {*queries, export}
    assert all(result.unwrap().canceled for result in summary.done)
    (failed,) = summary.failed
    assert str(failed.task) == gone
    assert isinstance(failed.error, AthenaNotFound)
    batches = [
        record.parameters["QueryExecutionIds"]
        for record in aws.requests
        if record.operation == "BatchGetQueryExecution"
    ]
    assert max(len(cast("list[str]", ids)) for ids in batches) == 50
    assert all(athena.status(query) == "CANCELLED" for query in queries)


def test_what_is_wrong_with_a_whole_batch_is_said_of_each(
    client: TaskClient, athena: AthenaSimulator, aws: SimulatedAWS
) -> None:
    queries = [athena.start("SUCCEEDED") for _ in range(3)]
    aws.inject(
        Fault(
            kind=FaultKind.ERROR, operation="BatchGetQueryExecution", code="AccessDeniedException"
        )
    )
    summary = client.wait_many(queries).finish()
    assert len(summary.failed) == 3


def test_where_a_batch_is_refused_each_is_asked_alone(
    client: TaskClient, athena: AthenaSimulator, aws: SimulatedAWS
) -> None:
    queries = [athena.start("SUCCEEDED") for _ in range(3)]
    aws.inject(
        Fault(
            kind=FaultKind.ERROR, operation="BatchGetQueryExecution", code="InvalidRequestException"
        )
    )
    assert len(client.wait_many(queries).finish().done) == 3


def test_active_queries_of_every_workgroup_are_found(
    client: TaskClient, athena: AthenaSimulator
) -> None:
    athena.create_work_group("night")
    queries = {athena.start_query(work_group=group) for group in ("primary", "night")}
    athena.start("FAILED")
    assert {snapshot.ref.id for snapshot in client.active(service="athena")} == queries


def test_active_queries_of_one_workgroup_are_found_by_a_filter(
    client: TaskClient, athena: AthenaSimulator, aws: SimulatedAWS
) -> None:
    """A filter of the package's own; services that do not know it take no part."""
    athena.create_work_group("night")
    athena.start()
    aws.fsx().create_task()
    wanted = athena.start_query(work_group="night")
    (snapshot,) = client.active(filters={"work_group": "night"})
    assert snapshot.ref == QueryExecutionRef(wanted)
    assert {record.service for record in aws.requests} == {"athena"}


def test_active_queries_may_be_older_than_some_time(
    client: TaskClient, athena: AthenaSimulator, aws: SimulatedAWS
) -> None:
    old = athena.start()
    aws.advance(60)
    athena.start()
    (snapshot,) = client.active(service="athena", older_than=30)
    assert snapshot.ref.id == old


# --- ids -----------------------------------------------------------------------------------


def test_the_ref_decides_what_calls_return(client: TaskClient, athena: AthenaSimulator) -> None:
    snapshot: TaskSnapshot[QueryExecution] = client.describe(QueryExecutionRef(athena.start()))
    assert snapshot.detail.query == "SELECT 1"
    assert client.describe(snapshot) == snapshot


def test_a_ref_may_be_of_any_id_that_the_model_allows(client: TaskClient) -> None:
    with pytest.raises(NotFound):
        client.describe(QueryExecutionRef("any-text"))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("01234567-89AB-4CDE-8F01-23456789ABCD", "it has upper-case letters"),
        ("01234567-89ab-4cde-8f01-23456789abc", "its parts do not have the lengths"),
        ("arn:aws:athena:us-east-1:123456789012:workgroup/primary", "a query execution has none"),
        ("any-text", "no service has such ids"),
    ],
)
def test_what_is_wrong_with_a_text_is_said(text: str, fault: str) -> None:
    with pytest.raises(InvalidInput, match=fault):
        task_ref(text)


def test_an_id_with_white_space_is_none() -> None:
    with pytest.raises(InvalidInput, match="white space"):
        QueryExecutionRef("two words")
