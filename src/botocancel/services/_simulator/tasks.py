"""A simulated task: the table of its statuses, what has happened to it, what a read sees of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Literal, TypeAlias

import attrs

from botocancel._generics import TaskT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from botocancel.services._simulator.clock import Timer

__all__ = [
    "Cause",
    "HistoryRecord",
    "Lifecycle",
    "Place",
    "RequestHandled",
    "SimulatedTask",
    "StatusChange",
    "Step",
    "TaskT",
    "View",
    "view_of",
]

Cause: TypeAlias = Literal["created", "time", "queue", "cancel", "fault", "forced"]
"""Why a task's status changed: it was made; its time was up; its turn came; a cancel was
accepted; an injected fault did it; or the test said so."""


@attrs.frozen
class Place:
    """Whose resources a simulator holds, and where."""

    account: str = "123456789012"
    region: str = "us-east-1"
    partition: str = "aws"

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource here."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


@attrs.frozen(kw_only=True)
class StatusChange:
    """One task got another status."""

    seconds: float
    """Seconds since the start of simulated time."""
    time: datetime
    service: str
    place: Place
    task_id: str
    """The id, or ARN, by which the service's requests name the task."""
    before: str | None
    """None where the task was just made."""
    after: str
    cause: Cause


@attrs.frozen(kw_only=True)
class RequestHandled:
    """A service handled one request."""

    seconds: float
    """Seconds since the start of simulated time."""
    time: datetime
    service: str
    place: Place
    operation: str
    task_id: str | None
    """The one task that the request is about, if it is about one."""
    outcome: str
    """``accepted``, or the error code of the refusal, even of one inside an answer."""


HistoryRecord: TypeAlias = StatusChange | RequestHandled
"""What a history is made of."""


@attrs.frozen
class Step:
    """What a status turns into by time alone."""

    to: str
    after: float
    """Seconds; infinite where it never does."""


@attrs.frozen(kw_only=True)
class Lifecycle:
    """A service's statuses, and what leads from one to another."""

    steps: Mapping[str, Step]
    """What happens by time alone, status by status."""
    cancelable: frozenset[str]
    """Where a cancel is accepted."""
    canceling: str | None
    """None where the service has no such status: an accepted cancel shows in the end alone."""
    canceled: str
    succeeded: str
    failed: str
    other_ends: frozenset[str] = frozenset()
    """Further ends, which a task is only set to."""

    @property
    def ended(self) -> frozenset[str]:
        """Where nothing happens any more."""
        return self.other_ends | {self.canceled, self.succeeded, self.failed}

    @property
    def statuses(self) -> frozenset[str]:
        """Every status that a task can have."""
        return self.ended | self.cancelable | {*self.stopping, *self.steps}

    @property
    def stopping(self) -> tuple[str, ...]:
        """What lies between the work and the end of a task that is cancelled."""
        return () if self.canceling is None else (self.canceling,)

    def way(self, start: str, end: str) -> tuple[str, ...]:
        """Return the statuses that a task goes through after `start` to get to `end`.

        Raises:
            ValueError: There is no such status, or no way.
        """
        way = [start]
        while way[-1] in self.steps and way[-1] != self.canceling:
            way.append(self.steps[way[-1]].to)
        if end in way:
            return tuple(way[1 : way.index(end) + 1])
        at_work = way[1:-1]
        detours: dict[str | None, tuple[str, ...]] = {
            self.canceled: (*at_work[:1], *self.stopping, self.canceled),
            self.canceling: (*at_work[:1], *self.stopping),
            **{status: (*at_work, status) for status in (self.failed, *self.other_ends)},
        }
        if end in detours:
            return detours[end]
        msg = f"no task gets from {start} to {end!r}; there are {', '.join(sorted(self.statuses))}"
        raise ValueError(msg)


@attrs.define(kw_only=True, eq=False)
class SimulatedTask:
    """One task: every status it has had, and what will become of it."""

    id: str
    """The id, or ARN, by which the service's requests name the task."""
    seconds: Mapping[str, float]
    """How long the task stays in each status."""
    fails: bool = False
    """Whether it fails where its work would be done."""
    cancelable: bool = True
    failure: str | None = None
    """What the service will say went wrong, if it fails."""
    number: int = 0
    """Its place in the order in which the simulator's tasks were made."""
    changes: list[StatusChange] = attrs.field(factory=list[StatusChange])
    timer: Timer | None = None
    """The next step by time."""

    @property
    def status(self) -> str:
        """The true status."""
        return self.changes[-1].after

    @property
    def names(self) -> tuple[str | None, ...]:
        """By what requests may ask about it: its id, then what it belongs to, in a fixed order."""
        return (self.id,)


@attrs.frozen(kw_only=True)
class View(Generic[TaskT]):
    """A task as a read sees it: as it was at some time, which may be past."""

    task: TaskT
    seconds: float
    """That time, in seconds since the start."""
    time: datetime
    changes: Sequence[StatusChange]
    """What had happened by then; at the least, the task had been made."""
    shown: str
    """The status to answer; not the true one where a fault says so."""
    seconds_by_status: Mapping[str, float]
    """How long it had been in each status that it had had."""
    passed: frozenset[str]
    """The statuses that it had left for what follows them by time, however soon; all of them where
    its work was done."""

    @property
    def status(self) -> str:
        """The status it had."""
        return self.changes[-1].after

    def entered(self, *statuses: str) -> datetime | None:
        """Return when the task first got one of these statuses, or None."""
        for change in self.changes:
            if change.after in statuses:
                return change.time
        return None

    def spent(self, status: str) -> float:
        """Return the seconds spent in a status."""
        return self.seconds_by_status.get(status, 0.0)

    def share(self, status: str) -> float:
        """Return how much of what is planned for a status is done: 0.0 to 1.0."""
        if status in self.passed:
            return 1.0
        if status not in self.seconds_by_status:
            return 0.0
        spent, planned = self.seconds_by_status[status], self.task.seconds[status]
        return 1.0 if spent >= planned else spent / planned


def view_of(
    task: TaskT,
    *,
    seconds: float,
    time: datetime,
    changes: Sequence[StatusChange],
    shown: str,
    lifecycle: Lifecycle,
) -> View[TaskT]:
    """Return a view; its parameters are the attributes of the same names.

    Args:
        task: The task.
        seconds: As of when.
        time: The same.
        changes: What had happened by then.
        shown: The status to answer.
        lifecycle: What follows each status by time.
    """
    steps, is_done = lifecycle.steps, changes[-1].after == lifecycle.succeeded
    spent: dict[str, float] = {}
    end = seconds
    for change in reversed(changes):
        spent[change.after] = round(spent.get(change.after, 0.0) + end - change.seconds, 6)
        end = change.seconds
    moves = {(change.before, change.after) for change in changes}
    return View(
        task=task,
        seconds=seconds,
        time=time,
        changes=changes,
        shown=shown,
        seconds_by_status=spent,
        passed=frozenset(
            status for status, step in steps.items() if is_done or (status, step.to) in moves
        ),
    )
