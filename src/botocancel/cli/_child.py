"""Another program, run as a part of this one: its output passed on, signals passed down."""

from __future__ import annotations

import os
import signal
import subprocess
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import IO, TYPE_CHECKING, Final

import attrs

from botocancel.cli._interrupts import handled, named
from botocancel.cli._streams import OutputLost, complain, pass_on
from botocancel.clocks import GLANCE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from botocancel.cli._search import IdSearch

__all__ = ["Ended", "run"]

_CHUNK: Final = 1 << 16
"""As much as a pipe holds."""
_GRACE: Final = 2.0
"""So many seconds are given to what a program that failed has left running, to write more."""
_OF_KEYBOARD: Final = named("SIGINT", "SIGQUIT")
_OF_CHILD: Final = named("SIGCHLD")


@attrs.frozen
class Ended:
    """How a program ended."""

    status: int
    """Its exit status; 128 and the number of the signal that ended it, as shells have it."""
    killed: bool
    """Whether it failed, or a signal came that was to end it, whatever it made of that."""


def run(
    command: Sequence[str],
    signals: Collection[signal.Signals],
    search: Callable[[], IdSearch] | None = None,
) -> Ended:
    """Run a program to its end.

    Args:
        command: The program and its arguments.
        signals: What is passed down to it.
        search: Makes what is fed with all that it writes to one stream; it then writes to pipes.

    Raises:
        OSError: It cannot be started.
    """
    news: SimpleQueue[int | None] = SimpleQueue()  # a signal handler may put into this kind
    with handled([*signals, *_OF_CHILD], news.put):  # before it starts: none is missed
        pipe = None if search is None else subprocess.PIPE
        process = subprocess.Popen(command, stdout=pipe, stderr=pipe)  # noqa: S603  (it is what was asked for)
        searches: list[IdSearch] = []
        for number, source in ((1, process.stdout), (2, process.stderr)):
            if search is not None and source is not None:
                searches.append(search())
                reading = (source, number, searches[-1], news)
                Thread(target=_read_along, args=reading, daemon=True).start()
        ended = _followed(process, len(searches), news)
    for each in searches:
        each.finish()
    return ended


def _followed(
    process: subprocess.Popen[bytes], writing: int, news: SimpleQueue[int | None]
) -> Ended:
    """Wait until a program and what it left running write no more, or it was killed.

    Args:
        process: The program.
        writing: How many streams are read along.
        news: Gets the numbers of signals, and None at the end of each stream.
    """
    killed = False
    ended: float | None = None
    while True:
        try:
            item = news.get(timeout=GLANCE)
        except Empty:
            pass
        else:
            if item is None:
                writing -= 1
            elif item not in _OF_CHILD:
                killed = True
                _pass_down(process, signal.Signals(item))
        status = process.poll()
        if status is None:
            continue
        ended = ended or monotonic()
        killed = killed or status != 0
        if not writing or (killed and monotonic() > ended + _GRACE):
            return Ended(128 - status if status < 0 else status, killed)


def _pass_down(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a program a signal, unless it has got it from the terminal already."""
    if number in _OF_KEYBOARD and _shares_terminal():
        return
    try:
        process.send_signal(number)
    except OSError as error:  # it is another user's by now, as under sudo
        complain(f"{number.name} could not be passed on: {error.strerror}")


def _read_along(
    source: IO[bytes], number: int, search: IdSearch, news: SimpleQueue[int | None]
) -> None:
    """Search what comes, and pass it on to a standard stream as it comes."""
    try:
        while chunk := os.read(source.fileno(), _CHUNK):
            search.feed(chunk)
            try:
                pass_on(number, chunk)
            except OutputLost as lost:
                if lost.reader_left:
                    source.close()  # so that the program learns it too
                    break
    finally:
        news.put(None)


def _shares_terminal() -> bool:
    """Say whether Ctrl-C on a terminal reaches the other program without help."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
