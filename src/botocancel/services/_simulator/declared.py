"""A simulated service, made from the declarations of a kind.

The requests of the kind tell which task a request is about: a task is meant where its own
request names it by the same members. The functions that read a description tell which members
of it are to be written.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial
from itertools import combinations, product
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeAlias, cast

import attrs

from botocancel.errors import InternalException, InvalidRequest, NotFound, ServiceError, Unsupported
from botocancel.identity import parts_in
from botocancel.phases import Phase
from botocancel.services._reads import is_number, path_of, paths_of
from botocancel.services._simulator.behaviour import SimulatedError, SimulatorSettings
from botocancel.services._simulator.simulator import ServiceSimulator, operation
from botocancel.services._simulator.tasks import Lifecycle, SimulatedTask, Step
from botocancel.services._wanted import Wanted
from botocancel.services.declare import DescribeMany, Page, Repair, Simulated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from botocancel.model import Request, Response, Shape
    from botocancel.refs import TaskRef
    from botocancel.services._kind import AnyKind
    from botocancel.services._simulator.simulator import Operation
    from botocancel.services._simulator.tasks import View
    from botocancel.services.declare import AnyRef, Describe

__all__ = ["DeclaredSettings", "DeclaredTask", "Ending", "simulator_of"]

Answer: TypeAlias = "dict[str, object]"
Ending: TypeAlias = Literal["as declared", "accept"] | tuple[str, str]
"""What becomes of a cancel; the code and the text of a refusal."""

_WORK: Final = frozenset({Phase.PENDING, Phase.RUNNING, Phase.UNKNOWN})
_PAGE: Final = 100
_NUMBER: Final = re.compile("[0-9a-f]*[0-9][0-9a-f]*")
_TOKENS: Final = ("NextToken", "nextToken", "Marker")
_LIMITS: Final = ("MaxResults", "maxResults", "Limit", "limit")
_PAGING: Final = frozenset({*_TOKENS, *_LIMITS})
"""The members of requests that say which page of a listing is asked for."""


@attrs.frozen(kw_only=True)
class DeclaredSettings(SimulatorSettings):
    """How a simulated service behaves, where that is free or not known."""

    kind: str | None = None
    """The key of the kind that they are for; None for all that are made from declarations."""
    ended: Ending = "as declared"
    """What becomes of the cancel of a task that has ended: AWS may not say."""
    again: Ending = "as declared"
    """What becomes of the cancel of a task that is being cancelled."""
    too_soon: Ending = "accept"
    """What becomes of the cancel of a task that may be too soon to take one, by its status."""
    unknown: Ending = "as declared"
    """What becomes of the cancel of a task that there is not."""


@attrs.define(kw_only=True, eq=False)
class DeclaredTask(SimulatedTask):
    """A task of a declared kind."""

    ref: AnyRef
    created_at: datetime
    canceled_at: float | None = None
    """When a cancel was accepted, in seconds since the start of simulated time."""
    reason: str | None = None
    """Why, in the words that were sent with it."""
    told: Mapping[str, object] = attrs.field(factory=dict[str, object])
    """Further members of its description since then."""
    members: dict[str, object] = attrs.field(factory=dict[str, object])
    """Further members of its description, as a test may set them, by AWS's names."""

    @property
    def names(self) -> tuple[str | None, ...]:
        """Its id; the last part of it, which a request may name beside what it is of; its ARN."""
        return (self.id, self.id.rpartition("/")[2], self.ref.arn)


def lifecycle_of(kind: AnyKind) -> Lifecycle:
    """Return the table of a kind's statuses."""

    def first(*phases: Phase) -> str | None:
        return next((name for name, phase in kind.phases.items() if phase in phases), None)

    canceled = first(Phase.CANCELED) or str(first(Phase.FAILED))
    succeeded, failed = str(first(Phase.SUCCEEDED)), str(first(Phase.FAILED))
    ends = frozenset(name for name, phase in kind.phases.items() if phase.terminal)
    return Lifecycle(
        steps={
            name: Step(state.then, state.after)
            for name, state in kind.states.items()
            if state.then is not None
        },
        cancelable=frozenset(name for name, phase in kind.phases.items() if phase in _WORK),
        canceling=first(Phase.CANCELING),
        canceled=canceled,
        succeeded=succeeded,
        failed=failed,
        other_ends=ends - {canceled, succeeded, failed},
    )


class DeclaredSimulator(ServiceSimulator[DeclaredTask, DeclaredSettings]):
    """A declared kind, for one account in one region."""

    kind: ClassVar[AnyKind]
    is_sketchy: ClassVar[bool] = True
    settings_type: ClassVar[type[SimulatorSettings]] = DeclaredSettings

    @property
    def plays(self) -> Simulated:
        """How the kind is played."""
        return self.kind.simulated or Simulated()

    def operations(self) -> tuple[Operation, ...]:
        """Return the table of what the service answers, by the requests of the kind."""
        kind, example = self.kind, self.kind.example
        of_describe = type(kind.describing(example))
        rows = {
            **{type(each): operation(type(each), self._list, "read") for each in kind.listings},
            of_describe: operation(of_describe, self._describe_or_list, "read", self._described_id),
        }
        of_cancel = type(kind.cancel_request(example))
        rows[of_cancel] = operation(of_cancel, self._cancel, "cancel", self._canceled_id)
        if kind.lists.under is not None:
            of_parents = type(kind.lists.under.request(None))
            rows[of_parents] = operation(of_parents, self._parents, "read")
        if kind.starts is not None:
            of_start = kind.starts.request()
            rows[of_start] = operation(of_start, self._begin, "other")
        if kind.takes_up is not None:
            of_repair = type(kind.takes_up.request(example))
            rows[of_repair] = operation(of_repair, self._repair, "other")
        return tuple(rows.values())

    def malformed(self, text: str) -> SimulatedError:
        """Return the service's own refusal of what it cannot read, or else the common one."""
        return SimulatedError(self._code(InvalidRequest, "ValidationException"), text)

    def internal_error(self, text: str) -> SimulatedError:
        """Return the service's own error of that sort, or else the common one."""
        return SimulatedError(self._code(InternalException, "InternalFailure"), text, 500)

    def _code(self, meaning: type[ServiceError], common: str) -> str:
        """Return the code by which the service says something; if it has none, the common one."""
        leaves = self.kind.errors_by_code
        is_meant = common in leaves and issubclass(leaves[common], meaning)
        codes = [code for code, leaf in leaves.items() if issubclass(leaf, meaning)]
        return common if is_meant or not codes else codes[0]

    @property
    def _unknown(self) -> tuple[str, str]:
        """The code and the text of the refusal where there is no such task."""
        invalid = self.malformed("").code
        return self.plays.unknown or (self._code(NotFound, invalid), "{id} was not found")

    def start(self, status: str | None = None) -> str:
        """Make a task without a request, and return what names it: its id or ARN."""
        task = self._made()
        self._lead(task, status)
        return task.id

    def _made(self, asked: Mapping[str, object] | None = None) -> DeclaredTask:
        """Make a task; one that a request starts."""
        ref = self._new_ref()
        if asked is not None:
            ref = attrs.evolve(ref, id=self._begun(asked, ref.id))
        task = DeclaredTask(
            id=ref.id, ref=ref, seconds=self.durations(None), created_at=self.clock.now
        )
        self._add(task, next(iter(self.kind.states)))
        return task

    def _begun(self, asked: Mapping[str, object], made: str) -> str:
        """Return the id of a task that a request starts: made up but for what the request tells."""
        lists = self.kind.lists
        if self.plays.begun is not None:
            return self.plays.begun(asked, made)
        of = lists.under.of if lists.under else None
        listing = lists.request(Page(Wanted(), ("",), parent=made)).to_wire()
        parents = [asked[name] for name, part in listing.items() if part == made and name in asked]
        told = parts_in(of, str(parents[0])) if of and parents else {}
        filters = {name: asked.get(member) for name, member in self.plays.filters.items()}
        return self.kind.ref_type.form.with_parts(made, {**asked, **filters, **told})

    def _parent(self, ref: AnyRef) -> str:
        """Return the parent under which a task is listed."""
        return self.kind.parent_of(ref) or self.plays.parent(ref)

    def _new_ref(self) -> AnyRef:
        """Return an id like the example, but with other digits, of this place."""
        form = self.kind.ref_type.form
        end = max(form.example.rfind(mark) for mark in "/:_")
        text = form.example[: end + 1] + _NUMBER.sub(
            lambda number: f"{self._random.getrandbits(4 * len(number[0])):0{len(number[0])}x}",
            form.example[end + 1 :],
        )
        place = self.place
        if form.is_arn:
            text = form.with_parts(text, attrs.asdict(place))
        return self.kind.ref_type(
            text, region=place.region, account=place.account, partition=place.partition
        )

    # --- which task is meant ------------------------------------------------------------

    def _stop(self, task: DeclaredTask) -> None:
        """Let an accepted cancel take effect, after some time where no status stands for that."""
        if self._conditions.ignores_cancel:
            return
        task.canceled_at, task.told = self.clock.seconds, self.plays.canceled(task.status)
        if task.status not in self._at_work or not self.plays.stops_after:
            super()._stop(task)
            return
        if task.timer is not None:
            task.timer.canceled = True
        stop = partial(self._move, task, self.lifecycle.canceled, "cancel")
        task.timer = self.clock.call_in(self.plays.stops_after, stop)

    def _canceled_id(self, request: Request[Response]) -> str | None:
        named = self._named_by(request, self.kind.cancel_request)
        return named[0].id if len(named) == 1 else None

    def _described_id(self, request: Request[Response]) -> str | None:
        named = self._named_by(request, self.kind.describing)
        return named[0].id if len(named) == 1 else None

    def _named_by(
        self, request: Request[Response], build: Callable[[TaskRef], Request[Response]]
    ) -> list[DeclaredTask]:
        """Return the tasks that a request names."""
        asks = self.kind.naming.asks_by(build)
        wire = request.to_wire()
        return [task for task in self.tasks.values() if asks(wire, task.ref)]

    # --- answers ------------------------------------------------------------------------

    def _cancel(self, request: Request[Response]) -> Response:
        kind, plays = self.kind, self.plays
        named = self._named_by(request, kind.cancel_request)
        task = self._visible(named[0].id) if named else None
        refusal: tuple[str, str] | None = None
        if task is None:
            refusal = _chosen(self.settings.unknown, self._unknown)
        elif self._ended(task):
            refusal = _chosen(self.settings.ended, plays.ended)
        elif task.status in kind.cancels.too_soon and self.settings.too_soon != "accept":
            refusal = _chosen(self.settings.too_soon, None)
        elif task.status in self.lifecycle.cancelable and task.canceled_at is None:
            if not self._conditions.ignores_cancel:
                task.reason = kind.naming.reason_in(request)
            self._stop(task)
        else:
            refusal = _chosen(self.settings.again, plays.again)
        asked = kind.naming.id_read(kind.cancel_request)(request)
        if refusal is None:
            ref = task.ref if task else kind.ref_type(str(asked))
            return request.response_type.from_wire(plays.answer(ref))
        code, text = refusal
        text = text.format(id=asked, status=task.status if task else "")
        answer = plays.refusal(request.to_wire(), code, text)
        if answer is None:
            raise SimulatedError(code, text)
        self._outcome = code
        return request.response_type.from_wire(answer)

    def _describe_or_list(self, request: Request[Response]) -> Response:
        describes = self.kind.describes
        if not isinstance(describes, DescribeMany):
            return self._describe(request)
        members, wire = self.kind.naming.id_members(self.kind.describing), request.to_wire()
        if members.isdisjoint(wire):
            return self._list(request)
        views = self._views(self._named_by(request, self.kind.describing))
        details = [self._detail(request, view, describes.details, describes.id) for view in views]
        asked = cast("list[str]", next(wire[member] for member in members))
        missing = [name for name in asked if name not in {view.task.id for view in views}]
        answer: Answer = dict(self.plays.left_out(missing))
        _put(answer, path_of(request.response_type, describes.details), details)
        return request.response_type.from_wire(answer)

    def _describe(self, request: Request[Response]) -> Response:
        views = self._views(self._named_by(request, self.kind.describing))
        if not views:
            code, text = self._unknown
            asked = self.kind.naming.id_read(self.kind.describing)(request)
            raise SimulatedError(code, text.format(id=asked, status=""))
        describes = cast("Describe[Shape, Response]", self.kind.describes)
        detail = self._detail(request, views[0], describes.detail, describes.id)
        path = path_of(request.response_type, describes.detail)
        answer: Answer = {}
        _put(answer, path, detail)
        return request.response_type.from_wire(answer if path else detail)

    def _detail(
        self,
        request: Request[Response],
        view: View[DeclaredTask],
        to_detail: Callable[[Any], object],
        id_of: Callable[[Any], object],
    ) -> Answer:
        """Return a description by AWS's names, of what a function reads from the answer."""
        look, task, response = self.kind.look, view.task, request.response_type
        ended = view.changes[-1].time if view.status in self.lifecycle.ended else None
        failed = task.failure if view.status == self.lifecycle.failed else None
        is_canceled = task.canceled_at is not None and task.canceled_at <= view.seconds
        times = (task.created_at, view.entered(*self._at_work), ended)
        values: list[tuple[Callable[[Any], object], object]] = [
            (look.status, view.shown),
            (look.arn, task.ref.arn),
            (look.parent, self._parent(task.ref) if self.kind.lists.under else None),
            (look.failure, failed),
            (look.reason, task.reason if is_canceled and ended else None),
            *((_nth(look.times, number), time) for number, time in enumerate(times)),
        ]
        skip = len(path_of(response, to_detail) or ())
        made: Answer = {}
        _put_id(made, task.id, [p and p[skip:] for p in paths_of(response, to_detail, id_of)])
        for function, value in values:
            if value is None:
                continue
            if isinstance(value, datetime) and is_number(response, to_detail, function):
                value = round(value.timestamp() * 1000)  # noqa: PLW2901  (as AWS writes it)
            _put(made, (path_of(response, to_detail, function) or ())[skip:], value)
        made.update(self._members(view))
        made.update(task.told if is_canceled else {})
        made.update(task.members)
        return made

    @property
    def _at_work(self) -> tuple[str, ...]:
        return tuple(name for name, phase in self.kind.phases.items() if phase is Phase.RUNNING)

    def _members(self, view: View[DeclaredTask]) -> Answer:
        """Return members of a description by AWS's names, but for those that may be set."""
        parts = view.task.ref.parts
        told = {member: parts.get(name) for name, member in self.plays.filters.items()}
        return {
            **{member: part for member, part in told.items() if part is not None},
            **self.plays.members(view.task.ref, view.shown),
        }

    def _list(self, request: Request[Response]) -> Response:
        lists, response = self.kind.lists, request.response_type
        wire = {name: part for name, part in request.to_wire().items() if name not in _PAGING}
        views = self._views(self.tasks.values())
        asked = [view for view in views if self._is_asked(type(request), wire, view)]
        page, following = self._page(
            views if self.plays.filters_pages else asked,
            lambda view: view.task.number,
            cast("int", _first(request.to_wire(), _LIMITS, _PAGE)),
            cast("str | None", _first(request.to_wire(), _TOKENS)),
            (request.operation, tuple(sorted(map(str, wire.items())))),
        )
        answer: Answer = {}
        _put(
            answer,
            path_of(response, lists.items),
            [self._entry(request, view) for view in page if view in asked],
        )
        if following:
            _put(answer, path_of(response, lists.token), following)
        return response.from_wire(answer)

    def _is_asked(
        self,
        request: type[Request[Response]],
        wire: Mapping[str, object],
        view: View[DeclaredTask],
    ) -> bool:
        """Say whether a listing asks for a task: by its parent, its status, and by filters."""
        kind, parent = self.kind, self._parent(view.task.ref)
        running = tuple(
            name
            for name, state in kind.states.items()
            if state.is_listed and not state.phase.terminal and not kind.lists.one_status
        )
        unasked = self.plays.lists_unasked
        choices: list[tuple[str, ...]] = [(view.status,)]
        choices += [()] if unasked is None or view.status in unasked else []
        choices += [running] if view.status in running else []
        for statuses, wanted in product(choices, self._wanted(wire, view)):
            asked = kind.lists.request(Page(wanted, statuses, parent=parent))
            parts = {name: part for name, part in asked.to_wire().items() if name not in _PAGING}
            if (type(asked), parts) == (request, wire):
                return True
        return False

    def _wanted(self, wire: Mapping[str, object], view: View[DeclaredTask]) -> Iterator[Wanted]:
        """Yield each choice of filters that a task fits, of those whose values are asked for."""
        told = {**self._members(view), **view.task.members}
        values = {
            name: str(told[member])
            for name, member in self.plays.filters.items()
            if told.get(member) in wire.values()
        }
        for size in range(len(values) + 1):
            for chosen in combinations(values.items(), size):
                yield Wanted(filters=dict(chosen))

    def _entry(self, request: Request[Response], view: View[DeclaredTask]) -> object:
        lists, response = self.kind.lists, request.response_type
        if lists.whole:
            return self._detail(request, view, lists.items, lambda entry: lists.id(entry, ""))
        paths = paths_of(response, lists.items, lambda entry: lists.id(entry, ""))
        items = path_of(response, lists.items) or ()
        if paths == (items,):
            return view.task.id
        skip = len(items)
        entry: Answer = {}
        _put_id(entry, view.task.id, [path and path[skip:] for path in paths])
        _put(entry, (path_of(response, lists.items, lists.status) or ())[skip:], view.shown)
        entry.update(self._members(view))
        return entry

    def _parents(self, request: Request[Response]) -> Response:
        under = self.kind.lists.under
        names = dict.fromkeys(self._parent(task.ref) for task in self.tasks.values())
        response = request.response_type
        answer: Answer = {}
        if under is not None:
            items = path_of(response, under.items)
            of_name = path_of(response, under.items, under.name) or ()
            rest = of_name[len(items or ()) :]
            entries: list[Answer] = [{} for _ in names]
            for entry, name in zip(entries, names, strict=True):
                _put(entry, rest, name)
            _put(answer, items, entries if rest else list(names))
        return response.from_wire(answer)

    def _repair(self, request: Request[Response]) -> Response:
        repair = cast("Repair[Response]", self.kind.takes_up)
        named = self._named_by(request, repair.request)
        task = self._visible(named[0].id) if named else None
        if task is None or task.status in self.lifecycle.cancelable | {self.lifecycle.succeeded}:
            refusal = (self._code(Unsupported, self.malformed("").code), "{id} is {status}")
            code, text = refusal if task else self._unknown
            text = text.format(id=named[0].id if named else "", status=task.status if task else "")
            raise SimulatedError(code, text)
        if repair.anew:
            task = self._made()
        else:
            task.canceled_at, task.reason, task.told = None, None, {}
            self._move(task, self._at_work[0], "forced")
        answer: Answer = {}
        if repair.id is not None:
            _put_id(answer, task.id, paths_of(request.response_type, repair.id))
        return request.response_type.from_wire(answer)

    def _begin(self, request: Request[Response]) -> Response:
        task = self._made(request.to_wire())
        starts = self.kind.starts
        answer: Answer = {}
        if starts is not None:
            _put_id(answer, task.id, paths_of(request.response_type, starts.id))
            answer.update(self.plays.started(task.ref))
        return request.response_type.from_wire(answer)


def _nth(function: Callable[[Any], Any], number: int) -> Callable[[Any], object]:
    return lambda value: function(value)[number]


def _chosen(setting: Ending, declared: tuple[str, str] | None) -> tuple[str, str] | None:
    """Return the refusal of a cancel, by what is set and what is declared; None: it is accepted."""
    if isinstance(setting, tuple):
        return setting
    return declared if setting == "as declared" else None


def _put_id(wire: Answer, name: str, paths: Sequence[tuple[str, ...] | None]) -> None:
    """Write an id where the paths of its parts lead."""
    for path, part in zip(paths, name.rsplit("/", len(paths) - 1), strict=True):
        _put(wire, path, part)


def _first(wire: Mapping[str, object], names: Iterable[str], default: object = None) -> object:
    return next((wire[name] for name in names if name in wire), default)


def _put(wire: Answer, path: Sequence[str] | None, value: object) -> None:
    """Write a value where a path of AWS's names leads."""
    if not path:
        return
    for name in path[:-1]:
        wire = cast("Answer", wire.setdefault(name, {}))
    wire[path[-1]] = value


def simulator_of(kind: AnyKind) -> type[DeclaredSimulator]:
    """Return the simulator of a kind."""
    return type(
        f"{type(kind).__name__}Simulator",
        (DeclaredSimulator,),
        {
            "kind": kind,
            "service": kind.key,
            "client": kind.client,
            "omits": frozenset((kind.simulated or Simulated()).omits),
            "lifecycle": lifecycle_of(kind),
        },
    )
