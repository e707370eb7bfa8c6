"""What is particular to EMR Serverless job runs: ids of two parts, which go into paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import pytest

from botocancel import InvalidInput, NotFound, Phase, TaskClient, TaskEnded, task_ref
from botocancel.services.emr_serverless import EMRServerlessNotFound, JobRunRef, StartJobRunRequest
from botocancel.testing import SimulatedAWS, SimulatorSettings

if TYPE_CHECKING:
    from botocancel.testing import DeclaredSimulator

    Answered: TypeAlias = Literal["accept", "as declared"] | tuple[str, str]

RUN: Final = "00f1abcd2efgh301/00f2abcd3efgh402"
ARN: Final = (
    "arn:aws:emr-serverless:eu-west-1:123456789012:/applications/00f1abcd2efgh301/jobruns/"
    "00f2abcd3efgh402"
)
ROLE: Final = "arn:aws:iam::123456789012:role/jobs"


def client_of(aws: SimulatedAWS) -> TaskClient:
    session = aws.session()
    session.set_config_variable("max_attempts", 1)
    return TaskClient(session, clock=aws.clock)


@pytest.fixture
def runs(aws: SimulatedAWS) -> DeclaredSimulator:
    return aws.simulator("emr-serverless")


def test_an_arn_has_the_parts_of_an_id_with_text_between_them() -> None:
    ref = JobRunRef.parse(ARN)
    assert (
        ref
        == task_ref(ARN)
        == JobRunRef(RUN, region="eu-west-1", account="123456789012", partition="aws")
    )
    assert (ref.arn, ref.qualified) == (ARN, ARN)
    assert task_ref(f"emr-serverless:{RUN}@eu-west-1") == JobRunRef(RUN, region="eu-west-1")
    assert JobRunRef(RUN).arn is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (RUN, f"'emr-serverless:{RUN}' would be the EMR Serverless job run"),
        ("emr-serverless:00f2abcd3efgh402", "it does not say which application the run is of"),
        (ARN.partition("/jobruns")[0], "of an application, only a job run can be stopped"),
        (ARN.upper().replace("ARN:AWS:EMR-SERVERLESS:EU-WEST-1", ARN[:31]), "upper-case letters"),
        ("emr-serverless:a/../b", "it is not the id of an EMR Serverless application"),
        ("emr-serverless:/", "it is not the id of an EMR Serverless application"),
        ("emr-serverless:a/b?c", "it is not the id of an EMR Serverless application"),
    ],
)
def test_what_is_no_id_is_not_sent(aws: SimulatedAWS, text: str, fault: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        client_of(aws).cancel(text)
    assert fault in str(caught.value)
    assert not aws.requests


@pytest.mark.parametrize("status", ["SUCCESS", "FAILED"])
@pytest.mark.parametrize("ended", ["as declared", "accept", ("ValidationException", "Invalid.")])
def test_the_cancel_of_what_has_ended_claims_nothing(ended: Answered, status: str) -> None:
    aws = SimulatedAWS(SimulatorSettings(ended=ended))
    client, runs = client_of(aws), aws.simulator("emr-serverless")
    run = JobRunRef(runs.start(status))
    if ended != "accept":
        with pytest.raises(TaskEnded) as caught:
            client.cancel(run)
        assert caught.value.snapshot
        assert caught.value.snapshot.status == status
    outcome = client.cancel_and_wait(run)
    assert (outcome.snapshot.status, outcome.canceled) == (status, False)


def test_a_wait_ends_with_the_run_and_not_while_it_is_cancelled(
    aws: SimulatedAWS, runs: DeclaredSimulator
) -> None:
    """Its application can be stopped only then."""
    client, run = client_of(aws), JobRunRef(runs.start("RUNNING"))
    client.cancel(run)
    assert client.describe(run).phase is Phase.CANCELING
    assert client.wait(run).status == "CANCELLED"


def test_only_a_run_that_failed_says_why(aws: SimulatedAWS, runs: DeclaredSimulator) -> None:
    client, told = client_of(aws), "As told by the application"
    expected = {"RUNNING": None, "CANCELLED": None, "FAILED": told}
    for status, failure in expected.items():
        assert client.describe(JobRunRef(runs.start(status))).failure == failure


def test_a_run_that_there_is_not_is_not_found(aws: SimulatedAWS) -> None:
    for call in (client_of(aws).cancel, client_of(aws).describe, client_of(aws).cancel_and_wait):
        with pytest.raises(EMRServerlessNotFound) as caught:
            call(JobRunRef(RUN))
        assert isinstance(caught.value, NotFound)


def test_runs_of_one_application_are_found_by_a_filter(
    aws: SimulatedAWS, runs: DeclaredSimulator
) -> None:
    client = client_of(aws)
    runs.start()
    request = StartJobRunRequest(
        application_id="00f1other", client_token="token", execution_role_arn=ROLE, name="mine"
    )
    started = task_ref(client.call(request))
    [found] = client.active(kinds=["emr-serverless"], filters={"application": "00f1other"})
    assert (found.ref.id, found.parent, found.phase) == (started.id, "00f1other", Phase.PENDING)
    assert {each.operation for each in aws.requests} == {"StartJobRun", "ListJobRuns", "GetJobRun"}
    assert len(list(client.active(kinds=["emr-serverless"]))) == 2
    with pytest.raises(InvalidInput, match="application must be the id of an EMR Serverless"):
        list(client.active(kinds=["emr-serverless"], filters={"application": "a/b"}))
