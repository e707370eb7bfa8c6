"""Cut botocore's data down to what the clients of the services need, for `botocancel._loader`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, cast

from botocore.loaders import Loader

from botocancel._loader import free_parameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from botocancel.generate._service_model import Json, Service

_WORDS: Final = frozenset({"documentation", "documentationUrl", "pattern"})
"""What botocore does not judge or write a request by."""
_TABLES: Final = frozenset({"operations", "shapes"})


def slim_model(service: Service) -> str:
    """Return the service's model with the configured operations and what they reach.

    Errors are all kept, for botocore reads any of them in the answer to any operation.
    """
    model = service.wire
    operations = {name: model["operations"][name] for name in service.operation_names}
    errors = [name for name, shape in model["shapes"].items() if shape.get("exception")]
    reached = _reached(model["shapes"], [*_references(operations), *errors])
    shapes = {name: shape for name, shape in model["shapes"].items() if name in reached}
    slim = _silent({**model, "operations": operations, "shapes": shapes})
    rules = Loader().load_service_model(service.name, "endpoint-rule-set-1")
    parameters = json.dumps(sorted(free_parameters(rules)))
    return f'{{"parameters": {parameters}, "model": {_in_lines(cast("Json", slim))}}}\n'


def _in_lines(model: Json) -> str:
    """Return a model as JSON, with a line for each operation and each shape."""
    parts = [
        f"{json.dumps(key)}: "
        + ("{\n" + _entries(value) + "\n}" if key in _TABLES else _compact(value))
        for key, value in model.items()
    ]
    return "{\n" + ",\n".join(parts) + "\n}"


def _entries(table: Json) -> str:
    return ",\n".join(f"{json.dumps(name)}:{_compact(each)}" for name, each in table.items())


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _reached(shapes: Json, names: Iterable[str]) -> set[str]:
    reached: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _references(shapes[name])
    return reached


def _references(part: object) -> Iterator[str]:
    """Yield the names of the shapes that a part of a model refers to."""
    for key, value in _inside(part):
        if key == "shape" and isinstance(value, str):
            yield value
        else:
            yield from _references(value)


def _inside(part: object) -> Iterable[tuple[str, object]]:
    """Return what an object of JSON holds, by name; what a list holds, without names."""
    if isinstance(part, dict):
        return cast("Json", part).items()
    items = cast("list[object]", part) if isinstance(part, list) else []
    return (("", item) for item in items)


def _silent(part: object) -> object:
    """Drop the documentation, which is a text; a member of that name is a structure."""
    if not isinstance(part, dict | list):
        return part
    entries = _inside(cast("object", part))
    if isinstance(part, list):
        return [_silent(item) for _, item in entries]
    return {
        key: _silent(value)
        for key, value in entries
        if not (key in _WORDS and isinstance(value, str))
    }
