"""Scenarios, and the control endpoint that takes them too."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from botocancel.services.fsx.models import DescribeDataRepositoryTasksRequest
from botocancel.testing import (
    Fault,
    FaultKind,
    Refusal,
    SimulatedAWS,
    SimulatedError,
    SimulatorSettings,
)
from botocancel.testing._control import Control
from botocancel.testing._pace import Pace
from botocancel.testing.scenario import DocumentError, Scenario, fault_of, load_scenario

EVERYTHING = """
seed: 7
start: 2025-06-01T00:00:00+00:00
region: eu-west-1
account: "111122223333"
settings:
  fsx:
    again: as ended
    unknown_ids: omit
    seconds: {EXECUTING: 600}
  datasync:
    ended: {code: InvalidRequestException, text: "It is over: {status}", members: {errorCode: Over}}
parents:
  - {service: fsx, name: scratch}
  - {service: datasync, name: nightly, facts: {TaskMode: ENHANCED, Options: {VerifyMode: NONE}}}
tasks:
  - {service: fsx, name: export, parent: scratch, status: EXECUTING}
  - {service: fsx, name: stuck, seconds: {PENDING: never}, cancelable: false}
  - service: fsx
    files: 3
    facts:
      Type: AUTO_RELEASE_DATA
      FileCacheId: fc-0123456789abcdef0
      CapacityToRelease: 5
      AssociationId: dra-1
  - {service: datasync, name: tonight, parent: nightly, status: TRANSFERRING, size: 100}
  - {service: datasync, name: next, parent: nightly}
  - {service: datasync, fails: true, failure: disk full, failure_code: Disk}
faults:
  - {kind: throttle, task: export, times: null, message: Slow down}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "scenario.yaml"


class TestScenario:
    def test_a_file_makes_everything_it_tells_of(self, path: Path) -> None:
        path.write_text(EVERYTHING)
        scenario = load_scenario(path)
        aws = scenario.simulated_aws()
        names: dict[str, str] = {}
        made = scenario.play(aws, names)
        here = {"region": "eu-west-1", "account": "111122223333"}
        fsx, datasync = aws.fsx(**here), aws.datasync(**here)
        assert aws.clock.now == datetime(2025, 6, 1, tzinfo=UTC)
        assert fsx.settings == SimulatorSettings(
            kind="fsx", again="as ended", unknown_ids="omit", seconds={"EXECUTING": 600.0}
        )
        assert datasync.settings == SimulatorSettings(
            kind="datasync",
            ended=Refusal("InvalidRequestException", "It is over: {status}", {"errorCode": "Over"}),
        )
        assert {section: len(rows) for section, rows in made.items()} == {
            "parents": 2,
            "tasks": 6,
        }
        assert fsx.tasks[names["export"]].parent == names["scratch"]
        assert names["tonight"].startswith(names["nightly"])
        assert datasync.status(names["next"]) == "QUEUED"
        aws.advance(1e6)
        assert fsx.status(names["stuck"]) == "PENDING"

    def test_the_same_file_makes_the_same_ids(self, path: Path) -> None:
        path.write_text(EVERYTHING)
        scenario = load_scenario(path)
        assert scenario.play(scenario.simulated_aws()) == scenario.play(scenario.simulated_aws())

    def test_a_name_in_a_fault_is_the_task_it_stands_for(self, path: Path) -> None:
        path.write_text(
            "tasks: [{name: export, service: fsx}]\nfaults: [{kind: throttle, task: export}]"
        )
        scenario = load_scenario(path)
        aws, names = scenario.simulated_aws(), dict[str, str]()
        scenario.play(aws, names)
        fault = fault_of({"kind": "throttle", "task": "export"}, names)
        assert fault == Fault(kind=FaultKind.THROTTLE, task=names["export"])

    def test_tasks_of_any_service_can_be_made(self) -> None:
        """By the service's name and a status; its own sections say more of FSx and DataSync."""
        scenario = Scenario.of(
            {
                "settings": {"datasync": {"visible_after": 2}},
                "tasks": [
                    {"service": "datasync", "name": "nightly", "status": "TRANSFERRING"},
                    {"service": "fsx"},
                ],
                "faults": [{"kind": "throttle", "task": "nightly"}],
            }
        )
        aws, names = scenario.simulated_aws(), dict[str, str]()
        made = scenario.play(aws, names)
        assert aws.datasync().status(names["nightly"]) == "TRANSFERRING"
        assert aws.fsx().status(made["tasks"][1]["id"]) == "PENDING"

    def test_a_file_may_be_json_or_empty(self, tmp_path: Path) -> None:
        (tmp_path / "some.json").write_text('{"parents": [{"service": "fsx"}]}')
        (tmp_path / "none.yaml").write_text("")
        some = load_scenario(tmp_path / "some.json")
        assert len(some.play(some.simulated_aws())["parents"]) == 1
        none = load_scenario(tmp_path / "none.yaml")
        assert none.play(none.simulated_aws()) == {}

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("a: [", "the document: it is no YAML"),
            ("[]", "the document: expected keys with values, got []"),
            ("1: 2", "expected text, got 1"),
            ("task: []", "task: there is no such key; did you mean tasks?"),
            ("tasks: {}", "tasks: expected a list, got {}"),
            (
                "tasks: [{service: fsx, colour: red}]",
                r"tasks[0].colour: there is no such key; there are",
            ),
            (
                "tasks: [{service: fsx, status: EXECUTNG}]",
                "tasks[0].status: there is no 'EXECUTNG'",
            ),
            ("tasks: [{service: fsx, status: EXECUTNG}]", "did you mean EXECUTING?"),
            (
                "tasks: [{service: fsx, files: -1}]",
                "tasks[0].files: expected a whole number, 0 or more",
            ),
            ("tasks: [{service: fsx, fails: 1}]", "tasks[0].fails: expected true or false, got 1"),
            (
                "tasks: [{service: fsx, seconds: {DONE: 1}}]",
                "tasks[0].seconds.DONE: there is no such key",
            ),
            (
                "tasks: [{service: fsx, seconds: {PENDING: soon}}]",
                'expected seconds, 0 or more, or "never"',
            ),
            ("account: 123456789012", "account: expected text, got 123456789012; put it in quotes"),
            ("account: '12'", "account: an account is 12 digits"),
            ("start: 2024-01-01", "start: expected a time with its zone"),
            ("start: noon", "start: expected a time with its zone"),
            ("settings: {fsx: {lag: .inf}}", "settings.fsx.lag: expected a number, 0 or more"),
            (
                "settings: {fsx: {page_size: 0}}",
                "settings.fsx.page_size: expected a whole number, 1",
            ),
            (
                "settings: {datasync: {ended: {}}}",
                "settings.datasync.ended: code, text must be given",
            ),
            ("faults: [{}]", "faults[0]: kind must be given"),
            ("tasks: [{}]", "tasks[0]: service must be given"),
            ("tasks: [{service: fxs}]", "tasks[0].service: there is no 'fxs'; did you mean fsx?"),
            ("faults: [{kind: throtle}]", "faults[0].kind: there is no 'throtle'; did you mean"),
            ("faults: [{kind: slow, operation: Cancel}]", "faults[0].operation: there is no"),
            (
                "parents: [{service: datasync, facts: {Options: {LogLevel: LOUD}}}]",
                "parents[0].facts: Value",
            ),
            ("tasks: [{service: fsx, facts: {Type: 1}}]", "tasks[0].facts: Invalid type"),
        ],
    )
    def test_what_cannot_be_is_told_with_its_place_and_what_would_do(
        self, path: Path, text: str, words: str
    ) -> None:
        path.write_text(text)
        with pytest.raises(DocumentError) as caught:
            load_scenario(path)
        assert words in str(caught.value)

    @pytest.mark.parametrize(
        ("document", "words"),
        [
            ({"tasks": [{"service": "fsx", "parent": "x"}]}, "tasks[0].parent: nothing is named"),
            (
                {"tasks": [{"service": "fsx", "facts": {"Colour": "red"}}]},
                "tasks[0]: a task of fsx is not started with 'Colour'",
            ),
            (
                {"tasks": [{"service": "fsx", "name": "a"}] * 2},
                "tasks[1].name: 'a' is taken by task-",
            ),
            (
                {"tasks": [{"service": "datasync", "parent": "arn:aws:x"}]},
                "tasks[0]: 'arn:aws:x' is not the ARN of a DataSync task",
            ),
            ({"tasks": [{"service": "datasync", "status": "QUEUED"}]}, "tasks[0]: no task gets"),
            ({"faults": [{"kind": "slow"}]}, "faults[0]: FaultKind.SLOW needs seconds"),
            ({"faults": [{"kind": "slow", "task": "x"}]}, "faults[0].task: nothing is named 'x'"),
            (
                {"faults": [{"kind": "wrong task", "other": "x"}]},
                "faults[0].other: nothing is named 'x'",
            ),
        ],
    )
    def test_what_turns_out_not_to_be_there_is_told_with_its_place(
        self, document: object, words: str
    ) -> None:
        with pytest.raises(DocumentError) as caught:
            Scenario.of(document).play(SimulatedAWS())
        assert words in str(caught.value)

    def test_every_setting_and_every_parameter_of_a_fault_can_be_said(self) -> None:
        """What is added to them is to be added to the tables of scenarios too."""
        for kind, document in (
            (SimulatorSettings, {"settings": {"fsx": {"?": 0}}}),
            (Fault, {"faults": [{"?": 0}]}),
        ):
            with pytest.raises(DocumentError) as caught:
                Scenario.of(document)
            known = set(caught.value.problem.rpartition("there are ")[2].split(", "))
            fields = {field.name for field in attrs.fields(kind)}
            assert known == (fields - {"kind"} if kind is SimulatorSettings else fields)


class TestControl:
    @pytest.fixture
    def aws(self) -> SimulatedAWS:
        return SimulatedAWS()

    @pytest.fixture
    def control(self, aws: SimulatedAWS) -> Control:
        return Control(aws, Pace())

    def answer(self, control: Control, method: str, path: str, document: object = None) -> Any:  # noqa: ANN401
        body = b"" if document is None else json.dumps(document).encode()
        status, answer = control.answer(method, path, body)
        assert status == 200, answer
        return json.loads(json.dumps(answer))

    def test_it_lists_its_calls(self, control: Control) -> None:
        calls = self.answer(control, "GET", "")
        assert calls["POST /_botocancel/time"] == 'Move time on by {"advance": SECONDS}.'

    def test_time_can_be_moved_and_told(self, aws: SimulatedAWS, control: Control) -> None:
        told = self.answer(control, "POST", "time", {"advance": 90})
        assert (told["seconds"], told["now"], told["speed"]) == (90, "2024-01-01T00:01:30+00:00", 0)
        assert self.answer(control, "GET", "time") == told
        assert aws.clock.seconds == 90

    def test_what_there_is_can_be_added_to(self, aws: SimulatedAWS, control: Control) -> None:
        self.answer(control, "POST", "scenario", {"parents": [{"service": "fsx", "name": "fs"}]})
        tasks = [{"service": "fsx", "name": "export", "parent": "fs"}, {"service": "fsx"}]
        made = self.answer(control, "POST", "scenario", {"tasks": tasks})
        assert [row["id"] for row in made["tasks"]] == list(aws.fsx().tasks)
        names = self.answer(control, "GET", "names")
        assert aws.fsx().tasks[names["export"]].parent == names["fs"]

    def test_faults_can_be_set_and_cleared(self, aws: SimulatedAWS, control: Control) -> None:
        self.answer(control, "POST", "faults", {"kind": "throttle", "times": None})
        with pytest.raises(SimulatedError, match="Throttling"):
            aws.handle(DescribeDataRepositoryTasksRequest())
        self.answer(control, "DELETE", "faults")
        aws.handle(DescribeDataRepositoryTasksRequest())

    def test_what_has_happened_can_be_read(self, aws: SimulatedAWS, control: Control) -> None:
        aws.inject(Fault(kind=FaultKind.STALE_READ, seconds=1))
        aws.fsx().start()
        aws.handle(DescribeDataRepositoryTasksRequest(max_results=3))
        [change, handled] = self.answer(control, "GET", "history")["history"]
        assert (change["kind"], change["after"]) == ("status change", "PENDING")
        assert (handled["kind"], handled["outcome"]) == ("request", "accepted")
        assert handled["time"] == "2024-01-01T00:00:00+00:00"
        [request] = self.answer(control, "GET", "requests")["requests"]
        assert request["parameters"] == {"MaxResults": 3}
        assert request["faults"] == ["stale read"]

    def test_a_reset_begins_again_as_it_began(self) -> None:
        aws = SimulatedAWS()
        scenario = Scenario.of({"tasks": [{"service": "fsx", "name": "export"}]})
        control = Control(aws, Pace(), scenario)
        before = control.made["tasks"]
        self.answer(control, "POST", "time", {"advance": 90})
        self.answer(control, "POST", "scenario", {"tasks": [{"service": "fsx"}]})
        made = self.answer(control, "POST", "reset")
        assert made["tasks"] == before
        assert (len(aws.fsx().tasks), aws.clock.seconds, len(aws.requests)) == (1, 0, 0)

    @pytest.mark.parametrize(
        ("method", "path", "body", "status", "words"),
        [
            ("GET", "nothing", b"", 404, "there are '', 'faults'"),
            ("PUT", "time", b"", 405, "time takes 'GET', 'POST', not PUT"),
            ("POST", "time", b"{", 400, "the body is no JSON"),
            ("POST", "time", b"[" * 100_000, 400, "the body is no JSON"),
            ("POST", "time", b"{}", 400, "advance must be given"),
            ("POST", "time", b'{"advance": "1"}', 400, "advance: expected a number"),
            ("POST", "scenario", b'{"seed": 1}', 400, "seed: there is no such key"),
            ("POST", "faults", b'{"kind": "slow"}', 400, "needs seconds"),
        ],
    )
    def test_it_refuses_with_a_reason(
        self, control: Control, method: str, path: str, body: bytes, status: int, words: str
    ) -> None:
        answered, document = control.answer(method, path, body)
        assert answered == status
        assert words in document["error"]


def test_the_examples_in_the_documentation_are_scenarios(path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "simulate.md").read_text(encoding="utf-8")
    examples = [part.partition("```")[0] for part in text.split("```yaml\n")[1:]]
    assert len(examples) == 2
    for example in examples:
        path.write_text(example)
        scenario = load_scenario(path)
        assert len(scenario.play(scenario.simulated_aws())) == 2
