"""Amazon EMR Serverless job runs, batch and streaming."""

from __future__ import annotations

from typing import ClassVar, Final

from botocancel.services import declare as d
from botocancel.services import emr_serverless as m  # its models are loaded on first use
from botocancel.services._kind import Kind
from botocancel.services.emr_serverless import errors

__all__ = ["JobRunRef"]

MODELS: Final[d.Models] = {
    "client": "emr-serverless",
    "title": "Amazon EMR Serverless",
    "prefix": "EMRServerless",
    "reference": "https://docs.aws.amazon.com/emr-serverless/latest/APIReference",
    "errors": {"Conflict": ["ConflictException"]},
}

_PART: Final = "[0-9a-z]{1,64}"
_HERE: Final = "arn:{partition}:emr-serverless:{region}:{account}:/applications"
_RUN: Final = f"{_HERE}/{{application}}/jobruns/{{run}}"


class JobRunRef(d.DeclaredRef["m.JobRun", "m.CancelJobRunResponse"]):
    """Identity of an EMR Serverless job run: ids of application and run, or its ARN."""

    __slots__ = ()

    key: ClassVar[str] = "emr-serverless"
    form: ClassVar[d.Id] = d.Id(
        kind="EMR Serverless job run",
        pattern=f"(?P<application>{_PART})/(?P<run>{_PART})",
        alone=False,
        expected="the id of an EMR Serverless application and that of its job run with '/' between",
        example="00f1abcd2efgh301/00f2abcd3efgh402",
        arn=_RUN,
        near={
            f"{_HERE}/[^/]*": "of an application, only a job run can be stopped",
            "00[0-9a-z]{8,62}": "it does not say which application the run is of",
        },
    )


KIND: Final = Kind(
    JobRunRef,
    errors=errors.EMRServerlessError,
    states={
        "SUBMITTED": d.State(d.Phase.PENDING, then="QUEUED", after=1),
        "QUEUED": d.State(d.Phase.PENDING, then="PENDING", after=1),
        "PENDING": d.State(d.Phase.PENDING, then="SCHEDULED", after=5),
        "SCHEDULED": d.State(d.Phase.PENDING, then="RUNNING", after=30),
        "RUNNING": d.State(d.Phase.RUNNING, then="SUCCESS", after=600),
        "CANCELLING": d.State(d.Phase.CANCELING, then="CANCELLED", after=30),
        "CANCELLED": d.State(d.Phase.CANCELED),
        "SUCCESS": d.State(d.Phase.SUCCEEDED),
        "FAILED": d.State(d.Phase.FAILED),
    },
    cancel=d.Cancel(
        request=lambda ask: m.CancelJobRunRequest(
            application_id=ask.ref.part("application"), job_run_id=ask.ref.part("run")
        ),
        shows=lambda answer: answer.job_run_id,
        task=lambda answer: (answer.application_id, answer.job_run_id),
    ),
    describe=d.Describe(
        request=lambda ref: m.GetJobRunRequest(
            application_id=ref.part("application"), job_run_id=ref.part("run")
        ),
        detail=lambda answer: answer.job_run,
        id=lambda run: (run.application_id, run.job_run_id),
    ),
    list=d.List(
        under=d.Parents(
            filter="application",
            form=d.Form(_PART, 64, "the id of an EMR Serverless application"),
            of="{application}",
            request=lambda token: m.ListApplicationsRequest(max_results=50, next_token=token),
            items=lambda page: page.applications,
            name=lambda application: application.id,
        ),
        request=lambda page: m.ListJobRunsRequest(
            application_id=page.parent,
            states=page.statuses or None,
            max_results=50,
            next_token=page.token,
        ),
        items=lambda page: page.job_runs,
        id=lambda run, _: (run.application_id, run.id),
        status=lambda run: run.state,
    ),
    look=d.Look(
        status=lambda run: run.state,
        times=lambda run: (run.created_at, run.started_at, run.ended_at),
        arn=lambda run: run.arn,
        type=lambda run: run.mode,
        parent=lambda run: run.application_id,
        tags=lambda run: tuple((run.tags or {}).items()),
        failure=lambda run: run.state_details if run.state == "FAILED" else None,
    ),
    start=d.Start(
        request=lambda: m.StartJobRunRequest, id=lambda run: (run.application_id, run.job_run_id)
    ),
    aftermath=d.Aftermath(
        in_flight=d.Fate.CUT_OFF,
        billed="What workers used, a minute each at least; pre-initialized workers are billed on.",
        summary=(
            "A batch run ends at once, unless a grace period was asked for, in which its shutdown "
            "hooks run. What it has written, AWS does not document. The application goes on."
        ),
        source="EMR Serverless API Reference, CancelJobRun; User Guide, Job cancellation",
    ),
    permissions=d.Actions(prefix="emr-serverless", task=_RUN, list=f"{_HERE}/{{application}}"),
    simulated=d.Simulated(
        ended=("ValidationException", "Job run {id} is in state {status} and cannot be cancelled"),
        facts={"name": "nightly", "mode": "BATCH", "stateDetails": "As told by the application"},
    ),
)
