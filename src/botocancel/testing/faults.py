"""Faults as data: what goes wrong with which requests, and how often."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final, Literal, cast

import attrs

from botocancel.services._simulator import ORDINARY, SimulatedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from random import Random

    from botocancel.services._simulator import AnySimulator, Conditions, Purpose

__all__ = [
    "ConnectionLost",
    "Fault",
    "FaultKind",
    "FaultPlan",
    "GarbageAnswered",
    "conditions_of",
    "replaced",
]


class FaultKind(enum.Enum):
    """What goes wrong. The parameters of `Fault` that a kind takes are named with it."""

    THROTTLE = "throttle"
    """``ThrottlingException``, HTTP 400 (`message`)."""
    INTERNAL_ERROR = "internal error"
    """The service's own error of the kind, HTTP 500 (`message`, `late`)."""
    UNAVAILABLE = "unavailable"
    """``ServiceUnavailable``, HTTP 503 (`message`)."""
    ERROR = "error"
    """Any error at all (`code`, `message`, `http_status`, `members`, `late`)."""
    LOST_REQUEST = "lost request"
    """The connection breaks before the service has the request (`timed_out`)."""
    LOST_ANSWER = "lost answer"
    """The connection breaks after the request took effect (`timed_out`)."""
    SLOW = "slow"
    """Simulated time passes, after the request takes effect unless not `late` (`seconds`)."""
    GARBAGE = "garbage"
    """Something else answers, or the answer is broken (`body`, `http_status`, `late`)."""
    UNKNOWN_STATUS = "unknown status"
    """Every status in the answer reads `value`."""
    STALE_READ = "stale read"
    """A describe or list sees every task as it was `seconds` ago."""
    ENDS_FIRST = "ends first"
    """The task ends in the same instant, just before the request is handled (`ending`)."""
    IGNORED_CANCEL = "ignored cancel"
    """The cancel is accepted, and nothing comes of it."""
    REPLACED_MEMBER = "replaced member"
    """`member` is left out, or called `new_name`; `members` are added to the answer."""


class ConnectionLost(Exception):
    """No answer arrives.

    Args:
        timed_out: Whether it was waited for in vain; else the connection was closed.
    """

    def __init__(self, *, timed_out: bool) -> None:
        super().__init__("read timeout" if timed_out else "connection closed")
        self.timed_out = timed_out


class GarbageAnswered(Exception):
    """What arrives is no answer of the service.

    Args:
        http_status: HTTP status of what arrives.
        body: What arrives.
    """

    def __init__(self, http_status: int, body: str) -> None:
        super().__init__(http_status, body)
        self.http_status = http_status
        self.body = body


@attrs.frozen(kw_only=True)
class Fault:
    """Something that goes wrong with some requests.

    Raises:
        ValueError: A parameter is set that the kind does not take, or one is
            missing that it needs.
    """

    kind: FaultKind
    service: str | None = None
    """Only requests to this service, by botocore's name."""
    operation: str | None = None
    """Only requests of this operation."""
    task: str | None = None
    """Only requests that name this task, by the id or ARN they use, outside of lists."""
    after: int = 0
    """How many such requests go well first."""
    times: int | None = 1
    """How many requests it strikes; None for no end."""
    probability: float = 1.0
    """How likely it strikes a request that it could; the simulation's seed decides."""

    late: bool | None = None
    """Whether the request takes effect first; None for what is usual for the kind."""
    code: str | None = None
    """Error code."""
    message: str | None = None
    """The error's message; of ERROR, None is answered as null."""
    http_status: int | None = None
    members: Mapping[str, object] | None = None
    """Members by their AWS names."""
    seconds: float | None = None
    """Seconds of simulated time."""
    body: str | None = None
    """What is answered, whole."""
    value: str | None = None
    """A status."""
    ending: Literal["succeeded", "failed"] | None = None
    timed_out: bool | None = None
    """Whether the caller waits for its read timeout; else the connection is closed."""
    member: str | None = None
    """A member of the answer, at any depth, by its AWS name."""
    new_name: str | None = None

    def __attrs_post_init__(self) -> None:
        row = _KINDS[self.kind]
        given = {name for name in _PARAMETERS if getattr(self, name) is not None}
        if wrong := given - row.takes:
            msg = f"{self.kind} takes no {', '.join(sorted(wrong))}"
            raise ValueError(msg)
        if missing := row.needs - given:
            msg = f"{self.kind} needs {', '.join(sorted(missing))}"
            raise ValueError(msg)

    @property
    def strikes_late(self) -> bool:
        """Whether the request takes effect before this goes wrong."""
        return _KINDS[self.kind].late if self.late is None else self.late

    @property
    def replaces(self) -> bool:
        """Whether it replaces members of the answer."""
        return self.kind is FaultKind.REPLACED_MEMBER

    def disruption(self, simulator: AnySimulator) -> Exception | None:
        """Return what takes the place of the service's answer, if something does."""
        disrupt = _KINDS[self.kind].disrupt
        return None if disrupt is None else disrupt(self, simulator)


@attrs.frozen(kw_only=True)
class _Kind:
    """A row of the table of kinds."""

    takes: frozenset[str] = frozenset()
    """The parameters that mean something."""
    needs: frozenset[str] = frozenset()
    purpose: Purpose | None = None
    """What the operations are for that it makes sense for; None for all."""
    late: bool = False
    disrupt: Callable[[Fault, AnySimulator], Exception] | None = None
    """Makes what takes the place of the service's answer."""
    bend: Callable[[Fault, Conditions], Conditions] | None = None
    """Makes what the service itself does oddly."""


def _throttled(fault: Fault, _: AnySimulator) -> Exception:
    return SimulatedError("ThrottlingException", fault.message or "Rate exceeded")


def _failed(fault: Fault, simulator: AnySimulator) -> Exception:
    return simulator.internal_error(fault.message or "An internal error has occurred.")


def _unavailable(fault: Fault, _: AnySimulator) -> Exception:
    return SimulatedError("ServiceUnavailable", fault.message or "Service unavailable", 503)


def _error(fault: Fault, _: AnySimulator) -> Exception:
    return SimulatedError(fault.code or "", fault.message, fault.http_status or 400, fault.members)


def _lost(fault: Fault, _: AnySimulator) -> Exception:
    return ConnectionLost(timed_out=bool(fault.timed_out))


def _garbled(fault: Fault, _: AnySimulator) -> Exception:
    return GarbageAnswered(fault.http_status or 200, fault.body or "")


_PARAMETERS: Final = (
    "late",
    "code",
    "message",
    "http_status",
    "members",
    "seconds",
    "body",
    "value",
    "ending",
    "timed_out",
    "member",
    "new_name",
)

_KINDS: Final[Mapping[FaultKind, _Kind]] = {
    FaultKind.THROTTLE: _Kind(takes=frozenset({"message"}), disrupt=_throttled),
    FaultKind.INTERNAL_ERROR: _Kind(takes=frozenset({"message", "late"}), disrupt=_failed),
    FaultKind.UNAVAILABLE: _Kind(takes=frozenset({"message"}), disrupt=_unavailable),
    FaultKind.ERROR: _Kind(
        takes=frozenset({"code", "message", "http_status", "members", "late"}),
        needs=frozenset({"code"}),
        disrupt=_error,
    ),
    FaultKind.LOST_REQUEST: _Kind(takes=frozenset({"timed_out"}), disrupt=_lost),
    FaultKind.LOST_ANSWER: _Kind(takes=frozenset({"timed_out"}), disrupt=_lost, late=True),
    FaultKind.SLOW: _Kind(
        takes=frozenset({"seconds", "late"}), needs=frozenset({"seconds"}), late=True
    ),
    FaultKind.GARBAGE: _Kind(
        takes=frozenset({"body", "http_status", "late"}), disrupt=_garbled, late=True
    ),
    FaultKind.UNKNOWN_STATUS: _Kind(
        takes=frozenset({"value"}),
        needs=frozenset({"value"}),
        bend=lambda fault, conditions: attrs.evolve(conditions, status=fault.value),
    ),
    FaultKind.STALE_READ: _Kind(
        takes=frozenset({"seconds"}),
        needs=frozenset({"seconds"}),
        purpose="read",
        bend=lambda fault, conditions: attrs.evolve(conditions, lag=fault.seconds),
    ),
    FaultKind.ENDS_FIRST: _Kind(
        takes=frozenset({"ending"}),
        needs=frozenset({"ending"}),
        bend=lambda fault, conditions: attrs.evolve(conditions, ends_first=fault.ending),
    ),
    FaultKind.IGNORED_CANCEL: _Kind(
        purpose="cancel",
        bend=lambda _, conditions: attrs.evolve(conditions, ignores_cancel=True),
    ),
    FaultKind.REPLACED_MEMBER: _Kind(takes=frozenset({"member", "new_name", "members"})),
}
"""The kinds, and how each is brought about."""


@attrs.define
class _Armed:
    """A fault in waiting."""

    fault: Fault
    seen: int = 0
    struck: int = 0

    def strikes(
        self,
        simulator: AnySimulator,
        operation: str,
        parameters: Mapping[str, object],
        random: Random,
    ) -> bool:
        fault = self.fault
        purpose = _KINDS[fault.kind].purpose
        if (
            fault.service not in {None, simulator.service}
            or fault.operation not in {None, operation}
            or (purpose is not None and operation not in simulator.operations_to(purpose))
            or not (fault.task is None or fault.task in parameters.values())
        ):
            return False
        self.seen += 1
        if self.seen <= fault.after or (fault.times is not None and self.struck >= fault.times):
            return False
        if fault.probability < 1 and random.random() >= fault.probability:
            return False
        self.struck += 1
        return True


class FaultPlan:
    """The faults that are set, and how often each has struck.

    Args:
        random: Decides where a fault is only probable.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._armed: list[_Armed] = []

    def inject(self, fault: Fault) -> None:
        """Set a fault, besides those that are set."""
        self._armed.append(_Armed(fault))

    def clear(self) -> None:
        """Take back every fault."""
        self._armed.clear()

    def due(
        self, simulator: AnySimulator, operation: str, parameters: Mapping[str, object]
    ) -> tuple[Fault, ...]:
        """Return the faults that strike a request, in the order they were set."""
        return tuple(
            armed.fault
            for armed in self._armed
            if armed.strikes(simulator, operation, parameters, self._random)
        )


def conditions_of(faults: Iterable[Fault]) -> Conditions:
    """Return what the service itself does oddly under these faults."""
    conditions = ORDINARY
    for fault in faults:
        bend = _KINDS[fault.kind].bend
        conditions = conditions if bend is None else bend(fault, conditions)
    return conditions


def replaced(answer: dict[str, object], faults: Iterable[Fault]) -> dict[str, object]:
    """Return an answer with its members replaced as these faults say."""
    for fault in faults:
        if fault.replaces:
            answer = {
                **cast("dict[str, object]", _without(answer, fault.member, fault.new_name)),
                **(fault.members or {}),
            }
    return answer


def _without(value: object, member: str | None, new_name: str | None) -> object:
    if isinstance(value, list | tuple):
        return [_without(part, member, new_name) for part in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    parts = cast("dict[str, object]", value)
    return {
        (new_name or "") if name == member else name: _without(part, member, new_name)
        for name, part in parts.items()
        if name != member or new_name is not None
    }
