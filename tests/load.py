"""Many clients at once against the server, and whether its state is what they were told.

    python -m tests.load --seconds 30

Clients race for the same tasks, in both protocols, while simulated time passes.
Then what each was told is compared with the request log, and both with the state.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import aiohttp
import attrs
import cbor2

from botocancel.services._simulator import StatusChange
from botocancel.testing import Fault, SimulatedAWS, SimulatorSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocancel.testing.server import SimulatedServer

FSX: Final = "AWSSimbaAPIService_v20180301"
DATASYNC: Final = "FmrsService"
FILE_SYSTEMS: Final = 16
CBOR: Final = {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
SPEED: Final = 600.0
MOST_REQUESTS: Final = 1_000_000

Shared: TypeAlias = "dict[str, list[str]]"
"""The tasks that clients know of, by service."""


@attrs.frozen
class Heard:
    """What one client was told."""

    request_id: str
    operation: str
    status: int
    task: str | None
    code: str


@attrs.define
class Report:
    """What a run came to."""

    heard: list[Heard] = attrs.field(factory=list[Heard])
    complaints: list[str] = attrs.field(factory=list[str])

    def __str__(self) -> str:
        counts = Counter(f"{told.operation} {told.code}" for told in self.heard)
        lines = [f"{count:7} {name}" for name, count in sorted(counts.items())]
        return "\n".join([*lines, f"{len(self.heard):7} in all", *self.complaints])


class Client:
    """One client, with a connection of its own."""

    def __init__(self, number: int, server: SimulatedServer, shared: Shared) -> None:
        self._random = Random(number)  # noqa: S311  (nothing here is a secret)
        self._server = server
        self._shared = shared
        self._file_systems = list(server.aws.fsx().parents)
        self._task = server.aws.datasync().create_parent()
        self.heard: list[Heard] = []

    async def run(self, goes_on: Callable[[], bool]) -> None:
        """Put one request after the other."""
        key = self._server.environment["AWS_ACCESS_KEY_ID"]
        signed = f"AWS4-HMAC-SHA256 Credential={key}/20240101/us-east-1/any/aws4_request"
        async with aiohttp.ClientSession(headers={"authorization": signed}) as session:
            while goes_on():
                await self._put(session, *self._next())

    def _next(self) -> tuple[str, str, dict[str, Any]]:
        """Choose a request, mostly about what other clients are at as well."""
        service = self._random.choice([FSX, DATASYNC])
        known = self._random.choice(self._shared[service][-64:])
        if service == DATASYNC:
            about: dict[str, Any] = {"TaskExecutionArn": known}
            choices = [
                (DATASYNC, "CancelTaskExecution", about),
                (DATASYNC, "DescribeTaskExecution", about),
                (DATASYNC, "StartTaskExecution", {"TaskArn": self._task}),
                (DATASYNC, "ListTaskExecutions", {"TaskArn": self._task}),
            ]
        else:
            wanted = {
                "FileSystemId": self._random.choice(self._file_systems),
                "Type": "EXPORT_TO_REPOSITORY",
                "Report": {"Enabled": False},
            }
            choices = [
                (FSX, "CancelDataRepositoryTask", {"TaskId": known}),
                (FSX, "DescribeDataRepositoryTasks", {"TaskIds": [known]}),
                (FSX, "CreateDataRepositoryTask", wanted),
            ]
        return self._random.choice(choices)

    async def _put(
        self, session: aiohttp.ClientSession, service: str, operation: str, asked: dict[str, Any]
    ) -> None:
        in_cbor = service == DATASYNC and self._random.random() < 0.5
        path = f"/service/{service}/operation/{operation}" if in_cbor else "/"
        headers = CBOR if in_cbor else {"x-amz-target": f"{service}.{operation}"}
        async with session.post(
            self._server.url + path,
            headers=headers,
            data=cbor2.dumps(asked) if in_cbor else json.dumps(asked),
        ) as response:
            body = await response.read()
            answer: Any = cbor2.loads(body) if in_cbor else json.loads(body)
            made = answer.get("DataRepositoryTask", {}).get("TaskId")
            made = made or (operation.startswith("Start") and answer.get("TaskExecutionArn"))
            if made:
                self._shared[service].append(made)
            task = made or asked.get("TaskId") or asked.get("TaskExecutionArn")
            code = response.headers.get("x-amzn-errortype", "accepted")
            request_id = response.headers["x-amzn-RequestId"]
            self.heard.append(Heard(request_id, operation, response.status, task, code))


def run(
    *,
    clients: int,
    requests: int = MOST_REQUESTS,
    seconds: float = 600.0,
    fault: Fault | None = None,
) -> Report:
    """Let clients loose on a server until so many requests are put or so much time has passed."""
    aws = SimulatedAWS(
        SimulatorSettings(kind="fsx", again="as ended"),
        SimulatorSettings(kind="datasync", again="as ended"),
    )
    if fault is not None:
        aws.inject(fault)
    for _ in range(FILE_SYSTEMS):
        aws.fsx().create_parent()
    given = {aws.fsx().start(), aws.datasync().start()}
    shared = {FSX: list(aws.fsx().tasks), DATASYNC: list(aws.datasync().tasks)}
    report = Report()
    with aws.serve(speed=SPEED) as server:
        crowd = [Client(number, server, shared) for number in range(clients)]
        asyncio.run(_all(crowd, requests, time.monotonic() + seconds))
        report.heard = [told for client in crowd for told in client.heard]
        report.complaints = [*(f"failed: {failure!r}" for failure in server.failures)]
    report.complaints += _complaints(aws, report.heard, given)
    return report


async def _all(crowd: list[Client], requests: int, deadline: float) -> None:
    left = iter(range(requests))

    def goes_on() -> bool:
        return time.monotonic() < deadline and next(left, None) is not None

    await asyncio.gather(*(client.run(goes_on) for client in crowd))


def _complaints(aws: SimulatedAWS, heard: list[Heard], given: set[str]) -> Iterator[str]:
    """Say where clients, log and state do not agree."""
    told = {one.request_id: one.code for one in heard}
    logged = {record.request_id: record.outcome for record in aws.requests}
    if told != logged or len(told) != len(heard):
        yield f"{len(told.items() ^ logged.items())} requests are not logged as they were answered"
    yield from (f"{one.operation}: HTTP {one.status}" for one in heard if one.status >= 500)

    changes = [item for item in aws.history if isinstance(item, StatusChange)]
    stopped = Counter(change.task_id for change in changes if change.cause == "cancel")
    accepted = [one for one in heard if one.code == "accepted"]
    canceled = Counter(one.task for one in accepted if one.operation.startswith("Cancel"))
    if stopped != canceled:
        yield "the cancels that were accepted are not those that took effect"
    yield from (f"{task} was stopped {count} times" for task, count in stopped.items() if count > 1)

    making = ("Create", "Start")
    made = [one.task for one in accepted if one.operation.startswith(making)]
    existing = {*aws.fsx().tasks, *aws.datasync().tasks}
    if existing != {*given, *made} or len(made) != len(set(made)):
        yield "the tasks that were made are not those that exist"
    yield from _overlaps(aws, changes)


def _overlaps(aws: SimulatedAWS, changes: list[StatusChange]) -> Iterator[str]:
    """Say where a file system had two tasks at a time."""
    tasks, ended = aws.fsx().tasks, aws.fsx().lifecycle.ended
    at_work: dict[str | None, str] = {}
    for change in changes:
        if change.service != "fsx":
            continue
        file_system = tasks[change.task_id].parent
        if at_work.get(file_system, change.task_id) != change.task_id:
            yield f"{change.task_id} and {at_work[file_system]} ran at the same time"
        if change.after in ended:
            at_work.pop(file_system, None)
        else:
            at_work[file_system] = change.task_id


def main() -> int:
    """Run it as the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--clients", type=int, default=64)
    options = parser.parse_args()
    report = run(clients=options.clients, seconds=min(options.seconds, 600.0))
    sys.stdout.write(f"{report}\n")
    return 1 if report.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
