"""Many requests, no faster than the service takes them.

All are sent side by side until the service throttles. Then each waits for its turn, at a rate
that is cut at a refusal, comes back to where it was, stays there for a while, and grows ever
faster after that: the cubic curve of botocore's adaptive mode, but in proportion to the rate, so
that a low limit is not overrun as often. No request waits for the answer to another.
"""

from __future__ import annotations

import math
from threading import Lock
from typing import TYPE_CHECKING, Final, cast

from botocancel.effects import Call, Flow, Sleep, now, together
from botocancel.errors import Throttled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from botocancel.model import Response

__all__ = ["Pace", "paced"]


class Pace:
    """The rate that a service takes, as far as refusals tell: no limit until the first."""

    CUT: Final = 0.8
    """What a refusal leaves of the rate."""
    RETURN: Final = 5.0
    """So many seconds after a refusal the rate is what it was before."""
    SLOWEST: Final = 0.5
    """The rate is not cut below so many a second."""

    def __init__(self) -> None:
        self._before = math.inf
        self._refused_at = 0.0

    def rate(self, time: float) -> float:
        """Return how many requests a second may be sent at a time, in seconds."""
        past = (time - self._refused_at) / self.RETURN - 1
        return self._before * (1 + (1 - self.CUT) * past**3)

    def refused(self, time: float, most: float) -> None:
        """Cut the rate, to what is left of `most` if it was above that."""
        self._before = max(self.SLOWEST / self.CUT, min(self.rate(time), most))
        self._refused_at = time


_GUESSED: Final = 1.0
"""What was taken so far was taken in so many seconds, at least."""


class _Queue:
    """Gives requests their turns; flows may share it, on whichever threads they run.

    Args:
        begun: The time, in seconds.
        patience: When nothing has been taken for so many seconds, nothing waits any more.
        deadline: The time from which on nothing waits.
    """

    def __init__(self, begun: float, patience: float, deadline: float) -> None:
        self.patience = patience
        self._deadline = deadline
        self._lock = Lock()
        self._pace = Pace()
        self._cuts = 0
        self._taken = 0
        """So many since the last cut."""
        self._cut_at = self._taken_at = begun
        self._free_at = -math.inf
        """When the next turn is."""

    def turn(self, latest: float = math.inf) -> Flow[int]:
        """Wait for a turn, until a time at the latest; return how often the rate has been cut."""
        latest = min(latest, self._deadline)
        while self._cuts:
            cuts, wait = self._reserved((yield from now()).monotonic, latest)
            if wait > 0:
                yield Sleep(wait)
            if wait <= 0 or cuts == self._cuts:  # else the turn is void
                return cuts
        return 0

    def _reserved(self, at: float, latest: float) -> tuple[int, float]:
        with self._lock:
            if at >= latest or at - self._taken_at > self.patience:
                return self._cuts, 0.0
            turn = max(at, self._free_at)
            self._free_at = turn + 1 / self._pace.rate(at)
            return self._cuts, min(turn, latest) - at

    def taken(self, at: float) -> None:
        """Take note that a request was taken."""
        with self._lock:
            self._taken += 1
            self._taken_at = at

    def refused(self, at: float, cuts: int) -> None:
        """Cut the rate for a refusal, unless it has been cut since the turn of the request."""
        with self._lock:
            if cuts != self._cuts:
                return
            passed = at - self._cut_at
            most = math.inf
            if not cuts or passed >= _GUESSED:
                most = (self._taken + 1) / max(_GUESSED, passed)
            self._pace.refused(at, most)
            self._cuts += 1
            self._taken, self._cut_at = 0, at
            self._free_at = at + 1 / self._pace.rate(at)


def paced(
    sends: Iterable[Callable[[], Flow[None]]], patience: float, deadline: float = math.inf
) -> Flow[None]:
    """Run each flow, whose requests of the kind that it begins with are sent as they are taken.

    When none was taken for as long as there is patience, in seconds, or the clock is past the
    deadline, all that are left are sent. No further request of a flow is sent later than its
    patience allows for, from its beginning.
    """
    queue = _Queue((yield from now()).monotonic, patience, deadline)
    yield from together([_in_turn(send, queue) for send in sends])


def _in_turn(send: Callable[[], Flow[None]], queue: _Queue) -> Flow[None]:
    cuts = yield from queue.turn()
    latest = (yield from now()).monotonic + queue.patience
    flow, operation = send(), None
    try:
        effect = next(flow)
        while True:
            is_paced = isinstance(effect, Call) and effect.request.operation == (
                operation or effect.request.operation
            )
            if isinstance(effect, Call) and is_paced:
                if operation is not None:  # the turn of the first has come before
                    cuts = yield from queue.turn(latest)
                operation = effect.request.operation
            try:
                answer = yield effect
            except BaseException as error:  # noqa: BLE001  (the flow decides what becomes of it)
                if is_paced and isinstance(error, Exception):  # else the flow is abandoned
                    is_refused = isinstance(error, Throttled)
                    yield from _noted(queue, cuts, is_taken=not is_refused, is_refused=is_refused)
                effect = flow.throw(error)
            else:
                if is_paced:
                    is_late = cast("Response", answer).metadata.attempts > 1
                    yield from _noted(queue, cuts, is_taken=True, is_refused=is_late)
                effect = flow.send(answer)
    except StopIteration:
        return


def _noted(queue: _Queue, cuts: int, *, is_taken: bool, is_refused: bool) -> Flow[None]:
    """Take note of how a request fared; one that botocore had to send again was refused too."""
    at = (yield from now()).monotonic
    if is_taken:
        queue.taken(at)
    if is_refused:
        queue.refused(at, cuts)
