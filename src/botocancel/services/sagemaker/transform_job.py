"""Amazon SageMaker AI transform jobs."""

from __future__ import annotations

from typing import ClassVar, Final

from botocancel.identity import DeclaredRef
from botocancel.services import declare as d
from botocancel.services import sagemaker as m  # its models are loaded on first use
from botocancel.services._kind import Kind
from botocancel.services.sagemaker import errors

__all__ = ["TransformJobRef"]

MODELS: Final[d.Models] = {}  # those of the other kinds of SageMaker say all

_ARN: Final = "arn:{partition}:sagemaker:{region}:{account}:transform-job/{id}"


class TransformJobRef(DeclaredRef["m.DescribeTransformJobResponse", "m.StopTransformJobResponse"]):
    """Identity of a SageMaker transform job: its name, or its ARN."""

    __slots__ = ()

    key: ClassVar[str] = "sagemaker-transform"
    service: ClassVar[str] = "sagemaker"
    form: ClassVar[d.Id] = d.Id(
        kind="SageMaker transform job",
        pattern="[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}",
        longest=63,
        arn=_ARN,
        alone=False,
        any_case=True,  # ARNs come in lower case, whatever the name is
        expected="the name of a SageMaker transform job or its ARN",
        example="scores-2026-11-28-00-00-00-123",
    )


KIND: Final = Kind(
    TransformJobRef,
    errors=errors.SageMakerError,
    states={
        "InProgress": d.State(d.Phase.RUNNING, then="Completed", after=900),
        "Stopping": d.State(d.Phase.CANCELING, then="Stopped", after=120),
        "Stopped": d.State(d.Phase.CANCELED),
        "Completed": d.State(d.Phase.SUCCEEDED),
        "Failed": d.State(d.Phase.FAILED),
    },
    cancel=d.Cancel(
        request=lambda ask: m.StopTransformJobRequest(transform_job_name=ask.id),
        may_be_empty=True,
    ),
    describe=d.Describe(
        request=lambda ref: m.DescribeTransformJobRequest(transform_job_name=ref.id),
        detail=lambda answer: answer,
        id=lambda job: job.transform_job_name,
    ),
    list=d.List(
        request=lambda page: m.ListTransformJobsRequest(
            status_equals=page.status, next_token=page.token, max_results=100
        ),
        items=lambda page: page.transform_job_summaries,
        id=lambda job, _: job.transform_job_name,
        status=lambda job: job.transform_job_status,
        one_status=True,
    ),
    look=d.Look(
        status=lambda job: job.transform_job_status,
        times=lambda job: (job.creation_time, job.transform_start_time, job.transform_end_time),
        arn=lambda job: job.transform_job_arn,
        parent=lambda job: job.auto_ml_job_arn or job.labeling_job_arn,
        failure=lambda job: job.failure_reason,
    ),
    aftermath=d.Aftermath(
        output=d.Fate.NOT_DONE,
        billed="The instances, until the job has stopped.",
        summary="SageMaker stores none of the output in Amazon S3.",
        source="Amazon SageMaker API Reference, StopTransformJob and DescribeTransformJob",
    ),
    permissions=d.Actions(prefix="sagemaker", task=_ARN),
    simulated=d.Simulated(
        ended=("ValidationException", "The request was rejected: the job is in status {status}."),
        unknown=("ValidationException", "Requested resource not found."),
        filters_pages=True,  # as is documented of training jobs
    ),
)
