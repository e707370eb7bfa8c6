"""The installed command, as a shell starts it."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from botocancel.cli._group import COMMANDS

INSTALLED = [str(Path(sys.executable).parent / "botocancel")]
MODULE = [sys.executable, "-m", "botocancel"]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, check=False, encoding="utf-8")


@pytest.mark.parametrize("command", [INSTALLED, MODULE], ids=["installed", "module"])
def test_it_says_its_version(command: list[str]) -> None:
    answer = run(*command, "--version")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout == f"botocancel, version {version('botocancel')}\n"


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_lists_the_commands(option: str) -> None:
    answer = run(*INSTALLED, option)
    assert answer.returncode == 0
    listed = [" ".join(line.split()) for line in answer.stdout.splitlines()]
    for name, what_it_does in COMMANDS.items():
        assert f"{name} {what_it_does}" in listed


def test_help_loads_neither_a_command_nor_what_commands_need() -> None:
    code = (
        "import sys\n"
        "from botocancel.cli import main\n"
        "sys.argv = ['botocancel', '--help']\n"
        "try: main()\n"
        "except SystemExit: print(*sys.modules)\n"
    )
    loaded = set(run(sys.executable, "-c", code).stdout.split())
    assert "click" in loaded
    assert not loaded & {"attrs", "botocore", "rich.console", "botocancel.cli.demo"}


def test_an_unknown_command_is_a_usage_error() -> None:
    answer = run(*INSTALLED, "nonsense")
    assert answer.returncode == 2
    assert "No such command 'nonsense'" in answer.stderr


@pytest.mark.parametrize(
    ("hidden", "needed"),
    [(["click"], "click"), (["rich"], "rich"), (["click", "rich"], "click and rich")],
)
def test_without_the_extra_it_says_what_to_install(hidden: list[str], needed: str) -> None:
    code = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({hidden}))\n"
        "from botocancel.cli import main\n"
        "main()"
    )
    answer = run(sys.executable, "-c", code)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == f"botocancel needs {needed} to run: pip install 'botocancel[cli]'\n"
