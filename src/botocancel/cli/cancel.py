"""``botocancel cancel``: stop tasks, by id or by filter, and know that they stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from botocancel.cli._board import Board, interruptible
from botocancel.cli._command import complain, operator_command
from botocancel.cli._durations import duration
from botocancel.cli._report import Report
from botocancel.cli._selection import Filters, Listing, filter_options, listed, refs_of
from botocancel.cli._session import client_of
from botocancel.cli._settings import Settings, Status
from botocancel.cli._verdicts import judged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from botocancel import Response, Shape, TaskRef, TaskSnapshot

__all__ = ["command"]


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
    default="1h",
    show_default=True,
    help="How long --wait waits.",
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
    timeout: float,
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
    listing = Listing((), complete=True) if ids else listed(settings, filters)
    known, complete = listing.found, listing.complete
    refs = refs_of(settings, ids) if ids else [snapshot.ref for snapshot in known]
    if not refs:
        complain("there is nothing to stop")
        return Status.DONE if complete else Status.FAILED
    if dry_run:
        from botocancel.cli._preview import preview  # what only this needs

        preview(settings, refs, known)
        return Status.DONE if complete else Status.FAILED
    if known and not yes:
        from botocancel.cli._preview import confirmed

        if not confirmed(known):
            complain("nothing was stopped")
            return Status.FAILED
    status = _stop(settings, refs, known, timeout=timeout if wait else None)
    return status or (Status.DONE if complete else Status.FAILED)


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
    client = client_of(settings, settings.region if not known else None)
    report = Report(settings)
    board = Board("Stopping" if timeout is not None else "Asking to stop", refs, known)
    batch = (
        client.cancel_many(refs)
        if timeout is None
        else client.cancel_and_wait_many(refs, timeout=timeout, on_progress=board.sighted)
    )
    try:
        with board, interruptible(board.interrupted):
            for result in batch:
                verdict = judged(result, stopping=True)
                board.settled(verdict)
                report.add(verdict)
    except KeyboardInterrupt:
        for verdict in board.unfinished():
            report.add(verdict)
    report.finish(waited=timeout is not None)
    return report.status
