"""Real processes under a guard: killed, they take their task along, and die as they would have.

The task is simulated here, and cancelled over a socket.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from botocancel.testing import Fault, FaultKind, SimulatedAWS
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


@pytest.mark.parametrize("guard", ["plain", "nested", "coroutine"])
def test_a_process_that_is_killed_by_sigterm_takes_its_task_along(
    server: LoopbackAWS, task: str, guard: str
) -> None:
    with program(server, task, guard, "wait") as process:
        assert server.aws.requests == []
        process.send_signal(signal.SIGTERM)
        assert process.wait(SOON) == -signal.SIGTERM
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
