"""The driver of flows for plain code: effects become calls, sleeps and threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, Final, TypeVar, cast

from botocancel.clocks import default_clock, next_of
from botocancel.effects import Call, Emit, Instant, Now, Sleep, Tell, Together

if TYPE_CHECKING:
    from collections.abc import Generator

    from botocancel._aws import Aws
    from botocancel.clocks import Clock
    from botocancel.effects import Flow

__all__ = ["Driver"]

ResultT = TypeVar("ResultT")

_FINISHED: Final = object()
_NEVER: Final = Event()
"""Set by nobody: who runs one flow to its end never leaves it."""


class _Abandoned(BaseException):
    """The batch that a flow is part of was left; the flow goes no further."""


class Driver:
    """Performs the effects of flows.

    Args:
        aws: Where calls go.
        clock: What sleeps are measured on; None for the default, as it is at that time.
        workers: How many calls of one batch run at a time, in each service and region.
    """

    def __init__(self, aws: Aws, clock: Clock | None, workers: int) -> None:
        self._aws = aws
        self._own_clock = clock
        self._workers = workers

    @property
    def _clock(self) -> Clock:
        return self._own_clock or default_clock()

    def run(self, flow: Flow[ResultT]) -> ResultT:
        """Run a flow that emits nothing, and return what it returns."""
        running = self._emissions(flow, _NEVER)
        while True:
            try:
                next(running)
            except StopIteration as stop:
                return cast("ResultT", stop.value)

    def iterate(self, flow: Flow[object]) -> Generator[object]:
        """Run a flow, and yield what it emits."""
        left = Event()
        try:
            yield from self._emissions(flow, left)
        finally:
            left.set()

    def _emissions(self, flow: Flow[object], left: Event) -> Generator[object, None, object]:
        try:
            effect = next(flow)
            while True:
                try:
                    if left.is_set():
                        raise _Abandoned  # noqa: TRY301  (as if the effect had raised it)
                    answer: object
                    match effect:
                        case Call():
                            answer = self._aws.send(effect)
                        case Emit(item):
                            answer = yield item
                        case Together(flows):
                            answer = yield from self._side_by_side(flows, left)
                        case _:
                            answer = self._perform(effect, left)
                except BaseException as error:  # noqa: BLE001  (the flow decides what becomes of it)
                    effect = flow.throw(error)
                else:
                    effect = flow.send(answer)
        except StopIteration as stop:
            return cast("object", stop.value)

    def _perform(self, effect: Sleep | Now | Tell, left: Event) -> object:
        match effect:
            case Sleep(seconds):
                self._clock.sleep(seconds, left)
                return None
            case Now():
                return Instant(self._clock.monotonic(), self._clock.utc())
            case Tell(listener, news):
                return listener(news)

    def _side_by_side(
        self, flows: tuple[Flow[object], ...], left: Event
    ) -> Generator[object, None, list[object]]:
        if not flows:
            return []
        if len(flows) == 1:
            return [(yield from self._emissions(flows[0], left))]
        emitted: SimpleQueue[object] = SimpleQueue()

        def work(flow: Flow[object]) -> object:
            running = self._emissions(flow, left)
            try:
                while True:
                    emitted.put(next(running))
            except StopIteration as stop:
                return cast("object", stop.value)
            finally:
                emitted.put(_FINISHED)

        pool = ThreadPoolExecutor(min(self._workers, len(flows)), "botocancel")
        try:
            futures = [pool.submit(work, flow) for flow in flows]
            running = len(flows)
            while running:
                item = next_of(emitted)
                if item is _FINISHED:
                    running -= 1
                else:
                    yield item
            return [future.result() for future in futures]
        except BaseException:
            left.set()
            raise
        finally:
            pool.shutdown(wait=not left.is_set(), cancel_futures=True)
