"""The clock that waits are measured on: the system's, unless a test brings another."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from queue import Empty
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator
    from queue import SimpleQueue
    from threading import Event

__all__ = ["GLANCE", "Clock", "SystemClock", "default_clock", "next_of", "using_clock"]

ItemT = TypeVar("ItemT")

GLANCE: Final = 0.5
"""Seconds after which whoever waits looks up.

A signal that comes in the moment before Python goes to wait is not handled until that wait
is over, so no wait is long.
"""


def next_of(items: SimpleQueue[ItemT]) -> ItemT:
    """Wait for the next item of a queue, and let signals be handled meanwhile."""
    while True:
        with suppress(Empty):
            return items.get(timeout=GLANCE)


class Clock(Protocol):
    """What tells the time and lets it pass."""

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""
        ...

    def utc(self) -> datetime:
        """Return what the wall clock says, as an aware datetime."""
        ...

    def sleep(self, seconds: float, wake: Event) -> None:
        """Let time pass, or less if the event is set meanwhile."""
        ...

    async def sleep_async(self, seconds: float) -> None:
        """Let time pass while others run."""
        ...

    def real_seconds_until(self, instant: float) -> float | None:
        """Return how many seconds of real time pass until `monotonic` gives this.

        None for a clock that does not move by itself: what takes real time is then waited
        for however long it takes.
        """
        ...


class SystemClock:
    """The clock of this machine."""

    def monotonic(self) -> float:
        """Return `time.monotonic`."""
        return time.monotonic()

    def utc(self) -> datetime:
        """Return the time of day in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float, wake: Event) -> None:
        """Wait for the event, but no longer than this."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not wake.wait(min(left, GLANCE)):
            pass

    async def sleep_async(self, seconds: float) -> None:
        """Wait in the event loop."""
        from asyncio import sleep  # noqa: PLC0415  (a program without an event loop loads none)

        await sleep(seconds)

    def real_seconds_until(self, instant: float) -> float:
        """Return how many seconds are left."""
        return instant - time.monotonic()


_default: Clock = SystemClock()


def default_clock() -> Clock:
    """Return the clock, at present, of clients that were given none."""
    return _default


@contextmanager
def using_clock(clock: Clock) -> Generator[None]:
    """Make a clock that of every client that was given none, in all threads, for a block.

    That is for tests of code that makes its own clients.
    """
    global _default  # noqa: PLW0603  (a context variable would not reach other threads)
    before, _default = _default, clock
    try:
        yield
    finally:
        _default = before
