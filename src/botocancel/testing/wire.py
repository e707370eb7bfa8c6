"""How the services are spoken to: HTTP requests and answers, and who signs them.

Nothing here knows a service, a protocol, a state machine or a socket.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Caller",
    "HttpAnswer",
    "HttpRequest",
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
    method: str = "POST"
    path: str = "/"
    """As it is sent, percent-encoded."""
    query: str = ""
    """The query string, as it is sent."""


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
