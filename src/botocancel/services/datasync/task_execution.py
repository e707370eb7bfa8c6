"""AWS DataSync task executions.

There is no status that says an execution was cancelled: a cancelled one goes through
CANCELLING and ends in ERROR, as a failed one does.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from botocancel.effects import call
from botocancel.errors import BotocancelError
from botocancel.identity import DeclaredRef
from botocancel.services import datasync as m  # its models are loaded on first use
from botocancel.services._describing import Sight, describe_each
from botocancel.services._expected import Expected
from botocancel.services._kind import Kind
from botocancel.services._pages import listed, pages
from botocancel.services.datasync import errors
from botocancel.services.declare import (
    Aftermath,
    Cancel,
    Describe,
    Fate,
    Form,
    Id,
    List,
    Look,
    Permission,
    Phase,
    Progress,
    Start,
    State,
    name,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from botocancel.effects import Flow
    from botocancel.refs import TaskRef

    _Detail: TypeAlias = m.DescribeTaskExecutionResponse
    _Ref: TypeAlias = TaskRef[_Detail, m.CancelTaskExecutionResponse]
    _Base: TypeAlias = DeclaredRef[_Detail, m.CancelTaskExecutionResponse]
else:
    _Base = DeclaredRef

__all__ = ["KIND", "TaskExecutionRef"]

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
        "InternalException": ["InternalException"],
        "InvalidRequest": ["InvalidRequestException"],
    },
}
"""What ``python -m botocancel.generate`` writes ``models.py`` and ``errors.py`` from."""

_TASK: Final = "arn:{partition}:datasync:{region}:{account}:task/(?P<task>task-[0-9a-f]{17})"
_OF_TASK: Final = "arn:{partition}:datasync:{region}:{account}:task/{task}"
_EXECUTION: Final = f"{_OF_TASK}/execution/{{execution}}"
_PAGE: Final = 100
"""So many executions ``ListTaskExecutions`` gives at a time."""
_DESCRIBES_A_PAGE: Final = 4
"""A page more is read only for so many executions, so that reading in vain costs a quarter."""


class TaskExecutionRef(_Base):
    """Identity of a DataSync task execution: its ARN, which holds region and account.

    Raises:
        InvalidInput: `id` is not the ARN of a task execution; nothing was sent.
    """

    __slots__ = ()

    key: ClassVar[str] = "datasync"
    service: ClassVar[str] = "datasync"
    form: ClassVar[Id] = Id(
        kind="DataSync task execution",
        pattern=f"{_TASK}/execution/(?P<execution>exec-[0-9a-f]{{17}})",
        longest=128,
        expected="the ARN of a DataSync task execution (128 characters at most)",
        example=(
            "arn:aws:datasync:us-east-1:123456789012:task/task-0123456789abcdef0"
            "/execution/exec-0123456789abcdef0"
        ),
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
        return self.id.partition("/execution/")[0]


def _not_of(task: str | None, executions: Iterable[str | None]) -> list[str]:
    """Return the ARNs of those executions that are not of a task; of any task, where it is None."""
    of_task = f"{task}/execution/" if task else ""
    return [arn for arn in executions if arn and not arn.startswith(of_task)]


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


def _failure(detail: _Detail) -> str | None:
    result = detail.result
    parts = [result.error_code, result.error_detail] if result else []
    return ": ".join(filter(None, parts)) or None


def _restart(ref: _Ref) -> Flow[_Ref]:
    """Start the task anew with what the execution was started with, by its description."""
    past = yield from KIND.describe(ref)
    request = m.StartTaskExecutionRequest(
        task_arn=ref.id.partition("/execution/")[0],
        override_options=past.options,
        includes=past.includes,
        excludes=past.excludes,
        manifest_config=past.manifest_config,
        task_report_config=past.task_report_config,
    )
    response = yield from call(request, ref)
    return KIND.ref_in(response.task_execution_arn, request.operation)


def _sights(refs: Sequence[_Ref]) -> Flow[dict[_Ref, Sight[_Detail] | BotocancelError]]:
    """Ask ``ListTaskExecutions`` for the statuses, where that is cheaper than describing.

    A listing has 100 executions a page, of one task where all are of one. It is read for
    as many pages as a quarter of the describes it may save; what has ended, or was not
    found by then, is described.
    """
    statuses: dict[str, str | None] = {}
    with suppress(BotocancelError):
        yield from _read_statuses(refs, statuses)
    running = {
        ref: Sight["_Detail"](statuses[ref.id])
        for ref in refs
        if ref.id in statuses and not KIND.phase(statuses[ref.id]).terminal
    }
    others = yield from describe_each(KIND, [ref for ref in refs if ref not in running])
    for ref, sight in others.items():
        if isinstance(sight, BotocancelError) and ref.id in statuses:
            others[ref] = Sight(statuses[ref.id], failure=sight)
    return {**running, **others}


def _read_statuses(refs: Sequence[_Ref], statuses: dict[str, str | None]) -> Flow[None]:
    """Read statuses by ARN, of as many executions as a few pages have."""
    missing = {ref.id for ref in refs}
    tasks = {name.partition("/execution/")[0] for name in missing}
    task = tasks.pop() if len(tasks) == 1 else None
    turns = pages(
        lambda token: m.ListTaskExecutionsRequest(
            task_arn=task, max_results=_PAGE, next_token=token
        ),
        refs[0],
        token=lambda page: page.next_token,
    )
    for turn in islice(turns, len(refs) // _DESCRIBES_A_PAGE):
        page = yield from turn
        for entry in listed(page.task_executions, "ListTaskExecutions"):
            statuses[entry.task_execution_arn or ""] = entry.status
        if missing <= statuses.keys():
            return


KIND: Final = Kind(
    TaskExecutionRef,
    errors=errors.DataSyncError,
    states={
        "QUEUED": State(Phase.PENDING),
        "LAUNCHING": State(Phase.RUNNING, then="PREPARING", after=10),
        "PREPARING": State(Phase.RUNNING, then="TRANSFERRING", after=30),
        "TRANSFERRING": State(Phase.RUNNING, then="VERIFYING", after=300),
        "VERIFYING": State(Phase.RUNNING, then="SUCCESS", after=60),
        "CANCELLING": State(Phase.CANCELING, then="ERROR", after=30),
        "SUCCESS": State(Phase.SUCCEEDED),
        "ERROR": State(Phase.FAILED),
    },
    cancel=Cancel(request=lambda ask: m.CancelTaskExecutionRequest(task_execution_arn=ask.id)),
    describe=Describe(
        request=lambda ref: m.DescribeTaskExecutionRequest(task_execution_arn=ref.id),
        detail=lambda answer: answer,
        id=lambda detail: detail.task_execution_arn,
    ),
    sights=_sights,
    list=List(
        request=lambda page: m.ListTaskExecutionsRequest(
            task_arn=page.wanted.task, max_results=_PAGE, next_token=page.token
        ),
        items=lambda page: page.task_executions,
        id=lambda entry, _: entry.task_execution_arn,
        status=lambda entry: entry.status,
        token=lambda page: page.next_token,
        by_status=False,
    ),
    look=Look(
        status=lambda detail: detail.status,
        times=lambda detail: (detail.start_time, detail.launch_time, detail.end_time),
        parent=lambda detail: (detail.task_execution_arn or "").partition("/execution/")[0] or None,
        failure=_failure,
        progress=lambda detail: Progress(
            done=detail.files_transferred,
            total=detail.estimated_files_to_transfer,
            unit="files",
            bytes_done=detail.bytes_written,
            bytes_total=detail.estimated_bytes_to_transfer,
        ),
    ),
    start=Start(
        request=lambda: m.StartTaskExecutionRequest,
        id=lambda answer: answer.task_execution_arn,
    ),
    answers={
        "ListTaskExecutions": _LIST,
        "StartTaskExecution": _START,
        "DescribeTask": _DESCRIBE_TASK,
        "ListTasks": Expected(member="Tasks"),
    },
    repair=_restart,
    names=lambda: [name(m.DescribeTaskResponse, lambda answer: answer.current_task_execution_arn)],
    forms={
        "task": Form(
            _TASK,
            128,
            "the ARN of a DataSync task",
            "arn:aws:datasync:us-east-1:123456789012:task/task-0123456789abcdef0",
        ),
    },
    aftermath=Aftermath(
        done=Fate.UNDOCUMENTED,
        in_flight=Fate.CUT_OFF,
        to_come=Fate.UNDOCUMENTED,
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
        Permission("datasync:CancelTaskExecution", "cancel", _EXECUTION),
        Permission("datasync:DescribeTaskExecution", "wait list restart", _EXECUTION),
        Permission("datasync:ListTaskExecutions", "wait list"),
        Permission("datasync:StartTaskExecution", "restart", _OF_TASK),
    ),
)
"""Executions of DataSync tasks."""
