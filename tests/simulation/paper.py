"""A journal on simulated paper: what is written may be cut short, and is lost with the power."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, cast

from botocancel.effects import Whereabouts
from botocancel.journal import Journal
from botocancel.results import TaskPlace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from botocancel._entries import Entry

__all__ = ["NOWHERE", "Paper", "entries_in"]

NOWHERE: Final = Whereabouts(TaskPlace(), None)


class Paper(Journal):
    """The library's own journal, but for the disk."""

    def __init__(self) -> None:
        super().__init__("simulated.jsonl")
        self.content = bytearray()
        self.asked: set[str] = set()
        """The tasks of which the disk has that their cancel was asked for."""
        self._safe = 0
        self._cut: float | None = None

    def write(self, entries: Sequence[Entry], cut: float | None) -> None:
        """Write entries.

        Args:
            entries: What to write.
            cut: Which share of it is written when the process dies; None for all, and it lives.
        """
        self._cut = cut
        self.record(entries, lambda _: NOWHERE)

    def lose_power(self, share: float) -> None:
        """Keep a share only of what nobody has waited for."""
        del self.content[self._safe + int(share * (len(self.content) - self._safe)) :]

    def _append(self, content: bytes) -> int:
        if self._cut is not None:
            content = content[: int(self._cut * len(content))]
        self.content += content
        return len(self.content)

    def _sync(self, number: int) -> None:
        if self._cut is None:
            written = bytes(self.content[self._safe : number])
            self.asked.update(
                entry["task"]["id"] for entry in entries_in(written) if entry["entry"] == "asked"
            )
            self._safe = number


def entries_in(content: bytes) -> Iterator[dict[str, Any]]:
    """Yield the entries that are whole, by a reader that is not the library's."""
    for line in content.split(b"\n"):
        if line.endswith(b"}"):
            try:
                yield cast("dict[str, Any]", json.loads(line))
            except ValueError:
                continue
