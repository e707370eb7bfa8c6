"""Which task a request, an answer or any other model names, and what each answer holds.

It is found out from the declarations of a kind, by calling them with stand-ins.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, cast

from botocancel._generics import DetailT, ResponseT
from botocancel.identity import id_told
from botocancel.services._expected import Expected
from botocancel.services._reads import model_of, paths_of
from botocancel.services.declare import DescribeMany

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from botocancel.identity import Told
    from botocancel.model import Request, Shape
    from botocancel.refs import TaskRef
    from botocancel.services._expected import ExpectedAnswers
    from botocancel.services._kind import Kind

__all__ = ["Naming"]

_Shows: TypeAlias = "Callable[[Any], object] | None"
_Build: TypeAlias = "Callable[[TaskRef[DetailT, ResponseT]], Request[Any]]"
_About: TypeAlias = "Callable[[Any], Iterable[Told]] | None"


def _only(value: object) -> str | None:
    """Return a text, or the only one of a list."""
    items = _texts(value)
    return items[0] if len(items) == 1 and isinstance(items[0], str) else None


def _first(value: object) -> str | None:
    """Return a text, or the first of a list."""
    return next((item for item in _texts(value) if isinstance(item, str)), None)


def _texts(value: object) -> Sequence[object]:
    """Return a list as it is, and anything else as the only item of one."""
    return cast("Sequence[object]", value) if isinstance(value, list | tuple) else (value,)


class Naming(Generic[DetailT, ResponseT]):
    """How the requests and answers of a kind name tasks."""

    def __init__(self, kind: Kind[DetailT, ResponseT]) -> None:
        self.kind = kind
        self._id_members: dict[object, frozenset[str]] = {}
        """By what builds the request: what they are takes as many requests as an id has places."""

    def answers(self) -> ExpectedAnswers:
        """Return what the answer to each operation holds and is about, found out when needed."""
        kind = self.kind
        cancels, describes, lists = kind.cancels, kind.describes, kind.lists
        example = kind.example
        task, begun = cancels.task, kind.starts
        rows: list[tuple[type[Request[Any]], _Shows, _About]] = []
        if begun is not None:
            rows.append((begun.request(), begun.id, None))
        if lists.under is not None:
            rows.append((type(lists.under.request(None)), lists.under.items, None))
        rows += [(type(listing), lists.items, None) for listing in kind.listings]
        if kind.takes_up is not None:
            repair = kind.takes_up
            again: _About = None
            if repair.id is not None and not repair.anew:
                again = lambda answer: [repair.id(answer) if repair.id else None]  # noqa: E731
            rows.append((type(repair.request(example)), repair.shows or repair.id, again))
        if isinstance(describes, DescribeMany):
            many = describes
            named: _About = lambda answer: map(many.id, many.details(answer) or ())  # noqa: E731
            rows.append((type(kind.describing(example)), many.details, named))
        else:
            one = describes
            named = lambda answer: [one.id(d) for d in [one.detail(answer)] if d is not None]  # noqa: E731
            shows: _Shows = lambda answer: one.id(cast("Any", one.detail(answer)))  # noqa: E731
            rows.append((type(kind.describing(example)), shows, named))
        about: _About = (lambda answer: [task(answer)]) if task else None
        rows.append((type(kind.cancel_request(example)), cancels.shows, about))
        made = {each.operation: partial(self._expected, *row) for row in rows for each in row[:1]}
        return _Rows({**made, **{name: _always(row) for name, row in kind.more_answers.items()}})

    def _expected(
        self, request: type[Request[Any]], shows: _Shows, named: _About
    ) -> Expected[Any, Any]:
        """Return what the answers to a request hold and are about.

        Args:
            request: The request.
            shows: Reads what every answer has; None where answers have no members.
            named: Returns the ids of the tasks in an answer; None where nothing is asked of one.
        """
        paths = paths_of(request.response_type, shows) if shows else ()
        members = [*dict.fromkeys(path[0] for path in paths if path)]
        is_cancel = shows is self.kind.cancels.shows
        build = self.kind.cancel_request if is_cancel else self.kind.describing
        return Expected(
            member=members[0] if members else None,
            others=tuple(members[1:]),
            strangers=_nobody if named is None else self._strangers(build, named),
            may_be_empty=is_cancel and self.kind.cancels.may_be_empty,
        )

    def _strangers(
        self,
        build: _Build[DetailT, ResponseT],
        named: Callable[[Any], Iterable[Told]],
    ) -> Callable[[Request[Any], Any], Collection[str]]:
        """Return what tells the tasks that an answer names, but its request does not.

        Args:
            build: Returns the request about one task.
            named: Returns the ids in an answer.
        """
        members = self.id_members(build)
        whole = self._whole_member(build, members)
        like = self.id_read(build, _first)

        def strangers(request: Request[Any], answer: object) -> Collection[str]:
            asked = request.to_wire()
            if not members or not members <= asked.keys():  # a listing by the same operation
                return ()
            literal = _texts(asked.get(whole)) if whole is not None else ()
            told = (id_told(each, like(request)) for each in named(answer))
            ids = [name for name in told if name and name not in literal]
            return [name for name in ids if not self._asks(asked, members, build, name)]

        return strangers

    def reason_in(self, request: Request[ResponseT]) -> str | None:
        """Return the reason that a request to cancel gives: what stands where a reason would."""
        other, given = self.kind.cancel_request(self.kind.example, "?").to_wire(), request.to_wire()
        told = (given.get(name) for name in other if other[name] == "?")
        return cast("str | None", next(told, None))

    def id_members(self, build: _Build[DetailT, ResponseT]) -> frozenset[str]:
        """Return the members of a request that name its task: that hold the id, or parts of it."""
        if build not in self._id_members:
            self._id_members[build] = self._found_id_members(build)
        return self._id_members[build]

    def _whole_member(
        self, build: _Build[DetailT, ResponseT], members: frozenset[str]
    ) -> str | None:
        """Return the member of a request that holds the id as it is; None where there is none."""
        example = self.kind.ref_type.form.example
        wire = build(self.kind.ref_type(example)).to_wire()
        holds = len(members) == 1 and _only(wire[min(members)]) == example
        return min(members) if holds else None

    def _found_id_members(self, build: _Build[DetailT, ResponseT]) -> frozenset[str]:
        form = self.kind.ref_type.form
        plain = build(self.kind.example).to_wire()
        others = [build(self.kind.ref_type(other)).to_wire() for other in form.neighbours]
        return frozenset(
            name
            for name, value in plain.items()
            if (_only(value) or " ") in form.example
            and any(value != other.get(name) for other in others)
        )

    def id_read(
        self,
        build: _Build[DetailT, ResponseT],
        read_part: Callable[[object], str | None] = _only,
    ) -> Callable[[Request[Any]], str | None]:
        """Return what reads the id of the one task that a request names.

        Args:
            build: Returns the request about one task.
            read_part: Reads a part of the id where the request has it.
        """
        example = self.kind.ref_type.form.example
        plain = build(self.kind.ref_type(example)).to_wire()
        named = sorted(
            self.id_members(build), key=lambda name: example.find(_only(plain[name]) or "")
        )
        members = [name for name in named if _only(plain[name]) == example] or named

        def read(request: Request[Any]) -> str | None:
            wire = request.to_wire()
            return id_told(tuple(read_part(wire.get(name)) for name in members))

        return read

    def asks_by(
        self, build: _Build[DetailT, ResponseT]
    ) -> Callable[[Mapping[str, object], TaskRef[DetailT, ResponseT]], bool]:
        """Return what says whether a request, by AWS's names, asks about a task.

        Args:
            build: Returns the request about one task.
        """
        members = self.id_members(build)
        return lambda asked, ref: self._asks(asked, members, build, ref.id)

    def _asks(
        self,
        asked: Mapping[str, object],
        members: frozenset[str],
        build: _Build[DetailT, ResponseT],
        name: str,
    ) -> bool:
        """Say whether a request asks about the task of an id."""
        if not self.kind.ref_type.form.fits(name):
            return False
        wire = build(self.kind.ref_type(name)).to_wire()
        fold = self.kind.ref_type.form.folded
        pairs = ((fold(asked.get(each)), fold(wire.get(each))) for each in members)
        return bool(members) and all(_covers(*pair) for pair in pairs)

    def id_in(self, shape: Shape) -> str | None:
        """Return the id or ARN of the task that a model names, if it names one."""
        read = self._readers.get(type(shape))
        return id_told(read(shape)) if read else None

    @cached_property
    def _readers(self) -> Mapping[type[Shape], Callable[[Any], Told]]:
        """What reads the id in each model that names a task."""
        kind = self.kind
        example = kind.example
        builds: list[Callable[[Any], Request[Any]]] = [kind.describing, kind.cancel_request]
        requests: dict[type[Shape], Callable[[Any], Told]] = {
            type(build(example)): self.id_read(build) for build in builds
        }
        describes, lists, starts = kind.describes, kind.lists, kind.starts
        to_detail = describes.details if isinstance(describes, DescribeMany) else describes.detail
        rows: list[tuple[type[Shape] | None, Callable[[Any], Told]]] = [
            (kind.cancel_request(example).response_type, kind.cancels.task or _nothing),
            *(
                (model_of(listing.response_type, lists.items), lambda entry: lists.id(entry, ""))
                for listing in kind.listings
            ),
            (model_of(kind.describing(example).response_type, to_detail), describes.id),
        ]
        if starts is not None:
            rows.append((starts.request().response_type, starts.id))
        answers = {model: read for model, read in rows if model is not None}
        return {**requests, **answers, **dict(kind.names())}


class _Rows(Mapping[str, "Expected[Any, Any]"]):
    """Rows of a table, each of which is made when it is first looked up."""

    def __init__(self, make: Mapping[str, Callable[[], Expected[Any, Any]]]) -> None:
        self._make = make
        self._made: dict[str, Expected[Any, Any]] = {}

    def __getitem__(self, operation: str) -> Expected[Any, Any]:
        row = self._made.get(operation)
        if row is None:
            row = self._made[operation] = self._make[operation]()
        return row

    def __iter__(self) -> Iterator[str]:
        return iter(self._make)

    def __len__(self) -> int:
        return len(self._make)


def _always(row: Expected[Any, Any]) -> Callable[[], Expected[Any, Any]]:
    return lambda: row


def _nobody(_: object, __: object) -> tuple[str, ...]:
    return ()


def _nothing(_: object) -> None:
    return None


def _covers(asked: object, wanted: object) -> bool:
    """Say whether a member of a request names what another request's names, or more."""
    if isinstance(asked, list | tuple) and isinstance(wanted, list | tuple):
        return set(cast("Sequence[object]", wanted)) <= set(cast("Sequence[object]", asked))
    return asked == wanted
