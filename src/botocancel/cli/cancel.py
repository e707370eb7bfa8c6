"""``botocancel cancel``: stop tasks, by id or by filter, and know that they stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from botocancel.cli._board import Board
from botocancel.cli._command import journal_option, operator_command
from botocancel.cli._durations import duration
from botocancel.cli._follow import follow
from botocancel.cli._naming import Named, named_tasks, task_arguments
from botocancel.cli._selection import Filters, Listing, filter_options, listed
from botocancel.cli._session import client_for, prepare_journal
from botocancel.cli._status import Status, worst
from botocancel.cli._streams import complain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from botocancel import Shape, TaskSnapshot
    from botocancel.cli._settings import Settings

__all__ = ["command"]

_TIMEOUT: Final = 3_600.0
"""How many seconds --wait waits if nothing is said."""


@operator_command(
    "botocancel cancel task-0123456789abcdef0 --wait",
    "botocancel cancel --kind fsx --file-system fs-0123456789abcdef0 --older-than 2h --dry-run",
    "botocancel cancel --kind datasync --region all --wait --timeout 15m --yes",
    "botocancel ls --output ids | botocancel cancel - --journal cancels.jsonl",
)
@task_arguments
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
@click.option("--reason", metavar="TEXT", help="Why, for the receipts and the journal.")
@journal_option
@filter_options
def command(
    settings: Settings,
    *,
    ids: tuple[str, ...],
    files: tuple[str, ...],
    filters: Filters,
    wait: bool,
    timeout: float | None,
    dry_run: bool,
    yes: bool,
    reason: str | None,
) -> int:
    """Stop tasks: those named by ID, or those that the filters choose.

    An ID is an AWS id or ARN, or the name that 'botocancel ls' shows; '-' reads them from
    standard input, one a line. What a filter chose is shown and asked about first.
    """
    are_named = bool(ids or files)
    if are_named == filters.any:
        msg = "say which tasks to stop: by id, or by filters such as --file-system, not both"
        raise click.UsageError(msg)
    if filters.any and not filters.kinds:
        msg = "filters stop tasks of the kinds that are named only: add --kind, such as --kind fsx"
        raise click.UsageError(msg)
    if timeout is not None and not wait:
        msg = "--timeout is how long --wait waits: give both, or neither"
        raise click.UsageError(msg)
    listing = Listing() if are_named else listed(settings, filters)
    listing.tell_gaps()
    known = listing.found
    tasks = named_tasks(settings, ids, files) if are_named else [Named(each.ref) for each in known]
    if not tasks:
        nothing = "there is nothing" if listing.complete else "where was looked, there is nothing"
        complain(f"{nothing} to stop")
        return listing.status
    if dry_run:
        from botocancel.cli._preview import preview  # what only this needs

        return worst([preview(settings, tasks, known), listing.status])
    if known and not yes:
        from botocancel.cli._preview import confirmed

        if not confirmed(settings, known):
            complain("nothing was stopped")
            return Status.FAILED
    seconds = (_TIMEOUT if timeout is None else timeout) if wait else None
    status = _stop(settings, tasks, known, timeout=seconds, reason=reason)
    return worst([status, listing.status])


def _stop(
    settings: Settings,
    tasks: Sequence[Named],
    known: Sequence[TaskSnapshot[Shape]],
    *,
    timeout: float | None,
    reason: str | None,
) -> Status:
    """Stop tasks, show how it goes, and report it.

    Args:
        settings: The options.
        tasks: The tasks.
        known: Descriptions of them there are already.
        timeout: How many seconds to wait for their ends; None for not at all.
        reason: Why.

    Raises:
        JournalError: There is to be a journal, and it cannot be written.
    """
    refs = [task.ref for task in tasks]
    client = client_for(settings, refs)
    prepare_journal(settings)
    board = Board(settings, "Stopping" if timeout is not None else "Asking to stop", refs, known)
    batch = (
        client.cancel_many(tasks, reason=reason)
        if timeout is None
        else client.cancel_and_wait_many(
            tasks, timeout=timeout, on_progress=board.sighted, reason=reason
        )
    )
    return follow(settings, board, batch, stopping=True)
