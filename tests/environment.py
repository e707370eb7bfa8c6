"""An environment of variables and AWS files of a test's own, and servers that give credentials."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import ssl
    from collections.abc import Generator
    from pathlib import Path

    import pytest

NOBODY = "http://127.0.0.1:9"
"""Where nobody listens."""


class Environment:
    """What a program is set up with: variables, and the files of AWS."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
        self._monkeypatch = monkeypatch
        self.home = home
        self.config = home / "config"
        for name in [*os.environ]:
            if name.startswith(("AWS_", "BOTO_")):
                monkeypatch.delenv(name)
        monkeypatch.setitem(sys.modules, "boto3", None)
        self.set(
            AWS_ACCESS_KEY_ID="AKIDEXAMPLE",
            AWS_CONFIG_FILE=str(self.config),
            AWS_DEFAULT_REGION="us-east-1",
            AWS_EC2_METADATA_DISABLED="true",
            AWS_ENDPOINT_URL=NOBODY,
            AWS_MAX_ATTEMPTS="1",  # botocore's own pauses take real time
            AWS_SECRET_ACCESS_KEY="secret",
            AWS_SHARED_CREDENTIALS_FILE=os.devnull,
            HOME=str(home),
            NO_PROXY="127.0.0.1,localhost",
        )

    def set(self, **variables: str | None) -> None:
        """Set variables; one that is None is not there."""
        for name, value in variables.items():
            if value is None:
                self._monkeypatch.delenv(name, raising=False)
            else:
                self._monkeypatch.setenv(name, value)

    def write_config(self, text: str) -> None:
        """Write the file of profiles, which are then where credentials come from."""
        self.config.write_text(text, encoding="utf-8")
        self.set(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)


class Supplier(ThreadingHTTPServer):
    """Answers every request with the same, as AWS STS would."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Be quiet about callers that leave, for they do not trust the certificate."""

    def __init__(self, status: int, body: str) -> None:
        self.status, self.body = status, body.encode()
        self.requests = 0
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        supplier = cast("Supplier", self.server)
        supplier.requests += 1
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(supplier.status)
        self.send_header("content-type", "text/xml")
        self.send_header("content-length", str(len(supplier.body)))
        self.end_headers()
        self.wfile.write(supplier.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401  (its own)
        """Be quiet."""


@contextmanager
def supplying(status: int, body: str, tls: ssl.SSLContext | None = None) -> Generator[Supplier]:
    """Serve a supplier of credentials on a free port for the block."""
    with Supplier(status, body) as server:
        if tls is not None:
            server.url = f"https://localhost:{server.server_address[1]}"
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def refusal(code: str, message: str) -> str:
    """Return an error as AWS STS writes it."""
    return (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>"
        f"<Message>{message}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
    )
