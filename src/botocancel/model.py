"""What the generated models stand on: structures, requests, responses, open enums.

A structure declares the AWS names and the types of its members. What reads, writes and
compares them is made from that once for each class, when it is first needed: a program uses
few of the many classes. ``python -m botocancel.generate`` writes the ``models.py`` of a service.
"""

from __future__ import annotations

import inspect
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from operator import attrgetter
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
from botocancel._values import (
    EnumValue,
    FrozenMap,
    OpenEnum,
    Plain,
    Wire,
    WireError,
    reader_of,
    writer_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocancel._values import Read, Write

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


@attrs.frozen
class _Member:
    """A member of a structure, as its class declares it."""

    name: str | None
    """Its AWS name; None where botocore does not parse it."""
    default: object
    """`attrs.NOTHING` where it has to be given."""
    is_data: bool = True
    """Whether it is one of the service's model, which is sent and shown."""
    eq: bool = True
    """Whether it is part of what makes two structures equal."""


def required(name: str) -> Any:  # noqa: ANN401  (as `attrs.field`: the annotation is the type)
    """Declare a member that the constructor takes and ``from_wire`` insists on.

    Args:
        name: Its AWS name.
    """
    return _Member(name, attrs.NOTHING)


def optional(name: str) -> Any:  # noqa: ANN401  (as `attrs.field`: the annotation is the type)
    """Declare a member that is None where it is not given.

    Args:
        name: Its AWS name.
    """
    return _Member(name, None)


class _Plan:
    """How the members of one class are set, read, written, compared and shown.

    Each part is made when it is first needed.
    """

    def __init__(
        self, cls: _ShapeType, members: Mapping[str, _Member], by_attrs: object = None
    ) -> None:
        self._cls = cls
        self.members = members
        """By their names in Python, inherited ones first."""
        self.by_attrs = by_attrs
        """The attributes of a class that is made by attrs itself, and of those it is a base of."""

    @cached_property
    def data(self) -> list[str]:
        """The members that are shown."""
        return [field for field, member in self.members.items() if member.is_data]

    @cached_property
    def setting(self) -> dict[str, tuple[Callable[[Shape, object], None], object]]:
        """For each member: how it is set, and its default."""
        return {
            field: (getattr(self._cls, field).__set__, member.default)
            for field, member in self.members.items()
        }

    @cached_property
    def unread(self) -> list[tuple[Callable[[Shape, object], None], object]]:
        """The same, for each member that is not read."""
        return [self.setting[field] for field, member in self.members.items() if not member.name]

    @cached_property
    def values(self) -> Callable[[Shape], object]:
        """What returns the values of the members that are compared."""
        compared = [field for field, member in self.members.items() if member.eq]
        return attrgetter(*compared) if compared else lambda _: ()

    @cached_property
    def reading(self) -> list[tuple[str, Read, Callable[[Shape, object], None], object]]:
        """For each member that is read: its AWS name, how it is read and set, its default."""
        return [
            (member.name, reader_of(self._types[field]), *self.setting[field])
            for field, member in self.members.items()
            if member.name is not None
        ]

    @cached_property
    def writing(self) -> list[tuple[str, str, Write | None]]:
        """For each member that is written: its AWS name, its field, how it is written."""
        return [
            (member.name, field, writer_of(self._types[field]))
            for field, member in self.members.items()
            if member.is_data and member.name is not None
        ]

    @cached_property
    def attributes(self) -> tuple[attrs.Attribute[Any], ...]:
        """What `attrs.fields` returns."""
        if self.by_attrs is not None:
            return cast("tuple[attrs.Attribute[Any], ...]", self.by_attrs)
        fields = {
            field: attrs.field(
                default=member.default,
                repr=member.is_data,
                eq=member.eq,
                type=cast("type", self._annotations[field]),
            )
            for field, member in self.members.items()
        }
        own = inspect.get_annotations(self._cls)
        like = attrs.make_class(
            self._cls.__name__,
            fields,
            init=False,
            repr=False,
            eq=False,
            kw_only=True,
            field_transformer=lambda _, made: [
                each.evolve(inherited=each.name not in own) for each in made
            ],
        )
        return cast("tuple[attrs.Attribute[Any], ...]", attrs.fields(like))

    @cached_property
    def signature(self) -> inspect.Signature:
        """What `inspect.signature` returns."""
        return inspect.Signature(
            [
                inspect.Parameter(
                    field,
                    inspect.Parameter.KEYWORD_ONLY,
                    default=inspect.Parameter.empty if default is attrs.NOTHING else default,
                    annotation=self._annotations[field],
                )
                for field, (_, default) in self.setting.items()
            ]
        )

    @cached_property
    def _types(self) -> Mapping[str, object]:
        return self._annotated(eval_str=True)

    @cached_property
    def _annotations(self) -> Mapping[str, object]:
        return self._annotated(eval_str=False)

    def _annotated(self, *, eval_str: bool) -> Mapping[str, object]:
        classes = [base for base in reversed(self._cls.__mro__) if isinstance(base, _ShapeType)]
        return {
            field: annotation
            for base in classes
            for field, annotation in inspect.get_annotations(base, eval_str=eval_str).items()
        }


class _ShapeType(type):
    """Makes a slot of each declared member. To make a class as attrs does takes 50 times longer."""

    __plan__: _Plan

    def __new__(
        cls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, object],
        **options: object,
    ) -> _ShapeType:
        own = {field: item for field, item in namespace.items() if isinstance(item, _Member)}
        rest = {name: item for name, item in namespace.items() if name not in own}
        made = super().__new__(cls, name, bases, {"__slots__": tuple(own), **rest}, **options)
        plans = [base.__plan__ for base in bases if isinstance(base, _ShapeType)]
        members = {**(plans[0].members if plans else {}), **own}
        by_attrs = plans[0].by_attrs if plans and not own else None
        made.__plan__ = _Plan(made, members, namespace.get("__attrs_attrs__", by_attrs))
        return made

    @property
    def __attrs_attrs__(cls) -> tuple[attrs.Attribute[Any], ...]:
        return cls.__plan__.attributes

    @property
    def __signature__(cls) -> inspect.Signature:
        return cls.__plan__.signature


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(required,))
@attrs.frozen(kw_only=True)
class Shape(metaclass=_ShapeType):
    """A structure of a service's model, frozen and hashable.

    It is an attrs class to its users: `attrs.evolve`, `attrs.asdict` and `attrs.fields` take it.
    """

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
        "Any", _Member("ResponseMetadata", NO_METADATA, is_data=False, eq=False)
    )
    """Request id, HTTP status and attempts; no part of what makes two answers equal."""
    unreadable: tuple[Unreadable, ...] = cast("Any", _Member(None, (), is_data=False))
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
