"""Many tasks at once: what comes of each, in what order, and for how many requests."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from collections import Counter
from typing import TYPE_CHECKING, cast

import pytest

from botocancel import (
    Backoff,
    InvalidInput,
    NotFound,
    Phase,
    RetryPolicy,
    TaskClient,
    TaskEnded,
    Throttled,
    WaitTimeout,
    task_ref,
)
from botocancel.testing import Fault, FaultKind, SimulatedAWS, SimulatorSettings
from botocancel.testing._models import botocore_is_older
from tests.simulated import (
    DATASYNC,
    FSX,
    UNKNOWN_TASK,
    Kind,
    asked,
    client_of,
    ended_at,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocancel import Batch
    from botocancel.testing.wire import HttpRequest

SOON = 20.0
"""Seconds after which a test that hangs gives up; none takes so long."""

MANY = ["cancel_many", "wait_many", "cancel_and_wait_many"]


@pytest.fixture
def workers_have_ended() -> Callable[[], None]:
    def wait() -> None:
        for thread in threading.enumerate():
            if thread.name.startswith("botocancel"):
                thread.join(SOON)
                assert not thread.is_alive()

    return wait


def started(aws: SimulatedAWS, kind: Kind, count: int) -> list[str]:
    return [kind.start(aws, kind.running) for _ in range(count)]


def run(client: TaskClient, method: str, tasks: list[str]) -> Batch[object]:
    batch: Batch[object] = getattr(client, method)(tasks)
    return batch


# --- descriptions --------------------------------------------------------------------------


def test_many_are_described_in_few_requests(aws: SimulatedAWS, kind: Kind) -> None:
    """One unknown id, and what names no task, are results of their own."""
    tasks = started(aws, kind, 120)
    unknown = kind.unknown(aws)
    summary = client_of(aws).describe_many([*tasks, unknown, "no task"]).finish()
    assert {str(result.unwrap().ref) for result in summary.done} == set(tasks)
    some = summary.done[0].unwrap()
    assert some == client_of(aws).describe(some.ref)
    errors = {result.task: type(result.error) for result in summary.failed}
    assert errors.keys() == {unknown, "no task"}
    assert issubclass(errors[unknown], NotFound)
    if kind is FSX:
        assert len(aws.requests) < 20


def test_descriptions_follow_the_policy(aws: SimulatedAWS, kind: Kind) -> None:
    """Of those that are described together, those alone that failed are asked about again."""
    tasks = started(aws, kind, 3)
    aws.inject(Fault(kind=FaultKind.THROTTLE, times=2))
    assert len(client_of(aws).describe_many(tasks, retry=RetryPolicy()).finish().done) == 3
    aws.inject(Fault(kind=FaultKind.THROTTLE, times=1))
    assert client_of(aws).describe_many(tasks).finish().failed


# --- the order of completion ---------------------------------------------------------------


def test_waits_come_in_the_order_in_which_the_tasks_end(aws: SimulatedAWS, kind: Kind) -> None:
    lives = [600.0, 100.0, 300.0, 200.0]
    tasks = [kind.start(aws, kind.running, seconds={kind.running: life}) for life in lives]
    results = list(client_of(aws).wait_many(tasks))
    assert [lives[tasks.index(str(result.task))] for result in results] == sorted(lives)
    assert all(result.unwrap().phase is Phase.SUCCEEDED for result in results)


def test_stops_come_in_the_order_in_which_the_tasks_end(aws: SimulatedAWS, kind: Kind) -> None:
    lives = [600.0, 100.0, 300.0, 200.0]
    tasks = [kind.start(aws, kind.running, seconds={kind.canceling: life}) for life in lives]
    results = list(client_of(aws).cancel_and_wait_many(tasks))
    assert [lives[tasks.index(str(result.task))] for result in results] == sorted(lives)
    assert all(result.unwrap().canceled for result in results)


def test_a_wait_is_told_as_soon_as_it_is_known(aws: SimulatedAWS, kind: Kind) -> None:
    """Each result comes within a delay of its task's end, not with the last one."""
    lives = {100: "", 400: "", 700: ""}
    tasks = [kind.start(aws, kind.running, seconds={kind.running: life}) for life in lives]
    for result in client_of(aws).wait_many(tasks):
        assert aws.clock.seconds - ended_at(aws, str(result.task)) <= 30


def test_a_cancel_that_is_answered_late_holds_up_no_other(aws: SimulatedAWS, kind: Kind) -> None:
    slow, quick = started(aws, kind, 2)
    release = threading.Event()

    def hold(request: HttpRequest) -> None:
        if slow.encode() in request.body:
            assert release.wait(SOON)

    batch = client_of(aws, watch=hold).cancel_many([slow, quick])
    assert next(batch).task == quick
    release.set()
    assert next(batch).task == slow


# --- what comes of each ----------------------------------------------------------------------


@pytest.mark.parametrize("method", MANY)
def test_a_failure_hides_no_other_result(aws: SimulatedAWS, kind: Kind, method: str) -> None:
    good = started(aws, kind, 3)
    unknown = kind.unknown(aws)
    tasks = [good[0], "task-nonsense", unknown, good[1], "", good[2]]
    summary = run(client_of(aws), method, tasks).finish()
    assert {str(result.task) for result in summary.done} == set(good)
    errors = {str(result.task): type(result.error) for result in summary.failed}
    assert errors.keys() == {"task-nonsense", unknown, ""}
    assert errors["task-nonsense"] is errors[""] is InvalidInput
    assert issubclass(errors[unknown], NotFound)
    assert summary.pending == ()


@pytest.mark.parametrize("method", MANY)
def test_an_error_names_its_task(aws: SimulatedAWS, kind: Kind, method: str) -> None:
    unknown = kind.unknown(aws)
    tasks = [*started(aws, kind, 2), unknown]
    (failed,) = run(client_of(aws), method, tasks).finish().failed
    assert failed.error is not None
    assert failed.error.ref == task_ref(unknown)
    with pytest.raises(NotFound):
        failed.unwrap()


def test_what_names_no_task_is_a_result_and_not_sent(aws: SimulatedAWS) -> None:
    wrong: list[object] = ["task-1", None, 17, b"task", ["task"]]
    tasks: list[str] = wrong  # type: ignore[assignment]  # pyright: ignore
    results = list(client_of(aws).cancel_many(tasks))
    assert [result.task for result in results] == wrong
    assert all(isinstance(result.error, InvalidInput) for result in results)
    assert aws.requests == []


@pytest.mark.parametrize("method", MANY)
@pytest.mark.parametrize("one", ["task-0123456789abcdef0", b"task-0123456789abcdef0"], ids=repr)
def test_one_string_is_no_list_of_tasks(aws: SimulatedAWS, method: str, one: str) -> None:
    with pytest.raises(InvalidInput, match="a list of tasks"):
        run(client_of(aws), method, one)  # type: ignore[arg-type]  # pyright: ignore
    assert aws.requests == []


@pytest.mark.parametrize("method", MANY)
def test_one_ref_is_no_list_of_tasks(aws: SimulatedAWS, method: str) -> None:
    with pytest.raises(InvalidInput, match="a list of tasks"):
        run(client_of(aws), method, task_ref(UNKNOWN_TASK))  # type: ignore[arg-type]  # pyright: ignore


@pytest.mark.parametrize("method", MANY)
def test_a_task_that_is_named_twice_is_handled_once(
    aws: SimulatedAWS, kind: Kind, method: str
) -> None:
    (task,) = started(aws, kind, 1)
    twice: list[str] = [task, task, task_ref(task)]  # type: ignore[list-item]  # pyright: ignore
    results = list(run(client_of(aws), method, twice))
    assert [result.task for result in results] == [task]
    assert asked(aws)[kind.cancel] <= 1


@pytest.mark.parametrize("method", MANY)
def test_a_batch_of_nothing_is_done(aws: SimulatedAWS, method: str) -> None:
    summary = run(client_of(aws), method, []).finish()
    assert str(summary) == "0 done, 0 failed, 0 pending"
    assert aws.requests == []


@pytest.mark.parametrize("method", MANY)
def test_nothing_is_sent_before_the_first_result_is_asked_for(
    aws: SimulatedAWS, kind: Kind, method: str
) -> None:
    batch = run(client_of(aws), method, started(aws, kind, 2))
    assert aws.requests == []
    assert len(batch.summary().pending) == 2
    next(batch)
    assert aws.requests


def test_tasks_may_come_from_an_iterator(aws: SimulatedAWS, kind: Kind) -> None:
    tasks: Iterator[str] = iter(started(aws, kind, 3))
    assert len(client_of(aws).cancel_many(tasks).finish().done) == 3


def test_cancels_of_a_batch_follow_the_policy(aws: SimulatedAWS, kind: Kind) -> None:
    aws.inject(Fault(kind=FaultKind.THROTTLE, times=4))
    tasks = started(aws, kind, 3)
    assert len(client_of(aws).cancel_many(tasks).finish().failed) == 3

    aws.clear_faults()
    aws.inject(Fault(kind=FaultKind.THROTTLE, times=4))
    patient = RetryPolicy(timeout=900)
    summary = client_of(aws).cancel_many(tasks, retry=patient).finish()
    assert len(summary.done) == 3
    assert sum(result.unwrap().attempts for result in summary.done) == 7


def test_ends_that_came_before_are_told_as_one_call_would(aws: SimulatedAWS, kind: Kind) -> None:
    tasks = [kind.start(aws, kind.succeeded), kind.start(aws, kind.running)]
    batch = client_of(aws).cancel_and_wait_many(tasks, if_ended="raise")
    results = {result.task: result for result in batch}
    assert isinstance(results[tasks[0]].error, TaskEnded)
    assert results[tasks[1]].unwrap().canceled

    outcome = next(client_of(aws).cancel_and_wait_many(tasks[:1])).unwrap()
    assert outcome.phase is Phase.SUCCEEDED
    assert not outcome.accepted


def test_stopping_many_rides_out_lost_answers_and_cancels_that_do_not_take(
    aws: SimulatedAWS, kind: Kind
) -> None:
    tasks = started(aws, kind, 6)
    aws.inject(Fault(kind=FaultKind.LOST_ANSWER, operation=kind.cancel, times=2))
    aws.inject(Fault(kind=FaultKind.IGNORED_CANCEL, times=3))
    aws.inject(Fault(kind=FaultKind.UNAVAILABLE, operation=kind.describe, times=2))
    summary = client_of(aws).cancel_and_wait_many(tasks).finish()
    assert len(summary.done) == 6
    assert {kind.status(aws, task) for task in tasks} == {kind.canceled}
    if kind is FSX:
        assert all(result.unwrap().canceled for result in summary.done)


def test_at_the_deadline_what_has_ended_is_told_apart_from_what_has_not(
    aws: SimulatedAWS, kind: Kind
) -> None:
    short = kind.start(aws, kind.canceling, seconds={kind.canceling: 10})
    long = kind.start(aws, kind.running, seconds={kind.running: 1e9})
    summary = client_of(aws).wait_many([long, short], timeout=60).finish()
    assert [result.task for result in summary.done] == [short]
    (late,) = summary.failed
    assert late.task == long
    assert isinstance(late.error, WaitTimeout)
    assert late.error.elapsed == aws.clock.seconds == 60
    assert late.error.snapshot is not None
    assert late.error.snapshot.status == kind.running


# --- the summary ---------------------------------------------------------------------------


def test_a_summary_raises_all_failures_at_once(aws: SimulatedAWS, kind: Kind) -> None:
    tasks = [*started(aws, kind, 2), kind.unknown(aws), "nonsense"]
    summary = client_of(aws).cancel_many(tasks).finish()
    assert str(summary) == "2 done, 2 failed, 0 pending"
    with pytest.raises(ExceptionGroup, match="2 of 4 tasks failed") as caught:
        summary.raise_failures()
    assert caught.group_contains(NotFound)
    assert caught.group_contains(InvalidInput)
    assert len(caught.value.exceptions) == 2


def test_a_summary_without_failures_raises_nothing(aws: SimulatedAWS, kind: Kind) -> None:
    client_of(aws).cancel_many(started(aws, kind, 2)).finish().raise_failures()


def test_a_summary_says_how_it_stands_midway(aws: SimulatedAWS, kind: Kind) -> None:
    lives = [100.0, 500.0, 900.0]
    tasks = [kind.start(aws, kind.running, seconds={kind.running: life}) for life in lives]
    batch = client_of(aws).wait_many(tasks)
    next(batch)
    summary = batch.summary()
    assert [result.task for result in summary.done] == tasks[:1]
    assert set(summary.pending) == set(tasks[1:])
    assert str(batch.finish()) == "3 done, 0 failed, 0 pending"


# --- leaving early -------------------------------------------------------------------------


def test_a_batch_that_is_left_sends_no_further_request(
    aws: SimulatedAWS, kind: Kind, workers_have_ended: Callable[[], None]
) -> None:
    """One worker: the second cancel is on its way when the batch is left; no other is sent."""
    tasks = started(aws, kind, 10)
    left = threading.Event()
    arrived: list[HttpRequest] = []

    def hold(request: HttpRequest) -> None:
        arrived.append(request)
        assert len(arrived) == 1 or left.wait(SOON)

    batch = client_of(aws, watch=hold, workers=1).cancel_many(tasks)
    for result in batch:
        assert result.task == tasks[0]
        break
    left.set()
    workers_have_ended()
    assert len(arrived) <= 2
    summary = batch.summary()
    assert [result.task for result in summary.done] == tasks[:1]
    assert list(summary.pending) == tasks[1:]


def test_a_batch_that_is_closed_sends_no_further_request(
    aws: SimulatedAWS, kind: Kind, workers_have_ended: Callable[[], None]
) -> None:
    left = threading.Event()
    arrived: list[HttpRequest] = []

    def hold(request: HttpRequest) -> None:
        arrived.append(request)
        assert len(arrived) == 1 or left.wait(SOON)

    batch = client_of(aws, watch=hold, workers=1).cancel_many(started(aws, kind, 10))
    next(batch)
    batch.close()
    left.set()
    workers_have_ended()
    assert len(arrived) <= 2
    assert list(batch) == []


def test_a_batch_that_nobody_has_any_more_sends_no_further_request(
    aws: SimulatedAWS, kind: Kind, workers_have_ended: Callable[[], None]
) -> None:
    left = threading.Event()
    arrived: list[HttpRequest] = []

    def hold(request: HttpRequest) -> None:
        arrived.append(request)
        assert len(arrived) == 1 or left.wait(SOON)

    next(client_of(aws, watch=hold, workers=1).cancel_many(started(aws, kind, 10)))
    left.set()
    workers_have_ended()
    assert len(arrived) <= 2


def test_a_wait_that_is_left_looks_no_further(aws: SimulatedAWS, kind: Kind) -> None:
    lives = [100.0, 500.0, 900.0]
    tasks = [kind.start(aws, kind.running, seconds={kind.running: life}) for life in lives]
    batch = client_of(aws).wait_many(tasks)
    for _ in batch:
        break
    sent, seconds = len(aws.requests), aws.clock.seconds
    assert list(batch) == []
    assert (len(aws.requests), aws.clock.seconds) == (sent, seconds)
    assert set(batch.summary().pending) == set(tasks[1:])


def test_an_exception_in_the_loop_leaves_the_batch(
    aws: SimulatedAWS, kind: Kind, workers_have_ended: Callable[[], None]
) -> None:
    left = threading.Event()
    arrived: list[HttpRequest] = []

    def hold(request: HttpRequest) -> None:
        arrived.append(request)
        assert len(arrived) == 1 or left.wait(SOON)

    batch = client_of(aws, watch=hold, workers=1).cancel_many(started(aws, kind, 10))

    def consume() -> None:
        for _ in batch:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        consume()
    left.set()
    workers_have_ended()
    assert len(arrived) <= 2


def test_ctrl_c_in_a_wait_notes_what_was_done_and_what_not(aws: SimulatedAWS, kind: Kind) -> None:
    tasks = [
        kind.start(aws, kind.canceling, seconds={kind.canceling: life}) for life in (10, 1e9, 1e9)
    ]

    def interrupt(_: HttpRequest) -> None:
        if aws.clock.seconds > 600:
            raise KeyboardInterrupt

    batch = client_of(aws, watch=interrupt).wait_many(tasks)
    with pytest.raises(KeyboardInterrupt) as caught:
        batch.finish()
    (note,) = caught.value.__notes__
    assert "1 done, 0 failed, 2 pending" in note
    assert tasks[0] not in note
    assert tasks[1] in note
    assert tasks[2] in note
    assert [result.task for result in batch.summary().done] == tasks[:1]


def send_a_signal(thread: int) -> None:
    signal.pthread_kill(thread, signal.SIGINT)


def raise_a_flag(_: int) -> None:
    """Leave the thread asleep, as a signal does that came in the moment before it slept."""
    _thread.interrupt_main()


@pytest.mark.parametrize("press", [send_a_signal, raise_a_flag])
def test_ctrl_c_while_workers_cancel_notes_what_was_done_and_what_not(
    aws: SimulatedAWS, workers_have_ended: Callable[[], None], press: Callable[[int], None]
) -> None:
    """Pressed once two results were taken and the next one is waited for."""
    tasks = started(aws, FSX, 8)
    main = threading.main_thread().ident
    interrupted = threading.Event()
    arrived: list[HttpRequest] = []
    assert main is not None

    def hold(request: HttpRequest) -> None:
        arrived.append(request)
        if len(arrived) < 3:
            return
        while len(batch.summary().done) < 2 or not waits_for_a_result(main):
            pass
        press(main)
        assert interrupted.wait(SOON)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    batch = client_of(aws, watch=hold, workers=1).cancel_many(tasks)
    try:
        with pytest.raises(KeyboardInterrupt) as caught:
            batch.finish()
    finally:
        interrupted.set()
        signal.signal(signal.SIGINT, before)
    workers_have_ended()
    (note,) = caught.value.__notes__
    assert "2 done, 0 failed, 6 pending" in note
    assert tasks[2] in note
    assert len(arrived) == 3


def waits_for_a_result(thread: int) -> bool:
    frames = sys._current_frames()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    return frames[thread].f_code.co_name == "next_of"


# --- many at a time ------------------------------------------------------------------------


def test_as_many_calls_run_at_a_time_as_there_are_workers(aws: SimulatedAWS, kind: Kind) -> None:
    """The barrier lets none through before all four are there; a fifth would break it."""
    barrier = threading.Barrier(4)
    inside: list[int] = []
    most: list[int] = []

    def meet(_: HttpRequest) -> None:
        inside.append(1)
        most.append(len(inside))
        barrier.wait(SOON)
        inside.pop()

    tasks = started(aws, kind, 12)
    assert len(client_of(aws, watch=meet, workers=4).cancel_many(tasks).finish().done) == 12
    assert max(most) == 4


@pytest.mark.parametrize("method", MANY)
def test_services_and_regions_are_served_side_by_side(aws: SimulatedAWS, method: str) -> None:
    tasks: list[str] = []
    for region in ("us-east-1", "eu-west-1", "ap-south-1"):
        fsx, datasync = aws.fsx(region=region), aws.datasync(region=region)
        for _ in range(2):
            task = fsx.start(status="EXECUTING")
            tasks.append(f"arn:aws:fsx:{region}:123456789012:task/{task}")
            tasks.append(datasync.start(status="TRANSFERRING"))
    client = TaskClient(aws.session(), clock=aws.clock)
    summary = run(client, method, tasks).finish()
    assert {result.task for result in summary.done} == set(tasks)
    places = {(record.service, record.region) for record in aws.requests}
    assert len(places) == 6


# --- one unknown id -------------------------------------------------------------------------


@pytest.mark.parametrize(("setting", "first_look"), [("omit", 1), ("refuse", 13)])
@pytest.mark.parametrize("place", [0, 17, 49])
def test_one_unknown_id_among_fifty_spoils_no_other(
    setting: str, first_look: int, place: int
) -> None:
    """Where it fails the whole request, halving finds it; then it is looked for by itself."""
    aws = SimulatedAWS(SimulatorSettings(kind="fsx", unknown_ids=setting))  # type: ignore[arg-type]  # pyright: ignore
    tasks = started(aws, FSX, 49)
    tasks.insert(place, UNKNOWN_TASK)
    summary = client_of(aws).wait_many(tasks).finish()
    assert len(summary.done) == 49
    (failed,) = summary.failed
    assert failed.task == UNKNOWN_TASK
    assert isinstance(failed.error, NotFound)
    looks = [record.seconds for record in aws.requests]
    assert looks.count(0) <= first_look
    later = Counter(seconds for seconds in looks if seconds)
    assert max(later.values()) == 2
    assert min(list(later.values())[-5:]) == max(list(later.values())[-5:]) == 1


def test_what_a_first_page_told_is_known_though_the_next_page_does_not_come() -> None:
    aws = SimulatedAWS(SimulatorSettings(kind="fsx", page_size=1))
    ended, running = FSX.start(aws, "SUCCEEDED"), FSX.start(aws, "EXECUTING")
    aws.inject(Fault(kind=FaultKind.CUT_BODY, operation=FSX.describe, after=1, times=None))
    batch = client_of(aws).wait_many([ended, running], timeout=20)
    results = {result.task: result for result in batch}
    assert results[ended].error is None
    assert isinstance(results[running].error, WaitTimeout)


def test_a_description_is_read_no_further_than_to_the_last_task() -> None:
    """What follows is no concern of the caller's, though the answer leads on."""
    aws = SimulatedAWS()
    task = FSX.start(aws, "SUCCEEDED")
    aws.inject(Fault(kind=FaultKind.REPEATED_TOKEN, times=None))
    assert client_of(aws).describe(task).status == "SUCCEEDED"
    assert len(aws.requests) == 1


def test_what_fails_for_all_of_a_request_is_ridden_out(aws: SimulatedAWS) -> None:
    aws.inject(Fault(kind=FaultKind.THROTTLE, after=1, times=3))
    assert len(client_of(aws).wait_many(started(aws, FSX, 50)).finish().done) == 50


def test_what_will_not_pass_is_a_result_of_each_task(aws: SimulatedAWS) -> None:
    aws.inject(Fault(kind=FaultKind.ERROR, code="AccessDeniedException", times=None))
    tasks = started(aws, FSX, 60)
    summary = client_of(aws).wait_many(tasks).finish()
    assert len(summary.failed) == 60
    refs = [result.error.ref for result in summary.failed]
    assert {str(ref) for ref in refs} == set(tasks)
    assert len(aws.requests) == 2


def test_a_policy_that_asks_for_nothing_again_fails_the_batch_at_once(aws: SimulatedAWS) -> None:
    aws.inject(Fault(kind=FaultKind.THROTTLE, times=None))
    client = client_of(aws, retry=RetryPolicy(retry_on=lambda _: False))
    summary = client.wait_many(started(aws, FSX, 3)).finish()
    assert all(isinstance(result.error, Throttled) for result in summary.failed)
    assert len(aws.requests) == 1


# --- the requests --------------------------------------------------------------------------


def test_waiting_for_a_thousand_tasks_makes_a_25th_of_the_requests_of_a_wait_per_task() -> None:
    """Tasks of 20 to 60 seconds. What a wait per task takes is counted on every 25th of them."""
    lives = [20.0 + 0.04 * number for number in range(1000)]

    together = SimulatedAWS()
    tasks = [
        together.fsx().start(status="EXECUTING", seconds={"EXECUTING": life}) for life in lives
    ]
    summary = client_of(together).wait_many(tasks).finish()
    assert len(summary.done) == 1000

    alone = SimulatedAWS()
    sample = lives[12::25]
    for life in sample:
        task = alone.fsx().start(status="EXECUTING", seconds={"EXECUTING": life})
        client_of(alone).wait(task)

    shared, single = len(together.requests), len(alone.requests) * 1000 / len(sample)
    assert asked(together).keys() == {"DescribeDataRepositoryTasks"}
    assert shared * 25 <= single, f"{shared} requests against {single:.0f}"


def test_a_look_at_a_thousand_tasks_is_twenty_requests(aws: SimulatedAWS) -> None:
    tasks = started(aws, FSX, 1000)
    summary = client_of(aws).wait_many(tasks, timeout=0).finish()
    assert len(summary.failed) == 1000
    assert len(aws.requests) == 20
    sent = [cast("list[str]", record.parameters["TaskIds"]) for record in aws.requests]
    assert [len(some) for some in sent] == [50] * 20
    assert {task for some in sent for task in some} == set(tasks)


def test_stopping_many_shares_the_polls(aws: SimulatedAWS) -> None:
    tasks = started(aws, FSX, 100)
    summary = client_of(aws).cancel_and_wait_many(tasks).finish()
    assert all(result.unwrap().canceled for result in summary.done)
    looks = {record.seconds for record in aws.requests}
    assert asked(aws)["CancelDataRepositoryTask"] == 100
    assert asked(aws)["DescribeDataRepositoryTasks"] == 2 * len(looks)
    assert {result.unwrap().cancels for result in summary.done} == {1}


def test_executions_of_one_task_are_listed_and_described_only_when_they_have_ended(
    aws: SimulatedAWS,
) -> None:
    """One runs at a time, the others are queued. The last three are too few for a listing."""
    task = aws.datasync().create_parent()
    executions = [aws.datasync().start(parent=task) for _ in range(20)]
    aws.datasync().start()
    client = client_of(aws, poll=Backoff(first=60, growth=1, ceiling=60))
    summary = client.wait_many(executions, timeout=100_000).finish()
    assert len(summary.done) == 20
    by_operation = {
        name: [record for record in aws.requests if record.operation == name]
        for name in ("ListTaskExecutions", "DescribeTaskExecution")
    }
    listings = by_operation["ListTaskExecutions"]
    looks = {record.seconds for record in listings}
    assert {record.parameters["TaskArn"] for record in listings} == {task}
    assert len(listings) == len(looks) > 100
    described = [item for item in by_operation["DescribeTaskExecution"] if item.seconds in looks]
    assert len(described) == 17


def test_a_few_executions_are_described_and_not_listed(aws: SimulatedAWS) -> None:
    """A listing would save nothing."""
    client_of(aws).wait_many(started(aws, DATASYNC, 3)).finish()
    assert asked(aws).keys() == {"DescribeTaskExecution"}


def test_executions_of_several_tasks_are_listed_together(aws: SimulatedAWS) -> None:
    executions = started(aws, DATASYNC, 80)
    client_of(aws).wait_many(executions, timeout=0).finish()
    assert asked(aws) == {"ListTaskExecutions": 1}
    assert "TaskArn" not in aws.requests[0].parameters


def test_listings_that_find_nothing_cost_a_quarter_at_most(aws: SimulatedAWS) -> None:
    """An account whose listing begins with pages and pages of old executions."""
    for _ in range(350):
        aws.datasync().start(status="SUCCESS")
    executions = started(aws, DATASYNC, 12)
    client_of(aws).wait_many(executions, timeout=0).finish()
    assert asked(aws) == {"ListTaskExecutions": 3, "DescribeTaskExecution": 12}


def test_where_listing_is_denied_executions_are_described(aws: SimulatedAWS) -> None:
    aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            code="AccessDeniedException",
            operation="ListTaskExecutions",
            times=None,
        )
    )
    summary = client_of(aws).wait_many(started(aws, DATASYNC, 20)).finish()
    assert len(summary.done) == 20


def test_each_end_is_described_in_full(aws: SimulatedAWS) -> None:
    """A listing tells statuses only; the snapshot that is handed out has everything."""
    executions = started(aws, DATASYNC, 20)
    for result in client_of(aws).wait_many(executions):
        snapshot = result.unwrap()
        assert snapshot.phase is Phase.SUCCEEDED
        assert snapshot.progress.fraction == 1
        assert snapshot.ended_at is not None or botocore_is_older()


def test_a_wait_that_times_out_in_listings_still_tells_the_last_status(aws: SimulatedAWS) -> None:
    executions = started(aws, DATASYNC, 20)
    summary = client_of(aws).wait_many(executions, timeout=30).finish()
    assert len(summary.failed) == 20
    for result in summary.failed:
        assert isinstance(result.error, WaitTimeout)
        assert "TRANSFERRING" in str(result.error)
