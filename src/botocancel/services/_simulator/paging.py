"""Pages of a list that may change between two of them."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["page_of"]

ItemT = TypeVar("ItemT")

_BEFORE_ALL: Final = -1
"""No item has such a number, or a lower one."""


def page_of(
    items: Sequence[ItemT],
    number_of: Callable[[ItemT], int],
    limit: int,
    token: str | None,
    query: object,
    *,
    circle: int = 0,
) -> tuple[list[ItemT], str | None]:
    """Cut a page out of numbered items, and name the next one if there is more.

    A token holds the number of the last item answered, so what changes between
    two pages neither repeats an item nor hides one. Its characters are those that
    the patterns of AWS's tokens have in common.

    Args:
        items: What there is now, by rising number.
        number_of: Tells an item's number.
        limit: The most items on a page; at least 1.
        token: Where the page before ended; None for the first.
        query: What was asked; a token is good only for the same.
        circle: So many tokens, each of the first page, follow each other without end;
            0 for tokens that lead to the last page.

    Raises:
        ValueError: The token is none of this query's.
    """
    mark = _mark(query)
    last = _BEFORE_ALL if token is None else _number_in(token, mark)
    rest = [item for item in items if number_of(item) > last]
    page = rest[:limit]
    if circle:
        return page, _token(mark, _BEFORE_ALL - 1 - (_BEFORE_ALL - min(last, _BEFORE_ALL)) % circle)
    return page, _token(mark, number_of(page[-1])) if len(rest) > limit else None


def _token(mark: str, number: int) -> str:
    return base64.b64encode(f"{mark}:{number}".encode()).decode()


def _mark(query: object) -> str:
    return f"{zlib.crc32(repr(query).encode()):08x}"


def _number_in(token: str, mark: str) -> int:
    found, _, number = base64.b64decode(token, validate=True).decode().partition(":")
    if found != mark:
        msg = "the token is of another request"
        raise ValueError(msg)
    return int(number)
