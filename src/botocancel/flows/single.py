"""One request about one task, and what its answer means."""

from __future__ import annotations

import logging
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from botocancel import services
from botocancel.effects import Sleep, call, now
from botocancel.errors import (
    BotocancelError,
    InvalidResponse,
    NotFound,
    ServiceError,
    TaskEnded,
)
from botocancel.flows import meanings
from botocancel.flows.evidence import attempts_of, ended_by_lost_cancel
from botocancel.model import Response, Shape
from botocancel.polling import Rules
from botocancel.results import Cancellation

if TYPE_CHECKING:
    from botocancel.effects import Flow
    from botocancel.model import Request
    from botocancel.polling import RetryPolicy
    from botocancel.refs import TaskRef
    from botocancel.results import TaskSnapshot
    from botocancel.services import Service

__all__ = ["cancel", "describe", "naming", "send"]

_logger = logging.getLogger(__name__)

DetailT = TypeVar("DetailT", bound=Shape)
ResponseT = TypeVar("ResponseT", bound=Response)


def send(request: Request[ResponseT], region: str | None = None) -> Flow[ResponseT]:
    """Send one request as it is, to the region given, else to that of the task it names."""
    ref = services.service_named(request.service).ref_of(request)
    if ref is None or region is not None:
        return (yield from call(request, region=region))
    with naming(ref):
        return (yield from call(request, ref))


def describe(ref: TaskRef[DetailT, ResponseT]) -> Flow[TaskSnapshot[DetailT]]:
    """Describe one task."""
    service = services.service_of(ref)
    with naming(ref):
        try:
            detail = yield from service.describe(ref)
        except ServiceError as error:
            meant = meanings.of_describe(service, error)
            if meant is error:
                raise
            raise meant from error
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
        self.known = False
        """Whether the service has described the task."""

    def leave_open(self, error: BotocancelError, ref: TaskRef[Shape, Response]) -> bool:
        """Say whether a lost cancel may be behind a refusal that a describe did not explain."""
        doubtful = services.service_of(ref).doubtful_refusals
        return self.lost and isinstance(error, doubtful) and not isinstance(error, TaskEnded)


def _cancel_once(ref: TaskRef[DetailT, ResponseT], tries: _Tries) -> Flow[Cancellation[ResponseT]]:
    service = services.service_of(ref)
    with naming(ref):
        try:
            response = yield from call(service.cancel_request(ref), ref)
        except BotocancelError as refusal:
            tries.sent += attempts_of(refusal)
            tries.lost = tries.lost or refusal.may_have_applied
            if isinstance(refusal, NotFound) and tries.known:
                raise _contradiction(refusal, refusal) from refusal
            if not isinstance(refusal, service.doubtful_refusals):
                raise
            snapshot = yield from _explanation(service, ref, refusal, tries)
            tries.known = True
            is_behind = isinstance(refusal, TaskEnded) and not snapshot.phase.terminal
            if tries.lost and (is_behind or ended_by_lost_cancel(service, snapshot.phase)):
                return Cancellation(
                    ref=ref,
                    accepted=False,
                    phase=snapshot.phase,
                    status=snapshot.status,
                    response=None,
                    attempts=tries.sent,
                    aftermath=service.aftermath(snapshot.detail),
                )
            raise meanings.of_refusal(service, refusal, snapshot) from None
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


def _explanation(
    service: Service[DetailT, ResponseT],
    ref: TaskRef[DetailT, ResponseT],
    refusal: ServiceError,
    tries: _Tries,
) -> Flow[TaskSnapshot[DetailT]]:
    """Describe a task whose cancel was refused; raise what the refusal means if that fails.

    Where an earlier cancel may have taken effect, and be the reason for the refusal, it is
    not told unchecked: what kept the task from being described is raised, if that may pass.
    """
    try:
        return (yield from describe(ref))
    except BotocancelError as failure:
        is_there = tries.known or isinstance(refusal, TaskEnded)
        if isinstance(failure, NotFound) and is_there:
            raise (_contradiction(refusal, failure) if tries.lost else refusal) from failure
        if tries.lost and (failure.retryable or isinstance(refusal, TaskEnded)):
            raise failure from refusal
        raise meanings.of_refusal(service, refusal, failure) from failure


def _contradiction(refusal: ServiceError, missing: NotFound) -> InvalidResponse:
    """Return the error that says that a task was not found that the service had told of."""
    msg = (
        f"{missing.operation} found no task that the service had told of before "
        f"({refusal.operation} answered {refusal.code}): one of the answers is old"
    )
    return InvalidResponse(msg)


class naming:  # noqa: N801  (it reads as a sentence)
    """Name the task in every error of the block."""

    __slots__ = ("_ref",)

    def __init__(self, ref: TaskRef[Shape, Response]) -> None:
        self._ref = ref

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, BotocancelError):
            error.ref = self._ref
