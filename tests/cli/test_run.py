"""``botocancel run`` takes the tasks of a command with it when it dies."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from botocancel.testing import Fault, FaultKind

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
    return aws.fsx().create_task(status="EXECUTING")


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
    old = aws.fsx().create_task(status="EXECUTING", seconds={"EXECUTING": 9_000})
    aws.advance(3_600)
    ran = operator.run("run", *python(f"print('{old}'); raise SystemExit(1)"))
    assert ran.status == 1
    assert f"{old}: left alone, for it is older than the command" in ran.stderr
    assert aws.fsx().status(old) == "EXECUTING"


def test_a_task_that_is_named_is_guarded_whatever_its_age(
    aws: SimulatedAWS, operator: Operator
) -> None:
    old = aws.fsx().create_task(status="EXECUTING", seconds={"EXECUTING": 9_000})
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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_reaches_the_command_and_its_tasks_are_stopped(
    number: signal.Signals, task: str, aws: SimulatedAWS, operator: Operator
) -> None:
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL); "
        f"print('{task}', flush=True); signal.pause()"
    )
    started = operator.start("run", *python(code))
    assert started.line() == task
    started.process.send_signal(number)
    ran = started.end()
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
