"""Replays are cancelled as tasks of any other kind are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from botocancel import InvalidInput, Phase, TaskClient, TaskEnded, task_ref
from botocancel.services import kind_named
from botocancel.testing import SimulatedAWS, SimulatorSettings
from botocancel.testing.conformance import KindConformance
from botocancel_replays import EventBridgeError, ReplayDestination, ReplayRef, StartReplayRequest

if TYPE_CHECKING:
    from typing import Literal

REFUSED = ("IllegalStatusException", "it is {status}")


@pytest.mark.parametrize("kind", [kind_named("events-replay")])
class TestConformance(KindConformance):
    """Found by the entry point, as botocancel finds it."""


def client_of(aws: SimulatedAWS) -> TaskClient:
    session = aws.session()
    session.set_config_variable("max_attempts", 1)
    return TaskClient(session, clock=aws.clock)


def test_a_replay_is_named_by_its_name_or_its_arn() -> None:
    arn = "arn:aws:events:us-east-1:123456789012:replay/sunday"
    assert task_ref(arn).region == "us-east-1"
    assert task_ref("events-replay:sunday") == ReplayRef("sunday")
    with pytest.raises(InvalidInput, match="it does not say which kind of task it is"):
        task_ref("sunday")
    with pytest.raises(InvalidInput, match="it is the ARN of an archive"):
        task_ref(arn.replace("replay/", "archive/"))


@pytest.mark.parametrize("again", ["accept", REFUSED])
@pytest.mark.parametrize("ended", ["accept", REFUSED])
def test_how_a_cancel_in_vain_is_answered_does_not_matter(
    again: Literal["accept"] | tuple[str, str], ended: Literal["accept"] | tuple[str, str]
) -> None:
    aws = SimulatedAWS(SimulatorSettings(again=again, ended=ended))
    replays, client = aws.simulator("events-replay"), client_of(aws)
    canceling, completed = (ReplayRef(replays.start()) for _ in range(2))
    replays.set_status(canceling.id, "CANCELLING")
    replays.set_status(completed.id, "COMPLETED")
    assert client.cancel_and_wait(canceling).canceled
    assert client.cancel_and_wait(completed).phase is Phase.SUCCEEDED


def test_a_replay_that_has_ended_is_refused_as_ended() -> None:
    aws = SimulatedAWS()
    with pytest.raises(TaskEnded) as caught:
        client_of(aws).cancel(ReplayRef(aws.simulator("events-replay").start("COMPLETED")))
    assert isinstance(caught.value, EventBridgeError)
    assert caught.value.snapshot
    assert caught.value.snapshot.phase is Phase.SUCCEEDED


def test_a_replay_that_was_started_by_a_request_can_be_cancelled() -> None:
    """By the answer, which names it."""
    client = client_of(SimulatedAWS())
    archive = "arn:aws:events:us-east-1:123456789012:archive/all"
    started = client.call(
        StartReplayRequest(
            replay_name="sunday",
            event_source_arn=archive,
            event_start_time=datetime(2026, 11, 1, tzinfo=UTC),
            event_end_time=datetime(2026, 11, 2, tzinfo=UTC),
            destination=ReplayDestination(
                arn="arn:aws:events:us-east-1:123456789012:event-bus/all"
            ),
        )
    )
    assert task_ref(started).id == "sunday"
    assert client.cancel_and_wait(started).canceled
