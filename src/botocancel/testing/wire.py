"""How the services are spoken to: HTTP requests and answers, and AWS JSON 1.1 within them.

Nothing here knows a service, a state machine or a socket. Another protocol is
another class with the methods of `Protocol`, and a line in `PROTOCOLS`.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Final, cast
from typing import Protocol as StructuralType

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "PROTOCOLS",
    "Caller",
    "HttpAnswer",
    "HttpRequest",
    "Json11",
    "Protocol",
    "access_key_of",
    "caller_of",
]

_ACCESS_KEY: Final = re.compile(r"AKIASIMU(\d{12})")
_CREDENTIAL: Final = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")


@attrs.frozen(kw_only=True)
class HttpRequest:
    """A request as it arrives."""

    headers: Mapping[str, str]
    """By name, in lower case."""
    body: bytes


@attrs.frozen(kw_only=True)
class HttpAnswer:
    """An answer as it leaves."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@attrs.frozen
class Caller:
    """Who signed a request, and for what region."""

    account: str | None
    """12 digits; None where the access key is none that this simulation gave out."""
    region: str


class Protocol(StructuralType):
    """What a protocol has to do."""

    content_type: str

    def target(self, request: HttpRequest) -> tuple[str, str] | None:
        """Return the service, as its model's ``targetPrefix`` names it, and the operation.

        None where the request is in another protocol.
        """
        ...

    def read(self, body: bytes) -> object:
        """Return the parameters, by their AWS names.

        Raises:
            ValueError: The body is malformed.
        """
        ...

    def write(self, answer: Mapping[str, object]) -> bytes:
        """Return the body of an answer, or of an error with its ``__type``."""
        ...


class Json11:
    """AWS JSON 1.1."""

    content_type = "application/x-amz-json-1.1"

    def target(self, request: HttpRequest) -> tuple[str, str] | None:
        """Read ``X-Amz-Target``, such as ``FmrsService.CancelTaskExecution``."""
        service, dot, name = request.headers.get("x-amz-target", "").partition(".")
        return (service, name) if dot else None

    def read(self, body: bytes) -> object:
        """Read JSON; an empty body has no parameters.

        Raises:
            ValueError: The body is no JSON.
        """
        return cast("object", json.loads(body or b"{}"))

    def write(self, answer: Mapping[str, object]) -> bytes:
        """Write JSON, with instants as seconds since 1970."""
        return json.dumps(answer, default=_epoch_seconds).encode()


PROTOCOLS: Final[tuple[Protocol, ...]] = (Json11(),)
"""The protocols that the simulated AWS speaks."""


def access_key_of(account: str) -> str:
    """Return the access key that stands for an account."""
    return f"AKIASIMU{account}"


def caller_of(request: HttpRequest) -> Caller | None:
    """Return who signed a request, by its ``Authorization`` header; None where nobody did."""
    credential = _CREDENTIAL.search(request.headers.get("authorization", ""))
    if credential is None:
        return None
    key = _ACCESS_KEY.fullmatch(credential[1])
    return Caller(account=key[1] if key else None, region=credential[2])


def _epoch_seconds(value: object) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    msg = f"{value!r} has no form in JSON"
    raise TypeError(msg)
