"""Amazon Athena query executions, which are QUEUED or RUNNING until they are CANCELLED."""

from __future__ import annotations

from typing import ClassVar, Final

from botocancel.services import athena as m  # its models are loaded on first use
from botocancel.services import declare as d
from botocancel.services._kind import Kind
from botocancel.services.athena import errors

__all__ = ["QueryExecutionRef"]

MODELS: Final[d.Models] = {
    "title": "Amazon Athena",
    "prefix": "Athena",
    "reference": "https://docs.aws.amazon.com/athena/latest/APIReference",
    "typed": ["QueryExecutionStatus", "QueryExecutionStatistics"],
}

_WORK_GROUP: Final = "arn:{partition}:athena:{region}:{account}:workgroup/{work_group}"


class QueryExecutionRef(d.DeclaredRef["m.QueryExecution", "m.StopQueryExecutionResponse"]):
    """Identity of an Athena query execution, a UUID, which holds no region."""

    __slots__ = ()

    key: ClassVar[str] = "athena"
    form: ClassVar[d.Id] = d.Id(
        kind="Athena query execution",
        pattern="[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        longest=36,
        alone=False,
        expected="the id of an Athena query execution, a UUID",
        example="01234567-89ab-4cde-8f01-23456789abcd",
        near={"arn:[^:]*:athena:.*": "it is an ARN, and query executions have none"},
    )


def _cause(query: m.QueryExecution) -> d.Cause | None:
    """Return what ended a cancelled query: these types of errors are "Query canceled by user"."""
    error = query.status.athena_error if query.status else None
    return d.Cause.REQUEST if error and error.get("ErrorType") in {1011, 1014} else None


KIND: Final = Kind(
    QueryExecutionRef,
    errors=errors.AthenaError,
    states={
        "QUEUED": d.State(d.Phase.PENDING, then="RUNNING", after=5),
        "RUNNING": d.State(d.Phase.RUNNING, then="SUCCEEDED", after=300),
        "SUCCEEDED": d.State(d.Phase.SUCCEEDED),
        "FAILED": d.State(d.Phase.FAILED),
        "CANCELLED": d.State(d.Phase.CANCELED),
    },
    cancel=d.Cancel(request=lambda ask: m.StopQueryExecutionRequest(query_execution_id=ask.id)),
    describe=d.DescribeMany(
        request=lambda refs, _: m.BatchGetQueryExecutionRequest(
            query_execution_ids=tuple(ref.id for ref in refs)
        ),
        details=lambda answer: answer.query_executions,
        id=lambda query: query.query_execution_id,
        left_out=lambda answer: (
            (each.query_execution_id, d.Refused(each.error_code, each.error_message))
            for each in answer.unprocessed_query_execution_ids or ()
        ),
        most=50,
    ),
    list=d.List(
        under=d.Parents(
            filter="work_group",
            form=d.Form("[a-zA-Z0-9._-]{1,128}", 128, "the name of a workgroup", "primary"),
            request=lambda token: m.ListWorkGroupsRequest(max_results=50, next_token=token),
            items=lambda page: page.work_groups,
            name=lambda group: group.name,
        ),
        request=lambda page: m.ListQueryExecutionsRequest(
            work_group=page.parent, max_results=50, next_token=page.token
        ),
        items=lambda page: page.query_execution_ids,
        id=lambda name, _: name,
        by_status=False,
    ),
    look=d.Look(
        status=lambda query: query.status and query.status.state,
        times=lambda query: (
            query.status and query.status.submission_date_time,
            None,
            query.status and query.status.completion_date_time,
        ),
        type=lambda query: query.statement_type,
        parent=lambda query: query.work_group,
        failure=lambda query: query.status and query.status.state_change_reason,
        progress=lambda query: d.Progress(
            bytes_done=query.statistics and query.statistics.data_scanned_in_bytes
        ),
        cause=_cause,
    ),
    start=d.Start(
        request=lambda: m.StartQueryExecutionRequest, id=lambda answer: answer.query_execution_id
    ),
    aftermath=d.Aftermath(
        output=d.Fate.KEPT,
        may_be_inconsistent=True,
        summary=(
            "Athena deletes nothing: what CREATE TABLE AS or INSERT INTO wrote stays, be it a "
            "part, and is read by later queries. The data manifest of the query lists it."
        ),
        source="Amazon Athena API Reference, QueryExecutionStatistics; User Guide, CTAS",
    ),
    permissions=d.Actions(prefix="athena", task=_WORK_GROUP, list=_WORK_GROUP),
    simulated=d.Simulated(
        unknown=("InvalidRequestException", "QueryExecution {id} was not found"),
        stops_after=2,
    ),
)
