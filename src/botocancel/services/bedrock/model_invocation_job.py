"""Amazon Bedrock model invocation jobs, which are batch inference."""

from __future__ import annotations

from typing import ClassVar, Final

from botocancel.errors import Conflict, InvalidRequest, TaskEnded
from botocancel.services import bedrock as m  # its models are loaded on first use
from botocancel.services import declare as d
from botocancel.services._kind import Kind
from botocancel.services.bedrock import errors

__all__ = ["ModelInvocationJobRef"]

MODELS: Final[d.Models] = {
    "title": "Amazon Bedrock",
    "prefix": "Bedrock",
    "reference": "https://docs.aws.amazon.com/bedrock/latest/APIReference",
    "errors": {
        "Conflict": ["ConflictException"],
        "LimitExceeded": ["ServiceQuotaExceededException"],
    },
}

_HERE: Final = "arn:{partition}:bedrock:{region}:{account}"


class ModelInvocationJobRef(
    d.DeclaredRef["m.GetModelInvocationJobResponse", "m.StopModelInvocationJobResponse"]
):
    """Identity of a Bedrock model invocation job: its ARN."""

    __slots__ = ()

    key: ClassVar[str] = "bedrock-invocation"
    service: ClassVar[str] = "bedrock"
    form: ClassVar[d.Id] = d.Id(
        kind="Bedrock model invocation job",
        pattern=f"{_HERE}:model-invocation-job/(?P<job>[a-z0-9]{{12}})",
        expected="the ARN of a Bedrock model invocation job",
        example="arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/0a1b2c3d4e5f",
        near={
            f"{_HERE}:(?:model-customization|evaluation)-job/.*": (
                "of Bedrock's jobs, only those of model invocation are known here"
            ),
        },
    )


KIND: Final = Kind(
    ModelInvocationJobRef,
    errors=errors.BedrockError,
    states={
        "Submitted": d.State(d.Phase.PENDING, then="Validating", after=10),
        "Validating": d.State(d.Phase.PENDING, then="Scheduled", after=60),
        "Scheduled": d.State(d.Phase.PENDING, then="InProgress", after=60),
        "InProgress": d.State(d.Phase.RUNNING, then="Completed", after=1800),
        "Stopping": d.State(d.Phase.CANCELING, then="Stopped", after=60),
        "Stopped": d.State(d.Phase.CANCELED),
        "Completed": d.State(d.Phase.SUCCEEDED),
        "PartiallyCompleted": d.State(d.Phase.FAILED),
        "Failed": d.State(d.Phase.FAILED),
        "Expired": d.State(d.Phase.FAILED),
    },
    cancel=d.Cancel(
        request=lambda ask: m.StopModelInvocationJobRequest(job_identifier=ask.id),
        may_be_empty=True,
    ),
    doubtful=(TaskEnded, InvalidRequest, Conflict),  # which of them an ended job is, is not sure
    describe=d.Describe(
        request=lambda ref: m.GetModelInvocationJobRequest(job_identifier=ref.id),
        id=lambda job: job.job_arn,
    ),
    list=d.List(
        request=lambda page: m.ListModelInvocationJobsRequest(
            status_equals=page.status, max_results=1000, next_token=page.token
        ),
        items=lambda page: page.invocation_job_summaries,
        id=lambda job, _: job.job_arn,
        status=lambda job: job.status,
        one_status=True,
    ),
    look=d.Look(
        status=lambda job: job.status,
        times=lambda job: (job.submit_time, None, job.end_time),
        type=lambda job: job.model_id,
        failure=lambda job: job.message,
        progress=lambda job: d.Progress(
            done=job.processed_record_count, total=job.total_record_count, unit="records"
        ),
        cause=lambda _: d.Cause.REQUEST,  # as Stopped is documented
    ),
    start=d.Start(
        request=lambda: m.CreateModelInvocationJobRequest, id=lambda answer: answer.job_arn
    ),
    aftermath=d.Aftermath(
        to_come=d.Fate.NOT_DONE,
        billed="Tokens that were processed until then.",
        summary=(
            "Results that were written to Amazon S3 while the job was in progress can be viewed; "
            "whether those of a job that was stopped are whole, AWS does not document."
        ),
        source="Amazon Bedrock API Reference, StopModelInvocationJob, GetModelInvocationJob",
    ),
    permissions=d.Actions(prefix="bedrock", task=f"{_HERE}:model-invocation-job/{{job}}"),
    simulated=d.Simulated(
        ended=("ConflictException", "The job is in status {status} and cannot be stopped."),
        again=("ConflictException", "The job is in status {status} and cannot be stopped."),
        facts={"jobName": "summaries", "modelId": "amazon.nova-lite-v1:0"},
    ),
)
