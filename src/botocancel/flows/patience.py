"""Requests that change nothing, sent again where what went wrong may pass."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, cast

from botocancel.effects import Call, Sleep, Together, now
from botocancel.errors import BotocancelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocancel._generics import ResultT
    from botocancel.effects import Effect, Flow
    from botocancel.model import Response
    from botocancel.polling import RetryPolicy

__all__ = ["AskAgain", "patient"]


class AskAgain(Exception):
    """The first request of a flow has failed, and is to be sent again later."""


def patient(
    flow: Flow[ResultT],
    retry: RetryPolicy,
    draw: Callable[[], float],
    deadline: Callable[[], float],
    *,
    first_too: bool = True,
) -> Flow[ResultT]:
    """Run a flow whose requests are sent again as a policy says.

    Args:
        flow: The flow; its calls, and those of the flows that it runs side by side.
        retry: What is sent again, and for how long, counted from the first attempt of each.
        draw: Gives a number from 0 up to 1.
        deadline: Tells after which time, as `Instant.monotonic`, nothing is sent again.
        first_too: Whether its first request is sent again.

    Raises:
        AskAgain: It is not, and it failed so that it should be.
    """

    def perform(effect: Effect, *, is_first: bool) -> Flow[object]:
        match effect:
            case Call():
                return (yield from _sent(effect, retry, draw, deadline, once=is_first))
            case Together(flows):
                inner = tuple(patient(each, retry, draw, deadline) for each in flows)
                return (yield effect._replace(flows=inner))
            case _:
                return (yield effect)

    is_first = not first_too
    try:
        effect = next(flow)
        while True:
            try:
                answer = yield from perform(effect, is_first=is_first)
            except AskAgain:
                flow.close()
                raise
            except BaseException as error:  # noqa: BLE001  (the flow decides what becomes of it)
                effect = flow.throw(error)
            else:
                is_first = is_first and not isinstance(effect, Call)
                effect = flow.send(answer)
    except StopIteration as stop:
        return cast("ResultT", stop.value)


def _sent(
    call: Call[Response],
    retry: RetryPolicy,
    draw: Callable[[], float],
    deadline: Callable[[], float],
    *,
    once: bool,
) -> Flow[object]:
    ends = (yield from now()).monotonic + retry.timeout
    for number in count():
        try:
            return (yield call)
        except BotocancelError as error:
            pause = retry.backoff.delay(number, draw)
            at = (yield from now()).monotonic + pause
            if not retry.retry_on(error) or at > min(ends, deadline()):
                raise
            if once:
                raise AskAgain from error
        yield Sleep(pause)
    raise AssertionError  # pragma: no cover  (the loop has no end)
