"""What one seed makes: services, tasks, a network and callers, all as data."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from functools import cache
from random import Random
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Literal,
    TypeVar,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import attrs

from botocancel.errors import InvalidRequest, TaskEnded
from botocancel.phases import Phase
from botocancel.polling import Backoff, RetryPolicy
from botocancel.services import kind_named
from botocancel.testing import Ending, Fault, FaultKind, SimulatorSettings
from tests.simulation.speech import KEYS, lifecycle_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from botocancel.flows import IfEnded

__all__ = [
    "FAULTS",
    "CallPlan",
    "Kind",
    "Schedule",
    "TaskPlan",
    "Weather",
    "journaled_schedule_of",
    "schedule_of",
]

ItemT = TypeVar("ItemT")


class Kind(enum.Enum):
    """What a caller does."""

    CANCEL = "cancel"
    PERSIST = "cancel with a RetryPolicy"
    WAIT = "wait"
    STOP = "cancel_and_wait"
    CANCEL_MANY = "cancel_many with a RetryPolicy"
    WAIT_MANY = "wait_many"
    STOP_MANY = "cancel_and_wait_many"
    GUARD = "guard whose block dies"
    DESCRIBE = "describe"
    LIST = "active"
    RESTART = "restart"
    RESUME = "resume"

    @property
    def is_batch(self) -> bool:
        """Whether it is about several tasks."""
        return self in {Kind.CANCEL_MANY, Kind.WAIT_MANY, Kind.STOP_MANY, Kind.GUARD, Kind.RESUME}

    @property
    def has_timeout(self) -> bool:
        """Whether it ends by a deadline."""
        return self not in {Kind.CANCEL, Kind.DESCRIBE, Kind.RESTART}

    @property
    def is_strict(self) -> bool:
        """Whether it begins nothing after its deadline, and waits for nothing."""
        return self in {Kind.CANCEL_MANY, Kind.LIST}

    @property
    def waits(self) -> bool:
        """Whether it looks at the tasks until they have ended."""
        return self in {Kind.WAIT, Kind.STOP, Kind.WAIT_MANY, Kind.STOP_MANY, Kind.RESUME}

    @property
    def cancels(self) -> bool:
        """Whether it sends cancels."""
        return self not in {
            *(Kind.WAIT, Kind.WAIT_MANY),
            *(Kind.DESCRIBE, Kind.LIST, Kind.RESTART),
        }


@attrs.frozen(kw_only=True)
class TaskPlan:
    """A task, and what would become of it if nobody interfered."""

    kind: str
    """The key of its kind."""
    status: str | None = None
    """Where it is at the start; None for the beginning."""
    seconds: Mapping[str, float] = attrs.field(factory=dict[str, float])
    """How long it stays in each status."""
    fails: bool = False
    cancelable: bool = True
    exists: bool = True
    beside: bool = False
    """Whether it is the work of the last one of its kind, started anew, or a child of it, where
    the kind has such: an execution of the same DataSync task, a child of an array job."""


@attrs.frozen(kw_only=True)
class CallPlan:
    """A caller: what it does, to which tasks, and when its process dies."""

    kind: Kind
    tasks: tuple[int, ...]
    """Their places in `Schedule.tasks`; a listing is about none in particular."""
    kinds: tuple[str, ...] = ()
    """The keys of the kinds that a listing looks for."""
    reason: str | None = None
    """Why it cancels; no other caller has the same."""
    starts: float = 0.0
    timeout: float = 60.0
    if_ended: IfEnded = "return"
    workers: int = 16
    dies_at_step: int | None = None
    """How many steps its flow has taken when its process dies; None if it does not."""
    returns_in: float | None = None
    """Seconds until a new process makes the same call again; None if none does."""
    journaled: bool = False
    """Whether it notes its cancels in the journal, which all such calls share."""
    dies_at_moment: int | None = None
    """How many moments it outlives: requests, answers, and entries begun and written."""
    torn_at: float = 0.0
    """Which share of an entry is written where its process dies in the middle of it."""
    dies_in: float | None = None
    """Seconds from its beginning until its process dies, whatever it does then."""
    loses_power: float | None = None
    """Where its machine dies with it: how much is left of what the journal has not waited for."""
    then: CallPlan | None = None
    """What the new process does instead of making the same call."""

    def after_death(self) -> CallPlan:
        """Return what the new process does: the same call, and it lives on."""
        return self.then or attrs.evolve(self, dies_at_step=None, returns_in=None)


@attrs.frozen(kw_only=True)
class Weather:
    """What the network does to requests."""

    latency: tuple[float, float] = (0.05, 0.5)
    """Seconds that one way takes: at least, at most."""
    trouble: float = 0.0
    """How likely a fault strikes a request."""
    faults: tuple[Fault, ...] = ()
    """Which faults there are, each as likely as the next."""
    denied: Literal["describe", "cancel"] | None = None
    """What the callers lack the permission for."""


@attrs.frozen(kw_only=True)
class Schedule:
    """Everything that happens, but for the draws on the way, which the seed decides too."""

    seed: int
    settings: Mapping[str, SimulatorSettings] = attrs.field(factory=dict[str, "SimulatorSettings"])
    """How the services behave, by the keys of the kinds; where there are none, by default."""
    tasks: tuple[TaskPlan, ...]
    bystanders: tuple[TaskPlan, ...] = ()
    """Tasks that no call names, so that an answer can be about one of them."""
    age: float = 0.0
    """How old the tasks are when the callers begin; stale reads may not see new ones."""
    calls: tuple[CallPlan, ...]
    weather: Weather = attrs.field(factory=Weather)
    poll: Backoff = attrs.field(factory=Backoff)
    retry: RetryPolicy = attrs.field(factory=RetryPolicy)
    """The policy of `cancel`; each call has its own timeout."""
    least_draw: float = 0.3
    """No random delay is less than this share of its bound."""
    is_resumed: bool = False
    """Whether the journal is resumed when all calls are over."""


_JSON: Final = {"content-type": "application/x-amz-json-1.1"}

FAULTS: Final = (
    Fault(kind=FaultKind.LOST_REQUEST),
    Fault(kind=FaultKind.LOST_REQUEST, timed_out=True),
    Fault(kind=FaultKind.LOST_ANSWER),
    Fault(kind=FaultKind.LOST_ANSWER, timed_out=True),
    Fault(kind=FaultKind.LOST_ANSWER),
    Fault(kind=FaultKind.THROTTLE),
    Fault(kind=FaultKind.UNAVAILABLE),
    Fault(kind=FaultKind.INTERNAL_ERROR),
    Fault(kind=FaultKind.INTERNAL_ERROR, late=True),
    Fault(kind=FaultKind.SLOW, seconds=5.0),
    Fault(kind=FaultKind.SLOW, seconds=30.0, late=False),
    Fault(kind=FaultKind.GARBAGE),
    Fault(kind=FaultKind.GARBAGE, late=False),
    Fault(kind=FaultKind.GARBAGE, http_status=502),
    Fault(kind=FaultKind.UNKNOWN_STATUS, value="PONDERING"),
    Fault(kind=FaultKind.STALE_READ, seconds=1.0),
    Fault(kind=FaultKind.STALE_READ, seconds=10.0),
    Fault(kind=FaultKind.STALE_READ, seconds=60.0),
    Fault(kind=FaultKind.ENDS_FIRST, ending="succeeded"),
    Fault(kind=FaultKind.ENDS_FIRST, ending="failed"),
    Fault(kind=FaultKind.IGNORED_CANCEL),
    Fault(kind=FaultKind.CUT_BODY),
    Fault(kind=FaultKind.CUT_BODY, received=0),
    Fault(kind=FaultKind.FOREIGN_CONTENT),
    Fault(kind=FaultKind.FOREIGN_CONTENT, body='{"__type": "Unknown"}', headers=_JSON),
    Fault(kind=FaultKind.FOREIGN_CONTENT, body="", headers=_JSON),
    Fault(kind=FaultKind.MISSING_MEMBER),
    Fault(kind=FaultKind.DRIPPING, seconds=0.02),
    Fault(kind=FaultKind.DRIPPING, seconds=1.0),
    Fault(kind=FaultKind.WRONG_TASK),
    Fault(kind=FaultKind.WRONG_TASK),
    Fault(kind=FaultKind.REPEATED_TOKEN),
    Fault(kind=FaultKind.REPEATED_TOKEN, tokens=2),
    Fault(kind=FaultKind.NOT_FOUND_AT_FIRST, seconds=1000.0),
    Fault(kind=FaultKind.NOT_FOUND_AT_FIRST, seconds=1000.0),
    Fault(kind=FaultKind.FAILED_REFRESH),
)
"""What may go wrong with a request."""

_AGES: Final = (0.0, *[100.0] * 7)
_LAGS: Final = (0.0, 0.0, 0.0, 2.0, 15.0)
_VISIBLE_AFTER: Final = (0.0, 0.0, 0.0, 1.0, 4.0)
_PAGE_SIZES: Final = (None, 1, 2)
_LATENCIES: Final = ((0.01, 0.1), (0.05, 0.5), (0.05, 0.5), (0.2, 3.0), (1.0, 8.0))
_TIMEOUTS: Final = (0.0, 1.0, 5.0, 20.0, 20.0, 60.0, 60.0, 200.0)
_POLLS: Final = (
    Backoff(),
    Backoff(first=2.0, growth=2.0, ceiling=20.0),
    Backoff(first=5.0, growth=1.0, ceiling=5.0),
    Backoff(first=0.5, growth=3.0, ceiling=60.0),
)
_RETRIES: Final = (
    RetryPolicy(),
    RetryPolicy(backoff=Backoff(first=2.0, growth=1.5, ceiling=5.0)),
)
_KINDS: Final = (
    *(Kind.CANCEL, Kind.PERSIST, Kind.PERSIST, Kind.WAIT, Kind.STOP, Kind.STOP, Kind.STOP),
    *(Kind.CANCEL_MANY, Kind.WAIT_MANY, Kind.STOP_MANY, Kind.STOP_MANY, Kind.GUARD),
    *(Kind.DESCRIBE, Kind.LIST, Kind.LIST, Kind.RESTART),
)
_JOURNALED_KINDS: Final = (
    *(Kind.CANCEL, Kind.PERSIST, Kind.STOP, Kind.STOP),
    *(Kind.CANCEL_MANY, Kind.STOP_MANY, Kind.STOP_MANY, Kind.GUARD),
)
_SECONDS: Final = {
    Phase.PENDING: (0.0, 3.0, 20.0, math.inf),
    Phase.RUNNING: (0.5, 10.0, 60.0, math.inf),
    Phase.CANCELING: (0.0, 0.2, 5.0, 40.0),
}
"""How long a task stays in a status, by its phase."""
_TEXTS: Final = ("{id} is {status}", "Invalid request.", "{id} was not found or is not running")
"""What refusals say; the last one misleads."""
_CHOICES: Final[Mapping[str, Sequence[object]]] = {
    "lag": _LAGS,
    "visible_after": _VISIBLE_AFTER,
    "page_size": _PAGE_SIZES,
    "canceled_failure_code": (None, None, None, "Canceled"),
}
"""What may be set of every kind."""


def schedule_of(
    seed: int,
    *,
    ages: Sequence[float] = _AGES,
    calls: Sequence[Kind] = _KINDS,
    faults: Sequence[Fault] = FAULTS,
) -> Schedule:
    """Return the schedule that a seed makes.

    Args:
        seed: The seed.
        ages: How old the tasks may be when the callers begin, in seconds.
        calls: What the callers may do.
        faults: What may go wrong with a request.
    """
    random = Random(seed)  # noqa: S311  (nothing here is a secret)
    age = _one_of(random, ages)
    kinds = [_one_of(random, KEYS) for _ in range(_one_of(random, (1, 1, 2, 3)))]
    tasks = [_task(random, kinds, age) for _ in range(_one_of(random, (1, 1, 1, 2, 3, 5)))]
    bystanders = [_task(random, kinds, age) for _ in range(_one_of(random, (0, 2, 4)))]
    count = _one_of(random, (1, 2, 2, 3))
    return Schedule(
        seed=seed,
        settings={key: _settings(random, key) for key in dict.fromkeys(kinds)},
        tasks=tuple(tasks),
        bystanders=tuple(bystanders),
        age=age,
        calls=tuple([_call(random, tasks, _one_of(random, calls)) for _ in range(count)]),
        weather=_weather(random, faults),
        poll=_one_of(random, _POLLS),
        retry=_one_of(random, _RETRIES),
        least_draw=_one_of(random, (0.05, 0.3, 0.6)),
    )


def journaled_schedule_of(seed: int) -> Schedule:
    """Return a seed's other schedule: its callers keep a journal, die, and are resumed."""
    schedule = schedule_of(seed)
    random = Random(f"journal {seed}")  # noqa: S311  (nothing here is a secret)
    calls = [_journaled(random, schedule.tasks) for _ in range(_one_of(random, (1, 1, 2, 3)))]
    return attrs.evolve(schedule, calls=tuple(calls), is_resumed=True)


def _one_of(random: Random, items: Sequence[ItemT]) -> ItemT:
    return items[int(random.random() * len(items))]  # faster than choice()


def _settings(random: Random, key: str) -> SimulatorSettings:
    """Return how a service behaves, where that is free or not known."""
    choices = {**_CHOICES, **_free(key)}
    drawn = {name: _one_of(random, values) for name, values in choices.items()}
    return SimulatorSettings(kind=key, **cast("Any", drawn))


@cache
def _free(key: str) -> Mapping[str, Sequence[object]]:
    """Return what may be set of a kind besides what may be set of all, by its type."""
    found: dict[str, Sequence[object]] = {}
    for name, hint in get_type_hints(SimulatorSettings, localns={"Mapping": Mapping}).items():
        if hint == Ending:
            found[name] = _unknown(key) if name == "unknown" else _endings(key)
        elif get_origin(hint) is Literal:
            found[name] = get_args(hint)
        elif hint is bool:
            found[name] = (True, True, False)
    return found


def _endings(key: str) -> Sequence[Ending]:
    """Return what may become of a cancel that is not as usual."""
    leaves = kind_named(key).errors_by_code.items()
    codes = [code for code, leaf in leaves if issubclass(leaf, TaskEnded | InvalidRequest)]
    refusals = [(code, text) for code in ("ValidationException", *codes) for text in _TEXTS]
    usual: Sequence[Ending] = ("as declared", "as declared", "accept", "as ended")
    return (*usual, *refusals[: len(_TEXTS)], *refusals)


def _unknown(key: str) -> Sequence[Ending]:
    """Return what may become of a cancel of what there is not: nobody says that it has ended."""
    kind = kind_named(key)
    ended = kind.simulated.ended if kind.simulated else None
    leaves = kind.errors_by_code
    says_so = {code for code, leaf in leaves.items() if issubclass(leaf, TaskEnded)}
    if ended is not None and ended[0] not in {"ValidationException", *leaves}:  # inside an answer
        says_so.add(ended[0])
    return [
        ending
        for ending in _endings(key)
        if not (says_so if ending == "as ended" else ending[0] in says_so)
    ]


@cache
def _starts(key: str) -> tuple[str, ...]:
    """Return the statuses to which a task is led when it is made."""
    lifecycle = lifecycle_of(key)
    first = next(iter(lifecycle.steps))
    return tuple(sorted(lifecycle.statuses - {first}))


def _task(random: Random, kinds: Sequence[str], age: float) -> TaskPlan:
    key = _one_of(random, kinds)
    phases, steps = kind_named(key).phases, lifecycle_of(key).steps
    seconds = {status: _one_of(random, _SECONDS[phases[status]]) for status in steps}
    status = _one_of(random, _starts(key)) if random.random() < 0.2 else None
    at_first = status or next(iter(seconds))
    if at_first in seconds:
        seconds[at_first] += age  # so that it is there still when the callers begin
    return TaskPlan(
        kind=key,
        status=status,
        seconds=seconds,
        fails=random.random() < 0.2,
        cancelable=random.random() < 0.95,
        exists=random.random() < 0.95,
        beside=random.random() < 0.4,
    )


def _call(random: Random, tasks: Sequence[TaskPlan], kind: Kind) -> CallPlan:
    count = len(tasks)
    chosen = range(0 if kind is Kind.LIST else count)
    if chosen and (not kind.is_batch or random.random() < 0.3):
        chosen = range(start := int(random.random() * count), start + 1)
    dies = random.random() < 0.2
    return CallPlan(
        kind=kind,
        tasks=tuple(chosen),
        kinds=tuple(dict.fromkeys(task.kind for task in tasks)) if kind is Kind.LIST else (),
        reason=f"why {random.getrandbits(40):x}" if random.random() < 0.6 else None,
        starts=_one_of(random, (0.0, 0.0, random.random(), random.random() * 30)),
        timeout=_one_of(random, _TIMEOUTS),
        if_ended="raise" if random.random() < 0.4 else "return",
        workers=_one_of(random, (1, 2, 16)),
        dies_at_step=int(random.random() * 15) if dies else None,
        returns_in=random.random() * 10 if dies and random.random() < 0.8 else None,
    )


def _journaled(random: Random, tasks: Sequence[TaskPlan]) -> CallPlan:
    kind = _one_of(random, _JOURNALED_KINDS)
    call = attrs.evolve(_call(random, tasks, kind), dies_at_step=None, returns_in=None)
    call = attrs.evolve(call, journaled=random.random() < 0.9)
    return _mortal(random, call, likely=0.8) if call.journaled else call


def _mortal(random: Random, call: CallPlan, likely: float) -> CallPlan:
    """Have a call die, perhaps, and another process resume, perhaps while others go on."""
    if random.random() >= likely:
        return call
    at_moment = random.random() < 0.7
    resume = CallPlan(
        kind=Kind.RESUME,
        tasks=(),
        timeout=_one_of(random, _TIMEOUTS),
        workers=call.workers,
        journaled=True,
    )
    return attrs.evolve(
        call,
        dies_at_moment=int(random.random() * random.random() * 40) if at_moment else None,
        torn_at=random.random(),
        dies_in=None if at_moment else random.random() * 20,
        loses_power=random.random() if random.random() < 0.2 else None,
        returns_in=random.random() * 30 if random.random() < 0.7 else None,
        then=_mortal(random, resume, likely=0.5),
    )


def _weather(random: Random, faults: Sequence[Fault]) -> Weather:
    trouble = _one_of(random, (0.0, 0.1, 0.3, 0.5))
    kinds = 6
    if random.random() < 0.15:  # the same over and over
        trouble, kinds = 0.9, 1
    return Weather(
        latency=_one_of(random, _LATENCIES),
        trouble=trouble,
        faults=tuple([_one_of(random, faults) for _ in range(kinds)]) if trouble else (),
        denied=_one_of(random, ("describe", "describe", "cancel"))
        if random.random() < 0.04
        else None,
    )
