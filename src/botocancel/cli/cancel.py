"""``botocancel cancel``: stop tasks, by id or by filter, and know that they stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from botocancel.cli._board import Board
from botocancel.cli._command import operator_command
from botocancel.cli._durations import duration
from botocancel.cli._follow import follow
from botocancel.cli._selection import Filters, Listing, filter_options, listed, refs_of
from botocancel.cli._session import client_for
from botocancel.cli._status import Status, worst
from botocancel.cli._streams import complain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from botocancel import Response, Shape, TaskRef, TaskSnapshot
    from botocancel.cli._settings import Settings

__all__ = ["command"]

_TIMEOUT: Final = 3_600.0
"""How many seconds --wait waits if nothing is said."""


@operator_command(
    "botocancel cancel task-0123456789abcdef0 --wait",
    "botocancel cancel --file-system fs-0123456789abcdef0 --older-than 2h --dry-run",
    "botocancel cancel --service datasync --region all --wait --timeout 15m --yes",
    "botocancel ls --output ids | botocancel cancel - --output jsonl",
)
@click.argument("ids", nargs=-1, metavar="[ID|-]...")
@click.option("--wait", is_flag=True, help="Until they have really ended.")
@click.option(
    "--timeout",
    metavar="DURATION",
    type=duration,
    help="How long --wait waits; 1h by default.",
)
@click.option(
    "--dry-run", is_flag=True, help="Show what would be stopped, and what is left behind."
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask before stopping what a filter chose.")
@filter_options
def command(
    settings: Settings,
    *,
    ids: tuple[str, ...],
    filters: Filters,
    wait: bool,
    timeout: float | None,
    dry_run: bool,
    yes: bool,
) -> int:
    """Stop tasks: those named by ID, or those that the filters choose.

    An ID is an AWS id or ARN, or the name that 'botocancel ls' shows; '-' reads them from
    standard input, one a line. What a filter chose is shown and asked about first.
    """
    if bool(ids) == filters.any:
        msg = "say which tasks to stop: by id, or by filters such as --file-system, not both"
        raise click.UsageError(msg)
    if timeout is not None and not wait:
        msg = "--timeout is how long --wait waits: give both, or neither"
        raise click.UsageError(msg)
    listing = Listing() if ids else listed(settings, filters)
    listing.tell_gaps()
    known = listing.found
    refs = refs_of(settings, ids) if ids else [snapshot.ref for snapshot in known]
    if not refs:
        nothing = "there is nothing" if listing.complete else "where was looked, there is nothing"
        complain(f"{nothing} to stop")
        return listing.status
    if dry_run:
        from botocancel.cli._preview import preview  # what only this needs

        return worst([preview(settings, refs, known), listing.status])
    if known and not yes:
        from botocancel.cli._preview import confirmed

        if not confirmed(settings, known):
            complain("nothing was stopped")
            return Status.FAILED
    seconds = (_TIMEOUT if timeout is None else timeout) if wait else None
    return worst([_stop(settings, refs, known, timeout=seconds), listing.status])


def _stop(
    settings: Settings,
    refs: Sequence[TaskRef[Shape, Response]],
    known: Sequence[TaskSnapshot[Shape]],
    *,
    timeout: float | None,
) -> Status:
    """Stop tasks, show how it goes, and report it.

    Args:
        settings: The options.
        refs: The tasks.
        known: Descriptions of them there are already.
        timeout: How many seconds to wait for their ends; None for not at all.
    """
    client = client_for(settings, refs)
    board = Board(settings, "Stopping" if timeout is not None else "Asking to stop", refs, known)
    batch = (
        client.cancel_many(refs)
        if timeout is None
        else client.cancel_and_wait_many(refs, timeout=timeout, on_progress=board.sighted)
    )
    return follow(settings, board, batch, stopping=True)
