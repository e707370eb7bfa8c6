"""Amazon SageMaker AI processing jobs."""

from __future__ import annotations

from typing import ClassVar, Final

from botocancel.identity import DeclaredRef
from botocancel.services import declare as d
from botocancel.services import sagemaker as m  # its models are loaded on first use
from botocancel.services._kind import Kind
from botocancel.services.sagemaker import errors

__all__ = ["ProcessingJobRef"]

MODELS: Final[d.Models] = {}  # those of the other kinds of SageMaker say all

_ARN: Final = "arn:{partition}:sagemaker:{region}:{account}:processing-job/{id}"


class ProcessingJobRef(
    DeclaredRef["m.DescribeProcessingJobResponse", "m.StopProcessingJobResponse"]
):
    """Identity of a SageMaker processing job: its name, or its ARN."""

    __slots__ = ()

    key: ClassVar[str] = "sagemaker-processing"
    service: ClassVar[str] = "sagemaker"
    form: ClassVar[d.Id] = d.Id(
        kind="SageMaker processing job",
        pattern="[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}",
        longest=63,
        arn=_ARN,
        alone=False,
        any_case=True,  # ARNs come in lower case, whatever the name is
        expected="the name of a SageMaker processing job or its ARN",
        example="features-2026-11-28-00-00-00-123",
    )


KIND: Final = Kind(
    ProcessingJobRef,
    errors=errors.SageMakerError,
    states={
        "InProgress": d.State(d.Phase.RUNNING, then="Completed", after=900),
        "Stopping": d.State(d.Phase.CANCELING, then="Stopped", after=120),
        "Stopped": d.State(d.Phase.CANCELED),
        "Completed": d.State(d.Phase.SUCCEEDED),
        "Failed": d.State(d.Phase.FAILED),
    },
    cancel=d.Cancel(
        request=lambda ask: m.StopProcessingJobRequest(processing_job_name=ask.id),
        may_be_empty=True,
    ),
    describe=d.Describe(
        request=lambda ref: m.DescribeProcessingJobRequest(processing_job_name=ref.id),
        detail=lambda answer: answer,
        id=lambda job: job.processing_job_name,
    ),
    list=d.List(
        request=lambda page: m.ListProcessingJobsRequest(
            status_equals=page.status, next_token=page.token, max_results=100
        ),
        items=lambda page: page.processing_job_summaries,
        id=lambda job, _: job.processing_job_name,
        status=lambda job: job.processing_job_status,
        one_status=True,
    ),
    look=d.Look(
        status=lambda job: job.processing_job_status,
        times=lambda job: (job.creation_time, job.processing_start_time, job.processing_end_time),
        arn=lambda job: job.processing_job_arn,
        parent=lambda job: job.auto_ml_job_arn or job.monitoring_schedule_arn,
        failure=lambda job: job.failure_reason,
    ),
    aftermath=d.Aftermath(
        in_flight=d.Fate.CUT_OFF,
        to_come=d.Fate.NOT_DONE,
        summary=(
            "The container is told to stop by a signal, if its entry point passes signals on. What "
            "becomes of output that it has written, AWS does not document."
        ),
        source="Amazon SageMaker Developer Guide, Build Your Own Processing Container",
    ),
    permissions=d.Actions(prefix="sagemaker", task=_ARN),
    simulated=d.Simulated(
        ended=("ValidationException", "The request was rejected: the job is in status {status}."),
        unknown=("ValidationException", "Requested resource not found."),
        filters_pages=True,  # as is documented of training jobs
    ),
)
