"""What a search for tasks could not tell."""

from __future__ import annotations

import attrs

__all__ = ["Gap"]


@attrs.frozen(kw_only=True)
class Gap:
    """A task that was listed, of which nothing else can be told."""

    service: str
    """botocore's name of the service."""
    region: str | None
    """Where it was listed; None for the client's default region."""
    task: str | None
    """The id that the service gave it, if it gave one."""
    reason: str
    """Why it cannot be read."""
