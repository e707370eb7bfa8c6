"""What is particular to Logs Insights queries: they are described by their listing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import pytest

from botocancel import InvalidInput, NotFound, Phase, TaskClient, TaskEnded, task_ref
from botocancel.services.logs import LogsNotFound, QueryRef, StartQueryRequest
from botocancel.testing import SimulatedAWS, SimulatorSettings

if TYPE_CHECKING:
    from botocancel.testing import DeclaredSimulator

    Answered: TypeAlias = Literal["accept", "as declared"] | tuple[str, str]

UUID: Final = "01234567-89ab-4cde-8f01-23456789abcd"


def client_of(aws: SimulatedAWS) -> TaskClient:
    session = aws.session()
    session.set_config_variable("max_attempts", 1)
    return TaskClient(session, clock=aws.clock)


def query_in(aws: SimulatedAWS, status: str) -> QueryRef:
    """Start a query, and give it a status."""
    simulator = aws.simulator("logs")
    ref = QueryRef(simulator.start())
    simulator.set_status(ref.id, status)
    return ref


@pytest.fixture
def queries(aws: SimulatedAWS) -> DeclaredSimulator:
    return aws.simulator("logs")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (UUID, "it does not say which kind of task it is"),
        ("arn:aws:logs:us-east-1:123456789012:log-group:/app/web", "queries have no ARN"),
        (f"logs:{UUID}0", "it is not the id of a CloudWatch Logs Insights query"),
    ],
)
def test_what_is_wrong_with_a_text_is_said(text: str, fault: str) -> None:
    assert task_ref(f"logs:{UUID}") == QueryRef(UUID)
    with pytest.raises(InvalidInput) as caught:
        task_ref(text)
    assert fault in str(caught.value)


@pytest.mark.parametrize(
    "ended", ["as declared", "accept", ("NotStopped", ""), ("InvalidParameterException", "ended")]
)
@pytest.mark.parametrize("status", ["Complete", "Failed", "Timeout"])
def test_the_stop_of_what_has_ended_claims_nothing(ended: Answered, status: str) -> None:
    aws = SimulatedAWS(SimulatorSettings(ended=ended))
    client, query = client_of(aws), query_in(aws, status)
    if ended != "accept":
        with pytest.raises(TaskEnded) as caught:
            client.cancel(query)
        assert caught.value.snapshot
        assert caught.value.snapshot.status == status
    outcome = client.cancel_and_wait(query)
    assert (outcome.snapshot.status, outcome.canceled) == (status, False)


def test_no_results_are_read_and_many_queries_take_one_request(aws: SimulatedAWS) -> None:
    running = [query_in(aws, "Running") for _ in range(20)]
    summary = client_of(aws).cancel_and_wait_many([*running, QueryRef(UUID)]).finish()
    assert len(summary.done) == 20
    assert isinstance(summary.failed[0].error, LogsNotFound)
    sent = [each.operation for each in aws.requests]
    assert set(sent) == {"StopQuery", "DescribeQueries"}
    assert sent.count("DescribeQueries") < 10


def test_one_look_serves_also_a_query_that_was_not_found_before(aws: SimulatedAWS) -> None:
    """Its request names none, so nobody's id costs the others anything."""
    queries = [QueryRef(UUID), query_in(aws, "Running")]
    client_of(aws).wait_many(queries, timeout=30).finish()
    looks = [each.seconds for each in aws.requests]
    assert len(looks) == len(set(looks)) > 3


def test_a_query_that_there_is_not_is_not_found_among_many_pages(aws: SimulatedAWS) -> None:
    aws = SimulatedAWS(SimulatorSettings(page_size=2))
    found = [query_in(aws, "Complete") for _ in range(5)]
    assert client_of(aws).describe(found[-1]).phase is Phase.SUCCEEDED
    for call in (client_of(aws).cancel, client_of(aws).describe, client_of(aws).cancel_and_wait):
        with pytest.raises(NotFound):
            call(QueryRef(UUID))


def test_a_status_that_is_not_known_to_aws_either_is_no_end(aws: SimulatedAWS) -> None:
    query = query_in(aws, "Unknown")
    assert not client_of(aws).describe(query).phase.terminal
    assert client_of(aws).cancel_and_wait(query).canceled


@pytest.mark.parametrize("scale", [1, 1000])
def test_a_time_is_read_in_seconds_and_in_milliseconds(
    aws: SimulatedAWS, queries: DeclaredSimulator, scale: int
) -> None:
    """AWS's example has seconds; other times of Logs are in milliseconds."""
    query = query_in(aws, "Running")
    created = aws.clock.now
    task = queries.tasks[query.id]
    task.members.update(createTime=int(created.timestamp()) * scale, bytesScanned=1.5e6)
    snapshot = client_of(aws).describe(query)
    assert (snapshot.created_at, snapshot.parent) == (created.replace(microsecond=0), "/app/web")
    assert snapshot.progress.bytes_done == 1_500_000


def test_queries_of_one_log_group_are_found_by_a_filter(
    aws: SimulatedAWS, queries: DeclaredSimulator
) -> None:
    client = client_of(aws)
    mine, other = query_in(aws, "Running"), query_in(aws, "Scheduled")
    queries.tasks[other.id].members["logGroupName"] = "/app/jobs"
    for filters, expected in (({"log_group": "/app/web"}, [mine]), ({}, [other, mine])):
        found = client.active(kinds=["logs"], filters=filters)
        assert [each.ref for each in found] == expected
    with pytest.raises(InvalidInput, match="log_group must be the name of a log group"):
        list(client.active(kinds=["logs"], filters={"log_group": "a b"}))


def test_a_query_that_was_started_by_a_request_can_be_stopped(aws: SimulatedAWS) -> None:
    client = client_of(aws)
    request = StartQueryRequest(start_time=0, end_time=1, query_string="fields @message")
    assert client.cancel_and_wait(client.call(request)).canceled
