"""Amazon SageMaker AI training jobs."""

from __future__ import annotations

from typing import ClassVar, Final

from botocancel.identity import DeclaredRef
from botocancel.services import declare as d
from botocancel.services import sagemaker as m  # its models are loaded on first use
from botocancel.services._kind import Kind
from botocancel.services.sagemaker import errors

__all__ = ["TrainingJobRef"]

MODELS: Final[d.Models] = {
    "title": "Amazon SageMaker AI",
    "prefix": "SageMaker",
    "reference": "https://docs.aws.amazon.com/sagemaker/latest/APIReference",
}

_ARN: Final = "arn:{partition}:sagemaker:{region}:{account}:training-job/{id}"

_LIMITS: Final = dict.fromkeys(("MaxRuntimeExceeded", "MaxWaitTimeExceeded"), d.Cause.LIMIT)
_CAUSES: Final = {**_LIMITS, "Stopped": d.Cause.REQUEST}
_SECONDARY: Final = {"InProgress": "Training", "Deleting": "Stopped"}


class TrainingJobRef(DeclaredRef["m.DescribeTrainingJobResponse", "m.StopTrainingJobResponse"]):
    """Identity of a SageMaker training job: its name, or its ARN."""

    __slots__ = ()

    key: ClassVar[str] = "sagemaker-training"
    service: ClassVar[str] = "sagemaker"
    form: ClassVar[d.Id] = d.Id(
        kind="SageMaker training job",
        pattern="[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}",
        longest=63,
        arn=_ARN,
        alone=False,
        any_case=True,  # ARNs come in lower case, whatever the name is
        expected="the name of a SageMaker training job or its ARN",
        example="forecast-2026-11-28-00-00-00-123",
    )


KIND: Final = Kind(
    TrainingJobRef,
    errors=errors.SageMakerError,
    states={
        "InProgress": d.State(d.Phase.RUNNING, then="Completed", after=1800),
        "Stopping": d.State(d.Phase.CANCELING, then="Stopped", after=120),
        "Stopped": d.State(d.Phase.CANCELED),
        "Completed": d.State(d.Phase.SUCCEEDED),
        "Failed": d.State(d.Phase.FAILED),
        # Only what has ended is deleted, and then not found: how it ended is no longer told.
        "Deleting": d.State(d.Phase.CANCELING, then="Stopped", after=60, is_listed=False),
    },
    cancel=d.Cancel(
        request=lambda ask: m.StopTrainingJobRequest(training_job_name=ask.id),
        may_be_empty=True,
    ),
    describe=d.Describe(
        request=lambda ref: m.DescribeTrainingJobRequest(training_job_name=ref.id),
        detail=lambda answer: answer,
        id=lambda job: job.training_job_name,
    ),
    list=d.List(
        request=lambda page: m.ListTrainingJobsRequest(
            status_equals=page.status, next_token=page.token, max_results=100
        ),
        items=lambda page: page.training_job_summaries,
        id=lambda job, _: job.training_job_name,
        status=lambda job: job.training_job_status,
        one_status=True,
    ),
    look=d.Look(
        status=lambda job: job.training_job_status,
        times=lambda job: (job.creation_time, job.training_start_time, job.training_end_time),
        arn=lambda job: job.training_job_arn,
        parent=lambda job: job.tuning_job_arn,
        failure=lambda job: job.failure_reason,
        cause=lambda job: _CAUSES.get(job.secondary_status or ""),
    ),
    aftermath=d.Aftermath(
        in_flight=d.Fate.CUT_OFF,
        to_come=d.Fate.NOT_DONE,
        output=d.Fate.KEPT,
        billed="the job until it has ended, and a warm pool, which stays",
        summary=(
            "The algorithm gets SIGTERM and has 120 seconds to save its model, which is stored as "
            "an artifact of the job and billed until then. A warm pool stays, and is billed."
        ),
        source="Amazon SageMaker API Reference, StopTrainingJob and StoppingCondition",
    ),
    permissions=d.Actions(prefix="sagemaker", task=_ARN),
    simulated=d.Simulated(
        ended=("ValidationException", "The request was rejected: the job is in status {status}."),
        unknown=("ValidationException", "Requested resource not found."),
        members=lambda seen: {"SecondaryStatus": _SECONDARY.get(seen.shown, seen.shown)},
        filters_pages=True,
    ),
)
