"""One task that cannot be read hides no other: the rest goes on, and the gap is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from botocancel._text import visible
from tests.cli.canned import EXECUTIONS, TASKS, CannedAWS, answering, execution, fsx_task
from tests.cli.conftest import Operator

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from botocancel.testing import SimulatedAWS

FINE, ODD = TASKS[:2]
FILE_SYSTEM = "fs-0123456789abcdef0"
HUGE = 10**400
UNREADABLE: Mapping[str, tuple[Mapping[str, object], str]] = {
    "id of unknown form": ({"TaskId": "exp-\x1b[2J1", "ResourceARN": "arn"}, "exp-\x1b[2J1"),
    "no creation time": ({"CreationTime": None}, ODD),
    "creation time in words": ({"CreationTime": "yesterday"}, ODD),
    "count of 400 digits": ({"Status": {"TotalCount": 1, "SucceededCount": HUGE}}, ODD),
}
"""Members of a task, and the name by which it is said to be left out."""
READABLE: Mapping[str, Mapping[str, object]] = {
    "half of a pair": {"FileSystemId": "\ud800", "Type": "\ud800", "Lifecycle": "\ud800"},
    "count of 18 digits": {"Status": {"TotalCount": 10**18, "SucceededCount": 10**18}},
    "more done than there is": {"Status": {"TotalCount": 1, "SucceededCount": 10**18}},
}


@pytest.fixture
def canned() -> Generator[CannedAWS]:
    with answering() as server:
        yield server


@pytest.fixture
def operator(canned: CannedAWS, aws: SimulatedAWS, tmp_path: Path) -> Operator:
    return Operator(aws, canned.variables, tmp_path)


def have(canned: CannedAWS, odd: Mapping[str, object]) -> None:
    """Have FSx describe one task as usual and one with odd members; None leaves one out."""
    described = fsx_task(ODD, **odd)
    members = {name: value for name, value in described.items() if value is not None}
    canned.tasks = [members, fsx_task(FINE)]


def ids(documents: list[dict[str, Any]]) -> list[str]:
    return [document["id"] for document in documents]


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_list_goes_on_without_a_task_that_cannot_be_read_and_says_so(
    case: str, canned: CannedAWS, operator: Operator
) -> None:
    odd, name = UNREADABLE[case]
    have(canned, odd)
    ran = operator.run("ls", "--kind", "fsx", "--kind", "datasync", "--output", "jsonl")
    assert (ran.status, ids(ran.documents)) == (1, [FINE])
    gap = f"botocancel: a task of fsx in us-east-1 could not be read: {visible(name)}"
    assert ran.stderr.splitlines()[-1] == gap


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_cancel_by_filter_stops_the_rest_and_its_status_says_that_it_may_not_be_all(
    case: str, canned: CannedAWS, operator: Operator
) -> None:
    odd, name = UNREADABLE[case]
    have(canned, odd)
    ran = operator.run(
        "cancel", "--kind", "fsx", "--file-system", FILE_SYSTEM, "--yes", "--output", "jsonl"
    )
    assert ran.status == 1
    assert [(each["id"], each["result"]) for each in ran.documents] == [(FINE, "requested")]
    assert f"could not be read: {visible(name)}\n" in ran.stderr


def test_that_it_may_not_be_all_counts_before_that_time_was_up(
    canned: CannedAWS, operator: Operator
) -> None:
    have(canned, {"CreationTime": None})
    quick = ["--wait", "--timeout", "0", "--yes", "--output", "jsonl"]
    ran = operator.run("cancel", "--kind", "fsx", "--file-system", FILE_SYSTEM, *quick)
    assert [each["result"] for each in ran.documents] == ["timed out"]
    assert ran.status == 1


def test_of_a_task_that_cannot_be_read_a_wait_says_so_and_goes_on_with_the_rest(
    canned: CannedAWS, operator: Operator
) -> None:
    have(canned, {"CreationTime": None})
    canned.tasks[1]["Lifecycle"] = "SUCCEEDED"
    ran = operator.run("wait", ODD, FINE, "--timeout", "0.3", "--poll", "0.02")
    assert ran.status == 3
    succeeded, timed_out = ran.lines
    assert succeeded.startswith(f"succeeded         {FINE}")
    assert timed_out.startswith(f"timed out         {ODD}")
    assert "the last look failed: " in timed_out
    assert "it lacks CreationTime" in timed_out


@pytest.mark.parametrize("odd", [{"FilesTransferred": HUGE}, {"StartTime": "yesterday"}])
def test_an_execution_that_cannot_be_read_hides_no_other(
    odd: dict[str, object], canned: CannedAWS, operator: Operator
) -> None:
    canned.executions = [execution(EXECUTIONS[1], **odd), execution(EXECUTIONS[0])]
    ran = operator.run("ls", "--kind", "fsx", "--kind", "datasync", "--output", "ids")
    assert (ran.status, ran.lines) == (1, [EXECUTIONS[0]])
    assert f"could not be read: {EXECUTIONS[1]}\n" in ran.stderr


@pytest.mark.parametrize("form", ["table", "json", "ids"])
@pytest.mark.parametrize("case", READABLE)
def test_what_is_odd_and_can_be_read_is_listed_in_every_form(
    case: str, form: str, canned: CannedAWS, operator: Operator
) -> None:
    have(canned, READABLE[case])
    ran = operator.run("ls", "--kind", "fsx", "--kind", "datasync", "--output", form)
    assert ran.status == 0
    assert FINE in ran.stdout
    assert ODD in ran.stdout
    assert operator.run("show", ODD, "--output", form).status == 0


def test_a_name_that_is_looked_up_may_be_where_something_could_not_be_read(
    canned: CannedAWS, operator: Operator
) -> None:
    canned.executions = [execution(EXECUTIONS[1], StartTime="yesterday")]
    ran = operator.run("cancel", EXECUTIONS[1].rpartition("/")[2])
    assert ran.status == 2
    assert f"could not be read: {EXECUTIONS[1]}\n" in ran.stderr
    assert ran.stderr.splitlines()[-1].endswith("where was looked; name it by its ARN")


def test_a_warning_is_not_repeated_each_time_that_a_list_is_asked_for(
    canned: CannedAWS, operator: Operator
) -> None:
    have(canned, {"CreationTime": None})
    canned.tasks = [canned.tasks[0], {**canned.tasks[0], "TaskId": TASKS[2]}]
    ran = operator.run("ls", "--kind", "fsx", "--kind", "datasync")
    assert ran.stderr.count("it lacks CreationTime") == 1
    assert ran.stderr.count("could not be read: ") >= 2
