"""Lengths of time and instants, as people write and read them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["duration", "instant", "pause", "spoken"]

_LONGEST: Final = 10_000 * 86_400
"""In seconds; longer than AWS has been there."""
_SHORTEST_PAUSE: Final = 0.01
_SECONDS: Final[Mapping[str, int]] = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_FORM: Final = re.compile(r"(?:\d+(?:\.\d+)?[dhms])+|\d+(?:\.\d+)?")
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)([dhms]?)")


def duration(text: str) -> float:
    """Return the seconds that a text means, such as ``90``, ``45s``, ``2h`` or ``1d12h``.

    Raises:
        BadParameter: It means none, or a very long one.
    """
    if not _FORM.fullmatch(text):
        msg = f"{text!r} is no length of time, such as 90s, 15m, 2h or 1d12h"
        raise click.BadParameter(msg)
    seconds = sum(float(number) * _SECONDS[unit or "s"] for number, unit in _PART.findall(text))
    if seconds > _LONGEST:
        msg = f"{text!r} is longer than {_LONGEST // _SECONDS['d']}d"
        raise click.BadParameter(msg)
    return seconds


def pause(text: str) -> float:
    """Return the seconds that a text means, for a pause between requests.

    Raises:
        BadParameter: It means none, or none that is worth the name.
    """
    seconds = duration(text)
    if seconds < _SHORTEST_PAUSE:
        msg = f"{text!r} is no pause; it takes {_SHORTEST_PAUSE}s at least"
        raise click.BadParameter(msg)
    return seconds


def instant(value: datetime) -> str:
    """Return an instant to the second."""
    return f"{value:%Y-%m-%d %H:%M:%S} UTC"


def spoken(seconds: float) -> str:
    """Return a length of time in its two largest units, such as ``2h05m``."""
    left = max(0, round(seconds))
    days, left = divmod(left, _SECONDS["d"])
    hours, left = divmod(left, _SECONDS["h"])
    minutes, left = divmod(left, _SECONDS["m"])
    if days:
        return f"{days}d{hours:02}h"
    if hours:
        return f"{hours}h{minutes:02}m"
    return f"{minutes}m{left:02}s" if minutes else f"{left}s"
