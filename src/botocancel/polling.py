"""When to ask again: delays, and what to ask again for. Pure, with the randomness passed in."""

from __future__ import annotations

import math
import random
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import attrs

from botocancel._text import named
from botocancel.errors import InvalidInput, is_retryable

if TYPE_CHECKING:
    from collections.abc import Callable

# What users may name; the rest is for the modules of the package.
__all__ = [
    "DEFAULT_POLL",
    "DEFAULT_TIMEOUT",
    "DEFAULT_WORKERS",
    "GUARD_RETRY",
    "Backoff",
    "RetryPolicy",
]


_SHORTEST: Final = 0.01
"""A backoff with shorter delays would be none."""


def seconds_of(value: object, name: str) -> float:
    """Return a finite number of seconds.

    Raises:
        InvalidInput: It is no number, is negative, or is not finite.
    """
    return _number_of(value, name, least=0, unit=", in seconds")


def workers_of(value: object) -> int:
    """Return how many workers there shall be.

    Raises:
        InvalidInput: It is no whole number, or below 1.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= sys.maxsize:
        return value
    msg = f"workers must be a whole number of at least 1, not {named(value)}"
    raise InvalidInput(msg)


def _number_of(value: object, name: str, *, least: float, unit: str = "") -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        with suppress(OverflowError):  # an int may be too large for a float
            if math.isfinite(value) and value >= least:
                return float(value)
    msg = f"{name} must be a finite number of at least {least}{unit}, not {named(value)}"
    raise InvalidInput(msg)


def _is_seconds(instance: object, attribute: attrs.Attribute[float], value: float) -> None:
    seconds_of(value, f"{type(instance).__name__}.{attribute.name}")


def _is_delay(instance: object, attribute: attrs.Attribute[float], value: float) -> None:
    name = f"{type(instance).__name__}.{attribute.name}"
    _number_of(value, name, least=_SHORTEST, unit=", in seconds")


def _is_growth(instance: object, attribute: attrs.Attribute[float], value: float) -> None:
    _number_of(value, f"{type(instance).__name__}.{attribute.name}", least=1)


@attrs.frozen(kw_only=True)
class Backoff:
    """Delays that grow up to a ceiling, each drawn between 0 and its bound (full jitter).

    Raises:
        InvalidInput: A value is out of range.
    """

    first: float = attrs.field(default=1.0, validator=_is_delay)
    """Bound of the first delay, in seconds, at least 0.01."""
    growth: float = attrs.field(default=1.5, validator=_is_growth)
    """Each bound is the one before, times this."""
    ceiling: float = attrs.field(default=30.0, validator=_is_delay)
    """No delay is longer, in seconds, at least 0.01."""

    def bound(self, number: int) -> float:
        """Return the longest that delay `number` can be, in seconds, counting from 0."""
        try:
            return min(self.first * self.growth**number, self.ceiling)
        except OverflowError:  # long past the ceiling
            return self.ceiling

    def delay(self, number: int, draw: Callable[[], float]) -> float:
        """Return delay `number`, in seconds; `draw` gives a number from 0 up to 1."""
        return self.bound(number) * draw()


DEFAULT_TIMEOUT: Final = 3600.0
"""How long a wait lasts unless told otherwise, in seconds. There is no wait without an end."""

DEFAULT_WORKERS: Final = 16
"""How many calls of a batch run at a time unless told otherwise."""

DEFAULT_POLL: Final = Backoff()
"""How a wait polls: soon at first, for tasks that end at once; four times a minute at length."""


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """Which failures of an intent are asked for again, how often, and for how long.

    botocore retries the transport within one call; this retries the intent, such as
    "this task shall stop", around calls.

    Raises:
        InvalidInput: A value is out of range.
    """

    timeout: float = attrs.field(default=60.0, validator=_is_seconds)
    """No new attempt after this many seconds. A wait has its own deadline instead."""
    backoff: Backoff = Backoff(first=0.5, growth=2.0, ceiling=20.0)
    """The delays between attempts."""
    retry_on: Callable[[BaseException], bool] = is_retryable
    """Which errors may pass."""


GUARD_RETRY: Final = RetryPolicy(timeout=20.0, backoff=Backoff(first=0.5, ceiling=5.0))
"""How hard a dying block tries: not for long, for somebody waits for it to die."""


@attrs.frozen(kw_only=True)
class Rules:
    """How the flows of one client poll and retry."""

    poll: Backoff = DEFAULT_POLL
    retry: RetryPolicy = RetryPolicy()
    draw: Callable[[], float] = random.random
    """Gives a number from 0 up to 1; pass a seeded one for the same delays each time."""
