"""Listings that come page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from botocancel.effects import call
from botocancel.errors import InvalidResponse
from botocancel.model import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from botocancel.effects import Flow
    from botocancel.model import Request, Shape
    from botocancel.refs import TaskRef

__all__ = ["listed", "pages"]

ItemT = TypeVar("ItemT")
PageT = TypeVar("PageT", bound=Response)


def pages(
    request_for: Callable[[str | None], Request[PageT]],
    ref: TaskRef[Shape, Response] | None = None,
    *,
    region: str | None = None,
    token: Callable[[PageT], str | None],
) -> Iterator[Flow[PageT]]:
    """Yield a flow for each page of a listing; it asks for the page and returns it.

    Usage::

        turns = pages(
            lambda token: ListTaskExecutionsRequest(next_token=token),
            token=lambda page: page.next_token,
        )
        for turn in turns:
            page = yield from turn

    Args:
        request_for: Returns the request for the page that a token leads to; None: the first.
        ref: A task in whose region to ask.
        region: Region to ask in, where there is no such task; None for the client's own.
        token: Returns what asks for the page after one; None or empty on the last one.

    Raises:
        InvalidResponse: A page leads back to one that was read. It is raised by the flow.
    """
    following: str | None = None
    seen: set[str] = set()

    def turn() -> Flow[PageT]:
        nonlocal following
        request = request_for(following)
        page = yield from call(request, ref, region=region)
        following = token(page)
        if following in seen:
            msg = f"{request.operation}: the page leads back to one that was read before"
            raise InvalidResponse(msg)
        if following:
            seen.add(following)
        return page

    yield turn()
    while following:
        yield turn()


def listed(items: Sequence[ItemT] | None, operation: str) -> Sequence[ItemT]:
    """Return what an answer lists.

    Raises:
        InvalidResponse: It has no list, not even an empty one.
    """
    if items is None:
        msg = f"{operation}: the answer has no list"
        raise InvalidResponse(msg)
    return items
