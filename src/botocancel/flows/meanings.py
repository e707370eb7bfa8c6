"""What an error that the service answered means, where its code alone does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeVar

from botocancel.errors import (
    BotocancelError,
    Conflict,
    InvalidRequest,
    NotFound,
    ServiceError,
    TaskCanceling,
    TaskEnded,
    Unsupported,
)
from botocancel.model import Response, Shape
from botocancel.phases import Phase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocancel.results import TaskSnapshot
    from botocancel.services import Kind

__all__ = ["of_describe", "of_refusal"]

DetailT = TypeVar("DetailT", bound=Shape)
ResponseT = TypeVar("ResponseT", bound=Response)

_Found: TypeAlias = Literal["canceling", "ended", "missing"]

_MEANINGS: Final[Mapping[tuple[type[ServiceError], _Found], type[ServiceError]]] = {
    (TaskEnded, "canceling"): TaskCanceling,
    (InvalidRequest, "canceling"): TaskCanceling,
    (Unsupported, "canceling"): TaskCanceling,
    (Conflict, "canceling"): TaskCanceling,
    (TaskEnded, "ended"): TaskEnded,
    (InvalidRequest, "ended"): TaskEnded,
    (Conflict, "ended"): TaskEnded,
    (InvalidRequest, "missing"): NotFound,
}
"""What a refused cancel means, by its class and what a describe then found; else what it says."""


def of_describe(service: Kind[DetailT, ResponseT], error: ServiceError) -> ServiceError:
    """Return what a describe's error means: `NotFound`, where only its text says so."""
    if isinstance(error, NotFound) or not service.says_not_found(error):
        return error
    return error.refined(service.leaf(NotFound))


def of_refusal(
    service: Kind[DetailT, ResponseT],
    refusal: ServiceError,
    found: TaskSnapshot[DetailT] | BotocancelError,
) -> ServiceError:
    """Return what a refused cancel means, by what a describe then found.

    Args:
        service: Who refused.
        refusal: What it answered.
        found: The description, or why there is none.
    """
    state = _state(service, refusal, found)
    for (kind, where), meaning in _MEANINGS.items():
        if where == state and isinstance(refusal, kind):
            error = refusal
            if not isinstance(refusal, meaning):
                error = refusal.refined(service.leaf(meaning))
            snapshot = None if isinstance(found, BotocancelError) else found
            if snapshot is not None and isinstance(error, TaskEnded | TaskCanceling):
                error.snapshot = snapshot
            return error
    return refusal


def _state(
    service: Kind[DetailT, ResponseT],
    refusal: ServiceError,
    found: TaskSnapshot[DetailT] | BotocancelError,
) -> _Found | None:
    if isinstance(found, BotocancelError):
        is_missing = isinstance(found, NotFound) or service.says_not_found(refusal)
        return "missing" if is_missing else None
    if found.phase is Phase.CANCELING:
        return "canceling"
    return "ended" if found.phase.terminal else None
