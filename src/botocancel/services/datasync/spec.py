"""AWS DataSync task executions, as a service of botocancel.

The models are named through the package, which loads them on first use: a cancel needs few.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from botocancel import results
from botocancel.effects import call
from botocancel.errors import BotocancelError, InvalidResponse, ServiceError
from botocancel.phases import Phase
from botocancel.refs import any_partition
from botocancel.results import Aftermath, Fate
from botocancel.services import datasync
from botocancel.services._expected import Expected, ExpectedAnswers
from botocancel.services._pages import listed, pages
from botocancel.services._permissions import Permission
from botocancel.services._spec import Form, Service, Sight
from botocancel.services.datasync import errors, patterns
from botocancel.services.datasync.refs import TaskExecutionRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from botocancel.effects import Flow
    from botocancel.model import Request, Response, Shape
    from botocancel.refs import TaskRef
    from botocancel.results import TaskSnapshot
    from botocancel.services._wanted import Wanted
    from botocancel.services.datasync import (
        CancelTaskExecutionResponse,
        DescribeTaskExecutionRequest,
        DescribeTaskExecutionResponse,
        DescribeTaskRequest,
        DescribeTaskResponse,
        ListTaskExecutionsRequest,
        ListTaskExecutionsResponse,
        StartTaskExecutionRequest,
        StartTaskExecutionResponse,
    )

    _Ref: TypeAlias = TaskRef[DescribeTaskExecutionResponse, CancelTaskExecutionResponse]
    _Base: TypeAlias = Service[DescribeTaskExecutionResponse, CancelTaskExecutionResponse]
else:
    _Base = Service

__all__ = ["SERVICE", "DataSync"]

MODELS: Final[Mapping[str, object]] = {
    "client": "datasync",
    "title": "AWS DataSync",
    "prefix": "DataSync",
    "reference": "https://docs.aws.amazon.com/datasync/latest/userguide",
    "operations": [
        "CancelTaskExecution",
        "DescribeTaskExecution",
        "ListTaskExecutions",
        "StartTaskExecution",
        "DescribeTask",
        "ListTasks",
    ],
    "typed": "all",
    "errors": {
        "InternalException": "InternalException",
        "InvalidRequestException": "InvalidRequest",
    },
}
"""What ``python -m botocancel.generate`` writes ``models.py`` and ``errors.py`` from."""

_LISTS: Final = "ListTaskExecutions"

_PAGE: Final = 100
"""So many executions ``ListTaskExecutions`` gives at a time."""

_DESCRIBES_A_PAGE: Final = 4
"""A page more is read only for so many executions, so that reading in vain costs a quarter."""

_AFTERMATH: Final = Aftermath(
    completed_files=Fate.UNDOCUMENTED,
    files_in_flight=Fate.CUT_OFF,
    remaining_files=Fate.UNDOCUMENTED,
    may_be_inconsistent=True,
    summary=(
        "Files being transferred are cut off; what is at the destination may be incomplete or "
        "inconsistent with the source."
    ),
    repair="Start a new execution of the same task and let it finish.",
    source="AWS DataSync API Reference, CancelTaskExecution",
)

_DESCRIBE: Expected[DescribeTaskExecutionRequest, DescribeTaskExecutionResponse] = Expected(
    member="TaskExecutionArn",
    strangers=lambda request, answer: {answer.task_execution_arn} - {request.task_execution_arn},
)
_LIST: Expected[ListTaskExecutionsRequest, ListTaskExecutionsResponse] = Expected(
    member="TaskExecutions",
    strangers=lambda request, answer: _not_of(
        request.task_arn, [entry.task_execution_arn for entry in answer.task_executions or ()]
    ),
)
_START: Expected[StartTaskExecutionRequest, StartTaskExecutionResponse] = Expected(
    member="TaskExecutionArn",
    strangers=lambda request, answer: _not_of(request.task_arn, [answer.task_execution_arn]),
)
_DESCRIBE_TASK: Expected[DescribeTaskRequest, DescribeTaskResponse] = Expected(
    member="TaskArn", strangers=lambda request, answer: {answer.task_arn} - {request.task_arn}
)


class DataSync(_Base):
    """AWS DataSync: task executions.

    There is no status that says an execution was cancelled: a cancelled one goes
    through CANCELLING and ends in ERROR, as a failed one does.
    """

    name: ClassVar[str] = "datasync"
    title: ClassVar[str] = "AWS DataSync"
    ref_type: type[_Ref] = TaskExecutionRef
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
    permissions: ClassVar[tuple[Permission, ...]] = (
        Permission(
            action="datasync:CancelTaskExecution",
            needed_to=frozenset({"cancel"}),
            resource=lambda ref: ref.id if ref else "arn:*:datasync:*:*:task/*/execution/*",
        ),
        Permission(
            action="datasync:DescribeTaskExecution",
            needed_to=frozenset({"wait", "list", "restart"}),
            resource=lambda ref: ref.id if ref else "arn:*:datasync:*:*:task/*/execution/*",
        ),
        Permission(action="datasync:ListTaskExecutions", needed_to=frozenset({"wait", "list"})),
        Permission(
            action="datasync:StartTaskExecution",
            needed_to=frozenset({"restart"}),
            resource=lambda ref: _task_of(ref) if ref else "arn:*:datasync:*:*:task/*",
        ),
    )
    errors_by_code: ClassVar[Mapping[str, type[ServiceError]]] = errors.BY_CODE
    error_base: ClassVar[type[ServiceError]] = errors.DataSyncError
    answers: ClassVar[ExpectedAnswers] = {
        "CancelTaskExecution": Expected(member=None),
        "DescribeTask": _DESCRIBE_TASK,
        "DescribeTaskExecution": _DESCRIBE,
        "ListTaskExecutions": _LIST,
        "ListTasks": Expected(member="Tasks"),
        "StartTaskExecution": _START,
    }
    filters: ClassVar[frozenset[str]] = frozenset({"task"})
    filter_forms: ClassVar[Mapping[str, Form]] = {
        "task": Form(
            any_partition(patterns.TASK_ARN_PATTERN),
            patterns.TASK_ARN_LENGTH[1],
            "the ARN of a DataSync task",
            "arn:aws:datasync:us-east-1:123456789012:task/task-0123456789abcdef0",
        ),
    }

    def cancel_request(self, ref: _Ref) -> Request[CancelTaskExecutionResponse]:
        """Return a ``CancelTaskExecution`` request."""
        return datasync.CancelTaskExecutionRequest(task_execution_arn=ref.id)

    def status_in(self, response: CancelTaskExecutionResponse) -> str | None:  # noqa: ARG002  (the answer is empty)
        """Return None: the answer is empty."""
        return None

    def describe(self, ref: _Ref) -> Flow[DescribeTaskExecutionResponse]:
        """Ask ``DescribeTaskExecution``."""
        request = datasync.DescribeTaskExecutionRequest(task_execution_arn=ref.id)
        return (yield from call(request, ref))

    def describe_many(
        self, refs: Sequence[_Ref]
    ) -> Flow[dict[_Ref, Sight[DescribeTaskExecutionResponse] | BotocancelError]]:
        """Ask ``ListTaskExecutions`` for the statuses, where that is cheaper than describing.

        A listing has 100 executions a page, of one task where all are of one. It is read for
        as many pages as a quarter of the describes it may save; what has ended, or was not
        found by then, is described.
        """
        listed = yield from self._listed(refs)
        running = {
            ref: Sight[datasync.DescribeTaskExecutionResponse](listed[ref.id])
            for ref in refs
            if ref.id in listed and not self.phase(listed[ref.id]).terminal
        }
        others = yield from super().describe_many([ref for ref in refs if ref not in running])
        for ref, sight in others.items():
            if isinstance(sight, BotocancelError) and ref.id in listed:
                others[ref] = Sight(listed[ref.id], failure=sight)
        return {**running, **others}

    def _listed(self, refs: Sequence[_Ref]) -> Flow[dict[str, str | None]]:
        """Return statuses by ARN, of as many executions as a few pages have."""
        statuses: dict[str, str | None] = {}
        missing = {ref.id for ref in refs}
        tasks = {_task_of(ref) for ref in refs}
        task = tasks.pop() if len(tasks) == 1 else None
        turns = islice(_listing(task, refs[0]), len(refs) // _DESCRIBES_A_PAGE)
        with suppress(BotocancelError):
            for turn in turns:
                page = yield from turn
                entries = listed(page.task_executions, _LISTS)
                statuses.update({entry.task_execution_arn or "": entry.status for entry in entries})
                missing -= statuses.keys()
                if not missing:
                    break
        return statuses

    def active(self, wanted: Wanted, region: str | None) -> Flow[None]:
        """Page through ``ListTaskExecutions``, and describe each execution that is wanted."""
        seen: set[str] = set()
        for turn in _listing(wanted.task, region=region):
            page = yield from turn
            fresh: list[_Ref] = []
            for item in page.unreadable:
                yield self.gap(None, region, item.reason)
            for entry in listed(page.task_executions, _LISTS):
                if self.phase(entry.status).terminal and not wanted.ended:
                    continue
                try:
                    ref = self.ref_in(entry, _LISTS)
                except InvalidResponse as error:
                    yield self.gap(entry.task_execution_arn, region, str(error))
                    continue
                if ref.id not in seen:
                    seen.add(ref.id)
                    fresh.append(ref)
            sights = yield from super().describe_many(fresh)
            yield from self.emit_wanted(sights, wanted)

    def restart(self, ref: _Ref) -> Flow[_Ref]:
        """Start the task anew with what the execution was started with.

        Options, includes, excludes, manifest and report are those of the execution,
        by ``DescribeTaskExecution``.
        """
        past = yield from self.describe(ref)
        request = datasync.StartTaskExecutionRequest(
            task_arn=_task_of(ref),
            override_options=past.options,
            includes=past.includes,
            excludes=past.excludes,
            manifest_config=past.manifest_config,
            task_report_config=past.task_report_config,
        )
        response = yield from call(request, ref)
        return self.ref_in(response, request.operation)

    def status_of(self, detail: DescribeTaskExecutionResponse) -> str | None:
        """Return the ``Status``."""
        return detail.status

    def snapshot(
        self,
        ref: _Ref,
        detail: DescribeTaskExecutionResponse,
    ) -> TaskSnapshot[DescribeTaskExecutionResponse]:
        """Read the answer of ``DescribeTaskExecution``."""
        return results.TaskSnapshot(
            ref=ref,
            phase=self.phase(detail.status),
            status=detail.status,
            parent=_task_of(ref),
            progress=results.Progress(
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

    def aftermath_of(self, phase: Phase, detail: DescribeTaskExecutionResponse) -> Aftermath | None:
        """Return what is documented: the same of a cancel and of any failure that interrupts."""
        return None if phase is Phase.SUCCEEDED else self.aftermath(detail)

    def ref_of(self, shape: Shape) -> TaskExecutionRef | None:
        """Return the task execution that a model of DataSync names."""
        match shape:
            case (
                datasync.CancelTaskExecutionRequest(task_execution_arn=str(arn))
                | datasync.DescribeTaskExecutionRequest(task_execution_arn=str(arn))
                | datasync.DescribeTaskExecutionResponse(task_execution_arn=str(arn))
                | datasync.StartTaskExecutionResponse(task_execution_arn=str(arn))
                | datasync.TaskExecutionListEntry(task_execution_arn=str(arn))
                | datasync.DescribeTaskResponse(current_task_execution_arn=str(arn))
            ):
                return TaskExecutionRef(arn)
            case _:
                return None


def _listing(
    task: str | None, ref: _Ref | None = None, *, region: str | None = None
) -> Iterator[Flow[ListTaskExecutionsResponse]]:
    """Page through the executions of a task, or of all tasks: see `pages`."""
    return pages(
        lambda token: datasync.ListTaskExecutionsRequest(
            task_arn=task, max_results=_PAGE, next_token=token
        ),
        ref,
        region=region,
    )


def _task_of(ref: TaskRef[Shape, Response]) -> str:
    """Return the ARN of the task that an execution is of."""
    return ref.id.partition("/execution/")[0]


def _not_of(task: str | None, executions: Iterable[str | None]) -> list[str]:
    """Return the ARNs of those executions that are not of a task; of any task, where it is None."""
    of_task = f"{task}/execution/" if task else ""
    return [arn for arn in executions if arn and not arn.startswith(of_task)]


def _failure(detail: DescribeTaskExecutionResponse) -> str | None:
    result = detail.result
    if result is None:
        return None
    parts = [part for part in (result.error_code, result.error_detail) if part]
    return ": ".join(parts) or None


SERVICE: Final = DataSync()
