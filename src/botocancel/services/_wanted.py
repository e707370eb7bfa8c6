"""Which running tasks a caller asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from botocancel.model import Shape
    from botocancel.results import TaskSnapshot

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
    filters: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """Filters of services that other packages add, by the names these give them."""
    created_before: datetime | None = None
    """Holds for any service."""
    ended: bool = False
    """Whether tasks that have ended are wanted too."""

    @property
    def names(self) -> frozenset[str]:
        """The filters that are set, but for those that hold for any service."""
        own = attrs.fields_dict(Wanted).keys() - {"filters", "created_before", "ended"}
        given = {name for name in own if getattr(self, name) is not None}
        return frozenset({*given, *self.filters})

    def fits(self, snapshot: TaskSnapshot[Shape]) -> bool:
        """Say whether a task is wanted by its type, its age and whether it has ended."""
        before, created = self.created_before, snapshot.created_at
        return (
            (self.type is None or snapshot.type == self.type)
            and (before is None or (created is not None and created < before))
            and (self.ended or not snapshot.phase.terminal)
        )
