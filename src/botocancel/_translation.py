"""What botocore raises, as an error of this library."""

from __future__ import annotations

import logging
import traceback
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, cast

from botocore import exceptions as botocore_errors

from botocancel._answers import NoAnswer, fault_of_error
from botocancel._connections import CONNECTION_ERRORS, connection_error, is_showable, is_unsent
from botocancel._unsent import is_unsigned, raise_alone, unsent_error
from botocancel.errors import (
    BotocancelError,
    ConfigurationError,
    InvalidInput,
    InvalidResponse,
    ServiceError,
)
from botocancel.model import Response, WireError
from botocancel.services import kinds_of_client

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextvars import Token

    from botocancel._known import Known
    from botocancel.model import Request

__all__ = ["note_attempt", "translated"]

_logger = logging.getLogger(__name__)

_attempts: Final[ContextVar[list[Exception | None] | None]] = ContextVar("attempts", default=None)
"""What came of each attempt of the call under way: what botocore raised, or None for an answer."""


def note_attempt(*, exception: Exception | None = None, **_: object) -> None:
    """Take note of what came of an attempt; a handler of botocore's ``response-received``."""
    attempts = _attempts.get()
    if attempts is not None:
        attempts.append(exception)


class translated:  # noqa: N801  (it reads as a sentence)
    """Raise what botocore raises in the block, one call, as a `BotocancelError`.

    Args:
        request: What is sent.
        known: What is known of the client that sends it, and is learned from this call.
    """

    __slots__ = ("_known", "_request", "_token")
    _token: Token[list[Exception | None] | None]

    def __init__(self, request: Request[Response], known: Known) -> None:
        self._request = request
        self._known = known

    def __enter__(self) -> None:
        self._token = _attempts.set([])

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        attempts = _attempts.get() or []
        _attempts.reset(self._token)
        request, known = self._request, self._known
        if error is None:
            known.had_credentials = known.was_answered = True
            return
        if not isinstance(error, Exception) or isinstance(error, BotocancelError):
            return
        # Whoever passes a client in has its attempts not noted, so any may have been sent.
        may_have_applied = not known.is_own or not all(map(_is_unsent, attempts))
        translation = _translate(error, request, known, may_have_applied=may_have_applied)
        if translation is None:
            return
        known.had_credentials |= not isinstance(translation, ConfigurationError | InvalidInput)
        known.was_answered |= isinstance(translation, ServiceError | InvalidResponse)
        _logger.debug(
            "%s failed: %s",
            request.operation,
            translation,
            extra={"aws_service": request.service, "aws_operation": request.operation},
        )
        if isinstance(translation, ConfigurationError) or not is_showable(error):
            raise_alone(translation)
        raise translation from error


def _is_unsent(exception: Exception | None) -> bool:
    return exception is not None and is_unsent(exception)


def _translate(
    error: Exception, request: Request[Response], known: Known, *, may_have_applied: bool
) -> BotocancelError | None:
    name = request.operation
    match error:
        case botocore_errors.ClientError() if error.operation_name == name:
            return _service_error(error, request, known.protocol)
        case _ if is_unsigned(error):
            what = f"{name} could not be called"
            return unsent_error(error, what, known, may_have_applied=may_have_applied)
        case botocore_errors.ParamValidationError():
            return InvalidInput(f"{type(request).__name__} is malformed, nothing was sent: {error}")
        case NoAnswer() | WireError():
            return _invalid_response(error, name)
        case _ if isinstance(error, CONNECTION_ERRORS):
            return connection_error(error, name, known, may_have_applied=may_have_applied)
        case _ if _broke_on_the_answer(error):
            return InvalidResponse(
                f"{name}: the answer cannot be read ({type(error).__name__}: {error})"
            )
        case botocore_errors.BotoCoreError():
            what = f"{name} could not be called"
            return unsent_error(error, what, known, may_have_applied=may_have_applied)
        case _:
            return None


def _invalid_response(error: NoAnswer | WireError, name: str) -> InvalidResponse:
    if isinstance(error, NoAnswer):
        return InvalidResponse(f"{name}: {error}")
    return InvalidResponse(f"{name}: the answer cannot be read: {error}", malformed=True)


def _service_error(
    error: botocore_errors.ClientError, request: Request[Response], protocol: str
) -> BotocancelError:
    """Return the service's error; `InvalidResponse` for a refusal that may not be the service's."""
    response = cast("Mapping[str, object]", error.response)
    fault = fault_of_error(response, protocol)
    plain = ServiceError(response, request.operation)
    service = next(kinds_of_client(request.service))
    leaf = service.error_class(plain.code, plain.http_status, plain.message)
    has_code = plain.code != str(plain.http_status)
    if not has_code and leaf is service.error_base:
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
