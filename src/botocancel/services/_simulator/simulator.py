"""One simulated service: a state machine behind its own typed requests."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, Generic, Literal, TypeAlias, TypeVar, cast

import attrs

from botocancel._generics import SettingsT, TaskT
from botocancel.model import Request, Response
from botocancel.services._simulator.behaviour import (
    ORDINARY,
    Conditions,
    SimulatedError,
    SimulatorSettings,
)
from botocancel.services._simulator.mixups import names_of_another, renamed, texts_in
from botocancel.services._simulator.paging import page_of
from botocancel.services._simulator.tasks import (
    RequestHandled,
    SimulatedTask,
    StatusChange,
    view_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from random import Random

    from botocancel.services._simulator.clock import VirtualClock
    from botocancel.services._simulator.tasks import (
        Cause,
        HistoryRecord,
        Lifecycle,
        Place,
        View,
    )

__all__ = ["AnySimulator", "Operation", "Purpose", "ServiceSimulator", "operation"]

Purpose: TypeAlias = Literal["cancel", "read", "other"]
"""What an operation is for, as far as faults make a difference."""

_ACCEPTED: Final = "accepted"

RequestT = TypeVar("RequestT", bound=Request[Response])
ResponseT = TypeVar("ResponseT", bound=Response)
ItemT = TypeVar("ItemT")


@attrs.frozen
class Operation:
    """One operation of a service, and what answers it."""

    request_type: type[Request[Response]]
    answer: Callable[[Request[Response]], Response]
    purpose: Purpose
    task_of: Callable[[Request[Response]], str | None]
    """Names the one task that a request is about."""


def operation(
    request_type: type[RequestT],
    answer: Callable[[RequestT], Response],
    purpose: Purpose,
    task_of: Callable[[RequestT], str | None] = lambda _: None,
) -> Operation:
    """Return a row of a service's table of operations."""
    return Operation(
        request_type,
        cast("Callable[[Request[Response]], Response]", answer),
        purpose,
        cast("Callable[[Request[Response]], str | None]", task_of),
    )


class ServiceSimulator(ABC, Generic[TaskT, SettingsT]):
    """One service for one account in one region.

    Args:
        place: The account and region.
        clock: Moves the tasks on.
        random: Makes the ids.
        settings: How it behaves; None for the defaults.
        history: Where to append what happens; None for a list of its own.
    """

    service: ClassVar[str]
    """The key of the kind of tasks, such as ``fsx``."""
    client: ClassVar[str]
    """botocore's name of the service whose requests it answers; `service` unless said otherwise."""
    lifecycle: ClassVar[Lifecycle]
    is_sketchy: ClassVar[bool] = False
    """Whether answers may lack what the service's model requires; it is then made up."""
    omits: ClassVar[frozenset[str]] = frozenset()
    """Members that the service's model requires, and that answers may lack all the same."""
    settings_type: ClassVar[type[SimulatorSettings]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "service" in vars(cls) and not hasattr(cls, "client"):
            cls.client = cls.service

    def __init__(
        self,
        place: Place,
        clock: VirtualClock,
        random: Random,
        settings: SettingsT | None = None,
        history: list[HistoryRecord] | None = None,
    ) -> None:
        self.place = place
        self.clock = clock
        self.settings: SettingsT = settings or cast("SettingsT", self.settings_type())
        self.tasks: dict[str, TaskT] = {}
        """Every task, by the id its requests use, in the order they were made."""
        self._history: list[HistoryRecord] = [] if history is None else history
        self._random = random
        self._conditions = ORDINARY
        self._outcome = _ACCEPTED
        self._prepare()
        self._operations = {row.request_type: row for row in self.operations()}
        self.request_types: Mapping[str, type[Request[Response]]] = {
            kind.operation: kind for kind in self._operations
        }
        """The requests that this service answers, by the name of the operation."""

    def _prepare(self) -> None:
        """Make room for what a service holds besides tasks."""

    @abstractmethod
    def start(self, status: str | None = None) -> str:
        """Make a task without a request, and return the id that requests name it by.

        Args:
            status: Where it is now, by the usual way; None for where new ones begin.

        Raises:
            ValueError: There is no such status.
        """

    @abstractmethod
    def operations(self) -> tuple[Operation, ...]:
        """Return the table of what this service answers."""

    @abstractmethod
    def malformed(self, text: str) -> SimulatedError:
        """Return this service's refusal of a value that its model does not allow."""

    @abstractmethod
    def internal_error(self, text: str) -> SimulatedError:
        """Return what this service answers when it fails itself."""

    @property
    def history(self) -> tuple[HistoryRecord, ...]:
        """What has happened here, in order."""
        here = (self.service, self.place)
        return tuple(item for item in self._history if (item.service, item.place) == here)

    def is_named_in(self, parameters: Mapping[str, object]) -> bool:
        """Say whether the parameters of a request name a task here, or what one belongs to."""
        asked = set(texts_in(parameters))
        return any(not asked.isdisjoint(task.names) for task in self.tasks.values())

    def operations_to(self, purpose: Purpose) -> frozenset[str]:
        """Return the names of the operations of a purpose."""
        rows = self._operations.values()
        return frozenset(row.request_type.operation for row in rows if row.purpose == purpose)

    def handle(self, request: Request[ResponseT], conditions: Conditions = ORDINARY) -> ResponseT:
        """Answer one request.

        Raises:
            SimulatedError: The service refuses.
            LookupError: The request is none of this service's.
        """
        with self.clock.lock:
            row = self._operations[type(request)]
            task_id = row.task_of(request)
            self.clock.advance(0)
            self._conditions = conditions
            self._end_first(task_id)
            self._outcome = _ACCEPTED
            try:
                return cast("ResponseT", self._answer(row, request))
            except SimulatedError as refusal:
                self._outcome = refusal.code
                raise
            finally:
                self._conditions = ORDINARY
                self._history.append(
                    RequestHandled(
                        seconds=self.clock.seconds,
                        time=self.clock.now,
                        service=self.service,
                        place=self.place,
                        operation=request.operation,
                        task_id=task_id,
                        outcome=self._outcome,
                    )
                )

    def _answer(self, row: Operation, request: Request[Response]) -> Response:
        """Answer a request; about another task, where the conditions say so."""
        names: Mapping[str, str] = {}
        if self._conditions.wrong_task:
            names = names_of_another(self.tasks, request.to_wire(), self._conditions.other)
        if row.purpose == "read":
            return row.answer(renamed(request, names))
        return renamed(row.answer(request), names)

    def status(self, task_id: str) -> str:
        """Return the true status of a task, whatever reads see."""
        return self.tasks[task_id].status

    def finish(self, task_id: str) -> None:
        """End a task now, with its work done."""
        self._force(task_id, self.lifecycle.succeeded)

    def fail(self, task_id: str, failure: str | None = None) -> None:
        """End a task now, with its work not done.

        Args:
            task_id: The id, or ARN, of the task.
            failure: What the service will say went wrong.
        """
        task = self.tasks[task_id]
        task.failure = failure or task.failure
        self._force(task_id, self.lifecycle.failed)

    def set_status(self, task_id: str, status: str) -> None:
        """Give a task a status, from which it goes on as the service's table says.

        Raises:
            ValueError: The service has no such status.
        """
        if status not in self.lifecycle.statuses:
            known = ", ".join(sorted(self.lifecycle.statuses))
            msg = f"{self.service} has no status {status!r}; there are {known}"
            raise ValueError(msg)
        self._force(task_id, status)

    def new_id(self, prefix: str) -> str:
        """Return a new id: the prefix and 17 hexadecimal digits."""
        return f"{prefix}{self._random.getrandbits(68):017x}"

    def durations(self, seconds: Mapping[str, float] | None) -> dict[str, float]:
        """Return how long a new task stays in each status.

        Args:
            seconds: What differs from the settings, and they from the table.

        Raises:
            ValueError: It names a status that does not pass by time.
        """
        table = {status: step.after for status, step in self.lifecycle.steps.items()}
        differing = {**self.settings.seconds, **(seconds or {})}
        if unknown := differing.keys() - table.keys():
            msg = f"only {', '.join(table)} pass by time, not {', '.join(sorted(unknown))}"
            raise ValueError(msg)
        return table | differing

    def _add(self, task: TaskT, status: str) -> None:
        """Take in a new task."""
        with self.clock.lock:
            task.number = len(self.tasks)
            self.tasks[task.id] = task
            self._move(task, status, "created")

    def _lead(self, task: TaskT, status: str | None) -> None:
        """Lead a new task to a status, through those that come before it."""
        for step in self.lifecycle.way(task.status, status) if status else ():
            self._move(task, step, "created")

    def _move(self, task: TaskT, status: str, cause: Cause) -> None:
        """Give a task a status, and schedule what follows."""
        if task.timer is not None:
            task.timer.canceled = True
        change = StatusChange(
            seconds=self.clock.seconds,
            time=self.clock.now,
            service=self.service,
            place=self.place,
            task_id=task.id,
            before=task.status if task.changes else None,
            after=status,
            cause=cause,
        )
        task.changes.append(change)
        self._history.append(change)
        step = self.lifecycle.steps.get(status)
        if step is not None:
            move_on = partial(self._move_on, task, step.to)
            task.timer = self.clock.call_in(task.seconds[status], move_on)
        self._moved(task)

    def _move_on(self, task: TaskT, status: str) -> None:
        """Give a task the status that follows by time; of one that fails, instead of success."""
        fails = task.fails and status == self.lifecycle.succeeded
        self._move(task, self.lifecycle.failed if fails else status, "time")

    def _moved(self, task: TaskT) -> None:
        """Take note that a task got another status."""

    def _ended(self, task: TaskT) -> bool:
        return task.status in self.lifecycle.ended

    def _stop(self, task: TaskT) -> None:
        """Let an accepted cancel take effect."""
        if not self._conditions.ignores_cancel:
            self._move(task, (*self.lifecycle.stopping, self.lifecycle.canceled)[0], "cancel")

    def _end_first(self, task_id: str | None) -> None:
        ending = self._conditions.ends_first
        task = self.tasks.get(task_id or "")
        if ending is not None and task is not None and not self._ended(task):
            statuses = {"succeeded": self.lifecycle.succeeded, "failed": self.lifecycle.failed}
            self._move(task, statuses[ending], "fault")

    def _force(self, task_id: str, status: str) -> None:
        with self.clock.lock:
            self._move(self.tasks[task_id], status, "forced")

    def _visible(self, task_id: str) -> TaskT | None:
        """Return the task of an id, as a request finds it; None where there is none yet."""
        task = self.tasks.get(task_id)
        return None if task is None or self._is_hidden(task) else task

    def _is_hidden(self, task: TaskT) -> bool:
        asked = self._conditions.visible_after
        after = self.settings.visible_after if asked is None else asked
        return round(self.clock.seconds - task.changes[0].seconds, 6) < after

    def _view(self, task: TaskT, lag: float | None = None) -> View[TaskT] | None:
        """Return what a request sees of a task; None where it does not see it yet.

        Args:
            task: The task.
            lag: Seconds by which the view is behind; None for what reads see.
        """
        if lag is None:
            if self._is_hidden(task):
                return None
            lag = self.settings.lag if self._conditions.lag is None else self._conditions.lag
        seconds = round(self.clock.seconds - lag, 6)
        changes = [change for change in task.changes if change.seconds <= seconds]
        if not changes:
            return None
        return view_of(
            task,
            seconds=seconds,
            time=self.clock.at(seconds),
            changes=changes,
            shown=self._conditions.status or changes[-1].after,
            lifecycle=self.lifecycle,
        )

    def _views(self, tasks: Iterable[TaskT]) -> list[View[TaskT]]:
        """Return what a read sees of some tasks, in their order."""
        views = (self._view(task) for task in tasks)
        return [view for view in views if view is not None]

    def _page(
        self,
        items: Sequence[ItemT],
        number_of: Callable[[ItemT], int],
        limit: int,
        token: str | None,
        query: object,
    ) -> tuple[list[ItemT], str | None]:
        """Cut a page, as `page_of` does, of the size that the settings allow.

        Raises:
            SimulatedError: The token is none of this query's.
        """
        most = min(limit, self.settings.page_size or limit)
        try:
            asked = (self.service, self.place, query)
            circle = self._conditions.tokens
            return page_of(items, number_of, most, token, asked, circle=circle)
        except ValueError:
            msg = "NextToken is not one that this request was answered with"
            raise self.malformed(msg) from None


AnySimulator: TypeAlias = ServiceSimulator[SimulatedTask, SimulatorSettings]
"""A simulator of whatever service."""
