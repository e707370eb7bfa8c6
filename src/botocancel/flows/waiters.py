"""Waiting for one task to end, with or without a cancel; the loop that every wait runs."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from itertools import count
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeAlias, TypeVar, cast

from botocancel import services
from botocancel._entries import Ended
from botocancel.effects import Record, Sleep, Tell, by, now
from botocancel.errors import (
    AccessDenied,
    BotocancelError,
    InvalidRequest,
    NotFound,
    ServiceError,
    TaskEnded,
    TransportError,
    WaitTimeout,
)
from botocancel.flows import meanings
from botocancel.flows.evidence import Evidence, attempts_of, concluded
from botocancel.flows.single import describe, note_refusal, ordered, request_cancel
from botocancel.model import Response, Shape
from botocancel.phases import Phase
from botocancel.results import Outcome, Sighting

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocancel.effects import Flow, Instant, OnProgress, Order
    from botocancel.flows.evidence import Given
    from botocancel.polling import Rules
    from botocancel.refs import TaskRef
    from botocancel.results import TaskSnapshot
    from botocancel.services import Kind

__all__ = [
    "EndWaiter",
    "IfEnded",
    "StopWaiter",
    "Waiter",
    "cancel_and_wait",
    "in_rounds",
    "in_time",
    "wait",
]

_logger = logging.getLogger(__name__)

DetailT = TypeVar("DetailT", bound=Shape)
ResponseT = TypeVar("ResponseT", bound=Response)
ResultT = TypeVar("ResultT")
ResultT_co = TypeVar("ResultT_co", covariant=True)

IfEnded: TypeAlias = Literal["return", "raise"]
"""What to do about a task that had ended before: ``"return"`` its outcome, or ``"raise"``."""

_GRACE: Final = 1.0
"""Seconds that a request has at least, if it begins before the deadline of its wait."""


class Waiter(ABC, Generic[DetailT, ResponseT, ResultT_co]):
    """One task that is followed until it has ended, and what is known of it."""

    def __init__(self, given: Given, rules: Rules, timeout: float, started: Instant) -> None:
        self.ref: TaskRef[DetailT, ResponseT] = cast("TaskRef[DetailT, ResponseT]", given.ref)
        self.service: Kind[DetailT, ResponseT] = services.kind_of(self.ref)
        self.known: Evidence[DetailT, ResponseT] = Evidence(self.service)
        self.known.begin_with(given, started)
        self.rules = rules
        self.started = started
        self.deadline: float = started.monotonic + timeout
        self.failure: BotocancelError | None = None
        """Why the last look told nothing; None if it did."""
        self.requests: int = 0

    @property
    def sighting(self) -> Sighting:
        """What is known at present."""
        known = self.known
        return Sighting(
            ref=self.ref,
            phase=known.ending[0],
            accepted=known.accepted,
            receipt=known.receipt,
            snapshot=self.snapshot,
        )

    @property
    def snapshot(self) -> TaskSnapshot[DetailT] | None:
        """The last description, with the phase that follows from all that is known."""
        snapshot = self.known.snapshot
        return None if snapshot is None else concluded(self.known, snapshot)

    @abstractmethod
    def result(self, instant: Instant) -> ResultT_co | None:
        """Return what the caller waits for; None while it is not known."""

    def wants_cancel(self, at: float) -> bool:  # noqa: ARG002  (a wait never cancels)
        """Say whether a cancel is to be sent before the next look, at a time in seconds."""
        return False

    def send_cancel(self) -> Flow[None]:
        """Send what makes the task end, if it is to be made to end."""
        yield from ()

    def note(self, error: BotocancelError | None) -> Flow[None]:  # noqa: ARG002  (nor has it any to note)
        """Note in the journal how a cancel came out: by an error, or by the end of the task."""
        yield from ()

    def look(self) -> Flow[None]:
        """Describe the task, riding out what may pass.

        Raises:
            BotocancelError: What will not pass.
        """
        try:
            snapshot = yield from self._counted(describe(self.ref))
        except BotocancelError as error:
            self.failed(error, (yield from now()).monotonic)
        else:
            self.seen(snapshot.status, snapshot)

    def _counted(self, flow: Flow[ResultT]) -> Flow[ResultT]:
        """Run a flow of single calls, and count the requests they sent."""
        try:
            effect = next(flow)
            while True:
                try:
                    answer = yield effect
                except BotocancelError as error:
                    self.requests += attempts_of(error)
                    effect = flow.throw(error)
                else:
                    if isinstance(answer, Response):
                        self.requests += answer.metadata.attempts
                    effect = flow.send(answer)
        except StopIteration as stop:
            return cast("ResultT", stop.value)

    def seen(self, status: str | None, snapshot: TaskSnapshot[DetailT] | None) -> None:
        """Take note of a description, or of a status alone, which a listing told."""
        self.known.described(status, snapshot)
        self.failure = None

    def failed(self, error: BotocancelError, at: float) -> None:
        """Take note of a failure that may pass; raise any other.

        Args:
            error: What a look met.
            at: When, in seconds.
        """
        if isinstance(error, NotFound):
            self.known.not_found(at)
        may_pass = isinstance(error, NotFound) and not self.known.is_missing
        is_out_of_time = isinstance(error, TransportError) and at >= self.deadline
        if not (may_pass or is_out_of_time or self.rules.retry.retry_on(error)):
            raise error
        self.failure = error
        _logger.info("%s: asking again later: %s", self.ref, error, extra={"task": self.ref.id})

    def late(self, instant: Instant) -> BotocancelError:
        """Return the error that says that time is up, and what was last known.

        A task that was never found, not even at the last look, is told as not found.
        """
        if isinstance(self.failure, NotFound) and not self.known.is_known:
            return self.failure
        elapsed = instant.monotonic - self.started.monotonic
        last = self.known.status or "never described"
        error = WaitTimeout(f"{self.ref} was not seen to end in {elapsed:.0f} s; last: {last}")
        error.ref = self.ref
        error.snapshot = self.known.snapshot
        error.requests = self.requests
        error.elapsed = elapsed
        error.__cause__ = self.failure
        return error


class EndWaiter(Waiter[DetailT, ResponseT, "TaskSnapshot[DetailT]"]):
    """A task that is only waited for."""

    def result(self, instant: Instant) -> TaskSnapshot[DetailT] | None:  # noqa: ARG002  (no need of it)
        """Return the snapshot of the task that has ended."""
        snapshot = self.snapshot
        return snapshot if snapshot is not None and snapshot.phase.terminal else None


class StopWaiter(Waiter[DetailT, ResponseT, Outcome[DetailT]]):
    """A task that is to be stopped: it is cancelled, and again if that did not take."""

    def __init__(
        self,
        given: Given,
        order: Order,
        rules: Rules,
        timeout: float,
        started: Instant,
        *,
        if_ended: IfEnded = "return",
    ) -> None:
        super().__init__(given, rules, timeout, started)
        self.order = order
        self.if_ended = if_ended

    def wants_cancel(self, at: float) -> bool:
        """Say whether a cancel is to be sent before the next look, at a time in seconds."""
        return self.known.wants_cancel(at)

    def send_cancel(self) -> Flow[None]:
        """Send a cancel, riding out what may pass and what a describe has to decide.

        Raises:
            BotocancelError: What will not pass.
        """
        try:
            yield from self._counted(request_cancel(self.ref, self.order, self.known))
        except BotocancelError as error:
            if not (isinstance(error, ServiceError) and self.known.is_doubtful(error)):
                self.failed(error, (yield from now()).monotonic)
        else:
            _logger.info("%s: the cancel was accepted", self.ref, extra={"task": self.ref.id})

    def note(self, error: BotocancelError | None) -> Flow[None]:
        """Note in the journal how the cancel came out: by an error, or by the end of the task."""
        if error is not None:
            yield from note_refusal(error, self.order, self.known)
            return
        phase, certainty, basis = self.known.ending
        at, status = (yield from now()).utc, self.known.status
        yield Record([Ended(name, at, phase, status, certainty, basis) for name in self.order.ids])

    def seen(self, status: str | None, snapshot: TaskSnapshot[DetailT] | None) -> None:
        """Take note of a description.

        Raises:
            ServiceError: A refusal that repeated looks have not explained.
        """
        super().seen(status, snapshot)
        is_going = not self.known.phase.terminal
        if is_going and (refusal := self.known.final_refusal) is not None:
            raise refusal

    def failed(self, error: BotocancelError, at: float) -> None:
        """Take note of a failure that may pass; raise any other, and say what was accepted."""
        try:
            super().failed(error, at)
        except BotocancelError:
            refusal = self.known.credible_refusal
            if self.known.accepted:
                error.add_note(f"The cancel of {self.ref} had been accepted before.")
            elif refusal is not None and self._is_explained_by(error, refusal):
                raise meanings.of_refusal(self.service, refusal, error) from error
            raise

    def _is_explained_by(self, error: BotocancelError, refusal: ServiceError) -> bool:
        """Say whether what kept the task from being described leaves the refusal to be told."""
        if isinstance(error, NotFound):
            return isinstance(refusal, InvalidRequest)
        return isinstance(error, AccessDenied) and not self.known.lost

    def result(self, instant: Instant) -> Outcome[DetailT] | None:
        """Return how the task ended; None while it has not.

        Raises:
            TaskEnded: It had ended before, and the caller asked to be told so.
        """
        known, snapshot = self.known, self.known.snapshot
        if snapshot is None or not snapshot.phase.terminal:
            return None
        if self.if_ended == "raise" and known.had_ended_before:
            raise self._ended(snapshot)
        phase, certainty, basis = known.ending
        reason = known.receipt.reason if known.receipt else None
        is_canceled = phase is Phase.CANCELED
        return Outcome(
            ref=self.ref,
            snapshot=snapshot,
            phase=phase,
            certainty=certainty,
            basis=basis,
            cause=self.service.cause(snapshot.detail, reason) if is_canceled else None,
            receipt=known.receipt,
            requested_at=known.receipt.answered_at if known.receipt else None,
            cancels=known.cancels,
            requests=self.requests,
            elapsed=instant.monotonic - self.started.monotonic,
            aftermath=self.service.aftermath_of(phase, snapshot.detail),
        )

    def late(self, instant: Instant) -> BotocancelError:
        """Return the error that says that time is up, and whether a cancel was accepted.

        A refusal that no look has explained says more than that time is up.
        """
        refusal = self.known.unexplained_refusal
        if refusal is not None and self.known.is_there:
            return refusal
        if refusal is not None:
            return meanings.of_refusal(self.service, refusal, self.failure or refusal)
        error = super().late(instant)
        if isinstance(error, WaitTimeout):
            taken = "was accepted" if self.known.accepted else "was not accepted"
            error.args = (f"{error}; the cancel {taken}",)
            error.accepted, error.receipt = self.known.accepted, self.known.receipt
        return error

    def _ended(self, snapshot: TaskSnapshot[DetailT]) -> ServiceError:
        """Return the service's refusal, or say it for the service if no cancel was answered."""
        refusal = self.known.credible_refusal
        if refusal is not None:
            return meanings.of_refusal(self.service, refusal, snapshot)
        text = f"the task had ended ({snapshot.status}) before any cancel was answered"
        operation = self.service.cancel_request(self.ref).operation
        error = self.service.error(TaskEnded, text, operation)
        error.ref = self.ref
        if isinstance(error, TaskEnded):
            error.snapshot = snapshot
        return error


def in_rounds(rules: Rules, deadline: float, one: Callable[[bool], Flow[bool]]) -> Flow[None]:
    """Run rounds of requests, each a little later, until one says that it was the last.

    The last one begins at the deadline, and is told so.

    Args:
        rules: How long the pauses are.
        deadline: In seconds, on the clock of `Instant.monotonic`.
        one: A round. It is the last one that it is told to be, and the one that ends late.
    """
    is_last = False
    for number in count():
        if (yield from one(is_last)):
            return
        left = deadline - (yield from now()).monotonic
        delay = rules.poll.delay(number, rules.draw)
        is_last = delay >= left
        yield Sleep(max(0.0, min(left, delay)))


def in_time(waiter: Waiter[DetailT, ResponseT, ResultT_co], flow: Flow[ResultT]) -> Flow[ResultT]:
    """Run a flow whose requests are left behind at the deadline of a wait."""
    least = (yield from now()).monotonic + _GRACE
    return (yield from by(max(waiter.deadline, least), flow))


def until_ended(
    waiter: Waiter[DetailT, ResponseT, ResultT_co], on_progress: OnProgress | None
) -> Flow[ResultT_co]:
    """Cancel and look again and again, until there is a result or time is up."""
    found: list[ResultT_co] = []

    def one(is_last: bool) -> Flow[bool]:  # noqa: FBT001  (`in_rounds` says so)
        if not is_last and waiter.wants_cancel((yield from now()).monotonic):
            yield from in_time(waiter, waiter.send_cancel())
            instant = yield from now()
            if instant.monotonic > waiter.deadline:
                raise waiter.late(instant)
        yield from in_time(waiter, waiter.look())
        snapshot = waiter.snapshot
        if on_progress is not None and snapshot is not None and waiter.failure is None:
            yield Tell(on_progress, snapshot)
        instant = yield from now()
        result = waiter.result(instant)
        if result is not None:
            yield from waiter.note(None)
            found.append(result)
        elif is_last or instant.monotonic >= waiter.deadline:
            raise waiter.late(instant)
        return bool(found)

    try:
        yield from in_rounds(waiter.rules, waiter.deadline, one)
    except BotocancelError as error:
        yield from waiter.note(error)
        raise
    return found[0]


def wait(
    given: Given,
    rules: Rules,
    timeout: float,
    on_progress: OnProgress | None = None,
) -> Flow[TaskSnapshot]:
    """Describe a task again and again until it has ended."""
    started = yield from now()
    waiter = EndWaiter[Shape, Response](given, rules, timeout, started)
    return (yield from until_ended(waiter, on_progress))


def cancel_and_wait(
    given: Given,
    rules: Rules,
    timeout: float,
    if_ended: IfEnded = "return",
    on_progress: OnProgress | None = None,
    *,
    reason: str | None = None,
) -> Flow[Outcome]:
    """Cancel a task, and again if that did not take, until it has ended."""
    started = yield from now()
    order = (yield from ordered([given.ref], reason))[given.ref]
    waiter = StopWaiter[Shape, Response](given, order, rules, timeout, started, if_ended=if_ended)
    return (yield from until_ended(waiter, on_progress))
