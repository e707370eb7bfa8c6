"""A batch goes no faster than the service takes it, and as fast as it does."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest

from botocancel import AsyncTaskClient, Backoff, Phase, RetryPolicy, Throttled, WaitTimeout
from botocancel.effects import Call, Instant, call
from botocancel.flows.pace import Pace, paced
from botocancel.services.datasync import ListTaskExecutionsRequest
from botocancel.testing import Fault, FaultKind, SimulatedAWS, SimulatorSettings
from tests.simulated import DATASYNC, FSX, Kind, asked, client_of, clients_of

if TYPE_CHECKING:
    from botocancel import TaskClient
    from botocancel.effects import Flow, Together
    from botocancel.testing.wire import HttpRequest

LIMIT = 10.0
"""Cancels a second that the service takes."""


class Limit:
    """A limit at the service: a bucket of tokens, as AWS has it. It lets no request wait."""

    def __init__(
        self, aws: SimulatedAWS, rate: float = LIMIT, burst: float = LIMIT, only: str | None = None
    ) -> None:
        self._aws = aws
        self._only = only
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._seen_at = 0.0
        self._lock = threading.Lock()
        self.refused = 0
        self.lifted_at = float("inf")

    def watch(self, request: HttpRequest) -> None:
        if self._only is not None and self._only not in request.headers.get("x-amz-target", ""):
            return
        with self._lock:
            now = self._aws.clock.seconds
            gained = self._rate * (now - self._seen_at)
            self._tokens, self._seen_at = min(self._burst, self._tokens + gained), now
            if self._tokens >= 1 or now >= self.lifted_at:
                self._tokens -= 1
                return
            self.refused += 1
        (task,) = json.loads(request.body).values()
        self._aws.inject(Fault(kind=FaultKind.THROTTLE, task=task))


def test_a_batch_that_is_abandoned_while_a_request_is_under_way_is_over() -> None:
    """As where its process ends: nothing is noted any more of how the request fared."""

    def one() -> Flow[None]:
        yield from call(ListTaskExecutionsRequest())

    started = Instant(0.0, datetime.now(UTC))
    batch = paced([one], 1.0)
    next(batch)
    (send,) = cast("Together", batch.send(started)).flows
    effect = next(send)
    while not isinstance(effect, Call):
        effect = send.send(started)
    send.close()


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let botocore's own retries take no time."""
    waits: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", waits.append)


def one_worker(aws: SimulatedAWS, **options: Any) -> TaskClient:  # noqa: ANN401  (passed on)
    """Return a client whose cancels are sent one by one: what it does is the same each time."""
    return client_of(aws, workers=1, **options)


def started(aws: SimulatedAWS, kind: Kind, number: int) -> list[str]:
    return [kind.start(aws, kind.running) for _ in range(number)]


@pytest.mark.parametrize(
    ("kind", "burst"),
    [(FSX, 5.0), (FSX, 10.0), (FSX, 50.0), (DATASYNC, 10.0)],
    ids=lambda value: value if isinstance(value, float) else value.name,
)
def test_a_thousand_cancels_keep_to_a_limit_and_waste_little(
    aws: SimulatedAWS, kind: Kind, burst: float
) -> None:
    limit = Limit(aws, burst=burst)
    tasks = started(aws, kind, 1000)
    summary = one_worker(aws, watch=limit.watch).cancel_many(tasks, retry=RetryPolicy()).finish()
    assert len(summary.done) == 1000
    assert limit.refused < 0.05 * 1000
    assert limit.refused == len(aws.requests) - 1000
    assert 0.8 * LIMIT <= (1000 - burst) / aws.clock.seconds <= LIMIT


def test_what_is_waited_for_is_cancelled_at_that_pace_too(aws: SimulatedAWS, kind: Kind) -> None:
    limit = Limit(aws, only=kind.cancel)
    tasks = started(aws, kind, 500)
    summary = one_worker(aws, watch=limit.watch).cancel_and_wait_many(tasks).finish()
    assert all(result.unwrap().canceled for result in summary.done)
    assert len(summary.done) == 500
    assert asked(aws)[kind.cancel] == 500 + limit.refused
    assert limit.refused < 0.05 * 500


def test_a_deadline_ends_the_pace_but_each_cancel_is_sent(aws: SimulatedAWS, kind: Kind) -> None:
    limit = Limit(aws, only=kind.cancel)
    tasks = started(aws, kind, 500)
    summary = one_worker(aws, watch=limit.watch).cancel_and_wait_many(tasks, timeout=20).finish()
    assert len(summary.done) + len(summary.failed) == 500
    assert all(isinstance(result.error, WaitTimeout) for result in summary.failed)
    assert asked(aws)[kind.cancel] >= 500
    assert aws.clock.seconds <= 20


def test_the_asynchronous_client_keeps_to_it_too(aws: SimulatedAWS) -> None:
    limit = Limit(aws)
    tasks = started(aws, FSX, 400)
    clients = clients_of(aws, watch=limit.watch)

    async def cancel_all() -> int:
        async with AsyncTaskClient(clients=clients, clock=aws.clock, workers=1) as client:
            return len((await client.cancel_many(tasks, retry=RetryPolicy()).finish()).done)

    assert asyncio.run(cancel_all()) == 400
    assert limit.refused < 0.1 * 400
    assert 0.8 * LIMIT <= (400 - LIMIT) / aws.clock.seconds <= LIMIT


def test_a_batch_goes_as_fast_as_before_when_the_limit_goes(aws: SimulatedAWS) -> None:
    limit = Limit(aws)
    limit.lifted_at = 20.0
    tasks = started(aws, FSX, 2000)
    assert (
        len(
            one_worker(aws, watch=limit.watch).cancel_many(tasks, retry=RetryPolicy()).finish().done
        )
        == 2000
    )
    by_second = Counter(int(record.seconds) for record in aws.requests)
    assert max(by_second[second] for second in range(5, 20)) <= 1.5 * LIMIT
    assert aws.clock.seconds < 20 + 30
    assert max(by_second.values()) > 10 * LIMIT


def test_without_a_limit_nothing_is_waited_for(aws: SimulatedAWS, kind: Kind) -> None:
    one_worker(aws).cancel_many(started(aws, kind, 200)).finish().raise_failures()
    assert aws.clock.seconds == 0
    assert len(aws.requests) == 200


def test_one_refusal_costs_a_batch_little(aws: SimulatedAWS) -> None:
    aws.inject(Fault(kind=FaultKind.THROTTLE, after=300))
    summary = one_worker(aws).cancel_many(started(aws, FSX, 1000), retry=RetryPolicy()).finish()
    assert len(summary.done) == 1000
    assert len(aws.requests) == 1001
    assert aws.clock.seconds < 10


def test_what_botocore_had_to_send_again_slows_a_batch_down(aws: SimulatedAWS) -> None:
    """botocore's own second attempt hides the refusal of the first."""
    aws.inject(Fault(kind=FaultKind.THROTTLE, after=10, times=1))
    summary = one_worker(aws, attempts=3).cancel_many(started(aws, FSX, 40)).finish()
    assert len(summary.done) == 40
    assert len(aws.requests) == 41
    assert aws.clock.seconds > 1


def test_a_request_that_hangs_holds_up_no_other_where_the_service_throttles(
    aws: SimulatedAWS, kind: Kind
) -> None:
    tasks, others_are_done = started(aws, kind, 100), threading.Event()

    def hang(request: HttpRequest) -> None:
        if tasks[20].encode() in request.body:
            assert others_are_done.wait(20)

    aws.inject(Fault(kind=FaultKind.THROTTLE, after=10))
    batch = client_of(aws, watch=hang, workers=4).cancel_many(tasks, retry=RetryPolicy())
    assert len([next(batch) for _ in range(99)]) == 99
    others_are_done.set()
    assert next(batch).task == tasks[20]


def test_a_batch_of_which_none_is_taken_ends(aws: SimulatedAWS, kind: Kind) -> None:
    """Patience has an end, and each cancel is sent before that."""
    aws.inject(Fault(kind=FaultKind.THROTTLE, operation=kind.cancel, times=None))
    tasks = started(aws, kind, 300)
    summary = one_worker(aws).cancel_many(tasks).finish()
    assert {result.task for result in summary.failed} == set(tasks)
    assert all(isinstance(result.error, Throttled) for result in summary.failed)
    assert 60 <= aws.clock.seconds < 65
    assert len(aws.requests) == 300


def test_no_cancel_waits_for_a_turn_until_after_its_policy_is_over(
    aws: SimulatedAWS, kind: Kind
) -> None:
    """A further attempt is sent at the last moment instead, however late its turn would be."""
    sent = defaultdict[str, list[float]](list)
    limit = Limit(aws, rate=0.2, burst=1.0)

    def watch(request: HttpRequest) -> None:
        (task,) = json.loads(request.body).values()
        sent[task].append(aws.clock.seconds)
        limit.watch(request)

    policy = RetryPolicy(timeout=5.0, backoff=Backoff(first=0.1, growth=1.0))
    tasks = started(aws, kind, 10)
    summary = one_worker(aws, watch=watch).cancel_many(tasks, retry=policy).finish()
    assert len(summary.done) + len(summary.failed) == 10
    assert any(len(times) > 1 for times in sent.values())
    assert all(times[-1] - times[0] <= 5.0 + 1e-6 for times in sent.values())


def test_without_a_policy_a_refusal_is_a_result_but_the_others_slow_down(
    aws: SimulatedAWS, kind: Kind
) -> None:
    limit = Limit(aws)
    tasks = started(aws, kind, 300)
    summary = one_worker(aws, watch=limit.watch).cancel_many(tasks).finish()
    assert len(summary.done) + len(summary.failed) == len(aws.requests) == 300
    assert len(summary.failed) == limit.refused < 0.1 * 300
    assert all(isinstance(result.error, Throttled) for result in summary.failed)


def test_a_policy_still_rides_out_what_is_no_throttling(aws: SimulatedAWS, kind: Kind) -> None:
    aws.inject(Fault(kind=FaultKind.UNAVAILABLE, operation=kind.cancel, times=2))
    aws.inject(Fault(kind=FaultKind.THROTTLE, operation=kind.cancel, after=4, times=1))
    tasks = started(aws, kind, 10)
    summary = one_worker(aws).cancel_many(tasks, retry=RetryPolicy()).finish()
    assert len(summary.done) == 10
    assert asked(aws)[kind.cancel] == 13


def test_a_cancel_that_was_lost_before_it_was_throttled_is_a_success(kind: Kind) -> None:
    """botocore loses the first answer, its second attempt is throttled, and so is asked again."""
    aws = SimulatedAWS(
        SimulatorSettings(kind="fsx", again="as ended"),
        SimulatorSettings(kind="datasync", again="as ended"),
    )
    aws.inject(Fault(kind=FaultKind.LOST_ANSWER, operation=kind.cancel))
    aws.inject(Fault(kind=FaultKind.THROTTLE, operation=kind.cancel, after=1, times=2))
    task = kind.start(aws, kind.running)
    (result,) = one_worker(aws, attempts=3).cancel_many([task], retry=RetryPolicy())
    cancellation = result.unwrap()
    assert not cancellation.accepted
    assert cancellation.phase in {Phase.CANCELING, Phase.CANCELED}
    assert cancellation.attempts == asked(aws)[kind.cancel] == 4


def test_the_rate_is_cut_comes_back_and_then_grows_ever_faster() -> None:
    pace = Pace()
    assert pace.rate(0.0) == float("inf")
    pace.refused(100.0, most=50.0)
    assert pace.rate(100.0) == pytest.approx(50 * Pace.CUT)
    assert pace.rate(100.0 + Pace.RETURN) == pytest.approx(50)
    rates = [pace.rate(100.0 + seconds) for seconds in range(60)]
    assert rates == sorted(rates)
    assert rates[10] == pytest.approx(50 * (2 - Pace.CUT))
    assert rates[40] > 1000
    for _ in range(100):
        pace.refused(200.0, most=50.0)
    assert pace.rate(200.0) == pytest.approx(Pace.SLOWEST)
