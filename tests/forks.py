"""Threads and forked children that use one client side by side: ``python -m tests.forks``.

Each task has a status that its id tells, so an answer that was meant for another call shows.
"""

from __future__ import annotations

import argparse
import asyncio
import faulthandler
import json
import os
import signal
import ssl
import sys
import threading
import time
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from benchmarks.servers import make_certificate, trusting
from botocancel import BotocancelError, TaskClient
from tests.loopback_session import LoopbackSession

if TYPE_CHECKING:
    from collections.abc import Iterator

STATUSES: Final = ("PENDING", "EXECUTING", "CANCELING", "CANCELED", "SUCCEEDED", "FAILED")
PATIENCE: Final = 60.0
"""Seconds after which a child or a thread is taken for hung."""


def task_of(number: int) -> tuple[str, str]:
    """Return the id of a task and its status."""
    return f"task-{number:017x}", STATUSES[number % len(STATUSES)]


# --- the server, in a process of its own --------------------------------------------------------


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    random = Random()  # noqa: S311  (no secret)
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.partition("content-length:")[2].partition("\r")[0])
            (task_id,) = json.loads(await reader.readexactly(length))["TaskIds"]
            status = STATUSES[int(task_id[5:], 16) % len(STATUSES)]
            described = {"TaskId": task_id, "Lifecycle": status, "CreationTime": 1_700_000_000}
            described |= {"Type": "EXPORT_TO_REPOSITORY"}
            body = json.dumps({"DataRepositoryTasks": [described]}).encode()
            await asyncio.sleep(0.005 * random.random())
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\n"
                b"x-amzn-RequestId: 1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
            )
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _serve(certificate: Path | None, ready: int) -> None:
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    server = await asyncio.start_server(_answer, "127.0.0.1", 0, ssl=context, backlog=512)
    os.write(ready, str(server.sockets[0].getsockname()[1]).encode())
    await server.serve_forever()


def start_server(certificate: Path | None) -> tuple[int, int]:
    """Start the server; return its process and its port."""
    reading, writing = os.pipe()
    server = os.fork()
    if not server:
        asyncio.run(_serve(certificate, writing))
    return server, int(os.read(reading, 16))


# --- the callers --------------------------------------------------------------------------------


def faults(client: TaskClient, random: Random, calls: int) -> Iterator[str]:
    """Describe tasks; yield what is wrong."""
    for _ in range(calls):
        task, status = task_of(random.randrange(1_000_000))
        try:
            snapshot = client.describe(task)
        except BotocancelError as error:
            yield f"{task}: {error!r}"
        else:
            if (snapshot.ref.id, snapshot.status) != (task, status):
                yield f"{task} is {status}, not {snapshot.ref.id} {snapshot.status}"


def start_child(client: TaskClient, seed: int) -> int:
    """Fork a child whose threads use the client; it exits with 1 if something is wrong."""
    child = os.fork()
    if child:
        return child
    wrong: list[str] = []
    faulthandler.dump_traceback_later(PATIENCE / 2)

    def call(seed: int) -> None:
        wrong.extend(faults(client, Random(seed), calls=3))  # noqa: S311  (no secret)

    thread = threading.Thread(target=call, args=(seed + 1,))
    thread.start()
    call(seed)
    thread.join()
    sys.stderr.write("".join(f"{line}\n" for line in wrong))
    os._exit(1 if wrong else 0)


def hung(children: list[int]) -> Iterator[str]:
    """Wait for children; yield what is wrong with them."""
    until = time.monotonic() + PATIENCE
    for child in children:
        while True:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                break
            if time.monotonic() > until:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                yield f"child {child} hung"
                break
            time.sleep(0.01)
        if ended and status:
            yield f"child {child} ended with {os.waitstatus_to_exitcode(status)}"


def run(*, callers: int, children: int, rounds: int, url: str) -> list[str]:
    """Let threads call all the time while children are forked that call too; return the faults."""
    client = TaskClient(LoopbackSession(url), workers=callers)
    wrong: list[str] = []
    over = threading.Event()

    connected = threading.Semaphore(0)

    def call(seed: int) -> None:
        random = Random(seed)  # noqa: S311  (no secret)
        wrong.extend(faults(client, random, calls=1))
        connected.release()
        while not over.is_set():
            wrong.extend(faults(client, random, calls=1))

    threads = [threading.Thread(target=call, args=(n,), daemon=True) for n in range(callers)]
    for thread in threads:
        thread.start()
    # A child that is forked while a thread is in a handshake of OpenSSL, 3.0 at least, may hang in
    # its own first one: a lock of OpenSSL stays locked in it.
    for _ in threads:
        connected.acquire()
    for number in range(rounds):
        seeds = range(1_000 * (number + 1), 1_000 * (number + 1) + children)
        wrong.extend(hung([start_child(client, seed) for seed in seeds]))
    over.set()
    for thread in threads:
        thread.join(PATIENCE)
    wrong.extend(f"{thread.name} hung" for thread in threads if thread.is_alive())
    return wrong


def main() -> int:
    """Run it as the command line says; return 1 if something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=64)
    parser.add_argument("--children", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--tls", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        certificate = make_certificate(Path(folder, "server.pem")) if options.tls else None
        if certificate is not None:
            os.environ["AWS_CA_BUNDLE"] = str(trusting(certificate))
        server, port = start_server(certificate)
        try:
            wrong = run(
                callers=options.threads,
                children=options.children,
                rounds=options.rounds,
                url=f"http{'s' if options.tls else ''}://localhost:{port}",
            )
        finally:
            os.kill(server, signal.SIGTERM)
            os.waitpid(server, 0)
    lines = [*wrong, f"{options.rounds} rounds, {len(wrong)} wrong"]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
