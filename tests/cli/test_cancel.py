"""``botocancel cancel`` stops tasks, and says what is known of each."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest

from botocancel import TaskExecutionRef
from botocancel.testing import Fault, FaultKind

if TYPE_CHECKING:
    from botocancel.testing import SimulatedAWS
    from tests.cli.conftest import Operator

UNKNOWN = "task-00000000000000000"
QUICK = ["--wait", "--poll", "0.02"]


def cancels(aws: SimulatedAWS) -> int:
    """Return how many cancels have arrived."""
    return sum(record.operation.startswith("Cancel") for record in aws.requests)


def test_a_filter_stops_tasks_of_the_kinds_that_are_named_only(
    aws: SimulatedAWS, operator: Operator
) -> None:
    """What a version or a package adds is not stopped because it is there."""
    aws.fsx().start(status="EXECUTING")
    ran = operator.run("cancel", "--older-than", "0s", "--yes")
    assert ran.status == 2
    assert "add --kind" in ran.stderr
    assert not aws.requests


def test_without_wait_it_says_what_was_accepted_and_how_to_go_on(
    aws: SimulatedAWS, operator: Operator
) -> None:
    task = aws.fsx().start(status="EXECUTING")
    ran = operator.run("cancel", task)
    assert ran.status == 0
    assert ran.lines == [f"requested         {task}  AWS accepted the cancel, now CANCELING"]
    assert f"  botocancel cancel --wait {task}\n" in ran.stderr
    assert aws.fsx().status(task) == "CANCELING"


def test_with_wait_it_says_how_each_ended_what_is_left_behind_and_the_repair(
    aws: SimulatedAWS, operator: Operator
) -> None:
    operator.lets_time_pass()
    export = aws.fsx().start(status="EXECUTING")
    execution = aws.datasync().start(status="TRANSFERRING")
    ran = operator.run("cancel", export, execution, *QUICK)
    assert ran.status == 0
    assert sorted(line.split("  ")[0] for line in ran.lines) == ["canceled", "canceled"]
    assert "reported by AWS after" in ran.stdout
    assert "inferred: it stopped as ERROR after" in ran.stdout
    assert f"{execution}: CANCELING" in ran.stderr
    assert "2 tasks: 2 canceled" in ran.stderr
    assert "Files already exported are not reverted" in ran.stderr
    assert "Repair: Start a new execution of the same task and let it finish." in ran.stderr
    assert f"  botocancel restart {execution}" in ran.stderr


ENDS = {
    "it was stopped": ("canceled", 0),
    "it had succeeded": ("already ended", 0),
    "it was stopped before": ("canceled", 0),
    "there is none": ("failed", 1),
    "it takes no cancel": ("failed", 1),
    "it did not end in time": ("timed out", 3),
}


@pytest.mark.parametrize("case", ENDS)
def test_each_end_has_its_word_and_its_exit_status(
    case: str, aws: SimulatedAWS, operator: Operator
) -> None:
    fsx = aws.fsx()
    tasks = {
        "it was stopped": lambda: fsx.start(status="EXECUTING"),
        "it had succeeded": lambda: fsx.start(status="SUCCEEDED"),
        "it was stopped before": lambda: fsx.start(status="CANCELED"),
        "there is none": lambda: UNKNOWN,
        "it takes no cancel": lambda: aws.datasync().start(
            status="TRANSFERRING", cancelable=False, seconds={"TRANSFERRING": 1e9}
        ),
        "it did not end in time": lambda: fsx.start(status="EXECUTING"),
    }
    late = case == "it did not end in time"
    if not late:
        operator.lets_time_pass()
    limit = ["--timeout", "0"] if late else []
    ran = operator.run("cancel", tasks[case](), *QUICK, *limit, "--output", "jsonl")
    [document] = ran.documents
    assert (document["result"], ran.status) == ENDS[case]


def test_the_worst_of_many_ends_is_the_exit_status(aws: SimulatedAWS, operator: Operator) -> None:
    late = aws.fsx().start(status="EXECUTING")
    ended = aws.fsx().start(status="SUCCEEDED")
    limit = ["--timeout", "4"]
    fine = operator.run("cancel", ended, *QUICK, *limit)
    timed_out = operator.run("cancel", ended, late, *QUICK, *limit)
    failed = operator.run("cancel", ended, late, UNKNOWN, *QUICK, *limit)
    assert (fine.status, timed_out.status, failed.status) == (0, 3, 1)
    assert "3 tasks: 1 already ended, 1 timed out, 1 failed" in failed.stderr


def test_a_cancel_that_was_never_accepted_in_time_has_failed(
    aws: SimulatedAWS, operator: Operator
) -> None:
    task = aws.fsx().start(status="EXECUTING")
    aws.inject(Fault(kind=FaultKind.THROTTLE, times=None))
    ran = operator.run("cancel", task, *QUICK, "--timeout", "0.3", "--output", "jsonl")
    [document] = ran.documents
    assert (ran.status, document["result"], document["accepted"]) == (1, "failed", False)


def test_json_has_the_outcome_the_aftermath_and_the_error(
    aws: SimulatedAWS, operator: Operator
) -> None:
    operator.lets_time_pass()
    task = aws.fsx().start(status="EXECUTING")
    ran = operator.run("cancel", task, UNKNOWN, *QUICK, "--output", "json")
    stopped, missing = sorted(ran.documents, key=lambda document: str(document["result"]))
    assert stopped.keys() == missing.keys()
    assert stopped["id"] == task
    assert (stopped["accepted"], stopped["certainty"], stopped["cancels"]) == (True, "reported", 1)
    assert stopped["task"]["status"] == "CANCELED"
    assert stopped["aftermath"]["done"] == "kept"
    assert stopped["error"] is None
    assert missing["error"]["type"] == "NotFound"
    assert missing["error"]["code"] == "DataRepositoryTaskNotFound"
    assert missing["error"]["request_id"]
    assert missing["error"]["retryable"] is False
    assert "botocancel ls --all" in missing["error"]["remedy"]
    assert missing["task"] is None


def test_the_ids_of_what_was_stopped_are_printed_and_no_others(
    aws: SimulatedAWS, operator: Operator
) -> None:
    operator.lets_time_pass()
    task = aws.fsx().start(status="EXECUTING")
    ran = operator.run("cancel", task, UNKNOWN, *QUICK, "--output", "ids")
    assert (ran.status, ran.lines) == (1, [task])
    assert "2 tasks: 1 canceled, 1 failed" in ran.stderr


def test_ids_come_from_standard_input_one_a_line(aws: SimulatedAWS, operator: Operator) -> None:
    tasks = [aws.fsx().start(status="EXECUTING") for _ in range(3)]
    ran = operator.run("cancel", "-", stdin="\n".join([tasks[0], "", f"  {tasks[1]} ", tasks[2]]))
    assert ran.status == 0
    assert {aws.fsx().status(task) for task in tasks} == {"CANCELING"}


def test_a_task_is_found_by_the_name_that_the_list_shows(
    aws: SimulatedAWS, operator: Operator
) -> None:
    execution = aws.datasync().start(status="TRANSFERRING")
    ran = operator.run("cancel", execution.rpartition("/")[2])
    assert ran.status == 0
    assert aws.datasync().status(execution) == "CANCELLING"
    regions = ["--region", "eu-west-1", "--region", "us-east-1"]
    ended = aws.datasync().start(status="SUCCESS").rpartition("/")[2]
    assert operator.run("show", ended, *regions, "--output", "ids").status == 0
    unknown = operator.run("cancel", "exec-00000000000000000")
    assert unknown.status == 2
    assert "there is no task exec-00000000000000000 where was looked" in unknown.stderr


def test_one_id_that_is_none_stops_all_before_anything_is_sent(
    aws: SimulatedAWS, operator: Operator
) -> None:
    task = aws.fsx().start(status="EXECUTING")
    ran = operator.run("cancel", task, "task-0123456789ABCDEF0", "nonsense")
    assert ran.status == 2
    [line] = ran.stderr.splitlines()
    assert "'task-0123456789ABCDEF0': it has upper-case letters" in line
    assert line.endswith("(and 1 more such)")
    assert not aws.requests


@pytest.mark.parametrize("arguments", [[], [UNKNOWN, "--kind", "fsx"]])
def test_tasks_are_named_or_chosen_and_never_both_or_neither(
    arguments: list[str], aws: SimulatedAWS, operator: Operator
) -> None:
    ran = operator.run("cancel", *arguments)
    assert ran.status == 2
    assert "by id, or by filters such as --file-system, not both" in ran.stderr
    assert not aws.requests


def test_what_a_filter_chose_is_not_stopped_unasked(aws: SimulatedAWS, operator: Operator) -> None:
    aws.fsx().start(status="EXECUTING")
    ran = operator.run("cancel", "--kind", "fsx")
    assert ran.status == 2
    assert "there is no terminal to ask on: look with --dry-run, then pass --yes" in ran.stderr
    assert cancels(aws) == 0


def test_a_dry_run_shows_what_would_be_stopped_and_stops_nothing(
    aws: SimulatedAWS, operator: Operator
) -> None:
    chosen = aws.fsx().start(status="EXECUTING")
    named = aws.datasync().start(status="TRANSFERRING")
    by_filter = operator.run("cancel", "--kind", "fsx", "--dry-run")
    by_id = operator.run("cancel", named, "--dry-run", "--output", "json")
    assert (by_filter.status, by_id.status, cancels(aws)) == (0, 0, 0)
    assert chosen in by_filter.stdout
    assert "dry run: nothing was stopped (1 task: 1 running)" in by_filter.stderr
    assert "It would leave behind: Files already exported" in by_filter.stderr
    [document] = by_id.documents
    assert document["id"] == named
    assert document["aftermath"]["in_flight"] == "cut off"


def test_a_dry_run_shows_what_it_can_and_names_the_rest(
    aws: SimulatedAWS, operator: Operator
) -> None:
    task = aws.fsx().start(status="EXECUTING")
    aws.inject(Fault(kind=FaultKind.THROTTLE, times=2))
    ran = operator.run("cancel", UNKNOWN, task, "--dry-run", "--output", "ids", "--poll", "0.02")
    assert (ran.status, ran.lines, cancels(aws)) == (1, [task], 0)
    assert f"{UNKNOWN}: DescribeDataRepositoryTasks was refused" in ran.stderr
    assert "dry run: nothing was stopped (1 task: 1 running)" in ran.stderr
    nothing = operator.run("cancel", UNKNOWN, "--dry-run")
    assert (nothing.status, nothing.stdout) == (1, "")
    assert "dry run: nothing was stopped (no tasks)" in nothing.stderr


def test_a_timeout_without_a_wait_is_a_mistake(aws: SimulatedAWS, operator: Operator) -> None:
    ran = operator.run("cancel", UNKNOWN, "--timeout", "5m")
    assert (ran.status, aws.requests) == (2, [])
    assert "--timeout is how long --wait waits" in ran.stderr


def test_a_filter_that_fits_nothing_stops_nothing_and_is_no_failure(operator: Operator) -> None:
    ran = operator.run(
        "cancel", "--kind", "fsx", "--kind", "datasync", "--older-than", "2d", "--yes"
    )
    assert (ran.status, ran.stdout) == (0, "")
    assert ran.stderr == "botocancel: there is nothing to stop\n"


@pytest.mark.parametrize("wait", [True, False])
def test_a_minute_of_throttling_is_ridden_out(
    wait: bool,  # noqa: FBT001  (a parameter)
    aws: SimulatedAWS,
    operator: Operator,
) -> None:
    def relent() -> None:
        aws.clear_faults()
        operator.lets_time_pass()

    tasks = [aws.fsx().start(status="EXECUTING") for _ in range(3)]
    operator.lets_time_pass()
    aws.inject(Fault(kind=FaultKind.THROTTLE, times=None))
    aws.clock.call_in(60, relent)
    extra = ["--wait"] if wait else []
    ran = operator.run("cancel", *tasks, *extra, "--poll", "0.02", "--output", "jsonl")
    assert ran.status == 0
    assert {document["result"] for document in ran.documents} == {
        "canceled" if wait else "requested"
    }
    throttled = [record for record in aws.requests if FaultKind.THROTTLE in record.faults]
    assert len(throttled) > 3


def test_a_listing_that_is_throttled_for_a_while_is_asked_for_again(
    aws: SimulatedAWS, operator: Operator
) -> None:
    task = aws.fsx().start(status="EXECUTING")
    aws.inject(Fault(kind=FaultKind.THROTTLE, times=4))
    ran = operator.run("cancel", "--kind", "fsx", "--yes", "--poll", "0.02")
    assert ran.status == 0
    assert aws.fsx().status(task) == "CANCELING"


def test_a_reader_who_leaves_does_not_keep_the_tasks_from_being_stopped(
    aws: SimulatedAWS, operator: Operator
) -> None:
    operator.lets_time_pass()
    tasks = [aws.fsx().start(status="EXECUTING") for _ in range(5)]
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run(
        [operator.program, "cancel", *tasks, *QUICK],
        env=operator.variables,
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        text=True,
    )
    os.close(writer)
    assert ran.returncode == 0
    assert {aws.fsx().status(task) for task in tasks} == {"CANCELED"}
    assert "5 tasks: 5 canceled" in ran.stderr


def test_those_who_read_neither_results_nor_progress_do_not_either(
    aws: SimulatedAWS, operator: Operator
) -> None:
    operator.lets_time_pass()
    tasks = [aws.fsx().start(status="EXECUTING") for _ in range(5)]
    command = " ".join([f"'{operator.program}'", "cancel", *tasks, *QUICK])
    ran = operator.shell(f"{command} 2>&1 | true; echo ${{PIPESTATUS[0]}}")
    assert ran.stdout == "0\n"
    assert {aws.fsx().status(task) for task in tasks} == {"CANCELED"}


def test_the_first_interrupt_tells_what_is_going_on_and_the_second_leaves(
    aws: SimulatedAWS, operator: Operator
) -> None:
    tasks = [aws.fsx().start(status="EXECUTING") for _ in range(2)]
    started = operator.start("cancel", *tasks, *QUICK, "--output", "jsonl")
    seen = [started.complaint() for _ in tasks]
    assert sorted(seen) == sorted(f"{task}: CANCELING" for task in tasks)
    started.process.send_signal(signal.SIGINT)
    notice = started.complaint()
    assert notice.startswith("Stopping: 2 tasks to go; AWS has accepted 2 of the cancels")
    started.process.send_signal(signal.SIGINT)
    ran = started.end()
    assert ran.status == 130
    assert [document["result"] for document in ran.documents] == ["left unfinished"] * 2
    assert all(document["accepted"] for document in ran.documents)
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("command", ["cancel", "wait"])
def test_the_second_interrupt_leaves_though_requests_are_under_way(
    command: str, operator: Operator
) -> None:
    """The server takes a connection and never answers."""
    export, execution = UNKNOWN, TaskExecutionRef.example
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        started = operator.start(command, export, execution, "--endpoint-url", url)
        connection, _ = server.accept()
        started.process.send_signal(signal.SIGINT)
        assert started.complaint().endswith("2 tasks to go. Ctrl-C again leaves.")
        started.process.send_signal(signal.SIGINT)
        ran = started.end()
        connection.close()
    assert ran.status == 130
    assert ran.stdout.count("no answer has come yet") == 2


def test_after_one_interrupt_it_goes_on_to_the_end(aws: SimulatedAWS, operator: Operator) -> None:
    task = aws.fsx().start(status="EXECUTING")
    started = operator.start("cancel", task, *QUICK)
    assert started.complaint() == f"{task}: CANCELING"
    started.process.send_signal(signal.SIGINT)
    assert "Ctrl-C again leaves" in started.complaint()
    aws.advance(60)
    assert started.end().status == 0


def test_five_hundred_tasks_chosen_by_a_filter_are_stopped_by_one_command(
    aws: SimulatedAWS, operator: Operator
) -> None:
    file_system = aws.fsx().create_parent()
    for number in range(500):
        aws.fsx().start(
            status="EXECUTING",
            parent=file_system,
            cancelable=number % 50 != 0,
            seconds={"EXECUTING": 1e9},
        )
    operator.lets_time_pass(0.1)
    ran = operator.run("cancel", "--kind", "fsx", "--file-system", file_system, "--yes", *QUICK)
    assert ran.status == 1
    assert "500 tasks: 490 canceled, 10 failed" in ran.stderr
    assert sum(line.startswith("canceled ") for line in ran.lines) == 490
    assert sum(line.startswith("failed ") for line in ran.lines) == 10
    statuses = [aws.fsx().status(task) for task in aws.fsx().tasks]
    assert (statuses.count("CANCELED"), statuses.count("EXECUTING")) == (490, 10)
