"""The simulated AWS itself: sessions, accounts, time, the wire, and what it vouches for."""

from __future__ import annotations

import json
import re
import threading
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import pytest
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import Loader

import botocancel.testing
from botocancel.services import all_kinds
from botocancel.services.datasync.models import CancelTaskExecutionRequest
from botocancel.services.fsx.data_repository_task import KIND
from botocancel.services.fsx.models import (
    CancelDataRepositoryTaskRequest,
    CancelDataRepositoryTaskResponse,
    DataRepositoryTaskLifecycle,
    DescribeDataRepositoryTasksRequest,
)
from botocancel.testing import (
    ModelViolation,
    RequestHandled,
    SimulatedAWS,
    SimulatedError,
    SimulatorSettings,
    StatusChange,
    VirtualClock,
)
from botocancel.testing._models import (
    MADE_WITH,
    botocore_is_older,
    endpoint_variable,
)
from botocancel.testing._network import before_send
from botocancel.testing._protocols.values import json_body
from botocancel.testing._world import simulator_types
from botocancel.testing.wire import HttpAnswer, HttpRequest, access_key_of
from tests.kinds import changed

if TYPE_CHECKING:
    from collections.abc import Mapping

Client: TypeAlias = Any
"""A botocore client, whose methods are made at run time."""
Answer: TypeAlias = Any
"""What they return."""

SIGNED = f"AWS4-HMAC-SHA256 Credential={access_key_of('123456789012')}/20240101/us-east-1/fsx/aws4_request, SignedHeaders=host, Signature=0"  # noqa: E501  (one header)
TARGET = "AWSSimbaAPIService_v20180301.DescribeDataRepositoryTasks"


@pytest.fixture
def aws() -> SimulatedAWS:
    return SimulatedAWS(seed=1)


def sent(aws: SimulatedAWS, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
    """Send a request by hand; return its HTTP status and the parsed body."""
    default = {"x-amz-target": TARGET, "authorization": SIGNED}
    answer = aws.answer(HttpRequest(headers={**default, **(headers or {})}, body=body))
    return answer.status, json.loads(answer.body)


class TestClock:
    def test_actions_run_at_their_instants_in_their_order(self) -> None:
        """By time, and by the order of scheduling where the time is the same."""
        clock = VirtualClock()
        log: list[tuple[str, float]] = []

        def note(name: str) -> None:
            log.append((name, clock.seconds))

        def follow() -> None:
            clock.call_in(0.5, lambda: note("from first"))

        clock.call_in(2, lambda: note("second"))
        clock.call_in(1, lambda: note("first"))
        clock.call_in(2, lambda: note("third"))
        clock.call_in(1, follow)
        clock.call_in(9, lambda: note("later"))
        clock.advance(3)
        assert log == [("first", 1), ("from first", 1.5), ("second", 2), ("third", 2)]
        assert clock.seconds == 3

    def test_small_steps_add_up(self) -> None:
        """Ten tenths are a whole second, exactly."""
        clock = VirtualClock()
        log: list[float] = []
        clock.call_in(1, lambda: log.append(clock.seconds))
        for _ in range(10):
            clock.advance(0.1)
        assert log == [1.0]

    def test_time_is_told_as_an_instant(self) -> None:
        """In UTC, from an aware start in whatever time zone."""
        start = datetime.fromisoformat("2024-06-01T02:00:00+02:00")
        clock = VirtualClock(start)
        clock.advance_to(start + timedelta(hours=1))
        assert clock.now == datetime(2024, 6, 1, 1, tzinfo=UTC)
        assert clock.now.tzinfo is UTC

    def test_what_is_due_next_can_be_asked(self) -> None:
        """Cancelled actions are not, nor is what never comes."""
        clock = VirtualClock()
        assert clock.next_due is None
        clock.call_in(float("inf"), lambda: None)
        clock.call_in(1, lambda: None).canceled = True
        clock.call_in(5, lambda: None)
        assert clock.next_due == 5

    def test_time_does_not_run_backwards(self) -> None:
        """Nor to no end, nor does it begin at a naive datetime."""
        clock = VirtualClock()
        for wrong in (-1, float("nan")):
            with pytest.raises(ValueError, match="backwards"):
                clock.advance(wrong)
        with pytest.raises(ValueError, match="backwards"):
            clock.call_in(-1, lambda: None)
        with pytest.raises(ValueError, match="no end"):
            clock.advance(float("inf"))
        with pytest.raises(ValueError, match="aware"):
            VirtualClock(datetime(2024, 1, 1))  # noqa: DTZ001  (that is what is wrong)


class TestSessions:
    def test_clients_are_botocore_s_own(self, aws: SimulatedAWS) -> None:
        """They sign for their region, with credentials that stand for the account."""
        session = aws.session(region="eu-west-1", account="111122223333")
        headers: list[Mapping[str, bytes]] = []

        def spy(**event: object) -> None:
            headers.append(cast("Answer", event["request"]).headers)

        session.register("before-send", spy)
        client: Client = session.create_client("datasync")
        client.list_tasks()
        assert b"111122223333/" in headers[0]["Authorization"]
        assert b"/eu-west-1/datasync/aws4_request" in headers[0]["Authorization"]
        assert aws.requests[0].account == "111122223333"
        assert aws.requests[0].region == "eu-west-1"

    def test_boto3_works_alike(self, aws: SimulatedAWS) -> None:
        """A boto3 session talks to the same state."""
        task_id = aws.fsx().start()
        client = aws.boto3_session().client("fsx")
        tasks = client.describe_data_repository_tasks()["DataRepositoryTasks"]
        assert [task["TaskId"] for task in tasks] == [task_id]

    def test_accounts_and_regions_are_separate(self, aws: SimulatedAWS) -> None:
        """A task is known in its own account and region only."""
        task_id = aws.fsx(region="eu-west-1", account="111122223333").start()
        for region in ("eu-west-1", "us-east-1"):
            for account in ("111122223333", "123456789012"):
                session = aws.session(region=region, account=account)
                client: Client = session.create_client("fsx")
                tasks = client.describe_data_repository_tasks()["DataRepositoryTasks"]
                found = [task["TaskId"] for task in tasks]
                here = (region, account) == ("eu-west-1", "111122223333")
                assert found == ([task_id] if here else [])

    def test_one_session_makes_clients_of_any_region(self, aws: SimulatedAWS) -> None:
        """The client's region counts, not the session's."""
        task_id = aws.fsx(region="ap-south-1").start()
        client: Client = aws.session().create_client("fsx", region_name="ap-south-1")
        assert client.cancel_data_repository_task(TaskId=task_id)["Lifecycle"] == "CANCELING"

    def test_the_machine_has_no_say(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Neither its environment nor its files change anything."""
        wrong = tmp_path / "config"
        wrong.write_text("[default]\nregion = mars-1\n[profile x]\nendpoint_url = http://x\n")
        models = tmp_path / "models" / "fsx" / "2018-03-01"
        models.mkdir(parents=True)
        (models / "service-2.json").write_text("{}")
        for name, value in {
            "AWS_ACCESS_KEY_ID": "real",
            "AWS_SECRET_ACCESS_KEY": "real",
            "AWS_SESSION_TOKEN": "real",
            "AWS_PROFILE": "nobody",
            "AWS_DEFAULT_PROFILE": "nobody",
            "AWS_CONFIG_FILE": str(wrong),
            "AWS_SHARED_CREDENTIALS_FILE": str(wrong),
            "AWS_DEFAULT_REGION": "mars-1",
            "AWS_REGION": "mars-1",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
            "AWS_ENDPOINT_URL_FSX": "http://127.0.0.1:9",
            "AWS_MAX_ATTEMPTS": "9",
            "AWS_RETRY_MODE": "nonsense",
            "AWS_DEFAULTS_MODE": "auto",
            "AWS_USE_FIPS_ENDPOINT": "true",
            "AWS_CA_BUNDLE": str(tmp_path / "missing"),
            "AWS_DATA_PATH": str(tmp_path / "models"),
            "HOME": str(tmp_path),
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(Loader, "CUSTOMER_DATA_PATH", str(tmp_path / "models"))
        aws = SimulatedAWS()
        task_id = aws.fsx().start()
        client = aws.boto3_session().client("fsx")
        assert client.meta.endpoint_url == "https://fsx.us-east-1.amazonaws.com"
        config: Answer = client.meta.config
        assert config.retries["mode"] != "nonsense"
        assert client.cancel_data_repository_task(TaskId=task_id)["Lifecycle"] == "CANCELING"

    def test_other_services_never_reach_the_network(self, aws: SimulatedAWS) -> None:
        """Whatever client the session makes is answered here, if only with a refusal."""
        client: Client = aws.session().create_client("dynamodb")
        with pytest.raises(ClientError, match="UnknownOperation"):
            client.list_tables()

    def test_what_a_client_sends_may_be_text_or_nothing(self) -> None:
        """Protocols differ in that; the simulated network takes each."""
        arrived: list[HttpRequest] = []

        def answer(request: HttpRequest) -> HttpAnswer:
            arrived.append(request)
            return HttpAnswer(status=200, headers={}, body=b"")

        send = before_send(answer)
        for data in ("text", None):
            send(AWSRequest("POST", "https://x/", {"A": "b"}, data).prepare())
        assert [request.body for request in arrived] == [b"text", b""]
        assert arrived[0].headers["a"] == "b"

    def test_an_account_has_twelve_digits(self, aws: SimulatedAWS) -> None:
        """Anything else is refused where it is said."""
        with pytest.raises(ValueError, match="12 digits"):
            aws.fsx(account="me")

    def test_threads_may_share_it(self, aws: SimulatedAWS) -> None:
        """Concurrent callers lose nothing."""
        task_ids = [aws.fsx().start() for _ in range(40)]
        client: Client = aws.session().create_client("fsx")

        def cancel(some: list[str]) -> None:
            for task_id in some:
                client.cancel_data_repository_task(TaskId=task_id)
                aws.advance(0.01)

        threads = [threading.Thread(target=cancel, args=(task_ids[n::4],)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {aws.fsx().status(task_id) for task_id in task_ids} == {"CANCELING"}
        assert len(aws.requests) == 40


class TestDeterminism:
    def test_the_same_seed_makes_the_same_world(self) -> None:
        """Ids, request ids and history are the same; of another seed they are others."""

        def lived(seed: int) -> tuple[object, ...]:
            aws = SimulatedAWS(seed=seed)
            client: Client = aws.session().create_client("fsx")
            task_id = aws.fsx().start()
            aws.advance(20)
            client.cancel_data_repository_task(TaskId=task_id)
            arn = aws.datasync().start()
            aws.handle(CancelTaskExecutionRequest(task_execution_arn=arn))
            aws.advance(100)
            return tuple(aws.history), tuple(aws.requests)

        assert lived(3) == lived(3)
        assert lived(3) != lived(4)

    def test_places_do_not_disturb_each_other(self) -> None:
        """What happens elsewhere changes no id here."""
        quiet, busy = SimulatedAWS(), SimulatedAWS()
        busy.fsx(region="eu-west-1").start()
        busy.datasync().start()
        assert quiet.fsx().start() == busy.fsx().start()


class TestReset:
    def test_clients_and_the_clock_stay_and_all_else_begins_again(self) -> None:
        aws = SimulatedAWS(seed=1)
        clock, client = aws.clock, aws.client()
        first = aws.fsx().start()
        aws.advance(30)
        aws.reset()
        assert (aws.clock, clock.seconds, clock.next_due) == (clock, 0.0, None)
        assert (list(aws.history), list(aws.fsx().tasks)) == ([], [])
        assert aws.fsx().start() == first
        assert client.cancel_and_wait(first).canceled


class TestTypedRequests:
    def test_a_typed_request_gets_a_typed_answer(self, aws: SimulatedAWS) -> None:
        """With metadata, as if it had come over the wire."""
        task_id = aws.fsx().start()
        answer = aws.handle(CancelDataRepositoryTaskRequest(task_id=task_id))
        assert answer == CancelDataRepositoryTaskResponse(
            task_id=task_id, lifecycle=DataRepositoryTaskLifecycle.CANCELING
        )
        assert answer.metadata.http_status == 200
        assert answer.metadata.request_id == aws.requests[0].request_id

    def test_the_wire_says_the_same(self, aws: SimulatedAWS) -> None:
        """What botocore parsed reads into the very answer that a typed request gets."""
        aws.fsx().start(status="FAILED")
        aws.fsx().start(Type="AUTO_RELEASE_DATA", status="EXECUTING")
        client: Client = aws.session().create_client("fsx")
        wire = client.describe_data_repository_tasks()
        request = DescribeDataRepositoryTasksRequest()
        assert request.response_type.from_wire(wire) == aws.handle(request)

    def test_history_is_the_truth_of_one_service_too(self, aws: SimulatedAWS) -> None:
        """Each simulator tells its own part, accepted and refused alike."""
        task_id = aws.fsx().start()
        aws.fsx(region="eu-west-1").start()
        aws.datasync().start()
        request = CancelDataRepositoryTaskRequest(task_id=task_id)
        aws.handle(request)
        aws.fsx().finish(task_id)
        with pytest.raises(SimulatedError):
            aws.handle(request)
        own = [
            (item.before, item.after, item.cause)
            if isinstance(item, StatusChange)
            else (item.operation, item.task_id, item.outcome)
            for item in aws.fsx().history
        ]
        assert own == [
            (None, "PENDING", "created"),
            ("PENDING", "CANCELING", "cancel"),
            ("CancelDataRepositoryTask", task_id, "accepted"),
            ("CANCELING", "SUCCEEDED", "forced"),
            ("CancelDataRepositoryTask", task_id, "DataRepositoryTaskEnded"),
        ]
        assert len(aws.history) == len(own) + 2

    def test_what_is_not_simulated_is_refused(self, aws: SimulatedAWS) -> None:
        """A service that is not there, or a request of another one."""
        with pytest.raises(LookupError, match="'s3'"):
            aws.simulator("s3")
        with pytest.raises(LookupError):
            aws.fsx().handle(CancelTaskExecutionRequest(task_execution_arn="x"))


class TestWire:
    def test_a_good_request_is_answered(self, aws: SimulatedAWS) -> None:
        """An empty body has no parameters; unknown ones are ignored."""
        assert sent(aws, b"") == (200, {"DataRepositoryTasks": []})
        assert sent(aws, b'{"Colour": "red"}') == (200, {"DataRepositoryTasks": []})

    @pytest.mark.parametrize(
        "body",
        [b"{", b"[]", b'{"TaskIds": "x"}', b'{"MaxResults": true}', b"\xff", b'{"TaskIds": [1]}'],
    )
    def test_a_malformed_body_is_refused(self, aws: SimulatedAWS, body: bytes) -> None:
        """SerializationException for what is no JSON, or of another type."""
        status, answer = sent(aws, body)
        assert (status, answer["__type"]) == (400, "SerializationException")

    @pytest.mark.parametrize(
        ("headers", "code"),
        [
            ({"x-amz-target": "Nobody.Knows"}, "UnknownOperationException"),
            ({"x-amz-target": TARGET[:-1]}, "UnknownOperationException"),
            ({"x-amz-target": ""}, "UnknownOperationException"),
            ({"authorization": ""}, "MissingAuthenticationTokenException"),
            (
                {"authorization": SIGNED.replace("AKIASIMU", "AKIAREAL")},
                "UnrecognizedClientException",
            ),
        ],
    )
    def test_a_request_that_nobody_serves_is_refused(
        self, aws: SimulatedAWS, headers: dict[str, str], code: str
    ) -> None:
        """Unknown targets, no signature, unknown credentials."""
        status, answer = sent(aws, b"{}", headers)
        assert (status, answer["__type"]) == (400, code)

    def test_the_value_that_breaks_the_model_is_named(self, aws: SimulatedAWS) -> None:
        """As AWS words it."""
        _, answer = sent(aws, b'{"TaskIds": ["task-0123456789ABCDEF0"]}')
        assert answer["__type"] == "BadRequest"
        assert "'task-0123456789ABCDEF0' at 'taskIds.1.member'" in answer["Message"]

    def test_an_older_botocore_is_told_what_it_knows(
        self, aws: SimulatedAWS, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What its model lacks is left out, as its parser would."""
        monkeypatch.setattr("botocancel.testing._front.botocore_is_older", lambda: True)
        aws.fsx().start()
        status, answer = sent(aws, b"{}")
        assert status == 200
        assert answer["DataRepositoryTasks"][0]["Lifecycle"] == "PENDING"

    def test_what_has_no_form_on_the_wire_is_refused(self) -> None:
        """Rather than written somehow."""
        with pytest.raises(TypeError, match="not JSON serializable"):
            json_body({"Answer": object()})

    @pytest.mark.skipif(botocore_is_older(), reason="botocore is older than the models")
    def test_a_simulator_with_a_bug_is_found_out(
        self, aws: SimulatedAWS, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An answer, or an error, against botocore's model never leaves."""
        task_id = aws.fsx().start()
        once = Config(retries={"total_max_attempts": 1})
        client: Client = aws.session().create_client("fsx", config=once)
        aws.fsx().tasks[task_id].id = "task-1"
        with pytest.raises(ModelViolation, match="task-1"):
            client.cancel_data_repository_task(TaskId=task_id)

        code = "DataRepositoryTaskNotFound"

        def refuse(*_: object) -> None:
            raise SimulatedError(code, "gone", members={"Where": "nowhere"})

        task_id = aws.fsx().start()
        monkeypatch.setattr(aws.fsx(), "_stop", refuse)
        with pytest.raises(ModelViolation, match="Where"):
            client.cancel_data_repository_task(TaskId=task_id)
        code = "AccessDenied"  # modelled nowhere, so there is nothing to compare it with
        with pytest.raises(ClientError, match="AccessDenied"):
            client.cancel_data_repository_task(TaskId=task_id)

    def test_the_models_are_of_the_botocore_that_is_pinned(self) -> None:
        """Only of an older botocore is it excused that it does not know something."""
        pinned = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
        newest = next(
            requirement
            for requirement in pinned["dependency-groups"]["newest"]
            if re.match("botocore==", str(requirement))
        )
        assert newest == f"botocore=={'.'.join(map(str, MADE_WITH))}"


@pytest.mark.parametrize(
    ("service", "variable"),
    [
        ("fsx", "AWS_ENDPOINT_URL_FSX"),
        ("stepfunctions", "AWS_ENDPOINT_URL_SFN"),
        ("logs", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"),
    ],
)
def test_an_endpoint_is_told_by_the_id_of_its_service(service: str, variable: str) -> None:
    """That is what SDKs look for, whatever botocore calls the service."""
    assert endpoint_variable(service) == variable


class TestServices:
    def test_every_service_has_a_simulator(self) -> None:
        """Made from its declarations, and of the right name."""
        assert set(simulator_types()) == {kind.key for kind in all_kinds()}
        assert all(name == kind.service for name, kind in simulator_types().items())

    def test_a_kind_may_have_no_simulator(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Then it is not simulated, and the others are."""
        bare = changed(KIND, key="bare", simulated=None)
        services = (*all_kinds(), bare)
        monkeypatch.setattr("botocancel.testing._world.all_kinds", lambda: services)
        assert simulator_types.__wrapped__().keys() == simulator_types().keys()

    def test_a_region_that_botocore_does_not_know_is_in_aws(self, aws: SimulatedAWS) -> None:
        """New regions mostly are."""
        assert aws.fsx(region="mars-1").place.partition == "aws"

    @pytest.mark.parametrize("name", sorted(simulator_types()))
    def test_every_status_is_classified(self, name: str, aws: SimulatedAWS) -> None:
        """The simulator's statuses and ends are those of the service itself."""
        service = next(kind for kind in all_kinds() if kind.key == name)
        lifecycle = aws.simulator(name).lifecycle
        assert lifecycle.statuses == set(service.phases)
        assert lifecycle.ended == {
            status for status, phase in service.phases.items() if phase.terminal
        }

    def test_settings_reach_every_account(self) -> None:
        """They are the service's, wherever."""
        aws = SimulatedAWS(SimulatorSettings(kind="fsx", files=3))
        assert aws.fsx(region="eu-west-1").settings.files == 3
        assert aws.datasync().settings.files == 1000

    def test_settings_that_would_be_lost_are_refused(self) -> None:
        """Those of no service, and a second time those of one."""
        with pytest.raises(ValueError, match="settings of sqs are of no kind"):
            SimulatedAWS(SimulatorSettings(kind="sqs", lag=3))
        with pytest.raises(ValueError, match="settings of fsx are given twice"):
            SimulatedAWS(SimulatorSettings(kind="fsx"), SimulatorSettings(kind="fsx", lag=3))

    def test_public_names_are_listed(self) -> None:
        """Each is there when it is asked for, and no other."""
        for name in botocancel.testing.__all__:
            assert getattr(botocancel.testing, name) is not None
            assert name in dir(botocancel.testing)
        with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
            _ = botocancel.testing.nonsense  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]

    def test_requests_handled_are_in_the_history(self, aws: SimulatedAWS) -> None:
        """With no task where they are about none in particular."""
        aws.handle(DescribeDataRepositoryTasksRequest())
        record = aws.history[-1]
        assert isinstance(record, RequestHandled)
        assert record.task_id is None

    def test_rules_without_a_python_pattern_are_left_to_the_others(self) -> None:
        """Patterns in words that Python does not know are not judged."""
        aws = SimulatedAWS()
        file_system_id = aws.fsx().create_parent()
        client: Client = aws.session().create_client("fsx")
        tags = [{"Key": "Grüße", "Value": "\N{SNOWMAN}"}]
        answer = client.create_data_repository_task(
            Type="EXPORT_TO_REPOSITORY",
            FileSystemId=file_system_id,
            Report={"Enabled": False},
            Tags=tags,
        )
        assert answer["DataRepositoryTask"]["Tags"] == tags
