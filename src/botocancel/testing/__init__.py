"""A simulated AWS, to test against: see `SimulatedAWS`.

Real botocore clients talk to it; time in it moves when told to; faults are data;
what botocore's models do not allow, it neither says nor hears. The first use of a
name loads what it needs, so that pytest starts no slower with its plugin.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from botocancel.services._simulator import (
        HistoryRecord,
        RequestHandled,
        SimulatedError,
        SimulatorSettings,
        StatusChange,
        VirtualClock,
    )
    from botocancel.services._simulator.behaviour import Ending
    from botocancel.services._simulator.declared import (
        DeclaredSimulator,
        DeclaredTask,
        SimulatedParent,
    )
    from botocancel.services.declare import Refusal
    from botocancel.testing._front import ModelViolation
    from botocancel.testing._identity import SimulatedAccount
    from botocancel.testing._stand_in import NotSimulated, standing_in
    from botocancel.testing._world import RequestRecord
    from botocancel.testing.faults import ConnectionLost, Fault, FaultKind, GarbageAnswered
    from botocancel.testing.simulated_aws import DEFAULT_ACCOUNT, DEFAULT_REGION, SimulatedAWS
    from botocancel.testing.wire import HttpAnswer, HttpRequest

__all__ = [
    "DEFAULT_ACCOUNT",
    "DEFAULT_REGION",
    "ConnectionLost",
    "DeclaredSimulator",
    "DeclaredTask",
    "Ending",
    "Fault",
    "FaultKind",
    "GarbageAnswered",
    "HistoryRecord",
    "HttpAnswer",
    "HttpRequest",
    "ModelViolation",
    "NotSimulated",
    "Refusal",
    "RequestHandled",
    "RequestRecord",
    "SimulatedAWS",
    "SimulatedAccount",
    "SimulatedError",
    "SimulatedParent",
    "SimulatorSettings",
    "StatusChange",
    "VirtualClock",
    "standing_in",
]

_HOMES = {
    "services._simulator": (
        "HistoryRecord",
        "RequestHandled",
        "SimulatedError",
        "SimulatorSettings",
        "StatusChange",
        "VirtualClock",
    ),
    "services._simulator.behaviour": ("Ending",),
    "services._simulator.declared": ("DeclaredSimulator", "DeclaredTask", "SimulatedParent"),
    "services.declare": ("Refusal",),
    "testing._identity": ("SimulatedAccount",),
    "testing._front": ("ModelViolation",),
    "testing._stand_in": ("NotSimulated", "standing_in"),
    "testing._world": ("RequestRecord",),
    "testing.faults": ("ConnectionLost", "Fault", "FaultKind", "GarbageAnswered"),
    "testing.simulated_aws": ("DEFAULT_ACCOUNT", "DEFAULT_REGION", "SimulatedAWS"),
    "testing.wire": ("HttpAnswer", "HttpRequest"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

if not TYPE_CHECKING:  # a checker would take it for a promise of every name

    def __getattr__(name: str) -> object:
        """Load a public name on first use."""
        if name not in _HOME_OF:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        value: object = getattr(import_module(f"botocancel.{_HOME_OF[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
