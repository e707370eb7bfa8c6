"""The standard streams, whose readers may leave at any time."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from botocancel._text import excerpt

if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["complain", "is_terminal", "silence", "tell"]


def is_terminal(number: int) -> bool:
    """Say whether a person sees a standard stream: 0, 1 or 2."""
    stream = (sys.__stdin__, sys.__stdout__, sys.__stderr__)[number]
    return stream is not None and stream.isatty()


def tell(text: str) -> None:
    """Say something on standard error, and go on if nobody listens any more."""
    try:
        click.echo(text, err=True)
    except OSError:
        silence(sys.stderr)


def complain(text: str) -> None:
    """Say what is wrong, in one line on standard error."""
    tell(f"botocancel: {excerpt(text)}")


def silence(stream: TextIO) -> None:
    """Let what is written from now on go nowhere, for whoever read it has left."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
