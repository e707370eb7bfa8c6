"""What a flow may ask of the world, and the types that flows are written in.

A flow is a generator. It yields effects and is sent what came of them, or thrown
the typed error. It never touches botocore, a clock, a thread or an event loop,
so one flow serves the plain client, the async one and simulated time.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar, cast

import attrs

from botocancel.model import Request, Response

if TYPE_CHECKING:
    from botocancel.model import Shape
    from botocancel.refs import TaskRef

__all__ = ["Call", "Effect", "Flow", "call"]

ResponseT = TypeVar("ResponseT", bound=Response)
ResponseT_co = TypeVar("ResponseT_co", bound=Response, covariant=True)
ResultT = TypeVar("ResultT")


@attrs.frozen
class Call(Generic[ResponseT_co]):
    """Send one request; the flow is sent the typed response."""

    request: Request[ResponseT_co]
    region: str | None = None
    """Region to send it to; None for the client's own."""
    partition: str | None = None
    """Partition that the task's ARN names; None where nothing names one."""


Effect: TypeAlias = Call[Response]
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
