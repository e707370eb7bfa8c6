"""The tool that records what AWS answers: what it sends, what it asks, what it writes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import record
from _probes import SUBJECTS
from _recording import Recording
from _scrub import Scrubber

from botocancel.testing import Fault, FaultKind, SimulatedAWS
from botocancel.testing.wire import access_key_of

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "111122223333"
SERVICES = sorted(SUBJECTS)
NAMES = {service: [probe.name for probe in SUBJECTS[service].probes] for service in SERVICES}


@pytest.fixture
def aws(simulated_aws: SimulatedAWS, monkeypatch: pytest.MonkeyPatch) -> SimulatedAWS:
    """An AWS in which the caller has an account of somebody's."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key_of(ACCOUNT))
    return simulated_aws


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "recordings"


@pytest.fixture
def command_lines(aws: SimulatedAWS, folder: Path) -> dict[str, list[str]]:
    """A command line for each service, that records a running task."""
    fsx, datasync = aws.fsx(account=ACCOUNT), aws.datasync(account=ACCOUNT)
    file_system = fsx.create_parent()
    task = fsx.start(parent=file_system, status="EXECUTING")
    transfer = datasync.create_parent(Name="payroll")
    execution = datasync.start(parent=transfer)
    return {
        "fsx": ["fsx", f"--folder={folder}", f"--file-system={file_system}", f"--task={task}"],
        "datasync": [
            *("datasync", f"--folder={folder}"),
            *(f"--task={transfer}", f"--execution={execution}"),
        ],
    }


@pytest.fixture
def for_fsx(command_lines: dict[str, list[str]]) -> list[str]:
    return command_lines["fsx"]


def cancels(aws: SimulatedAWS) -> list[object]:
    """Return the ids that were to be cancelled."""
    return [
        next(iter(request.parameters.values()))
        for request in aws.requests
        if request.operation.startswith("Cancel")
    ]


def written(folder: Path) -> Recording:
    (path,) = folder.iterdir()
    return Recording.from_json(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("service", SERVICES)
def test_it_describes_and_cancels_and_does_nothing_else(
    service: str, aws: SimulatedAWS, command_lines: dict[str, list[str]], folder: Path
) -> None:
    assert record.main([*command_lines[service], "--yes"]) == 0
    subject = SUBJECTS[service]
    assert {each.operation for each in aws.requests} == {subject.describes, subject.cancels}
    assert {each.service for each in aws.requests} == {service}
    recording = written(folder)
    assert not recording.simulated
    assert list(dict.fromkeys(each.probe for each in recording.exchanges)) == NAMES[service]


def test_it_cancels_the_task_it_was_given_and_one_that_nobody_has(
    aws: SimulatedAWS, for_fsx: list[str]
) -> None:
    given = for_fsx[-1].removeprefix("--task=")
    record.main([*for_fsx, "--yes"])
    assert set(cancels(aws)) == {given, f"task-{0:017}"}


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_of_the_account_is_written(
    service: str, aws: SimulatedAWS, command_lines: dict[str, list[str]], folder: Path
) -> None:
    record.main([*command_lines[service], "--yes"])
    text = written(folder).to_json()
    ids = re.findall(r"[a-z]+-[0-9a-f]{17}", " ".join(command_lines[service]))
    assert ids
    for own in (ACCOUNT, *ids, *(request.request_id for request in aws.requests), "payroll"):
        assert own not in text


def test_recordings_are_never_overwritten(
    aws: SimulatedAWS, for_fsx: list[str], folder: Path
) -> None:
    folder.mkdir()
    (folder / "fsx-1.json").write_text("mine", encoding="utf-8")
    record.main([*for_fsx, "--yes"])
    assert (folder / "fsx-1.json").read_text(encoding="utf-8") == "mine"
    assert (folder / "fsx-2.json").exists()
    assert aws.requests


@pytest.mark.parametrize(
    ("option", "why"),
    [
        ("--file-system=fs-0123456789abcdef0", r"belongs to fs-\w+, not to fs-0123456789abcdef0"),
        ("--task=task-0123456789abcdef0", "cannot be described: .*DataRepositoryTaskNotFound"),
        ("--region=eu-west-1", "cannot be described"),
        ("--wrong-region=us-east-1", "is for another one"),
        ("--profile=nobody", "nobody"),
    ],
)
def test_it_stops_before_any_cancel_where_something_is_amiss(
    option: str,
    why: str,
    aws: SimulatedAWS,
    for_fsx: list[str],
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert record.main([*for_fsx, "--yes", option]) == 1
    assert re.search(why, capsys.readouterr().err)
    assert not cancels(aws)
    assert not folder.exists()


def test_a_task_that_has_ended_is_of_no_use(
    aws: SimulatedAWS, for_fsx: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    aws.advance(10_000)
    assert record.main([*for_fsx, "--yes"]) == 1
    assert "is SUCCEEDED; start another one" in capsys.readouterr().err
    assert not cancels(aws)


def test_without_a_region_it_does_not_guess(
    for_fsx: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert record.main(for_fsx) == 1
    assert "no region is configured" in capsys.readouterr().err


def test_it_asks_about_each_cancel_before_the_first(
    aws: SimulatedAWS, for_fsx: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    questions: list[str] = []

    def answer(question: str) -> str:
        assert not cancels(aws)
        questions.append(question)
        return "y"

    monkeypatch.setattr("builtins.input", answer)
    assert record.main(for_fsx) == 0
    assert len(questions) == len(cancels(aws)) == 5
    assert sum("in us-west-2" in question for question in questions) == 1


@pytest.mark.parametrize("reply", ["", "n", "what?"])
def test_one_no_ends_it_with_nothing_cancelled(
    reply: str,
    aws: SimulatedAWS,
    for_fsx: list[str],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    replies = iter(["y", reply])

    def answer(_: str) -> str:
        return next(replies)

    monkeypatch.setattr("builtins.input", answer)
    assert record.main(for_fsx) == 1
    assert "nothing was cancelled" in capsys.readouterr().err
    assert not cancels(aws)
    assert not folder.exists()


def test_ctrl_c_at_a_question_ends_it(
    aws: SimulatedAWS, for_fsx: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupt)
    assert record.main(for_fsx) == 130
    assert not cancels(aws)


def test_what_was_answered_until_something_else_came_is_kept(
    aws: SimulatedAWS, for_fsx: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.inject(
        Fault(kind=FaultKind.THROTTLE, operation="CancelDataRepositoryTask", after=1, times=None)
    )
    assert record.main([*for_fsx, "--yes"]) == 1
    assert "got no answer about the task" in capsys.readouterr().err
    names = [exchange.probe for exchange in written(folder).exchanges]
    assert names == ["describe", "cancel", "describe after cancel"]


@pytest.mark.parametrize("kind", [FaultKind.LOST_ANSWER, FaultKind.UNAVAILABLE])
def test_it_asks_nothing_twice(kind: FaultKind, aws: SimulatedAWS, for_fsx: list[str]) -> None:
    aws.inject(Fault(kind=kind, operation="CancelDataRepositoryTask"))
    assert record.main([*for_fsx, "--yes"]) == 1
    assert len(cancels(aws)) == 1


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault(kind=FaultKind.IGNORED_CANCEL, times=None), r"is still EXECUTING after 60 seconds"),
        (
            Fault(
                kind=FaultKind.ERROR,
                code="BadRequest",
                operation="DescribeDataRepositoryTasks",
                after=3,
            ),
            "cannot be described any more",
        ),
        (
            Fault(
                kind=FaultKind.REPLACED_MEMBER,
                operation="DescribeDataRepositoryTasks",
                member="DataRepositoryTasks",
                members={"DataRepositoryTasks": []},
            ),
            "described 0 tasks",
        ),
    ],
)
def test_it_stops_where_the_task_cannot_be_followed(
    fault: Fault,
    why: str,
    aws: SimulatedAWS,
    for_fsx: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    aws.inject(fault)
    assert record.main([*for_fsx, "--yes", "--timeout=60"]) == 1
    assert why in capsys.readouterr().err


def test_what_another_region_says_of_the_credentials_is_an_answer(
    aws: SimulatedAWS, for_fsx: list[str], folder: Path
) -> None:
    code = "UnrecognizedClientException"
    aws.inject(
        Fault(kind=FaultKind.ERROR, code=code, operation="CancelDataRepositoryTask", after=4)
    )
    record.main([*for_fsx, "--yes"])
    last = written(folder).exchanges[-1]
    assert last.region == "us-west-2"
    assert (last.error or {})["code"] == code


def test_the_wrong_region_is_one_of_the_same_partition(
    aws: SimulatedAWS, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "cn-north-1")
    china = aws.datasync(account=ACCOUNT, region="cn-north-1")
    task = china.create_parent()
    execution = china.start(parent=task)
    record.main(
        ["datasync", f"--task={task}", f"--execution={execution}", f"--folder={folder}", "--yes"]
    )
    assert {each.region for each in written(folder).exchanges} == {"cn-north-1", "cn-northwest-1"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_dry_run_shows_everything_and_does_nothing(
    service: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    assert record.main([service, "--dry-run", f"--folder={folder}"]) == 0
    told, brace, document = capsys.readouterr().out.partition("\n{\n")
    assert "nothing is sent, nothing is written" in told
    assert "creates nothing, deletes nothing and starts nothing" in told
    assert all(told.count(name) >= 2 for name in NAMES[service])
    assert Recording.from_json(brace + document).simulated
    assert not folder.exists()


def test_a_task_has_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        record.main(["fsx", "--task", "task-0123456789abcdef0"])
    assert "name the scratch task and what it belongs to" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        (
            "No arn:aws:datasync:eu-west-1:999988887777:task/task-0a0a0a0a0a0a0a0a0 is found.",
            "No arn:aws:datasync:eu-west-1:123456789012:task/task-00000000000000001 is found.",
        ),
        ("accounts 999988887777 and 999988886666", "accounts 123456789012 and 000000000002"),
        (
            "User: arn:aws:sts::999988887777:assumed-role/Admin/alice is not authorized",
            "User: arn:aws:iam::123456789012:user/user-1 is not authorized",
        ),
        ("cannot write s3://payroll/2024/may.csv", "cannot write s3://bucket-1/path"),
        ("no arn:aws:s3:::payroll/may", "no s3://bucket-1/path"),
        ("/export/payroll/may.csv is open", "/path-1 is open"),
        ("no route to 10.1.2.3", "no route to 192.0.2.1"),
        ("ask alice.b@example.org", "ask user-1@example.com"),
        ("key AKIAIOSFODNN7EXAMPLE", "key AKIA0000000000000001"),
        (
            "request 7a579387-88d2-ccec-f488-f5b0afa60231 failed",
            "request 00000000-0000-4000-8000-000000000001 failed",
        ),
        (
            "fs-0123456789abcdef0, fs-0123456789abcdef0",
            "fs-00000000000000001, fs-00000000000000001",
        ),
        ("task-00000000000000000", "task-00000000000000000"),
        ("Rate exceeded: 2/3 of read/write", "Rate exceeded: 2/3 of read/write"),
    ],
)
def test_texts_lose_what_is_the_accounts_own(text: str, scrubbed: str) -> None:
    assert Scrubber(keep=(f"task-{0:017}",)).text(text) == scrubbed
