"""The commands besides ``ls``, ``cancel`` and ``run``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from botocancel import TaskExecutionRef
from botocancel.cli._group import COMMANDS
from botocancel.services import all_kinds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocancel.testing import SimulatedAWS
    from tests.cli.conftest import Operator


def test_show_tells_all_about_a_task_and_what_a_cancel_would_leave_behind(
    aws: SimulatedAWS, operator: Operator
) -> None:
    execution = aws.datasync().start()
    aws.advance(190)
    ran = operator.run("show", execution)
    assert ran.status == 0
    shown = {line.partition("  ")[0]: line.partition("  ")[2].strip() for line in ran.lines}
    assert shown["task"] == execution
    assert shown["phase"] == "RUNNING (TRANSFERRING)"
    assert shown["files"] == "500 of 1,000"
    assert shown["bytes"] == "5 GiB of 10 GiB"
    assert shown["if cancelled"].startswith("Files being transferred are cut off")


def test_show_as_json_adds_the_services_own_description(
    aws: SimulatedAWS, operator: Operator
) -> None:
    task = aws.fsx().start(status="FAILED", failure="the bucket is gone")
    document = json.loads(operator.run("show", task, "--output", "json").stdout)
    assert document["failure"] == "the bucket is gone"
    assert document["detail"]["TaskId"] == task
    assert document["if_canceled"] is None


WAITS: Mapping[str, tuple[bool, list[str], str, int]] = {
    "succeeded": (False, [], "succeeded", 0),
    "failed": (True, [], "ended in failure", 1),
    "out of time": (False, ["--timeout", "0"], "timed out", 3),
}


@pytest.mark.parametrize("case", WAITS)
def test_wait_tells_how_tasks_ended(case: str, aws: SimulatedAWS, operator: Operator) -> None:
    fails, extra, end, status = WAITS[case]
    task = aws.fsx().start(status="EXECUTING", fails=fails)
    if not extra:
        operator.lets_time_pass(100)
    ran = operator.run("wait", task, "--poll", "0.02", *extra)
    assert ran.status == status
    [line] = ran.lines
    assert line.startswith(f"{end:<16}  {task}")


def test_wait_counts_a_task_that_was_cancelled_as_one_that_has_not_succeeded(
    aws: SimulatedAWS, operator: Operator
) -> None:
    tasks = [aws.fsx().start(status=status) for status in ("CANCELED", "SUCCEEDED")]
    ran = operator.run("wait", "-", "--output", "jsonl", stdin="\n".join(tasks))
    assert ran.status == 1
    assert {document["result"] for document in ran.documents} == {"was canceled", "succeeded"}


def test_restart_starts_another_execution_of_the_same_task(
    aws: SimulatedAWS, operator: Operator
) -> None:
    execution = aws.datasync().start(status="ERROR")
    ran = operator.run("restart", execution, "--output", "ids")
    [fresh] = ran.lines
    assert ran.status == 0
    assert fresh != execution
    assert fresh.partition("/execution/")[0] == execution.partition("/execution/")[0]
    assert aws.datasync().status(fresh) == "LAUNCHING"


def test_restart_says_where_no_repair_is_documented(aws: SimulatedAWS, operator: Operator) -> None:
    ran = operator.run("restart", aws.fsx().start(), "--output", "json")
    assert (ran.status, ran.documents) == (1, [])
    assert "documents no way to start" in ran.stderr


def test_services_are_shown_whole(operator: Operator) -> None:
    ran = operator.run("services")
    for service in all_kinds():
        assert service.title in ran.stdout
        assert service.ref_type.example in ran.stdout
        for name in (*service.phases, *service.errors_by_code):
            assert name in ran.stdout
    documents = {
        document["name"]: document
        for document in operator.run("services", "--output", "json").documents
    }
    assert documents["fsx"]["operations"]["CancelDataRepositoryTask"] == ["cancel"]
    assert documents["datasync"]["statuses"]["ERROR"] == "FAILED"
    assert documents["datasync"]["errors"]["InvalidRequestException"] == "InvalidRequest"


ARN = TaskExecutionRef.example
POLICIES = {
    "cancel only": (
        ["--for", "cancel", "--kind", "fsx"],
        {"fsx:CancelDataRepositoryTask": ["arn:*:fsx:*:*:task/*"]},
    ),
    "with wait, of one task": (
        ["--for", "cancel", "--for", "wait", ARN],
        {
            "datasync:CancelTaskExecution": [ARN],
            "datasync:DescribeTaskExecution": [ARN],
            "datasync:ListTaskExecutions": ["*"],
        },
    ),
    "restart": (
        ["--for", "restart", ARN],
        {
            "datasync:DescribeTaskExecution": [ARN],
            "datasync:StartTaskExecution": [ARN.partition("/execution/")[0]],
        },
    ),
}


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_allows_what_is_asked_and_no_more(name: str, operator: Operator) -> None:
    arguments, allowed = POLICIES[name]
    policy = json.loads(operator.run("policy", *arguments).stdout)
    assert policy["Version"] == "2012-10-17"
    found = {
        action: statement["Resource"]
        for statement in policy["Statement"]
        for action in statement["Action"]
    }
    assert found == allowed


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nonsense"], "not the id of a task: 'nonsense'"),
        (["--kind", "s3"], "there is no kind 's3'"),
        (["--kind", "fsx", ARN], "give ids, or --kind, not both"),
    ],
)
def test_a_policy_for_what_there_is_not_is_a_mistake(
    arguments: list[str], complaint: str, operator: Operator
) -> None:
    ran = operator.run("policy", *arguments)
    assert (ran.status, ran.stdout) == (2, "")
    assert complaint in ran.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_is_written_for_each_shell(shell: str, operator: Operator) -> None:
    ran = operator.run("completion", shell)
    assert ran.status == 0
    assert "_BOTOCANCEL_COMPLETE" in ran.stdout


def test_commands_and_services_are_completed(operator: Operator) -> None:
    completing = {"_BOTOCANCEL_COMPLETE": "bash_complete"}
    commands = operator.run(COMP_WORDS="botocancel can", COMP_CWORD="1", **completing)
    services = operator.run(COMP_WORDS="botocancel ls --kind f", COMP_CWORD="3", **completing)
    assert commands.stdout == "plain,cancel\n"
    assert services.stdout == "plain,fsx\n"


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_each_command_has_help(name: str, operator: Operator) -> None:
    ran = operator.run(name, "--help")
    assert ran.status == 0
    assert ran.stdout.startswith(f"Usage: botocancel {name} ")


def test_help_has_examples(operator: Operator) -> None:
    assert "\nExamples:\n  botocancel ls --region all\n" in operator.run("--help").stdout
    ran = operator.run("cancel", "--help")
    assert "\nExamples:\n  botocancel cancel task-0123456789abcdef0 --wait\n" in ran.stdout


def test_restart_and_services_have_each_form_of_output(
    aws: SimulatedAWS, operator: Operator
) -> None:
    execution = aws.datasync().start(status="ERROR")
    [document] = operator.run("restart", execution, "--output", "jsonl").documents
    assert document["restarted"] == execution
    assert operator.run("restart", execution).lines[:2] == [execution, "started anew as"]
    keys = [kind.key for kind in all_kinds()]
    assert operator.run("services", "--output", "ids").lines == keys
    assert len(operator.run("services", "--output", "jsonl").documents) == len(keys)


def test_to_wait_for_nothing_is_no_failure(operator: Operator) -> None:
    ran = operator.run("wait", "-")
    assert (ran.status, ran.stdout) == (0, "")
    assert ran.stderr == "botocancel: there is nothing to wait for\n"
