"""A task's validated identity, and what is said of a text that is none."""

from __future__ import annotations

import functools
from abc import abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Final, Generic, Protocol, Self, TypeVar

import attrs

from botocancel._generics import DetailT_co, ResponseT_co
from botocancel._text import named
from botocancel.errors import InvalidInput

if TYPE_CHECKING:
    from botocancel.model import Response, Shape

__all__ = ["UNTOLD", "NamesTask", "TaskRef", "parse_as"]


UNTOLD: Final = "it does not say which kind of task it is"
"""What is wrong with an id that several kinds may have."""
_FEW: Final = 2
"""Of so many kinds a message says what each one's ids look like; of more, some examples."""


class NamesTask(Protocol[DetailT_co, ResponseT_co]):
    """Anything that names one task: a ref, a snapshot, a cancellation."""

    @property
    def ref(self) -> TaskRef[DetailT_co, ResponseT_co]:
        """The task."""
        ...


@functools.total_ordering
@attrs.frozen(order=False)
class TaskRef(Generic[DetailT_co, ResponseT_co]):
    """One task's identity: validated, frozen, hashable, orderable, picklable.

    ``str(ref)`` is the AWS id. The two type parameters say what calls on the ref
    return: the service's description of the task, and its answer to a cancel. Name both
    of them or none.
    """

    id: str
    """The id as AWS writes it: an id on some services, an ARN on others."""
    region: str | None = attrs.field(default=None, kw_only=True)
    """Region of the task; None where its id does not say."""
    account: str | None = attrs.field(default=None, kw_only=True)
    """Account of the task, 12 digits; None where its id does not say."""
    partition: str | None = attrs.field(default=None, kw_only=True)
    """Partition of the task, such as ``aws`` or ``aws-cn``; None where its id does not say."""

    key: ClassVar[str]
    """The key of the kind, such as ``datasync`` or ``sagemaker-training``."""
    service: ClassVar[str]
    """botocore's name of the service, such as ``datasync`` or ``sagemaker``."""
    kind: ClassVar[str]
    """What the service calls such a task, for messages."""
    expected: ClassVar[str]
    """The form of a right id, for messages."""
    example: ClassVar[str]
    """A right id, for messages."""
    in_text: ClassVar[tuple[str, ...]] = ()
    """Patterns of the ids that are ids of this kind wherever they stand, as in a log.

    Each begins with literal lower-case text that ends in ``-`` or ``:``, such as ``task-``.
    There are none for ids that may be anything else's too, such as UUIDs.
    """

    @property
    def ref(self) -> Self:
        """The ref itself, so that a ref serves where anything with a ref does."""
        return self

    @abstractmethod
    def part(self, name: str) -> str:
        """Return a part of an id that has several, such as the ``job`` of a Glue job run."""

    @classmethod
    @abstractmethod
    def match(cls, text: str) -> Self | None:
        """Return the ref that `text` names exactly, or None."""

    @classmethod
    @abstractmethod
    def fault_of(cls, text: str) -> str | None:
        """Say what is wrong with a text that seems meant for this service.

        None where the text seems to be meant for another one.
        """

    @classmethod
    def may_be(cls, text: str) -> bool:  # noqa: ARG003  (of most kinds none may)
        """Say whether `text` would do if it said that it is of this kind, as a free name would."""
        return False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the ref that `text` names.

        Raises:
            InvalidInput: It names none. The message has the value, what is wrong
                with it, the expected form and an example.
        """
        return parse_as((cls,), text)

    def __str__(self) -> str:
        return self.id

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, TaskRef):
            return NotImplemented
        return self._order < other._order

    @property
    def _order(self) -> tuple[str, str, str, str]:
        return (self.key, self.id, self.region or "", self.account or "")


RefT = TypeVar("RefT", bound="TaskRef[Shape, Response]")


def parse_as(kinds: tuple[type[RefT], ...], text: object) -> RefT:
    """Return the ref of the first kind that `text` names exactly.

    Raises:
        InvalidInput: It is no text, or names no task of these kinds.
    """
    if not isinstance(text, str):
        raise InvalidInput(_message(kinds, text, _wrong_type(text)))
    for kind in kinds:
        ref = kind.match(text)
        if ref is not None:
            return ref
    bare = "".join(text.split())
    near = tuple(kind for kind in kinds if kind.match(bare) or kind.fault_of(text))
    meant = tuple(kind for kind in near if not kind.may_be(text)) or near
    fault = _space_fault(text, bare, right=any(kind.match(bare) for kind in kinds))
    fault = fault or _fault(meant, text)
    raise InvalidInput(_message(meant or kinds, text, fault or "no service has such ids"))


def _fault(kinds: tuple[type[RefT], ...], text: str) -> str | None:
    """Return what one of the kinds says is wrong, or of each that has such ids how to name one."""
    faults = list(filter(None, (kind.fault_of(text) for kind in kinds)))
    untold = [fault.removeprefix(f"{UNTOLD}; ") for fault in faults if fault.startswith(UNTOLD)]
    told = (fault for fault in faults if not fault.startswith(UNTOLD))
    return next(told, f"{UNTOLD}; {', '.join(untold)}" if untold else None)


def _wrong_type(value: object) -> str:
    if isinstance(value, bytes | bytearray):
        return "it is bytes; decode it first, as in value.decode()"
    name = type(value).__name__
    if isinstance(value, Iterable):
        return f"it is a {name}; pass one id at a time"
    return f"it is {'None' if value is None else f'of type {name}'}, not a string"


def _space_fault(text: str, bare: str, *, right: bool) -> str | None:
    if not bare:
        return "it is only white space" if text else "it is empty"
    if bare == text:
        return None
    fault = f"there is white space {'around' if text.strip() == bare else 'in'} it"
    return f"{fault}; without it, {bare!r} would do" if right else fault


def _message(kinds: tuple[type[RefT], ...], value: object, fault: str) -> str:
    shown = named(value, lambda text: any(kind.match(text) is not None for kind in kinds))
    if len(kinds) > _FEW:
        keys = ", ".join(sorted(kind.key for kind in kinds))
        examples = sorted((kind.example for kind in kinds), key=len)[:_FEW]
        forms = f"an id or ARN such as {' or '.join(map(repr, examples))}; of the kinds {keys}"
    else:
        forms = "; or ".join(f"{kind.expected}, such as {kind.example!r}" for kind in kinds)
    return f"not the id of a task: {shown}: {fault}. Expected {forms}"
