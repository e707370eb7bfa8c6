"""``botocancel wait``: until tasks have ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from botocancel.cli._board import Board
from botocancel.cli._command import operator_command
from botocancel.cli._durations import duration
from botocancel.cli._follow import follow
from botocancel.cli._selection import refs_of
from botocancel.cli._session import client_for
from botocancel.cli._status import Status
from botocancel.cli._streams import complain

if TYPE_CHECKING:
    from botocancel.cli._settings import Settings

__all__ = ["command"]


@operator_command(
    "botocancel wait task-0123456789abcdef0 && echo it has succeeded",
    "botocancel ls --output ids | botocancel wait - --timeout 8h",
)
@click.argument("ids", nargs=-1, required=True, metavar="ID|-...")
@click.option(
    "--timeout",
    metavar="DURATION",
    type=duration,
    default="1h",
    show_default=True,
    help="How long to wait.",
)
def command(settings: Settings, *, ids: tuple[str, ...], timeout: float) -> int:
    """Wait until tasks have ended, however they end. Nothing is cancelled.

    The exit status is 0 if all have succeeded, 1 if some have not, 3 if time is up.
    """
    refs = refs_of(settings, ids)
    if not refs:
        complain("there is nothing to wait for")
        return Status.DONE
    board = Board(settings, "Waiting for", refs)
    batch = client_for(settings, refs).wait_many(refs, timeout=timeout, on_progress=board.sighted)
    return follow(settings, board, batch, stopping=False)
