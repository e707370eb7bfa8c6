"""Amazon EventBridge replays."""

from __future__ import annotations

from typing import ClassVar, Final

import botocancel_replays as m  # its models are loaded on first use
from botocancel.services import Kind
from botocancel.services import declare as d
from botocancel_replays import errors

__all__ = ["KIND", "ReplayRef"]

MODELS: Final[d.Models] = {
    "client": "events",
    "title": "Amazon EventBridge",
    "prefix": "EventBridge",
    "reference": "https://docs.aws.amazon.com/eventbridge/latest/APIReference",
    "errors": {
        "Conflict": ["ConcurrentModificationException", "ResourceAlreadyExistsException"],
        "LimitExceeded": ["LimitExceededException"],
        "TaskEnded": ["IllegalStatusException"],
    },
}

_ARN: Final = "arn:{partition}:events:{region}:{account}:replay/{id}"


class ReplayRef(d.DeclaredRef["m.DescribeReplayResponse", "m.CancelReplayResponse"]):
    """Identity of an EventBridge replay: its name, or its ARN."""

    __slots__ = ()

    key: ClassVar[str] = "events-replay"
    service: ClassVar[str] = "events"
    form: ClassVar[d.Id] = d.Id(
        kind="EventBridge replay",
        pattern=r"[.\w-]{1,64}",
        longest=64,
        arn=_ARN,
        alone=False,
        expected="the name of an EventBridge replay or its ARN",
        example="sunday-0123456789",
        near={"arn:[^:]*:events:.*:archive/.*": "it is the ARN of an archive, not of a replay"},
    )


KIND: Final = Kind(
    ReplayRef,
    errors=errors.EventBridgeError,
    states={
        "STARTING": d.State(d.Phase.PENDING, then="RUNNING", after=60),
        "RUNNING": d.State(d.Phase.RUNNING, then="COMPLETED", after=600),
        "CANCELLING": d.State(d.Phase.CANCELING, then="CANCELLED", after=300),
        "CANCELLED": d.State(d.Phase.CANCELED),
        "COMPLETED": d.State(d.Phase.SUCCEEDED),
        "FAILED": d.State(d.Phase.FAILED),
    },
    cancel=d.Cancel(
        request=lambda ask: m.CancelReplayRequest(replay_name=ask.id),
        status=lambda answer: answer.state,
        shows=lambda answer: answer.replay_arn,
        task=lambda answer: (answer.replay_arn or "").rpartition("/")[2],
    ),
    describe=d.Describe(
        request=lambda ref: m.DescribeReplayRequest(replay_name=ref.id),
        id=lambda replay: replay.replay_name,
    ),
    list=d.List(
        request=lambda page: m.ListReplaysRequest(
            state=page.status, limit=100, next_token=page.token
        ),
        items=lambda page: page.replays,
        id=lambda replay, _: replay.replay_name,
        status=lambda replay: replay.state,
        one_status=True,
    ),
    look=d.Look(
        status=lambda replay: replay.state,
        times=lambda replay: (replay.replay_start_time, None, replay.replay_end_time),
        arn=lambda replay: replay.replay_arn,
        parent=lambda replay: replay.event_source_arn,
        failure=lambda replay: replay.state_reason,
    ),
    start=d.Start(request=lambda: m.StartReplayRequest, id=lambda answer: answer.replay_arn),
    aftermath=d.Aftermath(
        done=d.Fate.KEPT,
        to_come=d.Fate.NOT_DONE,
        summary="Events that were replayed stay delivered; EventLastReplayedTime tells how far.",
        source="Amazon EventBridge API Reference, CancelReplay and DescribeReplay",
    ),
    permissions=d.Actions(prefix="events", task=_ARN),
    simulated=d.Simulated(
        ended=("IllegalStatusException", "Replay {id} is not in a valid state: {status}"),
        again=("IllegalStatusException", "Replay {id} is not in a valid state: {status}"),
        begun=lambda asked, made: asked.get("ReplayName", made),
    ),
)
