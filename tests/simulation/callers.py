"""Callers of the library: each a flow that is driven step by step, and may die between two."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import attrs

from botocancel import flows
from botocancel._calls import unsent
from botocancel._entries import asked, orders_for
from botocancel.effects import (
    Begin,
    Call,
    Emit,
    Instant,
    Locate,
    Located,
    Now,
    Record,
    Sleep,
    Tell,
    Together,
)
from botocancel.errors import BotocancelError, NotFound, is_retryable
from botocancel.polling import DEFAULT_TIMEOUT, GUARD_RETRY, Rules
from botocancel.results import Gap, TaskSnapshot
from botocancel.services import Wanted
from tests.simulation.paper import NOWHERE
from tests.simulation.schedule import CallPlan, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from botocancel._entries import Entry
    from botocancel.effects import Effect, Flow
    from botocancel.journal import JournaledCancel
    from botocancel.model import Response, Shape
    from botocancel.polling import Backoff, RetryPolicy
    from botocancel.refs import TaskRef
    from botocancel.results import Result
    from botocancel.services._simulator import VirtualClock
    from tests.simulation.network import Sent
    from tests.simulation.paper import Paper

    Send: TypeAlias = Callable[[Call[Response], Callable[[Response | BotocancelError], None]], Sent]
    """Sends a request for a caller, and delivers what comes of it."""
    Draw: TypeAlias = Callable[[], float]

__all__ = ["AnyRef", "Caller", "flow_of"]

AnyRef: TypeAlias = "TaskRef[Shape, Response]"

_TAKE_TIME = (Call, Sleep, Together)


def _may_pass_for_a_guard(error: BaseException) -> bool:
    """Say whether a guard asks again; a task may be too new to be found."""
    return isinstance(error, NotFound) or is_retryable(error)


_GUARD_PATIENCE: Final = attrs.evolve(GUARD_RETRY, retry_on=_may_pass_for_a_guard)
_MOST_STEPS = 5_000
"""A flow that takes more is taken for one that never ends."""


def flow_of(
    plan: CallPlan,
    refs: Sequence[AnyRef],
    cancels: Sequence[JournaledCancel],
    poll: Backoff,
    retry: RetryPolicy,
    draw: Draw,
) -> Flow[object]:
    """Return the library's flow for what a caller does.

    Args:
        plan: What that is.
        refs: The tasks it is about.
        cancels: What a resume has read in the journal.
        poll: The delays between polls.
        retry: The policy of `cancel`.
        draw: Draws the jitter.
    """
    reason = plan.reason
    rules, retrying = Rules(poll=poll, draw=draw), attrs.evolve(retry, timeout=plan.timeout)
    first = next(iter(refs), cast("AnyRef", None))
    known = [flows.given_of(ref) for ref in refs]
    makers: dict[Kind, Callable[[], Flow[object]]] = {
        Kind.CANCEL: lambda: flows.cancel(first, None, rules, reason),
        Kind.PERSIST: lambda: flows.cancel(first, retrying, rules, reason),
        Kind.WAIT: lambda: flows.wait(known[0], rules, plan.timeout),
        Kind.STOP: lambda: flows.cancel_and_wait(
            known[0], rules, plan.timeout, plan.if_ended, reason=reason
        ),
        Kind.CANCEL_MANY: lambda: flows.cancel_many(known, retrying, rules, plan.timeout, reason),
        Kind.WAIT_MANY: lambda: flows.wait_many(known, rules, plan.timeout),
        Kind.STOP_MANY: lambda: flows.cancel_and_wait_many(
            known, rules, plan.timeout, plan.if_ended, reason=reason
        ),
        Kind.GUARD: lambda: flows.cancel_many(
            known, _GUARD_PATIENCE, rules, DEFAULT_TIMEOUT, reason
        ),
        Kind.DESCRIBE: lambda: flows.describe(first),
        Kind.LIST: lambda: flows.active(
            Wanted(), plan.kinds, [None], older_than=None, timeout=plan.timeout
        ),
        Kind.RESTART: lambda: flows.restart(first),
        Kind.RESUME: lambda: flows.resume(
            [flows.given_of(each) for each in cancels], cancels, rules, plan.timeout
        ),
    }
    return makers[plan.kind]()


class Caller:
    """One call of the library, in a process of its own, and all that came of it.

    Args:
        plan: What it does.
        refs: The tasks it is about.
        clock: Simulated time.
        send: Sends its requests.
        paper: Where its journal is written; None if it keeps none.
        say: Told each step, for a replay.
    """

    def __init__(
        self,
        plan: CallPlan,
        refs: Sequence[AnyRef],
        clock: VirtualClock,
        send: Send,
        paper: Paper | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.plan = plan
        self.refs = refs
        self.clock = clock
        self.say = say
        self.began = clock.seconds
        self.ended: float | None = None
        """When the call returned or raised; None if it never did."""
        self.died = False
        self.steps = 0
        self.moments = 0
        """At so many it might have died that it did live on after."""
        self.found = b""
        """What a resume found in the journal."""
        self.last_words: Sequence[Entry] = ()
        """What it was writing to the journal when it died."""
        self.sleeps = 0
        self.sent: list[Sent] = []
        self.results: list[tuple[AnyRef, object]] = []
        """What it was told of each task: a value or an error."""
        self.gaps: list[Gap] = []
        """What a listing could not tell."""
        self.told_at: list[float] = []
        """When it was told each of them."""
        self.raised: BaseException | None = None
        """What got out of the flow itself."""
        self._send = send
        self._paper = paper
        self._running: list[_Running] = []
        self.on_death: Callable[[], None] = lambda: None

    @property
    def timeout(self) -> float:
        """How many seconds the call may take."""
        return GUARD_RETRY.timeout if self.plan.kind is Kind.GUARD else self.plan.timeout

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.died or self.ended is not None

    def start(self, flow: Flow[object]) -> None:
        """Begin the call."""
        self.run(flow, self._finished)

    def run(self, flow: Flow[object], finished: Finished) -> None:
        """Run a flow, or a part of one."""
        running = _Running(self, flow, finished)
        self._running.append(running)
        running.go(None, None)

    def die(self) -> None:
        """Drop the flow, as the death of its process does."""
        if self.is_over:
            return
        self.died = True
        if self.say is not None:
            self.say("dies")
        for running in reversed(self._running):
            try:
                running.flow.close()
            except BaseException as error:  # noqa: BLE001  (none may get out)
                self.raised = error
        self._running.clear()
        self.on_death()

    def at_once(self, effect: Effect) -> object:
        """Perform an effect that takes no time, and return what comes of it."""
        match effect:
            case Now():
                return self._now()
            case Emit(item):
                self.emit(item)
            case Tell(listener, snapshot):
                return listener(snapshot)
            case Begin():
                orders = orders_for(effect, self.clock.now, named=self._paper is not None)
                self._record(asked(orders))
                return orders
            case Locate():
                return Located(NOWHERE, self._now())
            case Record(entries):
                self._record(entries)
            case _:
                pass
        return None

    def _now(self) -> Instant:
        return Instant(self.clock.seconds, self.clock.now)

    def _record(self, entries: Sequence[Entry]) -> None:
        """Write to the journal; or die before, or in the middle of a line."""
        if self._paper is None or self._meets_its_end():
            return
        is_torn = self._is_last_moment()
        self._paper.write(entries, self.plan.torn_at if is_torn else None)
        if is_torn:
            self.last_words = entries
            self.die()

    def _meets_its_end(self) -> bool:
        """Count a moment at which a process may die; say whether this one did."""
        if is_last := self._is_last_moment():
            self.die()
        return is_last

    def _is_last_moment(self) -> bool:
        self.moments += 1
        return self.moments - 1 == self.plan.dies_at_moment

    def perform(self, effect: Effect, running: _Running) -> None:
        """Let an effect that takes time begin."""
        match effect:
            case Call():
                self._call(effect, running)
            case Sleep(seconds):
                self.sleeps += 1
                if self.say is not None:
                    self.say(f"sleeps {seconds:.3f} s")
                self.clock.call_in(seconds, partial(running.go, None, None))
            case Together(parts, at_once):
                workers = len(parts) if at_once else self.plan.workers
                _Crew(self, running, list(parts), workers)
            case _:
                raise AssertionError

    def _call(self, call: Call[Response], running: _Running) -> None:
        if call.deadline is not None and self.clock.seconds > call.deadline:
            self.clock.call_in(0, partial(running.go, None, unsent(call)))
            return
        if self._meets_its_end():
            return
        if self.say is not None:
            self.say(f"calls {call.request}")
        self.sent.append(self._send(call, partial(self._delivered, running)))

    def emit(self, item: object) -> None:
        """Take a result of a batch, or a snapshot or a gap of a listing."""
        if isinstance(item, Gap):
            self.gaps.append(item)
            return
        if isinstance(item, TaskSnapshot):
            snapshot = cast("TaskSnapshot[Shape]", item)
            self._told(snapshot.ref, snapshot)
            return
        result = cast("Result", item)
        ref = cast("AnyRef", result.ref)
        self._told(ref, result.value if result.error is None else result.error)

    def is_worn_out(self) -> bool:
        """Count a step; say whether the flow goes no further."""
        if self.is_over or self.steps > _MOST_STEPS:
            return True
        if self.steps == self.plan.dies_at_step:
            self.die()
            return True
        self.steps += 1
        return False

    def dropped(self, running: _Running) -> None:
        """Forget a part that has come to its end."""
        if running in self._running:
            self._running.remove(running)

    def _delivered(self, running: _Running, answer: Response | BotocancelError) -> None:
        if self.is_over or self._meets_its_end():
            return
        if isinstance(answer, BotocancelError):
            running.go(None, answer)
        else:
            running.go(answer, None)

    def _finished(self, value: object, error: BaseException | None) -> None:
        self.ended = self.clock.seconds
        self.raised = error
        if self.refs and not self.plan.kind.is_batch:
            self._told(self.refs[0], value if error is None else error)
        elif self.say is not None:
            self.say("returns" if error is None else f"raises {error!r}")

    def _told(self, ref: AnyRef, result: object) -> None:
        self.results.append((ref, result))
        self.told_at.append(self.clock.seconds)
        if self.say is not None:
            self.say(f"is told {_brief(result)} of {ref.id[-22:]}")


Finished: TypeAlias = "Callable[[object, BaseException | None], None]"
"""Takes what a flow returned, or what it raised."""


@attrs.define(eq=False)
class _Running:
    """A flow, or a part of one, that is being driven."""

    caller: Caller
    flow: Flow[object]
    finished: Finished

    def go(self, answer: object, error: BaseException | None) -> None:
        """Send the flow what came of its last effect, and perform effects until one takes time."""
        caller, flow = self.caller, self.flow
        if caller.is_worn_out():
            return
        try:
            effect = flow.send(answer) if error is None else flow.throw(error)
            while True:
                if isinstance(effect, _TAKE_TIME):
                    break
                answer = caller.at_once(effect)
                if caller.died:
                    return
                effect = flow.send(answer)
        except StopIteration as stop:
            caller.dropped(self)
            self.finished(cast("object", stop.value), None)
        except BaseException as raised:  # noqa: BLE001  (whatever it is, the claims judge it)
            caller.dropped(self)
            self.finished(None, raised)
        else:
            caller.perform(effect, self)


class _Crew:
    """Parts of a flow that run side by side, so many at a time."""

    def __init__(
        self, caller: Caller, parent: _Running, parts: list[Flow[object]], workers: int
    ) -> None:
        self._caller = caller
        self._parent = parent
        self._parts = parts
        self._results: list[object] = [None] * len(parts)
        self._next = 0
        self._left = len(parts)
        if not parts:
            parent.go([], None)
        for _ in range(min(workers, len(parts))):
            self._start_another()

    def _start_another(self) -> None:
        if self._next < len(self._parts):
            number, self._next = self._next, self._next + 1
            self._caller.run(self._parts[number], partial(self._finished, number))

    def _finished(self, number: int, value: object, error: BaseException | None) -> None:
        if error is not None:
            self._next = len(self._parts)
            self._parent.go(None, error)
            return
        self._results[number] = value
        self._left -= 1
        if self._left:
            self._start_another()
        else:
            self._parent.go(self._results, None)


def _brief(result: object) -> str:
    """Return a value or an error in a few words."""
    if isinstance(result, BaseException):
        return f"{type(result).__name__}({str(result)[:100]})"
    shown = ("phase", "status", "certainty", "accepted", "cancels", "requests", "attempts")
    facts = [f"{name}={getattr(result, name)}" for name in shown if hasattr(result, name)]
    return f"{type(result).__name__}({', '.join(facts)})"
