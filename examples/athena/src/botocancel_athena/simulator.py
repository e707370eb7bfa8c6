"""A simulated Amazon Athena: query executions, as AWS documents them.

Where AWS documents nothing, the behaviour is a setting of `AthenaSettings`.
"""

from __future__ import annotations

import uuid
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, Literal

import attrs

from botocancel.testing.simulators import (
    Lifecycle,
    ServiceSimulator,
    SimulatedError,
    SimulatedTask,
    SimulatorSettings,
    Step,
    operation,
)
from botocancel_athena import errors
from botocancel_athena.models import (
    AthenaError,
    BatchGetQueryExecutionRequest,
    BatchGetQueryExecutionResponse,
    GetQueryExecutionRequest,
    GetQueryExecutionResponse,
    ListQueryExecutionsRequest,
    ListQueryExecutionsResponse,
    ListWorkGroupsRequest,
    ListWorkGroupsResponse,
    QueryExecution,
    QueryExecutionState,
    QueryExecutionStatistics,
    QueryExecutionStatus,
    StartQueryExecutionRequest,
    StartQueryExecutionResponse,
    StopQueryExecutionRequest,
    StopQueryExecutionResponse,
    UnprocessedQueryExecutionId,
    WorkGroupSummary,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocancel.testing.simulators import Operation, View

__all__ = ["SIMULATOR", "AthenaSettings", "AthenaSimulator", "SimulatedQuery"]

_PAGE: Final = 50
_PRIMARY: Final = "primary"
_MILLISECONDS: Final = 1000


@attrs.frozen(kw_only=True)
class AthenaSettings(SimulatorSettings):
    """How the simulated Athena behaves, where that is free or not known."""

    stop_of_ended: Literal["accept", "refuse"] = "accept"
    """What becomes of the stop of a query that has ended: AWS does not say."""
    stop_takes: float = 2.0
    """Seconds from an accepted stop to CANCELLED; no status tells of them."""
    not_found_text: str = "QueryExecution {id} was not found"
    """The words of the ``InvalidRequestException`` for an unknown id; AWS documents none."""
    size: int = 10**9
    """How many bytes a new query scans."""


@attrs.define(kw_only=True, eq=False)
class SimulatedQuery(SimulatedTask):
    """A query execution."""

    facts: QueryExecution
    """What stays as it is as long as the query execution exists."""
    size: int


class AthenaSimulator(ServiceSimulator[SimulatedQuery, AthenaSettings]):
    """Amazon Athena, for one account in one region."""

    service: ClassVar[str] = "athena"
    settings_type: ClassVar[type[SimulatorSettings]] = AthenaSettings
    lifecycle: ClassVar[Lifecycle] = Lifecycle(
        steps={"QUEUED": Step("RUNNING", after=5.0), "RUNNING": Step("SUCCEEDED", after=300.0)},
        cancelable=frozenset({"QUEUED", "RUNNING"}),
        canceling=None,
        canceled="CANCELLED",
        succeeded="SUCCEEDED",
        failed="FAILED",
    )

    def _prepare(self) -> None:
        self.work_groups = [_PRIMARY]
        self._asked: dict[str, tuple[StartQueryExecutionRequest, str]] = {}

    def operations(self) -> tuple[Operation, ...]:
        """Return the table of what Athena answers here."""
        return (
            operation(
                StopQueryExecutionRequest,
                self._stop_query,
                "cancel",
                lambda request: request.query_execution_id,
            ),
            operation(
                GetQueryExecutionRequest,
                self._get,
                "read",
                lambda request: request.query_execution_id,
            ),
            operation(BatchGetQueryExecutionRequest, self._batch_get, "read"),
            operation(ListQueryExecutionsRequest, self._list, "read"),
            operation(ListWorkGroupsRequest, self._list_work_groups, "read"),
            operation(StartQueryExecutionRequest, self._start, "other"),
        )

    def malformed(self, text: str) -> SimulatedError:
        """Return an ``InvalidRequestException``."""
        return SimulatedError(errors.InvalidRequestException.__name__, text)

    def internal_error(self, text: str) -> SimulatedError:
        """Return an ``InternalServerException``."""
        return SimulatedError(errors.InternalServerException.__name__, text, 500)

    def create_work_group(self, name: str) -> None:
        """Make a workgroup, besides the primary one."""
        self.work_groups.append(name)

    def start(self, status: str | None = None) -> str:
        """Start a query in the primary workgroup."""
        return self.start_query(status=status)

    def start_query(
        self,
        query: str = "SELECT 1",
        *,
        status: str | None = None,
        work_group: str = _PRIMARY,
        size: int | None = None,
        seconds: Mapping[str, float] | None = None,
        fails: bool = False,
        failure: str | None = None,
    ) -> str:
        """Start a query without a request, and return its id.

        Args:
            query: The SQL.
            status: Where it is now, by the usual way; None for QUEUED.
            work_group: Its workgroup.
            size: How many bytes it scans; None for what the settings say.
            seconds: How long it stays in each status, where not as the settings say.
            fails: Whether it fails where its work would be done.
            failure: What Athena says went wrong, if it fails.

        Raises:
            ValueError: There is no such status.
        """
        task_id = str(uuid.UUID(int=self._random.getrandbits(128), version=4))
        task = SimulatedQuery(
            id=task_id,
            facts=QueryExecution(query_execution_id=task_id, query=query, work_group=work_group),
            size=self.settings.size if size is None else size,
            seconds=self.durations(seconds),
            fails=fails,
            failure=failure,
        )
        self._add(task, "QUEUED")
        self._lead(task, status)
        return task.id

    def _stop_query(self, request: StopQueryExecutionRequest) -> StopQueryExecutionResponse:
        task = self._visible(request.query_execution_id)
        if task is None:
            raise self._not_found(request.query_execution_id)
        if not self._ended(task):
            self._stop(task)
        elif self.settings.stop_of_ended == "refuse":
            msg = f"QueryExecution {task.id} has ended"
            raise self.malformed(msg)
        return StopQueryExecutionResponse()

    def _stop(self, task: SimulatedQuery) -> None:
        """Let an accepted stop take effect some seconds later, unless the query ends first."""
        if not self._conditions.ignores_cancel:
            self.clock.call_in(self.settings.stop_takes, partial(self._stopped, task))

    def _stopped(self, task: SimulatedQuery) -> None:
        if not self._ended(task):
            self._move(task, self.lifecycle.canceled, "cancel")

    def _get(self, request: GetQueryExecutionRequest) -> GetQueryExecutionResponse:
        found = self._seen((request.query_execution_id,))
        if not found:
            raise self._not_found(request.query_execution_id)
        return GetQueryExecutionResponse(query_execution=found[request.query_execution_id])

    def _batch_get(self, request: BatchGetQueryExecutionRequest) -> BatchGetQueryExecutionResponse:
        found = self._seen(request.query_execution_ids)
        missing = [name for name in request.query_execution_ids if name not in found]
        return BatchGetQueryExecutionResponse(
            query_executions=tuple(found.values()),
            unprocessed_query_execution_ids=tuple(
                UnprocessedQueryExecutionId(
                    query_execution_id=name, error_message=self._not_found(name).message
                )
                for name in missing
            ),
        )

    def _seen(self, ids: tuple[str, ...]) -> dict[str, QueryExecution]:
        """Describe those of some query executions that a read sees."""
        views = self._views(self.tasks[name] for name in ids if name in self.tasks)
        return {view.task.id: described(view) for view in views}

    def _list(self, request: ListQueryExecutionsRequest) -> ListQueryExecutionsResponse:
        group = self._work_group(request.work_group)
        page, token = self._page(
            self._views(task for task in self.tasks.values() if task.facts.work_group == group),
            lambda view: view.task.number,
            min(request.max_results or _PAGE, _PAGE),
            request.next_token,
            ("queries", group),
        )
        ids = tuple(view.task.id for view in page)
        return ListQueryExecutionsResponse(query_execution_ids=ids or None, next_token=token)

    def _list_work_groups(self, request: ListWorkGroupsRequest) -> ListWorkGroupsResponse:
        page, token = self._page(
            self.work_groups,
            self.work_groups.index,
            min(request.max_results or _PAGE, _PAGE),
            request.next_token,
            "work groups",
        )
        groups = tuple(WorkGroupSummary(name=name) for name in page)
        return ListWorkGroupsResponse(work_groups=groups, next_token=token)

    def _start(self, request: StartQueryExecutionRequest) -> StartQueryExecutionResponse:
        token = request.client_request_token or ""
        before, task_id = self._asked.get(token, (None, ""))
        if before is None:
            group = self._work_group(request.work_group)
            task_id = self.start_query(request.query_string, work_group=group)
            if token:
                self._asked[token] = request, task_id
        elif before != request:
            msg = "Idempotent parameters do not match"
            raise self.malformed(msg)
        return StartQueryExecutionResponse(query_execution_id=task_id)

    def _work_group(self, name: str | None) -> str:
        """Return the workgroup of a request.

        Raises:
            SimulatedError: There is no such workgroup.
        """
        group = name or _PRIMARY
        if group not in self.work_groups:
            msg = f"WorkGroup {group} is not found."
            raise self.malformed(msg)
        return group

    def _not_found(self, task_id: str) -> SimulatedError:
        return self.malformed(self.settings.not_found_text.format(id=task_id))


def described(view: View[SimulatedQuery]) -> QueryExecution:
    """Return the query execution as Athena describes it."""
    task = view.task
    ended = view.status in AthenaSimulator.lifecycle.ended
    failure = None
    if view.status == QueryExecutionState.FAILED:
        failure = task.failure or "The query failed."
    return attrs.evolve(
        task.facts,
        status=QueryExecutionStatus(
            state=QueryExecutionState(view.shown),
            state_change_reason=failure,
            submission_date_time=task.changes[0].time,
            completion_date_time=view.changes[-1].time if ended else None,
            athena_error=AthenaError(error_message=failure) if failure else None,
        ),
        statistics=QueryExecutionStatistics(
            data_scanned_in_bytes=int(task.size * view.share("RUNNING")),
            query_queue_time_in_millis=int(_MILLISECONDS * view.spent("QUEUED")),
            engine_execution_time_in_millis=int(_MILLISECONDS * view.spent("RUNNING")),
        ),
    )


SIMULATOR: Final = AthenaSimulator
