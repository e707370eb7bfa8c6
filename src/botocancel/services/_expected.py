"""What makes an answer the answer to its request, as data: a row for each operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, Never, TypeAlias

import attrs

from botocancel._generics import RequestT_contra, ResponseT_contra

__all__ = ["Expected", "ExpectedAnswers"]


@attrs.frozen(kw_only=True)
class Expected(Generic[RequestT_contra, ResponseT_contra]):
    """What the answer to one operation holds, and which tasks it may be about.

    An answer without the member, or about a task that was not asked about, is an
    `InvalidResponse`. Where the member is a list, its items are read one by one: see
    `Response.unreadable`.
    """

    member: str | None
    """The member that every answer has, by its AWS name; None where an answer has no members."""
    named: Callable[[ResponseT_contra], Iterable[str | None]] = lambda _: ()
    """Returns the ids that an answer is about."""
    is_asked: Callable[[RequestT_contra, str], bool] = lambda _, __: True
    """Says whether the answer to a request may be about an id."""


ExpectedAnswers: TypeAlias = Mapping[str, Expected[Never, Never]]
"""By operation. Each row is typed by its own request and response."""
