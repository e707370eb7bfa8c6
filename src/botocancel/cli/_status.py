"""The exit statuses of all commands."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Status", "worst"]


class Status(IntEnum):
    """Exit statuses; `docs/command-line.md` documents them."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    TIMED_OUT = 3
    INTERRUPTED = 130
    BROKEN_PIPE = 141


_SEVERITY: Final = (Status.INTERRUPTED, Status.FAILED, Status.TIMED_OUT)


def worst(statuses: Iterable[Status]) -> Status:
    """Return the one of several statuses that a command exits with."""
    seen = set(statuses)
    return next((status for status in _SEVERITY if status in seen), Status.DONE)
