"""From what comes back to what the caller is told: botocore's own parser, the library's judge."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import attrs
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ReadTimeoutError,
)
from botocore.parsers import create_parser

from botocancel._answers import keep_body, read
from botocancel._translation import note_attempt, translated
from botocancel.errors import BotocancelError, CredentialsUnavailable
from botocancel.model import Response, ResponseMetadata
from botocancel.testing import ConnectionLost, Fault, FaultKind, GarbageAnswered, SimulatedError
from botocancel.testing._fault_kinds import KINDS
from botocancel.testing._models import service_model, shapes_of
from botocancel.testing._protocols import PROTOCOLS, Refused
from botocancel.testing.faults import replaced, spoiled
from botocancel.testing.wire import HttpAnswer

if TYPE_CHECKING:
    from botocancel._known import Known
    from botocancel.model import Request

__all__ = [
    "Arrival",
    "NotSigned",
    "arrived_whole",
    "arriving",
    "can_be_tried_again",
    "protocol_of",
    "told",
]

_ENDPOINT: Final = "https://simulated.invalid"
_SERVER_FAULTS: Final = frozenset({500, 502, 503, 504})
_THROTTLED: Final = "ThrottlingException"
_NOT_PLAIN: Final = frozenset(
    {
        FaultKind.WRONG_TASK,
        *[kind for kind, row in KINDS.items() if row.spoil or row.replace],
    }
)
"""The kinds of faults after which an answer may be none, so that it has to be judged."""


class NotSigned(Exception):
    """The request was not sent: the credentials to sign it with could not be renewed."""


Arrival: TypeAlias = (
    Response | SimulatedError | HttpAnswer | ConnectionLost | GarbageAnswered | NotSigned
)
"""What comes of one attempt. Of what arrives as it left, no HTTP is made."""


@cache
def protocol_of(client: str) -> str:
    """Return the protocol that botocore speaks with a service, by botocore's name."""
    return service_model(client).resolved_protocol


@cache
def _parser_of(client: str) -> Any:  # noqa: ANN401  (botocore has no types)
    return cast("Any", create_parser(protocol_of(client)))


def arriving(
    came: Response | SimulatedError, fault: Fault | None, request: Request[Response]
) -> Response | SimulatedError | HttpAnswer:
    """Return what becomes of the service's answer on its way."""
    if fault is None or fault.kind not in _NOT_PLAIN:
        return came
    return spoiled(_leaving(came, [fault], request), [fault])


def arrived_whole(came: Response, arrives: Arrival, request: Request[Response]) -> bool:
    """Say whether an answer arrives as the service gave it, however slowly."""
    if not isinstance(arrives, HttpAnswer):
        return arrives is came
    return attrs.evolve(arrives, seconds_per_byte=0.0) == _leaving(came, [], request)


def _leaving(
    came: Response | SimulatedError, faults: list[Fault], request: Request[Response]
) -> HttpAnswer:
    service, spoken = service_model(request.service), protocol_of(request.service)
    protocol = next(each for each in PROTOCOLS if each.name == spoken)
    if isinstance(came, SimulatedError):
        members = {"message": came.message, **came.members}
        content = protocol.refuse(
            Refused(
                code=came.code,
                status=came.http_status,
                members=members,
                shape=None,
                service=service,
            )
        )
    else:
        wire = replaced(came.to_wire(), faults)
        content = protocol.write(wire, service.operation_model(request.operation))
    headers = {
        **content.headers,
        "content-length": str(len(content.body)),
        "x-amzn-requestid": "1",
    }
    return HttpAnswer(status=content.status, headers=headers, body=content.body)


def can_be_tried_again(came: Arrival) -> bool:
    """Say whether botocore's standard mode retries this."""
    match came:
        case SimulatedError():
            return came.code == _THROTTLED or came.http_status in _SERVER_FAULTS
        case HttpAnswer():
            return came.status in _SERVER_FAULTS
        case GarbageAnswered():
            return came.http_status in _SERVER_FAULTS
        case _:
            return isinstance(came, ConnectionLost)


def told(
    came: Arrival, request: Request[Response], attempts: int, known: Known
) -> Response | BotocancelError:
    """Return what the library makes of the last attempt, once botocore makes no other.

    Args:
        came: What came of it.
        request: What was asked.
        attempts: How many were sent.
        known: What the library knows of the caller's client.
    """
    try:
        with translated(request, known):
            for _ in range(attempts):
                note_attempt()
            return _taken(came, request, attempts, known)
    except BotocancelError as error:
        return error


def _taken(came: Arrival, request: Request[Response], attempts: int, known: Known) -> Response:
    match came:
        case Response():
            if attempts == 1:
                return came
            return attrs.evolve(came, metadata=ResponseMetadata(http_status=200, attempts=attempts))
        case SimulatedError():
            answer: dict[str, object] = {
                "Error": {"Code": came.code, "Message": came.message},
                "ResponseMetadata": {
                    "HTTPStatusCode": came.http_status,
                    "RetryAttempts": attempts - 1,
                },
                **came.members,
            }
            raise ClientError(cast("Any", answer), request.operation)
        case HttpAnswer():
            return _read(came, request, attempts)
        case GarbageAnswered():
            headers = {"content-type": "text/html", "content-length": str(len(came.body))}
            body = came.body.encode()
            garbage = HttpAnswer(status=came.http_status, headers=headers, body=body)
            return _read(garbage, request, attempts)
        case ConnectionLost():
            kind = ReadTimeoutError if came.timed_out else ConnectionClosedError
            raise kind(endpoint_url=_ENDPOINT)
        case NotSigned():
            may_pass, msg = known.had_credentials, "the credentials could not be renewed"
            raise CredentialsUnavailable(msg, retryable=may_pass, may_have_applied=attempts > 0)


def _read(answer: HttpAnswer, request: Request[Response], attempts: int) -> Response:
    """Read an HTTP answer as botocore and the library do."""
    arrived = {"headers": answer.headers, "status_code": answer.status, "body": answer.body}
    shape = shapes_of(request.service, request.operation)[1]
    parsed = cast("dict[str, Any]", _parser_of(request.service).parse(arrived, shape))
    parsed["ResponseMetadata"]["RetryAttempts"] = attempts - 1
    keep_body(parsed_response=parsed, response_dict=arrived)
    if answer.status >= 300:
        raise ClientError(cast("Any", parsed), request.operation)
    return read(request, parsed, protocol_of(request.service))
