"""Documents of JSON or YAML, read strictly: nothing unknown, nothing of a wrong type.

A *check* takes a value and where it is, and returns the value as it is to be used.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeAlias, cast

__all__ = [
    "Check",
    "DocumentError",
    "choice",
    "duration",
    "flag",
    "inside",
    "instant",
    "listed",
    "mapped",
    "number",
    "optional",
    "positive",
    "record",
    "text",
    "whole",
]

Check: TypeAlias = Callable[[object, str], object]


class DocumentError(ValueError):
    """A document says something that cannot be.

    Args:
        where: The key, such as ``tasks[0].status``; empty for the whole document.
        problem: What is wrong, and what would be right.
    """

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(where, problem)
        self.where = where
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.where or 'the document'}: {self.problem}"


def text(value: object, where: str) -> str:
    """Take text."""
    if isinstance(value, str):
        return value
    raise DocumentError(where, f"expected text, got {_shown(value)}; put it in quotes")


def flag(value: object, where: str) -> bool:
    """Take true or false."""
    if isinstance(value, bool):
        return value
    raise DocumentError(where, f"expected true or false, got {_shown(value)}")


def whole(value: object, where: str) -> int:
    """Take a whole number that is not negative."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise DocumentError(where, f"expected a whole number, 0 or more, got {_shown(value)}")


def positive(value: object, where: str) -> int:
    """Take a whole number that is not 0."""
    found = whole(value, where)
    if found:
        return found
    raise DocumentError(where, "expected a whole number, 1 or more, got 0")


def number(value: object, where: str) -> float:
    """Take a finite number that is not negative."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf:
        return float(value)
    raise DocumentError(where, f"expected a number, 0 or more, got {_shown(value)}")


def duration(value: object, where: str) -> float:
    """Take a number of seconds, or ``never`` for a time that does not come."""
    if value == "never":
        return math.inf
    try:
        return number(value, where)
    except DocumentError:
        expected = f'expected seconds, 0 or more, or "never", got {_shown(value)}'
        raise DocumentError(where, expected) from None


def instant(value: object, where: str) -> datetime:
    """Take a time with its time zone, in ISO 8601."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if isinstance(found, datetime) and found.tzinfo is not None:
        return found
    expected = f"expected a time with its zone, as 2024-01-01T00:00:00Z, got {_shown(value)}"
    raise DocumentError(where, expected)


def choice(values: Iterable[str]) -> Check:
    """Take one of some texts."""
    known = sorted(values)

    def check(value: object, where: str) -> str:
        if isinstance(value, str) and value in known:
            return value
        raise DocumentError(where, f"there is no {_shown(value)}{_instead(value, known)}")

    return check


def optional(inner: Check) -> Check:
    """Take what another check takes, or null."""
    return lambda value, where: None if value is None else inner(value, where)


def listed(inner: Check) -> Check:
    """Take a list; another check takes its items."""

    def check(value: object, where: str) -> list[object]:
        if not isinstance(value, list):
            raise DocumentError(where, f"expected a list, got {_shown(value)}")
        items = cast("list[object]", value)
        return [inner(item, f"{where}[{place}]") for place, item in enumerate(items)]

    return check


def mapped(inner: Check, keys: Iterable[str] | None = None) -> Check:
    """Take a mapping; another check takes its values.

    Args:
        inner: Takes the values.
        keys: The keys there can be; None for any.
    """

    def check(value: object, where: str) -> dict[str, object]:
        pairs = _pairs(value, where)
        if keys is not None:
            _refuse_unknown(pairs, set(keys), where)
        return {key: inner(part, inside(where, key)) for key, part in pairs.items()}

    return check


def record(table: Mapping[str, Check], required: Iterable[str] = ()) -> Check:
    """Take a mapping of known keys, each with a check of its own.

    Args:
        table: The keys there can be, and what takes their values.
        required: The keys that must be there.
    """

    def check(value: object, where: str) -> dict[str, object]:
        pairs = _pairs(value, where)
        _refuse_unknown(pairs, table, where)
        if missing := sorted(set(required) - pairs.keys()):
            raise DocumentError(where, f"{', '.join(missing)} must be given")
        return {key: table[key](part, inside(where, key)) for key, part in pairs.items()}

    return check


def _pairs(value: object, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise DocumentError(where, f"expected keys with values, got {_shown(value)}")
    pairs = cast("dict[object, object]", value)
    for key in pairs:
        text(key, f"{where}, the key {key!r}")
    return cast("dict[str, object]", pairs)


def _refuse_unknown(pairs: Iterable[str], known: Iterable[str], where: str) -> None:
    for key in pairs:
        if key not in known:
            expected = f"there is no such key{_instead(key, sorted(known))}"
            raise DocumentError(inside(where, key), expected)


def inside(where: str, key: str) -> str:
    """Return where the value of a key is."""
    return f"{where}.{key}" if where else key


def _instead(value: object, known: list[str]) -> str:
    close = difflib.get_close_matches(str(value), known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; there are {', '.join(known)}"


def _shown(value: object) -> str:
    """Return a value as text that is not too long."""
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."  # noqa: PLR2004  (a line's worth)
