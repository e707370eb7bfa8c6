"""The kinds of task that botocancel knows: its own, and those that installed packages add.

A package adds one by an entry point of the group ``botocancel.kinds``: its name is the key of
the kind, and it names a `Kind`.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final, cast

from botocancel._imports import load
from botocancel._lazy import names_from
from botocancel._text import named
from botocancel.errors import InvalidInput
from botocancel.model import Response, Shape
from botocancel.refs import TaskRef, parse_as
from botocancel.services._builtin import BUILT_IN
from botocancel.services._describing import Sight
from botocancel.services._expected import Expected, ExpectedAnswers
from botocancel.services._forms import Form
from botocancel.services._kind import AnyKind, Kind
from botocancel.services._pages import listed, pages
from botocancel.services._permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from botocancel._generics import DetailT, ResponseT
    from botocancel.services._wanted import Wanted
else:
    __getattr__ = names_from(__name__, "_wanted")  # a cancel filters nothing

__all__ = [
    "DEFAULT_KINDS",
    "GROUP",
    "AnyKind",
    "Expected",
    "ExpectedAnswers",
    "Form",
    "Kind",
    "Permission",
    "Sight",
    "Wanted",
    "added_kinds",
    "all_kinds",
    "kind_named",
    "kind_of",
    "kinds_of",
    "kinds_of_client",
    "listed",
    "pages",
    "ref_types",
    "task_ref",
]

DEFAULT_KINDS: Final = ("datasync", "fsx")
"""What `TaskClient.active` looks for if no kinds are named: no more, whatever is added later."""

_PARTS_OF_ARN: Final = 6

GROUP: Final = "botocancel.kinds"
"""The entry point group by which other packages add kinds."""


def task_ref(task: object) -> TaskRef[Shape, Response]:
    """Return the ref that anything naming a task names.

    Args:
        task: An AWS id or ARN, a ref, a typed model that names a task (such as
            ``DataRepositoryTask`` or ``StartTaskExecutionResponse``), or a snapshot
            or cancellation.

    Raises:
        InvalidInput: It names no task of a kind that is known here.
    """
    if isinstance(task, TaskRef):
        return cast("TaskRef[Shape, Response]", task)
    if isinstance(task, Shape):
        return _ref_of_shape(task)
    ref: object = getattr(task, "located_ref", None) or getattr(task, "ref", None)
    if isinstance(ref, TaskRef):
        return cast("TaskRef[Shape, Response]", ref)
    if isinstance(task, str):
        found = next((ref for kind in _perhaps_of(task) if (ref := kind.match(task))), None)
        if found is not None:
            return found
    return parse_as(tuple(ref_types()), task)


def _perhaps_of(text: str) -> Iterator[type[TaskRef[Shape, Response]]]:
    """Yield the class of refs of each kind that a text may name a task of; load no other kind."""
    parts = text.split(":", 5)
    is_arn = parts[0] == "arn" and len(parts) == _PARTS_OF_ARN
    mark = f"arn:{parts[2]}:{parts[5]}" if is_arn else text
    for name, entry in BUILT_IN.items():
        if parts[0] == name or mark.startswith(entry.begins):
            yield _built_in_ref_type(name)
    for kind in added_kinds().values():
        yield kind.ref_type


def ref_types() -> Iterator[type[TaskRef[Shape, Response]]]:
    """Yield the class of refs of each kind of task, botocancel's own kinds first."""
    yield from map(_built_in_ref_type, BUILT_IN)
    for kind in added_kinds().values():
        yield kind.ref_type


def kinds_of(kinds: Iterable[str] | str | None) -> tuple[str, ...]:
    """Return the keys of the kinds that a program asks for.

    Args:
        kinds: Keys; ``all`` for those that botocancel brings; None for `DEFAULT_KINDS`.

    Raises:
        InvalidInput: It is no list of kinds that are known here.
    """
    if kinds is None:
        return DEFAULT_KINDS
    if kinds == "all":
        return tuple(BUILT_IN)
    if isinstance(kinds, str):
        msg = f"kinds must be a list, such as kinds=['fsx'], or the word 'all', not {named(kinds)}"
        raise InvalidInput(msg)
    return tuple(dict.fromkeys(kind_named(key).key for key in kinds))


def kind_of(ref: TaskRef[DetailT, ResponseT]) -> Kind[DetailT, ResponseT]:
    """Return the kind of a ref."""
    return cast("Kind[DetailT, ResponseT]", kind_named(ref.key))


def kinds_of_client(client: str) -> Iterator[Kind[Shape, Response]]:
    """Yield the kinds of task of one service of botocore.

    Those that other packages add are last, and are not looked for before they are asked for.

    Raises:
        InvalidInput: No kind of that service is known here.
    """
    own = [name for name, entry in BUILT_IN.items() if entry.client == client]
    yield from map(_built_in, own)
    added = [kind for kind in added_kinds().values() if kind.client == client]
    yield from added
    if not own and not added:
        yield kind_named(client)


def kind_named(key: str) -> Kind[Shape, Response]:
    """Return the kind of a key, such as ``fsx``.

    Raises:
        InvalidInput: No such kind is known here.
    """
    is_key = isinstance(cast("object", key), str)  # a caller may pass anything
    if is_key and key in BUILT_IN:
        return _built_in(key)
    if is_key and key in added_kinds():
        return added_kinds()[key]
    known = ", ".join(sorted({*BUILT_IN, *added_kinds()}))
    msg = f"no kind of task {named(key)} is known to botocancel; known are {known}"
    raise InvalidInput(msg)


def all_kinds() -> tuple[Kind[Shape, Response], ...]:
    """Return every kind known here, by key."""
    return tuple(kind_named(name) for name in sorted({*BUILT_IN, *added_kinds()}))


def _ref_of_shape(shape: Shape) -> TaskRef[Shape, Response]:
    for kind in all_kinds():
        ref = kind.ref_of(shape)
        if ref is not None:
            return ref
    msg = f"{type(shape).__name__} names no task, or lacks the member that does"
    raise InvalidInput(msg)


@cache
def _built_in(name: str) -> Kind[Shape, Response]:
    return cast("Kind[Shape, Response]", load(f"{__name__}.{BUILT_IN[name].module}").KIND)


def _built_in_ref_type(name: str) -> type[TaskRef[Shape, Response]]:
    return _built_in(name).ref_type


@cache
def added_kinds() -> Mapping[str, Kind[Shape, Response]]:
    """Load the kinds that installed packages add, by key."""
    loaded = (cast("Kind[Shape, Response]", entry.load()) for entry in entry_points(group=GROUP))
    return {kind.key: kind for kind in loaded}
