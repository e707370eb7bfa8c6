"""Time that moves only when told to."""

from __future__ import annotations

import heapq
import itertools
import math
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DEFAULT_START", "Timer", "VirtualClock"]

DEFAULT_START: Final = datetime(2024, 1, 1, tzinfo=UTC)
"""When simulated time begins, unless told otherwise."""

_TICKS: Final = 1_000_000  # a second's; whole microseconds add up exactly


@attrs.define(eq=False)
class Timer:
    """An action to come; cancelled, it does not come."""

    action: Callable[[], None]
    canceled: bool = False


class VirtualClock:
    """Time that moves only when told to, and runs what is due on the way, each at its instant.

    It is a clock for `TaskClient` too: a wait moves it on, and takes no real time.

    Actions due at the same instant run in the order in which they were scheduled.
    Time is kept in whole microseconds.

    Args:
        start: The first instant; aware.

    Raises:
        ValueError: `start` has no time zone.
    """

    def __init__(self, start: datetime = DEFAULT_START) -> None:
        if start.tzinfo is None:
            msg = f"simulated time starts at an aware datetime, not at {start!r}"
            raise ValueError(msg)
        self.lock: threading.RLock = threading.RLock()
        """Held while time moves; whoever changes the simulated state holds it too."""
        self._start = start.astimezone(UTC)
        self._ticks = 0
        self._due: list[tuple[int, int, Timer]] = []
        self._order = itertools.count()

    @property
    def now(self) -> datetime:
        """The present instant, in UTC."""
        return self._start + timedelta(microseconds=self._ticks)

    @property
    def seconds(self) -> float:
        """Seconds since the start; they go back by `reset` alone."""
        return self._ticks / _TICKS

    def at(self, seconds: float) -> datetime:
        """Return the instant that many seconds after the start, in UTC."""
        return self._start + timedelta(seconds=seconds)

    def monotonic(self) -> float:
        """Return `seconds`, as a client's clock does."""
        return self.seconds

    def utc(self) -> datetime:
        """Return `now`, as a client's clock does."""
        return self.now

    def sleep(self, seconds: float, wake: threading.Event) -> None:  # noqa: ARG002  (it takes no time)
        """Move time on, as a client's clock lets it pass."""
        self.advance(seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Move time on, and let others run."""
        from asyncio import sleep  # noqa: PLC0415  (a program without an event loop loads none)

        self.advance(seconds)
        await sleep(0)

    def real_seconds_until(self, instant: float) -> None:
        """Return None: this clock does not move by itself."""

    @property
    def next_due(self) -> float | None:
        """Seconds since the start at which the next action is due; None where none is."""
        while self._due and self._due[0][2].canceled:
            heapq.heappop(self._due)
        return self._due[0][0] / _TICKS if self._due else None

    def call_in(self, delay: float, action: Callable[[], None]) -> Timer:
        """Schedule an action.

        Args:
            delay: Seconds from now; an infinite delay never comes.
            action: Called without arguments when time gets there.

        Raises:
            ValueError: `delay` is negative or not a number.
        """
        timer = Timer(action)
        if not math.isinf(_not_negative(delay)):
            entry = (self._ticks + round(delay * _TICKS), next(self._order), timer)
            heapq.heappush(self._due, entry)
        return timer

    def advance(self, seconds: float) -> None:
        """Move time on, and run what is due until then.

        Raises:
            ValueError: `seconds` is negative or not a finite number.
        """
        if math.isinf(seconds):
            msg = "time has no end to move on to"
            raise ValueError(msg)
        with self.lock:
            self._run_until(self._ticks + round(_not_negative(seconds) * _TICKS))

    def advance_to(self, instant: datetime) -> None:
        """Move time on to an instant, and run what is due until then.

        Raises:
            ValueError: `instant` is past.
        """
        self.advance((instant - self.now).total_seconds())

    def reset(self) -> None:
        """Begin again at the start; what was due does not come."""
        with self.lock:
            self._ticks = 0
            self._due.clear()

    def _run_until(self, ticks: int) -> None:
        while self._due and self._due[0][0] <= ticks:
            due, _, timer = heapq.heappop(self._due)
            if not timer.canceled:
                self._ticks = max(self._ticks, due)
                timer.action()
        self._ticks = max(self._ticks, ticks)


def _not_negative(seconds: float) -> float:
    if seconds >= 0:
        return seconds
    msg = f"time does not run backwards: {seconds!r} seconds"
    raise ValueError(msg)
