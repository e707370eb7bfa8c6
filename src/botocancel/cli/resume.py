"""``botocancel resume``: bring to their end the cancels of a journal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from botocancel.cli._board import Board
from botocancel.cli._command import operator_command
from botocancel.cli._durations import duration
from botocancel.cli._follow import follow
from botocancel.cli._screen import say
from botocancel.cli._session import client_for, prepare_journal
from botocancel.cli._streams import complain
from botocancel.cli._tables import plural
from botocancel.journal import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from botocancel import Sighting
    from botocancel.cli._settings import Settings
    from botocancel.journal import JournaledCancel

__all__ = ["command"]


@operator_command(
    "botocancel resume cancels.jsonl",
    "botocancel resume cancels.jsonl --timeout 15m --output jsonl",
)
@click.argument(
    "journal", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--timeout",
    metavar="DURATION",
    type=duration,
    default="1h",
    show_default=True,
    help="How long to wait.",
)
def command(settings: Settings, *, timeout: float) -> int:
    """Bring to their end the cancels of a journal, which FILE is.

    Of each cancel that was under way, it says how it ended, or finishes it: one that was
    accepted is waited for, one that was perhaps lost is sent again only if its task still runs.
    Nothing is cancelled that the journal does not say was asked for.

    FILE was written by 'botocancel cancel --journal FILE', by 'run', or by the library.
    """
    journal = cast("Path", settings.journal)
    cancels, unreadable = read(journal)
    if unreadable > 1 and not cancels:
        msg = f"{journal} is no journal of cancels; 'botocancel wait --file' reads receipts"
        raise click.UsageError(msg)
    client = client_for(settings, [cancel.ref for cancel in cancels])

    def sighted(sighting: Sighting) -> None:
        board.sighted(sighting)

    batch = client.resume(journal, timeout=timeout, on_progress=sighted)
    going = cast("Sequence[JournaledCancel]", batch.summary().pending)
    board = Board(settings, "Finishing", [cancel.ref for cancel in going])
    if unreadable:
        complain(
            f"{plural(unreadable, 'line')} of {journal} cannot be read: what was being written "
            "when a process ended"
        )
    open_refs = {cancel.ref for cancel in going}
    settled = sum(cancel.ref not in open_refs for cancel in cancels)
    before = f"{plural(settled, 'cancel')} of {journal} had been settled before"
    if not cancels:
        before = f"no cancel is noted in {journal}"
    if going:
        prepare_journal(settings)
        if settled:
            say(before)
    else:
        complain(f"there is nothing to resume: {before}")
    return follow(settings, board, batch, stopping=True)
