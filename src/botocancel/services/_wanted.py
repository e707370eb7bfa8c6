"""Which running tasks a caller asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import attrs

from botocancel._text import named
from botocancel.errors import InvalidInput

if TYPE_CHECKING:
    from datetime import datetime

    from botocancel.model import Shape
    from botocancel.results import TaskSnapshot
    from botocancel.services._forms import Form

__all__ = ["Wanted"]


def _is_tag(_: object, __: attrs.Attribute[Any], value: object) -> None:
    parts = list(cast("tuple[object, ...]", value)) if type(value) in {tuple, list} else []
    if value is not None and [isinstance(part, str) for part in parts] != [True, True]:
        msg = f"tag must be a key and a value, such as ('team', 'storage'), not {named(value)}"
        raise InvalidInput(msg)


def _is_mapping(_: object, __: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, Mapping):
        msg = f"filters must be a mapping of names to values, not {named(value)}"
        raise InvalidInput(msg)


@attrs.frozen(kw_only=True)
class Wanted:
    """Filters for running tasks; None takes any.

    A service takes part if its API knows all that is set.

    Raises:
        InvalidInput: A filter has the wrong type.
    """

    file_system: str | None = None
    file_cache: str | None = None
    task: str | None = None
    type: str | None = None
    tag: tuple[str, str] | None = attrs.field(default=None, validator=_is_tag)
    filters: Mapping[str, str] = attrs.field(factory=dict[str, str], validator=_is_mapping)
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

    def value_of(self, name: str) -> str | None:
        """Return the value of a filter; None where it is not set."""
        value = self._given(name)
        return None if value is None else str(value)

    def _given(self, name: str) -> object:
        own: object = getattr(self, name, None)
        return self.filters.get(name) if own is None else own

    def check(self, forms: Mapping[str, Form]) -> None:
        """Check the values that are set by what they look like if they are right.

        Raises:
            InvalidInput: One looks otherwise, so it would only hide what there is.
        """
        for name, form in forms.items():
            value = self._given(name)
            if value is None or form.fits(value):
                continue
            msg = f"{name} must be {form.expected}, such as {form.example!r}, not {named(value)}"
            raise InvalidInput(msg)

    def fits(self, snapshot: TaskSnapshot[Shape]) -> bool:
        """Say whether a task is wanted by its type, its age and whether it has ended."""
        before, created = self.created_before, snapshot.created_at
        return (
            (self.type is None or snapshot.type == self.type)
            and (before is None or (created is not None and created < before))
            and (self.ended or not snapshot.phase.terminal)
        )
