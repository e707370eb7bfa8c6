"""What is particular to SageMaker's jobs: training, processing and transform jobs alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from botocancel import InvalidInput, NotFound, Phase, TaskClient, TaskEnded, task_ref
from botocancel.services import kind_named
from botocancel.services.sagemaker import ProcessingJobRef, TrainingJobRef, TransformJobRef
from botocancel.testing import SimulatedAWS, SimulatorSettings

if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    from botocancel import Response, Shape, TaskRef
    from botocancel.testing import DeclaredSimulator

    Answered: TypeAlias = Literal["accept"] | tuple[str, str]

KEYS: Final = ("sagemaker-training", "sagemaker-processing", "sagemaker-transform")
IN_STATUS: Final = (
    "ValidationException",
    "The request was rejected: the job is in status {status}.",
)


def client_of(aws: SimulatedAWS) -> TaskClient:
    session = aws.session()
    session.set_config_variable("max_attempts", 1)
    return TaskClient(session, clock=aws.clock)


def job_in(simulator: DeclaredSimulator, status: str | None = None) -> TaskRef[Shape, Response]:
    """Start a job, and give it a status."""
    ref = kind_named(simulator.service).ref(simulator.start())
    if status:
        simulator.set_status(ref.id, status)
    return ref


@pytest.mark.parametrize("kind", [TrainingJobRef, ProcessingJobRef, TransformJobRef])
def test_a_name_needs_its_kind_and_an_arn_does_not(
    kind: type[TrainingJobRef | ProcessingJobRef | TransformJobRef],
) -> None:
    resource = kind.key.removeprefix("sagemaker-")
    arn = f"arn:aws-cn:sagemaker:cn-north-1:123456789012:{resource}-job/a-name"
    with pytest.raises(InvalidInput, match="it does not say which kind of task it is"):
        task_ref("a-name")
    assert task_ref(f"{kind.key}:a-name") == kind("a-name")
    assert task_ref(arn) == kind(
        "a-name", region="cn-north-1", account="123456789012", partition="aws-cn"
    )
    for wrong in ("a_name", "-a", "a-", "a" * 64, ""):
        with pytest.raises(InvalidInput):
            task_ref(f"{kind.key}:{wrong}")


def test_the_name_is_sent_where_an_arn_was_given(aws: SimulatedAWS) -> None:
    job = job_in(aws.simulator("sagemaker-training"))
    arn = f"arn:aws:sagemaker:us-east-1:123456789012:training-job/{job.id}"
    client_of(aws).cancel(arn)
    assert aws.requests[-1].parameters == {"TrainingJobName": job.id}


@pytest.mark.parametrize(
    ("key", "operation"),
    [("sagemaker-training", "ListTrainingJobs"), ("sagemaker-transform", "ListTransformJobs")],
)
def test_pages_that_the_filter_has_emptied_are_gone_on_from(key: str, operation: str) -> None:
    aws = SimulatedAWS(SimulatorSettings(page_size=2))
    simulator = aws.simulator(key)
    for _ in range(5):
        job_in(simulator, "Completed")
    job = job_in(simulator)
    found = client_of(aws).active(kinds=[key])
    assert [snapshot.ref.id for snapshot in found] == [job.id]
    listings = [each for each in aws.requests if each.operation == operation]
    assert [each.parameters["StatusEquals"] for each in listings] == ["InProgress"] * 3 + [
        "Stopping"
    ] * 3


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("ended", ["Completed", "Failed", "Stopped"])
def test_a_job_that_has_ended_is_told_as_ended_by_a_code_that_is_not_modelled(
    aws: SimulatedAWS, key: str, ended: str
) -> None:
    job = job_in(aws.simulator(key), ended)
    with pytest.raises(TaskEnded) as caught:
        client_of(aws).cancel(job)
    assert caught.value.code == "ValidationException"
    assert caught.value.snapshot
    assert caught.value.snapshot.status == ended


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("again", ["accept", IN_STATUS])
@pytest.mark.parametrize("ended", ["accept", IN_STATUS])
def test_how_a_second_stop_is_answered_does_not_matter(
    key: str, again: Answered, ended: Answered
) -> None:
    aws = SimulatedAWS(SimulatorSettings(again=again, ended=ended))
    simulator, client = aws.simulator(key), client_of(aws)
    stopping, completed = job_in(simulator, "Stopping"), job_in(simulator, "Completed")
    assert client.cancel_and_wait(stopping).canceled
    assert client.cancel_and_wait(completed).phase is Phase.SUCCEEDED


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    "unknown",
    [
        ("ResourceNotFound", "Could not find job to update with name {id}"),
        ("ValidationException", "Could not find job to update with name {id}"),
        ("ValidationException", "Requested resource not found."),
    ],
)
def test_a_job_that_there_is_not_is_not_found_by_any_code(
    key: str, unknown: tuple[str, str]
) -> None:
    aws = SimulatedAWS(SimulatorSettings(unknown=unknown))
    for call in (client_of(aws).cancel, client_of(aws).describe, client_of(aws).cancel_and_wait):
        with pytest.raises(NotFound):
            call(kind_named(key).ref("no-such-job"))


def test_a_training_job_that_is_deleted_is_not_said_to_have_ended_in_some_way(
    aws: SimulatedAWS,
) -> None:
    job = job_in(aws.simulator("sagemaker-training"), "Deleting")
    assert client_of(aws).describe(job).phase is Phase.CANCELING


@pytest.mark.parametrize("call", ["wait", "cancel_and_wait"])
def test_a_job_that_is_deleted_while_it_is_waited_for_is_not_found(
    aws: SimulatedAWS, call: str
) -> None:
    """How it ended is not made up from its having been Deleting."""
    simulator = aws.simulator("sagemaker-training")
    job = job_in(simulator, "Deleting")

    def is_deleted(_: object) -> None:
        simulator.tasks.pop(job.id, None)

    with pytest.raises(NotFound) as caught:
        getattr(client_of(aws), call)(job, timeout=600, on_progress=is_deleted)
    assert caught.value.ref == job


def test_a_job_that_was_stopped_and_is_deleted_is_not_found_though_the_stop_was_accepted(
    aws: SimulatedAWS,
) -> None:
    simulator, client = aws.simulator("sagemaker-training"), client_of(aws)
    job = job_in(simulator)
    receipt = client.cancel(job)
    del simulator.tasks[job.id]
    with pytest.raises(NotFound) as caught:
        client.cancel_and_wait(receipt, timeout=600)
    assert "had been accepted before" in "".join(caught.value.__notes__)


def test_a_description_in_letters_of_another_case_is_of_the_job(aws: SimulatedAWS) -> None:
    """SageMaker's ARNs are in lower case, and may find a job whose name is not."""
    simulator = aws.simulator("sagemaker-training")
    job = job_in(simulator)
    (found,) = client_of(aws).active(kinds=["sagemaker-training"])
    assert (found.ref.id, found.ref.account) == (job.id, "123456789012")
    upper = TrainingJobRef(job.id.upper())
    assert client_of(aws).describe(upper).detail.training_job_name == job.id
    assert client_of(aws).cancel_and_wait(upper).canceled
