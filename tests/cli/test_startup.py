"""What starting a command loads, for a command is waited for."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from botocancel.testing import SimulatedAWS
    from tests.cli.conftest import Operator


def told_at_the_end(operator: Operator, expression: str, *arguments: str) -> list[str]:
    """Return the words that an expression is worth when a command ends."""
    code = (
        "import atexit, gc, sys; "
        f"atexit.register(lambda: print('told', *{expression}, file=sys.stderr)); "
        "from botocancel.cli import main; main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=operator.variables,
        capture_output=True,
        text=True,
        check=False,
    )
    first, *words = ran.stderr.splitlines()[-1].split()
    assert first == "told"
    return words


def loaded_by(operator: Operator, *arguments: str) -> set[str]:
    """Return the modules that a command has loaded when it ends."""
    return {*told_at_the_end(operator, "sys.modules", *arguments)}


def packages(modules: set[str]) -> set[str]:
    """Return the names of the packages at the top."""
    return {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_loads_neither_a_command_nor_what_commands_need(
    arguments: list[str], operator: Operator
) -> None:
    loaded = loaded_by(operator, *arguments)
    assert not packages(loaded) & {"attr", "botocore", "boto3", "rich", "asyncio", "urllib3"}
    assert {name for name in loaded if name.startswith("botocancel")} == {
        "botocancel",
        "botocancel._imports",
        "botocancel._text",
        "botocancel.cli",
        "botocancel.cli._group",
        "botocancel.cli._status",
        "botocancel.cli._streams",
    }


def test_a_list_for_a_program_loads_nothing_that_draws(
    aws: SimulatedAWS, operator: Operator
) -> None:
    aws.fsx().start()
    loaded = loaded_by(operator, "ls", "--output", "jsonl")
    assert not packages(loaded) & {"boto3", "rich", "asyncio"}
    assert "botocancel.cli.ls" in loaded


@pytest.mark.parametrize("options", [(), ("--wait",), ("--output", "json")])
def test_a_cancel_that_nobody_looks_at_loads_nothing_that_draws(
    options: tuple[str, ...], aws: SimulatedAWS, operator: Operator
) -> None:
    loaded = loaded_by(operator, "cancel", aws.fsx().start(), "--poll", "10ms", *options)
    assert not packages(loaded) & {"boto3", "rich", "asyncio"}


@pytest.mark.parametrize("command", ["ls", "cancel"])
def test_a_command_loads_no_other_and_no_simulator(
    command: str, aws: SimulatedAWS, operator: Operator
) -> None:
    task = aws.fsx().start()
    loaded = loaded_by(operator, command, *([task] if command == "cancel" else []))
    own = {f"botocancel.cli.{name}" for name in ("ls", "cancel", "show", "wait", "run", "demo")}
    assert loaded & own == {f"botocancel.cli.{command}"}
    assert not packages(loaded) & {"boto3", "asyncio", "aiohttp"}
    assert not {name for name in loaded if name.startswith("botocancel.testing")}
    assert "botocancel.aio" not in loaded


def test_a_short_command_looks_for_no_garbage_and_nothing_does_when_it_ends(
    aws: SimulatedAWS, operator: Operator
) -> None:
    """The process is the command's own, and half of its end would be that search."""
    told = "(gc.get_stats()[2]['collections'], gc.get_freeze_count() > 10_000)"
    assert told_at_the_end(operator, told, "cancel", aws.fsx().start()) == ["0", "True"]


def test_the_module_is_the_command(operator: Operator) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "botocancel", "--version"],
        env={**os.environ, **operator.variables},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.startswith("botocancel, version ")
