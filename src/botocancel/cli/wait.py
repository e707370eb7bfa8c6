"""``botocancel wait``: until tasks have ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from botocancel.cli._board import Board
from botocancel.cli._command import operator_command
from botocancel.cli._durations import duration
from botocancel.cli._follow import follow
from botocancel.cli._naming import named_tasks, task_arguments
from botocancel.cli._session import client_for
from botocancel.cli._status import Status
from botocancel.cli._streams import complain

if TYPE_CHECKING:
    from botocancel.cli._settings import Settings

__all__ = ["command"]


@operator_command(
    "botocancel wait task-0123456789abcdef0 && echo it has succeeded",
    "botocancel ls --output ids | botocancel wait - --timeout 8h",
    "botocancel cancel exec-0123456789abcdef0 --output jsonl | botocancel wait -",
)
@task_arguments
@click.option(
    "--timeout",
    metavar="DURATION",
    type=duration,
    default="1h",
    show_default=True,
    help="How long to wait.",
)
def command(
    settings: Settings, *, ids: tuple[str, ...], files: tuple[str, ...], timeout: float
) -> int:
    """Wait until tasks have ended, however they end. Nothing is cancelled.

    An ID is an AWS id or ARN, or the name that 'botocancel ls' shows; '-' reads them from
    standard input, one a line. The exit status is 0 if all have succeeded, 1 if some have not,
    3 if time is up.

    A task may be named by the receipt of its cancel, which 'botocancel cancel --output jsonl'
    prints. Then it is known whether it was cancelled, and that is a success.
    """
    tasks = named_tasks(settings, ids, files)
    if not tasks:
        complain("there is nothing to wait for")
        return Status.DONE
    refs = [task.ref for task in tasks]
    board = Board(settings, "Waiting for", refs)
    batch = client_for(settings, refs).wait_many(tasks, timeout=timeout, on_progress=board.sighted)
    return follow(settings, board, batch, stopping=False)
