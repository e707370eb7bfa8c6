"""Commands that are recommended can be pasted, reach the same AWS, and say what is so."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from botocancel import DataRepositoryTaskRef, TaskExecutionRef
from botocancel.cli._advice import command_lines, still_canceling
from botocancel.cli._settings import Settings
from botocancel.testing import Fault, FaultKind
from tests.cli.conftest import SECRET

if TYPE_CHECKING:
    from botocancel.testing import SimulatedAWS
    from tests.cli.conftest import Operator, Ran

TASK = DataRepositoryTaskRef("task-0123456789abcdef0")
EXECUTION = TaskExecutionRef(TaskExecutionRef.example)
OTHERS = ["--profile", "my work", "--endpoint-url", "http://localhost:4566/?a=1&b=2"]
ELSEWHERE = Settings(profile=OTHERS[1], endpoint_url=OTHERS[3], regions=("eu-west-1",))


def recommended(ran: Ran) -> list[str]:
    """Return the commands that were named, each in one line."""
    joined = ran.stderr.replace(" \\\n", "")
    commands = ("  botocancel ", "  printf ")
    return [line.strip() for line in joined.splitlines() if line.startswith(commands)]


def pasted(operator: Operator, line: str) -> Ran:
    """Run a line in a shell where the command is installed."""
    return operator.shell(f"PATH={shlex.quote(str(Path(operator.program).parent))}:$PATH; {line}")


def test_a_recommended_command_repeats_profile_endpoint_and_region_quoted_for_a_shell() -> None:
    [line] = command_lines(ELSEWHERE, "cancel --wait", [TASK])
    assert shlex.split(line) == [
        *["botocancel", "cancel", "--wait", *OTHERS, "--region", "eu-west-1", str(TASK)]
    ]
    assert command_lines(Settings(), "restart", [EXECUTION]) == [f"botocancel restart {EXECUTION}"]


def test_many_tasks_stand_in_a_line_each_and_none_is_left_out() -> None:
    refs = [DataRepositoryTaskRef(f"task-{number:017x}") for number in range(30)]
    lines = command_lines(ELSEWHERE, "cancel --wait", refs)
    assert len(lines) == 31
    assert all(line.endswith(" \\") for line in lines[:-1])
    words = shlex.split("\n".join(lines).replace("\\\n", ""))
    assert words[-30:] == [str(ref) for ref in refs]


def test_tasks_that_only_their_region_finds_are_named_with_it() -> None:
    regions = ("eu-west-1", "us-gov-east-1")
    here, there = (DataRepositoryTaskRef(TASK.id, region=region) for region in regions)
    lines = command_lines(Settings(), "restart", [here, there, EXECUTION])
    assert "".join(lines).replace("\\", "").split() == [
        *["botocancel", "restart", f"fsx:{TASK}@eu-west-1", f"fsx:{TASK}@us-gov-east-1"],
        str(EXECUTION),
    ]


def test_for_very_many_tasks_the_list_of_what_is_being_cancelled_is_piped() -> None:
    placed = DataRepositoryTaskRef(TASK.id, region="eu-west-2")
    [line] = still_canceling(ELSEWHERE, "cancel --wait", [placed, TASK])
    listing, waiting = (shlex.split(part) for part in line.split(" | "))
    regions = ["--region", "eu-west-1", "--region", "eu-west-2"]
    assert listing == [
        *["botocancel", "ls", "--phase", "CANCELING", "--kind", "fsx", "--output", "ids"],
        *OTHERS,
        *regions,
    ]
    assert waiting == ["botocancel", "cancel", "--wait", *OTHERS, *regions[:2], "-"]
    assert "--region all " in still_canceling(Settings(regions=("all",)), "wait", [placed])[0]


@pytest.fixture
def at_work(operator: Operator) -> list[str]:
    """Options of somebody whose profile, region and endpoint are not those of the environment."""
    folder = operator.home / ".aws"
    folder.mkdir()
    (folder / "config").write_text(
        f'[profile "my work"]\naws_access_key_id = {operator.variables["AWS_ACCESS_KEY_ID"]}\n'
        f"aws_secret_access_key = {SECRET}\n",
        encoding="utf-8",
    )
    endpoint = operator.variables["AWS_ENDPOINT_URL_FSX"]
    for name in [name for name in operator.variables if name.startswith("AWS_")]:
        operator.variables.pop(name)
    return ["--profile", "my work", "--region", "eu-west-1", "--endpoint-url", f"{endpoint}/"]


@pytest.mark.parametrize("number", [1, 5, 25])
def test_what_a_cancel_recommends_works_when_it_is_pasted(
    number: int, at_work: list[str], aws: SimulatedAWS, operator: Operator
) -> None:
    fsx = aws.fsx(region="eu-west-1")
    tasks = [fsx.start(status="EXECUTING") for _ in range(number)]
    ran = operator.run("cancel", *tasks, *at_work, "--output", "ids")
    assert (ran.status, len(ran.lines)) == (0, number)
    assert "…" not in ran.stderr
    [line] = recommended(ran)
    operator.lets_time_pass(1)
    waited = pasted(operator, f"{line} --poll 0.02")
    assert waited.status == 0
    assert waited.stdout.count("reported by AWS") == number
    assert {fsx.status(task) for task in tasks} == {"CANCELED"}


@pytest.mark.parametrize("ended_before", [True, False])
def test_what_is_recommended_never_calls_a_stopped_execution_a_failure(
    ended_before: bool,  # noqa: FBT001  (a parameter)
    aws: SimulatedAWS,
    operator: Operator,
) -> None:
    execution = aws.datasync().start(status="TRANSFERRING")
    stopping = operator.run("cancel", execution)
    [waiting, restarting] = recommended(stopping)
    assert restarting == f"botocancel restart {execution}"
    if ended_before:
        aws.advance(600)
    else:
        operator.lets_time_pass(3)
    ran = pasted(operator, f"{waiting} --poll 0.02")
    assert aws.datasync().status(execution) == "ERROR"
    assert ran.status == 0
    assert "fail" not in ran.stdout
    assert "inferred: it stopped as ERROR; the cancel was accepted at " in ran.stdout


UNSURE = "AWS DataSync's ERROR does not tell which"


def test_of_an_execution_that_has_ended_no_more_is_said_than_its_status_tells(
    aws: SimulatedAWS, operator: Operator
) -> None:
    execution = aws.datasync().start(status="ERROR", failure="the agent is gone")
    had_ended = f"already ended     {execution}  it had failed, or been cancelled before; {UNSURE}"
    assert operator.run("cancel", execution).lines == [had_ended]
    assert operator.run("cancel", execution, "--wait", "--poll", "0.02").lines == [had_ended]
    waited = operator.run("wait", execution)
    assert waited.status == 1
    assert waited.stdout.startswith(f"unsuccessful      {execution}  ERROR")
    assert f", failed or cancelled ({UNSURE}): " in waited.stdout
    shown = operator.run("show", execution)
    assert f"FAILED (ERROR): it failed, or was cancelled; {UNSURE}" in shown.stdout


def test_of_a_task_that_fsx_says_has_failed_it_is_said(
    aws: SimulatedAWS, operator: Operator
) -> None:
    task = aws.fsx().start(status="FAILED")
    assert operator.run("cancel", task).stdout == f"already ended     {task}  it had failed\n"
    assert operator.run("wait", task).stdout.startswith("ended in failure  ")
    assert "does not tell" not in operator.run("show", task).stdout


def test_what_another_has_stopped_is_said_to_be_so_and_how_that_is_known(
    aws: SimulatedAWS, operator: Operator
) -> None:
    operator.lets_time_pass()
    stopped = aws.fsx().start(status="CANCELED")
    stopping = aws.datasync().start(status="CANCELLING")
    aws.inject(Fault(kind=FaultKind.ERROR, code="InvalidRequestException", service="datasync"))
    ran = operator.run("cancel", stopped, stopping, "--wait", "--poll", "0.02")
    assert ran.status == 0
    assert f"{stopped}  reported by AWS; by an earlier or another cancel\n" in ran.stdout
    inferred = "inferred: it stopped as ERROR; by an earlier or another cancel"
    assert f"{stopping}  {inferred}\n" in ran.stdout


def test_an_error_after_the_cancel_was_accepted_does_not_unsay_that(
    aws: SimulatedAWS, operator: Operator
) -> None:
    task = aws.fsx().start(status="EXECUTING")
    aws.inject(
        Fault(
            kind=FaultKind.ERROR,
            code="AccessDeniedException",
            operation="DescribeDataRepositoryTasks",
            times=None,
        )
    )
    ran = operator.run("cancel", task, "--wait", "--poll", "0.02", "--output", "jsonl")
    [document] = ran.documents
    assert (ran.status, document["result"], document["accepted"]) == (1, "failed", True)
    table = operator.run("cancel", task, "--wait", "--poll", "0.02")
    assert recommended(table) == [f"botocancel cancel --wait {task}"]


def test_where_a_place_did_not_answer_nothing_is_said_of_what_there_is(
    aws: SimulatedAWS, operator: Operator
) -> None:
    aws.inject(Fault(kind=FaultKind.ERROR, code="AccessDeniedException", service="fsx", times=None))
    ran = operator.run("cancel", "--kind", "fsx", "--kind", "datasync", "--yes")
    assert ran.status == 1
    assert ran.stderr.endswith("botocancel: where was looked, there is nothing to stop\n")
