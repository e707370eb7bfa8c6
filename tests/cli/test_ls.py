"""``botocancel ls`` lists what is running, for people and for programs."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from botocore.session import Session

from botocancel.testing import Fault, FaultKind
from botocancel.testing._models import botocore_is_older

if TYPE_CHECKING:
    from botocancel.testing import SimulatedAWS
    from tests.cli.conftest import Operator


def test_the_running_tasks_of_both_services_are_listed_the_oldest_first(
    aws: SimulatedAWS, operator: Operator
) -> None:
    export = aws.fsx().start(status="EXECUTING")
    aws.advance(60)
    execution = aws.datasync().start(status="TRANSFERRING")
    aws.fsx().start(status="SUCCEEDED")
    ran = operator.run("ls")
    assert ran.status == 0
    head, first, second = ran.lines
    assert " ".join(head.split()) == "TASK SERVICE REGION TYPE PHASE STATUS AGE PROGRESS SOURCE"
    assert export in first
    assert "export to repository" in first
    assert execution in second
    assert all(line == line.rstrip() for line in ran.lines)


def test_ages_are_told_by_the_clock_of_the_service(
    years_ago: tuple[SimulatedAWS, Operator],
) -> None:
    aws, operator = years_ago
    old = aws.fsx().start(status="EXECUTING", seconds={"EXECUTING": 1e6})
    aws.advance(3 * 3_600)
    young = aws.fsx().start(status="EXECUTING")
    head, *rows = operator.run("ls").lines
    age = head.split().index("AGE") + 2  # "export to repository" is three words
    shown = {row.split()[0].rpartition("/")[2]: row.split()[age] for row in rows}
    assert shown[old] == "3h00m"
    assert re.fullmatch(r"\d+s", shown[young])
    assert operator.run("ls", "--older-than", "2h", "--output", "ids").stdout.split() == [
        f"arn:aws:fsx:us-east-1:123456789012:task/{old}"
    ]


@pytest.mark.parametrize(("named", "status"), [((), 0), (("--kind", "logs", "--kind", "fsx"), 1)])
def test_a_kind_that_botocore_does_not_know_is_incomplete_only_where_it_is_asked_for(
    aws: SimulatedAWS, operator: Operator, named: tuple[str, ...], status: int
) -> None:
    loader = Session().get_component("data_loader")
    model = loader.load_service_model("logs", "service-2")
    version = loader.determine_latest_version("logs", "service-2")
    del model["operations"]["DescribeQueries"]
    older = operator.home / ".aws" / "models" / "logs" / version / "service-2.json"
    older.parent.mkdir(parents=True)
    older.write_text(json.dumps(model))
    export = aws.fsx().start(status="EXECUTING")
    ran = operator.run("ls", *named, "--output", "ids")
    assert (ran.status, export in ran.stdout) == (status, True)
    said = "does not have DescribeQueries yet; install a newer botocore"
    assert said in ran.stderr or botocore_is_older()


def test_json_has_all_that_is_known(aws: SimulatedAWS, operator: Operator) -> None:
    file_system = aws.fsx().create_parent()
    task = aws.fsx().start(status="EXECUTING", parent=file_system)
    aws.advance(30)
    [document] = operator.run("ls", "--output", "json").documents
    assert document == {
        "id": task,
        "arn": f"arn:aws:fsx:us-east-1:123456789012:task/{task}",
        "service": "fsx",
        "region": "us-east-1",
        "account": "123456789012",
        "type": "EXPORT_TO_REPOSITORY",
        "parent": file_system,
        "phase": "RUNNING",
        "status": "EXECUTING",
        "progress": {
            "done": 100,
            "total": 1000,
            "unit": "files",
            "bytes_done": None,
            "bytes_total": None,
            "fraction": 0.1,
        },
        "created_at": document["created_at"],
        "started_at": document["created_at"],
        "ended_at": None,
        "failure": None,
        "certainty": "reported",
        "basis": "status",
    }


def test_json_lines_are_the_same_documents(aws: SimulatedAWS, operator: Operator) -> None:
    for _ in range(3):
        aws.fsx().start()
    in_a_list = operator.run("ls", "--output", "json").documents
    one_a_line = operator.run("ls", "--output", "jsonl").documents
    assert in_a_list == one_a_line
    assert len(in_a_list) == 3


def test_ids_hold_the_region_so_that_another_command_finds_the_task(
    aws: SimulatedAWS, operator: Operator
) -> None:
    aws.fsx(region="eu-west-1").start(status="EXECUTING")
    aws.datasync(region="us-west-2").start(status="TRANSFERRING")
    ids = operator.run(
        "ls", "--region", "eu-west-1", "--region", "us-west-2", "--output", "ids"
    ).stdout
    ran = operator.run("cancel", "-", "--output", "jsonl", stdin=ids)
    assert ran.status == 0
    assert {document["region"] for document in ran.documents} == {"eu-west-1", "us-west-2"}
    assert all(document["accepted"] for document in ran.documents)


FILTERS = {
    "service": (["--kind", "fsx"], {"old", "young"}),
    "phase": (["--phase", "pending", "--kind", "fsx"], {"young"}),
    "file system": (["--file-system", "FILE_SYSTEM"], {"old"}),
    "DataSync task": (["--task", "TASK"], {"execution"}),
    "age": (["--older-than", "30m"], {"old"}),
    "phase that is an end": (["--phase", "SUCCEEDED"], {"ended"}),
    "all": (["--all", "--kind", "fsx"], {"old", "young", "ended"}),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_chooses(name: str, aws: SimulatedAWS, operator: Operator) -> None:
    file_system, transfer = aws.fsx().create_parent(), aws.datasync().create_parent()
    old = aws.fsx().start(status="EXECUTING", parent=file_system, seconds={"EXECUTING": 9_000})
    aws.advance(3_000)
    made = {
        "old": old,
        "young": aws.fsx().start(),
        "ended": aws.fsx().start(status="SUCCEEDED"),
        "execution": aws.datasync().start(parent=transfer),
    }
    arguments, chosen = FILTERS[name]
    named = [{"FILE_SYSTEM": file_system, "TASK": transfer}.get(each, each) for each in arguments]
    ran = operator.run("ls", *named, "--output", "jsonl")
    assert {document["id"] for document in ran.documents} == {made[which] for which in chosen}


def test_every_region_is_looked_in_and_those_that_take_no_credentials_are_named(
    aws: SimulatedAWS, operator: Operator
) -> None:
    task = aws.fsx(region="eu-central-1").start(status="EXECUTING")
    aws.inject(
        Fault(kind=FaultKind.ERROR, code="UnrecognizedClientException", service="fsx", times=1)
    )
    ran = operator.run("ls", "--region", "all", "--kind", "fsx", "--output", "jsonl")
    asked = {record.region for record in aws.requests}
    assert {"us-east-1", "eu-central-1", "ap-southeast-2"} <= asked
    assert ran.status == 0
    assert "not looked in regions that do not take these credentials: " in ran.stderr
    assert {document["id"] for document in ran.documents} <= {task}


def test_a_place_that_does_not_answer_hides_no_other_and_makes_the_list_incomplete(
    aws: SimulatedAWS, operator: Operator
) -> None:
    task = aws.fsx().start(status="EXECUTING")
    denied = Fault(
        kind=FaultKind.ERROR, code="AccessDeniedException", service="datasync", times=None
    )
    aws.inject(denied)
    ran = operator.run("ls", "--output", "jsonl")
    assert ran.status == 1
    assert [document["id"] for document in ran.documents] == [task]
    [line] = ran.stderr.splitlines()
    assert line.startswith("botocancel: datasync in us-east-1 was left out: ")
    assert '"Action": "datasync:ListTaskExecutions", "Resource": "*"' in line


def test_a_task_is_asked_for_again_where_an_answer_may_come(
    aws: SimulatedAWS, operator: Operator
) -> None:
    task = aws.fsx().start(status="EXECUTING")
    aws.inject(Fault(kind=FaultKind.THROTTLE, times=2))
    ran = operator.run("show", task, "--output", "ids")
    assert (ran.status, ran.lines) == (0, [task])


def test_nothing_found_is_an_empty_list_and_a_word_on_standard_error(operator: Operator) -> None:
    as_json, as_table = operator.run("ls", "--output", "json"), operator.run("ls")
    assert (as_json.status, as_json.documents) == (0, [])
    assert (as_table.status, as_table.stdout) == (0, "")
    assert as_table.stderr == "botocancel: no active tasks where was looked\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--kind", "s3"], "there is no kind 's3'; there are athena, batch, "),
        (["--watch"], "--watch draws a table on a terminal"),
        (["--profile", "nobody"], "no profile 'nobody' is configured; there are: none"),
    ],
)
def test_a_wrong_use_is_one_line_and_status_2(
    arguments: list[str], complaint: str, operator: Operator
) -> None:
    ran = operator.run("ls", *arguments)
    assert ran.status == 2
    [line] = ran.stderr.splitlines()
    assert complaint in line


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--older-than", "soon"], "'soon' is no length of time, such as 90s, 15m, 2h or 1d12h"),
        (["--endpoint-url", "http://me:secret@localhost"], "no user name and no password"),
        (["--endpoint-url", "localhost"], "expected a URL"),
    ],
)
def test_a_wrong_value_of_an_option_is_refused_without_repeating_secrets(
    arguments: list[str], complaint: str, operator: Operator
) -> None:
    ran = operator.run("ls", *arguments)
    assert ran.status == 2
    assert complaint in ran.stderr
    assert "secret" not in ran.stderr


def test_a_reader_who_leaves_early_ends_it_quietly(aws: SimulatedAWS, operator: Operator) -> None:
    aws.fsx().start()
    ran = operator.shell(f"'{operator.program}' ls --output jsonl | true; echo ${{PIPESTATUS[0]}}")
    assert (ran.stdout, ran.stderr) == ("141\n", "")


def test_a_task_that_cannot_be_read_hides_no_other_and_is_told(
    aws: SimulatedAWS, operator: Operator
) -> None:
    """The list is not complete, and the exit status says so."""
    tasks = [aws.fsx().start(status="EXECUTING") for _ in range(3)]
    aws.inject(Fault(kind=FaultKind.ODD_ITEM, member="CreationTime"))
    ran = operator.run("ls", "--kind", "fsx", "--output", "ids")
    assert ran.status == 1
    assert len(ran.lines) == len(tasks) - 1
    assert "botocancel: a task of fsx in us-east-1 could not be read" in ran.stderr
    assert "it lacks CreationTime, which its shape requires" in ran.stderr


def test_what_is_no_answer_is_asked_for_again_and_not_a_list_without_tasks(
    aws: SimulatedAWS, operator: Operator
) -> None:
    task = aws.fsx().start(status="EXECUTING")
    aws.inject(Fault(kind=FaultKind.CUT_BODY))
    aws.inject(Fault(kind=FaultKind.FOREIGN_CONTENT, after=1))
    ran = operator.run("ls", "--kind", "fsx", "--output", "ids")
    assert (ran.status, len(aws.requests)) == (0, 3)
    assert [line.rpartition("/")[2] for line in ran.lines] == [task]


def test_every_place_is_asked_once_before_one_that_did_not_answer_is_asked_again(
    aws: SimulatedAWS, operator: Operator
) -> None:
    """Places without an answer hold nobody up, however many they are."""
    regions = Session().get_available_regions("datasync")
    aws.inject(Fault(kind=FaultKind.FOREIGN_CONTENT, times=len(regions)))
    ran = operator.run("ls", "--region", "all", "--kind", "datasync", "--output", "jsonl")
    asked = [record.region for record in aws.requests]
    assert ran.status == 0
    assert sorted(asked[: len(regions)]) == sorted(regions)
    assert sorted(asked[len(regions) :]) == sorted(regions)


def test_a_token_that_expires_midway_leaves_the_list_incomplete(
    aws: SimulatedAWS, operator: Operator
) -> None:
    """What is refused for that is not a region that is not enabled."""
    task = aws.fsx().start(status="EXECUTING")
    expired = Fault(
        kind=FaultKind.ERROR, code="ExpiredTokenException", service="datasync", times=None
    )
    aws.inject(expired)
    for output in ("jsonl", "ids"):
        ran = operator.run("ls", "--region", "all", "--output", output)
        assert ran.status == 1
        assert task in ran.stdout
        assert "datasync in us-east-1 was left out: " in ran.stderr
        assert "regions that do not take these credentials" not in ran.stderr


def test_credentials_that_one_service_of_a_region_refuses_are_a_gap(
    aws: SimulatedAWS, operator: Operator
) -> None:
    """A region that is not enabled refuses them for every service."""
    refused = Fault(
        kind=FaultKind.ERROR, code="UnrecognizedClientException", service="datasync", times=None
    )
    aws.inject(refused)
    ran = operator.run("ls", "--region", "all")
    assert ran.status == 1
    assert "datasync in us-east-1 was left out: " in ran.stderr


def test_a_region_where_nobody_is_opted_in_is_not_enabled(
    aws: SimulatedAWS, operator: Operator
) -> None:
    aws.inject(Fault(kind=FaultKind.ERROR, code="OptInRequired", service="fsx", times=1))
    ran = operator.run("ls", "--region", "all", "--kind", "fsx")
    assert ran.status == 0
    assert "not looked in regions that do not take these credentials: " in ran.stderr


def test_the_name_of_a_task_that_a_list_shows_is_taken(
    aws: SimulatedAWS, operator: Operator
) -> None:
    transfer, other = aws.datasync().create_parent(), aws.datasync().create_parent()
    execution = aws.datasync().start(parent=transfer)
    aws.datasync().start(parent=other)
    aws.fsx().start(status="EXECUTING")
    name = transfer.rpartition("/")[2]
    assert name in operator.run("ls").stdout
    ran = operator.run("ls", "--task", name, "--output", "jsonl")
    assert [document["id"] for document in ran.documents] == [execution]


WRONG_FILTERS = [
    (["--file-system", "TYPO"], "file_system must be the id of an FSx file system, such as 'fs-"),
    (["--file-system", "fs-0123"], "not 'fs-0123'"),
    (["--task", "TYPO"], "task must be the ARN of a DataSync task"),
    (["--task", "task-0123"], "not 'task-0123'"),
    (["--older-than", "99999999d"], "'99999999d' is longer than 10000d"),
]


@pytest.mark.parametrize(("filters", "complaint"), WRONG_FILTERS, ids=str)
@pytest.mark.parametrize("command", ["ls", "cancel"])
def test_a_filter_that_cannot_be_right_is_refused_before_any_request(
    command: str, filters: list[str], complaint: str, aws: SimulatedAWS, operator: Operator
) -> None:
    kind = {"--file-system": "fsx"}.get(filters[0], "datasync")
    ran = operator.run(command, *filters, *(["--kind", kind] if command == "cancel" else []))
    assert (ran.status, ran.stdout) == (2, "")
    assert complaint in ran.stderr.splitlines()[-1]
    assert not aws.requests


def test_a_pause_that_is_none_is_refused(aws: SimulatedAWS, operator: Operator) -> None:
    ran = operator.run("wait", "task-0123456789abcdef0", "--poll", "0")
    assert ran.status == 2
    assert "'0' is no pause; it takes 0.01s at least" in ran.stderr
    assert not aws.requests
