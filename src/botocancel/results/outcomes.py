"""How a task that was to be stopped has ended, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

import attrs

from botocancel._generics import DetailT_co

if TYPE_CHECKING:
    from datetime import datetime

    from botocancel.model import Response
    from botocancel.phases import Phase
    from botocancel.refs import TaskRef
    from botocancel.results.cancellations import Aftermath, Cancellation
    from botocancel.results.certainty import Basis, Cause, Certainty
    from botocancel.results.snapshots import TaskSnapshot

__all__ = ["Outcome"]


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
    if a cancel was accepted or the task was seen being cancelled, else FAILED.
    """
    basis: Basis
    """What it is concluded from."""
    cause: Cause | None = None
    """What ended it, if that was a cancel: CANCELED does not say that it was this one."""
    receipt: Cancellation | None = None
    """The cancel that the service accepted: the first of this call, or the one it was given."""
    requested_at: datetime | None
    """When that was accepted, by this machine's clock, in UTC."""
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
    def accepted(self) -> bool:
        """Whether the service accepted a cancel, of this call or by the receipt it was given."""
        return self.receipt is not None

    @property
    def canceled(self) -> bool:
        """Whether the task ended because it was cancelled, by this call or another."""
        return self.phase == "CANCELED"
