"""What a batch tells while it goes on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from botocancel import AsyncTaskClient, Phase
from botocancel.testing import Fault, FaultKind, SimulatedAWS
from tests.simulated import DATASYNC, FSX, KINDS, Kind, client_of, clients_of

if TYPE_CHECKING:
    from botocancel import Sighting


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_stopping_many_tells_what_was_accepted_and_each_phase_that_was_seen(
    aws: SimulatedAWS, kind: Kind
) -> None:
    tasks = [kind.start(aws, kind.running) for _ in range(3)]
    seen: list[Sighting] = []
    client_of(aws).cancel_and_wait_many(tasks, on_progress=seen.append).finish()
    for task in tasks:
        mine = [sighting for sighting in seen if sighting.ref.id == task]
        assert mine[0].accepted
        assert Phase.CANCELING in {sighting.phase for sighting in mine}
        assert mine[-1].phase.terminal
        assert mine[-1].snapshot is not None


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_waiting_for_many_tells_of_each_look_and_of_no_cancel(
    aws: SimulatedAWS, kind: Kind
) -> None:
    tasks = [kind.start(aws, kind.running) for _ in range(2)]
    seen: list[Sighting] = []
    client_of(aws).wait_many(tasks, on_progress=seen.append).finish()
    assert {sighting.ref.id for sighting in seen} == set(tasks)
    assert not any(sighting.accepted for sighting in seen)
    assert {sighting.phase for sighting in seen} == {Phase.RUNNING, Phase.SUCCEEDED}


def test_a_phase_that_a_listing_told_comes_without_a_description(aws: SimulatedAWS) -> None:
    tasks = [DATASYNC.start(aws, DATASYNC.running) for _ in range(8)]
    seen: list[Sighting] = []
    client_of(aws).wait_many(tasks, on_progress=seen.append).finish()
    first = seen[: len(tasks)]
    assert [(sighting.phase, sighting.snapshot) for sighting in first] == [
        (Phase.RUNNING, None)
    ] * 8


def test_what_fails_is_a_result_and_no_sighting(aws: SimulatedAWS) -> None:
    seen: list[Sighting] = []
    unknown = FSX.unknown(aws)
    summary = client_of(aws).wait_many([unknown], on_progress=seen.append).finish()
    assert len(summary.failed) == 1
    assert not seen


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_look_that_failed_is_no_sighting_and_an_accepted_cancel_is(
    aws: SimulatedAWS, kind: Kind
) -> None:
    task = kind.start(aws, kind.running)
    aws.inject(Fault(kind=FaultKind.THROTTLE, operation=kind.describe, times=3))
    seen: list[Sighting] = []
    client_of(aws).cancel_and_wait_many([task], on_progress=seen.append).finish()
    accepted, *looks = seen
    assert (accepted.accepted, accepted.snapshot) == (True, None)
    assert all(sighting.accepted and sighting.snapshot is not None for sighting in looks)
    answered = [
        record for record in aws.requests if record.operation == kind.describe and not record.faults
    ]
    assert len(looks) == len(answered)


def test_a_cancel_that_was_not_taken_is_no_sighting(aws: SimulatedAWS) -> None:
    task = FSX.start(aws, FSX.running)
    aws.inject(Fault(kind=FaultKind.THROTTLE, operation="CancelDataRepositoryTask", times=1))
    seen: list[Sighting] = []
    client_of(aws).cancel_and_wait_many([task], on_progress=seen.append).finish()
    assert (seen[0].phase, seen[0].accepted) == (Phase.RUNNING, False)
    assert seen[1].accepted


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_a_listener_raises_ends_the_batch(aws: SimulatedAWS, kind: Kind) -> None:
    def stop(_: Sighting) -> None:
        msg = "enough"
        raise RuntimeError(msg)

    batch = client_of(aws).wait_many([kind.start(aws) for _ in range(3)], on_progress=stop)
    with pytest.raises(RuntimeError, match="enough"):
        batch.finish()
    assert len(batch.summary().pending) == 3


async def _listened(aws: SimulatedAWS, kind: Kind) -> list[Sighting]:
    """Stop tasks with an async client, and return what a coroutine function was told."""
    seen: list[Sighting] = []

    async def listen(sighting: Sighting) -> None:
        await asyncio.sleep(0)
        seen.append(sighting)

    async with AsyncTaskClient(clients=clients_of(aws), clock=aws.clock) as client:
        tasks = [kind.start(aws, kind.running) for _ in range(2)]
        await client.cancel_and_wait_many(tasks, on_progress=listen).finish()
        await client.wait_many(tasks, on_progress=listen).finish()
    return seen


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_async_client_tells_the_same_and_awaits_the_listener(kind: Kind) -> None:
    aws = SimulatedAWS()
    told = asyncio.run(_listened(aws, kind))
    aws = SimulatedAWS()
    client = client_of(aws)
    seen: list[Sighting] = []
    tasks = [kind.start(aws, kind.running) for _ in range(2)]
    client.cancel_and_wait_many(tasks, on_progress=seen.append).finish()
    client.wait_many(tasks, on_progress=seen.append).finish()

    def facts(sightings: list[Sighting]) -> set[tuple[str, Phase, bool]]:
        return {(each.ref.id, each.phase, each.accepted) for each in sightings}

    assert facts(told) == facts(seen)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_tasks_that_have_ended_are_listed_if_they_are_asked_for(
    aws: SimulatedAWS, kind: Kind
) -> None:
    running = kind.start(aws, kind.running)
    ended = kind.start(aws, kind.succeeded)
    client = client_of(aws)
    active = client.active(kinds=[kind.name])
    everything = client.active(kinds=[kind.name], ended=True)
    assert [snapshot.ref.id for snapshot in active] == [running]
    assert {snapshot.ref.id for snapshot in everything} == {running, ended}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_snapshot_says_what_its_task_is_one_of(aws: SimulatedAWS, kind: Kind) -> None:
    snapshot = client_of(aws).describe(kind.start(aws))
    if kind is FSX:
        assert (snapshot.type, snapshot.parent) == (
            "EXPORT_TO_REPOSITORY",
            next(iter(aws.fsx().parents)),
        )
    else:
        assert (snapshot.type, snapshot.parent) == (None, next(iter(aws.datasync().parents)))
