"""``botocancel run``: a guard for any program."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import click

from botocancel import BotocancelError
from botocancel.cli._child import run
from botocancel.cli._command import operator_command
from botocancel.cli._selection import refs_of
from botocancel.cli._session import client_of
from botocancel.cli._settings import Settings, Status
from botocancel.cli._streams import complain
from botocancel.cli._verdicts import judged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from botocancel import Response, Shape, TaskClient, TaskRef

    AnyRef: TypeAlias = TaskRef[Shape, Response]

__all__ = ["command"]

_CLOCKS_APART: Final = timedelta(minutes=5)
"""This machine's clock and AWS's differ by less, or AWS would take no request."""


@operator_command(
    "botocancel run -- ./nightly-export.sh",
    "botocancel run --task task-0123456789abcdef0 -- ./watch-and-copy.py",
    "botocancel run --ids-file started.txt -- make transfer",
    without=["output", "poll"],
)
@click.option(
    "--task", "tasks", multiple=True, metavar="ID", help="A task to guard; may be repeated."
)
@click.option(
    "--ids-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file to which COMMAND writes the ids of the tasks it starts.",
)
@click.option("--wait", is_flag=True, help="Until what was cancelled has really ended.")
@click.argument("arguments", nargs=-1, required=True, metavar="-- COMMAND...")
def command(
    settings: Settings,
    *,
    tasks: tuple[str, ...],
    ids_file: Path | None,
    wait: bool,
    arguments: tuple[str, ...],
) -> int:
    """Run COMMAND, and if it fails or is killed, stop the tasks that it started.

    Which these are is told by --task or --ids-file; without either, by the ids and ARNs in
    what COMMAND writes, which is passed on as it comes. Tasks that are older than COMMAND
    are left alone unless --task names them. The exit status is COMMAND's own.
    """
    named = refs_of(settings, tasks)
    region = settings.region
    started = datetime.now(UTC)
    try:
        child = run(arguments, watch_output=not tasks and ids_file is None, file=ids_file)
    except OSError as error:
        complain(f"{arguments[0]} cannot be run: {error.strerror}")
        return 127 if isinstance(error, FileNotFoundError) else 126
    seen = [ref for ref in child.refs if ref not in named]
    if child.status == Status.DONE or not (named or seen):
        return child.status
    complain(f"{arguments[0]} ended with status {child.status}; stopping what it started")
    client = client_of(settings, region)
    refs = [*named, *_young(client, seen, started - _CLOCKS_APART)]
    if refs:
        _stop(client, refs, wait=wait)
    return child.status


def _young(client: TaskClient, refs: Sequence[AnyRef], since: datetime) -> list[AnyRef]:
    """Return the tasks that may have been started since, which is those not known to be older."""
    young: list[AnyRef] = []
    for ref in refs:
        try:
            task = client.describe(ref)
        except BotocancelError:  # a cancel will tell more
            young.append(ref)
            continue
        if task.created_at is not None and task.created_at < since:
            complain(f"{ref}: left alone, for it is older than the command")
        else:
            young.append(ref)
    return young


def _stop(client: TaskClient, refs: Sequence[AnyRef], *, wait: bool) -> None:
    for result in client.cancel_and_wait_many(refs) if wait else client.cancel_many(refs):
        verdict = judged(result, stopping=True)
        complain(f"{verdict.ref}: {verdict.end.value}: {verdict.note}")
