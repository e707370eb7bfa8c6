"""The state of the simulated AWS: time, simulators by account and region, faults, the log."""

from __future__ import annotations

import re
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Final, TypeVar, cast

import attrs

from botocancel.services import all_kinds
from botocancel.services._simulator import Place, SimulatedError
from botocancel.services._simulator.declared import simulator_of
from botocancel.testing._identity import Accounts
from botocancel.testing._models import is_known, partition_of
from botocancel.testing.faults import FaultKind, FaultPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from botocancel.services._simulator import (
        AnySimulator,
        HistoryRecord,
        SimulatorSettings,
        VirtualClock,
    )
    from botocancel.testing.faults import Fault

__all__ = ["NOT_HANDLED", "RequestRecord", "World", "clients", "simulator_types"]

AnswerT = TypeVar("AnswerT")

NOT_HANDLED: Final = "not handled"
"""The outcome of a request that a fault kept from the service."""


@attrs.frozen(kw_only=True)
class RequestRecord:
    """One request that arrived at the simulated AWS."""

    request_id: str
    seconds: float
    """When it arrived, in seconds since the start of simulated time."""
    time: datetime
    account: str
    region: str
    service: str
    """The key of the kind of tasks that it is about."""
    operation: str
    parameters: Mapping[str, object]
    """By their AWS names."""
    outcome: str
    """What the service made of it: ``accepted``, the error code of its refusal, or
    ``not handled`` where a fault kept it from the service."""
    faults: tuple[FaultKind, ...]
    """What went wrong with it."""


@cache
def simulator_types() -> Mapping[str, type[AnySimulator]]:
    """Return the simulators there are, by the key of the kind of tasks: of those that say how."""
    return {
        kind.key: cast("type[AnySimulator]", simulator_of(kind))
        for kind in all_kinds()
        if kind.simulated is not None
    }


def clients() -> tuple[str, ...]:
    """Return the clients whose requests are answered, by botocore's names, each once.

    Those that the botocore in use does not know are left out.
    """
    named = dict.fromkeys(kind.client for kind in simulator_types().values())
    return tuple(filter(is_known, named))


class World:
    """Everything that is simulated.

    Args:
        settings: How services behave, where not by default.
        seed: Decides ids, and faults that are only probable.
        clock: Simulated time.

    Raises:
        ValueError: Settings are for no service here, or there are two for one.
    """

    def __init__(
        self, settings: Iterable[SimulatorSettings], seed: int, clock: VirtualClock
    ) -> None:
        self._seed = seed
        self.clock = clock
        self.faults = FaultPlan(self._random("faults"))
        self.history: list[HistoryRecord] = []
        self.requests: list[RequestRecord] = []
        self.accounts = Accounts(clock)
        self._settings = _by_kind(settings)
        self._request_ids = self._random("requests")
        self._simulators: dict[tuple[str, str, str], AnySimulator] = {}

    def simulator(self, service: str, account: str, region: str) -> AnySimulator:
        """Return the simulator of a kind of task for an account in a region.

        Raises:
            LookupError: No such kind is simulated.
            ValueError: The account is none.
        """
        key = (service, account, region)
        with self.clock.lock:
            if key not in self._simulators:
                self._simulators[key] = self._new_simulator(*key)
            return self._simulators[key]

    def asked(
        self,
        client: str,
        operation: str,
        parameters: Mapping[str, object],
        account: str,
        region: str,
    ) -> AnySimulator:
        """Return the simulator that answers a request, of those of a client.

        Where several have the operation, it is the one that has what the parameters name, or
        else the first.

        Raises:
            LookupError: None has it.
            ValueError: The account is none.
        """
        keys = [key for key, kind in simulator_types().items() if kind.client == client]
        kinds = [self.simulator(key, account, region) for key in keys]
        able = [kind for kind in kinds if operation in kind.request_types]
        if not able:
            msg = f"nothing here answers {operation!r} of {client!r}"
            raise LookupError(msg)
        if len(able) > 1:
            able.sort(key=lambda kind: not kind.is_named_in(parameters))
        return able[0]

    def new_request_id(self) -> str:
        """Return the id of another request."""
        digits = f"{self._request_ids.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def serve(
        self,
        simulator: AnySimulator,
        operation: str,
        parameters: Mapping[str, object],
        request_id: str,
        work: Callable[[tuple[Fault, ...]], AnswerT],
    ) -> tuple[AnswerT | SimulatedError, tuple[Fault, ...]]:
        """Let a request through to a service, under the faults that strike it, and log it.

        Args:
            simulator: The service.
            operation: The AWS operation.
            parameters: The request's parameters, by their AWS names.
            request_id: The request's id.
            work: Has the service answer, given the faults.

        Returns:
            The answer, or the refusal of the service or of a fault; and the faults that
            have struck.

        Raises:
            ConnectionLost: A fault says so.
            GarbageAnswered: A fault says so.
        """
        with self.clock.lock:
            faults = self.faults.due(simulator, operation, parameters)
            seconds, time = self.clock.seconds, self.clock.now
            outcome = NOT_HANDLED
            try:
                self._strike(faults, simulator, late=False)
                came, outcome = _answer_of(work, faults)
                self._strike(faults, simulator, late=True)
            except SimulatedError as refusal:
                return refusal, faults
            else:
                return came, faults
            finally:
                self.requests.append(
                    RequestRecord(
                        request_id=request_id,
                        seconds=seconds,
                        time=time,
                        account=simulator.place.account,
                        region=simulator.place.region,
                        service=simulator.service,
                        operation=operation,
                        parameters=parameters,
                        outcome=outcome,
                        faults=tuple([fault.kind for fault in faults]),
                    )
                )

    def _strike(self, faults: Iterable[Fault], simulator: AnySimulator, *, late: bool) -> None:
        now = [fault for fault in faults if fault.strikes_late is late]
        for fault in now:
            if fault.kind is FaultKind.SLOW:
                self.clock.advance(fault.seconds or 0)
        for fault in now:
            disruption = fault.disruption(simulator)
            if disruption is not None:
                raise disruption

    def _random(self, use: str) -> Random:
        return Random(f"{self._seed} {use}")  # noqa: S311  (nothing here is a secret)

    def _new_simulator(self, service: str, account: str, region: str) -> AnySimulator:
        if not re.fullmatch(r"\d{12}", account):
            msg = f"an account is 12 digits, not {account!r}"
            raise ValueError(msg)
        kinds = simulator_types()
        if service not in kinds:
            msg = f"no service {service!r} is simulated; there are {', '.join(sorted(kinds))}"
            raise LookupError(msg)
        kind = kinds[service]
        return kind(
            Place(account, region, partition_of(region)),
            self.clock,
            self._random(f"{service} {account} {region}"),
            self._settings.get(service),
            self.history,
        )


def _answer_of(
    work: Callable[[tuple[Fault, ...]], AnswerT], faults: tuple[Fault, ...]
) -> tuple[AnswerT | SimulatedError, str]:
    """Return what a service answers, and the outcome to log."""
    try:
        return work(faults), "accepted"
    except SimulatedError as refusal:
        return refusal, refusal.code


def _by_kind(settings: Iterable[SimulatorSettings]) -> dict[str, SimulatorSettings]:
    """Return the settings of each kind; those for one kind alone come before those for all."""
    given: dict[str | None, SimulatorSettings] = {}
    for item in settings:
        is_known = item.kind in {None, *simulator_types()}
        if not is_known or item.kind in given:
            why = "are given twice" if is_known else "are of no kind that is simulated"
            msg = f"the settings of {item.kind or 'all kinds'} {why}"
            raise ValueError(msg)
        given[item.kind] = item
    found = {key: given.get(key, given.get(None)) for key in simulator_types()}
    return {key: item for key, item in found.items() if item is not None}
