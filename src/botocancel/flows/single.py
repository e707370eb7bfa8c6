"""One request about one task, and what its answer means."""

from __future__ import annotations

import logging
from itertools import count
from math import inf
from typing import TYPE_CHECKING, Final, cast

from botocancel import __version__, services
from botocancel._entries import Answered, Failed, Refused
from botocancel.effects import Begin, Locate, Record, Sleep, by, call, now
from botocancel.errors import (
    BotocancelError,
    InvalidRequest,
    InvalidResponse,
    NotFound,
    ServiceError,
    TaskEnded,
    Unsupported,
)
from botocancel.flows import meanings
from botocancel.flows.evidence import Evidence, Given, attempts_of, concluded
from botocancel.model import NO_METADATA
from botocancel.polling import Rules
from botocancel.results import Cancellation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from botocancel._generics import DetailT, ResponseT
    from botocancel.effects import Flow, Located, Order
    from botocancel.model import Request, Response, Shape
    from botocancel.polling import RetryPolicy
    from botocancel.refs import TaskRef
    from botocancel.results import TaskSnapshot

__all__ = [
    "cancel",
    "describe",
    "judged",
    "naming",
    "note_refusal",
    "ordered",
    "request_cancel",
    "send",
]

_logger = logging.getLogger(__name__)

_REFUSALS: Final = (TaskEnded, NotFound, Unsupported, InvalidRequest)
"""By these errors the service refuses for good to cancel a task."""


def send(request: Request[ResponseT], region: str | None = None) -> Flow[ResponseT]:
    """Send one request as it is, to the region given, else to that of the task it names."""
    kinds = services.kinds_of_client(request.service)
    ref = next((ref for kind in kinds if (ref := kind.ref_of(request)) is not None), None)
    if ref is None or region is not None:
        return (yield from call(request, region=region))
    with naming(ref):
        return (yield from call(request, ref))


def describe(
    ref: TaskRef[DetailT, ResponseT], given: Given | None = None
) -> Flow[TaskSnapshot[DetailT]]:
    """Describe one task; its phase is by what is known before, too."""
    service = services.kind_of(ref)
    with naming(ref):
        try:
            detail = yield from service.describe(ref)
        except ServiceError as error:
            meant = meanings.of_describe(service, error)
            if meant is error:
                raise
            raise meant from error
    snapshot = service.described(ref, detail)
    return snapshot if given is None else (yield from judged(given, snapshot))


def judged(given: Given, snapshot: TaskSnapshot[DetailT]) -> Flow[TaskSnapshot[DetailT]]:
    """Return a description with the phase that follows from it and from what is known before."""
    evidence = Evidence(services.kind_of(snapshot.ref))
    evidence.begin_with(given, (yield from now()))
    evidence.described(snapshot.status, snapshot)
    return concluded(evidence, snapshot)


def ordered(refs: Iterable[TaskRef], reason: str | None) -> Flow[Mapping[TaskRef, Order]]:
    """Note in the journal that cancels are asked for, all at once, before the first is sent.

    Raises:
        JournalError: They cannot be noted; nothing is to be sent.
    """
    orders = yield Begin(refs, reason)
    return cast("Mapping[TaskRef, Order]", orders)


def request_cancel(
    ref: TaskRef[DetailT, ResponseT],
    order: Order,
    evidence: Evidence[DetailT, ResponseT],
) -> Flow[Cancellation[ResponseT]]:
    """Send one cancel, and note what comes of it; return the receipt.

    Raises:
        BotocancelError: It failed or was refused.
    """
    service = evidence.service
    try:
        with naming(ref):
            request = service.cancel_request(ref, order.reason)
            response = yield from call(request, ref)
            refusal = service.refusal_in(response, request.operation)
            if refusal is not None:
                raise refusal
    except BotocancelError as error:
        evidence.cancels += attempts_of(error)
        instant = yield from now()
        if isinstance(error, ServiceError) and evidence.is_doubtful(error):
            evidence.cancel_refused(error, instant.monotonic)
        else:
            evidence.cancel_failed(error)
        yield Record([Failed(name, instant.utc, error) for name in order.ids[-1:]])
        raise
    evidence.cancels += response.metadata.attempts
    return (yield from _receipt(ref, order, evidence, response))


def note_refusal(
    error: BotocancelError, order: Order, evidence: Evidence[DetailT, ResponseT]
) -> Flow[None]:
    """Note that a cancel was refused for good, if the error that its caller is told says so.

    Where a cancel was accepted, or may have been, only what has repeated for long enough does.
    """
    has_repeated = evidence.is_missing or evidence.final_refusal is not None
    may_be_stopping = evidence.accepted or evidence.lost
    if isinstance(error, _REFUSALS) and (has_repeated or not may_be_stopping):
        at = (yield from now()).utc
        yield Record([Refused(name, at, error) for name in order.ids])


def _receipt(
    ref: TaskRef[DetailT, ResponseT],
    order: Order,
    evidence: Evidence[DetailT, ResponseT],
    response: ResponseT | None,
) -> Flow[Cancellation[ResponseT]]:
    """Note and return the receipt of a cancel.

    Args:
        ref: The task.
        order: What was asked.
        evidence: What is known of the task.
        response: What the service answered; None where a request that was lost is most
            likely why the task is, or was, being cancelled.
    """
    service, snapshot = evidence.service, evidence.snapshot
    where, instant = cast("Located", (yield Locate(ref)))
    status = evidence.status if response is None else service.status_in(response)
    metadata = NO_METADATA if response is None else response.metadata
    receipt = Cancellation(
        ref=ref,
        accepted=response is not None,
        phase=service.phase(status),
        status=status,
        response=response,
        attempts=evidence.cancels,
        aftermath=service.aftermath(snapshot.detail if snapshot else None),
        requested_at=order.at,
        answered_at=instant.utc,
        service_time=metadata.service_time,
        request_ids=(metadata.request_id,) if metadata.request_id else (),
        place=where.place,
        caller=where.caller,
        reason=order.reason,
        version=__version__,
    )
    if response is not None:
        evidence.cancel_accepted(receipt, instant.monotonic)
    if order.ids:
        yield Record([Answered(order.ids[-1], instant.utc, receipt)])
    return receipt


def cancel(
    ref: TaskRef[DetailT, ResponseT],
    retry: RetryPolicy | None = None,
    rules: Rules | None = None,
    reason: str | None = None,
    order: Order | None = None,
    *,
    deadline: float = inf,
) -> Flow[Cancellation[ResponseT]]:
    """Send one cancel, or more if there is a policy and the failure may pass, until a deadline."""
    order = order or (yield from ordered([ref], reason))[ref]
    evidence = Evidence(services.kind_of(ref))
    try:
        if retry is None:
            return (yield from _cancel_once(ref, order, evidence))
        return (
            yield from _cancel_again(
                ref, order, evidence, retry, (rules or Rules()).draw, deadline=deadline
            )
        )
    except BotocancelError as error:
        yield from note_refusal(error, order, evidence)
        raise


def _cancel_again(
    ref: TaskRef[DetailT, ResponseT],
    order: Order,
    evidence: Evidence[DetailT, ResponseT],
    retry: RetryPolicy,
    draw: Callable[[], float],
    *,
    deadline: float,
) -> Flow[Cancellation[ResponseT]]:
    """Send a cancel, and again for as long as the policy says, until the deadline at most."""
    deadline = min(deadline, (yield from now()).monotonic + retry.timeout)
    for number in count():
        try:
            return (yield from _cancel_once(ref, order, evidence, deadline))
        except BotocancelError as error:
            delay = retry.backoff.delay(number, draw)
            left = deadline - (yield from now()).monotonic
            if not (evidence.is_open(error) or retry.retry_on(error)) or left < delay:
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


def _cancel_once(
    ref: TaskRef[DetailT, ResponseT],
    order: Order,
    evidence: Evidence[DetailT, ResponseT],
    deadline: float | None = None,
) -> Flow[Cancellation[ResponseT]]:
    """Send one cancel, and find out what a refusal of it means.

    Args:
        ref: The task.
        order: What is asked.
        evidence: What is known of the task.
        deadline: By when a description has to have come; None for botocore's time-outs.
    """
    with naming(ref):
        try:
            return (yield from request_cancel(ref, order, evidence))
        except ServiceError as refusal:
            if isinstance(refusal, NotFound) and evidence.is_known:
                raise _contradiction(refusal, refusal) from refusal
            if not evidence.is_shared(refusal):
                raise
            look = describe(ref)
            look = look if deadline is None else by(deadline, look)
            snapshot = yield from _explanation(look, refusal, evidence)
            if not evidence.is_lost_cancel_of_ours:
                raise meanings.of_refusal(evidence.service, refusal, snapshot) from None
        return (yield from _receipt(ref, order, evidence, None))


def _explanation(
    look: Flow[TaskSnapshot[DetailT]],
    refusal: ServiceError,
    evidence: Evidence[DetailT, ResponseT],
) -> Flow[TaskSnapshot[DetailT]]:
    """Run a describe of a task whose cancel was refused; raise what the refusal means if it fails.

    Where an earlier cancel may have taken effect, and be the reason for the refusal, it is
    not told unchecked: what kept the task from being described is raised, if that may pass.
    """
    try:
        snapshot = yield from look
    except BotocancelError as failure:
        is_there = evidence.is_known or isinstance(refusal, TaskEnded)
        if isinstance(failure, NotFound) and is_there:
            raise (_contradiction(refusal, failure) if evidence.lost else refusal) from failure
        if evidence.lost and (failure.retryable or isinstance(refusal, TaskEnded)):
            raise failure from refusal
        meant = meanings.of_refusal(evidence.service, refusal, failure)
        raise (refusal if isinstance(meant, NotFound) and evidence.is_known else meant) from failure
    evidence.described(snapshot.status, snapshot)
    return snapshot


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
