"""What lies between a flow and the services: botocore's part and the network's, in virtual time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from botocancel.errors import InvalidResponse, TransportError
from botocancel.model import Response, ResponseMetadata
from botocancel.services import service_named
from botocancel.services._simulator import ORDINARY
from botocancel.services.datasync.models import (
    DescribeTaskExecutionResponse,
    ListTaskExecutionsResponse,
)
from botocancel.services.fsx.models import (
    CancelDataRepositoryTaskResponse,
    DescribeDataRepositoryTasksResponse,
)
from botocancel.testing import ConnectionLost, Fault, FaultKind, GarbageAnswered, SimulatedError
from botocancel.testing.faults import conditions_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from botocancel.errors import BotocancelError
    from botocancel.model import Request
    from botocancel.services._simulator import AnySimulator, Conditions, HistoryRecord, VirtualClock

__all__ = ["Exchange", "Sent", "can_be_tried_again", "statuses_in", "translated"]

Arrival: TypeAlias = Response | SimulatedError | ConnectionLost | GarbageAnswered
"""What comes of one attempt."""

ATTEMPTS: Final = 3
"""So often botocore sends a request in its retry mode ``standard``."""

_TIMED_OUT: Final = 60.0
_SERVER_FAULTS: Final = frozenset({500, 502, 503, 504})
_THROTTLED: Final = "ThrottlingException"
_DENIED: Final = "AccessDeniedException"


@attrs.define(eq=False)
class Sent:
    """One call of botocore: the request, and all that came of it."""

    request: Request[Response]
    began: float
    task_id: str | None = None
    """The one task that it is about; None for a batch or a listing."""
    ended: float | None = None
    """When the caller had the answer; None if it never did."""
    attempts: int = 0
    answer: Response | BotocancelError | None = None
    """What the caller was told."""
    stopped: bool = False
    """Whether it is what made the task stop."""
    swallowed: bool = False
    """Whether a fault swallowed a cancel that was accepted."""

    @property
    def cancels(self) -> bool:
        """Whether it is a cancel."""
        return self.request.operation.startswith("Cancel")

    @property
    def succeeded(self) -> bool:
        """Whether the caller got the service's answer, and it was no refusal."""
        return isinstance(self.answer, Response)


@attrs.define(eq=False, kw_only=True)
class Exchange:
    """One call of botocore under way: up to three attempts, each with a fate of its own."""

    sent: Sent
    simulator: AnySimulator
    clock: VirtualClock
    random: Random
    latency: tuple[float, float]
    denied: str | None
    next_fault: Callable[[], Fault | None]
    history: list[HistoryRecord]
    say: Callable[[str], None] | None
    deliver: Callable[[Response | BotocancelError], None]

    def attempt(self) -> None:
        """Send the request, once more."""
        self.sent.attempts += 1
        fault = self.next_fault()
        there, back = self._way(), self._way()
        lost: Exception | None = None
        if self.denied is not None and self.sent.request.operation.startswith(self.denied):
            lost = SimulatedError(_DENIED, "not authorized")
        elif fault is not None:
            if fault.kind is FaultKind.SLOW:
                slow = fault.seconds or 0.0
                there, back = (there, back + slow) if fault.strikes_late else (there + slow, back)
            if fault.timed_out:
                back += _TIMED_OUT
            if not fault.strikes_late:
                lost = fault.disruption(self.simulator)
        if self.say is not None:
            self.say(f"attempt {self.sent.attempts} leaves{_of(fault)}")
        if lost is None:
            self.clock.call_in(there, partial(self._arrive, fault, back))
        else:
            self.clock.call_in(there + back, partial(self._answered, lost))

    def _way(self) -> float:
        least, most = self.latency
        return least + (most - least) * self.random.random()

    def _arrive(self, fault: Fault | None, back: float) -> None:
        """Have the service handle the request."""
        conditions = ORDINARY if fault is None else _conditions(fault)
        self.clock.advance(0)  # what is due at this instant comes first, and is not of our doing
        known = len(self.history)
        came: Response | Exception
        try:
            came = self.simulator.handle(self.sent.request, conditions)
        except SimulatedError as refusal:
            came = refusal
        else:
            self.sent.swallowed |= conditions.ignores_cancel and self.sent.cancels
        self.sent.stopped |= any(
            getattr(record, "cause", None) == "cancel" for record in self.history[known:]
        )
        if self.say is not None:
            self.say(f"the service answers {_brief(came)}")
        if fault is not None and fault.strikes_late:
            came = fault.disruption(self.simulator) or came
        self.clock.call_in(back, partial(self._answered, came))

    def _answered(self, came: Response | Exception) -> None:
        """Try again, as botocore would, or tell the caller."""
        if can_be_tried_again(came) and self.sent.attempts < ATTEMPTS:
            scale = 1.0 if isinstance(came, SimulatedError) and came.code == _THROTTLED else 0.05
            delay = self.random.random() * scale * 2 ** (self.sent.attempts - 1)
            self.clock.call_in(delay, self.attempt)
            return
        self.deliver(translated(came, self.sent.request, self.sent.attempts))


def can_be_tried_again(came: Response | Exception) -> bool:
    """Say whether botocore's standard mode retries this."""
    match came:
        case SimulatedError():
            return came.code == _THROTTLED or came.http_status in _SERVER_FAULTS
        case GarbageAnswered():
            return came.http_status in _SERVER_FAULTS
        case _:
            return isinstance(came, ConnectionLost)


def translated(
    came: Response | Exception, request: Request[Response], attempts: int
) -> Response | BotocancelError:
    """Return what the library's driver makes of it, once botocore has given up or succeeded."""
    name = request.operation
    match came:
        case Response():
            if attempts == 1:
                return came
            return attrs.evolve(came, metadata=ResponseMetadata(http_status=200, attempts=attempts))
        case SimulatedError():
            return _service_error(
                request, came.code, came.message, came.http_status, attempts, dict(came.members)
            )
        case GarbageAnswered() if came.http_status != 200:
            return _service_error(
                request, str(came.http_status), None, came.http_status, attempts, {}
            )
        case ConnectionLost():
            return TransportError(f"{name}: no answer from the service: {came}")
        case _:
            return InvalidResponse(f"{name}: the answer cannot be read")


def _service_error(
    request: Request[Response],
    code: str,
    message: str | None,
    http_status: int,
    attempts: int,
    members: dict[str, object],
) -> BotocancelError:
    answer = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": http_status, "RetryAttempts": attempts - 1},
        **members,
    }
    leaf = service_named(request.service).error_class(code, http_status)
    return leaf(answer, request.operation)


_CONDITIONS: Final[dict[Fault, Conditions]] = {}


def _conditions(fault: Fault) -> Conditions:
    found = _CONDITIONS.get(fault)
    if found is None:
        found = _CONDITIONS[fault] = conditions_of([fault])
    return found


def statuses_in(answer: Response) -> dict[str | None, str | None]:
    """Return the statuses that an answer tells, by task."""
    match answer:
        case DescribeTaskExecutionResponse():
            return {answer.task_execution_arn: answer.status}
        case ListTaskExecutionsResponse():
            return {item.task_execution_arn: item.status for item in answer.task_executions or ()}
        case DescribeDataRepositoryTasksResponse():
            return {task.task_id: task.lifecycle for task in answer.data_repository_tasks or ()}
        case CancelDataRepositoryTaskResponse():
            return {answer.task_id: answer.lifecycle}
        case _:
            return {}


def _of(fault: Fault | None) -> str:
    return "" if fault is None else f", and meets {fault.kind.value}"


def _brief(came: Response | Exception) -> str:
    """Return an answer in a few words."""
    if isinstance(came, Exception):
        return f"{type(came).__name__}: {came}"
    statuses = ", ".join(sorted(map(str, statuses_in(came).values())))
    return f"{type(came).__name__}({statuses})"
