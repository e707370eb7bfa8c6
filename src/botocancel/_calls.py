"""Calls, as the drivers make them: how long to wait for an answer, and what to say if none came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocancel.errors import TransportError, UnexpectedError

if TYPE_CHECKING:
    from botocancel.clocks import Clock
    from botocancel.effects import Call
    from botocancel.model import Response

__all__ = ["real_seconds_for", "unanswered", "unexpected", "unsent"]


def real_seconds_for(call: Call[Response], clock: Clock) -> float | None:
    """Return how long to wait for an answer, in seconds of real time; None for no limit.

    Raises:
        TransportError: The deadline has passed; the call is not to be sent.
    """
    if call.deadline is None:
        return None
    if clock.monotonic() > call.deadline:
        raise unsent(call)
    return clock.real_seconds_until(call.deadline)


def unanswered(call: Call[Response]) -> TransportError:
    """Return the error for a call whose deadline passed while it was under way."""
    return TransportError(
        f"{call.request.operation}: no answer by the deadline; the request may have taken effect"
    )


def unsent(call: Call[Response]) -> TransportError:
    """Return the error for a call that was not made before its deadline."""
    return TransportError(
        f"{call.request.operation}: the deadline passed before this was sent",
        may_have_applied=False,
    )


def unexpected(call: Call[Response], error: Exception) -> UnexpectedError:
    """Return the error for a call that raised what is none of ours; its words may hold anything."""
    return UnexpectedError(
        f"{call.request.operation}: {type(error).__name__} was raised, which is no error of AWS's; "
        "the request may have taken effect"
    )
