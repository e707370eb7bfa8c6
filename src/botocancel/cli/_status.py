"""The exit statuses of all commands."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Status"]


class Status(IntEnum):
    """Exit statuses; `docs/command-line.md` documents them."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    TIMED_OUT = 3
    INTERRUPTED = 130
    BROKEN_PIPE = 141
