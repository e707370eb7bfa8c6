"""What a task was seen to be like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

import attrs

from botocancel._generics import DetailT_co
from botocancel.results.certainty import Basis, Certainty

if TYPE_CHECKING:
    from datetime import datetime

    from botocancel.model import Response, Shape
    from botocancel.phases import Phase
    from botocancel.refs import TaskRef
    from botocancel.results.cancellations import Cancellation

__all__ = ["Progress", "Sighting", "TaskSnapshot"]


@attrs.frozen(kw_only=True)
class Progress:
    """How much of the work is done, as far as the service tells."""

    done: int | None = None
    """How many units of work are done."""
    total: int | None = None
    """How many the service expects; an estimate that may still grow."""
    unit: str | None = None
    """What is counted, in the plural: ``files``, ``children``. None where nothing is."""
    bytes_done: int | None = None
    bytes_total: int | None = None
    """Bytes the service expects to process; an estimate that may still grow."""

    @property
    def fraction(self) -> float | None:
        """Share of the work that is done, 0.0 to 1.0, by bytes where known, else by units."""
        for done, total in ((self.bytes_done, self.bytes_total), (self.done, self.total)):
            if done is not None and total:
                return min(1.0, max(0.0, done / total))
        return None


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
    progress: Progress = Progress()
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
