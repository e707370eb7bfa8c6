"""Clients over the simulated AWS of a test, and what a test needs to know of each service.

Making botocore's clients takes most of a test's time, so they are made once and
talk to whichever simulated AWS the test has made last.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs
from botocore.config import Config

from botocancel import DataSyncError, FSxError, ServiceError, TaskClient
from botocancel.testing import (
    DEFAULT_ACCOUNT,
    DEFAULT_REGION,
    SimulatedAWS,
    SimulatorSettings,
    StatusChange,
)
from botocancel.testing._network import session_over

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from botocancel import AsyncTaskClient
    from botocancel.testing.wire import HttpAnswer, HttpRequest

UNKNOWN_TASK = "task-00000000000000000"


class _Switchboard:
    """Puts requests through to the simulated AWS of the test that is running."""

    def __init__(self) -> None:
        self.aws = SimulatedAWS()
        self.watch: Callable[[HttpRequest], object] | None = None

    def answer(self, request: HttpRequest) -> HttpAnswer:
        if self.watch is not None:
            self.watch(request)
        return self.aws.answer(request)


_SWITCHBOARD = _Switchboard()


@cache
def ready_clients(attempts: int) -> list[Any]:
    """Return botocore's clients of both services, with so many attempts a call."""
    session = session_over(_SWITCHBOARD.answer, account=DEFAULT_ACCOUNT, region=DEFAULT_REGION)
    config = Config(retries={"mode": "standard", "total_max_attempts": attempts})
    return [session.create_client(service, config=config) for service in ("fsx", "datasync")]


def clients_of(
    aws: SimulatedAWS,
    *,
    attempts: int = 1,
    watch: Callable[[HttpRequest], object] | None = None,
) -> list[Any]:
    """Return botocore's clients, now talking to this AWS.

    Args:
        aws: What they talk to.
        attempts: How often botocore itself tries a call.
        watch: Called with each request before it arrives.
    """
    _SWITCHBOARD.aws = aws
    _SWITCHBOARD.watch = watch
    return ready_clients(attempts)


def client_of(
    aws: SimulatedAWS,
    *,
    attempts: int = 1,
    watch: Callable[[HttpRequest], object] | None = None,
    **options: Any,  # noqa: ANN401  (passed on)
) -> TaskClient:
    """Return a client whose waits pass in simulated time: see `clients_of`."""
    clients = clients_of(aws, attempts=attempts, watch=watch)
    return TaskClient(clients=clients, clock=aws.clock, **options)


@attrs.frozen
class Kind:
    """One service's tasks, as a test makes them and looks for them."""

    name: str
    cancel: str
    """The operation that cancels a task."""
    describe: str
    running: str
    """A status in which the work is being done."""
    canceling: str
    canceled: str
    """The status of a task that was cancelled."""
    succeeded: str
    failed: str
    error: type[ServiceError]
    """What every error of the service is."""
    start: Callable[..., str]
    """Makes a task in an AWS and returns its id."""

    def status(self, aws: SimulatedAWS, task: str) -> str:
        """Return the true status of a task."""
        return aws.simulator(self.name).status(task)

    def unknown(self, aws: SimulatedAWS) -> str:
        """Return the id of a task that there is not."""
        if self.name == "fsx":
            return UNKNOWN_TASK
        known = self.start(aws)
        return f"{known.rpartition('/')[0]}/exec-00000000000000000"


def _fsx_task(aws: SimulatedAWS, status: str | None = None, **facts: Any) -> str:  # noqa: ANN401  (passed on)
    return aws.fsx().start(status=status, **facts)


def _execution(aws: SimulatedAWS, status: str | None = None, **facts: Any) -> str:  # noqa: ANN401  (passed on)
    return aws.datasync().start(status=status, **facts)


FSX = Kind(
    name="fsx",
    cancel="CancelDataRepositoryTask",
    describe="DescribeDataRepositoryTasks",
    running="EXECUTING",
    canceling="CANCELING",
    canceled="CANCELED",
    succeeded="SUCCEEDED",
    failed="FAILED",
    error=FSxError,
    start=_fsx_task,
)
DATASYNC = Kind(
    name="datasync",
    cancel="CancelTaskExecution",
    describe="DescribeTaskExecution",
    running="TRANSFERRING",
    canceling="CANCELLING",
    canceled="ERROR",
    succeeded="SUCCESS",
    failed="ERROR",
    error=DataSyncError,
    start=_execution,
)
KINDS = [FSX, DATASYNC]

UNKNOWN_BEHAVIOURS: Mapping[str, tuple[Kind, SimulatorSettings]] = {
    "fsx accepts a second cancel": (FSX, SimulatorSettings(kind="fsx", again="accept")),
    "fsx refuses a second cancel as ended": (FSX, SimulatorSettings(kind="fsx", again="as ended")),
    "fsx refuses a second cancel as unsupported": (
        FSX,
        SimulatorSettings(kind="fsx", again=("UnsupportedOperation", "It cannot be cancelled.")),
    ),
    "fsx's answer names no lifecycle": (FSX, SimulatorSettings(kind="fsx", names_status=False)),
    "fsx's reads are behind": (FSX, SimulatorSettings(kind="fsx", lag=3)),
    "fsx's reads are behind and it refuses a second cancel": (
        FSX,
        SimulatorSettings(
            kind="fsx", lag=3, again=("UnsupportedOperation", "It cannot be cancelled.")
        ),
    ),
    "fsx cancels at once": (FSX, SimulatorSettings(kind="fsx", seconds={"CANCELING": 0})),
    "datasync accepts a second cancel": (
        DATASYNC,
        SimulatorSettings(kind="datasync", again="accept"),
    ),
    "datasync refuses a second cancel": (
        DATASYNC,
        SimulatorSettings(kind="datasync", again="as ended"),
    ),
    "datasync says why it was cancelled": (
        DATASYNC,
        SimulatorSettings(
            kind="datasync", canceled_failure_code="Canceled", canceled_failure="by request"
        ),
    ),
    "datasync's reads are behind": (DATASYNC, SimulatorSettings(kind="datasync", lag=3)),
    "datasync's reads are behind and it refuses a second cancel": (
        DATASYNC,
        SimulatorSettings(kind="datasync", lag=3, again="as ended"),
    ),
    "datasync cancels at once": (
        DATASYNC,
        SimulatorSettings(kind="datasync", seconds={"CANCELLING": 0}),
    ),
}
"""What AWS documents nowhere, each way it may be."""


def asked(aws: SimulatedAWS) -> Counter[str]:
    """Return how many requests of each operation have arrived."""
    return Counter(record.operation for record in aws.requests)


def accepted_cancels(aws: SimulatedAWS, kind: Kind) -> int:
    """Return how many cancels the service accepted."""
    return sum(
        record.operation == kind.cancel and record.outcome == "accepted" for record in aws.requests
    )


def ended_at(aws: SimulatedAWS, task: str) -> float:
    """Return when a task ended, in seconds since the start of simulated time."""
    changes = [item for item in aws.history if isinstance(item, StatusChange)]
    return max(change.seconds for change in changes if change.task_id == task)


def every_method(aws: SimulatedAWS, kind: Kind) -> Callable[[AsyncTaskClient], Awaitable[None]]:
    """Return what calls each method of an async client that every service has."""
    task, other = kind.start(aws, kind.running), kind.start(aws, kind.running)

    async def work(client: AsyncTaskClient) -> None:
        assert (await client.describe(task)).status == kind.running
        assert {snapshot.ref.service async for snapshot in client.active()} == {kind.name}
        assert (await client.cancel(task)).accepted
        assert (await client.wait(task)).status == kind.canceled
        assert (await client.cancel_and_wait(other)).canceled
        many = [kind.start(aws, kind.running) for _ in range(3)]
        assert len((await client.cancel_many(many).finish()).done) == 3
        assert len((await client.wait_many(many).finish()).done) == 3
        assert len((await client.cancel_and_wait_many(many).finish()).done) == 3

    return work
