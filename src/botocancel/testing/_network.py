"""Real botocore sessions of which only the network is replaced."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.handlers import BUILTIN_HANDLERS
from botocore.session import Session

from botocancel.testing._models import loader
from botocancel.testing.faults import ConnectionLost
from botocancel.testing.wire import HttpRequest, access_key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from botocore.awsrequest import AWSPreparedRequest
    from botocore.compat import HTTPHeaders

    from botocancel.testing._credentials import ExpiringCredentials
    from botocancel.testing.wire import HttpAnswer

__all__ = ["before_send", "session_over"]

_OWN: Final[Mapping[str, object]] = {
    "config_file": os.devnull,
    "credentials_file": os.devnull,
    "ignore_configured_endpoint_urls": True,
}
"""Configuration that is not botocore's default: what would look at the machine."""


def session_over(
    answer: Callable[[HttpRequest], HttpAnswer],
    *,
    account: str,
    region: str,
    credentials: ExpiringCredentials | None = None,
) -> Session:
    """Return a session whose clients' requests are answered by a function.

    Neither environment variables nor files of the machine have a say in it.

    Args:
        answer: Answers a request, or raises `ConnectionLost`.
        account: Whose credentials the clients sign with, 12 digits.
        region: The session's region.
        credentials: The account's credentials, if they expire.
    """
    session = Session(session_vars=_isolated())
    session.register_component("data_loader", loader())
    session.set_config_variable("region", region)
    if credentials is None:
        session.set_credentials(access_key_of(account), "simulated", None)
    else:
        session.register_component("credential_provider", credentials)
    for event, handler, *_ in BUILTIN_HANDLERS:
        if event == "before-send":  # of another simulation, which would answer too: moto's
            session.unregister(event, handler)
    session.register("before-send", cast("Callable[..., None]", before_send(answer)))
    return session


def before_send(answer: Callable[[HttpRequest], HttpAnswer]) -> Callable[..., AWSResponse]:
    """Return a handler of botocore's event ``before-send``, in place of the network."""

    def handle(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        sent = cast("Mapping[str, str | bytes]", request.headers)
        url = urlsplit(request.url)
        arrived = HttpRequest(
            headers={name.lower(): _text(value) for name, value in sent.items()},
            body=_bytes(cast("object", request.body)),
            method=str(request.method),
            path=url.path,
            query=url.query,
        )
        try:
            left = answer(arrived)
        except ConnectionLost as lost:
            kind = ReadTimeoutError if lost.timed_out else ConnectionClosedError
            raise kind(endpoint_url=request.url) from lost
        headers = cast("HTTPHeaders", left.headers)
        return AWSResponse(request.url, left.status, headers, _Raw(left.body))

    return handle


class _Raw(io.BytesIO):
    """A body, as botocore reads it from a connection."""

    def stream(self) -> Iterator[bytes]:
        yield self.read()


def _isolated() -> dict[str, tuple[None, None, object, None]]:
    """Return botocore's variables, each with nothing but a default."""
    defaults = {name: variable[2] for name, variable in Session.SESSION_VARIABLES.items()}
    return {name: (None, None, value, None) for name, value in {**defaults, **_OWN}.items()}


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _bytes(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode()
    return body if isinstance(body, bytes) else b""
