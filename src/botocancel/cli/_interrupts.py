"""Signals that ask this program to leave."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Final, TypeVar

import attrs

from botocancel.clocks import next_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from types import FrameType

__all__ = ["FATAL", "announce", "handled", "interruptible", "named"]

ItemT = TypeVar("ItemT")


def named(*names: str) -> frozenset[signal.Signals]:
    """Return the signals of these names that there are on this machine."""
    return frozenset(number for number in signal.Signals if number.name in names)


FATAL: Final = named("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
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


@attrs.frozen
class _End:
    """There is nothing more to yield."""

    error: BaseException | None = None


def interruptible(
    items: Iterable[ItemT],
    on_first: Callable[[], None],
    signals: Iterable[signal.Signals] = (signal.SIGINT,),
) -> Generator[ItemT]:
    """Yield items; the first Ctrl-C meanwhile calls a function, and the second one leaves.

    A thread gets the items, and this one only looks after them and the signals. So nothing is
    raised by a signal handler: where one interrupts the callback of a weak reference, Python
    drops what it raises.

    Args:
        items: What to yield; abandoned in its thread if it is left.
        on_first: Called by a signal handler, so it must not wait.
        signals: What counts as Ctrl-C.

    Raises:
        KeyboardInterrupt: The second one came.
    """
    news: SimpleQueue[ItemT | _End] = SimpleQueue()  # a signal handler may put into this kind
    pressed = 0

    def work() -> None:
        try:
            for item in items:
                news.put(item)
        except BaseException as error:  # noqa: BLE001  (it is raised where the items are yielded)
            news.put(_End(error))
        else:
            news.put(_End())

    def handle(_: int) -> None:
        nonlocal pressed
        pressed += 1
        if pressed > 1:
            news.put(_End(KeyboardInterrupt()))
        else:
            on_first()

    with handled(signals, handle):
        Thread(target=work, name="botocancel-items", daemon=True).start()
        while not isinstance(item := next_of(news), _End):
            yield item
        if item.error is not None:
            raise item.error
