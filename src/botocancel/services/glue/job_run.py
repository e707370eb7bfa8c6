"""AWS Glue job runs."""

from __future__ import annotations

from typing import ClassVar, Final

from botocancel.services import declare as d
from botocancel.services import glue as m  # its models are loaded on first use
from botocancel.services._kind import Kind
from botocancel.services.glue import errors

__all__ = ["JobRunRef"]

MODELS: Final[d.Models] = {
    "title": "AWS Glue",
    "prefix": "Glue",
    "reference": "https://docs.aws.amazon.com/glue/latest/webapi",
    "typed": ["ErrorDetail"],
    "errors": {
        "InternalException": ["OperationTimeoutException"],
        "LimitExceeded": ["ConcurrentRunsExceededException"],
    },
}

_JOB: Final = r"[\t -\ud7ff\ue000-\U0010ffff]{1,255}"
_OF_JOB: Final = "arn:{partition}:glue:{region}:{account}:job/{job}"


class JobRunRef(d.DeclaredRef["m.JobRun", "m.BatchStopJobRunResponse"]):
    """Identity of a Glue job run: the name of its job, a ``/``, and the id of the run.

    The name of a job may have a ``/`` in it, the id of a run has none.
    """

    __slots__ = ()

    key: ClassVar[str] = "glue"
    form: ClassVar[d.Id] = d.Id(
        kind="Glue job run",
        pattern=rf"(?P<job>{_JOB})/(?P<run>[\w-]{{1,255}})",
        longest=511,
        alone=False,
        expected="the name of a Glue job and the id of its run with '/' between them",
        example="orders/jr_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        near={
            r"jr_\w+": "it does not say which job the run is of",
            "arn:[^:]*:glue:.*:job/(?P<job>[^/]+)": lambda found: (
                f"it is the ARN of a job, and runs have none; write 'glue:{found['job']}/jr_…'"
            ),
            "arn:[^:]*:glue:.*": "it is the ARN of another resource; job runs have none",
        },
    )


def _refused(answer: m.BatchStopJobRunResponse) -> d.Refused | None:
    """Return the refusal in an answer; an answer that names no run has not accepted it."""
    for error in answer.errors or ():
        detail = error.error_detail or m.ErrorDetail()
        return d.Refused(detail.error_code or "NotSubmitted", detail.error_message)
    if answer.successful_submissions:
        return None
    return d.Refused("NotSubmitted", "the answer names no run")


KIND: Final = Kind(
    JobRunRef,
    errors=errors.GlueError,
    states={
        "WAITING": d.State(d.Phase.PENDING, then="STARTING", after=60),
        "STARTING": d.State(d.Phase.PENDING, then="RUNNING", after=30),
        "RUNNING": d.State(d.Phase.RUNNING, then="SUCCEEDED", after=300),
        "STOPPING": d.State(d.Phase.CANCELING, then="STOPPED", after=30),
        "STOPPED": d.State(d.Phase.CANCELED),
        "SUCCEEDED": d.State(d.Phase.SUCCEEDED),
        "FAILED": d.State(d.Phase.FAILED),
        "ERROR": d.State(d.Phase.FAILED),
        "TIMEOUT": d.State(d.Phase.FAILED),
        "EXPIRED": d.State(d.Phase.FAILED),
    },
    cancel=d.Cancel(
        request=lambda ask: m.BatchStopJobRunRequest(
            job_name=ask.ref.part("job"), job_run_ids=(ask.ref.part("run"),)
        ),
        shows=lambda answer: (answer.successful_submissions, answer.errors),
        task=lambda answer: next(
            ((run.job_name, run.job_run_id) for run in answer.successful_submissions or ()), None
        ),
        refused=_refused,
    ),
    describe=d.Describe(
        request=lambda ref: m.GetJobRunRequest(job_name=ref.part("job"), run_id=ref.part("run")),
        detail=lambda answer: answer.job_run,
        id=lambda run: (run.job_name, run.id),
    ),
    list=d.List(
        under=d.Parents(
            filter="job",
            form=d.Form(_JOB, 255, "the name of a Glue job"),
            of="{job}",
            request=lambda token: m.ListJobsRequest(next_token=token),
            items=lambda page: page.job_names,
            name=lambda name: name,
        ),
        request=lambda page: m.GetJobRunsRequest(
            job_name=page.parent, max_results=200, next_token=page.token
        ),
        items=lambda page: page.job_runs,
        id=lambda run, _: (run.job_name, run.id),
        by_status=False,
        whole=True,
    ),
    look=d.Look(
        status=lambda run: run.job_run_state,
        times=lambda run: (run.started_on, run.started_on, run.completed_on),
        parent=lambda run: run.job_name,
        failure=lambda run: run.error_message,
    ),
    start=d.Start(
        request=lambda: m.StartJobRunRequest, id=lambda answer: (None, answer.job_run_id)
    ),
    aftermath=d.Aftermath(
        summary=(
            "AWS documents of runs that are stopped with their workflow that they end at once and "
            "that nothing is rolled back, and nothing of others. A trigger that waits for STOPPED "
            "starts its jobs."
        ),
        source="AWS Glue Developer Guide, Stopping a workflow run; Triggers",
    ),
    permissions=d.Actions(prefix="glue", task=_OF_JOB, list=_OF_JOB),
    simulated=d.Simulated(
        ended=("InvalidInputException", "Job run is {status}"),
        refusal=lambda asked, code, text: {
            "Errors": [
                {
                    "JobName": asked["JobName"],
                    "JobRunId": asked["JobRunIds"][0],
                    "ErrorDetail": {"ErrorCode": code, "ErrorMessage": text},
                }
            ]
        },
        answer=lambda ref: {
            "SuccessfulSubmissions": [{"JobName": ref.part("job"), "JobRunId": ref.part("run")}]
        },
    ),
)
