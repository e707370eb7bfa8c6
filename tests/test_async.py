"""`AsyncTaskClient` has the same methods as `TaskClient`, awaited; here over threads."""

from __future__ import annotations

import asyncio
import inspect
import random
import threading
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from botocancel import (
    AsyncTaskClient,
    InvalidInput,
    NotFound,
    Phase,
    RetryPolicy,
    TaskClient,
    TaskEnded,
    Throttled,
    WaitTimeout,
)
from botocancel.services.datasync import ListTaskExecutionsRequest
from botocancel.testing import Fault, FaultKind, SimulatedAWS, SimulatorSettings
from tests.simulated import DATASYNC, FSX, Kind, asked, client_of, clients_of, every_method

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from botocancel import Shape, TaskSnapshot
    from botocancel.testing.wire import HttpRequest

ResultT = TypeVar("ResultT")

SOON = 20.0
"""Seconds after which a test that hangs gives up; none takes so long."""


def public(cls: type) -> dict[str, object]:
    """Return the public methods of a class and its constructor."""
    named = {name: value for name, value in vars(cls).items() if not name.startswith("_")}
    return {**named, "__init__": vars(cls)["__init__"]}


METHODS = sorted(public(TaskClient))


def parameters(method: object) -> list[tuple[str, object, object]]:
    assert callable(method)
    found = inspect.signature(method).parameters.values()
    return [(each.name, each.kind, each.default) for each in found]


def test_both_clients_have_the_same_methods() -> None:
    assert sorted(public(AsyncTaskClient).keys() - {"close"}) == METHODS


@pytest.mark.parametrize("name", METHODS)
def test_a_method_takes_the_same_in_both_clients(name: str) -> None:
    assert parameters(public(TaskClient)[name]) == parameters(public(AsyncTaskClient)[name])
    assert inspect.signature(getattr(TaskClient, name)).parameters.keys() == (
        inspect.signature(getattr(AsyncTaskClient, name)).parameters.keys()
    )


@pytest.mark.parametrize(
    "name", ["call", "describe", "cancel", "wait", "cancel_and_wait", "restart"]
)
def test_what_answers_once_is_awaited(name: str) -> None:
    assert inspect.iscoroutinefunction(getattr(AsyncTaskClient, name))


# --- over threads ----------------------------------------------------------------------------


@pytest.fixture
def threads() -> Iterator[Callable[[], list[threading.Thread]]]:
    """Tell which threads the library has started in the test, and see that they end."""
    before = set(threading.enumerate())

    def ours() -> list[threading.Thread]:
        fresh = set(threading.enumerate()) - before
        return [thread for thread in fresh if thread.name.startswith("botocancel")]

    yield ours
    for thread in ours():
        thread.join(SOON)
    assert ours() == []


def run(
    aws: SimulatedAWS,
    work: Callable[[AsyncTaskClient], Awaitable[ResultT]],
    *,
    watch: Callable[[HttpRequest], object] | None = None,
    **options: Any,  # noqa: ANN401  (passed on)
) -> ResultT:
    """Run a coroutine with a client, in simulated time."""

    async def main() -> ResultT:
        clients = clients_of(aws, watch=watch)
        async with AsyncTaskClient(clients=clients, clock=aws.clock, **options) as client:
            return await work(client)

    return asyncio.run(main())


@pytest.mark.usefixtures("threads")
def test_every_method_works(aws: SimulatedAWS, kind: Kind) -> None:
    run(aws, every_method(aws, kind))


def test_call_and_restart_work(aws: SimulatedAWS) -> None:
    execution = DATASYNC.start(aws, "ERROR")

    async def work(client: AsyncTaskClient) -> None:
        fresh = await client.restart(execution)
        listed = await client.call(ListTaskExecutionsRequest())
        assert [entry.task_execution_arn for entry in listed.task_executions or ()] == [
            execution,
            str(fresh),
        ]

    run(aws, work)


def test_both_clients_go_the_same_way(kind: Kind) -> None:
    """One logic drives both: the same requests at the same instants."""

    def lived(stop: Callable[[SimulatedAWS, str], object]) -> list[tuple[str, float]]:
        random.seed(4)
        aws = SimulatedAWS()
        aws.inject(Fault(kind=FaultKind.UNAVAILABLE, after=1, times=3))
        stop(aws, kind.start(aws, kind.running))
        return [(record.operation, record.seconds) for record in aws.requests]

    plain = lived(lambda aws, task: client_of(aws).cancel_and_wait(task))
    awaited = lived(lambda aws, task: run(aws, lambda client: client.cancel_and_wait(task)))
    assert plain == awaited
    assert len(plain) > 5


def test_errors_are_those_of_the_plain_client(aws: SimulatedAWS, kind: Kind) -> None:
    async def work(client: AsyncTaskClient) -> None:
        with pytest.raises(InvalidInput):
            await client.cancel("task-1")
        with pytest.raises(NotFound):
            await client.wait(kind.unknown(aws))
        with pytest.raises(TaskEnded):
            await client.cancel(kind.start(aws, kind.succeeded))
        with pytest.raises(TaskEnded):
            await client.cancel_and_wait(kind.start(aws, kind.succeeded), if_ended="raise")
        with pytest.raises(WaitTimeout):
            await client.wait(kind.start(aws), timeout=1)
        aws.inject(Fault(kind=FaultKind.THROTTLE))
        with pytest.raises(Throttled):
            await client.cancel(kind.start(aws))

    run(aws, work)


def test_a_policy_holds_in_coroutines_too(aws: SimulatedAWS, kind: Kind) -> None:
    aws.inject(Fault(kind=FaultKind.THROTTLE, times=2))
    task = kind.start(aws, kind.running)
    policy = RetryPolicy(timeout=300)
    assert run(aws, lambda client: client.cancel(task, retry=policy)).attempts == 3


def test_a_lost_answer_is_a_success_in_coroutines_too(kind: Kind) -> None:
    aws = SimulatedAWS(SimulatorSettings(kind="fsx", again="as ended"))
    aws.inject(Fault(kind=FaultKind.LOST_ANSWER, operation=kind.cancel))
    task = kind.start(aws, kind.running)
    outcome = run(aws, lambda client: client.cancel_and_wait(task, if_ended="raise"))
    assert outcome.phase is Phase.CANCELED


# --- progress ------------------------------------------------------------------------------


def test_on_progress_may_be_a_function_or_a_coroutine_function(
    aws: SimulatedAWS, kind: Kind
) -> None:
    called: list[Phase] = []
    awaited: list[Phase] = []

    async def listen(snapshot: TaskSnapshot[Shape]) -> None:
        await asyncio.sleep(0)
        awaited.append(snapshot.phase)

    async def work(client: AsyncTaskClient) -> None:
        await client.wait(kind.start(aws), on_progress=listen)
        await client.wait(
            kind.start(aws), on_progress=lambda snapshot: called.append(snapshot.phase)
        )

    run(aws, work)
    assert called[-1] is awaited[-1] is Phase.SUCCEEDED


# --- batches -------------------------------------------------------------------------------


def test_results_come_in_the_order_in_which_the_tasks_end(aws: SimulatedAWS, kind: Kind) -> None:
    lives = [600.0, 100.0, 300.0]
    tasks = [kind.start(aws, kind.running, seconds={kind.running: life}) for life in lives]

    async def work(client: AsyncTaskClient) -> list[object]:
        return [result.task async for result in client.wait_many(tasks)]

    assert run(aws, work) == [tasks[1], tasks[2], tasks[0]]


def test_a_failure_hides_no_other_result(aws: SimulatedAWS, kind: Kind) -> None:
    tasks = [kind.start(aws, kind.running), "nonsense", kind.unknown(aws)]
    summary = run(aws, lambda client: client.cancel_many(tasks).finish())
    assert [result.task for result in summary.done] == tasks[:1]
    assert {type(result.error) for result in summary.failed} > {InvalidInput}
    with pytest.raises(ExceptionGroup):
        summary.raise_failures()


def test_as_many_calls_run_at_a_time_as_there_are_workers(aws: SimulatedAWS, kind: Kind) -> None:
    """The barrier lets none through before all four are there; a fifth would break it."""
    barrier = threading.Barrier(4)
    inside: list[int] = []
    most: list[int] = []

    def meet(_: HttpRequest) -> None:
        inside.append(1)
        most.append(len(inside))
        barrier.wait(SOON)
        inside.pop()

    tasks = [kind.start(aws, kind.running) for _ in range(12)]
    summary = run(aws, lambda client: client.cancel_many(tasks).finish(), watch=meet, workers=4)
    assert len(summary.done) == 12
    assert max(most) == 4


def test_coroutines_share_a_client(aws: SimulatedAWS, kind: Kind) -> None:
    tasks = [kind.start(aws, kind.running) for _ in range(20)]

    async def work(client: AsyncTaskClient) -> None:
        cancellations = await asyncio.gather(*[client.cancel(task) for task in tasks])
        assert all(cancellation.accepted for cancellation in cancellations)

    run(aws, work, workers=4)
    assert asked(aws) == {kind.cancel: 20}


@pytest.mark.usefixtures("threads")
def test_a_batch_that_is_closed_sends_no_further_request(aws: SimulatedAWS, kind: Kind) -> None:
    tasks = [kind.start(aws, kind.running) for _ in range(10)]
    left = threading.Event()
    arrived: list[HttpRequest] = []

    def hold(request: HttpRequest) -> None:
        arrived.append(request)
        assert len(arrived) == 1 or left.wait(SOON)

    async def work(client: AsyncTaskClient) -> None:
        async with aclosing(client.cancel_many(tasks)) as batch:
            async for result in batch:
                assert result.task == tasks[0]
                break
        left.set()
        assert str(batch.summary()) == "1 done, 0 failed, 9 pending"

    run(aws, work, watch=hold, workers=1)
    assert len(arrived) <= 2


@pytest.mark.usefixtures("threads")
def test_a_batch_whose_coroutine_is_cancelled_notes_what_was_done_and_what_not(
    aws: SimulatedAWS, kind: Kind
) -> None:
    tasks = [kind.start(aws, kind.running) for _ in range(10)]
    third, left = threading.Event(), threading.Event()
    arrived: list[HttpRequest] = []

    def hold(request: HttpRequest) -> None:
        arrived.append(request)
        if len(arrived) == 3:
            third.set()
        assert len(arrived) <= 2 or left.wait(SOON)

    async def work(client: AsyncTaskClient) -> None:
        batch = client.cancel_many(tasks)
        notes: list[str] = []

        async def consume() -> None:
            try:
                await batch.finish()
            except asyncio.CancelledError as error:
                notes.extend(error.__notes__)
                raise

        consuming = asyncio.create_task(consume())
        await asyncio.to_thread(third.wait, SOON)
        consuming.cancel()
        with pytest.raises(asyncio.CancelledError):
            await consuming
        left.set()
        (note,) = notes
        assert "2 done, 0 failed, 8 pending" in note
        assert tasks[2] in note

    run(aws, work, watch=hold, workers=1)
    assert len(arrived) <= 3


# --- cancellation of the coroutine --------------------------------------------------------------


@pytest.mark.usefixtures("threads")
def test_a_coroutine_that_is_cancelled_sends_no_further_request(
    aws: SimulatedAWS, kind: Kind
) -> None:
    """The request on its way takes effect, or not; here it does."""
    task = kind.start(aws, kind.running)
    arrived, release = threading.Event(), threading.Event()

    def hold(_: HttpRequest) -> None:
        arrived.set()
        assert release.wait(SOON)

    async def work(client: AsyncTaskClient) -> None:
        stopping = asyncio.create_task(client.cancel_and_wait(task))
        await asyncio.to_thread(arrived.wait, SOON)
        stopping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stopping
        release.set()

    run(aws, work, watch=hold)
    assert len(aws.requests) <= 1


def test_a_timeout_of_asyncio_ends_a_wait(aws: SimulatedAWS, kind: Kind) -> None:
    task = kind.start(aws, kind.running, seconds={kind.running: 1e9})

    async def work(client: AsyncTaskClient) -> None:
        inside = asyncio.Event()
        waiting = asyncio.create_task(
            client.wait(task, timeout=1e8, on_progress=lambda _: inside.set())
        )
        await inside.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        sent = len(aws.requests)
        await asyncio.sleep(0)
        assert len(aws.requests) <= sent + 1

    run(aws, work)


def test_active_can_be_left_early(aws: SimulatedAWS) -> None:
    for _ in range(120):
        FSX.start(aws)

    async def work(client: AsyncTaskClient) -> None:
        async for snapshot in client.active(kinds=["fsx"]):
            assert snapshot.phase is Phase.PENDING
            break

    run(aws, work)
    assert 1 <= len(aws.requests) <= 3


# --- threads -------------------------------------------------------------------------------


def test_calls_run_on_threads_of_the_clients_own(aws: SimulatedAWS, kind: Kind) -> None:
    names: set[str] = set()
    task = kind.start(aws, kind.running)
    run(
        aws,
        lambda client: client.cancel_and_wait(task),
        watch=lambda _: names.add(threading.current_thread().name.partition("_")[0]),
    )
    assert names == {"botocancel"}


def test_closing_lets_the_threads_go(
    aws: SimulatedAWS, threads: Callable[[], list[threading.Thread]]
) -> None:
    client = AsyncTaskClient(clients=clients_of(aws), clock=aws.clock)
    client.close()
    asyncio.run(_describe(client, FSX.start(aws)))
    assert len(threads()) == 1
    client.close()
    client.close()


async def _describe(client: AsyncTaskClient, task: str) -> None:
    await client.describe(task)


def test_one_client_serves_one_event_loop_after_another(aws: SimulatedAWS) -> None:
    client = AsyncTaskClient(clients=clients_of(aws), clock=aws.clock)
    task = FSX.start(aws)
    for _ in range(3):
        asyncio.run(_describe(client, task))
    client.close()
    assert len(aws.requests) == 3


def test_closing_while_calls_wait_for_a_thread_loses_none(aws: SimulatedAWS, kind: Kind) -> None:
    """There is one thread, which is busy; nobody asked for the others to be cancelled."""
    tasks = [kind.start(aws, kind.running) for _ in range(4)]
    arrived, release = threading.Event(), threading.Event()

    def hold(_: HttpRequest) -> None:
        arrived.set()
        assert release.wait(SOON)

    async def main() -> None:
        client = AsyncTaskClient(clients=clients_of(aws, watch=hold), clock=aws.clock, workers=1)
        async with asyncio.TaskGroup() as group:
            calls = [group.create_task(client.cancel(task)) for task in tasks]
            await asyncio.to_thread(arrived.wait, SOON)
            client.close()
            release.set()
        assert all(call.result().accepted for call in calls)

    asyncio.run(main())
    assert asked(aws) == {kind.cancel: 4}


@pytest.mark.usefixtures("threads")
def test_a_client_that_nobody_closes_lets_its_threads_go(aws: SimulatedAWS) -> None:
    client = AsyncTaskClient(clients=clients_of(aws), clock=aws.clock)
    asyncio.run(_describe(client, FSX.start(aws)))
