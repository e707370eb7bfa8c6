"""AWS Batch jobs: single ones, array jobs and their children, multi-node jobs."""

from __future__ import annotations

from typing import ClassVar, Final

from botocancel.identity import DeclaredRef
from botocancel.services import batch as m  # its models are loaded on first use
from botocancel.services import declare as d
from botocancel.services._kind import Kind
from botocancel.services.batch import errors

__all__ = ["JobRef"]

MODELS: Final[d.Models] = {
    "title": "AWS Batch",
    "prefix": "Batch",
    "reference": "https://docs.aws.amazon.com/batch/latest/APIReference",
    "typed": ["ArrayPropertiesDetail"],
    "errors": {
        "InternalException": ["ServerException"],
        "InvalidRequest": ["ClientException"],
    },
}

_ARN: Final = "arn:{partition}:batch:{region}:{account}:job/{id}"
_QUEUE: Final = "arn:{partition}:batch:{region}:{account}:job-queue/"
_NOT_BEGUN: Final = frozenset({"SUBMITTED", "PENDING", "RUNNABLE"})
_LONGEST_REASON: Final = 1024


class JobRef(DeclaredRef["m.JobDetail", "m.TerminateJobResponse"]):
    """Identity of an AWS Batch job: its id, or its ARN; ``ID:3`` is a child of an array job."""

    __slots__ = ()

    key: ClassVar[str] = "batch"
    form: ClassVar[d.Id] = d.Id(
        kind="Batch job",
        pattern="[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?::[0-9]{1,5})?",
        longest=42,
        arn=_ARN,
        alone=False,
        expected=(
            "the id of an AWS Batch job (a UUID; of a child of an array job, and ':' and a number) "
            "or its ARN"
        ),
        example="0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
        near={
            "arn:[^:]*:batch:.*:job-(?:queue|definition)/.*": (
                "it is the ARN of a job queue or definition, of which only a job can be stopped"
            ),
            ".*#[0-9]+": "it is a node of a multi-node job, which is stopped as a whole",
        },
    )


def _phase(job: m.JobDetail) -> d.Phase | None:
    """Return the phase where the flags tell more than the status.

    Of a job at work, only a request to terminate it counts: to cancel it does nothing.
    """
    if job.status == "FAILED" and (job.is_terminated or job.is_cancelled):
        return d.Phase.CANCELED
    if job.status in _NOT_BEGUN and (job.is_terminated or job.is_cancelled):
        return d.Phase.CANCELING
    if job.status in {"STARTING", "RUNNING"} and job.is_terminated:
        return d.Phase.CANCELING
    return None


def _progress(job: m.JobDetail) -> d.Progress:
    """Return how many children of an array job have ended; of another job, nothing is told."""
    array = job.array_properties
    if array is None or array.status_summary is None:
        return d.Progress()
    ended = (array.status_summary.get(status, 0) for status in ("SUCCEEDED", "FAILED"))
    return d.Progress(done=sum(ended), total=array.size, unit="children")


KIND: Final = Kind(
    JobRef,
    errors=errors.BatchError,
    states={
        "SUBMITTED": d.State(d.Phase.PENDING, then="PENDING", after=1),
        "PENDING": d.State(d.Phase.PENDING, then="RUNNABLE", after=1),
        "RUNNABLE": d.State(d.Phase.PENDING, then="STARTING", after=30, recurs=True),
        "STARTING": d.State(d.Phase.PENDING, then="RUNNING", after=10),
        "RUNNING": d.State(d.Phase.RUNNING, then="SUCCEEDED", after=600),
        "SUCCEEDED": d.State(d.Phase.SUCCEEDED),
        "FAILED": d.State(d.Phase.FAILED),
    },
    reports_canceled=True,
    cancel=d.Cancel(
        request=lambda ask: m.TerminateJobRequest(
            job_id=ask.id, reason=(ask.reason or "Terminated by botocancel")[:_LONGEST_REASON]
        ),
        may_be_empty=True,
    ),
    describe=d.DescribeMany(
        request=lambda refs, _: m.DescribeJobsRequest(jobs=tuple(ref.id for ref in refs)),
        details=lambda answer: answer.jobs,
        id=lambda job: job.job_id,
        most=100,
    ),
    list=d.List(
        under=d.Parents(
            filter="job_queue",
            form=d.Form(
                f"(?:{_QUEUE})?[A-Za-z0-9][A-Za-z0-9_-]{{0,127}}",
                256,
                "the name or the ARN of a job queue",
                "arn:aws:batch:us-east-1:123456789012:job-queue/nightly",
            ),
            request=lambda token: m.DescribeJobQueuesRequest(next_token=token),
            items=lambda page: page.job_queues,
            name=lambda queue: (
                queue.job_queue_arn if queue.job_queue_type != "SAGEMAKER_TRAINING" else None
            ),
        ),
        request=lambda page: m.ListJobsRequest(
            job_queue=page.parent, job_status=page.status, next_token=page.token
        ),
        items=lambda page: page.job_summary_list,
        id=lambda job, _: job.job_id,
        status=lambda job: job.status,
        one_status=True,
    ),
    look=d.Look(
        status=lambda job: job.status,
        phase=_phase,
        times=lambda job: (
            d.moment(job.created_at),
            d.moment(job.started_at),
            d.moment(job.stopped_at),
        ),
        arn=lambda job: job.job_arn,
        parent=lambda job: job.job_queue,
        tags=lambda job: tuple((job.tags or {}).items()),
        failure=lambda job: job.status_reason,
        cause=lambda _: d.Cause.REQUEST,  # the flags that tell of a cancel tell of a request
        progress=_progress,
        reason=lambda job: job.status_reason,
    ),
    start=d.Start(request=lambda: m.SubmitJobRequest, id=lambda answer: answer.job_id),
    aftermath=d.Aftermath(
        in_flight=d.Fate.CUT_OFF,
        to_come=d.Fate.NOT_DONE,
        children=d.Fate.CUT_OFF,
        summary=(
            "A container at work gets SIGTERM, and SIGKILL after 30 seconds (documented of "
            "time-outs); a job that has not begun never begins. The job is not tried again, the "
            "children of an array job are stopped with it, and jobs that depend on it fail."
        ),
        source="AWS Batch API Reference, TerminateJob; User Guide, Job timeouts, Array jobs",
    ),
    permissions=d.Actions(prefix="batch", task=_ARN, describe="*"),
    simulated=d.Simulated(
        ended=("ClientException", "Job {id} has ended: {status}"),
        unknown=("ClientException", "Job {id} does not exist"),
        canceled=lambda status: {
            "isTerminated": True,
            **({"isCancelled": True} if status in _NOT_BEGUN else {}),
        },
        stops_after=30,
        omits=("startedAt",),
        lists_unasked=("RUNNING",),
    ),
)
