"""Describing tasks, one or many, as the declarations of a kind say."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, cast

from botocancel._generics import DetailT_co
from botocancel.effects import call, together
from botocancel.errors import BotocancelError, InvalidRequest, InvalidResponse, NotFound
from botocancel.identity import id_told
from botocancel.model import NO_METADATA
from botocancel.services._pages import listed, pages
from botocancel.services._reads import raw_id
from botocancel.services.declare import DescribeMany, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from botocancel._generics import DetailT, ResponseT
    from botocancel.effects import Flow
    from botocancel.errors import ServiceError
    from botocancel.model import Response, ResponseMetadata
    from botocancel.refs import TaskRef
    from botocancel.services._kind import Kind
    from botocancel.services._wanted import Wanted
    from botocancel.services.declare import AnyRef

__all__ = ["Sight", "describe", "describe_each", "sights_by_listing"]

_DESCRIBES_A_PAGE: Final = 4
"""A page more is listed only for so many tasks, so that reading in vain costs a quarter."""


class Sight(NamedTuple, Generic[DetailT_co]):
    """What one of many tasks was seen to be like."""

    status: str | None
    detail: DetailT_co | None = None
    """The whole description; None where a listing told only the status."""
    failure: BotocancelError | None = None
    """Why there is no description, where one was asked for after the listing."""


def describe(kind: Kind[DetailT, ResponseT], ref: TaskRef[DetailT, ResponseT]) -> Flow[DetailT]:
    """Ask the service for its description of the task."""
    if isinstance(kind.describes, DescribeMany):
        found = (yield from _described(kind, [ref], {}))[ref]
        if isinstance(found, BotocancelError):
            raise found
        return found
    request = kind.describes.request(ref)
    answer = yield from call(request, ref)
    detail = kind.describes.detail(answer)
    if detail is None:
        raise _missing(kind, ref, [], request.operation, answer.metadata)
    return detail


def describe_each(
    kind: Kind[DetailT, ResponseT], refs: Sequence[TaskRef[DetailT, ResponseT]]
) -> Flow[dict[TaskRef[DetailT, ResponseT], Sight[DetailT] | BotocancelError]]:
    """Describe many tasks of one place."""
    if not isinstance(kind.describes, DescribeMany):
        sights = yield from together([_sight(kind, ref) for ref in refs])
        return dict(zip(refs, sights, strict=True))
    most, of = kind.describes.most, kind.describes.of
    groups: dict[str | None, list[TaskRef[DetailT, ResponseT]]] = {}
    for ref in refs:
        shared = None if of is None else cast("AnyRef", ref).part(of)
        groups.setdefault(shared, []).append(ref)
    chunks = [
        group[start : start + most]
        for group in groups.values()
        for start in range(0, len(group), most)
    ]
    parts = yield from together([_chunk(kind, chunk) for chunk in chunks])
    return {
        ref: found if isinstance(found, BotocancelError) else Sight(kind.look.status(found), found)
        for part in parts
        for ref, found in part.items()
    }


def sights_by_listing(
    kind: Kind[DetailT, ResponseT],
    refs: Sequence[TaskRef[DetailT, ResponseT]],
    tells: Callable[[Sequence[TaskRef[DetailT, ResponseT]]], Mapping[str, str]],
) -> Flow[dict[TaskRef[DetailT, ResponseT], Sight[DetailT] | BotocancelError]]:
    """List the statuses of tasks, where that is cheaper than describing them.

    As many pages are read as a quarter of the describes that it may save; what has ended, or was
    not found by then, is described.
    """
    from botocancel.services._wanted import Wanted  # noqa: PLC0415  (a cancel filters nothing)

    statuses: dict[str, str | None] = {}
    with suppress(BotocancelError):
        yield from _list_statuses(kind, refs, Wanted(filters=tells(refs)), statuses)
    running = {
        ref: Sight["DetailT"](statuses[ref.id])
        for ref in refs
        if ref.id in statuses and not kind.phase(statuses[ref.id]).terminal
    }
    others = yield from describe_each(kind, [ref for ref in refs if ref not in running])
    for ref, sight in others.items():
        if isinstance(sight, BotocancelError) and ref.id in statuses:
            others[ref] = Sight(statuses[ref.id], failure=sight)
    return {**running, **others}


def _list_statuses(
    kind: Kind[DetailT, ResponseT],
    refs: Sequence[TaskRef[DetailT, ResponseT]],
    wanted: Wanted,
    statuses: dict[str, str | None],
) -> Flow[None]:
    """Read statuses by id, of as many tasks as a few pages have."""
    lists, missing = kind.lists, {ref.id for ref in refs}
    operation = lists.request(Page(wanted, ())).operation
    turns = pages(lambda token: lists.request(Page(wanted, (), token)), refs[0], token=lists.token)
    for turn in islice(turns, len(refs) // _DESCRIBES_A_PAGE):
        page = yield from turn
        for entry in listed(lists.items(page), operation):
            statuses[id_told(lists.id(entry, "")) or ""] = lists.status(entry)
        if missing <= statuses.keys():
            return


def _sight(
    kind: Kind[DetailT, ResponseT], ref: TaskRef[DetailT, ResponseT]
) -> Flow[Sight[DetailT] | BotocancelError]:
    try:
        detail = yield from describe(kind, ref)
    except BotocancelError as error:
        return error
    return Sight(kind.look.status(detail), detail)


def _chunk(
    kind: Kind[DetailT, ResponseT], refs: Sequence[TaskRef[DetailT, ResponseT]]
) -> Flow[dict[TaskRef[DetailT, ResponseT], DetailT | BotocancelError]]:
    """Describe as many tasks as one request takes.

    Where one unknown id fails the whole request, it is halved until that one is alone. Those
    that an earlier page of the same answer described are not asked about again.
    """
    found: dict[str, DetailT] = {}
    try:
        return (yield from _described(kind, refs, found))
    except (NotFound, InvalidRequest) as error:
        if len(refs) == 1:
            return {refs[0]: found.get(refs[0].id, error)}
        told: dict[TaskRef[DetailT, ResponseT], DetailT | BotocancelError] = {
            ref: found[ref.id] for ref in refs if ref.id in found
        }
        left = [ref for ref in refs if ref not in told]
        middle = (len(left) + 1) // 2
        for half in filter(None, (left[:middle], left[middle:])):
            told |= yield from _chunk(kind, half)
        return told
    except BotocancelError as error:
        return {ref: found.get(ref.id, error) for ref in refs}


def _described(
    kind: Kind[DetailT, ResponseT],
    refs: Sequence[TaskRef[DetailT, ResponseT]],
    found: dict[str, DetailT],
) -> Flow[dict[TaskRef[DetailT, ResponseT], DetailT | BotocancelError]]:
    """Return the description of each task, or why the answer has none.

    Args:
        kind: What they are.
        refs: The tasks.
        found: Where to note those of each page, for a later one may not come.
    """
    describes = cast("DescribeMany[DetailT, Response]", kind.describes)
    ids = {ref.id for ref in refs}
    odd: dict[str | None, str] = {}
    left_out: dict[str | None, ServiceError] = {}
    first = describes.request(refs, None)
    metadata, operation = NO_METADATA, first.operation
    for turn in pages(
        lambda token: first if token is None else describes.request(refs, token),
        refs[0],
        token=describes.token,
    ):
        page = yield from turn
        metadata = page.metadata
        for detail in listed(describes.details(page), operation):
            found[id_told(describes.id(detail), refs[0].id) or ""] = detail
        for name, why in describes.left_out(page):
            left_out[name] = kind.refusal(why, operation, metadata)
        for item in page.unreadable:
            odd[raw_id(page, item, describes.details, describes.id)] = item.reason
        if found.keys() >= ids:
            break
    if describes.by_id:
        odd.update({name: f"one is called {name!r}" for name in found.keys() - ids})
    strangers = odd.keys() - ids if describes.by_id else {None}
    return {
        ref: found.get(ref.id)
        or left_out.get(ref.id)
        or _missing(
            kind,
            ref,
            [why for name, why in odd.items() if name == ref.id or name in strangers],
            operation,
            metadata,
        )
        for ref in refs
    }


def _missing(
    kind: Kind[DetailT, ResponseT],
    ref: TaskRef[DetailT, ResponseT],
    odd: Sequence[str],
    operation: str,
    metadata: ResponseMetadata,
) -> BotocancelError:
    """Return why an answer has no description of a task.

    Args:
        kind: What it is.
        ref: The task.
        odd: What is wrong with those items of the answer that may be the description.
        operation: What was asked.
        metadata: That of the answer.
    """
    if odd:
        msg = f"{operation}: the description of {ref} cannot be read: {odd[0]}"
        return InvalidResponse(msg, malformed=True)
    return kind.error(NotFound, f"the answer holds no task {ref}", operation, metadata)
