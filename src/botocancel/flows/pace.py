"""Many requests, no faster than the service takes them.

All are sent side by side until the service throttles. Then they go in waves, at a rate that
is cut at each refusal, comes back to where it was, stays there for a while, and grows ever
faster after that: the cubic curve of botocore's adaptive mode, but in proportion to the
rate, so that a low limit is not overrun as often.
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from botocancel.effects import Flow, Sleep, now, together
from botocancel.errors import Throttled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from botocancel.errors import BotocancelError

__all__ = ["Answer", "Pace", "Send", "paced"]


class Answer(enum.Enum):
    """How a request fared."""

    TAKEN = "taken"
    """It was answered; whether well or not is no matter here."""
    TAKEN_LATE = "taken late"
    """It was answered after it had been sent more than once."""
    REFUSED = "refused"
    """It was refused, for there were too many."""
    HELD = "held"
    """It was not sent, for another had met a refusal."""

    @classmethod
    def after(cls, attempts: int) -> Answer:
        """Return how a request fared that was answered well after so many attempts."""
        return cls.TAKEN if attempts == 1 else cls.TAKEN_LATE

    @classmethod
    def by(cls, error: BotocancelError) -> Answer:
        """Return how a request fared that failed."""
        return cls.REFUSED if isinstance(error, Throttled) else cls.TAKEN


Send: TypeAlias = Callable[[], Flow[Answer]]
"""Sends a request and says how it fared."""

_TAKEN: Final = frozenset({Answer.TAKEN, Answer.TAKEN_LATE})
_TOO_MANY: Final = frozenset({Answer.TAKEN_LATE, Answer.REFUSED})


class Pace:
    """The rate that a service takes, as far as refusals tell: no limit until the first."""

    CUT: Final = 0.8
    """What a refusal leaves of the rate."""
    RETURN: Final = 5.0
    """So many seconds after a refusal the rate is what it was before."""
    SLOWEST: Final = 0.5
    """The rate is not cut below so many a second."""

    def __init__(self) -> None:
        self._before = math.inf
        self._refused_at = 0.0

    def rate(self, time: float) -> float:
        """Return how many requests a second may be sent at a time, in seconds."""
        past = (time - self._refused_at) / self.RETURN - 1
        return self._before * (1 + (1 - self.CUT) * past**3)

    def refused(self, time: float, most: float) -> None:
        """Cut the rate, to what is left of `most` if it was above that."""
        self._before = max(self.SLOWEST / self.CUT, min(self.rate(time), most))
        self._refused_at = time


_WAVE: Final = 0.1
"""A wave is what may be sent in so many seconds, or in the time that an answer takes."""
_GUESSED: Final = 1.0
"""What is taken before the first refusal is taken in so many seconds, at least."""


def paced(sends: Iterable[Send], patience: float, deadline: float = math.inf) -> Flow[None]:
    """Send each once, at no more than the rate that is taken.

    When none was taken for as long as there is patience, in seconds, or the clock is past the
    deadline, all that are left are sent.
    """
    pace, waiting = Pace(), list(sends)
    size, length = len(waiting), _WAVE
    begun = taken_at = (yield from now()).monotonic
    while waiting:
        wave, waiting = waiting[:size], waiting[size:]
        allowed = size / pace.rate(begun)
        answers = yield from _side_by_side(wave)
        ended = (yield from now()).monotonic
        sent = sum(answer is not Answer.HELD for answer in answers)
        taken = sum(answer in _TAKEN for answer in answers)
        if _TOO_MANY.isdisjoint(answers):
            length = max(_WAVE, ended - begun)
        else:
            pace.refused(ended, most=(taken + 1) / (allowed or max(_GUESSED, ended - begun)))
        held = (s for s, a in zip(wave, answers, strict=True) if a is Answer.HELD)
        waiting = [*held, *waiting]
        taken_at = ended if taken else taken_at
        if ended - taken_at > patience or ended >= deadline:
            yield from together([send() for send in waiting])
            return
        if waiting:
            due = sent / pace.rate(ended) - (ended - begun)
            yield Sleep(max(0.0, min(due, deadline - ended)))
            begun = (yield from now()).monotonic
            size = max(1, int(min(pace.rate(begun) * length, len(waiting))))


def _side_by_side(sends: Iterable[Send]) -> Flow[list[Answer]]:
    """Send each, but hold those that are not yet sent once one met a refusal."""
    is_full = False

    def one(send: Send) -> Flow[Answer]:
        nonlocal is_full
        if is_full:
            return Answer.HELD
        answer = yield from send()
        if answer in _TOO_MANY:
            is_full = True
        return answer

    return (yield from together([one(send) for send in sends]))
