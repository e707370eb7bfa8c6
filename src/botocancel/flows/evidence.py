"""What is known of one task, and what follows from it. Pure: nothing here asks or waits."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, cast

import attrs

from botocancel import services
from botocancel._generics import DetailT, ResponseT
from botocancel.errors import BotocancelError, NotFound, ServiceError, TaskEnded
from botocancel.phases import Phase
from botocancel.results import Basis, Cancellation, Certainty

if TYPE_CHECKING:
    from botocancel.effects import Instant
    from botocancel.model import Response
    from botocancel.refs import TaskRef
    from botocancel.results import TaskSnapshot
    from botocancel.services import Kind

__all__ = ["Evidence", "Given", "attempts_of", "concluded", "given_of"]

_logger = logging.getLogger(__name__)

_LOOKS: Final = 3
"""How often a refusal has to be answered before it is believed."""
_NEW_TASK: Final = 5.0
"""Seconds for which a task that was never described may not be found: it may be that new."""
_TO_THE_SECOND: Final = timedelta(seconds=1)
"""As exact as the time is that a service gives in the header of an answer."""


class Given(NamedTuple):
    """What is known of a task before anything is asked."""

    ref: TaskRef
    receipt: Cancellation | None = None
    """The receipt of an earlier cancel."""
    lost: bool = False
    """Whether a cancel may have taken effect of which no answer is known."""

    @property
    def tells(self) -> bool:
        """Whether anything is known beside which task it is."""
        return self.lost or self.receipt is not None


def given_of(task: object) -> Given:
    """Return what is known of a task by what names it: a receipt, or anything that has one.

    A cancel that the service did not say it accepted may have taken effect all the same.

    Raises:
        InvalidInput: It names no task.
    """
    ref = services.task_ref(task)
    held: object = getattr(task, "receipt", None)
    lost = bool(getattr(task, "lost", False))
    if isinstance(task, Cancellation):
        held = cast("object", task)
    if not isinstance(held, Cancellation):
        return Given(ref, lost=lost)
    receipt = cast("Cancellation", held)
    return Given(ref, receipt, lost) if receipt.accepted else Given(ref, lost=True)


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

    A description may be old: `Kind.status_lag` says how many seconds. So a refusal
    that the descriptions do not explain, and a task that is not found, are believed only
    when they repeat for that long; and a cancel that was accepted is not sent again sooner.
    """

    service: Kind[DetailT, ResponseT]
    receipt: Cancellation | None = None
    """The first cancel that was accepted: by this call, or before it."""
    lost: bool = False
    """Whether a cancel may have taken effect that no answer says was accepted."""
    phase: Phase = Phase.UNKNOWN
    """By the last answer that told one."""
    status: str | None = None
    snapshot: TaskSnapshot[DetailT] | None = None
    """The last description in full."""
    cancels: int = 0
    """How many cancel requests were sent, as far as botocore tells."""
    seen_canceling: bool = False
    """Whether a description said that the task was being cancelled."""
    refusal: ServiceError | None = None
    """The last refusal of a cancel that several situations share; None once one was accepted."""
    _looks_first: bool = False
    """Whether a description comes before any cancel: one may have taken effect already."""
    _last_accepted: float = 0.0
    _refused: _Repeated = attrs.field(factory=_Repeated)
    _missing: _Repeated = attrs.field(factory=_Repeated)

    def begin_with(self, given: Given, now: Instant) -> None:
        """Note what is known at the beginning of a call."""
        self.receipt, self.lost = given.receipt, given.lost
        self._looks_first = given.tells
        if given.receipt is not None:
            age = (now.utc - given.receipt.answered_at).total_seconds()
            self._last_accepted = now.monotonic - max(0.0, age)

    # --- what was answered --------------------------------------------------------------

    def cancel_accepted(self, receipt: Cancellation, at: float) -> None:
        """Note that the service accepted a cancel, at a time in seconds."""
        self.receipt = self.receipt or receipt
        self._last_accepted = at
        self.refusal = None
        self.phase = receipt.phase
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
        self.status = status
        self.phase = self.service.phase(status) if snapshot is None else snapshot.phase
        self.snapshot = snapshot or self.snapshot
        self.seen_canceling = self.seen_canceling or self.phase is Phase.CANCELING
        self._missing = _Repeated()
        if status in self.service.cancels.too_soon:
            self._refused = _Repeated()
        self._looks_first = False
        if (
            snapshot is not None
            and self.receipt is not None
            and _is_of_earlier(self.receipt, snapshot.created_at)
        ):
            _logger.warning(
                "%s: the receipt of a cancel at %s is of an earlier start of this task, which was "
                "created at %s; it is ignored",
                snapshot.ref,
                self.receipt.requested_at.isoformat(),
                snapshot.created_at,
                extra={"task": snapshot.ref.id},
            )
            self.receipt = None

    def not_found(self, at: float) -> None:
        """Note that a describe did not find the task."""
        self._missing.again(at)

    # --- what follows -------------------------------------------------------------------

    @property
    def accepted(self) -> bool:
        """Whether the service accepted a cancel."""
        return self.receipt is not None

    @property
    def is_known(self) -> bool:
        """Whether the service has said that there is such a task."""
        return self.accepted or self.status is not None

    @property
    def is_missing(self) -> bool:
        """Whether it may be believed that there is no such task."""
        return self._missing.persists(self.service.status_lag if self.is_known else _NEW_TASK)

    def wants_cancel(self, at: float) -> bool:
        """Say whether a cancel is to be sent: none has taken effect, and that is not old news.

        None is sent again while the task is not found: a service may accept the cancel of whatever
        is named, and would go on to.
        """
        if self._looks_first or self.phase is Phase.CANCELING or self.phase.terminal:
            return False
        if not self.accepted:
            return True
        return not self._missing.times and at - self._last_accepted >= self.service.status_lag

    def is_shared(self, refusal: BotocancelError) -> bool:
        """Say whether several situations share a refusal, so that a describe decides."""
        return isinstance(refusal, self.service.doubtful_refusals)

    def is_doubtful(self, refusal: BotocancelError) -> bool:
        """Say whether a refusal is not to be believed at once: it is shared, or old news."""
        return self.is_shared(refusal) or isinstance(refusal, NotFound)

    def is_open(self, error: BotocancelError) -> bool:
        """Say whether a lost cancel may be behind a refusal that a describe did not explain."""
        return self.lost and self.is_shared(error) and not isinstance(error, TaskEnded)

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
        is_too_soon = self.status in self.service.cancels.too_soon
        is_told = isinstance(refusal, TaskEnded) or self.accepted or self.seen_canceling
        return None if is_told or is_too_soon else refusal

    @property
    def final_refusal(self) -> ServiceError | None:
        """The unexplained refusal, once it has repeated for as long as descriptions may be old."""
        is_final = self._refused.persists(self.service.status_lag)
        return self.unexplained_refusal if is_final else None

    @property
    def is_lost_cancel_of_ours(self) -> bool:
        """Whether a cancel whose answer was lost explains the last refusal and description."""
        may_be_behind = isinstance(self.refusal, TaskEnded) and not self.phase.terminal
        return self.lost and (may_be_behind or _ended_by_lost_cancel(self.service, self.phase))

    @property
    def had_ended_before(self) -> bool:
        """Whether the task had ended before any cancel of this call could matter."""
        return not (self.accepted or self.seen_canceling or self.is_lost_cancel_of_ours)

    @property
    def ending(self) -> tuple[Phase, Certainty, Basis]:
        """How the task stands or ended, how that is known, and by what.

        A service without a status for a cancelled task uses the one for a failed task. Then
        an accepted cancel, or a task that was seen being cancelled, tells the two apart.
        """
        if self.phase is not Phase.FAILED or self.service.reports_canceled:
            return self.phase, Certainty.REPORTED, Basis.STATUS
        if self.accepted:
            return Phase.CANCELED, Certainty.INFERRED, Basis.RECEIPT
        if self.seen_canceling:
            return Phase.CANCELED, Certainty.INFERRED, Basis.CANCELING
        return Phase.FAILED, Certainty.INFERRED, Basis.NOTHING


def concluded(
    evidence: Evidence[DetailT, ResponseT], snapshot: TaskSnapshot[DetailT]
) -> TaskSnapshot[DetailT]:
    """Return a description with the phase that follows from it and from a receipt.

    That the task was seen being cancelled before is for an `Outcome` to say.
    """
    phase, certainty, basis = evidence.ending
    if basis is not Basis.RECEIPT:
        return snapshot
    return attrs.evolve(snapshot, phase=phase, certainty=certainty, basis=basis)


def attempts_of(error: BotocancelError) -> int:
    """Return how many requests the failed call sent, as far as botocore tells."""
    if isinstance(error, ServiceError):
        return error.attempts
    return 1 if error.may_have_applied else 0


def _ended_by_lost_cancel(service: Kind[DetailT, ResponseT], phase: Phase) -> bool:
    """Say whether a cancel whose answer was lost may have brought the task to this phase."""
    if phase is Phase.FAILED:
        return not service.reports_canceled
    return phase in {Phase.CANCELING, Phase.CANCELED}


def _is_of_earlier(receipt: Cancellation[Response], created_at: datetime | None) -> bool:
    """Say whether a cancel came before the task was created, by the service's clock."""
    if created_at is None or receipt.service_time is None:
        return False
    return receipt.service_time + _TO_THE_SECOND < created_at
