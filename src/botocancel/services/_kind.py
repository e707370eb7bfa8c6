"""A kind of task, made from its declarations: what the flows ask of it, read from the table."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeAlias, cast

import attrs

from botocancel import results
from botocancel._generics import DetailT, DetailT_co, ResponseT
from botocancel._text import visible
from botocancel.effects import Emit, call, together
from botocancel.errors import (
    BotocancelError,
    InvalidInput,
    InvalidRequest,
    InvalidResponse,
    NotFound,
    ServiceError,
    TaskEnded,
    Unsupported,
    leaf_of,
    meaning_of,
)
from botocancel.identity import id_told
from botocancel.model import NO_METADATA, ResponseMetadata
from botocancel.phases import Phase, phase_of
from botocancel.results import Aftermath, Basis, Cause, Certainty
from botocancel.services._expected import Expected
from botocancel.services._pages import listed, pages
from botocancel.services._reads import model_of, path_of, paths_of
from botocancel.services._wanted import Wanted
from botocancel.services.declare import Ask, Describe, DescribeMany, Page, Repair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from botocancel.effects import Flow
    from botocancel.identity import DeclaredRef, Told
    from botocancel.model import Request, Response, Shape, Unreadable
    from botocancel.refs import TaskRef
    from botocancel.results import TaskSnapshot
    from botocancel.services._expected import ExpectedAnswers
    from botocancel.services._permissions import Permission
    from botocancel.services.declare import (
        Cancel,
        Form,
        List,
        Look,
        Named,
        Parents,
        Refused,
        Simulated,
        Start,
        State,
    )

__all__ = ["AnyKind", "Kind", "Sight"]

_Shows: TypeAlias = "Callable[[Any], object] | None"
_About: TypeAlias = "Callable[[Any], Iterable[Told]] | None"

_logger = logging.getLogger(__name__)

_NOT_FOUND = ("not found", "not be found", "could not find", "does not exist", "no such")
"""What an invalid-request message says, in lower case, where the task does not exist."""


class Sight(NamedTuple, Generic[DetailT_co]):
    """What one of many tasks was seen to be like."""

    status: str | None
    detail: DetailT_co | None = None
    """The whole description; None where a listing told only the status."""
    failure: BotocancelError | None = None
    """Why there is no description, where one was asked for after the listing."""


class Kind(Generic[DetailT, ResponseT]):
    """One kind of task: everything that the library needs to know of it.

    `DetailT` is the service's own description of a task, `ResponseT` its answer to a cancel.

    Args:
        ref: The class of its refs, which has the key of the kind and the name of its client.
        title: What AWS calls the service.
        states: The statuses.
        cancel: How a task is cancelled.
        describe: How tasks are described.
        list: How tasks are listed.
        look: What is read of a description.
        aftermath: What AWS documents that a cancel leaves behind; a function of the
            description where that matters, which is called with None where there is none.
        breaks_alike: Whether AWS documents that a failure leaves the same behind.
        permissions: What the caller's identity must be allowed to do.
        errors_by_code: Of the client: the generated ``BY_CODE``.
        error_base: Of the client: the generated class of all of its errors.
        names: Models that name a task, beside those that the other declarations read.
        answers: What answers hold, of operations beside those that the others name.
        sights: Looks at many tasks, where there is something cheaper than to describe them.
        start: How a task is started.
        repair: Starts the work of a task anew, or takes the task up again, where AWS documents
            that; see `restart`.
        forms: What the values of filters look like, by the names of the filters.
        status_lag: Seconds by which a description may be behind. Not documented, unless the
            service says so.
        doubtful: Refusals of a cancel that several situations share; a describe decides.
        reports_canceled: Whether a description can say that a task ended by being cancelled;
            None: by the statuses.
        simulated: How the simulated AWS plays the kind.
    """

    def __init__(
        self,
        ref: type[DeclaredRef[DetailT, ResponseT]],
        *,
        title: str,
        states: Mapping[str, State],
        cancel: Cancel[ResponseT],
        describe: Describe[DetailT, Any] | DescribeMany[DetailT, Any],
        list: List[Any, Any],  # noqa: A002  (as AWS's operations are called)
        look: Look[DetailT],
        aftermath: Aftermath | Callable[[DetailT | None], Aftermath],
        breaks_alike: bool = False,
        permissions: tuple[Permission, ...],
        errors_by_code: Mapping[str, type[ServiceError]],
        error_base: type[ServiceError],
        names: Named = tuple,
        answers: ExpectedAnswers | None = None,
        sights: Callable[
            [Sequence[TaskRef[DetailT, ResponseT]]],
            Flow[dict[TaskRef[DetailT, ResponseT], Sight[DetailT] | BotocancelError]],
        ]
        | None = None,
        start: Start[Any] | None = None,
        repair: Repair[Any]
        | Callable[[TaskRef[DetailT, ResponseT]], Flow[TaskRef[DetailT, ResponseT]]]
        | None = None,
        forms: Mapping[str, Form] | None = None,
        status_lag: float = 5.0,
        doubtful: tuple[type[ServiceError], ...] = (TaskEnded, InvalidRequest),
        reports_canceled: bool | None = None,
        simulated: Simulated | None = None,
    ) -> None:
        self.ref_type = ref
        self.key: str = ref.key
        self.client: str = ref.service
        self.title = title
        self.states = states
        self.phases: dict[str, Phase] = {status: state.phase for status, state in states.items()}
        self.cancels: Cancel[ResponseT] = cancel
        self.describes: Describe[DetailT, Any] | DescribeMany[DetailT, Any] = describe
        self.lists: List[Any, Any] = list
        self.look: Look[DetailT] = look
        self.permissions = permissions
        self.errors_by_code = errors_by_code
        self.error_base = error_base
        self.starts = start
        self.takes_up: Repair[Response] | None = (
            cast("Repair[Response]", repair) if isinstance(repair, Repair) else None
        )
        self.repairs: (
            Callable[[TaskRef[DetailT, ResponseT]], Flow[TaskRef[DetailT, ResponseT]]] | None
        ) = None if isinstance(repair, Repair) else repair
        self.status_lag = status_lag
        self.doubtful_refusals = doubtful
        self.simulated = simulated
        under: Parents[Any, Any] | None = list.under
        parents = {} if under is None else {under.filter: under.form}
        self.filter_forms: Mapping[str, Form] = {**parents, **(forms or {})}
        tag = ["tag"] if look.tags else []
        self.filters: frozenset[str] = frozenset({*self.filter_forms, *tag})
        if reports_canceled is None:
            reports_canceled = Phase.CANCELED in self.phases.values()
        self.reports_canceled = reports_canceled
        self.breaks_alike = breaks_alike
        self._aftermath = aftermath
        self._names = names
        self._more_answers, self._sights = answers or {}, sights
        self._id_members: dict[object, frozenset[str]] = {}
        """By what builds the request: what they are takes as many requests as an id has places."""

    def __repr__(self) -> str:
        return f"<Kind {self.key}>"

    # --- cancel -------------------------------------------------------------------------

    def cancel_request(
        self, ref: TaskRef[DetailT, ResponseT], reason: str | None = None
    ) -> Request[ResponseT]:
        """Return the request that asks the service to stop the task.

        Args:
            ref: The task.
            reason: Why, for services that take a reason.
        """
        return self.cancels.request(Ask(ref, reason))

    def reason_in(self, request: Request[ResponseT]) -> str | None:
        """Return the reason that a request to cancel gives: what would be another with another."""
        example = self.ref_type(self.ref_type.form.example)
        plain, other = (self.cancel_request(example, why).to_wire() for why in (None, "?"))
        given = request.to_wire()
        told = (given.get(name) for name in other if other[name] != plain.get(name))
        return cast("str | None", next(told, None))

    def status_in(self, response: ResponseT) -> str | None:
        """Return the status that the answer to a cancel names, if it names one."""
        return self.cancels.status(response)

    def refusal_in(self, response: ResponseT, operation: str) -> ServiceError | None:
        """Return the refusal that stands inside an answer to a cancel, if one does, as an error."""
        refused = self.cancels.refused(response)
        if refused is None:
            return None
        return self._refusal(refused, operation, response.metadata)

    def _refusal(
        self, refused: Refused, operation: str, metadata: ResponseMetadata
    ) -> ServiceError:
        """Return a refusal that stands inside an answer as an error."""
        leaf = self.error_class(refused.code, 400, refused.message)
        if leaf is self.error_base:  # of a code that is not known
            leaf = self.leaf(InvalidRequest)
        return _error(leaf, refused.code, refused.message, operation, metadata)

    # --- describe -----------------------------------------------------------------------

    def describe(self, ref: TaskRef[DetailT, ResponseT]) -> Flow[DetailT]:
        """Ask the service for its description of the task."""
        if isinstance(self.describes, DescribeMany):
            found = (yield from self._described([ref], {}))[ref]
            if isinstance(found, BotocancelError):
                raise found
            return found
        request = self.describes.request(ref)
        answer = yield from call(request, ref)
        detail = self.describes.detail(answer)
        if detail is None:
            raise self._missing(ref, [], request.operation, answer.metadata)
        return detail

    def describe_many(
        self, refs: Sequence[TaskRef[DetailT, ResponseT]]
    ) -> Flow[dict[TaskRef[DetailT, ResponseT], Sight[DetailT] | BotocancelError]]:
        """Look at many tasks of one place, in as few requests as the service allows.

        What fails for one task alone is its value; what fails for all is raised.
        """
        return (yield from (self._sights or self.describe_each)(refs))

    def describe_each(
        self, refs: Sequence[TaskRef[DetailT, ResponseT]]
    ) -> Flow[dict[TaskRef[DetailT, ResponseT], Sight[DetailT] | BotocancelError]]:
        """Describe many tasks of one place."""
        if not isinstance(self.describes, DescribeMany):
            sights = yield from together([self._sight(ref) for ref in refs])
            return dict(zip(refs, sights, strict=True))
        most = self.describes.most
        chunks = [refs[start : start + most] for start in range(0, len(refs), most)]
        parts = yield from together([self._chunk(chunk) for chunk in chunks])
        return {
            ref: found
            if isinstance(found, BotocancelError)
            else Sight(self.look.status(found), found)
            for part in parts
            for ref, found in part.items()
        }

    def _sight(self, ref: TaskRef[DetailT, ResponseT]) -> Flow[Sight[DetailT] | BotocancelError]:
        try:
            detail = yield from self.describe(ref)
        except BotocancelError as error:
            return error
        return Sight(self.look.status(detail), detail)

    def _chunk(
        self, refs: Sequence[TaskRef[DetailT, ResponseT]]
    ) -> Flow[dict[TaskRef[DetailT, ResponseT], DetailT | BotocancelError]]:
        """Describe as many tasks as one request takes.

        Where one unknown id fails the whole request, it is halved until that one is alone. Those
        that an earlier page of the same answer described are not asked about again.
        """
        found: dict[str, DetailT] = {}
        try:
            return (yield from self._described(refs, found))
        except (NotFound, InvalidRequest) as error:
            if len(refs) == 1:
                return {refs[0]: found.get(refs[0].id, error)}
            told: dict[TaskRef[DetailT, ResponseT], DetailT | BotocancelError] = {
                ref: found[ref.id] for ref in refs if ref.id in found
            }
            left = [ref for ref in refs if ref not in told]
            middle = (len(left) + 1) // 2
            for half in filter(None, (left[:middle], left[middle:])):
                told |= yield from self._chunk(half)
            return told
        except BotocancelError as error:
            return {ref: found.get(ref.id, error) for ref in refs}

    def _described(
        self, refs: Sequence[TaskRef[DetailT, ResponseT]], found: dict[str, DetailT]
    ) -> Flow[dict[TaskRef[DetailT, ResponseT], DetailT | BotocancelError]]:
        """Return the description of each task, or why the answer has none.

        Args:
            refs: The tasks.
            found: Where to note those of each page, for a later one may not come.
        """
        describes = cast("DescribeMany[DetailT, Response]", self.describes)
        ids = {ref.id for ref in refs}
        odd: dict[str | None, str] = {}
        left_out: dict[str | None, ServiceError] = {}
        metadata, operation = NO_METADATA, describes.request(refs, None).operation
        for turn in pages(
            lambda token: describes.request(refs, token), refs[0], token=describes.token
        ):
            page = yield from turn
            metadata = page.metadata
            for detail in listed(describes.details(page), operation):
                found[id_told(describes.id(detail)) or ""] = detail
            for name, why in describes.left_out(page):
                left_out[name] = self._refusal(why, operation, metadata)
            for item in page.unreadable:
                odd[_raw_id(page, item, describes.details, describes.id)] = item.reason
            if found.keys() >= ids:
                break
        odd.update({name: f"one is called {name!r}" for name in found.keys() - ids})
        return {
            ref: found.get(ref.id)
            or left_out.get(ref.id)
            or self._missing(
                ref,
                [why for name, why in odd.items() if name == ref.id or name not in ids],
                operation,
                metadata,
            )
            for ref in refs
        }

    def _missing(
        self,
        ref: TaskRef[DetailT, ResponseT],
        odd: Sequence[str],
        operation: str,
        metadata: ResponseMetadata,
    ) -> BotocancelError:
        """Return why an answer has no description of a task.

        Args:
            ref: The task.
            odd: What is wrong with those items of the answer that may be the description.
            operation: What was asked.
            metadata: That of the answer.
        """
        if odd:
            msg = f"{operation}: the description of {ref} cannot be read: {odd[0]}"
            return InvalidResponse(msg, malformed=True)
        return self.error(NotFound, f"the answer holds no task {ref}", operation, metadata)

    # --- answers ------------------------------------------------------------------------

    @cached_property
    def answers(self) -> ExpectedAnswers:
        """What the answer to each operation holds and is about; each is found out when needed."""
        cancels, describes, lists = self.cancels, self.describes, self.lists
        example = self.ref_type(self.ref_type.form.example)
        task, begun = cancels.task, self.starts
        rows: list[tuple[type[Request[Any]], _Shows, _About]] = []
        if begun is not None:
            rows.append((begun.request(), begun.id, None))
        if lists.under is not None:
            rows.append((type(lists.under.request(None)), lists.under.items, None))
        rows.append((type(lists.request(Page(Wanted(), ("",)))), lists.items, None))
        if self.takes_up is not None:
            rows.append((type(self.takes_up.request(example)), self.takes_up.shows, None))
        if isinstance(describes, DescribeMany):
            many = describes
            named: _About = lambda answer: map(many.id, many.details(answer) or ())  # noqa: E731
            rows.append((type(self.describing(example)), many.details, named))
        else:
            one = describes
            named = lambda answer: [one.id(d) for d in [one.detail(answer)] if d is not None]  # noqa: E731
            shows: _Shows = lambda answer: one.id(cast("Any", one.detail(answer)))  # noqa: E731
            rows.append((type(self.describing(example)), shows, named))
        about: _About = (lambda answer: [task(answer)]) if task else None
        rows.append((type(self.cancel_request(example)), cancels.shows, about))
        made = {kind.operation: partial(self._expected, *row) for row in rows for kind in row[:1]}
        return _Rows({**made, **{name: _always(row) for name, row in self._more_answers.items()}})

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
        is_cancel = shows is self.cancels.shows
        build = self.cancel_request if is_cancel else self.describing
        return Expected(
            member=members[0] if members else None,
            others=tuple(members[1:]),
            strangers=_nobody if named is None else self._strangers(build, named),
            may_be_empty=is_cancel and self.cancels.may_be_empty,
        )

    def _strangers(
        self,
        build: Callable[[TaskRef[DetailT, ResponseT]], Request[Any]],
        named: Callable[[Any], Iterable[Told]],
    ) -> Callable[[Request[Any], Any], Collection[str]]:
        """Return what tells the tasks that an answer names, but its request does not.

        Args:
            build: Returns the request about one task.
            named: Returns the ids in an answer.
        """
        members = self.id_members(build)

        def strangers(request: Request[Any], answer: object) -> Collection[str]:
            asked = request.to_wire()
            if not asked.keys() & members:  # a listing by the same operation
                return ()
            ids = [name for name in map(id_told, named(answer)) if name]
            return [name for name in ids if not self._asks(asked, members, build, name)]

        return strangers

    def id_members(
        self, build: Callable[[TaskRef[DetailT, ResponseT]], Request[Any]]
    ) -> frozenset[str]:
        """Return the members of a request that name its task: that hold the id, or parts of it."""
        if build not in self._id_members:
            self._id_members[build] = self._found_id_members(build)
        return self._id_members[build]

    def _found_id_members(
        self, build: Callable[[TaskRef[DetailT, ResponseT]], Request[Any]]
    ) -> frozenset[str]:
        form = self.ref_type.form
        plain = build(self.ref_type(form.example)).to_wire()
        others = [build(self.ref_type(other)).to_wire() for other in form.neighbours]
        return frozenset(
            name
            for name, value in plain.items()
            if (_only(value) or " ") in form.example
            and any(value != other.get(name) for other in others)
        )

    def id_read(
        self, build: Callable[[TaskRef[DetailT, ResponseT]], Request[Any]]
    ) -> Callable[[Request[Any]], str | None]:
        """Return what reads the id of the one task that a request names.

        Args:
            build: Returns the request about one task.
        """
        example = self.ref_type.form.example
        plain = build(self.ref_type(example)).to_wire()
        members = sorted(
            self.id_members(build), key=lambda name: example.find(_only(plain[name]) or "")
        )

        def read(request: Request[Any]) -> str | None:
            wire = request.to_wire()
            return id_told(tuple(_only(wire.get(name)) for name in members))

        return read

    def asks_by(
        self, build: Callable[[TaskRef[DetailT, ResponseT]], Request[Any]]
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
        build: Callable[[TaskRef[DetailT, ResponseT]], Request[Any]],
        name: str,
    ) -> bool:
        """Say whether a request asks about the task of an id."""
        if not self.ref_type.form.fits(name):
            return False
        wire = build(self.ref_type(name)).to_wire()
        pairs = ((self._told(asked.get(each)), self._told(wire.get(each))) for each in members)
        return all(_covers(*pair) for pair in pairs)

    def _told(self, value: object) -> object:
        """Return a text as it is compared: in lower case where the service may change the case."""
        is_folded = self.ref_type.form.any_case and isinstance(value, str)
        return cast("str", value).lower() if is_folded else value

    # --- list ---------------------------------------------------------------------------

    def active(self, wanted: Wanted, region: str | None) -> Flow[None]:
        """Emit a snapshot of each task that has not ended, of those wanted, page by page.

        Asked only if every filter that is set is among `filters`.
        """
        seen: set[str] = set()
        for rows in self._rounds(wanted):
            parents = yield from self._parents(wanted, region)
            for parent in parents:
                yield from self._listed(Page(wanted, rows, parent=parent), region, seen)

    def _rounds(self, wanted: Wanted) -> list[tuple[str, ...]]:
        """Return the statuses of each listing that there has to be; no statuses stand for all."""
        if not self.lists.by_status or (wanted.ended and not self.lists.one_status):
            return [()]
        statuses = [
            status
            for status, state in self.states.items()
            if state.is_listed and (wanted.ended or not state.phase.terminal)
        ]
        if not self.lists.one_status:
            return [tuple(statuses)]
        again = [status for status in statuses if self.states[status].recurs]
        return [(status,) for status in (*statuses, *again)]

    def _parents(self, wanted: Wanted, region: str | None) -> Flow[Sequence[str]]:
        """Return the parents under which to list; one empty name where there are none."""
        under = self.lists.under
        if under is None:
            return [""]
        given = wanted.value_of(under.filter)
        if given is not None:
            return [given]
        names: dict[str, None] = {}
        for turn in pages(under.request, region=region, token=under.token):
            page = yield from turn
            operation = under.request(None).operation
            for item in page.unreadable:
                yield self.gap(None, region, item.reason)
            items = listed(under.items(page), operation)
            names.update(dict.fromkeys(under.name(item) or "" for item in items))
        return list(filter(None, names))

    def _listed(self, first: Page, region: str | None, seen: set[str]) -> Flow[None]:
        """Emit what is wanted of one listing."""
        lists = self.lists
        operation = lists.request(first).operation
        for turn in pages(
            lambda token: lists.request(first._replace(token=token)),
            region=region,
            token=lists.token,
        ):
            page = yield from turn
            for unreadable in page.unreadable:
                task = _raw_id(page, unreadable, lists.items, lambda e: lists.id(e, first.parent))
                yield self.gap(task, region, unreadable.reason)
            fresh: dict[TaskRef[DetailT, ResponseT], DetailT | None] = {}
            for entry in listed(lists.items(page), operation):
                name = id_told(lists.id(entry, first.parent))
                stranger = lists.stranger(entry, first)
                if stranger is not None:
                    msg = (
                        f"{operation}: the answer is about {stranger!r}, which was not asked about"
                    )
                    raise InvalidResponse(msg)
                if self.phase(lists.status(entry)).terminal and not first.wanted.ended:
                    continue
                try:
                    ref = self.ref_in(name, operation, region)
                except InvalidResponse as error:
                    yield self.gap(name, region, str(error))
                    continue
                if ref.id not in seen:
                    seen.add(ref.id)
                    fresh[ref] = cast("DetailT", entry) if lists.whole else None
            yield from self._emit_listed(fresh, first.wanted)

    def _emit_listed(
        self, fresh: Mapping[TaskRef[DetailT, ResponseT], DetailT | None], wanted: Wanted
    ) -> Flow[None]:
        sights: dict[TaskRef[DetailT, ResponseT], Sight[DetailT] | BotocancelError]
        if self.lists.whole:
            sights = {ref: Sight(None, detail) for ref, detail in fresh.items()}
        else:
            sights = yield from self.describe_each(list(fresh))
        for ref, sight in sights.items():
            if isinstance(sight, BotocancelError):
                is_odd = isinstance(sight, InvalidResponse) and sight.malformed
                is_missing = isinstance(sight, ServiceError) and self.says_not_found(sight)
                if not (is_odd or is_missing):
                    raise sight
                yield self.gap(ref.id, ref.region, str(sight))
            elif sight.detail is not None:
                snapshot = self.described(self.located(ref, sight.detail), sight.detail)
                if wanted.fits(snapshot) and self._has_tag(sight.detail, wanted.tag):
                    yield Emit(snapshot)

    def _has_tag(self, detail: DetailT, tag: tuple[str, str] | None) -> bool:
        return tag is None or (self.look.tags is not None and tag in self.look.tags(detail))

    def gap(self, task: str | None, region: str | None, reason: str) -> Emit:
        """Return what `active` emits of a task that cannot be read, and warn of it.

        Args:
            task: The id that the service gave it, if it gave one.
            region: Where it was listed.
            reason: Why it cannot be read.
        """
        _logger.warning(
            "%s: a task is left out of the listing, since it cannot be read: %s",
            self.title,
            visible(reason),
            extra={"aws_service": self.client, "task": task},
        )
        return Emit(results.Gap(service=self.key, region=region, task=task, reason=reason))

    # --- start and repair ---------------------------------------------------------------

    def restart(self, ref: TaskRef[DetailT, ResponseT]) -> Flow[TaskRef[DetailT, ResponseT]]:
        """Start the work of a task anew; return the new task, or the same, taken up again.

        Raises:
            Unsupported: AWS documents no such repair.
        """
        if self.takes_up is not None:
            yield from call(self.takes_up.request(ref), ref)
            return ref
        if self.repairs is None:
            reason = (
                f"{self.title} documents no way to start a task like {ref} anew; create a new one"
            )
            raise self.error(Unsupported, reason, "restart")
        return (yield from self.repairs(ref))

    # --- what a description says --------------------------------------------------------

    def status_of(self, detail: DetailT) -> str | None:
        """Return the raw status in a description."""
        return self.look.status(detail)

    def phase(self, status: str | None) -> Phase:
        """Map a raw status."""
        return phase_of(status, self.phases, self.key)

    def described(self, ref: TaskRef[DetailT, ResponseT], detail: DetailT) -> TaskSnapshot[DetailT]:
        """Read the service's description into the common vocabulary.

        It says so where a failed task may be a cancelled one.
        """
        look = self.look
        status = look.status(detail)
        phase = look.phase(detail) or self.phase(status)
        created_at, started_at, ended_at = look.times(detail)
        is_doubtful = phase is Phase.FAILED and not self.reports_canceled
        return results.TaskSnapshot(
            ref=ref,
            phase=phase,
            certainty=Certainty.INFERRED if is_doubtful else Certainty.REPORTED,
            basis=Basis.NOTHING if is_doubtful else Basis.STATUS,
            status=status,
            type=look.type(detail),
            parent=look.parent(detail),
            progress=look.progress(detail),
            created_at=created_at,
            started_at=started_at,
            ended_at=ended_at,
            failure=look.failure(detail),
            detail=detail,
        )

    def cause(self, detail: DetailT, reason: str | None) -> Cause:
        """Return what ended a task that was cancelled, as far as its description tells.

        Args:
            detail: The description.
            reason: What was sent with the cancel that the service accepted, in its caller's words.
        """
        told = self.look.cause(detail) or Cause.UNKNOWN
        is_ours = reason is not None and self.look.reason(detail) == reason
        return Cause.THIS_CANCEL if is_ours and told is not Cause.LIMIT else told

    def aftermath(self, detail: DetailT | None) -> Aftermath:
        """Return what AWS documents a cancel to leave behind, of this task if described."""
        left = self._aftermath
        return left if isinstance(left, Aftermath) else left(detail)

    def aftermath_of(self, phase: Phase, detail: DetailT) -> Aftermath | None:
        """Return what is documented of a task that has ended so; None where nothing is."""
        is_left = phase is Phase.CANCELED or (self.breaks_alike and phase is Phase.FAILED)
        return self.aftermath(detail) if is_left else None

    # --- identity -----------------------------------------------------------------------

    def ref(self, id: str, **place: str | None) -> TaskRef[DetailT, ResponseT]:  # noqa: A002  (the field's name)
        """Return the ref of an id of this kind; see `TaskRef` for what else a ref has."""
        return self.ref_type(id, **place)

    def located(
        self, ref: TaskRef[DetailT, ResponseT], detail: DetailT
    ) -> TaskRef[DetailT, ResponseT]:
        """Return the ref with what the description says of the task's place."""
        arn = self.look.arn(detail)
        told = self.ref_type.match(arn) if arn else None
        if told is None or self._told(told.id) != self._told(ref.id):
            return ref
        return attrs.evolve(told, id=ref.id)

    def ref_of(self, shape: Shape) -> TaskRef[DetailT, ResponseT] | None:
        """Return the task that a typed model of this service names, if it names one."""
        read = self._readers.get(type(shape))
        name = id_told(read(shape)) if read else None
        if name is None:
            return None
        return self.ref_type(name) if self.ref_type.form.fits(name) else self.ref_type.match(name)

    @cached_property
    def _readers(self) -> Mapping[type[Shape], Callable[[Any], Told]]:
        """What reads the id in each model that names a task."""
        example = self.ref_type(self.ref_type.form.example)
        builds: list[Callable[[Any], Request[Any]]] = [self.describing, self.cancel_request]
        requests: dict[type[Shape], Callable[[Any], Told]] = {
            type(build(example)): self.id_read(build) for build in builds
        }
        describes, lists, starts = self.describes, self.lists, self.starts
        to_detail = describes.details if isinstance(describes, DescribeMany) else describes.detail
        listing = lists.request(Page(Wanted(), self._rounds(Wanted())[0])).response_type
        rows: list[tuple[type[Shape] | None, Callable[[Any], Told]]] = [
            (self.cancel_request(example).response_type, self.cancels.task or _nothing),
            (model_of(listing, lists.items), lambda entry: lists.id(entry, "")),
            (model_of(self.describing(example).response_type, to_detail), describes.id),
        ]
        if starts is not None:
            rows.append((starts.request().response_type, starts.id))
        answers = {model: read for model, read in rows if model is not None}
        return {**requests, **answers, **dict(self._names())}

    def describing(self, ref: TaskRef[DetailT, ResponseT]) -> Request[Any]:
        """Return the request that describes one task alone."""
        describes = self.describes
        if isinstance(describes, DescribeMany):
            return describes.request([ref], None)
        return describes.request(ref)

    def ref_in(
        self, name: str | None, operation: str, region: str | None = None
    ) -> TaskRef[DetailT, ResponseT]:
        """Return the task that an answer names.

        Raises:
            InvalidResponse: It names none, or by an id whose form is not known.
        """
        if name is None:
            msg = f"{operation}: the answer names no task"
            raise InvalidResponse(msg, malformed=True)
        try:
            ref = self.ref_type.parse(name)
        except InvalidInput as error:
            msg = f"{operation}: the answer names a task by an id of unknown form: {error}"
            raise InvalidResponse(msg, malformed=True) from error
        is_placed = ref.region is not None or region is None
        return ref if is_placed else attrs.evolve(ref, region=region)

    # --- errors -------------------------------------------------------------------------

    def error_class(
        self, code: str, http_status: int | None, message: str | None = None
    ) -> type[ServiceError]:
        """Return the class for an error: by the service's codes, the common ones, the status.

        A code that the service models means what its model says, whatever it means elsewhere.
        """
        modelled = self.errors_by_code.get(code)
        return modelled or self.leaf(meaning_of(code, http_status, message))

    def leaf(self, meaning: type[ServiceError]) -> type[ServiceError]:
        """Return the class that says of this service what a semantic class says."""
        return leaf_of(self.error_base, meaning)

    def error(
        self,
        meaning: type[ServiceError],
        message: str,
        operation: str,
        metadata: ResponseMetadata = NO_METADATA,
    ) -> ServiceError:
        """Return an error that is concluded here, in the form of one that the service answers."""
        return _error(self.leaf(meaning), meaning.__name__, message, operation, metadata)

    def says_not_found(self, error: ServiceError) -> bool:
        """Tell by its text whether an invalid-request error means a task that does not exist.

        AWS documents no text; this is only a tie-break, and unverified.
        """
        if isinstance(error, NotFound):
            return True
        message = (error.message or "").lower()
        return isinstance(error, InvalidRequest) and any(text in message for text in _NOT_FOUND)


AnyKind: TypeAlias = "Kind[Shape, Response]"
"""A kind of whatever task."""


def _error(
    leaf: type[ServiceError],
    code: str,
    message: str | None,
    operation: str,
    metadata: ResponseMetadata,
) -> ServiceError:
    answer = {
        "Error": {"Code": code, "Message": message or ""},
        "ResponseMetadata": {
            "RequestId": metadata.request_id,
            "HTTPStatusCode": metadata.http_status,
            "RetryAttempts": metadata.attempts - 1,
        },
    }
    return leaf(answer, operation)


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


def _only(value: object) -> str | None:
    """Return a text, or the only one of a list."""
    items = cast("Sequence[object]", value) if isinstance(value, list | tuple) else [value]
    return items[0] if len(items) == 1 and isinstance(items[0], str) else None


def _covers(asked: object, wanted: object) -> bool:
    """Say whether a member of a request names what another request's names, or more."""
    if isinstance(asked, list | tuple) and isinstance(wanted, list | tuple):
        return set(cast("Sequence[object]", wanted)) <= set(cast("Sequence[object]", asked))
    return asked == wanted


def _raw_id(page: Response, item: Unreadable, *reads: Callable[[Any], object]) -> str | None:
    """Return the id in an item that cannot be read, if at least that can be."""
    value: object = item.item
    for name in (path_of(type(page), *reads) or ("", ""))[1:]:
        parts = cast("Mapping[str, object]", value if isinstance(value, Mapping) else {})
        value = parts.get(name)
    return value if isinstance(value, str) else None
