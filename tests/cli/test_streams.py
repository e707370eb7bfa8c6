"""Every command in every state of its standard streams."""

from __future__ import annotations

import codecs
import json
import os
import shlex
import socket
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from botocancel import TaskExecutionRef
from botocancel.cli._group import COMMANDS
from botocancel.testing import Fault, FaultKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from botocancel.testing import SimulatedAWS
    from tests.cli.conftest import Operator

FOREIGN = "数据 café 💥"
"""No encoding but Unicode's has all of it."""

STATES = {
    "stdin is closed": "<&-",
    "stdout is closed": ">&-",
    "stderr is closed": "2>&-",
    "all are closed": "<&- >&- 2>&-",
    "stdin cannot be read": "0>/dev/full",
    "stdout is full": ">/dev/full",
    "stderr is full": "2>/dev/full",
}
ENCODINGS = ("cp1252", "latin-1", "ascii")

CALLS: Mapping[str, tuple[str, int]] = {
    "ls": ("ls --all", 0),
    "cancel": ("cancel FAILED", 0),
    "show": ("show FAILED", 0),
    "wait": ("wait FAILED", 1),
    "resume": ("resume /dev/null --output json", 0),
    "restart": ("restart FAILED", 1),
    "run": (f"run -- sh -c 'echo {FOREIGN}; exit 7'", 7),
    "services": ("services", 0),
    "policy": ("policy", 0),
    "completion": ("completion bash", 0),
    "demo": ("demo", 0),
}
"""A call of each command that writes to standard output or error, and its exit status."""


def start(
    operator: Operator, arguments: Iterable[str], redirection: str = "", **variables: str
) -> subprocess.Popen[bytes]:
    """Start a command with its streams redirected by a shell."""
    line = f"exec {shlex.quote(operator.program)} {shlex.join(arguments)} {redirection}"
    return subprocess.Popen(
        ["bash", "-c", line],  # noqa: S607  (whichever bash there is)
        env={**operator.variables, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.fixture
def failed(aws: SimulatedAWS) -> str:
    """A task whose failure no encoding but Unicode's can write."""
    return aws.fsx().start(status="FAILED", failure=FOREIGN)


def test_each_command_is_tested() -> None:
    assert {*CALLS, "simulate"} == COMMANDS.keys()


def words_of(line: str, task: str) -> list[str]:
    return [task if word == "FAILED" else word for word in shlex.split(line)]


def outputs_of(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """Let a command end, and return what it wrote."""
    stdout, stderr = process.communicate(timeout=60)
    assert b"Traceback" not in stderr
    assert b"this is a bug" not in stderr
    return stdout, stderr


@pytest.mark.parametrize("name", CALLS)
def test_a_command_ends_as_documented_whatever_the_state_of_its_streams(
    name: str, failed: str, operator: Operator
) -> None:
    line, usual = CALLS[name]
    arguments = words_of(line, failed)
    started = {state: start(operator, arguments, each) for state, each in STATES.items()}
    for state, process in started.items():
        _, stderr = outputs_of(process)
        lost = state == "stdout is full" and name != "restart"  # which writes only an error
        assert process.returncode == (usual or (1 if lost else 0)), state
        assert (b"standard output: No space left on device" in stderr) is lost


@pytest.mark.parametrize("name", ["ls", "cancel", "show", "wait", "restart", "run", "demo"])
def test_what_an_encoding_lacks_ends_no_command(
    name: str, failed: str, aws: SimulatedAWS, operator: Operator
) -> None:
    refused = Fault(kind=FaultKind.ERROR, code="AccessDeniedException", message=FOREIGN, times=None)
    aws.inject(refused)
    lines = {
        "run": "run --task FAILED -- sh -c 'exit 1'",
        "restart": f"restart {TaskExecutionRef.example}",
    }
    line = lines.get(name, CALLS[name][0])
    started = {
        encoding: start(operator, words_of(line, failed), PYTHONIOENCODING=encoding)
        for encoding in ENCODINGS
    }
    for encoding, process in started.items():
        stdout, stderr = (each.decode(encoding) for each in outputs_of(process))
        assert process.returncode == (name != "demo")
        assert ("\\u6570\\u636e caf" in stdout + stderr) is (name != "demo")


@pytest.mark.parametrize("redirection", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "2>/dev/full"])
def test_the_simulated_aws_answers_whatever_the_state_of_its_streams(
    redirection: str, operator: Operator
) -> None:
    port = free_port()
    process = start(operator, ["simulate", "--port", str(port)], redirection)
    answered = answers(port)
    process.terminate()
    _, stderr = process.communicate(timeout=60)
    assert answered
    assert (process.returncode, stderr) == (0, b"")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def answers(port: int) -> bool:
    """Wait until somebody listens."""
    for _ in range(600):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_json_is_whole_in_every_encoding(encoding: str, failed: str, operator: Operator) -> None:
    process = start(operator, ["show", failed, "--output", "json"], PYTHONIOENCODING=encoding)
    stdout, _ = process.communicate(timeout=60)
    assert json.loads(stdout.decode(encoding))["failure"] == FOREIGN


def test_text_is_escaped_no_more_than_an_encoding_needs(failed: str, operator: Operator) -> None:
    stdout, _ = start(operator, ["show", failed], PYTHONIOENCODING="latin-1").communicate(
        timeout=60
    )
    assert b"\\u6570\\u636e caf\xe9 \\U0001f4a5" in stdout


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["ls", "--help"], ["simulate"]])
def test_what_cannot_be_written_is_a_failure(arguments: list[str], operator: Operator) -> None:
    process = start(operator, arguments, ">/dev/full")
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    assert stderr == b"botocancel: standard output: No space left on device\n"


@pytest.mark.parametrize(
    "line", ["ls --all", "show FAILED", "wait FAILED", "services", "demo", "policy", "--help"]
)
def test_a_reader_who_leaves_ends_a_command_quietly(
    line: str, failed: str, operator: Operator
) -> None:
    call = f"'{operator.program}' {line.replace('FAILED', failed)}"
    ran = operator.shell(f"{call} | true; echo ${{PIPESTATUS[0]}}")
    assert (ran.stdout, ran.stderr) == ("141\n", "")


def test_nothing_that_is_opened_gets_the_number_of_a_closed_stream(
    failed: str, aws: SimulatedAWS, operator: Operator
) -> None:
    """Else what is said on standard error would be sent to AWS."""
    process = start(operator, ["show", failed, "-v"], "<&- >&- 2>&-")
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert len(aws.requests) == 1


def test_a_stream_that_does_not_wait_is_waited_for(operator: Operator) -> None:
    """Whoever shares a pipe may have made it so, as Node.js does."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    process = subprocess.Popen(
        [operator.program, "run", "--", "seq", "200000"], stdout=writing, env=operator.variables
    )
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        written = stream.read()
    assert process.wait(60) == 0
    assert written.split() == [b"%d" % number for number in range(1, 200_001)]


@pytest.mark.parametrize(
    ("form", "encoding"),
    [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF8, "utf-8"), (b"", "utf-8")],
)
def test_ids_are_read_in_the_encodings_that_shells_write(
    form: bytes, encoding: str, aws: SimulatedAWS, operator: Operator
) -> None:
    task = aws.fsx().start(status="EXECUTING")
    ran = subprocess.run(
        [operator.program, "cancel", "-"],
        input=form + f"{task}\r\n".encode(encoding),
        env=operator.variables,
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert aws.fsx().status(task) == "CANCELING"


@pytest.mark.parametrize(
    ("redirection", "complaint"),
    [
        ("0>/dev/full", b"standard input cannot be read: Bad file descriptor"),
        ("</dev/zero", b"standard input holds more than 64 MiB, which is no list of tasks"),
    ],
)
def test_ids_that_cannot_be_read_are_a_mistake(
    redirection: str, complaint: bytes, operator: Operator
) -> None:
    process = start(operator, ["cancel", "-"], redirection)
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (2, b"")
    assert stderr == b"botocancel: " + complaint + b"\n"
