"""What lies between a flow and the services: botocore's part and the network's, in virtual time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, cast

import attrs

from botocancel.model import Response
from botocancel.phases import Phase
from botocancel.services._simulator import ORDINARY
from botocancel.services._simulator.mixups import names_of_another, texts_in
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
from tests.simulation.speech import kind_of_request, said_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from botocancel._known import Known
    from botocancel.errors import BotocancelError
    from botocancel.model import Request
    from botocancel.services._simulator import AnySimulator, HistoryRecord, VirtualClock
    from botocancel.testing import Fault
    from tests.simulation.delivery import Arrival
    from tests.simulation.speech import Purpose

__all__ = ["Exchange", "Sent"]

ATTEMPTS: Final = 3
"""So often botocore sends a request in its retry mode ``standard``."""

_TIMED_OUT: Final = 60.0
_THROTTLED: Final = "ThrottlingException"
_DENIED: Final = "AccessDeniedException"


@attrs.define(eq=False)
class Sent:
    """One call of botocore: the request, and all that came of it."""

    request: Request[Response]
    purpose: Purpose
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
    was_taken: bool = False
    """Whether the service did what that attempt asked for: it may refuse inside an answer."""
    stopped: bool = False
    """Whether it is what made the task stop."""
    swallowed: bool = False
    """Whether nothing came of a cancel that was accepted: by a fault, or for want of a task."""
    is_noted: bool = False
    """Whether the caller's journal said, on disk, that it is asked for, when it left."""

    @property
    def cancels(self) -> bool:
        """Whether it is a cancel."""
        return self.purpose == "cancel"

    @property
    def succeeded(self) -> bool:
        """Whether the caller got the service's answer, all of it, and it was no refusal."""
        return isinstance(self.answer, Response) and self.is_whole and self.was_taken


@attrs.define(eq=False, kw_only=True)
class Exchange:
    """One call of botocore under way: up to three attempts, each with a fate of its own."""

    sent: Sent
    simulator: AnySimulator
    clock: VirtualClock
    random: Random
    latency: tuple[float, float]
    denied: Purpose | None
    next_fault: Callable[[], Fault | None]
    history: list[HistoryRecord]
    known: Known
    """What the library knows of the caller's client."""
    say: Callable[[str], None] | None
    deliver: Callable[[Response | BotocancelError], None]

    def attempt(self) -> None:
        """Send the request, once more."""
        fault = self._fault()
        if fault is not None and fault.kind is FaultKind.FAILED_REFRESH:
            if self.say is not None:
                self.say("the credentials cannot be renewed")
            self.clock.call_in(self._way(), partial(self._answered, NotSigned()))
            return
        self.sent.attempts += 1
        self.sent.said, self.sent.is_whole, self.sent.was_taken = None, False, False
        there, back = self._way(), self._way()
        lost: Arrival | None = None
        if self.denied is not None and self.sent.purpose == self.denied:
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

    def _fault(self) -> Fault | None:
        """Draw a fault, but none that answers what the service answers where all is well."""
        fault = self.next_fault()
        may_be_empty = kind_of_request(self.sent.request).cancels.may_be_empty
        is_right = self.sent.cancels and may_be_empty and fault is not None and fault.body == ""
        return None if is_right else fault

    def _way(self) -> float:
        least, most = self.latency
        return least + (most - least) * self.random.random()

    def _arrive(self, fault: Fault | None, back: float) -> None:
        """Have the service handle the request."""
        conditions = ORDINARY if fault is None else conditions_of([fault])
        self.clock.advance(0)  # what is due at this instant comes first, and is not of our doing
        sent, before = self.sent, self._stops
        others = self._others if conditions.wrong_task else set[str]()
        came: Response | SimulatedError
        try:
            came = self.simulator.handle(sent.request, conditions)
        except SimulatedError as refusal:
            came = refusal
        outcome = getattr(self.history[-1], "outcome", None)
        sent.was_taken = outcome == "accepted" or _shows_a_cancel(sent.request, came)
        if sent.cancels:
            sent.stopped |= self._stops > before
            sent.swallowed |= sent.was_taken and not self._is_stopping
        if self.say is not None:
            self.say(f"the service answers {_brief(sent.request, came)}")
        lost = _disruption(fault, self.simulator) if fault and fault.strikes_late else None
        arrives: Arrival = lost or arriving(came, fault, sent.request)
        if isinstance(arrives, HttpAnswer):
            back += arrives.seconds_per_byte * len(arrives.body)
        if isinstance(came, Response) and lost is None:
            self.sent.said = came
            is_about_another = not others.isdisjoint(texts_in(came.to_wire()))
            is_whole = arrived_whole(came, arrives, sent.request)
            self.sent.is_whole = is_whole and not is_about_another
        self.clock.call_in(back, partial(self._answered, arrives))

    @property
    def _stops(self) -> int:
        """How many cancels have taken effect on the task, at once or later."""
        task = self.simulator.tasks.get(self.sent.task_id or "")
        if task is None:
            return 0
        at_once = sum(change.cause == "cancel" for change in task.changes)
        return at_once + (getattr(task, "canceled_at", None) is not None)

    @property
    def _is_stopping(self) -> bool:
        """Whether the task has ended, or is going to, since it is being cancelled."""
        task, lifecycle = (
            self.simulator.tasks.get(self.sent.task_id or ""),
            self.simulator.lifecycle,
        )
        if task is None:
            return False
        is_stopping = task.status in {*lifecycle.ended, *lifecycle.stopping}
        return is_stopping or getattr(task, "canceled_at", None) is not None

    @property
    def _others(self) -> set[str]:
        """What the task is called that an answer about another task is about."""
        asked = self.sent.request.to_wire()
        names = names_of_another(self.simulator.tasks, asked, None)
        return {new for name, new in names.items() if new != name}

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


def _shows_a_cancel(request: Request[Response], came: Response | SimulatedError) -> bool:
    """Say whether an answer tells the task as it does where a cancel of it was accepted."""
    said = {} if isinstance(came, SimulatedError) else said_in(request, came)
    phases = {each.phase for each in said.values()}
    return not phases.isdisjoint({Phase.CANCELING, Phase.CANCELED})


def _of(fault: Fault | None) -> str:
    return "" if fault is None else f", and meets {fault.kind.value}"


def _brief(request: Request[Response], came: Response | Exception) -> str:
    """Return an answer in a few words."""
    if isinstance(came, Exception):
        return f"{type(came).__name__}: {came}"
    statuses = ", ".join(sorted(str(said.status) for said in said_in(request, came).values()))
    return f"{type(came).__name__}({statuses})"
