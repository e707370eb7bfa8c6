"""Amazon FSx data repository tasks, as a service of botocancel.

The models are named through the package, which loads them on first use: a cancel needs few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

import attrs

from botocancel import results
from botocancel.effects import Emit, together
from botocancel.errors import (
    BotocancelError,
    InvalidRequest,
    InvalidResponse,
    NotFound,
    TaskEnded,
    Unsupported,
)
from botocancel.model import NO_METADATA
from botocancel.phases import Phase
from botocancel.results import Aftermath, Fate
from botocancel.services import fsx
from botocancel.services._expected import Expected, ExpectedAnswers
from botocancel.services._pages import listed, pages
from botocancel.services._permissions import Permission
from botocancel.services._spec import Form, Service, Sight
from botocancel.services.fsx import errors, patterns
from botocancel.services.fsx.refs import DataRepositoryTaskRef

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from botocancel.effects import Flow
    from botocancel.errors import ServiceError
    from botocancel.model import Request, Response, ResponseMetadata, Shape, Unreadable
    from botocancel.refs import TaskRef
    from botocancel.results import Progress, TaskSnapshot
    from botocancel.services._wanted import Wanted
    from botocancel.services.fsx import (
        CancelDataRepositoryTaskRequest,
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

MODELS: Final[Mapping[str, object]] = {
    "client": "fsx",
    "title": "Amazon FSx",
    "prefix": "FSx",
    "reference": "https://docs.aws.amazon.com/fsx/latest/APIReference",
    "operations": [
        "CancelDataRepositoryTask",
        "DescribeDataRepositoryTasks",
        "CreateDataRepositoryTask",
    ],
    "typed": "all",
    "needed": [
        "DataRepositoryTask.TaskId",
        "DataRepositoryTask.Lifecycle",
        "DataRepositoryTask.Type",
        "DataRepositoryTask.CreationTime",
    ],
    "errors": {
        "BadRequest": "InvalidRequest",
        "DataRepositoryTaskEnded": "TaskEnded",
        "DataRepositoryTaskExecuting": "Conflict",
        "DataRepositoryTaskNotFound": "NotFound",
        "FileSystemNotFound": "NotFound",
        "IncompatibleParameterError": "InvalidRequest",
        "InternalServerError": "InternalException",
        "ServiceLimitExceeded": "LimitExceeded",
        "UnsupportedOperation": "Unsupported",
    },
}
"""What ``python -m botocancel.generate`` writes ``models.py`` and ``errors.py`` from."""

_DESCRIBES: Final = "DescribeDataRepositoryTasks"

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
    strangers=lambda request, answer: {answer.task_id} - {request.task_id},
)
_DESCRIBE: Expected[DescribeDataRepositoryTasksRequest, DescribeDataRepositoryTasksResponse] = (
    Expected(
        member="DataRepositoryTasks",
        strangers=lambda request, answer: {
            task.task_id for task in _tasks_on(answer) if request.task_ids is not None
        }.difference(request.task_ids or ()),
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
    error_base: ClassVar[type[ServiceError]] = errors.FSxError
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
    filter_forms: ClassVar[Mapping[str, Form]] = {
        "file_system": Form(
            patterns.FILE_SYSTEM_ID_PATTERN,
            patterns.FILE_SYSTEM_ID_LENGTH[1],
            "the id of an FSx file system",
            "fs-0123456789abcdef0",
        ),
        "file_cache": Form(
            patterns.FILE_CACHE_ID_PATTERN,
            patterns.FILE_CACHE_ID_LENGTH[1],
            "the id of an Amazon File Cache",
            "fc-0123456789abcdef0",
        ),
        "type": Form(
            "[A-Z_]+",  # there may be new ones
            128,
            "the type of an FSx data repository task",
            "EXPORT_TO_REPOSITORY",
        ),
    }
    status_lag: ClassVar[float] = _STATUS_LAG
    doubtful_refusals: ClassVar[tuple[type[ServiceError], ...]] = (
        TaskEnded,
        InvalidRequest,
        Unsupported,
    )

    def cancel_request(self, ref: _Ref) -> Request[CancelDataRepositoryTaskResponse]:
        """Return a ``CancelDataRepositoryTask`` request."""
        return fsx.CancelDataRepositoryTaskRequest(task_id=ref.id)

    def status_in(self, response: CancelDataRepositoryTaskResponse) -> str | None:
        """Return the answer's ``Lifecycle``, which FSx may leave out."""
        return response.lifecycle

    def describe(self, ref: _Ref) -> Flow[DataRepositoryTask]:
        """Ask ``DescribeDataRepositoryTasks`` for one task."""
        found = (yield from self._described((ref,), {}))[ref]
        if isinstance(found, BotocancelError):
            raise found
        return found

    def describe_many(
        self, refs: Sequence[_Ref]
    ) -> Flow[dict[_Ref, Sight[DataRepositoryTask] | BotocancelError]]:
        """Ask ``DescribeDataRepositoryTasks`` for 50 tasks at a time.

        Whether one unknown id fails the whole request is not documented; where it does,
        the request is halved until the unknown one is alone.
        """
        chunks = [refs[start : start + _BATCH] for start in range(0, len(refs), _BATCH)]
        parts = yield from together([self._chunk(chunk) for chunk in chunks])
        return {
            ref: found if isinstance(found, BotocancelError) else Sight(found.lifecycle, found)
            for part in parts
            for ref, found in part.items()
        }

    def _chunk(
        self, refs: Sequence[_Ref]
    ) -> Flow[dict[_Ref, DataRepositoryTask | BotocancelError]]:
        found: dict[str, DataRepositoryTask] = {}
        try:
            return (yield from self._described(refs, found))
        except (NotFound, InvalidRequest) as error:
            if len(refs) == 1:
                return {refs[0]: error}
            middle = len(refs) // 2
            first = yield from self._chunk(refs[:middle])
            return {**first, **(yield from self._chunk(refs[middle:]))}
        except BotocancelError as error:
            return {ref: found.get(ref.id, error) for ref in refs}

    def _described(
        self, refs: Sequence[_Ref], found: dict[str, DataRepositoryTask]
    ) -> Flow[dict[_Ref, DataRepositoryTask | BotocancelError]]:
        """Return the description of each task, or why the answer has none.

        Args:
            refs: The tasks.
            found: Where to note those of each page, for a later one may not come.
        """
        ids = tuple(ref.id for ref in refs)
        odd: dict[str | None, str] = {}
        metadata = NO_METADATA
        for turn in pages(
            lambda token: fsx.DescribeDataRepositoryTasksRequest(task_ids=ids, next_token=token),
            refs[0],
        ):
            page = yield from turn
            metadata = page.metadata
            found.update({task.task_id: task for task in _tasks_on(page)})
            odd.update({_id_of(item): item.reason for item in page.unreadable})
            if found.keys() >= set(ids):
                break
        odd.update({name: f"one is called {name!r}" for name in found.keys() - set(ids)})
        return {
            ref: found.get(ref.id)
            or self._missing(
                ref,
                [why for name, why in odd.items() if name == ref.id or name not in ids],
                metadata,
            )
            for ref in refs
        }

    def _missing(
        self, ref: _Ref, odd: Sequence[str], metadata: ResponseMetadata
    ) -> BotocancelError:
        """Return why an answer has no description of a task.

        Args:
            ref: The task.
            odd: What is wrong with those items of the answer that may be the description.
            metadata: That of the answer.
        """
        if odd:
            msg = f"{_DESCRIBES}: the description of {ref} cannot be read: {odd[0]}"
            return InvalidResponse(msg, malformed=True)
        return self.error(NotFound, f"the answer holds no task {ref}", _DESCRIBES, metadata)

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
        for turn in pages(
            lambda token: fsx.DescribeDataRepositoryTasksRequest(
                filters=filters or None, next_token=token
            ),
            region=region,
        ):
            page = yield from turn
            for item in page.unreadable:
                yield self.gap(_id_of(item), region, item.reason)
            for task in _tasks_on(page):
                if task.task_id not in seen and _has_tag(task, wanted.tag):
                    seen.add(task.task_id)
                    yield from self._emit(task, wanted, region)

    def _emit(self, task: DataRepositoryTask, wanted: Wanted, region: str | None) -> Flow[None]:
        """Emit a snapshot of a task if it is wanted.

        Raises:
            InvalidResponse: It is not of the file system or cache that was asked about.
        """
        parents = {wanted.file_system, wanted.file_cache} - {None}
        try:
            snapshot = self.snapshot(self.ref_in(task, _DESCRIBES), task)
        except InvalidResponse as error:
            yield self.gap(task.task_id, region, str(error))
            return
        if parents and snapshot.parent not in {None, *parents}:
            parent = snapshot.parent
            msg = f"{_DESCRIBES}: the answer is about {parent!r}, which was not asked about"
            raise InvalidResponse(msg)
        if wanted.fits(snapshot):
            yield Emit(snapshot)

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
                ref = DataRepositoryTaskRef.match(arn)
                return ref if ref and ref.id == task_id else DataRepositoryTaskRef(task_id)
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


def _tasks_on(page: DescribeDataRepositoryTasksResponse) -> tuple[DataRepositoryTask, ...]:
    return listed(page.data_repository_tasks, _DESCRIBES)


def _id_of(item: Unreadable) -> str | None:
    """Return the id in a description that cannot be read, if at least that can be."""
    task_id = item.item.get("TaskId")
    return task_id if isinstance(task_id, str) else None


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
