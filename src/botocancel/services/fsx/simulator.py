"""A simulated Amazon FSx: data repository tasks, as AWS documents them.

Where AWS documents nothing, the behaviour is a setting of `FSxSettings`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final

import attrs

from botocancel.services._simulator import (
    Lifecycle,
    ServiceSimulator,
    SimulatedError,
    SimulatorSettings,
    Step,
    operation,
)
from botocancel.services.fsx import errors
from botocancel.services.fsx._simulated import (
    FILTERED,
    FSxSettings,
    SimulatedDataRepositoryTask,
    described,
)
from botocancel.services.fsx.models import (
    CancelDataRepositoryTaskRequest,
    CancelDataRepositoryTaskResponse,
    CompletionReport,
    CreateDataRepositoryTaskRequest,
    CreateDataRepositoryTaskResponse,
    DataRepositoryTask,
    DataRepositoryTaskLifecycle,
    DataRepositoryTaskType,
    DescribeDataRepositoryTasksRequest,
    DescribeDataRepositoryTasksResponse,
)
from botocancel.services.fsx.patterns import TASK_ID_LENGTH, TASK_ID_PATTERN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from botocancel.services._simulator import Operation, View
    from botocancel.services.fsx.errors import FSxError
    from botocancel.services.fsx.models import DataRepositoryTaskFilter

__all__ = ["SIMULATOR", "FSxSettings", "FSxSimulator", "SimulatedDataRepositoryTask"]

_TASK_ID: Final = re.compile(TASK_ID_PATTERN)
_PAGE: Final = 50
_MESSAGE: Final = 256

_TEXTS: Final[Mapping[type[FSxError], str]] = {
    errors.DataRepositoryTaskEnded: "The task has ended; there is nothing to cancel.",
    errors.DataRepositoryTaskExecuting: "Another task is running on the file system.",
    errors.DataRepositoryTaskNotFound: "There is no such data repository task.",
    errors.FileSystemNotFound: "There is no such file system.",
    errors.UnsupportedOperation: "This task does not support the operation.",
}
"""What is said with the errors; AWS's own words are not documented as fixed."""

_CANCEL_AGAIN: Final[Mapping[str, type[FSxError] | None]] = {
    "accept": None,
    "ended": errors.DataRepositoryTaskEnded,
    "unsupported": errors.UnsupportedOperation,
}
"""The error that refuses the cancel of a task that is being cancelled, if one does."""


class FSxSimulator(ServiceSimulator[SimulatedDataRepositoryTask, FSxSettings]):
    """Amazon FSx for Lustre and Amazon File Cache, for one account in one region."""

    service: ClassVar[str] = "fsx"
    settings_type: ClassVar[type[SimulatorSettings]] = FSxSettings
    lifecycle: ClassVar[Lifecycle] = Lifecycle(
        steps={
            "PENDING": Step("EXECUTING", after=10.0),
            "EXECUTING": Step("SUCCEEDED", after=300.0),
            "CANCELING": Step("CANCELED", after=20.0),
        },
        cancelable=frozenset({"PENDING", "EXECUTING"}),
        canceling="CANCELING",
        canceled="CANCELED",
        succeeded="SUCCEEDED",
        failed="FAILED",
    )

    def _prepare(self) -> None:
        self.file_systems: list[str] = []
        """The ids of the file systems there are."""
        self._asked: dict[str, tuple[CreateDataRepositoryTaskRequest, str]] = {}

    def operations(self) -> tuple[Operation, ...]:
        """Return the table of what FSx answers here."""
        return (
            operation(
                CancelDataRepositoryTaskRequest,
                self._cancel,
                "cancel",
                lambda request: request.task_id,
            ),
            operation(DescribeDataRepositoryTasksRequest, self._describe, "read"),
            operation(CreateDataRepositoryTaskRequest, self._create, "other"),
        )

    def malformed(self, text: str) -> SimulatedError:
        """Return a ``BadRequest``."""
        return _refusal(errors.BadRequest, text)

    def internal_error(self, text: str) -> SimulatedError:
        """Return an ``InternalServerError``."""
        return SimulatedError(errors.InternalServerError.__name__, text, 500)

    def start(self, status: str | None = None) -> str:
        """Make an export, on a file system of its own."""
        return self.create_task(status=status)

    def create_file_system(self) -> str:
        """Make a file system, linked to a data repository, and return its id."""
        self.file_systems.append(self.new_id("fs-"))
        return self.file_systems[-1]

    def create_task(
        self,
        *,
        type: str = "EXPORT_TO_REPOSITORY",  # noqa: A002  (AWS's name)
        status: str | None = None,
        file_system_id: str | None = None,
        association_id: str | None = None,
        files: int | None = None,
        capacity_to_release: int = 100,
        seconds: Mapping[str, float] | None = None,
        fails: bool = False,
        failure: str | None = None,
        cancelable: bool = True,
    ) -> str:
        """Make a task without a request, whatever else is running, and return its id.

        Args:
            type: The type of the task; an ``AUTO_RELEASE_DATA`` one belongs to a file cache.
            status: Where it is now, by the usual way; None for PENDING.
            file_system_id: Its file system; None for a new one.
            association_id: Its data repository association, for filters.
            files: How many files it processes; None for what the settings say.
            capacity_to_release: GiB that an ``AUTO_RELEASE_DATA`` task releases.
            seconds: How long it stays in each status, where not as the settings say.
            fails: Whether it fails where its work would be done.
            failure: What FSx says went wrong, if it fails.
            cancelable: Whether a cancel is not refused with ``UnsupportedOperation``.

        Raises:
            ValueError: There is no such status.
        """
        if type == DataRepositoryTaskType.AUTO_RELEASE_DATA:
            facts = attrs.evolve(
                self._facts(type),
                file_cache_id=self.new_id("fc-"),
                capacity_to_release=capacity_to_release,
            )
        else:
            facts = attrs.evolve(
                self._facts(type), file_system_id=file_system_id or self.create_file_system()
            )
        task = SimulatedDataRepositoryTask(
            id=facts.task_id,
            facts=facts,
            association_id=association_id,
            files=self.settings.files if files is None else files,
            seconds=self.durations(seconds),
            fails=fails,
            failure=failure,
            cancelable=cancelable,
        )
        self._add(task, "PENDING")
        self._lead(task, status)
        return task.id

    def _facts(self, type_: str) -> DataRepositoryTask:
        task_id = self.new_id("task-")
        return DataRepositoryTask(
            task_id=task_id,
            lifecycle=DataRepositoryTaskLifecycle.PENDING,
            type=DataRepositoryTaskType(type_),
            creation_time=self.clock.now,
            resource_arn=self.place.arn(self.service, f"task/{task_id}"),
            report=CompletionReport(enabled=False),
        )

    def _cancel(self, request: CancelDataRepositoryTaskRequest) -> CancelDataRepositoryTaskResponse:
        task = self._visible(_task_id(request.task_id))
        if task is None:
            raise self._not_found()
        if self._ended(task):
            raise _refusal(errors.DataRepositoryTaskEnded)
        if not task.cancelable:
            raise _refusal(errors.UnsupportedOperation)
        if task.status in self.lifecycle.cancelable:
            self._stop(task)
        elif (error := _CANCEL_AGAIN[self.settings.cancel_again]) is not None:
            raise _refusal(error)
        shown = self._conditions.status or DataRepositoryTaskLifecycle.CANCELING
        named = self.settings.cancel_names_lifecycle
        return CancelDataRepositoryTaskResponse(
            task_id=task.id,
            lifecycle=DataRepositoryTaskLifecycle(shown) if named else None,
        )

    def _describe(
        self, request: DescribeDataRepositoryTasksRequest
    ) -> DescribeDataRepositoryTasksResponse:
        if request.task_ids and request.filters:
            msg = "TaskIds and Filters are not used together"
            raise self.malformed(msg)
        views = self._selected(request.task_ids) if request.task_ids else self._filtered(request)
        page, token = self._page(
            views,
            lambda view: view.task.number,
            min(request.max_results or _PAGE, _PAGE),
            request.next_token,
            (request.task_ids, request.filters),
        )
        return DescribeDataRepositoryTasksResponse(
            data_repository_tasks=tuple([described(view) for view in page]), next_token=token
        )

    def _selected(self, task_ids: Sequence[str]) -> list[View[SimulatedDataRepositoryTask]]:
        """Return the tasks of these ids, in the order they were made."""
        if len(task_ids) > _PAGE:
            msg = f"TaskIds holds {len(task_ids)} ids, more than {_PAGE}"
            raise self.malformed(msg)
        wanted = {_task_id(task_id) for task_id in task_ids}
        found = self._views(self.tasks[task_id] for task_id in wanted & self.tasks.keys())
        if len(found) < len(wanted) and self.settings.unknown_ids == "refuse":
            raise self._not_found()
        return sorted(found, key=lambda view: view.task.number)

    def _filtered(
        self, request: DescribeDataRepositoryTasksRequest
    ) -> list[View[SimulatedDataRepositoryTask]]:
        """Return the tasks that pass every filter; one passes by any of its values."""
        tests = [_test_of(rule) for rule in request.filters or ()]
        views = self._views(self.tasks.values())
        return [view for view in views if all(test(view) for test in tests)]

    def _create(self, request: CreateDataRepositoryTaskRequest) -> CreateDataRepositoryTaskResponse:
        task = self._made_before(request) or self._made(request)
        view = self._view(task, lag=0)
        return CreateDataRepositoryTaskResponse(
            data_repository_task=None if view is None else described(view)
        )

    def _made_before(
        self, request: CreateDataRepositoryTaskRequest
    ) -> SimulatedDataRepositoryTask | None:
        """Return the task that the same request made before, told by its token."""
        earlier = self._asked.get(request.client_request_token or "")
        if earlier is None:
            return None
        before, now = earlier[0].to_wire(), request.to_wire()
        differing = sorted(
            name for name in before.keys() | now.keys() if before.get(name) != now.get(name)
        )
        if differing:
            msg = "The client request token was used before, with different parameters."
            raise _refusal(errors.IncompatibleParameterError, msg, {"Parameter": differing[0]})
        return self.tasks[earlier[1]]

    def _made(self, request: CreateDataRepositoryTaskRequest) -> SimulatedDataRepositoryTask:
        self._check(request)
        facts = attrs.evolve(
            self._facts(request.type),
            file_system_id=request.file_system_id,
            paths=request.paths,
            tags=request.tags,
            report=request.report,
            release_configuration=request.release_configuration,
        )
        task = SimulatedDataRepositoryTask(
            id=facts.task_id,
            facts=facts,
            files=self.settings.files,
            seconds=self.durations(None),
        )
        self._add(task, "PENDING")
        if request.client_request_token:
            self._asked[request.client_request_token] = (request, task.id)
        return task

    def _check(self, request: CreateDataRepositoryTaskRequest) -> None:
        """Refuse what cannot be made.

        Raises:
            SimulatedError: As AWS documents it.
        """
        report = request.report
        if report.enabled and None in (report.path, report.format, report.scope):
            msg = "An enabled report needs Path, Format and Scope"
            raise self.malformed(msg)
        if request.type == DataRepositoryTaskType.AUTO_RELEASE_DATA:
            raise _refusal(errors.UnsupportedOperation)
        if request.file_system_id not in self.file_systems:
            raise _refusal(errors.FileSystemNotFound)
        of_file_system = (
            task
            for task in self.tasks.values()
            if task.facts.file_system_id == request.file_system_id
        )
        if not all(self._ended(task) for task in of_file_system):
            raise _refusal(errors.DataRepositoryTaskExecuting)

    def _not_found(self) -> SimulatedError:
        error = errors.BY_CODE[self.settings.not_found_code]
        return _refusal(error, _TEXTS[errors.DataRepositoryTaskNotFound])


def _refusal(
    error: type[FSxError], text: str | None = None, members: Mapping[str, object] | None = None
) -> SimulatedError:
    return SimulatedError(error.__name__, (text or _TEXTS[error])[:_MESSAGE], members=members)


def _task_id(text: str) -> str:
    """Insist on the form of a task id.

    Raises:
        SimulatedError: The text has another form.
    """
    if len(text) <= TASK_ID_LENGTH[1] and _TASK_ID.fullmatch(text):
        return text
    raise _refusal(errors.BadRequest, f"{text!r} is not the id of a data repository task")


def _test_of(
    rule: DataRepositoryTaskFilter,
) -> Callable[[View[SimulatedDataRepositoryTask]], bool]:
    look = FILTERED.get(rule.name or "")
    values = rule.values
    if look is None or not values:
        msg = f"A filter needs a Name, one of {', '.join(FILTERED)}, and Values"
        raise _refusal(errors.BadRequest, msg)
    return lambda view: look(view) in values


SIMULATOR: Final = FSxSimulator
