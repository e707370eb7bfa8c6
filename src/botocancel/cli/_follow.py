"""A batch, shown as it goes on and reported at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocancel.cli._interrupts import interruptible
from botocancel.cli._report import Report
from botocancel.cli._verdicts import judged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from botocancel import Result
    from botocancel.cli._board import Board
    from botocancel.cli._settings import Settings
    from botocancel.cli._status import Status

__all__ = ["follow"]


def follow(
    settings: Settings, board: Board, batch: Iterable[Result[Any]], *, stopping: bool
) -> Status:
    """Let a batch run to its end, or until the second Ctrl-C, and report it.

    Args:
        settings: The options.
        board: Where it is shown.
        batch: The results.
        stopping: Whether the tasks are to be stopped; else they are waited for.

    Raises:
        OutputLost: They are waited for, and standard output takes no more.
    """
    report = Report(settings, stopping=stopping)
    try:
        with board:
            for result in interruptible(batch, board.interrupted):
                report.add(board.settled(judged(result, stopping=stopping)))
    except KeyboardInterrupt:
        for verdict in board.unfinished():
            report.add(verdict)
    report.finish()
    return report.status
