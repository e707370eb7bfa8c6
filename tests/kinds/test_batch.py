"""What is particular to AWS Batch: flags beside the status, and listings that hide jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import attrs
import pytest

from botocancel import InvalidInput, NotFound, Phase, Progress, TaskClient, TaskEnded, task_ref
from botocancel.services.batch import JobRef
from botocancel.testing import DEFAULT_ACCOUNT, DEFAULT_REGION, SimulatedAWS, SimulatorSettings
from botocancel.testing._network import session_over

if TYPE_CHECKING:
    from botocancel.testing import HttpAnswer, HttpRequest

UUID = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"


def client_of(aws: SimulatedAWS) -> TaskClient:
    session = aws.session()
    session.set_config_variable("max_attempts", 1)
    return TaskClient(session, clock=aws.clock)


def job_in(aws: SimulatedAWS, status: str = "RUNNING") -> JobRef:
    """Start a job, and give it a status."""
    simulator = aws.simulator("batch")
    job = JobRef(simulator.start())
    simulator.set_status(job.id, status)
    return job


def describe_also(aws: SimulatedAWS, job: JobRef, **members: object) -> None:
    """Have descriptions of a job say more, by AWS's names."""
    task = aws.simulator("batch").tasks[job.id]
    task.members.update(members)


def test_ids_are_of_jobs_and_of_children_of_array_jobs() -> None:
    assert task_ref(f"batch:{UUID}") == JobRef(UUID)
    child = task_ref(f"arn:aws:batch:eu-west-1:123456789012:job/{UUID}:3")
    assert (child.id, child.region) == (f"{UUID}:3", "eu-west-1")
    assert task_ref(f"batch:{UUID}:3@eu-west-1") == JobRef(f"{UUID}:3", region="eu-west-1")
    for text, said in {
        UUID: "it does not say which kind of task it is",
        f"batch:{UUID}#0": "a node of a multi-node job",
        "arn:aws:batch:us-east-1:123456789012:job-queue/nightly": "of which only a job",
    }.items():
        with pytest.raises(InvalidInput, match=said):
            task_ref(text)


def test_a_job_that_is_terminated_is_canceling_and_then_canceled_though_batch_has_no_such_status(
    aws: SimulatedAWS,
) -> None:
    client, job = client_of(aws), job_in(aws)
    receipt = client.cancel(job)
    stopping = client.describe(job)
    assert (stopping.status, stopping.phase) == ("RUNNING", Phase.CANCELING)
    outcome = client.cancel_and_wait(receipt)
    assert (outcome.snapshot.status, outcome.phase) == ("FAILED", Phase.CANCELED)
    assert outcome.certainty == "reported"
    assert outcome.cancels == 0


def test_a_job_that_failed_by_itself_is_not_said_to_be_canceled(aws: SimulatedAWS) -> None:
    client, job = client_of(aws), job_in(aws, "FAILED")
    outcome = client.cancel_and_wait(job)
    assert (outcome.phase, outcome.certainty) == (Phase.FAILED, "reported")


def test_a_job_that_succeeded_before_it_could_be_terminated_has_succeeded(
    aws: SimulatedAWS,
) -> None:
    client, job = client_of(aws), job_in(aws)
    client.cancel(job)
    aws.simulator("batch").finish(job.id)
    assert client.cancel_and_wait(job).phase is Phase.SUCCEEDED


def test_a_job_at_work_that_was_only_canceled_goes_on_and_is_terminated(aws: SimulatedAWS) -> None:
    client, job = client_of(aws), job_in(aws)
    describe_also(aws, job, isCancelled=True)  # CancelJob is accepted, and does nothing to it
    assert client.describe(job).phase is Phase.RUNNING
    outcome = client.cancel_and_wait(job)
    assert (outcome.cancels, outcome.canceled) == (1, True)


def test_a_job_that_waits_for_others_may_be_canceling_for_long(aws: SimulatedAWS) -> None:
    client, job = client_of(aws), job_in(aws, "PENDING")
    describe_also(aws, job, isCancelled=True)
    assert client.describe(job).phase is Phase.CANCELING


def test_the_progress_of_an_array_job_is_that_of_its_children(aws: SimulatedAWS) -> None:
    job = job_in(aws, "PENDING")
    summary = {"SUCCEEDED": 5, "FAILED": 1, "RUNNING": 2}
    array = {"arrayProperties": {"size": 10, "statusSummary": summary}}
    describe_also(aws, job, **array)
    progress = client_of(aws).describe(job).progress
    assert progress == Progress(done=6, total=10, unit="children")
    assert progress.fraction == 0.6
    assert client_of(aws).describe(job_in(aws, "RUNNING")).progress == Progress()


@pytest.mark.parametrize(
    ("given", "sent"),
    [("too slow", "too slow"), (None, "Terminated by botocancel"), ("x" * 2000, "x" * 1024)],
)
def test_a_reason_is_always_sent(aws: SimulatedAWS, given: str | None, sent: str) -> None:
    job = job_in(aws)
    client_of(aws).cancel(job, reason=given)
    assert aws.requests[-1].parameters == {"jobId": job.id, "reason": sent}


def test_a_job_that_has_not_begun_is_described_though_its_model_requires_a_start(
    aws: SimulatedAWS,
) -> None:
    snapshot = client_of(aws).describe(job_in(aws, "RUNNABLE"))
    assert snapshot.started_at is None
    assert snapshot.created_at == aws.clock.now
    raw: Any = aws.session().create_client("batch")
    (job,) = raw.describe_jobs(jobs=[snapshot.ref.id])["jobs"]
    assert "startedAt" not in job


def test_a_hundred_jobs_are_described_at_once_and_an_unknown_one_hides_no_other(
    aws: SimulatedAWS,
) -> None:
    jobs = [job_in(aws, "SUCCEEDED") for _ in range(99)]
    results = list(client_of(aws).wait_many([*jobs, JobRef(UUID)]))
    assert sum(result.error is None for result in results) == len(jobs)
    assert sum(isinstance(result.error, NotFound) for result in results) == 1
    asked = cast("list[str]", aws.requests[0].parameters["jobs"])
    assert len(asked) == len(jobs) + 1


def test_every_status_is_listed_and_the_one_that_jobs_come_back_to_is_listed_again(
    aws: SimulatedAWS,
) -> None:
    statuses = ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING")
    jobs = {job_in(aws, status).id: status for status in statuses}
    found = {each.ref.id: each.status for each in client_of(aws).active(kinds=["batch"])}
    assert found == jobs
    listings = [each.parameters for each in aws.requests if each.operation == "ListJobs"]
    assert [each["jobStatus"] for each in listings] == [*statuses, "RUNNABLE"]


@pytest.mark.parametrize("answered", ["as declared", "accept"])
def test_how_batch_answers_for_what_has_ended_or_is_not_there_does_not_matter(
    answered: Any,  # noqa: ANN401  (a setting)
) -> None:
    aws = SimulatedAWS(SimulatorSettings(ended=answered, unknown=answered))
    client, job = client_of(aws), job_in(aws, "SUCCEEDED")
    assert client.cancel_and_wait(job).phase is Phase.SUCCEEDED
    with pytest.raises(NotFound):
        client.cancel_and_wait(JobRef(UUID))
    if answered == "accept":
        assert client.cancel(job).accepted
    else:
        with pytest.raises(TaskEnded):
            client.cancel(job)


def test_an_answer_without_a_body_is_an_acceptance_too(aws: SimulatedAWS) -> None:
    """Whether AWS sends the empty object that the answer is, or nothing, is not known."""

    def answer(request: HttpRequest) -> HttpAnswer:
        said = aws.answer(request)
        if request.path != "/v1/terminatejob":
            return said
        return attrs.evolve(said, body=b"", headers={**said.headers, "content-length": "0"})

    session = session_over(answer, account=DEFAULT_ACCOUNT, region=DEFAULT_REGION)
    outcome = TaskClient(session, clock=aws.clock).cancel_and_wait(job_in(aws))
    assert (outcome.accepted, outcome.canceled) == (True, True)
