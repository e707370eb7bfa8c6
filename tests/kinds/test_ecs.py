"""What is particular to ECS tasks: how they ended is told by a code, and services own some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

import pytest

from botocancel import Cause, InvalidInput, NotFound, Phase, TaskClient, task_ref
from botocancel.services.ecs import ECSNotFound, RunTaskRequest, TaskRef
from botocancel.testing import SimulatedAWS, SimulatorSettings

if TYPE_CHECKING:
    from botocancel.testing import DeclaredSimulator

    Answered: TypeAlias = Literal["accept", "as declared"] | tuple[str, str]

ID: Final = "0123456789abcdef0123456789abcdef"
HERE: Final = "arn:aws:ecs:us-east-1:123456789012"
ARN: Final = f"{HERE}:task/shop/{ID}"


def client_of(aws: SimulatedAWS) -> TaskClient:
    session = aws.session()
    session.set_config_variable("max_attempts", 1)
    return TaskClient(session, clock=aws.clock)


@pytest.fixture
def tasks(aws: SimulatedAWS) -> DeclaredSimulator:
    return aws.simulator("ecs")


def members_of(tasks: DeclaredSimulator, ref: TaskRef) -> dict[str, object]:
    """Return the members of a task's description that a test may set."""
    return tasks.tasks[ref.id].members


def test_the_cluster_is_taken_from_the_arn(aws: SimulatedAWS, tasks: DeclaredSimulator) -> None:
    assert TaskRef(ARN).part("cluster") == "shop"
    client_of(aws).cancel(TaskRef(tasks.start("RUNNING", cluster="nightly")))
    assert aws.requests[-1].parameters["cluster"] == "nightly"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"{HERE}:task/{ID}", "it is an ARN of the old form, which lacks the cluster"),
        (f"{HERE}:service/shop/web", "of a service, set the desired count to 0"),
        (f"{HERE}:cluster/shop", "of which only a task can be stopped"),
        (f"{HERE}:container-instance/shop/{ID}", "of which only a task can be stopped"),
        (f"shop::{ARN}", "the ARN alone names the task, its cluster included"),
        (f"ecs:{ID}", "it is not the ARN of an ECS task"),
        (f"{ARN}0", "some part of the ARN is malformed"),
    ],
)
def test_what_is_wrong_with_a_text_is_said(text: str, fault: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        task_ref(text)
    assert fault in str(caught.value)


@pytest.mark.parametrize(
    ("code", "exits", "phase"),
    [
        ("EssentialContainerExited", [0, 0], Phase.SUCCEEDED),
        ("EssentialContainerExited", [0, 1], Phase.FAILED),
        ("EssentialContainerExited", [None], Phase.FAILED),
        ("EssentialContainerExited", [], Phase.FAILED),
        ("TaskFailedToStart", [None], Phase.FAILED),
        ("SpotInterruption", [143], Phase.FAILED),
        ("UserInitiated", [0], Phase.CANCELED),
        ("ServiceSchedulerInitiated", [143], Phase.CANCELED),
    ],
)
def test_how_a_task_ended_is_told_by_its_code_and_its_containers(
    aws: SimulatedAWS,
    tasks: DeclaredSimulator,
    code: str,
    exits: list[int | None],
    phase: Phase,
) -> None:
    task = TaskRef(tasks.start(code))
    containers = [{"name": "main"} if each is None else {"exitCode": each} for each in exits]
    members_of(tasks, task)["containers"] = containers
    snapshot = client_of(aws).describe(task)
    assert (snapshot.status, snapshot.phase, snapshot.parent) == (code, phase, "shop")
    assert snapshot.detail.last_status == "STOPPED"


@pytest.mark.parametrize(
    ("status", "code", "phase"),
    [
        ("RUNNING", "UserInitiated", Phase.CANCELING),
        ("RUNNING", None, Phase.CANCELING),
        ("STOPPING", "ServiceSchedulerInitiated", Phase.CANCELING),
        ("STOPPING", "EssentialContainerExited", Phase.RUNNING),
        ("DEPROVISIONING", "TaskFailedToStart", Phase.RUNNING),
    ],
)
def test_a_task_that_is_to_stop_is_cancelled_only_if_that_was_asked_for(
    aws: SimulatedAWS, tasks: DeclaredSimulator, status: str, code: str | None, phase: Phase
) -> None:
    task = TaskRef(tasks.start("RUNNING"))
    tasks.set_status(task.id, status)
    members_of(tasks, task).update(desiredStatus="STOPPED", stopCode=code)
    assert client_of(aws).describe(task).phase is phase


@pytest.mark.parametrize("length", [9, 255, 300])
def test_a_reason_comes_back_and_tells_whose_cancel_it_was(
    aws: SimulatedAWS, tasks: DeclaredSimulator, length: int
) -> None:
    outcome = client_of(aws).cancel_and_wait(TaskRef(tasks.start("RUNNING")), reason="r" * length)
    assert outcome.canceled
    assert outcome.snapshot.detail.stopped_reason == "r" * min(length, 255)
    assert outcome.cause is (Cause.THIS_CANCEL if length < 300 else Cause.REQUEST)
    assert outcome.snapshot.failure is None


def test_a_stop_without_a_reason_was_some_request(
    aws: SimulatedAWS, tasks: DeclaredSimulator
) -> None:
    outcome = client_of(aws).cancel_and_wait(TaskRef(tasks.start("RUNNING")))
    assert (outcome.canceled, outcome.cause) == (True, Cause.REQUEST)
    assert all("reason" not in record.parameters for record in aws.requests)


@pytest.mark.parametrize("code", ["EssentialContainerExited", "TaskFailedToStart"])
@pytest.mark.parametrize("ended", ["accept", ("InvalidParameterException", "It has stopped.")])
def test_the_stop_of_what_has_ended_claims_nothing(ended: Answered, code: str) -> None:
    aws = SimulatedAWS(SimulatorSettings(ended=ended))
    task = TaskRef(aws.simulator("ecs").start(code))
    outcome = client_of(aws).cancel_and_wait(task)
    assert (outcome.snapshot.status, outcome.canceled) == (code, False)


def test_a_task_that_there_is_not_is_not_found_and_not_asked_about_for_ever(
    aws: SimulatedAWS,
) -> None:
    for call in (client_of(aws).cancel, client_of(aws).describe, client_of(aws).cancel_and_wait):
        with pytest.raises(ECSNotFound) as caught:
            call(TaskRef(ARN))
        assert isinstance(caught.value, NotFound)
    assert len(aws.requests) < 20


def test_tasks_that_stop_are_found_by_listing_what_is_to_be_stopped(
    aws: SimulatedAWS, tasks: DeclaredSimulator
) -> None:
    stopping = TaskRef(tasks.start("RUNNING"))
    client_of(aws).cancel(stopping)
    tasks.start("EssentialContainerExited")
    [found] = client_of(aws).active(kinds=["ecs"])
    assert (found.ref, found.phase) == (stopping, Phase.CANCELING)
    listings = [each for each in aws.requests if each.operation == "ListTasks"]
    assert [each.parameters["desiredStatus"] for each in listings] == ["RUNNING", "STOPPED"]


def test_tasks_of_services_are_left_out_unless_they_are_asked_for(
    aws: SimulatedAWS, tasks: DeclaredSimulator
) -> None:
    client = client_of(aws)
    mine, owned = TaskRef(tasks.start("RUNNING")), TaskRef(tasks.start("RUNNING"))
    members_of(tasks, owned).update(group="service:web", serviceName="web")
    assert [each.ref for each in client.active(kinds=["ecs"])] == [mine]
    found = client.active(kinds=["ecs"], filters={"service": "web", "cluster": "shop"})
    assert [each.ref for each in found] == [owned]
    for name in ("service", "cluster"):
        with pytest.raises(InvalidInput, match=f"{name} must be the name of an ECS {name}"):
            list(client.active(kinds=["ecs"], filters={name: "a/b"}))


def test_a_description_is_of_100_tasks_of_one_cluster(
    aws: SimulatedAWS, tasks: DeclaredSimulator
) -> None:
    started = [TaskRef(tasks.start("UserInitiated", cluster="night")) for _ in range(101)]
    started += [TaskRef(tasks.start("UserInitiated", cluster="shop")) for _ in range(2)]
    summary = client_of(aws).wait_many([*started, TaskRef(ARN)]).finish()
    assert len(summary.done) == 103
    assert isinstance(summary.failed[0].error, ECSNotFound)
    for record in aws.requests:
        asked = cast("list[str]", record.parameters["tasks"])
        assert len(asked) <= 100
        assert {TaskRef(each).part("cluster") for each in asked} == {record.parameters["cluster"]}


def test_a_request_that_starts_one_task_names_it(aws: SimulatedAWS) -> None:
    client = client_of(aws)
    answer = client.call(RunTaskRequest(task_definition="report:1", cluster="nightly"))
    ref = TaskRef(task_ref(answer).id)
    assert ref.part("cluster") == "nightly"
    assert client.cancel_and_wait(ref).canceled
    assert answer.tasks
    several = type(answer)(tasks=(*answer.tasks, *answer.tasks))
    with pytest.raises(InvalidInput):
        task_ref(several)
