"""What is particular to CodeBuild's builds: answers with a status, and listings of ids alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

import pytest

from botocancel import InvalidInput, NotFound, Phase, TaskClient, TaskEnded, task_ref
from botocancel.services.codebuild import BuildRef, StartBuildRequest
from botocancel.testing import SimulatedAWS, SimulatorSettings

if TYPE_CHECKING:
    from botocancel.testing import DeclaredSimulator

    Answered: TypeAlias = Literal["accept", "as declared"] | tuple[str, str]

UUID: Final = "01234567-89ab-4def-8123-456789abcdef"


def client_of(aws: SimulatedAWS) -> TaskClient:
    session = aws.session()
    session.set_config_variable("max_attempts", 1)
    return TaskClient(session, clock=aws.clock)


@pytest.fixture
def builds(aws: SimulatedAWS) -> DeclaredSimulator:
    return aws.simulator("codebuild")


def test_an_id_is_of_a_project_and_a_uuid() -> None:
    ref = task_ref(f"codebuild:shop:{UUID}")
    assert ref == BuildRef(f"shop:{UUID}")
    assert (ref.part("project"), ref.service) == ("shop", "codebuild")
    arn = f"arn:aws:codebuild:eu-west-1:123456789012:build/shop:{UUID}"
    assert task_ref(arn) == BuildRef(
        f"shop:{UUID}", region="eu-west-1", account="123456789012", partition="aws"
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"shop:{UUID}", f"'codebuild:shop:{UUID}' would be the CodeBuild build"),
        (f"codebuild:{UUID}", f"'codebuild:codebuild:{UUID}' would be"),
        ("arn:aws:codebuild:us-east-1:123456789012:project/shop", "of a project, only a build can"),
        (
            f"arn:aws:codebuild:us-east-1:123456789012:build-batch/shop:{UUID}",
            "of a batch, builds are stopped one by one",
        ),
    ],
)
def test_what_is_wrong_with_a_text_is_said(text: str, fault: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        task_ref(text)
    assert fault in str(caught.value)


def test_the_answer_to_a_stop_tells_the_status(
    aws: SimulatedAWS, builds: DeclaredSimulator
) -> None:
    cancellation = client_of(aws).cancel(BuildRef(builds.start()))
    assert (cancellation.accepted, cancellation.phase) == (True, Phase.CANCELED)


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "FAULT", "TIMED_OUT"])
@pytest.mark.parametrize(
    "ended", ["as declared", "accept", ("InvalidInputException", "The build is {status}.")]
)
def test_a_build_that_has_ended_by_itself_was_not_stopped(ended: Answered, status: str) -> None:
    """By the status in the answer (documented), by a refusal, or by nothing in the answer."""
    aws = SimulatedAWS(SimulatorSettings(ended=ended))
    builds, client = aws.simulator("codebuild"), client_of(aws)
    build = BuildRef(builds.start())
    builds.set_status(build.id, status)
    if ended == "accept":
        assert client.cancel(build).accepted
    else:
        with pytest.raises(TaskEnded, match=status) as caught:
            client.cancel(build)
        assert caught.value.snapshot
        assert caught.value.snapshot.status == status
    outcome = client.cancel_and_wait(build)
    assert (outcome.snapshot.status, outcome.canceled) == (status, False)


def test_a_build_that_was_stopped_before_is_stopped(
    aws: SimulatedAWS, builds: DeclaredSimulator
) -> None:
    build = BuildRef(builds.start())
    builds.set_status(build.id, "STOPPED")
    assert client_of(aws).cancel(build).phase is Phase.CANCELED
    assert client_of(aws).cancel_and_wait(build).canceled


@pytest.mark.parametrize(
    ("current", "phase"),
    [("QUEUED", Phase.PENDING), ("SUBMITTED", Phase.PENDING), ("BUILD", Phase.RUNNING)],
)
def test_a_build_that_waits_is_told_by_its_own_phase(
    aws: SimulatedAWS, builds: DeclaredSimulator, current: str, phase: Phase
) -> None:
    build = builds.start()
    builds.tasks[build].members["currentPhase"] = current
    snapshot = client_of(aws).describe(BuildRef(build))
    assert (snapshot.status, snapshot.phase, snapshot.parent) == ("IN_PROGRESS", phase, "shop")
    assert len(list(client_of(aws).active(kinds=["codebuild"]))) == 1


def test_builds_are_described_by_100_and_one_that_there_is_not_hides_no_other(
    aws: SimulatedAWS, builds: DeclaredSimulator
) -> None:
    started = [BuildRef(builds.start("SUCCEEDED")) for _ in range(120)]
    summary = client_of(aws).wait_many([*started, BuildRef(f"shop:{UUID}")]).finish()
    assert len(summary.done) == 120
    assert isinstance(summary.failed[0].error, NotFound)
    asked = [cast("list[str]", each.parameters["ids"]) for each in aws.requests]
    assert max(map(len, asked)) == 100


def test_a_stop_of_a_build_that_there_is_not_is_not_found(aws: SimulatedAWS) -> None:
    for call in (client_of(aws).cancel, client_of(aws).cancel_and_wait):
        with pytest.raises(NotFound):
            call(f"codebuild:shop:{UUID}")


def test_builds_of_one_project_are_listed_by_an_operation_of_their_own(
    aws: SimulatedAWS, builds: DeclaredSimulator
) -> None:
    client = client_of(aws)
    builds.start()
    started = client.call(StartBuildRequest(project_name="nightly"))
    (snapshot,) = client.active(kinds=["codebuild"], filters={"project": "nightly"})
    assert (snapshot.ref.id, snapshot.parent) == (task_ref(started).id, "nightly")
    assert "ListBuilds" not in {record.operation for record in aws.requests}
    assert len(list(client.active(kinds=["codebuild"]))) == 2
    assert "sortOrder" not in {name for each in aws.requests for name in each.parameters}
    with pytest.raises(InvalidInput, match="project must be the name of a CodeBuild project"):
        list(client.active(kinds=["codebuild"], filters={"project": "a b"}))


def test_a_retry_is_another_build(aws: SimulatedAWS, builds: DeclaredSimulator) -> None:
    client, build = client_of(aws), BuildRef(builds.start())
    client.cancel_and_wait(build)
    fresh = client.restart(build)
    assert fresh != build
    assert [client.describe(ref).status for ref in (build, fresh)] == ["STOPPED", "IN_PROGRESS"]
    retry = next(each for each in aws.requests if each.operation == "RetryBuild")
    assert len(str(retry.parameters["idempotencyToken"])) == 32
