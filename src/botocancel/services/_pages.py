"""Listings that come page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from botocancel.effects import call
from botocancel.errors import InvalidResponse
from botocancel.model import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocancel.effects import Flow
    from botocancel.model import Request, Shape
    from botocancel.refs import TaskRef

__all__ = ["listed", "pages"]

ItemT = TypeVar("ItemT")
PageT = TypeVar("PageT", bound=Response)


class _Page(Protocol):
    @property
    def next_token(self) -> str | None:
        """What asks for the next page; None or empty on the last one."""
        ...


def pages(
    request_for: Callable[[str | None], Request[PageT]],
    ref: TaskRef[Shape, Response] | None = None,
    *,
    region: str | None = None,
) -> Iterator[Flow[PageT]]:
    """Yield a flow for each page of a listing; it asks for the page and returns it.

    Usage::

        for turn in pages(lambda token: ListTaskExecutionsRequest(next_token=token)):
            page = yield from turn

    Args:
        request_for: Returns the request for the page that a token leads to; None: the first.
        ref: A task in whose region to ask.
        region: Region to ask in, where there is no such task; None for the client's own.

    Raises:
        InvalidResponse: A page leads back to one that was read. It is raised by the flow.
    """
    token: str | None = None
    seen: set[str] = set()

    def turn() -> Flow[PageT]:
        nonlocal token
        request = request_for(token)
        page = yield from call(request, ref, region=region)
        token = cast("_Page", page).next_token
        if token in seen:
            msg = f"{request.operation}: the page leads back to one that was read before"
            raise InvalidResponse(msg)
        if token:
            seen.add(token)
        return page

    yield turn()
    while token:
        yield turn()


def listed(items: tuple[ItemT, ...] | None, operation: str) -> tuple[ItemT, ...]:
    """Return what an answer lists.

    Raises:
        InvalidResponse: It has no list, not even an empty one.
    """
    if items is None:
        msg = f"{operation}: the answer has no list"
        raise InvalidResponse(msg)
    return items
