"""The keys that scenarios may have, section by section, and what takes their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast, get_args

from botocancel.services._simulator.declared import DeclaredSettings
from botocancel.services.datasync._simulated import CancelAgain as CancelExecutionAgain
from botocancel.services.datasync.models import Options, TaskMode
from botocancel.services.datasync.simulator import DataSyncSimulator, Refusal
from botocancel.services.fsx._simulated import CancelAgain, NotFoundCode, UnknownIds
from botocancel.services.fsx.models import DataRepositoryTaskType
from botocancel.services.fsx.simulator import FSxSimulator
from botocancel.testing._documents import (
    Check,
    DocumentError,
    choice,
    duration,
    flag,
    instant,
    listed,
    mapped,
    number,
    optional,
    positive,
    record,
    text,
    whole,
)
from botocancel.testing._models import service_model
from botocancel.testing._rules import broken_rules
from botocancel.testing._world import clients, simulator_types
from botocancel.testing.faults import FaultKind
from botocancel.testing.simulated_aws import DEFAULT_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocancel.services._simulator import AnySimulator

__all__ = ["FAULT", "MORE", "WHOLE", "Row"]

Row = dict[str, Any]
"""An entry of a section, checked: the arguments of what makes it."""


def _account(value: object, where: str) -> str:
    digits = text(value, where)
    if len(digits) == len(DEFAULT_ACCOUNT) and digits.isascii() and digits.isdigit():
        return digits
    raise DocumentError(where, f"an account is 12 digits in quotes, not {digits!r}")


def _options(value: object, where: str) -> Options:
    wire = mapped(lambda part, _: part)(value, where)
    shape = service_model("datasync").shape_for("Options")
    if broken := broken_rules(cast("Mapping[str, object]", wire), shape):
        raise DocumentError(where, broken[0])
    return Options.from_wire(cast("Mapping[str, object]", wire))


def _refusal(value: object, where: str) -> Refusal:
    table = {"text": text, "error_code": text, "datasync_error_code": text}
    return Refusal(**cast("Row", record(table, required=["text"])(value, where)))


def _operation(value: object, where: str) -> object:
    models = [service_model(client) for client in clients()]
    return choice(name for model in models for name in model.operation_names)(value, where)


def _seconds(kind: type[AnySimulator]) -> Check:
    return mapped(duration, kind.lifecycle.steps)


_FSX: Final = cast("type[AnySimulator]", FSxSimulator)
_DATASYNC: Final = cast("type[AnySimulator]", DataSyncSimulator)

_WORK: Final[Mapping[str, Check]] = {
    "name": text,
    "fails": flag,
    "failure": text,
    "cancelable": flag,
    "files": whole,
}
"""What every entry may say that is one piece of work."""

_SECTIONS: Final[Mapping[str, Check]] = {
    "file_systems": record({"name": text}),
    "fsx_tasks": record(
        {
            **_WORK,
            "type": choice(DataRepositoryTaskType.values),
            "status": choice(_FSX.lifecycle.statuses),
            "file_system": text,
            "association_id": text,
            "capacity_to_release": whole,
            "seconds": _seconds(_FSX),
        }
    ),
    "datasync_tasks": record({"name": text, "mode": choice(TaskMode.values), "options": _options}),
    "datasync_executions": record(
        {
            **_WORK,
            "task": text,
            "status": choice(_DATASYNC.lifecycle.statuses),
            "size": whole,
            "seconds": _seconds(_DATASYNC),
            "failure_code": text,
        }
    ),
    "tasks": record(
        {"service": choice(simulator_types()), "name": text, "status": text}, required=["service"]
    ),
}
"""What can be made, in the order it is made."""

FAULT: Final = record(
    {
        "kind": choice(kind.value for kind in FaultKind),
        "service": choice(simulator_types()),
        "operation": _operation,
        "task": text,
        "after": whole,
        "times": optional(whole),
        "probability": number,
        "late": flag,
        "code": text,
        "message": text,
        "http_status": whole,
        "members": mapped(lambda part, _: part),
        "seconds": number,
        "body": text,
        "headers": mapped(text),
        "received": whole,
        "value": text,
        "other": text,
        "tokens": whole,
        "ending": choice(["succeeded", "failed"]),
        "timed_out": flag,
        "member": text,
        "new_name": text,
    },
    required=["kind"],
)
"""A fault: the parameters of `Fault`; its tasks may be names that a scenario gave."""

MORE: Final[Mapping[str, Check]] = {
    "region": text,
    "account": _account,
    **{name: listed(check) for name, check in _SECTIONS.items()},
    "faults": listed(FAULT),
}
"""What may be said of an AWS that runs already."""

_OWN_SETTINGS: Final[Mapping[str, Mapping[str, Check]]] = {
    "fsx": {
        "cancel_again": choice(get_args(CancelAgain)),
        "unknown_ids": choice(get_args(UnknownIds)),
        "not_found_code": choice(get_args(NotFoundCode)),
        "cancel_names_lifecycle": flag,
        "files": whole,
    },
    "datasync": {
        "cancel_again": choice(get_args(CancelExecutionAgain)),
        "task_not_found": _refusal,
        "execution_not_found": _refusal,
        "ended": _refusal,
        "canceling": _refusal,
        "queueing_disabled": _refusal,
        "not_cancelable": _refusal,
        "canceled_error_code": text,
        "canceled_error_detail": text,
        "files": whole,
        "size": whole,
    },
}
"""The settings of single services; each has those of `SimulatorSettings` besides."""


def _settings(service: str, kind: type[AnySimulator]) -> Check:
    of_each: Mapping[str, Check] = {
        "seconds": _seconds(kind),
        "lag": number,
        "visible_after": number,
        "page_size": positive,
    }
    if kind.settings_type is DeclaredSettings:
        answered = choice(["as declared", "accept"])
        of_each = {**of_each, "ended": answered, "again": answered, "unknown": answered}
    return record({**of_each, **_OWN_SETTINGS.get(service, {})})


_SETTINGS: Final = record(
    {service: _settings(service, kind) for service, kind in simulator_types().items()}
)

WHOLE: Final = record({**MORE, "seed": whole, "start": instant, "settings": _SETTINGS})
"""What may be said of a whole AWS."""
