"""The two streams a person may be looking at, and pieces of what is drawn on them."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Final

from botocancel import Phase
from botocancel._text import excerpt, visible
from botocancel.cli._streams import is_terminal, put, tell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console, RenderableType
    from rich.text import Text

    from botocancel import Progress

__all__ = ["PHASE_STYLES", "bar", "draw", "err", "marks", "out", "say", "state", "styled"]

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
_TAKEN_FOR_TERMINALS: Final = ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
"""Variables by which rich is told that streams are terminals."""
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"


@cache
def out() -> Console:
    """Return the console of standard output, for results."""
    from rich.console import Console

    return Console(width=None if is_terminal(1) else _PIPED_WIDTH, highlight=False)


@cache
def err() -> Console:
    """Return the console of standard error, for all that is not a result."""
    from rich.console import Console

    return Console(stderr=True, width=None if is_terminal(2) else _PIPED_WIDTH, highlight=False)


def styled(*parts: str | tuple[str, str]) -> Text:
    """Return what is to be drawn, of texts and of texts with their styles.

    Texts are taken for what somebody else may have written: see `excerpt`.
    """
    from rich.text import Text

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
    if _is_looked_at() and err().is_terminal:
        from rich.text import Text

        err().print(Text(text, style), soft_wrap=True)
    else:
        tell(text)


def state(*parts: str | tuple[str, str], indent: int = 0) -> None:
    """Say something on standard error, in as many lines as a terminal needs, all of them indented.

    Args:
        parts: As for `styled`.
        indent: By so many spaces.
    """
    if _is_looked_at():
        from rich.padding import Padding

        draw(Padding(styled(*parts), (0, 0, 0, indent)), err())
    else:
        texts = (part if isinstance(part, str) else part[0] for part in parts)
        tell(" " * indent + "".join(map(excerpt, texts)))


def _is_looked_at() -> bool:
    """Say whether standard error is a terminal, or may have to be taken for one.

    Where nobody looks, nothing is loaded that draws.
    """
    return is_terminal(2) or any(os.environ.get(name) for name in _TAKEN_FOR_TERMINALS)


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
