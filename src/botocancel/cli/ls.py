"""``botocancel ls``: what is running."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import attrs
import click

from botocancel.cli._command import operator_command
from botocancel.cli._documents import as_json, name_of, task_document
from botocancel.cli._durations import duration
from botocancel.cli._selection import Filters, filter_options, listed
from botocancel.cli._session import service_time
from botocancel.cli._streams import complain, is_terminal, put

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType
    from rich.text import Text

    from botocancel import Shape, TaskSnapshot
    from botocancel.cli._settings import Settings

__all__ = ["command"]

_SHORTEST_INTERVAL: Final = 1.0
"""In seconds: a look is a request for each service and region."""


@operator_command(
    "botocancel ls",
    "botocancel ls --region us-east-1 --region eu-west-1 --older-than 2h",
    "botocancel ls --region all --kind fsx --output ids | botocancel cancel - --wait",
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
    help="How often --watch looks; at least 1s.",
)
@filter_options
def command(settings: Settings, *, filters: Filters, watch: bool, interval: float) -> int:
    """List the tasks that are running, of every service, the oldest first."""
    if watch:
        return _watch(settings, filters, max(interval, _SHORTEST_INTERVAL))
    listing = listed(settings, filters)
    listing.tell_gaps()
    _print(settings, listing.found, filters)
    return listing.status


def _print(settings: Settings, tasks: Sequence[TaskSnapshot[Shape]], filters: Filters) -> None:
    match settings.output:
        case "json":
            put(as_json([task_document(task) for task in tasks], indent=2))
        case "jsonl":
            for task in tasks:
                put(as_json(task_document(task)))
        case "ids":
            for task in tasks:
                put(name_of(task.ref))
        case _ if not tasks:
            complain(f"no {'' if filters.wants_ended else 'active '}tasks {_where(filters)}")
        case _:
            from botocancel.cli._screen import draw, out, say
            from botocancel.cli._tables import counted, task_table

            draw(task_table(tasks, out(), now=service_time(settings)))
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

    from botocancel.cli._screen import out, styled
    from botocancel.cli._tables import counted, task_table

    console = out()
    if not is_terminal(1) or console.is_dumb_terminal or settings.output != "table":
        msg = "--watch draws a table on a terminal; 'botocancel wait' follows tasks without one"
        raise click.UsageError(msg)

    def line(text: str, style: str) -> Text:
        """Return a line that is cut off where the terminal ends."""
        drawn = styled((text, style))
        drawn.no_wrap, drawn.overflow = True, "ellipsis"
        return drawn

    def picture() -> RenderableType:
        listing = listed(settings, filters)
        tasks = listing.found
        below = [
            line(counted(tasks), "bold"),
            *(line(gap, "yellow") for gap in listing.gaps),
            line(f"{time.strftime('%H:%M:%S')}, every {interval:g}s; Ctrl-C leaves", "dim"),
        ]
        room = max(2, console.height - len(below) - 2)
        if not tasks:
            return Group(*below)
        return Group(task_table(tasks, console, now=service_time(settings), limit=room), *below)

    with Live(picture(), console=console, auto_refresh=False) as live:
        while True:
            time.sleep(interval)
            live.update(picture(), refresh=True)
