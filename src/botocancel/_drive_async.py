"""The driver of flows for coroutines: effects are awaited."""

from __future__ import annotations

import asyncio
import inspect
from collections import defaultdict
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar, cast

from botocancel._calls import real_seconds_for, unanswered, unexpected, unsent
from botocancel._entries import asked, journal_at, orders_for
from botocancel._threads import Threads
from botocancel.clocks import default_clock
from botocancel.effects import (
    Begin,
    Call,
    Emit,
    Enter,
    Instant,
    Locate,
    Located,
    Now,
    Record,
    Sleep,
    Tell,
    Together,
)
from botocancel.errors import BotocancelError, UnexpectedError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence
    from os import PathLike

    from botocancel._aws import Aws
    from botocancel._entries import Entry
    from botocancel.clocks import Clock
    from botocancel.effects import Effect, Flow
    from botocancel.journal import Journal
    from botocancel.model import Response

__all__ = ["AsyncDriver"]

ResultT = TypeVar("ResultT")

_FINISHED: Final = object()
_Gate: TypeAlias = "asyncio.Semaphore | nullcontext[None]"
"""What lets so many calls through at a time."""


class AsyncDriver:
    """Performs the effects of flows in an event loop.

    Args:
        aws: Where calls go.
        clock: What sleeps are measured on; None for the default, as it is at that time.
        workers: How many calls of one batch run at a time, in each service and region.
        journal: Where cancels are noted; None for nowhere.
    """

    def __init__(
        self, aws: Aws, clock: Clock | None, workers: int, journal: Journal | None = None
    ) -> None:
        self._aws = aws
        self._journal = journal
        self._own_clock = clock
        self._workers = workers
        self._threads = defaultdict[object, Threads](lambda: Threads(most=workers))

    def noting_in(self, path: str | PathLike[str]) -> AsyncDriver:
        """Return a driver like this one, with the journal in a file."""
        return AsyncDriver(self._aws, self._own_clock, self._workers, journal_at(path))

    @property
    def _clock(self) -> Clock:
        return self._own_clock or default_clock()

    def close(self) -> None:
        """Let go of the threads, once they have made the calls that wait for them."""
        for threads in self._threads.values():
            threads.close()

    async def run(self, flow: Flow[ResultT]) -> ResultT:
        """Run a flow that emits nothing, and return what it returns."""
        try:
            return await self._drive(flow, _nobody_listens, nullcontext())
        except UnexpectedError as error:
            cause = error.__cause__
        raise cause or AssertionError

    async def iterate(self, flow: Flow[object], *, in_all: bool = False) -> AsyncGenerator[object]:
        """Run a flow, and yield what it emits.

        Args:
            flow: The flow.
            in_all: Whether the number of workers is that of calls in all places together.
        """
        gate = asyncio.Semaphore(self._workers) if in_all else nullcontext()
        emitted: asyncio.Queue[object] = asyncio.Queue()

        async def work() -> None:
            try:
                await self._drive(flow, emitted.put_nowait, gate)
            finally:
                emitted.put_nowait(_FINISHED)

        working = asyncio.create_task(work())
        try:
            while (item := await emitted.get()) is not _FINISHED:
                yield item
            await working
        finally:
            await _ended([working])

    async def _drive(
        self, flow: Flow[ResultT], emit: Callable[[object], None], gate: _Gate
    ) -> ResultT:
        try:
            effect = next(flow)
            while True:
                try:
                    answer = await self._perform(effect, emit, gate)
                except BaseException as error:  # noqa: BLE001  (the flow decides what becomes of it)
                    effect = flow.throw(error)
                else:
                    effect = flow.send(answer)
        except StopIteration as stop:
            return cast("ResultT", stop.value)

    async def _perform(self, effect: Effect, emit: Callable[[object], None], gate: _Gate) -> object:
        match effect:
            case Call() | Enter():
                async with gate:
                    return await self._asked(effect)
            case Sleep(seconds):
                await self._clock.sleep_async(seconds)
            case Now():
                return self._now()
            case Tell(listener, news):
                answer = listener(news)
                if inspect.isawaitable(answer):
                    await answer
            case Emit(item):
                emit(item)
            case Locate(ref):
                return Located(self._aws.whereabouts(ref), self._now())
            case Begin() | Record():
                return await self._note(effect)
            case Together():
                return await self._side_by_side(effect, emit, gate)
        return None

    def _now(self) -> Instant:
        return Instant(self._clock.monotonic(), self._clock.utc())

    async def _note(self, effect: Begin | Record) -> object:
        if isinstance(effect, Record):
            await self._record(effect.entries)
            return None
        orders = orders_for(effect, self._clock.utc(), named=self._journal is not None)
        await self._record(asked(orders))
        return orders

    async def _record(self, entries: Sequence[Entry]) -> None:
        journal = self._journal
        if journal is not None:
            record = partial(journal.record, entries, self._aws.whereabouts)
            await asyncio.wrap_future(self._threads[journal].submit(record))

    async def _asked(self, effect: Call[Response] | Enter) -> object:
        if isinstance(effect, Enter):
            entering = partial(self._aws.enter, effect.account)
            return await asyncio.wrap_future(self._threads[effect.account].submit(entering))
        return await self._call(effect)

    async def _call(self, call: Call[Response]) -> Response:
        """Send a request.

        Raises:
            BotocancelError: Whatever went wrong.
        """
        try:
            return await self._sent(call)
        except BotocancelError:
            raise
        except Exception as error:
            raise unexpected(call, error) from error

    async def _sent(self, call: Call[Response]) -> Response:
        """Send a request; at its deadline, leave it behind."""
        seconds = real_seconds_for(call, self._clock)
        if self._aws.has_async_client(call):
            if seconds is None:
                return await self._aws.send_async(call)
            return await self._awaited(call, seconds)
        return await self._on_a_thread(call, seconds)

    async def _awaited(self, call: Call[Response], seconds: float) -> Response:
        sending = asyncio.create_task(self._aws.send_async(call))
        try:
            if await _is_done_within(seconds, sending):
                return sending.result()
            raise unanswered(call)
        finally:
            _leave(sending)

    async def _on_a_thread(self, call: Call[Response], seconds: float | None) -> Response:
        threads = self._threads[call.place]
        sending = threads.submit(partial(self._aws.send, call))
        answer = asyncio.wrap_future(sending)
        try:
            if await _is_done_within(seconds, answer):
                return answer.result()
            raise unanswered(call) if threads.leave(sending) else unsent(call)
        finally:
            threads.leave(sending)
            _leave(answer)

    async def _side_by_side(
        self, effect: Together, emit: Callable[[object], None], gate: _Gate
    ) -> list[object]:
        flows = effect.flows
        waiting = iter(enumerate(flows))
        results: list[object] = [None] * len(flows)

        async def work() -> None:
            for place, flow in waiting:
                results[place] = await self._drive(flow, emit, gate)

        number = len(flows) if effect.at_once else min(self._workers, len(flows))
        workers = [asyncio.create_task(work()) for _ in range(number)]
        try:
            await asyncio.gather(*workers)
        finally:
            await _ended(workers)
        return results


async def _is_done_within(seconds: float | None, sending: asyncio.Future[Response]) -> bool:
    done, _ = await asyncio.wait([sending], timeout=seconds)
    return bool(done)


def _leave(sending: asyncio.Future[Response]) -> None:
    """Cancel a call unless it is done; nobody asks for what becomes of it."""
    sending.add_done_callback(lambda done: done.cancelled() or done.exception())
    sending.cancel()


async def _ended(tasks: list[asyncio.Task[ResultT]]) -> None:
    """Cancel the tasks that go on, and wait until they have ended."""
    going = [task for task in tasks if not task.done()]
    for task in going:
        task.cancel()
    if going:
        await asyncio.wait(going)


def _nobody_listens(_: object) -> None: ...
