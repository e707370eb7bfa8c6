"""What is running now: over services, regions, filters and pages."""

from __future__ import annotations

import asyncio
import json
import math
import pickle
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any, cast

import attrs
import pytest

from botocancel import (
    AccessDenied,
    AsyncTaskClient,
    DataRepositoryTaskRef,
    InvalidInput,
    Phase,
    RetryPolicy,
    TaskClient,
    TaskExecutionRef,
    WaitTimeout,
)
from botocancel.services._builtin import BUILT_IN
from botocancel.services.fsx import (
    CompletionReport,
    CreateDataRepositoryTaskRequest,
    DataRepositoryTask,
    DataRepositoryTaskType,
    Tag,
)
from botocancel.testing import (
    DEFAULT_ACCOUNT,
    DEFAULT_REGION,
    Fault,
    FaultKind,
    SimulatedAWS,
)
from botocancel.testing._network import session_over
from botocancel.testing.wire import HttpAnswer
from tests.simulated import DATASYNC, FSX, KINDS, Kind, asked, client_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from botocancel import Gap, Shape, TaskSnapshot
    from botocancel.testing.wire import HttpRequest


def ids(snapshots: Iterable[TaskSnapshot[Shape]]) -> list[str]:
    return [str(snapshot.ref.id) for snapshot in snapshots]


def fsx_ids(snapshots: Iterable[TaskSnapshot[Shape]]) -> list[str]:
    """Return the task ids alone; a ref of FSx has the region too."""
    return [name.rpartition("/")[2] for name in ids(snapshots)]


# --- what is found -------------------------------------------------------------------------


def test_every_task_that_has_not_ended_is_found_and_no_other(aws: SimulatedAWS, kind: Kind) -> None:
    service = aws.simulator(kind.name)
    running = sorted(service.lifecycle.statuses - service.lifecycle.ended)
    ended = {kind.succeeded, kind.failed, kind.canceled}
    tasks = {status: kind.start(aws) for status in [*running, *ended]}
    for status, task in tasks.items():
        service.set_status(task, status)
    found = {snapshot.status: snapshot for snapshot in client_of(aws).active(kinds=[kind.name])}
    assert found.keys() == set(running)
    for name, snapshot in found.items():
        assert snapshot.ref.id.endswith(tasks[name or ""])
        assert not snapshot.phase.terminal


def test_both_services_are_searched(aws: SimulatedAWS) -> None:
    for kind in KINDS:
        kind.start(aws)
    refs = [snapshot.ref for snapshot in client_of(aws).active()]
    assert {type(ref) for ref in refs} == {DataRepositoryTaskRef, TaskExecutionRef}


def test_where_nothing_runs_nothing_is_found(aws: SimulatedAWS) -> None:
    assert list(client_of(aws).active()) == []
    assert len(aws.requests) == 2


def test_snapshots_are_whole(aws: SimulatedAWS, kind: Kind) -> None:
    kind.start(aws)
    aws.advance(100)
    (snapshot,) = client_of(aws).active()
    assert snapshot.created_at == aws.clock.at(0)
    assert snapshot.progress.fraction is not None
    assert snapshot == client_of(aws).describe(snapshot)


def test_what_is_found_can_be_cancelled(aws: SimulatedAWS) -> None:
    for kind in KINDS:
        kind.start(aws, kind.running)
    client = client_of(aws)
    summary = client.cancel_and_wait_many(client.active()).finish()
    assert len(summary.done) == 2
    assert list(client.active()) == []


def test_a_status_that_nobody_knows_counts_as_running(aws: SimulatedAWS, kind: Kind) -> None:
    kind.start(aws)
    aws.inject(Fault(kind=FaultKind.UNKNOWN_STATUS, value="DREAMING", times=None))
    assert [snapshot.phase for snapshot in client_of(aws).active()] == [Phase.UNKNOWN]


# --- filters -------------------------------------------------------------------------------


def test_one_service_can_be_searched_alone(aws: SimulatedAWS, kind: Kind) -> None:
    for each in KINDS:
        each.start(aws)
    (snapshot,) = client_of(aws).active(kinds=[kind.name])
    assert snapshot.ref.service == kind.name
    assert {record.service for record in aws.requests} == {kind.name}


def test_a_service_that_there_is_not_is_refused(aws: SimulatedAWS) -> None:
    with pytest.raises(InvalidInput, match="no kind of task 's3' is known"):
        list(client_of(aws).active(kinds=["s3"]))
    assert aws.requests == []


def test_tasks_of_one_file_system(aws: SimulatedAWS) -> None:
    file_system = aws.fsx().create_parent()
    wanted = [FSX.start(aws, parent=file_system) for _ in range(2)]
    FSX.start(aws)
    DATASYNC.start(aws)
    assert fsx_ids(client_of(aws).active(file_system=file_system)) == wanted
    assert {record.service for record in aws.requests} == {"fsx"}


def test_tasks_of_one_file_cache(aws: SimulatedAWS) -> None:
    caches = ("fc-0123456789abcdef0", "fc-0123456789abcdef1")
    wanted, _ = [FSX.start(aws, Type="AUTO_RELEASE_DATA", FileCacheId=each) for each in caches]
    client = client_of(aws)
    detail = client.describe(wanted).detail
    assert isinstance(detail, DataRepositoryTask)
    assert fsx_ids(client.active(file_cache=detail.file_cache_id)) == [wanted]


def test_tasks_of_one_type(aws: SimulatedAWS) -> None:
    FSX.start(aws)
    wanted = FSX.start(aws, Type="IMPORT_METADATA_FROM_REPOSITORY")
    DATASYNC.start(aws)
    found = client_of(aws).active(type="IMPORT_METADATA_FROM_REPOSITORY")
    assert fsx_ids(found) == [wanted]


def test_tasks_with_one_tag(aws: SimulatedAWS) -> None:
    client = client_of(aws)
    made: dict[str, str | None] = {}
    for value in ("red", "blue"):
        response = client.call(
            CreateDataRepositoryTaskRequest(
                type=DataRepositoryTaskType.EXPORT_TO_REPOSITORY,
                file_system_id=aws.fsx().create_parent(),
                report=CompletionReport(enabled=False),
                tags=(Tag(key="colour", value=value), Tag(key="size", value="big")),
            )
        )
        assert response.data_repository_task is not None
        made[value] = response.data_repository_task.task_id
    FSX.start(aws)
    DATASYNC.start(aws)
    assert fsx_ids(client.active(tag=("colour", "blue"))) == [made["blue"]]
    assert len(list(client.active(tag=("size", "big")))) == 2
    assert list(client.active(tag=("blue", "colour"))) == []


def test_executions_of_one_task(aws: SimulatedAWS) -> None:
    task = aws.datasync().create_parent()
    wanted = [aws.datasync().start(parent=task) for _ in range(2)]
    DATASYNC.start(aws)
    FSX.start(aws)
    assert ids(client_of(aws).active(task=task)) == wanted
    assert {record.service for record in aws.requests} == {"datasync"}


def test_tasks_older_than_some_time(aws: SimulatedAWS, kind: Kind) -> None:
    old = kind.start(aws)
    aws.advance(100)
    kind.start(aws)
    aws.advance(20)
    client = client_of(aws)
    assert [name[-17:] for name in ids(client.active(older_than=60))] == [old[-17:]]
    assert len(list(client.active(older_than=0.5))) == 2
    assert list(client.active(older_than=1000)) == []


def test_filters_hold_together(aws: SimulatedAWS) -> None:
    file_system = aws.fsx().create_parent()
    wanted = FSX.start(aws, parent=file_system)
    FSX.start(aws, parent=file_system, Type="IMPORT_METADATA_FROM_REPOSITORY")
    aws.advance(60)
    FSX.start(aws, parent=file_system)
    found = client_of(aws).active(
        file_system=file_system, type="EXPORT_TO_REPOSITORY", older_than=30
    )
    assert fsx_ids(found) == [wanted]


def test_filters_of_different_services_find_nothing_and_ask_nobody(aws: SimulatedAWS) -> None:
    found = client_of(aws).active(file_system="fs-0123456789abcdef0", task="arn:…")
    assert list(found) == []
    assert aws.requests == []


def test_a_filter_that_no_service_knows_is_refused(aws: SimulatedAWS) -> None:
    said = "no kind has the filter 'colour'; of datasync, fsx there are file_"
    with pytest.raises(InvalidInput, match=said):
        list(client_of(aws).active(filters={"colour": "red"}))
    assert aws.requests == []


# --- regions -------------------------------------------------------------------------------


def test_regions_are_searched_all_and_no_other(aws: SimulatedAWS) -> None:
    regions = ["eu-west-1", "ap-south-1"]
    for region in [*regions, "us-east-1"]:
        aws.fsx(region=region).start()
        aws.datasync(region=region).start()
    client = TaskClient(aws.session(), clock=aws.clock)
    found = [str(snapshot.ref.region) for snapshot in client.active(regions=regions)]
    assert sorted(found) == sorted([*regions, *regions])
    assert {snapshot.ref.region for snapshot in client.active()} == {"us-east-1"}


# --- pages -------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 50, 100, 230])
def test_pages_are_hidden(aws: SimulatedAWS, kind: Kind, count: int) -> None:
    tasks = [kind.start(aws) for _ in range(count)]
    found = ids(client_of(aws).active(kinds=[kind.name]))
    assert [name[-17:] for name in found] == [task[-17:] for task in tasks]
    if kind is FSX:
        assert len(aws.requests) == -(-count // 50)
    else:
        assert asked(aws) == {"ListTaskExecutions": -(-count // 100), kind.describe: count}


def test_a_page_is_asked_for_only_when_it_is_needed(aws: SimulatedAWS, kind: Kind) -> None:
    for _ in range(120):
        kind.start(aws)
    next(client_of(aws).active(kinds=[kind.name]))
    listing = "ListTaskExecutions" if kind is DATASYNC else kind.describe
    assert asked(aws)[listing] == 1


def test_what_changes_between_two_pages_is_seen_once_at_most(aws: SimulatedAWS, kind: Kind) -> None:
    """New tasks are made, and others end, each time a page has been read."""
    tasks = [kind.start(aws) for _ in range(220)]
    service = aws.simulator(kind.name)
    ended: list[str] = []

    def change(request: HttpRequest) -> None:
        if b"NextToken" in request.body:
            for task in (tasks[3 + len(ended)], tasks[-1 - len(ended)]):
                service.finish(task)
                ended.append(task)
            kind.start(aws)

    found = ids(client_of(aws, watch=change).active(kinds=[kind.name]))
    assert len(found) == len(set(found))
    assert ended
    seen = {name[-17:] for name in found}
    assert {task[-17:] for task in tasks} - seen <= {task[-17:] for task in ended}
    assert not {task[-17:] for task in ended[1::2]} & seen


def test_a_task_that_ends_between_listing_and_look_is_not_active(aws: SimulatedAWS) -> None:
    gone, stays = DATASYNC.start(aws), DATASYNC.start(aws)

    def end(request: HttpRequest) -> None:
        if gone.encode() in request.body:
            aws.datasync().finish(gone)

    assert ids(client_of(aws, watch=end).active()) == [stays]


def test_a_task_that_is_gone_between_listing_and_look_hides_no_other(aws: SimulatedAWS) -> None:
    gone, stays = DATASYNC.start(aws), DATASYNC.start(aws)

    def end(request: HttpRequest) -> None:
        if gone.encode() in request.body:
            aws.datasync().tasks.pop(gone, None)

    assert ids(client_of(aws, watch=end).active()) == [stays]


def test_what_goes_wrong_is_raised_and_not_taken_for_nothing(aws: SimulatedAWS, kind: Kind) -> None:
    kind.start(aws)
    aws.inject(
        Fault(kind=FaultKind.ERROR, code="AccessDeniedException", service=kind.name, times=None)
    )
    with pytest.raises(AccessDenied):
        list(client_of(aws).active(kinds=[kind.name]))


def denied(**where: Any) -> Fault:  # noqa: ANN401  (passed on)
    return Fault(kind=FaultKind.ERROR, code="AccessDeniedException", times=None, **where)


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_place_that_does_not_answer_is_a_gap_and_hides_no_other(
    aws: SimulatedAWS, kind: Kind, *, asynchronous: bool
) -> None:
    for each in (FSX, DATASYNC):
        each.start(aws)
    aws.inject(denied(service=kind.name))
    if asynchronous:

        async def search() -> tuple[list[Any], tuple[Gap, ...]]:
            async with AsyncTaskClient(aws.session(), clock=aws.clock) as client:
                listing = client.active()
                return [each async for each in listing], listing.gaps

        found, gaps = asyncio.run(search())
    else:
        listing = TaskClient(aws.session(), clock=aws.clock).active()
        found, gaps = list(listing), listing.gaps
    assert [each.ref.key for each in found] == [
        each.name for each in (FSX, DATASYNC) if each != kind
    ]
    [gap] = gaps
    assert (gap.service, gap.region, gap.task, gap.parent) == (kind.name, None, None, None)
    assert isinstance(gap.error, AccessDenied)
    assert pickle.loads(pickle.dumps(gap)).reason == str(gap.error)


def test_where_no_place_answers_that_is_raised(aws: SimulatedAWS) -> None:
    aws.inject(denied())
    listing = TaskClient(aws.session(), clock=aws.clock).active(regions=["eu-west-1", "us-east-1"])
    with pytest.raises(AccessDenied):
        list(listing)
    assert len(listing.gaps) == 4


def test_a_parent_whose_tasks_cannot_be_listed_hides_no_other(aws: SimulatedAWS) -> None:
    """The gap names the state machine, whose executions this caller may not list."""
    aws.simulator("stepfunctions").start()
    shut = f"arn:aws:states:us-east-1:{DEFAULT_ACCOUNT}:stateMachine:shut"

    def answer(request: HttpRequest) -> HttpAnswer:
        if shut.encode() in request.body:
            refusal = {"__type": "AccessDeniedException", "message": "not this one"}
            return HttpAnswer(status=400, headers={}, body=json.dumps(refusal).encode())
        answer = aws.answer(request)
        if request.headers.get("x-amz-target", "").endswith("ListStateMachines"):
            told = json.loads(answer.body)
            machine = {**told["stateMachines"][0], "stateMachineArn": shut}
            told["stateMachines"].insert(0, machine)
            answer = attrs.evolve(answer, body=json.dumps(told).encode())
        return answer

    session = session_over(answer, account=DEFAULT_ACCOUNT, region=DEFAULT_REGION)
    listing = TaskClient(session, clock=aws.clock).active(kinds=["stepfunctions"])
    assert len(list(listing)) == 1
    [gap] = listing.gaps
    assert (gap.parent, gap.task) == (shut, None)
    assert isinstance(gap.error, AccessDenied)


def test_places_are_asked_again_as_the_policy_says(aws: SimulatedAWS, kind: Kind) -> None:
    """All of them have been asked before."""
    kind.start(aws)
    aws.inject(Fault(kind=FaultKind.THROTTLE, times=3))
    client = client_of(aws, retry=RetryPolicy())
    listing = client.active()
    assert [each.ref.key for each in listing] == [kind.name]
    assert listing.gaps == ()
    assert {record.service for record in aws.requests[:2]} == {"fsx", "datasync"}


def test_a_page_is_asked_for_again_and_nothing_is_told_twice(aws: SimulatedAWS, kind: Kind) -> None:
    tasks = [kind.start(aws) for _ in range(220)]
    listing = "ListTaskExecutions" if kind is DATASYNC else kind.describe
    aws.inject(Fault(kind=FaultKind.THROTTLE, operation=listing, after=1, times=2))
    found = ids(client_of(aws).active(kinds=[kind.name], retry=RetryPolicy()))
    assert len(found) == len(set(found)) == len(tasks)


@pytest.mark.parametrize("asynchronous", [False, True])
def test_places_are_looked_in_side_by_side_and_no_more_requests_are_made_at_a_time_than_workers(
    aws: SimulatedAWS, *, asynchronous: bool
) -> None:
    """The barrier lets none through before all four are there; a fifth would break it."""
    barrier, lock, inside = threading.Barrier(4), threading.Lock(), Counter[str]()

    def answer(request: HttpRequest) -> HttpAnswer:
        with lock:
            inside["now"] += 1
            assert inside["now"] <= 4
        barrier.wait(20)
        with lock:
            inside["now"] -= 1
        return aws.answer(request)

    session = session_over(answer, account=DEFAULT_ACCOUNT, region=DEFAULT_REGION)
    regions = ["us-east-1", "eu-west-1", "ap-south-1", "us-west-2"]
    if asynchronous:

        async def search() -> None:
            async with AsyncTaskClient(session, clock=aws.clock, workers=4) as client:
                assert [each async for each in client.active(regions=regions)] == []

        asyncio.run(search())
    else:
        client = TaskClient(session, clock=aws.clock, workers=4)
        assert list(client.active(regions=regions)) == []
    assert len(aws.requests) == 8


def test_an_execution_that_is_listed_but_not_found_is_a_gap(aws: SimulatedAWS) -> None:
    """It may be gone, or be described by a server that is behind; the others are told."""
    lost, found = (DATASYNC.start(aws, "TRANSFERRING") for _ in range(2))
    aws.inject(Fault(kind=FaultKind.NOT_FOUND_AT_FIRST, task=lost, seconds=1000))
    listing = client_of(aws).active(kinds=["datasync"])
    assert [str(snapshot.ref) for snapshot in listing] == [found]
    [gap] = listing.gaps
    assert gap.task == lost
    assert "not found" in gap.reason


def test_a_listing_that_takes_too_long_says_that_there_may_be_more(
    aws: SimulatedAWS, kind: Kind
) -> None:
    """Each page takes a minute; the first ones were told before that."""
    for _ in range(250):
        kind.start(aws)
    aws.inject(Fault(kind=FaultKind.SLOW, seconds=60, times=None))
    listing = client_of(aws).active(kinds=[kind.name], timeout=90)
    seen: list[object] = []
    with pytest.raises(WaitTimeout, match="there may be more"):
        seen.extend(listing)
    assert aws.clock.seconds >= 90


def test_what_the_caller_does_between_two_snapshots_takes_no_time_of_the_listing(
    aws: SimulatedAWS, kind: Kind
) -> None:
    for _ in range(120):
        kind.start(aws, seconds={})
    found = 0
    for _ in client_of(aws).active(kinds=[kind.name], timeout=10, ended=True):
        aws.advance(60)
        found += 1
    assert found == 120


@pytest.mark.parametrize("timeout", [-1, math.nan, "10"])
def test_a_timeout_that_is_no_number_of_seconds_is_refused(
    aws: SimulatedAWS, timeout: float
) -> None:
    with pytest.raises(InvalidInput, match="timeout"):
        list(client_of(aws).active(timeout=timeout))


def test_kinds_that_are_not_named_are_not_asked_for(aws: SimulatedAWS) -> None:
    """A program that names none asks for no more than it did, whatever is added to the library."""
    assert list(client_of(aws).active()) == []
    assert {record.service for record in aws.requests} == {"fsx", "datasync"}
    client = TaskClient(aws.session(), clock=aws.clock)
    list(client.active(kinds="all"))
    assert {record.service for record in aws.requests} == set(BUILT_IN)
    assert list(client.active(kinds=["stepfunctions"])) == []


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (cast("list[str]", "fsx"), r"such as kinds=\['fsx'\]"),
        (["s3"], "no kind of task 's3'"),
        ([cast("str", 3)], "no kind of task"),
    ],
)
def test_kinds_that_there_are_not_are_refused(
    aws: SimulatedAWS, kinds: list[str], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        client_of(aws).active(kinds=kinds)


def test_a_filter_of_a_kind_that_is_not_named_says_which_to_name(aws: SimulatedAWS) -> None:
    with pytest.raises(InvalidInput, match="is one of stepfunctions: name the kind in kinds="):
        list(client_of(aws).active(filters={"state_machine": "x"}))
