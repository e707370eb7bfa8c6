"""Amazon FSx data repository tasks, as a service of botocancel."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import attrs

from botocancel.effects import call
from botocancel.errors import InvalidRequest, TaskEnded, Unsupported
from botocancel.phases import Phase
from botocancel.results import Aftermath, Fate, Progress, TaskSnapshot
from botocancel.services._spec import Service
from botocancel.services.fsx import errors, models
from botocancel.services.fsx.models import (
    CancelDataRepositoryTaskRequest,
    CancelDataRepositoryTaskResponse,
    DataRepositoryTask,
    DataRepositoryTaskType,
    DescribeDataRepositoryTasksRequest,
)
from botocancel.services.fsx.refs import DataRepositoryTaskRef

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocancel.effects import Flow
    from botocancel.errors import ServiceError
    from botocancel.model import Request, Shape
    from botocancel.refs import TaskRef

__all__ = ["SERVICE", "FSx"]

_GIB: Final = 2**30

_SOURCE: Final = "Amazon FSx API Reference, CancelDataRepositoryTask"

_UNDOCUMENTED: Final = Aftermath(
    completed_files=Fate.UNDOCUMENTED,
    files_in_flight=Fate.UNDOCUMENTED,
    remaining_files=Fate.UNDOCUMENTED,
    consistent=None,
    summary="AWS does not document what cancelling this type of task leaves behind.",
    source=_SOURCE,
)
_EXPORT: Final = Aftermath(
    completed_files=Fate.KEPT,
    files_in_flight=Fate.FINISHED,
    remaining_files=Fate.NOT_DONE,
    consistent=None,
    summary=(
        "Files already exported are not reverted, files in flight are still exported, "
        "and files not yet exported are not exported."
    ),
    source=_SOURCE,
)
_RELEASE: Final = Aftermath(
    completed_files=Fate.KEPT,
    files_in_flight=Fate.UNDOCUMENTED,
    remaining_files=Fate.NOT_DONE,
    consistent=None,
    summary="Releasing stops; files already released stay released.",
    source=_SOURCE,
)
_NOT_DESCRIBED: Final = attrs.evolve(
    _UNDOCUMENTED,
    summary=(
        "It depends on the type of the task. Of an export, files already exported stay, files in "
        "flight are still exported, the others are not. Of a release, files already released stay "
        "released."
    ),
)


class FSx(Service[DataRepositoryTask, CancelDataRepositoryTaskResponse]):
    """Amazon FSx for Lustre and Amazon File Cache: data repository tasks."""

    name: ClassVar[str] = "fsx"
    title: ClassVar[str] = "Amazon FSx"
    ref_type = DataRepositoryTaskRef
    phases: ClassVar[Mapping[str, Phase]] = {
        "PENDING": Phase.PENDING,
        "EXECUTING": Phase.RUNNING,
        "CANCELING": Phase.CANCELING,
        "CANCELED": Phase.CANCELED,
        "SUCCEEDED": Phase.SUCCEEDED,
        "FAILED": Phase.FAILED,
    }
    aftermaths: ClassVar[Mapping[str, Aftermath]] = {
        DataRepositoryTaskType.EXPORT_TO_REPOSITORY: _EXPORT,
        DataRepositoryTaskType.IMPORT_METADATA_FROM_REPOSITORY: _UNDOCUMENTED,
        DataRepositoryTaskType.RELEASE_DATA_FROM_FILESYSTEM: _RELEASE,
        DataRepositoryTaskType.AUTO_RELEASE_DATA: _RELEASE,
    }
    errors_by_code: ClassVar[Mapping[str, type[ServiceError]]] = errors.BY_CODE
    errors_by_meaning: ClassVar[Mapping[type[ServiceError], type[ServiceError]]] = errors.BY_MEANING
    doubtful_refusals: ClassVar[tuple[type[ServiceError], ...]] = (
        TaskEnded,
        InvalidRequest,
        Unsupported,
    )

    def cancel_request(
        self, ref: TaskRef[DataRepositoryTask, CancelDataRepositoryTaskResponse]
    ) -> Request[CancelDataRepositoryTaskResponse]:
        """Return a ``CancelDataRepositoryTask`` request."""
        return CancelDataRepositoryTaskRequest(task_id=ref.id)

    def status_in(self, response: CancelDataRepositoryTaskResponse) -> str | None:
        """Return the answer's ``Lifecycle``, which FSx may leave out."""
        return response.lifecycle

    def describe(
        self, ref: TaskRef[DataRepositoryTask, CancelDataRepositoryTaskResponse]
    ) -> Flow[DataRepositoryTask]:
        """Ask ``DescribeDataRepositoryTasks`` for one task."""
        request = DescribeDataRepositoryTasksRequest(task_ids=(ref.id,))
        response = yield from call(request, ref)
        for task in response.data_repository_tasks or ():
            if task.task_id == ref.id:
                return task
        raise errors.DataRepositoryTaskNotFound(
            {
                "Error": {
                    "Code": "DataRepositoryTaskNotFound",
                    "Message": f"the answer holds no task {ref.id}",
                },
                "ResponseMetadata": {
                    "RequestId": response.metadata.request_id,
                    "HTTPStatusCode": response.metadata.http_status,
                    "RetryAttempts": response.metadata.attempts - 1,
                },
            },
            request.operation,
        )

    def snapshot(
        self,
        ref: TaskRef[DataRepositoryTask, CancelDataRepositoryTaskResponse],
        detail: DataRepositoryTask,
    ) -> TaskSnapshot[DataRepositoryTask]:
        """Read a ``DataRepositoryTask``."""
        return TaskSnapshot(
            ref=ref,
            phase=self.phase(detail.lifecycle),
            status=detail.lifecycle,
            progress=_progress(detail),
            created_at=detail.creation_time,
            started_at=detail.start_time,
            ended_at=detail.end_time,
            failure=detail.failure_details.message if detail.failure_details else None,
            detail=detail,
        )

    def aftermath(self, detail: DataRepositoryTask | None) -> Aftermath:
        """Return what is documented for the task's type."""
        if detail is None:
            return _NOT_DESCRIBED
        return self.aftermaths.get(detail.type, _UNDOCUMENTED)

    def ref_of(self, shape: Shape) -> DataRepositoryTaskRef | None:
        """Return the data repository task that a model of FSx names."""
        match shape:
            case models.DataRepositoryTask(resource_arn=str(arn), task_id=task_id):
                return DataRepositoryTaskRef.match(arn) or DataRepositoryTaskRef(task_id)
            case (
                models.DataRepositoryTask(task_id=str(task_id))
                | models.CancelDataRepositoryTaskRequest(task_id=str(task_id))
                | models.CancelDataRepositoryTaskResponse(task_id=str(task_id))
            ):
                return DataRepositoryTaskRef(task_id)
            case models.CreateDataRepositoryTaskResponse(
                data_repository_task=models.DataRepositoryTask() as task
            ):
                return self.ref_of(task)
            case _:
                return None


def _progress(task: DataRepositoryTask) -> Progress:
    status = task.status
    if status is None:
        return Progress()
    counts = [n for n in (status.succeeded_count, status.failed_count) if n is not None]
    gibibytes = (status.released_capacity, task.capacity_to_release)
    done, total = (None if n is None else n * _GIB for n in gibibytes)
    return Progress(
        files_done=sum(counts) if counts else None,
        files_total=status.total_count,
        bytes_done=done,
        bytes_total=total,
    )


SERVICE: Final = FSx()
