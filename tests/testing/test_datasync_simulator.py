"""The simulated AWS DataSync, through real botocore clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from botocore.exceptions import ClientError

from botocancel.services.datasync.models import (
    DescribeTaskExecutionRequest,
    DescribeTaskExecutionResponse,
    FilterRule,
    ListTasksRequest,
    Operator,
    Options,
    StartTaskExecutionRequest,
    TaskFilter,
    TaskFilterName,
)
from botocancel.testing import (
    Refusal,
    SimulatedAWS,
    SimulatedError,
    SimulatorSettings,
    StatusChange,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Client: TypeAlias = Any
"""A botocore client, whose methods are made at run time."""
Answer: TypeAlias = Any
"""What they return."""

TASK = "arn:aws:datasync:us-east-1:123456789012:task/task-0123456789abcdef0"
EXECUTION = f"{TASK}/execution/exec-0123456789abcdef0"


@pytest.fixture
def aws() -> SimulatedAWS:
    return SimulatedAWS(seed=1)


@pytest.fixture
def client(aws: SimulatedAWS) -> Client:
    return aws.session().create_client("datasync")


def client_of(*settings: SimulatorSettings) -> tuple[SimulatedAWS, Client]:
    aws = SimulatedAWS(*settings)
    return aws, aws.session().create_client("datasync")


def described(aws: SimulatedAWS, arn: str) -> DescribeTaskExecutionResponse:
    return aws.handle(DescribeTaskExecutionRequest(task_execution_arn=arn))


def refused(call: Callable[[], object]) -> Answer:
    """Expect an InvalidRequestException, and return botocore's response."""
    with pytest.raises(ClientError) as refusal:
        call()
    response: Answer = refusal.value.response
    assert response["Error"]["Code"] == "InvalidRequestException"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return response


class TestLifecycle:
    def test_an_execution_runs_its_course_in_simulated_time(
        self, aws: SimulatedAWS, client: Client
    ) -> None:
        """LAUNCHING, PREPARING, TRANSFERRING, VERIFYING, SUCCESS, each at its exact time."""
        arn = client.start_task_execution(TaskArn=aws.datasync().create_parent())[
            "TaskExecutionArn"
        ]
        aws.advance(1000)
        changes = [item for item in aws.history if isinstance(item, StatusChange)]
        assert [(change.after, change.seconds) for change in changes] == [
            ("LAUNCHING", 0),
            ("PREPARING", 10),
            ("TRANSFERRING", 40),
            ("VERIFYING", 340),
            ("SUCCESS", 400),
        ]
        assert client.describe_task_execution(TaskExecutionArn=arn)["Status"] == "SUCCESS"

    def test_an_execution_that_fails_says_why(self, aws: SimulatedAWS, client: Client) -> None:
        """ERROR comes with ErrorCode and ErrorDetail in its Result."""
        arn = aws.datasync().start(fails=True, failure="no space left", failure_code="NoSpace")
        aws.advance(1000)
        result = client.describe_task_execution(TaskExecutionArn=arn)["Result"]
        assert result["ErrorCode"] == "NoSpace"
        assert result["ErrorDetail"] == "no space left"

    @pytest.mark.parametrize(
        "status",
        ["LAUNCHING", "PREPARING", "TRANSFERRING", "VERIFYING", "CANCELLING", "SUCCESS", "ERROR"],
    )
    def test_an_execution_can_be_made_in_any_status(
        self, aws: SimulatedAWS, client: Client, status: str
    ) -> None:
        """`start` leads the execution there by the usual way."""
        arn = aws.datasync().start(status=status)
        assert client.describe_task_execution(TaskExecutionArn=arn)["Status"] == status

    def test_a_queued_execution_can_not_be_made_at_work(self, aws: SimulatedAWS) -> None:
        """Its turn has not come."""
        task = aws.datasync().create_parent()
        aws.datasync().start(parent=task)
        with pytest.raises(ValueError, match="QUEUED"):
            aws.datasync().start(parent=task, status="TRANSFERRING")

    def test_progress_grows_with_time(self, aws: SimulatedAWS) -> None:
        """First the estimates grow, then what is transferred, then what is verified."""
        arn = aws.datasync().start(files=100, size=4000)
        aws.advance(25)
        preparing = described(aws, arn)
        assert preparing.estimated_files_to_transfer == 50
        assert preparing.files_transferred == 0
        aws.advance(165)
        transferring = described(aws, arn)
        assert transferring.estimated_bytes_to_transfer == 4000
        assert transferring.bytes_written == 2000
        assert transferring.bytes_compressed == 1500
        aws.advance(180)
        assert described(aws, arn).files_verified == 50

    def test_an_execution_begun_in_a_later_status_has_done_what_comes_before(
        self, aws: SimulatedAWS
    ) -> None:
        """Its totals are known, though it never was in PREPARING for any time."""
        arn = aws.datasync().start(status="TRANSFERRING", files=100, size=4000)
        transferring = described(aws, arn)
        assert transferring.estimated_files_to_transfer == 100
        assert transferring.estimated_bytes_to_transfer == 4000
        assert transferring.files_transferred == 0
        aws.advance(150)
        assert described(aws, arn).files_transferred == 50
        failed = aws.datasync().start(status="ERROR", files=100)
        assert described(aws, failed).estimated_files_to_transfer == 100
        assert described(aws, failed).files_verified == 0

    def test_an_execution_cancelled_early_has_done_no_more(
        self, aws: SimulatedAWS, client: Client
    ) -> None:
        """What it was cancelled in is as far as it had come."""
        arn = aws.datasync().start(status="CANCELLING", files=100)
        assert described(aws, arn).estimated_files_to_transfer == 0
        later = aws.datasync().start(status="TRANSFERRING", files=100)
        client.cancel_task_execution(TaskExecutionArn=later)
        assert described(aws, later).estimated_files_to_transfer == 100
        assert described(aws, later).files_transferred == 0

    def test_the_result_tells_each_part(self, aws: SimulatedAWS) -> None:
        """Statuses and milliseconds of preparing, transferring and verifying."""
        arn = aws.datasync().start()
        aws.advance(190)
        result = described(aws, arn).result
        assert result is not None
        assert (result.prepare_status, result.prepare_duration) == ("SUCCESS", 30_000)
        assert (result.transfer_status, result.transfer_duration) == ("PENDING", 150_000)
        assert (result.verify_status, result.verify_duration) == ("PENDING", 0)
        aws.datasync().fail(arn, "cut")
        result = described(aws, arn).result
        assert result is not None
        assert (result.prepare_status, result.transfer_status) == ("SUCCESS", "ERROR")
        assert (result.verify_status, result.total_duration) == ("PENDING", 180_000)

    def test_times_are_told(self, aws: SimulatedAWS) -> None:
        """StartTime is when it was asked for, LaunchTime when its turn came, EndTime its end."""
        task = aws.datasync().create_parent()
        start = aws.clock.now
        first = aws.datasync().start(parent=task)
        second = aws.datasync().start(parent=task)
        assert described(aws, second).launch_time is None
        aws.advance(400)
        assert described(aws, first).launch_time == start
        assert described(aws, first).end_time == aws.clock.now
        assert described(aws, second).start_time == start
        assert described(aws, second).launch_time == aws.clock.now
        assert described(aws, second).end_time is None

    def test_an_enhanced_execution_tells_more(self, aws: SimulatedAWS) -> None:
        """FilesListed, FilesPrepared and FilesFailed are there in that mode only."""
        task = aws.datasync().create_parent(TaskMode="ENHANCED")
        enhanced = described(aws, aws.datasync().start(parent=task, status="TRANSFERRING", files=7))
        assert enhanced.files_listed is not None
        assert enhanced.files_listed.at_source == 7
        basic = described(aws, aws.datasync().start(status="TRANSFERRING"))
        assert basic.files_listed is None
        assert basic.files_failed is None


class TestQueue:
    def test_an_execution_waits_while_another_runs(self, aws: SimulatedAWS, client: Client) -> None:
        """QUEUED until the one before has ended, then LAUNCHING in the same instant."""
        task = aws.datasync().create_parent()
        first, second, third = (
            client.start_task_execution(TaskArn=task)["TaskExecutionArn"] for _ in range(3)
        )
        simulator = aws.datasync()
        assert [simulator.status(arn) for arn in (second, third)] == ["QUEUED", "QUEUED"]
        simulator.finish(first)
        assert [simulator.status(arn) for arn in (second, third)] == ["LAUNCHING", "QUEUED"]

    def test_one_that_is_being_cancelled_still_runs(
        self, aws: SimulatedAWS, client: Client
    ) -> None:
        """The next one is not launched before the cancelled one has ended."""
        task = aws.datasync().create_parent()
        first = aws.datasync().start(parent=task, status="TRANSFERRING")
        second = aws.datasync().start(parent=task)
        client.cancel_task_execution(TaskExecutionArn=first)
        assert aws.datasync().status(second) == "QUEUED"
        aws.advance(30)
        assert aws.datasync().status(first) == "ERROR"
        assert aws.datasync().status(second) == "LAUNCHING"

    def test_a_cancelled_queued_one_never_runs(self, aws: SimulatedAWS, client: Client) -> None:
        """It is CANCELLING, then ERROR, and the queue goes on without it."""
        task = aws.datasync().create_parent()
        arns = [aws.datasync().start(parent=task) for _ in range(3)]
        client.cancel_task_execution(TaskExecutionArn=arns[1])
        assert described(aws, arns[1]).result is None
        aws.datasync().finish(arns[0])
        aws.advance(30)
        assert aws.datasync().status(arns[1]) == "ERROR"
        assert aws.datasync().status(arns[2]) == "PREPARING"
        assert described(aws, arns[1]).launch_time is None
        assert described(aws, arns[1]).end_time == aws.clock.now

    def test_a_task_without_a_queue_refuses(self, aws: SimulatedAWS, client: Client) -> None:
        """TaskQueueing DISABLED, of the task or of the request."""
        task = aws.datasync().create_parent(Options={"TaskQueueing": "DISABLED"})
        client.start_task_execution(TaskArn=task)
        refused(lambda: client.start_task_execution(TaskArn=task))
        other = aws.datasync().create_parent()
        client.start_task_execution(TaskArn=other)
        override = {"TaskQueueing": "DISABLED"}
        refused(lambda: client.start_task_execution(TaskArn=other, OverrideOptions=override))


class TestStart:
    def test_an_execution_keeps_what_was_asked_for(self, aws: SimulatedAWS) -> None:
        """Includes, Excludes and OverrideOptions are described back, the rest is the task's."""
        task = aws.datasync().create_parent(
            Options={"BytesPerSecond": 1000},
            Includes=[{"Value": "/all"}],
            Excludes=[{"Value": "/none"}],
        )
        asked = aws.handle(
            StartTaskExecutionRequest(
                task_arn=task,
                override_options=Options.from_wire({"LogLevel": "TRANSFER"}),
                includes=(FilterRule(value="/some"),),
            )
        )
        execution = described(aws, str(asked.task_execution_arn))
        assert execution.includes == (FilterRule(value="/some"),)
        assert execution.excludes == (FilterRule(value="/none"),)
        assert execution.options is not None
        assert execution.options.log_level == "TRANSFER"
        assert execution.options.bytes_per_second == 1000
        assert execution.options.verify_mode == "POINT_IN_TIME_CONSISTENT"

    def test_an_unknown_task_is_refused_in_words_seen_on_aws(self, client: Client) -> None:
        """Task <arn> is not found."""
        response = refused(lambda: client.start_task_execution(TaskArn=TASK))
        assert response["message"] == f"Task {TASK} is not found."

    @pytest.mark.parametrize(
        "parameters",
        [
            {"Includes": [{"FilterType": "SIMPLE_PATTERN", "Value": "/a"}] * 2},
            {"OverrideOptions": {"LogLevel": "LOUD"}},
            {"Tags": [{"Key": "a" * 257}]},
        ],
    )
    def test_values_against_the_model_are_refused(
        self, aws: SimulatedAWS, client: Client, parameters: dict[str, object]
    ) -> None:
        """errorCode InvalidParameter."""
        task = aws.datasync().create_parent()
        response = refused(lambda: client.start_task_execution(TaskArn=task, **parameters))
        assert response["errorCode"] == "InvalidParameter"


class TestCancel:
    @pytest.mark.parametrize("status", ["LAUNCHING", "PREPARING", "TRANSFERRING", "VERIFYING"])
    def test_cancel_of_a_running_execution_is_accepted(
        self, aws: SimulatedAWS, client: Client, status: str
    ) -> None:
        """The answer is empty; the execution is CANCELLING, then ERROR."""
        arn = aws.datasync().start(status=status)
        answer = client.cancel_task_execution(TaskExecutionArn=arn)
        assert answer.keys() == {"ResponseMetadata"}
        assert client.describe_task_execution(TaskExecutionArn=arn)["Status"] == "CANCELLING"
        aws.advance(30)
        ended = client.describe_task_execution(TaskExecutionArn=arn)
        assert ended["Status"] == "ERROR"
        assert "ErrorCode" not in ended["Result"]

    def test_a_cancelled_execution_may_say_so(self) -> None:
        """AWS documents no ErrorCode for it, so a setting gives one."""
        aws, client = client_of(
            SimulatorSettings(
                kind="datasync", canceled_failure_code="Canceled", canceled_failure="by a user"
            )
        )
        arn = aws.datasync().start(status="TRANSFERRING")
        client.cancel_task_execution(TaskExecutionArn=arn)
        assert "ErrorCode" not in client.describe_task_execution(TaskExecutionArn=arn)["Result"]
        aws.advance(30)
        result = client.describe_task_execution(TaskExecutionArn=arn)["Result"]
        assert (result["ErrorCode"], result["ErrorDetail"]) == ("Canceled", "by a user")

    @pytest.mark.parametrize("status", ["SUCCESS", "ERROR"])
    def test_cancel_of_an_ended_execution_is_refused(
        self, aws: SimulatedAWS, client: Client, status: str
    ) -> None:
        """InvalidRequestException, as for everything; here the words name the status."""
        arn = aws.datasync().start(status=status)
        response = refused(lambda: client.cancel_task_execution(TaskExecutionArn=arn))
        assert status in response["message"]

    def test_the_words_of_a_refusal_are_a_setting(self) -> None:
        """AWS's are not known; codes can be had, too."""
        codes = {"errorCode": "Gone", "datasyncErrorCode": "E1"}
        words = Refusal("InvalidRequestException", "{id} is {status} {}", codes)
        aws, client = client_of(SimulatorSettings(kind="datasync", ended=words))
        arn = aws.datasync().start(status="SUCCESS")
        response = refused(lambda: client.cancel_task_execution(TaskExecutionArn=arn))
        assert response["message"] == f"{arn} is SUCCESS {{}}"
        assert response["errorCode"] == "Gone"

    def test_a_second_cancel_is_accepted_or_refused(self) -> None:
        """AWS does not document it, so a setting decides."""
        aws, client = client_of()
        arn = aws.datasync().start(status="CANCELLING")
        client.cancel_task_execution(TaskExecutionArn=arn)
        assert aws.datasync().status(arn) == "CANCELLING"
        aws, client = client_of(SimulatorSettings(kind="datasync", again="as ended"))
        arn = aws.datasync().start(status="CANCELLING")
        refused(lambda: client.cancel_task_execution(TaskExecutionArn=arn))

    def test_cancel_of_an_execution_that_cannot_be_cancelled_is_refused(
        self, aws: SimulatedAWS, client: Client
    ) -> None:
        """InvalidRequestException again, for there is nothing else."""
        arn = aws.datasync().start(cancelable=False)
        refused(lambda: client.cancel_task_execution(TaskExecutionArn=arn))

    def test_cancel_of_an_unknown_execution_is_refused(self, client: Client) -> None:
        """In words that say so."""
        response = refused(lambda: client.cancel_task_execution(TaskExecutionArn=EXECUTION))
        assert "not found" in response["message"]

    @pytest.mark.parametrize("arn", ["", "exec-0123456789abcdef0", TASK, EXECUTION.upper()])
    def test_what_is_no_execution_arn_is_refused(self, client: Client, arn: str) -> None:
        """botocore sends even an empty string; the service says InvalidParameter."""
        response = refused(lambda: client.cancel_task_execution(TaskExecutionArn=arn))
        assert response["errorCode"] == "InvalidParameter"

    def test_an_arn_of_another_account_is_refused_in_words_seen_on_aws(
        self, client: Client
    ) -> None:
        """ARN account () must match authenticated user."""
        other = EXECUTION.replace("123456789012", "210987654321")
        response = refused(lambda: client.cancel_task_execution(TaskExecutionArn=other))
        assert response["message"] == (
            "Invalid parameter: ARN account () must match authenticated user."
        )
        assert response["errorCode"] == "InvalidParameter"

    def test_a_typed_request_is_judged_alike(self, aws: SimulatedAWS) -> None:
        """A malformed ARN is refused without a wire, too."""
        with pytest.raises(SimulatedError, match="malformed"):
            described(aws, "arn:{}")


class TestLists:
    def test_executions_are_listed_with_their_status(
        self, aws: SimulatedAWS, client: Client
    ) -> None:
        """Those of one task, or all."""
        task = aws.datasync().create_parent()
        first = aws.datasync().start(parent=task)
        second = aws.datasync().start(parent=task)
        other = aws.datasync().start(status="TRANSFERRING")

        def listed(**parameters: str) -> list[tuple[str, str]]:
            answer = client.list_task_executions(**parameters)
            return [(item["TaskExecutionArn"], item["Status"]) for item in answer["TaskExecutions"]]

        assert listed(TaskArn=task) == [(first, "LAUNCHING"), (second, "QUEUED")]
        assert listed() == [(first, "LAUNCHING"), (second, "QUEUED"), (other, "TRANSFERRING")]
        refused(lambda: listed(TaskArn=TASK))

    def test_a_page_holds_a_hundred(self, aws: SimulatedAWS, client: Client) -> None:
        """And botocore's paginator finds the rest."""
        arns = [aws.datasync().start() for _ in range(120)]
        assert len(client.list_task_executions()["TaskExecutions"]) == 100
        assert len(client.list_task_executions(MaxResults=0)["TaskExecutions"]) == 100
        pages = client.get_paginator("list_task_executions").paginate()
        assert [
            item["TaskExecutionArn"] for page in pages for item in page["TaskExecutions"]
        ] == arns
        tasks = client.get_paginator("list_tasks").paginate(PaginationConfig={"PageSize": 7})
        assert len([item for page in tasks for item in page["Tasks"]]) == 120

    def test_a_token_from_elsewhere_is_refused(self, client: Client) -> None:
        """InvalidRequestException."""
        refused(lambda: client.list_task_executions(NextToken="AAAA"))

    def test_a_task_tells_what_runs(self, aws: SimulatedAWS, client: Client) -> None:
        """AVAILABLE, RUNNING with the execution that runs, QUEUED where only queued ones are."""
        task = aws.datasync().create_parent(Name="nightly")

        def shown() -> tuple[str, str | None]:
            answer = client.describe_task(TaskArn=task)
            assert client.list_tasks()["Tasks"][0]["Status"] == answer["Status"]
            return answer["Status"], answer.get("CurrentTaskExecutionArn")

        assert shown() == ("AVAILABLE", None)
        first = aws.datasync().start(parent=task)
        second = aws.datasync().start(parent=task)
        assert shown() == ("RUNNING", first)
        client.cancel_task_execution(TaskExecutionArn=second)
        aws.datasync().finish(first)
        assert shown() == ("QUEUED", second)
        aws.advance(30)
        assert shown() == ("AVAILABLE", second)

    def test_tasks_are_filtered(self, aws: SimulatedAWS) -> None:
        """By the location at either end, and by when they were made."""
        old = aws.datasync().create_parent(Name="old")
        aws.advance(3600)
        new = aws.datasync().create_parent(Name="new")
        location = aws.datasync().parents[new].facts["DestinationLocationArn"]

        def found(name: TaskFilterName, operator: Operator, *values: str) -> list[str | None]:
            rule = TaskFilter(name=name, operator=operator, values=values)
            answer = aws.handle(ListTasksRequest(filters=(rule,)))
            return [task.task_arn for task in answer.tasks or ()]

        where, when = TaskFilterName.LOCATION_ID, TaskFilterName.CREATION_TIME
        assert found(where, Operator.EQUALS, location) == [new]
        assert found(where, Operator.IN, "other", location) == [new]
        assert found(where, Operator.NOT_EQUALS, location) == [old]
        assert found(where, Operator.CONTAINS, "location/") == [old, new]
        assert found(where, Operator.NOT_CONTAINS, "location/") == []
        assert found(where, Operator.BEGINS_WITH, location[:-1]) == [new]
        assert found(when, Operator.LESS_THAN, "2024-01-01T00:30:00") == [old]
        assert found(when, Operator.LESS_THAN_OR_EQUAL, "2024-01-01T00:00:00Z") == [old]
        assert found(when, Operator.GREATER_THAN, "2024-01-01T02:30:00+02:00") == [new]
        assert found(when, Operator.GREATER_THAN_OR_EQUAL, "2024-01-01") == [old, new]
        with pytest.raises(SimulatedError, match="yesterday"):
            found(when, Operator.LESS_THAN, "yesterday")
        with pytest.raises(SimulatedError, match="no such operator"):
            found(when, Operator("Near"), "2024-01-01")
        with pytest.raises(SimulatedError, match="no such filter"):
            found(TaskFilterName("Colour"), Operator.EQUALS, "red")

    def test_reads_may_lag(self) -> None:
        """With a lag, a read sees the past, and no execution that is newer."""
        aws, client = client_of(SimulatorSettings(kind="datasync", lag=5))
        task = aws.datasync().create_parent()
        arn = aws.datasync().start(parent=task, status="TRANSFERRING")
        refused(lambda: client.describe_task_execution(TaskExecutionArn=arn))
        assert client.list_task_executions()["TaskExecutions"] == []
        assert client.describe_task(TaskArn=task)["Status"] == "AVAILABLE"
        client.cancel_task_execution(TaskExecutionArn=arn)
        aws.advance(5)
        assert client.describe_task_execution(TaskExecutionArn=arn)["Status"] == "CANCELLING"
