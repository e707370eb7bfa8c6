"""Tasks as a table that fits where it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from botocancel.cli._documents import name_of, short
from botocancel.cli._durations import spoken
from botocancel.cli._screen import PHASE_STYLES, bar, marks, styled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from botocancel import Shape, TaskSnapshot

__all__ = ["counted", "plural", "task_table"]

_GAP: Final = 2
_CELL: Final = 40
"""A terminal shows so many characters of a cell, so that one odd task hides no column of others."""


@attrs.frozen
class _Context:
    """What a cell depends on besides its task."""

    now: datetime
    pretty: bool
    whole: bool
    """Whether names are given in full."""


@attrs.frozen
class _Column:
    head: str
    cell: Callable[[TaskSnapshot[Shape], _Context], Text | str]
    rank: int
    """Columns of the lowest rank give way first where there is no room."""


def _name(snapshot: TaskSnapshot[Shape], context: _Context) -> Text:
    name = name_of(snapshot.ref)
    return styled((name if context.whole else short(name), "bold"))


def _phase(snapshot: TaskSnapshot[Shape], _: _Context) -> Text:
    return styled((snapshot.phase.value, PHASE_STYLES[snapshot.phase]))


def _status(snapshot: TaskSnapshot[Shape], _: _Context) -> Text:
    return styled((snapshot.status or "?", PHASE_STYLES[snapshot.phase]))


def _age(snapshot: TaskSnapshot[Shape], context: _Context) -> str:
    created = snapshot.created_at
    return "?" if created is None else spoken((context.now - created).total_seconds())


def _source(snapshot: TaskSnapshot[Shape], context: _Context) -> str:
    parent = snapshot.parent or ""
    return parent if context.whole else short(parent)


_COLUMNS: Final[Sequence[_Column]] = (
    _Column("TASK", _name, 9),
    _Column("SERVICE", lambda snapshot, _: snapshot.ref.key, 2),
    _Column("REGION", lambda snapshot, _: snapshot.ref.region or "", 5),
    _Column("TYPE", lambda snapshot, _: (snapshot.type or "").replace("_", " ").lower(), 1),
    _Column("PHASE", _phase, 3),
    _Column("STATUS", _status, 8),
    _Column("AGE", _age, 7),
    _Column("PROGRESS", lambda snapshot, context: bar(snapshot.progress, pretty=context.pretty), 6),
    _Column("SOURCE", _source, 4),
)


def task_table(
    snapshots: Sequence[TaskSnapshot[Shape]],
    console: Console,
    *,
    now: datetime,
    limit: int | None = None,
) -> Table:
    """Return tasks as a table, of as many columns as the console has room for.

    Args:
        snapshots: The tasks.
        console: Where the table is shown; names are given in full where no person looks.
        now: What ages are measured from.
        limit: Show so many tasks, and count the others.
    """
    from rich.table import Table

    context = _Context(now=now, pretty=marks(console), whole=not console.is_terminal)
    shown = snapshots if limit is None or len(snapshots) <= limit else snapshots[: limit - 1]
    regions = {snapshot.ref.region for snapshot in snapshots}
    columns = [
        (column, [_cell(column.cell(snapshot, context), context) for snapshot in shown])
        for column in _COLUMNS
        if column.head != "REGION" or context.whole or len(regions) > 1
    ]
    columns = [(column, cells) for column, cells in columns if any(cell.plain for cell in cells)]
    while len(columns) > 1 and _width(columns) > console.width:
        columns.remove(min(columns, key=lambda pair: pair[0].rank))
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold dim")
    for column, _ in columns:
        table.add_column(column.head, no_wrap=True, overflow="ellipsis")
    for row in zip(*(cells for _, cells in columns), strict=True):
        table.add_row(*row)
    if len(shown) < len(snapshots):
        table.add_row(styled((f"… and {len(snapshots) - len(shown)} more", "dim")))
    return table


def counted(snapshots: Sequence[TaskSnapshot[Shape]]) -> str:
    """Return how many tasks there are, by phase."""
    phases = [snapshot.phase for snapshot in snapshots]
    parts = [f"{phases.count(phase)} {phase.value.lower()}" for phase in dict.fromkeys(phases)]
    return f"{plural(len(phases), 'task')}: {', '.join(parts)}" if parts else "no tasks"


def plural(number: int, noun: str) -> str:
    """Return a number of things in words."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _cell(content: Text | str, context: _Context) -> Text:
    cell = styled(content) if isinstance(content, str) else content
    if not context.whole:
        cell.truncate(_CELL, overflow="ellipsis")
    return cell


def _width(columns: Sequence[tuple[_Column, Sequence[Text]]]) -> int:
    widths = [
        max(len(column.head), *(cell.cell_len for cell in cells)) for column, cells in columns
    ]
    return sum(widths) + _GAP * (len(widths) - 1)
