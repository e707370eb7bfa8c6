"""What a task was seen to be like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

import attrs

from botocancel._generics import DetailT_co
from botocancel.results.certainty import Basis, Certainty
from botocancel.results.progress import Progress

if TYPE_CHECKING:
    from datetime import datetime

    from botocancel.model import Response, Shape
    from botocancel.phases import Phase
    from botocancel.refs import TaskRef
    from botocancel.results.cancellations import Cancellation

__all__ = ["Sighting", "TaskSnapshot"]


@attrs.frozen(kw_only=True)
class TaskSnapshot(Generic[DetailT_co]):
    """One description of a task, as of the moment the service gave it."""

    ref: TaskRef[DetailT_co, Response]
    phase: Phase
    """By the status, and by a receipt of an accepted cancel where that was given: see `basis`."""
    certainty: Certainty = Certainty.REPORTED
    """How the phase is known."""
    basis: Basis = Basis.STATUS
    """What the phase is concluded from."""
    status: str | None
    """The status in the service's own words; None where it named none."""
    type: str | None = None
    """What kind of work it is, in the service's own words, where there are several kinds."""
    parent: str | None = None
    """What the task is one of: its file system or file cache, or its DataSync task."""
    progress: Progress = attrs.field(factory=Progress)
    created_at: datetime | None = None
    """When the task was asked for, in UTC."""
    started_at: datetime | None = None
    """When the task began its work, in UTC."""
    ended_at: datetime | None = None
    """When the task ended, in UTC."""
    failure: str | None = None
    """What the service says went wrong."""
    detail: DetailT_co
    """The service's own typed description, whole."""


@attrs.frozen(kw_only=True)
class Sighting:
    """What one look at a task of a batch told, or the answer to its cancel."""

    ref: TaskRef[Shape, Response]
    phase: Phase
    """UNKNOWN where only the cancel was answered, and the answer names none."""
    accepted: bool = False
    """Whether the service has accepted a cancel, of this call or by the receipt it was given."""
    receipt: Cancellation | None = None
    """The cancel that it accepted."""
    snapshot: TaskSnapshot[Shape] | None = None
    """The last description; None where listings told only the phase."""
