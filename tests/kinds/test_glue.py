"""What is particular to Glue's job runs: ids of two parts, and refusals within an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from botocancel import (
    InvalidInput,
    NotFound,
    Phase,
    TaskClient,
    TaskEnded,
    task_ref,
)
from botocancel.services.glue import GlueError, JobRunRef, StartJobRunRequest
from botocancel.testing import Fault, FaultKind, SimulatedAWS, SimulatorSettings

if TYPE_CHECKING:
    from botocancel.testing import DeclaredSimulator

RUN: Final = f"jr_{'0123456789abcdef' * 4}"


def client_of(aws: SimulatedAWS) -> TaskClient:
    session = aws.session()
    session.set_config_variable("max_attempts", 1)
    return TaskClient(session, clock=aws.clock)


@pytest.fixture
def glue(aws: SimulatedAWS) -> DeclaredSimulator:
    return aws.simulator("glue")


@pytest.mark.parametrize("job", ["orders", "a job/of two parts", "ž@ö:x"])
def test_an_id_is_parted_at_its_last_slash(job: str) -> None:
    """The name of a job may have nearly any character in it, the id of a run may not."""
    ref = task_ref(f"glue:{job}/{RUN}")
    assert ref == JobRunRef(f"{job}/{RUN}")
    assert (ref.part("job"), ref.part("run")) == (job, RUN)
    assert task_ref(f"glue:{job}/{RUN}@eu-west-1").region == "eu-west-1"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (RUN, "it does not say which job the run is of"),
        (f"glue:{RUN}", "it does not say which job the run is of"),
        (f"orders/{RUN}", "it does not say which kind of task it is"),
        ("arn:aws:glue:us-east-1:123456789012:job/orders", "write 'glue:orders/jr_…'"),
        ("arn:aws:glue:us-east-1:123456789012:crawler/x", "it is the ARN of another resource"),
        ("glue:orders/", "it is not the name of a Glue job and the id of its run"),
        (f"glue:two\nlines/{RUN}", "there is white space in it"),
    ],
)
def test_what_is_wrong_with_a_text_is_said(text: str, fault: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        task_ref(text)
    assert fault in str(caught.value)


def test_a_run_is_stopped_alone(aws: SimulatedAWS, glue: DeclaredSimulator) -> None:
    """One cancel never asks for others."""
    runs = [glue.start("RUNNING") for _ in range(2)]
    client_of(aws).cancel(JobRunRef(runs[0]))
    job, _, run = runs[0].rpartition("/")
    assert aws.requests[-1].parameters == {"JobName": job, "JobRunIds": [run]}
    assert [glue.status(name) for name in runs] == ["STOPPING", "RUNNING"]


@pytest.mark.parametrize("ended", ["SUCCEEDED", "FAILED", "ERROR", "TIMEOUT", "EXPIRED", "STOPPED"])
@pytest.mark.parametrize("code", ["InvalidInputException", "IllegalStateException"])
def test_a_refusal_within_an_answer_is_a_refusal(ended: str, code: str) -> None:
    """HTTP says 200. AWS does not say by which code, so a describe tells what it means."""
    aws = SimulatedAWS(SimulatorSettings(ended=(code, "the run is {status}")))
    glue, client = aws.simulator("glue"), client_of(aws)
    run = JobRunRef(glue.start())
    glue.set_status(run.id, ended)
    with pytest.raises(TaskEnded) as caught:
        client.cancel(run)
    assert (caught.value.code, caught.value.message) == (code, f"the run is {ended}")
    assert caught.value.snapshot
    assert caught.value.snapshot.status == ended
    assert client.cancel_and_wait(run).canceled == (ended == "STOPPED")


@pytest.mark.parametrize("again", ["accept", ("InvalidInputException", "it is {status}")])
def test_how_a_second_stop_is_answered_does_not_matter(again: object) -> None:
    aws = SimulatedAWS(SimulatorSettings(again=again))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    glue = aws.simulator("glue")
    run = JobRunRef(glue.start())
    glue.set_status(run.id, "STOPPING")
    assert client_of(aws).cancel_and_wait(run).canceled


@pytest.mark.parametrize("unknown", ["EntityNotFoundException", "InvalidInputException"])
def test_a_run_that_there_is_not_is_not_found(unknown: str) -> None:
    """By whichever code."""
    aws = SimulatedAWS(SimulatorSettings(unknown=(unknown, "Job run {id} was not found")))
    for call in (client_of(aws).cancel, client_of(aws).describe):
        with pytest.raises(NotFound):
            call(f"glue:orders/{RUN}")


def test_an_answer_that_names_no_run_has_not_accepted_it() -> None:
    """It says of none that it was submitted, and gives no error either."""
    aws = SimulatedAWS()
    run = JobRunRef(aws.simulator("glue").start("RUNNING"))
    aws.inject(
        Fault(
            kind=FaultKind.REPLACED_MEMBER,
            operation="BatchStopJobRun",
            member="SuccessfulSubmissions",
            members={"Errors": []},
        )
    )
    with pytest.raises(GlueError, match="the answer names no run") as caught:
        client_of(aws).cancel(run)
    assert caught.value.code == "NotSubmitted"
    assert client_of(aws).cancel_and_wait(run).canceled


def test_the_runs_of_one_job_are_listed(aws: SimulatedAWS, glue: DeclaredSimulator) -> None:
    glue.start("RUNNING")
    client = client_of(aws)
    started = client.call(StartJobRunRequest(job_name="nightly"))
    (snapshot,) = client.active(kinds=["glue"], filters={"job": "nightly"})
    assert snapshot.ref.id == f"nightly/{started.job_run_id}"
    assert (snapshot.parent, snapshot.phase) == ("nightly", Phase.PENDING)
    assert {record.operation for record in aws.requests} == {"StartJobRun", "GetJobRuns"}
    with pytest.raises(InvalidInput, match="job must be the name of a Glue job"):
        list(client.active(kinds=["glue"], filters={"job": "two\nlines"}))
