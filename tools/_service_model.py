"""Read botocore's model of a service: what the listed operations reach, checked and named."""

from __future__ import annotations

import inspect
import keyword
import re
import tomllib
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs
import botocore.session
from botocore import xform_name

from botocancel import errors, model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Json: TypeAlias = Mapping[str, Any]

CONFIGURATION: Final = "models.toml"

SEMANTIC_ERRORS: Final = [
    value
    for value in vars(errors).values()
    if inspect.isclass(value) and issubclass(value, errors.ServiceError)
]
"""What can happen to a request, in the order of definition; the base comes first."""

_READERS: Final = {
    "string": ("text", "str"),
    "integer": ("integer", "int"),
    "long": ("integer", "int"),
    "float": ("number", "float"),
    "double": ("number", "float"),
    "boolean": ("boolean", "bool"),
    "timestamp": ("timestamp", "datetime"),
}
_IDENTITY: Final = re.compile(r"(Id|Arn|ARN)$")
_FIELD_NAMES_TAKEN: Final = frozenset(
    {
        *("bool", "classmethod", "datetime", "dict", "float", "int", "object", "str", "tuple"),
        *dir(model.Request),
        *inspect.get_annotations(model.Request),
        *inspect.get_annotations(model.Response),
    }
)
"""What no field is called: the annotations or the base class need the name."""
_ERROR_NAMES_TAKEN: Final = frozenset(dir(errors.TaskEnded))


class GenerationError(Exception):
    """The model or the configuration holds what no code can be generated for."""


@attrs.frozen
class Member:
    """A member of a structure."""

    name: str
    """Its AWS name."""
    field: str
    """Its name in Python."""
    annotation: str
    """Its type in Python, when it is there."""
    reader: str
    """The function of `botocancel.model` that reads it."""
    element: str | None
    """The class that the reader builds."""
    required: bool
    idempotency_token: bool
    shape: Json
    """The shape of its values."""
    item: Json | None
    """The shape of its items, if it is a list."""
    pattern_name: str | None
    """The constant that holds its pattern, or that of its items."""
    documentation: str
    """The model's own, in HTML."""


@attrs.frozen
class Structure:
    """A structure, by its AWS name."""

    name: str
    members: tuple[Member, ...]
    documentation: str


@attrs.frozen
class Enumeration:
    """A string shape with documented values, by the names they have in Python."""

    name: str
    values: dict[str, str]
    documentation: str


@attrs.frozen
class Operation:
    """An operation with its own request and response."""

    name: str
    method: str
    request: Structure
    response: Structure
    errors: tuple[str, ...]
    """The names of their shapes."""
    documentation: str


@attrs.frozen
class ModelledError:
    """An error that the model has a shape for."""

    name: str
    """The name of the shape."""
    code: str
    """What the service writes into its answer."""
    meaning: type[errors.ServiceError]
    http_status: int
    members: tuple[Member, ...]
    """Without the message."""
    operations: tuple[str, ...]
    documentation: str


@attrs.define(slots=False)
class Service:
    """A service's configuration and its model in botocore."""

    name: str
    prefix: str
    title: str
    reference: str
    """Where AWS documents each operation ``X``: in ``API_X.html`` there."""
    ref: str
    """The class of its refs."""
    detail: str
    """The shape that describes a task."""
    cancel: str
    """The operation that cancels a task."""
    operation_names: list[str]
    meanings: dict[str, str]
    wire: Json

    @classmethod
    def load(cls, folder: Path) -> Service:
        """Read the configuration in the folder, which has the name of the service."""
        configuration = tomllib.loads((folder / CONFIGURATION).read_text(encoding="utf-8"))
        loader: Any = botocore.session.get_session().get_component("data_loader")
        try:
            return cls(
                name=configuration["service"],
                prefix=configuration["prefix"],
                title=configuration["title"],
                reference=configuration["reference"],
                ref=configuration["ref"],
                detail=configuration["detail"],
                cancel=configuration["cancel"],
                operation_names=configuration["operations"],
                meanings=configuration["errors"],
                wire=loader.load_service_model(configuration["service"], "service-2"),
            )
        except KeyError as error:
            msg = f"{folder / CONFIGURATION} lacks {error}"
            raise GenerationError(msg) from None

    @property
    def cancelling(self) -> Service:
        """The same service, with no other operation than the one that cancels."""
        return attrs.evolve(self, operation_names=[self.cancel])

    @property
    def api_version(self) -> str:
        """The version of the service's model, such as ``2018-03-01``."""
        return str(self.wire["metadata"]["apiVersion"])

    @cached_property
    def operations(self) -> list[Operation]:
        """The configured operations, in that order."""
        return [self._operation(name) for name in self.operation_names]

    @cached_property
    def structures(self) -> list[Structure]:
        """What the operations' requests and responses hold, each after what it holds itself."""
        return [self._structure(name) for name in self._reached if self._is(name, "structure")]

    @cached_property
    def enumerations(self) -> list[Enumeration]:
        """The enumerations among what the operations reach."""
        return [self._enumeration(name) for name in self._reached if "enum" in self._shape(name)]

    @cached_property
    def identities(self) -> dict[str, Json]:
        """The shapes of ids and ARNs that say what these look like."""
        return {name: self._shape(name) for name in self._reached if self._is_identity(name)}

    @cached_property
    def modelled_errors(self) -> list[ModelledError]:
        """The errors that the operations' model names, in the order of their codes."""
        shapes = {name for operation in self.operations for name in operation.errors}
        reached = {self._error_code(name): name for name in sorted(shapes)}
        for code in sorted(reached.keys() ^ self.meanings.keys()):
            where = (
                f"an operation raises {code}, which is missing in [errors] of {CONFIGURATION}"
                if code in reached
                else f"[errors] of {CONFIGURATION} has {code}, which no operation raises"
            )
            raise self._error(where)
        return [self._modelled_error(code, name) for code, name in sorted(reached.items())]

    @cached_property
    def _reached(self) -> list[str]:
        entered: set[str] = set()
        return [
            reached
            for name in self.operation_names
            for part in ("output", "input")
            for member in self._members_wire(self._operation_wire(name).get(part)).values()
            for reached in self._below(member["shape"], entered)
        ]

    def _below(self, name: str, entered: set[str]) -> Iterator[str]:
        """Yield the shapes that a shape holds, then itself; none that was entered before."""
        if name in entered:
            return
        entered.add(name)
        shape = self._shape(name)
        members = [*shape.get("members", {}).values()]
        members += [shape["member"]] if "member" in shape else []
        for member in members:
            yield from self._below(member["shape"], entered)
        yield name

    def _operation_wire(self, name: str) -> Json:
        try:
            wire: Json = self.wire["operations"][name]
        except KeyError:
            msg = f"the model has no operation {name}"
            raise self._error(msg) from None
        return wire

    def _members_wire(self, reference: Json | None) -> Json:
        members: Json = self._shape(reference["shape"]).get("members", {}) if reference else {}
        return members

    def _operation(self, name: str) -> Operation:
        wire = self._operation_wire(name)
        return Operation(
            name=name,
            method=xform_name(name),
            request=self._part(f"{name}Request", wire.get("input")),
            response=self._part(f"{name}Response", wire.get("output")),
            errors=tuple(error["shape"] for error in wire.get("errors", [])),
            documentation=wire.get("documentation", ""),
        )

    def _part(self, name: str, reference: Json | None) -> Structure:
        if reference is None:
            return Structure(name, (), "")
        return attrs.evolve(self._structure(reference["shape"]), name=name)

    def _structure(self, name: str) -> Structure:
        shape = self._shape(name)
        members = [self._member(name, member) for member in shape["members"]]
        return Structure(
            name,
            tuple(sorted(members, key=lambda member: not member.required)),
            _documentation(shape.get("documentation", ""), name),
        )

    def _member(self, owner: str, name: str) -> Member:
        shape = self._shape(owner)
        reference = shape["members"][name]
        target = self._shape(reference["shape"])
        item = target.get("member", {}).get("shape")
        reader, annotation, element = self._reading(f"{owner}.{name}", reference["shape"])
        subject = item or reference["shape"]
        return Member(
            name=name,
            field=_field(name, _FIELD_NAMES_TAKEN),
            annotation=annotation,
            reader=reader,
            element=element,
            required=name in shape.get("required", ()),
            idempotency_token=bool(reference.get("idempotencyToken")),
            shape=target,
            item=self._shape(item) if item else None,
            pattern_name=f"{constant(subject)}_PATTERN" if self._is_identity(subject) else None,
            documentation=reference.get("documentation") or target.get("documentation", ""),
        )

    def _reading(self, member: str, name: str) -> tuple[str, str, str | None]:
        """Return the reader of a shape, the type it returns and the class it builds."""
        shape = self._shape(name)
        if "enum" in shape:
            return "open_enum", name, name
        if self._is_plain_structure(name):
            return "shape", name, name
        if shape["type"] == "list":
            item = shape["member"]["shape"]
            if self._is_plain_structure(item):
                return "shapes", f"tuple[{item}, ...]", item
            if self._is_plain_string(item):
                return "texts", "tuple[str, ...]", None
            msg = f"the member {member} has the shape {name}, a list of {item}"
        elif shape["type"] == "map":
            key, value = shape["key"]["shape"], shape["value"]["shape"]
            if self._is_plain_string(key) and self._is_plain_string(value):
                return "text_pairs", "tuple[tuple[str, str], ...]", None
            msg = f"the member {member} has the shape {name}, a map of {key} to {value}"
        elif shape["type"] in _READERS:
            return *_READERS[shape["type"]], None
        else:
            kind = "union" if shape.get("union") else shape["type"]
            msg = f"the member {member} has the shape {name} of the type {kind}"
        msg += ", which the generator does not know how to read"
        raise self._error(msg)

    def _enumeration(self, name: str) -> Enumeration:
        shape = self._shape(name)
        values = {constant(value): value for value in shape["enum"]}
        if len(values) < len(shape["enum"]) or not all(map(str.isidentifier, values)):
            msg = f"the values of {name} cannot be told apart as names: {shape['enum']}"
            raise self._error(msg)
        return Enumeration(name, values, shape.get("documentation", ""))

    def _error_code(self, shape: str) -> str:
        return str(self._shape(shape).get("error", {}).get("code", shape))

    def _modelled_error(self, code: str, name: str) -> ModelledError:
        shape = self._shape(name)
        meanings = {meaning.__name__: meaning for meaning in SEMANTIC_ERRORS}
        if self.meanings[code] not in meanings:
            msg = f"[errors] gives {code} the meaning {self.meanings[code]}, which does not exist"
            raise self._error(msg)
        default = 500 if shape.get("fault") else 400
        return ModelledError(
            name=name,
            code=code,
            meaning=meanings[self.meanings[code]],
            http_status=shape.get("error", {}).get("httpStatusCode", default),
            members=tuple(
                self._error_member(name, member)
                for member in shape["members"]
                if member.lower() != "message"
            ),
            operations=tuple(each.name for each in self.operations if name in each.errors),
            documentation=shape.get("documentation", ""),
        )

    def _error_member(self, owner: str, name: str) -> Member:
        member = self._member(owner, name)
        if member.shape["type"] != "string":
            msg = f"the member {owner}.{name} of an error is no string"
            raise self._error(msg)
        return attrs.evolve(member, field=_field(name, _ERROR_NAMES_TAKEN))

    def _shape(self, name: str) -> Json:
        shape: Json = self.wire["shapes"][name]
        return shape

    def _is(self, name: str, kind: str) -> bool:
        return bool(self._shape(name)["type"] == kind)

    def _is_plain_structure(self, name: str) -> bool:
        special = {"union", "document", "eventstream"} & self._shape(name).keys()
        return self._is(name, "structure") and not special

    def _is_plain_string(self, name: str) -> bool:
        return self._is(name, "string") and "enum" not in self._shape(name)

    def _is_identity(self, name: str) -> bool:
        return bool(_IDENTITY.search(name)) and "pattern" in self._shape(name)

    def _error(self, message: str) -> GenerationError:
        return GenerationError(f"{self.name}: {message}")


def constant(name: str) -> str:
    """Return the name of a constant: ``LESS_THAN`` for ``LessThan`` and for ``less-than``."""
    return str(xform_name(re.sub(r"\W", "_", name))).upper()


def _field(name: str, taken: frozenset[str]) -> str:
    field = str(xform_name(name))
    return f"{field}_" if keyword.iskeyword(field) or field in taken else field


def _documentation(html: str, name: str) -> str:
    """Drop documentation that only repeats the name of the shape."""
    words = re.sub(r"<[^>]*>", "", html).strip()
    return "" if name.startswith(words) else html
