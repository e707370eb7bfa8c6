"""What both drivers do: so many calls at a time, in the caller's context, whatever they raise."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from botocancel import AsyncTaskClient, TaskClient, UnexpectedError
from botocancel.testing import DEFAULT_ACCOUNT, DEFAULT_REGION, SimulatedAWS
from botocancel.testing._network import session_over
from tests.simulated import FSX, KINDS, Kind, client_of, clients_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from botocancel.testing.wire import HttpAnswer, HttpRequest

ResultT = TypeVar("ResultT")

SOON = 20.0
"""Seconds after which a test that hangs gives up; none takes so long."""


def run(
    aws: SimulatedAWS,
    work: Callable[[AsyncTaskClient], Awaitable[ResultT]],
    *,
    watch: Callable[[HttpRequest], object] | None = None,
) -> ResultT:
    """Run a coroutine with a client, in simulated time."""

    async def main() -> ResultT:
        clients = clients_of(aws, watch=watch)
        async with AsyncTaskClient(clients=clients, clock=aws.clock) as client:
            return await work(client)

    return asyncio.run(main())


REGIONS = ("us-east-1", "eu-west-1", "ap-south-1")


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("which", ["plain", "async"])
def test_so_many_calls_run_at_a_time_in_each_service_and_region(
    aws: SimulatedAWS, which: str, workers: int
) -> None:
    """The barrier lets none through before as many are there as there may be in all places."""
    places = 2 * len(REGIONS)
    barrier, lock = threading.Barrier(places * workers), threading.Lock()
    arrived: Counter[str] = Counter()
    tasks: list[str] = []
    for region in REGIONS:
        for _ in range(2 * workers):
            task = aws.fsx(region=region).start(status="EXECUTING")
            tasks.append(f"arn:aws:fsx:{region}:{DEFAULT_ACCOUNT}:task/{task}")
            tasks.append(aws.datasync(region=region).start(status="TRANSFERRING"))

    def answer(request: HttpRequest) -> HttpAnswer:
        place = request.headers["authorization"].partition("/")[2].partition("/aws4")[0]
        with lock:
            arrived[place] += 1
            assert arrived[place] <= workers
        barrier.wait(SOON)
        with lock:
            arrived[place] -= 1
        return aws.answer(request)

    session = session_over(answer, account=DEFAULT_ACCOUNT, region=DEFAULT_REGION)
    if which == "async":

        async def main() -> None:
            async with AsyncTaskClient(session, clock=aws.clock, workers=workers) as client:
                (await client.cancel_many(tasks).finish()).raise_failures()

        asyncio.run(main())
    else:
        client = TaskClient(session, clock=aws.clock, workers=workers)
        client.cancel_many(tasks).finish().raise_failures()
    assert len(arrived) == places


# --- what the caller brings along ------------------------------------------------------------

CALLER: ContextVar[str] = ContextVar("CALLER", default="nobody")


@pytest.fixture
def callers() -> Iterator[list[str]]:
    """Tell who is seen to call, where somebody does."""
    token = CALLER.set("somebody")
    yield []
    CALLER.reset(token)


@pytest.mark.parametrize("method", ["describe", "cancel_and_wait", "cancel_many", "wait_many"])
@pytest.mark.parametrize("which", ["plain", "async"])
def test_context_variables_of_the_caller_reach_every_call(
    aws: SimulatedAWS, callers: list[str], which: str, method: str
) -> None:
    tasks: Any = [kind.start(aws, "CANCELED" if kind is FSX else "ERROR") for kind in KINDS]
    tasks = tasks if method.endswith("_many") else tasks[0]

    def watch(_: HttpRequest) -> None:
        callers.append(CALLER.get())

    if which == "async":

        async def call(client: AsyncTaskClient) -> None:
            answer = getattr(client, method)(tasks)
            await (answer.finish() if isinstance(tasks, list) else answer)

        run(aws, call, watch=watch)
    else:
        answer = getattr(client_of(aws, watch=watch), method)(tasks)
        if isinstance(tasks, list):
            answer.finish()
    assert set(callers) == {"somebody"}


@pytest.mark.parametrize("method", ["wait", "wait_many"])
def test_so_they_do_where_a_call_has_a_deadline(callers: list[str], method: str) -> None:
    """In real time, which makes it on another thread."""
    aws = SimulatedAWS()
    task = FSX.start(aws, "CANCELED")
    clients = clients_of(aws, watch=lambda _: callers.append(CALLER.get()))
    answer = getattr(TaskClient(clients=clients), method)([task] if "many" in method else task)
    if method == "wait_many":
        answer.finish()
    assert callers == ["somebody"]


def test_what_a_hook_raises_gets_out_of_a_call_as_it_is(aws: SimulatedAWS, kind: Kind) -> None:
    def break_(_: HttpRequest) -> None:
        msg = "no token"
        raise RuntimeError(msg)

    task = kind.start(aws)
    with pytest.raises(RuntimeError, match="no token"):
        client_of(aws, watch=break_).cancel_and_wait(task)
    with pytest.raises(RuntimeError, match="no token"):
        run(aws, lambda client: client.cancel_and_wait(task), watch=break_)


@pytest.mark.parametrize("method", ["cancel_many", "wait_many", "cancel_and_wait_many"])
@pytest.mark.parametrize("which", ["plain", "async"])
def test_what_a_hook_raises_is_the_result_of_its_task_in_a_batch(
    aws: SimulatedAWS, which: str, method: str
) -> None:
    """So that it hides no other."""
    tasks = [kind.start(aws, kind.canceling) for kind in KINDS]

    def break_(request: HttpRequest) -> None:
        if tasks[0].encode() in request.body:
            raise LookupError(CALLER)

    if which == "async":
        summary = run(aws, lambda client: getattr(client, method)(tasks).finish(), watch=break_)
    else:
        summary = getattr(client_of(aws, watch=break_), method)(tasks).finish()
    (failed,) = [result for result in summary.failed if result.task == tasks[0]]
    assert isinstance(failed.error, UnexpectedError)
    assert isinstance(failed.error.__cause__, LookupError)
    assert failed.error.may_have_applied
    assert len(summary.done) + len(summary.failed) == 2
    assert not any(isinstance(other.error, UnexpectedError) for other in summary.failed[1:])
