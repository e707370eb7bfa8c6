"""The driver of flows for plain code: effects become calls, sleeps and threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, Final, TypeVar, cast

from botocancel.clocks import default_clock, next_of
from botocancel.effects import Call, Emit, Instant, Now, Sleep, Tell, Together

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

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
        return cast("ResultT", _result_of(self._emissions(flow, _NEVER), _nobody_listens))

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
        number = min(self._workers, len(flows))
        waiting: SimpleQueue[tuple[int, Flow[object]] | None] = SimpleQueue()
        for each in [*enumerate(flows), *[None] * number]:
            waiting.put(each)
        results: list[object] = [None] * len(flows)
        emitted: SimpleQueue[object] = SimpleQueue()

        def work() -> None:
            try:
                for place, flow in iter(waiting.get, None):
                    results[place] = _result_of(self._emissions(flow, left), emitted.put)
            finally:
                emitted.put(_FINISHED)

        pool = ThreadPoolExecutor(number, "botocancel")
        try:
            workers = [pool.submit(work) for _ in range(number)]
            for _ in workers:  # each says once that it has finished
                while (item := next_of(emitted)) is not _FINISHED:
                    yield item
            for worker in workers:
                worker.result()
        except BaseException:
            left.set()
            raise
        finally:
            pool.shutdown(wait=not left.is_set())
        return results


def _result_of(running: Generator[object, None, object], emit: Callable[[object], None]) -> object:
    """Pass on what a flow emits; return what it returns."""
    while True:
        try:
            item = next(running)
        except StopIteration as stop:
            return cast("object", stop.value)
        emit(item)


def _nobody_listens(_: object) -> None: ...
