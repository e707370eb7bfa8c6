"""What a typed answer holds, as data for JSON, and back: instants as ISO 8601, bytes as Base64."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Final, cast, get_args, get_origin

from botocancel._values import FrozenMap, present
from botocancel.model import Shape, members_of

__all__ = ["from_plain", "to_plain"]

_FROM_TEXT: Final[Mapping[object, Callable[[str], object]]] = {
    datetime: datetime.fromisoformat,
    bytes: partial(b64decode, validate=True),
}


def to_plain(value: object) -> object:
    """Return what is written of a value that is in the form of the wire."""
    match value:
        case datetime():
            return value.isoformat()
        case bytes():
            return b64encode(value).decode()
        case Mapping():
            items = cast("Mapping[str, object]", value).items()
            return {name: to_plain(part) for name, part in items}
        case list() | tuple():
            return [to_plain(part) for part in cast("list[object]", value)]
        case _:
            return value


def from_plain(value: object, annotation: object) -> object:
    """Return, in the form of the wire, what `to_plain` was given.

    What does not fit is left as it is, for ``from_wire`` to refuse.

    Args:
        value: What was written.
        annotation: The type of the value, resolved. Of what is `Plain`, text stays text.
    """
    kind, as_it_is = present(annotation), value
    if isinstance(value, str) and kind in _FROM_TEXT:
        with suppress(ValueError):
            return _FROM_TEXT[kind](value)
    origin, items = get_origin(kind), get_args(kind)
    if isinstance(value, list) and origin is tuple:
        return [from_plain(part, items[0]) for part in cast("list[object]", value)]
    if isinstance(value, Mapping):
        parts = cast("Mapping[str, object]", value)
        if origin is FrozenMap:
            return {name: from_plain(part, items[0]) for name, part in parts.items()}
        if isinstance(kind, type) and issubclass(kind, Shape):
            types = dict(members_of(kind).values())
            return {name: from_plain(part, types.get(name)) for name, part in parts.items()}
    return as_it_is
