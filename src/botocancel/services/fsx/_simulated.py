"""A simulated data repository task, how FSx describes it, and what is free in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

import attrs
from attrs.validators import in_

from botocancel.services._simulator import SimulatedTask, SimulatorSettings
from botocancel.services.fsx.models import (
    DataRepositoryTask,
    DataRepositoryTaskFailureDetails,
    DataRepositoryTaskFilterName,
    DataRepositoryTaskLifecycle,
    DataRepositoryTaskStatus,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocancel.services._simulator import View

__all__ = ["FILTERED", "FSxSettings", "SimulatedDataRepositoryTask", "described"]

CancelAgain: TypeAlias = Literal["accept", "ended", "unsupported"]
UnknownIds: TypeAlias = Literal["refuse", "omit"]
NotFoundCode: TypeAlias = Literal["DataRepositoryTaskNotFound", "BadRequest"]


@attrs.frozen(kw_only=True)
class FSxSettings(SimulatorSettings):
    """How the simulated FSx behaves, where that is free or not known."""

    cancel_again: CancelAgain = attrs.field(default="accept", validator=in_(get_args(CancelAgain)))
    """What becomes of the cancel of a task that is CANCELING: AWS does not say."""
    unknown_ids: UnknownIds = attrs.field(default="refuse", validator=in_(get_args(UnknownIds)))
    """Whether one unknown id fails a whole describe, or is left out: AWS does not say."""
    not_found_code: NotFoundCode = attrs.field(
        default="DataRepositoryTaskNotFound", validator=in_(get_args(NotFoundCode))
    )
    """The error of an unknown task; ``BadRequest`` has been reported of some not-founds."""
    cancel_names_lifecycle: bool = True
    """Whether the answer to a cancel has a ``Lifecycle``, which the model leaves optional."""
    files: int = 1000
    """How many files a new task processes."""


@attrs.define(kw_only=True, eq=False)
class SimulatedDataRepositoryTask(SimulatedTask):
    """A data repository task."""

    facts: DataRepositoryTask
    """What stays as it is as long as the task exists."""
    association_id: str | None = None
    files: int

    @property
    def names(self) -> tuple[str | None, ...]:
        """Its id, and the file system or file cache and the association it belongs to."""
        facts = self.facts
        return (self.id, facts.file_system_id or facts.file_cache_id, self.association_id)


_ENDED: Final = frozenset(
    {
        DataRepositoryTaskLifecycle.CANCELED,
        DataRepositoryTaskLifecycle.SUCCEEDED,
        DataRepositoryTaskLifecycle.FAILED,
    }
)

FILTERED: Final[Mapping[str, Callable[[View[SimulatedDataRepositoryTask]], str | None]]] = {
    DataRepositoryTaskFilterName.FILE_SYSTEM_ID: lambda view: view.task.facts.file_system_id,
    DataRepositoryTaskFilterName.TASK_LIFECYCLE: lambda view: view.status,
    DataRepositoryTaskFilterName.DATA_REPOSITORY_ASSOCIATION_ID: lambda view: (
        view.task.association_id
    ),
    DataRepositoryTaskFilterName.FILE_CACHE_ID: lambda view: view.task.facts.file_cache_id,
}
"""What each filter looks at."""


def described(view: View[SimulatedDataRepositoryTask]) -> DataRepositoryTask:
    """Return the task as FSx describes it."""
    ended = view.status in _ENDED
    failed = view.status == DataRepositoryTaskLifecycle.FAILED
    failure = view.task.failure or "Some files could not be processed."
    return attrs.evolve(
        view.task.facts,
        lifecycle=DataRepositoryTaskLifecycle(view.shown),
        start_time=view.entered("EXECUTING"),
        end_time=view.changes[-1].time if ended else None,
        status=_counts(view),
        failure_details=DataRepositoryTaskFailureDetails(message=failure) if failed else None,
    )


def _counts(view: View[SimulatedDataRepositoryTask]) -> DataRepositoryTaskStatus | None:
    """Return how many files are done; of a task that ended on its own, the counts add up."""
    if view.entered("EXECUTING") is None:
        return None
    total = view.task.files
    done = (
        total
        if view.status == DataRepositoryTaskLifecycle.SUCCEEDED
        else int(total * view.share("EXECUTING"))
    )
    failed = (
        min(total, max(1, total - done)) if view.status == DataRepositoryTaskLifecycle.FAILED else 0
    )
    capacity = view.task.facts.capacity_to_release
    released = None if capacity is None else capacity * done // max(1, total)
    return DataRepositoryTaskStatus(
        total_count=total,
        succeeded_count=min(done, total - failed),
        failed_count=failed,
        last_updated_time=view.time,
        released_capacity=released,
    )
