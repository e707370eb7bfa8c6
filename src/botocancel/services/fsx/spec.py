"""Amazon FSx data repository tasks, as a service of botocancel.

The models are named through the package, which loads them on first use: a cancel needs few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

import attrs

from botocancel import results
from botocancel.effects import Emit, call, together
from botocancel.errors import (
    BotocancelError,
    InvalidRequest,
    InvalidResponse,
    NotFound,
    TaskEnded,
    Unsupported,
)
from botocancel.phases import Phase
from botocancel.results import Aftermath, Fate
from botocancel.services import fsx
from botocancel.services._expected import Expected, ExpectedAnswers
from botocancel.services._permissions import Permission
from botocancel.services._spec import Service, Sight
from botocancel.services.fsx import errors
from botocancel.services.fsx._cancel import CancelDataRepositoryTaskRequest
from botocancel.services.fsx.refs import DataRepositoryTaskRef

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from botocancel.effects import Flow
    from botocancel.errors import ServiceError
    from botocancel.model import Request, Response, Shape
    from botocancel.refs import TaskRef
    from botocancel.results import Progress, TaskSnapshot
    from botocancel.services._wanted import Wanted
    from botocancel.services.fsx import (
        CancelDataRepositoryTaskResponse,
        DataRepositoryTask,
        DescribeDataRepositoryTasksRequest,
        DescribeDataRepositoryTasksResponse,
    )

    _Ref: TypeAlias = TaskRef[DataRepositoryTask, CancelDataRepositoryTaskResponse]
    _Base: TypeAlias = Service[DataRepositoryTask, CancelDataRepositoryTaskResponse]
else:
    _Base = Service

__all__ = ["SERVICE", "FSx"]

_BATCH: Final = 50
"""So many task ids ``DescribeDataRepositoryTasks`` takes."""

_GIB: Final = 2**30

_STATUS_LAG: Final = 30.0
"""Seconds. The user guide of FSx for Lustre says that a task's status is updated that often."""

_GUIDE: Final = "Amazon FSx for Lustre User Guide, Canceling a data repository task"
_REFERENCE: Final = "Amazon FSx API Reference, CancelDataRepositoryTask"

_ANY_TYPE: Final = Aftermath(
    completed_files=Fate.KEPT,
    files_in_flight=Fate.FINISHED,
    remaining_files=Fate.NOT_DONE,
    summary=(
        "Files already processed are not reverted, files in process are finished, "
        "and queued files are not processed."
    ),
    source=_GUIDE,
)
_EXPORT: Final = attrs.evolve(
    _ANY_TYPE,
    summary=(
        "Files already exported are not reverted, files in flight are still exported, "
        "and files not yet exported are not exported."
    ),
    source=_REFERENCE,
)
_RELEASE: Final = attrs.evolve(
    _ANY_TYPE,
    summary=(
        "Releasing stops; files already released stay released. "
        "Files in process are finished, and queued files are not processed."
    ),
    source=f"{_REFERENCE}; {_GUIDE}",
)

_CANCEL: Expected[CancelDataRepositoryTaskRequest, CancelDataRepositoryTaskResponse] = Expected(
    member="TaskId",
    asked=lambda request: (request.task_id,),
    named=lambda answer: (answer.task_id,) if answer.task_id else (),
)
_DESCRIBE: Expected[DescribeDataRepositoryTasksRequest, DescribeDataRepositoryTasksResponse] = (
    Expected(
        member="DataRepositoryTasks",
        asked=lambda request: request.task_ids,
        named=lambda answer: [task.task_id for task in answer.data_repository_tasks or ()],
    )
)


def _resource(ref: TaskRef[Shape, Response] | None) -> str:
    if ref is None:
        return "arn:*:fsx:*:*:task/*"
    partition, region, account = (part or "*" for part in (ref.partition, ref.region, ref.account))
    return f"arn:{partition}:fsx:{region}:{account}:task/{ref.id}"


class FSx(_Base):
    """Amazon FSx for Lustre and Amazon File Cache: data repository tasks."""

    name: ClassVar[str] = "fsx"
    title: ClassVar[str] = "Amazon FSx"
    ref_type: type[_Ref] = DataRepositoryTaskRef
    phases: ClassVar[Mapping[str, Phase]] = {
        "PENDING": Phase.PENDING,
        "EXECUTING": Phase.RUNNING,
        "CANCELING": Phase.CANCELING,
        "CANCELED": Phase.CANCELED,
        "SUCCEEDED": Phase.SUCCEEDED,
        "FAILED": Phase.FAILED,
    }
    aftermaths: ClassVar[Mapping[str, Aftermath]] = {
        "EXPORT_TO_REPOSITORY": _EXPORT,
        "RELEASE_DATA_FROM_FILESYSTEM": _RELEASE,
        "AUTO_RELEASE_DATA": _RELEASE,
    }
    errors_by_code: ClassVar[Mapping[str, type[ServiceError]]] = errors.BY_CODE
    errors_by_meaning: ClassVar[Mapping[type[ServiceError], type[ServiceError]]] = errors.BY_MEANING
    permissions: ClassVar[tuple[Permission, ...]] = (
        Permission(
            action="fsx:CancelDataRepositoryTask",
            needed_to=frozenset({"cancel"}),
            resource=_resource,
        ),
        Permission(action="fsx:DescribeDataRepositoryTasks", needed_to=frozenset({"wait", "list"})),
    )
    answers: ClassVar[ExpectedAnswers] = {
        "CancelDataRepositoryTask": _CANCEL,
        "CreateDataRepositoryTask": Expected(member="DataRepositoryTask"),
        "DescribeDataRepositoryTasks": _DESCRIBE,
    }
    filters: ClassVar[frozenset[str]] = frozenset({"file_system", "file_cache", "type", "tag"})
    status_lag: ClassVar[float] = _STATUS_LAG
    doubtful_refusals: ClassVar[tuple[type[ServiceError], ...]] = (
        TaskEnded,
        InvalidRequest,
        Unsupported,
    )

    def cancel_request(self, ref: _Ref) -> Request[CancelDataRepositoryTaskResponse]:
        """Return a ``CancelDataRepositoryTask`` request."""
        return CancelDataRepositoryTaskRequest(task_id=ref.id)

    def status_in(self, response: CancelDataRepositoryTaskResponse) -> str | None:
        """Return the answer's ``Lifecycle``, which FSx may leave out."""
        return response.lifecycle

    def describe(self, ref: _Ref) -> Flow[DataRepositoryTask]:
        """Ask ``DescribeDataRepositoryTasks`` for one task."""
        request = fsx.DescribeDataRepositoryTasksRequest(task_ids=(ref.id,))
        response = yield from call(request, ref)
        for task in _tasks_of(response):
            if task.task_id == ref.id:
                return task
        message = f"the answer holds no task {ref.id}"
        raise self.error(NotFound, message, request.operation, response.metadata)

    def describe_many(
        self, refs: Sequence[_Ref]
    ) -> Flow[dict[_Ref, Sight[DataRepositoryTask] | BotocancelError]]:
        """Ask ``DescribeDataRepositoryTasks`` for 50 tasks at a time.

        Whether one unknown id fails the whole request is not documented; where it does,
        the request is halved until the unknown one is alone.
        """
        chunks = [refs[start : start + _BATCH] for start in range(0, len(refs), _BATCH)]
        parts = yield from together([self._chunk(chunk) for chunk in chunks])
        return {ref: sight for part in parts for ref, sight in part.items()}

    def _chunk(
        self, refs: Sequence[_Ref]
    ) -> Flow[dict[_Ref, Sight[DataRepositoryTask] | BotocancelError]]:
        request = fsx.DescribeDataRepositoryTasksRequest(task_ids=tuple(ref.id for ref in refs))
        try:
            response = yield from call(request, refs[0])
            found = {task.task_id: task for task in _tasks_of(response)}
        except (NotFound, InvalidRequest) as error:
            if len(refs) == 1:
                return {refs[0]: error}
            middle = len(refs) // 2
            first = yield from self._chunk(refs[:middle])
            return {**first, **(yield from self._chunk(refs[middle:]))}
        except BotocancelError as error:
            return dict.fromkeys(refs, error)
        return {
            ref: Sight(found[ref.id].lifecycle, found[ref.id])
            if ref.id in found
            else self.error(
                NotFound, f"the answer holds no task {ref.id}", request.operation, response.metadata
            )
            for ref in refs
        }

    def active(self, wanted: Wanted, region: str | None) -> Flow[None]:
        """Page through ``DescribeDataRepositoryTasks`` by lifecycle, file system and file cache."""
        running = tuple(status for status, phase in self.phases.items() if not phase.terminal)
        name = fsx.DataRepositoryTaskFilterName
        by = [] if wanted.ended else [(name.TASK_LIFECYCLE, running)]
        by += [(name.FILE_SYSTEM_ID, (wanted.file_system,))] if wanted.file_system else []
        by += [(name.FILE_CACHE_ID, (wanted.file_cache,))] if wanted.file_cache else []
        filters = tuple(
            fsx.DataRepositoryTaskFilter(name=name, values=values) for name, values in by
        )
        seen: set[str] = set()
        token: str | None = None
        while True:
            request = fsx.DescribeDataRepositoryTasksRequest(
                filters=filters or None, next_token=token
            )
            page = yield from call(request, region=region)
            for task in page.data_repository_tasks or ():
                ref = self.ref_of(task)
                if ref is not None and task.task_id not in seen and _has_tag(task, wanted.tag):
                    seen.add(task.task_id)
                    snapshot = self.snapshot(ref, task)
                    if wanted.fits(snapshot):
                        yield Emit(snapshot)
            token = page.next_token
            if not token:
                return

    def status_of(self, detail: DataRepositoryTask) -> str | None:
        """Return the ``Lifecycle``."""
        return detail.lifecycle

    def snapshot(
        self,
        ref: _Ref,
        detail: DataRepositoryTask,
    ) -> TaskSnapshot[DataRepositoryTask]:
        """Read a ``DataRepositoryTask``."""
        return results.TaskSnapshot(
            ref=ref,
            phase=self.phase(detail.lifecycle),
            status=detail.lifecycle,
            type=detail.type,
            parent=detail.file_system_id or detail.file_cache_id,
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
            return _ANY_TYPE
        return self.aftermaths.get(detail.type, _ANY_TYPE)

    def ref_of(self, shape: Shape) -> DataRepositoryTaskRef | None:
        """Return the data repository task that a model of FSx names."""
        match shape:
            case fsx.DataRepositoryTask(resource_arn=str(arn), task_id=task_id):
                return DataRepositoryTaskRef.match(arn) or DataRepositoryTaskRef(task_id)
            case (
                fsx.DataRepositoryTask(task_id=str(task_id))
                | fsx.CancelDataRepositoryTaskRequest(task_id=str(task_id))
                | fsx.CancelDataRepositoryTaskResponse(task_id=str(task_id))
            ):
                return DataRepositoryTaskRef(task_id)
            case fsx.CreateDataRepositoryTaskResponse(
                data_repository_task=fsx.DataRepositoryTask() as task
            ):
                return self.ref_of(task)
            case _:
                return None


def _tasks_of(response: DescribeDataRepositoryTasksResponse) -> tuple[DataRepositoryTask, ...]:
    """Return the tasks in an answer.

    Raises:
        InvalidResponse: There is no list of them, not even an empty one; no task is missing
            for that.
    """
    if response.data_repository_tasks is None:
        msg = "DescribeDataRepositoryTasks: the answer holds no list of tasks"
        raise InvalidResponse(msg)
    return response.data_repository_tasks


def _has_tag(task: DataRepositoryTask, wanted: tuple[str, str] | None) -> bool:
    return wanted is None or wanted in {(tag.key, tag.value) for tag in task.tags or ()}


def _progress(task: DataRepositoryTask) -> Progress:
    status = task.status
    if status is None:
        return results.Progress()
    counts = [n for n in (status.succeeded_count, status.failed_count) if n is not None]
    gibibytes = (status.released_capacity, task.capacity_to_release)
    done, total = (None if n is None else n * _GIB for n in gibibytes)
    return results.Progress(
        files_done=sum(counts) if counts else None,
        files_total=status.total_count,
        bytes_done=done,
        bytes_total=total,
    )


SERVICE: Final = FSx()
