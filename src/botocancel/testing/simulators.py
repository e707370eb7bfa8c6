"""What the simulators of services are made of.

A kind of task that declares `botocancel.services.declare.Simulated` is played by what it
declares. A `ServiceSimulator` has a `Lifecycle` and a table of operations, and knows typed
requests alone; `botocancel.testing` puts the wire before it.
"""

from botocancel.services._simulator import (
    AnySimulator,
    Conditions,
    Lifecycle,
    Operation,
    Place,
    ServiceSimulator,
    SimulatedError,
    SimulatedTask,
    SimulatorSettings,
    Step,
    Timer,
    View,
    VirtualClock,
    operation,
)

__all__ = [
    "AnySimulator",
    "Conditions",
    "Lifecycle",
    "Operation",
    "Place",
    "ServiceSimulator",
    "SimulatedError",
    "SimulatedTask",
    "SimulatorSettings",
    "Step",
    "Timer",
    "View",
    "VirtualClock",
    "operation",
]
