"""When to ask again: delays, and what to ask again for. Pure, with the randomness passed in."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final, cast

import attrs

from botocancel._checks import callable_of, instance_of, number_of, seconds_of
from botocancel.errors import is_retryable

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
    "policy_of",
]


_SHORTEST: Final = 0.01
"""A backoff with shorter delays would be none."""


def _is_seconds(instance: object, attribute: attrs.Attribute[float], value: float) -> None:
    seconds_of(value, f"{type(instance).__name__}.{attribute.name}")


def _is_delay(instance: object, attribute: attrs.Attribute[float], value: float) -> None:
    name = f"{type(instance).__name__}.{attribute.name}"
    number_of(value, name, least=_SHORTEST, unit=", in seconds")


def _is_growth(instance: object, attribute: attrs.Attribute[float], value: float) -> None:
    number_of(value, f"{type(instance).__name__}.{attribute.name}", least=1)


def policy_of(value: object, default: RetryPolicy | None) -> RetryPolicy | None:
    """Return a policy that was passed in; the default one where none was.

    Raises:
        InvalidInput: It is none.
    """
    if value is None:
        return default
    instance_of(value, "retry", RetryPolicy)
    return cast("RetryPolicy", value)


def _is_backoff(_: object, attribute: attrs.Attribute[Backoff], value: Backoff) -> None:
    instance_of(value, attribute.name, Backoff)


def _is_policy(_: object, attribute: attrs.Attribute[RetryPolicy], value: RetryPolicy) -> None:
    instance_of(value, attribute.name, RetryPolicy)


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

DEFAULT_WORKERS: Final = 32
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
    backoff: Backoff = attrs.field(
        default=Backoff(first=0.5, growth=2.0, ceiling=20.0), validator=_is_backoff
    )
    """The delays between attempts."""
    retry_on: Callable[[BaseException], bool] = is_retryable
    """Which errors may pass."""

    def __attrs_post_init__(self) -> None:
        callable_of(self.retry_on, "RetryPolicy.retry_on")


GUARD_RETRY: Final = RetryPolicy(timeout=20.0, backoff=Backoff(first=0.5, ceiling=5.0))
"""How hard a dying block tries: not for long, for somebody waits for it to die."""


@attrs.frozen(kw_only=True)
class Rules:
    """How the flows of one client poll and retry."""

    poll: Backoff = attrs.field(default=DEFAULT_POLL, validator=_is_backoff)
    retry: RetryPolicy = attrs.field(default=RetryPolicy(), validator=_is_policy)
    by_account: bool = False
    """Whether tasks of different accounts are in different places, as they are for a fleet."""
    draw: Callable[[], float] = random.random
    """Gives a number from 0 up to 1; pass a seeded one for the same delays each time."""
