"""Scenarios: documents that say what there is in a simulated AWS, and what goes wrong in it.

The same keys are understood in a seed file, in YAML or JSON, and by the server's
control endpoint. ``docs/simulate.md`` has an example of each.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, cast, get_args

import attrs

from botocancel.services._simulator import DEFAULT_START
from botocancel.services.datasync._simulated import CancelAgain as CancelExecutionAgain
from botocancel.services.datasync.models import Options, TaskMode
from botocancel.services.datasync.simulator import DataSyncSettings, DataSyncSimulator, Refusal
from botocancel.services.fsx._simulated import CancelAgain, NotFoundCode, UnknownIds
from botocancel.services.fsx.models import DataRepositoryTaskType
from botocancel.services.fsx.simulator import FSxSettings, FSxSimulator
from botocancel.testing._documents import (
    Check,
    DocumentError,
    choice,
    duration,
    flag,
    inside,
    instant,
    listed,
    mapped,
    number,
    optional,
    record,
    text,
    whole,
)
from botocancel.testing._models import service_model
from botocancel.testing._rules import broken_rules
from botocancel.testing._world import simulator_types
from botocancel.testing.faults import Fault, FaultKind
from botocancel.testing.simulated_aws import DEFAULT_ACCOUNT, DEFAULT_REGION, SimulatedAWS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from botocancel.services._simulator import AnySimulator, SimulatorSettings

__all__ = ["FAULT", "DocumentError", "Names", "Scenario", "fault_of", "load_scenario"]

Names = dict[str, str]
"""The ids of what scenarios have made, by the names they gave it."""

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
    models = [service_model(service) for service in simulator_types()]
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

_TASKS: Final = ("task", "other")
"""The parameters of a fault that name a task."""

_MORE: Final[Mapping[str, Check]] = {
    "region": text,
    "account": _account,
    **{name: listed(check) for name, check in _SECTIONS.items()},
    "faults": listed(FAULT),
}
"""What may be said of an AWS that runs already."""

_SETTINGS: Final = record(
    {
        "fsx": record(
            {
                "seconds": _seconds(_FSX),
                "lag": number,
                "visible_after": number,
                "cancel_again": choice(get_args(CancelAgain)),
                "unknown_ids": choice(get_args(UnknownIds)),
                "not_found_code": choice(get_args(NotFoundCode)),
                "cancel_names_lifecycle": flag,
                "files": whole,
            }
        ),
        "datasync": record(
            {
                "seconds": _seconds(_DATASYNC),
                "lag": number,
                "visible_after": number,
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
            }
        ),
    }
)

_SETTINGS_TYPES: Final[Mapping[str, Callable[..., SimulatorSettings]]] = {
    "fsx": FSxSettings,
    "datasync": DataSyncSettings,
}

_WHOLE: Final = record({**_MORE, "seed": whole, "start": instant, "settings": _SETTINGS})


@attrs.frozen
class Scenario:
    """What a document says, checked."""

    facts: Mapping[str, Any]

    @classmethod
    def of(cls, document: object) -> Scenario:
        """Check a document that describes a whole AWS.

        Raises:
            DocumentError: It says something that cannot be.
        """
        return cls(cast("Mapping[str, Any]", _WHOLE(document, "")))

    @classmethod
    def more(cls, document: object) -> Scenario:
        """Check a document that adds to an AWS: without ``seed``, ``start`` and ``settings``.

        Raises:
            DocumentError: It says something that cannot be.
        """
        return cls(cast("Mapping[str, Any]", record(_MORE)(document, "")))

    @property
    def region(self) -> str:
        """The region it happens in."""
        return str(self.facts.get("region", DEFAULT_REGION))

    @property
    def account(self) -> str:
        """The account it happens in."""
        return str(self.facts.get("account", DEFAULT_ACCOUNT))

    def simulated_aws(self) -> SimulatedAWS:
        """Return an AWS with the settings of this scenario, and nothing in it yet."""
        settings: Mapping[str, Row] = self.facts.get("settings", {})
        return SimulatedAWS(
            *(_SETTINGS_TYPES[service](**row) for service, row in settings.items()),
            seed=self.facts.get("seed", 0),
            start=self.facts.get("start", DEFAULT_START),
        )

    def play(self, aws: SimulatedAWS, names: Names | None = None) -> dict[str, list[Names]]:
        """Make what the scenario tells of, and set its faults.

        Args:
            aws: Where to make it.
            names: What earlier scenarios have made; what this one makes is added.

        Returns:
            The id of each thing made, and its name if it has one, by section.

        Raises:
            DocumentError: It speaks of something that there is not, or gives a name
                twice. What was made before stays.
        """
        names = {} if names is None else names
        made: dict[str, list[Names]] = {}
        for section, make in self._makers(aws, names).items():
            rows: list[Row] = self.facts.get(section, [])
            for place, row in enumerate(rows):
                where = f"{section}[{place}]"
                made.setdefault(section, []).append(_made(make, row, where, names))
        faults: list[Row] = self.facts.get("faults", [])
        for place, row in enumerate(faults):
            aws.inject(fault_of(row, names, f"faults[{place}]"))
        return made

    def _makers(self, aws: SimulatedAWS, names: Names) -> Mapping[str, Callable[..., str]]:
        """Return what makes an entry of each section, in the order of `_SECTIONS`."""
        fsx = aws.fsx(region=self.region, account=self.account)
        datasync = aws.datasync(region=self.region, account=self.account)

        def fsx_task(*, file_system: str | None = None, **row: Any) -> str:  # noqa: ANN401  (checked)
            return fsx.create_task(file_system_id=_found(file_system, names, "file_system"), **row)

        def execution(*, task: str | None = None, **row: Any) -> str:  # noqa: ANN401  (checked)
            arn = _found(task, names, "task")
            if arn is not None and arn not in datasync.transfer_tasks:
                raise DocumentError(where="task", problem=f"there is no DataSync task {task!r}")
            return datasync.start_execution(arn, **row)

        return {
            "file_systems": fsx.create_file_system,
            "fsx_tasks": fsx_task,
            "datasync_tasks": datasync.create_task,
            "datasync_executions": execution,
        }


def load_scenario(path: Path) -> Scenario:
    """Read a seed file: JSON where its name ends in ``.json``, else YAML.

    Raises:
        DocumentError: It is no such document, or says something that cannot be.
        OSError: It cannot be read.
    """
    import yaml  # noqa: PLC0415  (of an extra)

    content = path.read_bytes()
    try:
        document = json.loads(content) if path.suffix == ".json" else yaml.safe_load(content)
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        kind = "JSON" if path.suffix == ".json" else "YAML"
        raise DocumentError(where="", problem=f"it is no {kind}: {error}") from None
    return Scenario.of({} if document is None else document)


def fault_of(row: Row, names: Names, where: str = "") -> Fault:
    """Return the fault of a checked row.

    Raises:
        DocumentError: Its parameters do not go together, or its task is not known.
    """
    tasks: Row = {key: _found(row[key], names, inside(where, key)) for key in _TASKS if key in row}
    parameters: Row = {**row, **tasks, "kind": FaultKind(row["kind"])}
    try:
        return Fault(**parameters)
    except ValueError as error:
        raise DocumentError(where, str(error)) from None


def _made(make: Callable[..., str], row: Row, where: str, names: Names) -> Names:
    arguments = {key: value for key, value in row.items() if key != "name"}
    name: str | None = row.get("name")
    if name in names:
        problem = f"{name!r} is taken by {names[name]}"
        raise DocumentError(where=f"{where}.name", problem=problem)
    try:
        made = make(**arguments)
    except DocumentError as error:
        raise DocumentError(where=f"{where}.{error.where}", problem=error.problem) from None
    except ValueError as error:
        raise DocumentError(where, str(error)) from None
    if name is None:
        return {"id": made}
    names[name] = made
    return {"name": name, "id": made}


def _found(said: str | None, names: Names, where: str) -> str | None:
    """Return the id that a name stands for; an id stands for itself."""
    if said is None or said in names:
        return said if said is None else names[said]
    if said.startswith(("fs-", "task-", "arn:")):
        return said
    known = ", ".join(names) or "none yet"
    raise DocumentError(where, f"nothing is named {said!r}; there are {known}")
