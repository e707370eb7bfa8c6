"""How the values of a typed member come from what botocore parsed, and go back into a request.

A member's annotation says it all: it is resolved once for each class, into the functions that
read and write its values. What has no type of its own is a plain value that cannot change.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import (
    Any,
    ClassVar,
    Final,
    NamedTuple,
    Protocol,
    Self,
    TypeAlias,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
)

import attrs

__all__ = [
    "EnumValue",
    "FrozenMap",
    "OpenEnum",
    "Plain",
    "Read",
    "Wire",
    "WireError",
    "Write",
    "present",
    "reader_of",
    "writer_of",
]

Wire: TypeAlias = Mapping[str, object]
"""What botocore takes and gives: parameters and parsed answers by their AWS names."""

Read: TypeAlias = Callable[[Any, str], object]
"""Reads a value that is there; the second argument is its AWS name, for the error."""

Write: TypeAlias = Callable[[Any], object]

ValueT_co = TypeVar("ValueT_co", covariant=True)


class WireError(ValueError):
    """What ``from_wire`` was given lacks a required member, or has one of another type."""


class FrozenMap(Mapping[str, ValueT_co]):
    """A mapping that cannot change, and that can be hashed if its values can.

    Args:
        items: A mapping, or pairs of keys and values.
    """

    __slots__ = ("_items",)

    _items: dict[str, ValueT_co]

    def __init__(
        self, items: Mapping[str, ValueT_co] | Iterable[tuple[str, ValueT_co]] = ()
    ) -> None:
        object.__setattr__(self, "_items", dict(items))

    def __getitem__(self, key: str) -> ValueT_co:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return f"FrozenMap({self._items!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self._items,)

    def __setattr__(self, name: str, value: object) -> None:
        raise attrs.exceptions.FrozenInstanceError

    def __delattr__(self, name: str) -> None:
        raise attrs.exceptions.FrozenInstanceError


Plain: TypeAlias = Union[
    bool, int, float, str, bytes, datetime, "tuple[Plain, ...]", "FrozenMap[Plain]", None
]
"""What is beyond typing: a value as botocore parsed it, with what can change made frozen."""

EnumT = TypeVar("EnumT", bound="OpenEnum")


class EnumValue:
    """A documented value of an `OpenEnum`, as its class declares it."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value: str = value

    def __get__(self, _: object, owner: type[EnumT]) -> EnumT:
        """Tell type checkers what the class has in its place."""
        raise NotImplementedError


class _OpenEnumType(type):
    """Makes the declared values those of the class; instances get no ``__dict__``."""

    values: frozenset[str]

    def __new__(
        cls, name: str, bases: tuple[type, ...], namespace: dict[str, object]
    ) -> _OpenEnumType:
        made = super().__new__(cls, name, bases, {"__slots__": (), **namespace})
        declared = {
            key: made(item.value) for key, item in namespace.items() if isinstance(item, EnumValue)
        }
        for key, value in declared.items():
            setattr(made, key, value)
        made.values = frozenset(declared.values())
        return made


class OpenEnum(str, metaclass=_OpenEnumType):
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


class _Structure(Protocol):
    @classmethod
    def from_wire(cls, wire: Wire, /) -> Self: ...
    def to_wire(self) -> dict[str, object]: ...


_LONG: Final = 2**63
_LARGEST: Final = sys.float_info.max


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_truth(value: object) -> bool:
    return isinstance(value, bool)


def _is_bytes(value: object) -> bool:
    return isinstance(value, bytes)


def _is_integer(value: object) -> bool:
    """Say whether it is an integer of no more than 64 bits, as AWS has none that is longer."""
    return isinstance(value, int) and not isinstance(value, bool) and -_LONG <= value < _LONG


def _is_number(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and -_LARGEST <= cast("float", value) <= _LARGEST


def _is_instant(value: object) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


def _in_utc(value: datetime) -> datetime:
    return value if value.tzinfo is UTC else value.astimezone(UTC)


class _Scalar(NamedTuple):
    """A type whose values hold no others."""

    accepts: Callable[[object], bool]
    one: str
    many: str
    """What one and several are called."""
    convert: Callable[[Any], object] | None = None


_SCALARS: Final[Mapping[type, _Scalar]] = {
    str: _Scalar(_is_text, "a string", "strings"),
    bool: _Scalar(_is_truth, "true or false", "truth values"),
    bytes: _Scalar(_is_bytes, "bytes", "bytes"),
    int: _Scalar(_is_integer, "an integer of 64 bits", "integers of 64 bits"),
    float: _Scalar(_is_number, "a finite number", "finite numbers"),
    datetime: _Scalar(_is_instant, "an aware datetime", "aware datetimes", _in_utc),
}


def reader_of(annotation: object, within: str = "") -> Read:
    """Return what reads the values of a type.

    Args:
        annotation: The type, resolved.
        within: What the values are the items of, such as "a list of ", for messages.
    """
    if annotation == Plain:
        return _frozen
    kind = present(annotation)
    scalar = _scalar_of(kind)
    if scalar is not None:
        return _scalar_reader(scalar, within)
    origin, items = get_origin(kind), get_args(kind)
    if origin is tuple:
        return _list_reader(reader_of(items[0], f"{within}lists of " if within else "a list of "))
    if origin is FrozenMap:
        return _map_reader(reader_of(items[0], f"{within}maps of " if within else "a map of "))
    if isinstance(kind, _OpenEnumType):
        return _enum_reader(cast("type[OpenEnum]", kind), _scalar_reader(_SCALARS[str], within))
    return _structure_reader(cast("type[_Structure]", kind))


def writer_of(annotation: object) -> Write | None:
    """Return what writes the values of a type, resolved; None where they go out as they are."""
    if annotation == Plain:
        return _thawed
    kind = present(annotation)
    origin, items = get_origin(kind), get_args(kind)
    if origin is tuple:
        return _list_writer(writer_of(items[0]))
    if origin is FrozenMap:
        return _map_writer(writer_of(items[0]) or _same)
    return operator.methodcaller("to_wire") if hasattr(kind, "to_wire") else None


def unexpected(name: str, value: object, expected: str) -> WireError:
    """Return the error for a value of another type than expected."""
    return WireError(f"its {name} is {type(value).__name__}, not {expected}")


def present(annotation: object) -> object:
    """Return the type of a member that may be None, when it is there."""
    kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
    return kinds[0] if get_origin(annotation) in {Union, UnionType} else annotation


def _scalar_of(kind: object) -> _Scalar | None:
    """Return how values of a type are read, if they hold no others.

    What freezes time in a test puts a subclass in the place of ``datetime``.
    """
    if not isinstance(kind, type) or isinstance(kind, _OpenEnumType):
        return None
    return next((_SCALARS[base] for base in kind.__mro__ if base in _SCALARS), None)


def _scalar_reader(scalar: _Scalar, within: str) -> Read:
    accepts, one, many, convert = scalar
    expected = f"{within}{many}" if within else one

    def read(value: object, name: str) -> object:
        if accepts(value):
            return value
        raise unexpected(name, value, expected)

    def read_converted(value: object, name: str) -> object:
        return convert(read(value, name)) if convert else value

    return read_converted if convert else read


def _list_reader(read_item: Read) -> Read:
    def read(value: object, name: str) -> object:
        if not isinstance(value, list):
            raise unexpected(name, value, "a list")
        return tuple([read_item(item, name) for item in cast("list[object]", value)])

    return read


def _map_reader(read_item: Read) -> Read:
    def read(value: object, name: str) -> object:
        items = _structure(value, name).items()
        return FrozenMap({key: read_item(item, name) for key, item in items})

    return read


def _list_writer(write_item: Write | None) -> Write:
    if write_item is None:
        return _listed
    return lambda values: [write_item(value) for value in values]


def _listed(values: object) -> object:
    """Return a list of a tuple; what is none is for botocore to refuse."""
    return list(cast("tuple[object, ...]", values)) if isinstance(values, tuple) else values


def _map_writer(write_item: Write) -> Write:
    return lambda values: {key: write_item(value) for key, value in values.items()}


def _enum_reader(kind: type[OpenEnum], read_text: Read) -> Read:
    documented = {value: value for value in kind.values}

    def read(value: object, name: str) -> object:
        text = cast("str", read_text(value, name))
        return documented.get(text) or kind(text)

    return read


def _structure_reader(kind: type[_Structure]) -> Read:
    def read(value: object, name: str) -> object:
        try:
            return kind.from_wire(_structure(value, name))
        except WireError as error:
            msg = f"{name}: {error}"
            raise WireError(msg) from None

    return read


def _structure(value: object, name: str) -> Wire:
    if isinstance(value, dict) or isinstance(value, Mapping):  # noqa: SIM101  (the first is cheap)
        return cast("Wire", value)
    raise unexpected(name, value, "a structure")


def _frozen(value: object, name: str) -> Plain:
    match value:
        case None | bool() | int() | float() | str() | bytes() | datetime():
            return value
        case list():
            return tuple([_frozen(item, name) for item in cast("list[object]", value)])
        case Mapping():
            items = cast("Wire", value).items()
            return FrozenMap({key: _frozen(item, name) for key, item in items})
        case _:
            raise unexpected(name, value, "a plain value")


def _thawed(value: Plain) -> object:
    match value:
        case tuple():
            return [_thawed(item) for item in value]
        case FrozenMap():
            return {key: _thawed(item) for key, item in value.items()}
        case _:
            return value


def _same(value: object) -> object:
    return value
