"""What is running now, and starting work anew."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import attrs

from botocancel import services
from botocancel.effects import now
from botocancel.errors import InvalidInput
from botocancel.flows.single import about, missing_told
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
) -> Flow[None]:
    """Emit a snapshot of each running task that is wanted, region by region.

    Raises:
        InvalidInput: There is no such service, or no service with such a filter.
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
    for region in regions:
        for each in taking_part:
            yield from each.active(wanted, region)


def restart(ref: TaskRef[DetailT, ResponseT]) -> Flow[TaskRef[DetailT, ResponseT]]:
    """Start the work of a task anew."""
    service = services.service_of(ref)
    with about(ref), missing_told(service):
        fresh = yield from service.restart(ref)
    _logger.info("%s: started anew as %s", ref, fresh, extra={"task": ref.id})
    return fresh
