"""What README and docs show in terminals, with AWS's command line: it happens as they show it."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.request import urlopen

import pytest

from tests.witnesses.speakers import PATIENCE, ROOT, command_line, variables

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

PAGES = [ROOT / "README.md", ROOT / "docs" / "simulate.md"]
FILE = re.compile(
    r"With a\s+file `(?P<name>[\w.]+)`,\n\n```yaml\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
TERMINAL = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SIMULATE = ["botocancel", "simulate"]
PORT = "8642"


class Shown(NamedTuple):
    """A command in a page, and what the page shows that it prints."""

    command: list[str]
    printed: str


def shown(page: Path, port: str) -> list[Shown]:
    """Return the commands of a page, from the one that starts the server on."""
    terminals = "".join(TERMINAL.findall(page.read_text("utf-8"))).replace(PORT, port)
    parts = [part.partition("\n") for part in re.split(r"^\$ ", terminals, flags=re.MULTILINE)[1:]]
    commands = [Shown(shlex.split(line), printed.strip()) for line, _, printed in parts]
    started = next(i for i, one in enumerate(commands) if one.command[:2] == SIMULATE)
    return commands[started:]


@contextmanager
def simulating(start: Shown, folder: Path) -> Generator[dict[str, str]]:
    """Start the server as shown, and return what it says to set."""
    program = [sys.executable, "-m", *start.command]
    with subprocess.Popen(program, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        watchdog = threading.Timer(PATIENCE, process.kill)
        watchdog.start()
        assert process.stdout
        expected = start.printed.splitlines()
        lines = [line.rstrip("\n") for line in islice(process.stdout, len(expected))]
        exports = [line.removeprefix("export ") for line in lines if line.startswith("export ")]
        try:
            assert lines == expected
            yield dict(export.split("=", 1) for export in exports)
        finally:
            process.terminate()
            watchdog.cancel()


def run(command: list[str], endpoints: Mapping[str, str]) -> str:
    """Run a command as a terminal would, and return what it prints."""
    program, *arguments = command
    if program == "curl":
        _, body, url = arguments
        with urlopen(url, body.encode(), timeout=PATIENCE) as answer:  # noqa: S310  (of the server)
            return str(answer.read(), "utf-8")
    assert program == "aws"
    return subprocess.run(
        [command_line(), *arguments],
        env=variables(endpoints),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    ).stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_terminals_of_a_page_show_what_happens(page: Path, tmp_path: Path) -> None:
    command_line()
    text = page.read_text("utf-8")
    [(name, scenario)] = FILE.findall(text)
    (tmp_path / name).write_text(scenario)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    start, *others = shown(page, port)
    assert len(others) >= 4
    with simulating(start, tmp_path) as endpoints:
        for command, printed in others:
            heard = run(command, endpoints).strip()
            assert command[0] == "curl" or heard == printed


def test_the_server_is_started_from_python_as_the_page_shows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    aws = Path(command_line())
    monkeypatch.setenv("PATH", str(aws.parent), prepend=os.pathsep)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    page = (ROOT / "docs" / "simulate.md").read_text("utf-8")
    [code] = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    exec(compile(code, "simulate.md", "exec"), {})  # noqa: S102  (the project's own documentation)
