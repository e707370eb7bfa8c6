"""Kinds of tasks that are nearly those of the library."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from botocancel import services

if TYPE_CHECKING:
    import pytest

    from botocancel._generics import DetailT, ResponseT
    from botocancel.services import Kind

__all__ = ["changed", "known_as"]


def changed(kind: Kind[DetailT, ResponseT], **changes: object) -> Kind[DetailT, ResponseT]:
    """Return a copy of a kind with some attributes changed."""
    twin = copy.copy(kind)
    for made in ("answers", "naming"):  # they are made when first asked for
        vars(twin).pop(made, None)
    vars(twin).update(changes)
    return twin


def known_as(kind: Kind[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the library know a kind by its key, in the place of its own."""
    own = services._built_in  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  (it is what is replaced)

    def built_in(key: str) -> Kind[Any, Any]:
        return kind if key == kind.key else own(key)

    monkeypatch.setattr(services, "_built_in", built_in)
