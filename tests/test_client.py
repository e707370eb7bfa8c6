"""`TaskClient` over real botocore clients: where calls go, what they say, what bad answers do."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from threading import Thread
from typing import Any

import boto3
import pytest
from botocore import exceptions as botocore_errors
from botocore.stub import Stubber

import botocancel
from botocancel import (
    BotocancelError,
    ConfigurationError,
    InternalException,
    InvalidInput,
    InvalidResponse,
    NotFound,
    Phase,
    TaskCanceling,
    TaskClient,
    TaskEnded,
    Throttled,
    TransportError,
    Unsupported,
)
from botocancel.services import datasync, fsx
from tests.network import REQUEST_ID, CannedNetwork

TASK = "task-0123456789abcdef0"
EXECUTION = (
    "arn:aws:datasync:us-east-1:123456789012:task/task-0123456789abcdef0"
    "/execution/exec-0123456789abcdef0"
)


def no_sleep(_: float) -> None: ...


@pytest.fixture
def network() -> CannedNetwork:
    return CannedNetwork()


@pytest.fixture
def client(network: CannedNetwork) -> TaskClient:
    return TaskClient(network.session)


def fsx_task(lifecycle: str, **members: object) -> dict[str, object]:
    task = {
        "TaskId": TASK,
        "Lifecycle": lifecycle,
        "Type": "EXPORT_TO_REPOSITORY",
        "CreationTime": 1_700_000_000,
    }
    return {"DataRepositoryTasks": [{**task, **members}]}


def test_cancel_sends_one_request_and_says_what_fsx_accepted(
    network: CannedNetwork, client: TaskClient
) -> None:
    network.will_answer({"Lifecycle": "CANCELING", "TaskId": TASK})

    cancellation = client.cancel(TASK)

    assert network.requests == [("CancelDataRepositoryTask", {"TaskId": TASK})]
    assert cancellation.accepted
    assert cancellation.phase is Phase.CANCELING
    assert cancellation.status == "CANCELING"
    assert str(cancellation.ref) == TASK
    assert cancellation.attempts == 1
    response = cancellation.response
    assert isinstance(response, fsx.CancelDataRepositoryTaskResponse)
    assert response.lifecycle == fsx.DataRepositoryTaskLifecycle.CANCELING
    assert response.metadata.request_id == REQUEST_ID
    assert response.metadata.http_status == 200
    assert response.metadata.attempts == 1


def test_cancel_of_a_datasync_execution_claims_no_phase(
    network: CannedNetwork, client: TaskClient
) -> None:
    """The answer is empty, so all that is known is that the service accepted."""
    network.will_answer({})
    cancellation = client.cancel(EXECUTION)
    assert network.requests == [("CancelTaskExecution", {"TaskExecutionArn": EXECUTION})]
    assert cancellation.accepted
    assert cancellation.phase is Phase.UNKNOWN
    assert cancellation.status is None
    assert isinstance(cancellation.response, datasync.CancelTaskExecutionResponse)


def test_describe_reads_an_fsx_task(network: CannedNetwork, client: TaskClient) -> None:
    network.will_answer(
        fsx_task(
            "FAILED",
            StartTime=1_700_000_060,
            EndTime=1_700_000_120,
            FailureDetails={"Message": "2 files could not be read"},
            Status={"TotalCount": 10, "SucceededCount": 6, "FailedCount": 2},
        )
    )

    snapshot = client.describe(TASK)

    assert snapshot.phase is Phase.FAILED
    assert snapshot.status == "FAILED"
    assert snapshot.failure == "2 files could not be read"
    assert snapshot.progress.done == 8
    assert snapshot.progress.fraction == 0.8
    assert snapshot.created_at is not None
    assert snapshot.created_at.isoformat() == "2023-11-14T22:13:20+00:00"
    assert snapshot.started_at is not None
    assert snapshot.ended_at is not None
    assert (snapshot.ended_at - snapshot.started_at).total_seconds() == 60
    assert isinstance(snapshot.detail, fsx.DataRepositoryTask)


def test_describe_reads_released_capacity_as_bytes(
    network: CannedNetwork, client: TaskClient
) -> None:
    network.will_answer(fsx_task("EXECUTING", CapacityToRelease=4, Status={"ReleasedCapacity": 1}))
    assert client.describe(TASK).progress.fraction == 0.25


def test_describe_reads_a_datasync_execution(network: CannedNetwork, client: TaskClient) -> None:
    network.will_answer(
        {
            "TaskExecutionArn": EXECUTION,
            "Status": "ERROR",
            "StartTime": 1_700_000_000,
            "EstimatedFilesToTransfer": 4,
            "FilesTransferred": 1,
            "EstimatedBytesToTransfer": 400,
            "BytesWritten": 100,
            "Result": {"ErrorCode": "Oops", "ErrorDetail": "it broke"},
        }
    )
    snapshot = client.describe(EXECUTION)
    assert snapshot.phase is Phase.FAILED
    assert snapshot.failure == "Oops: it broke"
    assert snapshot.progress.fraction == 0.25


def test_progress_is_unknown_where_the_service_tells_none(
    network: CannedNetwork, client: TaskClient
) -> None:
    network.will_answer(fsx_task("PENDING"))
    network.will_answer({"TaskExecutionArn": EXECUTION, "Status": "QUEUED"})
    assert client.describe(TASK).progress.fraction is None
    assert client.describe(EXECUTION).failure is None


# --- refusals that a describe decides ------------------------------------------------------


@pytest.mark.parametrize(
    ("lifecycle", "phase"),
    [
        ("SUCCEEDED", Phase.SUCCEEDED),
        ("FAILED", Phase.FAILED),
        ("CANCELED", Phase.CANCELED),
    ],
)
@pytest.mark.parametrize("code", ["DataRepositoryTaskEnded", "BadRequest"])
def test_task_ended_says_how_it_ended(
    network: CannedNetwork, client: TaskClient, code: str, lifecycle: str, phase: Phase
) -> None:
    network.will_refuse(code)
    network.will_answer(fsx_task(lifecycle))
    with pytest.raises(TaskEnded) as caught:
        client.cancel(TASK)
    assert isinstance(caught.value, fsx.FSxError)
    assert caught.value.snapshot is not None
    assert caught.value.snapshot.phase is phase


@pytest.mark.parametrize("code", ["DataRepositoryTaskEnded", "UnsupportedOperation", "BadRequest"])
def test_a_refusal_while_canceling_says_so(
    network: CannedNetwork, client: TaskClient, code: str
) -> None:
    """What FSx answers for a task in CANCELING is unknown; all it may answer means the same."""
    network.will_refuse(code)
    network.will_answer(fsx_task("CANCELING"))
    with pytest.raises(TaskCanceling) as caught:
        client.cancel(TASK)
    assert caught.value.snapshot is not None
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("code", "meaning"),
    [("UnsupportedOperation", Unsupported), ("BadRequest", botocancel.InvalidRequest)],
)
def test_a_refusal_of_a_running_task_stays_what_it_is(
    network: CannedNetwork, client: TaskClient, code: str, meaning: type[BotocancelError]
) -> None:
    network.will_refuse(code)
    network.will_answer(fsx_task("EXECUTING"))
    with pytest.raises(meaning):
        client.cancel(TASK)


def test_unsupported_stays_unsupported_when_the_task_has_ended(
    network: CannedNetwork, client: TaskClient
) -> None:
    network.will_refuse("UnsupportedOperation")
    network.will_answer(fsx_task("SUCCEEDED"))
    with pytest.raises(Unsupported):
        client.cancel(TASK)


def test_a_stale_describe_does_not_undo_task_ended(
    network: CannedNetwork, client: TaskClient
) -> None:
    network.will_refuse("DataRepositoryTaskEnded")
    network.will_answer(fsx_task("EXECUTING"))
    with pytest.raises(TaskEnded) as caught:
        client.cancel(TASK)
    assert caught.value.snapshot is None


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("SUCCESS", TaskEnded),
        ("ERROR", TaskEnded),
        ("CANCELLING", TaskCanceling),
        ("TRANSFERRING", botocancel.InvalidRequest),
        ("INITIALIZING", botocancel.InvalidRequest),
    ],
)
def test_datasyncs_one_code_is_told_apart_by_a_describe(
    network: CannedNetwork, client: TaskClient, status: str, meaning: type[BotocancelError]
) -> None:
    network.will_refuse("InvalidRequestException", message="no idea")
    network.will_answer({"TaskExecutionArn": EXECUTION, "Status": status})
    with pytest.raises(meaning) as caught:
        client.cancel(EXECUTION)
    assert isinstance(caught.value, datasync.DataSyncError)
    assert [operation for operation, _ in network.requests] == [
        "CancelTaskExecution",
        "DescribeTaskExecution",
    ]


@pytest.mark.parametrize("text", ["Task arn:… is not found.", "The execution does not exist"])
def test_an_execution_that_a_describe_does_not_find_is_not_found(
    network: CannedNetwork, client: TaskClient, text: str
) -> None:
    network.will_refuse("InvalidRequestException", message="no idea")
    network.will_refuse("InvalidRequestException", message=text)
    with pytest.raises(NotFound) as caught:
        client.cancel(EXECUTION)
    assert isinstance(caught.value, datasync.DataSyncNotFound)
    with pytest.raises(datasync.DataSyncNotFound):
        client.describe(EXECUTION)


def test_a_bad_request_of_fsx_for_an_unknown_task_is_not_found(
    network: CannedNetwork, client: TaskClient
) -> None:
    network.will_refuse("BadRequest")
    network.will_refuse("DataRepositoryTaskNotFound")
    with pytest.raises(NotFound):
        client.cancel(TASK)


def test_a_task_that_is_gone_when_described_had_ended(
    network: CannedNetwork, client: TaskClient
) -> None:
    network.will_refuse("DataRepositoryTaskEnded")
    network.will_refuse("DataRepositoryTaskNotFound")
    with pytest.raises(TaskEnded) as caught:
        client.cancel(TASK)
    assert caught.value.snapshot is None


@pytest.mark.parametrize(
    ("text", "meaning"),
    [("it is not found", NotFound), ("anything else", botocancel.InvalidRequest)],
)
def test_where_describing_is_denied_the_text_breaks_the_tie(
    network: CannedNetwork, client: TaskClient, text: str, meaning: type[BotocancelError]
) -> None:
    network.will_refuse("InvalidRequestException", message=text)
    network.will_refuse("AccessDeniedException")
    with pytest.raises(meaning):
        client.cancel(EXECUTION)


def test_an_answer_without_the_task_asked_for_is_not_found(
    network: CannedNetwork, client: TaskClient
) -> None:
    network.will_answer({"DataRepositoryTasks": []})
    with pytest.raises(fsx.FSxNotFound) as caught:
        client.describe(TASK)
    assert caught.value.request_id == REQUEST_ID
    assert caught.value.http_status == 200


# --- lost answers ------------------------------------------------------------------------


@pytest.fixture
def flaky(monkeypatch: pytest.MonkeyPatch) -> CannedNetwork:
    monkeypatch.setattr("botocore.endpoint.time.sleep", no_sleep)
    network = CannedNetwork(attempts=3)
    network.will_raise(botocore_errors.ReadTimeoutError(endpoint_url="https://x.invalid"))
    return network


@pytest.mark.parametrize(
    ("lifecycle", "phase"), [("CANCELING", Phase.CANCELING), ("CANCELED", Phase.CANCELED)]
)
def test_cancel_reports_success_when_the_first_answer_was_lost(
    flaky: CannedNetwork, lifecycle: str, phase: Phase
) -> None:
    flaky.will_refuse("DataRepositoryTaskEnded")
    flaky.will_answer(fsx_task(lifecycle))

    cancellation = TaskClient(flaky.session).cancel(TASK)

    assert not cancellation.accepted
    assert cancellation.response is None
    assert cancellation.phase is phase
    assert cancellation.attempts == 2
    assert "already exported" in cancellation.aftermath.summary


def test_an_end_that_no_cancel_brings_is_task_ended_even_after_a_lost_answer(
    flaky: CannedNetwork,
) -> None:
    flaky.will_refuse("DataRepositoryTaskEnded")
    flaky.will_answer(fsx_task("SUCCEEDED"))
    with pytest.raises(TaskEnded):
        TaskClient(flaky.session).cancel(TASK)


def test_an_error_of_datasync_after_a_lost_answer_may_be_our_doing(flaky: CannedNetwork) -> None:
    """DataSync has no cancelled status, so what ended in ERROR is not blamed on others."""
    flaky.will_refuse("InvalidRequestException")
    flaky.will_answer({"TaskExecutionArn": EXECUTION, "Status": "ERROR"})
    cancellation = TaskClient(flaky.session).cancel(EXECUTION)
    assert not cancellation.accepted
    assert cancellation.phase is Phase.FAILED


# --- answers that misbehave ------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        {"TaskId": TASK},
        {"Status": "CANCELING", "TaskId": TASK},
        {"Lifecycle": None, "TaskId": TASK},
    ],
    ids=str,
)
def test_no_phase_is_invented_where_the_answer_names_none(
    network: CannedNetwork, client: TaskClient, answer: object
) -> None:
    """The sample on AWS's page has ``Status`` in place of ``Lifecycle``."""
    network.will_answer(answer)
    cancellation = client.cancel(TASK)
    assert cancellation.accepted
    assert cancellation.phase is Phase.UNKNOWN
    assert cancellation.status is None


def test_an_unknown_lifecycle_is_kept_and_warned_about_once(
    network: CannedNetwork, client: TaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    network.will_answer({"Lifecycle": "HIBERNATING", "TaskId": TASK})
    client.cancel(TASK)
    cancellation = client.cancel(TASK)
    assert cancellation.phase is Phase.UNKNOWN
    assert not cancellation.phase.terminal
    assert cancellation.status == "HIBERNATING"
    warnings = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert "fsx answered the status 'HIBERNATING', which" in warnings[0].getMessage()


def test_fields_that_no_model_knows_are_ignored(network: CannedNetwork, client: TaskClient) -> None:
    network.will_answer(fsx_task("EXECUTING", Mood="good", Tags=[{"Key": "a", "Value": "b"}]))
    assert client.describe(TASK).phase is Phase.RUNNING


GARBAGE = [
    (b"[]", 200),
    (b"5", 200),
    (b'"text"', 200),
    (b"{", 200),
    (b"<html>busy</html>", 200),
    (b"\xff\xfe", 200),
    (b'{"Lifecycle": 7}', 200),
    (b'{"Lifecycle": ["CANCELING"]}', 200),
    (b"<html>busy</html>", 503),
    (b"<html>busy</html>", 502),
    (b"[]", 400),
    (b"[]", 500),
    (b"", 403),
    (b"", 400),
    (b"", 500),
    (b"null", 500),
    (b'{"__type": null, "message": null}', 400),
    (b'{"__type": 5}', 400),
    (b'{"message": {"a": 1}}', 400),
    (b'{"__type": "DataRepositoryTaskEnded", "message": null}', 400),
    (b'{"__type": "BadRequest"}', 400),
]


@pytest.mark.parametrize(("body", "status"), GARBAGE)
@pytest.mark.parametrize("task", [TASK, EXECUTION], ids=["fsx", "datasync"])
@pytest.mark.parametrize("operation", ["cancel", "describe"])
def test_whatever_is_answered_only_documented_classes_get_out(
    network: CannedNetwork,
    client: TaskClient,
    operation: str,
    task: str,
    body: bytes,
    status: int,
) -> None:
    network.will_answer(body, status=status)
    call = getattr(client, operation)
    expected = suppress(BotocancelError) if status == 200 else pytest.raises(BotocancelError)
    with expected:
        call(task)


@pytest.mark.parametrize(
    ("body", "status", "meaning"),
    [
        (b"[]", 200, InvalidResponse),
        (b'{"Lifecycle": 7}', 200, InvalidResponse),
        (b"<html>busy</html>", 503, botocancel.ServiceUnavailable),
        (b"", 403, botocancel.AccessDenied),
        (b"", 500, InternalException),
        (b'{"__type": "DataRepositoryTaskEnded", "message": null}', 400, TaskEnded),
    ],
)
def test_garbage_is_named_for_what_it_is(
    network: CannedNetwork,
    client: TaskClient,
    body: bytes,
    status: int,
    meaning: type[BotocancelError],
) -> None:
    network.will_answer(body, status=status)
    with pytest.raises(meaning):
        client.cancel(TASK)


@pytest.mark.parametrize("task", [TASK, EXECUTION], ids=["fsx", "datasync"])
@pytest.mark.parametrize("operation", ["cancel", "describe"])
@pytest.mark.parametrize("body", [b"", b"<html>sign in</html>", b"[1,", b"{}", b"null"])
def test_http_200_without_a_request_id_is_no_answer_of_aws(
    network: CannedNetwork, client: TaskClient, operation: str, task: str, body: bytes
) -> None:
    """A proxy or a sign-in page said so; botocore alone would make a success of it."""
    network.will_answer(body, request_id=None)
    with pytest.raises(InvalidResponse, match=r"request id|cannot be read") as caught:
        getattr(client, operation)(task)
    assert caught.value.retryable


def test_an_answer_that_a_stub_gives_needs_no_request_id(
    network: CannedNetwork,
) -> None:
    fsx = network.session.create_client("fsx")
    with Stubber(fsx) as stubber:
        answer = {"Lifecycle": "CANCELING", "TaskId": TASK}
        stubber.add_response("cancel_data_repository_task", answer)
        assert TaskClient(clients=[fsx]).cancel(TASK).accepted


def test_an_answer_that_lacks_what_its_shape_requires_cannot_be_read(
    network: CannedNetwork, client: TaskClient
) -> None:
    network.will_answer({"DataRepositoryTasks": [{"TaskId": TASK}]})
    with pytest.raises(InvalidResponse, match="lacks Lifecycle"):
        client.describe(TASK)


# --- sessions, clients, regions --------------------------------------------------------------


def hosts(network: CannedNetwork) -> list[str]:
    """Return the hosts that requests went to, by watching the same event."""
    seen: list[str] = []
    network.watch(lambda request: seen.append(str(request.url)))
    return seen


def test_an_arn_chooses_the_region_of_the_client(network: CannedNetwork) -> None:
    network.will_answer({"TaskId": TASK})
    seen = hosts(network)
    client = TaskClient(network.session)
    client.cancel(EXECUTION.replace("us-east-1", "eu-central-1"))
    client.cancel(f"arn:aws:fsx:ap-south-1:123456789012:task/{TASK}")
    client.cancel(TASK)
    client.call(fsx.CancelDataRepositoryTaskRequest(task_id=TASK), region="eu-north-1")
    client.call(
        datasync.CancelTaskExecutionRequest(
            task_execution_arn=EXECUTION.replace("us-east-1", "eu-west-3")
        )
    )
    regions = [url.split(".")[1] for url in seen]
    assert regions == ["eu-central-1", "ap-south-1", "us-east-1", "eu-north-1", "eu-west-3"]


def test_an_id_without_region_goes_to_the_region_given(network: CannedNetwork) -> None:
    network.will_answer({"TaskId": TASK})
    seen = hosts(network)
    TaskClient(network.session, region="eu-south-1").cancel(TASK)
    assert seen[0].startswith("https://fsx.eu-south-1.")


@pytest.mark.parametrize(
    ("arn", "reason"),
    [
        (EXECUTION.replace(":aws:", ":aws-cn:"), "its region 'us-east-1' is in 'aws'"),
        (
            EXECUTION.replace(":aws:", ":aws-cn:").replace("us-east-1", "cn-north-1"),
            "set up for 'us-east-1' in 'aws', whose credentials do not work there",
        ),
        (f"arn:aws-us-gov:fsx:us-east-1:123456789012:task/{TASK}", "'us-east-1' is in 'aws'"),
    ],
)
def test_an_arn_of_the_wrong_partition_is_refused_before_any_request(
    network: CannedNetwork, client: TaskClient, arn: str, reason: str
) -> None:
    with pytest.raises(InvalidInput, match=reason):
        client.cancel(arn)
    assert network.requests == []


def test_a_region_that_botocore_does_not_know_is_for_the_service_to_judge(
    network: CannedNetwork, client: TaskClient
) -> None:
    network.will_answer({})
    assert client.cancel(EXECUTION.replace("us-east-1", "mars-north-1")).accepted


def test_without_any_region_the_message_says_what_to_do() -> None:
    network = CannedNetwork(region=None)
    with pytest.raises(ConfigurationError, match="AWS_DEFAULT_REGION"):
        TaskClient(network.session).cancel(TASK)
    assert network.requests == []


def test_a_boto3_session_serves(network: CannedNetwork) -> None:
    network.will_answer({"Lifecycle": "CANCELING", "TaskId": TASK})
    session = boto3.Session(botocore_session=network.session)
    assert TaskClient(session).cancel(TASK).accepted


def test_the_default_session_of_boto3_is_used_if_there_is_one(
    network: CannedNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.will_answer({"Lifecycle": "CANCELING", "TaskId": TASK})
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", boto3.Session(botocore_session=network.session))
    assert botocancel.cancel(TASK).accepted
    assert TaskClient().cancel(TASK).accepted
    assert len(network.requests) == 2


def test_the_modules_functions_follow_a_new_default_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for lifecycle in ("PENDING", "EXECUTING"):
        network = CannedNetwork()
        network.will_answer(fsx_task(lifecycle))
        session = boto3.Session(botocore_session=network.session)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
        assert botocancel.describe(TASK).status == lifecycle


def test_without_a_session_botocores_usual_chain_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with pytest.raises(ConfigurationError, match="Unable to locate credentials"):
        TaskClient().cancel(TASK)


def test_ready_clients_are_used_as_they_are(network: CannedNetwork) -> None:
    network.will_answer({"Lifecycle": "CANCELING", "TaskId": TASK})
    ready = network.session.create_client("fsx")
    before = dict(vars(ready.meta.events))
    client = TaskClient(clients=[ready])
    assert client.cancel(TASK).accepted
    assert dict(vars(ready.meta.events)) == before


def test_no_client_is_made_beside_ready_ones(network: CannedNetwork) -> None:
    """Other credentials than the caller's own would be used without asking."""
    client = TaskClient(clients=[network.session.create_client("fsx")])
    with pytest.raises(ConfigurationError, match="no client of datasync in 'us-east-1'"):
        client.cancel(EXECUTION)
    with pytest.raises(ConfigurationError, match="no client of fsx in 'eu-west-1'"):
        client.cancel(f"arn:aws:fsx:eu-west-1:123456789012:task/{TASK}")
    with pytest.raises(InvalidInput, match="is in 'aws'"):
        client.cancel(f"arn:aws-cn:fsx:us-east-1:123456789012:task/{TASK}")


def test_two_ready_clients_of_a_service_leave_an_id_without_region_open(
    network: CannedNetwork,
) -> None:
    regions = ("us-east-1", "eu-west-1")
    ready = [network.session.create_client("fsx", region_name=region) for region in regions]
    with pytest.raises(ConfigurationError, match="clients of fsx in eu-west-1, us-east-1"):
        TaskClient(clients=ready).cancel(TASK)
    network.will_answer({"TaskId": TASK})
    assert TaskClient(clients=ready, region="eu-west-1").cancel(TASK).accepted


def test_what_is_no_session_or_client_is_refused(network: CannedNetwork) -> None:
    with pytest.raises(InvalidInput, match=r"clients=\[…\]"):
        TaskClient(network.session.create_client("fsx"))  # type: ignore[arg-type]  # pyright: ignore
    with pytest.raises(InvalidInput, match="not a boto3 or botocore session"):
        TaskClient("us-east-1")  # type: ignore[arg-type]  # pyright: ignore
    with pytest.raises(InvalidInput, match="a session is passed as session="):
        TaskClient(clients=[network.session])  # type: ignore[list-item]  # pyright: ignore
    with pytest.raises(InvalidInput, match="known are athena, batch,"):
        TaskClient(clients=[network.session.create_client("sqs")])


def test_a_client_that_cannot_be_made_is_a_matter_of_configuration(client: TaskClient) -> None:
    with pytest.raises(ConfigurationError, match="no client of fsx"):
        client.call(fsx.CancelDataRepositoryTaskRequest(task_id=TASK), region="not a region")


def test_one_client_is_made_for_a_service_and_region(
    network: CannedNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many threads ask for it first."""
    network.will_answer({"Lifecycle": "CANCELING", "TaskId": TASK})
    made: list[str] = []
    make = network.session.create_client

    def counted(service: str, **options: Any) -> object:  # noqa: ANN401  (passed on)
        made.append(service)
        return make(service, **options)

    monkeypatch.setattr(network.session, "create_client", counted)
    client = TaskClient(network.session)
    threads = [Thread(target=client.cancel, args=[TASK]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == ["fsx"]
    assert len(network.requests) == 8


def test_own_clients_say_who_calls(network: CannedNetwork, client: TaskClient) -> None:
    network.will_answer({"TaskId": TASK})
    agents: list[str] = []
    network.watch(lambda request: agents.append(str(request.headers["User-Agent"])))
    client.cancel(TASK)
    assert " botocancel/" in agents[0]


def test_call_is_the_typed_api_one_to_one(network: CannedNetwork, client: TaskClient) -> None:
    network.will_answer({"TaskExecutions": [{"TaskExecutionArn": EXECUTION, "Status": "QUEUED"}]})
    response = client.call(datasync.ListTaskExecutionsRequest(max_results=5))
    assert network.requests == [("ListTaskExecutions", {"MaxResults": 5})]
    assert response.task_executions is not None
    assert response.task_executions[0].status == datasync.TaskExecutionStatus.QUEUED


def test_a_request_that_botocore_refuses_is_bad_input(
    network: CannedNetwork, client: TaskClient
) -> None:
    wrong = fsx.DescribeDataRepositoryTasksRequest(task_ids=TASK)  # type: ignore[arg-type]  # pyright: ignore
    with pytest.raises(InvalidInput, match=f"TaskIds, value: {TASK}"):
        client.call(wrong)
    assert network.requests == []


def test_calls_are_logged_with_their_ids_and_no_secret(
    network: CannedNetwork, client: TaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "botocancel")
    network.will_answer({"Lifecycle": "CANCELING", "TaskId": TASK})
    network.will_refuse("ThrottlingException")
    client.cancel(TASK)
    with pytest.raises(Throttled):
        client.cancel(TASK)
    ours = [record for record in caplog.records if record.name.startswith("botocancel")]
    assert REQUEST_ID in ours[0].getMessage()
    assert ours[0].__dict__["aws_operation"] == "CancelDataRepositoryTask"
    assert "ThrottlingException" in ours[1].getMessage()
    assert "secret" not in " ".join(str(record.__dict__) for record in ours)


def test_a_lost_connection_is_a_transport_error_about_the_task(
    network: CannedNetwork, client: TaskClient
) -> None:
    network.will_raise(botocore_errors.ConnectionClosedError(endpoint_url="https://x.invalid"))
    with pytest.raises(TransportError) as caught:
        client.cancel(EXECUTION)
    assert str(caught.value.ref) == EXECUTION
