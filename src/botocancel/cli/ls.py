"""``botocancel ls``: what is running."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import attrs
import click

from botocancel.cli._command import complain, operator_command
from botocancel.cli._documents import as_json, name_of, task_document
from botocancel.cli._durations import duration
from botocancel.cli._selection import Filters, Listing, filter_options, listed
from botocancel.cli._settings import Settings, Status

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["command"]


@operator_command(
    "botocancel ls",
    "botocancel ls --region us-east-1 --region eu-west-1 --older-than 2h",
    "botocancel ls --region all --service fsx --output ids | botocancel cancel - --wait",
    "botocancel ls --watch",
    without=["poll"],
)
@click.option("--all", "ended", is_flag=True, help="Also those that have ended.")
@click.option("--watch", is_flag=True, help="Draw it anew until Ctrl-C.")
@click.option(
    "--interval",
    metavar="DURATION",
    type=duration,
    default="5s",
    show_default=True,
    help="How often --watch looks.",
)
@filter_options
def command(settings: Settings, *, filters: Filters, watch: bool, interval: float) -> int:
    """List the tasks that are running, of every service, the oldest first."""
    if watch:
        return _watch(settings, filters, interval)
    listing = listed(settings, filters)
    _print(settings, listing, filters)
    return Status.DONE if listing.complete else Status.FAILED


def _print(settings: Settings, listing: Listing, filters: Filters) -> None:
    tasks = listing.found
    match settings.output:
        case "json":
            click.echo(as_json([task_document(task) for task in tasks], indent=2))
        case "jsonl":
            for task in tasks:
                click.echo(as_json(task_document(task)))
        case "ids":
            for task in tasks:
                click.echo(name_of(task.ref))
        case _ if not tasks:
            complain(f"no {'' if filters.wants_ended else 'active '}tasks {_where(filters)}")
        case _:
            from botocancel.cli._screen import draw, is_terminal, out, say
            from botocancel.cli._tables import counted, task_table

            draw(task_table(tasks, out()))
            if is_terminal(1):
                say(counted(tasks), "dim")


def _where(filters: Filters) -> str:
    fit = attrs.evolve(filters, ended=False).any
    return "fit the filters" if fit else "where was looked"


def _watch(settings: Settings, filters: Filters, interval: float) -> int:
    """Draw the list on the terminal until Ctrl-C.

    Raises:
        UsageError: There is no terminal.
    """
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

    from botocancel.cli._screen import is_terminal, out
    from botocancel.cli._tables import counted, task_table

    console = out()
    if not is_terminal(1) or console.is_dumb_terminal or settings.output != "table":
        msg = "--watch draws a table on a terminal; 'botocancel wait' follows tasks without one"
        raise click.UsageError(msg)

    def picture() -> RenderableType:
        tasks = listed(settings, filters).found
        clock = Text(f"{time.strftime('%H:%M:%S')}, every {interval:g}s; Ctrl-C leaves", "dim")
        if not tasks:
            return Group(Text("no tasks"), clock)
        room = max(2, console.height - 4)
        return Group(task_table(tasks, console, limit=room), Text(counted(tasks), "bold"), clock)

    with Live(picture(), console=console, auto_refresh=False) as live:
        while True:
            time.sleep(interval)
            live.update(picture(), refresh=True)
