"""AWS DataSync task executions, as a service of botocancel."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from botocancel.effects import call
from botocancel.phases import Phase
from botocancel.results import Aftermath, Fate, Progress, TaskSnapshot
from botocancel.services._spec import Service
from botocancel.services.datasync import errors, models
from botocancel.services.datasync.models import (
    CancelTaskExecutionRequest,
    CancelTaskExecutionResponse,
    DescribeTaskExecutionRequest,
    DescribeTaskExecutionResponse,
)
from botocancel.services.datasync.refs import TaskExecutionRef

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocancel.effects import Flow
    from botocancel.errors import ServiceError
    from botocancel.model import Request, Shape
    from botocancel.refs import TaskRef

__all__ = ["SERVICE", "DataSync"]

_AFTERMATH: Final = Aftermath(
    completed_files=Fate.UNDOCUMENTED,
    files_in_flight=Fate.CUT_OFF,
    remaining_files=Fate.NOT_DONE,
    consistent=False,
    summary=(
        "Files being transferred are cut off; what is at the destination may be incomplete or "
        "inconsistent with the source."
    ),
    repair="Start a new execution of the same task and let it finish.",
    source="AWS DataSync API Reference, CancelTaskExecution",
)


class DataSync(Service[DescribeTaskExecutionResponse, CancelTaskExecutionResponse]):
    """AWS DataSync: task executions.

    There is no status that says an execution was cancelled: a cancelled one goes
    through CANCELLING and ends in ERROR, as a failed one does.
    """

    name: ClassVar[str] = "datasync"
    title: ClassVar[str] = "AWS DataSync"
    ref_type = TaskExecutionRef
    phases: ClassVar[Mapping[str, Phase]] = {
        "QUEUED": Phase.PENDING,
        "LAUNCHING": Phase.RUNNING,
        "PREPARING": Phase.RUNNING,
        "TRANSFERRING": Phase.RUNNING,
        "VERIFYING": Phase.RUNNING,
        "CANCELLING": Phase.CANCELING,
        "SUCCESS": Phase.SUCCEEDED,
        "ERROR": Phase.FAILED,
    }
    errors_by_code: ClassVar[Mapping[str, type[ServiceError]]] = errors.BY_CODE
    errors_by_meaning: ClassVar[Mapping[type[ServiceError], type[ServiceError]]] = errors.BY_MEANING

    def cancel_request(
        self, ref: TaskRef[DescribeTaskExecutionResponse, CancelTaskExecutionResponse]
    ) -> Request[CancelTaskExecutionResponse]:
        """Return a ``CancelTaskExecution`` request."""
        return CancelTaskExecutionRequest(task_execution_arn=ref.id)

    def status_in(self, response: CancelTaskExecutionResponse) -> str | None:  # noqa: ARG002  (the answer is empty)
        """Return None: the answer is empty."""
        return None

    def describe(
        self, ref: TaskRef[DescribeTaskExecutionResponse, CancelTaskExecutionResponse]
    ) -> Flow[DescribeTaskExecutionResponse]:
        """Ask ``DescribeTaskExecution``."""
        request = DescribeTaskExecutionRequest(task_execution_arn=ref.id)
        return (yield from call(request, ref))

    def snapshot(
        self,
        ref: TaskRef[DescribeTaskExecutionResponse, CancelTaskExecutionResponse],
        detail: DescribeTaskExecutionResponse,
    ) -> TaskSnapshot[DescribeTaskExecutionResponse]:
        """Read the answer of ``DescribeTaskExecution``."""
        return TaskSnapshot(
            ref=ref,
            phase=self.phase(detail.status),
            status=detail.status,
            progress=Progress(
                files_done=detail.files_transferred,
                files_total=detail.estimated_files_to_transfer,
                bytes_done=detail.bytes_written,
                bytes_total=detail.estimated_bytes_to_transfer,
            ),
            created_at=detail.start_time,
            started_at=detail.launch_time,
            ended_at=detail.end_time,
            failure=_failure(detail),
            detail=detail,
        )

    def aftermath(self, detail: DescribeTaskExecutionResponse | None) -> Aftermath:  # noqa: ARG002  (the same for every execution)
        """Return what is documented; it is the same for every execution."""
        return _AFTERMATH

    def ref_of(self, shape: Shape) -> TaskExecutionRef | None:
        """Return the task execution that a model of DataSync names."""
        match shape:
            case (
                models.CancelTaskExecutionRequest(task_execution_arn=str(arn))
                | models.DescribeTaskExecutionRequest(task_execution_arn=str(arn))
                | models.DescribeTaskExecutionResponse(task_execution_arn=str(arn))
                | models.StartTaskExecutionResponse(task_execution_arn=str(arn))
                | models.TaskExecutionListEntry(task_execution_arn=str(arn))
                | models.DescribeTaskResponse(current_task_execution_arn=str(arn))
            ):
                return TaskExecutionRef(arn)
            case _:
                return None


def _failure(detail: DescribeTaskExecutionResponse) -> str | None:
    result = detail.result
    if result is None:
        return None
    parts = [part for part in (result.error_code, result.error_detail) if part]
    return ": ".join(parts) or None


SERVICE: Final = DataSync()
