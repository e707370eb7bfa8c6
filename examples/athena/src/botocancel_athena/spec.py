"""Amazon Athena query executions, as a service of botocancel."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from botocancel.effects import call, together
from botocancel.errors import BotocancelError, InvalidRequest, InvalidResponse, ServiceError
from botocancel.phases import Phase
from botocancel.refs import TaskRef
from botocancel.results import Aftermath, Fate, Progress, TaskSnapshot
from botocancel.services import Expected, Permission, Service, Sight, listed, pages
from botocancel_athena import errors, models
from botocancel_athena.models import (
    BatchGetQueryExecutionRequest,
    GetQueryExecutionRequest,
    ListQueryExecutionsRequest,
    ListWorkGroupsRequest,
    QueryExecution,
    QueryExecutionState,
    QueryExecutionStatus,
    StopQueryExecutionRequest,
    StopQueryExecutionResponse,
)
from botocancel_athena.refs import QueryExecutionRef

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from botocancel import Request, Shape
    from botocancel.effects import Flow
    from botocancel.services import ExpectedAnswers, Wanted

__all__ = ["SERVICE", "Athena"]

MODELS: Final[Mapping[str, object]] = {
    "client": "athena",
    "title": "Amazon Athena",
    "prefix": "Athena",
    "reference": "https://docs.aws.amazon.com/athena/latest/APIReference",
    "operations": [
        "StopQueryExecution",
        "GetQueryExecution",
        "BatchGetQueryExecution",
        "ListQueryExecutions",
        "ListWorkGroups",
    ],
    "start": ["StartQueryExecution"],
    "typed": [
        "QueryExecutionState",
        "QueryExecutionStatus",
        "QueryExecutionStatistics",
        "AthenaError",
    ],
    "errors": {
        "InternalServerException": "InternalException",
        "InvalidRequestException": "InvalidRequest",
        "TooManyRequestsException": "Throttled",
    },
}
"""What ``python -m botocancel.generate`` writes ``models.py`` and ``errors.py`` from."""

_Ref: TypeAlias = TaskRef[QueryExecution, StopQueryExecutionResponse]

_PAGE: Final = 50
"""So many ids ``BatchGetQueryExecution`` takes, and ``ListQueryExecutions`` gives."""

_AFTERMATH: Final = Aftermath(
    completed_files=Fate.UNDOCUMENTED,
    files_in_flight=Fate.UNDOCUMENTED,
    remaining_files=Fate.UNDOCUMENTED,
    summary=(
        "AWS does not document what stopping a query leaves behind. The data manifest of a query, "
        "where it has one, tracks the files that it wrote."
    ),
    source="Amazon Athena API Reference, StopQueryExecution and QueryExecutionStatistics",
)

_GET: Expected[GetQueryExecutionRequest, models.GetQueryExecutionResponse] = Expected(
    member="QueryExecution",
    strangers=lambda request, answer: (
        {query.query_execution_id for query in (answer.query_execution,) if query}
        - {request.query_execution_id}
    ),
)
_BATCH_GET: Expected[BatchGetQueryExecutionRequest, models.BatchGetQueryExecutionResponse] = (
    Expected(
        member="QueryExecutions",
        strangers=lambda request, answer: {
            query.query_execution_id for query in answer.query_executions or ()
        }.difference(request.query_execution_ids),
    )
)


def _on_work_groups(operation: str, *needed_to: str) -> Permission:
    """Return a permission; a query's id does not say which workgroup it is in, so it is on all."""
    return Permission(
        action=f"athena:{operation}",
        needed_to=frozenset(needed_to),
        resource=lambda _: "arn:*:athena:*:*:workgroup/*",
    )


class Athena(Service[QueryExecution, StopQueryExecutionResponse]):
    """Amazon Athena: query executions.

    There is no status between the stop and the end: a query that was stopped is QUEUED or
    RUNNING until it is CANCELLED.
    """

    name: ClassVar[str] = "athena"
    title: ClassVar[str] = "Amazon Athena"
    ref_type = QueryExecutionRef
    phases: ClassVar[Mapping[str, Phase]] = {
        QueryExecutionState.QUEUED: Phase.PENDING,
        QueryExecutionState.RUNNING: Phase.RUNNING,
        QueryExecutionState.SUCCEEDED: Phase.SUCCEEDED,
        QueryExecutionState.FAILED: Phase.FAILED,
        QueryExecutionState.CANCELLED: Phase.CANCELED,
    }
    errors_by_code: ClassVar[Mapping[str, type[ServiceError]]] = errors.BY_CODE
    error_base: ClassVar[type[ServiceError]] = errors.AthenaError
    permissions: ClassVar[tuple[Permission, ...]] = (
        _on_work_groups("StopQueryExecution", "cancel"),
        _on_work_groups("GetQueryExecution", "wait", "list"),
        _on_work_groups("BatchGetQueryExecution", "wait", "list"),
        _on_work_groups("ListQueryExecutions", "list"),
        Permission(action="athena:ListWorkGroups", needed_to=frozenset({"list"})),
    )
    answers: ClassVar[ExpectedAnswers] = {
        "BatchGetQueryExecution": _BATCH_GET,
        "GetQueryExecution": _GET,
        "ListQueryExecutions": Expected(member="QueryExecutionIds"),
        "ListWorkGroups": Expected(member="WorkGroups"),
        "StartQueryExecution": Expected(member="QueryExecutionId"),
        "StopQueryExecution": Expected(member=None),
    }
    filters: ClassVar[frozenset[str]] = frozenset({"work_group"})

    def cancel_request(self, ref: _Ref) -> Request[StopQueryExecutionResponse]:
        """Return a ``StopQueryExecution`` request."""
        return StopQueryExecutionRequest(query_execution_id=ref.id)

    def status_in(self, response: StopQueryExecutionResponse) -> str | None:  # noqa: ARG002  (the answer is empty)
        """Return None: the answer is empty."""
        return None

    def describe(self, ref: _Ref) -> Flow[QueryExecution]:
        """Ask ``GetQueryExecution``."""
        request = GetQueryExecutionRequest(query_execution_id=ref.id)
        response = yield from call(request, ref)
        if response.query_execution is None:
            msg = f"{request.operation}: the answer has no query execution"
            raise InvalidResponse(msg)
        return response.query_execution

    def describe_many(
        self, refs: Sequence[_Ref]
    ) -> Flow[dict[_Ref, Sight[QueryExecution] | BotocancelError]]:
        """Ask ``BatchGetQueryExecution`` for 50 at a time.

        What it leaves unprocessed is described alone, which tells why.
        """
        chunks = [refs[start : start + _PAGE] for start in range(0, len(refs), _PAGE)]
        parts = yield from together([self._chunk(chunk) for chunk in chunks])
        return {ref: sight for part in parts for ref, sight in part.items()}

    def _chunk(
        self, refs: Sequence[_Ref]
    ) -> Flow[dict[_Ref, Sight[QueryExecution] | BotocancelError]]:
        request = BatchGetQueryExecutionRequest(query_execution_ids=tuple(ref.id for ref in refs))
        try:
            response = yield from call(request, refs[0])
        except InvalidRequest:
            found: dict[str | None, QueryExecution] = {}
        except BotocancelError as error:
            return dict.fromkeys(refs, error)
        else:
            queries = listed(response.query_executions, request.operation)
            found = {query.query_execution_id: query for query in queries}
        others = yield from super().describe_many([ref for ref in refs if ref.id not in found])
        described = {
            ref: Sight(self.status_of(found[ref.id]), found[ref.id])
            for ref in refs
            if ref.id in found
        }
        return {**described, **others}

    def active(self, wanted: Wanted, region: str | None) -> Flow[None]:
        """Page through ``ListQueryExecutions`` of each workgroup, and describe what it lists.

        It lists the ids of what ran in the last 45 days, and nothing else of them; the filter
        ``work_group`` limits the search to one workgroup.
        """
        work_group = wanted.filters.get("work_group")
        groups = [work_group] if work_group else (yield from self._work_groups(region))
        for group in groups:
            yield from self._active_in(group, wanted, region)

    def _work_groups(self, region: str | None) -> Flow[list[str]]:
        names: list[str] = []
        for turn in pages(
            lambda token: ListWorkGroupsRequest(max_results=_PAGE, next_token=token), region=region
        ):
            groups = listed((yield from turn).work_groups, "ListWorkGroups")
            names += [group.name for group in groups if group.name]
        return names

    def _active_in(self, group: str, wanted: Wanted, region: str | None) -> Flow[None]:
        seen: set[str] = set()
        for turn in pages(
            lambda token: ListQueryExecutionsRequest(
                work_group=group, max_results=_PAGE, next_token=token
            ),
            region=region,
        ):
            names = listed((yield from turn).query_execution_ids, "ListQueryExecutions")
            refs: list[_Ref] = []
            for name in names:
                if name in seen:
                    continue
                seen.add(name)
                if QueryExecutionRef.match(name):
                    refs.append(QueryExecutionRef(name, region=region))
                else:
                    yield self.gap(name, region, "its id is none that is known")
            sights = yield from self.describe_many(refs)
            yield from self.emit_wanted(sights, wanted)

    def status_of(self, detail: QueryExecution) -> str | None:
        """Return the ``State``."""
        return detail.status.state if detail.status else None

    def snapshot(self, ref: _Ref, detail: QueryExecution) -> TaskSnapshot[QueryExecution]:
        """Read a ``QueryExecution``."""
        status = detail.status or QueryExecutionStatus()
        statistics = detail.statistics
        return TaskSnapshot(
            ref=ref,
            phase=self.phase(status.state),
            status=status.state,
            type=detail.statement_type,
            parent=detail.work_group,
            progress=Progress(bytes_done=statistics.data_scanned_in_bytes if statistics else None),
            created_at=status.submission_date_time,
            ended_at=status.completion_date_time,
            failure=_failure(status),
            detail=detail,
        )

    def aftermath(self, detail: QueryExecution | None) -> Aftermath:  # noqa: ARG002  (the same for every query)
        """Return what is documented, which is nothing."""
        return _AFTERMATH

    def ref_of(self, shape: Shape) -> QueryExecutionRef | None:
        """Return the query execution that a model of Athena names."""
        match shape:
            case (
                models.StopQueryExecutionRequest(query_execution_id=str(name))
                | models.GetQueryExecutionRequest(query_execution_id=str(name))
                | models.StartQueryExecutionResponse(query_execution_id=str(name))
                | models.QueryExecution(query_execution_id=str(name))
                | models.GetQueryExecutionResponse(
                    query_execution=models.QueryExecution(query_execution_id=str(name))
                )
            ):
                return QueryExecutionRef(name)
            case _:
                return None


def _failure(status: QueryExecutionStatus) -> str | None:
    if status.athena_error and status.athena_error.error_message:
        return status.athena_error.error_message
    return status.state_change_reason if status.state == QueryExecutionState.FAILED else None


SERVICE: Final = Athena()
