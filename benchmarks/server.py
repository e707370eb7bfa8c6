"""A loopback server that answers at once, so that it is not what is measured.

It speaks just enough of both services: cancels are accepted, and tasks run until a moment
that ``POST /reset`` sets, as it sets a limit of requests a second. ``GET /stats`` tells of
requests, refusals and connections since then.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import ssl
import time
from typing import Final

_HEAD_END: Final = b"\r\n\r\n"
_CBOR_EMPTY: Final = b"\xa0"
_CBOR_NO_EXECUTIONS: Final = b"\xa1\x6eTaskExecutions\x80"
_LISTED: Final = "task-0123456789abcdef0"
"""The one task that a listing of FSx has."""
_ASSUMED: Final = (
    b"<AssumeRoleResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><AssumeRoleResult>"
    b"<Credentials><AccessKeyId>AKIDEXAMPLE</AccessKeyId><SecretAccessKey>x</SecretAccessKey>"
    b"<SessionToken>x</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
    b"</AssumeRoleResult></AssumeRoleResponse>"
)
_TOO_MUCH: Final = b'{"__type": "ThrottlingException", "message": "Rate exceeded"}'


class World:
    """What the server has seen, and when its tasks end."""

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.reset({})

    def reset(self, settings: dict[str, float]) -> None:
        """Forget what was seen; tasks end so many seconds from now."""
        self.requests = 0
        self.refused = 0
        self.connections = 0
        now = time.monotonic()
        self._ends_at = now + settings.get("ends_after", 0.0)
        self._limit = settings.get("limit", 0.0)
        self._tokens, self._filled_at = self._limit, now

    def is_too_much(self) -> bool:
        """Say whether a request is above the limit, which is a bucket of a second's requests."""
        if not self._limit:
            return False
        now = time.monotonic()
        gained = self._limit * (now - self._filled_at)
        self._tokens, self._filled_at = min(self._limit, self._tokens + gained), now
        if self._tokens >= 1:
            self._tokens -= 1
            return False
        self.refused += 1
        return True

    def answer(self, target: str, body: bytes) -> bytes:
        """Return the JSON that an operation answers."""
        self.requests += 1
        operation = target.rpartition(".")[2]
        if operation.startswith("Cancel"):
            wanted = json.loads(body)
            return json.dumps({"Lifecycle": "CANCELING", **wanted}).encode() if wanted else b"{}"
        if operation == "ListTaskExecutions":
            return b'{"TaskExecutions": []}'
        if operation == "DescribeDataRepositoryTasks":
            wanted = json.loads(body)
            ended = time.monotonic() >= self._ends_at
            tasks = [
                {
                    "TaskId": task,
                    "Lifecycle": "SUCCEEDED" if ended else "EXECUTING",
                    "Type": "EXPORT_TO_REPOSITORY",
                    "CreationTime": 1700000000.0,
                    "StartTime": 1700000001.0,
                    "Status": {"TotalCount": 100, "SucceededCount": 7, "FailedCount": 0},
                }
                for task in wanted.get("TaskIds", [_LISTED])
            ]
            return json.dumps({"DataRepositoryTasks": tasks}).encode()
        return b"{}"

    def stats(self) -> dict[str, int]:
        """Return what was seen."""
        return {
            "requests": self.requests,
            "refused": self.refused,
            "connections": self.connections,
        }


class Connection(asyncio.Protocol):
    """One HTTP/1.1 connection."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._buffer = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        self._world.connections += 1

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete."""
        self._buffer += data
        while _HEAD_END in self._buffer:
            head, _, rest = self._buffer.partition(_HEAD_END)
            first, *lines = head.decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)
            }
            length = int(headers.get("content-length", 0))
            if len(rest) < length:
                if headers.get("expect"):
                    self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
                return
            self._buffer = rest[length:]
            self._answer(first.split(" ")[1], headers, rest[:length])

    def _answer(self, path: str, headers: dict[str, str], body: bytes) -> None:
        kind, extra, status = "application/x-amz-json-1.1", "", "200 OK"
        if path == "/stats":
            return self._send(json.dumps(self._world.stats()).encode(), kind, extra)
        if path == "/reset":
            self._world.reset(json.loads(body or b"{}"))
            return self._send(b"{}", kind, extra)
        if path.startswith("/service/"):
            self._world.requests += 1
            is_listing = path.endswith("/ListTaskExecutions")
            content = _CBOR_NO_EXECUTIONS if is_listing else _CBOR_EMPTY
            kind, extra = "application/cbor", "smithy-protocol: rpc-v2-cbor\r\n"
        elif b"Action=AssumeRole" in body:
            self._world.requests += 1
            content, kind = _ASSUMED, "text/xml"
        else:
            content = self._world.answer(headers.get("x-amz-target", ""), body)
        if self._world.is_too_much():
            status, content = "400 Bad Request", _TOO_MUCH
        if self._world.delay:
            loop = asyncio.get_running_loop()
            loop.call_later(self._world.delay, self._send, content, kind, extra, status)
            return None
        return self._send(content, kind, extra, status)

    def _send(self, content: bytes, kind: str, extra: str, status: str = "200 OK") -> None:
        self._write(
            f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nx-amzn-RequestId: 0\r\n{extra}"
            f"Content-Length: {len(content)}\r\n\r\n".encode()
            + content
        )

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)


async def serve(delay: float, certificate: str | None) -> None:
    """Serve until the process is ended; print the port first."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    world = World(delay)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(world), "127.0.0.1", 0, ssl=context, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--certificate", help="a file with a key and a certificate: serve TLS")
    options = parser.parse_args()
    asyncio.run(serve(options.delay, options.certificate))
