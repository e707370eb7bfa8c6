"""The simulated AWS behind a socket of this machine; `LoopbackSession` calls it there."""

from __future__ import annotations

import enum
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast

from botocancel.testing import ConnectionLost
from botocancel.testing.wire import HttpRequest

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Generator

    from botocancel.testing import SimulatedAWS
    from botocancel.testing.wire import HttpAnswer


class Cut(enum.Enum):
    """Where a connection is cut, after the request took effect."""

    BEFORE_THE_ANSWER = "before the answer"
    IN_THE_HEADERS = "in the headers"
    BEFORE_THE_BODY = "before the body"
    IN_THE_BODY = "in the body"


class LoopbackAWS(ThreadingHTTPServer):
    """A simulated AWS that is called over HTTP, on connections that are kept open."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, aws: SimulatedAWS) -> None:
        self.aws = aws
        self.url = ""
        self.connections = 0
        """How many were opened."""
        self.cuts: list[Cut] = []
        """The next requests whose connections are cut, and where."""
        self.watch: Callable[[HttpRequest], object] | None = None
        """Called with each request before it is answered."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def get_request(self) -> tuple[socket.socket, Any]:
        """Count a connection."""
        self.connections += 1
        return super().get_request()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  (as it has them)
        """Say nothing of callers that were killed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def answer(self, request: HttpRequest) -> HttpAnswer:
        """Answer one request."""
        if self.watch is not None:
            self.watch(request)
        return self.aws.answer(request)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def _aws(self) -> LoopbackAWS:
        return cast("LoopbackAWS", self.server)

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = HttpRequest(headers=headers, body=self.rfile.read(length))
        try:
            answer = self._aws.answer(request)
        except ConnectionLost:
            self.close_connection = True
            return
        headers = {"content-length": str(len(answer.body)), **answer.headers}
        head = f"HTTP/1.1 {answer.status} Simulated\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._send(head.encode() + b"\r\n", answer.body)

    def _send(self, head: bytes, body: bytes) -> None:
        whole = head + body
        if self._aws.cuts:
            ends = {
                Cut.BEFORE_THE_ANSWER: 0,
                Cut.IN_THE_HEADERS: len(head) // 2,
                Cut.BEFORE_THE_BODY: len(head),
                Cut.IN_THE_BODY: len(head) + len(body) // 2,
            }
            whole = whole[: ends[self._aws.cuts.pop(0)]]
            self.close_connection = True
        self.wfile.write(whole)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its own name)
        """Be quiet."""


@contextmanager
def serving(aws: SimulatedAWS) -> Generator[LoopbackAWS]:
    """Serve a simulated AWS on a free port for the block."""
    with LoopbackAWS(aws) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
