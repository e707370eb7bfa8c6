"""What would be stopped, before it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from botocancel import BotocancelError
from botocancel.cli._descriptions import described
from botocancel.cli._documents import aftermath_document, as_json, name_of, task_document
from botocancel.cli._remedies import explained
from botocancel.cli._screen import draw, err, out, say
from botocancel.cli._session import client_for, service_time
from botocancel.cli._status import Status
from botocancel.cli._streams import complain, is_terminal, put
from botocancel.cli._tables import counted, plural, task_table
from botocancel.services import kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from botocancel import Shape, TaskSnapshot
    from botocancel.cli._naming import Named
    from botocancel.cli._settings import Settings

__all__ = ["confirmed", "preview"]

_ROWS: Final = 20


def confirmed(settings: Settings, tasks: Sequence[TaskSnapshot[Shape]]) -> bool:
    """Show tasks, and ask whether to stop them.

    Raises:
        UsageError: There is nobody to ask.
    """
    if not is_terminal(0) or not is_terminal(2):
        msg = (
            f"a filter chose {plural(len(tasks), 'task')}, and there is no terminal to ask on: "
            f"look with --dry-run, then pass --yes"
        )
        raise click.UsageError(msg)
    draw(task_table(tasks, err(), now=service_time(settings), limit=_ROWS), err())
    say(counted(tasks), "bold")
    return click.confirm(
        f"Stop {'it' if len(tasks) == 1 else f'these {len(tasks)} tasks'}?", err=True
    )


def preview(
    settings: Settings,
    named: Sequence[Named],
    known: Sequence[TaskSnapshot[Shape]],
) -> Status:
    """Show what would be stopped, and what that would leave behind. Nothing is cancelled.

    Args:
        settings: The options.
        named: The tasks.
        known: Descriptions of them; none if they are still to be described.
    """
    found = known or described(client_for(settings, [each.ref for each in named]), named)
    tasks = [task for task in found if not isinstance(task, BotocancelError)]
    errors = [error for error in found if isinstance(error, BotocancelError)]
    for error in errors:
        complain(explained(error))
    match settings.output:
        case "json":
            put(as_json([_document(task) for task in tasks], indent=2))
        case "jsonl":
            for task in tasks:
                put(as_json(_document(task)))
        case "ids":
            for task in tasks:
                put(name_of(task.ref))
        case _ if tasks:
            draw(task_table(tasks, out(), now=service_time(settings)))
            _tell_aftermath(tasks)
        case _:
            pass
    say(f"dry run: nothing was stopped ({counted(tasks)})")
    return Status.FAILED if errors else Status.DONE


def _document(task: TaskSnapshot[Shape]) -> dict[str, object]:
    aftermath = kind_of(task.ref).aftermath(task.detail)
    return {**task_document(task), "aftermath": aftermath_document(aftermath)}


def _tell_aftermath(tasks: Sequence[TaskSnapshot[Shape]]) -> None:
    running = [task for task in tasks if not task.phase.terminal]
    for summary in dict.fromkeys(
        kind_of(task.ref).aftermath(task.detail).summary for task in running
    ):
        say(f"It would leave behind: {summary}", "dim")
