"""Faults as data: what goes wrong with which requests, and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import attrs

from botocancel.services._simulator import ORDINARY
from botocancel.testing._fault_kinds import KINDS, ConnectionLost, FaultKind, GarbageAnswered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from random import Random

    from botocancel.services._simulator import AnySimulator, Conditions, Purpose
    from botocancel.testing.wire import HttpAnswer

__all__ = [
    "ConnectionLost",
    "Fault",
    "FaultKind",
    "FaultPlan",
    "GarbageAnswered",
    "conditions_of",
    "replaced",
    "spoiled",
]


@attrs.frozen(kw_only=True)
class Fault:
    """Something that goes wrong with some requests.

    Raises:
        ValueError: A parameter is set that the kind does not take, or one is
            missing that it needs.
    """

    kind: FaultKind
    service: str | None = None
    """Only requests about this kind of tasks, by its key, such as ``fsx``."""
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
    headers: Mapping[str, str] | None = None
    """Headers of the answer, in place of its own of these names."""
    received: int | None = None
    """How many bytes of the body arrive; None for half of them."""
    value: str | None = None
    """A status."""
    other: str | None = None
    """The task that is answered about, by the id or ARN its requests use; None for any other."""
    tokens: int | None = None
    """How many tokens follow each other in a circle; None for 1."""
    ending: Literal["succeeded", "failed"] | None = None
    timed_out: bool | None = None
    """Whether the caller waits for its read timeout; else the connection is closed."""
    member: str | None = None
    """A member of the answer, at any depth, by its AWS name."""
    new_name: str | None = None

    def __attrs_post_init__(self) -> None:
        row = KINDS[self.kind]
        parameters = {field.name for field in attrs.fields(Fault)} - _COMMON
        given = {name for name in parameters if getattr(self, name) is not None}
        if wrong := given - row.takes - (_AIM if row.purposes else set()):
            msg = f"FaultKind.{self.kind.name} takes no {', '.join(sorted(wrong))}"
            raise ValueError(msg)
        if missing := row.needs - given:
            msg = f"FaultKind.{self.kind.name} needs {', '.join(sorted(missing))}"
            raise ValueError(msg)

    @property
    def strikes_late(self) -> bool:
        """Whether the request takes effect before this goes wrong."""
        return KINDS[self.kind].late if self.late is None else self.late

    def disruption(self, simulator: AnySimulator) -> Exception | None:
        """Return what takes the place of the service's answer, if something does."""
        disrupt = KINDS[self.kind].disrupt
        return None if disrupt is None else disrupt(self, simulator)


_COMMON: Final = frozenset({"kind", "after", "times", "probability"})
"""The parameters that every kind takes: what it is, and how often it strikes."""
_AIM: Final = frozenset({"service", "operation", "task"})
"""The parameters of every kind that strikes requests: which."""


@attrs.define
class _Armed:
    """A fault in waiting."""

    fault: Fault
    seen: int = 0
    struck: int = 0

    @property
    def purposes(self) -> tuple[Purpose, ...]:
        return KINDS[self.fault.kind].purposes

    def is_aimed_at(
        self, simulator: AnySimulator, operation: str, parameters: Mapping[str, object]
    ) -> bool:
        fault = self.fault
        return (
            fault.service in {None, simulator.service}
            and fault.operation in {None, operation}
            and any(operation in simulator.operations_to(each) for each in self.purposes)
            and (fault.task is None or fault.task in parameters.values())
        )

    def strikes(self, random: Random) -> bool:
        """Count what it could strike, and say whether it does."""
        fault = self.fault
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
            if armed.is_aimed_at(simulator, operation, parameters) and armed.strikes(self._random)
        )

    def due_at_refresh(self) -> tuple[Fault, ...]:
        """Return the faults that keep a session from renewing its credentials."""
        armed = [armed for armed in self._armed if not armed.purposes]
        return tuple(each.fault for each in armed if each.strikes(self._random))


def conditions_of(faults: Iterable[Fault]) -> Conditions:
    """Return what the service itself does oddly under these faults."""
    conditions = ORDINARY
    for fault in faults:
        bend = KINDS[fault.kind].bend
        conditions = conditions if bend is None else bend(fault, conditions)
    return conditions


def replaced(answer: dict[str, object], faults: Iterable[Fault]) -> dict[str, object]:
    """Return an answer with its members replaced as these faults say."""
    for fault in faults:
        replace = KINDS[fault.kind].replace
        answer = answer if replace is None else replace(fault, answer)
    return answer


def spoiled(answer: HttpAnswer, faults: Iterable[Fault]) -> HttpAnswer:
    """Return what arrives of an HTTP answer under these faults."""
    for fault in faults:
        spoil = KINDS[fault.kind].spoil
        answer = answer if spoil is None else spoil(fault, answer)
    return answer
