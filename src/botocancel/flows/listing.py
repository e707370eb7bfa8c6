"""What is running now, and starting work anew."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import attrs

from botocancel import services
from botocancel.effects import Emit, due, now
from botocancel.errors import (
    BotocancelError,
    InvalidInput,
    ServiceError,
    TransportError,
    WaitTimeout,
)
from botocancel.flows import meanings
from botocancel.flows.single import naming
from botocancel.model import Response, Shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from botocancel.effects import Flow
    from botocancel.refs import TaskRef
    from botocancel.services import Wanted

__all__ = ["active", "restart"]

_logger = logging.getLogger(__name__)

DetailT = TypeVar("DetailT", bound=Shape)
ResponseT = TypeVar("ResponseT", bound=Response)


def active(
    wanted: Wanted,
    kinds: Sequence[str],
    regions: Iterable[str | None],
    older_than: float | None,
    timeout: float,
) -> Flow[None]:
    """Emit a snapshot of each running task that is wanted, region by region.

    Args:
        wanted: Which tasks.
        kinds: The keys of the kinds to look for.
        regions: Where to look.
        older_than: Seconds since the task was asked for, at least.
        timeout: Seconds that the requests may take in all.

    Raises:
        InvalidInput: There is no such kind, none of them has such a filter, or a filter's value
            cannot be right.
        WaitTimeout: The requests took longer than that, in seconds; there may be more tasks.
    """
    if older_than is not None:
        before = (yield from now()).utc - timedelta(seconds=older_than)
        wanted = attrs.evolve(wanted, created_before=before)
    chosen = [services.kind_named(kind) for kind in kinds]
    known: frozenset[str] = frozenset(name for each in chosen for name in each.filters)
    if unknown := wanted.names - known:
        raise InvalidInput(_no_such_filter(min(unknown), kinds, known))
    taking_part = [each for each in chosen if wanted.names <= each.filters]
    for each in taking_part:
        wanted.check(each.filter_forms)
    left = timeout
    for region in regions:
        for each in taking_part:
            left = yield from _in_time(each.active(wanted, region), left, timeout)


def _no_such_filter(name: str, kinds: Sequence[str], known: frozenset[str]) -> str:
    """Say which filters there are, or which kinds have this one."""
    having = [each.key for each in services.all_kinds() if name in each.filters]
    if having:
        return f"the filter {name!r} is one of {', '.join(having)}: name the kind in kinds=[...]"
    of = ", ".join(kinds)
    return f"no kind has the filter {name!r}; of {of} there are {', '.join(sorted(known))}"


def _in_time(listing: Flow[None], left: float, timeout: float) -> Flow[float]:
    """Run a listing whose requests may take so many seconds; return how many are left.

    What the caller does with a snapshot before it asks for the next one takes none of them.

    Raises:
        WaitTimeout: They took longer.
    """
    try:
        effect = next(listing)
        while True:
            began = (yield from now()).monotonic
            try:
                answer = yield due(effect, began + left)
            except BotocancelError as error:
                left -= (yield from now()).monotonic - began
                effect = listing.throw(error)
            else:
                if not isinstance(effect, Emit):
                    left -= (yield from now()).monotonic - began
                effect = listing.send(answer)
    except StopIteration:
        return left
    except TransportError as error:
        if left > 0:
            raise
        msg = f"the listing took longer than {timeout:g} s; there may be more tasks than were told"
        raise WaitTimeout(msg) from error


def restart(ref: TaskRef[DetailT, ResponseT]) -> Flow[TaskRef[DetailT, ResponseT]]:
    """Start the work of a task anew."""
    service = services.kind_of(ref)
    with naming(ref):
        try:
            fresh = yield from service.restart(ref)
        except ServiceError as error:
            raise meanings.of_describe(service, error) from error
    _logger.info("%s: started anew as %s", ref, fresh, extra={"task": ref.id})
    return fresh
