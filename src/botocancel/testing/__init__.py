"""A simulated AWS, to test against: see `SimulatedAWS`.

Real botocore clients talk to it; time in it moves when told to; faults are data;
what botocore's models do not allow, it neither says nor hears.
"""

from botocancel.services._simulator import (
    HistoryRecord,
    RequestHandled,
    SimulatedError,
    SimulatorSettings,
    StatusChange,
    VirtualClock,
)
from botocancel.services.datasync.simulator import DataSyncSettings, DataSyncSimulator, Refusal
from botocancel.services.fsx.simulator import FSxSettings, FSxSimulator
from botocancel.testing._front import ModelViolation
from botocancel.testing._world import RequestRecord
from botocancel.testing.faults import ConnectionLost, Fault, FaultKind, GarbageAnswered
from botocancel.testing.simulated_aws import DEFAULT_ACCOUNT, DEFAULT_REGION, SimulatedAWS

__all__ = [
    "DEFAULT_ACCOUNT",
    "DEFAULT_REGION",
    "ConnectionLost",
    "DataSyncSettings",
    "DataSyncSimulator",
    "FSxSettings",
    "FSxSimulator",
    "Fault",
    "FaultKind",
    "GarbageAnswered",
    "HistoryRecord",
    "ModelViolation",
    "Refusal",
    "RequestHandled",
    "RequestRecord",
    "SimulatedAWS",
    "SimulatedError",
    "SimulatorSettings",
    "StatusChange",
    "VirtualClock",
]
