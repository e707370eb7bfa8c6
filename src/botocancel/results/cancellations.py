"""What one cancel did, and what it leaves behind."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Generic

import attrs

from botocancel._generics import ResponseT_co

if TYPE_CHECKING:
    from botocancel.model import Shape
    from botocancel.phases import Phase
    from botocancel.refs import TaskRef

__all__ = ["Aftermath", "Cancellation", "Fate"]


class Fate(enum.StrEnum):
    """What becomes of a part of the work when a task is cancelled."""

    KEPT = "kept"
    FINISHED = "finished"
    CUT_OFF = "cut off"
    NOT_DONE = "not done"
    UNDOCUMENTED = "undocumented"


@attrs.frozen(kw_only=True)
class Aftermath:
    """What AWS documents that a cancel leaves behind for one kind of task."""

    completed_files: Fate
    """Files that were done when the cancel arrived."""
    files_in_flight: Fate
    """Files that were being worked on."""
    remaining_files: Fate
    """Files whose turn had not come."""
    may_be_inconsistent: bool = False
    """Whether AWS documents that the destination may be incomplete or inconsistent."""
    summary: str
    """All of it in a sentence or two."""
    repair: str | None = None
    """What mends it, where AWS documents a repair."""
    source: str
    """The AWS documentation that says so."""


@attrs.frozen(kw_only=True)
class Cancellation(Generic[ResponseT_co]):
    """What one cancel did. It does not say that the task has stopped."""

    ref: TaskRef[Shape, ResponseT_co]
    accepted: bool
    """Whether the service answered that it accepted this cancel.

    False where an earlier attempt of the same call was lost on the way, and the
    next one was refused because the task was stopping, or had stopped, already:
    most likely by the lost one.
    """
    phase: Phase
    """Phase by the answer; UNKNOWN where the answer names none, as DataSync's."""
    status: str | None
    """Status in the service's own words, where the answer names one."""
    response: ResponseT_co | None
    """The service's own typed answer; None where the cancel was not accepted."""
    attempts: int
    """How many cancel requests were sent."""
    aftermath: Aftermath
    """What the cancel leaves behind."""
