"""Between the wire and the typed layer: whether what came back is an answer, and what it says.

botocore makes an empty answer of whatever comes with HTTP 200: of a page of HTML, of nothing,
and since 1.43.116 of a body that ends too early. What cannot be the service's answer to the
request is found here, and nowhere else.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar, cast

import attrs

from botocancel._text import visible
from botocancel.model import Response, Unreadable, WireError
from botocancel.services import kinds_of_client

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from botocancel.model import Request, Wire
    from botocancel.services import Expected

__all__ = ["NoAnswer", "fault_of_error", "keep_body", "read"]

_logger = logging.getLogger(__name__)

ResponseT = TypeVar("ResponseT", bound=Response)

_Headers: TypeAlias = "Mapping[str, str] | None"
"""The HTTP headers by their names in lower case; None for the answer of a stub."""

_BODY: Final = "botocancel.body"
"""Beside the members of a parsed answer: its body, where the client was made here."""

_JSON: Final = ("application/x-amz-json-1.1", "application/x-amz-json-1.0", "application/json")
_MEDIA_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "json": _JSON,
    "rest-json": _JSON,
    "smithy-rpc-v2-cbor": ("application/cbor",),
}
"""What a body is labelled as, by botocore's name of the protocol."""


def keep_body(
    parsed_response: MutableMapping[str, object] | None = None,
    response_dict: Wire | None = None,
    **_: object,
) -> None:
    """Keep the body beside what botocore made of it, on its event ``response-received``."""
    if parsed_response is not None and response_dict is not None:
        parsed_response[_BODY] = response_dict["body"]


class NoAnswer(WireError):
    """What came back is not the service's answer to the request, or not all of it."""


def read(request: Request[ResponseT], answer: Wire, protocol: str) -> ResponseT:
    """Read botocore's parsed answer into the typed one, and log the call.

    Args:
        request: What was asked.
        answer: What botocore parsed.
        protocol: botocore's name of the protocol, such as ``json``.

    Raises:
        NoAnswer: It is not the service's, not all of it, not of this operation, or about
            another task.
        WireError: It is the service's answer, but cannot be read.
    """
    rows = (kind.answers.get(request.operation) for kind in kinds_of_client(request.service))
    expected = cast(
        "Expected[Request[ResponseT], ResponseT] | None",
        next((row for row in rows if row is not None), None),
    )
    fault = _fault_of_success(answer, protocol, expected)
    if fault is not None:
        raise NoAnswer(fault)
    items = answer.get(expected.member) if expected and expected.member else None
    try:
        response = cast("ResponseT", request.response_type.from_wire(answer))
    except WireError:
        if expected is None or not isinstance(items, list):
            raise
        response = _without_unreadable(request, answer, str(expected.member))
    strangers = [name for name in expected.strangers(request, response) if name] if expected else []
    if strangers and isinstance(items, list):  # one with an id of unknown form may be of any task
        forms = [kind.ref_type.form for kind in kinds_of_client(request.service)]
        strangers = [name for name in strangers if any(form.fits(name) for form in forms)]
    if strangers:
        msg = f"the answer is about {min(strangers)!r}, which was not asked about"
        raise NoAnswer(msg)
    _log(request, response)
    return response


def _without_unreadable(request: Request[ResponseT], answer: Wire, member: str) -> ResponseT:
    """Read the answer item by item, and leave out those that cannot be read."""
    kind = cast("type[ResponseT]", request.response_type)
    readable: list[object] = []
    unreadable: list[Unreadable] = []
    for index, item in enumerate(cast("list[object]", answer[member])):
        try:
            kind.from_wire({member: [item]})
        except WireError as error:
            parsed = cast("Wire", item)
            unreadable.append(Unreadable(index=index, reason=str(error), item=parsed))
        else:
            readable.append(item)
    response = kind.from_wire({**answer, member: readable})
    return attrs.evolve(response, unreadable=tuple(unreadable))


def fault_of_error(error: Wire, protocol: str) -> str | None:
    """Return why an error without a code may not be the service's; None if nothing speaks for it.

    Args:
        error: What botocore parsed.
        protocol: botocore's name of the protocol.
    """
    headers = _headers(_metadata(error))
    return _cut_off(headers, _taken_body(error)) or _mislabelled(headers, protocol)


def _fault_of_success(
    answer: Wire, protocol: str, expected: Expected[Request[ResponseT], ResponseT] | None
) -> str | None:
    """Return why this is no answer to the operation, or not all of it; None if it is.

    A wrong label says nothing against a body that can be nothing else: moto's server labels
    all that it answers as HTML.
    """
    body, metadata = _taken_body(answer), _metadata(answer)
    headers = _headers(metadata)
    is_empty = body == b""
    if headers is not None:  # else a stub's
        if not metadata.get("RequestId"):
            return (
                "the answer has no AWS request id, so it is none of AWS's; is a proxy in the way?"
            )
        is_empty = is_empty or headers.get("content-length") == "0"
        if is_empty and not (expected and expected.may_be_empty):
            return "the answer has no body"
        if cut_off := _cut_off(headers, body):
            return cut_off
    mislabelled = _mislabelled(headers, protocol)
    if expected is None or is_empty:
        return mislabelled
    if expected.member is None:
        return _fault_of_empty(headers, body, protocol)
    if any(answer.get(name) is not None for name in (expected.member, *expected.others)):
        return None
    return mislabelled or f"the answer lacks {expected.member}"


def _fault_of_empty(headers: _Headers, body: bytes | None, protocol: str) -> str | None:
    """Return why this is not the answer to an operation whose answer has no members.

    Any text may come of a parser as one without members, so here the bytes tell.
    """
    mislabelled = _mislabelled(headers, protocol)
    if body is None:
        is_empty_object = (headers or {}).get("content-length") == "2"
    elif b"__type" in body:
        return "the answer is an error with HTTP 200"
    elif _MEDIA_TYPES.get(protocol) is not _JSON:
        return mislabelled
    else:
        try:
            said: object = json.loads(body)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            return mislabelled or "the answer is no JSON object"
        is_empty_object = not said
    return None if is_empty_object else mislabelled


def _taken_body(answer: Wire) -> bytes | None:
    """Take out the body that was kept; None where the client was passed in."""
    return cast("bytes | None", cast("MutableMapping[str, object]", answer).pop(_BODY, None))


def _cut_off(headers: _Headers, body: bytes | None) -> str | None:
    """Compare a body with its length, unless that is the length of something encoded."""
    length = (headers or {}).get("content-length", "")
    if body is None or not headers or not length.isdecimal() or "content-encoding" in headers:
        return None
    if len(body) < int(length):
        return f"the answer was cut off: {len(body)} of {length} bytes arrived"
    return None


def _mislabelled(headers: _Headers, protocol: str) -> str | None:
    label = (headers or {}).get("content-type", "").partition(";")[0].strip().lower()
    known = _MEDIA_TYPES.get(protocol, ())
    if not label or not known or label in known:
        return None
    return f"the answer is {label!r}, not {known[0]!r}; is a proxy in the way?"


def _metadata(answer: Wire) -> Wire:
    return cast("Wire", answer.get("ResponseMetadata", {}))


def _headers(metadata: Wire) -> _Headers:
    return cast("_Headers", metadata.get("HTTPHeaders"))


def _log(request: Request[ResponseT], response: ResponseT) -> None:
    if _logger.isEnabledFor(logging.DEBUG):
        metadata = response.metadata
        _logger.debug(
            "%s answered HTTP %s after %d attempt(s), request id %s",
            request.operation,
            metadata.http_status,
            metadata.attempts,
            visible(metadata.request_id or "none"),
            extra={
                "aws_service": request.service,
                "aws_operation": request.operation,
                "aws_request_id": metadata.request_id,
                "attempts": metadata.attempts,
            },
        )
