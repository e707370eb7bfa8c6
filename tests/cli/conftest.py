"""The installed command, in a process of its own, against the simulated AWS over HTTP."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import attrs
import pytest

from botocancel.testing import Fault, FaultKind, SimulatedAWS
from botocancel.testing._models import botocore_is_older

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

SECRET = "AnExampleOfASecretThatMustNeverBeSeen"
TOO_OLD = "was left out: this botocore's model of "
_PATIENCE = 25.0
"""Seconds after which a command is said to hang; less than it waits for an answer of AWS."""

TOKEN = "AnExampleOfASessionTokenThatMustNeverBeSeen"


@attrs.frozen
class Ran:
    """What a command has written, and how it ended."""

    status: int
    stdout: str
    stderr: str

    @property
    def lines(self) -> list[str]:
        """The lines of standard output."""
        return self.stdout.splitlines()

    @property
    def documents(self) -> list[dict[str, Any]]:
        """The JSON documents on standard output, whether in a list or one a line."""
        if self.stdout.startswith("["):
            return list(json.loads(self.stdout))
        return [json.loads(line) for line in self.lines]


class Started:
    """A command that is at work, with its streams piped."""

    def __init__(self, command: list[str], variables: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            command,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        """Return the next line of standard output."""
        return _line_of(self.process.stdout)

    def complaint(self) -> str:
        """Return the next line of standard error."""
        return _line_of(self.process.stderr)

    def end(self) -> Ran:
        """Let it go on to its end.

        Raises:
            TimeoutExpired: It hangs.
        """
        try:
            stdout, stderr = self.process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        return Ran(self.process.returncode, stdout, stderr)


def _line_of(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline().rstrip("\n")


class Operator:
    """Somebody who types commands, and the environment that they type them in."""

    def __init__(self, aws: SimulatedAWS, variables: Mapping[str, str], home: Path) -> None:
        self.aws = aws
        self.home = home
        found = shutil.which("botocancel", path=Path(sys.executable).parent)
        assert found is not None, "the command is not installed"
        self.program = found
        self.variables = {
            **{name: value for name, value in os.environ.items() if name.startswith("COVERAGE")},
            **variables,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_SESSION_TOKEN": TOKEN,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",  # botocore's own retries wait in real time
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
        }

    def run(self, *arguments: str, stdin: str = "", **variables: str | None) -> Ran:
        """Run the command with its streams piped; a variable that is None is not set."""
        return self._ran([self.program, *arguments], stdin, variables)

    def shell(self, line: str) -> Ran:
        """Let bash run a line."""
        return self._ran(["bash", "-c", line], "", {})

    def start(self, *arguments: str) -> Started:
        """Start the command, and let it go on."""
        return Started([self.program, *arguments], self.variables)

    def _ran(self, command: list[str], stdin: str, variables: Mapping[str, str | None]) -> Ran:
        env = {**self.variables, **variables}
        ran = subprocess.run(
            command,
            env={name: value for name, value in env.items() if value is not None},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        output = ran.stdout + ran.stderr
        assert SECRET not in output
        assert TOKEN not in output
        assert "Traceback" not in ran.stderr or "--debug" in command
        return Ran(ran.returncode, ran.stdout, self._known(ran.stderr))

    def _known(self, complaints: str) -> str:
        """Leave out what is said of kinds that an older botocore does not know, if this is one."""
        if not botocore_is_older():
            return complaints
        return "".join(line for line in complaints.splitlines(keepends=True) if TOO_OLD not in line)

    def lets_time_pass(self, seconds: float = 5.0) -> None:
        """Let so much simulated time pass with each request, so that no test waits for it."""
        self.aws.inject(Fault(kind=FaultKind.SLOW, seconds=seconds, times=None, late=False))


@pytest.fixture
def aws() -> SimulatedAWS:
    """The simulated AWS, where it is an hour ago; time stands still unless it is moved."""
    return SimulatedAWS(start=datetime.now(UTC) - timedelta(hours=1))


@pytest.fixture
def operator(aws: SimulatedAWS, tmp_path: Path) -> Generator[Operator]:
    """Somebody at the command line."""
    with aws.serve() as server:
        yield Operator(aws, server.environment, tmp_path)
    assert not server.failures


@pytest.fixture
def years_ago(tmp_path: Path) -> Generator[tuple[SimulatedAWS, Operator]]:
    """An AWS whose clock is years behind this machine's, and somebody at the command line."""
    aws = SimulatedAWS(start=datetime(2020, 2, 29, tzinfo=UTC))
    with aws.serve() as server:
        yield aws, Operator(aws, server.environment, tmp_path)
    assert not server.failures
