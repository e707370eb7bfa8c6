"""What each witness says to the simulated AWS, and must hear.

Whatever the witness is written in, and whatever it speaks, the conversation is one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import pytest

from botocancel.testing import Fault, FaultKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocancel.testing import SimulatedAWS

Answer: TypeAlias = Any
"""An answer's members."""

UNKNOWN_TASK = "task-0123456789abcdef0"
UNKNOWN_EXECUTION = (
    "arn:aws:datasync:us-east-1:123456789012:task/task-0123456789abcdef0"
    "/execution/exec-0123456789abcdef0"
)


class Refused(Exception):
    """The service refused, and the witness understood why.

    Args:
        code: The error code.
        message: The service's words.
        status: The HTTP status; None where the witness does not tell it.
        members: Further members of the error; None where the witness does not tell them.
        modelled: Whether it came as the service's own class; None where there is none.
    """

    def __init__(
        self,
        code: str,
        message: str | None,
        *,
        status: int | None = None,
        members: Mapping[str, Any] | None = None,
        modelled: bool | None = None,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members
        self.modelled = modelled


class Witness(Protocol):
    """Somebody else's client of both services."""

    def ask(self, service: str, operation: str, **parameters: object) -> Answer:
        """Put a request and return the members of the answer.

        Raises:
            Refused: The service refused.
        """
        ...


Talk: TypeAlias = "Callable[[Witness, SimulatedAWS], None]"
"""A part of the conversation, with a server that has nothing else to do."""


def refused(
    ask: Callable[..., object], code: str, message: str, status: int = 400, **members: str
) -> Callable[..., None]:
    """Return what puts a request that must be refused so."""

    def put(service: str, operation: str, **parameters: object) -> None:
        with pytest.raises(Refused) as caught:
            ask(service, operation, **parameters)
        refusal = caught.value
        assert refusal.code == code
        assert message in (refusal.message or "")
        assert refusal.status in {None, status}
        assert refusal.modelled is not False
        if refusal.members is not None:
            assert members.items() <= refusal.members.items()

    return put


def instant(value: object) -> datetime:
    """Return a time, in whatever form the witness tells it."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    assert isinstance(value, float)
    return datetime.fromtimestamp(value, UTC)


def cancel_a_task(witness: Witness, aws: SimulatedAWS) -> None:
    """Create an FSx task, describe it, and cancel it until it has ended."""
    ask = witness.ask
    file_system = aws.fsx().create_parent()
    task = ask("fsx", "CreateDataRepositoryTask", **export_of(file_system))["DataRepositoryTask"]
    assert (task["Lifecycle"], task["FileSystemId"]) == ("PENDING", file_system)
    assert instant(task["CreationTime"]) == aws.clock.now

    aws.advance(160)
    this = {"TaskIds": [task["TaskId"]]}
    [task] = ask("fsx", "DescribeDataRepositoryTasks", **this)["DataRepositoryTasks"]
    assert task["Lifecycle"] == "EXECUTING"
    assert (task["Status"]["TotalCount"], task["Status"]["SucceededCount"]) == (1000, 500)
    assert (instant(task["StartTime"]) - instant(task["CreationTime"])).total_seconds() == 10

    answer = ask("fsx", "CancelDataRepositoryTask", TaskId=task["TaskId"])
    assert (answer["Lifecycle"], answer["TaskId"]) == ("CANCELING", task["TaskId"])
    aws.advance(20)
    [task] = ask("fsx", "DescribeDataRepositoryTasks", **this)["DataRepositoryTasks"]
    assert task["Lifecycle"] == "CANCELED"
    assert instant(task["EndTime"]) == aws.clock.now
    ended = refused(ask, "DataRepositoryTaskEnded", "has ended")
    ended("fsx", "CancelDataRepositoryTask", TaskId=task["TaskId"])


def list_tasks(witness: Witness, aws: SimulatedAWS) -> None:
    """Describe FSx tasks by pages and by filters."""
    ask = witness.ask
    made = [aws.fsx().start(status=status) for status in ("CANCELED", "FAILED")]
    first = ask("fsx", "DescribeDataRepositoryTasks", MaxResults=1)
    token = first["NextToken"]
    second = ask("fsx", "DescribeDataRepositoryTasks", MaxResults=1, NextToken=token)
    pages = [page["DataRepositoryTasks"][0]["TaskId"] for page in (first, second)]
    assert (pages, second.get("NextToken")) == (made, None)
    by_status = [{"Name": "task-lifecycle", "Values": ["FAILED"]}]
    [task] = ask("fsx", "DescribeDataRepositoryTasks", Filters=by_status)["DataRepositoryTasks"]
    assert (task["TaskId"], task["Lifecycle"]) == (made[1], "FAILED")
    assert task["FailureDetails"]["Message"] == "Some files could not be processed."


def hear_each_error_of_fsx(witness: Witness, aws: SimulatedAWS) -> None:
    """Be refused in each way but the one that `cancel_a_task` hears."""
    ask = witness.ask
    task_id = aws.fsx().start(cancelable=False)
    wanted = export_of(aws.fsx().create_parent())
    nowhere = export_of("fs-0123456789abcdef0")
    once = {**wanted, "ClientRequestToken": "once"}
    ask("fsx", "CreateDataRepositoryTask", **once)
    for code, words, operation, parameters in (
        ("UnsupportedOperation", "cannot be cancelled", "Cancel", {"TaskId": task_id}),
        (
            "DataRepositoryTaskNotFound",
            "not found",
            "Cancel",
            {"TaskId": UNKNOWN_TASK},
        ),
        ("BadRequest", "1 validation error", "Cancel", {"TaskId": "task-of-another-kind"}),
        ("FileSystemNotFound", "no such file system", "Create", nowhere),
        ("DataRepositoryTaskExecuting", "Another task is at work", "Create", wanted),
    ):
        refused(ask, code, words)("fsx", f"{operation}DataRepositoryTask", **parameters)
    missing = refused(ask, "DataRepositoryTaskNotFound", "not found")
    missing("fsx", "DescribeDataRepositoryTasks", TaskIds=[UNKNOWN_TASK])
    differs = refused(ask, "IncompatibleParameterError", "token", Parameter="Paths")
    differs("fsx", "CreateDataRepositoryTask", **once, Paths=["a"])

    aws.inject(Fault(kind=FaultKind.INTERNAL_ERROR))
    failed = refused(ask, "InternalServerError", "internal error", 500)
    failed("fsx", "CancelDataRepositoryTask", TaskId=task_id)
    aws.inject(Fault(kind=FaultKind.THROTTLE))
    with pytest.raises(Refused) as caught:  # no service models it
        ask("fsx", "CancelDataRepositoryTask", TaskId=task_id)
    assert (caught.value.code, caught.value.message) == ("ThrottlingException", "Rate exceeded")


def cancel_an_execution(witness: Witness, aws: SimulatedAWS) -> None:
    """Start a DataSync execution, describe it, and cancel it until it has ended."""
    ask = witness.ask
    task_arn = aws.datasync().create_parent()
    arn = ask("datasync", "StartTaskExecution", TaskArn=task_arn)["TaskExecutionArn"]
    aws.advance(190)
    execution = ask("datasync", "DescribeTaskExecution", TaskExecutionArn=arn)
    assert (execution["TaskExecutionArn"], execution["Status"]) == (arn, "TRANSFERRING")
    assert execution["FilesTransferred"] == 500
    assert execution["Options"]["VerifyMode"] == "POINT_IN_TIME_CONSISTENT"
    assert (aws.clock.now - instant(execution["StartTime"])).total_seconds() == 190

    assert not ask("datasync", "CancelTaskExecution", TaskExecutionArn=arn)
    execution = ask("datasync", "DescribeTaskExecution", TaskExecutionArn=arn)
    assert execution["Status"] == "CANCELLING"
    aws.advance(30)
    execution = ask("datasync", "DescribeTaskExecution", TaskExecutionArn=arn)
    assert (execution["Status"], execution["Result"]["TransferStatus"]) == ("ERROR", "ERROR")
    assert instant(execution["EndTime"]) == aws.clock.now
    ended = refused(ask, "InvalidRequestException", "current status: ERROR")
    ended("datasync", "CancelTaskExecution", TaskExecutionArn=arn)


def list_executions(witness: Witness, aws: SimulatedAWS) -> None:
    """List DataSync tasks, and executions by pages."""
    ask = witness.ask
    task_arn = aws.datasync().create_parent(Name="nightly")
    arns = [aws.datasync().start(parent=task_arn) for _ in range(2)]
    first = ask("datasync", "ListTaskExecutions", TaskArn=task_arn, MaxResults=1)
    token = first["NextToken"]
    second = ask("datasync", "ListTaskExecutions", TaskArn=task_arn, NextToken=token)
    listed = [page["TaskExecutions"][0] for page in (first, second)]
    assert [entry["TaskExecutionArn"] for entry in listed] == arns
    assert [entry["Status"] for entry in listed] == ["LAUNCHING", "QUEUED"]
    [task] = ask("datasync", "ListTasks")["Tasks"]
    assert (task["TaskArn"], task["Name"]) == (task_arn, "nightly")
    task = ask("datasync", "DescribeTask", TaskArn=task_arn)
    assert (task["Status"], task["CurrentTaskExecutionArn"]) == ("RUNNING", arns[0])


def hear_each_error_of_datasync(witness: Witness, aws: SimulatedAWS) -> None:
    """Be refused for what is unknown and what is malformed, and hear of a failure."""
    ask = witness.ask
    invalid = "InvalidRequestException"
    unknown = refused(ask, invalid, "is not found")
    unknown("datasync", "CancelTaskExecution", TaskExecutionArn=UNKNOWN_EXECUTION)
    malformed = refused(ask, invalid, "Invalid parameter: ", errorCode="InvalidParameter")
    malformed("datasync", "CancelTaskExecution", TaskExecutionArn="execution-of-another-kind")
    aws.inject(Fault(kind=FaultKind.INTERNAL_ERROR))
    failed = refused(ask, "InternalException", "internal error", 500)
    failed("datasync", "CancelTaskExecution", TaskExecutionArn=UNKNOWN_EXECUTION)


def cancel_a_batch_job(witness: Witness, aws: SimulatedAWS) -> None:
    """Submit jobs of AWS Batch, describe, list and cancel them: all in the body."""
    ask = witness.ask
    wanted = {"jobName": "nightly", "jobQueue": "q", "jobDefinition": "d"}
    job = ask("batch", "SubmitJob", **wanted)["jobId"]
    [told] = ask("batch", "DescribeJobs", jobs=[job])["jobs"]
    assert (told["status"], told["tags"]) == ("RUNNING", {"a b": "ü"})
    assert not ask("batch", "CancelJob", jobId=job, reason="a test")
    assert aws.simulator("batch").status(job) == "FAILED"
    other = ask("batch", "SubmitJob", **wanted)["jobId"]
    first = ask("batch", "ListJobs", jobQueue="q", maxResults=1)
    second = ask("batch", "ListJobs", jobQueue="q", nextToken=first["nextToken"])
    listed = [page["jobSummaryList"][0]["jobId"] for page in (first, second)]
    assert (listed, second.get("nextToken")) == ([job, other], None)
    unknown = refused(ask, "ClientException", "There is no none.")
    unknown("batch", "TerminateJob", jobId="none", reason="a test")


def cancel_a_job_run(witness: Witness, aws: SimulatedAWS) -> None:
    """Cancel a job run of EMR Serverless: ids in the path, filters in the query string."""
    ask = witness.ask
    runs = [aws.simulator("emr-serverless").start() for _ in range(2)]
    run = {"applicationId": "00fabcdef", "jobRunId": runs[0]}
    answer = ask("emr-serverless", "CancelJobRun", **run)
    assert (answer["applicationId"], answer["jobRunId"]) == (run["applicationId"], runs[0])
    told = ask("emr-serverless", "GetJobRun", **run)["jobRun"]
    assert told["state"] == "CANCELLED"
    assert instant(told["createdAt"]) == aws.clock.at(0.25)
    application = {"applicationId": run["applicationId"]}
    listed = ask("emr-serverless", "ListJobRuns", **application, states=["RUNNING", "FAILED"])
    assert [each["id"] for each in listed["jobRuns"]] == runs[1:]
    missing = refused(ask, "ResourceNotFoundException", "no such job run", 404)
    missing("emr-serverless", "GetJobRun", **application, jobRunId="00none")


def be_refused_in_xml(witness: Witness, aws: SimulatedAWS) -> None:  # noqa: ARG001  (a talk)
    """Hear from a service whose protocol is not spoken that it is not."""
    with pytest.raises(Refused) as caught:
        witness.ask("cloudformation", "CancelUpdateStack", StackName="x")
    assert caught.value.code == "NotImplemented"
    assert "not query, as cloudformation does" in (caught.value.message or "")


def export_of(file_system: str) -> dict[str, Any]:
    """Return what is asked for to create an FSx task."""
    report = {"Enabled": False}
    return {"FileSystemId": file_system, "Type": "EXPORT_TO_REPOSITORY", "Report": report}


FSX: dict[str, Talk] = {
    "cancel": cancel_a_task,
    "list": list_tasks,
    "errors": hear_each_error_of_fsx,
}
DATASYNC: dict[str, Talk] = {
    "cancel": cancel_an_execution,
    "list": list_executions,
    "errors": hear_each_error_of_datasync,
}
REST: dict[str, Talk] = {
    "all in the body": cancel_a_batch_job,
    "ids in the path": cancel_a_job_run,
    "not spoken": be_refused_in_xml,
}
