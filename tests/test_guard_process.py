"""Real processes under a guard: killed, they take their task along, and die as they would have.

The task is simulated here, and cancelled over a socket.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from botocancel.testing import Fault, FaultKind, SimulatedAWS
from tests.interrupted_program import Run
from tests.loopback import serving
from tests.simulated import FSX, asked

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from tests.loopback import LoopbackAWS

ROOT = Path(__file__).parent.parent
SOON = 60.0
"""Seconds after which a test that hangs gives up; none takes so long."""


@pytest.fixture
def server() -> Iterator[LoopbackAWS]:
    with serving(SimulatedAWS()) as server:
        yield server


@pytest.fixture
def task(server: LoopbackAWS) -> str:
    return FSX.start(server.aws, "EXECUTING")


@contextmanager
def program(
    server: LoopbackAWS, task: str, guard: str, end: str
) -> Generator[subprocess.Popen[str]]:
    """Start the program and wait until it is in the block."""
    command = [sys.executable, "-m", "tests.guarded_program", server.url, task, guard, end]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("guard", ["plain", "nested", "coroutine"])
def test_a_process_that_is_killed_by_a_signal_takes_its_task_along(
    server: LoopbackAWS, task: str, guard: str, number: int
) -> None:
    with program(server, task, guard, "wait") as process:
        assert server.aws.requests == []
        process.send_signal(number)
        assert process.wait(SOON) == -number
    assert server.aws.fsx().status(task) == "CANCELING"
    assert asked(server.aws) == {FSX.cancel: 1}


@pytest.mark.parametrize("guard", ["plain", "coroutine"])
def test_a_process_that_is_killed_by_ctrl_c_takes_its_task_along(
    server: LoopbackAWS, task: str, guard: str
) -> None:
    with program(server, task, guard, "wait") as process:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=SOON)
        assert process.returncode == -signal.SIGINT
    assert server.aws.fsx().status(task) == "CANCELING"
    assert errors.endswith("KeyboardInterrupt\n")


@pytest.mark.parametrize("guard", ["plain", "coroutine"])
def test_a_process_that_dies_of_an_exception_takes_its_task_along(
    server: LoopbackAWS, task: str, guard: str
) -> None:
    with program(server, task, guard, "raise") as process:
        _, errors = process.communicate(timeout=SOON)
        assert process.returncode == 1
    assert server.aws.fsx().status(task) == "CANCELING"
    assert errors.endswith("RuntimeError: the block died\n")


def test_a_process_that_exits_in_the_block_takes_its_task_along(
    server: LoopbackAWS, task: str
) -> None:
    with program(server, task, "plain", "exit") as process:
        assert process.wait(SOON) == 7
    assert server.aws.fsx().status(task) == "CANCELING"


def test_a_process_that_leaves_the_block_leaves_its_task_alone(
    server: LoopbackAWS, task: str
) -> None:
    with program(server, task, "plain", "return") as process:
        assert process.wait(SOON) == 0
    assert server.aws.requests == []


def test_a_process_whose_threads_have_guards_takes_their_tasks_along(
    server: LoopbackAWS, task: str
) -> None:
    with program(server, task, "threads", "wait") as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(SOON) == -signal.SIGTERM
    assert server.aws.fsx().status(task) == "CANCELING"
    assert asked(server.aws)[FSX.cancel] == 1


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.02])
@pytest.mark.parametrize(
    ("first", "second"), [(signal.SIGINT, signal.SIGTERM), (signal.SIGINT, signal.SIGINT)]
)
def test_two_signals_that_follow_each_other_take_the_task_along(
    server: LoopbackAWS, task: str, first: int, second: int, seconds: float
) -> None:
    """As tox, and whoever ends a process group twice, send them."""
    with program(server, task, "plain", "wait") as process:
        process.send_signal(first)
        time.sleep(seconds)
        process.send_signal(second)
        assert process.wait(SOON) != 0
    assert server.aws.fsx().status(task) == "CANCELING"


def test_a_process_with_a_handler_of_its_own_exits_as_that_says(
    server: LoopbackAWS, task: str
) -> None:
    with program(server, task, "with_a_handler_of_its_own", "wait") as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(SOON) == 9
    assert server.aws.fsx().status(task) == "CANCELING"


def test_a_process_dies_of_what_it_died_of_even_if_the_cancel_fails(
    server: LoopbackAWS, task: str
) -> None:
    server.aws.inject(Fault(kind=FaultKind.ERROR, code="AccessDeniedException", times=None))
    with program(server, task, "plain", "raise") as process:
        _, errors = process.communicate(timeout=SOON)
        assert process.returncode == 1
    assert "RuntimeError: the block died\n" in errors
    assert f"{task} may go on, for its cancel failed" in errors
    assert server.aws.fsx().status(task) == "EXECUTING"


@pytest.mark.parametrize(("end", "status"), [("exit", 7), ("raise", 1), ("wait", -signal.SIGTERM)])
def test_a_forked_child_leaves_the_tasks_to_its_parent(
    server: LoopbackAWS, task: str, end: str, status: int
) -> None:
    """However it ends: it may leave the block, or be killed, which no handler is in the way of."""
    with program(server, task, "forks", end) as process:
        output, _ = process.communicate(timeout=SOON)
        assert process.returncode == 0
    assert output == f"{status}\n"
    assert server.aws.requests == []


TERM, INT = int(signal.SIGTERM), int(signal.SIGINT)
EITHER: list[tuple[int, ...]] = [(TERM,), (INT,)]
TWO_AT_ONCE = [(TERM, TERM), (TERM, INT), (INT, TERM), (INT, INT)]
ARRIVING: dict[str, list[tuple[int, ...]]] = {
    "ends_well": [*EITHER, *TWO_AT_ONCE],
    "dies": [*EITHER, *TWO_AT_ONCE],
    "adds": EITHER,
    "nested": EITHER,
    "swallows": [(TERM,)],  # a Ctrl-C that the block catches is its own
    "coroutine": [*EITHER, *TWO_AT_ONCE],
    "coroutine_dies": [(TERM,), (TERM, TERM)],  # asyncio forgets a Ctrl-C that comes at the end
}
STATUSES = {TERM: {-TERM, 128 + TERM}, INT: {-INT, 128 + INT}}
EVERY = 29
"""A test looks at one place of so many; all of them take some minutes."""


@pytest.mark.parametrize("block", ARRIVING)
def test_wherever_signals_arrive_tasks_are_cancelled_unless_the_block_ended_well(
    block: str,
) -> None:
    """At each bytecode of entering, of the block and of leaving; and the process dies of them."""
    arriving = [",".join(map(str, signals)) for signals in ARRIVING[block]]
    command = [sys.executable, "-m", "tests.interrupted_program", block, str(EVERY), *arriving]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    runs = [Run(*json.loads(line)) for line in done.stdout.splitlines()]
    assert len(runs) > 5 * len(arriving)
    for run in runs:
        assert run.ended_well or run.canceled >= run.entrusted or not run.guarded, run
        assert any(run.status in STATUSES[number] for number in run.signals), run
