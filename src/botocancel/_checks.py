"""Arguments that callers pass in, checked before anything is done: each refusal names a remedy."""

from __future__ import annotations

import math
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final, cast

from botocancel._text import named
from botocancel.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "LONGEST_AGE",
    "age_of",
    "callable_of",
    "instance_of",
    "items_of",
    "number_of",
    "region_of",
    "regions_of",
    "seconds_of",
    "wait_options",
    "workers_of",
]

LONGEST_AGE: Final = 1e9
"""Seconds, over 31 years: AWS has nothing older, and `datetime` not much more room."""

_IF_ENDED: Final = ("return", "raise")


def seconds_of(value: object, name: str) -> float:
    """Return a finite number of seconds.

    Raises:
        InvalidInput: It is no number, is negative, or is not finite.
    """
    return number_of(value, name, least=0, unit=", in seconds")


def age_of(value: object, name: str) -> float:
    """Return an age in seconds.

    Raises:
        InvalidInput: As `seconds_of`, or it is over `LONGEST_AGE`.
    """
    return number_of(value, name, least=0, most=LONGEST_AGE, unit=", in seconds")


def workers_of(value: object) -> int:
    """Return how many workers there shall be.

    Raises:
        InvalidInput: It is no whole number, or below 1.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= sys.maxsize:
        return value
    msg = f"workers must be a whole number of at least 1, not {named(value)}"
    raise InvalidInput(msg)


def number_of(
    value: object, name: str, *, least: float, most: float = math.inf, unit: str = ""
) -> float:
    """Return a finite number.

    Raises:
        InvalidInput: It is no number, out of range, or not finite.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        with suppress(OverflowError):  # an int may be too large for a float
            if math.isfinite(value) and least <= value <= most:
                return float(value)
    limits = f"at least {least}" + ("" if math.isinf(most) else f" and at most {most:.0f}")
    msg = f"{name} must be a finite number of {limits}{unit}, not {named(value)}"
    raise InvalidInput(msg)


def wait_options(timeout: object, on_progress: object, if_ended: object = "return") -> float:
    """Check the options of a wait; return its `timeout` in seconds.

    Raises:
        InvalidInput: One of them cannot be right.
    """
    if on_progress is not None:
        callable_of(on_progress, "on_progress")
    if not (isinstance(if_ended, str) and if_ended in _IF_ENDED):
        msg = f"if_ended must be {' or '.join(map(repr, _IF_ENDED))}, not {named(if_ended)}"
        raise InvalidInput(msg)
    return seconds_of(timeout, "timeout")


def region_of(value: object) -> str | None:
    """Return a region, or None where None is passed; whether there is one is found out later.

    Raises:
        InvalidInput: It is no name.
    """
    if value is None or (isinstance(value, str) and value):
        return value
    msg = f"a region must be a name such as 'us-east-1', not {named(value)}"
    raise InvalidInput(msg)


def regions_of(value: object) -> tuple[str | None, ...]:
    """Return regions; None, the default one, stands for itself.

    Raises:
        InvalidInput: It is no list of regions, or an empty one.
    """
    if value is None:
        return (None,)
    regions = tuple(region_of(each) for each in items_of(value, "regions", "'us-east-1'"))
    if not regions:
        msg = "regions names no region; leave it out to look in the client's default region"
        raise InvalidInput(msg)
    return regions


def items_of(value: object, name: str, example: str) -> tuple[object, ...]:
    """Return what is in a collection; a text is none.

    Raises:
        InvalidInput: It is no collection.
    """
    if isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
        msg = f"{name} must be a list, such as {name}=[{example}], not {named(value)}"
        raise InvalidInput(msg)
    return tuple(cast("Iterable[object]", value))


def instance_of(value: object, name: str, kind: type[object]) -> None:
    """Insist on an instance of a class.

    Raises:
        InvalidInput: It is none.
    """
    if not isinstance(value, kind):
        msg = f"{name} must be a {kind.__name__}, not {named(value)}"
        raise InvalidInput(msg)


def callable_of(value: object, name: str) -> None:
    """Insist on something that can be called.

    Raises:
        InvalidInput: It cannot.
    """
    if not callable(value):
        msg = f"{name} must be a function, not {named(value)}"
        raise InvalidInput(msg)
