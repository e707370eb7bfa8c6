"""``botocancel run``: a guard for any program."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import click

from botocancel import BotocancelError
from botocancel.cli._child import run
from botocancel.cli._command import operator_command
from botocancel.cli._interrupts import FATAL, announce, interruptible
from botocancel.cli._patience import patiently
from botocancel.cli._remedies import explained
from botocancel.cli._selection import refs_of
from botocancel.cli._session import client_of, policy_of
from botocancel.cli._settings import Settings, Status
from botocancel.cli._streams import complain
from botocancel.cli._verdicts import judged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from botocancel import Response, RetryPolicy, Shape, TaskClient, TaskRef

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
    what COMMAND writes, which is passed on as it comes. Tasks that are older than COMMAND,
    or whose age cannot be told, are left alone unless --task names them. The exit status
    is COMMAND's own.
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
    complaint = f"{arguments[0]} ended with status {child.status}; stopping what it started"
    stopping = _stop(settings, region, named, seen, since=started - _CLOCKS_APART, wait=wait)
    once_more = partial(announce, "botocancel: stopping tasks; once more leaves")
    for line in interruptible(chain([complaint], stopping), once_more, FATAL):
        complain(line)
    return child.status


def _stop(
    settings: Settings,
    region: str | None,
    named: Sequence[AnyRef],
    seen: Sequence[AnyRef],
    *,
    since: datetime,
    wait: bool,
) -> Iterator[str]:
    """Stop tasks, those that were seen unless they are older than this; say what became of each."""
    client = client_of(settings, region)
    refs = [*named]
    for ref in seen:
        reason = _reason_to_spare(client, ref, since, policy_of(settings))
        if reason is None:
            refs.append(ref)
        else:
            yield f"{ref}: left alone, for {reason}"
    for result in client.cancel_and_wait_many(refs) if wait else client.cancel_many(refs):
        verdict = judged(result, stopping=True)
        yield f"{verdict.ref}: {verdict.end.value}: {verdict.note}"


def _reason_to_spare(
    client: TaskClient, ref: AnyRef, since: datetime, policy: RetryPolicy
) -> str | None:
    """Say why to leave a task alone, unless it is known to be no older than this."""
    try:
        created = patiently(lambda: client.describe(ref), policy).created_at
    except BotocancelError as error:
        return f"its age is not known: {explained(error)}"
    return "it is older than the command" if created is None or created < since else None
