"""A server of which no answer comes to its end."""

from __future__ import annotations

import socket
import threading
import time
from typing import Final

PATIENCE: Final = 20.0
"""How long connections are waited for, in seconds; none takes so long."""


class Tarpit:
    """A server that takes every request, and answers a byte at a time, or nothing at all."""

    def __init__(self, *, drips: bool) -> None:
        self.connections = 0
        self._drips = drips
        self._over = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Cut every connection."""
        self._over.set()
        socket.create_connection(self._server.getsockname()).close()
        self._server.close()

    def await_connections(self, number: int) -> None:
        """Wait until so many calls have come: what was left behind goes on."""
        until = time.monotonic() + PATIENCE
        while self.connections < number and time.monotonic() < until:
            time.sleep(0.01)
        assert self.connections == number

    def _serve(self) -> None:
        while not self._over.is_set():
            connection, _ = self._server.accept()
            self.connections += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            if self._drips:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not self._over.wait(0.05):
                if self._drips:
                    connection.sendall(b" ")
