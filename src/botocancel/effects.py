"""What a flow may ask of the world, and the types that flows are written in.

A flow is a generator. It yields effects and is sent what came of them, or thrown
the typed error. It never touches botocore, a clock, a thread or an event loop,
so one flow serves the plain client, the async one and simulated time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeAlias, Union, cast

from botocancel._generics import ResponseT, ResponseT_co, ResultT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from botocancel._entries import Entry
    from botocancel.model import Request, Response, Shape
    from botocancel.refs import TaskRef
    from botocancel.results import Sighting, TaskPlace, TaskSnapshot

__all__ = [
    "Begin",
    "Call",
    "Effect",
    "Emit",
    "Enter",
    "Flow",
    "Instant",
    "Locate",
    "Located",
    "Now",
    "OnProgress",
    "OnSight",
    "Order",
    "Record",
    "Sleep",
    "Tell",
    "Together",
    "Whereabouts",
    "by",
    "call",
    "due",
    "now",
    "together",
]

OnProgress: TypeAlias = "Callable[[TaskSnapshot[Shape]], Awaitable[None] | None]"
"""What a wait calls with each new snapshot; the async client awaits what it returns."""

OnSight: TypeAlias = "Callable[[Sighting], Awaitable[None] | None]"
"""What a batch calls with each look at each task, as `OnProgress` from a thread of its own."""


class Call(NamedTuple, Generic[ResponseT_co]):
    """Send one request; the flow is sent the typed response."""

    request: Request[ResponseT_co]
    region: str | None = None
    """Region to send it to; None for the client's own."""
    partition: str | None = None
    """Partition that the task's ARN names; None where nothing names one."""
    deadline: float | None = None
    """By when the answer has to come, as `Instant.monotonic`; None for botocore's time-outs."""
    account: str | None = None
    """The account that it is about, as far as that is known: a fleet signs it for this one."""

    @property
    def place(self) -> object:
        """What the calls to one service and region have in common, as far as they name it."""
        return self.request.service, self.region, self.partition


class Enter(NamedTuple):
    """Get into an account of a fleet; the flow is sent the regions where there may be tasks."""

    account: str


class Sleep(NamedTuple):
    """Let time pass, in seconds."""

    seconds: float


class Instant(NamedTuple):
    """A point in time, by two clocks."""

    monotonic: float
    """Seconds on a clock that never goes back; for deadlines."""
    utc: datetime
    """What the wall clock says; for people."""


class Now(NamedTuple):
    """Look at the clock; the flow is sent an `Instant`."""


class Tell(NamedTuple):
    """Call the caller's function with news of a task."""

    listener: Callable[[Any], Awaitable[None] | None]
    """An `OnProgress` or an `OnSight`."""
    news: TaskSnapshot[Shape] | Sighting


class Emit(NamedTuple):
    """Hand a result to whoever iterates, and go on."""

    item: object


class Whereabouts(NamedTuple):
    """Where the requests about a task go, and who asks, as far as that is known."""

    place: TaskPlace
    caller: str | None


class Locate(NamedTuple):
    """Find out what a receipt says besides the answer; the flow is sent `Located`."""

    ref: TaskRef[Shape, Response]


class Located(NamedTuple):
    """Where the requests about a task go, who asks, and what the time is."""

    where: Whereabouts
    instant: Instant


class Order(NamedTuple):
    """A cancel that was asked for: one task, one intent, and one or several requests."""

    ids: tuple[str, ...]
    """By which the journal knows it, if there is one; several where it was asked for repeatedly."""
    at: datetime
    reason: str | None = None


class Begin(NamedTuple):
    """Note in the journal, if there is one, that cancels are asked for, all at once.

    The flow is sent an `Order` for each task, or thrown `JournalError`; then nothing is to be sent.
    """

    refs: Iterable[TaskRef[Shape, Response]]
    reason: str | None


class Record(NamedTuple):
    """Write to the journal of cancels, if there is one, and go on when that is done."""

    entries: Sequence[Entry]


class Together(NamedTuple):
    """Run flows side by side; the flow is sent their results, in the order of the flows.

    They answer for their own errors: one that gets out ends them all.
    """

    flows: tuple[Flow[object], ...]
    at_once: bool = False
    """Start all now, not only as many as there are workers: each is of a place of its own."""


Effect: TypeAlias = Union[
    "Call[Response]", Sleep, Now, Tell, Emit, Enter, Begin, Locate, Record, Together
]
"""What a flow may yield."""
Flow: TypeAlias = Generator[Effect, object, ResultT]
"""A generator that yields effects and returns a result."""


def call(
    request: Request[ResponseT],
    ref: TaskRef[Shape, Response] | None = None,
    *,
    region: str | None = None,
) -> Flow[ResponseT]:
    """Yield one request, sent where its task is if it is about one; return the typed response.

    Raises:
        BotocancelError: As the call says.
    """
    if ref is not None:
        answer = yield Call(request, ref.region, ref.partition, account=ref.account)
    else:
        answer = yield Call(request, region)
    return cast("ResponseT", answer)


def now() -> Flow[Instant]:
    """Look at the clock."""
    instant = yield Now()
    return cast("Instant", instant)


def by(deadline: float, flow: Flow[ResultT]) -> Flow[ResultT]:
    """Run a flow whose calls are waited for until a deadline at most, or an earlier one of theirs.

    At the deadline the flow is thrown `TransportError`, whatever became of the request.

    Args:
        deadline: A time as `Instant.monotonic` has it.
        flow: The flow; its calls, and those of the flows that it runs side by side.
    """
    try:
        effect = next(flow)
        while True:
            try:
                answer = yield due(effect, deadline)
            except BaseException as error:  # noqa: BLE001  (the flow decides what becomes of it)
                effect = flow.throw(error)
            else:
                effect = flow.send(answer)
    except StopIteration as stop:
        return cast("ResultT", stop.value)


def due(effect: Effect, deadline: float) -> Effect:
    """Return an effect whose calls are waited for until a deadline at most: see `by`."""
    match effect:
        case Call(deadline=own):
            return effect._replace(deadline=deadline if own is None else min(own, deadline))
        case Together(flows):
            return effect._replace(flows=tuple(by(deadline, each) for each in flows))
        case _:
            return effect


def together(flows: list[Flow[ResultT]], *, at_once: bool = False) -> Flow[list[ResultT]]:
    """Run flows side by side and return their results in the same order."""
    results = yield Together(tuple(flows), at_once)
    return cast("list[ResultT]", results)
