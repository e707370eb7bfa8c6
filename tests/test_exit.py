"""While a program ends: what it then begins is done, and what it left does not keep it alive."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from botocancel.testing import SimulatedAWS, SimulatorSettings
from tests.loopback import serving
from tests.simulated import FSX, KINDS, Kind, client_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.loopback import LoopbackAWS

ROOT = Path(__file__).parent.parent
SOON = 60.0
"""Seconds after which a test that hangs gives up; none takes so long."""


@pytest.fixture
def server() -> Iterator[LoopbackAWS]:
    with serving(SimulatedAWS(SimulatorSettings(kind="fsx", seconds={"CANCELING": 0}))) as server:
        yield server


def run(server: LoopbackAWS, what: str, when: str, *tasks: str) -> float:
    """Run the program, and return how many seconds it took."""
    command = [sys.executable, "-m", "tests.exiting_program", server.url, what, when, *tasks]
    began = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=SOON, check=False
    )
    assert (done.stderr, done.returncode) == ("", 0)
    return time.monotonic() - began


@pytest.mark.parametrize(
    "what", ["batch", "guard", "async_batch", "async_batch_with_a_journal", "async_guard"]
)
@pytest.mark.parametrize("when", ["at exit", "at exit, without threads", "in a thread, after main"])
def test_what_begins_while_the_program_ends_is_done(
    server: LoopbackAWS, what: str, when: str
) -> None:
    tasks = [FSX.start(server.aws, "EXECUTING") for _ in range(2)]
    run(server, what, when, *tasks)
    assert {server.aws.fsx().status(task) for task in tasks} == {"CANCELED"}


def test_a_batch_that_was_left_does_not_keep_the_program_alive(server: LoopbackAWS) -> None:
    tasks = [FSX.start(server.aws, "CANCELED"), FSX.start(server.aws, "EXECUTING")]
    elsewhere = server.aws.fsx(region="eu-west-1").start(status="EXECUTING")
    tasks.append(f"arn:aws:fsx:eu-west-1:123456789012:task/{elsewhere}")
    assert run(server, "left_batch", "now", *tasks) < 10
    sent = len(server.aws.requests)
    time.sleep(0.5)
    assert len(server.aws.requests) == sent < 10


# --- where no thread can be started --------------------------------------------------------


@pytest.fixture
def no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        msg = "can't start new thread"
        raise RuntimeError(msg)

    monkeypatch.setattr(threading.Thread, "start", refuse)


@pytest.mark.usefixtures("no_threads")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_batch_is_done_by_the_thread_that_asks_for_it(kind: Kind) -> None:
    """Each result comes as soon as it is there."""
    aws = SimulatedAWS()
    tasks = [kind.start(aws, kind.running) for _ in range(3)]
    for number, result in enumerate(client_of(aws).cancel_many(tasks), 1):
        assert result.task == tasks[number - 1]
        assert len(aws.requests) == number
    summary = client_of(aws).cancel_and_wait_many([*tasks, kind.start(aws, kind.running)]).finish()
    assert len(summary.done) == 4


def test_a_batch_makes_do_with_fewer_threads_than_workers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start, started = threading.Thread.start, list[threading.Thread]()

    def start_two(thread: threading.Thread) -> None:
        if len(started) == 2:
            msg = "can't start new thread"
            raise RuntimeError(msg)
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_two)
    aws = SimulatedAWS()
    tasks = [FSX.start(aws, "EXECUTING") for _ in range(20)]
    assert len(client_of(aws).cancel_many(tasks).finish().done) == 20
    assert len(started) == 2
