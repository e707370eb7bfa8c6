"""What a search for tasks could not tell."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from botocancel.errors import BotocancelError

__all__ = ["Gap", "GapCause"]


class GapCause(StrEnum):
    """What keeps a place, or a whole account, from being looked in."""

    DENIED = "denied"
    """The caller's identity lacks a permission."""
    POLICY = "policy"
    """A service control policy of the organization denies it."""
    ROLE = "role"
    """The role cannot be assumed: it does not exist, or does not trust the caller."""
    SUSPENDED = "suspended"
    """The account is suspended."""
    REGION = "region"
    """The region does not take the credentials: most likely the account has not enabled it."""
    OTHER = "other"


@attrs.frozen(kw_only=True)
class Gap:
    """A task that was listed and cannot be read, or a place where it could not be looked."""

    service: str | None
    """The key of the kind of task; None for a whole account."""
    region: str | None
    """Where it was looked; None for the client's default region."""
    task: str | None
    """The id that the service gave the task, if it gave one; None for a place."""
    reason: str
    """Why it cannot be read, or why it could not be looked there."""
    parent: str | None = None
    """What the tasks are listed under, such as a state machine, if that alone failed."""
    error: BotocancelError | None = None
    """What was raised of the place, or of the parent; None of a task."""
    account: str | None = None
    """Of which account it is, of a fleet."""
    cause: GapCause | None = None
    """What keeps a place from being looked in, as far as the error tells; None of a task."""
