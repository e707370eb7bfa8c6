"""AWS DataSync task executions.

There is no status that says an execution was cancelled: a cancelled one goes through
CANCELLING and ends in ERROR, as a failed one does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

from botocancel.effects import call
from botocancel.services import datasync as m  # its models are loaded on first use
from botocancel.services import declare as d
from botocancel.services._expected import Expected
from botocancel.services._kind import Kind
from botocancel.services.datasync import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from botocancel.effects import Flow
    from botocancel.refs import TaskRef
    from botocancel.services._simulator.declared import SimulatedParent

    _Ref: TypeAlias = TaskRef[m.DescribeTaskExecutionResponse, m.CancelTaskExecutionResponse]

__all__ = ["TaskExecutionRef"]

MODELS: Final[d.Models] = {
    "title": "AWS DataSync",
    "prefix": "DataSync",
    "reference": "https://docs.aws.amazon.com/datasync/latest/userguide",
    "typed": "all",
    "errors": {
        "InternalException": ["InternalException"],
        "InvalidRequest": ["InvalidRequestException"],
    },
}

_TASK: Final = "arn:{partition}:datasync:{region}:{account}:task/(?P<task>task-[0-9a-f]{17})"
_OF_TASK: Final = "arn:{partition}:datasync:{region}:{account}:task/{task}"
_EXECUTION: Final = f"{_OF_TASK}/execution/{{execution}}"
_A_TASK: Final = "arn:aws:datasync:us-east-1:123456789012:task/task-0123456789abcdef0"


class TaskExecutionRef(
    d.DeclaredRef["m.DescribeTaskExecutionResponse", "m.CancelTaskExecutionResponse"]
):
    """Identity of a DataSync task execution: its ARN, which holds region and account."""

    __slots__ = ()

    key: ClassVar[str] = "datasync"
    form: ClassVar[d.Id] = d.Id(
        kind="DataSync task execution",
        pattern=f"{_TASK}/execution/(?P<execution>exec-[0-9a-f]{{17}})",
        longest=128,
        expected="the ARN of a DataSync task execution (128 characters at most)",
        example=f"{_A_TASK}/execution/exec-0123456789abcdef0",
        near={
            "exec-.*": "a bare execution id does not say which task and region it is of",
            _TASK: (
                "it is the ARN of a task, of which only an execution can be cancelled; "
                "DescribeTask gives the running one as CurrentTaskExecutionArn, "
                "ListTaskExecutions gives all"
            ),
            "arn:[^:]*:datasync:(?!.*/execution/).*": "it is the ARN of another DataSync resource",
        },
    )

    @property
    def task_arn(self) -> str:
        """ARN of the DataSync task that this is an execution of."""
        return _task_of(self.id)


def _task_of(execution: str | None) -> str:
    return (execution or "").partition("/execution/")[0]


def _not_of(task: str | None, executions: Iterable[str | None]) -> list[str]:
    """Return the ARNs of those executions that are not of a task; of any task, where it is None."""
    return [arn for arn in executions if arn and task not in {None, _task_of(arn)}]


_LIST: Expected[m.ListTaskExecutionsRequest, m.ListTaskExecutionsResponse] = Expected(
    member="TaskExecutions",
    strangers=lambda request, answer: _not_of(
        request.task_arn, [entry.task_execution_arn for entry in answer.task_executions or ()]
    ),
)
_START: Expected[m.StartTaskExecutionRequest, m.StartTaskExecutionResponse] = Expected(
    member="TaskExecutionArn",
    strangers=lambda request, answer: _not_of(request.task_arn, [answer.task_execution_arn]),
)
_DESCRIBE_TASK: Expected[m.DescribeTaskRequest, m.DescribeTaskResponse] = Expected(
    member="TaskArn", strangers=lambda request, answer: {answer.task_arn} - {request.task_arn}
)


def _restart(ref: _Ref) -> Flow[_Ref]:
    """Start the task anew with what the execution was started with, by its description."""
    past = yield from KIND.describe(ref)
    request = m.StartTaskExecutionRequest(
        task_arn=_task_of(ref.id),
        override_options=past.options,
        includes=past.includes,
        excludes=past.excludes,
        manifest_config=past.manifest_config,
        task_report_config=past.task_report_config,
    )
    response = yield from call(request, ref)
    return KIND.ref_in(response.task_execution_arn, request.operation)


def _all_of(refs: Sequence[_Ref]) -> Mapping[str, str]:
    """Return the filters by which all of some executions are listed: those of one task, or none."""
    tasks = {_task_of(ref.id) for ref in refs}
    return {"task": tasks.pop()} if len(tasks) == 1 else {}


_STEPS: Final = {"Prepare": "PREPARING", "Transfer": "TRANSFERRING", "Verify": "VERIFYING"}
_OPTIONS: Final = {
    "VerifyMode": "POINT_IN_TIME_CONSISTENT",
    "OverwriteMode": "ALWAYS",
    "Atime": "BEST_EFFORT",
    "Mtime": "PRESERVE",
    "Uid": "INT_VALUE",
    "Gid": "INT_VALUE",
    "PreserveDeletedFiles": "PRESERVE",
    "PreserveDevices": "NONE",
    "PosixPermissions": "PRESERVE",
    "BytesPerSecond": -1,
    "TaskQueueing": "ENABLED",
    "LogLevel": "OFF",
    "TransferMode": "CHANGED",
}
"""The defaults that AWS documents."""


def _told(seen: d.Seen) -> Mapping[str, object]:
    """Return what is told of an execution's work."""
    task = seen.task
    found, sent, checked = map(seen.share, _STEPS.values())
    enhanced = {
        "FilesListed": {"AtSource": int(task.files * found), "AtDestinationForDelete": 0},
        "FilesPrepared": int(task.files * found),
        "FilesFailed": dict.fromkeys(("Prepare", "Transfer", "Verify", "Delete"), 0),
    }
    return {
        "Options": task.facts.get("OverrideOptions", {}),
        "Result": _result(seen),
        "EstimatedFilesToTransfer": int(task.files * found),
        "EstimatedBytesToTransfer": int(task.size * found),
        "FilesTransferred": int(task.files * sent),
        "BytesWritten": int(task.size * sent),
        "BytesTransferred": int(task.size * sent),
        "BytesCompressed": int(task.size * sent) * 3 // 4,
        "FilesVerified": int(task.files * checked),
        **dict.fromkeys(("EstimatedFilesToDelete", "FilesDeleted", "FilesSkipped"), 0),
        **(enhanced if task.facts["TaskMode"] == "ENHANCED" else {}),
    }


def _result(seen: d.Seen) -> Mapping[str, object] | None:
    """Return how each part of the work went; None as long as none of it has begun."""
    has_ended = seen.entered("SUCCESS", "ERROR") is not None
    if seen.entered("LAUNCHING") is None and not has_ended:
        return None
    told: dict[str, object] = {}
    for step, status in _STEPS.items():
        went = "ERROR" if has_ended and seen.entered(status) else "PENDING"
        told[f"{step}Status"] = "SUCCESS" if seen.share(status) == 1.0 else went
        told[f"{step}Duration"] = int(seen.spent(status) * 1000)
    return {**told, "TotalDuration": int(sum(map(seen.spent, _STEPS.values())) * 1000)}


def _task(task: SimulatedParent, executions: Sequence[d.Seen]) -> Mapping[str, object]:
    """Return what a task tells of its executions."""
    at_work = [seen for seen in executions if seen.status not in {"SUCCESS", "ERROR"}]
    running = [seen for seen in at_work if seen.entered("LAUNCHING")]
    current = (running or list(executions))[-1:]
    return {
        "CreationTime": task.created_at,
        "Status": "RUNNING" if running else "QUEUED" if at_work else "AVAILABLE",
        "CurrentTaskExecutionArn": current[0].task.id if current else None,
    }


def _busy(asked: Mapping[str, Any]) -> d.Refusing | str:
    """Return what becomes of another execution: it waits, unless that is not wanted."""
    options = {**asked["Options"], **asked.get("OverrideOptions", {})}
    if options["TaskQueueing"] == "ENABLED":
        return "QUEUED"
    return (_INVALID, "Task {id} is running, and its queueing is disabled.")


_INVALID: Final = "InvalidRequestException"
_TASK_FORM: Final = d.Form(_TASK, 128, "the ARN of a DataSync task", _A_TASK)

KIND: Final = Kind(
    TaskExecutionRef,
    errors=errors.DataSyncError,
    states={
        "QUEUED": d.State(d.Phase.PENDING),
        "LAUNCHING": d.State(d.Phase.RUNNING, then="PREPARING", after=10),
        "PREPARING": d.State(d.Phase.RUNNING, then="TRANSFERRING", after=30),
        "TRANSFERRING": d.State(d.Phase.RUNNING, then="VERIFYING", after=300),
        "VERIFYING": d.State(d.Phase.RUNNING, then="SUCCESS", after=60),
        "CANCELLING": d.State(d.Phase.CANCELING, then="ERROR", after=30),
        "SUCCESS": d.State(d.Phase.SUCCEEDED),
        "ERROR": d.State(d.Phase.FAILED),
    },
    cancel=d.Cancel(request=lambda ask: m.CancelTaskExecutionRequest(task_execution_arn=ask.id)),
    describe=d.Describe(
        request=lambda ref: m.DescribeTaskExecutionRequest(task_execution_arn=ref.id),
        id=lambda execution: execution.task_execution_arn,
    ),
    list=d.List(
        request=lambda page: m.ListTaskExecutionsRequest(
            task_arn=page.wanted.value_of("task"), max_results=100, next_token=page.token
        ),
        items=lambda page: page.task_executions,
        id=lambda execution, _: execution.task_execution_arn,
        status=lambda execution: execution.status,
        by_status=False,
        tells=_all_of,
    ),
    look=d.Look(
        status=lambda execution: execution.status,
        times=lambda execution: (execution.start_time, execution.launch_time, execution.end_time),
        parent=lambda execution: _task_of(execution.task_execution_arn) or None,
        failure=lambda execution: execution.result.error_detail if execution.result else None,
        failure_code=lambda execution: execution.result.error_code if execution.result else None,
        progress=lambda execution: d.Progress(
            done=execution.files_transferred,
            total=execution.estimated_files_to_transfer,
            unit="files",
            bytes_done=execution.bytes_written,
            bytes_total=execution.estimated_bytes_to_transfer,
        ),
    ),
    start=d.Start(
        request=lambda: m.StartTaskExecutionRequest, id=lambda answer: answer.task_execution_arn
    ),
    answers={
        "ListTaskExecutions": _LIST,
        "StartTaskExecution": _START,
        "DescribeTask": _DESCRIBE_TASK,
        "ListTasks": Expected(member="Tasks"),
    },
    repair=_restart,
    names=lambda: [d.name(m.DescribeTaskResponse, lambda task: task.current_task_execution_arn)],
    forms={"task": _TASK_FORM},
    aftermath=d.Aftermath(
        in_flight=d.Fate.CUT_OFF,
        may_be_inconsistent=True,
        summary=(
            "Files being transferred are cut off; what is at the destination may be incomplete or "
            "inconsistent with the source."
        ),
        repair="Start a new execution of the same task and let it finish.",
        source="AWS DataSync API Reference, CancelTaskExecution",
    ),
    breaks_alike=True,
    permissions=(
        d.Permission("datasync:CancelTaskExecution", "cancel", _EXECUTION),
        d.Permission("datasync:DescribeTaskExecution", "wait list restart", _EXECUTION),
        d.Permission("datasync:ListTaskExecutions", "wait list"),
        d.Permission("datasync:StartTaskExecution", "restart", _OF_TASK),
    ),
    simulated=d.Simulated(
        page=100,
        ended=(
            _INVALID,
            "Task execution {id} cannot be cancelled in its current status: {status}.",
        ),
        unknown=(_INVALID, "Task execution {id} is not found."),
        malformed=d.Refusal(
            _INVALID, "Invalid parameter: {text}", {"errorCode": "InvalidParameter"}
        ),
        filters={"task": "TaskArn"},
        foreign="ARN account () must match authenticated user.",
        members=_told,
        parent=d.Parent(
            named=("TaskArn",),
            example=_A_TASK,
            shared=False,
            unknown=(_INVALID, "Task {id} is not found."),  # as seen on AWS
            facts=lambda arn: {
                "TaskMode": "BASIC",
                "Options": _OPTIONS,
                "SourceLocationArn": arn.replace("task/task-", "location/loc-"),
                "DestinationLocationArn": f"{arn.replace('task/task-', 'location/loc-')[:-1]}z",
            },
            members=_task,
            describe=lambda: m.DescribeTaskRequest,
            listed=d.Parents(
                filter="task",
                form=_TASK_FORM,
                of=_OF_TASK,
                request=lambda token: m.ListTasksRequest(next_token=token),
                items=lambda page: page.tasks,
                name=lambda task: task.task_arn,
            ),
            rules={
                "LocationId": ("SourceLocationArn", "DestinationLocationArn"),
                "CreationTime": ("CreationTime",),
            },
        ),
        busy=_busy,
    ),
)
