"""Waiting for a task to end, in simulated time."""

from __future__ import annotations

import _thread
import pickle
import random
import signal
import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from botocancel import (
    AccessDenied,
    Backoff,
    BotocancelError,
    CredentialsExpired,
    InternalException,
    InvalidRequest,
    InvalidResponse,
    NotFound,
    Phase,
    RetryPolicy,
    ServiceUnavailable,
    Throttled,
    TransportError,
    WaitTimeout,
    is_retryable,
    task_ref,
)
from botocancel.clocks import SystemClock
from botocancel.testing import Fault, FaultKind, SimulatedAWS, SimulatorSettings
from botocancel.testing._models import botocore_is_older
from tests.simulated import FSX, Kind, asked, client_of, ended_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocancel import Shape, TaskSnapshot

PASSING: dict[FaultKind, type[BotocancelError]] = {
    FaultKind.THROTTLE: Throttled,
    FaultKind.INTERNAL_ERROR: InternalException,
    FaultKind.UNAVAILABLE: ServiceUnavailable,
    FaultKind.LOST_REQUEST: TransportError,
    FaultKind.LOST_ANSWER: TransportError,
    FaultKind.GARBAGE: InvalidResponse,
}
"""What may pass, and what it is called while it lasts."""

LASTING: dict[str, type[BotocancelError]] = {
    "AccessDeniedException": AccessDenied,
    "ExpiredTokenException": CredentialsExpired,
    "SomethingNobodyKnows": BotocancelError,
}


def endless(aws: SimulatedAWS, kind: Kind) -> str:
    """Start a task that goes on for longer than any test waits."""
    return kind.start(aws, kind.running, seconds={kind.running: 1e9})


# --- until the end -------------------------------------------------------------------------


def test_wait_returns_the_last_snapshot_of_a_task_that_succeeds(
    aws: SimulatedAWS, kind: Kind
) -> None:
    task = kind.start(aws)
    snapshot = client_of(aws).wait(task)
    assert (snapshot.phase, snapshot.status) == (Phase.SUCCEEDED, kind.succeeded)
    assert str(snapshot.ref) == task
    assert snapshot.ended_at is not None or botocore_is_older()
    assert asked(aws).keys() == {kind.describe}


def test_wait_returns_and_does_not_raise_when_the_task_fails(aws: SimulatedAWS, kind: Kind) -> None:
    task = kind.start(aws, fails=True, failure="the disk is full")
    snapshot = client_of(aws).wait(task)
    assert (snapshot.phase, snapshot.status) == (Phase.FAILED, kind.failed)
    assert "the disk is full" in (snapshot.failure or "")


def test_wait_for_a_task_that_somebody_cancels_ends_with_it(aws: SimulatedAWS, kind: Kind) -> None:
    snapshot = client_of(aws).wait(kind.start(aws, kind.canceling))
    assert snapshot.status == kind.canceled


def test_wait_for_a_task_that_has_ended_takes_one_request_and_no_time(
    aws: SimulatedAWS, kind: Kind
) -> None:
    client_of(aws).wait(kind.start(aws, kind.failed))
    assert asked(aws) == {kind.describe: 1}
    assert aws.clock.seconds == 0


def test_an_end_is_noticed_within_one_delay(aws: SimulatedAWS, kind: Kind) -> None:
    task = kind.start(aws)
    client_of(aws, poll=Backoff(ceiling=8)).wait(task)
    assert aws.clock.seconds - ended_at(aws, task) <= 8


def test_polls_come_soon_at_first_and_never_rarer_than_the_ceiling(
    aws: SimulatedAWS, kind: Kind
) -> None:
    task = kind.start(aws, kind.running, seconds={kind.running: 3000})
    client_of(aws).wait(task)
    times = [record.seconds for record in aws.requests]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps[0] <= 1
    assert max(gaps) <= 30
    assert len(times) < 3000 / 30 * 4


def test_the_callers_own_schedule_is_kept(aws: SimulatedAWS) -> None:
    poll = Backoff(first=10, growth=1, ceiling=10)
    task = endless(aws, FSX)
    with pytest.raises(WaitTimeout):
        client_of(aws, poll=poll).wait(task, timeout=1000)
    times = [record.seconds for record in aws.requests]
    assert max(later - earlier for earlier, later in pairwise(times)) <= 10
    assert len(times) > 1000 / 10


def test_anything_that_names_the_task_can_be_waited_for(aws: SimulatedAWS) -> None:
    client = client_of(aws)
    task = aws.fsx().start(status="SUCCEEDED")
    snapshot = client.describe(task)
    arn = snapshot.detail.to_wire()["ResourceARN"]
    assert isinstance(arn, str)
    for name in (task, arn, task_ref(task), snapshot, snapshot.detail):
        assert client.wait(name).phase is Phase.SUCCEEDED


# --- the deadline --------------------------------------------------------------------------


@pytest.mark.parametrize("timeout", [0.25, 1, 60, 3600])
def test_a_wait_ends_exactly_at_its_deadline(aws: SimulatedAWS, kind: Kind, timeout: float) -> None:
    with pytest.raises(WaitTimeout) as caught:
        client_of(aws).wait(endless(aws, kind), timeout=timeout)
    assert caught.value.elapsed == timeout
    assert aws.clock.seconds == timeout
    assert aws.requests[-1].seconds == timeout


@pytest.mark.parametrize("start", [0.1, 0.3, 1.1, 9.606292])
@pytest.mark.parametrize("timeout", [0.3, 0.7, 60, 0.000_000_3])
def test_a_wait_ends_at_its_deadline_whenever_it_began(
    aws: SimulatedAWS, start: float, timeout: float
) -> None:
    """The sum of two floats may lie a little beside the instant that it means."""
    many = 100

    def no_more_than_many(_: object) -> None:
        assert len(aws.requests) < many

    client = client_of(aws, watch=no_more_than_many)
    task = endless(aws, FSX)
    aws.advance(start)
    with pytest.raises(WaitTimeout):
        client.wait(task, timeout=timeout)
    assert aws.clock.seconds == pytest.approx(start + timeout, abs=2e-6)


def test_a_timeout_of_nothing_looks_once(aws: SimulatedAWS, kind: Kind) -> None:
    client = client_of(aws)
    assert client.wait(kind.start(aws, kind.succeeded), timeout=0).status == kind.succeeded
    with pytest.raises(WaitTimeout):
        client.wait(endless(aws, kind), timeout=0)
    assert asked(aws) == {kind.describe: 2}


def test_an_end_at_the_deadline_is_seen(aws: SimulatedAWS) -> None:
    task = aws.fsx().start(status="EXECUTING", seconds={"EXECUTING": 60})
    assert client_of(aws).wait(task, timeout=60).phase is Phase.SUCCEEDED
    assert aws.clock.seconds <= 60


def test_a_slow_answer_takes_a_wait_past_its_deadline_by_one_request_at_most(
    aws: SimulatedAWS, kind: Kind
) -> None:
    aws.inject(Fault(kind=FaultKind.SLOW, seconds=100, times=None))
    with pytest.raises(WaitTimeout) as caught:
        client_of(aws).wait(endless(aws, kind), timeout=10)
    assert caught.value.elapsed == 100
    assert len(aws.requests) == 1


def test_wait_timeout_carries_all_that_is_known(aws: SimulatedAWS, kind: Kind) -> None:
    task = endless(aws, kind)
    with pytest.raises(TimeoutError) as caught:
        client_of(aws).wait(task, timeout=120)
    error = caught.value
    assert isinstance(error, WaitTimeout)
    assert error.ref == task_ref(task)
    assert error.snapshot is not None
    assert error.snapshot.status == kind.running
    assert error.requests == len(aws.requests)
    assert not error.accepted
    assert not error.retryable
    assert str(error) == f"{task} was not seen to end in 120 s; last: {kind.running}"


def test_wait_timeout_survives_pickle_with_everything(aws: SimulatedAWS, kind: Kind) -> None:
    with pytest.raises(WaitTimeout) as caught:
        client_of(aws).wait(endless(aws, kind), timeout=120)
    error = caught.value
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    for name in ("ref", "snapshot", "requests", "elapsed", "accepted"):
        assert getattr(again, name) == getattr(error, name)


def test_wait_timeout_says_so_if_the_task_was_never_described(
    aws: SimulatedAWS, kind: Kind
) -> None:
    aws.inject(Fault(kind=FaultKind.UNAVAILABLE, times=None))
    task = kind.start(aws)
    with pytest.raises(WaitTimeout, match="last: never described") as caught:
        client_of(aws).wait(task, timeout=60)
    assert caught.value.snapshot is None
    assert caught.value.requests == len(aws.requests) > 1
    assert isinstance(caught.value.__cause__, ServiceUnavailable)


# --- what is ridden out --------------------------------------------------------------------


def passing(kind: FaultKind, *, after: int, times: int | None) -> Fault:
    body = "[]" if kind is FaultKind.GARBAGE else None
    return Fault(kind=kind, after=after, times=times, body=body)


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: fault.value)
def test_what_may_pass_is_ridden_out(aws: SimulatedAWS, kind: Kind, fault: FaultKind) -> None:
    aws.inject(passing(fault, after=1, times=4))
    assert client_of(aws).wait(kind.start(aws)).phase is Phase.SUCCEEDED
    assert sum(fault in record.faults for record in aws.requests) == 4


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: fault.value)
def test_what_does_not_pass_until_the_deadline_is_its_cause(
    aws: SimulatedAWS, kind: Kind, fault: FaultKind
) -> None:
    aws.inject(passing(fault, after=1, times=None))
    with pytest.raises(WaitTimeout) as caught:
        client_of(aws).wait(kind.start(aws, kind.running), timeout=90)
    assert isinstance(caught.value.__cause__, PASSING[fault])
    assert caught.value.snapshot is not None
    assert caught.value.snapshot.status == kind.running


def test_a_failure_that_has_passed_is_no_cause_of_the_timeout(
    aws: SimulatedAWS, kind: Kind
) -> None:
    aws.inject(Fault(kind=FaultKind.THROTTLE, after=1, times=2))
    with pytest.raises(WaitTimeout) as caught:
        client_of(aws).wait(endless(aws, kind), timeout=90)
    assert caught.value.__cause__ is None


def test_statuses_that_nobody_knows_are_ridden_out(aws: SimulatedAWS, kind: Kind) -> None:
    aws.inject(Fault(kind=FaultKind.UNKNOWN_STATUS, value="DREAMING", times=5))
    seen: list[Phase] = []
    task = kind.start(aws)
    snapshot = client_of(aws).wait(task, on_progress=lambda snapshot: seen.append(snapshot.phase))
    assert snapshot.phase is Phase.SUCCEEDED
    assert seen[:5] == [Phase.UNKNOWN] * 5


def test_a_status_that_nobody_knows_is_never_taken_for_an_end(
    aws: SimulatedAWS, kind: Kind
) -> None:
    aws.inject(Fault(kind=FaultKind.UNKNOWN_STATUS, value="ASCENDED", times=None))
    with pytest.raises(WaitTimeout, match="last: ASCENDED") as caught:
        client_of(aws).wait(kind.start(aws, kind.succeeded), timeout=90)
    assert caught.value.snapshot is not None
    assert caught.value.snapshot.phase is Phase.UNKNOWN


def test_a_read_that_is_behind_is_waited_out(aws: SimulatedAWS, kind: Kind) -> None:
    task = kind.start(aws, kind.running)
    aws.advance(10)
    aws.simulator(kind.name).finish(task)
    aws.inject(Fault(kind=FaultKind.STALE_READ, seconds=5, times=2))
    assert client_of(aws).wait(task).status == kind.succeeded
    assert len(aws.requests) > 1


# --- what is not ---------------------------------------------------------------------------


@pytest.mark.parametrize("code", LASTING)
def test_what_will_not_pass_is_raised_at_once(aws: SimulatedAWS, kind: Kind, code: str) -> None:
    aws.inject(Fault(kind=FaultKind.ERROR, code=code, after=2, times=None))
    task = kind.start(aws)
    with pytest.raises(LASTING[code]) as caught:
        client_of(aws).wait(task)
    assert not is_retryable(caught.value)
    assert caught.value.ref == task_ref(task)
    assert len(aws.requests) == 3


def test_a_task_that_there_is_not_is_not_found(aws: SimulatedAWS, kind: Kind) -> None:
    task = kind.unknown(aws)
    with pytest.raises(NotFound) as caught:
        client_of(aws).wait(task)
    assert caught.value.ref == task_ref(task)
    assert 5 <= aws.clock.seconds < 30


def test_a_task_that_fsx_leaves_out_of_its_answer_is_not_found() -> None:
    aws = SimulatedAWS(SimulatorSettings(kind="fsx", unknown_ids="omit"))
    with pytest.raises(NotFound):
        client_of(aws).wait(FSX.unknown(aws))
    assert 5 <= aws.clock.seconds < 30


def test_a_task_that_was_just_started_is_waited_for_though_reads_do_not_find_it_yet(
    kind: Kind,
) -> None:
    aws = SimulatedAWS(
        SimulatorSettings(kind="fsx", lag=3), SimulatorSettings(kind="datasync", lag=3)
    )
    assert client_of(aws).wait(kind.start(aws)).phase is Phase.SUCCEEDED


def test_a_task_that_was_described_and_then_is_not_found_is_looked_for_as_long_as_reads_lag(
    aws: SimulatedAWS,
) -> None:
    missing = Fault(
        kind=FaultKind.ERROR,
        operation=FSX.describe,
        code="DataRepositoryTaskNotFound",
        after=2,
        times=4,
    )
    aws.inject(missing)
    assert client_of(aws).wait(FSX.start(aws)).phase is Phase.SUCCEEDED


@pytest.mark.parametrize(
    ("message", "meaning"), [("it was not found", NotFound), ("no", InvalidRequest)]
)
def test_a_bad_request_is_not_found_only_if_it_says_so(
    aws: SimulatedAWS, message: str, meaning: type[BotocancelError]
) -> None:
    aws.inject(Fault(kind=FaultKind.ERROR, code="BadRequest", message=message, times=None))
    with pytest.raises(meaning) as caught:
        client_of(aws).wait(FSX.start(aws))
    assert isinstance(caught.value, NotFound) is (meaning is NotFound)


@pytest.mark.parametrize("body", ["{}", "", "<html>busy</html>"])
def test_an_answer_without_any_list_does_not_say_that_the_task_is_gone(
    aws: SimulatedAWS, body: str
) -> None:
    """botocore reads a page that some proxy answers as an answer that holds nothing."""
    aws.inject(Fault(kind=FaultKind.GARBAGE, body=body, times=2))
    assert client_of(aws).wait(FSX.start(aws)).phase is Phase.SUCCEEDED


def test_the_callers_policy_says_what_may_pass(aws: SimulatedAWS, kind: Kind) -> None:
    never = RetryPolicy(retry_on=lambda _: False)
    aws.inject(Fault(kind=FaultKind.THROTTLE))
    with pytest.raises(Throttled):
        client_of(aws, retry=never).wait(kind.start(aws))

    patient = RetryPolicy(retry_on=lambda error: isinstance(error, AccessDenied))
    aws.inject(Fault(kind=FaultKind.ERROR, code="AccessDeniedException", times=3))
    assert client_of(aws, retry=patient).wait(kind.start(aws)).phase is Phase.SUCCEEDED


# --- requests ------------------------------------------------------------------------------


@pytest.fixture
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let botocore's own retries take no time, and tell how long they would have taken."""
    waits: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", waits.append)
    return waits


@pytest.mark.usefixtures("no_sleep")
def test_retries_within_a_call_are_counted_too(aws: SimulatedAWS, kind: Kind) -> None:
    """Two of the calls are answered at botocore's second and third attempt, one at none."""
    for after, times in ((1, 1), (3, 2), (8, 3)):
        aws.inject(Fault(kind=FaultKind.THROTTLE, after=after, times=times))
    with pytest.raises(WaitTimeout) as caught:
        client_of(aws, attempts=3).wait(endless(aws, kind), timeout=120)
    assert caught.value.requests == len(aws.requests)


def test_botocores_retries_are_not_multiplied(aws: SimulatedAWS, no_sleep: list[float]) -> None:
    """A look is one call: three attempts when throttled, and then a delay of the wait."""
    aws.inject(Fault(kind=FaultKind.THROTTLE, times=None))
    task = endless(aws, FSX)
    with pytest.raises(WaitTimeout):
        client_of(aws, attempts=3).wait(task, timeout=60)
    looks = {record.seconds for record in aws.requests}
    assert len(aws.requests) == 3 * len(looks)
    assert len(no_sleep) == 2 * len(looks)


# --- progress ------------------------------------------------------------------------------


def test_on_progress_is_called_with_each_snapshot_and_the_last(
    aws: SimulatedAWS, kind: Kind
) -> None:
    seen: list[TaskSnapshot[Shape]] = []
    snapshot = client_of(aws).wait(kind.start(aws), on_progress=seen.append)
    assert seen[-1] is snapshot
    assert len(seen) == len(aws.requests)
    done = [each.progress.done or 0 for each in seen]
    assert done == sorted(done)
    assert {Phase.RUNNING, Phase.SUCCEEDED} <= {each.phase for each in seen}


def test_on_progress_is_not_called_for_a_look_that_failed(aws: SimulatedAWS, kind: Kind) -> None:
    aws.inject(Fault(kind=FaultKind.UNAVAILABLE, times=3))
    aws.inject(Fault(kind=FaultKind.THROTTLE, after=5, times=2))
    seen: list[TaskSnapshot[Shape]] = []
    client_of(aws).wait(kind.start(aws), on_progress=seen.append)
    assert len(seen) == len(aws.requests) - 5


def test_what_on_progress_raises_ends_the_wait(aws: SimulatedAWS, kind: Kind) -> None:
    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        client_of(aws).wait(kind.start(aws), on_progress=stop)
    assert len(aws.requests) == 1


def test_without_on_progress_a_wait_goes_the_same_way(kind: Kind) -> None:
    def ways(listener: Callable[[object], None] | None) -> list[float]:
        random.seed(1)
        aws = SimulatedAWS()
        client_of(aws).wait(kind.start(aws), on_progress=listener)
        return [record.seconds for record in aws.requests]

    assert ways(None) == ways(lambda _: None)


def test_a_signal_that_comes_just_before_a_pause_ends_it() -> None:
    """It is handled though nothing wakes the thread: ``interrupt_main`` only raises a flag."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    later = threading.Timer(0.1, _thread.interrupt_main)
    later.start()
    started = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            SystemClock().sleep(60, threading.Event())
    finally:
        later.join()
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - started < 30
