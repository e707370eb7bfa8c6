"""What is known of one task, and what follows from it. Pure: nothing here asks or waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

import attrs

from botocancel.errors import BotocancelError, NotFound, ServiceError, TaskEnded
from botocancel.model import Response, Shape
from botocancel.phases import Phase
from botocancel.results import Certainty

if TYPE_CHECKING:
    from botocancel.effects import Instant
    from botocancel.results import TaskSnapshot
    from botocancel.services import Service

__all__ = ["Evidence", "attempts_of", "ended_by_lost_cancel"]

DetailT = TypeVar("DetailT", bound=Shape)
ResponseT = TypeVar("ResponseT", bound=Response)

_LOOKS: Final = 3
"""How often a refusal has to be answered before it is believed."""
_NEW_TASK: Final = 5.0
"""Seconds for which a task that was never described may not be found: it may be that new."""


@attrs.define(eq=False)
class _Repeated:
    """How often the service has answered one thing, and since when."""

    times: int = 0
    first: float = 0.0
    last: float = 0.0

    def again(self, at: float) -> None:
        """Count one more, at a time in seconds."""
        self.first = self.first if self.times else at
        self.times, self.last = self.times + 1, at

    def persists(self, seconds: float) -> bool:
        """Say whether it was answered often enough, over so many seconds."""
        return self.times >= _LOOKS and self.last - self.first >= seconds


@attrs.define(eq=False)
class Evidence(Generic[DetailT, ResponseT]):
    """What is known of one task that is waited for or to be stopped.

    A description may be old: `Service.status_lag` says how many seconds. So a refusal
    that the descriptions do not explain, and a task that is not found, are believed only
    when they repeat for that long; and a cancel that was accepted is not sent again sooner.
    """

    service: Service[DetailT, ResponseT]
    phase: Phase = Phase.UNKNOWN
    """By the last answer that told one."""
    status: str | None = None
    snapshot: TaskSnapshot[DetailT] | None = None
    """The last description in full."""
    cancels: int = 0
    """How many cancel requests were sent, as far as botocore tells."""
    accepted_at: Instant | None = None
    """When the first cancel was accepted."""
    lost: bool = False
    """Whether a cancel may have taken effect that no answer says was accepted."""
    seen_canceling: bool = False
    """Whether a description said that the task was being cancelled."""
    refusal: ServiceError | None = None
    """The last refusal of a cancel that several situations share; None once one was accepted."""
    _last_accepted: float = 0.0
    _refused: _Repeated = attrs.field(factory=_Repeated)
    _missing: _Repeated = attrs.field(factory=_Repeated)

    # --- what was answered --------------------------------------------------------------

    def cancel_accepted(self, at: Instant, phase: Phase) -> None:
        """Note that the service accepted a cancel."""
        self.accepted_at = self.accepted_at or at
        self._last_accepted = at.monotonic
        self.refusal = None
        self.phase = phase
        self._missing = _Repeated()

    def cancel_refused(self, refusal: ServiceError, at: float) -> None:
        """Note a refusal that a description has to explain; a retry before it may have worked."""
        self.refusal = refusal
        self._refused.again(at)
        self.lost = self.lost or refusal.attempts > 1

    def cancel_failed(self, error: BotocancelError) -> None:
        """Note that a cancel failed in a way that says nothing of the task."""
        self.lost = self.lost or error.may_have_applied

    def described(self, status: str | None, snapshot: TaskSnapshot[DetailT] | None) -> None:
        """Note a description, or a status alone, which a listing told."""
        self.status, self.phase = status, self.service.phase(status)
        self.snapshot = snapshot or self.snapshot
        self.seen_canceling = self.seen_canceling or self.phase is Phase.CANCELING
        self._missing = _Repeated()

    def not_found(self, at: float) -> None:
        """Note that a describe did not find the task."""
        self._missing.again(at)

    # --- what follows -------------------------------------------------------------------

    @property
    def accepted(self) -> bool:
        """Whether the service accepted a cancel."""
        return self.accepted_at is not None

    @property
    def is_known(self) -> bool:
        """Whether the service has said that there is such a task."""
        return self.accepted or self.status is not None

    @property
    def is_missing(self) -> bool:
        """Whether it may be believed that there is no such task."""
        return self._missing.persists(self.service.status_lag if self.is_known else _NEW_TASK)

    def wants_cancel(self, at: float) -> bool:
        """Say whether a cancel is to be sent: none has taken effect, and that is not old news."""
        if self.phase is Phase.CANCELING or self.phase.terminal:
            return False
        return not self.accepted or at - self._last_accepted >= self.service.status_lag

    @property
    def is_there(self) -> bool:
        """Whether there is such a task, for all that is known: not found is then old news."""
        return self.is_known and not self.is_missing

    @property
    def credible_refusal(self) -> ServiceError | None:
        """The refusal of the last cancel, unless it is that there is no task, and there is."""
        refusal = self.refusal
        if refusal is not None and self.is_there and self.service.says_not_found(refusal):
            return None
        return refusal

    @property
    def unexplained_refusal(self) -> ServiceError | None:
        """The refusal of the last cancel, if no description and no cancel of ours explains it."""
        refusal = self.credible_refusal
        is_explained = isinstance(refusal, TaskEnded) or self.accepted or self.seen_canceling
        return None if is_explained else refusal

    @property
    def final_refusal(self) -> ServiceError | None:
        """The unexplained refusal, once it has repeated for as long as descriptions may be old."""
        is_final = self._refused.persists(self.service.status_lag)
        return self.unexplained_refusal if is_final else None

    @property
    def ending(self) -> tuple[Phase, Certainty]:
        """How the task ended, and how that is known; only once its phase is terminal.

        A service without a status for a cancelled task uses the one for a failed task. Then
        an accepted cancel, or a task that was seen being cancelled, tells the two apart.
        """
        if self.phase is not Phase.FAILED or self.service.reports_canceled:
            return self.phase, Certainty.REPORTED
        is_canceled = self.accepted or self.seen_canceling
        return Phase.CANCELED if is_canceled else Phase.FAILED, Certainty.INFERRED

    @property
    def had_ended_before(self) -> bool:
        """Whether the task had ended before any cancel of this call could matter."""
        is_ours = self.lost and ended_by_lost_cancel(self.service, self.phase)
        return not (self.accepted or self.seen_canceling or is_ours)

    def is_doubtful(self, refusal: ServiceError) -> bool:
        """Say whether several situations share a refusal, so that a describe decides."""
        return isinstance(refusal, (*self.service.doubtful_refusals, NotFound))


def attempts_of(error: BotocancelError) -> int:
    """Return how many requests the failed call sent, as far as botocore tells."""
    if isinstance(error, ServiceError):
        return error.attempts
    return 1 if error.may_have_applied else 0


def ended_by_lost_cancel(service: Service[DetailT, ResponseT], phase: Phase) -> bool:
    """Say whether a cancel whose answer was lost may have brought the task to this phase."""
    if phase is Phase.FAILED:
        return not service.reports_canceled
    return phase in {Phase.CANCELING, Phase.CANCELED}
