"""Which members a declared function reads, by their AWS names: it is called with a stand-in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, cast, get_args

from botocancel.model import Shape, members_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from botocancel.model import Response, Unreadable

__all__ = ["is_number", "model_of", "path_of", "paths_of", "raw_id"]


class _StandIn:
    """Stands for a value of a type of the models, and remembers how it was reached."""

    def __init__(self, kind: object, path: tuple[str, ...] = ()) -> None:
        self.kind = kind
        self.path = path

    def __getattr__(self, field: str) -> _StandIn:
        members = members_of(cast("type[Shape]", self.kind))
        if field not in members:
            raise AttributeError(field)
        name, kind = members[field]
        return _StandIn(_item_of(kind), (*self.path, name))

    def __iter__(self) -> Iterator[Self]:
        yield self

    def __getitem__(self, _: object) -> Self:
        return self

    def __eq__(self, _: object) -> bool:
        return True  # so that what a function reads under a condition is read

    def __ne__(self, _: object) -> bool:
        return True

    __hash__ = object.__hash__

    def __lt__(self, _: object) -> bool:
        return False

    def __mul__(self, _: object) -> Self:
        return self  # a number of some unit is read where the number is

    def __radd__(self, _: object) -> Self:
        return self


def _item_of(kind: object) -> object:
    """Return the structure that a type holds: itself, or that of its items."""
    parts = [part for part in get_args(kind) if part not in {type(None), Ellipsis}]
    return _item_of(parts[0]) if parts else kind


def path_of(model: type[Shape], *functions: Callable[[Any], object]) -> tuple[str, ...] | None:
    """Return the AWS names of the members that lead to what functions read, one after the other.

    Args:
        model: What the first function takes.
        *functions: Each is called with what the one before returned.

    Returns:
        Such as ``("Executions", "TaskExecutionArn")``; None where no member is read alone. Of
        functions that read a tuple, it is the first part's.
    """
    return next(filter(None, paths_of(model, *functions)), None)


def paths_of(
    model: type[Shape], *functions: Callable[[Any], object]
) -> tuple[tuple[str, ...] | None, ...]:
    """Return what `path_of` returns for each part of what functions read; there may be but one."""
    value = _reached(model, functions)
    parts = cast("tuple[object, ...]", value) if isinstance(value, tuple) else (value,)
    return tuple(part.path if isinstance(part, _StandIn) else None for part in parts)


def model_of(model: type[Shape], *functions: Callable[[Any], object]) -> type[Shape] | None:
    """Return the class of the structure that functions lead to, or of the items of that list."""
    value = _reached(model, functions)
    kind = value.kind if isinstance(value, _StandIn) else None
    return kind if isinstance(kind, type) and issubclass(kind, Shape) else None


def is_number(model: type[Shape], *functions: Callable[[Any], object]) -> bool:
    """Say whether what functions read is a whole number in the model."""
    value = _reached(model, functions)
    return isinstance(value, _StandIn) and value.kind is int


def _reached(model: type[Shape], functions: Iterable[Callable[[Any], object]]) -> object:
    value: object = _StandIn(model)
    for function in functions:
        try:
            value = function(value)
        except (AttributeError, TypeError):
            return None
    return value


def raw_id(page: Response, item: Unreadable, *reads: Callable[[Any], object]) -> str | None:
    """Return the id in an item that cannot be read, if at least that can be.

    Args:
        page: The answer that has the item.
        item: What cannot be read.
        *reads: The functions that lead from the answer to an item, and from there to the id.
    """
    value: object = item.item
    for name in (path_of(type(page), *reads) or ("", ""))[1:]:
        parts = cast("Mapping[str, object]", value if isinstance(value, Mapping) else {})
        value = parts.get(name)
    return value if isinstance(value, str) else None
