"""A forked child uses nothing that its parent has: no connections, no locks, no threads."""

from __future__ import annotations

import asyncio
import os
import pickle
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pytest

import botocancel
from botocancel import AsyncTaskClient, ConfigurationError, TaskClient
from botocancel._imports import load
from botocancel.testing import SimulatedAWS
from tests.loopback import serving
from tests.loopback_session import LoopbackSession
from tests.simulated import FSX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.loopback import LoopbackAWS

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="it is Unix that forks"),
    # Python warns of a fork where there are threads; what becomes of them is what is tested.
    pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning"),
]

ResultT = TypeVar("ResultT")

SOON = 20.0
"""Seconds after which a test that hangs gives up; none takes so long."""


@pytest.fixture
def server() -> Iterator[LoopbackAWS]:
    with serving(SimulatedAWS()) as server:
        yield server


def in_child(work: Callable[[], ResultT]) -> ResultT:
    """Return what a function returns, or raise what it raises, in a forked child."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        outcome: object
        try:
            outcome = work()
        except BaseException as error:  # noqa: BLE001  (the parent raises it)
            outcome = error
        with suppress(BaseException):
            os.write(writing, pickle.dumps(outcome))
        os._exit(0)
    os.close(writing)
    is_readable, _, _ = select.select([reading], [], [], SOON)
    if not is_readable:
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading, "rb") as pipe:
        written = pipe.read()
    os.waitpid(child, 0)
    assert is_readable, "the child hangs"
    came = pickle.loads(written)
    if isinstance(came, BaseException):
        raise came
    return cast("ResultT", came)


def test_a_child_opens_connections_of_its_own(server: LoopbackAWS) -> None:
    client, task = TaskClient(LoopbackSession(server.url)), FSX.start(server.aws)
    for expected in (1, 1):
        client.describe(task)
        assert server.connections == expected
    assert in_child(lambda: client.describe(task).status) == "PENDING"
    assert server.connections == 2
    client.describe(task)
    assert server.connections == 2


def test_so_does_the_client_of_the_packages_functions(
    server: LoopbackAWS, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIASIMU123456789012",
        "AWS_SECRET_ACCESS_KEY": "simulated",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": server.url,
    }.items():
        monkeypatch.setenv(name, value)
    task = FSX.start(server.aws)
    botocancel.describe(task)
    assert in_child(lambda: botocancel.describe(task).status) == "PENDING"
    botocancel.describe(task)
    assert server.connections == 2


def test_so_does_a_child_of_a_child(server: LoopbackAWS) -> None:
    client, task = TaskClient(LoopbackSession(server.url)), FSX.start(server.aws)

    def fork_again() -> str | None:
        client.describe(task)
        return in_child(lambda: client.describe(task).status)

    client.describe(task)
    assert in_child(fork_again) == "PENDING"
    assert server.connections == 3


def test_an_async_client_serves_in_a_child(server: LoopbackAWS) -> None:
    client, task = AsyncTaskClient(LoopbackSession(server.url)), FSX.start(server.aws)

    async def describe() -> str | None:
        return (await client.describe(task)).status

    assert asyncio.run(describe()) == "PENDING"
    assert in_child(lambda: asyncio.run(describe())) == "PENDING"
    assert asyncio.run(describe()) == "PENDING"
    assert server.connections == 2
    client.close()


def test_a_lock_that_a_thread_of_the_parent_holds_does_not_hold_up_a_child(
    server: LoopbackAWS,
) -> None:
    """The thread is making the client, under the lock, when the process forks."""
    parent, making, forked = os.getpid(), threading.Event(), threading.Event()

    class SlowSession(LoopbackSession):
        def create_client(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401  (passed on)
            if os.getpid() == parent:
                making.set()
                assert forked.wait(SOON)
            return super().create_client(*args, **options)

    client, task = TaskClient(SlowSession(server.url)), FSX.start(server.aws)
    thread = threading.Thread(target=lambda: client.describe(task))
    thread.start()
    try:
        assert making.wait(SOON)
        assert in_child(lambda: client.describe(task).status) == "PENDING"
    finally:
        forked.set()
        thread.join(SOON)


def test_a_client_that_was_passed_and_used_is_not_used_in_a_child(server: LoopbackAWS) -> None:
    made = LoopbackSession(server.url).create_client("fsx")
    client, task = TaskClient(clients=[made]), FSX.start(server.aws)
    client.describe(task)
    with pytest.raises(ConfigurationError, match="was in use when this process was forked"):
        in_child(lambda: client.describe(task).status)
    client.describe(task)
    assert server.connections == 1


def test_a_client_that_was_passed_and_not_used_is_used_in_a_child(server: LoopbackAWS) -> None:
    made = LoopbackSession(server.url).create_client("fsx")
    client, task = TaskClient(clients=[made]), FSX.start(server.aws)
    assert in_child(lambda: client.describe(task).status) == "PENDING"
    client.describe(task)
    assert server.connections == 2


def test_a_batch_of_the_parent_is_not_gone_on_with_in_a_child(server: LoopbackAWS) -> None:
    client = TaskClient(LoopbackSession(server.url), workers=1)
    batch = client.cancel_many([FSX.start(server.aws, "EXECUTING") for _ in range(3)])
    next(batch)
    with pytest.raises(ConfigurationError, match="in the process that this one was forked from"):
        in_child(lambda: next(batch).error)
    assert in_child(batch.close) is None
    assert len(batch.finish().done) == 3


def test_a_batch_of_the_parent_that_a_child_has_not_begun_is_run_there(server: LoopbackAWS) -> None:
    client = TaskClient(LoopbackSession(server.url))
    tasks = [FSX.start(server.aws, "EXECUTING") for _ in range(3)]
    batch = client.cancel_many(tasks)
    assert in_child(lambda: len(batch.finish().done)) == 3
    assert all(server.aws.fsx().status(task) == "CANCELING" for task in tasks)


def test_a_fork_waits_for_an_import_that_another_thread_has_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the module stays locked in the child, for whoever needs it there."""
    name = "imported_while_the_process_forks"
    (tmp_path / f"{name}.py").write_text("import time\ntime.sleep(0.3)\nDONE = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    thread = threading.Thread(target=load, args=(name,))
    thread.start()
    while name not in sys.modules:
        time.sleep(0.01)
    assert in_child(lambda: load(name).DONE)
    thread.join(SOON)
    del sys.modules[name]


@pytest.mark.parametrize("how", [[], ["--tls"]], ids=["plain", "TLS"])
def test_threads_and_children_use_one_client_side_by_side(how: list[str]) -> None:
    """Each answer is of the task that was asked about, and nothing hangs."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.forks"]
    command += ["--threads", "16", "--children", "4", "--rounds", "2", *how]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "2 rounds, 0 wrong\n", done.stderr
    assert done.returncode == 0
