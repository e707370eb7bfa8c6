"""What lies between a flow and the services: botocore's part and the network's, in virtual time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from botocancel.model import Response
from botocancel.services._simulator import ORDINARY
from botocancel.services.datasync.models import (
    DescribeTaskExecutionResponse,
    ListTaskExecutionsResponse,
)
from botocancel.services.fsx.models import (
    CancelDataRepositoryTaskResponse,
    DescribeDataRepositoryTasksResponse,
)
from botocancel.testing import FaultKind, SimulatedError
from botocancel.testing.faults import conditions_of
from botocancel.testing.wire import HttpAnswer
from tests.simulation.delivery import (
    NotSigned,
    arrived_whole,
    arriving,
    can_be_tried_again,
    told,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from botocancel._known import Known
    from botocancel.errors import BotocancelError
    from botocancel.model import Request
    from botocancel.services._simulator import AnySimulator, HistoryRecord, VirtualClock
    from botocancel.testing import Fault
    from tests.simulation.delivery import Arrival

__all__ = ["Exchange", "Sent", "statuses_in"]

ATTEMPTS: Final = 3
"""So often botocore sends a request in its retry mode ``standard``."""

_TIMED_OUT: Final = 60.0
_THROTTLED: Final = "ThrottlingException"
_DENIED: Final = "AccessDeniedException"


@attrs.define(eq=False)
class Sent:
    """One call of botocore: the request, and all that came of it."""

    request: Request[Response]
    began: float
    task_id: str | None = None
    """The one task that it is about; None for a batch or a listing."""
    ended: float | None = None
    """When the caller had the answer; None if it never did."""
    attempts: int = 0
    answer: Response | BotocancelError | None = None
    """What the caller was told."""
    said: Response | None = None
    """What the service answered to the last attempt, whatever became of that on its way."""
    is_whole: bool = False
    """Whether that arrived as it left, and was about what was asked about."""
    stopped: bool = False
    """Whether it is what made the task stop."""
    swallowed: bool = False
    """Whether a fault swallowed a cancel that was accepted."""
    is_noted: bool = False
    """Whether the caller's journal said, on disk, that it is asked for, when it left."""

    @property
    def cancels(self) -> bool:
        """Whether it is a cancel."""
        return self.request.operation.startswith("Cancel")

    @property
    def succeeded(self) -> bool:
        """Whether the caller got the service's answer, all of it, and it was no refusal."""
        return isinstance(self.answer, Response) and self.is_whole


@attrs.define(eq=False, kw_only=True)
class Exchange:
    """One call of botocore under way: up to three attempts, each with a fate of its own."""

    sent: Sent
    simulator: AnySimulator
    clock: VirtualClock
    random: Random
    latency: tuple[float, float]
    denied: str | None
    next_fault: Callable[[], Fault | None]
    history: list[HistoryRecord]
    known: Known
    """What the library knows of the caller's client."""
    say: Callable[[str], None] | None
    deliver: Callable[[Response | BotocancelError], None]

    def attempt(self) -> None:
        """Send the request, once more."""
        fault = self.next_fault()
        if fault is not None and fault.kind is FaultKind.FAILED_REFRESH:
            if self.say is not None:
                self.say("the credentials cannot be renewed")
            self.clock.call_in(self._way(), partial(self._answered, NotSigned()))
            return
        self.sent.attempts += 1
        self.sent.said, self.sent.is_whole = None, False
        there, back = self._way(), self._way()
        lost: Arrival | None = None
        if self.denied is not None and self.sent.request.operation.startswith(self.denied):
            lost = SimulatedError(_DENIED, "not authorized")
        elif fault is not None:
            if fault.kind is FaultKind.SLOW:
                slow = fault.seconds or 0.0
                there, back = (there, back + slow) if fault.strikes_late else (there + slow, back)
            if fault.timed_out:
                back += _TIMED_OUT
            if not fault.strikes_late:
                lost = _disruption(fault, self.simulator)
        if self.say is not None:
            self.say(f"attempt {self.sent.attempts} leaves{_of(fault)}")
        if lost is None:
            self.clock.call_in(there, partial(self._arrive, fault, back))
        else:
            self.clock.call_in(there + back, partial(self._answered, lost))

    def _way(self) -> float:
        least, most = self.latency
        return least + (most - least) * self.random.random()

    def _arrive(self, fault: Fault | None, back: float) -> None:
        """Have the service handle the request."""
        conditions = ORDINARY if fault is None else conditions_of([fault])
        self.clock.advance(0)  # what is due at this instant comes first, and is not of our doing
        known = len(self.history)
        came: Response | SimulatedError
        try:
            came = self.simulator.handle(self.sent.request, conditions)
        except SimulatedError as refusal:
            came = refusal
        else:
            self.sent.swallowed |= conditions.ignores_cancel and self.sent.cancels
        self.sent.stopped |= any(
            getattr(record, "cause", None) == "cancel" for record in self.history[known:]
        )
        if self.say is not None:
            self.say(f"the service answers {_brief(came)}")
        lost = _disruption(fault, self.simulator) if fault and fault.strikes_late else None
        arrives: Arrival = lost or arriving(came, fault)
        if isinstance(arrives, HttpAnswer):
            back += arrives.seconds_per_byte * len(arrives.body)
        if isinstance(came, Response) and lost is None:
            self.sent.said = came
            self.sent.is_whole = arrived_whole(came, arrives) and _is_about(came, self.sent.request)
        self.clock.call_in(back, partial(self._answered, arrives))

    def _answered(self, came: Arrival) -> None:
        """Try again, as botocore would, or tell the caller."""
        if can_be_tried_again(came) and self.sent.attempts < ATTEMPTS:
            scale = 1.0 if isinstance(came, SimulatedError) and came.code == _THROTTLED else 0.05
            delay = self.random.random() * scale * 2 ** (self.sent.attempts - 1)
            self.clock.call_in(delay, self.attempt)
            return
        sent = self.sent
        self.deliver(told(came, sent.request, sent.attempts, self.known))


def _disruption(fault: Fault, simulator: AnySimulator) -> Arrival | None:
    return cast("Arrival | None", fault.disruption(simulator))


_NAMES: Final = ("TaskId", "TaskExecutionArn", "TaskArn")
"""The members of requests that name what they are about."""


def statuses_in(answer: Response) -> dict[str | None, str | None]:
    """Return the statuses that an answer tells, by task."""
    match answer:
        case DescribeTaskExecutionResponse():
            return {answer.task_execution_arn: answer.status}
        case ListTaskExecutionsResponse():
            return {item.task_execution_arn: item.status for item in answer.task_executions or ()}
        case DescribeDataRepositoryTasksResponse():
            return {task.task_id: task.lifecycle for task in answer.data_repository_tasks or ()}
        case CancelDataRepositoryTaskResponse():
            return {answer.task_id: answer.lifecycle}
        case _:
            return {}


def _is_about(answer: Response, request: Request[Response]) -> bool:
    """Say whether an answer names no other tasks than the request is about."""
    wire = cast("dict[str, Any]", request.to_wire())
    asked = wire.get("TaskIds") or [wire[name] for name in _NAMES if name in wire]
    named = [str(name) for name in statuses_in(answer)]
    return not asked or all(any(name.startswith(one) for one in asked) for name in named)


def _of(fault: Fault | None) -> str:
    return "" if fault is None else f", and meets {fault.kind.value}"


def _brief(came: Response | Exception) -> str:
    """Return an answer in a few words."""
    if isinstance(came, Exception):
        return f"{type(came).__name__}: {came}"
    statuses = ", ".join(sorted(map(str, statuses_in(came).values())))
    return f"{type(came).__name__}({statuses})"
