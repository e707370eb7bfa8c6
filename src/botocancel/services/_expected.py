"""What makes an answer the answer to its request, as data: a row for each operation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Generic, Never, TypeAlias

from botocancel._declared import Declared
from botocancel._generics import RequestT_contra, ResponseT_contra

__all__ = ["Expected", "ExpectedAnswers"]


class Expected(Declared, Generic[RequestT_contra, ResponseT_contra]):
    """What the answer to one operation holds, and which tasks it may be about.

    An answer without the member, or about a task that was not asked about, is an
    `InvalidResponse`. Where the member is a list, its items are read one by one: see
    `Response.unreadable`.
    """

    member: str | None
    """The member that every answer has, by its AWS name; None where an answer has no members."""
    others: tuple[str, ...] = ()
    """Members of which one may stand in its place."""
    may_be_empty: bool = False
    """Whether an empty body is an answer, as where the operation has no output."""
    strangers: Callable[[RequestT_contra, ResponseT_contra], Collection[str | None]] = (
        lambda _, __: ()
    )
    """Returns the ids of the tasks that an answer names, but the request did not ask about."""


ExpectedAnswers: TypeAlias = Mapping[str, Expected[Never, Never]]
"""By operation. Each row is typed by its own request and response."""
