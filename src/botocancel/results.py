"""What the library answers: snapshots of tasks, and what a cancel did."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Generic, TypeVar, cast

import attrs

if TYPE_CHECKING:
    from datetime import datetime

    from botocancel.errors import BotocancelError
    from botocancel.model import Response, Shape
    from botocancel.phases import Phase
    from botocancel.refs import TaskRef

__all__ = [
    "Aftermath",
    "Cancellation",
    "Certainty",
    "Fate",
    "Outcome",
    "Progress",
    "Result",
    "Sighting",
    "Summary",
    "TaskSnapshot",
]

DetailT_co = TypeVar("DetailT_co", bound="Shape", covariant=True)
ResponseT_co = TypeVar("ResponseT_co", bound="Response", covariant=True)


@attrs.frozen(kw_only=True)
class Progress:
    """How much of the work is done, as far as the service tells."""

    files_done: int | None = None
    files_total: int | None = None
    """Files the service expects to process; an estimate that may still grow."""
    bytes_done: int | None = None
    bytes_total: int | None = None
    """Bytes the service expects to process; an estimate that may still grow."""

    @property
    def fraction(self) -> float | None:
        """Share of the work that is done, 0.0 to 1.0, by bytes where known, else by files."""
        for done, total in (
            (self.bytes_done, self.bytes_total),
            (self.files_done, self.files_total),
        ):
            if done is not None and total:
                return min(1.0, max(0.0, done / total))
        return None


@attrs.frozen(kw_only=True)
class TaskSnapshot(Generic[DetailT_co]):
    """One description of a task, as of the moment the service gave it."""

    ref: TaskRef[DetailT_co, Response]
    phase: Phase
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
    """Whether the service has accepted a cancel of this call."""
    snapshot: TaskSnapshot[Shape] | None = None
    """The last description; None where listings told only the phase."""


class Fate(enum.Enum):
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
    consistent: bool | None
    """Whether the destination is consistent with the source; None where undocumented."""
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


class Certainty(enum.Enum):
    """How it is known whether a task ended by being cancelled."""

    REPORTED = "reported"
    """The service's status says so."""
    INFERRED = "inferred"
    """The service has no status for it; so it is concluded from what was seen."""


@attrs.frozen(kw_only=True)
class Outcome(Generic[DetailT_co]):
    """How a task that was to be stopped has ended."""

    ref: TaskRef[DetailT_co, Response]
    snapshot: TaskSnapshot[DetailT_co]
    """The service's last description; its phase is terminal."""
    phase: Phase
    """How it ended: CANCELED, SUCCEEDED or FAILED.

    It differs from the snapshot's only where CANCELED is inferred, on a service whose
    status for a cancelled task is the one for a failed task.
    """
    certainty: Certainty
    """How that is known.

    INFERRED on services without a cancelled status, for every end but success: CANCELED
    if this call's cancel was accepted or the task was seen being cancelled, else FAILED.
    """
    accepted: bool
    """Whether the service accepted a cancel of this call."""
    requested_at: datetime | None
    """When the first cancel of this call was accepted, in UTC."""
    cancels: int
    """How many cancel requests were sent, as far as botocore tells."""
    requests: int
    """How many requests were sent in all, as far as botocore tells."""
    elapsed: float
    """How long the call took, in seconds."""
    aftermath: Aftermath | None
    """What the cancel leaves behind; None where the task was not cancelled."""

    @property
    def canceled(self) -> bool:
        """Whether the task ended because it was cancelled, by this call or another."""
        return self.phase.value == "CANCELED"


ValueT_co = TypeVar("ValueT_co", covariant=True)


@attrs.frozen(kw_only=True)
class Result(Generic[ValueT_co]):
    """What became of one task of a batch: a value, or an error, never both and never neither."""

    task: object
    """The task as it was passed in."""
    value: ValueT_co | None = None
    error: BotocancelError | None = None

    def unwrap(self) -> ValueT_co:
        """Return the value.

        Raises:
            BotocancelError: What went wrong with this task.
        """
        if self.error is not None:
            raise self.error
        return cast("ValueT_co", self.value)


@attrs.frozen(kw_only=True)
class Summary(Generic[ValueT_co]):
    """How a batch stands."""

    done: tuple[Result[ValueT_co], ...]
    """Results with a value, in order of completion."""
    failed: tuple[Result[ValueT_co], ...]
    """Results with an error, in order of completion."""
    pending: tuple[object, ...]
    """Tasks, as they were passed in, of which nothing is known yet."""

    def raise_failures(self) -> None:
        """Raise every error at once.

        Raises:
            ExceptionGroup: Of the errors, if there are any.
        """
        errors = [result.error for result in self.failed if result.error is not None]
        if errors:
            total = len(self.done) + len(self.failed) + len(self.pending)
            msg = f"{len(errors)} of {total} tasks failed"
            raise ExceptionGroup(msg, errors)

    def __str__(self) -> str:
        return f"{len(self.done)} done, {len(self.failed)} failed, {len(self.pending)} pending"
