"""What one cancel did, and what it leaves behind."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final, Generic, Literal

import attrs

from botocancel._generics import ResponseT_co

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from botocancel.model import Shape
    from botocancel.phases import Phase
    from botocancel.refs import TaskRef

__all__ = ["FORM", "Aftermath", "Cancellation", "Fate", "TaskPlace"]


FORM: Final = 2
"""The number of the form that `Cancellation.to_dict` writes."""


class Fate(enum.StrEnum):
    """What becomes of a part of the work when a task is cancelled."""

    KEPT = "kept"
    FINISHED = "finished"
    CUT_OFF = "cut off"
    ASKED_TO_STOP = "asked to stop"
    """What is a task of its own is cancelled too, if that succeeds."""
    NOT_DONE = "not done"
    UNDOCUMENTED = "undocumented"


@attrs.frozen(kw_only=True)
class Aftermath:
    """What AWS documents that a cancel leaves behind for one kind of task."""

    done: Fate = Fate.UNDOCUMENTED
    """Work that was done when the cancel arrived: files, states of a state machine."""
    in_flight: Fate = Fate.UNDOCUMENTED
    """Work that was going on."""
    to_come: Fate = Fate.UNDOCUMENTED
    """Work whose turn had not come."""
    children: Fate | None = None
    """Tasks that it has started, such as the children of an array job; None: it starts none."""
    output: Fate = Fate.UNDOCUMENTED
    """What the task has written."""
    may_be_inconsistent: bool = False
    """Whether AWS documents that what is written may be incomplete or inconsistent."""
    billed: str | None = None
    """What AWS documents to be billed after the cancel; None where it documents nothing."""
    summary: str
    """All of it in a sentence or two."""
    repair: str | None = None
    """What mends it, where AWS documents a repair."""
    repair_by: Literal["redrive", "restart"] | None = None
    """What `TaskClient.restart` does for that: takes up the same task, or starts a new one."""
    source: str
    """The AWS documentation that says so, repair included."""


@attrs.frozen(kw_only=True)
class TaskPlace:
    """Where a cancel was sent, as far as that is known without a request."""

    account: str | None = None
    """Account, 12 digits: the task's if its id says so, else that of the credentials."""
    region: str | None = None
    partition: str | None = None


@attrs.frozen(kw_only=True)
class Cancellation(Generic[ResponseT_co]):
    """What one cancel did, as a receipt to keep. It does not say that the task has stopped.

    Wherever a task is taken, a receipt names it, and counts as the accepted cancel that it is:
    in this process or another, now or later. It can be pickled, and written and read as plain
    data by `to_dict` and `from_dict`.
    """

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
    requested_at: datetime
    """When the cancel was asked for, by this machine's clock, in UTC."""
    answered_at: datetime
    """When the answer came, by this machine's clock, in UTC."""
    service_time: datetime | None = None
    """When it was given, by the service's clock, to the second, in UTC; None if it did not say."""
    request_ids: tuple[str, ...] = ()
    """AWS's ids of the requests that were answered; the last is that of the answer."""
    place: TaskPlace = TaskPlace()
    caller: str | None = None
    """Who asked: the id of the access key, which is no secret; CloudTrail has it too.

    None where it is not known without a request.
    """
    reason: str | None = None
    """Why, in the words of who asked."""
    version: str
    """The version of botocancel that asked."""

    @property
    def located_ref(self) -> TaskRef[Shape, ResponseT_co]:
        """The task, in the region that the cancel was sent to where its id names none."""
        if self.ref.region is not None or self.place.region is None:
            return self.ref
        return attrs.evolve(
            self.ref, region=self.place.region, partition=self.ref.partition or self.place.partition
        )

    def to_dict(self) -> dict[str, object]:
        """Return the receipt as plain data, for JSON; its form has a version number."""
        from botocancel._plain import to_plain  # noqa: PLC0415  (few receipts are written)

        ref = self.ref
        return {
            "receipt": FORM,
            "service": ref.key,
            "task": {
                "id": ref.id,
                "region": ref.region,
                "account": ref.account,
                "partition": ref.partition,
            },
            "accepted": self.accepted,
            "phase": self.phase.value,
            "status": self.status,
            "response": None if self.response is None else to_plain(self.response.to_wire()),
            "attempts": self.attempts,
            "aftermath": attrs.asdict(self.aftermath),
            "requested_at": self.requested_at.isoformat(),
            "answered_at": self.answered_at.isoformat(),
            "service_time": None if self.service_time is None else self.service_time.isoformat(),
            "request_ids": list(self.request_ids),
            "place": attrs.asdict(self.place),
            "caller": self.caller,
            "reason": self.reason,
            "botocancel": self.version,
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, object]) -> Cancellation:
        """Read what `to_dict` of this or an earlier version returned; more of it is ignored.

        Raises:
            InvalidInput: It is no receipt, or one of a later form, or of an unknown service.
        """
        from botocancel._receipts import read_receipt  # noqa: PLC0415  (it finds the service)

        return read_receipt(document)
