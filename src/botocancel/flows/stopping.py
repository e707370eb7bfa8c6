"""Waiting for one task to end, and stopping one until it has ended."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeVar, cast

from botocancel.effects import call, now
from botocancel.errors import (
    AccessDenied,
    BotocancelError,
    InvalidRequest,
    NotFound,
    ServiceError,
    TaskEnded,
    WaitTimeout,
)
from botocancel.flows.pace import Answer
from botocancel.flows.pursuit import Pursuit, until_ended
from botocancel.flows.single import (
    about,
    attempts_of,
    ended_by_a_lost_cancel,
    refined,
)
from botocancel.model import Response, Shape
from botocancel.phases import Phase
from botocancel.results import Certainty, Outcome

if TYPE_CHECKING:
    from botocancel.effects import Flow, Instant, OnProgress
    from botocancel.polling import Rules
    from botocancel.refs import TaskRef
    from botocancel.results import TaskSnapshot

__all__ = ["IfEnded", "Stop", "Watch", "cancel_and_wait", "wait"]

_logger = logging.getLogger(__name__)

DetailT = TypeVar("DetailT", bound=Shape)
ResponseT = TypeVar("ResponseT", bound=Response)

IfEnded: TypeAlias = Literal["return", "raise"]

_REFUSALS: Final = 3
_PATIENCE: Final = 5.0
"""A refusal is believed after so many, over so many seconds: what a describe says may be old."""


class Watch(Pursuit[DetailT, ResponseT, "TaskSnapshot[DetailT]"]):
    """A task that is only waited for."""

    def result(self, instant: Instant) -> TaskSnapshot[DetailT] | None:  # noqa: ARG002  (no need of it)
        """Return the snapshot of the task that has ended."""
        snapshot = self.snapshot
        return snapshot if snapshot is not None and snapshot.phase.terminal else None


class Stop(Pursuit[DetailT, ResponseT, Outcome[DetailT]]):
    """What is known of one task that is to be stopped."""

    phase: Phase
    requests: int

    def __init__(
        self,
        ref: TaskRef[DetailT, ResponseT],
        rules: Rules,
        timeout: float,
        started: Instant,
        if_ended: IfEnded = "return",
    ) -> None:
        super().__init__(ref, rules, timeout, started)
        self.if_ended = if_ended
        self.wants_cancel: bool = True
        self.requested: Instant | None = None
        self.maybe_lost: bool = False
        self.seen_canceling: bool = False
        self.refusal: ServiceError | None = None
        self.refused_at: list[float] = []
        self.cancels: int = 0

    @property
    def accepted(self) -> bool:
        """Whether the service accepted a cancel."""
        return self.requested is not None

    def ask(self) -> Flow[Answer]:
        """Send a cancel, riding out what may pass and what a describe has to decide.

        Raises:
            BotocancelError: What will not pass.
        """
        try:
            with about(self.ref):
                response = yield from call(self.service.cancel_request(self.ref), self.ref)
        except BotocancelError as error:
            sent = attempts_of(error)
            answer = Answer.by(error)
            if isinstance(error, self.service.doubtful_refusals):
                self.refusal = error
                self.refused_at.append((yield from now()).monotonic)
                self.maybe_lost = self.maybe_lost or error.attempts > 1
            else:
                self.maybe_lost = self.maybe_lost or error.may_have_applied
                self.failed(error)
        else:
            sent = response.metadata.attempts
            answer = Answer.after(sent)
            self.requested = self.requested or (yield from now())
            self.refusal = None
            self.wants_cancel = False
            self.phase = self.service.phase(self.service.status_in(response))
            _logger.info("%s: the cancel was accepted", self.ref, extra={"task": self.ref.id})
        self.cancels += sent
        self.requests += sent
        return answer

    def seen(self, status: str | None, snapshot: TaskSnapshot[DetailT] | None) -> None:
        """Take note of what was seen, and of whether a cancel has to be sent again.

        Raises:
            ServiceError: A refusal that repeated looks have not explained.
        """
        super().seen(status, snapshot)
        self.seen_canceling = self.seen_canceling or self.phase is Phase.CANCELING
        self.wants_cancel = self.phase is not Phase.CANCELING and not self.phase.terminal
        if self.wants_cancel and self._is_refused_for_good and self._is_unexplained:
            raise cast("ServiceError", self.refusal)

    def failed(self, error: BotocancelError) -> None:
        """Take note of a failure that may pass; raise any other, and say what was accepted."""
        try:
            super().failed(error)
        except BotocancelError:
            refusal = self.refusal
            if self.accepted:
                error.add_note(f"The cancel of {self.ref} had been accepted before.")
            elif isinstance(error, AccessDenied) and refusal and not self.maybe_lost:
                raise self._as_told(refusal) from error
            elif isinstance(refusal, InvalidRequest) and isinstance(error, NotFound):
                leaf = self.service.errors_by_meaning[NotFound]
                raise refusal.refined(leaf) from error
            raise

    def result(self, instant: Instant) -> Outcome[DetailT] | None:
        """Return how the task ended; None while it has not.

        Raises:
            TaskEnded: It had ended before, and the caller asked to be told so.
        """
        if self.snapshot is None or not self.snapshot.phase.terminal:
            return None
        snapshot, phase, certainty = self.snapshot, self.snapshot.phase, Certainty.REPORTED
        if phase is Phase.FAILED and not self.service.reports_canceled:
            certainty = Certainty.INFERRED
            phase = Phase.CANCELED if self.accepted or self.seen_canceling else phase
        if self.if_ended == "raise" and self._had_ended_before(snapshot):
            raise self._ended(snapshot)
        return Outcome(
            ref=self.ref,
            snapshot=snapshot,
            phase=phase,
            certainty=certainty,
            accepted=self.accepted,
            requested_at=self.requested.utc if self.requested else None,
            cancels=self.cancels,
            requests=self.requests,
            elapsed=instant.monotonic - self.started.monotonic,
            aftermath=self.service.aftermath(snapshot.detail) if phase is Phase.CANCELED else None,
        )

    def late(self, instant: Instant) -> BotocancelError:
        """Return the error that says that time is up, and whether a cancel was accepted.

        A refusal that no look has explained says more than that time is up.
        """
        if self.refusal is not None and self._is_unexplained:
            return self.refusal
        error = super().late(instant)
        taken = "was accepted" if self.accepted else "was not accepted"
        error.args = (f"{error}; the cancel {taken}",)
        if isinstance(error, WaitTimeout):
            error.accepted = self.accepted
        return error

    @property
    def _is_refused_for_good(self) -> bool:
        times = self.refused_at
        return len(times) >= _REFUSALS and times[-1] - times[0] >= _PATIENCE

    @property
    def _is_unexplained(self) -> bool:
        return (
            self.refusal is not None
            and not isinstance(self.refusal, TaskEnded)
            and not self.accepted
            and not self.seen_canceling
        )

    def _had_ended_before(self, snapshot: TaskSnapshot[DetailT]) -> bool:
        ours = self.maybe_lost and ended_by_a_lost_cancel(self.service, snapshot.phase)
        return not (self.accepted or self.seen_canceling or ours)

    def _ended(self, snapshot: TaskSnapshot[DetailT]) -> ServiceError:
        """Return the service's refusal, or say it for the service if no cancel was answered."""
        if self.refusal is not None:
            return refined(self.service, self.refusal, snapshot)
        text = f"the task had ended ({snapshot.status}) before any cancel was answered"
        operation = self.service.cancel_request(self.ref).operation
        error = self.service.error(TaskEnded, text, operation)
        error.ref = self.ref
        if isinstance(error, TaskEnded):
            error.snapshot = snapshot
        return error

    def _as_told(self, refusal: ServiceError) -> ServiceError:
        if self.service.says_not_found(refusal):
            return refusal.refined(self.service.errors_by_meaning[NotFound])
        return refusal


def wait(
    ref: TaskRef[DetailT, ResponseT],
    rules: Rules,
    timeout: float,
    on_progress: OnProgress | None = None,
) -> Flow[TaskSnapshot[DetailT]]:
    """Describe a task again and again until it has ended."""
    started = yield from now()
    return (yield from until_ended(Watch(ref, rules, timeout, started), on_progress))


def cancel_and_wait(
    ref: TaskRef[DetailT, ResponseT],
    rules: Rules,
    timeout: float,
    if_ended: IfEnded = "return",
    on_progress: OnProgress | None = None,
) -> Flow[Outcome[DetailT]]:
    """Cancel a task, and again if that did not take, until it has ended."""
    started = yield from now()
    return (yield from until_ended(Stop(ref, rules, timeout, started, if_ended), on_progress))
