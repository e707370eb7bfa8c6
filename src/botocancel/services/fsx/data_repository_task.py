"""Amazon FSx data repository tasks, of FSx for Lustre and Amazon File Cache."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from botocancel.errors import InvalidRequest, TaskEnded, Unsupported
from botocancel.services import declare as d
from botocancel.services import fsx as m  # its models are loaded on first use
from botocancel.services._kind import Kind
from botocancel.services.fsx import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DataRepositoryTaskRef"]

MODELS: Final[d.Models] = {
    "title": "Amazon FSx",
    "prefix": "FSx",
    "reference": "https://docs.aws.amazon.com/fsx/latest/APIReference",
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

_FILE_SYSTEM: Final = "fs-0123456789abcdef0"
_ARN: Final = "arn:{partition}:fsx:{region}:{account}:task/{id}"


class DataRepositoryTaskRef(
    d.DeclaredRef["m.DataRepositoryTask", "m.CancelDataRepositoryTaskResponse"]
):
    """Identity of an FSx data repository task, from its id or its ``ResourceARN``.

    An id says nothing of its region; an ARN does, and then chooses the client.
    """

    __slots__ = ()

    key: ClassVar[str] = "fsx"
    form: ClassVar[d.Id] = d.Id(
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
            "(?:arn:[^:]*:fsx:.*/)?task-([0-9a-f]{0,16})": lambda found: (
                f"there are only {len(found[1])} digits after 'task-'"
            ),
            "(?:arn:[^:]*:fsx:.*/)?task-.*[^0-9a-f].*": (
                "there is something other than hexadecimal digits after 'task-'"
            ),
        },
    )


_GUIDE: Final = "Amazon FSx for Lustre User Guide, Canceling a data repository task"
_REFERENCE: Final = "Amazon FSx API Reference, CancelDataRepositoryTask"


_left: Final = partial(
    d.Aftermath, done=d.Fate.KEPT, in_flight=d.Fate.FINISHED, to_come=d.Fate.NOT_DONE
)
_ANY_TYPE: Final = _left(
    summary=(
        "Files already processed are not reverted, files in process are finished, "
        "and queued files are not processed."
    ),
    source=_GUIDE,
)
_RELEASE: Final = _left(
    summary=(
        "Releasing stops; files already released stay released. "
        "Files in process are finished, and queued files are not processed."
    ),
    source=f"{_REFERENCE}; {_GUIDE}",
)
AFTERMATHS: Final = {
    "EXPORT_TO_REPOSITORY": _left(
        summary=(
            "Files already exported are not reverted, files in flight are still exported, "
            "and files not yet exported are not exported."
        ),
        source=_REFERENCE,
    ),
    "RELEASE_DATA_FROM_FILESYSTEM": _RELEASE,
    "AUTO_RELEASE_DATA": _RELEASE,
}
"""What is documented of the types of tasks."""


def _filters(page: d.Page) -> tuple[m.DataRepositoryTaskFilter, ...] | None:
    name, wanted = m.DataRepositoryTaskFilterName, page.wanted
    rules = {
        name.TASK_LIFECYCLE: page.statuses,
        name.FILE_SYSTEM_ID: (wanted.file_system,),
        name.FILE_CACHE_ID: (wanted.file_cache,),
    }
    given = {rule: tuple(filter(None, values)) for rule, values in rules.items()}
    return (
        tuple(m.DataRepositoryTaskFilter(name=n, values=v) for n, v in given.items() if v) or None
    )


def _other_parent(task: m.DataRepositoryTask, page: d.Page) -> str | None:
    wanted = {page.wanted.file_system, page.wanted.file_cache} - {None}
    parent = task.file_system_id or task.file_cache_id
    return parent if wanted and parent not in wanted else None


def _progress(task: m.DataRepositoryTask) -> d.Progress:
    status = task.status
    if status is None:
        return d.Progress()
    counts = [n for n in (status.succeeded_count, status.failed_count) if n is not None]
    return d.Progress(
        done=sum(counts) if counts else None,
        total=status.total_count,
        unit="files",
        bytes_done=_bytes(status.released_capacity),
        bytes_total=_bytes(task.capacity_to_release),
    )


def _bytes(gibibytes: int | None) -> int | None:
    return None if gibibytes is None else gibibytes * 2**30


def _counts(seen: d.Seen) -> Mapping[str, object]:
    """Return how many files are done; of a task that ended on its own, the counts add up."""
    if seen.entered("EXECUTING") is None:
        return {}
    total, share = seen.task.files, seen.share("EXECUTING")
    done = int(total * share)
    failed = min(total, max(1, total - done)) if seen.status == "FAILED" else 0
    counts = {
        "TotalCount": total,
        "SucceededCount": min(done, total - failed),
        "FailedCount": failed,
        "LastUpdatedTime": seen.time,
        "ReleasedCapacity": int(seen.task.facts.get("CapacityToRelease", 0) * share) or None,
    }
    return {"Status": counts}


def _refused(asked: Mapping[str, Any]) -> d.Refusing | None:
    """Return the refusal of a request for what cannot be done."""
    report = asked["Report"]
    if report["Enabled"] and not {"Path", "Format", "Scope"} <= report.keys():
        return ("BadRequest", "An enabled report needs Path, Format and Scope")
    if asked["Type"] == "AUTO_RELEASE_DATA":
        return ("UnsupportedOperation", "Such a task is not started by a request.")
    return None


KIND: Final = Kind(
    DataRepositoryTaskRef,
    errors=errors.FSxError,
    states={
        "PENDING": d.State(d.Phase.PENDING, then="EXECUTING", after=10),
        "EXECUTING": d.State(d.Phase.RUNNING, then="SUCCEEDED", after=300),
        "CANCELING": d.State(d.Phase.CANCELING, then="CANCELED", after=20),
        "CANCELED": d.State(d.Phase.CANCELED),
        "SUCCEEDED": d.State(d.Phase.SUCCEEDED),
        "FAILED": d.State(d.Phase.FAILED),
    },
    status_lag=30.0,  # the guide of FSx for Lustre says that a status is updated that often
    cancel=d.Cancel(
        request=lambda ask: m.CancelDataRepositoryTaskRequest(task_id=ask.id),
        status=lambda answer: answer.lifecycle,
        shows=lambda answer: answer.task_id,
        task=lambda answer: answer.task_id,
    ),
    describe=d.DescribeMany(
        request=lambda refs, token: m.DescribeDataRepositoryTasksRequest(
            task_ids=tuple(ref.id for ref in refs), next_token=token
        ),
        details=lambda page: page.data_repository_tasks,
        id=lambda task: task.task_id,
        most=50,
    ),
    list=d.List(
        request=lambda page: m.DescribeDataRepositoryTasksRequest(
            filters=_filters(page), next_token=page.token
        ),
        items=lambda page: page.data_repository_tasks,
        id=lambda task, _: task.task_id,
        whole=True,
        stranger=_other_parent,
    ),
    look=d.Look(
        status=lambda task: task.lifecycle,
        times=lambda task: (task.creation_time, task.start_time, task.end_time),
        arn=lambda task: task.resource_arn,
        type=lambda task: task.type,
        parent=lambda task: task.file_system_id or task.file_cache_id,
        tags=lambda task: [(tag.key, tag.value) for tag in task.tags or ()],
        failure=lambda task: task.failure_details.message if task.failure_details else None,
        progress=_progress,
    ),
    names=lambda: [d.name(m.DataRepositoryTask, lambda task: task.resource_arn or task.task_id)],
    forms={
        "file_system": d.Form("fs-[0-9a-f]{8,}", 21, "the id of an FSx file system", _FILE_SYSTEM),
        "file_cache": d.Form(
            "fc-[0-9a-f]{8,}", 21, "the id of an Amazon File Cache", "fc-0123456789abcdef0"
        ),
        "type": d.Form(
            "[A-Z_]+", 128, "the type of an FSx data repository task", "EXPORT_TO_REPOSITORY"
        ),
    },
    start=d.Start(
        request=lambda: m.CreateDataRepositoryTaskRequest,
        id=lambda answer: answer.data_repository_task and answer.data_repository_task.task_id,
    ),
    aftermath=lambda task: AFTERMATHS.get(task.type, _ANY_TYPE) if task else _ANY_TYPE,
    doubtful=(TaskEnded, InvalidRequest, Unsupported),
    permissions=d.Actions(prefix="fsx", task=_ARN, describe="*"),
    simulated=d.Simulated(
        page=50,
        refuses_unknown_ids=True,
        failure="Some files could not be processed.",
        members=_counts,
        facts={"Type": "EXPORT_TO_REPOSITORY", "Report": {"Enabled": False}},
        parent=d.Parent(
            named=("FileSystemId", "FileCacheId"),
            example=_FILE_SYSTEM,
            shared=False,
            unknown=("FileSystemNotFound", "There is no such file system."),
        ),
        rules={
            "file-system-id": ("FileSystemId",),
            "task-lifecycle": ("Lifecycle",),
            "data-repository-association-id": ("AssociationId",),
            "file-cache-id": ("FileCacheId",),
        },
        refused=_refused,
        busy=lambda _: ("DataRepositoryTaskExecuting", "Another task is at work for {id}."),
        token_reused=lambda parameter: d.Refusal(
            "IncompatibleParameterError",
            "The client request token was used before, with different parameters.",
            {"Parameter": parameter},
        ),
    ),
)
