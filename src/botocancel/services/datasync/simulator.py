"""A simulated AWS DataSync: tasks and their executions, as AWS documents them.

Where AWS documents nothing, the behaviour is a setting of `DataSyncSettings`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final

import attrs

from botocancel.refs import any_partition
from botocancel.services._simulator import (
    Lifecycle,
    ServiceSimulator,
    SimulatedError,
    SimulatorSettings,
    Step,
    operation,
)
from botocancel.services.datasync import errors
from botocancel.services.datasync._simulated import (
    DEFAULT_OPTIONS,
    DataSyncSettings,
    Refusal,
    SimulatedExecution,
    SimulatedTransferTask,
    described,
    overridden,
    passes,
    refused,
)
from botocancel.services.datasync.models import (
    CancelTaskExecutionRequest,
    CancelTaskExecutionResponse,
    DescribeTaskExecutionRequest,
    DescribeTaskExecutionResponse,
    DescribeTaskRequest,
    DescribeTaskResponse,
    FilterRule,
    ListTaskExecutionsRequest,
    ListTaskExecutionsResponse,
    ListTasksRequest,
    ListTasksResponse,
    Options,
    StartTaskExecutionRequest,
    StartTaskExecutionResponse,
    TaskExecutionListEntry,
    TaskExecutionStatus,
    TaskListEntry,
    TaskMode,
    TaskQueueing,
    TaskStatus,
)
from botocancel.services.datasync.patterns import TASK_ARN_PATTERN, TASK_EXECUTION_ARN_PATTERN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from botocancel.services._simulator import Operation, View

__all__ = [
    "SIMULATOR",
    "DataSyncSettings",
    "DataSyncSimulator",
    "Refusal",
    "SimulatedExecution",
    "SimulatedTransferTask",
]

_TASK_ARN: Final = re.compile(any_partition(TASK_ARN_PATTERN))
_EXECUTION_ARN: Final = re.compile(any_partition(TASK_EXECUTION_ARN_PATTERN))
_PAGE: Final = 100


class DataSyncSimulator(ServiceSimulator[SimulatedExecution, DataSyncSettings]):
    """AWS DataSync, for one account in one region."""

    service: ClassVar[str] = "datasync"
    settings_type: ClassVar[type[SimulatorSettings]] = DataSyncSettings
    lifecycle: ClassVar[Lifecycle] = Lifecycle(
        steps={
            "LAUNCHING": Step("PREPARING", after=10.0),
            "PREPARING": Step("TRANSFERRING", after=30.0),
            "TRANSFERRING": Step("VERIFYING", after=300.0),
            "VERIFYING": Step("SUCCESS", after=60.0),
            "CANCELLING": Step("ERROR", after=30.0),
        },
        cancelable=frozenset({"QUEUED", "LAUNCHING", "PREPARING", "TRANSFERRING", "VERIFYING"}),
        canceling="CANCELLING",
        canceled="ERROR",
        succeeded="SUCCESS",
        failed="ERROR",
    )

    def _prepare(self) -> None:
        self.transfer_tasks: dict[str, SimulatedTransferTask] = {}
        """The tasks, by ARN, in the order they were made; `tasks` holds their executions."""

    def operations(self) -> tuple[Operation, ...]:
        """Return the table of what DataSync answers here."""
        return (
            operation(
                CancelTaskExecutionRequest,
                self._cancel,
                "cancel",
                lambda request: request.task_execution_arn,
            ),
            operation(
                DescribeTaskExecutionRequest,
                self._describe_execution,
                "read",
                lambda request: request.task_execution_arn,
            ),
            operation(ListTaskExecutionsRequest, self._list_executions, "read"),
            operation(StartTaskExecutionRequest, self._start, "other"),
            operation(DescribeTaskRequest, self._describe_task, "read"),
            operation(ListTasksRequest, self._list_tasks, "read"),
        )

    def malformed(self, text: str) -> SimulatedError:
        """Return an ``InvalidRequestException`` of the code ``InvalidParameter``."""
        return refused(Refusal(f"Invalid parameter: {text}", "InvalidParameter"))

    def internal_error(self, text: str) -> SimulatedError:
        """Return an ``InternalException``."""
        return SimulatedError(errors.InternalException.__name__, text, 500)

    def start(self, status: str | None = None) -> str:
        """Start an execution of a task of its own."""
        return self.start_execution(status=status)

    def create_task(
        self,
        *,
        name: str | None = None,
        mode: str = "BASIC",
        options: Options | None = None,
        includes: Iterable[FilterRule] = (),
        excludes: Iterable[FilterRule] = (),
    ) -> str:
        """Make a DataSync task, between two locations of its own, and return its ARN.

        Args:
            name: Its name.
            mode: ``BASIC`` or ``ENHANCED``.
            options: What differs from the defaults that AWS documents.
            includes: Its include filter, one rule at most.
            excludes: Its exclude filter, one rule at most.
        """
        with self.clock.lock:
            arn = self.place.arn(self.service, f"task/{self.new_id('task-')}")
            facts = DescribeTaskResponse(
                task_arn=arn,
                name=name,
                source_location_arn=self._location(),
                destination_location_arn=self._location(),
                options=overridden(DEFAULT_OPTIONS, options),
                includes=tuple(includes),
                excludes=tuple(excludes),
                creation_time=self.clock.now,
                task_mode=TaskMode(mode),
            )
            self.transfer_tasks[arn] = SimulatedTransferTask(
                facts=facts, arn=arn, created_at=self.clock.now, number=len(self.transfer_tasks)
            )
        return arn

    def start_execution(
        self,
        task_arn: str | None = None,
        *,
        status: str | None = None,
        files: int | None = None,
        size: int | None = None,
        seconds: Mapping[str, float] | None = None,
        fails: bool = False,
        failure: str | None = None,
        failure_code: str | None = None,
        cancelable: bool = True,
    ) -> str:
        """Start an execution without a request, and return its ARN.

        Args:
            task_arn: The task; None for a new one. While another of its executions
                runs, the new one is QUEUED.
            status: Where it is now, by the usual way; None for LAUNCHING or QUEUED.
            files: How many files it transfers; None for what the settings say.
            size: How many bytes it transfers; None for what the settings say.
            seconds: How long it stays in each status, where not as the settings say.
            fails: Whether it fails where its work would be done.
            failure: What ``Result.ErrorDetail`` says, if it fails.
            failure_code: What ``Result.ErrorCode`` says, if it fails.
            cancelable: Whether a cancel is not refused.

        Raises:
            KeyError: There is no such task.
            ValueError: There is no such status, or it is not reached from QUEUED.
        """
        with self.clock.lock:
            of = self.transfer_tasks[task_arn or self.create_task()]
            execution = self._new_execution(of, StartTaskExecutionRequest(task_arn=of.arn))
            execution.files = execution.files if files is None else files
            execution.size = execution.size if size is None else size
            execution.seconds = self.durations(seconds)
            execution.fails = fails
            execution.failure = failure
            execution.failure_code = failure_code
            execution.cancelable = cancelable
            self._begin(execution)
            self._lead(execution, status)
        return execution.id

    def _new_execution(
        self, of: SimulatedTransferTask, request: StartTaskExecutionRequest
    ) -> SimulatedExecution:
        arn = f"{of.arn}/execution/{self.new_id('exec-')}"
        facts = DescribeTaskExecutionResponse(
            task_execution_arn=arn,
            options=overridden(of.facts.options or Options(), request.override_options),
            includes=of.facts.includes if request.includes is None else request.includes,
            excludes=of.facts.excludes if request.excludes is None else request.excludes,
            manifest_config=request.manifest_config,
            task_report_config=request.task_report_config,
            start_time=self.clock.now,
            task_mode=of.facts.task_mode,
        )
        return SimulatedExecution(
            id=arn,
            facts=facts,
            of=of,
            files=self.settings.files,
            size=self.settings.size,
            seconds=self.durations(None),
        )

    def _begin(self, execution: SimulatedExecution) -> None:
        queued = any(self._runs(other) for other in execution.of.executions)
        execution.of.executions.append(execution)
        self._add(execution, "QUEUED" if queued else "LAUNCHING")

    def _runs(self, execution: SimulatedExecution) -> bool:
        return execution.launched and not self._ended(execution)

    def _moved(self, task: SimulatedExecution) -> None:
        """Launch the execution that is next in the queue where one has ended."""
        siblings = task.of.executions
        if self._ended(task) and not any(self._runs(other) for other in siblings):
            queued = (other for other in siblings if other.status == TaskExecutionStatus.QUEUED)
            following = next(queued, None)
            if following is not None:
                self._move(following, "LAUNCHING", "queue")

    def _cancel(self, request: CancelTaskExecutionRequest) -> CancelTaskExecutionResponse:
        execution = self._execution(request.task_execution_arn)
        refusal = None
        if self._ended(execution):
            refusal = self.settings.ended
        elif not execution.cancelable:
            refusal = self.settings.not_cancelable
        elif execution.status in self.lifecycle.cancelable:
            self._stop(execution)
        elif self.settings.cancel_again == "refuse":
            refusal = self.settings.canceling
        if refusal is not None:
            raise refused(refusal, execution.id, execution.status)
        return CancelTaskExecutionResponse()

    def _describe_execution(
        self, request: DescribeTaskExecutionRequest
    ) -> DescribeTaskExecutionResponse:
        view = self._view(self._execution(request.task_execution_arn))
        if view is None:
            raise refused(self.settings.execution_not_found, request.task_execution_arn)
        return described(view, self.settings)

    def _list_executions(self, request: ListTaskExecutionsRequest) -> ListTaskExecutionsResponse:
        listed: Iterable[SimulatedExecution] = self.tasks.values()
        if request.task_arn is not None:
            listed = self._transfer_task(request.task_arn).executions
        page, token = self._page(
            self._views(listed),
            lambda view: view.task.number,
            min(request.max_results or _PAGE, _PAGE),
            request.next_token,
            ("executions", request.task_arn),
        )
        entries = [
            TaskExecutionListEntry(
                task_execution_arn=view.task.id,
                status=TaskExecutionStatus(view.shown),
                task_mode=view.task.facts.task_mode,
            )
            for view in page
        ]
        return ListTaskExecutionsResponse(task_executions=tuple(entries), next_token=token)

    def _start(self, request: StartTaskExecutionRequest) -> StartTaskExecutionResponse:
        of = self._transfer_task(request.task_arn)
        execution = self._new_execution(of, request)
        options = execution.facts.options or Options()
        busy = any(self._runs(other) for other in of.executions)
        if busy and options.task_queueing == TaskQueueing.DISABLED:
            raise refused(self.settings.queueing_disabled, of.arn)
        self._begin(execution)
        return StartTaskExecutionResponse(task_execution_arn=execution.id)

    def _describe_task(self, request: DescribeTaskRequest) -> DescribeTaskResponse:
        task = self._transfer_task(request.task_arn)
        views = self._views(task.executions)
        running = [view for view in views if self._is_running(view)]
        current = (running or views)[-1:]
        return attrs.evolve(
            task.facts,
            status=self._task_status(views),
            current_task_execution_arn=current[0].task.id if current else None,
        )

    def _list_tasks(self, request: ListTasksRequest) -> ListTasksResponse:
        tasks = list(self.transfer_tasks.values())
        try:
            for rule in request.filters or ():
                tasks = [task for task in tasks if passes(task, rule)]
        except ValueError as error:
            raise self.malformed(str(error)) from None
        page, token = self._page(
            tasks,
            lambda task: task.number,
            min(request.max_results or _PAGE, _PAGE),
            request.next_token,
            ("tasks", request.filters),
        )
        entries = [
            TaskListEntry(
                task_arn=task.arn,
                status=self._task_status(self._views(task.executions)),
                name=task.facts.name,
                task_mode=task.facts.task_mode,
            )
            for task in page
        ]
        return ListTasksResponse(tasks=tuple(entries), next_token=token)

    def _is_running(self, view: View[SimulatedExecution]) -> bool:
        return bool(view.entered("LAUNCHING")) and view.status not in self.lifecycle.ended

    def _task_status(self, views: Iterable[View[SimulatedExecution]]) -> TaskStatus:
        open_ = [view for view in views if view.status not in self.lifecycle.ended]
        if not open_:
            return TaskStatus.AVAILABLE
        running = any(self._is_running(view) for view in open_)
        return TaskStatus.RUNNING if running else TaskStatus.QUEUED

    def _execution(self, arn: str) -> SimulatedExecution:
        """Return the execution of an ARN.

        Raises:
            SimulatedError: The ARN is malformed, of another account, or unknown.
        """
        self._check_arn(arn, _EXECUTION_ARN)
        execution = self._visible(arn)
        if execution is None:
            raise refused(self.settings.execution_not_found, arn)
        return execution

    def _transfer_task(self, arn: str) -> SimulatedTransferTask:
        """Return the task of an ARN.

        Raises:
            SimulatedError: The ARN is malformed, of another account, or unknown.
        """
        self._check_arn(arn, _TASK_ARN)
        task = self.transfer_tasks.get(arn)
        if task is None:
            raise refused(self.settings.task_not_found, arn)
        return task

    def _check_arn(self, arn: str, form: re.Pattern[str]) -> None:
        if not form.fullmatch(arn):
            msg = f"{arn!r} is malformed."
            raise self.malformed(msg)
        if arn.split(":")[4] != self.place.account:
            msg = "ARN account () must match authenticated user."
            raise self.malformed(msg)

    def _location(self) -> str:
        return self.place.arn(self.service, f"location/{self.new_id('loc-')}")


SIMULATOR: Final = DataSyncSimulator
