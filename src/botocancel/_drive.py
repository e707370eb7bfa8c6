"""The driver of flows for plain code: effects become calls, sleeps and threads."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from functools import partial
from math import inf
from os import getpid
from threading import Event
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

from botocancel._calls import real_seconds_for, unanswered, unexpected, unsent
from botocancel._entries import asked, journal_at, orders_for
from botocancel._threads import Threads
from botocancel.clocks import GLANCE, default_clock
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
from botocancel.errors import BotocancelError, ConfigurationError, UnexpectedError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from concurrent.futures import Future
    from os import PathLike

    from botocancel._aws import Aws
    from botocancel._crew import Steps
    from botocancel._entries import Entry
    from botocancel.clocks import Clock
    from botocancel.effects import Flow
    from botocancel.journal import Journal
    from botocancel.model import Response

__all__ = ["Driver"]

ResultT = TypeVar("ResultT")

_Brief: TypeAlias = Now | Tell | Enter | Begin | Locate | Record
"""Effects that send nothing, emit nothing and wait for nothing."""


class _Abandoned(BaseException):
    """The batch that a flow is part of was left; the flow goes no further."""


class _Left(Event):
    """Set when a batch is left; a child of the process that runs it has no say in that.

    In a forked child, its lock may be one that is never released.
    """

    def __init__(self, *, in_all: bool = False) -> None:
        super().__init__()
        self.in_all = in_all
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
            return cast("ResultT", _result_of(self._emissions(flow, _Left())))
        except UnexpectedError as error:
            cause = error.__cause__
        raise cause or AssertionError

    def iterate(self, flow: Flow[object], *, in_all: bool = False) -> Generator[object]:
        """Run a flow, and yield what it emits.

        Args:
            flow: The flow.
            in_all: Whether the number of workers is that of calls in all places together.
        """
        left = _Left(in_all=in_all)
        try:
            for item in self._emissions(flow, left):
                yield item
                if left.is_another_process:
                    msg = "the batch was started in the process that this one was forked from"
                    raise ConfigurationError(msg)
        finally:
            left.set()

    def _emissions(self, flow: Flow[object], left: _Left) -> Generator[object, None, object]:
        """Run a flow on the caller's thread; yield what it emits, return what it returns."""
        steps = self._steps(flow, left)
        try:
            effect = next(steps)
            while True:
                try:
                    answer: object = None
                    match effect:
                        case Call():
                            answer = self._send_in_time(effect)
                        case Emit(item):
                            yield item
                        case Sleep(seconds):
                            self._clock.sleep(seconds, left)
                        case Together():
                            answer = yield from self._side_by_side(effect, left)
                except BaseException as error:  # noqa: BLE001  (the flow decides what becomes of it)
                    effect = steps.throw(error)
                else:
                    effect = steps.send(answer)
        except StopIteration as stop:
            return cast("object", stop.value)

    def _steps(self, flow: Flow[object], left: _Left) -> Steps:
        """Run a flow; yield what has to be arranged with others, and perform the rest."""
        try:
            effect = next(flow)
            while True:
                try:
                    if left.is_set():
                        raise _Abandoned  # noqa: TRY301  (as if the effect had raised it)
                    answer: object
                    match effect:
                        case Together(flows) if len(flows) <= 1:
                            answer = []
                            for each in flows:
                                answer = [(yield from self._steps(each, left))]
                        case Call() | Emit() | Sleep() | Together():
                            answer = yield effect
                        case _:
                            answer = self._perform(effect)
                except BaseException as error:  # noqa: BLE001  (the flow decides what becomes of it)
                    effect = flow.throw(error)
                else:
                    effect = flow.send(answer)
        except StopIteration as stop:
            return cast("object", stop.value)

    def _send(self, call: Call[Response]) -> Response:
        """Send a request, however long that takes.

        Raises:
            BotocancelError: Whatever went wrong.
        """
        try:
            return self._aws.send(call)
        except BotocancelError:
            raise
        except Exception as error:
            raise unexpected(call, error) from error

    def _send_in_time(self, call: Call[Response]) -> Response:
        """Send a request; at its deadline, leave it behind.

        Raises:
            BotocancelError: Whatever went wrong.
        """
        seconds = self._limit(call)
        if seconds is None:
            return self._send(call)
        threads = self._threads[call.place]
        sending = threads.submit(partial(self._send, call))
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

    def _perform(self, effect: _Brief) -> object:
        match effect:
            case Now():
                return self._now()
            case Tell(listener, news):
                return listener(news)
            case Begin():
                orders = orders_for(effect, self._clock.utc(), named=self._journal is not None)
                self._record(asked(orders))
                return orders
            case Enter(account):
                return self._aws.enter(account)
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
        """Run flows on threads, and yield what they emit; on this one if there can be none."""
        from botocancel._crew import Crew, Ways  # noqa: PLC0415  (only batches and listings need one)

        places = len(effect.flows) if effect.at_once and not left.in_all else 1
        ways = Ways(
            begin=partial(self._steps, left=left),
            send=self._send,
            limit=self._limit,
            nap=partial(self._nap, left=left),
        )
        crew = Crew(ways, self._workers, self._workers * places)
        try:
            group = crew.start(effect)
            if group is not None:
                return (yield from crew.emissions(group))
        except BaseException:
            left.set()
            if not left.is_another_process:
                crew.end()
            raise
        results: list[object] = [None] * len(effect.flows)
        for place, flow in enumerate(effect.flows):
            results[place] = yield from self._emissions(flow, left)
        return results

    def _limit(self, call: Call[Response]) -> float | None:
        """Return how long a call may take in real time; None for no limit."""
        return real_seconds_for(call, self._clock)

    def _nap(self, seconds: float, left: _Left) -> float | None:
        """Return how long a sleep takes in real time; let it pass where it takes none."""
        clock = self._clock
        real = clock.real_seconds_until(clock.monotonic() + seconds)
        if real is None:
            clock.sleep(seconds, left)
        return real


def _is_done_within(seconds: float, sending: Future[Response]) -> bool:
    """Wait for a call, and let signals be handled meanwhile."""
    while seconds > 0 and not sending.done():
        with suppress(TimeoutError):
            sending.exception(min(seconds, GLANCE))
        seconds -= GLANCE
    return sending.done()


def _result_of(running: Generator[object, None, object]) -> object:
    """Run a flow to its end, and return what it returns; nobody listens to what it emits."""
    while True:
        try:
            next(running)
        except StopIteration as stop:
            return cast("object", stop.value)
