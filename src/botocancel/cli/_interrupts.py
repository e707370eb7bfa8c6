"""Signals that ask this program to leave."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from types import FrameType

__all__ = ["FATAL", "announce", "handled", "interruptible"]

FATAL: Final = tuple(
    number for number in signal.Signals if number.name in {"SIGINT", "SIGTERM", "SIGHUP"}
)
"""Those that end a program that does not handle them, of the ones that people send."""


def announce(text: str) -> None:
    """Say something on standard error from a signal handler, which may find it in use."""
    with suppress(OSError):  # nobody listens
        os.write(2, f"{text}\n".encode())


@contextmanager
def handled(signals: Iterable[signal.Signals], handle: Callable[[int], None]) -> Generator[None]:
    """Let a function handle signals that come in a block."""

    def handler(number: int, _: FrameType | None) -> None:
        handle(number)

    previous = {number: signal.signal(number, handler) for number in signals}
    try:
        yield
    finally:
        for number, before in previous.items():
            signal.signal(number, before)


@contextmanager
def interruptible(
    on_first: Callable[[], None], signals: Iterable[signal.Signals] = (signal.SIGINT,)
) -> Generator[None]:
    """Let the first Ctrl-C of a block call a function, and the second one leave the block.

    Args:
        on_first: Called by a signal handler, so it must not wait.
        signals: What counts as Ctrl-C.

    Raises:
        KeyboardInterrupt: The second one came.
    """
    pressed = 0

    def handle(_: int) -> None:
        nonlocal pressed
        pressed += 1
        if pressed > 1:
            raise KeyboardInterrupt
        on_first()

    with handled(signals, handle):
        yield
