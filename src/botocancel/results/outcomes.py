"""How a task that was to be stopped has ended, and how sure that is."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Generic

import attrs

from botocancel._generics import DetailT_co

if TYPE_CHECKING:
    from datetime import datetime

    from botocancel.model import Response
    from botocancel.phases import Phase
    from botocancel.refs import TaskRef
    from botocancel.results.cancellations import Aftermath
    from botocancel.results.snapshots import TaskSnapshot

__all__ = ["Certainty", "Outcome"]


class Certainty(enum.StrEnum):
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
    """What AWS documents that such an end leaves behind, and the repair.

    None where it documents nothing: of success, and on FSx of failure. DataSync's repair is
    documented for executions that failed too.
    """

    @property
    def canceled(self) -> bool:
        """Whether the task ended because it was cancelled, by this call or another."""
        return self.phase == "CANCELED"
