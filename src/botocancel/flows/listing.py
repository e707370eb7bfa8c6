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
    from collections.abc import Iterable

    from botocancel.effects import Flow
    from botocancel.refs import TaskRef
    from botocancel.services import Wanted

__all__ = ["active", "restart"]

_logger = logging.getLogger(__name__)

DetailT = TypeVar("DetailT", bound=Shape)
ResponseT = TypeVar("ResponseT", bound=Response)


def active(
    wanted: Wanted,
    service: str | None,
    regions: Iterable[str | None],
    older_than: float | None,
    timeout: float,
) -> Flow[None]:
    """Emit a snapshot of each running task that is wanted, region by region.

    Raises:
        InvalidInput: There is no such service, no service with such a filter, or a filter's value
            cannot be right.
        WaitTimeout: The requests took longer than that, in seconds; there may be more tasks.
    """
    if older_than is not None:
        before = (yield from now()).utc - timedelta(seconds=older_than)
        wanted = attrs.evolve(wanted, created_before=before)
    known = frozenset[str]().union(*(each.filters for each in services.all_services()))
    if unknown := wanted.names - known:
        msg = f"no service has the filter {min(unknown)!r}; there are {', '.join(sorted(known))}"
        raise InvalidInput(msg)
    chosen = (services.service_named(service),) if service else services.all_services()
    taking_part = [each for each in chosen if wanted.names <= each.filters]
    for each in taking_part:
        wanted.check(each.filter_forms)
    left = timeout
    for region in regions:
        for each in taking_part:
            left = yield from _in_time(each.active(wanted, region), left, timeout)


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
    service = services.service_of(ref)
    with naming(ref):
        try:
            fresh = yield from service.restart(ref)
        except ServiceError as error:
            raise meanings.of_describe(service, error) from error
    _logger.info("%s: started anew as %s", ref, fresh, extra={"task": ref.id})
    return fresh
