"""Amazon CloudWatch Logs Insights queries.

There is no status between the stop and the end. Queries are described by their listing: that
reads no logs, and takes no permission to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from botocancel.services import declare as d
from botocancel.services import logs as m  # its models are loaded on first use
from botocancel.services._kind import Kind
from botocancel.services.logs import errors

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["QueryRef"]

MODELS: Final[d.Models] = {
    "title": "Amazon CloudWatch Logs",
    "prefix": "Logs",
    "reference": "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference",
    "errors": {"InvalidRequest": ["MalformedQueryException"]},
}

_FIRST_IN_MS: Final = 100_000_000_000


class QueryRef(d.DeclaredRef["m.QueryInfo", "m.StopQueryResponse"]):
    """Identity of a CloudWatch Logs Insights query, a UUID, which holds no region."""

    __slots__ = ()

    key: ClassVar[str] = "logs"
    form: ClassVar[d.Id] = d.Id(
        kind="CloudWatch Logs Insights query",
        pattern="[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        alone=False,
        expected="the id of a CloudWatch Logs Insights query, a UUID",
        example="01234567-89ab-4cde-8f01-23456789abcd",
        near={"arn:[^:]*:logs:.*": "queries have no ARN"},
    )


def _moment(number: int | None) -> datetime | None:
    """Return a time, told in milliseconds as all of Logs is, or in seconds as in AWS's example."""
    in_seconds = number is not None and number < _FIRST_IN_MS
    return d.moment(number * 1000 if in_seconds and number is not None else number)


KIND: Final = Kind(
    QueryRef,
    errors=errors.LogsError,
    states={
        "Scheduled": d.State(d.Phase.PENDING, then="Running", after=1),
        "Running": d.State(d.Phase.RUNNING, then="Complete", after=120),
        "Complete": d.State(d.Phase.SUCCEEDED),
        "Failed": d.State(d.Phase.FAILED),
        "Timeout": d.State(d.Phase.FAILED),
        "Cancelled": d.State(d.Phase.CANCELED),
        "Unknown": d.State(d.Phase.RUNNING),  # of which AWS documents nothing: it is no end
    },
    cancel=d.Cancel(
        request=lambda ask: m.StopQueryRequest(query_id=ask.id),
        shows=lambda answer: answer.success,
        refused=lambda answer: (
            d.Refused("NotStopped", "success is false") if answer.success is False else None
        ),
    ),
    describe=d.DescribeMany(
        request=lambda _, token: m.DescribeQueriesRequest(max_results=1000, next_token=token),
        details=lambda answer: answer.queries,
        id=lambda query: query.query_id,
        most=1000,
        token=lambda answer: answer.next_token,
        by_id=False,
    ),
    list=d.List(
        request=lambda page: m.DescribeQueriesRequest(
            status=page.status,
            log_group_name=page.wanted.value_of("log_group"),
            max_results=1000,
            next_token=page.token,
        ),
        items=lambda page: page.queries,
        id=lambda query, _: query.query_id,
        status=lambda query: query.status,
        one_status=True,
        whole=True,
    ),
    forms={"log_group": d.Form("[._/#A-Za-z0-9-]+", 512, "the name of a log group", "/app/web")},
    look=d.Look(
        status=lambda query: query.status,
        times=lambda query: (_moment(query.create_time), None, None),
        type=lambda query: query.query_language,
        parent=lambda query: query.log_group_name,
        progress=lambda query: d.Progress(bytes_done=int(query.bytes_scanned or 0)),
    ),
    start=d.Start(request=lambda: m.StartQueryRequest, id=lambda answer: answer.query_id),
    aftermath=d.Aftermath(
        summary=(
            "A query changes nothing. Of the results of one that is stopped, AWS documents "
            "nothing, nor what is billed. The schedule of a scheduled query goes on."
        ),
        source="Amazon CloudWatch Logs API Reference, StopQuery and QueryInfo",
    ),
    permissions=d.Actions(prefix="logs", task="*"),
    simulated=d.Simulated(
        ended=("InvalidParameterException", "Query {id} is not running"),
        refusal=lambda _, code, __: {"success": False} if code == "NotStopped" else None,
        answer=lambda _: {"success": True},
        facts={"logGroupName": "/app/web"},
        filters={"log_group": "logGroupName"},
    ),
)
