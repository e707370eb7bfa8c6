"""A cancel is a receipt: across the pipe, across processes, and after the end of one."""

from __future__ import annotations

import json
import pickle
import shlex
import signal
import socket
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from botocancel import Cancellation, Phase, TaskClient
from botocancel.cli._naming import named_tasks
from botocancel.cli._settings import Settings
from botocancel.testing import Fault, FaultKind
from tests.cli.test_advice import pasted, recommended

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from botocancel.testing import SimulatedAWS
    from tests.cli.conftest import Operator, Ran

QUICK = ["--poll", "0.02"]
LONG = 600.0
"""Seconds in which any task that is cancelled here has ended."""


@attrs.frozen
class Kind:
    """A kind of task, and what is known of its cancel."""

    start: Callable[[SimulatedAWS], str]
    unsure: str
    """The result of a wait that has no receipt."""
    certainty: str
    basis: str


def export(aws: SimulatedAWS) -> str:
    return aws.fsx().start(status="EXECUTING")


def execution(aws: SimulatedAWS) -> str:
    return aws.datasync().start(status="TRANSFERRING")


KINDS = {
    "fsx": Kind(export, "was canceled", "reported", "status"),
    "datasync": Kind(execution, "unsuccessful", "inferred", "receipt"),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def journal(operator: Operator) -> Path:
    return operator.home / "my cancels.jsonl"


def cancels(aws: SimulatedAWS) -> int:
    """Return how many cancels have arrived."""
    return sum(record.operation.startswith("Cancel") for record in aws.requests)


def entries(journal: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in journal.read_text().splitlines() if line]


def is_canceled(ran: Ran, kind: Kind) -> bool:
    """Say whether a wait told of one task that it was cancelled, and how that is known."""
    [document] = ran.documents
    known = (document["certainty"], document["basis"], document["accepted"])
    assert known == (kind.certainty, kind.basis, True)
    assert document["receipt"]["accepted"]
    return (document["result"], ran.status) == ("canceled", 0)


# --- across the pipe, and across processes --------------------------------------------------


def test_across_a_pipe_it_is_known_that_a_task_was_cancelled(
    kind: Kind, aws: SimulatedAWS, operator: Operator
) -> None:
    operator.lets_time_pass()
    program = shlex.quote(operator.program)
    ran = operator.shell(
        f"{program} cancel {kind.start(aws)} --output jsonl | {program} wait - --poll 0.02"
    )
    assert ran.status == 0
    assert ran.stdout.startswith("canceled ")
    assert "; the cancel was accepted at " in ran.stdout


@pytest.mark.parametrize("output", ["json", "jsonl"])
def test_the_results_of_a_cancel_are_receipts_long_after_it(
    output: str, kind: Kind, aws: SimulatedAWS, operator: Operator
) -> None:
    asked = operator.run("cancel", kind.start(aws), "--output", output, "--reason", "wrong bucket")
    aws.advance(LONG)
    assert asked.documents[0]["receipt"]["reason"] == "wrong bucket"
    assert is_canceled(operator.run("wait", "-", "--output", "jsonl", stdin=asked.stdout), kind)
    shown = operator.run("show", "-", stdin=asked.stdout)
    assert "phase" in shown.stdout
    assert "CANCELED (" in shown.stdout
    assert ": wrong bucket\n" in shown.stdout


def test_without_the_receipt_no_more_is_claimed_than_the_status_tells(
    kind: Kind, aws: SimulatedAWS, operator: Operator
) -> None:
    task = kind.start(aws)
    operator.run("cancel", task)
    aws.advance(LONG)
    ran = operator.run("wait", task, "--output", "jsonl")
    [document] = ran.documents
    assert (document["result"], document["receipt"], ran.status) == (kind.unsure, None, 1)


def test_a_receipt_of_the_library_is_read_by_the_command_and_the_other_way_round(
    kind: Kind, aws: SimulatedAWS, operator: Operator
) -> None:
    client = TaskClient(aws.session(), clock=aws.clock)
    ours: Cancellation = pickle.loads(pickle.dumps(client.cancel(kind.start(aws))))
    file = operator.home / "receipt.json"
    file.write_text(json.dumps(ours.to_dict(), indent=2))
    [document] = operator.run("cancel", kind.start(aws), "--output", "jsonl").documents
    theirs = Cancellation.from_dict(document["receipt"])
    aws.advance(LONG)
    assert is_canceled(operator.run("wait", "--file", str(file), "--output", "jsonl"), kind)
    assert client.wait(theirs).phase is Phase.CANCELED


def test_a_cancel_with_a_receipt_looks_before_it_asks_again(
    kind: Kind, aws: SimulatedAWS, operator: Operator
) -> None:
    asked = operator.run("cancel", kind.start(aws), "--output", "jsonl")
    operator.lets_time_pass()
    ran = operator.run("cancel", "--wait", "-", *QUICK, "--output", "jsonl", stdin=asked.stdout)
    assert is_canceled(ran, kind)
    assert (ran.documents[0]["cancels"], cancels(aws)) == (0, 1)


def test_what_a_wait_ran_out_of_time_for_keeps_its_receipt(
    kind: Kind, aws: SimulatedAWS, operator: Operator
) -> None:
    late = ["--wait", *QUICK, "--timeout", "0", "--output", "jsonl"]
    ran = operator.run("cancel", kind.start(aws), *late)
    assert (ran.status, ran.documents[0]["result"]) == (3, "timed out")
    again = operator.run("wait", "-", *late[1:], stdin=ran.stdout)
    assert (again.status, again.documents[0]["result"]) == (3, "timed out")
    aws.advance(LONG)
    assert is_canceled(operator.run("wait", "-", "--output", "jsonl", stdin=again.stdout), kind)


# --- what a list of tasks may hold ----------------------------------------------------------


def test_tasks_are_named_by_ids_and_by_all_json_that_names_them(
    aws: SimulatedAWS, operator: Operator, journal: Path, tmp_path: Path
) -> None:
    tasks = [export(aws), execution(aws), export(aws)]
    listed = operator.run("ls", "--output", "jsonl").stdout
    arrays = operator.run("ls", "--output", "json").stdout
    shown = operator.run("show", tasks[1], "--output", "json").stdout
    ids = "\n".join(tasks)
    strings = json.dumps(tasks)
    asked = operator.run("cancel", *tasks, "--output", "jsonl", "--journal", str(journal)).stdout
    mixed = f"{ids}\n{arrays}{asked}\n{strings}{shown}"
    for text in (listed, arrays, ids, strings, asked, journal.read_text(), mixed):
        file = tmp_path / "tasks"
        file.write_text(text)
        named = named_tasks(Settings(), [], [str(file)])
        assert sorted(each.ref.id for each in named) == sorted(tasks), text
    ran = operator.run("show", "-", "--output", "ids", stdin=mixed)
    assert (ran.status, len(ran.lines)) == (0, 3)


def test_files_are_read_as_standard_input_is(
    aws: SimulatedAWS, operator: Operator, tmp_path: Path
) -> None:
    tasks = [export(aws) for _ in range(4)]
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text(tasks[0])
    other.write_text(json.dumps([tasks[1]]))
    files = ["--file", str(one), "-f", str(other), "-f", "-"]
    ran = operator.run("cancel", tasks[2], *files, "--output", "ids", stdin=tasks[3])
    assert (ran.status, sorted(ran.lines)) == (0, sorted(tasks))


def test_of_several_receipts_of_a_task_one_that_was_accepted_counts(
    aws: SimulatedAWS, operator: Operator
) -> None:
    task = execution(aws)
    client = TaskClient(aws.session(), clock=aws.clock)
    accepted = client.cancel(task).to_dict()
    lost = {**accepted, "accepted": False, "response": None}
    aws.advance(LONG)
    papers = [json.dumps(accepted), json.dumps(lost), task]
    for order in (papers, papers[::-1], [papers[1], papers[0]]):
        ran = operator.run("wait", "-", stdin="\n".join(order))
        assert (ran.status, len(ran.lines)) == (0, 1)
    alone = operator.run("wait", "-", stdin=papers[1])
    assert (alone.status, alone.stdout.split()[0]) == (1, "unsuccessful")


def test_a_receipt_of_an_earlier_start_is_ignored_with_a_word(
    aws: SimulatedAWS, operator: Operator
) -> None:
    asked = operator.run("cancel", execution(aws), "--output", "jsonl")
    receipt = {**asked.documents[0]["receipt"], "service_time": "2020-02-29T00:00:00+00:00"}
    aws.advance(LONG)
    ran = operator.run("wait", "-", stdin=json.dumps(receipt))
    assert (ran.status, ran.stdout.split()[0]) == (1, "unsuccessful")
    assert "is of an earlier start of this task" in ran.stderr


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"receipt": 7}', "line 1 of standard input: the receipt has form 7, and this version"),
        ('\n\n{"id": 3}', "line 3 of standard input: it is JSON that names no task: expected a"),
        ("task-0123456789abcdef0\n[{}]", "line 2 of standard input: entry 1 of the list: it is"),
        ('{"receipt": 1, "ser', "line 1 of standard input begins as JSON does, but is cut short"),
        ("[" * 100_000, "line 1 of standard input begins as JSON does, but is cut short"),
        ('{"receipt": {"receipt": 1}}', "line 1 of standard input: not a receipt of a cancel"),
        (
            '{"service": "teleport", "id": "x"}',
            "line 1 of standard input: no kind of task 'teleport'",
        ),
        ('"task-0123"', "there are only 4 digits after 'task-'"),
    ],
)
def test_what_names_no_task_stops_all_before_anything_is_sent(
    text: str, fault: str, aws: SimulatedAWS, operator: Operator
) -> None:
    ran = operator.run("cancel", "-", stdin=text)
    assert (ran.status, ran.stdout, aws.requests) == (2, "", [])
    assert fault in ran.stderr
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["wait", "show", "restart"])
def test_where_no_task_is_named_it_is_said_how_to(command: str, operator: Operator) -> None:
    ran = operator.run(command)
    assert ran.status == 2
    assert "by id, by '-' for those on standard input, or by --file" in ran.stderr


# --- the journal ----------------------------------------------------------------------------


def test_a_cancel_is_noted_with_its_reason_and_resume_tells_how_it_ended(
    kind: Kind, aws: SimulatedAWS, operator: Operator, journal: Path
) -> None:
    settled = aws.fsx().start(status="SUCCEEDED")
    noted = ["--journal", str(journal), "--reason", "wrong bucket"]
    ran = operator.run("cancel", kind.start(aws), settled, *noted)
    assert ran.status == 0
    assert [entry["reason"] for entry in entries(journal)[:2]] == ["wrong bucket"] * 2
    resume = recommended(ran)[0]
    assert resume == f"botocancel resume {shlex.quote(str(journal))}"
    aws.advance(LONG)
    told = pasted(operator, f"{resume} --poll 0.02 --output jsonl")
    assert is_canceled(told, kind)
    assert told.stderr.startswith(f"1 cancel of {journal} had been settled before\n")
    assert cancels(aws) == 2
    nothing = pasted(operator, resume)
    assert (nothing.status, nothing.stdout) == (0, "")
    assert f"there is nothing to resume: 2 cancels of {journal} had been" in nothing.stderr


def test_a_resume_that_runs_out_of_time_says_how_to_go_on(
    aws: SimulatedAWS, operator: Operator, journal: Path
) -> None:
    operator.run("cancel", export(aws), "--journal", str(journal))
    ran = operator.run("resume", str(journal), *QUICK, "--timeout", "0")
    assert ran.status == 3
    assert ran.stdout.startswith("timed out ")
    assert recommended(ran) == [f"botocancel resume {shlex.quote(str(journal))}"]


def test_after_a_kill_what_was_under_way_is_finished_and_nothing_else_is_cancelled(
    kind: Kind, aws: SimulatedAWS, operator: Operator, journal: Path
) -> None:
    """The process is killed once where all is accepted, and once where nothing was answered."""
    tasks = sorted(kind.start(aws) for _ in range(3))
    never_left, _ = kind.start(aws), kind.start(aws)
    noted = ["--journal", str(journal)]
    started = operator.start("cancel", *tasks, "--wait", *QUICK, *noted)
    for _ in tasks:
        assert started.complaint().endswith((": accepted", ": CANCELING"))
    started.process.kill()
    assert started.end().status == -9
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        started = operator.start("cancel", never_left, *noted, "--endpoint-url", url)
        connection, _ = server.accept()
        started.process.kill()
        started.end()
        connection.close()
    operator.lets_time_pass()
    ran = operator.run("resume", str(journal), *QUICK, "--output", "jsonl")
    assert ran.status == 0
    assert sorted(document["id"] for document in ran.documents) == sorted([*tasks, never_left])
    assert {document["result"] for document in ran.documents} == {"canceled"}
    assert cancels(aws) == 4


def test_a_last_line_that_was_cut_short_is_no_error(
    aws: SimulatedAWS, operator: Operator, journal: Path
) -> None:
    operator.run("cancel", export(aws), "--journal", str(journal))
    journal.write_bytes(journal.read_bytes()[:-40])
    operator.lets_time_pass()
    ran = operator.run("resume", str(journal), *QUICK)
    assert (ran.status, ran.stdout.split()[0]) == (0, "canceled")
    assert f"1 line of {journal} cannot be read: what was being written" in ran.stderr


def test_what_is_no_journal_is_not_taken_for_a_settled_one(
    aws: SimulatedAWS, operator: Operator, tmp_path: Path
) -> None:
    file = tmp_path / "ids"
    file.write_text(f"{export(aws)}\n{execution(aws)}\n")
    ran = operator.run("resume", str(file))
    assert (ran.status, aws.requests) == (2, [])
    assert "is no journal of cancels; 'botocancel wait --file' reads receipts" in ran.stderr
    file.write_text("")
    assert f"no cancel is noted in {file}" in operator.run("resume", str(file)).stderr
    missing = operator.run("resume", str(tmp_path / "nowhere"))
    assert missing.status == 2
    assert "does not exist" in missing.stderr


def test_where_the_journal_cannot_be_written_nothing_is_sent_and_nothing_is_run(
    aws: SimulatedAWS, operator: Operator, tmp_path: Path
) -> None:
    nowhere = ["--journal", str(tmp_path / "no such folder" / "cancels.jsonl")]
    made = tmp_path / "made"
    for arguments in (
        ["cancel", export(aws), execution(aws), "--wait", *nowhere],
        ["run", *nowhere, "--", "touch", str(made)],
    ):
        ran = operator.run(*arguments)
        assert (ran.status, ran.stdout, aws.requests) == (1, "", [])
        assert "cannot be written: No such file or directory; check its path" in ran.stderr
        assert ran.stderr.count("\n") == 1
    assert not made.exists()


def test_what_run_cancels_is_noted_with_why(
    kind: Kind, aws: SimulatedAWS, operator: Operator, journal: Path
) -> None:
    task = kind.start(aws)
    command = ["bash", "-c", f"echo {task}; exit 3"]
    ran = operator.run("run", "--journal", str(journal), "--", *command)
    assert ran.status == 3
    [asked, answered] = entries(journal)
    assert (asked["task"]["id"], asked["reason"]) == (task, "bash ended with status 3")
    assert answered["receipt"]["accepted"]
    aws.advance(LONG)
    assert is_canceled(operator.run("resume", str(journal), "--output", "jsonl"), kind)


def test_an_interrupted_cancel_is_told_to_be_resumed(
    aws: SimulatedAWS, operator: Operator, journal: Path
) -> None:
    task = export(aws)
    started = operator.start("cancel", task, "--wait", *QUICK, "--journal", str(journal))
    assert started.complaint() == f"{task}: CANCELING"
    started.process.send_signal(signal.SIGINT)
    started.complaint()
    started.process.send_signal(signal.SIGINT)
    ran = started.end()
    assert ran.status == 130
    assert recommended(ran)[0] == f"botocancel resume {shlex.quote(str(journal))}"


def test_a_receipt_survives_an_error_that_comes_after_the_cancel_was_accepted(
    aws: SimulatedAWS, operator: Operator
) -> None:
    denied = Fault(
        kind=FaultKind.ERROR,
        code="AccessDeniedException",
        operation="DescribeTaskExecution",
        times=None,
    )
    aws.inject(denied)
    asked = operator.run("cancel", execution(aws), "--wait", *QUICK, "--output", "jsonl")
    assert (asked.status, asked.documents[0]["result"]) == (1, "failed")
    aws.clear_faults()
    aws.advance(LONG)
    ran = operator.run("wait", "-", "--output", "jsonl", stdin=asked.stdout)
    assert is_canceled(ran, KINDS["datasync"])
