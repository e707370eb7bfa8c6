"""What the simulators of the services stand on: time, lifecycles, histories, refusals, pages.

A service's simulator is a state machine behind its own typed requests. It knows
no botocore, no wire and no network; `botocancel.testing` puts those around it.
"""

from botocancel.services._simulator.behaviour import (
    ORDINARY,
    Conditions,
    SimulatedError,
    SimulatorSettings,
)
from botocancel.services._simulator.clock import DEFAULT_START, Timer, VirtualClock
from botocancel.services._simulator.paging import page_of
from botocancel.services._simulator.simulator import (
    AnySimulator,
    Operation,
    Purpose,
    ServiceSimulator,
    operation,
)
from botocancel.services._simulator.tasks import (
    Cause,
    HistoryRecord,
    Lifecycle,
    Place,
    RequestHandled,
    SimulatedTask,
    StatusChange,
    Step,
    View,
)

__all__ = [
    "DEFAULT_START",
    "ORDINARY",
    "AnySimulator",
    "Cause",
    "Conditions",
    "HistoryRecord",
    "Lifecycle",
    "Operation",
    "Place",
    "Purpose",
    "RequestHandled",
    "ServiceSimulator",
    "SimulatedError",
    "SimulatedTask",
    "SimulatorSettings",
    "StatusChange",
    "Step",
    "Timer",
    "View",
    "VirtualClock",
    "operation",
    "page_of",
]
