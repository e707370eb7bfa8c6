"""What is particular to Bedrock's model invocation jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import pytest
from botocore.loaders import Loader

from botocancel import (
    Cause,
    ConfigurationError,
    InvalidInput,
    NotFound,
    Phase,
    TaskClient,
    TaskEnded,
    task_ref,
)
from botocancel.services.bedrock import ModelInvocationJobRef
from botocancel.testing import SimulatedAWS, SimulatorSettings

if TYPE_CHECKING:
    Answered: TypeAlias = Literal["accept", "as declared"] | tuple[str, str]

KEY: Final = "bedrock-invocation"
HERE: Final = "arn:aws:bedrock:us-east-1:123456789012"
ARN: Final = f"{HERE}:model-invocation-job/0a1b2c3d4e5f"


def client_of(aws: SimulatedAWS) -> TaskClient:
    session = aws.session()
    session.set_config_variable("max_attempts", 1)
    return TaskClient(session, clock=aws.clock)


def job_in(aws: SimulatedAWS, status: str) -> ModelInvocationJobRef:
    """Start a job, and give it a status."""
    simulator = aws.simulator(KEY)
    ref = ModelInvocationJobRef(simulator.start())
    simulator.set_status(ref.id, status)
    return ref


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"{HERE}:model-customization-job/a.b/0a1b2c3d4e5f", "of Bedrock's jobs, only those of"),
        (f"{HERE}:evaluation-job/0a1b2c3d4e5f", "of Bedrock's jobs, only those of"),
        (f"{HERE}:model-invocation-job/0a1b", "some part of the ARN is malformed"),
        (f"{HERE}:model-invocation-job/0a1b2c3d4e5f/../x", "some part of the ARN is malformed"),
        (f"{KEY}:0a1b2c3d4e5f", "it is not the ARN of a Bedrock model invocation job"),
    ],
)
def test_what_is_wrong_with_an_arn_is_said_and_nothing_is_sent(
    aws: SimulatedAWS, text: str, fault: str
) -> None:
    """Ids go into the paths of requests."""
    assert task_ref(ARN) == ModelInvocationJobRef(ARN)
    with pytest.raises(InvalidInput) as caught:
        client_of(aws).cancel(text)
    assert fault in str(caught.value)
    assert not aws.requests


@pytest.mark.parametrize("code", ["ConflictException", "ValidationException"])
@pytest.mark.parametrize("status", ["Completed", "PartiallyCompleted", "Failed", "Expired"])
def test_a_job_that_has_ended_is_told_as_ended_by_either_code(code: str, status: str) -> None:
    aws = SimulatedAWS(SimulatorSettings(ended=(code, "The job is {status}.")))
    job = job_in(aws, status)
    with pytest.raises(TaskEnded, match=f"The job is {status}") as caught:
        client_of(aws).cancel(job)
    assert caught.value.code == code
    outcome = client_of(aws).cancel_and_wait(job)
    assert (outcome.snapshot.status, outcome.canceled) == (status, False)


@pytest.mark.parametrize("again", ["accept", "as declared"])
def test_how_a_second_stop_is_answered_does_not_matter(again: Answered) -> None:
    aws = SimulatedAWS(SimulatorSettings(again=again))
    outcome = client_of(aws).cancel_and_wait(job_in(aws, "Stopping"))
    assert (outcome.canceled, outcome.cause) == (True, Cause.REQUEST)


def test_a_job_that_there_is_not_is_not_found(aws: SimulatedAWS) -> None:
    for call in (client_of(aws).cancel, client_of(aws).describe, client_of(aws).cancel_and_wait):
        with pytest.raises(NotFound):
            call(ARN)


def test_the_progress_is_that_of_its_records(aws: SimulatedAWS) -> None:
    job = job_in(aws, "InProgress")
    task = aws.simulator(KEY).tasks[job.id]
    task.members.update(processedRecordCount=25, totalRecordCount=100)
    progress = client_of(aws).describe(job).progress
    assert (progress.done, progress.total, progress.unit, progress.fraction) == (
        *(25, 100, "records"),
        0.25,
    )


class _Older(Loader):
    """botocore's models before the operation was added."""

    def __init__(self) -> None:
        super().__init__(extra_search_paths=[self.BUILTIN_DATA_PATH])

    def load_service_model(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        model = super().load_service_model(*arguments, **options)
        model.get("operations", {}).pop("StopModelInvocationJob", None)
        return model


def test_an_older_botocore_is_told_plainly_and_other_kinds_go_on(aws: SimulatedAWS) -> None:
    job, export = job_in(aws, "InProgress"), aws.fsx().start(status="EXECUTING")
    session = aws.session()
    session.register_component("data_loader", _Older())
    client = TaskClient(session, clock=aws.clock)
    summary = client.cancel_and_wait_many([job, export]).finish()
    assert [str(result.task) for result in summary.done] == [export]
    (failed,) = summary.failed
    assert isinstance(failed.error, ConfigurationError)
    said = "this botocore's model of bedrock does not have StopModelInvocationJob yet"
    assert said in str(failed.error)
    assert client.describe(job).phase is Phase.RUNNING
