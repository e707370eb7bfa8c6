"""`AsyncTaskClient` over clients of aiobotocore, which are awaited and need no threads.

aiobotocore pins botocore, so it has an environment of its own: the check ``aiobotocore``.
"""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import AsyncExitStack, asynccontextmanager, closing
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from botocancel import (
    AsyncTaskClient,
    Certainty,
    ConfigurationError,
    InvalidInput,
    InvalidResponse,
    NotFound,
    Phase,
    RetryPolicy,
    TaskClient,
    TaskEnded,
    Throttled,
    TransportError,
    WaitTimeout,
)
from botocancel.testing import Fault, FaultKind, SimulatedAWS, SimulatorSettings
from tests.loopback import Cut, serving
from tests.loopback_session import LoopbackSession
from tests.simulated import DATASYNC, FSX, UNKNOWN_TASK, Kind, asked, every_method
from tests.tarpit import Tarpit

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator

    from tests.loopback import LoopbackAWS

WHY = "aiobotocore pins botocore; the check `aiobotocore` has an environment with it"
aiobotocore_config: Any = pytest.importorskip("aiobotocore.config", reason=WHY)
aiobotocore_session: Any = pytest.importorskip("aiobotocore.session", reason=WHY)

ResultT = TypeVar("ResultT")

SOON = 20.0
"""Seconds after which a test that hangs gives up; none takes so long."""


@pytest.fixture
def server() -> Iterator[LoopbackAWS]:
    with serving(SimulatedAWS(SimulatorSettings(kind="fsx", again="as ended"))) as server:
        yield server


@asynccontextmanager
async def ready_clients(server: LoopbackAWS | Tarpit, *services: str) -> AsyncGenerator[list[Any]]:
    """Make clients of aiobotocore that try each call once."""
    session = aiobotocore_session.get_session()
    config = aiobotocore_config.AioConfig(retries={"total_max_attempts": 1})
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                session.create_client(
                    service,
                    region_name="us-east-1",
                    endpoint_url=server.url,
                    aws_access_key_id="AKIASIMU123456789012",
                    aws_secret_access_key="simulated",
                    config=config,
                )
            )
            for service in services
        ]


def run(server: LoopbackAWS, work: Callable[[AsyncTaskClient], Awaitable[ResultT]]) -> ResultT:
    """Run a coroutine with a client, in simulated time."""

    async def main() -> ResultT:
        async with (
            ready_clients(server, "fsx", "datasync") as clients,
            AsyncTaskClient(clients=clients, clock=server.aws.clock, workers=4) as client,
        ):
            return await work(client)

    return asyncio.run(main())


def test_every_method_works(server: LoopbackAWS, kind: Kind) -> None:
    run(server, every_method(server.aws, kind))


@pytest.mark.parametrize("drips", [True, False], ids=["drips", "hangs"])
def test_a_wait_returns_by_its_deadline_and_cancels_its_request(drips: bool) -> None:  # noqa: FBT001
    """With a second more for its last look."""

    async def wait(server: Tarpit) -> float:
        async with (
            ready_clients(server, "fsx") as clients,
            AsyncTaskClient(clients=clients) as client,
        ):
            began = time.monotonic()
            with pytest.raises(WaitTimeout):
                await client.wait(UNKNOWN_TASK, timeout=0.5)
            took = time.monotonic() - began
            for left in asyncio.all_tasks():
                if left is not asyncio.current_task():
                    await asyncio.wait([left], timeout=SOON)
                    assert left.cancelled()
            return took

    with closing(Tarpit(drips=drips)) as server:
        assert asyncio.run(wait(server)) < 5
    assert not [each for each in threading.enumerate() if each.name.startswith("botocancel")]


def test_a_cancelled_execution_is_started_anew(server: LoopbackAWS) -> None:
    fresh = run(server, lambda client: client.restart(DATASYNC.start(server.aws, "ERROR")))
    assert server.aws.datasync().status(fresh.id) == "LAUNCHING"


def test_no_thread_is_started(server: LoopbackAWS, kind: Kind) -> None:
    names: list[str] = []
    server.watch = lambda _: names.extend(thread.name for thread in threading.enumerate())
    run(server, lambda client: client.cancel_and_wait(kind.start(server.aws, kind.running)))
    assert names
    assert not [name for name in names if name.startswith("botocancel")]


@pytest.mark.parametrize("cut", Cut, ids=lambda cut: cut.value)
def test_cancel_and_wait_reports_success_when_the_first_answer_was_cut_off(
    server: LoopbackAWS, kind: Kind, cut: Cut
) -> None:
    task = kind.start(server.aws, kind.running)
    server.cuts = [cut]
    outcome = run(server, lambda client: client.cancel_and_wait(task, if_ended="raise"))
    assert outcome.phase is Phase.CANCELED
    assert outcome.certainty is (Certainty.REPORTED if kind is FSX else Certainty.INFERRED)
    assert kind.status(server.aws, task) == kind.canceled


def test_a_policy_takes_our_own_lost_cancel_for_a_success(server: LoopbackAWS) -> None:
    task = FSX.start(server.aws, "EXECUTING")
    server.cuts = [Cut.BEFORE_THE_ANSWER]
    policy = RetryPolicy(timeout=60)
    cancellation = run(server, lambda client: client.cancel(task, retry=policy))
    assert not cancellation.accepted
    assert cancellation.phase is Phase.CANCELING
    assert cancellation.attempts == 2


def test_errors_are_those_of_the_plain_client(server: LoopbackAWS, kind: Kind) -> None:
    aws = server.aws

    async def work(client: AsyncTaskClient) -> None:
        with pytest.raises(InvalidInput):
            await client.cancel("task-1")
        with pytest.raises(NotFound):
            await client.wait(kind.unknown(aws))
        with pytest.raises(TaskEnded) as ended:
            await client.cancel(kind.start(aws, kind.succeeded))
        assert ended.value.snapshot is not None
        with pytest.raises(WaitTimeout):
            await client.wait(kind.start(aws), timeout=1)
        aws.inject(Fault(kind=FaultKind.THROTTLE))
        with pytest.raises(Throttled):
            await client.cancel(kind.start(aws))
        server.cuts = [Cut.BEFORE_THE_ANSWER]
        with pytest.raises(TransportError):
            await client.describe(kind.start(aws))

    run(server, work)


def test_an_answer_that_cannot_be_read_is_named_for_what_it_is(
    server: LoopbackAWS, kind: Kind
) -> None:
    server.aws.inject(Fault(kind=FaultKind.GARBAGE, body="[]"))

    async def work(client: AsyncTaskClient) -> None:
        with pytest.raises(InvalidResponse):
            await client.describe(kind.start(server.aws))

    run(server, work)


def test_as_many_calls_run_at_a_time_as_there_are_workers(server: LoopbackAWS, kind: Kind) -> None:
    """The barrier lets none through before all four are there; a fifth would break it."""
    barrier = threading.Barrier(4)
    inside: list[int] = []
    most: list[int] = []

    def meet(_: object) -> None:
        inside.append(1)
        most.append(len(inside))
        barrier.wait(SOON)
        inside.pop()

    server.watch = meet
    tasks = [kind.start(server.aws, kind.running) for _ in range(12)]
    assert len(run(server, lambda client: client.cancel_many(tasks).finish()).done) == 12
    assert max(most) == 4


def test_a_coroutine_that_is_cancelled_takes_its_guarded_task_along(
    server: LoopbackAWS, kind: Kind
) -> None:
    task = kind.start(server.aws, kind.running)

    async def work(client: AsyncTaskClient) -> None:
        async with asyncio.timeout(0), client.guard(task):
            await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        run(server, work)
    assert kind.status(server.aws, task) == kind.canceling
    assert asked(server.aws) == {kind.cancel: 1}


def test_clients_of_both_kinds_may_be_mixed(server: LoopbackAWS) -> None:
    """The one is awaited, the other called on a thread."""
    names: dict[str, bool] = {}

    def watch(request: Any) -> None:  # noqa: ANN401  (as it arrives)
        running = {thread.name.partition("_")[0] for thread in threading.enumerate()}
        names[request.headers["x-amz-target"].partition(".")[0]] = "botocancel" in running

    server.watch = watch
    plain = LoopbackSession(server.url).create_client("datasync")

    async def main() -> None:
        async with (
            ready_clients(server, "fsx") as clients,
            AsyncTaskClient(clients=[*clients, plain], clock=server.aws.clock) as client,
        ):
            assert (await client.cancel(FSX.start(server.aws, "EXECUTING"))).accepted
            assert (await client.cancel(DATASYNC.start(server.aws, "TRANSFERRING"))).accepted

    asyncio.run(main())
    assert names == {"AWSSimbaAPIService_v20180301": False, "FmrsService": True}


def test_no_client_is_made_beside_those_of_aiobotocore(server: LoopbackAWS) -> None:
    async def main() -> None:
        async with (
            ready_clients(server, "fsx") as clients,
            AsyncTaskClient(clients=clients, clock=server.aws.clock) as client,
        ):
            with pytest.raises(ConfigurationError, match="no client of datasync"):
                await client.cancel(DATASYNC.start(server.aws))

    asyncio.run(main())


def test_the_plain_client_refuses_clients_that_have_to_be_awaited(server: LoopbackAWS) -> None:
    async def main() -> None:
        async with ready_clients(server, "fsx") as clients:
            with pytest.raises(InvalidInput, match="AsyncTaskClient"):
                TaskClient(clients=clients)

    asyncio.run(main())
