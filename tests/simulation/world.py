"""One schedule's world: services, a network and callers, all in one virtual time."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import attrs

from botocancel._calls import unanswered
from botocancel._known import Known
from botocancel.effects import Call
from botocancel.journal import cancels_in, unfinished
from botocancel.phases import Phase
from botocancel.services import kind_named, kind_of
from botocancel.services._simulator import Conditions, Place, VirtualClock
from botocancel.services._simulator.declared import DeclaredTask
from botocancel.testing._world import simulator_types
from tests.simulation.callers import Caller, flow_of
from tests.simulation.delivery import protocol_of
from tests.simulation.network import Exchange, Sent
from tests.simulation.paper import Paper
from tests.simulation.schedule import CallPlan, Kind
from tests.simulation.speech import kind_of_request, purpose_of, said_in, task_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocancel.errors import BotocancelError
    from botocancel.model import Response
    from botocancel.services import AnyKind
    from botocancel.services._simulator import AnySimulator, HistoryRecord
    from botocancel.testing import Fault
    from tests.simulation.callers import AnyRef
    from tests.simulation.schedule import Schedule, TaskPlan

    Deliver: TypeAlias = Callable[[Response | BotocancelError], None]

__all__ = ["World"]

_PLACE: Final = Place()
_AT_ONCE: Final = Conditions(lag=0.0, visible_after=0.0)
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
        self._known = defaultdict[tuple[str, str], Known](partial(Known, is_own=True))
        """What the library knows of each caller's clients, by the service."""
        self._simulators: dict[str, AnySimulator] = {}
        self._last: dict[str, AnyRef] = {}
        """The last task that was made, by kind."""
        self._numbers = count()
        self.refs: list[AnyRef] = [self._create(plan) for plan in schedule.tasks]
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

    def simulator_of(self, ref: AnyRef) -> AnySimulator:
        """Return the simulator of the kind that a task is of."""
        return self._simulator(ref.key)

    def status(self, ref: AnyRef) -> str | None:
        """Return the true status of a task; None if it does not exist."""
        task = self.simulator_of(ref).tasks.get(ref.id)
        return None if task is None else task.status

    def count(self, key: str) -> int:
        """Return how many tasks of a kind there are."""
        return len(self._simulator(key).tasks)

    def is_taken_up(self, ref: AnyRef) -> bool:
        """Say whether the work of a task was taken up again after a cancel."""
        task = self.simulator_of(ref).tasks.get(ref.id)
        causes = [] if task is None else [change.cause for change in task.changes]
        return "forced" in causes[causes.index("cancel") :] if "cancel" in causes else False

    def ends(self, ref: AnyRef) -> frozenset[str]:
        """Return how a task has ended: more than once, if it was taken up again."""
        simulator = self.simulator_of(ref)
        task = simulator.tasks.get(ref.id)
        statuses = () if task is None else [change.after for change in task.changes]
        return frozenset(statuses) & simulator.lifecycle.ended

    def phase(self, ref: AnyRef) -> Phase:
        """Return the phase of a task as its service truly describes it."""
        kind, simulator = kind_of(ref), self.simulator_of(ref)
        settings = simulator.settings
        simulator.settings = attrs.evolve(settings, page_size=None)
        answer = simulator.handle(kind.describing(ref), _AT_ONCE)
        simulator.settings = settings
        return said_in(kind.describing(ref), answer)[ref.id].phase or Phase.UNKNOWN

    def _send(self, name: str, paper: Paper | None, call: Call[Response], deliver: Deliver) -> Sent:
        request = call.request
        sent = Sent(request, purpose_of(request), self.clock.seconds, task_in(request))
        known = self._known[name, request.service]
        known.protocol = protocol_of(request.service)
        sent.is_noted = paper is not None and sent.task_id in paper.asked
        weather = self.schedule.weather

        def delivered(answer: Response | BotocancelError) -> None:
            if sent.ended is not None:  # it was left behind at its deadline
                return
            sent.ended, sent.answer = self.clock.seconds, answer
            deliver(answer)

        Exchange(
            sent=sent,
            simulator=self._simulator(kind_of_request(request).key),
            clock=self.clock,
            random=self.random,
            latency=weather.latency,
            denied=weather.denied,
            next_fault=self.next_fault,
            history=self.history,
            known=known,
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

    def _simulator(self, key: str) -> AnySimulator:
        found = self._simulators.get(key)
        if found is None:
            settings = self.schedule.settings.get(key)
            found = self._simulators[key] = simulator_types()[key](
                _PLACE, self.clock, self.random, settings, self.history
            )
        return found

    def _create(self, plan: TaskPlan) -> AnyRef:
        """Make a task as it is planned."""
        kind, simulator = kind_named(plan.kind), self._simulator(plan.kind)
        settings = simulator.settings
        simulator.settings = attrs.evolve(settings, seconds=plan.seconds)
        last = self._last.get(plan.kind) if plan.beside else None
        ref = self._anew(kind, last) if last is not None else None
        if ref is None:
            ref = kind.ref(_started(simulator, plan.status))
        simulator.settings = settings
        task = simulator.tasks[ref.id]
        task.fails, task.cancelable = plan.fails, plan.cancelable
        if last is not None:
            ref = _as_child(simulator, ref, f"{last.id}:{next(self._numbers)}")
        if not plan.exists:
            del simulator.tasks[ref.id]
        else:
            self._last[plan.kind] = ref
        return ref

    def _anew(self, kind: AnyKind, ref: AnyRef) -> AnyRef | None:
        """Start the work of a task anew, as a task of its own, where the kind has such a repair."""
        if kind.repairs is None:
            return None
        flow, simulator = kind.repairs(ref), self._simulator(kind.key)
        answer: Response | None = None
        try:
            while isinstance(effect := flow.send(answer), Call):
                answer = simulator.handle(effect.request, _AT_ONCE)
        except StopIteration as stop:
            return cast("AnyRef", stop.value)
        raise AssertionError

    def _tell(self, who: str, what: str) -> None:
        if self._say is not None:
            self._say(f"{self.clock.seconds:10.3f}  {who}: {what}")


def _started(simulator: AnySimulator, status: str | None) -> str:
    """Make a task, and lead it to a status, or give it one that none is led to."""
    try:
        return simulator.start(status)
    except ValueError:
        task_id = simulator.start()
        simulator.set_status(task_id, status or "")
        return task_id


def _as_child(simulator: AnySimulator, ref: AnyRef, name: str) -> AnyRef:
    """Have a task be a child of another, by its name, where the ids of a kind know children."""
    task = simulator.tasks[ref.id]
    if not (isinstance(task, DeclaredTask) and task.ref.form.fits(name)):
        return ref
    del simulator.tasks[ref.id]
    task.id, task.ref = name, attrs.evolve(task.ref, id=name)
    simulator.tasks[name] = task
    return kind_of(ref).ref(name)
