"""Amazon FSx data repository tasks, of FSx for Lustre and Amazon File Cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

import attrs

from botocancel.errors import InvalidRequest, TaskEnded, Unsupported
from botocancel.services import fsx as m  # its models are loaded on first use
from botocancel.services._kind import Kind
from botocancel.services.declare import (
    Aftermath,
    Cancel,
    DeclaredRef,
    DescribeMany,
    Fate,
    Form,
    Id,
    List,
    Look,
    Page,
    Permission,
    Phase,
    Progress,
    Start,
    State,
    name,
)
from botocancel.services.fsx import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    _Ref: TypeAlias = DeclaredRef[m.DataRepositoryTask, m.CancelDataRepositoryTaskResponse]
else:
    _Ref = DeclaredRef

__all__ = ["KIND", "DataRepositoryTaskRef"]

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
        "Conflict": ["DataRepositoryTaskExecuting"],
        "InternalException": ["InternalServerError"],
        "InvalidRequest": ["BadRequest", "IncompatibleParameterError"],
        "LimitExceeded": ["ServiceLimitExceeded"],
        "NotFound": ["DataRepositoryTaskNotFound", "FileSystemNotFound"],
        "TaskEnded": ["DataRepositoryTaskEnded"],
        "Unsupported": ["UnsupportedOperation"],
    },
}
"""What ``python -m botocancel.generate`` writes ``models.py`` and ``errors.py`` from."""

_ARN: Final = "arn:{partition}:fsx:{region}:{account}:task/{id}"
_GIB: Final = 2**30


class DataRepositoryTaskRef(_Ref):
    """Identity of an FSx data repository task, from its id or its ``ResourceARN``.

    An id says nothing of its region; an ARN does, and then chooses the client.

    Raises:
        InvalidInput: `id` is not a task id; nothing was sent.
    """

    __slots__ = ()

    key: ClassVar[str] = "fsx"
    service: ClassVar[str] = "fsx"
    form: ClassVar[Id] = Id(
        kind="FSx data repository task",
        pattern="task-[0-9a-f]{17,}",
        longest=128,
        arn=_ARN,
        expected=(
            "an FSx data repository task id ('task-' and 17 or more lower-case hexadecimal digits, "
            "128 characters at most) or its ARN"
        ),
        example="task-0123456789abcdef0",
        near={
            "arn:[^:]*:fsx:(?!.*:task/).*": (
                "it is the ARN of another FSx resource, not of a data repository task"
            ),
            "(?:arn:[^:]*:fsx:.*/)?(task-.{124,})": lambda found: (
                f"the id has {len(found[1])} characters, more than 128"
            ),
            "(?:arn:[^:]*:fsx:.*/)?task-([0-9a-f]{0,16})": lambda found: (
                f"there are only {len(found[1])} digits after 'task-'"
            ),
            "(?:arn:[^:]*:fsx:.*/)?task-.*[^0-9a-f].*": (
                "there is something other than hexadecimal digits after 'task-'"
            ),
            "arn:[^:]*:fsx:.*": "the part of the ARN before 'task/' is malformed",
        },
    )


_ANY_TYPE: Final = Aftermath(
    done=Fate.KEPT,
    in_flight=Fate.FINISHED,
    to_come=Fate.NOT_DONE,
    summary=(
        "Files already processed are not reverted, files in process are finished, "
        "and queued files are not processed."
    ),
    source="Amazon FSx for Lustre User Guide, Canceling a data repository task",
)
_EXPORT: Final = attrs.evolve(
    _ANY_TYPE,
    summary=(
        "Files already exported are not reverted, files in flight are still exported, "
        "and files not yet exported are not exported."
    ),
    source="Amazon FSx API Reference, CancelDataRepositoryTask",
)
_RELEASE: Final = attrs.evolve(
    _ANY_TYPE,
    summary=(
        "Releasing stops; files already released stay released. "
        "Files in process are finished, and queued files are not processed."
    ),
    source=f"{_EXPORT.source}; {_ANY_TYPE.source}",
)
AFTERMATHS: Final = {
    "EXPORT_TO_REPOSITORY": _EXPORT,
    "RELEASE_DATA_FROM_FILESYSTEM": _RELEASE,
    "AUTO_RELEASE_DATA": _RELEASE,
}
"""What is documented of the types of tasks."""


def _filters(page: Page) -> Iterable[m.DataRepositoryTaskFilter]:
    name, wanted = m.DataRepositoryTaskFilterName, page.wanted
    rules = [
        (name.TASK_LIFECYCLE, page.statuses),
        (name.FILE_SYSTEM_ID, (wanted.file_system,)),
        (name.FILE_CACHE_ID, (wanted.file_cache,)),
    ]
    for rule, values in rules:
        given = tuple(value for value in values if value)
        if given:
            yield m.DataRepositoryTaskFilter(name=rule, values=given)


def _other_parent(task: m.DataRepositoryTask, page: Page) -> str | None:
    wanted = {page.wanted.file_system, page.wanted.file_cache} - {None}
    parent = task.file_system_id or task.file_cache_id
    return parent if wanted and parent not in wanted else None


def _id_of(task: m.DataRepositoryTask | None) -> str | None:
    return task.task_id if task else None


def _progress(task: m.DataRepositoryTask) -> Progress:
    status = task.status
    if status is None:
        return Progress()
    counts = [n for n in (status.succeeded_count, status.failed_count) if n is not None]
    gibibytes = (status.released_capacity, task.capacity_to_release)
    done, total = (None if n is None else n * _GIB for n in gibibytes)
    return Progress(
        done=sum(counts) if counts else None,
        total=status.total_count,
        unit="files",
        bytes_done=done,
        bytes_total=total,
    )


KIND: Final = Kind(
    DataRepositoryTaskRef,
    errors=errors.FSxError,
    states={
        "PENDING": State(Phase.PENDING, then="EXECUTING", after=5),
        "EXECUTING": State(Phase.RUNNING, then="SUCCEEDED", after=300),
        "CANCELING": State(Phase.CANCELING, then="CANCELED", after=30),
        "CANCELED": State(Phase.CANCELED),
        "SUCCEEDED": State(Phase.SUCCEEDED),
        "FAILED": State(Phase.FAILED),
    },
    status_lag=30.0,  # the guide of FSx for Lustre says that a status is updated that often
    cancel=Cancel(
        request=lambda ask: m.CancelDataRepositoryTaskRequest(task_id=ask.id),
        status=lambda answer: answer.lifecycle,
        shows=lambda answer: answer.task_id,
        task=lambda answer: answer.task_id,
    ),
    describe=DescribeMany(
        request=lambda refs, token: m.DescribeDataRepositoryTasksRequest(
            task_ids=tuple(ref.id for ref in refs), next_token=token
        ),
        details=lambda page: page.data_repository_tasks,
        id=lambda task: task.task_id,
        token=lambda page: page.next_token,
        most=50,
    ),
    list=List(
        request=lambda page: m.DescribeDataRepositoryTasksRequest(
            filters=tuple(_filters(page)) or None, next_token=page.token
        ),
        items=lambda page: page.data_repository_tasks,
        id=lambda task, _: task.task_id,
        token=lambda page: page.next_token,
        whole=True,
        stranger=_other_parent,
    ),
    look=Look(
        status=lambda task: task.lifecycle,
        times=lambda task: (task.creation_time, task.start_time, task.end_time),
        arn=lambda task: task.resource_arn,
        type=lambda task: task.type,
        parent=lambda task: task.file_system_id or task.file_cache_id,
        tags=lambda task: [(tag.key, tag.value) for tag in task.tags or ()],
        failure=lambda task: task.failure_details.message if task.failure_details else None,
        progress=_progress,
    ),
    names=lambda: [name(m.DataRepositoryTask, lambda task: task.resource_arn or task.task_id)],
    forms={
        "file_system": Form(
            "fs-[0-9a-f]{8,}", 21, "the id of an FSx file system", "fs-0123456789abcdef0"
        ),
        "file_cache": Form(
            "fc-[0-9a-f]{8,}", 21, "the id of an Amazon File Cache", "fc-0123456789abcdef0"
        ),
        "type": Form(
            "[A-Z_]+", 128, "the type of an FSx data repository task", "EXPORT_TO_REPOSITORY"
        ),
    },
    start=Start(
        request=lambda: m.CreateDataRepositoryTaskRequest,
        id=lambda answer: _id_of(answer.data_repository_task),
    ),
    aftermath=lambda task: AFTERMATHS.get(task.type, _ANY_TYPE) if task else _ANY_TYPE,
    doubtful=(TaskEnded, InvalidRequest, Unsupported),
    permissions=(
        Permission("fsx:CancelDataRepositoryTask", "cancel", _ARN),
        Permission("fsx:DescribeDataRepositoryTasks", "wait list"),
    ),
)
"""Data repository tasks, of Amazon FSx for Lustre and of Amazon File Cache."""
