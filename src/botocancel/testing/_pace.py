"""Simulated time that follows real time."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocancel.services._simulator import VirtualClock

__all__ = ["Pace"]


class Pace:
    """How fast simulated time follows real time.

    Time may also be moved on by hand, which real time does not take back.

    Args:
        speed: Simulated seconds in a real one; None, or 0, where time moves by hand only.
        monotonic: Tells real time, in seconds.

    Raises:
        ValueError: `speed` is negative or not a finite number.
    """

    def __init__(
        self, speed: float | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        if not 0 <= (speed or 0) < math.inf:
            msg = f"a speed is 0 or more simulated seconds in a real one, not {speed!r}"
            raise ValueError(msg)
        self.speed = speed or 0.0
        self._monotonic = monotonic
        self._followed = monotonic()

    def catch_up(self, clock: VirtualClock) -> None:
        """Move a clock on by what has passed in reality since the last time."""
        if self.speed:
            with clock.lock:
                passed = max(0.0, self._monotonic() - self._followed)
                self._followed += passed
                clock.advance(passed * self.speed)

    def owed(self, seconds: float) -> float:
        """Return how long simulated seconds that have passed already take in reality.

        Simulated time stands still for so long.
        """
        if not self.speed:
            return 0.0
        self._followed += seconds / self.speed
        return seconds / self.speed
