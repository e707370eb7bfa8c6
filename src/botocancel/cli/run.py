"""``botocancel run``: a guard for any program."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs
import click

from botocancel import BotocancelError, NotFound
from botocancel.cli._child import run
from botocancel.cli._command import journal_option, operator_command
from botocancel.cli._descriptions import described
from botocancel.cli._interrupts import FATAL, announce, handled, interruptible
from botocancel.cli._naming import named_tasks
from botocancel.cli._remedies import explained
from botocancel.cli._search import LIMIT, Found, IdSearch
from botocancel.cli._session import client_of, policy_of, prepare_journal, service_time
from botocancel.cli._streams import complain
from botocancel.cli._verdicts import judged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from botocancel import Response, RetryPolicy, Shape, TaskRef, TaskSnapshot
    from botocancel.cli._settings import Settings

    AnyRef: TypeAlias = TaskRef[Shape, Response]

__all__ = ["command"]

_MARGIN: Final = timedelta(minutes=5)
"""So much older than the command a task may seem, for clocks are set while it runs."""
_NEW_TASK: Final = 5.0
"""Seconds after which a task that was just started is sure to be found."""
_TOO_MANY: Final = f"it named more than {LIMIT:,} tasks, of which the first {LIMIT:,} are looked at"
_CHUNK: Final = 1 << 20


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
@journal_option
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
    named = [task.ref for task in named_tasks(settings, tasks)] if tasks else []
    region = settings.region
    prepare_journal(settings)
    found = Found()
    search = None if tasks or ids_file else partial(IdSearch, found)
    signals = [each for each in FATAL if signal.getsignal(each) is not signal.SIG_IGN]  # nohup
    started = datetime.now(UTC)
    with handled(signals, lambda _: None):  # none of them ends this program in between
        try:
            child = run(arguments, signals, search)
        except OSError as error:
            complain(f"{arguments[0]} cannot be run: {error.strerror}")
            return 127 if isinstance(error, FileNotFoundError) else 126
        if not child.killed:
            return child.status
        if ids_file is not None:
            _search_file(ids_file, found)
        seen = [ref for ref in found.refs if ref not in named]
        if named or seen:
            after = "" if child.status else " after a signal"
            ended = f"{arguments[0]} ended with status {child.status}{after}"
            told = chain(
                [f"{ended}; stopping what it started"],
                [_TOO_MANY] * found.more,
                _stop(settings, region, named, seen, started=started, wait=wait, reason=ended),
            )
            once_more = partial(announce, "botocancel: stopping tasks; once more leaves")
            for line in interruptible(told, once_more, signals):
                complain(line)
    return child.status


def _search_file(file: Path, found: Found) -> None:
    """Find the ids in a file, or say why it cannot be read."""
    search = IdSearch(found)
    try:
        with file.open("rb") as stream:
            while data := stream.read(_CHUNK):
                search.feed(data)
    except OSError as error:
        complain(f"{file} cannot be read: {error.strerror}")
    search.finish()


def _stop(
    settings: Settings,
    region: str | None,
    named: Sequence[AnyRef],
    seen: Sequence[AnyRef],
    *,
    started: datetime,
    wait: bool,
    reason: str,
) -> Iterator[str]:
    """Stop tasks, those that were seen unless they are older; say what became of each."""
    client = client_of(settings, region)
    refs = [*named]
    found = described(client, seen, _patient_with_new_tasks(policy_of(settings)))
    behind = datetime.now(UTC) - service_time(settings)
    for ref, task in zip(seen, found, strict=True):
        spared = _reason_to_spare(task, started - behind - _MARGIN)
        if spared is None:
            refs.append(ref)
        else:
            yield f"{ref}: left alone, for {spared}"
    stop = client.cancel_and_wait_many if wait else client.cancel_many
    for result in stop(refs, reason=reason):
        verdict = judged(result, stopping=True)
        yield f"{verdict.ref}: {verdict.end.value}: {verdict.note}"


def _patient_with_new_tasks(policy: RetryPolicy) -> RetryPolicy:
    """Return a policy that for some seconds does not believe that a task is not there."""
    until = monotonic() + _NEW_TASK

    def may_pass(error: BaseException) -> bool:
        is_new = isinstance(error, NotFound) and monotonic() < until
        return is_new or policy.retry_on(error)

    return attrs.evolve(policy, retry_on=may_pass)


def _reason_to_spare(task: TaskSnapshot[Shape] | BotocancelError, since: datetime) -> str | None:
    """Say why to leave a task alone, unless it is known to be no older than this."""
    if isinstance(task, BotocancelError):
        return f"its age is not known: {explained(task)}"
    created = task.created_at
    return "it is older than the command" if created is None or created < since else None
