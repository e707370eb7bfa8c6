"""What a flow may ask of the world, and the types that flows are written in.

A flow is a generator. It yields effects and is sent what came of them, or thrown
the typed error. It never touches botocore, a clock, a thread or an event loop,
so one flow serves the plain client, the async one and simulated time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeAlias, TypeVar, Union, cast

from botocancel.model import Request, Response

if TYPE_CHECKING:
    from datetime import datetime

    from botocancel.model import Shape
    from botocancel.refs import TaskRef
    from botocancel.results import Sighting, TaskSnapshot

__all__ = [
    "Call",
    "Effect",
    "Emit",
    "Flow",
    "Instant",
    "Now",
    "OnProgress",
    "OnSight",
    "Sleep",
    "Tell",
    "Together",
    "call",
    "now",
    "together",
]

ResponseT = TypeVar("ResponseT", bound=Response)
ResponseT_co = TypeVar("ResponseT_co", bound=Response, covariant=True)
ResultT = TypeVar("ResultT")

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


class Together(NamedTuple):
    """Run flows side by side; the flow is sent their results, in the order of the flows.

    They answer for their own errors: one that gets out ends them all.
    """

    flows: tuple[Flow[object], ...]


Effect: TypeAlias = Union["Call[Response]", Sleep, Now, Tell, Emit, Together]
Flow: TypeAlias = Generator[Effect, object, ResultT]


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
        answer = yield Call(request, ref.region, ref.partition)
    else:
        answer = yield Call(request, region)
    return cast("ResponseT", answer)


def now() -> Flow[Instant]:
    """Look at the clock."""
    instant = yield Now()
    return cast("Instant", instant)


def together(flows: list[Flow[ResultT]]) -> Flow[list[ResultT]]:
    """Run flows side by side and return their results in the same order."""
    results = yield Together(tuple(flows))
    return cast("list[ResultT]", results)
