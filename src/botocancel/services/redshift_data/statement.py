"""Amazon Redshift Data API statements, on clusters and Serverless workgroups."""

from __future__ import annotations

from typing import ClassVar, Final

from botocancel.services import declare as d
from botocancel.services import redshift_data as m  # its models are loaded on first use
from botocancel.services._kind import Kind
from botocancel.services.redshift_data import errors

__all__ = ["StatementRef"]

MODELS: Final[d.Models] = {
    "client": "redshift-data",
    "title": "Amazon Redshift Data API",
    "prefix": "RedshiftData",
    "reference": "https://docs.aws.amazon.com/redshift-data/latest/APIReference",
    "errors": {
        "InternalException": ["DatabaseConnectionException", "QueryTimeoutException"],
        "InvalidRequest": ["ExecuteStatementException"],
        "LimitExceeded": [
            "ActiveSessionsExceededException",
            "ActiveStatementsExceededException",
            "ActiveWaitingRequestsExceededException",
        ],
    },
}

_UUID: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_DECLINED: Final = d.Refused("Declined", "Status is false")


class StatementRef(d.DeclaredRef["m.DescribeStatementResponse", "m.CancelStatementResponse"]):
    """Identity of a Redshift Data API statement, or of a batch of them: a UUID."""

    __slots__ = ()

    key: ClassVar[str] = "redshift-data"
    form: ClassVar[d.Id] = d.Id(
        kind="Redshift Data statement",
        pattern=_UUID,
        alone=False,
        expected="the id of a Redshift Data API statement, a UUID",
        example="01234567-89ab-4cde-8f01-23456789abcd",
        near={
            f"{_UUID}:[0-9]{{1,2}}": "of a batch, statements are not stopped one by one",
            "arn:[^:]*:redshift(?:-[a-z]+)?:.*": "statements have no ARN",
        },
    )


KIND: Final = Kind(
    StatementRef,
    errors=errors.RedshiftDataError,
    states={
        "SUBMITTED": d.State(d.Phase.PENDING, then="PICKED", after=1),
        "PICKED": d.State(d.Phase.PENDING, then="STARTED", after=1),
        "STARTED": d.State(d.Phase.RUNNING, then="FINISHED", after=300),
        "FINISHED": d.State(d.Phase.SUCCEEDED),
        "FAILED": d.State(d.Phase.FAILED),
        "ABORTED": d.State(d.Phase.CANCELED),
    },
    cancel=d.Cancel(
        request=lambda ask: m.CancelStatementRequest(id=ask.id),
        shows=lambda answer: answer.status,
        refused=lambda answer: _DECLINED if answer.status is False else None,
        too_soon=("SUBMITTED", "PICKED"),
    ),
    describe=d.Describe(
        request=lambda ref: m.DescribeStatementRequest(id=ref.id), id=lambda each: each.id
    ),
    list=d.List(
        request=lambda page: m.ListStatementsRequest(
            status=page.status,
            cluster_identifier=page.wanted.value_of("cluster"),
            workgroup_name=page.wanted.value_of("work_group"),
            database=page.wanted.value_of("database"),
            max_results=100,
            next_token=page.token,
        ),
        items=lambda page: page.statements,
        id=lambda each, _: each.id,
        status=lambda each: each.status,
        one_status=True,
    ),
    forms={
        "cluster": d.Form("[a-z][a-z0-9]*(?:-[a-z0-9]+)*", 63, "the name of a cluster", "reports"),
        "work_group": d.Form("[a-z0-9-]{3,63}", 63, "the name of a workgroup", "reports"),
        "database": d.Form("[^\\x00-\\x1f]+", 127, "the name of a database", "dev"),
    },
    look=d.Look(
        status=lambda each: each.status,
        times=lambda each: (each.created_at, None, each.updated_at),
        parent=lambda each: each.cluster_identifier or each.workgroup_name,
        failure=lambda each: each.error,
        cause=lambda _: d.Cause.REQUEST,  # as ABORTED is documented
    ),
    start=d.Start(request=lambda: m.ExecuteStatementRequest, id=lambda answer: answer.id),
    aftermath=d.Aftermath(
        billed="On Redshift Serverless, the time that the query ran.",
        summary="Statements of a batch that have run stay if it is in the mode AUTO_COMMIT.",
        source="Redshift Data API Reference, DescribeStatement; Management Guide, Billing",
    ),
    permissions=d.Actions(prefix="redshift-data", task="*"),
    simulated=d.Simulated(
        ended=("ValidationException", "Could not cancel a query that is in {status} state: {id}"),
        refusal=lambda _, code, __: {"Status": False} if code == "Declined" else None,
        answer=lambda _: {"Status": True},
        facts={"ClusterIdentifier": "reports", "Database": "dev"},
        filters={
            "cluster": "ClusterIdentifier",
            "work_group": "WorkgroupName",
            "database": "Database",
        },
        lists_unasked=("FINISHED", "FAILED", "ABORTED"),
    ),
)
