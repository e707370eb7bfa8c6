"""The type parameters of the public classes. Each has a default: `Outcome` is ``Outcome[Shape]``.

A type checker reads the defaults (PEP 696) through `typing_extensions`, which every checker
brings along. At run time there are none, for `typing.TypeVar` takes none before Python 3.13:
there, a class is subscripted with all of its parameters or with none.
"""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from botocancel.model import Request, Response, Shape  # noqa: F401  (named in strings)
    from botocancel.services._simulator.behaviour import SimulatorSettings  # noqa: F401
    from botocancel.services._simulator.tasks import SimulatedTask  # noqa: F401

else:

    def TypeVar(name, *, default, **options):  # noqa: ANN001, ANN003, ANN202, ARG001, N802
        return typing.TypeVar(name, **options)


__all__ = [
    "DetailT",
    "DetailT_co",
    "RequestT_contra",
    "ResponseT",
    "ResponseT_co",
    "ResponseT_contra",
    "ResultT",
    "SettingsT",
    "TaskT",
    "ValueT_co",
]

DetailT = TypeVar("DetailT", bound="Shape", default="Shape")
DetailT_co = TypeVar("DetailT_co", bound="Shape", covariant=True, default="Shape")
"""A service's own description of a task."""

ResponseT = TypeVar("ResponseT", bound="Response", default="Response")
ResponseT_co = TypeVar("ResponseT_co", bound="Response", covariant=True, default="Response")
"""What a request is answered with; of a task, its cancel."""

RequestT_contra = TypeVar("RequestT_contra", bound="Request", contravariant=True, default="Request")
ResponseT_contra = TypeVar(
    "ResponseT_contra", bound="Response", contravariant=True, default="Response"
)
"""What a function takes that reads requests, or answers."""

ResultT = TypeVar("ResultT", default=object)
"""What a flow returns."""

ValueT_co = TypeVar("ValueT_co", covariant=True, default=object)
"""What comes of each task of a batch."""

TaskT = TypeVar("TaskT", bound="SimulatedTask", default="SimulatedTask")
SettingsT = TypeVar("SettingsT", bound="SimulatorSettings", default="SimulatorSettings")
