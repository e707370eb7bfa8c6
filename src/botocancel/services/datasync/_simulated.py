"""Simulated DataSync tasks and executions, how DataSync describes them, and what is free in it."""

from __future__ import annotations

import operator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

import attrs
from attrs.validators import in_

from botocancel.services._simulator import SimulatedError, SimulatedTask, SimulatorSettings
from botocancel.services.datasync import errors
from botocancel.services.datasync.models import (
    DescribeTaskExecutionResponse,
    DescribeTaskResponse,
    Options,
    PhaseStatus,
    TaskExecutionFilesFailedDetail,
    TaskExecutionFilesListedDetail,
    TaskExecutionResultDetail,
    TaskExecutionStatus,
    TaskFilterName,
    TaskMode,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocancel.services._simulator import View
    from botocancel.services.datasync.models import TaskFilter

__all__ = [
    "DEFAULT_OPTIONS",
    "DataSyncSettings",
    "Refusal",
    "SimulatedExecution",
    "SimulatedTransferTask",
    "described",
    "overridden",
    "passes",
    "refused",
]

DEFAULT_OPTIONS: Final = Options.from_wire(
    {
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
)
"""The defaults that AWS documents."""

CancelAgain: TypeAlias = Literal["accept", "refuse"]

_MILLISECONDS: Final = 1000


@attrs.frozen
class Refusal:
    """Words and codes of an ``InvalidRequestException``."""

    text: str
    """May hold ``{arn}``, of the task or execution, and ``{status}``."""
    error_code: str | None = None
    datasync_error_code: str | None = None


@attrs.frozen(kw_only=True)
class DataSyncSettings(SimulatorSettings):
    """How the simulated DataSync behaves, where that is free or not known.

    Of the texts, only that of an unknown task has been seen on AWS.
    """

    cancel_again: CancelAgain = attrs.field(default="accept", validator=in_(get_args(CancelAgain)))
    """What becomes of the cancel of an execution that is CANCELLING: AWS does not say."""
    task_not_found: Refusal = Refusal("Task {arn} is not found.")
    execution_not_found: Refusal = Refusal("Task execution {arn} is not found.")
    ended: Refusal = Refusal(
        "Task execution {arn} cannot be cancelled in its current status: {status}."
    )
    canceling: Refusal = Refusal("Task execution {arn} is being cancelled already.")
    queueing_disabled: Refusal = Refusal("Task {arn} is running, and its queueing is disabled.")
    not_cancelable: Refusal = Refusal("Task execution {arn} cannot be cancelled.")
    canceled_error_code: str | None = None
    """``Result.ErrorCode`` of a cancelled execution: AWS documents none."""
    canceled_error_detail: str | None = None
    files: int = 1000
    """How many files a new execution transfers."""
    size: int = 10 * 2**30
    """How many bytes a new execution transfers."""


@attrs.define(kw_only=True, eq=False)
class SimulatedTransferTask:
    """A DataSync task: what its executions transfer, and how."""

    facts: DescribeTaskResponse
    """What stays as it is."""
    arn: str
    created_at: datetime
    number: int
    """Its place in the order in which the tasks were made."""
    executions: list[SimulatedExecution] = attrs.field(factory=list["SimulatedExecution"])


@attrs.define(kw_only=True, eq=False)
class SimulatedExecution(SimulatedTask):
    """An execution of a DataSync task."""

    facts: DescribeTaskExecutionResponse
    """What stays as it is as long as the execution exists."""
    of: SimulatedTransferTask
    files: int
    size: int
    failure_code: str | None = None

    @property
    def names(self) -> tuple[str | None, ...]:
        """Its ARN, and that of its task."""
        return (self.id, self.of.arn)

    @property
    def launched(self) -> bool:
        """Whether its turn has come."""
        return any(change.after == TaskExecutionStatus.LAUNCHING for change in self.changes)


def described(
    view: View[SimulatedExecution], settings: DataSyncSettings
) -> DescribeTaskExecutionResponse:
    """Return the execution as DataSync describes it."""
    task = view.task
    done = view.status == TaskExecutionStatus.SUCCESS
    found = 1.0 if done else view.share("PREPARING")
    sent = 1.0 if done else view.share("TRANSFERRING")
    checked = 1.0 if done else view.share("VERIFYING")
    facts = attrs.evolve(
        task.facts,
        status=TaskExecutionStatus(view.shown),
        launch_time=view.entered("LAUNCHING"),
        end_time=_ended_at(view),
        result=_result(view, settings),
        estimated_files_to_transfer=int(task.files * found),
        estimated_bytes_to_transfer=int(task.size * found),
        estimated_files_to_delete=0,
        files_transferred=int(task.files * sent),
        bytes_written=int(task.size * sent),
        bytes_transferred=int(task.size * sent),
        bytes_compressed=int(task.size * sent) * 3 // 4,
        files_verified=int(task.files * checked),
        files_deleted=0,
        files_skipped=0,
    )
    if facts.task_mode != TaskMode.ENHANCED:
        return facts
    return attrs.evolve(
        facts,
        files_listed=TaskExecutionFilesListedDetail(
            at_source=int(task.files * found), at_destination_for_delete=0
        ),
        files_prepared=int(task.files * found),
        files_failed=TaskExecutionFilesFailedDetail(prepare=0, transfer=0, verify=0, delete=0),
    )


def _ended_at(view: View[SimulatedExecution]) -> datetime | None:
    return view.entered(TaskExecutionStatus.SUCCESS, TaskExecutionStatus.ERROR)


def _result(
    view: View[SimulatedExecution], settings: DataSyncSettings
) -> TaskExecutionResultDetail | None:
    """Return how each part of the work went; None as long as none of it has begun."""
    if view.entered("LAUNCHING") is None and _ended_at(view) is None:
        return None
    canceled = view.entered("CANCELLING") is not None
    failed = view.status == TaskExecutionStatus.ERROR
    code = settings.canceled_error_code if canceled else view.task.failure_code
    detail = settings.canceled_error_detail if canceled else view.task.failure
    return TaskExecutionResultDetail(
        prepare_status=_outcome(view, "PREPARING"),
        prepare_duration=_milliseconds(view, "PREPARING"),
        transfer_status=_outcome(view, "TRANSFERRING"),
        transfer_duration=_milliseconds(view, "TRANSFERRING"),
        verify_status=_outcome(view, "VERIFYING"),
        verify_duration=_milliseconds(view, "VERIFYING"),
        total_duration=sum(
            _milliseconds(view, status) for status in ("PREPARING", "TRANSFERRING", "VERIFYING")
        ),
        error_code=code if failed else None,
        error_detail=detail if failed else None,
    )


def _outcome(view: View[SimulatedExecution], status: str) -> PhaseStatus:
    if view.share(status) == 1.0 or view.status == TaskExecutionStatus.SUCCESS:
        return PhaseStatus.SUCCESS
    return PhaseStatus.ERROR if _ended_at(view) and view.entered(status) else PhaseStatus.PENDING


def _milliseconds(view: View[SimulatedExecution], status: str) -> int:
    return int(view.spent(status) * _MILLISECONDS)


_COMPARISONS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "Equals": operator.eq,
    "In": operator.eq,
    "NotEquals": operator.eq,
    "LessThan": operator.lt,
    "LessThanOrEqual": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqual": operator.ge,
    "Contains": operator.contains,
    "NotContains": operator.contains,
    "BeginsWith": str.startswith,
}
"""What each operator of a filter asks of the value it finds and one that it is given."""


def passes(task: SimulatedTransferTask, rule: TaskFilter) -> bool:
    """Say whether a task passes a filter of ``ListTasks``.

    Raises:
        ValueError: The filter asks for a time and gives something else, or its
            name or operator is not known.
    """
    if rule.operator not in _COMPARISONS:
        msg = f"no such operator: {rule.operator}"
        raise ValueError(msg)
    compare = _COMPARISONS[rule.operator]
    match rule.name:
        case TaskFilterName.LOCATION_ID:
            found = [
                task.facts.source_location_arn or "",
                task.facts.destination_location_arn or "",
            ]
            given = list(rule.values)
        case TaskFilterName.CREATION_TIME:
            found = [_in_utc(task.created_at)]
            given = [_in_utc(datetime.fromisoformat(value)) for value in rule.values]
        case _:
            msg = f"no such filter: {rule.name}"
            raise ValueError(msg)
    any_of_them = any(compare(have, want) for have in found for want in given)
    return any_of_them != rule.operator.startswith("Not")


def _in_utc(instant: datetime) -> str:
    """Return an instant as text that sorts by time."""
    aware = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    return aware.isoformat(timespec="microseconds")


def overridden(options: Options, override: Options | None) -> Options:
    """Return options of which some are overridden."""
    return Options.from_wire({**options.to_wire(), **(override or Options()).to_wire()})


def refused(refusal: Refusal, arn: str = "", status: str = "") -> SimulatedError:
    """Return an ``InvalidRequestException``.

    Args:
        refusal: Its words and codes.
        arn: What ``{arn}`` in the words stands for.
        status: What ``{status}`` in the words stands for.
    """
    members = {
        "errorCode": refusal.error_code,
        "datasyncErrorCode": refusal.datasync_error_code,
    }
    return SimulatedError(
        errors.InvalidRequestException.__name__,
        refusal.text.replace("{arn}", arn).replace("{status}", status),
        members={name: value for name, value in members.items() if value is not None},
    )
