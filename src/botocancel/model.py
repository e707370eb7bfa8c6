"""What the generated models stand on: shapes, requests, responses, open enums.

The modules ``services/*/models.py`` are written by ``tools/generate_models.py``
from botocore's service models. Their ``from_wire`` and ``to_wire`` are explicit
code over the readers of this module; nothing is reflected at run time.
"""

from __future__ import annotations

import sys
from abc import abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import ClassVar, Final, Generic, Self, TypeAlias, TypeVar, cast

import attrs

from botocancel._generics import ResponseT_co

__all__ = [
    "NO_METADATA",
    "OpenEnum",
    "Request",
    "Response",
    "ResponseMetadata",
    "ResponseType",
    "Shape",
    "Unreadable",
    "Wire",
    "WireError",
    "boolean",
    "integer",
    "number",
    "open_enum",
    "present",
    "shape",
    "shapes",
    "text",
    "text_pairs",
    "texts",
    "timestamp",
]

Wire: TypeAlias = Mapping[str, object]
"""What botocore takes and gives: parameters and parsed answers by their AWS names."""


class WireError(ValueError):
    """What ``from_wire`` was given lacks a required member, or has one of another type."""


class OpenEnum(str):
    """A string of which AWS documents some values and may add others.

    The documented ones are class attributes, so ``lifecycle == Lifecycle.PENDING``
    reads well and a type checker finds a misspelling. An unknown value is kept as
    it is, and no checker is told that the documented ones are all there are.
    """

    __slots__ = ()

    values: ClassVar[frozenset[str]] = frozenset()
    """The documented values."""

    def __new__(cls, value: str) -> Self:
        """Wrap a value, documented or not."""
        return super().__new__(cls, value)

    @property
    def known(self) -> bool:
        """Whether the value is one of those documented when this version was made."""
        return self in self.values

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str.__repr__(self)})"


@lru_cache(maxsize=16)  # many answers are given in one second
def _instant_of(date: str) -> datetime | None:
    """Read the HTTP header ``Date``; None where it is none."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  (most calls need it not)

    try:
        return parsedate_to_datetime(date).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@attrs.frozen(kw_only=True)
class ResponseMetadata:
    """What came with an answer, whatever it answered."""

    request_id: str | None = None
    """AWS's id of the request."""
    http_status: int | None = None
    """HTTP status of the answer."""
    attempts: int = 1
    """How many requests botocore sent for the call."""
    date: str | None = None
    """The HTTP header ``Date`` of the answer."""

    @property
    def service_time(self) -> datetime | None:
        """When the answer was given, by the service's clock, to the second, in UTC."""
        return None if self.date is None else _instant_of(self.date)

    @classmethod
    def from_wire(cls, wire: Wire) -> Self:
        """Read botocore's ``ResponseMetadata``."""
        return cls(
            request_id=text(wire, "RequestId"),
            http_status=integer(wire, "HTTPStatusCode"),
            attempts=1 + (integer(wire, "RetryAttempts") or 0),
            date=cast("Mapping[str, str]", wire.get("HTTPHeaders") or {}).get("date"),
        )

    @classmethod
    def of(cls, wire: Wire) -> ResponseMetadata:
        """Read the metadata of a parsed answer."""
        part = wire.get("ResponseMetadata")
        return NO_METADATA if part is None else cls.from_wire(cast("Wire", part))


NO_METADATA: Final = ResponseMetadata()
"""That of an answer that came with none."""


class Shape:
    """A structure of a service's model, frozen and hashable."""

    __slots__ = ()

    @classmethod
    @abstractmethod
    def from_wire(cls, wire: Wire) -> Self:
        """Build from what botocore parsed. Unknown members are ignored.

        Raises:
            WireError: A required member is missing, or a value has another type.
        """

    @abstractmethod
    def to_wire(self) -> dict[str, object]:
        """Return the members that are set, by their AWS names."""


@attrs.frozen(kw_only=True)
class Unreadable:
    """An item of a listing that cannot be read, and is left out of it."""

    index: int
    """Where it stands in the list of the answer, counted from 0."""
    reason: str
    """Why it cannot be read."""
    item: Wire = attrs.field(eq=False, repr=False)
    """What botocore parsed of it."""


@attrs.frozen(kw_only=True)
class Response(Shape):
    """The answer to one `Request`."""

    metadata: ResponseMetadata = attrs.field(default=NO_METADATA, eq=False, repr=False)
    """Request id, HTTP status and attempts; no part of what makes two answers equal."""
    unreadable: tuple[Unreadable, ...] = attrs.field(default=(), repr=False)
    """The items that a listing lacks, for they cannot be read."""


ResponseType: TypeAlias = type[Response]
"""The class of an answer; says so where a member called ``type`` hides the built-in."""


class Request(Shape, Generic[ResponseT_co]):
    """The parameters of one AWS operation, which knows what it is answered with."""

    __slots__ = ()

    service: ClassVar[str]
    """botocore's name of the service, such as ``fsx``."""
    operation: ClassVar[str]
    """The AWS operation, such as ``CancelDataRepositoryTask``."""
    method: ClassVar[str]
    """The method of botocore's client that calls it."""
    response_type: ClassVar[type[Response]]
    """The class of the answer."""


ShapeT = TypeVar("ShapeT", bound=Shape)
EnumT = TypeVar("EnumT", bound=OpenEnum)
ValueT = TypeVar("ValueT")

_LONG: Final = 2**63
_LARGEST: Final = sys.float_info.max


def text(wire: Wire, name: str) -> str | None:
    """Read a string."""
    value = wire.get(name)
    if value is None or isinstance(value, str):
        return value
    raise _unexpected(name, value, "a string")


def open_enum(kind: type[EnumT], wire: Wire, name: str) -> EnumT | None:
    """Read a string of which some values are documented."""
    value = text(wire, name)
    return None if value is None else kind(value)


def integer(wire: Wire, name: str) -> int | None:
    """Read an integer of no more than 64 bits, as AWS has none that is longer."""
    value = wire.get(name)
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and -_LONG <= value < _LONG:
        return value
    raise _unexpected(name, value, "an integer of 64 bits")


def number(wire: Wire, name: str) -> float | None:
    """Read a finite number that may have a fraction."""
    value = wire.get(name)
    if value is None:
        return None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number and -_LARGEST <= cast("float", value) <= _LARGEST:
        return cast("float", value)
    raise _unexpected(name, value, "a finite number")


def boolean(wire: Wire, name: str) -> bool | None:
    """Read a truth value."""
    value = wire.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise _unexpected(name, value, "true or false")


def timestamp(wire: Wire, name: str) -> datetime | None:
    """Read an instant, as an aware datetime in UTC."""
    value = wire.get(name)
    if value is None:
        return None
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value if value.tzinfo is UTC else value.astimezone(UTC)
    raise _unexpected(name, value, "an aware datetime")


def shape(kind: type[ShapeT], wire: Wire, name: str) -> ShapeT | None:
    """Read a structure."""
    value = wire.get(name)
    return None if value is None else _read(kind, name, value)


def shapes(kind: type[ShapeT], wire: Wire, name: str) -> tuple[ShapeT, ...] | None:
    """Read a list of structures."""
    values = _list(wire, name)
    if values is None:
        return None
    return tuple([_read(kind, name, value) for value in values])


def texts(wire: Wire, name: str) -> tuple[str, ...] | None:
    """Read a list of strings."""
    values = _list(wire, name)
    if values is None:
        return None
    for value in values:
        if not isinstance(value, str):
            raise _unexpected(name, value, "a list of strings")
    return tuple(cast("list[str]", values))


def text_pairs(wire: Wire, name: str) -> tuple[tuple[str, str], ...] | None:
    """Read a map of strings, as the pairs of its keys and values."""
    value = wire.get(name)
    if value is None:
        return None
    parts = _structure(name, value)
    for part in parts.values():
        if not isinstance(part, str):
            raise _unexpected(name, part, "a map of strings")
    return tuple(cast("Mapping[str, str]", parts).items())


def present(value: ValueT | None, name: str) -> ValueT:
    """Insist on a member that its shape requires."""
    if value is None:
        msg = f"it lacks {name}, which its shape requires"
        raise WireError(msg)
    return value


def _read(kind: type[ShapeT], name: str, value: object) -> ShapeT:
    part = _structure(name, value)
    try:
        return kind.from_wire(part)
    except WireError as error:
        msg = f"{name}: {error}"
        raise WireError(msg) from None


def _structure(name: str, value: object) -> Wire:
    if isinstance(value, Mapping):
        return cast("Wire", value)
    raise _unexpected(name, value, "a structure")


def _list(wire: Wire, name: str) -> list[object] | None:
    value = wire.get(name)
    if value is None or isinstance(value, list):
        return cast("list[object] | None", value)
    raise _unexpected(name, value, "a list")


def _unexpected(name: str, value: object, expected: str) -> WireError:
    return WireError(f"its {name} is {type(value).__name__}, not {expected}")
