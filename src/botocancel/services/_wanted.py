"""Which running tasks a caller asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Wanted"]


@attrs.frozen(kw_only=True)
class Wanted:
    """Filters for running tasks; None takes any.

    A service takes part if its API knows all that is set.
    """

    file_system: str | None = None
    file_cache: str | None = None
    task: str | None = None
    type: str | None = None
    tag: tuple[str, str] | None = None
    created_before: datetime | None = None
    ended: bool = False
    """Whether tasks that have ended are wanted too."""

    def asks_only_for(self, *names: str) -> bool:
        """Say whether every filter that is set is among these, or holds for any service."""
        known = {*names, "created_before", "ended"}
        return all(
            name in known or getattr(self, name) is None for name in attrs.fields_dict(Wanted)
        )
