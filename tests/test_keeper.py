"""A keeper cancels what its program guarded, when the program died so that it could not itself."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from botocancel import AsyncTaskClient, ConfigurationError, InvalidInput, TaskClient
from botocancel.journal import read
from botocancel.testing import ConnectionLost, Fault, FaultKind, SimulatedAWS
from tests.loopback import serving
from tests.simulated import FSX, KINDS, Kind, asked, client_of, clients_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from botocancel.testing.wire import HttpRequest
    from tests.loopback import LoopbackAWS

ROOT = Path(__file__).parent.parent
SOON = 60.0
"""Seconds after which a test that hangs gives up; none takes so long."""
MARK = "BOTOCANCEL_TEST"

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no keepers here")


@pytest.fixture
def server() -> Iterator[LoopbackAWS]:
    with serving(SimulatedAWS()) as server:
        yield server


@pytest.fixture
def task(server: LoopbackAWS) -> str:
    return FSX.start(server.aws, FSX.running)


@pytest.fixture
def mark() -> str:
    """What the processes of a test have in their environment."""
    return uuid4().hex


def living(mark: str) -> list[int]:
    """Return the processes of a test that live."""
    text = f"{MARK}={mark}".encode()
    return [int(path.name) for path in Path("/proc").iterdir() if text in environment_of(path)]


def environment_of(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes() if process.name.isdecimal() else b""
    except OSError:
        return b""


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@contextmanager
def program(
    server: LoopbackAWS, mark: str, *arguments: str, errors: int = subprocess.PIPE
) -> Generator[subprocess.Popen[str]]:
    """Start the program; nothing of it is left in the end."""
    command = [sys.executable, "-m", "tests.kept_program", *arguments]
    environment = {
        **{name: text for name, text in os.environ.items() if not name.startswith("AWS_")},
        MARK: mark,
        "AWS_ACCESS_KEY_ID": "AKIASIMU123456789012",
        "AWS_SECRET_ACCESS_KEY": "simulated",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_FSX": server.url,
        "AWS_ENDPOINT_URL_DATASYNC": server.url,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        start_new_session=True,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
    until(lambda: not living(mark))


def once_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert any(line == "ready\n" for line in process.stdout)


@pytest.mark.parametrize("block", ["plain", "in_a_thread", "coroutine"])
def test_a_program_that_is_killed_takes_its_task_along(
    server: LoopbackAWS, mark: str, block: str
) -> None:
    for kind in KINDS:
        task = kind.start(server.aws, kind.running)
        with program(server, mark, block, task) as process:
            once_ready(process)
            assert len(living(mark)) == 2
            assert kind.cancel not in asked(server.aws)
            process.kill()
            process.wait(SOON)
        assert kind.status(server.aws, task) == kind.canceling
        assert asked(server.aws)[kind.cancel] == 1


def test_a_keeper_outlives_its_programs_process_group(
    server: LoopbackAWS, task: str, mark: str
) -> None:
    with program(server, mark, "plain", task) as process:
        once_ready(process)
        os.killpg(process.pid, signal.SIGKILL)
    assert FSX.status(server.aws, task) == FSX.canceling


def test_a_keeper_is_not_below_its_program(server: LoopbackAWS, task: str, mark: str) -> None:
    """Or supervisors that kill a tree of processes would kill it first."""
    with program(server, mark, "plain", task) as process:
        once_ready(process)
        (keeper,) = set(living(mark)) - {process.pid}
        status = Path(f"/proc/{keeper}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        assert process.pid not in {int(field) for field in status[1:4]}  # parent, group, session


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_a_keeper_does_not_hear_signals(
    server: LoopbackAWS, task: str, mark: str, number: int
) -> None:
    """A supervisor that ends every process of a service sends them to it, too."""
    with program(server, mark, "plain", task) as process:
        once_ready(process)
        (keeper,) = set(living(mark)) - {process.pid}
        os.kill(keeper, number)
        process.kill()
    assert FSX.status(server.aws, task) == FSX.canceling


def test_a_program_that_exits_with_nothing_unwound_takes_its_task_along(
    server: LoopbackAWS, task: str, mark: str
) -> None:
    with program(server, mark, "exits", task) as process:
        assert process.wait(SOON) == 3
    assert FSX.status(server.aws, task) == FSX.canceling


def test_a_program_that_leaves_the_block_leaves_its_task_alone(
    server: LoopbackAWS, task: str, mark: str
) -> None:
    with program(server, mark, "leaves", task) as process:
        once_ready(process)
        process.communicate("\n", timeout=SOON)
        assert process.returncode == 0
    assert asked(server.aws) == {}


def test_a_program_that_can_cancel_does_so_itself(
    server: LoopbackAWS, task: str, mark: str
) -> None:
    with program(server, mark, "plain", task) as process:
        once_ready(process)
        process.terminate()
        assert process.wait(SOON) == -signal.SIGTERM
    assert asked(server.aws) == {FSX.cancel: 1}


def test_a_keeper_knows_what_was_added_and_released(
    server: LoopbackAWS, task: str, mark: str
) -> None:
    other = FSX.start(server.aws, FSX.running)
    with program(server, mark, "adds", task, other) as process:
        once_ready(process)
        process.kill()
    assert FSX.status(server.aws, task) == FSX.canceling
    assert FSX.status(server.aws, other) == FSX.running


def test_a_keeper_rides_out_what_may_pass(server: LoopbackAWS, task: str, mark: str) -> None:
    server.aws.inject(Fault(kind=FaultKind.UNAVAILABLE, times=2))
    server.aws.inject(Fault(kind=FaultKind.ERROR, code="DataRepositoryTaskNotFound", after=2))
    with program(server, mark, "plain", task) as process:
        once_ready(process)
        process.kill()
    assert FSX.status(server.aws, task) == FSX.canceling


def test_a_keeper_goes_on_where_a_second_signal_ended_the_guards_cancelling(
    server: LoopbackAWS, task: str, mark: str
) -> None:
    is_down = True

    def lose(_: HttpRequest) -> None:
        if is_down:
            raise ConnectionLost(timed_out=False)

    server.watch = lose
    with program(server, mark, "plain", task) as process:
        once_ready(process)
        process.terminate()
        time.sleep(1.5)  # within a second, it would count as one with the first
        while process.poll() is None:
            process.terminate()
            time.sleep(0.2)
        is_down = False
        _, errors = process.communicate(timeout=SOON)
    assert f"guard: {task}: is left to its keeper" in errors
    assert FSX.status(server.aws, task) == FSX.canceling


# --- what it tells --------------------------------------------------------------------------------


def test_a_keeper_logs_where_its_program_did_and_to_a_file(
    server: LoopbackAWS, task: str, mark: str, tmp_path: Path
) -> None:
    log = tmp_path / "keeper.log"
    with program(server, mark, "plain", task, str(log)) as process:
        once_ready(process)
        process.kill()
        _, errors = process.communicate(timeout=SOON)
    form = rf"botocancel keeper \d+ of process {process.pid}: guard: {task}: cancel accepted\n"
    assert re.search(form, errors)
    assert re.search(form, log.read_text(encoding="utf-8"))


def test_a_keeper_tells_what_it_could_not_cancel(server: LoopbackAWS, task: str, mark: str) -> None:
    server.aws.inject(Fault(kind=FaultKind.ERROR, code="AccessDeniedException", times=None))
    with program(server, mark, "plain", task) as process:
        once_ready(process)
        process.kill()
        _, errors = process.communicate(timeout=SOON)
    assert f"guard: {task}: may go on, for its cancel failed" in errors


def test_a_keeper_cancels_though_nobody_reads_what_it_tells(
    server: LoopbackAWS, task: str, mark: str
) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while os.write(writing, b"." * 4096):
            pass
    except BlockingIOError:
        os.set_blocking(writing, True)
    with program(server, mark, "plain", task, errors=writing) as process:
        once_ready(process)
        process.kill()
    os.close(reading)
    os.close(writing)
    assert FSX.status(server.aws, task) == FSX.canceling


def test_what_a_keeper_cancels_is_in_the_journal(
    server: LoopbackAWS, task: str, mark: str, tmp_path: Path
) -> None:
    journal = tmp_path / "cancels.jsonl"
    with program(server, mark, "journaled", task, str(journal)) as process:
        once_ready(process)
        process.kill()
    (cancel,) = read(journal)[0]
    assert cancel.ref.id == task
    assert cancel.receipt is not None
    assert cancel.receipt.accepted


# --- credentials and endpoints ---------------------------------------------------------------


def test_a_keeper_is_handed_the_credentials_and_the_endpoint_of_ready_clients(
    server: LoopbackAWS, task: str, mark: str
) -> None:
    with program(server, mark, "explicit", task) as process:
        once_ready(process)
        process.kill()
    assert FSX.status(server.aws, task) == FSX.canceling


def test_a_keeper_has_credentials_that_are_good_when_it_needs_them(
    server: LoopbackAWS, task: str, mark: str
) -> None:
    left: list[float] = []

    def look(request: HttpRequest) -> None:
        token = request.headers["x-amz-security-token"]
        left.append(float(token.removeprefix("until-")) - time.time())

    server.watch = look
    with program(server, mark, "refreshed", task, "6") as process:
        once_ready(process)
        assert process.stdout is not None
        for _ in range(4):
            assert re.fullmatch(r"renewed in botocancel_\d+\n", process.stdout.readline())
        process.kill()
    assert FSX.status(server.aws, task) == FSX.canceling
    assert min(left) > 0


def test_what_a_keeper_is_handed_is_in_no_arguments_and_no_environment(
    server: LoopbackAWS, task: str, mark: str
) -> None:
    with program(server, mark, "refreshed", task, "600") as process:
        once_ready(process)
        (keeper,) = set(living(mark)) - {process.pid}
        for name in ("environ", "cmdline"):
            assert b"until-" not in Path(f"/proc/{keeper}/{name}").read_bytes()


def test_clients_with_several_credentials_have_no_keeper(
    aws: SimulatedAWS, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsx, datasync = clients_of(aws)
    monkeypatch.setattr(datasync._request_signer, "_credentials", object())  # noqa: SLF001
    client = TaskClient(clients=[fsx, datasync])
    with pytest.raises(ConfigurationError, match="several"):
        client.guard(FSX.start(aws), keeper=True)
    assert asked(aws) == {}


def test_clients_of_aiobotocore_have_no_keeper(aws: SimulatedAWS) -> None:
    meta = clients_of(aws)[0].meta
    awaited: Any = type("AioBaseClient", (), {"__module__": "aiobotocore.client", "meta": meta})
    with pytest.raises(ConfigurationError, match="clients of aiobotocore"):
        AsyncTaskClient(clients=[awaited()]).guard(FSX.start(aws), keeper=True)


# --- it is not left behind ---------------------------------------------------------------------


def test_no_process_and_no_descriptor_is_left_after_many_blocks(
    server: LoopbackAWS, task: str, mark: str
) -> None:
    with program(server, mark, "blocks", task, "40") as process:
        output, _ = process.communicate(timeout=SOON)
    assert output == "left 0 0\n"
    assert asked(server.aws) == {}


def test_where_nobody_waits_for_orphans_keepers_are_none(
    server: LoopbackAWS, task: str, mark: str
) -> None:
    with program(server, mark, "negligent", task, "12") as process:
        output, errors = process.communicate(timeout=SOON)
    assert output == "left 1 of 12\n", errors


def test_children_of_the_program_do_not_keep_its_death_from_the_keeper(
    server: LoopbackAWS, task: str, mark: str
) -> None:
    with program(server, mark, "forks", task) as process:
        once_ready(process)
        assert asked(server.aws) == {}
        process.kill()
        until(lambda: FSX.status(server.aws, task) == FSX.canceling)
        os.killpg(process.pid, signal.SIGKILL)
    assert asked(server.aws) == {FSX.cancel: 1}


def test_a_keeper_that_does_not_hear_the_release_is_ended_and_cancels_nothing(
    server: LoopbackAWS, task: str, mark: str
) -> None:
    with program(server, mark, "stopped", task) as process:
        output, errors = process.communicate(timeout=SOON)
        assert (process.returncode, output) == (0, "left\n")
    assert "is gone before its block" in errors
    assert asked(server.aws) == {}


# --- where there can be none --------------------------------------------------------------------


def test_where_processes_do_not_fork_there_are_no_keepers(
    aws: SimulatedAWS, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "fork")
    with pytest.raises(ConfigurationError, match="there are no keepers on"):
        client_of(aws).guard(kind.start(aws), keeper=True)
    assert asked(aws) == {}


def test_where_there_is_no_python_there_are_no_keepers(
    aws: SimulatedAWS, monkeypatch: pytest.MonkeyPatch
) -> None:
    for executable in ("", "/nowhere/python", "/bin/true"):
        monkeypatch.setattr(sys, "executable", executable)
        guard = client_of(aws).guard(keeper=True)
        with pytest.raises(ConfigurationError, match="no keeper can be started"), guard:
            pytest.fail("the block is entered")


def test_a_keeper_is_asked_for_or_not_or_has_a_file_for_its_log(aws: SimulatedAWS) -> None:
    keeper: Any = 3
    for client in (client_of(aws), AsyncTaskClient(clients=clients_of(aws))):
        with pytest.raises(InvalidInput, match="keeper must be"):
            client.guard(keeper=keeper)
