"""Read botocore's model of a client: what the configured operations reach of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

import attrs
from botocore.exceptions import UnknownServiceError
from botocore.session import Session

from botocancel.generate import _configuration
from botocancel.generate._configuration import Configuration, meant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["PARTS", "Json", "WireModel"]

Json: TypeAlias = Mapping[str, Any]

PARTS: Final = {"output": "Response", "input": "Request"}
"""The parts of an operation, and what the names of their classes end with."""


@attrs.define(slots=False)
class WireModel:
    """A configuration, and botocore's model of the client that it is about."""

    configuration: Configuration
    wire: Json

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the configuration in a folder, and the model.

        Raises:
            GenerationError: The configuration is wrong.
        """
        return cls.of(_configuration.read(folder))

    @classmethod
    def of(cls, configuration: Configuration) -> Self:
        """Read the model."""
        loader: Any = Session().get_component("data_loader")
        try:
            wire = loader.load_service_model(configuration.client, "service-2")
        except UnknownServiceError as error:
            clients = loader.list_available_services("service-2")
            question = meant(configuration.client, clients)
            msg = f"MODELS['client'] is {configuration.client!r}, which botocore lacks{question}"
            raise configuration.error(msg) from error
        return cls(configuration, wire)

    @property
    def name(self) -> str:
        """The name that botocore has for the client."""
        return self.configuration.client

    @property
    def api_version(self) -> str:
        """The version of the service's model, such as ``2018-03-01``."""
        return str(self.wire["metadata"]["apiVersion"])

    @property
    def operation_names(self) -> tuple[str, ...]:
        """The operations that there are requests for."""
        configuration = self.configuration
        built = sorted({*configuration.built} & self.wire["operations"].keys())
        names = tuple(dict.fromkeys((*configuration.operations, *built, *self.starting)))
        if not names:
            msg = f"MODELS lacks 'operations', and the file uses no request of {self.name}"
            raise configuration.error(msg)
        return names

    @cached_property
    def starting(self) -> tuple[str, ...]:
        """The operations that start tasks."""
        configuration = self.configuration
        starting = sorted({*configuration.starting} & self.wire["operations"].keys())
        return tuple(dict.fromkeys((*configuration.start, *starting)))

    def operation_wire(self, name: str) -> Json:
        """Return botocore's model of an operation.

        Raises:
            GenerationError: There is none.
        """
        operations: Json = self.wire["operations"]
        if name not in operations:
            msg = f"{self.name} has no operation {name!r}{meant(name, operations)}"
            raise self.configuration.error(msg)
        wire: Json = operations[name]
        return wire

    @cached_property
    def reached(self) -> list[str]:
        """The shapes that have classes, each after those it holds."""
        entered: set[str] = set()
        reached = [
            shape
            for operation in self.operation_names
            for part in PARTS
            for target in self._targets(operation, part)
            for shape in self._below(target, entered)
        ]
        for name in sorted((self.configuration.typed or frozenset()) - {*reached}):
            msg = f"MODELS['typed'] has {name!r}, which "
            if name in self.wire["shapes"]:
                msg += "has no class or is reached by none of the operations; take it out"
            else:
                msg += f"is no shape of {self.name}{meant(name, self.wire['shapes'])}"
            raise self.configuration.error(msg)
        return reached

    def _below(self, name: str, entered: set[str]) -> Iterator[str]:
        """Yield the typed shapes that a shape holds, then itself; none that was entered before."""
        if name in entered:
            return
        shape = self.shape(name)
        is_class = "enum" in shape or (shape["type"] == "structure" and not shape.get("document"))
        if is_class and not self._is_typed(name):
            return
        entered.add(name)
        for held in _held(shape):
            yield from self._below(held, entered)
        if is_class:
            yield name

    def _is_typed(self, name: str) -> bool:
        typed = self.configuration.typed
        return typed is None or name in typed or name in self._near

    @cached_property
    def _near(self) -> frozenset[str]:
        """The structures directly in an answer or in a request to start, and in lists there."""
        targets = [*self._all_targets("output", self.operation_names)]
        targets += self._all_targets("input", self.starting)
        lists = [shape for shape in map(self.shape, targets) if shape["type"] == "list"]
        items = [shape["member"]["shape"] for shape in lists]
        return frozenset(
            name for name in (*targets, *items) if self.shape(name)["type"] == "structure"
        )

    @cached_property
    def asked(self) -> frozenset[str]:
        """The shapes that the parameters of a request hold: of these, all that is required is."""
        entered: set[str] = set()
        for target in self._all_targets("input", self.operation_names):
            list(self._below(target, entered))
        return frozenset(entered)

    def _all_targets(self, part: str, operations: Iterable[str]) -> Iterator[str]:
        for operation in operations:
            yield from self._targets(operation, part)

    def _targets(self, operation: str, part: str) -> list[str]:
        """Return the shapes of the members of an operation's input or output."""
        reference = self.operation_wire(operation).get(part)
        if reference is None:
            return []
        shape = self.shape(reference["shape"])
        unread = self.unread(shape, part)
        members = shape.get("members", {}).items()
        return [member["shape"] for name, member in members if name not in unread]

    def unread(self, shape: Json, part: str) -> list[str]:
        """Return the members that hold a stream: of events, or of an answer's bytes."""
        return [
            name
            for name, member in shape.get("members", {}).items()
            for target in [self.shape(member["shape"])]
            if target.get("eventstream")
            or (part == "output" and (target.get("streaming") or member.get("streaming")))
        ]

    def shape(self, name: str) -> Json:
        """Return botocore's model of a shape."""
        shape: Json = self.wire["shapes"][name]
        return shape


def _held(shape: Json) -> Iterator[str]:
    """Yield the shapes that a shape holds."""
    for member in shape.get("members", {}).values():
        yield member["shape"]
    for part in ("member", "value"):
        if part in shape:
            yield shape[part]["shape"]
