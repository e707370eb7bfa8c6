"""REST in JSON: operation and parameters in method, path, query string, headers and body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import attrs
from botocore.model import ListShape, MapShape

from botocancel.testing._protocols.protocol import Content, error_type_header
from botocancel.testing._protocols.routes import query_of, route_of, routes_of
from botocancel.testing._protocols.values import (
    from_json,
    from_text,
    json_body,
    location_of,
    parsed_json,
    to_text,
    wire_name,
)
from botocancel.testing.wire import caller_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Self

    from botocore.model import OperationModel, ServiceModel, Shape, StructureShape

    from botocancel.testing._protocols.protocol import Refused
    from botocancel.testing.wire import HttpRequest

__all__ = ["RestJson"]

_JSON: Final = "application/json"
_RAW: Final = {"blob": "application/octet-stream", "string": "text/plain"}
"""The content types of payloads that are sent as they are, by the type of their shape."""


class RestJson:
    """REST in JSON."""

    name = "rest-json"
    unknown_status = 404

    def speaks(self, request: HttpRequest) -> bool:  # noqa: ARG002  (it has no mark of its own)
        """Return True: whatever has no mark of another protocol may be in this one."""
        return True

    def target(
        self, request: HttpRequest, services: Iterable[ServiceModel]
    ) -> tuple[ServiceModel, str] | None:
        """Compare method and path with what the services say.

        Services may have the same paths, so one that the request is not signed for is not
        looked at.
        """
        caller = caller_of(request)
        for service in services:
            if caller is None or caller.service == service.signing_name:
                for route in routes_of(service):
                    if route.leads(request):
                        return service, route.operation
        return None

    def read(self, request: HttpRequest, operation: OperationModel) -> object:
        """Read the parameters, each from where the model says it stands.

        Raises:
            ValueError: The body is no JSON, or some of its text no Unicode.
        """
        shape = operation.input_shape
        if shape is None:
            return {}
        body = _body(request.body, shape)
        if not isinstance(body, dict):
            return body
        arrived = _Arrived.of(request, operation, shape)
        parameters = cast("dict[str, object]", body)
        for name, member in cast("Mapping[str, Shape]", shape.members).items():
            read = _LOCATIONS.get(location_of(member) or "")
            value = None if read is None else read(arrived, wire_name(name, member), member)
            if value is not None:
                parameters[name] = value
        return parameters

    def write(self, answer: Mapping[str, object], operation: OperationModel) -> Content:
        """Write each member to where the model says it stands."""
        status = cast("Mapping[str, int]", operation.http).get("responseCode", 200)
        return _content(answer, operation.output_shape, status)

    def refuse(self, refused: Refused) -> Content:
        """Write the code as a header, or into the body where it fits into no header."""
        content = _content(refused.members, refused.shape, refused.status)
        header = error_type_header(refused.code)
        if not header:
            body = json_body({**refused.members, "code": refused.code}, refused.shape)
            return attrs.evolve(content, body=body)
        return attrs.evolve(content, headers={**content.headers, **header})


@attrs.frozen
class _Arrived:
    """What of a request is not its body."""

    labels: Mapping[str, str]
    """What the path holds."""
    query: Mapping[str, list[str]]
    """The values of the query string, by name."""
    unclaimed: Mapping[str, list[str]]
    """Those that neither the URI template nor a member names."""
    headers: Mapping[str, str]

    @classmethod
    def of(cls, request: HttpRequest, operation: OperationModel, shape: StructureShape) -> Self:
        route = route_of(operation)
        query: dict[str, list[str]] = {}
        for name, text in query_of(request):
            query.setdefault(name, []).append(text)
        members = cast("Mapping[str, Shape]", shape.members).items()
        claimed = {name for name, _ in route.query} | {
            wire_name(name, member)
            for name, member in members
            if location_of(member) == "querystring"
        }
        unclaimed = {name: query[name] for name in query.keys() - claimed}
        return cls(route.labels_in(request), query, unclaimed, request.headers)


def _from_path(arrived: _Arrived, name: str, shape: Shape) -> object:
    text = arrived.labels.get(name)
    return None if text is None else from_text(text, shape, "iso8601")


def _from_query(arrived: _Arrived, name: str, shape: Shape) -> object:
    if isinstance(shape, MapShape):
        unclaimed = arrived.unclaimed.items()
        return {key: _of_query(texts, shape.value) for key, texts in unclaimed} or None
    texts = arrived.query.get(name)
    return None if texts is None else _of_query(texts, shape)


def _of_query(texts: list[str], shape: Shape) -> object:
    if isinstance(shape, ListShape):
        return [from_text(text, shape.member, "iso8601") for text in texts]
    return from_text(texts[0], shape, "iso8601")


def _from_header(arrived: _Arrived, name: str, shape: Shape) -> object:
    text = arrived.headers.get(name.lower())
    return None if text is None else from_text(text, shape, "rfc822")


def _from_headers(arrived: _Arrived, name: str, shape: Shape) -> object:  # noqa: ARG001  (of texts)
    prefix, headers = name.lower(), arrived.headers.items()
    return {key.removeprefix(prefix): text for key, text in headers if key.startswith(prefix)}


_LOCATIONS: Final[Mapping[str, Callable[[_Arrived, str, Shape], object]]] = {
    "uri": _from_path,
    "querystring": _from_query,
    "header": _from_header,
    "headers": _from_headers,
}
"""What reads a member, by where the model says it stands; None where it is missing."""


def _body(body: bytes, shape: StructureShape) -> object:
    """Read the members that stand in the body."""
    payload = _payload(shape)
    if payload is not None:
        member = shape.members[payload]
        return {payload: _read_payload(body, member)} if body else {}
    parsed = from_json(parsed_json(body), shape)
    if not isinstance(parsed, dict):
        return parsed
    members = cast("dict[str, object]", parsed)
    return {
        name: part for name, part in members.items() if location_of(shape.members[name]) is None
    }


def _read_payload(body: bytes, shape: Shape) -> object:
    if shape.type_name == "blob":
        return body
    return body.decode() if shape.type_name == "string" else from_json(parsed_json(body), shape)


def _content(answer: Mapping[str, object], shape: StructureShape | None, status: int) -> Content:
    """Write each member of an answer to where its shape says it stands."""
    members: Mapping[str, Shape] = {} if shape is None else shape.members
    headers: dict[str, str] = {}
    body: dict[str, object] = {}
    for name, value in answer.items():
        member = members.get(name)
        location = location_of(member)
        if member is None or location is None:
            body[name] = value
        elif location == "statusCode":
            status = cast("int", value)
        elif location == "headers":
            prefix = wire_name(name, member).lower()
            for key, text in cast("Mapping[str, str]", value).items():
                headers[f"{prefix}{key.lower()}"] = text
        elif value is not None:
            headers[wire_name(name, member).lower()] = to_text(value, member)
    label, written = _written(body, shape)
    return Content(status=status, headers={"content-type": label, **headers}, body=written)


def _written(body: Mapping[str, object], shape: StructureShape | None) -> tuple[str, bytes]:
    """Return the content type and the bytes of a body; of none where the model has no answer."""
    payload = _payload(shape)
    if payload is None or shape is None:
        return _JSON, json_body(body, shape) if body or shape is not None else b""
    value, member = body.get(payload), shape.members[payload]
    if isinstance(value, str | bytes):
        return _RAW[member.type_name], value if isinstance(value, bytes) else value.encode()
    return _JSON, b"" if value is None else json_body(value, member)


def _payload(shape: StructureShape | None) -> str | None:
    """Return the member that is the whole body, if one is."""
    if shape is None:
        return None
    return cast("Mapping[str, str]", shape.serialization).get("payload")
