"""What a call answers of a task that a type checker cannot tell the kind of.

What is known of FSx and DataSync tasks has its own member; the last one stands for all other kinds.
"""

from __future__ import annotations

from typing import TypeAlias

import botocancel.services.datasync.models
import botocancel.services.fsx.models
from botocancel.model import Response, Shape
from botocancel.results import Cancellation, Outcome, TaskSnapshot

__all__ = ["AnyCancellation", "AnyOutcome", "AnySnapshot"]

AnySnapshot: TypeAlias = (
    TaskSnapshot[botocancel.services.datasync.models.DescribeTaskExecutionResponse]
    | TaskSnapshot[botocancel.services.fsx.models.DataRepositoryTask]
    | TaskSnapshot[Shape]
)
"""A snapshot of a task of any kind."""

AnyOutcome: TypeAlias = (
    Outcome[botocancel.services.datasync.models.DescribeTaskExecutionResponse]
    | Outcome[botocancel.services.fsx.models.DataRepositoryTask]
    | Outcome[Shape]
)
"""An outcome of any kind."""

AnyCancellation: TypeAlias = (
    Cancellation[botocancel.services.datasync.models.CancelTaskExecutionResponse]
    | Cancellation[botocancel.services.fsx.models.CancelDataRepositoryTaskResponse]
    | Cancellation[Response]
)
"""A cancellation of any kind."""
