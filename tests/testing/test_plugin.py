"""The pytest plugin, and the simulated AWS in place of the real one."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import boto3
import botocore.endpoint
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.httpsession import URLLib3Session
from botocore.session import Session
from moto import mock_aws

import botocancel
from botocancel.clocks import SystemClock
from botocancel.testing import (
    Fault,
    FaultKind,
    NotSimulated,
    SimulatedAWS,
    SimulatorSettings,
    standing_in,
)
from botocancel.testing.wire import access_key_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from botocancel.testing.server import SimulatedServer

pytest_plugins = ["pytester"]

Client: TypeAlias = Any
"""A botocore client, whose methods are made at run time."""

GUIDE = Path(__file__).parents[2] / "docs" / "pytest.md"
SERVER_IS_INSTALLED = importlib.util.find_spec("aiohttp") is not None

SESSION_FROM_BEFORE = boto3.Session("AKIAREAL", "real", region_name="us-east-1")
CLIENT_FROM_BEFORE: Client = SESSION_FROM_BEFORE.client("fsx")
TASKS_FROM_BEFORE = botocancel.TaskClient(SESSION_FROM_BEFORE)


@pytest.fixture
def bucket() -> Generator[str]:
    """Moto, around whatever is asked for after it."""
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="a-bucket")
        yield "a-bucket"


@pytest.fixture
def no_real_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    def sleep(*_: object) -> None:
        pytest.fail("a wait was about to take real time")

    monkeypatch.setattr(SystemClock, "sleep", sleep)
    monkeypatch.setattr(SystemClock, "sleep_async", sleep)
    monkeypatch.setattr("time.sleep", sleep)


def buckets() -> list[str]:
    return [each["Name"] for each in boto3.client("s3").list_buckets()["Buckets"]]


class TestClients:
    def test_those_that_the_code_makes_itself_talk_to_it(self, simulated_aws: SimulatedAWS) -> None:
        """Through boto3's default session, a boto3 session and a botocore session alike."""
        task_id = simulated_aws.fsx().start()
        clients: list[Client] = [
            boto3.client("fsx"),
            boto3.Session().client("fsx"),
            Session().create_client("fsx"),
            simulated_aws.session().create_client("fsx"),
            simulated_aws.boto3_session().client("fsx"),
        ]
        for client in clients:
            (task,) = client.describe_data_repository_tasks()["DataRepositoryTasks"]
            assert task["TaskId"] == task_id
        assert len(simulated_aws.requests) == len(clients)

    def test_those_made_before_do_so_too(self, simulated_aws: SimulatedAWS) -> None:
        """Such as a module's own client, or a client of its own session."""
        task_id = simulated_aws.fsx().start()
        client: Client = SESSION_FROM_BEFORE.client("fsx")
        for each in (client, CLIENT_FROM_BEFORE):
            each.describe_data_repository_tasks(TaskIds=[task_id])
        assert TASKS_FROM_BEFORE.cancel(task_id).accepted

    def test_every_region_is_there(self, simulated_aws: SimulatedAWS) -> None:
        """The client's region is the one that its task is in."""
        arn = simulated_aws.datasync(region="eu-west-1").start()
        boto3.client("datasync", region_name="eu-west-1").cancel_task_execution(
            TaskExecutionArn=arn
        )
        assert simulated_aws.datasync(region="eu-west-1").status(arn) == "CANCELLING"

    def test_an_access_key_of_another_account_is_of_that_account(
        self, simulated_aws: SimulatedAWS
    ) -> None:
        """One that a role brought, or that somebody made up, is of the usual account."""
        elsewhere = simulated_aws.fsx(account="111122223333").start()
        here = simulated_aws.fsx().start()
        for key, task_id in ((access_key_of("111122223333"), elsewhere), ("ASIAROLE", here)):
            client = boto3.client("fsx", aws_access_key_id=key, aws_secret_access_key="x")
            assert client.cancel_data_repository_task(TaskId=task_id)["Lifecycle"] == "CANCELING"

    def test_refusals_are_the_modelled_exceptions(self, simulated_aws: SimulatedAWS) -> None:
        """As the client's own ``exceptions`` have them."""
        client = boto3.client("fsx")
        task_id = simulated_aws.fsx().start(status="SUCCEEDED")
        with pytest.raises(client.exceptions.DataRepositoryTaskEnded):
            client.cancel_data_repository_task(TaskId=task_id)
        assert simulated_aws.requests[-1].outcome == "DataRepositoryTaskEnded"


@pytest.mark.usefixtures("no_real_waits")
class TestTime:
    def test_the_functions_of_the_package_wait_in_simulated_time(
        self, simulated_aws: SimulatedAWS
    ) -> None:
        """They use the clock of the simulated AWS, and a client of this test alone."""
        arn = simulated_aws.datasync().start(seconds={"CANCELLING": 3600})
        assert botocancel.cancel_and_wait(arn, timeout=7200).canceled
        assert simulated_aws.clock.seconds >= 3600

    def test_the_next_test_has_an_aws_of_its_own(self, simulated_aws: SimulatedAWS) -> None:
        """Nothing is left of the one before: not its time, its tasks nor its clients."""
        assert simulated_aws.clock.seconds == 0
        assert not simulated_aws.requests
        with pytest.raises(botocancel.NotFound):
            botocancel.cancel("task-0123456789abcdef0")
        assert len(simulated_aws.requests) == 1

    def test_clients_without_a_clock_do_too(self, simulated_aws: SimulatedAWS) -> None:
        """Made in the test, before it, or by the simulated AWS."""
        clients = (botocancel.TaskClient(), TASKS_FROM_BEFORE, simulated_aws.client())
        for client in clients:
            assert client.cancel_and_wait(simulated_aws.fsx().start()).canceled

    def test_coroutines_do_too(self, simulated_aws: SimulatedAWS) -> None:
        """By the same clock."""

        async def stop() -> bool:
            async with botocancel.AsyncTaskClient() as client:
                outcome = await client.cancel_and_wait(simulated_aws.fsx().start())
                return outcome.canceled

        assert asyncio.run(stop())

    def test_botocore_tries_again_without_a_pause(self, simulated_aws: SimulatedAWS) -> None:
        """Its pauses pass in simulated time."""
        simulated_aws.inject(Fault(kind=FaultKind.UNAVAILABLE, times=2))
        retries = Config(retries={"mode": "standard", "total_max_attempts": 3})
        answer = boto3.client("fsx", config=retries).describe_data_repository_tasks()
        assert answer["ResponseMetadata"]["RetryAttempts"] == 2
        assert simulated_aws.clock.seconds > 0


class TestOtherServices:
    def test_a_request_that_would_leave_the_machine_is_refused(
        self, simulated_aws: SimulatedAWS
    ) -> None:
        """With advice, and not as an error that code might expect of AWS."""
        with pytest.raises(NotSimulated, match=r"a request to 's3' .* moto"):
            boto3.client("s3").list_buckets()
        unsigned = boto3.client("sts")
        with pytest.raises(NotSimulated, match="an unsigned request"):
            unsigned.assume_role_with_web_identity(
                RoleArn="arn:aws:iam::123456789012:role/x",
                RoleSessionName="xx",
                WebIdentityToken="token",
            )
        assert not simulated_aws.requests

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
    @pytest.mark.usefixtures("simulated_aws")
    def test_endpoints_on_this_machine_are_left_alone(self, host: str) -> None:
        """Requests to a local S3 go there; here there is none."""
        client: Client = boto3.client(
            "s3",
            endpoint_url=f"http://{host}:9",
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
        )
        with pytest.raises(EndpointConnectionError):
            client.list_buckets()

    def test_moto_may_be_within(self, simulated_aws: SimulatedAWS) -> None:
        """Its S3, and FSx of here, in one piece of code."""
        task_id = simulated_aws.fsx().start()
        with mock_aws():
            boto3.client("s3").create_bucket(Bucket="x-bucket")
            assert buckets() == ["x-bucket"]
            assert botocancel.cancel_and_wait(task_id).canceled
            assert simulated_aws.client().describe(task_id).phase.terminal
        assert botocancel.describe(task_id).phase.terminal

    @mock_aws
    def test_moto_may_decorate_the_test(self, simulated_aws: SimulatedAWS) -> None:
        """The fixture is there first."""
        arn = simulated_aws.datasync().start()
        boto3.client("s3").create_bucket(Bucket="x-bucket")
        boto3.client("datasync").cancel_task_execution(TaskExecutionArn=arn)
        assert simulated_aws.datasync().status(arn) == "CANCELLING"

    def test_moto_may_be_around(self, bucket: str, simulated_aws: SimulatedAWS) -> None:
        """Which of them comes first does not matter."""
        task_id = simulated_aws.fsx().start()
        assert buckets() == [bucket]
        assert botocancel.cancel_and_wait(task_id).canceled
        assert simulated_aws.client().describe(task_id).phase.terminal

    def test_moto_may_end_first(self) -> None:
        """Each takes back its own doing."""
        default, send = boto3.DEFAULT_SESSION, URLLib3Session.send
        moto = mock_aws()
        with standing_in(SimulatedAWS()) as aws:
            moto.start()
            aws.fsx().start()
            assert boto3.client("fsx").describe_data_repository_tasks()["DataRepositoryTasks"]
            moto.stop()
            assert boto3.client("fsx").describe_data_repository_tasks()["DataRepositoryTasks"]
        assert (boto3.DEFAULT_SESSION, URLLib3Session.send) == (default, send)


class TestIsolation:
    def test_the_machine_has_no_say(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Neither its variables nor its files; in the end the variables are back."""
        (tmp_path / ".aws" / "models").mkdir(parents=True)
        for name in ("config", "credentials"):
            (tmp_path / ".aws" / name).write_text(
                "[default]\nregion = mars-1\n[x]\naws_session_token = t"
            )
        mine = {
            "AWS_PROFILE": "x",
            "AWS_REGION": "mars-1",
            "AWS_SESSION_TOKEN": "real",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
            "HOME": str(tmp_path),
        }
        for name, value in mine.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
        before = dict(os.environ)
        with standing_in(SimulatedAWS()) as aws:
            session = boto3.Session()
            assert session.region_name == "us-east-1"
            assert session.available_profiles == []
            credentials = session.get_credentials()
            assert credentials is not None
            assert credentials.token is None
            aws.fsx().start()
            assert session.client("fsx").describe_data_repository_tasks()["DataRepositoryTasks"]
            os.environ["AWS_LEFT_BEHIND"] = "x"
        assert dict(os.environ) == before

    def test_everything_is_put_back(self) -> None:
        """Whatever the block died of."""

        def state() -> tuple[object, ...]:
            return boto3.DEFAULT_SESSION, URLLib3Session.send, vars(botocore.endpoint)["time"]

        def die() -> None:
            with standing_in(SimulatedAWS()):
                boto3.client("fsx")
                assert all(now != then for now, then in zip(state(), before, strict=True))
                raise KeyboardInterrupt

        before = state()
        with pytest.raises(KeyboardInterrupt):
            die()
        assert state() == before

    def test_without_the_fixture_nothing_is_changed(self, pytester: pytest.Pytester) -> None:
        """pytest starts without loading boto3 or the simulated AWS."""
        pytester.makepyfile(
            """
            import sys

            def test_it():
                assert "botocancel.testing.plugin" in sys.modules
                heavy = {"boto3", "botocore", "attrs", "botocancel.testing.simulated_aws"}
                assert not heavy & set(sys.modules)
            """
        )
        pytester.runpytest_subprocess().assert_outcomes(passed=1)


class TestDocumentation:
    def test_every_example_of_the_guide_is_a_test_that_passes(
        self, pytester: pytest.Pytester
    ) -> None:
        """Each in a file of its own, as a reader would have it."""
        blocks = re.findall(
            r"^```python\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE
        )
        if not SERVER_IS_INSTALLED:
            blocks = [block for block in blocks if "simulated_aws_server" not in block]
        pytester.makepyfile(
            **{f"test_block_{number}": block for number, block in enumerate(blocks)}
        )
        run = pytester.runpytest_subprocess("--strict-markers")
        run.assert_outcomes(passed=len(blocks))
        assert len(blocks) >= 6


class TestMarker:
    @pytest.mark.simulated_aws(SimulatorSettings(kind="fsx", again="as ended"), seed=5)
    def test_the_marker_says_what_it_is_made_with(self, simulated_aws: SimulatedAWS) -> None:
        """Settings of the services, and what else `SimulatedAWS` takes."""
        task_id = simulated_aws.fsx().start(status="CANCELING")
        assert task_id == SimulatedAWS(seed=5).fsx().start()
        with pytest.raises(ClientError, match="DataRepositoryTaskEnded"):
            boto3.client("fsx").cancel_data_repository_task(TaskId=task_id)

    def test_it_is_documented_where_pytest_lists_what_there_is(
        self, pytester: pytest.Pytester
    ) -> None:
        """Among the markers and among the fixtures."""
        markers = pytester.runpytest_subprocess("--markers")
        markers.stdout.fnmatch_lines(["@pytest.mark.simulated_aws(*settings, seed=0, *"])
        fixtures = pytester.runpytest_subprocess("--fixtures")
        fixtures.stdout.fnmatch_lines(
            ["simulated_aws -- *", "simulated_aws_server -- *"], consecutive=False
        )

    def test_settings_of_no_kind_fail_the_test(self, pytester: pytest.Pytester) -> None:
        """With what is wrong with them."""
        pytester.makepyfile(
            """
            import pytest
            from botocancel.testing import SimulatorSettings

            @pytest.mark.simulated_aws(SimulatorSettings(kind="sqs"))
            def test_it(simulated_aws):
                pass
            """
        )
        result = pytester.runpytest_subprocess("--strict-markers")
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["*the settings of sqs are of no kind that is simulated*"])


@pytest.mark.skipif(not SERVER_IS_INSTALLED, reason="the extra `server` is not installed")
class TestServer:
    def test_clients_of_the_test_find_it(
        self, simulated_aws: SimulatedAWS, simulated_aws_server: SimulatedServer
    ) -> None:
        """They talk to the same state, over HTTP."""
        task_id = simulated_aws.fsx().start()
        client: Client = boto3.client("fsx", config=Config(proxies={}))
        assert client.meta.endpoint_url == simulated_aws_server.url
        client.cancel_data_repository_task(TaskId=task_id)
        assert simulated_aws.fsx().status(task_id) == "CANCELING"

    def test_child_processes_find_it(
        self, simulated_aws: SimulatedAWS, simulated_aws_server: SimulatedServer
    ) -> None:
        """By their environment, which names no proxy for this machine."""
        arn = simulated_aws.datasync().start()
        code = f"import botocancel; print(botocancel.cancel({arn!r}).accepted)"
        variables = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        child = subprocess.run(
            [sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True
        )
        assert child.stdout.strip() == "True"
        assert simulated_aws.datasync().status(arn) == "CANCELLING"
        assert not simulated_aws_server.failures
