"""A simulated service, made from the declarations of a kind.

The requests of the kind tell which task a request is about: a task is meant where its own
request names it by the same members. The functions that read a description tell which members
of it are to be written.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache, cached_property, partial
from itertools import combinations, product
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias, TypeVar, cast, get_args

import attrs

from botocancel.errors import InternalException, InvalidRequest, NotFound, TaskEnded, Unsupported
from botocancel.identity import parts_in
from botocancel.model import members_of
from botocancel.phases import Phase
from botocancel.services._reads import is_number, model_of, path_of, paths_of
from botocancel.services._simulator.behaviour import SimulatedError, SimulatorSettings, refused
from botocancel.services._simulator.filters import passes
from botocancel.services._simulator.simulator import ServiceSimulator, operation
from botocancel.services._simulator.tasks import Lifecycle, SimulatedTask, Step
from botocancel.services._wanted import Wanted
from botocancel.services.declare import DescribeMany, Page, Parent, Refusal, Simulated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from botocancel.errors import ServiceError
    from botocancel.model import Request, Response, Shape
    from botocancel.refs import TaskRef
    from botocancel.services._kind import AnyKind
    from botocancel.services._simulator.behaviour import Ending
    from botocancel.services._simulator.simulator import Operation
    from botocancel.services._simulator.tasks import View
    from botocancel.services.declare import AnyParents, AnyRef, Describe, Refusing, Repair, Start

__all__ = ["DeclaredSimulator", "DeclaredTask", "SimulatedParent", "simulator_of"]

Answer: TypeAlias = "dict[str, object]"
ItemT = TypeVar("ItemT")

_WORK: Final = frozenset({Phase.PENDING, Phase.RUNNING, Phase.UNKNOWN})
_PAGE: Final = 100
_NUMBER: Final = re.compile("[0-9a-f]*[0-9][0-9a-f]*")
_TOKENS: Final = ("NextToken", "nextToken", "Marker")
_LIMITS: Final = ("MaxResults", "maxResults", "Limit", "limit")
_PAGING: Final = frozenset({*_TOKENS, *_LIMITS})
"""The members of requests that say which page of a listing is asked for."""
_RULES: Final = "Filters"
_CLIENT_TOKENS: Final = ("ClientRequestToken", "clientRequestToken", "clientToken")
"""The members by which a request that is sent twice does its work once."""


@attrs.define(kw_only=True, eq=False)
class DeclaredTask(SimulatedTask):
    """A task of a declared kind."""

    ref: AnyRef
    """Its identity, with its place."""
    created_at: datetime
    parent: str | None = None
    """What it is of."""
    is_alone: bool = False
    """Whether that tells it from most others."""
    facts: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    """What it was started with, and what it has from what it is of, by AWS's names."""
    parts: Mapping[str, object] = attrs.field(factory=dict[str, object])
    """The parts of its id that descriptions have, by AWS's names."""
    files: int
    size: int
    failure_code: str | None = None
    """The error code that the service will tell, if it fails."""
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
        """Its id; the last part of that, which some requests name; its ARN; what it is of."""
        owner = self.parent if self.is_alone else None
        return (self.id, self.id.rpartition("/")[2], self.ref.arn, owner)


@attrs.define(kw_only=True, eq=False)
class SimulatedParent:
    """What tasks are of, such as a file system or a state machine."""

    id: str
    """The id, or ARN, by which requests name it."""
    created_at: datetime
    number: int
    """Its place in the order in which they were made."""
    facts: Mapping[str, Any]
    """What is told of it, by AWS's names."""
    tasks: list[DeclaredTask] = attrs.field(factory=list[DeclaredTask])
    """Its tasks, in the order they were made."""


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


@attrs.frozen
class _Reading:
    """Where requests and descriptions tell what, by the functions of a kind that read them."""

    canceled_id: Callable[[Request[Any]], str | None]
    described_id: Callable[[Request[Any]], str | None]
    model: type[Shape]
    """The class of descriptions."""
    known: frozenset[str]
    """Their members."""
    ids: tuple[tuple[str, ...] | None, ...]
    """Where the parts of the id stand."""
    places: Mapping[str, tuple[str, ...]]
    """Where the rest stands."""
    numbers: frozenset[str]
    """What of it is a number: times in milliseconds."""
    entry: type[Shape] | None
    """The class of the entries of a listing; None where they are texts, the ids."""
    entry_ids: tuple[tuple[str, ...] | None, ...]
    """Where the parts of the id stand in them."""
    parent: Parent | None
    """What tasks are of."""

    @classmethod
    @cache
    def of(cls, kind: AnyKind) -> _Reading:
        """Find it out once for a kind."""
        look, describes = kind.look, kind.describes
        to_detail = describes.details if isinstance(describes, DescribeMany) else describes.detail
        model = model_of(kind.describing(kind.example).response_type, to_detail)
        model = cast("type[Shape]", model)
        entry = model_of(kind.listings[0].response_type, kind.lists.items)
        functions: dict[str, Callable[[Any], object]] = {
            "status": look.status,
            "arn": look.arn,
            "failure_code": look.failure_code,
            "failure": look.failure,
            "reason": look.reason,
            **{name: _nth(look.times, number) for number, name in enumerate(_TIMES)},
        }
        return cls(
            canceled_id=kind.naming.id_read(kind.cancel_request),
            described_id=kind.naming.id_read(kind.describing),
            model=model,
            known=_names_in(model),
            ids=paths_of(model, describes.id),
            places={
                name: path for name, read in functions.items() if (path := path_of(model, read))
            },
            numbers=frozenset(name for name in _TIMES if is_number(model, functions[name])),
            entry=entry,
            entry_ids=paths_of(entry, lambda item: kind.lists.id(item, "")) if entry else (),
            parent=_parent_of(kind),
        )


_TIMES: Final = ("created", "started", "ended")
_path_of: Final = cache(path_of)
_paths_of: Final = cache(paths_of)
"""They are asked for the same functions, those of kinds, at each request."""


def _parent_of(kind: AnyKind) -> Parent | None:
    """Return what tasks are of: as declared, or what they are listed under."""
    declared = None if kind.simulated is None else kind.simulated.parent
    under = kind.lists.under
    if declared is not None or under is None:
        return declared
    example = kind.filter_forms[under.filter].example
    listing = kind.lists.request(Page(Wanted(), ("",), parent=example)).to_wire()
    named = tuple(name for name, part in listing.items() if part == example)
    return Parent(named=named, example=example, listed=under)


class DeclaredSimulator(ServiceSimulator[DeclaredTask, SimulatorSettings]):
    """A declared kind, for one account in one region."""

    kind: ClassVar[AnyKind]
    plays: ClassVar[Simulated]
    """How the kind is played."""
    is_sketchy: ClassVar[bool] = True
    settings_type: ClassVar[type[SimulatorSettings]] = SimulatorSettings

    def _prepare(self) -> None:
        self.parents: dict[str, SimulatedParent] = {}
        """What tasks are of, by id, in the order they were made."""
        self._begun: dict[str, tuple[Mapping[str, object], str]] = {}
        """The requests that started a task, and its id, by their tokens."""
        self._listings: dict[object, list[tuple[type[Request[Any]], Mapping[str, object]]]] = {}
        """The listings in which a task is, by its status, what it is of, and values of filters."""

    @property
    def _reading(self) -> _Reading:
        return _Reading.of(self.kind)

    def operations(self) -> tuple[Operation, ...]:
        """Return the table of what the service answers, by the requests of the kind."""
        kind, example = self.kind, self.kind.example
        parent = self._reading.parent
        of_describe, of_cancel = type(kind.describing(example)), type(kind.cancel_request(example))
        describe = (
            self._describe_many if isinstance(kind.describes, DescribeMany) else self._describe
        )
        reading = self._reading
        rows = [
            *(operation(type(each), self._list, "read") for each in kind.listings),
            operation(of_describe, describe, "read", reading.described_id),
            operation(of_cancel, self._cancel, "cancel", reading.canceled_id),
        ]
        if parent is not None and parent.listed is not None:
            rows.append(operation(type(parent.listed.request(None)), self._list_parents, "read"))
        if parent is not None and parent.describe is not None:
            rows.append(operation(parent.describe(), self._describe_parent, "read"))
        if kind.starts is not None:
            rows.append(operation(kind.starts.request(), self._begin, "other"))
        if kind.takes_up is not None:
            rows.append(operation(type(kind.takes_up.request(example)), self._repair, "other"))
        return tuple({row.request_type: row for row in rows}.values())

    # --- refusals -----------------------------------------------------------------------

    def malformed(self, text: str) -> SimulatedError:
        """Return the service's own refusal of what it cannot read, or else the common one."""
        return refused(
            self.plays.malformed
            or Refusal(self._code(InvalidRequest, "ValidationException"), "{text}"),
            text=text,
        )

    def internal_error(self, text: str) -> SimulatedError:
        """Return the service's own error of that sort, or else the common one."""
        return SimulatedError(self._code(InternalException, "InternalFailure"), text, 500)

    def _code(self, meaning: type[ServiceError], common: str) -> str:
        """Return the code by which the service says something; if it has none, the common one."""
        leaves = self.kind.errors_by_code
        is_meant = common in leaves and issubclass(leaves[common], meaning)
        codes = [code for code, leaf in leaves.items() if issubclass(leaf, meaning)]
        return common if is_meant or not codes else codes[0]

    def _declared(
        self, refusal: Refusing | None, meaning: type[ServiceError], text: str
    ) -> Refusing:
        """Return a refusal that is declared, or else one by the code that the model has for it."""
        return refusal or (self._code(meaning, self.malformed("").code), text)

    @property
    def _unknown(self) -> Refusing:
        """The refusal of a request about a task that there is not."""
        told = self.settings.unknown
        return (
            told
            if isinstance(told, tuple)
            else self._declared(self.plays.unknown, NotFound, "{id} was not found")
        )

    @property
    def _over(self) -> Refusing | None:
        """The refusal of a cancel of what has ended, as declared."""
        says_so = any(issubclass(leaf, TaskEnded) for leaf in self.kind.errors_by_code.values())
        if self.plays.ended is None and not says_so:
            return None
        return self._declared(self.plays.ended, TaskEnded, "{id} has ended: {status}")

    def _chosen(self, setting: Ending, declared: Refusing | None) -> Refusing | None:
        """Return the refusal of a cancel, by what is set and declared; None: it is accepted."""
        if isinstance(setting, tuple):
            return setting
        return {"as declared": declared, "as ended": self._over, "accept": None}[setting]

    # --- what there is ------------------------------------------------------------------

    def start(
        self,
        status: str | None = None,
        parent: str | None = None,
        *,
        files: int | None = None,
        size: int | None = None,
        seconds: Mapping[str, float] | None = None,
        fails: bool = False,
        failure: str | None = None,
        failure_code: str | None = None,
        cancelable: bool = True,
        **facts: object,
    ) -> str:
        """Make a task without a request, and return what names it: its id or ARN.

        Args:
            status: Where it is now, by the usual way; None for where new ones begin.
            parent: What it is of, such as a file system; None for one that there is, or a new one
                where tasks of the same are not at work side by side.
            files: How many files it processes; None for what the settings say.
            size: How many bytes it processes; None for what the settings say.
            seconds: How long it stays in each status, where not as the settings say.
            fails: Whether it fails where its work would be done.
            failure: What the service says went wrong, if it fails.
            failure_code: The error code that it tells then.
            cancelable: Whether a cancel is not refused.
            **facts: What it is started with: the members of a request that starts one, by AWS's
                names, and what filters of listings look at.

        Raises:
            ValueError: There is no such status or fact, or `parent` has another form.
        """
        self._check_facts(facts)
        if parent is not None:
            forms = self.kind.filter_forms.values()
            if forms and not any(form.fits(parent) for form in forms):
                expected = " or ".join(form.expected for form in forms)
                msg = f"{parent!r} is not {expected}"
                raise ValueError(msg)
            facts = {cast("Parent", self._reading.parent).named[0]: parent, **facts}
        with self.clock.lock:
            task = self._made(facts)
            task.files = task.files if files is None else files
            task.size = task.size if size is None else size
            task.seconds = self.durations(seconds)
            task.fails, task.failure, task.failure_code = fails, failure, failure_code
            task.cancelable = cancelable
            waits = self._waiting(task)
            self._enter(task, waits if isinstance(waits, str) else None)
            self._lead(task, status)
        return task.id

    def _check_facts(self, facts: Mapping[str, object]) -> None:
        filtered = {name for names in self.plays.rules.values() for name in names}
        starts = self.kind.starts
        asked = _names_in(starts.request()) if starts is not None else frozenset[str]()
        unknown = facts.keys() - self._reading.known - asked - filtered
        if unknown:
            msg = f"a task of {self.service} is not started with {min(unknown)!r}"
            raise ValueError(msg)

    def create_parent(self, **facts: object) -> str:
        """Make what tasks are of: a file system, a DataSync task, a state machine; return its id.

        Args:
            **facts: What is told of it, by AWS's names.

        Raises:
            ValueError: Tasks of this kind are of nothing, or of what has no such fact.
        """
        parent = self._reading.parent
        if parent is None:
            msg = f"tasks of {self.service} are of nothing that can be made"
            raise ValueError(msg)
        unknown = facts.keys() - self._facts_of_parents
        if unknown:
            msg = f"what tasks of {self.service} are of has no {min(unknown)!r}"
            raise ValueError(msg)
        with self.clock.lock:
            return self._new_parent(self._like(parent.example), facts).id

    @property
    def _facts_of_parents(self) -> frozenset[str]:
        """What may be told of them."""
        parent = cast("Parent", self._reading.parent)
        if parent.describe is not None:
            return _names_in(parent.describe().response_type)
        listed = parent.listed
        model = model_of(listed.request(None).response_type, listed.items) if listed else None
        return frozenset() if model is None else _names_in(model)

    def _new_parent(self, parent_id: str, facts: Mapping[str, object]) -> SimulatedParent:
        told = cast("Parent", self._reading.parent).facts(parent_id)
        made = SimulatedParent(
            id=parent_id,
            created_at=self.clock.now,
            number=len(self.parents),
            facts=_merged(told, facts),
        )
        self.parents[made.id] = made
        return made

    def _made(self, asked: Mapping[str, object]) -> DeclaredTask:
        """Make a task with what a request says; it is not among the others yet."""
        parent = self._reading.parent
        facts = {**self.plays.facts, **asked}
        owner: str | None = None
        if parent is not None:
            owner = cast("str | None", _first(facts, parent.named))
            if owner is None:
                owner = self._here(parent.example) if parent.shared else self._like(parent.example)
                facts[parent.named[0]] = owner
            of = self.parents.get(owner) or self._new_parent(owner, {})
            facts = {**of.facts, **facts}
        ref = self._ref(self._begun_id(facts, owner))
        return DeclaredTask(
            id=ref.id,
            ref=ref,
            parent=owner,
            is_alone=parent is not None and not parent.shared,
            facts=facts,
            parts=self._parts(ref),
            files=self.settings.files,
            size=self.settings.size,
            seconds=self.durations(None),
            created_at=self.clock.now,
        )

    def _begun_id(self, facts: Mapping[str, object], owner: str | None) -> str:
        """Return the id of a new task: made up but for what is told of it."""
        form, parent = self.kind.ref_type.form, self._reading.parent
        made = self._like(form.example)
        if self.plays.begun is not None:
            return self.plays.begun(facts, made)
        of = parent.listed.of if parent and parent.listed else None
        told = parts_in(of, owner) if of and owner else {}
        filters = {name: facts.get(member) for name, member in self.plays.filters.items()}
        return form.with_parts(made, {**facts, **filters, **told})

    def _enter(self, task: DeclaredTask, status: str | None) -> None:
        """Take in a new task, in a status or where new ones begin."""
        if task.parent is not None:
            self.parents[task.parent].tasks.append(task)
        self._add(task, status or next(iter(self.lifecycle.steps)))

    def _ref(self, name: str) -> AnyRef:
        place = self.place
        return self.kind.ref_type(
            name, region=place.region, account=place.account, partition=place.partition
        )

    def _like(self, example: str) -> str:
        """Return an id like an example, but with other digits, of this place."""
        end = max(example.rfind(mark) for mark in "/:_") + 1
        hexa = "X" if any(map(str.isupper, example[end:])) else "x"
        digits = _NUMBER.sub(
            lambda number: (
                f"{self._random.getrandbits(4 * len(number[0])):0{len(number[0])}{hexa}}"
            ),
            example[end:],
        )
        return self._here(example[:end] + digits)

    def _here(self, example: str) -> str:
        """Return an example of an id, of this place if it is an ARN."""
        parts = example.split(":")
        if parts[0] == "arn":
            parts[1], parts[3], parts[4] = (
                self.place.partition,
                self.place.region,
                self.place.account,
            )
        return ":".join(parts)

    # --- the queue ----------------------------------------------------------------------

    def _runs(self, task: DeclaredTask) -> bool:
        """Say whether a task is at work: it was in a status that passes, and has not ended."""
        passing = self.lifecycle.steps.keys() - {self.lifecycle.canceling}
        return not self._ended(task) and any(change.after in passing for change in task.changes)

    def _waiting(self, task: DeclaredTask) -> Refusing | str | None:
        """Return what becomes of a new task while another of the same is at work."""
        if self.plays.busy is None or task.parent is None:
            return None
        parent = self.parents[task.parent]
        if not any(map(self._runs, parent.tasks)):
            return None
        return self.plays.busy(task.facts)

    def _moved(self, task: DeclaredTask) -> None:
        """Let the next task of the same begin where one has ended."""
        if self.plays.busy is None or task.parent is None or not self._ended(task):
            return
        siblings = self.parents[task.parent].tasks
        waiting = self.lifecycle.cancelable - self.lifecycle.steps.keys()
        following = next((other for other in siblings if other.status in waiting), None)
        if following is not None and not any(map(self._runs, siblings)):
            self._move(following, next(iter(self.lifecycle.steps)), "queue")

    # --- which task is meant ------------------------------------------------------------

    def _stop(self, task: DeclaredTask) -> None:
        """Let an accepted cancel take effect, after some time where no status stands for that."""
        if self._conditions.ignores_cancel or task.canceled_at is not None:
            return
        task.canceled_at, task.told = self.clock.seconds, self.plays.canceled(task.status)
        if task.status not in self._at_work or not self.plays.stops_after:
            super()._stop(task)
            return
        if task.timer is not None:
            task.timer.canceled = True
        stop = partial(self._move, task, self.lifecycle.canceled, "cancel")
        task.timer = self.clock.call_in(self.plays.stops_after, stop)

    def _named_by(
        self, request: Request[Response], build: Callable[[TaskRef], Request[Response]]
    ) -> list[DeclaredTask]:
        """Return the tasks that a request names, in the order they were made."""
        wire, members = request.to_wire(), self.kind.naming.id_members(build)
        if len(members) == 1:
            named = _texts(wire.get(next(iter(members))))
            if self.tasks.keys() >= named:
                return sorted((self.tasks[name] for name in named), key=lambda task: task.number)
        asks = self.kind.naming.asks_by(build)
        return [task for task in self.tasks.values() if asks(wire, task.ref)]

    def _judge(self, name: str | None) -> None:
        """Refuse an id that no task of this account has.

        Raises:
            SimulatedError: It has another form, or is of another account.
        """
        if name is None:
            return
        if not self.kind.ref_type.form.fits(name):
            msg = f"{name!r} is malformed."
            raise self.malformed(msg)
        account = self.kind.ref_type(name).account
        if self.plays.foreign is not None and account != self.place.account:
            raise self.malformed(self.plays.foreign)

    def _judge_parents(self, wire: Mapping[str, object]) -> None:
        """Refuse a request that names a parent that there is not.

        Raises:
            SimulatedError: It does.
        """
        parent = self._reading.parent
        named = [] if parent is None else [wire[name] for name in parent.named if name in wire]
        for name in named:
            if parent is not None and parent.unknown is not None and name not in self.parents:
                raise refused(parent.unknown, id=name)

    # --- answers ------------------------------------------------------------------------

    def _cancel(self, request: Request[Response]) -> Response:
        kind, plays, settings = self.kind, self.plays, self.settings
        asked = self._reading.canceled_id(request)
        named = self._named_by(request, kind.cancel_request)
        task = next((task for task in named if not self._is_hidden(task)), None)
        refusal: Refusing | None = None
        if not named:
            self._judge(asked)
        if task is None:
            refusal = self._chosen(settings.unknown, self._unknown)
        elif self._ended(task):
            refusal = self._chosen(settings.ended, self._over)
        elif task.status in kind.cancels.too_soon and settings.too_soon != "accept":
            refusal = self._chosen(settings.too_soon, None)
        elif not task.cancelable:
            refusal = self._declared(None, Unsupported, "{id} cannot be cancelled.")
        elif task.status in self.lifecycle.cancelable and task.canceled_at is None:
            if not self._conditions.ignores_cancel:
                task.reason = kind.naming.reason_in(request)
            self._stop(task)
        else:
            refusal = self._chosen(settings.again, plays.again)
        if refusal is None:
            return self._accepted(request, task.ref if task else kind.ref_type(str(asked)))
        error = refused(refusal, id=asked, status=task.status if task else "")
        answer = plays.refusal(request.to_wire(), error.code, str(error.message))
        if answer is None:
            raise error
        self._outcome = error.code
        return request.response_type.from_wire(answer)

    def _accepted(self, request: Request[Response], ref: AnyRef) -> Response:
        """Return the answer to a cancel that is accepted."""
        response, cancels, task = request.response_type, self.kind.cancels, self.tasks.get(ref.id)
        told: Answer = {}
        if cancels.task is not None:
            _put_id(told, ref.id, _paths_of(response, cancels.task))
        if task is not None:
            told = _merged(told, self._told(response, task))
        of_status = _path_of(response, cancels.status)
        shown = self._conditions.status or self.lifecycle.canceling or self.lifecycle.canceled
        if self.settings.names_status:
            _put(told, of_status, shown)
        elif of_status:
            _take(told, of_status)
        return response.from_wire(_merged(told, self.plays.answer(ref)))

    def _told(self, response: type[Response], task: DeclaredTask) -> Answer:
        """Return what an answer tells of a task: its description, or of that what names agree.

        Other times that the answer has are now.
        """
        view = self._view(task, lag=0)
        detail = {} if view is None else self._described(view)
        members = dict(members_of(response).values())
        told: Answer = {
            name: self.clock.now for name, of in members.items() if datetime in {of, *get_args(of)}
        }
        for name, of in members.items():
            kinds = {of, *get_args(of)}
            items = {item for kind in get_args(of) for item in get_args(kind)}
            value = detail if self._reading.model in kinds else detail.get(name)
            _put(told, (name,), [detail] if self._reading.model in items else value)
        return told

    def _describe_many(self, request: Request[Response]) -> Response:
        describes = cast("DescribeMany[Shape, Response]", self.kind.describes)
        members, wire = self.kind.naming.id_members(self.kind.describing), request.to_wire()
        if not members or not members <= wire.keys():
            return self._list(request)
        of_ids = next(name for name in members if isinstance(wire[name], list | tuple))
        asked = cast("list[str]", wire[of_ids])
        others = wire.keys() - self.kind.describing(self.kind.example).to_wire().keys() - _PAGING
        if others:
            msg = f"{of_ids} and {min(others)} are not used together"
            raise self.malformed(msg)
        if len(asked) > describes.most:
            msg = f"{of_ids} holds {len(asked)} ids, more than {describes.most}"
            raise self.malformed(msg)
        views = self._views(self._named_by(request, self.kind.describing))
        seen = {name for view in views for name in (view.task.id, view.task.id.rpartition("/")[2])}
        missing = [name for name in asked if name not in seen]
        if missing and self._refuses_unknown_ids:
            self._judge(missing[0] if describes.of is None else None)  # else it may be a part
            raise refused(self._unknown, id=missing[0], status="")
        details = _path_of(request.response_type, describes.details)
        token = _path_of(request.response_type, describes.token)
        following: str | None = None
        if token is not None:
            views, following = self._page_of(request, views, lambda view: view.task.number)
        answer = self._left_out(request, missing)
        _put(answer, details, [self._described(view) for view in views])
        _put(answer, token, following)
        return request.response_type.from_wire(answer)

    @property
    def _refuses_unknown_ids(self) -> bool:
        setting = self.settings.unknown_ids
        return self.plays.refuses_unknown_ids if setting == "as declared" else setting == "refuse"

    def _left_out(self, request: Request[Response], ids: Iterable[str]) -> Answer:
        """Return what a description of many says of ids of which there is no task."""
        describes = cast("DescribeMany[Shape, Response]", self.kind.describes)

        def first(answer: Response) -> object:
            return next(((name, *why) for name, why in describes.left_out(answer)), None)

        paths = paths_of(request.response_type, first)
        if not paths[0]:
            return {}
        entries: list[object] = []
        for name in ids:
            entry: Answer = {}
            why = refused(self._unknown, id=name, status="")
            for path, value in zip(paths, (name, why.code, why.message), strict=True):
                _put(entry, path and path[1:], value)
            entries.append(entry or name)
        return {paths[0][0]: entries}

    def _describe(self, request: Request[Response]) -> Response:
        views = self._views(self._named_by(request, self.kind.describing))
        if not views:
            asked = self._reading.described_id(request)
            self._judge(asked)
            raise refused(self._unknown, id=asked, status="")
        describes = cast("Describe[Shape, Response]", self.kind.describes)
        detail = self._described(views[0])
        path = _path_of(request.response_type, describes.detail)
        answer: Answer = {}
        _put(answer, path, detail)
        return request.response_type.from_wire(answer if path else detail)

    def _described(self, view: View[DeclaredTask], only: frozenset[str] | None = None) -> Answer:
        """Return a description by AWS's names.

        Args:
            view: What a request sees of the task.
            only: The members to tell; None for all.
        """
        task, reading = view.task, self._reading
        has_ended = view.status in self.lifecycle.ended
        is_canceled = task.canceled_at is not None and task.canceled_at <= view.seconds
        code, failure = self._failure(view)
        values: dict[str, object] = {
            "status": view.shown,
            "arn": task.ref.arn,
            "failure_code": code,
            "failure": failure,
            "reason": task.reason if is_canceled and has_ended else None,
            "created": task.created_at,
            "started": view.entered(*self._at_work),
            "ended": view.changes[-1].time if has_ended else None,
        }
        told: Answer = {}
        _put_id(told, task.id, reading.ids)
        for name, path in reading.places.items():
            value = values[name]
            if isinstance(value, datetime) and name in reading.numbers:
                value = round(value.timestamp() * 1000)  # as AWS writes it
            _put(told, path, value)
        wires: list[Mapping[str, object]] = [
            {name: fact for name, fact in task.facts.items() if name in reading.known},
            task.parts,
            told,
            self.plays.members(view),
            task.told if is_canceled else {},
            task.members,
        ]
        if only is not None:
            wires = [{name: wire[name] for name in wire if name in only} for wire in wires]
        made = _merged(*wires[:-1])
        made.update(wires[-1])
        return {name: value for name, value in made.items() if value is not None}

    def _failure(self, view: View[DeclaredTask]) -> tuple[str | None, str | None]:
        """Return the code and the words for what went wrong, if something did."""
        task, lifecycle = view.task, self.lifecycle
        if view.status != lifecycle.failed:
            return None, None
        if lifecycle.canceled == lifecycle.failed and view.entered(*lifecycle.stopping):
            return self.settings.canceled_failure_code, self.settings.canceled_failure
        return task.failure_code, task.failure or self.plays.failure

    @cached_property
    def _at_work(self) -> tuple[str, ...]:
        return tuple(name for name, phase in self.kind.phases.items() if phase is Phase.RUNNING)

    # --- listings -----------------------------------------------------------------------

    def _list(self, request: Request[Response]) -> Response:
        lists, response, wire = self.kind.lists, request.response_type, request.to_wire()
        self._judge_parents(wire)
        self._passes(wire, self.plays.rules)
        views = self._views(self.tasks.values())
        asking = (type(request), self._rest(wire))
        asked = {view.task.id for view in views if self._is_asked(asking, wire, view)}
        if not self.plays.filters_pages:
            views = [view for view in views if view.task.id in asked]
        page, following = self._page_of(request, views, lambda view: view.task.number)
        answer: Answer = {}
        entries = [self._entry(view) for view in page if view.task.id in asked]
        _put(answer, _path_of(response, lists.items), entries)
        _put(answer, _path_of(response, lists.token), following)
        return response.from_wire(answer)

    def _page_of(
        self, request: Request[Response], items: Sequence[ItemT], number_of: Callable[[ItemT], int]
    ) -> tuple[list[ItemT], str | None]:
        """Cut the page that a request asks for, and name the next one if there is more."""
        wire, most = request.to_wire(), self.plays.page
        query = sorted(str(pair) for pair in wire.items() if pair[0] not in _PAGING)
        limit = cast("int", _first(wire, _LIMITS)) or min(_PAGE, most)
        token = cast("str | None", _first(wire, _TOKENS))
        return self._page(items, number_of, min(limit, most), token, (request.operation, query))

    def _is_asked(
        self,
        request: tuple[type[Request[Any]], Mapping[str, object]],
        wire: Mapping[str, object],
        view: View[DeclaredTask],
    ) -> bool:
        """Say whether a listing asks for a task: by its parent, its status and filters.

        Args:
            request: What is asked for, by the class of the request and its `_rest`.
            wire: All of the request.
            view: The task.
        """
        task, rules, of_status = view.task, self.plays.rules, self._reading.places.get("status")
        filters = self.plays.filters.items()
        told = {**task.parts, **task.facts, **task.members} if filters else task.facts
        values = tuple(
            (name, str(told[member])) for name, member in filters if told.get(member) is not None
        )
        key = (view.status, task.parent, values)
        if key not in self._listings:
            asking = self._asking(*key)
            self._listings[key] = [(type(each), self._rest(each.to_wire())) for each in asking]
        return request in self._listings[key] and self._passes(
            wire, rules, lambda name: view.status if (name,) == of_status else told.get(name)
        )

    def _parts(self, ref: AnyRef) -> Mapping[str, object]:
        """Return the parts of an id that descriptions have, by AWS's names."""
        filters = self.plays.filters
        parts = ref.parts if filters else dict[str, str | None]()
        return {member: parts[name] for name, member in filters.items() if name in parts}

    def _passes(
        self,
        wire: Mapping[str, object],
        rules: Mapping[str, Sequence[str]],
        value_of: Callable[[str], object] = lambda _: None,
    ) -> bool:
        """Say whether something passes the filters of a listing.

        Args:
            wire: The request.
            rules: The members that each of its ``Filters`` looks at.
            value_of: Returns the value of a member; None where there is none.

        Raises:
            SimulatedError: A filter is malformed.
        """
        given = cast("list[Mapping[str, object]]", wire.get(_RULES, ()) if rules else ())
        try:
            judged = [passes(rule, rules, value_of) for rule in given]
        except ValueError as error:
            raise self.malformed(str(error)) from None
        return all(judged)

    def _rest(self, wire: Mapping[str, object]) -> Mapping[str, object]:
        """Return a request to list without its rules and what says which page is asked for."""
        without = {*_PAGING, _RULES} if self.plays.rules else _PAGING
        return {name: part for name, part in wire.items() if name not in without}

    def _asking(
        self, status: str, parent: str | None, values: tuple[tuple[str, str], ...]
    ) -> Iterable[Request[Any]]:
        """Return the requests to list that show a task.

        Args:
            status: Its status.
            parent: What it is of.
            values: Its values for filters, by their names.
        """
        states, lists, unasked = self.kind.states, self.kind.lists, self.plays.lists_unasked
        running = tuple(
            name
            for name, state in states.items()
            if state.is_listed and not state.phase.terminal and not lists.one_status
        )
        choices: list[tuple[str, ...]] = [(status,)]
        choices += [()] if unasked is None or status in unasked else []
        choices += [running] if status in running else []
        for size in range(len(values) + 1):
            for chosen, statuses in product(combinations(values, size), choices):
                page = Page(Wanted(filters=dict(chosen)), statuses, parent=parent or "")
                yield lists.request(page)

    def _entry(self, view: View[DeclaredTask]) -> object:
        lists, model = self.kind.lists, self._reading.entry
        if model is None:
            return view.task.id
        if lists.whole:
            return self._described(view)
        entry = self._described(view, _names_in(model))
        _put_id(entry, view.task.id, self._reading.entry_ids)
        _put(entry, _path_of(model, lists.status), view.shown)
        return entry

    # --- parents ------------------------------------------------------------------------

    def _list_parents(self, request: Request[Response]) -> Response:
        parents = cast("Parent", self._reading.parent)
        listed, response = cast("AnyParents", parents.listed), request.response_type
        model = model_of(response, listed.items)
        entries = [(parent, self._parent_described(parent)) for parent in self.parents.values()]
        wire = request.to_wire()
        self._passes(wire, parents.rules)
        entries = [entry for entry in entries if self._passes(wire, parents.rules, entry[1].get)]
        page, following = self._page_of(request, entries, lambda entry: entry[0].number)
        known = frozenset[str]() if model is None else _names_in(model)
        rows: list[object] = []
        for parent, told in page:
            row: Answer = {name: told[name] for name in told if name in known}
            _put(row, None if model is None else _path_of(model, listed.name), parent.id)
            rows.append(row if model else parent.id)
        answer: Answer = {}
        _put(answer, _path_of(response, listed.items), rows)
        _put(answer, _path_of(response, listed.token), following)
        return response.from_wire(answer)

    def _describe_parent(self, request: Request[Response]) -> Response:
        wire = request.to_wire()
        self._judge_parents(wire)
        parent = self.parents[str(_first(wire, cast("Parent", self._reading.parent).named))]
        return request.response_type.from_wire(self._parent_described(parent))

    def _parent_described(self, parent: SimulatedParent) -> Answer:
        declared = cast("Parent", self._reading.parent)
        members = declared.members(parent, self._views(parent.tasks))
        return _merged({declared.named[0]: parent.id}, parent.facts, members)

    # --- start and repair ---------------------------------------------------------------

    def _begin(self, request: Request[Response]) -> Response:
        wire, starts = request.to_wire(), cast("Start[Response]", self.kind.starts)
        token = cast("str | None", _first(wire, _CLIENT_TOKENS))
        task = self._begun_before(wire, token) or self._begun_now(wire)
        if token:
            self._begun[token] = (wire, task.id)
        response = request.response_type
        named: Answer = {}
        _put_id(named, task.id, _paths_of(response, starts.id))
        return response.from_wire(_merged(named, self._told(response, task)))

    def _begun_now(self, wire: Mapping[str, object]) -> DeclaredTask:
        """Start a task.

        Raises:
            SimulatedError: The service refuses.
        """
        refusal = self.plays.refused(wire)
        if refusal is not None:
            raise refused(refusal)
        self._judge_parents(wire)
        task = self._made(wire)
        waits = self._waiting(task)
        if isinstance(waits, tuple):
            raise refused(waits, id=task.parent)
        self._enter(task, waits)
        return task

    def _begun_before(self, wire: Mapping[str, object], token: str | None) -> DeclaredTask | None:
        """Return the task that the same request started before, told by its token.

        Raises:
            SimulatedError: Another request had this token.
        """
        if token not in self._begun:
            return None
        before, task_id = self._begun[token]
        differing = [
            name
            for name in sorted(before.keys() | wire.keys())
            if before.get(name) != wire.get(name)
        ]
        if not differing:
            return self.tasks[task_id]
        if self.plays.token_reused is not None:
            raise refused(self.plays.token_reused(differing[0]))
        msg = f"The client token was used before, with another {differing[0]}."
        raise self.malformed(msg)

    def _repair(self, request: Request[Response]) -> Response:
        repair, response = cast("Repair[Response]", self.kind.takes_up), request.response_type
        named = self._named_by(request, repair.request)
        task = next((task for task in named if not self._is_hidden(task)), None)
        lifecycle = self.lifecycle
        busy = lifecycle.cancelable.union(() if repair.anew else lifecycle.stopping)
        if task is None or task.status in busy | {lifecycle.succeeded}:
            beyond = self._declared(None, Unsupported, "{id} is {status}")
            refusal = beyond if task else self._unknown
            name, status = (task.id, task.status) if task else ("", "")
            raise refused(refusal, id=name, status=status)
        if repair.anew:
            task = self._made(task.facts)
            self._enter(task, None)
        else:
            task.canceled_at, task.reason, task.told = None, None, {}
            self._move(task, self._at_work[0], "forced")
        answer: Answer = {}
        if repair.id is not None:
            _put_id(answer, task.id, _paths_of(response, repair.id))
        return response.from_wire(_merged(answer, self._told(response, task)))


def _nth(function: Callable[[Any], Any], number: int) -> Callable[[Any], object]:
    return lambda value: function(value)[number]


@cache
def _names_in(model: type[Shape]) -> frozenset[str]:
    """Return the members of a structure, by AWS's names."""
    return frozenset(name for name, _ in members_of(model).values())


def _texts(value: object) -> set[str]:
    """Return a text, or those of a list."""
    items = cast("Sequence[object]", value) if isinstance(value, list | tuple) else [value]
    return {item for item in items if isinstance(item, str)}


def _put_id(wire: Answer, name: str, paths: Sequence[tuple[str, ...] | None]) -> None:
    """Write an id where the paths of its parts lead."""
    for path, part in zip(paths, name.rsplit("/", len(paths) - 1), strict=True):
        _put(wire, path, part)


def _first(wire: Mapping[str, object], names: Iterable[str]) -> object:
    return next((wire[name] for name in names if name in wire), None)


def _put(wire: Answer, path: Sequence[str] | None, value: object) -> None:
    """Write a value, if there is one, where a path of AWS's names leads."""
    if not path or value is None:
        return
    for name in path[:-1]:
        wire = cast("Answer", wire.setdefault(name, {}))
    wire[path[-1]] = value


def _take(wire: Answer, path: Sequence[str]) -> None:
    """Take away what a path of AWS's names leads to."""
    for name in path[:-1]:
        wire = cast("Answer", wire.get(name, {}))
    wire.pop(path[-1], None)


def _merged(*wires: Mapping[str, object]) -> Answer:
    """Return structures as one: of each member the last value, of structures all members."""
    merged: Answer = {}
    for wire in wires:
        for name, value in wire.items():
            if type(value) is dict and type(merged.get(name)) is dict:
                merged[name] = _merged(cast("Answer", merged[name]), cast("Answer", value))
            elif value is not None:
                merged[name] = value
    return merged


def simulator_of(kind: AnyKind) -> type[DeclaredSimulator]:
    """Return the simulator of a kind."""
    plays = kind.simulated or Simulated()
    return type(
        f"{kind.ref_type.__name__}Simulator",
        (DeclaredSimulator,),
        {
            "kind": kind,
            "plays": plays,
            "service": kind.key,
            "client": kind.client,
            "omits": frozenset(plays.omits),
            "lifecycle": lifecycle_of(kind),
        },
    )
