"""The one vocabulary for how far a task has got, whatever its service calls it."""

from __future__ import annotations

import enum
import logging
from typing import TYPE_CHECKING, Final

from botocancel._text import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Phase", "phase_of"]

_logger = logging.getLogger(__name__)


class Phase(enum.StrEnum):
    """How far a task has got. Every service's status maps to one of these."""

    PENDING = "PENDING"
    """Accepted, not started."""
    RUNNING = "RUNNING"
    """At work."""
    CANCELING = "CANCELING"
    """Asked to stop, not stopped yet."""
    CANCELED = "CANCELED"
    """Ended because it was cancelled."""
    SUCCEEDED = "SUCCEEDED"
    """Ended with its work done."""
    FAILED = "FAILED"
    """Ended with its work not done, or not all of it."""
    UNKNOWN = "UNKNOWN"
    """The service named no status, or one this version does not know."""

    @property
    def terminal(self) -> bool:
        """Whether a task in this phase has ended. UNKNOWN has not."""
        return self in _TERMINAL


_TERMINAL: Final = frozenset({Phase.CANCELED, Phase.SUCCEEDED, Phase.FAILED})

_warned: Final[set[tuple[str, str]]] = set()


def phase_of(status: str | None, phases: Mapping[str, Phase], service: str) -> Phase:
    """Map a service's raw status; UNKNOWN where there is none or it is not in the table.

    A status that is not in the table is logged as a warning, once per process.
    """
    if status is None:
        return Phase.UNKNOWN
    phase = phases.get(status)
    if phase is not None:
        return phase
    if (service, status) not in _warned:
        _warned.add((service, status))
        _logger.warning(
            "%s answered the status '%s', which this version of botocancel does not know; "
            "it counts as not ended",
            service,
            visible(status),
            extra={"aws_service": service, "task_status": str(status)},
        )
    return Phase.UNKNOWN
