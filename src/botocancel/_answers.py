"""Between the wire and the typed layer: whether what came back is an answer, and what it says."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar, cast

from botocancel._text import visible
from botocancel.model import Response, WireError

if TYPE_CHECKING:
    from botocancel.model import Request, Wire

__all__ = ["read"]

_logger = logging.getLogger(__name__)

ResponseT = TypeVar("ResponseT", bound=Response)


def read(request: Request[ResponseT], answer: Wire) -> ResponseT:
    """Read botocore's parsed answer into the typed one, and log the call.

    Raises:
        WireError: It is not what the operation answers, or not an answer of AWS at all:
            botocore makes an empty answer of whatever comes with HTTP 200.
    """
    response = cast("ResponseT", request.response_type.from_wire(answer))
    metadata = response.metadata
    came_by_http = "HTTPHeaders" in cast("Wire", answer.get("ResponseMetadata", {}))
    if came_by_http and metadata.request_id is None:
        msg = "the answer has no AWS request id, so it is none of AWS's; is a proxy in the way?"
        raise WireError(msg)
    if _logger.isEnabledFor(logging.DEBUG):
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
    return response
