"""Cut botocore's data down to what the clients of the services need, for `botocancel._loader`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from botocore.loaders import Loader

from botocancel._loader import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from botocancel.generate._service_model import Json, Service

_CREDENTIALS: Final = frozenset({"oidc", "portal.sso", "signin", "sso", "sts"})
"""Who is asked for credentials, by the name that the endpoints have."""

_WORDS: Final = frozenset({"documentation", "documentationUrl"})
"""What only people read."""


def slim_model(service: Service) -> str:
    """Return the service's model with the configured operations and what they reach.

    Errors are all kept, for botocore reads any of them in the answer to any operation.
    """
    model = service.wire
    operations = {name: model["operations"][name] for name in service.operation_names}
    errors = [name for name, shape in model["shapes"].items() if shape.get("exception")]
    reached = _reached(model["shapes"], [*_references(operations), *errors])
    shapes = {name: shape for name, shape in model["shapes"].items() if name in reached}
    slim = {**model, "operations": operations, "shapes": shapes}
    return _text(f"{service.name}/{service.api_version}/service-2.json.gz", _silent(slim))


def slim_endpoints(services: Sequence[Service]) -> str:
    """Return botocore's endpoints, of these services and those that give credentials."""
    endpoints: Any = Loader().load_data("endpoints")
    kept = _CREDENTIALS | {service.wire["metadata"]["endpointPrefix"] for service in services}
    partitions = [
        {
            **partition,
            "services": {
                name: entry for name, entry in partition["services"].items() if name in kept
            },
        }
        for partition in endpoints["partitions"]
    ]
    return _text("endpoints.json", {**endpoints, "partitions": partitions})


def _text(source: str, data: object) -> str:
    installed = Path(Loader.BUILTIN_DATA_PATH, source)
    slim = {"source": source, "fingerprint": fingerprint(installed), "data": data}
    return json.dumps(slim, indent=1) + "\n"


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
