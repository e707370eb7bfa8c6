"""Filters of listings: a name, values, and perhaps an operator."""

from __future__ import annotations

import operator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["passes"]

_COMPARISONS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "Equals": operator.eq,
    "In": operator.eq,
    "NotEquals": operator.eq,
    "LessThan": operator.lt,
    "LessThanOrEqual": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqual": operator.ge,
    "Contains": operator.contains,
    "NotContains": operator.contains,
    "BeginsWith": str.startswith,
}
"""What each operator asks of a value that is there and one of those that the filter gives."""


def passes(
    rule: Mapping[str, object],
    filters: Mapping[str, Sequence[str]],
    value_of: Callable[[str], object],
) -> bool:
    """Say whether something passes a filter; any of its values will do.

    Args:
        rule: The filter, by AWS's names.
        filters: The members that each filter looks at.
        value_of: Returns the value of a member; None where there is none.

    Raises:
        ValueError: The filter has no values, asks for a time and gives something else, or its
            name or operator is not known.
    """
    name, given = str(rule.get("Name")), cast("Sequence[str]", rule.get("Values") or ())
    means = str(rule.get("Operator", "Equals"))
    if name not in filters:
        msg = f"no such filter: {name}; there are {', '.join(filters)}"
        raise ValueError(msg)
    if means not in _COMPARISONS:
        msg = f"no such operator: {means}"
        raise ValueError(msg)
    if not given:
        msg = f"the filter {name} has no values"
        raise ValueError(msg)
    found = [value for value in map(value_of, filters[name]) if value is not None]
    pairs = [_comparable(have, want) for have in found for want in given]
    compare = _COMPARISONS[means]
    return any(compare(*pair) for pair in pairs) != means.startswith("Not")


def _comparable(have: object, want: str) -> tuple[str, str]:
    """Return two values as texts, of times such that sort by time."""
    if isinstance(have, datetime):
        return _in_utc(have), _in_utc(datetime.fromisoformat(want))
    return str(have), want


def _in_utc(instant: datetime) -> str:
    aware = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    return aware.isoformat(timespec="microseconds")
