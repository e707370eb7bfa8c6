"""One schedule's world: services, a network and callers, all in one virtual time."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from botocancel._calls import unanswered
from botocancel._known import Known
from botocancel.journal import cancels_in, unfinished
from botocancel.services import task_ref
from botocancel.services._simulator import Place, VirtualClock
from botocancel.services.datasync.simulator import DataSyncSimulator
from botocancel.services.fsx.simulator import FSxSimulator
from tests.simulation.callers import Caller, flow_of
from tests.simulation.network import Exchange, Sent
from tests.simulation.paper import Paper
from tests.simulation.schedule import CallPlan, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocancel.effects import Call
    from botocancel.errors import BotocancelError
    from botocancel.model import Request, Response
    from botocancel.services._simulator import AnySimulator, HistoryRecord
    from botocancel.testing import Fault
    from tests.simulation.callers import AnyRef
    from tests.simulation.schedule import Schedule, TaskPlan

    Deliver: TypeAlias = Callable[[Response | BotocancelError], None]
    Simulator: TypeAlias = FSxSimulator | DataSyncSimulator

__all__ = ["World"]

_PLACE: Final = Place()
_PATIENCE: Final = 2_000.0
"""How long after the last deadline a call is given to return, before it is taken for hung."""
_AT_LAST: Final = CallPlan(kind=Kind.RESUME, tasks=(), timeout=500.0, journaled=True)
"""What is done when all else is over."""
_SETTLING: Final = 300.0
"""How long the services run on at the end."""


class World:
    """Everything that is simulated, and everything that was seen and claimed.

    Args:
        schedule: What happens.
        say: Told each step, with its time; for a replay.
    """

    def __init__(self, schedule: Schedule, say: Callable[[str], None] | None = None) -> None:
        self.schedule = schedule
        self.clock = VirtualClock()
        self.history: list[HistoryRecord] = []
        self.callers: list[Caller] = []
        self.random = Random(schedule.seed + 1)  # noqa: S311  (nothing here is a secret)
        self.next_fault: Callable[[], Fault | None] = self._draw_fault
        self._say = say
        self._to_come = 0
        self._known = defaultdict[str, Known](partial(Known, is_own=True, protocol="json"))
        """What the library knows of each caller's client."""
        self._simulators: dict[str, Simulator] = {}
        self._last_transfer_task: str | None = None
        self.refs: list[AnyRef] = [task_ref(self._create(plan)) for plan in schedule.tasks]
        """The tasks, as the schedule has them."""
        self.paper = Paper()
        """Where the journal is written."""
        for plan in schedule.bystanders:
            self._create(plan)
        self.clock.advance(schedule.age)

    def run(self) -> None:
        """Let everything happen that the schedule has, and then the services settle."""
        for plan in self.schedule.calls:
            self._begin_in(plan.starts, plan)
        self.finish()

    def finish(self) -> None:
        """Let every caller come to its end, and another one resume what they left."""
        self._settle()
        if self.schedule.is_resumed:
            self.begin(_AT_LAST)
            self._settle()

    def _settle(self) -> None:
        """Let every caller come to its end, and then the services settle."""
        plans = (*self.schedule.calls, *[caller.plan for caller in self.callers])
        until = self.clock.seconds + _PATIENCE
        until += max((plan.starts + plan.timeout for plan in plans), default=0.0)
        while self._is_busy and (due := self.clock.next_due) is not None and due <= until:
            self.clock.advance(due - self.clock.seconds)
        # Longer than any task is being cancelled, and than any request is under way.
        self.clock.advance(_SETTLING)

    def begin(self, plan: CallPlan) -> Caller:
        """Let a caller make its call now."""
        name = f"caller {len(self.callers) + 1}"
        found = bytes(self.paper.content) if plan.kind is Kind.RESUME else b""
        cancels = unfinished(cancels_in(found)[0])
        refs = [*[self.refs[number] for number in plan.tasks], *[each.ref for each in cancels]]
        say = None if self._say is None else partial(self._tell, name)
        paper = self.paper if plan.journaled else None
        caller = Caller(plan, refs, self.clock, partial(self._send, name, paper), paper, say)
        caller.found = found
        caller.on_death = partial(self._after_death, plan)
        if plan.dies_in is not None:
            self.clock.call_in(plan.dies_in, caller.die)
        self.callers.append(caller)
        if say is not None:
            timeout = f"timeout {plan.timeout:g} s, if_ended={plan.if_ended}"
            say(f"{plan.kind.value} of {', '.join(map(str, refs))}; {timeout}")
        least = self.schedule.least_draw
        draw = self.random.random
        caller.start(
            flow_of(
                plan,
                refs,
                cancels,
                self.schedule.poll,
                self.schedule.retry,
                lambda: least + (1.0 - least) * draw(),
            )
        )
        return caller

    def simulator_of(self, ref: AnyRef) -> Simulator:
        """Return the simulator of the service that a task is of."""
        return self._simulator(ref.service)

    def status(self, ref: AnyRef) -> str | None:
        """Return the true status of a task; None if it does not exist."""
        task = self.simulator_of(ref).tasks.get(ref.id)
        return None if task is None else task.status

    def _send(self, name: str, paper: Paper | None, call: Call[Response], deliver: Deliver) -> Sent:
        request = call.request
        sent = Sent(request, self.clock.seconds, _task_in(request))
        sent.is_noted = paper is not None and sent.task_id in paper.asked
        weather = self.schedule.weather

        def delivered(answer: Response | BotocancelError) -> None:
            if sent.ended is not None:  # it was left behind at its deadline
                return
            sent.ended, sent.answer = self.clock.seconds, answer
            deliver(answer)

        Exchange(
            sent=sent,
            simulator=cast("AnySimulator", self._simulator(request.service)),
            clock=self.clock,
            random=self.random,
            latency=weather.latency,
            denied=weather.denied,
            next_fault=self.next_fault,
            history=self.history,
            known=self._known[name],
            say=None if self._say is None else partial(self._tell, f"{name}, {request.operation}"),
            deliver=delivered,
        ).attempt()
        if call.deadline is not None:
            left = call.deadline - self.clock.seconds
            self.clock.call_in(left, lambda: delivered(unanswered(call)))
        return sent

    def _draw_fault(self) -> Fault | None:
        weather = self.schedule.weather
        if not weather.faults or self.random.random() >= weather.trouble:
            return None
        return weather.faults[int(self.random.random() * len(weather.faults))]

    def _after_death(self, plan: CallPlan) -> None:
        """Have a new process take over; where the power is lost, all the others end too."""
        if plan.returns_in is not None:
            self._begin_in(plan.returns_in, plan.after_death())
        if plan.loses_power is not None:
            for caller in self.callers:
                if caller.plan.journaled:
                    caller.die()
            self.paper.lose_power(plan.loses_power)

    def _begin_in(self, seconds: float, plan: CallPlan) -> None:
        self._to_come += 1

        def begin() -> None:
            self._to_come -= 1
            self.begin(plan)

        self.clock.call_in(seconds, begin)

    @property
    def _is_busy(self) -> bool:
        return self._to_come > 0 or any(not caller.is_over for caller in self.callers)

    def _simulator(self, service: str) -> Simulator:
        found = self._simulators.get(service)
        if found is None:
            found = self._simulators[service] = (
                FSxSimulator(_PLACE, self.clock, self.random, self.schedule.fsx, self.history)
                if service == "fsx"
                else DataSyncSimulator(
                    _PLACE, self.clock, self.random, self.schedule.datasync, self.history
                )
            )
        return found

    def _create(self, plan: TaskPlan) -> str:
        simulator = self._simulator(plan.service)
        if isinstance(simulator, FSxSimulator):
            task_id = simulator.create_task(
                status=plan.status,
                seconds=plan.seconds,
                fails=plan.fails,
                cancelable=plan.cancelable,
            )
        else:
            queued = plan.queued and self._last_transfer_task is not None
            task_id = simulator.start_execution(
                self._last_transfer_task if queued else None,
                status=None if queued else plan.status,
                seconds=plan.seconds,
                fails=plan.fails,
                cancelable=plan.cancelable,
            )
            self._last_transfer_task = task_id.partition("/execution/")[0]
        if not plan.exists:
            del simulator.tasks[task_id]
        return task_id

    def _tell(self, who: str, what: str) -> None:
        if self._say is not None:
            self._say(f"{self.clock.seconds:10.3f}  {who}: {what}")


def _task_in(request: Request[Response]) -> str | None:
    """Return the id of the one task that a request is about, if it is about one."""
    named = next(iter(request.to_wire().values()), None)
    if isinstance(named, list | tuple):
        named = named[0] if len(named) == 1 else None
    return named if isinstance(named, str) else None
