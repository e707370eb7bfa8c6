"""What the simulator of a service is made of, for packages that add a service.

It is a subclass of `ServiceSimulator` in the module ``simulator`` of the service's folder,
called ``SIMULATOR`` there: a `Lifecycle`, and a table of operations. It knows typed requests
alone; `botocancel.testing` puts the wire before it.
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
