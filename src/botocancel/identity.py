"""The identity of a kind of task as data: what its ids look like, and what is said of others."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Final, Self, TypeAlias, cast

import attrs

from botocancel._declared import Declared
from botocancel._generics import DetailT_co, ResponseT_co
from botocancel.errors import InvalidInput
from botocancel.refs import UNTOLD, TaskRef, parse_as

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocancel.model import Response, Shape

__all__ = ["DeclaredRef", "Id", "Told", "filled", "id_told", "parts_in", "placed"]

Told: TypeAlias = "str | tuple[str | None, ...] | None"
"""An id as a model tells it: the text, or the parts of it that a ``/`` is between."""

_PLACE: Final = {
    "{partition}": "(?P<partition>aws(?:-[a-z]+)*)",
    "{region}": "(?P<region>[a-z0-9-]+)",
    "{account}": "(?P<account>[0-9]{12})",
}
_REGION: Final = re.compile("[a-z]+(?:-[a-z]+)+-[0-9]+")
_PARTS: Final = ("region", "account", "partition")


class Id(Declared):
    """What the ids of one kind of task look like.

    A pattern has to match all of an id. ``{partition}``, ``{region}`` and ``{account}`` in
    it stand for these parts of an ARN; a pattern that has them is that of ids that are ARNs.
    """

    kind: str
    """What the service calls such a task, for messages: ``Step Functions execution``."""
    pattern: str
    expected: str
    """The form of a right id, for messages: ``the ARN of a Step Functions execution``."""
    example: str
    longest: int = 2048
    """How many characters an id has at most."""
    arn: str | None = None
    """The task's ARN, where the id is not the ARN, and the task has one: with ``{id}`` in it, or
    with the names of all groups of the pattern."""
    alone: bool = True
    """Whether an id says by itself which kind it is of; a name and a bare UUID do not."""
    any_case: bool = False
    """Whether the service may name a task in letters of another case than it was asked for."""
    near: Mapping[str, str | Callable[[re.Match[str]], str]] = MappingProxyType({})
    """What is said of texts that are nearly ids, by the patterns of all of them; the first does."""

    @property
    def is_arn(self) -> bool:
        """Whether the ids are ARNs."""
        return "{region}" in self.pattern

    @cached_property
    def of_id(self) -> re.Pattern[str]:
        """The pattern of all of an id."""
        return re.compile(placed(self.pattern))

    @cached_property
    def of_arn(self) -> re.Pattern[str] | None:
        """The pattern of all of an ARN, where the id is none."""
        if self.arn is None:
            return None
        before, of_id, after = self.arn.partition("{id}")
        if of_id:
            return re.compile(placed(f"{_escaped(before)}(?P<id>{self.pattern}){_escaped(after)}"))
        return re.compile(re.sub(r"\{([a-z]+)\}", r"(?P<\1>[\\w-]+)", placed(_escaped(self.arn))))

    @cached_property
    def arn_of_service(self) -> re.Pattern[str]:
        """A pattern of how ARNs of the service begin, whatever the partition and the resource."""
        template = self.pattern if self.is_arn else self.arn
        return re.compile(f"arn:[^:]*:{template.split(':')[2]}:" if template else "(?!)")

    def begins(self, text: str) -> bool:
        """Say whether a text begins as ARNs of the service do, or as ids that need no more."""
        literal = re.match("[a-z]+-", self.pattern)
        is_own = self.alone and literal is not None and text.startswith(literal[0])
        return is_own or self.arn_of_service.match(text) is not None

    @property
    def neighbours(self) -> list[str]:
        """Ids that differ from the example in one character."""
        text = self.example
        others = (
            f"{text[:at]}{other}{text[at + 1 :]}"
            for at in range(len(text))
            for other in ("b" if text[at] == "a" else "a", "1" if text[at] == "0" else "0")
        )
        return [other for other in others if self.fits(other)]

    def fits(self, text: object) -> bool:
        """Say whether a text is an id."""
        is_text = isinstance(text, str) and len(text) <= self.longest
        return is_text and self.of_id.fullmatch(str(text)) is not None

    def id_in(self, found: re.Match[str]) -> str:
        """Return the id in an ARN that `of_arn` has matched."""
        parts = found.groupdict()
        return parts.get("id") or self.with_parts(self.example, parts)

    def with_parts(self, text: str, parts: Mapping[str, object]) -> str:
        """Return an id with other parts, by the names of the groups of the pattern."""
        found = self.of_id.fullmatch(text)
        for name in reversed([*self.of_id.groupindex]):
            part = parts.get(name)
            if found is not None and isinstance(part, str):
                text = text[: found.start(name)] + part + text[found.end(name) :]
        return text

    def folded(self, value: object) -> object:
        """Return a text as it is compared: in lower case where the service may change the case."""
        return value.lower() if self.any_case and isinstance(value, str) else value


def id_told(told: Told, like: str | None = None) -> str | None:
    """Return the id that a model tells; None where it lacks a part of it.

    Args:
        told: What it tells.
        like: An id that has the parts before the last which the model does not tell.
    """
    parts = told if isinstance(told, tuple) else (told,)
    if like is not None and parts[-1]:
        known = like.rsplit("/", len(parts) - 1)
        parts = tuple(part or other for part, other in zip(parts, known, strict=True))
    whole = [part for part in parts if part]
    return "/".join(whole) if len(whole) == len(parts) else None


def filled(template: str, ref: TaskRef[Shape, Response] | None) -> str:
    """Return a template with the parts of a task's id, and of its place, that it names.

    Those that are not known are ``*``; of None, that is all of them.
    """
    parts: defaultdict[str, str] = defaultdict(lambda: "*")
    if ref is not None:
        known = cast("DeclaredRef[Shape, Response]", ref).parts
        parts.update({name: part for name, part in known.items() if part is not None})
    return template.format_map(parts)


def parts_in(template: str, text: str) -> dict[str, str]:
    """Return the parts that a text has where a template names them; none if it is another text."""
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(template))
    found = re.fullmatch(pattern, text)
    return found.groupdict() if found else {}


def placed(pattern: str) -> str:
    """Return a pattern with those of the parts of an ARN that it names."""
    for name, part in _PLACE.items():
        pattern = pattern.replace(name, part)
    return pattern


def _escaped(text: str) -> str:
    """Escape a text for a pattern, but not the names of the parts of an ARN."""
    return re.escape(text).replace(r"\{", "{").replace(r"\}", "}")


@attrs.frozen(order=False)
class DeclaredRef(TaskRef[DetailT_co, ResponseT_co]):
    """The identity of a task whose kind is declared: a subclass says `key` and `form`.

    It says `service` too where that is not the key.

    Raises:
        InvalidInput: The text is no id of this kind; nothing was sent.
    """

    service: ClassVar[str]
    form: ClassVar[Id]
    kind: ClassVar[str]
    example: ClassVar[str]
    expected: ClassVar[str]
    in_text: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        form = cast("Id | None", getattr(cls, "form", None))
        if form is None:  # attrs makes the base twice
            return
        if not hasattr(cls, "service"):
            cls.service = cls.key
        cls.kind = form.kind
        cls.example = form.example if form.alone else f"{cls.key}:{form.example}"
        cls.expected = form.expected
        patterns = [form.of_id, *([form.of_arn] if form.of_arn else [])]
        cls.in_text = tuple(
            pattern.pattern for pattern in patterns if form.alone or pattern is not form.of_id
        )

    def __attrs_post_init__(self) -> None:
        form = self.form
        if not form.fits(self.id):
            self.parse(self.id)
            msg = f"{self.id!r} is not a bare id; use {type(self).__name__}.parse"
            raise InvalidInput(msg)
        if form.is_arn:
            self._locate(form.of_id.fullmatch(self.id))

    def _locate(self, found: re.Match[str] | None) -> None:
        """Take the place from the id, whatever was given."""
        for name in _PARTS:
            if found is not None:
                object.__setattr__(self, name, found[name])

    @property
    def arn(self) -> str | None:
        """The task's ARN; None where it has none, or its place is not known."""
        if self.form.is_arn:
            return self.id
        if self.form.arn is None or None in {self.region, self.account, self.partition}:
            return None
        return self.form.arn.format_map(self.parts)

    def part(self, name: str) -> str:
        """Return the part of the id that its pattern names so."""
        return self.parts[name] or ""

    @property
    def parts(self) -> Mapping[str, str | None]:
        """The id, the place, and what the pattern of the id names besides."""
        found = self.form.of_id.fullmatch(self.id)
        place = {name: cast("str | None", getattr(self, name)) for name in _PARTS}
        return {**(found.groupdict() if found else {}), "id": self.id, **place}

    @property
    def qualified(self) -> str:
        """A text that names the task by itself, its region too where that is known."""
        if self.arn is not None:
            return self.arn
        region = f"@{self.region}" if self.region else ""
        return self.id if self.form.alone and not region else f"{self.key}:{self.id}{region}"

    @classmethod
    def match(cls, text: str) -> Self | None:
        """Return the ref that an id, an ARN or a qualified id names exactly, or None."""
        key, colon, rest = text.partition(":")
        if colon and key == cls.key:
            return cls._qualified(rest)
        form = cls.form
        if form.alone and form.fits(text):
            return cls(text)
        found = form.of_arn.fullmatch(text) if form.of_arn else None
        if found is None or not form.fits(form.id_in(found)):
            return None
        return cls(form.id_in(found), **{name: found[name] for name in _PARTS})

    @classmethod
    def _qualified(cls, rest: str) -> Self | None:
        """Return the ref that what follows the key of the kind names, or None."""
        if cls.form.fits(rest):
            return cls(rest)
        bare, at, region = rest.rpartition("@")
        if at and _REGION.fullmatch(region) and cls.form.fits(bare):
            return cls(bare, region=region)
        return None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the ref that `text` names: an id, an ARN, or an id after the key of the kind.

        Raises:
            InvalidInput: It names none. The message has the value, what is wrong
                with it, the expected form and an example.
        """
        if not cls.form.alone and cls.form.fits(text):
            return cls(text)
        return parse_as((cls,), text)

    @classmethod
    def may_be(cls, text: str) -> bool:
        """Say whether `text` would do if it said that it is of this kind, as a free name would."""
        return not cls.form.alone and cls.form.fits(text) and not text.startswith("arn:")

    @classmethod
    def fault_of(cls, text: str) -> str | None:
        """Say what is wrong with a text that is nearly an id of this kind."""
        form = cls.form
        bare = text.removeprefix(f"{cls.key}:")
        if cls.may_be(text):
            said = f"'{cls.key}:{text}' would be the {form.kind}"
            return f"{UNTOLD}; {said}"
        is_meant = bare != text or form.begins(text)
        if cls.match(text.lower()) is not None:
            return "it has upper-case letters"
        for pattern, fault in form.near.items():
            found = re.fullmatch(placed(pattern), bare)
            if found is not None:
                return fault if isinstance(fault, str) else fault(found)
        if not is_meant:
            return None
        name = bare.rpartition("/")[2] if form.arn and bare.startswith("arn:") else bare
        if len(name) > form.longest:
            return f"it has {len(name)} characters, more than {form.longest}"
        return "some part of the ARN is malformed" if bare == text else f"it is not {form.expected}"
