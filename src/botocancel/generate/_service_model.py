"""Read botocore's model of a service: what the operations reach, typed, named and checked."""

from __future__ import annotations

import inspect
import keyword
import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs
from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.session import Session

from botocancel import errors, model
from botocancel.generate import _configuration
from botocancel.generate._configuration import Configuration, meant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = [
    "Enumeration",
    "Json",
    "Member",
    "ModelledError",
    "Operation",
    "Service",
    "Structure",
]

Json: TypeAlias = Mapping[str, Any]

SCALARS: Final = {
    "string": "str",
    "character": "str",
    "byte": "int",
    "short": "int",
    "integer": "int",
    "long": "int",
    "bigInteger": "int",
    "float": "float",
    "double": "float",
    "bigDecimal": "float",
    "boolean": "bool",
    "timestamp": "datetime",
    "blob": "bytes",
}
"""The type in Python of a shape that holds no other."""

PLAIN: Final = "Plain"
PLAIN_STRUCTURE: Final = "FrozenMap[Plain]"

_FIELDS_TAKEN: Final = frozenset(
    {
        *("bool", "bytes", "datetime", "float", "int", "optional", "required", "str", "tuple"),
        *dir(model.Request),
        *inspect.get_annotations(model.Request),
        *inspect.get_annotations(model.Response),
    }
)
"""What no field is called: the annotations or the base class need the name."""
_CLASSES_TAKEN: Final = frozenset({*model.__all__, "BY_CODE", "ClassVar", "Final", "TYPE_CHECKING"})
_ERROR_FIELDS_TAKEN: Final = frozenset(dir(errors.TaskEnded))


@attrs.frozen
class Member:
    """A member of a structure."""

    name: str
    """Its AWS name."""
    field: str
    """Its name in Python."""
    annotation: str
    """Its type in Python, when it is there."""
    required: bool
    """Whether it is insisted on."""
    idempotency_token: bool
    shape: Json
    """The shape of its values."""
    item: Json | None
    """The shape of its items, if it is a list."""
    documentation: str
    """The model's own, in HTML."""


@attrs.frozen
class Structure:
    """A structure, by the name of its class."""

    name: str
    members: tuple[Member, ...]
    documentation: str
    unread: tuple[str, ...] = ()
    """Members left out, for what they hold comes as a stream."""


@attrs.frozen
class Enumeration:
    """A string shape with documented values, by the names they have in Python."""

    name: str
    values: Mapping[str, str]
    documentation: str


@attrs.frozen
class Operation:
    """An operation with its own request and response."""

    name: str
    method: str
    request: Structure
    response: Structure
    codes: tuple[str, ...]
    """The errors that the model names."""
    documentation: str


@attrs.frozen
class ModelledError:
    """An error that the model has a shape for."""

    name: str
    """The name of its class."""
    code: str
    """What the service writes into its answer."""
    meaning: type[errors.ServiceError]
    members: tuple[Member, ...]
    """Texts and numbers, without the message."""
    documentation: str


@attrs.define(slots=False)
class Service:
    """A configuration, and botocore's model of the client that it is about."""

    configuration: Configuration
    wire: Json

    @classmethod
    def load(cls, folder: Path) -> Service:
        """Read the configuration in a folder, and the model.

        Raises:
            GenerationError: The configuration is wrong.
        """
        return cls.of(_configuration.read(folder))

    @classmethod
    def of(cls, configuration: Configuration) -> Service:
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
        return tuple(dict.fromkeys((*self.configuration.operations, *self.configuration.start)))

    @cached_property
    def operations(self) -> list[Operation]:
        """The configured operations, in that order."""
        return [self._operation(name) for name in self.operation_names]

    @cached_property
    def structures(self) -> list[Structure]:
        """The typed structures that the requests and responses hold, each after its own parts."""
        return [
            self._structure(shape, name)
            for shape, name in self._classes.items()
            if self._shape(shape)["type"] == "structure"
        ]

    @cached_property
    def enumerations(self) -> list[Enumeration]:
        """The typed enumerations among what the operations reach."""
        return [
            self._enumeration(shape, name)
            for shape, name in self._classes.items()
            if "enum" in self._shape(shape)
        ]

    @cached_property
    def modelled_errors(self) -> list[ModelledError]:
        """The errors that the operations' model names, in the order of their codes."""
        return [self._modelled_error(code) for code in self._raised]

    @cached_property
    def unmodelled_codes(self) -> dict[str, type[errors.ServiceError]]:
        """What the configured codes mean that the operations' model does not name."""
        meanings = self.configuration.errors
        return {code: self._meaning(code) for code in sorted(meanings.keys() - self._raised.keys())}

    def leaf(self, meaning: type[errors.ServiceError]) -> str:
        """Return the name of the class that says what happened of this service."""
        is_base = meaning is errors.ServiceError
        return f"{self.configuration.prefix}{'Error' if is_base else meaning.__name__}"

    # ---- which shapes have classes ----

    @cached_property
    def _classes(self) -> dict[str, str]:
        """The shapes that have classes, each after those it holds, and the names of these."""
        names = _Names({*_CLASSES_TAKEN, *self._error_names.values(), *self._part_names})
        return {shape: names.claim(_class_name(shape)) for shape in self._reached}

    @cached_property
    def _part_names(self) -> list[str]:
        return [f"{name}{part}" for name in self.operation_names for part in _PARTS.values()]

    @cached_property
    def _reached(self) -> list[str]:
        entered: set[str] = set()
        reached = [
            shape
            for operation in self.operation_names
            for part in _PARTS
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
        shape = self._shape(name)
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
        targets += self._all_targets("input", self.configuration.start)
        lists = [shape for shape in map(self._shape, targets) if shape["type"] == "list"]
        items = [shape["member"]["shape"] for shape in lists]
        return frozenset(
            name for name in (*targets, *items) if self._shape(name)["type"] == "structure"
        )

    @cached_property
    def _asked(self) -> frozenset[str]:
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
        reference = self._operation_wire(operation).get(part)
        if reference is None:
            return []
        shape = self._shape(reference["shape"])
        unread = self._unread(shape, part)
        members = shape.get("members", {}).items()
        return [member["shape"] for name, member in members if name not in unread]

    def _unread(self, shape: Json, part: str) -> list[str]:
        """Return the members that hold a stream: of events, or of an answer's bytes."""
        return [
            name
            for name, member in shape.get("members", {}).items()
            for target in [self._shape(member["shape"])]
            if target.get("eventstream")
            or (part == "output" and (target.get("streaming") or member.get("streaming")))
        ]

    # ---- operations and their parts ----

    def _operation_wire(self, name: str) -> Json:
        operations: Json = self.wire["operations"]
        if name not in operations:
            msg = f"{self.name} has no operation {name!r}{meant(name, operations)}"
            raise self.configuration.error(msg)
        wire: Json = operations[name]
        return wire

    def _operation(self, name: str) -> Operation:
        wire = self._operation_wire(name)
        return Operation(
            name=name,
            method=xform_name(name),
            request=self._part(name, "input"),
            response=self._part(name, "output"),
            codes=tuple(self._code(error["shape"]) for error in wire.get("errors", [])),
            documentation=wire.get("documentation", ""),
        )

    def _part(self, operation: str, part: str) -> Structure:
        name = f"{operation}{_PARTS[part]}"
        reference = self._operation_wire(operation).get(part)
        if reference is None:
            return Structure(name, (), "")
        shape = self._shape(reference["shape"])
        required = frozenset(shape.get("required", ())) if part == "input" else self._needed(name)
        unread = self._unread(shape, part)
        return attrs.evolve(self._members_of(shape, name, required, unread), unread=tuple(unread))

    def _structure(self, shape_name: str, name: str) -> Structure:
        shape = self._shape(shape_name)
        is_asked = shape_name in self._asked
        required = frozenset(shape.get("required", ())) if is_asked else self._needed(shape_name)
        return self._members_of(shape, name, required)

    def _needed(self, owner: str) -> frozenset[str]:
        """Return the members of an answer, or of a part of one, that are insisted on."""
        return frozenset(member for name, member in self._needs if name == owner)

    @cached_property
    def _needs(self) -> list[tuple[str, str]]:
        """The configured members of answers, with the structures that hold them."""
        shapes = {shape: shape for shape in {*self._classes} - self._asked}
        for operation in self.operation_names:
            reference = self._operation_wire(operation).get("output")
            if reference is not None:
                shapes[f"{operation}{_PARTS['output']}"] = reference["shape"]
        known = [
            f"{owner}.{member}"
            for owner, shape in shapes.items()
            for member in self._shape(shape).get("members", {})
        ]
        for name in sorted(self.configuration.needed - {*known}):
            msg = (
                f"MODELS['needed'] has {name!r}, which is no member of an answer, or of a "
                f"structure with a class that only answers hold{meant(name, known)}"
            )
            raise self.configuration.error(msg)
        owned = (name.partition(".") for name in self.configuration.needed)
        return [(owner, member) for owner, _, member in owned]

    def _members_of(
        self, shape: Json, name: str, required: frozenset[str], unread: Iterable[str] = ()
    ) -> Structure:
        names = _Names(_FIELDS_TAKEN)
        members = [
            self._member(member, reference, names, required=member in required)
            for member, reference in shape["members"].items()
            if member not in unread
        ]
        return Structure(
            name,
            tuple(sorted(members, key=lambda member: not member.required)),
            _documentation(shape.get("documentation", ""), name),
        )

    def _member(self, name: str, reference: Json, names: _Names, *, required: bool) -> Member:
        target = self._shape(reference["shape"])
        item = target.get("member", {}).get("shape")
        annotation = self._annotation(reference["shape"], frozenset())
        return Member(
            name=name,
            field=names.claim(_field(name)),
            annotation=annotation,
            required=required,
            idempotency_token=bool(reference.get("idempotencyToken")),
            shape=target,
            item=self._shape(item) if item else None,
            documentation=reference.get("documentation") or target.get("documentation", ""),
        )

    def _annotation(self, name: str, within: frozenset[str]) -> str:
        shape = self._shape(name)
        if name in self._classes:
            return self._classes[name]
        if name in within or shape.get("document"):
            return PLAIN
        within |= {name}
        match shape["type"]:
            case "structure":
                return PLAIN_STRUCTURE
            case "list":
                return f"tuple[{self._annotation(shape['member']['shape'], within)}, ...]"
            case "map":
                return f"FrozenMap[{self._annotation(shape['value']['shape'], within)}]"
            case kind:
                return SCALARS.get(kind, PLAIN)

    def _enumeration(self, shape_name: str, name: str) -> Enumeration:
        shape = self._shape(shape_name)
        names = _Names({*dir(model.OpenEnum)})
        values = {names.claim(_constant(value)): value for value in dict.fromkeys(shape["enum"])}
        return Enumeration(name, values, shape.get("documentation", ""))

    # ---- errors ----

    @cached_property
    def _raised(self) -> dict[str, str]:
        """The shapes of the errors that the operations' model names, by code."""
        raised = {
            self._code(error["shape"]): error["shape"]
            for name in self.operation_names
            for error in self._operation_wire(name).get("errors", [])
        }
        return dict(sorted(raised.items()))

    @cached_property
    def _error_names(self) -> dict[str, str]:
        """The classes of these errors, by code."""
        names = _Names({"errors", *_CLASSES_TAKEN, *map(self.leaf, errors.MEANINGS.values())})
        return {code: names.claim(_class_name(shape)) for code, shape in self._raised.items()}

    def _code(self, shape: str) -> str:
        return str(self._shape(shape).get("error", {}).get("code", shape))

    def _meaning(self, code: str) -> type[errors.ServiceError]:
        meanings = self.configuration.errors
        if code not in meanings:
            known = errors.COMMON_CODES.get(code)
            if known is not None:
                return known
            operations = ", ".join(
                name
                for name in self.operation_names
                for error in self._operation_wire(name).get("errors", [])
                if self._code(error["shape"]) == code
            )
            msg = (
                f"MODELS['errors'] lacks {code!r}, which {operations} may answer; add what it "
                f"means, one of {', '.join(errors.MEANINGS)}"
            )
            raise self.configuration.error(msg)
        meaning = meanings[code]
        if meaning not in errors.MEANINGS:
            msg = (
                f"MODELS['errors'] gives {code} the meaning {meaning!r}, which is none of "
                f"{', '.join(errors.MEANINGS)}{meant(meaning, errors.MEANINGS)}"
            )
            raise self.configuration.error(msg)
        return errors.MEANINGS[meaning]

    def _modelled_error(self, code: str) -> ModelledError:
        shape = self._shape(self._raised[code])
        names = _Names(_ERROR_FIELDS_TAKEN)
        members = [
            self._member(name, reference, names, required=False)
            for name, reference in shape["members"].items()
            if name.lower() != "message" and self._shape(reference["shape"])["type"] in SCALARS
        ]
        return ModelledError(
            name=self._error_names[code],
            code=code,
            meaning=self._meaning(code),
            members=tuple(members),
            documentation=shape.get("documentation", ""),
        )

    def _shape(self, name: str) -> Json:
        shape: Json = self.wire["shapes"][name]
        return shape


_PARTS: Final = {"output": "Response", "input": "Request"}
"""The parts of an operation, and what the names of their classes end with."""


class _Names:
    """Names of which none is given twice."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {*taken, *keyword.kwlist}

    def claim(self, name: str) -> str:
        """Return the name, with underscores after it while it is taken."""
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name


def _held(shape: Json) -> Iterator[str]:
    """Yield the shapes that a shape holds."""
    for member in shape.get("members", {}).values():
        yield member["shape"]
    for part in ("member", "value"):
        if part in shape:
            yield shape[part]["shape"]


def _class_name(shape: str) -> str:
    name = re.sub(r"\W", "_", shape).lstrip("_")
    return f"{name[0].upper()}{name[1:]}"


def _field(name: str) -> str:
    return _identifier(str(xform_name(re.sub(r"\W", "_", name))), "member")


def _constant(value: str) -> str:
    """Return the name of a constant: ``LESS_THAN`` for ``LessThan`` and for ``less-than``."""
    return _identifier(str(xform_name(re.sub(r"\W", "_", value))).upper(), "VALUE")


def _identifier(name: str, prefix: str) -> str:
    name = name.strip("_")
    return name if name[:1].isalpha() else f"{prefix}_{name}".rstrip("_")


def _documentation(html: str, name: str) -> str:
    """Drop documentation that only repeats the name of the shape."""
    words = re.sub(r"<[^>]*>", "", html).strip()
    return "" if name.startswith(words) else html
