"""The demo, as a new user runs it, and that it does not claim what does not hold."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from rich.console import Console

from botocancel import NotFound, TaskEnded
from botocancel.cli import demo
from botocancel.cli._stage import Scene, Stage, perform

if TYPE_CHECKING:
    from collections.abc import Callable

COMMAND = Path(sys.executable).parent / "botocancel"


def run_demo(*, width: int = 80, encoding: str = "utf-8", **variables: str) -> str:
    """Run the installed command, insist that it succeeds, and return what it prints."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TERM"}
    }
    environment |= {"COLUMNS": str(width), "PYTHONIOENCODING": encoding, **variables}
    answer = subprocess.run(
        [COMMAND, "demo"], capture_output=True, check=False, encoding=encoding, env=environment
    )
    assert (answer.returncode, answer.stderr) == (0, ""), answer.stdout + answer.stderr
    return answer.stdout


@pytest.fixture(scope="module")
def shown() -> str:
    """What the demo prints into a pipe, on lines as long as they come."""
    return run_demo(width=1000)


@pytest.mark.parametrize(
    "expected",
    [
        "export = client.call(",
        "client.call(StartTaskExecutionRequest(task_arn=task_arn))",
        "list(client.active())",
        "TRANSFERRING",
        "EXECUTING",
        "client.cancel(export)",
        "client.cancel(execution)",
        "CancelDataRepositoryTaskResponse",
        "CancelTaskExecutionResponse",
        "CANCELING, then CANCELED",
        "CANCELLING, then ERROR",
        "reported",
        "inferred",
        "Files already exported are not reverted",
        "Files being transferred are cut off",
        "Start a new execution of the same task",
        "client.restart(execution)",
        "caught as TaskEnded, FSxError",
        "SUCCEEDED",
        "caught as NotFound, DataSyncError",
        "caught as Unsupported, FSxError",
        "caught as InternalException, DataSyncError",
        "2 attempts",
        "it has upper-case letters",
        "All of it held.",
    ],
)
def test_it_shows(shown: str, expected: str) -> None:
    assert expected in shown


def test_every_scene_plays_and_none_fails(shown: str) -> None:
    for number, scene in enumerate(demo.SCENES, 1):
        assert f"\n{number}. {scene.title} " in shown
    assert "FAILED" not in shown
    assert shown.count("✓") >= len(demo.SCENES)


@pytest.mark.parametrize("width", [80, 120])
def test_it_fits_the_terminal(width: int) -> None:
    assert max(map(len, run_demo(width=width).splitlines())) <= width


def test_it_is_plain_where_colours_are_not_wanted(shown: str) -> None:
    assert "\x1b" not in shown
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", run_demo(FORCE_COLOR="1", NO_COLOR="1"))
    assert "\x1b[36m" in run_demo(FORCE_COLOR="1")


def test_it_prints_where_only_ascii_can_be_printed() -> None:
    assert "  ok nothing was sent" in run_demo(encoding="ascii")


def claims_what_is_not_true(stage: Stage) -> None:
    stage.check("one and one is three", holds=len("abc") == 1 + 1)


def raises_nothing(stage: Stage) -> None:
    stage.refuse("list(client.active())", TaskEnded)


def raises_something_else(stage: Stage) -> None:
    stage.names["id"] = "task-0123456789abcdef0"
    stage.refuse("client.cancel(id)", TaskEnded)


def answers_something_else(stage: Stage) -> None:
    stage.run("list(client.active())", int)


def holds(stage: Stage) -> None:
    stage.names["id"] = "task-0123456789abcdef0"
    stage.refuse("client.cancel(id)", NotFound)


@pytest.mark.parametrize(
    ("play", "failure"),
    [
        (claims_what_is_not_true, "one and one is three"),
        (raises_nothing, "TaskEnded was to be raised, and it returned []"),
        (raises_something_else, "DataRepositoryTaskNotFound: "),
        (answers_something_else, "TypeError: expected <class 'int'>, got []"),
    ],
)
def test_what_does_not_hold_is_shown_and_the_other_scenes_play(
    play: Callable[[Stage], None], failure: str
) -> None:
    console = Console(file=io.StringIO(), width=1000, record=True)
    stage = Stage(console)
    assert not perform([Scene("first", play), Scene("second", holds)], stage)
    shown = console.export_text()
    assert len(stage.failures) == 1
    assert failure in stage.failures[0]
    assert f"FAILED: {stage.failures[0]}" in shown
    assert "caught as NotFound" in shown


def test_the_exit_status_says_that_something_did_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "SCENES", (Scene("broken", claims_what_is_not_true),))
    answer = CliRunner().invoke(demo.command)
    assert answer.exit_code == 1
    assert "one and one is three" in answer.output
    assert "1 of the claims did not hold." in answer.output
