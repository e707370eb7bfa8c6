"""How a structure's members are declared, and what is made of their declarations.

To make a class as attrs does takes fifty times longer, and a program uses few of the many classes
that are generated. So the methods are the same for all, over a plan that each class makes of
its members when it is first needed.
"""

from __future__ import annotations

import inspect
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast

import attrs

from botocancel._values import reader_of, writer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocancel._values import Read, Write
    from botocancel.model import Shape

__all__ = ["Member", "ShapeType", "optional", "required"]


class Member:
    """A member of a structure, as its class declares it.

    Args:
        name: Its AWS name; None where botocore does not parse it.
        default: `attrs.NOTHING` where it has to be given.
        is_data: Whether it is one of the service's model, which is sent and shown.
        eq: Whether it is part of what makes two structures equal.
    """

    __slots__ = ("default", "eq", "is_data", "name")

    def __init__(
        self, name: str | None, default: object, *, is_data: bool = True, eq: bool = True
    ) -> None:
        self.name = name
        self.default = default
        self.is_data = is_data
        self.eq = eq


def required(name: str) -> Any:  # noqa: ANN401  (as `attrs.field`: the annotation is the type)
    """Declare a member that the constructor takes and ``from_wire`` insists on.

    Args:
        name: Its AWS name.
    """
    return Member(name, attrs.NOTHING)


def optional(name: str) -> Any:  # noqa: ANN401  (as `attrs.field`: the annotation is the type)
    """Declare a member that is None where it is not given.

    Args:
        name: Its AWS name.
    """
    return Member(name, None)


class _Plan:
    """How the members of one class are set, read, written, compared and shown.

    Each part is made when it is first needed.
    """

    def __init__(
        self, cls: type[Shape], own: Mapping[str, Member], base: _Plan | None, by_attrs: object
    ) -> None:
        self._cls = cls
        self._own = own
        self._base = base
        self.by_attrs: object = by_attrs if own or by_attrs or not base else base.by_attrs
        """What attrs said of a class that it made itself; so of those that stand on it."""

    @cached_property
    def members(self) -> Mapping[str, Member]:
        """By their names in Python, inherited ones first."""
        return {**(self._base.members if self._base else {}), **self._own}

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
            (member.name, reader_of(self.types[field]), *self.setting[field])
            for field, member in self.members.items()
            if member.name is not None
        ]

    @cached_property
    def writing(self) -> list[tuple[str, str, Write | None]]:
        """For each member that is written: its AWS name, its field, how it is written."""
        return [
            (member.name, field, writer_of(self.types[field]))
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
                type=cast("type", self.annotations[field]),
            )
            for field, member in self.members.items()
        }
        like = attrs.make_class(
            self._cls.__name__,
            fields,
            init=False,
            repr=False,
            eq=False,
            kw_only=True,
            field_transformer=lambda _, made: [
                each.evolve(inherited=each.name not in self._own) for each in made
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
                    annotation=self.annotations[field],
                )
                for field, (_, default) in self.setting.items()
            ]
        )

    @cached_property
    def named(self) -> Mapping[str, tuple[str, object]]:
        """For each member of the service's model: its AWS name and its type."""
        return {
            field: (member.name, self.types[field])
            for field, member in self.members.items()
            if member.is_data and member.name is not None
        }

    @cached_property
    def annotations(self) -> Mapping[str, object]:
        """The annotations of the members, as they are written."""
        return self._annotated(self._base.annotations if self._base else {}, eval_str=False)

    @cached_property
    def types(self) -> Mapping[str, object]:
        """The same, resolved."""
        return self._annotated(self._base.types if self._base else {}, eval_str=True)

    def _annotated(self, inherited: Mapping[str, object], *, eval_str: bool) -> dict[str, object]:
        return {**inherited, **inspect.get_annotations(self._cls, eval_str=eval_str)}


class ShapeType(type):
    """Makes a slot of each declared member."""

    __plan__: _Plan

    def __new__(
        cls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, object],
        **options: object,
    ) -> ShapeType:
        own = {field: item for field, item in namespace.items() if isinstance(item, Member)}
        rest = {name: item for name, item in namespace.items() if name not in own}
        made = super().__new__(cls, name, bases, {"__slots__": tuple(own), **rest}, **options)
        base = next((base.__plan__ for base in bases if isinstance(base, ShapeType)), None)
        made.__plan__ = _Plan(cast("type[Shape]", made), own, base, rest.get("__attrs_attrs__"))
        return made

    @property
    def __attrs_attrs__(cls) -> tuple[attrs.Attribute[Any], ...]:
        return cls.__plan__.attributes

    @property
    def __signature__(cls) -> inspect.Signature:
        return cls.__plan__.signature
