"""Scenarios: documents that say what there is in a simulated AWS, and what goes wrong in it.

The same keys are understood in a seed file, in YAML or JSON, and by the server's
control endpoint. ``docs/simulate.md`` has an example of each.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import attrs

from botocancel.services._simulator import DEFAULT_START, SimulatorSettings
from botocancel.testing._documents import DocumentError, inside, instant, record
from botocancel.testing._scenario_keys import MORE, WHOLE, Row
from botocancel.testing.faults import Fault, FaultKind
from botocancel.testing.simulated_aws import DEFAULT_ACCOUNT, DEFAULT_REGION, SimulatedAWS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from botocancel.services._simulator.declared import DeclaredSimulator

# What users may name; the rest is for the modules of the package.
__all__ = ["DocumentError", "Names", "Scenario", "load_scenario"]

Names: TypeAlias = dict[str, str]
"""The ids of what scenarios have made, by the names they gave it."""


_TASKS: Final = ("task", "other")
"""The parameters of a fault that name a task."""


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
        return cls(cast("Mapping[str, Any]", WHOLE(document, "")))

    @classmethod
    def more(cls, document: object) -> Scenario:
        """Check a document that adds to an AWS: without ``seed``, ``start`` and ``settings``.

        Raises:
            DocumentError: It says something that cannot be.
        """
        return cls(cast("Mapping[str, Any]", record(MORE)(document, "")))

    @property
    def region(self) -> str:
        """The region it happens in."""
        return str(self.facts.get("region", DEFAULT_REGION))

    @property
    def account(self) -> str:
        """The account it happens in."""
        return str(self.facts.get("account", DEFAULT_ACCOUNT))

    def simulated_aws(self, start: datetime = DEFAULT_START) -> SimulatedAWS:
        """Return an AWS with the settings of this scenario, and nothing in it yet.

        Args:
            start: When simulated time begins, where the scenario does not say.
        """
        settings: Mapping[str, Row] = self.facts.get("settings", {})
        return SimulatedAWS(
            *(_settings(service, row) for service, row in settings.items()),
            seed=self.facts.get("seed", 0),
            start=self.facts.get("start", start),
        )

    def starting(self, start: str) -> Scenario:
        """Return the same scenario, beginning at another time.

        Raises:
            DocumentError: The text is no time with a zone.
        """
        return Scenario({**self.facts, "start": instant(start, "start")})

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

        def there(service: str) -> DeclaredSimulator:
            return aws.simulator(service, region=self.region, account=self.account)

        def parent(*, service: str, facts: Row | None = None) -> str:
            return there(service).create_parent(**(facts or {}))

        def task(*, service: str, parent: str | None = None, **row: Any) -> str:  # noqa: ANN401  (checked)
            of, facts = _found(parent, names, "parent"), row.pop("facts", {})
            return there(service).start(parent=of, **row, **facts)

        return {"parents": parent, "tasks": task}


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


def _settings(key: str, row: Row) -> SimulatorSettings:
    """Return the settings of a kind."""
    return SimulatorSettings(kind=key, **row)


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
