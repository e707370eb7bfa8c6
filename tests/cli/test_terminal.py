"""What a person sees, on a real terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest
from _terminal import Terminal

from botocancel.testing import Fault, FaultKind

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from botocancel.testing import SimulatedAWS
    from tests.cli.conftest import Operator

    Open: TypeAlias = Callable[..., Terminal]


@pytest.fixture
def terminal(operator: Operator) -> Generator[Open]:
    """Opens terminals, and closes them when the test is over."""
    opened: list[Terminal] = []

    def open_(*arguments: str, columns: int = 80, lines: int = 24, **variables: str) -> Terminal:
        command = [operator.program, *arguments]
        env = {**operator.variables, **variables}
        opened.append(Terminal(command, env, columns=columns, lines=lines))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


@pytest.mark.parametrize(
    ("columns", "heads"),
    [
        (50, "TASK STATUS AGE"),
        (80, "TASK STATUS AGE PROGRESS SOURCE"),
        (110, "TASK SERVICE PHASE STATUS AGE PROGRESS SOURCE"),
        (120, "TASK SERVICE TYPE PHASE STATUS AGE PROGRESS SOURCE"),
    ],
)
def test_a_list_has_the_columns_that_there_is_room_for(
    columns: int, heads: str, aws: SimulatedAWS, terminal: Open
) -> None:
    task = aws.fsx().start(status="EXECUTING")
    execution = aws.datasync().start(status="TRANSFERRING")
    aws.advance(60)
    shown = terminal("ls", columns=columns)
    assert shown.finish() == 0
    head, first, second, summary, *rest = shown.screen
    assert head.split() == heads.split()
    assert first.startswith(execution.rpartition("/")[2])
    assert second.startswith(task)
    assert summary == "2 tasks: 2 running"
    assert not any(rest)


def test_several_regions_are_told_apart(aws: SimulatedAWS, terminal: Open) -> None:
    for region in ("us-east-1", "eu-west-1"):
        aws.fsx(region=region).start(status="EXECUTING")
    shown = terminal("ls", "--region", "us-east-1", "--region", "eu-west-1")
    shown.finish()
    assert "REGION" in shown.screen[0]
    assert "eu-west-1" in shown.text


def test_without_colour_nothing_is_lost(aws: SimulatedAWS, terminal: Open) -> None:
    aws.fsx().start(status="EXECUTING")
    coloured, plain = terminal("ls"), terminal("ls", NO_COLOR="1")
    coloured.finish()
    plain.finish()
    assert plain.screen[0] == coloured.screen[0]
    assert b"\x1b[34m" in coloured.written
    assert b"\x1b[34m" not in plain.written


def test_watching_draws_the_list_anew_until_an_interrupt(aws: SimulatedAWS, terminal: Open) -> None:
    task = aws.fsx().start(status="EXECUTING")
    shown = terminal("ls", "--watch", "--interval", "0.05")
    shown.until("1 task: 1 running")
    aws.fsx().start()
    shown.until("2 tasks: 1 running, 1 pending")
    aws.fsx().finish(task)
    shown.until("1 task: 1 pending")
    shown.interrupt()
    assert shown.finish() == 130


def test_watching_looks_no_more_than_once_a_second(aws: SimulatedAWS, terminal: Open) -> None:
    shown = terminal("ls", "--kind", "fsx", "--kind", "datasync", "--watch", "--interval", "0")
    shown.until("every 1s")
    before = len(aws.requests)
    aws.fsx().start(status="EXECUTING")
    shown.until("1 task: 1 running")
    assert len(aws.requests) - before <= 4
    shown.interrupt()


def test_watching_says_below_where_was_not_looked(aws: SimulatedAWS, terminal: Open) -> None:
    aws.fsx().start(status="EXECUTING")
    aws.inject(
        Fault(kind=FaultKind.ERROR, code="AccessDeniedException", service="datasync", times=None)
    )
    shown = terminal("ls", "--watch", "--interval", "0.05", lines=10)
    shown.until("datasync in us-east-1 was left out: ")
    aws.fsx().start(status="EXECUTING")
    shown.until(
        lambda seen: "2 tasks: 2 running" in seen.text and seen.text.endswith("Ctrl-C leaves")
    )
    assert shown.text.count("was left out") == 1
    shown.interrupt()
    assert shown.finish() == 130


def test_lines_for_a_program_are_not_mingled_with_a_live_display(
    aws: SimulatedAWS, terminal: Open
) -> None:
    tasks = [aws.fsx().start(status="EXECUTING") for _ in range(3)]
    shown = terminal("cancel", *tasks, "--wait", "--poll", "0.05", "--output", "ids")
    shown.until(lambda seen: all(f"{task}: CANCELING" in seen.text for task in tasks))
    aws.advance(60)
    assert shown.finish() == 0
    assert set(tasks) <= set(shown.text.splitlines())
    assert b"\x1b[?25l" not in shown.written  # the cursor is never hidden


@pytest.mark.parametrize(
    ("answer", "status", "state"), [("y", 0, "CANCELING"), ("n", 1, "EXECUTING")]
)
def test_what_a_filter_chose_is_shown_and_asked_about(
    answer: str, status: int, state: str, aws: SimulatedAWS, terminal: Open
) -> None:
    tasks = [aws.fsx().start(status="EXECUTING") for _ in range(30)]
    shown = terminal("cancel", "--kind", "fsx", lines=40)
    shown.until("Stop these 30 tasks? [y/N]:")
    assert sum(line.startswith("task-") for line in shown.screen) == 19
    assert "… and 11 more" in shown.screen
    shown.type(f"{answer}\n")
    assert shown.finish() == status
    assert {aws.fsx().status(task) for task in tasks} == {state}
    assert ("nothing was stopped" in shown.text) is (answer == "n")


def test_an_interrupt_at_the_question_stops_nothing(aws: SimulatedAWS, terminal: Open) -> None:
    task = aws.fsx().start(status="EXECUTING")
    shown = terminal("cancel", "--kind", "fsx")
    shown.until("Stop it? [y/N]:")
    shown.interrupt()
    assert shown.finish() == 130
    assert aws.fsx().status(task) == "EXECUTING"


def test_progress_is_live_and_the_end_is_a_table_with_the_repair(
    aws: SimulatedAWS, terminal: Open
) -> None:
    task = aws.fsx().start(status="EXECUTING")
    execution = aws.datasync().start(status="TRANSFERRING")
    shown = terminal("cancel", task, execution, "--wait", "--poll", "0.05")
    shown.until(lambda seen: "\n".join(seen.screen).count("CANCELING") == 2)
    assert shown.screen[0].startswith("Stopping 2 tasks")
    aws.advance(25)
    shown.until(f"✓ {task}  canceled")
    assert "1 of 2 done" in shown.screen[0]
    aws.advance(25)
    assert shown.finish() == 0
    assert "Stopping" not in shown.text
    assert (
        f"✓ {execution.rpartition('/')[2]}  canceled  inferred: it stopped as ERROR" in shown.text
    )
    assert "2 tasks: 2 canceled" in shown.screen
    assert "  Repair: Start a new execution of the same task and let it finish." in shown.screen


def test_a_resume_is_shown_live_and_its_end_says_when_the_cancel_was_accepted(
    aws: SimulatedAWS, terminal: Open, tmp_path: Path
) -> None:
    execution = aws.datasync().start(status="TRANSFERRING")
    journal = tmp_path / "cancels.jsonl"
    asking = terminal("cancel", execution, "--journal", str(journal))
    assert asking.finish() == 0
    shown = terminal("resume", str(journal), "--poll", "0.05")
    shown.until("CANCELING")
    assert shown.screen[0].startswith("Finishing 1 task")
    aws.advance(60)
    assert shown.finish() == 0
    assert "canceled  inferred: it stopped as ERROR; the cancel" in shown.text
    assert "was accepted at " in shown.text
    again = terminal("resume", str(journal))
    assert again.finish() == 0
    assert again.text.startswith("botocancel: there is nothing to resume: 1 cancel of ")


def test_on_a_terminal_too_the_first_interrupt_tells_and_the_second_leaves(
    aws: SimulatedAWS, terminal: Open
) -> None:
    task = aws.fsx().start(status="EXECUTING")
    shown = terminal("cancel", task, "--wait", "--poll", "0.05", columns=120)
    shown.until("CANCELING")
    shown.interrupt()
    shown.until("Stopping: 1 task to go; AWS has accepted 1 of the cancels")
    shown.interrupt()
    assert shown.finish() == 130
    assert "left unfinished  AWS accepted the cancel and goes on with it" in shown.text


def test_logs_and_the_live_display_do_not_garble_each_other(
    aws: SimulatedAWS, terminal: Open
) -> None:
    task = aws.fsx().start(status="EXECUTING")
    shown = terminal("cancel", task, "--wait", "--poll", "0.05", "-v", columns=150)
    shown.until("CANCELING")
    aws.advance(60)
    assert shown.finish() == 0
    logged = [line for line in shown.text.splitlines() if " answered HTTP 200 " in line]
    assert len(logged) >= 2
    assert all("Stopping" not in line for line in logged)


def test_five_hundred_tasks_stay_readable(aws: SimulatedAWS, terminal: Open) -> None:
    """Only as many rows as fit are drawn, never a line that wraps, and problems are listed."""
    file_system = aws.fsx().create_parent()
    for number in range(500):
        aws.fsx().start(
            status="EXECUTING",
            parent=file_system,
            cancelable=number % 100 != 0,
            seconds={"EXECUTING": 1e9, "CANCELING": 20 if number % 2 else 40},
        )
    shown = terminal(
        "cancel",
        "--kind",
        "fsx",
        "--file-system",
        file_system,
        "--wait",
        "--poll",
        "0.2",
        "--yes",
        lines=30,
    )
    shown.until("5 failed")
    aws.advance(25)
    shown.until("250 canceled, 5 failed")
    shown.until("… and 219 more")
    top, counts, *rows = [line for line in shown.screen if line]
    assert top.startswith("Stopping 500 tasks")
    assert "255 of 500 done" in top
    assert counts == "  250 canceled, 5 failed"
    assert all(row.startswith("  · task-") for row in rows[:-1])
    assert rows[-1] == "  … and 219 more"
    assert len(rows) == 27
    aws.advance(25)
    assert shown.finish() == 1
    assert "500 tasks: 495 canceled, 5 failed" in shown.text
    assert shown.text.count("✗ task-") == 5
    assert shown.text.count("Stopping 500 tasks") == 0


def test_a_dumb_terminal_gets_plain_lines(aws: SimulatedAWS, terminal: Open) -> None:
    task = aws.fsx().start(status="EXECUTING")
    shown = terminal("cancel", task, "--wait", "--poll", "0.05", TERM="dumb")
    shown.until(f"{task}: CANCELING")
    aws.advance(60)
    assert shown.finish() == 0
    assert b"\x1b" not in shown.written
