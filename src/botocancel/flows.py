"""What the library does, as generators that yield effects: see `botocancel.effects`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from botocancel import services
from botocancel.effects import call
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
from botocancel.results import Cancellation

if TYPE_CHECKING:
    from collections.abc import Generator

    from botocancel.effects import Flow
    from botocancel.model import Request
    from botocancel.refs import TaskRef
    from botocancel.results import TaskSnapshot
    from botocancel.services import Service

__all__ = ["cancel", "describe", "send"]

DetailT = TypeVar("DetailT", bound=Shape)
ResponseT = TypeVar("ResponseT", bound=Response)


def send(request: Request[ResponseT], region: str | None = None) -> Flow[ResponseT]:
    """Send one request as it is, to the region given, else to that of the task it names."""
    ref = services.service_named(request.service).ref_of(request)
    if ref is None or region is not None:
        return (yield from call(request, region=region))
    with _about(ref):
        return (yield from call(request, ref))


def describe(ref: TaskRef[DetailT, ResponseT]) -> Flow[TaskSnapshot[DetailT]]:
    """Describe one task."""
    service = services.service_of(ref)
    with _about(ref):
        try:
            detail = yield from service.describe(ref)
        except ServiceError as error:
            if not isinstance(error, NotFound) and service.says_not_found(error):
                raise error.refined(service.errors_by_meaning[NotFound]) from error
            raise
    return service.snapshot(ref, detail)


def cancel(ref: TaskRef[DetailT, ResponseT]) -> Flow[Cancellation[ResponseT]]:
    """Send one cancel, and look twice at a refusal that may mean several things."""
    service = services.service_of(ref)
    with _about(ref):
        try:
            response = yield from call(service.cancel_request(ref), ref)
        except ServiceError as error:
            return (yield from _refused(service, ref, error))
    status = service.status_in(response)
    return Cancellation(
        ref=ref,
        accepted=True,
        phase=service.phase(status),
        status=status,
        response=response,
        attempts=response.metadata.attempts,
        aftermath=service.aftermath(None),
    )


def _refused(
    service: Service[DetailT, ResponseT], ref: TaskRef[DetailT, ResponseT], refusal: ServiceError
) -> Flow[Cancellation[ResponseT]]:
    """Raise what the refusal means, or return if a lost attempt of ours is behind it."""
    if not isinstance(refusal, service.doubtful_refusals):
        raise refusal
    try:
        snapshot = yield from describe(ref)
    except NotFound as missing:
        if not isinstance(refusal, InvalidRequest):
            raise refusal from missing
        raise refusal.refined(service.errors_by_meaning[NotFound]) from missing
    except BotocancelError as failure:
        if service.says_not_found(refusal):
            raise refusal.refined(service.errors_by_meaning[NotFound]) from failure
        raise refusal from failure
    meaning = _meaning(refusal, snapshot.phase)
    if meaning is None:
        raise refusal
    if refusal.attempts > 1 and _may_be_our_doing(service, snapshot.phase):
        return Cancellation(
            ref=ref,
            accepted=False,
            phase=snapshot.phase,
            status=snapshot.status,
            response=None,
            attempts=refusal.attempts,
            aftermath=service.aftermath(snapshot.detail),
        )
    error = refusal
    if not isinstance(refusal, meaning):
        error = refusal.refined(service.errors_by_meaning[meaning])
    if isinstance(error, TaskEnded | TaskCanceling):
        error.snapshot = snapshot
    raise error


def _meaning(refusal: ServiceError, phase: Phase) -> type[TaskEnded | TaskCanceling] | None:
    """Say what a refused cancel means for a task in this phase; None if just what it says."""
    if phase is Phase.CANCELING:
        return TaskCanceling
    if phase.terminal and not isinstance(refusal, Unsupported):
        return TaskEnded
    return None


def _may_be_our_doing(service: Service[DetailT, ResponseT], phase: Phase) -> bool:
    """Say whether a cancel whose answer was lost may have brought the task here."""
    if phase is Phase.FAILED:
        return not service.reports_canceled
    return phase in {Phase.CANCELING, Phase.CANCELED}


@contextmanager
def _about(ref: TaskRef[Shape, Response]) -> Generator[None]:
    """Name the task in every error of the block."""
    try:
        yield
    except BotocancelError as error:
        error.ref = ref
        raise
