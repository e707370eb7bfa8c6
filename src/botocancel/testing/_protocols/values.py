"""The forms of single values: in JSON, and as text in headers, paths and query strings."""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Final, cast

from botocore.model import ListShape, MapShape, StructureShape

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import Shape

__all__ = [
    "from_json",
    "from_text",
    "json_body",
    "location_of",
    "parsed_json",
    "to_json",
    "to_text",
    "wire_name",
]

_EPOCH: Final = "unixtimestamp"

_WRITTEN: Final[Mapping[str, Callable[[datetime], object]]] = {
    _EPOCH: datetime.timestamp,
    "iso8601": lambda instant: instant.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    "rfc822": lambda instant: format_datetime(instant.astimezone(UTC), usegmt=True),
}
_READ: Final[Mapping[str, Callable[[str], datetime]]] = {
    _EPOCH: lambda text: datetime.fromtimestamp(float(text), UTC),
    "iso8601": datetime.fromisoformat,
    "rfc822": parsedate_to_datetime,
}
"""How instants are written and read, by the format that the model names, in lower case."""

_TRUTH: Final = {"true": True, "false": False}


def wire_name(name: str, shape: Shape | None) -> str:
    """Return what a member is called on the wire."""
    return name if shape is None else str(_serialization(shape).get("name", name))


def location_of(shape: Shape | None) -> str | None:
    """Return where in an HTTP message a member stands; None for the body."""
    return None if shape is None else cast("str | None", _serialization(shape).get("location"))


def json_body(value: object, shape: Shape | None = None) -> bytes:
    """Return JSON as it is sent.

    Raises:
        TypeError: A value has no form in JSON.
    """
    return json.dumps(to_json(value, shape)).encode()


def parsed_json(body: bytes) -> object:
    """Read JSON; an empty body has no members.

    Raises:
        ValueError: The body is no JSON, or some of its text no Unicode.
    """
    parsed = cast("object", json.loads(body or b"{}"))
    if b"\\u" in body:  # half a surrogate pair passes for text, until it is encoded
        json.dumps(parsed, ensure_ascii=False).encode()
    return parsed


def to_json(value: object, shape: Shape | None) -> object:
    """Return the form of a value in JSON; members that its shape does not have are kept."""
    if isinstance(value, Mapping):
        parts = cast("Mapping[str, object]", value)
        return dict(_member_to_json(name, part, shape) for name, part in parts.items())
    if isinstance(value, list | tuple):
        member = shape.member if isinstance(shape, ListShape) else None
        return [to_json(part, member) for part in cast("list[object]", value)]
    if isinstance(value, datetime):
        return _WRITTEN[_format(shape, _EPOCH)](value)
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def from_json(value: object, shape: Shape) -> object:
    """Return a value of the names and types of its shape; another type stays as it is.

    Members without a value are left out, and those that the shape does not have.
    """
    read = _FROM_JSON.get(shape.type_name)
    return value if read is None else read(value, shape)


def _structure(value: object, shape: Shape) -> object:
    structure = cast("StructureShape", shape)
    if structure.is_document_type:
        return value
    if not isinstance(value, dict):
        return value
    parts = cast("dict[str, object]", value)
    found = (
        (name, member, parts.get(wire_name(name, member)))
        for name, member in structure.members.items()
    )
    return {name: from_json(part, member) for name, member, part in found if part is not None}


def _map(value: object, shape: Shape) -> object:
    if not isinstance(value, dict):
        return value
    member = cast("MapShape", shape).value
    parts = cast("dict[str, object]", value)
    return {key: from_json(part, member) for key, part in parts.items()}


def _list(value: object, shape: Shape) -> object:
    if not isinstance(value, list):
        return value
    member = cast("ListShape", shape).member
    return [from_json(part, member) for part in cast("list[object]", value)]


def _timestamp(value: object, shape: Shape) -> object:
    return _instant(value, _format(shape, _EPOCH))


def _blob(value: object, shape: Shape) -> object:  # noqa: ARG001  (all blobs are alike)
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else value
    except ValueError:
        return value


_FROM_JSON: Final[Mapping[str, Callable[[object, Shape], object]]] = {
    "blob": _blob,
    "list": _list,
    "map": _map,
    "structure": _structure,
    "timestamp": _timestamp,
}
"""What reads JSON, by the type of the shape; all else is as JSON has it."""


def to_text(value: object, shape: Shape) -> str:
    """Return the form of a value in a header."""
    if isinstance(shape, ListShape):
        return ",".join(to_text(part, shape.member) for part in cast("list[object]", value))
    if isinstance(value, datetime):
        return str(_WRITTEN[_format(shape, "rfc822")](value))
    text = str(value)
    return text.lower() if isinstance(value, bool) else text


def from_text(text: str, shape: Shape, instants: str) -> object:
    """Return the value that a text is the form of; the text itself where it is that of none.

    Args:
        text: What a header, a path or a query string says.
        shape: What it should be.
        instants: The format of instants where the model names none.
    """
    if isinstance(shape, ListShape):
        parts = next(csv.reader([text], escapechar="\\", skipinitialspace=True), list[str]())
        return [from_text(part, shape.member, instants) for part in parts]
    if shape.type_name == "timestamp":
        return _instant(text, _format(shape, instants))
    try:
        return _FROM_TEXT.get(shape.type_name, str)(text)
    except (ValueError, KeyError):
        return text


_FROM_TEXT: Final[Mapping[str, Callable[[str], object]]] = {
    "boolean": _TRUTH.__getitem__,
    "double": float,
    "float": float,
    "integer": int,
    "long": int,
}


def _member_to_json(name: str, value: object, shape: Shape | None) -> tuple[str, object]:
    if isinstance(shape, StructureShape) and name in shape.members:
        member = shape.members[name]
        return wire_name(name, member), to_json(value, member)
    return name, to_json(value, shape.value if isinstance(shape, MapShape) else None)


def _instant(value: object, written: str) -> object:
    """Read an instant; only those since 1970 are numbers."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not isinstance(value, str) and not (is_number and written == _EPOCH):
        return value
    try:
        instant = _READ[written](str(value))
    except (ValueError, OverflowError, OSError):
        return value
    return value if instant.tzinfo is None else instant


def _format(shape: Shape | None, default: str) -> str:
    named = None if shape is None else _serialization(shape).get("timestampFormat")
    return str(named or default).lower()


def _serialization(shape: Shape) -> Mapping[str, object]:
    return cast("Mapping[str, object]", shape.serialization)
