"""One task that is followed until it has ended: what is known of it, and the loop."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from itertools import count
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from botocancel import services
from botocancel.effects import Flow, Instant, Sleep, Tell, now
from botocancel.errors import BotocancelError, WaitTimeout
from botocancel.flows.pace import Answer
from botocancel.flows.single import attempts_of, describe
from botocancel.model import Response, Shape
from botocancel.phases import Phase
from botocancel.results import Sighting

if TYPE_CHECKING:
    from botocancel.effects import OnProgress
    from botocancel.polling import Rules
    from botocancel.refs import TaskRef
    from botocancel.results import TaskSnapshot
    from botocancel.services import Service

__all__ = ["Pursuit", "until_ended"]

_logger = logging.getLogger(__name__)

DetailT = TypeVar("DetailT", bound=Shape)
ResponseT = TypeVar("ResponseT", bound=Response)
ResultT = TypeVar("ResultT")
ResultT_co = TypeVar("ResultT_co", covariant=True)


class Pursuit(ABC, Generic[DetailT, ResponseT, ResultT_co]):
    """What is known of one task that is followed until it has ended."""

    wants_cancel: bool = False
    """Whether a cancel is to be sent before the next look."""

    def __init__(
        self, ref: TaskRef[DetailT, ResponseT], rules: Rules, timeout: float, started: Instant
    ) -> None:
        self.ref = ref
        self.service: Service[DetailT, ResponseT] = services.service_of(ref)
        self.rules = rules
        self.timeout = timeout
        self.started = started
        self.phase: Phase = Phase.UNKNOWN
        self.status: str | None = None
        self.snapshot: TaskSnapshot[DetailT] | None = None
        self.failure: BotocancelError | None = None
        self.requests: int = 0

    @property
    def accepted(self) -> bool:
        """Whether the service accepted a cancel."""
        return False

    @property
    def sighting(self) -> Sighting:
        """What is known at present."""
        return Sighting(
            ref=self.ref, phase=self.phase, accepted=self.accepted, snapshot=self.snapshot
        )

    @abstractmethod
    def result(self, instant: Instant) -> ResultT_co | None:
        """Return what the caller waits for; None while it is not known."""

    def ask(self) -> Flow[Answer]:
        """Send what makes the task end, if it is to be made to end; say how that fared."""
        yield from ()
        return Answer.TAKEN

    def look(self) -> Flow[None]:
        """Describe the task, riding out what may pass.

        Raises:
            BotocancelError: What will not pass.
        """
        try:
            snapshot = yield from self._counted(describe(self.ref))
        except BotocancelError as error:
            self.failed(error)
        else:
            self.seen(snapshot.status, snapshot)

    def _counted(self, flow: Flow[ResultT]) -> Flow[ResultT]:
        """Run a flow of single calls, and count the requests they sent."""
        try:
            effect = next(flow)
            while True:
                try:
                    answer = yield effect
                except BotocancelError as error:
                    self.requests += attempts_of(error)
                    effect = flow.throw(error)
                else:
                    if isinstance(answer, Response):
                        self.requests += answer.metadata.attempts
                    effect = flow.send(answer)
        except StopIteration as stop:
            return cast("ResultT", stop.value)

    def seen(self, status: str | None, snapshot: TaskSnapshot[DetailT] | None) -> None:
        """Take note of a description, or of a status alone, which a listing told."""
        self.status = status
        self.phase = self.service.phase(status)
        self.snapshot = snapshot or self.snapshot
        self.failure = None

    def failed(self, error: BotocancelError) -> None:
        """Take note of a failure that may pass; raise any other."""
        if not self.rules.retry.retry_on(error):
            raise error
        self.failure = error
        _logger.info("%s: asking again later: %s", self.ref, error, extra={"task": self.ref.id})

    def left(self, instant: Instant) -> float:
        """Return how many seconds are left; none if it is 0 or less."""
        return self.started.monotonic + self.timeout - instant.monotonic

    def late(self, instant: Instant) -> BotocancelError:
        """Return the error that says that time is up, and what was last known."""
        elapsed = instant.monotonic - self.started.monotonic
        last = self.status or "never described"
        error = WaitTimeout(f"{self.ref} was not seen to end in {elapsed:.0f} s; last: {last}")
        error.ref = self.ref
        error.snapshot = self.snapshot
        error.requests = self.requests
        error.elapsed = elapsed
        error.__cause__ = self.failure
        return error


def until_ended(
    pursuit: Pursuit[DetailT, ResponseT, ResultT_co], on_progress: OnProgress | None
) -> Flow[ResultT_co]:
    """Look again and again, each time a little later, until there is a result or time is up.

    The last look is at the deadline; a cancel under way then is waited for instead. So no
    request begins after the deadline.
    """
    is_last = False
    for number in count():
        if pursuit.wants_cancel and not is_last:
            yield from pursuit.ask()
            instant = yield from now()
            if pursuit.left(instant) < 0:
                raise pursuit.late(instant)
        yield from pursuit.look()
        if on_progress is not None and pursuit.snapshot is not None and pursuit.failure is None:
            yield Tell(on_progress, pursuit.snapshot)
        instant = yield from now()
        result = pursuit.result(instant)
        if result is not None:
            return result
        left = pursuit.left(instant)
        if is_last or left <= 0:
            raise pursuit.late(instant)
        delay = pursuit.rules.poll.delay(number, pursuit.rules.draw)
        is_last = delay >= left
        yield Sleep(min(left, delay))
    raise AssertionError  # pragma: no cover  (the loop has no end)
