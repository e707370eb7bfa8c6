"""A kind of task, made from its declarations: what the flows ask of it, read from the table."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, cast

import attrs

from botocancel import results
from botocancel._generics import DetailT, ResponseT
from botocancel.effects import call
from botocancel.errors import (
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
from botocancel.identity import filled, id_told
from botocancel.model import NO_METADATA, ResponseMetadata
from botocancel.phases import Phase, phase_of
from botocancel.results import Aftermath, Basis, Cause, Certainty
from botocancel.services._describing import describe, describe_each, sights_by_listing
from botocancel.services._listing import active
from botocancel.services._naming import Naming
from botocancel.services._permissions import permissions_of
from botocancel.services.declare import Ask, Describe, DescribeMany, Page, Repair

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from botocancel.effects import Flow
    from botocancel.errors import BotocancelError
    from botocancel.identity import DeclaredRef
    from botocancel.model import Request, Response, Shape
    from botocancel.refs import TaskRef
    from botocancel.results import TaskSnapshot
    from botocancel.services._describing import Sight
    from botocancel.services._expected import ExpectedAnswers
    from botocancel.services._permissions import Actions, Permission
    from botocancel.services._wanted import Wanted
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

__all__ = ["AnyKind", "Kind"]

_NOT_FOUND = ("not found", "not be found", "could not find", "does not exist", "no such")
"""What an invalid-request message says, in lower case, where the task does not exist."""


class Kind(Generic[DetailT, ResponseT]):
    """One kind of task: everything that the library needs to know of it.

    `DetailT` is the service's own description of a task, `ResponseT` its answer to a cancel.

    Args:
        ref: The class of its refs, which has the key of the kind and the name of its client.
        errors: The generated class of all errors of the client.
        states: The statuses.
        cancel: How a task is cancelled.
        describe: How tasks are described.
        list: How tasks are listed.
        look: What is read of a description.
        aftermath: What AWS documents that a cancel leaves behind; a function of the
            description where that matters, which is called with None where there is none.
        breaks_alike: Whether AWS documents that a failure leaves the same behind.
        permissions: What the caller's identity must be allowed to do.
        names: Models that name a task, beside those that the other declarations read.
        answers: What answers hold, of operations beside those that the others name.
        start: How a task is started.
        repair: Starts the work of a task anew, or takes the task up again, where AWS documents
            that; see `restart`.
        forms: What the values of filters look like, by the names of the filters.
        status_lag: Seconds by which a description may be behind. Not documented, unless the
            service says so.
        missing: What else invalid-request errors say, in lower case, where there is no such task.
        doubtful: Refusals of a cancel that several situations share; a describe decides.
        reports_canceled: Whether a description can say that a task ended by being cancelled;
            None: by the statuses.
        simulated: How the simulated AWS plays the kind.
    """

    def __init__(
        self,
        ref: type[DeclaredRef[DetailT, ResponseT]],
        *,
        errors: type[ServiceError],
        states: Mapping[str, State],
        cancel: Cancel[ResponseT],
        describe: Describe[DetailT, Any] | DescribeMany[DetailT, Any],
        list: List[Any, Any],  # noqa: A002  (as AWS's operations are called)
        look: Look[DetailT],
        aftermath: Aftermath | Callable[[DetailT | None], Aftermath],
        breaks_alike: bool = False,
        permissions: Actions | tuple[Permission, ...],
        names: Named = tuple,
        answers: ExpectedAnswers | None = None,
        start: Start[Any] | None = None,
        repair: Repair[Any]
        | Callable[[TaskRef[DetailT, ResponseT]], Flow[TaskRef[DetailT, ResponseT]]]
        | None = None,
        forms: Mapping[str, Form] | None = None,
        status_lag: float = 5.0,
        missing: tuple[str, ...] = (),
        doubtful: tuple[type[ServiceError], ...] = (TaskEnded, InvalidRequest),
        reports_canceled: bool | None = None,
        simulated: Simulated | None = None,
    ) -> None:
        self.ref_type = ref
        self.key: str = ref.key
        self.client: str = ref.service
        self.title: str = errors.title
        """What AWS calls the service."""
        self.errors_by_code: Mapping[str, type[ServiceError]] = errors.by_code
        self.error_base: type[ServiceError] = errors
        self.states = states
        self.phases: dict[str, Phase] = {status: state.phase for status, state in states.items()}
        self.cancels: Cancel[ResponseT] = cancel
        self.describes: Describe[DetailT, Any] | DescribeMany[DetailT, Any] = describe
        self.lists: List[Any, Any] = list
        self.look: Look[DetailT] = look
        self.starts = start
        self.takes_up: Repair[Response] | None = (
            cast("Repair[Response]", repair) if isinstance(repair, Repair) else None
        )
        self.repairs: (
            Callable[[TaskRef[DetailT, ResponseT]], Flow[TaskRef[DetailT, ResponseT]]] | None
        ) = None if isinstance(repair, Repair) else repair
        self.status_lag = status_lag
        self.missing: tuple[str, ...] = (*_NOT_FOUND, *missing)
        self.doubtful_refusals = doubtful
        self.simulated = simulated
        under: Parents[Any, Any] | None = list.under
        parents = {} if under is None else {under.filter: _exemplified(under, self.example)}
        self.filter_forms: Mapping[str, Form] = {**parents, **(forms or {})}
        tag = ["tag"] if look.tags else []
        self.filters: frozenset[str] = frozenset({*self.filter_forms, *tag})
        if reports_canceled is None:
            reports_canceled = Phase.CANCELED in self.phases.values()
        self.reports_canceled: bool = reports_canceled
        self.breaks_alike = breaks_alike
        if isinstance(aftermath, Aftermath) and repair is not None:
            is_anew = self.takes_up is None or self.takes_up.anew
            means: Literal["redrive", "restart"] = "restart" if is_anew else "redrive"
            aftermath = attrs.evolve(aftermath, repair_by=means)
        self._aftermath: Aftermath | Callable[[DetailT | None], Aftermath] = aftermath
        self._permissions = permissions
        self.names = names
        self.more_answers: ExpectedAnswers = answers or {}

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

    def status_in(self, response: ResponseT) -> str | None:
        """Return the status that the answer to a cancel names, if it names one."""
        return self.cancels.status(response)

    def refusal_in(self, response: ResponseT, operation: str) -> ServiceError | None:
        """Return the refusal that stands inside an answer to a cancel, if one does, as an error."""
        refused = self.cancels.refused(response)
        if refused is None:
            return None
        return self.refusal(refused, operation, response.metadata)

    def refusal(self, refused: Refused, operation: str, metadata: ResponseMetadata) -> ServiceError:
        """Return a refusal that stands inside an answer as an error."""
        code = refused.code or ""
        leaf = self.error_class(code, 400, refused.message)
        if leaf is self.error_base:  # of a code that is not known
            leaf = self.leaf(InvalidRequest)
        return _error(leaf, code, refused.message, operation, metadata)

    # --- asking -------------------------------------------------------------------------

    def describe(self, ref: TaskRef[DetailT, ResponseT]) -> Flow[DetailT]:
        """Ask the service for its description of the task."""
        return describe(self, ref)

    def describe_many(
        self, refs: Sequence[TaskRef[DetailT, ResponseT]]
    ) -> Flow[dict[TaskRef[DetailT, ResponseT], Sight[DetailT] | BotocancelError]]:
        """Look at many tasks of one place, in as few requests as the service allows.

        What fails for one task alone is its value; what fails for all is raised.
        """
        tells = self.lists.tells
        return describe_each(self, refs) if tells is None else sights_by_listing(self, refs, tells)

    @property
    def described_at_once(self) -> int:
        """How many tasks one request describes."""
        return self.describes.most if isinstance(self.describes, DescribeMany) else 1

    @property
    def describes_by_id(self) -> bool:
        """Whether a request to describe names its tasks; else it describes all that there are."""
        return not isinstance(self.describes, DescribeMany) or self.describes.by_id

    def describe_each(
        self, refs: Sequence[TaskRef[DetailT, ResponseT]]
    ) -> Flow[dict[TaskRef[DetailT, ResponseT], Sight[DetailT] | BotocancelError]]:
        """Describe many tasks of one place in whole; what fails for one task is its value."""
        return describe_each(self, refs)

    def active(self, wanted: Wanted, region: str | None) -> Flow[None]:
        """Emit a snapshot of each task that has not ended, of those wanted, page by page.

        Asked only if every filter that is set is among `filters`.
        """
        return active(self, wanted, region)

    # --- start and repair ---------------------------------------------------------------

    def restart(self, ref: TaskRef[DetailT, ResponseT]) -> Flow[TaskRef[DetailT, ResponseT]]:
        """Start the work of a task anew; return the new task, or the same, taken up again.

        Raises:
            Unsupported: AWS documents no such repair.
        """
        if self.takes_up is not None:
            request, told = self.takes_up.request(ref), self.takes_up.id
            answer = yield from call(request, ref)
            if told is None:
                return ref
            return self.ref_in(id_told(told(answer)), request.operation, ref.region)
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
        failure = filter(None, (look.failure_code(detail), look.failure(detail)))
        is_doubtful = phase is Phase.FAILED and not self.reports_canceled
        return results.TaskSnapshot(
            ref=ref,
            phase=phase,
            certainty=Certainty.INFERRED if is_doubtful else Certainty.REPORTED,
            basis=Basis.NOTHING if is_doubtful else Basis.STATUS,
            status=status,
            type=look.type(detail),
            parent=look.parent(detail) or self.parent_of(ref),
            progress=look.progress(detail),
            created_at=created_at,
            started_at=started_at,
            ended_at=ended_at if phase.terminal else None,
            failure=": ".join(failure) or None,
            detail=detail,
        )

    def parent_of(self, ref: TaskRef[DetailT, ResponseT]) -> str | None:
        """Return what a task is listed under, where its id tells."""
        under: Parents[Any, Any] | None = self.lists.under
        return None if under is None or under.of is None else filled(under.of, ref)

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

    # --- which task is meant ------------------------------------------------------------

    def ref(self, id: str, **place: str | None) -> TaskRef[DetailT, ResponseT]:  # noqa: A002  (the field's name)
        """Return the ref of an id of this kind; see `TaskRef` for what else a ref has."""
        return self.ref_type(id, **place)

    def located(
        self, ref: TaskRef[DetailT, ResponseT], detail: DetailT
    ) -> TaskRef[DetailT, ResponseT]:
        """Return the ref with what the description says of the task's place."""
        arn = self.look.arn(detail)
        told = self.ref_type.match(arn) if arn else None
        fold = self.ref_type.form.folded
        if told is None or fold(told.id) != fold(ref.id):
            return ref
        return attrs.evolve(told, id=ref.id)

    def ref_of(self, shape: Shape) -> TaskRef[DetailT, ResponseT] | None:
        """Return the task that a typed model of this service names, if it names one."""
        name = self.naming.id_in(shape)
        if name is None:
            return None
        return self.ref_type(name) if self.ref_type.form.fits(name) else self.ref_type.match(name)

    @property
    def example(self) -> TaskRef[DetailT, ResponseT]:
        """A task that there may be."""
        return self.ref_type(self.ref_type.form.example)

    @cached_property
    def listings(self) -> Sequence[Request[Any]]:
        """A request of each operation that lists tasks: a filter may take one of its own."""
        from botocancel.services._wanted import Wanted  # noqa: PLC0415  (a cancel lists nothing)

        filters = [{}, *({name: form.example} for name, form in self.filter_forms.items())]
        requests = [self.lists.request(Page(Wanted(filters=each), ("",))) for each in filters]
        return list({type(request): request for request in reversed(requests)}.values())[::-1]

    @cached_property
    def naming(self) -> Naming[DetailT, ResponseT]:
        """How its requests and answers name tasks."""
        return Naming(self)

    @cached_property
    def answers(self) -> ExpectedAnswers:
        """What the answer to each operation holds, and which tasks it may be about."""
        return self.naming.answers()

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

    @cached_property
    def permissions(self) -> tuple[Permission, ...]:
        """What the caller's identity must be allowed to do."""
        given = self._permissions
        return given if isinstance(given, tuple) else tuple(permissions_of(self, given))

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
        return isinstance(error, InvalidRequest) and any(text in message for text in self.missing)


def _exemplified(under: Parents[Any, Any], example: TaskRef[Shape, Response]) -> Form:
    """Return what the filter that names a parent looks like, by the id of a task if need be."""
    form = under.form
    return form if under.of is None else form._replace(example=filled(under.of, example))


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
