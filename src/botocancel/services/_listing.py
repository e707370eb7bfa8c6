"""Finding tasks, as the declarations of a kind say."""

from __future__ import annotations

import logging
from itertools import groupby
from typing import TYPE_CHECKING, cast

from botocancel import results
from botocancel._text import visible
from botocancel.effects import Emit
from botocancel.errors import BotocancelError, InvalidResponse, ServiceError
from botocancel.identity import id_told
from botocancel.services._describing import Sight, describe_each
from botocancel.services._pages import listed, pages
from botocancel.services._reads import raw_id
from botocancel.services.declare import Page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from botocancel._generics import DetailT, ResponseT
    from botocancel.effects import Flow
    from botocancel.refs import TaskRef
    from botocancel.services._kind import Kind
    from botocancel.services._wanted import Wanted

__all__ = ["active"]

_logger = logging.getLogger(__name__)


def active(kind: Kind[DetailT, ResponseT], wanted: Wanted, region: str | None) -> Flow[None]:
    """Emit a snapshot of each task that has not ended, of those wanted, page by page.

    Asked only if every filter that is set is among `filters`.
    """
    seen: set[str] = set()
    parents = yield from _parents(kind, wanted, region)
    for rows in _rounds(kind, wanted):
        failures: list[ServiceError] = []
        for parent in parents:
            try:
                yield from _listed(kind, Page(wanted, rows, parent=parent), region, seen)
            except ServiceError as error:
                failures.append(error)
                if error.retryable or len(failures) == len(parents):
                    raise
                yield _gap_under(kind, parent, region, error)


def _rounds(kind: Kind[DetailT, ResponseT], wanted: Wanted) -> list[tuple[str, ...]]:
    """Return the statuses of each listing that there has to be; no statuses stand for all."""
    if not kind.lists.by_status or (wanted.ended and not kind.lists.one_status):
        return [()]
    statuses = [
        status
        for status, state in kind.states.items()
        if state.is_listed and (wanted.ended or not state.phase.terminal)
    ]
    if not kind.lists.one_status:
        return [tuple(statuses)]
    again = [status for status in statuses if kind.states[status].recurs]
    rounds = [(status,) for status in (*statuses, *again)]
    alike = groupby(rounds, lambda round_: kind.lists.request(Page(wanted, round_)))
    return [next(same) for _, same in alike]  # one request may list several statuses


def _parents(
    kind: Kind[DetailT, ResponseT], wanted: Wanted, region: str | None
) -> Flow[Sequence[str]]:
    """Return the parents under which to list; one empty name where there are none."""
    under = kind.lists.under
    if under is None:
        return [""]
    given = wanted.value_of(under.filter)
    if given is not None:
        return [given]
    names: dict[str, None] = {}
    for turn in pages(under.request, region=region, token=under.token):
        page = yield from turn
        operation = under.request(None).operation
        for item in page.unreadable:
            yield gap(kind, None, region, item.reason)
        items = listed(under.items(page), operation)
        names.update(dict.fromkeys(under.name(item) or "" for item in items))
    return list(filter(None, names))


def _listed(
    kind: Kind[DetailT, ResponseT], first: Page, region: str | None, seen: set[str]
) -> Flow[None]:
    """Emit what is wanted of one listing."""
    lists = kind.lists
    operation = lists.request(first).operation
    for turn in pages(
        lambda token: lists.request(first._replace(token=token)),
        region=region,
        token=lists.token,
    ):
        page = yield from turn
        for unreadable in page.unreadable:
            task = raw_id(page, unreadable, lists.items, lambda e: lists.id(e, first.parent))
            yield gap(kind, task, region, unreadable.reason)
        fresh: dict[TaskRef[DetailT, ResponseT], DetailT | None] = {}
        for entry in listed(lists.items(page), operation):
            name = id_told(lists.id(entry, first.parent))
            stranger = lists.stranger(entry, first)
            if stranger is not None:
                msg = f"{operation}: the answer is about {stranger!r}, which was not asked about"
                raise InvalidResponse(msg)
            if kind.phase(lists.status(entry)).terminal and not first.wanted.ended:
                continue
            try:
                ref = kind.ref_in(name, operation, region)
            except InvalidResponse as error:
                yield gap(kind, name, region, str(error))
                continue
            if ref.id not in seen:
                seen.add(ref.id)
                fresh[ref] = cast("DetailT", entry) if lists.whole else None
        yield from _emit_listed(kind, fresh, first.wanted)


def _emit_listed(
    kind: Kind[DetailT, ResponseT],
    fresh: Mapping[TaskRef[DetailT, ResponseT], DetailT | None],
    wanted: Wanted,
) -> Flow[None]:
    sights: dict[TaskRef[DetailT, ResponseT], Sight[DetailT] | BotocancelError]
    if kind.lists.whole:
        sights = {ref: Sight(None, detail) for ref, detail in fresh.items()}
    else:
        sights = yield from describe_each(kind, list(fresh))
    for ref, sight in sights.items():
        if isinstance(sight, BotocancelError):
            is_odd = isinstance(sight, InvalidResponse) and sight.malformed
            is_missing = isinstance(sight, ServiceError) and kind.says_not_found(sight)
            if not (is_odd or is_missing):
                raise sight
            yield gap(kind, ref.id, ref.region, str(sight))
        elif sight.detail is not None:
            snapshot = kind.described(kind.located(ref, sight.detail), sight.detail)
            is_meant = wanted.fits(snapshot) and kind.lists.fits(sight.detail, wanted)
            if is_meant and _has_tag(kind, sight.detail, wanted.tag):
                yield Emit(snapshot)


def _has_tag(kind: Kind[DetailT, ResponseT], detail: DetailT, tag: tuple[str, str] | None) -> bool:
    return tag is None or (kind.look.tags is not None and tag in kind.look.tags(detail))


def gap(kind: Kind[DetailT, ResponseT], task: str | None, region: str | None, reason: str) -> Emit:
    """Return what `active` emits of a task that cannot be read, and warn of it.

    Args:
        kind: What is listed.
        task: The id that the service gave it, if it gave one.
        region: Where it was listed.
        reason: Why it cannot be read.
    """
    _logger.warning(
        "%s: a task is left out of the listing, since it cannot be read: %s",
        kind.title,
        visible(reason),
        extra={"aws_service": kind.client, "task": task},
    )
    return Emit(results.Gap(service=kind.key, region=region, task=task, reason=reason))


def _gap_under(
    kind: Kind[DetailT, ResponseT], parent: str, region: str | None, error: ServiceError
) -> Emit:
    """Return what `active` emits of a parent whose tasks cannot be listed, and warn of it."""
    _logger.warning(
        "%s: what is under %s is left out of the listing: %s",
        kind.title,
        visible(parent),
        visible(str(error)),
        extra={"aws_service": kind.client},
    )
    return Emit(
        results.Gap(
            service=kind.key,
            region=region,
            task=None,
            reason=str(error),
            parent=parent,
            error=error,
        )
    )
