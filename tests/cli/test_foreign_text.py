"""What AWS says is shown, never obeyed: no command lets it act on a terminal or forge lines."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _terminal import Terminal

import botocancel.cli
from botocancel._text import visible
from tests.cli.canned import EXECUTIONS, TASKS, CannedAWS, answering, execution, fsx_task
from tests.cli.conftest import Operator
from tests.test_text import NASTY

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from botocancel.testing import SimulatedAWS

FOREIGN = f"{NASTY}[bold]markup[/bold]"
LONG = f"begin {'x' * 3_000_000} end"


@pytest.fixture
def canned() -> Generator[CannedAWS]:
    with answering() as server:
        yield server


@pytest.fixture
def operator(canned: CannedAWS, aws: SimulatedAWS, tmp_path: Path) -> Operator:
    """Somebody at the command line of an AWS that says odd things."""
    return Operator(aws, canned.variables, tmp_path)


def fill(canned: CannedAWS, foreign: str) -> None:
    """Have everything that AWS may word be this text."""
    canned.tasks = [
        fsx_task(
            TASKS[0],
            Type=foreign,
            FileSystemId=foreign,
            Lifecycle="FAILED",
            FailureDetails={"Message": foreign},
        ),
        fsx_task(TASKS[1], Lifecycle=f"{foreign} of FSx"),
    ]
    canned.executions = [
        execution(
            EXECUTIONS[0],
            Status="ERROR",
            Result={"ErrorCode": foreign, "ErrorDetail": foreign},
        )
    ]


LS = ["ls", "--kind", "fsx", "--kind", "datasync"]
"""Of the kinds that the AWS of these tests has."""
COMMANDS: Mapping[str, list[str]] = {
    "ls": [*LS, "--all"],
    "ls -v": [*LS, "--all", "-v"],
    "show, FSx": ["show", TASKS[0]],
    "show, DataSync": ["show", EXECUTIONS[0]],
    "show, status": ["show", TASKS[1]],
    "wait": ["wait", TASKS[0], EXECUTIONS[0]],
    "wait, status": ["wait", TASKS[1], "--timeout", "0"],
    "cancel --wait": ["cancel", TASKS[0], EXECUTIONS[0], "--wait", "--poll", "0.02"],
    "cancel --wait, status": ["cancel", TASKS[1], "--wait", "--timeout", "0"],
    "cancel": ["cancel", TASKS[0], TASKS[1]],
    "cancel --dry-run": ["cancel", TASKS[0], TASKS[1], EXECUTIONS[0], "--dry-run"],
}
REFUSED: Mapping[str, list[str]] = {
    "ls": LS,
    "show": ["show", TASKS[0]],
    "show -v": ["show", TASKS[0], "-v"],
    "show --debug": ["show", TASKS[0], "--debug"],
    "wait": ["wait", TASKS[0], EXECUTIONS[0]],
    "cancel": ["cancel", TASKS[0], EXECUTIONS[0]],
    "cancel --wait": ["cancel", TASKS[0], EXECUTIONS[0], "--wait"],
    "cancel --dry-run": ["cancel", TASKS[0], "--dry-run"],
    "restart": ["restart", EXECUTIONS[0]],
    "run": ["run", "--task", TASKS[0], "--", "false"],
}


def assert_safe(written: str) -> None:
    """Insist on lines of printable text, none of which begins with what AWS said."""
    for line in written.split("\n"):
        assert line == visible(line)
        assert not line.startswith("b")  # where each of the unsafe texts would break the line


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_writes_what_acts_on_its_reader(
    command: str, canned: CannedAWS, operator: Operator
) -> None:
    fill(canned, FOREIGN)
    ran = operator.run(*COMMANDS[command])
    assert_safe(ran.stdout)
    assert_safe(ran.stderr.replace("botocancel: ", ""))
    assert "this is a bug" not in ran.stderr
    if not command.startswith("cancel"):  # which says nothing of why tasks had failed
        assert visible(FOREIGN).lower() in (ran.stdout + ran.stderr).lower()


@pytest.mark.parametrize("command", REFUSED)
def test_no_command_writes_a_message_of_aws_that_acts_on_its_reader(
    command: str, canned: CannedAWS, operator: Operator
) -> None:
    canned.refusal = {"__type": f"Odd{FOREIGN}", "message": FOREIGN}
    ran = operator.run(*REFUSED[command])
    assert ran.status == 1
    assert_safe(ran.stdout)
    assert_safe(ran.stderr.replace("botocancel: ", ""))
    assert "a\\x1b[2Jb" in ran.stdout + ran.stderr


@pytest.mark.parametrize("form", ["json", "jsonl"])
@pytest.mark.parametrize("command", ["ls", "show, FSx", "wait", "cancel --wait"])
def test_json_keeps_what_aws_says_and_escapes_it(
    command: str, form: str, canned: CannedAWS, operator: Operator
) -> None:
    fill(canned, FOREIGN)
    ran = operator.run(*COMMANDS[command], "--output", form)
    assert_safe(ran.stdout)
    documents = ran.documents if command != "show, FSx" else [json.loads(ran.stdout)]
    failures = {(each.get("task") or each)["failure"] for each in documents}
    assert failures & {FOREIGN, f"{FOREIGN}: {FOREIGN}"}


def test_ids_are_ids_and_nothing_else(canned: CannedAWS, operator: Operator) -> None:
    fill(canned, FOREIGN)
    ran = operator.run(*LS, "--output", "ids")
    assert ran.lines == [fsx_task(TASKS[1])["ResourceARN"]]


def test_a_terminal_shows_escapes_and_is_not_acted_upon(
    canned: CannedAWS, operator: Operator
) -> None:
    fill(canned, FOREIGN)
    terminal = Terminal([operator.program, "show", TASKS[0]], operator.variables, columns=300)
    terminal.finish()
    assert f"failure  {visible(FOREIGN)}" in terminal.screen
    assert terminal.screen[0] == f"task     {TASKS[0]}"
    assert b"owned" in terminal.written
    assert b"\x1b]" not in terminal.written
    assert b"\x1b[2J" not in terminal.written


@pytest.mark.parametrize("command", ["show, FSx", "wait", "ls"])
def test_of_three_megabytes_a_terminal_shows_a_screen_and_how_much_it_does_not(
    command: str, canned: CannedAWS, operator: Operator
) -> None:
    fill(canned, LONG)
    terminal = Terminal([operator.program, *COMMANDS[command]], operator.variables, lines=60)
    terminal.finish()
    assert len(terminal.written) < 10_000
    if command != "ls":
        assert re.search(r"\(2,999,\d{3}charactersleftout\)", "".join(terminal.text.split()))


def test_of_a_long_message_the_remedy_is_still_seen(canned: CannedAWS, operator: Operator) -> None:
    canned.refusal = {"__type": "ExpiredTokenException", "message": LONG}
    ran = operator.run("cancel", TASKS[0])
    assert len(ran.stdout) < 2_000
    assert "characters left out) …" in ran.stdout
    assert ran.stdout.endswith("or export fresh AWS_* credentials\n")


def test_one_odd_text_takes_no_column_from_the_other_tasks(
    canned: CannedAWS, operator: Operator
) -> None:
    canned.tasks = [fsx_task(TASKS[0]), fsx_task(TASKS[1], Lifecycle="x" * 500)]
    terminal = Terminal([operator.program, *LS], operator.variables, columns=100)
    terminal.finish()
    assert any(line.split()[:2] == ["TASK", "STATUS"] for line in terminal.screen)
    assert any(line.startswith(f"{TASKS[0]}  EXECUTING") for line in terminal.screen)


def test_texts_are_drawn_by_one_function_and_json_written_by_one() -> None:
    """Of the modules that show what AWS says; the demo shows what it says itself."""
    sources = {
        path.name: ast.parse(path.read_text(encoding="utf-8"))
        for path in Path(botocancel.cli.__file__).parent.glob("*.py")
    }
    drawing = {name for name, tree in sources.items() if calls(tree, "Text", "assemble")}
    writing = {name for name, tree in sources.items() if calls(tree, "dumps")}
    assert drawing == {"_screen.py", "_stage.py"}
    assert writing <= {"_documents.py", "_remedies.py", "policy.py"}


def calls(tree: ast.AST, *names: str) -> bool:
    """Say whether anything of these names is called."""
    called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(
        isinstance(function, ast.Name | ast.Attribute)
        and getattr(function, "id", getattr(function, "attr", None)) in names
        for function in called
    )
