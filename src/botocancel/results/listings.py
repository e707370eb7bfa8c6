"""What a search for tasks could not tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from botocancel.errors import BotocancelError

__all__ = ["Gap"]


@attrs.frozen(kw_only=True)
class Gap:
    """A task that was listed and cannot be read, or a place where it could not be looked."""

    service: str
    """The key of the kind of task."""
    region: str | None
    """Where it was looked; None for the client's default region."""
    task: str | None
    """The id that the service gave the task, if it gave one; None for a place."""
    reason: str
    """Why it cannot be read, or why it could not be looked there."""
    parent: str | None = None
    """What the tasks are listed under, such as a state machine, if that alone failed."""
    error: BotocancelError | None = None
    """What was raised of the place, or of the parent; None of a task."""
