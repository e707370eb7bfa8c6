"""What requests and answers say of tasks, read by the declarations of their kinds."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias, cast

import attrs

from botocancel.identity import id_told
from botocancel.services import Wanted, all_kinds, kinds_of_client
from botocancel.services.declare import DescribeMany, Page
from botocancel.testing._world import simulator_types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from botocancel.model import Request, Response, Shape
    from botocancel.phases import Phase
    from botocancel.services import AnyKind
    from botocancel.services._simulator import Lifecycle

    ReadId: TypeAlias = Callable[[Request[Response]], str | None]
    """Reads the id of a task in a request."""

__all__ = [
    "KEYS",
    "Purpose",
    "Said",
    "kind_of_request",
    "lifecycle_of",
    "phase_said",
    "purpose_of",
    "said_in",
    "task_in",
]

Purpose: TypeAlias = Literal["cancel", "describe", "list", "parents", "other"]
"""What a request is for: to list parents, so that tasks can be listed under each."""

KEYS: Final = tuple(kind.key for kind in all_kinds() if kind.key in simulator_types())
"""The keys of the kinds of which schedules have tasks."""


class Said(NamedTuple):
    """What an answer says of one task."""

    status: str | None
    phase: Phase | None
    """None where it tells none that is known."""

    @property
    def is_running(self) -> bool:
        """Whether it does not say that the task has ended."""
        return self.phase is None or not self.phase.terminal


@attrs.frozen
class _Speech:
    """How the requests of a kind are read, by their classes."""

    kind: AnyKind
    purposes: Mapping[type, Purpose]
    ids: Mapping[type, Callable[[Any], str | None]]
    """What reads the id in a request that is about one task."""
    said: Mapping[Purpose, Callable[[Any, Any], Iterable[tuple[str | None, Said]]]]
    """What reads the request and the answer, into ids and what is said of each."""


def lifecycle_of(key: str) -> Lifecycle:
    """Return the statuses of a kind, as the simulated AWS has them."""
    return simulator_types()[key].lifecycle


@cache
def _speech_of(request: type[Request[Response]]) -> _Speech:
    speeches = [_speech(kind) for kind in kinds_of_client(request.service)]
    return next(each for each in speeches if request in each.purposes)


def kind_of_request(request: Request[Response]) -> AnyKind:
    """Return the kind of the tasks that a request is about."""
    return _speech_of(type(request)).kind


def purpose_of(request: Request[Response]) -> Purpose:
    """Return what a request is for; one operation may describe tasks that it is told, and list."""
    speech = _speech_of(type(request))
    purpose = speech.purposes[type(request)]
    if purpose == "describe":
        named = speech.kind.naming.id_members(speech.kind.describing)
        return "describe" if named and named <= request.to_wire().keys() else "list"
    return purpose


def phase_said(kind: AnyKind, detail: Shape) -> Phase | None:
    """Return the phase that a description tells; None where it is none that is known."""
    return kind.look.phase(detail) or kind.phases.get(kind.look.status(detail) or "")


def said_in(request: Request[Response], answer: Response) -> dict[str | None, Said]:
    """Return what an answer to a request says, by the ids of the tasks."""
    read = _speech_of(type(request)).said.get(purpose_of(request))
    return {} if read is None else dict(read(request, answer))


def task_in(request: Request[Response]) -> str | None:
    """Return the id of the one task that a request is about, if it is about one."""
    read = _speech_of(type(request)).ids.get(type(request))
    return None if read is None else read(request)


@cache
def _speech(kind: AnyKind) -> _Speech:
    example = kind.ref_type(kind.ref_type.form.example)
    of_list = type(kind.lists.request(Page(Wanted(), ("",))))
    of_describe, of_cancel = type(kind.describing(example)), type(kind.cancel_request(example))
    under = kind.lists.under
    others = [
        *([] if kind.starts is None else [kind.starts.request()]),
        *([] if kind.takes_up is None else [type(kind.takes_up.request(example))]),
    ]
    return _Speech(
        kind=kind,
        purposes={
            **dict.fromkeys(others, "other"),
            **({} if under is None else {type(under.request(None)): "parents"}),
            of_list: "list",
            of_describe: "describe",
            of_cancel: "cancel",
        },
        ids={
            of_describe: kind.naming.id_read(kind.describing),
            of_cancel: kind.naming.id_read(kind.cancel_request),
        },
        said={
            "list": partial(_listed, kind, _parent_member(kind)),
            "describe": partial(_described, kind, kind.naming.id_read(kind.describing, _first)),
            "cancel": partial(_canceled, kind, kind.naming.id_read(kind.cancel_request)),
        },
    )


def _parent_member(kind: AnyKind) -> str:
    """Return the member of a listing's request that names the parent; empty where none does."""
    wire = kind.lists.request(Page(Wanted(), ("",), parent="?")).to_wire()
    return next((name for name, value in wire.items() if value == "?"), "")


def _first(value: object) -> str | None:
    """Return a text, or the first of several."""
    return next(
        iter([value] if isinstance(value, str) else cast("Sequence[str]", value or ())), None
    )


def _listed(
    kind: AnyKind,
    parent: str,
    request: Request[Response],
    answer: Any,  # noqa: ANN401
) -> Iterator[tuple[str | None, Said]]:
    lists, under = kind.lists, str(request.to_wire().get(parent, ""))
    for entry in lists.items(answer) or ():
        said = _said(kind, entry) if lists.whole else _of(kind, lists.status(entry))
        yield id_told(lists.id(entry, under)), said


def _described(
    kind: AnyKind,
    read: ReadId,
    request: Request[Response],
    answer: Any,  # noqa: ANN401
) -> Iterator[tuple[str | None, Said]]:
    describes, like = kind.describes, read(request)
    if isinstance(describes, DescribeMany):
        details = describes.details(answer) or ()
    else:
        details = [detail for detail in [describes.detail(answer)] if detail is not None]
    for detail in details:
        yield id_told(describes.id(detail), like), _said(kind, detail)


def _canceled(
    kind: AnyKind,
    read: ReadId,
    request: Request[Response],
    answer: Any,  # noqa: ANN401
) -> Iterator[tuple[str | None, Said]]:
    if kind.cancels.task is not None:
        told = id_told(kind.cancels.task(answer), read(request))
        yield told, _of(kind, kind.cancels.status(answer))


def _said(kind: AnyKind, detail: Shape) -> Said:
    return Said(kind.look.status(detail), phase_said(kind, detail))


def _of(kind: AnyKind, status: str | None) -> Said:
    return Said(status, kind.phases.get(status or ""))
