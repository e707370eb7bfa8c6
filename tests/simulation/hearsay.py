"""What callers were told, held against what the services said to them: the letters j, k and l."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from botocancel.errors import InvalidResponse, NotFound
from botocancel.identity import id_told
from botocancel.model import Response
from botocancel.results import Cancellation, TaskSnapshot
from botocancel.services import Wanted, kind_named, kind_of
from botocancel.services._simulator.mixups import texts_in
from botocancel.services.declare import Page
from tests.simulation.schedule import Kind
from tests.simulation.speech import kind_of_request, said_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from botocancel.model import Request
    from botocancel.services import AnyKind
    from tests.simulation.callers import AnyRef, Caller
    from tests.simulation.claims import Finding
    from tests.simulation.network import Sent
    from tests.simulation.speech import Said

__all__ = ["about_listing", "about_statuses", "about_what_is_missing"]

_INSTANT: Final = 1e-6


def about_statuses(caller: Caller, ref: AnyRef, result: object) -> Iterator[Finding]:
    """Judge that an answer told of this very task what the caller is told of it: letter k."""
    snapshot = result if isinstance(result, TaskSnapshot) else getattr(result, "snapshot", None)
    if isinstance(snapshot, TaskSnapshot):
        described = id_told(kind_of(ref).describes.id(cast("Any", snapshot).detail), ref.id)
        if described != ref.id:
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
        if sent.succeeded and at - lag + _INSTANT < ended <= at and _knows(caller, sent, ref):
            operation = sent.request.operation
            yield "l", f"not found, {at - ended:.3f} s after {operation} was answered about it"
            return


def about_listing(caller: Caller) -> Iterator[Finding]:
    """Judge that a listing that is said to be complete is all of what was answered: letter j."""
    if caller.plan.kind is not Kind.LIST or caller.ended is None or caller.raised is not None:
        return
    for kind in map(kind_named, caller.plan.kinds):
        asked = [sent for sent in caller.sent if kind_of_request(sent.request) is kind]
        whole = [sent for sent in asked if sent.succeeded]
        failed = {gap.parent for gap in caller.gaps if gap.service == kind.key and gap.error}
        if None not in failed:
            cut = _cut(kind, whole, failed)
            yield from (("j", f"no complete answers led to the end of {it}") for it in cut)
            yield from _left_out(caller, whole, failed)


def _left_out(
    caller: Caller, whole: Sequence[Sent], failed: AbstractSet[str | None]
) -> Iterator[Finding]:
    """Find what was listed as running, and is not told, but under what failed."""
    told = {*(ref.id for ref, _ in caller.results), *(gap.task for gap in caller.gaps)}
    for sent in whole:
        if sent.purpose != "list" or not failed.isdisjoint(texts_in(sent.request.to_wire())):
            continue
        for name, said in _heard(sent).items():
            if said.is_running and name not in told and not _was_heard_to_end(caller, name):
                yield "j", f"{name} is left out, which was listed as {said.status}"


def _cut(kind: AnyKind, whole: Sequence[Sent], failed: AbstractSet[str | None]) -> Iterator[str]:
    """Yield each listing that was needed, and was not read to its end, but under what failed."""
    under, lists = kind.lists.under, kind.lists
    parents = [""]
    if under is not None:
        pages = _pages(whole, under.request, under.token)
        if pages is None:
            yield f"what the {kind.key} are under"
        items = [item for page in pages or () for item in under.items(page) or ()]
        parents = [name for name in map(under.name, items) if name and name not in failed]
    for parent in parents:
        for page in _listings(kind, parent):

            def request_for(token: str | None, page: Page = page) -> Request[Response]:
                return lists.request(page._replace(token=token))

            if _pages(whole, request_for, lists.token) is None:
                yield f"the list of {page}"


def _listings(kind: AnyKind, parent: str) -> Iterator[Page]:
    """Yield the first page of each listing that it takes to find all that is running."""
    statuses = [
        status
        for status, state in kind.states.items()
        if state.is_listed and not state.phase.terminal
    ]
    if not kind.lists.by_status:
        yield Page(Wanted(), (), parent=parent)
    elif kind.lists.one_status:
        yield from (Page(Wanted(), (status,), parent=parent) for status in statuses)
    else:
        yield Page(Wanted(), tuple(statuses), parent=parent)


def _pages(
    whole: Sequence[Sent],
    request_for: Callable[[str | None], Request[Response]],
    token_of: Callable[[Any], str | None],
) -> Sequence[Response] | None:
    """Return the pages of a listing, by whole answers; None where they do not lead to its end."""
    pages: list[Response] = []
    token: str | None = None
    while len(pages) <= len(whole):
        asked = request_for(token)
        page = next((sent.said for sent in whole if sent.request == asked), None)
        if page is None:
            return None
        pages.append(page)
        token = token_of(page)
        if not token:
            return pages
    return None


def _heard(sent: Sent) -> dict[str | None, Said]:
    """Return what a request's answer said, whatever became of it on its way."""
    return {} if sent.said is None else said_in(sent.request, sent.said)


def _was_heard_to_end(caller: Caller, name: str | None) -> bool:
    """Say whether any answer to a call had a task ended: what says otherwise is old news."""
    return any(
        sent.succeeded and name in (heard := _heard(sent)) and not heard[name].is_running
        for sent in caller.sent
    )


def _statuses_heard(sent: Sent, ref: AnyRef) -> list[str | None]:
    """Return the status of a task that a request's answer told, whatever the caller made of it."""
    if sent.said is None or not isinstance(sent.answer, Response | InvalidResponse):
        return []
    heard = _heard(sent)
    return [heard[ref.id].status] if ref.id in heard else []


def _knows(caller: Caller, sent: Sent, ref: AnyRef) -> bool:
    """Say whether a request told that there is a task, other than by the way, with another one."""
    if sent.cancels:
        return sent.task_id == ref.id
    is_by_the_way = sent.purpose == "list" and len(caller.refs) > 1 and not caller.plan.kind.waits
    return not is_by_the_way and bool(_statuses_heard(sent, ref))
