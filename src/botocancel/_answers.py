"""Between the wire and the typed layer: whether what came back is an answer, and what it says.

botocore makes an empty answer of whatever comes with HTTP 200: of a page of HTML, of nothing,
and since 1.43.116 of a body that ends too early. What cannot be the service's answer to the
request is found here, and nowhere else.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, TypeVar, cast

from botocancel._text import visible
from botocancel.model import Response, WireError
from botocancel.services import service_named

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from botocancel.model import Request, Wire
    from botocancel.services import Expected

__all__ = ["fault_of_error", "keep_body", "read"]

_logger = logging.getLogger(__name__)

ResponseT = TypeVar("ResponseT", bound=Response)

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


def read(request: Request[ResponseT], answer: Wire, protocol: str) -> ResponseT:
    """Read botocore's parsed answer into the typed one, and log the call.

    Args:
        request: What was asked.
        answer: What botocore parsed.
        protocol: botocore's name of the protocol, such as ``json``.

    Raises:
        WireError: It is not the service's answer, not all of it, not to this operation, or
            not about what was asked about.
    """
    expected = cast(
        "Expected[Request[ResponseT], ResponseT] | None",
        service_named(request.service).answers.get(request.operation),
    )
    fault = _fault_of_success(answer, protocol, expected)
    if fault is not None:
        raise WireError(fault)
    response = cast("ResponseT", request.response_type.from_wire(answer))
    if expected is not None:
        _check_identity(request, response, expected)
    _log(request, response)
    return response


def fault_of_error(error: Wire, protocol: str) -> str | None:
    """Return why an error without a code may not be the service's; None if nothing speaks for it.

    Args:
        error: What botocore parsed.
        protocol: botocore's name of the protocol.
    """
    return _cut_off(error, _taken_body(error)) or _mislabelled(error, protocol)


def _fault_of_success(
    answer: Wire, protocol: str, expected: Expected[Request[ResponseT], ResponseT] | None
) -> str | None:
    """Return why this is no answer to the operation, or not all of it; None if it is.

    A wrong label says nothing against a body that can be nothing else: moto's server labels
    all that it answers as HTML.
    """
    body, headers = _taken_body(answer), _headers(answer)
    if headers is not None:  # else a stub's
        if not _metadata(answer).get("RequestId"):
            return (
                "the answer has no AWS request id, so it is none of AWS's; is a proxy in the way?"
            )
        if headers.get("content-length") == "0" or body == b"":
            return "the answer has no body"
        if cut_off := _cut_off(answer, body):
            return cut_off
    mislabelled = _mislabelled(answer, protocol)
    if expected is None:
        return mislabelled
    if expected.member is not None:
        lacking = f"the answer lacks {expected.member}"
        return None if answer.get(expected.member) is not None else (mislabelled or lacking)
    if body is not None and b"__type" in body:
        return "the answer is an error with HTTP 200"
    is_empty_object = (
        (headers or {}).get("content-length") == "2" if body is None else body == b"{}"
    )
    return None if is_empty_object else mislabelled


def _taken_body(answer: Wire) -> bytes | None:
    """Take out the body that was kept; None where the client was passed in."""
    return cast("bytes | None", cast("MutableMapping[str, object]", answer).pop(_BODY, None))


def _cut_off(answer: Wire, body: bytes | None) -> str | None:
    """Compare a body with its length, unless that is the length of something encoded."""
    headers = _headers(answer) or {}
    length = headers.get("content-length", "")
    if body is None or not length.isdecimal() or "content-encoding" in headers:
        return None
    if len(body) < int(length):
        return f"the answer was cut off: {len(body)} of {length} bytes arrived"
    return None


def _mislabelled(answer: Wire, protocol: str) -> str | None:
    label = (_headers(answer) or {}).get("content-type", "").partition(";")[0].strip().lower()
    known = _MEDIA_TYPES.get(protocol, ())
    if not label or not known or label in known:
        return None
    return f"the answer is {label!r}, not {known[0]!r}; is a proxy in the way?"


def _check_identity(
    request: Request[ResponseT],
    response: ResponseT,
    expected: Expected[Request[ResponseT], ResponseT],
) -> None:
    asked = expected.asked(request)
    if asked is None:
        return
    others = set(expected.named(response)).difference(asked)
    if others:
        msg = f"the answer is about {min(others)!r}, which was not asked about"
        raise WireError(msg)


def _metadata(answer: Wire) -> Wire:
    return cast("Wire", answer.get("ResponseMetadata", {}))


def _headers(answer: Wire) -> Mapping[str, str] | None:
    """Return the HTTP headers by their names in lower case; None for the answer of a stub."""
    return cast("Mapping[str, str] | None", _metadata(answer).get("HTTPHeaders"))


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
