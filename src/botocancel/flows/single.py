"""One request about one task, and what its answer means."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from botocancel import services
from botocancel.effects import Sleep, call, now
from botocancel.errors import (
    BotocancelError,
    InvalidRequest,
    NotFound,
    ServiceError,
    TaskCanceling,
    TaskEnded,
    Unsupported,
)
from botocancel.model import Response, Shape
from botocancel.phases import Phase
from botocancel.polling import Rules
from botocancel.results import Cancellation

if TYPE_CHECKING:
    from collections.abc import Generator

    from botocancel.effects import Flow
    from botocancel.model import Request
    from botocancel.polling import RetryPolicy
    from botocancel.refs import TaskRef
    from botocancel.results import TaskSnapshot
    from botocancel.services import Service

__all__ = [
    "about",
    "attempts_of",
    "cancel",
    "describe",
    "ended_by_a_lost_cancel",
    "missing_told",
    "refined",
    "send",
]

_logger = logging.getLogger(__name__)

DetailT = TypeVar("DetailT", bound=Shape)
ResponseT = TypeVar("ResponseT", bound=Response)


def send(request: Request[ResponseT], region: str | None = None) -> Flow[ResponseT]:
    """Send one request as it is, to the region given, else to that of the task it names."""
    ref = services.service_named(request.service).ref_of(request)
    if ref is None or region is not None:
        return (yield from call(request, region=region))
    with about(ref):
        return (yield from call(request, ref))


def describe(ref: TaskRef[DetailT, ResponseT]) -> Flow[TaskSnapshot[DetailT]]:
    """Describe one task."""
    service = services.service_of(ref)
    with about(ref), missing_told(service):
        detail = yield from service.describe(ref)
    return service.snapshot(ref, detail)


def cancel(
    ref: TaskRef[DetailT, ResponseT], retry: RetryPolicy | None = None, rules: Rules | None = None
) -> Flow[Cancellation[ResponseT]]:
    """Send one cancel, or more if there is a policy and the failure may pass."""
    tries = _Tries()
    if retry is None:
        return (yield from _cancel_once(ref, tries))
    draw = (rules or Rules()).draw
    deadline = (yield from now()).monotonic + retry.timeout
    for number in count():
        try:
            return (yield from _cancel_once(ref, tries))
        except BotocancelError as error:
            delay = retry.backoff.delay(number, draw)
            left = deadline - (yield from now()).monotonic
            may_pass = retry.retry_on(error) or tries.leave_open(error, ref)
            if not may_pass or left < delay:
                raise
            _logger.info(
                "cancel of %s, attempt %d failed, next in %.1f s: %s",
                ref,
                number + 1,
                delay,
                error,
                extra={"task": ref.id, "attempt": number + 1},
            )
        yield Sleep(delay)
    raise AssertionError  # pragma: no cover  (the loop has no end)


class _Tries:
    """What the attempts of one cancel have come to."""

    def __init__(self) -> None:
        self.sent = 0
        """How many cancel requests, as far as botocore tells."""
        self.lost = False
        """Whether one that failed may have taken effect all the same."""

    def leave_open(self, error: BotocancelError, ref: TaskRef[Shape, Response]) -> bool:
        """Say whether a lost cancel may be behind a refusal that a describe did not explain."""
        doubtful = services.service_of(ref).doubtful_refusals
        return self.lost and isinstance(error, doubtful) and not isinstance(error, TaskEnded)


def _cancel_once(ref: TaskRef[DetailT, ResponseT], tries: _Tries) -> Flow[Cancellation[ResponseT]]:
    service = services.service_of(ref)
    with about(ref):
        try:
            response = yield from call(service.cancel_request(ref), ref)
        except BotocancelError as refusal:
            tries.sent += attempts_of(refusal)
            tries.lost = tries.lost or refusal.may_have_applied
            if not isinstance(refusal, service.doubtful_refusals):
                raise
            snapshot = yield from _look_twice(service, ref, refusal, lost=tries.lost)
            is_behind = isinstance(refusal, TaskEnded) and not snapshot.phase.terminal
            if tries.lost and (is_behind or ended_by_a_lost_cancel(service, snapshot.phase)):
                return Cancellation(
                    ref=ref,
                    accepted=False,
                    phase=snapshot.phase,
                    status=snapshot.status,
                    response=None,
                    attempts=tries.sent,
                    aftermath=service.aftermath(snapshot.detail),
                )
            raise refined(service, refusal, snapshot) from None
    status = service.status_in(response)
    return Cancellation(
        ref=ref,
        accepted=True,
        phase=service.phase(status),
        status=status,
        response=response,
        attempts=tries.sent + response.metadata.attempts,
        aftermath=service.aftermath(None),
    )


def _look_twice(
    service: Service[DetailT, ResponseT],
    ref: TaskRef[DetailT, ResponseT],
    refusal: ServiceError,
    *,
    lost: bool,
) -> Flow[TaskSnapshot[DetailT]]:
    """Describe a task whose cancel was refused; raise the refusal if that cannot be done.

    Where an earlier cancel may have taken effect, and be the reason for the refusal, it is
    not told unchecked: what kept the task from being described is raised, if that may pass.
    """
    try:
        return (yield from describe(ref))
    except BotocancelError as failure:
        if lost and (failure.retryable or isinstance(refusal, TaskEnded)):
            raise failure from refusal
        is_missing = isinstance(failure, NotFound) and isinstance(refusal, InvalidRequest)
        if is_missing or service.says_not_found(refusal):
            raise refusal.refined(service.errors_by_meaning[NotFound]) from failure
        raise refusal from failure


def refined(
    service: Service[DetailT, ResponseT], refusal: ServiceError, snapshot: TaskSnapshot[DetailT]
) -> ServiceError:
    """Return what a refused cancel means for a task that is as the snapshot says."""
    meaning: type[TaskEnded | TaskCanceling]
    if snapshot.phase is Phase.CANCELING:
        meaning = TaskCanceling
    elif snapshot.phase.terminal and not isinstance(refusal, Unsupported):
        meaning = TaskEnded
    else:
        return refusal
    error = refusal
    if not isinstance(refusal, meaning):
        error = refusal.refined(service.errors_by_meaning[meaning])
    if isinstance(error, TaskEnded | TaskCanceling):
        error.snapshot = snapshot
    return error


def ended_by_a_lost_cancel(service: Service[DetailT, ResponseT], phase: Phase) -> bool:
    """Say whether a cancel whose answer was lost may have brought the task to this phase."""
    if phase is Phase.FAILED:
        return not service.reports_canceled
    return phase in {Phase.CANCELING, Phase.CANCELED}


def attempts_of(error: BotocancelError) -> int:
    """Return how many requests the failed call sent, as far as botocore tells."""
    return error.attempts if isinstance(error, ServiceError) else 1


@contextmanager
def missing_told(service: Service[DetailT, ResponseT]) -> Generator[None]:
    """Raise `NotFound` where an error of the block says so by its text alone."""
    try:
        yield
    except ServiceError as error:
        if not isinstance(error, NotFound) and service.says_not_found(error):
            raise error.refined(service.errors_by_meaning[NotFound]) from error
        raise


class about:  # noqa: N801  (it reads as a sentence)
    """Name the task in every error of the block."""

    __slots__ = ("_ref",)

    def __init__(self, ref: TaskRef[Shape, Response]) -> None:
        self._ref = ref

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, BotocancelError):
            error.ref = self._ref
