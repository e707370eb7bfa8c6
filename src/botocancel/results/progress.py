"""How far a task has come."""

from __future__ import annotations

import attrs

__all__ = ["Progress"]


@attrs.frozen(kw_only=True)
class Progress:
    """How much of the work is done, as far as the service tells."""

    done: int | None = None
    """How many units of work are done."""
    total: int | None = None
    """How many the service expects; an estimate that may still grow."""
    unit: str | None = None
    """What is counted, in the plural: ``files``, ``children``. None where nothing is."""
    bytes_done: int | None = None
    bytes_total: int | None = None
    """Bytes the service expects to process; an estimate that may still grow."""

    @property
    def fraction(self) -> float | None:
        """Share of the work that is done, 0.0 to 1.0, by bytes where known, else by units."""
        for done, total in ((self.bytes_done, self.bytes_total), (self.done, self.total)):
            if done is not None and total:
                return min(1.0, max(0.0, done / total))
        return None
