"""How the services are spoken to: HTTP requests and answers, and the protocols within them.

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
    "RpcV2Cbor",
    "access_key_of",
    "caller_of",
]

_ACCESS_KEY: Final = re.compile(r"AKIASIMU(\d{12})")
_RPC_PATH: Final = re.compile(r"/service/(\w+)/operation/(\w+)")
_CREDENTIAL: Final = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")


@attrs.frozen(kw_only=True)
class HttpRequest:
    """A request as it arrives."""

    headers: Mapping[str, str]
    """By name, in lower case."""
    body: bytes
    path: str = "/"


@attrs.frozen(kw_only=True)
class HttpAnswer:
    """An answer as it leaves."""

    status: int
    headers: Mapping[str, str]
    """By name, in lower case."""
    body: bytes
    """What arrives; less than the ``content-length`` says where the body is cut."""
    seconds_per_byte: float = 0.0
    """Seconds of simulated time that each byte of the body takes, and that have passed."""


@attrs.frozen
class Caller:
    """Who signed a request, and for what region."""

    account: str | None
    """12 digits; None where the access key is none that this simulation gave out."""
    region: str
    service: str
    """By the name that requests to it are signed with."""


class Protocol(StructuralType):
    """What a protocol has to do."""

    name: str
    """What botocore's models call it."""
    headers: Mapping[str, str]
    """The headers of every answer."""

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

    def error_type(self, service: str | None, code: str) -> str:
        """Return the ``__type`` of an error.

        Args:
            service: botocore's name of the service; None where the request names none.
            code: The error code.
        """
        ...


class Json11:
    """AWS JSON 1.1."""

    name = "json"
    headers: Mapping[str, str] = {"content-type": "application/x-amz-json-1.1"}

    def target(self, request: HttpRequest) -> tuple[str, str] | None:
        """Read ``X-Amz-Target``, such as ``FmrsService.CancelTaskExecution``."""
        service, dot, name = request.headers.get("x-amz-target", "").partition(".")
        return (service, name) if dot else None

    def read(self, body: bytes) -> object:
        """Read JSON; an empty body has no parameters.

        Raises:
            ValueError: The body is no JSON, or some of its text no Unicode.
        """
        parameters = cast("object", json.loads(body or b"{}"))
        if b"\\u" in body:  # half a surrogate pair passes for text, until it is encoded
            json.dumps(parameters, ensure_ascii=False).encode()
        return parameters

    def write(self, answer: Mapping[str, object]) -> bytes:
        """Write JSON, with instants as seconds since 1970."""
        return json.dumps(answer, default=_epoch_seconds).encode()

    def error_type(self, service: str | None, code: str) -> str:  # noqa: ARG002  (the same for all)
        """Return the bare code."""
        return code


class RpcV2Cbor:
    """Smithy RPC v2 in CBOR; needs ``cbor2``, of the extra ``server``."""

    name = "smithy-rpc-v2-cbor"
    headers: Mapping[str, str] = {
        "content-type": "application/cbor",
        "smithy-protocol": "rpc-v2-cbor",
    }

    def target(self, request: HttpRequest) -> tuple[str, str] | None:
        """Read the path, such as ``/service/FmrsService/operation/CancelTaskExecution``."""
        if request.headers.get("smithy-protocol") != self.headers["smithy-protocol"]:
            return None
        found = _RPC_PATH.fullmatch(request.path)
        return (found[1], found[2]) if found else None

    def read(self, body: bytes) -> object:
        """Read CBOR; an empty body has no parameters.

        Raises:
            ValueError: The body is no CBOR.
        """
        import cbor2  # noqa: PLC0415  (of an extra)

        try:
            return cast("object", cbor2.loads(body or b"\xa0"))
        except cbor2.CBORDecodeError as error:
            raise ValueError(str(error)) from None

    def write(self, answer: Mapping[str, object]) -> bytes:
        """Write CBOR, with instants as tagged seconds since 1970."""
        import cbor2  # noqa: PLC0415  (of an extra)

        return cbor2.dumps(answer, datetime_as_timestamp=True)

    def error_type(self, service: str | None, code: str) -> str:
        """Return the absolute id of the error's shape."""
        return f"com.amazonaws.{service}#{code}" if service else code


PROTOCOLS: Final[tuple[Protocol, ...]] = (Json11(), RpcV2Cbor())
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
    return Caller(account=key[1] if key else None, region=credential[2], service=credential[3])


def _epoch_seconds(value: object) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    msg = f"{value!r} has no form in JSON"
    raise TypeError(msg)
