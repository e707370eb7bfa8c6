"""What callers were told, held against what the services said to them: the letters j, k and l."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from botocancel.errors import InvalidResponse, NotFound
from botocancel.model import Response
from botocancel.results import Cancellation, TaskSnapshot
from botocancel.services import kind_named, kind_of
from tests.simulation.network import statuses_in
from tests.simulation.schedule import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.callers import AnyRef, Caller
    from tests.simulation.claims import Finding
    from tests.simulation.network import Sent

__all__ = ["LISTINGS", "about_listing", "about_statuses", "about_what_is_missing"]

LISTINGS: Final = {"fsx": "DescribeDataRepositoryTasks", "datasync": "ListTaskExecutions"}
"""The operation that lists tasks, by service."""

_INSTANT: Final = 1e-6


def about_statuses(caller: Caller, ref: AnyRef, result: object) -> Iterator[Finding]:
    """Judge that an answer told of this very task what the caller is told of it: letter k."""
    snapshot = result if isinstance(result, TaskSnapshot) else getattr(result, "snapshot", None)
    if isinstance(snapshot, TaskSnapshot):
        described = kind_of(ref).ref_of(cast("Any", snapshot).detail)
        if described is None or described.id != ref.id:
            yield "k", f"what is told of it is a description of {described}"
    told = snapshot if isinstance(snapshot, TaskSnapshot) else result
    if isinstance(told, TaskSnapshot | Cancellation) and told.status is not None:
        heard = {status for sent in caller.sent for status in _statuses_heard(sent, ref)}
        if told.status not in heard:
            yield "k", f"it is told to be {told.status}, which no answer told of it"


def about_what_is_missing(
    caller: Caller, ref: AnyRef, result: object, at: float
) -> Iterator[Finding]:
    """Judge that nothing is said to be missing that the call has just heard of: letter l."""
    if not isinstance(result, NotFound):
        return
    lag = kind_of(ref).status_lag
    for sent in caller.sent:
        ended = sent.ended if sent.ended is not None else at
        if sent.succeeded and at - lag + _INSTANT < ended <= at and _knows(sent, ref):
            operation = sent.request.operation
            yield "l", f"not found, {at - ended:.3f} s after {operation} was answered about it"
            return


def about_listing(caller: Caller) -> Iterator[Finding]:
    """Judge that a listing that is said to be complete is all of what was answered: letter j."""
    if caller.plan.kind is not Kind.LIST or caller.ended is None or caller.raised is not None:
        return
    told = {*(ref.id for ref, _ in caller.results), *(gap.task for gap in caller.gaps)}
    for service, operation in LISTINGS.items():
        pages = [
            sent for sent in caller.sent if sent.request.operation == operation and _lists(sent)
        ]
        if not _lead_to_the_end(pages):
            yield "j", f"no complete answers of {operation} led to the end of the list"
        phases = kind_named(service).phases
        for page in pages:
            for name, status in statuses_in(cast("Response", page.said)).items():
                phase = phases.get(status or "")
                is_running = phase is None or not phase.terminal
                if is_running and name not in told and not _was_heard_to_end(caller, name):
                    yield "j", f"{name} is left out, which was listed as {status}"


def _lists(sent: Sent) -> bool:
    """Say whether a request was for a page of a list, and answered in full."""
    return sent.succeeded and not getattr(sent.request, "task_ids", None)


def _lead_to_the_end(pages: list[Sent]) -> bool:
    following = {cast("Any", page.request).next_token: cast("Any", page.said) for page in pages}
    token: str | None = None
    while token in following:
        token = following.pop(token).next_token
        if token is None:
            return True
    return False


def _was_heard_to_end(caller: Caller, name: str | None) -> bool:
    """Say whether any answer to a call had a task ended: what says otherwise is old news."""
    for sent in caller.sent:
        if sent.succeeded:
            status = statuses_in(cast("Response", sent.said)).get(name)
            phase = kind_named(sent.request.service).phases.get(status or "")
            if phase is not None and phase.terminal:
                return True
    return False


def _statuses_heard(sent: Sent, ref: AnyRef) -> list[str | None]:
    """Return the status of a task that a request's answer told, whatever the caller made of it."""
    if sent.said is None or not isinstance(sent.answer, Response | InvalidResponse):
        return []
    statuses = statuses_in(sent.said)
    return [statuses[ref.id]] if ref.id in statuses else []


def _knows(sent: Sent, ref: AnyRef) -> bool:
    return (sent.cancels and sent.task_id == ref.id) or bool(_statuses_heard(sent, ref))
