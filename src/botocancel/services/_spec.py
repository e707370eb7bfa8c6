"""The protocol a service fulfils. One subclass, in the service's own folder, is a service."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Generic, NamedTuple

import attrs

from botocancel import results
from botocancel._generics import DetailT, DetailT_co, ResponseT
from botocancel._text import visible
from botocancel.effects import Emit, together
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
from botocancel.model import NO_METADATA, ResponseMetadata, Shape
from botocancel.phases import Phase, phase_of
from botocancel.results import Basis, Certainty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from botocancel.effects import Flow
    from botocancel.model import Request
    from botocancel.refs import TaskRef
    from botocancel.results import Aftermath, TaskSnapshot
    from botocancel.services._expected import ExpectedAnswers
    from botocancel.services._permissions import Permission
    from botocancel.services._wanted import Wanted

__all__ = ["Form", "Service", "Sight"]

_logger = logging.getLogger(__name__)


class Sight(NamedTuple, Generic[DetailT_co]):
    """What one of many tasks was seen to be like."""

    status: str | None
    detail: DetailT_co | None = None
    """The whole description; None where a listing told only the status."""
    failure: BotocancelError | None = None
    """Why there is no description, where one was asked for after the listing."""


class Form(NamedTuple):
    """What the value of a filter looks like, if it is right."""

    pattern: str
    """The pattern of all of it."""
    longest: int
    """How many characters it has at most."""
    expected: str
    """What it is, for messages."""
    example: str


class Service(ABC, Generic[DetailT, ResponseT]):
    """Everything the library needs to know of one AWS service.

    `DetailT` is the service's own description of a task, `ResponseT` its answer
    to a cancel.
    """

    name: ClassVar[str]
    """botocore's name of the service."""
    title: ClassVar[str]
    """AWS's name of the service."""
    ref_type: type[TaskRef[DetailT, ResponseT]]
    phases: ClassVar[Mapping[str, Phase]]
    """The service's statuses, and the phase each means."""
    errors_by_code: ClassVar[Mapping[str, type[ServiceError]]]
    """The error codes the service models."""
    error_base: ClassVar[type[ServiceError]]
    """The class of all errors of the service."""
    filters: ClassVar[frozenset[str]] = frozenset()
    """The names of the filters of running tasks that its API knows."""
    filter_forms: ClassVar[Mapping[str, Form]] = {}
    """What the values of filters look like, of those where a typing error can be told."""
    doubtful_refusals: ClassVar[tuple[type[ServiceError], ...]] = (TaskEnded, InvalidRequest)
    """Refusals of a cancel that several situations share; a describe decides which it is."""
    answers: ClassVar[ExpectedAnswers] = {}
    """What the answer to each operation holds and is about."""
    permissions: ClassVar[tuple[Permission, ...]] = ()
    """What the caller's identity must be allowed to do."""
    status_lag: ClassVar[float] = 5.0
    """Seconds by which a description may be behind. Not documented, unless the service says so."""
    not_found_texts: ClassVar[tuple[str, ...]] = ("not found", "not be found", "does not exist")
    """What an invalid-request message says, in lower case, where the task does not exist."""

    @abstractmethod
    def cancel_request(self, ref: TaskRef[DetailT, ResponseT]) -> Request[ResponseT]:
        """Return the request that asks the service to stop the task."""

    @abstractmethod
    def status_in(self, response: ResponseT) -> str | None:
        """Return the status that the answer to a cancel names, if it names one."""

    @abstractmethod
    def describe(self, ref: TaskRef[DetailT, ResponseT]) -> Flow[DetailT]:
        """Ask the service for its description of the task."""

    def describe_many(
        self, refs: Sequence[TaskRef[DetailT, ResponseT]]
    ) -> Flow[dict[TaskRef[DetailT, ResponseT], Sight[DetailT] | BotocancelError]]:
        """Describe many tasks of one place, in as few requests as the service allows.

        What fails for one task alone is its value; what fails for all is raised.
        """
        sights = yield from together([self._sight(ref) for ref in refs])
        return dict(zip(refs, sights, strict=True))

    def _sight(self, ref: TaskRef[DetailT, ResponseT]) -> Flow[Sight[DetailT] | BotocancelError]:
        try:
            detail = yield from self.describe(ref)
        except BotocancelError as error:
            return error
        return Sight(self.status_of(detail), detail)

    @abstractmethod
    def active(self, wanted: Wanted, region: str | None) -> Flow[None]:
        """Emit a snapshot of each task that has not ended, of those wanted, page by page.

        Asked only if every filter that is set is among `filters`.
        """

    def emit_wanted(
        self,
        sights: Mapping[TaskRef[DetailT, ResponseT], Sight[DetailT] | BotocancelError],
        wanted: Wanted,
    ) -> Flow[None]:
        """Emit a snapshot of each task that is wanted, of those that a listing named.

        Args:
            sights: What `describe_many` returned; who cannot be read, or is not found though
                just listed, is a gap.
            wanted: Which tasks.

        Raises:
            BotocancelError: Something else failed for one of them.
        """
        for ref, sight in sights.items():
            if isinstance(sight, BotocancelError):
                is_odd = isinstance(sight, InvalidResponse) and sight.malformed
                is_missing = isinstance(sight, ServiceError) and self.says_not_found(sight)
                if not (is_odd or is_missing):
                    raise sight
                yield self.gap(ref.id, ref.region, str(sight))
            elif sight.detail is not None:
                snapshot = self.described(ref, sight.detail)
                if wanted.fits(snapshot):
                    yield Emit(snapshot)

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
            extra={"aws_service": self.name, "task": task},
        )
        return Emit(results.Gap(service=self.name, region=region, task=task, reason=reason))

    def ref_in(self, shape: Shape, operation: str) -> TaskRef[DetailT, ResponseT]:
        """Return the task that an answer, or a part of one, names.

        Raises:
            InvalidResponse: It names none, or by an id whose form is not known.
        """
        try:
            ref = self.ref_of(shape)
        except InvalidInput as error:
            msg = f"{operation}: the answer names a task by an id of unknown form: {error}"
            raise InvalidResponse(msg, malformed=True) from error
        if ref is None:
            msg = f"{operation}: the answer names no task"
            raise InvalidResponse(msg, malformed=True)
        return ref

    def restart(self, ref: TaskRef[DetailT, ResponseT]) -> Flow[TaskRef[DetailT, ResponseT]]:
        """Start the work of a task anew and return the new task.

        Raises:
            Unsupported: AWS documents no such repair.
        """
        yield from ()
        reason = f"{self.title} documents no way to start a task like {ref} anew; create a new one"
        raise self.error(Unsupported, reason, "restart")

    @abstractmethod
    def status_of(self, detail: DetailT) -> str | None:
        """Return the raw status in a description."""

    @abstractmethod
    def snapshot(self, ref: TaskRef[DetailT, ResponseT], detail: DetailT) -> TaskSnapshot[DetailT]:
        """Read the service's description into the common vocabulary."""

    @abstractmethod
    def aftermath(self, detail: DetailT | None) -> Aftermath:
        """Return what AWS documents a cancel to leave behind, of this task if described."""

    def described(self, ref: TaskRef[DetailT, ResponseT], detail: DetailT) -> TaskSnapshot[DetailT]:
        """Read the service's description, and say so where a failed task may be a cancelled one."""
        snapshot = self.snapshot(ref, detail)
        if snapshot.phase is not Phase.FAILED or self.reports_canceled:
            return snapshot
        return attrs.evolve(snapshot, certainty=Certainty.INFERRED, basis=Basis.NOTHING)

    def aftermath_of(self, phase: Phase, detail: DetailT) -> Aftermath | None:
        """Return what is documented of a task that has ended so; None where nothing is."""
        return self.aftermath(detail) if phase is Phase.CANCELED else None

    @abstractmethod
    def ref_of(self, shape: Shape) -> TaskRef[DetailT, ResponseT] | None:
        """Return the task that a typed model of this service names, if it names one."""

    @property
    def reports_canceled(self) -> bool:
        """Whether the service has a status that says a task ended by being cancelled."""
        return Phase.CANCELED in self.phases.values()

    def phase(self, status: str | None) -> Phase:
        """Map a raw status."""
        return phase_of(status, self.phases, self.name)

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
        answer = {
            "Error": {"Code": meaning.__name__, "Message": message},
            "ResponseMetadata": {
                "RequestId": metadata.request_id,
                "HTTPStatusCode": metadata.http_status,
                "RetryAttempts": metadata.attempts - 1,
            },
        }
        return self.leaf(meaning)(answer, operation)

    def says_not_found(self, error: ServiceError) -> bool:
        """Tell by its text whether an invalid-request error means a task that does not exist.

        AWS documents no text; this is only a tie-break, and unverified.
        """
        if isinstance(error, NotFound):
            return True
        message = (error.message or "").lower()
        return isinstance(error, InvalidRequest) and any(
            text in message for text in self.not_found_texts
        )
