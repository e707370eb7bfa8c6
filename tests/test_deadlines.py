"""A call that has a deadline is waited for until then, whatever becomes of the request."""

from __future__ import annotations

import asyncio
import pickle
import threading
import time
from contextlib import closing
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from botocancel import (
    AsyncTaskClient,
    RetryPolicy,
    TaskClient,
    Throttled,
    TransportError,
    WaitTimeout,
    flows,
    task_ref,
)
from botocancel._aws import Aws
from botocancel._drive import Driver
from botocancel._drive_async import AsyncDriver
from botocancel._threads import Threads
from botocancel.effects import Call, Together, by, call, together
from botocancel.services.fsx import DescribeDataRepositoryTasksRequest
from botocancel.testing import Fault, FaultKind, SimulatedAWS
from tests.loopback import serving
from tests.loopback_session import LoopbackSession
from tests.simulated import FSX, UNKNOWN_TASK, clients_of
from tests.tarpit import Tarpit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocancel.effects import Flow
    from botocancel.testing.wire import HttpRequest

ResultT = TypeVar("ResultT")

SOON = 20.0
"""Seconds after which a test that hangs gives up; none takes so long."""
SHORT = 0.5
"""How long the calls of these tests may take, in seconds."""

OTHER_TASK = "task-0123456789abcdef1"
REQUEST = DescribeDataRepositoryTasksRequest(task_ids=(UNKNOWN_TASK,))


@pytest.fixture(params=[True, False], ids=["drips", "hangs"])
def tarpit(request: pytest.FixtureRequest) -> Iterator[Tarpit]:
    with closing(Tarpit(drips=request.param)) as tarpit:
        yield tarpit


@pytest.fixture(autouse=True)
def our_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[threading.Thread]]]:
    """Tell which threads the library has started in the test, and see that they end."""
    monkeypatch.setattr("botocancel._threads._PATIENCE", 0.2)
    before = set(threading.enumerate())

    def ours() -> list[threading.Thread]:
        fresh = set(threading.enumerate()) - before
        return [thread for thread in fresh if thread.name.startswith("botocancel")]

    yield ours
    for thread in ours():
        thread.join(SOON)
    assert ours() == []


def plainly(aws: Aws, flow: Flow[ResultT], workers: int = 16) -> ResultT:
    return Driver(aws, None, workers).run(flow)


def awaited(aws: Aws, flow: Flow[ResultT], workers: int = 16) -> ResultT:
    async def main() -> ResultT:
        driver = AsyncDriver(aws, None, workers)
        try:
            return await driver.run(flow)
        finally:
            driver.close()

    return asyncio.run(main())


@pytest.fixture(params=[plainly, awaited])
def drive(request: pytest.FixtureRequest) -> Callable[..., Any]:
    found: Callable[..., Any] = request.param
    return found


def aws_at(url: str) -> Aws:
    aws = Aws(LoopbackSession(url, attempts=1))
    aws.client_for(REQUEST.service)  # which takes longer than a call
    return aws


def in_a_moment() -> float:
    return time.monotonic() + SHORT


# --- calls -------------------------------------------------------------------------------------


def test_a_call_is_left_behind_at_its_deadline(tarpit: Tarpit, drive: Callable[..., Any]) -> None:
    began = time.monotonic()
    with pytest.raises(
        TransportError, match=r"no answer by the deadline.*may have taken effect"
    ) as e:
        drive(aws_at(tarpit.url), by(in_a_moment(), call(REQUEST)))
    assert SHORT <= time.monotonic() - began < SHORT + 5
    tarpit.await_connections(1)
    assert e.value.may_have_applied
    assert e.value.retryable


def test_after_its_deadline_a_call_is_not_sent(tarpit: Tarpit, drive: Callable[..., Any]) -> None:
    with pytest.raises(TransportError, match="deadline passed before") as e:
        drive(aws_at(tarpit.url), by(time.monotonic() - 1, call(REQUEST)))
    assert tarpit.connections == 0
    assert not e.value.may_have_applied
    assert not pickle.loads(pickle.dumps(e.value)).may_have_applied


def test_a_call_in_time_is_answered_as_ever(drive: Callable[..., Any]) -> None:
    aws = SimulatedAWS()
    task = FSX.start(aws)
    with serving(aws) as server:
        flow = by(time.monotonic() + SOON, flows.describe(task_ref(task)))
        assert str(drive(aws_at(server.url), flow).ref) == task


def test_a_call_that_waits_for_a_thread_until_its_deadline_is_not_sent(tarpit: Tarpit) -> None:
    """One thread, which the first call keeps until it is left behind."""
    errors: list[TransportError] = []

    def one(seconds: float) -> Flow[None]:
        try:
            yield Call(REQUEST, deadline=time.monotonic() + seconds)
        except TransportError as error:
            errors.append(error)

    flow = together([one(2 * SHORT), one(SHORT)], at_once=True)
    awaited(aws_at(tarpit.url), flow, workers=1)
    assert [error.may_have_applied for error in errors] == [False, True]
    tarpit.await_connections(1)


def test_a_call_that_was_left_behind_keeps_no_thread_from_others(tarpit: Tarpit) -> None:
    def flow() -> Flow[list[bool]]:
        sent: list[bool] = []
        for _ in range(3):
            try:
                yield Call(REQUEST, deadline=in_a_moment())
            except TransportError as error:
                sent.append(error.may_have_applied)
        return sent

    assert awaited(aws_at(tarpit.url), flow(), workers=1) == [True] * 3
    tarpit.await_connections(3)


@pytest.mark.parametrize("drive", [Driver.run, AsyncDriver.run], ids=["plain", "async"])
def test_in_simulated_time_a_call_takes_as_long_as_it_takes(drive: object) -> None:
    aws = SimulatedAWS()
    flow = by(aws.clock.seconds, flows.describe(task_ref(FSX.start(aws))))
    clients = clients_of(aws, watch=lambda _: time.sleep(0.1))
    if drive is Driver.run:
        snapshot = Driver(Aws(clients=clients), aws.clock, 16).run(flow)
    else:
        snapshot = asyncio.run(AsyncDriver(Aws(clients=clients), aws.clock, 16).run(flow))
    assert snapshot.status == "PENDING"


def test_a_call_without_a_deadline_is_made_on_the_thread_of_its_caller() -> None:
    aws = SimulatedAWS()
    seen: list[threading.Thread] = []

    def watch(_: HttpRequest) -> None:
        seen.append(threading.current_thread())

    plainly(Aws(clients=clients_of(aws, watch=watch)), flows.describe(task_ref(FSX.start(aws))))
    assert seen == [threading.current_thread()]


# --- waits -------------------------------------------------------------------------------------

WAITS = ["wait", "cancel_and_wait", "wait_many", "cancel_and_wait_many"]


@pytest.mark.parametrize("method", WAITS)
def test_a_wait_returns_by_its_deadline(tarpit: Tarpit, method: str) -> None:
    """With a second more for its last look."""
    client = TaskClient(LoopbackSession(tarpit.url))
    call: Callable[..., Any] = getattr(client, method)
    began = time.monotonic()
    if method.endswith("_many"):
        (result,) = call([UNKNOWN_TASK], timeout=SHORT)
        assert isinstance(result.error, WaitTimeout)
    else:
        with pytest.raises(WaitTimeout):
            call(UNKNOWN_TASK, timeout=SHORT)
    assert time.monotonic() - began < SHORT + 6


@pytest.mark.parametrize("method", WAITS)
def test_an_awaited_wait_returns_by_its_deadline(tarpit: Tarpit, method: str) -> None:
    async def main() -> float:
        async with AsyncTaskClient(LoopbackSession(tarpit.url)) as client:
            call: Callable[..., Any] = getattr(client, method)
            began = time.monotonic()
            if method.endswith("_many"):
                (result,) = [each async for each in call([UNKNOWN_TASK], timeout=SHORT)]
                assert isinstance(result.error, WaitTimeout)
            else:
                with pytest.raises(WaitTimeout):
                    await call(UNKNOWN_TASK, timeout=SHORT)
            return time.monotonic() - began

    assert asyncio.run(main()) < SHORT + 6


def test_a_batch_of_cancels_leaves_what_hangs_behind_at_its_deadline(tarpit: Tarpit) -> None:
    """What was under way may have taken effect, what had not begun has not."""
    client = TaskClient(LoopbackSession(tarpit.url), workers=1)
    began = time.monotonic()
    results = list(client.cancel_many([UNKNOWN_TASK, OTHER_TASK], timeout=SHORT))
    assert time.monotonic() - began < SHORT + 6
    errors = [result.error for result in results]
    assert [type(error) for error in errors] == [TransportError] * 2
    assert [getattr(error, "may_have_applied", None) for error in errors] == [True, False]
    tarpit.await_connections(1)


def test_an_awaited_batch_of_cancels_leaves_what_hangs_behind(tarpit: Tarpit) -> None:
    async def main() -> float:
        async with AsyncTaskClient(LoopbackSession(tarpit.url)) as client:
            began = time.monotonic()
            batch = client.cancel_many([UNKNOWN_TASK, OTHER_TASK], timeout=SHORT)
            errors = [result.error async for result in batch]
            assert [type(error) for error in errors] == [TransportError] * 2
            return time.monotonic() - began

    assert asyncio.run(main()) < SHORT + 6


def test_what_is_asked_for_again_ends_at_the_deadline_of_the_batch() -> None:
    aws = SimulatedAWS()
    task = FSX.start(aws)
    aws.inject(Fault(kind=FaultKind.THROTTLE, times=None))
    client = TaskClient(clients=clients_of(aws), clock=aws.clock)
    began = aws.clock.seconds
    (result,) = client.cancel_many([task], timeout=5, retry=RetryPolicy(timeout=600))
    assert isinstance(result.error, Throttled)
    assert aws.clock.seconds - began <= 5


# --- by ----------------------------------------------------------------------------------------


def test_the_earlier_deadline_holds() -> None:
    flow = by(5.0, by(3.0, by(4.0, call(REQUEST))))
    assert next(flow) == Call(REQUEST, deadline=3.0)


def test_a_deadline_is_one_of_the_flows_side_by_side_too() -> None:
    effect = next(by(5.0, together([together([call(REQUEST)])], at_once=True)))
    assert isinstance(effect, Together)
    assert effect.at_once
    inner = next(effect.flows[0])
    assert isinstance(inner, Together)
    assert next(inner.flows[0]) == Call(REQUEST, deadline=5.0)


def test_what_is_thrown_reaches_the_flow() -> None:
    seen: list[BaseException] = []

    def flow() -> Flow[str]:
        try:
            yield Call(REQUEST)
        except KeyboardInterrupt as error:
            seen.append(error)
        return "done"

    running, interrupt = by(5.0, flow()), KeyboardInterrupt()
    next(running)
    with pytest.raises(StopIteration) as end:
        running.throw(interrupt)
    assert seen == [interrupt]
    assert end.value.value == "done"


# --- threads -----------------------------------------------------------------------------------


def wait_for(event: threading.Event) -> bool:
    return event.wait(SOON)


def test_no_more_calls_run_at_a_time_than_there_may_be() -> None:
    threads, gate, running = Threads(most=3), threading.Barrier(3), []

    def meet() -> None:
        running.append(1)
        assert len(running) <= 3
        gate.wait(SOON)
        running.pop()

    for each in [threads.submit(meet) for _ in range(12)]:
        each.result(SOON)
    threads.close()


def test_a_thread_serves_one_call_after_another(
    our_threads: Callable[[], list[threading.Thread]],
) -> None:
    threads = Threads(most=inf)
    idents = {threads.submit(threading.get_ident).result(SOON) for _ in range(20)}
    assert len(our_threads()) == len(idents) < 20
    threads.close()


def test_threads_end_when_there_is_nothing_to_do(
    our_threads: Callable[[], list[threading.Thread]],
) -> None:
    threads = Threads(most=inf)
    threads.submit(threading.get_ident).result(SOON)
    (thread,) = our_threads()
    thread.join(SOON)
    assert not thread.is_alive()
    assert threads.submit(lambda: 17).result(SOON) == 17
    threads.close()


def test_closing_makes_the_calls_that_were_submitted() -> None:
    threads, gate = Threads(most=1), threading.Event()
    results = [threads.submit(partial(wait_for, gate)) for _ in range(3)]
    threads.close()
    gate.set()
    assert all(result.result(SOON) for result in results)


def test_however_many_calls_are_left_behind_the_number_of_threads_is_bounded(
    our_threads: Callable[[], list[threading.Thread]],
) -> None:
    threads, gate, begun = Threads(most=inf), threading.Event(), threading.Semaphore(0)

    def hang() -> None:
        begun.release()
        gate.wait(SOON)

    for _ in range(64):
        hanging = threads.submit(hang)
        assert begun.acquire(timeout=SOON)
        assert threads.leave(hanging)
    assert [threads.leave(threads.submit(hang)) for _ in range(36)] == [False] * 36
    assert len(our_threads()) == 64
    gate.set()
    assert threads.submit(lambda: 17).result(SOON) == 17
    threads.close()


def test_where_no_thread_can_be_started_the_call_is_made_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: threading.Thread) -> None:
        msg = "can't create new thread at interpreter shutdown"
        raise RuntimeError(msg)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    threads = Threads(most=2)
    assert [threads.submit(threading.get_ident).result(0) for _ in range(5)] == (
        [threading.get_ident()] * 5
    )


def test_what_a_call_raises_is_raised_where_it_is_waited_for() -> None:
    with pytest.raises(ZeroDivisionError):
        Threads(most=1).submit(lambda: 1 // 0).result(SOON)
