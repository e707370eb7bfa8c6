"""The driver of flows for plain code: effects become calls, sleeps and threads."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from math import inf
from os import getpid
from queue import SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar, cast

from botocancel._calls import real_seconds_for, unanswered, unexpected, unsent
from botocancel._entries import asked, journal_at, orders_for
from botocancel._threads import Threads, start_thread
from botocancel.clocks import GLANCE, default_clock, next_of
from botocancel.effects import (
    Begin,
    Call,
    Emit,
    Instant,
    Locate,
    Located,
    Now,
    Record,
    Sleep,
    Tell,
    Together,
)
from botocancel.errors import BotocancelError, ConfigurationError, UnexpectedError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from concurrent.futures import Future
    from os import PathLike

    from botocancel._aws import Aws
    from botocancel._entries import Entry
    from botocancel.clocks import Clock
    from botocancel.effects import Flow
    from botocancel.journal import Journal
    from botocancel.model import Response

__all__ = ["Driver"]

ResultT = TypeVar("ResultT")

_FINISHED: Final = object()
_Brief: TypeAlias = Sleep | Now | Tell | Begin | Locate | Record
"""Effects that send nothing and emit nothing."""


class _Abandoned(BaseException):
    """The batch that a flow is part of was left; the flow goes no further."""


class _Left(Event):
    """Set when a batch is left; a child of the process that runs it has no say in that.

    In a forked child, its lock may be one that is never released.
    """

    def __init__(self) -> None:
        super().__init__()
        self._process = getpid()

    @property
    def is_another_process(self) -> bool:
        """Whether the batch was started in a process that this one was forked from."""
        return self._process != getpid()

    def set(self) -> None:
        """Leave the batch."""
        if not self.is_another_process:
            super().set()


class Driver:
    """Performs the effects of flows.

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
        self._threads = defaultdict[object, Threads](lambda: Threads(most=inf))

    def noting_in(self, path: str | PathLike[str]) -> Driver:
        """Return a driver like this one, with the journal in a file."""
        return Driver(self._aws, self._own_clock, self._workers, journal_at(path))

    @property
    def _clock(self) -> Clock:
        return self._own_clock or default_clock()

    def run(self, flow: Flow[ResultT]) -> ResultT:
        """Run a flow that emits nothing, and return what it returns."""
        try:
            return cast("ResultT", _result_of(self._emissions(flow, _Left()), _nobody_listens))
        except UnexpectedError as error:
            cause = error.__cause__
        raise cause or AssertionError

    def iterate(self, flow: Flow[object]) -> Generator[object]:
        """Run a flow, and yield what it emits."""
        left = _Left()
        try:
            for item in self._emissions(flow, left):
                yield item
                if left.is_another_process:
                    msg = "the batch was started in the process that this one was forked from"
                    raise ConfigurationError(msg)
        finally:
            left.set()

    def _emissions(self, flow: Flow[object], left: _Left) -> Generator[object, None, object]:
        try:
            effect = next(flow)
            while True:
                try:
                    if left.is_set():
                        raise _Abandoned  # noqa: TRY301  (as if the effect had raised it)
                    answer: object
                    match effect:
                        case Call():
                            answer = self._send(effect)
                        case Emit(item):
                            answer = yield item
                        case Together():
                            answer = yield from self._side_by_side(effect, left)
                        case _:
                            answer = self._perform(effect, left)
                except BaseException as error:  # noqa: BLE001  (the flow decides what becomes of it)
                    effect = flow.throw(error)
                else:
                    effect = flow.send(answer)
        except StopIteration as stop:
            return cast("object", stop.value)

    def _send(self, call: Call[Response]) -> Response:
        """Send a request.

        Raises:
            BotocancelError: Whatever went wrong.
        """
        try:
            return self._sent(call)
        except BotocancelError:
            raise
        except Exception as error:
            raise unexpected(call, error) from error

    def _sent(self, call: Call[Response]) -> Response:
        """Send a request; at its deadline, leave it behind."""
        seconds = real_seconds_for(call, self._clock)
        if seconds is None:
            return self._aws.send(call)
        threads = self._threads[call.place]
        sending = threads.submit(partial(self._aws.send, call))
        try:
            is_done = _is_done_within(seconds, sending)
        finally:
            is_begun = threads.leave(sending)
        if not is_done:
            raise unanswered(call) if is_begun else unsent(call)
        try:
            return sending.result()
        finally:
            del sending  # what it raises would refer to itself

    def _perform(self, effect: _Brief, left: _Left) -> object:
        match effect:
            case Sleep(seconds):
                self._clock.sleep(seconds, left)
                return None
            case Now():
                return self._now()
            case Tell(listener, news):
                return listener(news)
            case Begin():
                orders = orders_for(effect, self._clock.utc(), named=self._journal is not None)
                self._record(asked(orders))
                return orders
            case Locate(ref):
                return Located(self._aws.whereabouts(ref), self._now())
            case Record(entries):
                self._record(entries)
                return None

    def _now(self) -> Instant:
        return Instant(self._clock.monotonic(), self._clock.utc())

    def _record(self, entries: Sequence[Entry]) -> None:
        if self._journal is not None:
            self._journal.record(entries, self._aws.whereabouts)

    def _side_by_side(self, effect: Together, left: _Left) -> Generator[object, None, list[object]]:
        flows = effect.flows
        if len(flows) > 1:
            crew = _Crew(flows, lambda flow: self._emissions(flow, left))
            try:
                if crew.start(len(flows) if effect.at_once else min(self._workers, len(flows))):
                    return (yield from crew.emissions())
            except BaseException:
                left.set()
                raise
        results: list[object] = [None] * len(flows)
        for place, flow in enumerate(flows):
            results[place] = yield from self._emissions(flow, left)
        return results


class _Crew:
    """Threads that run flows, each the next one that none of them has begun."""

    def __init__(
        self,
        flows: tuple[Flow[object], ...],
        run: Callable[[Flow[object]], Generator[object, None, object]],
    ) -> None:
        self._run = run
        self._waiting: SimpleQueue[tuple[int, Flow[object]] | None] = SimpleQueue()
        for each in enumerate(flows):
            self._waiting.put(each)
        self._results: list[object] = [None] * len(flows)
        self._emitted: SimpleQueue[object] = SimpleQueue()
        self._failures: list[BaseException] = []
        self._workers = 0

    def start(self, number: int) -> int:
        """Start so many threads, or as many as there can be; return how many."""
        while self._workers < number:
            self._waiting.put(None)
            if not start_thread(partial(copy_context().run, self._work)):
                break
            self._workers += 1
        return self._workers

    def emissions(self) -> Generator[object, None, list[object]]:
        """Yield what the flows emit, and return what they return."""
        for _ in range(self._workers):  # each says once that it has finished
            while (item := next_of(self._emitted)) is not _FINISHED:
                yield item
        if self._failures:
            raise self._failures[0]
        return self._results

    def _work(self) -> None:
        try:
            for place, flow in iter(self._waiting.get, None):
                self._results[place] = _result_of(self._run(flow), self._emitted.put)
        except BaseException as error:  # noqa: BLE001  (raised where the results are taken)
            self._failures.append(error)
        finally:
            self._emitted.put(_FINISHED)


def _is_done_within(seconds: float, sending: Future[Response]) -> bool:
    """Wait for a call, and let signals be handled meanwhile."""
    while seconds > 0 and not sending.done():
        with suppress(TimeoutError):
            sending.exception(min(seconds, GLANCE))
        seconds -= GLANCE
    return sending.done()


def _result_of(running: Generator[object, None, object], emit: Callable[[object], None]) -> object:
    """Pass on what a flow emits; return what it returns."""
    while True:
        try:
            item = next(running)
        except StopIteration as stop:
            return cast("object", stop.value)
        emit(item)


def _nobody_listens(_: object) -> None: ...
