"""The operations of a service by HTTP method and URI template."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import parse_qsl, unquote

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import OperationModel, ServiceModel

    from botocancel.testing.wire import HttpRequest

__all__ = ["Route", "query_of", "route_of", "routes_of"]

_LABEL: Final = re.compile(r"\{([^{}+]+)(\+?)\}")
_MATCHES: Final = {"": "([^/]+)", "+": "(.+)"}
"""What a label may stand for: a segment of the path, or any number of them."""
_END: Final = 3
"""How much the end of a path leaves open: of two, the longer says more."""


@attrs.frozen(kw_only=True)
class Route:
    """What leads to an operation."""

    operation: str
    method: str
    path: re.Pattern[str]
    labels: tuple[str, ...]
    """The names of what the path holds, in its order."""
    openness: tuple[int, ...]
    """How much each segment of the path leaves open; least comes first."""
    query: frozenset[tuple[str, str]]
    """What the query string has to say."""

    def leads(self, request: HttpRequest) -> bool:
        """Say whether a request goes this way."""
        return (
            request.method == self.method
            and self.path.fullmatch(request.path) is not None
            and self.query <= set(query_of(request))
        )

    def labels_in(self, request: HttpRequest) -> Mapping[str, str]:
        """Return what the path of a request that goes this way holds, each part decoded once."""
        found = cast("re.Match[str]", self.path.fullmatch(request.path))
        return dict(zip(self.labels, map(unquote, found.groups()), strict=True))


def query_of(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the names and values of a query string."""
    return parse_qsl(request.query, keep_blank_values=True)


@cache
def routes_of(service: ServiceModel) -> tuple[Route, ...]:
    """Return the ways to the operations of a service, those that say more before the others."""
    routes = (route_of(service.operation_model(name)) for name in service.operation_names)
    return tuple(sorted(routes, key=lambda route: (route.openness, -len(route.query))))


@cache
def route_of(operation: OperationModel) -> Route:
    """Return the way to an operation."""
    http = cast("Mapping[str, str]", operation.http)
    template, _, query = http["requestUri"].partition("?")
    pieces = _LABEL.split(template)
    literals, labels, kinds = pieces[::3], pieces[1::3], pieces[2::3]
    matches = [*(_MATCHES[kind] for kind in kinds), ""]
    path = "".join(re.escape(text) + match for text, match in zip(literals, matches, strict=True))
    return Route(
        operation=operation.name,
        method=http["method"],
        path=re.compile(path),
        labels=tuple(labels),
        openness=(*map(_openness, template.split("/")), _END),
        query=frozenset(parse_qsl(query, keep_blank_values=True)),
    )


def _openness(segment: str) -> int:
    if segment.endswith("+}"):
        return 2
    return 1 if "{" in segment else 0
