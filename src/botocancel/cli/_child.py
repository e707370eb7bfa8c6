"""Another program, run as a part of this one: its output passed on, signals passed down."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Final, TypeAlias

import attrs

from botocancel import InvalidInput, task_ref
from botocancel.cli._interrupts import FATAL, handled
from botocancel.clocks import GLANCE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from botocancel import Response, Shape, TaskRef

    AnyRef: TypeAlias = TaskRef[Shape, Response]

__all__ = ["Child", "ids_in", "run"]

_TOKEN: Final = re.compile(r"[\w:/-]+")
_CHUNK: Final = 65_536
_LONGEST_LINE: Final = 1_000_000
_GRACE: Final = 2.0
"""So many seconds are given to what a program that failed has left running, to write more."""


@attrs.frozen
class Child:
    """How a program ended, and the tasks it spoke of."""

    status: int
    """Its exit status; 128 and the number of the signal that ended it, as shells have it."""
    refs: tuple[AnyRef, ...]


def ids_in(text: str) -> list[AnyRef]:
    """Return the tasks whose ids or ARNs stand in a text, in whatever quotes and brackets."""
    found: dict[AnyRef, None] = {}
    for token in _TOKEN.findall(text):
        name = token.strip(":/-")
        for candidate in (name, name.rpartition(":")[2]):  # such as "id:task-…"
            try:
                found[task_ref(candidate)] = None
            except InvalidInput:
                continue
            break
    return list(found)


def run(command: Sequence[str], *, watch_output: bool, file: Path | None = None) -> Child:
    """Run a program to its end, and look out for ids of tasks.

    Args:
        command: The program and its arguments.
        watch_output: Whether to read along what it writes; it then writes to pipes.
        file: What it writes ids to, read when it has ended.

    Raises:
        OSError: It cannot be started.
    """
    pipe = subprocess.PIPE if watch_output else None
    found: list[AnyRef] = []
    process = subprocess.Popen(command, stdout=pipe, stderr=pipe)  # noqa: S603  (it is what was asked for)

    def pass_down(number: int) -> None:
        if number != signal.SIGINT or not _shares_terminal():
            process.send_signal(number)

    with handled(FATAL, pass_down):
        readers = [
            threading.Thread(target=_read_along, args=(source, sink, found.extend), daemon=True)
            for source, sink in (
                (process.stdout, sys.stdout.buffer),
                (process.stderr, sys.stderr.buffer),
            )
            if source is not None
        ]
        for reader in readers:
            reader.start()
        status = _status_of(process)
        for reader in readers:
            reader.join(_GRACE if status else None)
    if file is not None and file.exists():
        found += ids_in(file.read_text(encoding="utf-8", errors="replace"))
    return Child(128 - status if status < 0 else status, tuple(dict.fromkeys(found)))


def _status_of(process: subprocess.Popen[bytes]) -> int:
    """Wait for its end, and let signals be handled meanwhile."""
    while True:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(GLANCE)


def _read_along(
    source: IO[bytes], sink: IO[bytes], found: Callable[[list[AnyRef]], object]
) -> None:
    """Pass on what comes, as it comes, and hand over the ids of each line."""
    line = b""
    listening = True
    while chunk := os.read(source.fileno(), _CHUNK):
        if listening:
            try:
                sink.write(chunk)
                sink.flush()
            except OSError:
                listening = False
        *complete, line = (line + chunk).split(b"\n")
        for each in complete:
            found(ids_in(each.decode(errors="replace")))
        line = line[-_LONGEST_LINE:]
    found(ids_in(line.decode(errors="replace")))


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
