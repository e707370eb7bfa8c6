"""What botocore's models allow: the judge of everything the simulated AWS says and hears."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Final, cast

from botocore.model import ListShape, MapShape, StructureShape
from botocore.validate import ParamValidator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.model import Shape

__all__ = ["broken_rules", "completed", "pruned", "wrong_types"]

_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "character": (str,),
    "blob": (bytes,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (datetime,),
    "boolean": (bool,),
}
"""What a parsed request holds for each type of the model."""


class _MadeUp(str):
    """A text in place of one that is not told; no pattern has to fit it."""

    __slots__ = ()


def wrong_types(value: object, shape: Shape) -> list[str]:
    """Say which values of a parsed request have another type than their shapes."""
    return [
        f"{where or 'the body'} is no {part_shape.type_name}"
        for where, part, part_shape in _parts(value, shape)
        if not _is_a(part, part_shape)
    ]


def broken_rules(
    value: Mapping[str, object],
    shape: Shape,
    *,
    also_known: frozenset[str] = frozenset(),
    omitted: frozenset[str] = frozenset(),
) -> list[str]:
    """Say what is wrong with a structure by its shape.

    botocore's own validator judges types, required and unknown members, and least
    values. It does not look at patterns, greatest values and enums; that is done here.

    Args:
        value: The structure.
        shape: The shape it should have.
        also_known: Values that every enum may have besides its own.
        omitted: Members that may lack though they are required.
    """
    report: str = ParamValidator().validate(value, shape).generate_report()
    lacking = re.compile(f'Missing required .*"({"|".join(omitted)})"')
    own = [
        f"Value {part!r} at {where!r} failed to satisfy constraint: {rule}"
        for where, part, part_shape in _parts(value, shape)
        for rule in _broken(part, part_shape, also_known)
    ]
    judged = [line for line in report.splitlines() if not lacking.fullmatch(line)]
    return [*judged, *own]


def completed(
    value: object, shape: Shape, now: datetime, omitted: frozenset[str] = frozenset()
) -> object:
    """Add the members that the shape requires and a structure lacks, with the least values.

    Args:
        value: The structure.
        shape: The shape it should have.
        now: What times that are made up are.
        omitted: Members that are not added.
    """
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        parts = cast("dict[str, object]", value)
        names = [name for name in shape.required_members if name not in omitted]
        if shape.is_tagged_union and not parts:  # it has to have one
            names = [next(iter(shape.members))]
        missing = {name: _least(shape.members[name], now) for name in names}
        return {
            name: completed(part, shape.members[name], now, omitted)
            if name in shape.members
            else part
            for name, part in {**missing, **parts}.items()
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [completed(part, shape.member, now, omitted) for part in cast("list[object]", value)]
    return value


def _least(shape: Shape, now: datetime) -> object:
    """Return a value that a shape allows, the least where there are many."""
    rules = cast("Mapping[str, object]", shape.metadata)
    if isinstance(shape, StructureShape):
        return completed({}, shape, now)
    if enum := cast("list[str]", rules.get("enum")):
        return enum[0]
    number = int(cast("int", rules.get("min", 0)))
    least: dict[str, object] = {
        "list": [],
        "map": {},
        "boolean": False,
        "timestamp": now,
        "blob": b"",
        "string": _MadeUp("x" * max(1, number)),
    }
    return least.get(shape.type_name, number)


def pruned(value: object, shape: Shape) -> object:
    """Leave out the members that the shape does not have."""
    if isinstance(value, dict):
        parts = cast("dict[str, object]", value)
        if isinstance(shape, MapShape):
            return {key: pruned(part, shape.value) for key, part in parts.items()}
        if isinstance(shape, StructureShape) and not shape.is_document_type:
            known = shape.members
            return {name: pruned(parts[name], known[name]) for name in parts if name in known}
        return parts
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [pruned(part, shape.member) for part in cast("list[object]", value)]
    return value


def _parts(value: object, shape: Shape, where: str = "") -> Iterator[tuple[str, object, Shape]]:
    """Walk through a value: each part, where it is, and the shape it should have."""
    yield where, value, shape
    prefix = f"{where}." if where else ""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for name, part in cast("dict[str, object]", value).items():
            if name in shape.members:
                inner = f"{prefix}{name[0].lower()}{name[1:]}"
                yield from _parts(part, shape.members[name], inner)
    if isinstance(shape, MapShape) and isinstance(value, dict):
        for key, part in cast("dict[str, object]", value).items():
            yield from _parts(key, shape.key, f"{prefix}{key}.key")
            yield from _parts(part, shape.value, f"{prefix}{key}.value")
    if isinstance(shape, ListShape) and isinstance(value, list | tuple):
        for number, part in enumerate(cast("list[object]", value), start=1):
            yield from _parts(part, shape.member, f"{prefix}{number}.member")


def _is_a(value: object, shape: Shape) -> bool:
    if isinstance(shape, StructureShape) and shape.is_document_type:
        return True
    wanted = _TYPES[shape.type_name]
    return isinstance(value, wanted) and (wanted == (bool,) or not isinstance(value, bool))


def _broken(value: object, shape: Shape, also_known: frozenset[str]) -> Iterator[str]:
    rules = cast("Mapping[str, object]", shape.metadata)
    most = rules.get("max")
    if isinstance(most, int) and _size(value) > most:
        yield f"Member must have length or value less than or equal to {most}"
    if isinstance(value, str):
        pattern = rules.get("pattern")
        is_told = not isinstance(value, _MadeUp)
        if is_told and isinstance(pattern, str) and not _fits(pattern, value):
            yield f"Member must satisfy regular expression pattern: {pattern}"
        documented = rules.get("enum")
        if isinstance(documented, list) and value not in {*documented, *also_known}:
            yield f"Member must satisfy enum value set: {documented}"


def _size(value: object) -> int:
    if isinstance(value, str | list | tuple):
        return len(cast("str", value))
    return value if isinstance(value, int) else 0


def _fits(pattern: str, value: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.search(value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Compile a pattern of the model; None where it is in words that Python does not know."""
    exact = f"{pattern[:-1]}\\Z" if pattern.endswith("$") else pattern
    try:
        return re.compile(exact)
    except re.error:
        return None
