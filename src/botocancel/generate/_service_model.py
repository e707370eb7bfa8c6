"""Read botocore's model of a service: what the operations reach, typed, named and checked."""

from __future__ import annotations

import inspect
import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

import attrs
from botocore import xform_name

from botocancel import errors, model
from botocancel.generate._configuration import meant
from botocancel.generate._naming import Names, class_name, constant_name, field_name
from botocancel.generate._wire_model import PARTS, Json, WireModel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "Enumeration",
    "Json",
    "Member",
    "ModelledError",
    "Operation",
    "Service",
    "Structure",
]

SCALARS: Final = {
    "string": "str",
    "integer": "int",
    "long": "int",
    "float": "float",
    "double": "float",
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
_BY_NAME: Final = {
    "AccessDenied": "AccessDenied",
    "AlreadyExists": "Conflict",
    "DoesNotExist|NotFound": "NotFound",
    "LimitExceeded": "LimitExceeded",
    "NotSupported|Unsupported": "Unsupported",
    "Throttl": "Throttled",
    "^Internal": "InternalException",
    "^Invalid": "InvalidRequest",
}
"""What an error means whose code matches, where neither `MODELS` nor AWS's common codes say so."""
_ERROR_KINDS: Final = frozenset({"str", "int", "float", "bool"})
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
class Service(WireModel):
    """The operations of a client, its structures, enumerations and errors, typed and named."""

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
            if self.shape(shape)["type"] == "structure"
        ]

    @cached_property
    def enumerations(self) -> list[Enumeration]:
        """The typed enumerations among what the operations reach."""
        return [
            self._enumeration(shape, name)
            for shape, name in self._classes.items()
            if "enum" in self.shape(shape)
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

    @cached_property
    def _classes(self) -> dict[str, str]:
        """The shapes that have classes, each after those it holds, and the names of these."""
        names = Names({*_CLASSES_TAKEN, *self._error_names.values(), *self._part_names})
        return {shape: names.claim(class_name(shape)) for shape in self.reached}

    @cached_property
    def _part_names(self) -> list[str]:
        return [f"{name}{part}" for name in self.operation_names for part in PARTS.values()]

    def _operation(self, name: str) -> Operation:
        wire = self.operation_wire(name)
        return Operation(
            name=name,
            method=xform_name(name),
            request=self._part(name, "input"),
            response=self._part(name, "output"),
            codes=tuple(self._code(error["shape"]) for error in wire.get("errors", [])),
            documentation=wire.get("documentation", ""),
        )

    def _part(self, operation: str, part: str) -> Structure:
        name = f"{operation}{PARTS[part]}"
        reference = self.operation_wire(operation).get(part)
        if reference is None:
            return Structure(name, (), "")
        shape = self.shape(reference["shape"])
        required = frozenset(shape.get("required", ())) if part == "input" else self._needed(name)
        unread = self.unread(shape, part)
        return attrs.evolve(self._members_of(shape, name, required, unread), unread=tuple(unread))

    def _structure(self, shape_name: str, name: str) -> Structure:
        shape = self.shape(shape_name)
        is_asked = shape_name in self.asked
        required = frozenset(shape.get("required", ())) if is_asked else self._needed(shape_name)
        return self._members_of(shape, name, required)

    def _needed(self, owner: str) -> frozenset[str]:
        """Return the members of an answer, or of a part of one, that are insisted on."""
        return frozenset(member for name, member in self._needs if name == owner)

    @cached_property
    def _needs(self) -> list[tuple[str, str]]:
        """The configured members of answers, with the structures that hold them."""
        shapes = {shape: shape for shape in {*self._classes} - self.asked}
        for operation in self.operation_names:
            reference = self.operation_wire(operation).get("output")
            if reference is not None:
                shapes[f"{operation}{PARTS['output']}"] = reference["shape"]
        known = [
            f"{owner}.{member}"
            for owner, shape in shapes.items()
            for member in self.shape(shape).get("members", {})
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
        names = Names(_FIELDS_TAKEN)
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

    def _member(self, name: str, reference: Json, names: Names, *, required: bool) -> Member:
        target = self.shape(reference["shape"])
        item = target.get("member", {}).get("shape")
        annotation = self._annotation(reference["shape"], frozenset())
        return Member(
            name=name,
            field=names.claim(field_name(name)),
            annotation=annotation,
            required=required,
            idempotency_token=bool(reference.get("idempotencyToken")),
            shape=target,
            item=self.shape(item) if item else None,
            documentation=reference.get("documentation") or target.get("documentation", ""),
        )

    def _annotation(self, name: str, within: frozenset[str]) -> str:
        shape = self.shape(name)
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
        shape = self.shape(shape_name)
        names = Names({*dir(model.OpenEnum)})
        values = {
            names.claim(constant_name(value)): value for value in dict.fromkeys(shape["enum"])
        }
        return Enumeration(name, values, shape.get("documentation", ""))

    @cached_property
    def _raised(self) -> dict[str, str]:
        """The shapes of the errors that the operations' model names, by code."""
        raised = {
            self._code(error["shape"]): error["shape"]
            for name in self.operation_names
            for error in self.operation_wire(name).get("errors", [])
        }
        return dict(sorted(raised.items()))

    @cached_property
    def _error_names(self) -> dict[str, str]:
        """The classes of these errors, by code."""
        names = Names({"errors", *_CLASSES_TAKEN, *map(self.leaf, errors.MEANINGS.values())})
        return {code: names.claim(class_name(shape)) for code, shape in self._raised.items()}

    def _code(self, shape: str) -> str:
        return str(self.shape(shape).get("error", {}).get("code", shape))

    def _meaning(self, code: str) -> type[errors.ServiceError]:
        meanings = self.configuration.errors
        if code not in meanings:
            told = (name for part, name in _BY_NAME.items() if re.search(part, code))
            by_name = errors.MEANINGS.get(next(told, ""))
            known = errors.COMMON_CODES.get(code, by_name)
            if known is not None:
                return known
            operations = ", ".join(
                name
                for name in self.operation_names
                for error in self.operation_wire(name).get("errors", [])
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
        shape = self.shape(self._raised[code])
        names = Names(_ERROR_FIELDS_TAKEN)
        kinds = {
            name: SCALARS.get(self.shape(reference["shape"])["type"])
            for name, reference in shape["members"].items()
            if name.lower() != "message"
        }
        members = [
            attrs.evolve(
                self._member(name, shape["members"][name], names, required=False), annotation=kind
            )
            for name, kind in kinds.items()
            if kind in _ERROR_KINDS
        ]
        return ModelledError(
            name=self._error_names[code],
            code=code,
            meaning=self._meaning(code),
            members=tuple(members),
            documentation=shape.get("documentation", ""),
        )


def _documentation(html: str, name: str) -> str:
    """Drop documentation that only repeats the name of the shape."""
    words = re.sub(r"<[^>]*>", "", html).strip()
    return "" if name.startswith(words) else html
