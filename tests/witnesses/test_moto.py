"""botocancel against the DataSync of moto, which knows nothing of it, over real HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.session import Session

from botocancel import Certainty, InvalidRequest, NotFound, Phase, TaskClient, TaskEnded
from botocancel.services.datasync import CancelTaskExecutionRequest, ListTasksRequest
from botocancel.testing import VirtualClock

if TYPE_CHECKING:
    from collections.abc import Iterator

moto_server: Any = pytest.importorskip("moto.server", reason="moto's server is not installed")
pytestmark = pytest.mark.filterwarnings("ignore:datetime:DeprecationWarning")


@pytest.fixture
def datasync() -> Iterator[Any]:
    """A botocore client of moto's server."""
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    session = Session()
    session.set_credentials("key", "secret")
    url = f"http://{host}:{port}"
    yield session.create_client("datasync", region_name="us-east-1", endpoint_url=url)
    server.stop()


@pytest.fixture
def client(datasync: Any) -> TaskClient:  # noqa: ANN401  (its methods are made at run time)
    return TaskClient(clients=[datasync], clock=VirtualClock())


@pytest.fixture
def arn(datasync: Any) -> str:  # noqa: ANN401
    """An execution that is INITIALIZING, as no model of AWS says."""
    smb = {"Subdirectory": "/", "ServerHostname": "host", "AgentArns": [AGENT]}
    source = datasync.create_location_smb(User="me", Password="secret", **smb)["LocationArn"]
    bucket = {"S3BucketArn": "arn:aws:s3:::bucket", "S3Config": {"BucketAccessRoleArn": ROLE}}
    goal = datasync.create_location_s3(**bucket)["LocationArn"]
    task = datasync.create_task(SourceLocationArn=source, DestinationLocationArn=goal, Name="x")
    started: str = datasync.start_task_execution(TaskArn=task["TaskArn"])["TaskExecutionArn"]
    return started


AGENT = "arn:aws:datasync:us-east-1:111222333444:agent/agent-0123456789abcdef0"
ROLE = "arn:aws:iam::111222333444:role/some-role"


def test_a_status_that_aws_does_not_have_is_told_as_it_is(client: TaskClient, arn: str) -> None:
    snapshot = client.describe(arn)
    assert (snapshot.status, snapshot.phase) == ("INITIALIZING", Phase.UNKNOWN)


def test_a_cancel_ends_the_execution(client: TaskClient, arn: str) -> None:
    assert client.cancel(arn).accepted
    snapshot = client.describe(arn)
    assert (snapshot.status, snapshot.phase.terminal) == ("ERROR", True)


def test_a_second_cancel_is_told_that_the_execution_has_ended(client: TaskClient, arn: str) -> None:
    client.cancel(arn)
    with pytest.raises(TaskEnded) as ended:
        client.cancel(arn)
    assert ended.value.snapshot is not None
    assert ended.value.snapshot.status == "ERROR"


def test_a_wait_goes_by_an_unknown_status_to_the_end(client: TaskClient, arn: str) -> None:
    outcome = client.cancel_and_wait(arn)
    assert (outcome.canceled, outcome.certainty) == (True, Certainty.INFERRED)


def test_a_wait_without_a_cancel_sees_it_succeed(client: TaskClient, arn: str) -> None:
    assert client.wait(arn).phase is Phase.SUCCEEDED


def test_an_unknown_execution_is_no_success(client: TaskClient, arn: str) -> None:
    unknown = f"{arn[:-1]}f"
    for call in (client.describe, client.cancel, client.cancel_and_wait):
        with pytest.raises((InvalidRequest, NotFound)):  # moto's texts say which
            call(unknown)


def test_tasks_are_listed(client: TaskClient, arn: str) -> None:
    """By ``ListTasks``, for moto lists no executions."""
    listed = client.call(ListTasksRequest(), region="us-east-1").tasks
    assert listed is not None
    assert arn.partition("/execution")[0] in [entry.task_arn for entry in listed]


def test_the_typed_layer_cancels(client: TaskClient, arn: str) -> None:
    client.call(CancelTaskExecutionRequest(task_execution_arn=arn))
    assert client.describe(arn).status == "ERROR"
