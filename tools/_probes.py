"""The questions that FACTS leave open, put to a service one after the other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias, cast

from _recording import Exchange
from _scrub import Scrubber
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from botocancel import errors
from botocancel.phases import Phase
from botocancel.services import kind_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from botocore.client import BaseClient

    from botocancel.clocks import Clock

__all__ = ["SUBJECTS", "Probe", "Recorder", "Stopped", "Subject"]

Answer: TypeAlias = "Mapping[str, object]"

_POLL: Final = 5.0
_BOTOCORES_OWN: Final = frozenset({"ResponseMetadata", "Error"})
_NO_ANSWERS: Final = (
    errors.AccessDenied,
    errors.CredentialsRejected,
    errors.RequestExpired,
    errors.ServiceUnavailable,
    errors.Throttled,
)
"""Errors that say nothing about the task."""


class Stopped(Exception):
    """A recording cannot be made, or not go on."""


@dataclass(frozen=True)
class Probe:
    """One question."""

    name: str
    why: str
    cancels: bool = False
    of: tuple[str, ...] = ("task",)
    """Which task it is about: the scratch ``task``, an ``unknown`` one, or both."""
    elsewhere: bool = False
    """Whether it is put to another region than the task's."""
    until_ended: bool = False
    """Whether it is put again and again until the task has ended."""


_ALONE: Final = (
    Probe("describe", "the task as it is"),
    Probe("cancel", "the answer to a cancel", cancels=True),
    Probe("describe after cancel", "whether reads see it at once"),
    Probe("cancel again", "the answer while it is being cancelled", cancels=True),
    Probe("describe until ended", "how long it takes, and how it ends", until_ended=True),
    Probe("cancel ended", "the answer when it has ended", cancels=True),
    Probe("describe unknown", "the answer for a task that does not exist", of=("unknown",)),
    Probe("cancel unknown", "the same for a cancel", cancels=True, of=("unknown",)),
    Probe("describe elsewhere", "the answer of another region", elsewhere=True),
    Probe("cancel elsewhere", "the same for a cancel", cancels=True, elsewhere=True),
)
_TOGETHER: Final = Probe(
    "describe known and unknown", "whether one unknown id fails them all", of=("task", "unknown")
)


@dataclass(frozen=True)
class Subject(ABC):
    """A scratch task, and what it has to belong to."""

    task: str
    owner: str

    service: ClassVar[str]
    probes: ClassVar[tuple[Probe, ...]] = _ALONE
    describes: ClassVar[str]
    cancels: ClassVar[str]

    @property
    @abstractmethod
    def unknown(self) -> str:
        """The id of a task that does not exist."""

    @abstractmethod
    def parameters(self, operation: str, ids: list[str]) -> dict[str, object]:
        """Return the parameters that ask about these tasks."""

    @abstractmethod
    def status_in(self, answer: Answer) -> str:
        """Return the status in a description."""

    @abstractmethod
    def owner_in(self, answer: Answer) -> str:
        """Return what a description says that the task belongs to."""


class DataRepositoryTask(Subject):
    """A data repository task of FSx, and its file system."""

    service = "fsx"
    probes = (*_ALONE[:7], _TOGETHER, *_ALONE[7:])
    describes = "DescribeDataRepositoryTasks"
    cancels = "CancelDataRepositoryTask"

    @property
    def unknown(self) -> str:
        """An id of nothing but zeros."""
        return f"task-{0:017}"

    def parameters(self, operation: str, ids: list[str]) -> dict[str, object]:
        """Return ``TaskIds`` or ``TaskId``."""
        return {"TaskIds": ids} if operation == self.describes else {"TaskId": ids[0]}

    def status_in(self, answer: Answer) -> str:
        """Return the ``Lifecycle``."""
        return self._only(answer)["Lifecycle"]

    def owner_in(self, answer: Answer) -> str:
        """Return the ``FileSystemId``."""
        return self._only(answer).get("FileSystemId", "no file system")

    def _only(self, answer: Answer) -> Mapping[str, str]:
        tasks = cast("list[Mapping[str, str]]", answer["DataRepositoryTasks"])
        if len(tasks) != 1:
            msg = f"FSx described {len(tasks)} tasks for {self.task}, not one"
            raise Stopped(msg)
        return tasks[0]


class TaskExecution(Subject):
    """An execution of DataSync, and its task."""

    service = "datasync"
    describes = "DescribeTaskExecution"
    cancels = "CancelTaskExecution"

    @property
    def unknown(self) -> str:
        """An execution of the same task, of nothing but zeros."""
        return f"{self.owner}/execution/exec-{0:017}"

    def parameters(self, operation: str, ids: list[str]) -> dict[str, object]:  # noqa: ARG002  (both the same)
        """Return ``TaskExecutionArn``."""
        return {"TaskExecutionArn": ids[0]}

    def status_in(self, answer: Answer) -> str:
        """Return the ``Status``."""
        return str(answer["Status"])

    def owner_in(self, answer: Answer) -> str:
        """Return the first part of the ARN."""
        return str(answer["TaskExecutionArn"]).partition("/execution/")[0]


SUBJECTS: Final[Mapping[str, type[Subject]]] = {
    "fsx": DataRepositoryTask,
    "datasync": TaskExecution,
}


@dataclass
class Recorder:
    """Puts the questions to one task.

    Args:
        subject: The task.
        client_of: Makes a client for a region; it must not try again by itself.
        region: The task's.
        elsewhere: Another.
        clock: Measures how long it takes.
        timeout: Seconds after which the task need not have ended.
    """

    subject: Subject
    client_of: Callable[[str], BaseClient]
    region: str
    elsewhere: str
    clock: Clock
    timeout: float

    def __post_init__(self) -> None:
        self._service = kind_named(self.subject.service)
        self._scrubber = Scrubber(keep=(self.subject.unknown.rpartition("/")[2],))
        self._clients = {region: self.client_of(region) for region in (self.region, self.elsewhere)}
        self._start = self.clock.monotonic()

    def check(self) -> None:
        """See that the task is there, belongs where it should, and is at work.

        Raises:
            Stopped: It is not.
        """
        subject = self.subject
        parameters = subject.parameters(subject.describes, [subject.task])
        answer = self._ask(self._clients[self.region], subject.describes, parameters)
        if "Error" in answer:
            msg = f"{subject.task} cannot be described: {answer['Error']}"
            raise Stopped(msg)
        owner, status = subject.owner_in(answer), subject.status_in(answer)
        if owner != subject.owner:
            msg = f"{subject.task} belongs to {owner}, not to {subject.owner}"
            raise Stopped(msg)
        if self._service.phase(status) not in {Phase.PENDING, Phase.RUNNING}:
            msg = f"{subject.task} is {status}; start another one, and record while it runs"
            raise Stopped(msg)

    def record(self, tell: Callable[[str], None]) -> Iterator[Exchange]:
        """Put every question, and yield the answers.

        Raises:
            Stopped: There is no answer to be had.
        """
        self._start = self.clock.monotonic()
        for probe in self.subject.probes:
            tell(f"{probe.name}: {probe.why}")
            if probe.until_ended:
                yield from self._until_ended(probe)
            else:
                yield self._put(probe)

    def _until_ended(self, probe: Probe) -> Iterator[Exchange]:
        """Yield the first description with each status."""
        deadline = self.clock.monotonic() + self.timeout
        status = None
        while not self._service.phase(status).terminal:
            if self.clock.monotonic() > deadline:
                msg = f"{self.subject.task} is still {status} after {self.timeout:g} seconds"
                raise Stopped(msg)
            exchange = self._put(probe)
            if exchange.answer is None:
                msg = f"{self.subject.task} cannot be described any more: {exchange.error}"
                raise Stopped(msg)
            before, status = status, self.subject.status_in(exchange.answer)
            if status != before:
                yield exchange
            self.clock.sleep(_POLL, Event())

    def _put(self, probe: Probe) -> Exchange:
        subject = self.subject
        region = self.elsewhere if probe.elsewhere else self.region
        operation = subject.cancels if probe.cancels else subject.describes
        ids = {"task": subject.task, "unknown": subject.unknown}
        parameters = subject.parameters(operation, [ids[name] for name in probe.of])
        seconds = round(self.clock.monotonic() - self._start, 3)
        answer = self._ask(self._clients[region], operation, parameters)
        error = cast("Mapping[str, str] | None", answer.get("Error"))
        kept, left_out = self._scrubber.answer(
            {name: part for name, part in answer.items() if name not in _BOTOCORES_OWN}
        )
        return Exchange(
            probe=probe.name,
            seconds=seconds,
            region=region,
            operation=operation,
            parameters=cast("Answer", self._scrubber.value(parameters)),
            http_status=cast("Mapping[str, int]", answer["ResponseMetadata"])["HTTPStatusCode"],
            answer=kept if error is None else None,
            error=None if error is None else self._refusal(error, kept),
            left_out=left_out,
        )

    def _refusal(self, error: Mapping[str, str], members: Answer) -> Answer:
        message = self._scrubber.value(error.get("Message"))
        return {"code": error["Code"], "message": message, "members": members}

    def _ask(self, client: BaseClient, operation: str, parameters: Answer) -> Answer:
        """Return the answer; if it is a refusal, it has an ``Error``.

        Raises:
            Stopped: It says nothing about the task.
        """
        call = cast("Callable[..., Answer]", getattr(client, xform_name(operation)))
        try:
            return call(**parameters)
        except ClientError as refusal:
            answer = cast("Answer", refusal.response)
            if self._is_about_the_task(answer) or client is self._clients[self.elsewhere]:
                return answer
            msg = f"{operation} got no answer about the task: {refusal}"
            raise Stopped(msg) from refusal
        except BotoCoreError as error:
            msg = f"{operation} got no answer: {error}"
            raise Stopped(msg) from error

    def _is_about_the_task(self, refusal: Answer) -> bool:
        code = cast("Mapping[str, str]", refusal["Error"])["Code"]
        http_status = cast("Mapping[str, int]", refusal["ResponseMetadata"])["HTTPStatusCode"]
        return not issubclass(self._service.error_class(code, http_status), _NO_ANSWERS)
