"""What the generated models stand on: structures, requests, responses, open enums.

A structure declares the AWS names and the types of its members. What reads, writes and
compares them is made from that once for each class, when it is first needed: a program uses
few of the many classes. ``python -m botocancel.generate`` writes the ``models.py`` of a service.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Final,
    Generic,
    Self,
    TypeAlias,
    TypeVar,
    cast,
    dataclass_transform,
)

import attrs

from botocancel._generics import ResponseT_co
from botocancel._members import Member, ShapeType, optional, required
from botocancel._values import (
    EnumValue,
    FrozenMap,
    OpenEnum,
    Plain,
    Wire,
    WireError,
    reader_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from attrs import frozen as attrs_class  # so that mypy lets `attrs.evolve` take a shape
else:

    def attrs_class(**_):  # noqa: ANN003, ANN202
        return lambda cls: cls


__all__ = [
    "NO_METADATA",
    "EnumValue",
    "FrozenMap",
    "OpenEnum",
    "Plain",
    "Request",
    "Response",
    "ResponseMetadata",
    "ResponseType",
    "Shape",
    "Unreadable",
    "Wire",
    "WireError",
    "members_of",
    "optional",
    "required",
]

ValueT = TypeVar("ValueT", str, int)

_READERS: Final = {kind: reader_of(kind) for kind in (str, int)}


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
            request_id=_value(wire, "RequestId", str),
            http_status=_value(wire, "HTTPStatusCode", int),
            attempts=1 + (_value(wire, "RetryAttempts", int) or 0),
            date=cast("Mapping[str, str]", wire.get("HTTPHeaders") or {}).get("date"),
        )


def _value(wire: Wire, name: str, kind: type[ValueT]) -> ValueT | None:
    value = wire.get(name)
    return None if value is None else cast("ValueT", _READERS[kind](value, name))


NO_METADATA: Final = ResponseMetadata()
"""That of an answer that came with none."""


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(required,))
@attrs_class(kw_only=True)
class Shape(metaclass=ShapeType):
    """A structure of a service's model, frozen and hashable.

    It is an attrs class to its users: `attrs.evolve`, `attrs.asdict` and `attrs.fields` take it.
    """

    __slots__ = ("__weakref__",)

    def __init__(self, /, **values: object) -> None:
        cls = type(self)
        for field, (put, default) in cls.__plan__.setting.items():
            value = values.pop(field, default)
            if value is attrs.NOTHING:
                msg = f"{cls.__name__}() lacks the keyword argument {field!r}"
                raise TypeError(msg)
            put(self, value)
        if values:
            msg = f"{cls.__name__}() takes no keyword argument {min(values)!r}"
            raise TypeError(msg)

    @classmethod
    def from_wire(cls, wire: Wire) -> Self:
        """Build from what botocore parsed. Unknown members are ignored.

        Raises:
            WireError: A member that is insisted on is missing, or a value has another type.
        """
        made = cls.__new__(cls)
        plan, get = cls.__plan__, wire.get
        for put, default in plan.unread:
            put(made, default)
        for name, read, put, default in plan.reading:
            value = get(name)
            if value is not None:
                put(made, read(value, name))
            elif default is not attrs.NOTHING:
                put(made, default)
            else:
                msg = f"it lacks {name}, which its shape requires"
                raise WireError(msg)
        return made

    def to_wire(self) -> dict[str, object]:
        """Return the members that are set, by their AWS names."""
        wire: dict[str, object] = {}
        for name, field, write in type(self).__plan__.writing:
            value = getattr(self, field)
            if value is not None:
                wire[name] = value if write is None else write(value)
        return wire

    def __setattr__(self, name: str, value: object) -> None:
        raise attrs.exceptions.FrozenInstanceError

    def __delattr__(self, name: str) -> None:
        raise attrs.exceptions.FrozenInstanceError

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        values = type(self).__plan__.values
        return values(self) == values(other)

    def __hash__(self) -> int:
        cls = type(self)
        return hash((cls, cls.__plan__.values(self)))

    def __repr__(self) -> str:
        cls = type(self)
        shown = ", ".join(f"{field}={getattr(self, field)!r}" for field in cls.__plan__.data)
        return f"{cls.__name__}({shown})"

    def __getstate__(self) -> dict[str, object]:
        return {field: getattr(self, field) for field in type(self).__plan__.setting}

    def __setstate__(self, state: Mapping[str, object]) -> None:
        for field, (put, default) in type(self).__plan__.setting.items():
            put(self, state.get(field, default))

    def __replace__(self, /, **changes: object) -> Self:
        return attrs.evolve(self, **changes)


@attrs.frozen(kw_only=True)
class Unreadable:
    """An item of a listing that cannot be read, and is left out of it."""

    index: int
    """Where it stands in the list of the answer, counted from 0."""
    reason: str
    """Why it cannot be read."""
    item: Wire = attrs.field(eq=False, repr=False)
    """What botocore parsed of it."""


class Response(Shape):
    """The answer to one `Request`."""

    metadata: ResponseMetadata = cast(
        "Any", Member("ResponseMetadata", NO_METADATA, is_data=False, eq=False)
    )
    """Request id, HTTP status and attempts; no part of what makes two answers equal."""
    unreadable: tuple[Unreadable, ...] = cast("Any", Member(None, (), is_data=False))
    """The items that a listing lacks, for they cannot be read."""


ResponseType: TypeAlias = type[Response]
"""The class of an answer; says so where a member called ``type`` hides the built-in."""


class Request(Shape, Generic[ResponseT_co]):
    """The parameters of one AWS operation, which knows what it is answered with."""

    service: ClassVar[str]
    """botocore's name of the service, such as ``fsx``."""
    operation: ClassVar[str]
    """The AWS operation, such as ``CancelDataRepositoryTask``."""
    method: ClassVar[str]
    """The method of botocore's client that calls it."""
    response_type: ClassVar[type[Response]]
    """The class of the answer."""


def members_of(kind: type[Shape]) -> Mapping[str, tuple[str, object]]:
    """Return the AWS names and the types of a structure's members, by their names in Python."""
    return kind.__plan__.named
