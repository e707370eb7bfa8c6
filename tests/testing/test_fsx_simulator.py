"""The simulated Amazon FSx, through real botocore clients."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from botocore.exceptions import ClientError

from botocancel.services.fsx.models import (
    CancelDataRepositoryTaskRequest,
    CompletionReport,
    CreateDataRepositoryTaskRequest,
    DataRepositoryTaskType,
    DescribeDataRepositoryTasksRequest,
)
from botocancel.testing import SimulatedAWS, SimulatedError, SimulatorSettings, StatusChange

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocancel.testing import Ending

Client: TypeAlias = Any
"""A botocore client, whose methods are made at run time."""
Answer: TypeAlias = Any
"""What they return."""

UNKNOWN = "task-0123456789abcdef0"
REPORT = {"Enabled": False}


@pytest.fixture
def aws() -> SimulatedAWS:
    return SimulatedAWS(seed=1)


@pytest.fixture
def client(aws: SimulatedAWS) -> Client:
    return aws.session().create_client("fsx")


def client_of(*settings: SimulatorSettings) -> tuple[SimulatedAWS, Client]:
    aws = SimulatedAWS(*settings)
    return aws, aws.session().create_client("fsx")


def described(client: Client, task_id: str) -> Answer:
    return client.describe_data_repository_tasks(TaskIds=[task_id])["DataRepositoryTasks"][0]


def refused(call: Callable[[], object], code: str) -> Answer:
    """Expect a refusal with this code, and return botocore's response."""
    with pytest.raises(ClientError) as refusal:
        call()
    response: Answer = refusal.value.response
    assert response["Error"]["Code"] == code
    return response


class TestLifecycle:
    def test_a_task_runs_its_course_in_simulated_time(
        self, aws: SimulatedAWS, client: Client
    ) -> None:
        """It is PENDING, EXECUTING and SUCCEEDED, each at its exact time."""
        task_id = aws.fsx().start(seconds={"PENDING": 5, "EXECUTING": 60})
        aws.advance(1000)
        changes = [item for item in aws.history if isinstance(item, StatusChange)]
        assert [(change.after, change.seconds, change.cause) for change in changes] == [
            ("PENDING", 0, "created"),
            ("EXECUTING", 5, "time"),
            ("SUCCEEDED", 65, "time"),
        ]
        task = described(client, task_id)
        assert task["Lifecycle"] == "SUCCEEDED"
        assert (task["StartTime"] - task["CreationTime"]).total_seconds() == 5
        assert (task["EndTime"] - task["StartTime"]).total_seconds() == 60

    def test_a_task_that_fails_says_why(self, aws: SimulatedAWS, client: Client) -> None:
        """FAILED comes with FailureDetails and with counts that add up."""
        task_id = aws.fsx().start(fails=True, failure="disk on fire", files=10)
        aws.advance(1000)
        task = described(client, task_id)
        assert task["Lifecycle"] == "FAILED"
        assert task["FailureDetails"] == {"Message": "disk on fire"}
        assert task["Status"]["SucceededCount"] == 9
        assert task["Status"]["FailedCount"] == 1

    def test_a_task_can_be_ended_at_will(self, aws: SimulatedAWS, client: Client) -> None:
        """finish and fail end a task at once, and its plans come to nothing."""
        done = aws.fsx().start(status="EXECUTING", files=10)
        dead = aws.fsx().start(status="EXECUTING", files=10)
        aws.advance(150)
        aws.fsx().finish(done)
        aws.fsx().fail(dead, "out of luck")
        aws.advance(1000)
        assert described(client, done)["Status"]["SucceededCount"] == 10
        assert described(client, dead)["Status"]["SucceededCount"] == 5
        assert described(client, dead)["Status"]["FailedCount"] == 5
        assert described(client, dead)["FailureDetails"]["Message"] == "out of luck"

    def test_a_task_that_never_ends_stays(self, aws: SimulatedAWS) -> None:
        """An infinite time in a status has no end."""
        task_id = aws.fsx().start(seconds={"EXECUTING": math.inf})
        aws.advance(1e9)
        assert aws.fsx().status(task_id) == "EXECUTING"

    @pytest.mark.parametrize(
        "status", ["PENDING", "EXECUTING", "CANCELING", "CANCELED", "SUCCEEDED", "FAILED"]
    )
    def test_a_task_can_be_made_in_any_status(
        self, aws: SimulatedAWS, client: Client, status: str
    ) -> None:
        """`start` leads the task there by the usual way."""
        task_id = aws.fsx().start(status=status)
        assert described(client, task_id)["Lifecycle"] == status

    def test_a_status_that_does_not_exist_is_refused(self, aws: SimulatedAWS) -> None:
        """A misspelt status is told from the known ones."""
        task_id = aws.fsx().start()
        with pytest.raises(ValueError, match="'CANCELLING'"):
            aws.fsx().set_status(task_id, "CANCELLING")
        with pytest.raises(ValueError, match="'CANCELLING'"):
            aws.fsx().start(status="CANCELLING")
        with pytest.raises(ValueError, match="SUCCEEDED"):
            aws.fsx().start(seconds={"SUCCEEDED": 3})

    def test_a_status_can_be_set(self, aws: SimulatedAWS) -> None:
        """A task goes on from the status it is given."""
        task_id = aws.fsx().start()
        aws.fsx().set_status(task_id, "CANCELING")
        aws.advance(20)
        assert aws.fsx().status(task_id) == "CANCELED"

    def test_progress_grows_with_time(self, aws: SimulatedAWS, client: Client) -> None:
        """There is no Status before the work begins; then its counts follow the time."""
        task_id = aws.fsx().start(files=100, seconds={"PENDING": 10, "EXECUTING": 100})
        assert "Status" not in described(client, task_id)
        aws.advance(60)
        status = described(client, task_id)["Status"]
        assert (status["TotalCount"], status["SucceededCount"]) == (100, 50)
        assert status["LastUpdatedTime"] == aws.clock.now

    def test_an_automatic_release_belongs_to_a_cache(
        self, aws: SimulatedAWS, client: Client
    ) -> None:
        """AUTO_RELEASE_DATA has a FileCacheId and tells the released GiB."""
        task_id = aws.fsx().start(
            status="EXECUTING",
            Type="AUTO_RELEASE_DATA",
            FileCacheId="fc-0123456789abcdef0",
            CapacityToRelease=40,
        )
        aws.advance(150)
        task = described(client, task_id)
        assert task["FileCacheId"].startswith("fc-")
        assert "FileSystemId" not in task
        assert task["CapacityToRelease"] == 40
        assert task["Status"]["ReleasedCapacity"] == 20


class TestCancel:
    @pytest.mark.parametrize("status", ["PENDING", "EXECUTING"])
    def test_cancel_of_a_running_task_is_accepted(
        self, aws: SimulatedAWS, client: Client, status: str
    ) -> None:
        """The task is CANCELING at once and CANCELED in time."""
        task_id = aws.fsx().start(status=status)
        answer = client.cancel_data_repository_task(TaskId=task_id)
        assert (answer["TaskId"], answer["Lifecycle"]) == (task_id, "CANCELING")
        assert described(client, task_id)["Lifecycle"] == "CANCELING"
        aws.advance(20)
        assert described(client, task_id)["Lifecycle"] == "CANCELED"
        assert described(client, task_id)["EndTime"] == aws.clock.now

    def test_what_was_exported_before_a_cancel_stays(
        self, aws: SimulatedAWS, client: Client
    ) -> None:
        """The counts of a cancelled task stay where the cancel found them."""
        task_id = aws.fsx().start(status="EXECUTING", files=100)
        aws.advance(75)
        client.cancel_data_repository_task(TaskId=task_id)
        aws.advance(1000)
        assert described(client, task_id)["Status"]["SucceededCount"] == 25
        assert described(client, task_id)["Status"]["FailedCount"] == 0

    @pytest.mark.parametrize("status", ["CANCELED", "SUCCEEDED", "FAILED"])
    def test_cancel_of_an_ended_task_is_refused(
        self, aws: SimulatedAWS, client: Client, status: str
    ) -> None:
        """DataRepositoryTaskEnded, as the class that the client makes for it."""
        task_id = aws.fsx().start(status=status)
        with pytest.raises(client.exceptions.DataRepositoryTaskEnded):
            client.cancel_data_repository_task(TaskId=task_id)

    def test_cancel_of_an_unknown_task_is_refused(self, client: Client) -> None:
        """DataRepositoryTaskNotFound, HTTP 400, with the modelled member Message."""
        response = refused(
            lambda: client.cancel_data_repository_task(TaskId=UNKNOWN), "DataRepositoryTaskNotFound"
        )
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
        assert response["Message"] == response["Error"]["Message"]

    def test_cancel_of_a_task_that_cannot_be_cancelled_is_refused(
        self, aws: SimulatedAWS, client: Client
    ) -> None:
        """UnsupportedOperation."""
        task_id = aws.fsx().start(cancelable=False)
        refused(lambda: client.cancel_data_repository_task(TaskId=task_id), "UnsupportedOperation")

    @pytest.mark.parametrize(
        ("setting", "code"),
        [
            ("accept", None),
            ("as ended", "DataRepositoryTaskEnded"),
            (("UnsupportedOperation", "It is being cancelled already."), "UnsupportedOperation"),
        ],
    )
    def test_a_second_cancel_does_as_the_setting_says(
        self, setting: Ending, code: str | None
    ) -> None:
        """AWS does not document it, so each of the three can be had."""
        aws, client = client_of(SimulatorSettings(kind="fsx", again=setting))
        task_id = aws.fsx().start(status="CANCELING")
        if code is None:
            answer = client.cancel_data_repository_task(TaskId=task_id)
            assert answer["Lifecycle"] == "CANCELING"
        else:
            refused(lambda: client.cancel_data_repository_task(TaskId=task_id), code)

    def test_an_accepted_second_cancel_does_not_start_over(self, aws: SimulatedAWS) -> None:
        """CANCELING lasts from the first cancel."""
        task_id = aws.fsx().start(status="EXECUTING")
        aws.handle(CancelDataRepositoryTaskRequest(task_id=task_id))
        aws.advance(15)
        aws.handle(CancelDataRepositoryTaskRequest(task_id=task_id))
        aws.advance(5)
        assert aws.fsx().status(task_id) == "CANCELED"

    def test_the_answer_may_name_no_lifecycle(self) -> None:
        """The model leaves it optional, so a setting leaves it out."""
        aws, client = client_of(SimulatorSettings(kind="fsx", names_status=False))
        answer = client.cancel_data_repository_task(TaskId=aws.fsx().start())
        assert "Lifecycle" not in answer

    def test_an_unknown_task_may_be_a_bad_request(self) -> None:
        """As has been reported of FSx for some not-founds."""
        _, client = client_of(
            SimulatorSettings(kind="fsx", unknown=("BadRequest", "There is no such task."))
        )
        refused(lambda: client.cancel_data_repository_task(TaskId=UNKNOWN), "BadRequest")

    @pytest.mark.parametrize(
        "task_id", ["task-0123456789ABCDEF0", "task-" + "0" * 124, "fs-0123456789abcdef0"]
    )
    def test_an_id_against_the_model_is_a_bad_request(self, client: Client, task_id: str) -> None:
        """botocore sends what is too long or malformed; the service refuses it."""
        refused(lambda: client.cancel_data_repository_task(TaskId=task_id), "BadRequest")

    def test_a_typed_request_is_judged_alike(self, aws: SimulatedAWS) -> None:
        """A malformed id is a BadRequest without a wire, too."""
        with pytest.raises(SimulatedError, match="BadRequest"):
            aws.handle(CancelDataRepositoryTaskRequest(task_id="task-1"))

    def test_a_setting_that_does_not_exist_is_refused(self) -> None:
        """Misspelt settings do not go unnoticed."""
        with pytest.raises(ValueError, match="again"):
            SimulatorSettings(kind="fsx", again="reject")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestDescribe:
    def test_tasks_are_described_by_id(self, aws: SimulatedAWS, client: Client) -> None:
        """Only those asked for, in the order they were made, each once."""
        first, _, third = (aws.fsx().start() for _ in range(3))
        answer = client.describe_data_repository_tasks(TaskIds=[third, first, third])
        assert [task["TaskId"] for task in answer["DataRepositoryTasks"]] == [first, third]

    def test_an_arn_names_region_and_account(self) -> None:
        """ResourceARN has the partition that botocore knows the region to be in."""
        aws = SimulatedAWS()
        for region, partition in [("eu-west-1", "aws"), ("cn-north-1", "aws-cn")]:
            fsx = aws.fsx(region=region, account="999999999999")
            task_id = fsx.start()
            session = aws.session(region=region, account="999999999999")
            task = described(session.create_client("fsx"), task_id)
            assert task["ResourceARN"] == (
                f"arn:{partition}:fsx:{region}:999999999999:task/{task_id}"
            )

    def test_one_unknown_id_fails_the_whole_call(self, aws: SimulatedAWS, client: Client) -> None:
        """By default the batch is refused with DataRepositoryTaskNotFound."""
        known = aws.fsx().start()
        refused(
            lambda: client.describe_data_repository_tasks(TaskIds=[known, UNKNOWN]),
            "DataRepositoryTaskNotFound",
        )

    def test_unknown_ids_may_be_left_out(self) -> None:
        """AWS does not document it, so a setting leaves them out."""
        aws, client = client_of(SimulatorSettings(kind="fsx", unknown_ids="omit"))
        known = aws.fsx().start()
        answer = client.describe_data_repository_tasks(TaskIds=[known, UNKNOWN])
        assert [task["TaskId"] for task in answer["DataRepositoryTasks"]] == [known]

    def test_fifty_ids_are_the_most(self, aws: SimulatedAWS, client: Client) -> None:
        """One more is a BadRequest."""
        task_ids = [aws.fsx().start() for _ in range(51)]
        answer = client.describe_data_repository_tasks(TaskIds=task_ids[:50])
        assert len(answer["DataRepositoryTasks"]) == 50
        refused(lambda: client.describe_data_repository_tasks(TaskIds=task_ids), "BadRequest")
        with pytest.raises(SimulatedError, match="51 ids"):
            aws.handle(DescribeDataRepositoryTasksRequest(task_ids=tuple(task_ids)))

    def test_filters_narrow_each_other_and_values_widen(
        self, aws: SimulatedAWS, client: Client
    ) -> None:
        """A task passes all filters, each by any of its values."""
        fsx = aws.fsx()
        here, there = fsx.create_parent(), fsx.create_parent()
        running = fsx.start(parent=here, status="EXECUTING")
        done = fsx.start(parent=here, status="SUCCEEDED", AssociationId="dra-1")
        elsewhere = fsx.start(parent=there, status="EXECUTING")
        cached = fsx.start(Type="AUTO_RELEASE_DATA", FileCacheId="fc-0123456789abcdef0")
        cache_id = described(client, cached)["FileCacheId"]

        def found(**filters: list[str]) -> list[str]:
            answer = client.describe_data_repository_tasks(
                Filters=[
                    {"Name": name.replace("_", "-"), "Values": values}
                    for name, values in filters.items()
                ]
            )
            return [task["TaskId"] for task in answer["DataRepositoryTasks"]]

        assert found(file_system_id=[here]) == [running, done]
        assert found(file_system_id=[here, there], task_lifecycle=["EXECUTING"]) == [
            running,
            elsewhere,
        ]
        assert found(data_repository_association_id=["dra-1"]) == [done]
        assert found(file_cache_id=[cache_id]) == [cached]
        assert found(task_lifecycle=["FAILED"]) == []

    @pytest.mark.parametrize(
        "filters",
        [
            [{"Name": "task-type", "Values": ["EXPORT"]}],
            [{"Name": "task-lifecycle"}],
            [{"Values": ["x"]}],
            [{"Name": "task-lifecycle", "Values": ["x"] * 21}],
            [{"Name": "task-lifecycle", "Values": ["PENDING"]}] * 4,
        ],
    )
    def test_filters_against_the_model_are_refused(
        self, client: Client, filters: list[dict[str, object]]
    ) -> None:
        """Unknown names, no values, too many of either: BadRequest."""
        refused(lambda: client.describe_data_repository_tasks(Filters=filters), "BadRequest")

    def test_ids_and_filters_do_not_go_together(self, aws: SimulatedAWS, client: Client) -> None:
        """A request with both is a BadRequest."""
        rules = [{"Name": "task-lifecycle", "Values": ["PENDING"]}]
        refused(
            lambda: client.describe_data_repository_tasks(
                TaskIds=[aws.fsx().start()], Filters=rules
            ),
            "BadRequest",
        )

    def test_pages_hold_every_task_once(self, aws: SimulatedAWS, client: Client) -> None:
        """However few fit on one, and although tasks are made and change in between."""
        fsx = aws.fsx()
        made = [fsx.start(status="EXECUTING") for _ in range(7)]
        rules = [{"Name": "task-lifecycle", "Values": ["EXECUTING"]}]
        seen: list[str] = []
        more: dict[str, object] = {}
        while True:
            page = client.describe_data_repository_tasks(MaxResults=2, Filters=rules, **more)
            seen += [task["TaskId"] for task in page["DataRepositoryTasks"]]
            if "NextToken" not in page:
                break
            more = {"NextToken": page["NextToken"]}
            if len(seen) == 2:
                fsx.finish(seen[0])
            if len(seen) == 4:
                made.append(fsx.start(status="EXECUTING"))
        assert seen == made

    def test_a_page_holds_fewer_where_the_settings_say_so(self) -> None:
        """Whatever was asked for; the last page leads to no other."""
        aws = SimulatedAWS(SimulatorSettings(kind="fsx", page_size=2))
        client: Client = aws.session().create_client("fsx")
        tasks = [aws.fsx().start() for _ in range(4)]
        first = client.describe_data_repository_tasks(MaxResults=1000)
        second = client.describe_data_repository_tasks(NextToken=first["NextToken"])
        assert "NextToken" not in second
        both = first["DataRepositoryTasks"] + second["DataRepositoryTasks"]
        assert [task["TaskId"] for task in both] == tasks
        with pytest.raises(ValueError, match="page_size"):
            SimulatorSettings(kind="fsx", page_size=0)

    def test_a_page_holds_fifty_at_most(self, aws: SimulatedAWS, client: Client) -> None:
        """Whatever MaxResults says."""
        for _ in range(60):
            aws.fsx().start()
        page = client.describe_data_repository_tasks(MaxResults=1000)
        assert len(page["DataRepositoryTasks"]) == 50
        rest = client.describe_data_repository_tasks(NextToken=page["NextToken"])
        assert len(rest["DataRepositoryTasks"]) == 10

    @pytest.mark.parametrize("token", ["x", "AAAA", "not-base64!", "=" * 8])
    def test_a_token_from_elsewhere_is_refused(self, client: Client, token: str) -> None:
        """BadRequest."""
        refused(lambda: client.describe_data_repository_tasks(NextToken=token), "BadRequest")

    def test_a_token_is_good_for_its_own_query_only(
        self, aws: SimulatedAWS, client: Client
    ) -> None:
        """Another filter with the same token is a BadRequest."""
        for _ in range(2):
            aws.fsx().start()
        token = client.describe_data_repository_tasks(MaxResults=1)["NextToken"]
        rules = [{"Name": "task-lifecycle", "Values": ["PENDING"]}]
        refused(
            lambda: client.describe_data_repository_tasks(NextToken=token, Filters=rules),
            "BadRequest",
        )

    def test_reads_may_lag(self) -> None:
        """With a lag, a read sees the past: an old status, and no task that is newer."""
        aws, client = client_of(SimulatorSettings(kind="fsx", lag=5))
        task_id = aws.fsx().start(status="EXECUTING")
        refused(
            lambda: client.describe_data_repository_tasks(TaskIds=[task_id]),
            "DataRepositoryTaskNotFound",
        )
        assert client.describe_data_repository_tasks()["DataRepositoryTasks"] == []
        aws.advance(10)
        client.cancel_data_repository_task(TaskId=task_id)
        assert described(client, task_id)["Lifecycle"] == "EXECUTING"
        aws.advance(5)
        assert described(client, task_id)["Lifecycle"] == "CANCELING"


class TestCreate:
    def test_a_task_is_made_as_asked_for(self, aws: SimulatedAWS, client: Client) -> None:
        """The answer describes it with everything that was asked for."""
        file_system_id = aws.fsx().create_parent()
        asked = {
            "Type": "RELEASE_DATA_FROM_FILESYSTEM",
            "FileSystemId": file_system_id,
            "Paths": ["/a", "/b"],
            "Tags": [{"Key": "team", "Value": "storage"}],
            "Report": {
                "Enabled": True,
                "Path": "s3://bucket/reports",
                "Format": "REPORT_CSV_20191124",
                "Scope": "FAILED_FILES_ONLY",
            },
            "ReleaseConfiguration": {"DurationSinceLastAccess": {"Unit": "DAYS", "Value": 7}},
        }
        task = client.create_data_repository_task(**asked)["DataRepositoryTask"]
        assert task["Lifecycle"] == "PENDING"
        assert {name: task[name] for name in asked} == asked
        assert described(client, task["TaskId"]) == task

    def test_the_file_system_has_to_exist(self, client: Client) -> None:
        """FileSystemNotFound."""
        refused(
            lambda: client.create_data_repository_task(
                Type="EXPORT_TO_REPOSITORY", FileSystemId="fs-0123456789abcdef0", Report=REPORT
            ),
            "FileSystemNotFound",
        )

    def test_a_file_system_has_one_task_at_a_time(self, aws: SimulatedAWS, client: Client) -> None:
        """DataRepositoryTaskExecuting until the task has ended, being cancelled included."""
        file_system_id = aws.fsx().create_parent()

        def create() -> Answer:
            return client.create_data_repository_task(
                Type="EXPORT_TO_REPOSITORY", FileSystemId=file_system_id, Report=REPORT
            )

        task_id = create()["DataRepositoryTask"]["TaskId"]
        refused(create, "DataRepositoryTaskExecuting")
        client.cancel_data_repository_task(TaskId=task_id)
        refused(create, "DataRepositoryTaskExecuting")
        aws.advance(20)
        assert create()["DataRepositoryTask"]["TaskId"] != task_id

    def test_a_repeated_request_makes_one_task(self, aws: SimulatedAWS, client: Client) -> None:
        """The same token answers with the same task, as it is by then."""
        asked = {
            "Type": "EXPORT_TO_REPOSITORY",
            "FileSystemId": aws.fsx().create_parent(),
            "Report": REPORT,
            "ClientRequestToken": "once",
        }
        first = client.create_data_repository_task(**asked)["DataRepositoryTask"]
        aws.advance(10)
        again = client.create_data_repository_task(**asked)["DataRepositoryTask"]
        assert again["TaskId"] == first["TaskId"]
        assert again["Lifecycle"] == "EXECUTING"

    def test_without_a_token_each_request_makes_a_task(self, aws: SimulatedAWS) -> None:
        """botocore always sends one; a typed request need not."""
        made = [
            aws.handle(
                CreateDataRepositoryTaskRequest(
                    type=DataRepositoryTaskType.IMPORT_METADATA_FROM_REPOSITORY,
                    file_system_id=aws.fsx().create_parent(),
                    report=CompletionReport(enabled=False),
                )
            )
            for _ in range(2)
        ]
        assert made[0] != made[1]

    def test_a_token_for_another_request_is_refused(
        self, aws: SimulatedAWS, client: Client
    ) -> None:
        """IncompatibleParameterError, which names the parameter."""
        asked = {
            "Type": "EXPORT_TO_REPOSITORY",
            "FileSystemId": aws.fsx().create_parent(),
            "Report": REPORT,
            "ClientRequestToken": "once",
        }
        client.create_data_repository_task(**asked)
        response = refused(
            lambda: client.create_data_repository_task(**{**asked, "Paths": ["x"]}),
            "IncompatibleParameterError",
        )
        assert response["Parameter"] == "Paths"

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"Type": "AUTO_RELEASE_DATA"}, "UnsupportedOperation"),
            ({"Type": "MAKE_COFFEE"}, "BadRequest"),
            ({"Report": {"Enabled": True}}, "BadRequest"),
            ({"Paths": ["x" * 4097]}, "BadRequest"),
            ({"FileSystemId": "fs-0123456789abcdef0123"}, "BadRequest"),
            ({"FileSystemId": "fs-0123456789abcdef\n"}, "BadRequest"),
        ],
    )
    def test_what_cannot_be_made_is_refused(
        self, aws: SimulatedAWS, client: Client, changes: dict[str, object], code: str
    ) -> None:
        """Each with the code that AWS documents."""
        asked = {
            "Type": "EXPORT_TO_REPOSITORY",
            "FileSystemId": aws.fsx().create_parent(),
            "Report": REPORT,
        }
        refused(lambda: client.create_data_repository_task(**{**asked, **changes}), code)
