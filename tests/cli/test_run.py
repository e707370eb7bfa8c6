"""``botocancel run`` takes the tasks of a command with it when it dies."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from botocancel.testing import Fault, FaultKind
from tests.cli.conftest import Started

if TYPE_CHECKING:
    from botocancel.testing import SimulatedAWS
    from tests.cli.conftest import Operator


def python(code: str) -> list[str]:
    """Return the command that runs a piece of Python."""
    return ["--", sys.executable, "-c", code]


@pytest.fixture
def task(aws: SimulatedAWS) -> str:
    """A task that was started just now."""
    aws.advance(3_600)
    return aws.fsx().start(status="EXECUTING")


def test_a_command_that_fails_takes_the_tasks_that_it_spoke_of_with_it(
    task: str, aws: SimulatedAWS, operator: Operator
) -> None:
    ran = operator.run("run", *python(f"""print('{{"TaskId": "{task}"}}'); raise SystemExit(7)"""))
    assert ran.status == 7
    assert ran.stdout == f'{{"TaskId": "{task}"}}\n'
    assert f"botocancel: {task}: requested: AWS accepted the cancel" in ran.stderr
    assert aws.fsx().status(task) == "CANCELING"


def test_a_command_that_ends_well_leaves_its_tasks_alone(
    task: str, aws: SimulatedAWS, operator: Operator
) -> None:
    ran = operator.run("run", *python(f"import sys; print('{task}', file=sys.stderr)"))
    assert (ran.status, ran.stdout, ran.stderr) == (0, "", f"{task}\n")
    assert not aws.requests


def test_tasks_that_are_older_than_the_command_are_left_alone(
    aws: SimulatedAWS, operator: Operator
) -> None:
    old = aws.fsx().start(status="EXECUTING", seconds={"EXECUTING": 9_000})
    aws.advance(3_600)
    ran = operator.run("run", *python(f"print('{old}'); raise SystemExit(1)"))
    assert ran.status == 1
    assert f"{old}: left alone, for it is older than the command" in ran.stderr
    assert aws.fsx().status(old) == "EXECUTING"


def test_a_task_that_is_named_is_guarded_whatever_its_age(
    aws: SimulatedAWS, operator: Operator
) -> None:
    old = aws.fsx().start(status="EXECUTING", seconds={"EXECUTING": 9_000})
    aws.advance(3_600)
    ran = operator.run("run", "--task", old, *python("raise SystemExit(3)"))
    assert ran.status == 3
    assert aws.fsx().status(old) == "CANCELING"


def test_ids_may_be_written_to_a_file(task: str, aws: SimulatedAWS, operator: Operator) -> None:
    file = operator.home / "ids.txt"
    code = f"open({str(file)!r}, 'w').write('started {task}.'); raise SystemExit(1)"
    ran = operator.run("run", "--ids-file", str(file), *python(code))
    assert ran.status == 1
    assert aws.fsx().status(task) == "CANCELING"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_file_may_be_in_utf_16_as_windows_writes_it(
    encoding: str, task: str, aws: SimulatedAWS, operator: Operator
) -> None:
    file = operator.home / "ids.txt"
    code = (
        f"open({str(file)!r}, 'w', encoding={encoding!r}).write('已启动{task}。'); "
        "raise SystemExit(1)"
    )
    ran = operator.run("run", "--ids-file", str(file), *python(code))
    assert ran.status == 1
    assert aws.fsx().status(task) == "CANCELING"


def test_a_file_of_ids_that_cannot_be_read_is_named(operator: Operator) -> None:
    file = operator.home / "ids.txt"
    ran = operator.run("run", "--ids-file", str(file), *python("raise SystemExit(1)"))
    assert ran.status == 1
    assert ran.stderr == f"botocancel: {file} cannot be read: No such file or directory\n"


SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT]


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_reaches_the_command_and_its_tasks_are_stopped(
    number: signal.Signals, task: str, aws: SimulatedAWS, operator: Operator
) -> None:
    code = (  # whoever runs the tests may ignore the signal
        f"import signal; signal.signal({number:d}, signal.SIG_DFL); "
        f"print('{task}', flush=True); signal.pause()"
    )
    started = operator.start("run", *python(code))
    assert started.line() == task
    started.process.send_signal(number)
    ran = started.end()
    assert ran.status == 128 + number
    assert aws.fsx().status(task) == "CANCELING"


def test_a_command_that_was_told_to_end_and_ends_well_takes_its_tasks_with_it(
    task: str, aws: SimulatedAWS, operator: Operator
) -> None:
    """As servers do that shut down in order."""
    code = (
        "import signal; signal.signal(signal.SIGTERM, lambda *_: None); "
        f"print('{task}', flush=True); signal.pause()"
    )
    started = operator.start("run", *python(code))
    assert started.line() == task
    started.process.send_signal(signal.SIGTERM)
    ran = started.end()
    assert ran.status == 0
    assert "ended with status 0 after a signal; stopping what it started" in ran.stderr
    assert aws.fsx().status(task) == "CANCELING"


def test_a_signal_that_was_ignored_stays_ignored(
    task: str, aws: SimulatedAWS, operator: Operator
) -> None:
    """As under nohup."""
    code = (
        "import os, signal; assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN; "
        f"os.kill(os.getppid(), signal.SIGHUP); print('{task}')"
    )
    ran = operator.shell(f"trap '' HUP; '{operator.program}' run -- {shlex.join(python(code)[1:])}")
    assert (ran.status, ran.stdout, ran.stderr) == (0, f"{task}\n", "")
    assert not aws.requests


def test_the_status_of_a_command_is_known_where_ends_of_processes_are_ignored(
    task: str, aws: SimulatedAWS, operator: Operator
) -> None:
    """Whoever ignores SIGCHLD has its processes end without a trace, and hands that on."""
    code = (
        "import os, signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN); "
        f"os.execv({operator.program!r}, ['botocancel', 'run', '--', 'sh', '-c', "
        f"'echo {task}; exit 9'])"
    )
    ran = operator.shell(shlex.join(python(code)[1:]))
    assert ran.status == 9
    assert aws.fsx().status(task) == "CANCELING"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_at_any_moment_of_the_start_leaves_no_command_unguarded(
    number: signal.Signals, task: str, aws: SimulatedAWS, operator: Operator
) -> None:
    """The command itself sends it, before whoever started it can know that it runs."""
    code = f"echo {task}; kill -{number.name.removeprefix('SIG')} $PPID; exec sleep 60"
    ran = operator.run("run", "--", "sh", "-c", code)
    assert ran.status == 128 + number
    assert aws.fsx().status(task) == "CANCELING"


def test_a_command_that_is_killed_takes_its_tasks_with_it(
    task: str, aws: SimulatedAWS, operator: Operator
) -> None:
    code = f"import os; print('{task}', flush=True); os.kill(os.getpid(), 9)"
    ran = operator.run("run", *python(code))
    assert ran.status == 128 + signal.SIGKILL
    assert aws.fsx().status(task) == "CANCELING"


def test_what_a_failed_command_left_running_does_not_keep_its_tasks_from_being_stopped(
    task: str, aws: SimulatedAWS, operator: Operator
) -> None:
    """The process that is left holds the pipe that the command wrote to."""
    code = (
        "import subprocess; left = subprocess.Popen(['sleep', '300']); "
        f"print('{task}', left.pid, flush=True); import os; os._exit(5)"
    )
    started = operator.start("run", *python(code))
    left = int(started.line().split()[1])
    ran = started.end()
    os.kill(left, signal.SIGTERM)
    assert ran.status == 5
    assert aws.fsx().status(task) == "CANCELING"


def test_what_a_command_left_running_does_not_keep_signals_from_being_heard(
    operator: Operator,
) -> None:
    started = operator.start("run", "--", "sh", "-c", "sleep 300 & echo $!; exit 0")
    left = int(started.line())
    started.process.send_signal(signal.SIGTERM)
    try:
        ran = started.end()
    finally:
        os.kill(left, signal.SIGTERM)
    assert (ran.status, ran.stderr) == (0, "")


def test_what_a_command_left_running_is_read_to_its_end(operator: Operator) -> None:
    ran = operator.run("run", "--", "sh", "-c", "(sleep 0.5; echo later) & echo now")
    assert (ran.status, ran.stdout) == (0, "now\nlater\n")


def test_a_task_whose_age_cannot_be_told_is_left_alone_unless_it_is_named(
    task: str, aws: SimulatedAWS, operator: Operator
) -> None:
    aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            code="AccessDeniedException",
            operation="DescribeDataRepositoryTasks",
            times=None,
        )
    )
    code = python(f"print('{task}'); raise SystemExit(1)")
    ran = operator.run("run", *code)
    assert ran.status == 1
    assert f"{task}: left alone, for its age is not known: " in ran.stderr
    assert '"Action": "fsx:DescribeDataRepositoryTasks"' in ran.stderr
    assert aws.fsx().status(task) == "EXECUTING"
    assert operator.run("run", "--task", task, *code).status == 1
    assert aws.fsx().status(task) == "CANCELING"


def test_throttling_is_ridden_out_before_a_task_is_judged_by_its_age(
    task: str, aws: SimulatedAWS, operator: Operator
) -> None:
    aws.inject(Fault(kind=FaultKind.THROTTLE, times=2))
    ran = operator.run("run", *python(f"print('{task}'); raise SystemExit(1)"))
    assert ran.status == 1
    assert aws.fsx().status(task) == "CANCELING"


def test_a_task_that_is_too_new_to_be_found_is_looked_for_again(
    task: str, aws: SimulatedAWS, operator: Operator
) -> None:
    aws.inject(Fault(kind=FaultKind.NOT_FOUND_AT_FIRST, seconds=60, times=2))
    ran = operator.run("run", *python(f"print('{task}'); raise SystemExit(1)"))
    assert ran.status == 1
    assert aws.fsx().status(task) == "CANCELING"


def test_with_wait_it_says_how_the_tasks_ended(
    task: str, aws: SimulatedAWS, operator: Operator
) -> None:
    operator.lets_time_pass()
    ran = operator.run("run", "--wait", *python(f"print('{task}'); raise SystemExit(1)"))
    assert ran.status == 1
    assert f"{task}: canceled: reported by AWS" in ran.stderr
    assert aws.fsx().status(task) == "CANCELED"


def test_while_it_stops_tasks_one_signal_tells_and_another_leaves(
    task: str, aws: SimulatedAWS, operator: Operator
) -> None:
    aws.inject(Fault(kind=FaultKind.THROTTLE, times=None))
    started = operator.start("run", "--task", task, *python("raise SystemExit(1)"))
    assert started.complaint().endswith("ended with status 1; stopping what it started")
    started.process.send_signal(signal.SIGTERM)
    assert started.complaint() == "botocancel: stopping tasks; once more leaves"
    started.process.send_signal(signal.SIGTERM)
    assert started.end().status == 130


def test_a_command_that_cannot_be_run_is_one_line(operator: Operator) -> None:
    ran = operator.run("run", "--", str(operator.home))
    assert ran.status == 126
    assert ran.stderr == f"botocancel: {operator.home} cannot be run: Permission denied\n"


def test_a_command_that_is_not_there_is_one_line(operator: Operator) -> None:
    ran = operator.run("run", "--", "no-such-command")
    assert ran.status == 127
    assert ran.stderr == "botocancel: no-such-command cannot be run: No such file or directory\n"


def test_output_is_passed_on_byte_for_byte(operator: Operator) -> None:
    """Ids or not, in whatever encoding."""
    code = (
        "import sys; [stream.buffer.write(bytes(range(256)) * 4_000) for stream in "
        "(sys.stdout, sys.stderr)]"
    )
    ran = subprocess.run(
        [operator.program, "run", *python(code)],
        env=operator.variables,
        capture_output=True,
        check=True,
    )
    assert ran.stdout == ran.stderr == bytes(range(256)) * 4_000


def test_a_prompt_is_passed_on_before_its_line_ends(operator: Operator) -> None:
    code = "import time; print('Password: ', end='', flush=True); time.sleep(60)"
    started = operator.start("run", *python(code))
    assert started.process.stdout is not None
    assert started.process.stdout.read(10) == "Password: "
    started.process.terminate()
    assert started.end().status == 128 + signal.SIGTERM


@pytest.mark.parametrize(
    "redirection", [">&-", "2>&-", ">/dev/full", "2>/dev/full", "<&- >&- 2>&-"]
)
def test_a_command_is_guarded_whatever_the_state_of_the_streams(
    redirection: str, task: str, aws: SimulatedAWS, operator: Operator
) -> None:
    code = f"echo {task}; echo {task} >&2; exit 7"
    ran = operator.shell(f"'{operator.program}' run -- sh -c '{code}' {redirection}")
    assert ran.status == 7
    assert aws.fsx().status(task) == "CANCELING"


def test_output_that_cannot_be_passed_on_is_a_failure(operator: Operator) -> None:
    ran = operator.shell(f"'{operator.program}' run -- echo done >/dev/full")
    assert ran.status == 1
    assert ran.stderr == "botocancel: standard output: No space left on device\n"


def test_a_reader_who_leaves_ends_a_command_that_writes_on(
    task: str, aws: SimulatedAWS, operator: Operator
) -> None:
    """As it would without `botocancel run`: by SIGPIPE."""
    ran = operator.shell(
        f"'{operator.program}' run -- sh -c 'echo {task}; exec yes' | head -n 1; "
        "exit ${PIPESTATUS[0]}"
    )
    assert (ran.status, ran.stdout) == (128 + signal.SIGPIPE, f"{task}\n")
    assert aws.fsx().status(task) == "CANCELING"


def test_more_tasks_than_are_kept_are_not_passed_over_in_silence(operator: Operator) -> None:
    """None of these tasks is there, so none is stopped."""
    code = "for number in range(10_001): print(f'task-{number:017x}')\nraise SystemExit(1)"
    started = Started(
        ["bash", "-c", f"exec '{operator.program}' run {shlex.join(python(code))} >/dev/null"],
        operator.variables,
    )
    assert started.complaint().endswith("ended with status 1; stopping what it started")
    assert started.complaint() == (
        "botocancel: it named more than 10,000 tasks, of which the first 10,000 are looked at"
    )
    started.process.kill()
    started.end()


def test_ages_are_told_by_the_clock_of_the_service(
    years_ago: tuple[SimulatedAWS, Operator],
) -> None:
    aws, operator = years_ago
    old = aws.fsx().start(status="EXECUTING", seconds={"EXECUTING": 9_000})
    aws.advance(3_600)
    task = aws.fsx().start(status="EXECUTING")
    ran = operator.run("run", *python(f"print('{old} {task}'); raise SystemExit(1)"))
    assert f"{old}: left alone, for it is older than the command" in ran.stderr
    assert [aws.fsx().status(each) for each in (old, task)] == ["EXECUTING", "CANCELING"]
