"""What is particular to EMR's steps: ids of two parts, one of them in answers, and no promise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

import pytest

from botocancel import InvalidInput, NotFound, Phase, TaskClient, TaskEnded, task_ref
from botocancel.services.emr import EMRNotFound, StepRef
from botocancel.testing import Fault, FaultKind, SimulatedAWS, SimulatorSettings

if TYPE_CHECKING:
    from botocancel.testing import DeclaredSimulator

    Answered: TypeAlias = Literal["accept", "as declared"] | tuple[str, str]

CLUSTERS: Final = ("j-0000000000001", "j-0000000000002")
STEP: Final = "s-0123456789ABC"


def client_of(aws: SimulatedAWS) -> TaskClient:
    session = aws.session()
    session.set_config_variable("max_attempts", 1)
    return TaskClient(session, clock=aws.clock)


@pytest.fixture
def steps(aws: SimulatedAWS) -> DeclaredSimulator:
    return aws.simulator("emr")


def test_an_id_is_of_a_cluster_and_a_step() -> None:
    ref = task_ref(f"emr:{CLUSTERS[0]}/{STEP}")
    assert ref == StepRef(f"{CLUSTERS[0]}/{STEP}")
    assert (ref.part("cluster"), ref.part("step")) == (CLUSTERS[0], STEP)
    assert task_ref(f"emr:{ref.id}@eu-west-1") == StepRef(ref.id, region="eu-west-1")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"{CLUSTERS[0]}/{STEP}", f"'emr:{CLUSTERS[0]}/{STEP}' would be the EMR step"),
        (STEP, "it does not say which cluster the step is of"),
        (f"emr:{CLUSTERS[0]}", "of a cluster, only a step can be stopped"),
        (
            "arn:aws:elasticmapreduce:us-east-1:123456789012:cluster/j-0000000000001",
            "steps have no ARN",
        ),
        (f"emr:{STEP}/{CLUSTERS[0]}", "it is not the id of an EMR cluster and the id of its step"),
    ],
)
def test_what_is_wrong_with_a_text_is_said(text: str, fault: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        task_ref(text)
    assert fault in str(caught.value)


@pytest.mark.parametrize("status", ["COMPLETED", "FAILED", "INTERRUPTED"])
@pytest.mark.parametrize(
    "ended",
    ["as declared", "accept", ("FAILED", ""), ("InvalidRequestException", "It has ended.")],
)
def test_the_cancel_of_what_has_ended_claims_nothing(ended: Answered, status: str) -> None:
    """By `FAILED` in the answer (documented), by an error, or by nothing in the answer."""
    aws = SimulatedAWS(SimulatorSettings(ended=ended))
    client, step = client_of(aws), StepRef(aws.simulator("emr").start(status))
    if ended != "accept":
        with pytest.raises(TaskEnded) as caught:
            client.cancel(step)
        assert caught.value.snapshot
        assert caught.value.snapshot.status == status
    outcome = client.cancel_and_wait(step)
    assert (outcome.snapshot.status, outcome.canceled) == (status, False)


def test_a_cancel_that_was_submitted_and_did_nothing_is_sent_again(
    aws: SimulatedAWS, steps: DeclaredSimulator
) -> None:
    step = StepRef(steps.start("RUNNING"))
    aws.inject(Fault(kind=FaultKind.IGNORED_CANCEL))
    outcome = client_of(aws).cancel_and_wait(step)
    assert (outcome.canceled, outcome.cancels) == (True, 2)


@pytest.mark.parametrize("unknown_ids", ["as declared", "refuse"])
@pytest.mark.parametrize(
    "unknown", ["as declared", ("InvalidRequestException", "Cluster id 'j-0' is not valid.")]
)
def test_a_step_that_there_is_not_is_not_found(
    unknown: Answered, unknown_ids: Literal["as declared", "refuse"]
) -> None:
    """Whether descriptions leave it out or are refused."""
    aws = SimulatedAWS(SimulatorSettings(unknown=unknown, unknown_ids=unknown_ids))
    client, step = client_of(aws), StepRef(f"{CLUSTERS[0]}/{STEP}")
    with pytest.raises(NotFound):
        client.cancel_and_wait(step)
    with pytest.raises(NotFound):
        client.cancel(step)


def test_steps_are_described_by_10_of_one_cluster(
    aws: SimulatedAWS, steps: DeclaredSimulator
) -> None:
    started = [
        StepRef(steps.start("COMPLETED", parent=cluster)) for cluster in CLUSTERS for _ in range(11)
    ]
    summary = client_of(aws).wait_many([*started, StepRef(f"{CLUSTERS[0]}/{STEP}")]).finish()
    assert {each.task for each in summary.done} == set(started)
    assert isinstance(summary.failed[0].error, EMRNotFound)
    for record in aws.requests:
        assert record.operation == "ListSteps"
        cluster = record.parameters["ClusterId"]
        asked = cast("list[str]", record.parameters["StepIds"])
        assert len(asked) <= 10
        assert {f"{cluster}/{each}" for each in asked} <= {*steps.tasks, f"{cluster}/{STEP}"}


def test_steps_of_the_same_id_in_two_clusters_are_two(
    aws: SimulatedAWS, steps: DeclaredSimulator
) -> None:
    first, second = (StepRef(steps.start(parent=cluster)) for cluster in CLUSTERS)
    client = client_of(aws)
    client.cancel_and_wait(first)
    assert client.describe(second).phase is not Phase.CANCELED
    listed = client.active(kinds=["emr"])
    assert [each.ref for each in listed] == [second]


def test_the_steps_of_one_cluster_are_found_by_a_filter_in_one_listing(
    aws: SimulatedAWS, steps: DeclaredSimulator
) -> None:
    client = client_of(aws)
    mine, _ = (StepRef(steps.start("RUNNING", parent=cluster)) for cluster in CLUSTERS)
    [found] = client.active(kinds=["emr"], filters={"cluster": CLUSTERS[0]})
    assert (found.ref, found.parent) == (mine, CLUSTERS[0])
    assert [each.operation for each in aws.requests] == ["ListSteps"]
    with pytest.raises(InvalidInput, match="cluster must be the id of an EMR cluster"):
        list(client.active(kinds=["emr"], filters={"cluster": "shop"}))
