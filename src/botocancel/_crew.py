"""The threads that run the flows of one batch, side by side."""

from __future__ import annotations

from collections import deque
from contextvars import copy_context
from functools import partial
from heapq import heappop, heappush
from itertools import count
from math import inf
from queue import SimpleQueue
from threading import Condition
from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from botocancel._calls import unanswered
from botocancel._threads import start_thread
from botocancel.clocks import next_of
from botocancel.effects import Call, Emit, Flow, Sleep, Together

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from botocancel.model import Response

__all__ = ["Crew", "Steps", "Ways"]

_Effect: TypeAlias = "Call[Response] | Emit | Sleep | Together"
Steps: TypeAlias = "Generator[_Effect, object, object]"
"""A flow under way: it yields what has to be arranged with others, and performs the rest."""

_FINISHED: Final = object()
_MOST_LEFT: Final = 64
"""No thread is added while so many calls that nobody waits for are still under way."""


class Ways(NamedTuple):
    """How a driver does what a flow asks for."""

    begin: Callable[[Flow[object]], Steps]
    send: Callable[[Call[Response]], Response]
    """Sends a request, however long that takes."""
    limit: Callable[[Call[Response]], float | None]
    """Returns how many seconds of real time a call may take; None for no limit."""
    nap: Callable[[float], float | None]
    """Returns how many seconds of real time a sleep takes; None where it is over already."""


class _Group:
    """Flows that run side by side, no more than so many begun and not ended at a time."""

    def __init__(
        self, flows: Sequence[Flow[object]], most: int, parent: _Member | None = None
    ) -> None:
        self.waiting: deque[tuple[int, Flow[object]]] = deque(enumerate(flows))
        self.results: list[object] = [None] * len(flows)
        self.room = most
        self.parent = parent
        """The flow that waits for these; None for the one that the caller runs."""
        self.begun = 0
        self.failure: BaseException | None = None


class _Member(NamedTuple):
    """A flow of a group, which has begun."""

    steps: Steps
    group: _Group
    place: int


class _Asking:
    """A call under way, which is left behind at its deadline."""

    __slots__ = ("call", "ends", "is_left", "member")

    def __init__(self, member: _Member, call: Call[Response], ends: float) -> None:
        self.member = member
        self.call = call
        self.ends = ends
        self.is_left = False


_Job: TypeAlias = tuple[_Member, object, BaseException | None]
"""A flow that can go on, and what it is sent or thrown."""


class Crew:
    """Threads that run flows side by side; a flow that sleeps or waits for others holds none.

    Each takes a flow of the next group in turn, so that no group waits for another to end. A call
    is made on the thread that runs its flow; at its deadline the flow goes on without it.

    Args:
        ways: How the driver does what a flow asks for.
        workers: How many flows of one group are begun and not ended at a time.
        most: How many threads there are at most.
    """

    def __init__(
        self,
        ways: Ways,
        workers: int,
        most: int,
    ) -> None:
        self._ways = ways
        self._workers = workers
        self._most = most
        self._changed = Condition()
        self._places: _Group | None = None
        """The first group, if its flows are all to begin now: before any that slept goes on."""
        self._open: deque[_Group] = deque()
        """Groups with flows that may begin now."""
        self._ready: deque[_Job] = deque()
        self._asleep: list[tuple[float, int, _Member]] = []
        self._numbers = count()
        self._asking: set[_Asking] = set()
        self._looks_at = inf
        """When the calls under way are looked at next."""
        self._left = 0
        self._alive = 0
        self._is_watched = False
        """Whether a thread waits for the next sleep to end."""
        self._is_over = False
        self._emitted: SimpleQueue[object] = SimpleQueue()

    def start(self, effect: Together) -> _Group | None:
        """Begin to run flows; None if there can be no thread."""
        group = self._group(effect, None)
        with self._changed:
            self._places = group if effect.at_once else None
            self._open.append(group)
            self._hire(group.room)
            return group if self._alive else None

    def emissions(self, group: _Group) -> Generator[object, None, list[object]]:
        """Yield what the flows emit, and return what they return."""
        while (item := next_of(self._emitted)) is not _FINISHED:
            yield item
        if group.failure is not None:
            raise group.failure
        return group.results

    def end(self) -> None:
        """Go no further: flows that sleep or wait are left where they are."""
        with self._changed:
            self._is_over = True
            self._asleep.clear()
            self._ready.clear()
            self._open.clear()
            self._changed.notify_all()

    def _group(self, effect: Together, parent: _Member | None) -> _Group:
        number = len(effect.flows)
        return _Group(
            effect.flows, number if effect.at_once else min(self._workers, number), parent
        )

    def _hire(self, number: int) -> None:
        """Have a thread for each of so many flows that can go on; called under the lock."""
        for _ in range(number):
            if self._is_watched:
                self._is_watched = False
                self._changed.notify_all()
            elif self._alive < self._most and self._left < _MOST_LEFT:
                self._alive += 1
                if not start_thread(partial(copy_context().run, self._work)):
                    self._alive -= 1
                    return

    def _work(self) -> None:
        while (job := self._next()) is not None and self._go(*job):
            del job  # what a flow has raised keeps nothing alive

    def _next(self) -> _Job | None:
        """Return what to do next; None if the thread is to end."""
        with self._changed:
            while not self._is_over:
                if self._ready:
                    return self._ready.popleft()
                left = self._asleep[0][0] - monotonic() if self._asleep else None
                is_due = left is not None and left <= 0
                if is_due and not (self._places and self._places.waiting):
                    return heappop(self._asleep)[2], None, None
                if self._open:
                    return self._newcomer(self._open[0]), None, None
                if left is None or self._is_watched:
                    break
                self._is_watched = True
                self._changed.wait(left)
                self._is_watched = False
            self._alive -= 1
            return None

    def _newcomer(self, group: _Group) -> _Member:
        """Begin the next flow of a group; called under the lock."""
        place, flow = group.waiting.popleft()
        group.begun += 1
        self._open.popleft()
        if group.waiting and group.begun < group.room:
            self._open.append(group)
        return _Member(self._ways.begin(flow), group, place)

    def _go(self, member: _Member, answer: object, error: BaseException | None) -> bool:
        """Run a flow until it waits or ends; say whether it has not gone on without this thread."""
        steps = member.steps
        try:
            effect = steps.send(answer) if error is None else steps.throw(error)
            while True:
                match effect:
                    case Call():
                        following = self._called(member, effect)
                        if following is None:
                            return False
                        effect = following
                        continue
                    case Emit(item):
                        self._emitted.put(item)
                    case Sleep(seconds) if (real := self._ways.nap(seconds)) is not None:
                        self._sleep(member, real)
                        return True
                    case Together():
                        self._wait(self._group(effect, member))
                        return True
                    case _:  # a sleep that is over
                        pass
                effect = next(steps)
        except StopIteration as stop:
            member.group.results[member.place] = stop.value
            self._ended(member.group, None)
        except BaseException as raised:  # noqa: BLE001  (raised where the results are taken)
            self._ended(member.group, raised)
        return True

    def _called(self, member: _Member, call: Call[Response]) -> _Effect | None:
        """Make a call, and run its flow on; return what it yields, None if it went on without."""
        asking = None
        try:
            asking = self._noted(member, call)
            answer = self._ways.send(call)
        except BaseException as error:  # noqa: BLE001  (the flow decides what becomes of it)
            return None if self._is_left(asking) else member.steps.throw(error)
        return None if self._is_left(asking) else member.steps.send(answer)

    def _noted(self, member: _Member, call: Call[Response]) -> _Asking | None:
        """Take note of a call that is about to be made, if it has a deadline.

        Raises:
            TransportError: The deadline has passed; the call is not to be made.
        """
        seconds = self._ways.limit(call)
        if seconds is None:
            return None
        asking = _Asking(member, call, monotonic() + seconds)
        with self._changed:
            self._asking.add(asking)
            if asking.ends < self._looks_at:
                is_new = self._looks_at == inf
                self._looks_at = asking.ends
                if not is_new:
                    self._changed.notify_all()
                elif not start_thread(self._look_after_calls):
                    self._looks_at = inf
        return asking

    def _is_left(self, asking: _Asking | None) -> bool:
        """Take note that a call has come back; say whether its flow has gone on without it."""
        if asking is None:
            return False
        with self._changed:
            if asking.is_left:
                self._left -= 1
                return True
            self._asking.discard(asking)
            return False

    def _look_after_calls(self) -> None:
        """Leave each call behind at its deadline: its flow goes on, on another thread."""
        with self._changed:
            while self._asking and not self._is_over:
                now = monotonic()
                late = [asking for asking in self._asking if asking.ends <= now]
                for asking in late:
                    self._asking.discard(asking)
                    asking.is_left = True
                    self._left += 1
                    self._alive -= 1
                    self._ready.append((asking.member, None, unanswered(asking.call)))
                self._hire(len(late))
                self._looks_at = min((asking.ends for asking in self._asking), default=now + 1.0)
                self._changed.wait(self._looks_at - now)
            self._looks_at = inf

    def _sleep(self, member: _Member, seconds: float) -> None:
        with self._changed:
            if not self._is_over:
                heappush(self._asleep, (monotonic() + seconds, next(self._numbers), member))
                self._changed.notify_all()  # whoever watches may have to wake earlier

    def _wait(self, group: _Group) -> None:
        with self._changed:
            if not self._is_over:
                self._open.append(group)
                self._hire(group.room - 1)  # and this thread

    def _ended(self, group: _Group, failure: BaseException | None) -> None:
        """Take note of the end of a flow; go on with the one that waits for its group."""
        with self._changed:
            if failure is not None and group.failure is None:
                group.failure = failure
                group.waiting.clear()
                if group in self._open:
                    self._open.remove(group)
            group.begun -= 1
            if group.waiting:
                if group.begun + 1 == group.room:
                    self._open.append(group)
            elif not group.begun:
                if group.parent is None:
                    self._is_over = True
                    self._changed.notify_all()
                    self._emitted.put(_FINISHED)
                elif not self._is_over:
                    self._ready.append((group.parent, group.results, group.failure))
