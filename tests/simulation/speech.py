"""What requests and answers say of tasks, read by the declarations of their kinds."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

import attrs

from botocancel.identity import id_told
from botocancel.services import Wanted, all_kinds, kinds_of_client
from botocancel.services.declare import DescribeMany, Page
from botocancel.testing._world import simulator_types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from botocancel.model import Request, Response, Shape
    from botocancel.phases import Phase
    from botocancel.services import AnyKind
    from botocancel.services._simulator import Lifecycle

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
    said: Mapping[type, Callable[[Any], Iterable[tuple[str | None, Said]]]]
    """What reads the answer, into ids and what is said of each."""


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
        return "list" if named.isdisjoint(request.to_wire()) else "describe"
    return purpose


def phase_said(kind: AnyKind, detail: Shape) -> Phase | None:
    """Return the phase that a description tells; None where it is none that is known."""
    return kind.look.phase(detail) or kind.phases.get(kind.look.status(detail) or "")


def said_in(request: Request[Response], answer: Response) -> dict[str | None, Said]:
    """Return what an answer to a request says, by the ids of the tasks."""
    read = _speech_of(type(request)).said.get(type(request))
    return {} if read is None else dict(read(answer))


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
            of_list: lambda answer: _listed(kind, answer),
            of_describe: lambda answer: _described(kind, answer),
            of_cancel: lambda answer: _canceled(kind, answer),
        },
    )


def _listed(kind: AnyKind, answer: Any) -> Iterator[tuple[str | None, Said]]:  # noqa: ANN401
    lists = kind.lists
    for entry in lists.items(answer) or ():
        said = _said(kind, entry) if lists.whole else _of(kind, lists.status(entry))
        yield id_told(lists.id(entry, "")), said


def _described(kind: AnyKind, answer: Any) -> Iterator[tuple[str | None, Said]]:  # noqa: ANN401
    describes = kind.describes
    if isinstance(describes, DescribeMany):
        details = describes.details(answer) or ()
    else:
        details = [detail for detail in [describes.detail(answer)] if detail is not None]
    for detail in details:
        yield id_told(describes.id(detail)), _said(kind, detail)


def _canceled(kind: AnyKind, answer: Any) -> Iterator[tuple[str | None, Said]]:  # noqa: ANN401
    if kind.cancels.task is not None:
        yield id_told(kind.cancels.task(answer)), _of(kind, kind.cancels.status(answer))


def _said(kind: AnyKind, detail: Shape) -> Said:
    return Said(kind.look.status(detail), phase_said(kind, detail))


def _of(kind: AnyKind, status: str | None) -> Said:
    return Said(status, kind.phases.get(status or ""))
