"""What makes an answer the answer to its request, as data: a row for each operation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Generic, Never, TypeAlias

import attrs

from botocancel._generics import RequestT_contra, ResponseT_contra

__all__ = ["Expected", "ExpectedAnswers"]


@attrs.frozen(kw_only=True)
class Expected(Generic[RequestT_contra, ResponseT_contra]):
    """What the answer to one operation holds, and which ids it may name.

    An answer without the member, or about something that was not asked about, is an
    `InvalidResponse`.
    """

    member: str | None
    """The member that every answer has, by its AWS name; None where an answer has no members."""
    asked: Callable[[RequestT_contra], Collection[str] | None] = lambda _: None
    """Returns the ids that a request asks about; None where it does not say."""
    named: Callable[[ResponseT_contra], Collection[str]] = lambda _: ()
    """Returns the ids that an answer is about."""


ExpectedAnswers: TypeAlias = Mapping[str, Expected[Never, Never]]
"""By operation. Each row is typed by its own request and response."""
