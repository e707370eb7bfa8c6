"""The two streams a person may be looking at, and pieces of what is drawn on them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.text import Text

from botocancel import Phase
from botocancel._text import excerpt, visible
from botocancel.cli._streams import is_terminal, put, tell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType

    from botocancel import Progress

__all__ = ["PHASE_STYLES", "bar", "draw", "err", "marks", "out", "say", "styled"]

PHASE_STYLES: Final[Mapping[Phase, str]] = {
    Phase.PENDING: "yellow",
    Phase.RUNNING: "blue",
    Phase.CANCELING: "magenta",
    Phase.CANCELED: "dim",
    Phase.SUCCEEDED: "green",
    Phase.FAILED: "red",
    Phase.UNKNOWN: "bold yellow",
}

_PIPED_WIDTH: Final = 1_000
"""Wider than any table: what a program reads is not cut off."""
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"


@cache
def out() -> Console:
    """Return the console of standard output, for results."""
    return Console(width=None if is_terminal(1) else _PIPED_WIDTH, highlight=False)


@cache
def err() -> Console:
    """Return the console of standard error, for all that is not a result."""
    return Console(stderr=True, width=None if is_terminal(2) else _PIPED_WIDTH, highlight=False)


def styled(*parts: str | tuple[str, str]) -> Text:
    """Return what is to be drawn, of texts and of texts with their styles.

    Texts are taken for what somebody else may have written: see `excerpt`.
    """
    pairs = ((part, "") if isinstance(part, str) else part for part in parts)
    return Text.assemble(*((excerpt(text), style) for text, style in pairs))


def draw(what: RenderableType, console: Console | None = None) -> None:
    """Write something, with no white space at the ends of lines where a program reads it.

    Raises:
        OutputLost: Standard output does not take it.
    """
    console = console or out()
    if console.is_terminal:
        console.print(what)
        return
    with console.capture() as captured:
        console.print(what)
    text = "\n".join(line.rstrip() for line in captured.get().splitlines())
    if console.stderr:
        tell(text)
    else:
        put(text)


def say(text: str, style: str = "") -> None:
    """Say something on standard error, in one line that a terminal wraps and that copies whole."""
    text = visible(text)
    if err().is_terminal:
        err().print(Text(text, style), soft_wrap=True)
    else:
        tell(text)


def marks(console: Console) -> bool:
    """Say whether a console takes more than ASCII."""
    return not console.options.ascii_only


def bar(progress: Progress, width: int = 5, *, pretty: bool = True) -> Text:
    """Return how much is done: a bar and a percentage, or a count, or nothing."""
    fraction = progress.fraction
    if fraction is None:
        done = progress.done
        return styled(("" if done is None else f"{done} {progress.unit or 'done'}", "dim"))
    eighths = round(fraction * width * 8)
    full, part = divmod(eighths, 8)
    if pretty:
        cells = ("█" * full + (_EIGHTHS[part] if part else "")).ljust(width, "░")
    else:
        cells = ("#" * full).ljust(width, ".")
    return styled((cells, "cyan"), f" {int(fraction * 100):>3}%")
