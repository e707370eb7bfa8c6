"""The tasks that a command is at work on, as they stand: drawn live, or told line by line."""

from __future__ import annotations

from threading import RLock
from time import monotonic
from typing import TYPE_CHECKING, Final, Self

from attrs import evolve

from botocancel import Phase
from botocancel.cli._documents import name_of, short
from botocancel.cli._durations import spoken
from botocancel.cli._interrupts import announce
from botocancel.cli._screen import PHASE_STYLES, bar, err, marks, say, styled
from botocancel.cli._streams import is_terminal
from botocancel.cli._tables import plural
from botocancel.cli._verdicts import SHOWN, End, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from rich.console import RenderableType
    from rich.live import Live
    from rich.table import Table

    from botocancel import Cancellation, Progress, Response, Shape, Sighting, TaskRef, TaskSnapshot
    from botocancel.cli._settings import Settings

__all__ = ["Board"]

_BAR: Final = 24
_FRAME: Final = 4
"""Lines of the display that are not tasks."""
_REFRESHES: Final = 8
"""A second."""


class _Row:
    """What is known of one task."""

    def __init__(self, ref: TaskRef[Shape, Response]) -> None:
        self.ref = ref
        self.phase: Phase | None = None
        self.receipt: Cancellation | None = None
        self.snapshot: TaskSnapshot[Shape] | None = None
        self.verdict: Verdict | None = None

    @property
    def accepted(self) -> bool:
        """Whether the service has accepted a cancel."""
        return self.receipt is not None

    @property
    def state(self) -> tuple[str, str]:
        """What to say of the task now, and how it is styled."""
        if self.verdict is not None:
            return self.verdict.end.value, SHOWN[self.verdict.end].style
        if self.phase is None:
            return "asking", "dim"
        if self.phase is Phase.UNKNOWN and self.accepted:
            return "accepted", "cyan"
        if self.accepted and self.phase in {Phase.PENDING, Phase.RUNNING}:
            return f"accepted, still {self.phase.value}", "cyan"
        return self.phase.value, PHASE_STYLES[self.phase]


class Board:
    """Shows the progress of many tasks on standard error; may be told of it by any thread.

    Args:
        settings: The options.
        verb: What is being done to the tasks, such as ``Stopping``.
        refs: The tasks.
        known: Descriptions there are already.
    """

    def __init__(
        self,
        settings: Settings,
        verb: str,
        refs: Iterable[TaskRef[Shape, Response]],
        known: Iterable[TaskSnapshot[Shape]] = (),
    ) -> None:
        self._verb = verb
        self._lock = RLock()
        self._rows = {ref: _Row(ref) for ref in refs}
        for snapshot in known:
            self._rows[snapshot.ref].snapshot = snapshot
        self._started = monotonic()
        self._notice = ""
        self._live: Live | None = None
        mingles = settings.output in {"jsonl", "ids"} and is_terminal(1)
        if is_terminal(2) and not err().is_dumb_terminal and not mingles:
            from rich.live import Live

            self._live = Live(
                get_renderable=self._picture,
                console=err(),
                transient=True,
                refresh_per_second=_REFRESHES,
                redirect_stdout=False,
            )

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def sighted(self, sighting: Sighting) -> None:
        """Take note of a look at a task."""
        with self._lock:
            row = self._rows[sighting.ref]
            before = row.state
            row.phase, row.receipt = sighting.phase, sighting.receipt
            row.snapshot = sighting.snapshot or row.snapshot
            is_news = row.state != before and not sighting.phase.terminal
            if self._live is None and is_news:
                say(f"{name_of(row.ref)}: {row.state[0]}")

    def settled(self, verdict: Verdict) -> Verdict:
        """Take note of what became of a task; return that with what was seen before.

        An error does not hold the receipt of a cancel that had been accepted.
        """
        with self._lock:
            row = self._rows[verdict.ref]
            row.verdict = evolve(verdict, receipt=verdict.receipt or row.receipt)
            return row.verdict

    def unfinished(self) -> list[Verdict]:
        """Return the verdicts on the tasks that were left before anything was settled."""
        with self._lock:
            return [
                Verdict(
                    ref=row.ref,
                    end=End.UNFINISHED,
                    note=(
                        "AWS accepted the cancel and goes on with it"
                        if row.accepted
                        else f"last seen {row.phase.value}"
                        if row.phase
                        else "no answer has come yet"
                    ),
                    receipt=row.receipt,
                    snapshot=row.snapshot,
                )
                for row in self._rows.values()
                if row.verdict is None
            ]

    def interrupted(self) -> None:
        """Say what is going on. Called by a signal handler, so it neither waits nor prints."""
        left = [row for row in self._rows.values() if row.verdict is None]
        accepted = sum(row.accepted for row in left)
        taken = (
            f"; AWS has accepted {accepted} of the cancels and goes on with them"
            if accepted
            else ""
        )
        self._notice = (
            f"{self._verb}: {plural(len(left), 'task')} to go{taken}. Ctrl-C again leaves."
        )
        if self._live is None:
            announce(self._notice)

    def _picture(self) -> RenderableType:
        from rich.console import Group

        console = err()
        with self._lock:
            rows = list(self._rows.values())
            parts: list[RenderableType] = [self._headline(rows)]
            room = max(1, console.height - _FRAME - bool(self._notice))
            shown = rows if len(rows) <= room else [row for row in rows if row.verdict is None]
            parts.append(_listing(shown[:room], pretty=marks(console)))
            if len(shown) > room:
                parts.append(styled((f"  … and {len(shown) - room} more", "dim")))
            if self._notice:
                parts.append(styled((self._notice, "yellow")))
        return Group(*parts)

    def _headline(self, rows: list[_Row]) -> RenderableType:
        from rich.console import Group

        ends = [row.verdict.end for row in rows if row.verdict is not None]
        fraction = len(ends) / max(1, len(rows))
        pretty = marks(err())
        full = int(fraction * _BAR)
        cells = ("━" if pretty else "=") * full
        line = styled(
            (f"{self._verb} {plural(len(rows), 'task')}  ", "bold"),
            (cells, "green"),
            (("━" if pretty else "-") * (_BAR - full), "dim"),
            f"  {len(ends)} of {len(rows)} done",
            (f"  {spoken(monotonic() - self._started)}", "dim"),
        )
        counts = [
            (f"{ends.count(end)} {end.value}", SHOWN[end].style) for end in End if end in ends
        ]
        if not counts or len(rows) == 1:
            return line
        return Group(line, styled("  ") + styled(", ").join(styled(count) for count in counts))


def _listing(rows: Iterable[_Row], *, pretty: bool) -> Table:
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(4):
        table.add_column(no_wrap=True, overflow="ellipsis")
    for row in rows:
        state, style = row.state
        progress: Progress | None = row.snapshot.progress if row.snapshot else None
        parent = row.snapshot.parent if row.snapshot else None
        table.add_row(
            styled(f"  {_mark(row, pretty=pretty)} {short(name_of(row.ref))}"),
            styled((state, style)),
            "" if progress is None else bar(progress, pretty=pretty),
            styled((short(parent or ""), "dim")),
        )
    return table


def _mark(row: _Row, *, pretty: bool) -> str:
    if row.verdict is None:
        return "·" if pretty else "."
    look = SHOWN[row.verdict.end]
    return look.mark if pretty else look.plain_mark
