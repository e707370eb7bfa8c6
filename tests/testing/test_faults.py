"""Faults, as real botocore clients meet them and as typed requests do."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    CredentialRetrievalError,
    ReadTimeoutError,
)

from botocancel.model import WireError
from botocancel.services.datasync.models import CancelTaskExecutionRequest
from botocancel.services.fsx.models import (
    CancelDataRepositoryTaskRequest,
    DescribeDataRepositoryTasksRequest,
)
from botocancel.testing import (
    ConnectionLost,
    Fault,
    FaultKind,
    GarbageAnswered,
    RequestHandled,
    SimulatedAWS,
    SimulatedError,
    SimulatorSettings,
    StatusChange,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocancel.model import Request, Response

Client: TypeAlias = Any
"""A botocore client, whose methods are made at run time."""
Answer: TypeAlias = Any
"""What they return."""

ONCE = Config(retries={"total_max_attempts": 1, "mode": "standard"})


@pytest.fixture
def aws() -> SimulatedAWS:
    return SimulatedAWS(seed=1)


@pytest.fixture
def client(aws: SimulatedAWS) -> Client:
    """A client that does not retry."""
    return aws.session().create_client("fsx", config=ONCE)


@pytest.fixture
def task_id(aws: SimulatedAWS) -> str:
    return aws.fsx().start(status="EXECUTING")


@pytest.fixture
def patient_client(aws: SimulatedAWS, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client that retries as botocore does, without the waits."""
    waits: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", waits.append)
    retries = Config(retries={"total_max_attempts": 3, "mode": "standard"})
    return aws.session().create_client("fsx", config=retries)


def refused(call: Callable[[], object], code: str, status: int) -> Answer:
    """Expect an error with this code and HTTP status, and return botocore's response."""
    with pytest.raises(ClientError) as refusal:
        call()
    response: Answer = refusal.value.response
    assert response["Error"]["Code"] == code
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status
    return response


def ids_in(answer: Answer) -> list[str]:
    """Return the ids of the tasks that are described, in the order of the answer."""
    return [task["TaskId"] for task in answer["DataRepositoryTasks"]]


def headers_of(answer: Answer) -> dict[str, str]:
    """Return the HTTP headers of an answer, by name in lower case."""
    headers: dict[str, str] = answer["ResponseMetadata"]["HTTPHeaders"]
    return headers


class TestErrors:
    def test_throttling(self, aws: SimulatedAWS, client: Client, task_id: str) -> None:
        """ThrottlingException 400, before anything happens."""
        aws.inject(Fault(kind=FaultKind.THROTTLE))
        refused(
            lambda: client.cancel_data_repository_task(TaskId=task_id), "ThrottlingException", 400
        )
        assert aws.fsx().status(task_id) == "EXECUTING"
        assert aws.requests[-1].outcome == "not handled"
        assert aws.requests[-1].faults == (FaultKind.THROTTLE,)

    def test_an_internal_error_is_the_service_s_own(self, aws: SimulatedAWS) -> None:
        """FSx fails as InternalServerError, DataSync as InternalException, both with 500."""
        aws.inject(Fault(kind=FaultKind.INTERNAL_ERROR, times=None))
        with pytest.raises(SimulatedError, match="InternalServerError") as of_fsx:
            aws.handle(DescribeDataRepositoryTasksRequest())
        with pytest.raises(SimulatedError, match="InternalException") as of_datasync:
            aws.handle(CancelTaskExecutionRequest(task_execution_arn="x"))
        assert (of_fsx.value.http_status, of_datasync.value.http_status) == (500, 500)

    def test_an_internal_error_may_come_after_the_effect(
        self, aws: SimulatedAWS, client: Client, task_id: str
    ) -> None:
        """As services do fail: the task is cancelled all the same."""
        aws.inject(Fault(kind=FaultKind.INTERNAL_ERROR, late=True))
        refused(
            lambda: client.cancel_data_repository_task(TaskId=task_id), "InternalServerError", 500
        )
        assert aws.fsx().status(task_id) == "CANCELING"
        assert aws.requests[-1].outcome == "accepted"

    def test_unavailability(self, aws: SimulatedAWS, client: Client) -> None:
        """ServiceUnavailable 503."""
        aws.inject(Fault(kind=FaultKind.UNAVAILABLE))
        refused(client.describe_data_repository_tasks, "ServiceUnavailable", 503)

    def test_any_error_can_be_had(self, aws: SimulatedAWS, client: Client) -> None:
        """Code, status and members are the test's; no message arrives as null."""
        aws.inject(
            Fault(
                kind=FaultKind.ERROR,
                code="ServiceLimitExceeded",
                http_status=418,
                members={"Limit": "TASKS"},
            )
        )
        response = refused(client.describe_data_repository_tasks, "ServiceLimitExceeded", 418)
        assert response["Error"]["Message"] is None
        assert response["Limit"] == "TASKS"


class TestConnections:
    @pytest.mark.parametrize(
        ("timed_out", "error"), [(True, ReadTimeoutError), (False, ConnectionClosedError)]
    )
    def test_a_lost_request_has_no_effect(
        self,
        aws: SimulatedAWS,
        client: Client,
        task_id: str,
        timed_out: bool,  # noqa: FBT001  (parametrized)
        error: type[Exception],
    ) -> None:
        """botocore raises its own connection error; the service knows of nothing."""
        aws.inject(Fault(kind=FaultKind.LOST_REQUEST, timed_out=timed_out))
        with pytest.raises(error):
            client.cancel_data_repository_task(TaskId=task_id)
        assert aws.fsx().status(task_id) == "EXECUTING"
        assert not [item for item in aws.history if isinstance(item, RequestHandled)]

    def test_a_lost_answer_has_its_effect(
        self, aws: SimulatedAWS, client: Client, task_id: str
    ) -> None:
        """The caller sees the same error, and the task is cancelled."""
        aws.inject(Fault(kind=FaultKind.LOST_ANSWER))
        with pytest.raises(ConnectionClosedError):
            client.cancel_data_repository_task(TaskId=task_id)
        assert aws.fsx().status(task_id) == "CANCELING"

    def test_a_refusal_is_lost_too(self, aws: SimulatedAWS, client: Client) -> None:
        """The caller does not learn of it; the log does."""
        ended = aws.fsx().start(status="SUCCEEDED")
        aws.inject(Fault(kind=FaultKind.LOST_ANSWER, timed_out=True))
        with pytest.raises(ReadTimeoutError):
            client.cancel_data_repository_task(TaskId=ended)
        assert aws.requests[-1].outcome == "DataRepositoryTaskEnded"

    def test_botocore_retries_a_lost_answer(
        self, aws: SimulatedAWS, patient_client: Client, task_id: str
    ) -> None:
        """Two requests arrive for one call, and the second is answered."""
        aws.inject(Fault(kind=FaultKind.LOST_ANSWER, timed_out=True))
        answer = patient_client.cancel_data_repository_task(TaskId=task_id)
        assert answer["ResponseMetadata"]["RetryAttempts"] == 1
        assert [request.outcome for request in aws.requests] == ["accepted", "accepted"]

    def test_botocore_retries_what_it_always_retries(
        self, aws: SimulatedAWS, patient_client: Client, task_id: str
    ) -> None:
        """Throttling and 503 are waited out within one call."""
        aws.inject(Fault(kind=FaultKind.THROTTLE))
        aws.inject(Fault(kind=FaultKind.UNAVAILABLE, after=1))
        answer = patient_client.cancel_data_repository_task(TaskId=task_id)
        assert answer["ResponseMetadata"]["RetryAttempts"] == 2

    def test_the_retry_of_a_lost_cancel_may_be_refused(
        self, aws: SimulatedAWS, patient_client: Client, task_id: str
    ) -> None:
        """Where the task has ended by then, "already ended" is of the caller's own doing."""
        aws.inject(Fault(kind=FaultKind.LOST_ANSWER))
        aws.inject(Fault(kind=FaultKind.SLOW, seconds=60))
        response = refused(
            lambda: patient_client.cancel_data_repository_task(TaskId=task_id),
            "DataRepositoryTaskEnded",
            400,
        )
        assert response["ResponseMetadata"]["RetryAttempts"] == 1

    def test_typed_requests_are_lost_alike(self, aws: SimulatedAWS, task_id: str) -> None:
        """ConnectionLost says nothing about the effect, as in life."""
        aws.inject(Fault(kind=FaultKind.LOST_REQUEST))
        aws.inject(Fault(kind=FaultKind.LOST_ANSWER, after=1, timed_out=True))
        with pytest.raises(ConnectionLost) as closed:
            aws.handle(CancelDataRepositoryTaskRequest(task_id=task_id))
        with pytest.raises(ConnectionLost) as timed_out:
            aws.handle(CancelDataRepositoryTaskRequest(task_id=task_id))
        assert (closed.value.timed_out, timed_out.value.timed_out) == (False, True)
        assert aws.fsx().status(task_id) == "CANCELING"


class TestAnswers:
    def test_garbage_in_place_of_an_answer(self, aws: SimulatedAWS, client: Client) -> None:
        """A proxy's page is an error by its status; broken JSON breaks botocore's parser."""
        aws.inject(Fault(kind=FaultKind.GARBAGE, body="<html>", http_status=503, late=False))
        refused(client.describe_data_repository_tasks, "503", 503)
        assert aws.requests[-1].outcome == "not handled"
        aws.inject(Fault(kind=FaultKind.GARBAGE, http_status=403))
        refused(client.describe_data_repository_tasks, "403", 403)
        aws.inject(Fault(kind=FaultKind.GARBAGE, body="[]"))
        with pytest.raises(AttributeError):
            client.describe_data_repository_tasks()
        aws.inject(Fault(kind=FaultKind.GARBAGE, body="<html>"))
        with pytest.raises(GarbageAnswered, match="html"):
            aws.handle(DescribeDataRepositoryTasksRequest())

    def test_an_unknown_status(self, aws: SimulatedAWS, client: Client, task_id: str) -> None:
        """Every status in the answer reads so; the truth is another."""
        aws.inject(Fault(kind=FaultKind.UNKNOWN_STATUS, value="PAUSED", times=2))
        tasks = client.describe_data_repository_tasks()["DataRepositoryTasks"]
        assert tasks[0]["Lifecycle"] == "PAUSED"
        assert client.cancel_data_repository_task(TaskId=task_id)["Lifecycle"] == "PAUSED"
        assert aws.fsx().status(task_id) == "CANCELING"

    def test_a_member_under_another_name(
        self, aws: SimulatedAWS, client: Client, task_id: str
    ) -> None:
        """Status in place of Lifecycle, as in the sample of AWS's own documentation."""
        aws.inject(
            Fault(kind=FaultKind.REPLACED_MEMBER, member="Lifecycle", new_name="Status", times=2)
        )
        answer = client.cancel_data_repository_task(TaskId=task_id)
        assert "Lifecycle" not in answer
        typed = aws.handle(CancelDataRepositoryTaskRequest(task_id=task_id))
        assert (typed.lifecycle, typed.task_id) == (None, task_id)

    def test_a_member_that_is_missing(
        self, aws: SimulatedAWS, client: Client, task_id: str
    ) -> None:
        """At any depth; a typed answer cannot be made without what its shape requires."""
        aws.inject(Fault(kind=FaultKind.REPLACED_MEMBER, member="Lifecycle", times=2))
        answer = client.describe_data_repository_tasks(TaskIds=[task_id])
        assert "Lifecycle" not in answer["DataRepositoryTasks"][0]
        with pytest.raises(WireError, match="Lifecycle"):
            aws.handle(DescribeDataRepositoryTasksRequest(task_ids=(task_id,)))
        assert aws.requests[-1].outcome == "accepted"

    def test_members_nobody_knows(self, aws: SimulatedAWS, client: Client, task_id: str) -> None:
        """They arrive, and botocore drops them."""
        aws.inject(Fault(kind=FaultKind.REPLACED_MEMBER, members={"Mood": "fine"}))
        answer = client.cancel_data_repository_task(TaskId=task_id)
        assert answer["Lifecycle"] == "CANCELING"
        assert "Mood" not in answer


class TestDelivery:
    """What becomes of an answer on its way: the service has handled the request."""

    def test_a_body_is_cut_before_its_length(
        self, aws: SimulatedAWS, client: Client, task_id: str
    ) -> None:
        """The header says more than arrives; what botocore makes of it has no members."""
        aws.inject(Fault(kind=FaultKind.CUT_BODY))
        answer = client.describe_data_repository_tasks()
        arrived = headers_of(answer)["content-length"]
        assert "DataRepositoryTasks" not in answer
        whole = client.describe_data_repository_tasks()
        assert headers_of(whole)["content-length"] == arrived
        assert whole["DataRepositoryTasks"][0]["TaskId"] == task_id
        assert [record.outcome for record in aws.requests] == ["accepted"] * 2

    def test_a_cancel_whose_answer_is_cut_has_its_effect(
        self, aws: SimulatedAWS, client: Client, task_id: str
    ) -> None:
        """Nothing of the answer arrives, and the task is cancelled."""
        aws.inject(Fault(kind=FaultKind.CUT_BODY, received=0))
        assert set(client.cancel_data_repository_task(TaskId=task_id)) == {"ResponseMetadata"}
        assert aws.fsx().status(task_id) == "CANCELING"

    def test_a_refusal_is_cut_too(self, aws: SimulatedAWS, client: Client) -> None:
        """Its code, which the body tells, is lost, or told by the header alone."""
        ended = aws.fsx().start(status="SUCCEEDED")
        aws.inject(Fault(kind=FaultKind.CUT_BODY))
        with pytest.raises(ClientError) as caught:
            client.cancel_data_repository_task(TaskId=ended)
        assert caught.value.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 400
        assert "There is nothing to cancel" not in str(caught.value)
        assert aws.requests[-1].outcome == "DataRepositoryTaskEnded"

    def test_a_page_of_html_comes_with_200_and_a_request_id(
        self, aws: SimulatedAWS, client: Client, task_id: str
    ) -> None:
        aws.inject(Fault(kind=FaultKind.FOREIGN_CONTENT))
        answer = client.cancel_data_repository_task(TaskId=task_id)
        assert set(answer) == {"ResponseMetadata"}
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert headers_of(answer)["content-type"] == "text/html"
        assert headers_of(answer)["x-amzn-requestid"] == aws.requests[-1].request_id
        assert aws.fsx().status(task_id) == "CANCELING"

    @pytest.mark.parametrize(
        "body", ['{"__type": "AccessDeniedException", "message": "no"}', "", "{}"]
    )
    def test_any_body_comes_with_any_headers(
        self, aws: SimulatedAWS, client: Client, body: str
    ) -> None:
        """An error with 200, nothing at all, or an answer without a member; even with no id."""
        headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": ""}
        aws.inject(Fault(kind=FaultKind.FOREIGN_CONTENT, body=body, headers=headers))
        answer = client.describe_data_repository_tasks()
        assert set(answer) <= {"ResponseMetadata", "message"}
        assert headers_of(answer)["content-type"] == "application/x-amz-json-1.1"
        assert headers_of(answer)["content-length"] == str(len(body))
        assert headers_of(answer)["x-amzn-requestid"] == ""

    def test_a_foreign_content_with_another_status(self, aws: SimulatedAWS, client: Client) -> None:
        aws.inject(Fault(kind=FaultKind.FOREIGN_CONTENT, http_status=403))
        refused(client.describe_data_repository_tasks, "403", 403)

    def test_an_answer_that_drips_takes_time_for_each_byte(
        self, aws: SimulatedAWS, client: Client, task_id: str
    ) -> None:
        """It was true when it left."""
        aws.inject(Fault(kind=FaultKind.DRIPPING, seconds=2))
        answer = client.describe_data_repository_tasks(TaskIds=[task_id])
        assert answer["DataRepositoryTasks"][0]["Lifecycle"] == "EXECUTING"
        assert aws.clock.seconds == 2 * int(headers_of(answer)["content-length"])
        assert aws.fsx().status(task_id) == "SUCCEEDED"

    def test_an_answer_has_the_date_of_simulated_time(
        self, aws: SimulatedAWS, client: Client
    ) -> None:
        """That of an error, too."""
        answer = client.describe_data_repository_tasks()
        assert headers_of(answer)["date"] == "Mon, 01 Jan 2024 00:00:00 GMT"
        aws.advance(90)
        aws.inject(Fault(kind=FaultKind.THROTTLE))
        refusal = refused(client.describe_data_repository_tasks, "ThrottlingException", 400)
        assert headers_of(refusal)["date"] == "Mon, 01 Jan 2024 00:01:30 GMT"

    def test_typed_answers_suffer_the_same(self, aws: SimulatedAWS, task_id: str) -> None:
        """Garbage arrives, or time passes."""
        request = CancelDataRepositoryTaskRequest(task_id=task_id)
        aws.inject(Fault(kind=FaultKind.FOREIGN_CONTENT))
        aws.inject(Fault(kind=FaultKind.CUT_BODY, after=1, received=5))
        aws.inject(Fault(kind=FaultKind.DRIPPING, after=2, seconds=0.01))
        with pytest.raises(GarbageAnswered, match="<html>"):
            aws.handle(request)
        with pytest.raises(GarbageAnswered, match="Lif"):
            aws.handle(request)
        assert aws.handle(request).task_id == task_id
        assert 0 < aws.clock.seconds < 1


class TestMembers:
    def test_an_answer_without_the_member_that_makes_it_one(
        self, aws: SimulatedAWS, client: Client, task_id: str
    ) -> None:
        """It is empty, and all else about it is right."""
        aws.inject(Fault(kind=FaultKind.MISSING_MEMBER, times=2))
        answer = client.describe_data_repository_tasks(TaskIds=[task_id])
        assert set(answer) == {"ResponseMetadata"}
        assert headers_of(answer)["content-length"] == "2"
        typed = aws.handle(DescribeDataRepositoryTasksRequest(task_ids=(task_id,)))
        assert typed.data_repository_tasks is None

    @pytest.mark.parametrize(
        ("odd", "seen"),
        [
            ({"member": "CreationTime"}, {"CreationTime": None}),
            ({"members": {"TaskId": "job-1"}}, {"TaskId": "job-1"}),
            (
                {"members": {"FailureDetails": {"Message": "\ud800"}}},
                {"FailureDetails": {"Message": "\ud800"}},
            ),
            ({"members": {"Status": {"TotalCount": 10**400}}}, {"Status": {"TotalCount": 10**400}}),
        ],
        ids=["no time", "strange id", "lone surrogate", "giant number"],
    )
    def test_one_item_of_a_list_is_odd(
        self, aws: SimulatedAWS, client: Client, task_id: str, odd: Answer, seen: Answer
    ) -> None:
        """The others are as ever."""
        other = aws.fsx().start()
        aws.inject(Fault(kind=FaultKind.ODD_ITEM, **odd))
        first, second = client.describe_data_repository_tasks()["DataRepositoryTasks"]
        assert {name: first.get(name) for name in seen} == seen
        assert first.get("TaskId") in {task_id, "job-1"}
        assert (second["TaskId"], second["Lifecycle"]) == (other, "PENDING")
        assert "CreationTime" in second

    def test_a_list_without_items_has_no_odd_one(self, aws: SimulatedAWS, client: Client) -> None:
        aws.inject(Fault(kind=FaultKind.ODD_ITEM, member="CreationTime"))
        assert client.describe_data_repository_tasks()["DataRepositoryTasks"] == []


class TestBehaviour:
    def test_a_slow_answer(self, aws: SimulatedAWS, client: Client, task_id: str) -> None:
        """The answer is as of before, and time has passed when it arrives."""
        aws.inject(Fault(kind=FaultKind.SLOW, seconds=400))
        tasks = client.describe_data_repository_tasks(TaskIds=[task_id])["DataRepositoryTasks"]
        assert tasks[0]["Lifecycle"] == "EXECUTING"
        assert aws.fsx().status(task_id) == "SUCCEEDED"
        assert aws.clock.seconds == 400

    def test_a_slow_request(self, aws: SimulatedAWS, client: Client, task_id: str) -> None:
        """Not late: time passes before the request is handled."""
        aws.inject(Fault(kind=FaultKind.SLOW, seconds=400, late=False))
        refused(
            lambda: client.cancel_data_repository_task(TaskId=task_id),
            "DataRepositoryTaskEnded",
            400,
        )

    def test_a_stale_read(self, aws: SimulatedAWS, client: Client, task_id: str) -> None:
        """A describe sees the past, a cancel does not use the fault up."""
        aws.advance(10)
        aws.inject(Fault(kind=FaultKind.STALE_READ, seconds=5))
        client.cancel_data_repository_task(TaskId=task_id)
        lifecycles = [
            client.describe_data_repository_tasks()["DataRepositoryTasks"][0]["Lifecycle"]
            for _ in range(2)
        ]
        assert lifecycles == ["EXECUTING", "CANCELING"]

    @pytest.mark.parametrize(
        ("ending", "status"), [("succeeded", "SUCCEEDED"), ("failed", "FAILED")]
    )
    def test_a_task_that_ends_first(
        self, aws: SimulatedAWS, client: Client, task_id: str, ending: Answer, status: str
    ) -> None:
        """The cancel is refused, and the history says who was first."""
        aws.inject(Fault(kind=FaultKind.ENDS_FIRST, ending=ending, times=None))
        for _ in range(2):
            refused(
                lambda: client.cancel_data_repository_task(TaskId=task_id),
                "DataRepositoryTaskEnded",
                400,
            )
        last = [item for item in aws.history if isinstance(item, StatusChange)][-1]
        assert (last.after, last.cause) == (status, "fault")

    def test_a_cancel_that_does_not_take(
        self, aws: SimulatedAWS, client: Client, task_id: str
    ) -> None:
        """Accepted, and nothing comes of it; a describe does not use the fault up."""
        aws.inject(Fault(kind=FaultKind.IGNORED_CANCEL))
        client.describe_data_repository_tasks()
        assert client.cancel_data_repository_task(TaskId=task_id)["Lifecycle"] == "CANCELING"
        assert aws.fsx().status(task_id) == "EXECUTING"
        client.cancel_data_repository_task(TaskId=task_id)
        assert aws.fsx().status(task_id) == "CANCELING"


class TestVisibility:
    def test_a_task_is_not_found_at_first(self, aws: SimulatedAWS, client: Client) -> None:
        """By neither describe, list nor cancel; it goes on all the same."""
        old = aws.fsx().start(status="EXECUTING")
        aws.advance(10)
        new = aws.fsx().start(status="EXECUTING")
        aws.inject(Fault(kind=FaultKind.NOT_FOUND_AT_FIRST, seconds=2, times=None))
        for call in (
            lambda: client.cancel_data_repository_task(TaskId=new),
            lambda: client.describe_data_repository_tasks(TaskIds=[new]),
        ):
            refused(call, "DataRepositoryTaskNotFound", 400)
        assert ids_in(client.describe_data_repository_tasks()) == [old]
        aws.advance(2)
        assert ids_in(client.describe_data_repository_tasks()) == [old, new]
        assert client.cancel_data_repository_task(TaskId=new)["Lifecycle"] == "CANCELING"

    def test_the_fault_is_of_single_requests(
        self, aws: SimulatedAWS, client: Client, task_id: str
    ) -> None:
        """Once it has struck, the task is found, as by a server that knows of it."""
        aws.inject(Fault(kind=FaultKind.NOT_FOUND_AT_FIRST, seconds=30))
        refused(
            lambda: client.cancel_data_repository_task(TaskId=task_id),
            "DataRepositoryTaskNotFound",
            400,
        )
        assert client.cancel_data_repository_task(TaskId=task_id)["Lifecycle"] == "CANCELING"

    @pytest.mark.parametrize("service", ["fsx", "datasync"])
    def test_it_is_a_setting_of_each_service_too(self, service: str) -> None:
        """Whoever starts a task is answered with it, and nobody finds it before its time."""
        settings = (
            SimulatorSettings(kind="fsx", visible_after=1.5),
            SimulatorSettings(kind="datasync", visible_after=1.5),
        )
        aws = SimulatedAWS(*settings)
        task = aws.simulator(service).start()
        request: Request[Response]
        if service == "fsx":
            request = CancelDataRepositoryTaskRequest(task_id=task)
        else:
            request = CancelTaskExecutionRequest(task_execution_arn=task)
        with pytest.raises(SimulatedError, match=r"NotFound|not found"):
            aws.handle(request)
        aws.advance(1.5)
        aws.handle(request)

    def test_a_request_that_makes_a_task_is_answered_with_it(self) -> None:
        aws = SimulatedAWS(SimulatorSettings(kind="fsx", visible_after=60))
        client: Client = aws.session().create_client("fsx", config=ONCE)
        made = client.create_data_repository_task(
            Type="EXPORT_TO_REPOSITORY",
            FileSystemId=aws.fsx().create_parent(),
            Report={"Enabled": False},
        )
        assert made["DataRepositoryTask"]["TaskId"] in aws.fsx().tasks
        assert ids_in(client.describe_data_repository_tasks()) == []


class TestWrongTask:
    @pytest.fixture
    def other(self, aws: SimulatedAWS, task_id: str) -> str:  # noqa: ARG002  (made after it)
        return aws.fsx().start(status="FAILED")

    def test_a_describe_answers_about_another_task(
        self, aws: SimulatedAWS, client: Client, task_id: str, other: str
    ) -> None:
        """With its id and its status, as a proxy does that mixes up its answers."""
        aws.inject(Fault(kind=FaultKind.WRONG_TASK))
        [task] = client.describe_data_repository_tasks(TaskIds=[task_id])["DataRepositoryTasks"]
        assert (task["TaskId"], task["Lifecycle"]) == (other, "FAILED")

    def test_a_cancel_names_another_task_and_takes_effect(
        self, aws: SimulatedAWS, client: Client, task_id: str, other: str
    ) -> None:
        third = aws.fsx().start()
        aws.inject(Fault(kind=FaultKind.WRONG_TASK, other=third))
        assert client.cancel_data_repository_task(TaskId=task_id)["TaskId"] == third
        statuses = [aws.fsx().status(task) for task in (task_id, other, third)]
        assert statuses == ["CANCELING", "FAILED", "PENDING"]

    def test_a_list_answers_about_another_file_system(
        self, aws: SimulatedAWS, client: Client, task_id: str, other: str
    ) -> None:
        """An unfiltered one is about every task, and as ever."""
        described = client.describe_data_repository_tasks(TaskIds=[task_id])
        file_system = described["DataRepositoryTasks"][0]["FileSystemId"]
        rule = {"Name": "file-system-id", "Values": [file_system]}
        aws.inject(Fault(kind=FaultKind.WRONG_TASK, times=2))
        assert ids_in(client.describe_data_repository_tasks(Filters=[rule])) == [other]
        assert ids_in(client.describe_data_repository_tasks()) == [task_id, other]

    def test_executions_are_mixed_up_alike(self, aws: SimulatedAWS) -> None:
        """Described, or listed by their task."""
        first, second = (aws.datasync().start() for _ in range(2))
        client: Client = aws.session().create_client("datasync", config=ONCE)
        aws.inject(Fault(kind=FaultKind.WRONG_TASK, times=None))
        described = client.describe_task_execution(TaskExecutionArn=first)
        assert described["TaskExecutionArn"] == second
        task = first.partition("/execution/")[0]
        listed = client.list_task_executions(TaskArn=task)["TaskExecutions"]
        assert [entry["TaskExecutionArn"] for entry in listed] == [second]

    def test_where_there_is_no_other_nothing_goes_wrong(
        self, aws: SimulatedAWS, client: Client, task_id: str
    ) -> None:
        aws.inject(Fault(kind=FaultKind.WRONG_TASK))
        assert ids_in(client.describe_data_repository_tasks(TaskIds=[task_id])) == [task_id]


class TestTokens:
    @pytest.mark.parametrize(("tokens", "shape"), [(None, "-AAAAA"), (1, "-AAAAA"), (3, "-ABCAB")])
    def test_the_tokens_of_a_list_lead_in_a_circle(
        self, aws: SimulatedAWS, client: Client, task_id: str, tokens: int | None, shape: str
    ) -> None:
        """Each page is the first, and names another; the service takes each token."""
        aws.inject(Fault(kind=FaultKind.REPEATED_TOKEN, tokens=tokens, times=None))
        asked: list[str | None] = [None]
        for _ in range(5):
            token = {"NextToken": asked[-1]} if asked[-1] else {}
            answer = client.describe_data_repository_tasks(**token)
            assert ids_in(answer) == [task_id]
            asked.append(answer["NextToken"])
        letters = {
            token: letter for letter, token in zip("-ABC", dict.fromkeys(asked), strict=False)
        }
        assert "".join(letters[token] for token in asked) == shape

    def test_an_empty_list_has_a_next_page_too(self, aws: SimulatedAWS) -> None:
        client: Client = aws.session().create_client("datasync", config=ONCE)
        aws.inject(Fault(kind=FaultKind.REPEATED_TOKEN, times=None))
        first = client.list_task_executions()
        second = client.list_task_executions(NextToken=first["NextToken"])
        assert first["TaskExecutions"] == second["TaskExecutions"] == []
        assert first["NextToken"] == second["NextToken"]


class TestCredentials:
    def test_they_are_renewed_in_simulated_time(self, aws: SimulatedAWS) -> None:
        """From 15 minutes before they expire on; the token tells which they are."""
        session = aws.session(credentials_lifetime=3600)
        client: Client = session.create_client("fsx", config=ONCE)
        credentials = session.get_credentials()
        assert credentials is not None
        client.describe_data_repository_tasks()
        assert credentials.token == "simulated-0"
        aws.advance(2800)
        client.describe_data_repository_tasks()
        assert credentials.token == "simulated-1"

    def test_a_refresh_that_fails_once(self, aws: SimulatedAWS) -> None:
        """It strikes refreshes and no request; the next call renews them."""
        client = aws.boto3_session(credentials_lifetime=300).client("fsx", config=ONCE)
        aws.inject(Fault(kind=FaultKind.FAILED_REFRESH, after=1, message="no route"))
        client.describe_data_repository_tasks()
        with pytest.raises(CredentialRetrievalError, match="no route"):
            client.describe_data_repository_tasks()
        client.describe_data_repository_tasks()
        assert [record.faults for record in aws.requests] == [(), ()]

    def test_credentials_that_never_expire_are_never_renewed(
        self, aws: SimulatedAWS, client: Client
    ) -> None:
        aws.inject(Fault(kind=FaultKind.FAILED_REFRESH, times=None))
        aws.advance(10**6)
        client.describe_data_repository_tasks()


class TestAim:
    def test_a_fault_strikes_what_it_is_aimed_at(self, aws: SimulatedAWS) -> None:
        """One service, one operation, one task; all else goes well."""
        first, second = (aws.fsx().start() for _ in range(2))
        aws.inject(Fault(kind=FaultKind.UNAVAILABLE, service="datasync"))
        aws.inject(Fault(kind=FaultKind.UNAVAILABLE, operation="CreateDataRepositoryTask"))
        aws.inject(Fault(kind=FaultKind.THROTTLE, task=second))
        aws.handle(DescribeDataRepositoryTasksRequest(task_ids=(second,)))
        aws.handle(CancelDataRepositoryTaskRequest(task_id=first))
        with pytest.raises(SimulatedError, match="Throttling"):
            aws.handle(CancelDataRepositoryTaskRequest(task_id=second))

    def test_a_fault_strikes_as_often_as_it_says(self, aws: SimulatedAWS) -> None:
        """After some requests went well, some times, then no more."""
        aws.inject(Fault(kind=FaultKind.THROTTLE, after=2, times=2))
        outcomes: list[str] = []
        for _ in range(6):
            try:
                aws.handle(DescribeDataRepositoryTasksRequest())
            except SimulatedError as error:
                outcomes.append(error.code)
            else:
                outcomes.append("well")
        assert outcomes == ["well"] * 2 + ["ThrottlingException"] * 2 + ["well"] * 2

    def test_chance_is_decided_by_the_seed(self) -> None:
        """The same seed loses the same requests, another one others."""

        def lost(seed: int) -> list[int]:
            aws = SimulatedAWS(seed=seed)
            aws.inject(Fault(kind=FaultKind.THROTTLE, probability=0.5, times=None))
            for _ in range(40):
                with suppress(SimulatedError):
                    aws.handle(DescribeDataRepositoryTasksRequest())
            return [number for number, item in enumerate(aws.requests) if item.faults]

        assert lost(1) == lost(1)
        assert lost(1) != lost(2)
        assert 5 < len(lost(1)) < 35

    def test_faults_can_be_taken_back(self, aws: SimulatedAWS) -> None:
        """Afterwards everything goes well."""
        aws.inject(Fault(kind=FaultKind.THROTTLE, times=None))
        aws.clear_faults()
        aws.handle(DescribeDataRepositoryTasksRequest())

    def test_a_fault_takes_only_what_means_something(self) -> None:
        """A parameter of another kind, or a missing one, is refused at once."""
        with pytest.raises(ValueError, match="takes no seconds"):
            Fault(kind=FaultKind.THROTTLE, seconds=3)
        with pytest.raises(ValueError, match="needs seconds"):
            Fault(kind=FaultKind.SLOW)
        with pytest.raises(ValueError, match="takes no operation, service"):
            Fault(kind=FaultKind.FAILED_REFRESH, service="fsx", operation="CancelTaskExecution")
