"""What botocore raises, as an error of this library."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, Final, cast

from botocore import exceptions as botocore_errors

from botocancel._answers import NoAnswer, fault_of_error
from botocancel.errors import (
    BotocancelError,
    ConfigurationError,
    InvalidInput,
    InvalidResponse,
    ServiceError,
    TransportError,
)
from botocancel.model import Response, WireError
from botocancel.services import service_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocancel.model import Request

__all__ = ["translated"]

_logger = logging.getLogger(__name__)

# Nothing was wrong with the connection or the answer: the call could not be made.
_NO_ANSWER: Final = (
    botocore_errors.HTTPClientError,
    botocore_errors.ConnectionError,
    botocore_errors.IncompleteReadError,
)


class translated:  # noqa: N801  (it reads as a sentence)
    """Raise what botocore raises in the block as a `BotocancelError`."""

    __slots__ = ("_protocol", "_request")

    def __init__(self, request: Request[Response], protocol: str) -> None:
        self._request = request
        self._protocol = protocol

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, Exception) or isinstance(error, BotocancelError):
            return
        request = self._request
        translation = _translate(error, request, self._protocol)
        if translation is None:
            return
        _logger.debug(
            "%s failed: %s",
            request.operation,
            translation,
            extra={"aws_service": request.service, "aws_operation": request.operation},
        )
        raise translation from error


def _translate(
    error: Exception, request: Request[Response], protocol: str
) -> BotocancelError | None:
    name = request.operation
    match error:
        case botocore_errors.ClientError():
            return _service_error(error, request, protocol)
        case botocore_errors.ParamValidationError():
            return InvalidInput(f"{type(request).__name__} is malformed, nothing was sent: {error}")
        case NoAnswer():
            return InvalidResponse(f"{name}: {error}")
        case WireError():
            return InvalidResponse(f"{name}: the answer cannot be read: {error}", malformed=True)
        case _ if isinstance(error, _NO_ANSWER):
            return TransportError(f"{name}: no answer from the service: {error}")
        case _ if _broke_on_the_answer(error):
            return InvalidResponse(
                f"{name}: the answer cannot be read ({type(error).__name__}: {error})"
            )
        case botocore_errors.BotoCoreError():
            return ConfigurationError(f"{name} could not be called: {error}")
        case _:
            return None


def _service_error(
    error: botocore_errors.ClientError, request: Request[Response], protocol: str
) -> BotocancelError:
    """Return the service's error; `InvalidResponse` for a refusal that may not be the service's."""
    response = cast("Mapping[str, object]", error.response)
    fault = fault_of_error(response, protocol)
    plain = ServiceError(response, request.operation)
    service = service_named(request.service)
    leaf = service.error_class(plain.code, plain.http_status, plain.message)
    has_code = plain.code != str(plain.http_status)
    if not has_code and leaf is service.errors_by_meaning[ServiceError]:
        fault = fault or "the answer is an error without a code"
    if fault is not None and not has_code and not leaf.retryable:
        return InvalidResponse(f"{request.operation}: HTTP {plain.http_status}: {fault}")
    return leaf.as_raised_by(type(error))(response, request.operation)


def _broke_on_the_answer(error: BaseException) -> bool:
    """Say whether botocore, or aiobotocore, stumbled on reading the answer.

    Its parsers do, and so does its endpoint on an answer that they read as nothing.
    """
    frames = traceback.walk_tb(error.__traceback__)
    modules = [str(frame.f_globals.get("__name__")) for frame, _ in frames]
    is_parsing = any(module.endswith("botocore.parsers") for module in modules)
    return is_parsing or modules[-1].endswith("botocore.endpoint")
