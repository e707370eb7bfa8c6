"""A guard in a coroutine cancels its tasks, however often the coroutine itself is cancelled."""

from __future__ import annotations

import asyncio
import gc
import signal
import threading
import time
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from botocancel import AsyncTaskClient
from botocancel.testing import Fault, FaultKind, SimulatedAWS
from tests.simulated import FSX, asked, clients_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from contextvars import Context
    from types import FrameType

    from botocancel.testing.wire import HttpRequest

    Watch = Callable[[HttpRequest], object]
    Work = Callable[[], Coroutine[Any, Any, None]]


class Usual(BaseException):
    """The usual effect of SIGTERM, for these tests."""


def usually(_: int, __: FrameType | None) -> None:
    raise Usual


@pytest.fixture(autouse=True)
def sigterm_has_its_usual_effect(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # What stands for the effect that the system gives a signal is watched for by default.
    monkeypatch.setattr("botocancel._signals._usual", lambda: [signal.SIGTERM])
    before = signal.signal(signal.SIGTERM, usually)
    yield
    assert signal.signal(signal.SIGTERM, before) is usually


@pytest.fixture
def task(aws: SimulatedAWS) -> str:
    return FSX.start(aws, FSX.running)


def client_of(aws: SimulatedAWS, watch: Watch | None = None) -> AsyncTaskClient:
    return AsyncTaskClient(clients=clients_of(aws, watch=watch), clock=aws.clock)


async def guarded(client: AsyncTaskClient, task: str, inside: asyncio.Event) -> None:
    async with client.guard(task):
        inside.set()
        await asyncio.Event().wait()


async def once_it_guards(client: AsyncTaskClient, task: str) -> asyncio.Task[None]:
    """Return a task of asyncio that is in the block."""
    inside = asyncio.Event()
    running = asyncio.create_task(guarded(client, task, inside))
    await inside.wait()
    return running


# --- cancelled by anyio, at each turn of the loop -------------------------------------------------


async def move_on(work: Work) -> None:
    with anyio.move_on_after(0.01):
        await work()


async def cancel_the_group(work: Work) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(work)
        await anyio.sleep(0.01)
        group.cancel_scope.cancel()


async def fail_beside_it(work: Work) -> None:
    with suppress(ExceptionGroup):
        async with anyio.create_task_group() as group:
            group.start_soon(work)
            await anyio.sleep(0.01)
            raise ZeroDivisionError


@pytest.mark.parametrize("cancels", [move_on, cancel_the_group, fail_beside_it])
def test_a_scope_of_anyio_that_is_cancelled_takes_the_task_along(
    aws: SimulatedAWS,
    task: str,
    cancels: Callable[[Work], Coroutine[Any, Any, None]],
) -> None:
    async def work() -> None:
        async with client_of(aws) as client, client.guard(task):
            await anyio.sleep_forever()

    anyio.run(cancels, work)
    assert FSX.status(aws, task) == FSX.canceling
    assert asked(aws) == {FSX.cancel: 1}


class CountingLoop(asyncio.SelectorEventLoop):
    """Counts what it has had to do."""

    turns = 0

    def call_soon(  # type: ignore[override]  # asyncio's own has a type for each argument
        self,
        callback: Callable[..., object],
        *args: Any,  # noqa: ANN401  (as asyncio has it)
        context: Context | None = None,
    ) -> asyncio.Handle:
        self.turns += 1
        return super().call_soon(callback, *args, context=context)


def test_waiting_for_the_cancel_in_a_cancelled_scope_costs_nothing(
    aws: SimulatedAWS, task: str
) -> None:
    """Awaited with `asyncio.shield`, it would be a loop of thousands of turns."""

    def take_long(_: HttpRequest) -> None:
        time.sleep(0.3)

    async def work() -> None:
        with anyio.move_on_after(0.01):
            async with client_of(aws, take_long) as client, client.guard(task):
                await anyio.sleep_forever()

    with asyncio.Runner(loop_factory=CountingLoop) as runner:
        runner.run(work())
        loop = runner.get_loop()
    assert isinstance(loop, CountingLoop)
    assert loop.turns < 200
    assert FSX.status(aws, task) == FSX.canceling


# --- cancelled by asyncio, again ----------------------------------------------------------------


def test_a_coroutine_that_is_cancelled_again_and_again_takes_its_task_along(
    aws: SimulatedAWS, task: str
) -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()

        def cancel_again(_: HttpRequest) -> None:
            for _again in range(3):
                loop.call_soon_threadsafe(running.cancel)
                time.sleep(0.01)

        async with client_of(aws, cancel_again) as client:
            running = await once_it_guards(client, task)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running

    asyncio.run(work())
    assert FSX.status(aws, task) == FSX.canceling
    assert asked(aws) == {FSX.cancel: 1}


def test_a_coroutine_that_is_cancelled_after_it_failed_is_cancelled_when_its_task_is(
    aws: SimulatedAWS, task: str
) -> None:
    death = ZeroDivisionError()

    async def work() -> None:
        loop = asyncio.get_running_loop()

        async def fail() -> None:
            async with client.guard(task):
                raise death

        async with client_of(aws, lambda _: loop.call_soon_threadsafe(running.cancel)) as client:
            running = asyncio.create_task(fail())
            with pytest.raises(asyncio.CancelledError) as caught:
                await running
        assert caught.value.__context__ is death

    asyncio.run(work())
    assert FSX.status(aws, task) == FSX.canceling


def test_a_timeout_that_passes_while_the_task_is_cancelled_is_a_timeout(
    aws: SimulatedAWS, task: str
) -> None:
    async def work() -> None:
        client = client_of(aws, lambda _: time.sleep(0.1))
        async with client, asyncio.timeout(0.05), client.guard(task):
            raise ZeroDivisionError

    with pytest.raises(TimeoutError):
        asyncio.run(work())
    assert FSX.status(aws, task) == FSX.canceling


def test_a_program_that_cancels_all_tasks_of_asyncio_cancels_those_of_aws(
    aws: SimulatedAWS, task: str, caplog: pytest.LogCaptureFixture
) -> None:
    """As many do on their way out: what cancels the tasks of AWS is then cancelled too."""

    async def work() -> None:
        loop = asyncio.get_running_loop()

        def cancel_all() -> None:
            for each in asyncio.all_tasks():
                if each is not main:
                    each.cancel()

        def while_cancelling(_: HttpRequest) -> None:
            if next(requests) == 0:
                loop.call_soon_threadsafe(cancel_all)
                time.sleep(0.05)

        main, requests = asyncio.current_task(), count()
        async with client_of(aws, while_cancelling) as client:
            running = await once_it_guards(client, task)
            cancel_all()
            with pytest.raises(asyncio.CancelledError):
                await running

    caplog.set_level("INFO", "botocancel")
    asyncio.run(work())
    assert FSX.status(aws, task) == FSX.canceling
    assert f"{task}: cancel accepted" in caplog.text


def test_a_program_that_ends_takes_along_what_its_coroutines_guard(
    aws: SimulatedAWS, task: str
) -> None:
    client = client_of(aws)
    running: list[asyncio.Task[None]] = []

    async def work() -> None:
        running.append(await once_it_guards(client, task))

    asyncio.run(work())
    client.close()
    assert FSX.status(aws, task) == FSX.canceling


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_coroutine_that_is_thrown_away_with_its_loop_takes_its_task_along(
    aws: SimulatedAWS, task: str
) -> None:
    client = client_of(aws)
    loop = asyncio.new_event_loop()
    running: asyncio.Task[None] | None = loop.run_until_complete(once_it_guards(client, task))
    loop.close()
    assert asked(aws) == {}
    assert running is not None
    running = None
    for _ in range(100):
        gc.collect()  # does nothing while another thread collects
        if asked(aws):
            break
        time.sleep(0.01)
    client.close()
    assert FSX.status(aws, task) == FSX.canceling


# --- signals ----------------------------------------------------------------------------------


def test_the_first_signal_while_a_coroutine_cancels_tasks_waits_until_it_has(
    aws: SimulatedAWS, task: str
) -> None:
    async def work() -> None:
        loop = asyncio.get_running_loop()

        def signal_comes(_: HttpRequest) -> None:
            loop.call_soon_threadsafe(signal.raise_signal, signal.SIGTERM)
            time.sleep(0.05)

        async with client_of(aws, signal_comes) as client, client.guard(task):
            raise ZeroDivisionError

    with pytest.raises(Usual):
        asyncio.run(work())
    assert FSX.status(aws, task) == FSX.canceling


def test_ctrl_c_twice_at_once_counts_as_one_in_a_coroutine(aws: SimulatedAWS, task: str) -> None:
    """Of `asyncio.run`, the second would be raised wherever the program is."""

    async def work() -> None:
        loop = asyncio.get_running_loop()

        def once_more(_: HttpRequest) -> None:
            loop.call_soon_threadsafe(signal.raise_signal, signal.SIGINT)
            time.sleep(0.05)

        async with client_of(aws, once_more) as client, client.guard(task):
            signal.raise_signal(signal.SIGINT)
            await asyncio.Event().wait()

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(work())
    assert FSX.status(aws, task) == FSX.canceling
    assert asked(aws) == {FSX.cancel: 1}
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_is_pythons_own_again_even_if_tasks_are_cancelled_at_the_end_of_asyncio_run(
    aws: SimulatedAWS, task: str
) -> None:
    dying: list[asyncio.Task[None]] = []

    async def work() -> None:
        loop, cancelling = asyncio.get_running_loop(), asyncio.Event()

        def take_long(_: HttpRequest) -> None:
            loop.call_soon_threadsafe(cancelling.set)
            time.sleep(0.05)

        async def die() -> None:
            async with client_of(aws, take_long) as client, client.guard(task):
                raise ZeroDivisionError

        dying.append(asyncio.create_task(die()))
        await cancelling.wait()

    asyncio.run(work())
    assert dying[0].cancelled()
    assert FSX.status(aws, task) == FSX.canceling
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_signal_some_time_later_ends_the_cancelling_of_a_coroutine(
    aws: SimulatedAWS, task: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    times = count(0, 2.5)
    monkeypatch.setattr("botocancel._signals.monotonic", lambda: next(times))
    aws.inject(Fault(kind=FaultKind.UNAVAILABLE, times=None))

    async def work() -> None:
        loop = asyncio.get_running_loop()

        def signal_comes(_: HttpRequest) -> None:
            loop.call_soon_threadsafe(signal.raise_signal, signal.SIGTERM)
            time.sleep(0.05)

        async with client_of(aws, signal_comes) as client, client.guard(task):
            raise ZeroDivisionError

    with pytest.raises(Usual):
        asyncio.run(work())
    assert FSX.status(aws, task) == FSX.running
    assert f"{task}: may go on, for cancelling broke off" in caplog.text


def test_a_signal_that_does_not_wake_the_loop_is_handled_soon(aws: SimulatedAWS, task: str) -> None:
    """Such as one that another thread gets, or that comes just before the loop goes to wait."""

    async def work() -> None:
        async with asyncio.timeout(20), client_of(aws) as client, client.guard(task):
            threading.Timer(0.02, signal.raise_signal, [signal.SIGTERM]).start()
            await asyncio.Event().wait()

    with pytest.raises(Usual):
        asyncio.run(work())
    assert FSX.status(aws, task) == FSX.canceling


def test_a_handler_of_the_loop_is_left_alone(aws: SimulatedAWS, task: str) -> None:
    """It hears of the signal once, and the block goes on."""
    heard: list[int] = []

    async def work() -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, heard.append, signal.SIGUSR1)
        async with client_of(aws) as client, client.guard(task):
            signal.raise_signal(signal.SIGUSR1)
            await asyncio.sleep(0.05)

    asyncio.run(work())
    assert heard == [signal.SIGUSR1]
    assert asked(aws) == {}


def test_a_handler_of_the_loop_hears_once_of_a_signal_that_the_guard_is_told_to_watch_for(
    aws: SimulatedAWS, task: str
) -> None:
    heard: list[int] = []

    async def work() -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, heard.append, signal.SIGUSR1)
        async with client_of(aws) as client, client.guard(task, signals=[signal.SIGUSR1]):
            signal.raise_signal(signal.SIGUSR1)
            await asyncio.Event().wait()

    with pytest.raises(SystemExit) as caught:
        asyncio.run(work())
    assert caught.value.code == 128 + signal.SIGUSR1
    assert FSX.status(aws, task) == FSX.canceling
    assert heard == [signal.SIGUSR1]


def test_a_signal_that_a_coroutine_swallows_counts_when_its_block_ends(
    aws: SimulatedAWS, task: str
) -> None:
    async def work() -> None:
        async with client_of(aws) as client, client.guard(task):
            with suppress(asyncio.CancelledError):
                signal.raise_signal(signal.SIGTERM)
                await asyncio.Event().wait()

    with pytest.raises(Usual):
        asyncio.run(work())
    assert FSX.status(aws, task) == FSX.canceling
