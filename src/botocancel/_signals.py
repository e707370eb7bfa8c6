"""Signals that unwind blocks: the innermost block first, then the next, then their usual effect.

The handler raises only where the code of a block runs. While a guard's own code does, it takes
note of the signal and no more, so that nothing is torn in half.
"""

from __future__ import annotations

import _thread
import math
import os
import signal
import threading
import time
from time import monotonic
from typing import TYPE_CHECKING, Final, ParamSpec, TypeAlias, TypeVar, cast
from weakref import ref

from botocancel._checks import items_of
from botocancel._text import named
from botocancel.clocks import GLANCE
from botocancel.errors import InvalidInput

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import CodeType, FrameType

    from botocancel._reports import Keeps

    Handler: TypeAlias = Callable[[int, FrameType | None], object] | int | None

__all__ = [
    "CoroutineWatch",
    "Watch",
    "deliver",
    "is_main_thread",
    "signal_numbers",
    "undisturbed",
    "watch_of",
    "watches",
    "watches_of",
]

Params = ParamSpec("Params")
ResultT = TypeVar("ResultT")
WatchT = TypeVar("WatchT", bound="Watch")

_USUAL: Final = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""The signals to watch for where none are named, unless the program has a handler of its own."""

_GRACE: Final = 1.0
"""Seconds in which further signals count as one: programs send two where a person sends one."""

_ROUND: Final = 5.0
"""Seconds in which no further signal breaks off the cancelling before each task was asked once."""

_MOMENT: Final = 0.01

_UNCATCHABLE: Final = {getattr(signal, name, None) for name in ("SIGKILL", "SIGSTOP")}

_watches: Final[list[Watch]] = []
"""One for each block that this process has entered, the innermost last."""

_program: Final[dict[int, Handler]] = {}
"""The program's own handlers of the signals that are watched for."""

_held: Final[list[int]] = []
"""The signals that came while a guard's own code ran; that delivers them when it is done."""

_undisturbed: Final[set[CodeType]] = set()


def undisturbed(function: Callable[Params, ResultT]) -> Callable[Params, ResultT]:
    """Hold the signals that would unwind a block while the function runs.

    It has to `deliver` them in the end.
    """
    _undisturbed.add(function.__code__)
    return function


def signal_numbers(signals: Iterable[int] | None) -> tuple[int, ...] | None:
    """Return the numbers of signals that a program can watch for.

    Raises:
        InvalidInput: One of them is no signal, or no program can watch for it.
    """
    if signals is None:
        return None
    numbers = cast("tuple[int, ...]", items_of(signals, "signals", "signal.SIGTERM"))
    for number in numbers:
        is_number = isinstance(cast("object", number), int)
        if not is_number or number not in signal.valid_signals() or number in _UNCATCHABLE:
            shown = named(number)
            msg = f"a program cannot watch for the signal {shown}, as it can for signal.SIGHUP"
            raise InvalidInput(msg)
    return numbers


class Signalled(SystemExit):
    """Unwinds a block that a signal has reached; uncaught, the exit status is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)


class Watch:
    """The signals that reach one block of plain code.

    Args:
        guard: Whose block it is.
    """

    def __init__(self, guard: object) -> None:
        self.guard = guard
        self.is_of_process = False
        """Whether guards in other threads rely on this one."""
        self.keepers: Sequence[Keeps] = ()
        """Who else cancels the tasks of the block."""
        self.numbers: list[int] = []
        self.arrived: int | None = None
        """The signal that has yet to have its usual effect."""
        self.is_over = False
        """Whether the block has been left; its tasks may still be cancelled."""
        self._thread = threading.get_ident()
        self._may_watch = False
        self._has_come = False
        self._since = math.inf
        self._left_at = math.inf
        self._left: Sequence[object] = ()
        self._unasked = set[object]()
        self._repeating = threading.Lock()
        self._further: int | None = None
        """What ends the cancelling when each task has been asked once."""

    @property
    def is_here(self) -> bool:
        """Whether the code that runs is where the block was entered."""
        return threading.get_ident() == self._thread

    @property
    def is_live(self) -> bool:
        """Whether the block can be unwound."""
        return True

    def start(self, named: tuple[int, ...] | None) -> None:
        """Watch for signals that the program does not ignore, in the main thread.

        Args:
            named: The signals; if it is None, SIGTERM and SIGHUP, where they have the effect that
                the system gives them.

        Raises:
            InvalidInput: Signals are named, and this is not the main thread.
        """
        _watches.append(self)
        if not is_main_thread():
            if named:
                _watches.remove(self)
                msg = "only the main thread can watch for signals; guard without signals= here"
                raise InvalidInput(msg)
            return
        self._may_watch = named != ()
        for number in self._wanted(named):
            self._watch_for(number)

    def _wanted(self, named: tuple[int, ...] | None) -> Iterator[int]:
        """Yield the signals to watch for: Ctrl-C too, lest it break off what must not be."""
        yield from _usual() if named is None else named
        if self._may_watch and _handler_of(signal.SIGINT) is signal.default_int_handler:
            yield signal.SIGINT

    def _watch_for(self, number: int) -> None:
        handler = _handler_of(number)
        if handler in (None, signal.SIG_IGN):  # None could not be put back
            return
        if number not in self.numbers:
            self.numbers.append(number)
        _program[number] = handler
        signal.signal(number, _arrive)

    def take(self, number: int) -> None:
        """Unwind the block because of a signal.

        When it is over already, the first signal is kept, and a later one gives up the cancelling,
        once each task has been asked.
        """
        is_first, self._has_come = not self._has_come, True
        if not self.is_over:
            self._unwind(number)
            return
        if self.arrived is None:
            self.arrived = number
        if is_first:
            self._since = monotonic()
        elif monotonic() - self._since > _GRACE:
            self._break_off(number)

    def _break_off(self, number: int) -> None:
        """Give up the cancelling once each task has been asked, or that takes too long."""
        has_come, self._further = self._further is not None, number
        # Asked after that is set, for another thread may call `asked` meanwhile.
        if not self._unasked or monotonic() - self._left_at > _ROUND:
            self._since = math.inf  # once is enough
            self._give_up(number)
        elif not has_come:
            try:
                # Not by `threading`: the handler may have interrupted that, with its locks held.
                _thread.start_new_thread(self._come_back, ())
            except RuntimeError:  # the interpreter ends
                self._give_up(number)

    def _come_back(self) -> None:
        """Repeat the further signal when the first round of cancels takes too long."""
        time.sleep(max(0.0, _ROUND - (monotonic() - self._left_at)) + _MOMENT)
        self._repeat()

    def _repeat(self) -> None:
        with self._repeating:
            number, self._further = self._further, None
            if number is not None and self in _watches:
                _send_to_main_thread(number)

    def begin_round(self, left: Sequence[object]) -> None:
        """Take note that tasks are about to be cancelled.

        Args:
            left: Those of which it is not known how they fared; the caller removes them.
        """
        self._left, self._unasked = left, {*left}

    def asked(self, task: object) -> None:
        """Take note that a task has been asked, however it fared."""
        self._unasked.discard(task)
        if self._left and not self._unasked:
            self._repeat()

    def leave(self) -> None:
        """Unwind the block no more, for it is over; from now on not even asyncio's Ctrl-C does."""
        self._since = self._left_at = monotonic()
        self.is_over = True
        if self._may_watch and is_main_thread() and _interrupts(_handler_of(signal.SIGINT)):
            self._watch_for(signal.SIGINT)
        deliver()

    def settle(self) -> None:
        """Keep the signals that arrive from now on until `finish`: there is nothing to give up."""
        with self._repeating:  # so that no signal is repeated later; one that was is handled here
            self._further = None
            self._since = math.inf

    def finish(self) -> None:
        """Watch no more, and pass on the signal that arrived.

        Raises:
            SystemExit: The program's own handler returned; the block was unwound all the same.
        """
        try:
            for number in self.numbers:
                if not any(number in watch.numbers for watch in _watches if watch is not self):
                    _put_back(number)
        finally:
            if self in _watches:
                _watches.remove(self)
            if self.arrived is not None:
                _pass_on(self.arrived)
            deliver()

    def _unwind(self, number: int) -> None:
        if _program.get(number) is signal.default_int_handler:
            if self.arrived == number:
                self.arrived = None  # the exception is all its effect, and the block may catch it
            raise KeyboardInterrupt
        self.arrived = number
        raise Signalled(number)

    def _give_up(self, number: int) -> None:
        self._unwind(number)


class CoroutineWatch(Watch):
    """The signals that reach one block of a coroutine: they cancel the task that runs it.

    Args:
        guard: Whose block it is.
        block: The task.
    """

    def __init__(self, guard: object, block: asyncio.Task[object]) -> None:
        super().__init__(guard)
        self._block = ref(block)  # or a block would stay that is thrown away with its loop
        self._loop = block.get_loop()
        self.work: asyncio.Task[None] | None = None
        """What cancels the tasks of the guard."""
        self.has_given_up = False

    @property
    def is_here(self) -> bool:
        """Whether the code that runs is where the block was entered."""
        from asyncio import current_task  # noqa: PLC0415  (only async code loads it)

        return current_task(self._loop) is self._block()

    @property
    def is_live(self) -> bool:
        """Whether the block can be unwound."""
        block = self._block()
        return block is not None and not block.done() and self._loop.is_running()

    def start(self, named: tuple[int, ...] | None) -> None:
        """Watch for signals, as other blocks do."""
        super().start(named)
        if self.numbers:
            self._glance()

    def _glance(self) -> None:
        """Wake the loop now and then: see `GLANCE`."""
        if self in _watches and self.is_live:
            self._loop.call_later(GLANCE, self._glance)

    def _wanted(self, named: tuple[int, ...] | None) -> Iterator[int]:
        yield from _usual() if named is None else named  # Ctrl-C is asyncio's

    def _unwind(self, number: int) -> None:
        self.arrived = number
        if (block := self._block()) is not None:
            self._loop.call_soon_threadsafe(block.cancel)

    def _give_up(self, number: int) -> None:  # noqa: ARG002  (whichever it is)
        self.has_given_up = True
        if self.work is not None:
            self._loop.call_soon_threadsafe(self.work.cancel)


def watch_of(guard: object, kind: type[WatchT]) -> WatchT | None:
    """Return the watch of the block that is left; None in a fork of the process that entered it.

    Python may leave a block that is thrown away elsewhere than where it was entered.
    """
    watches = watches_of(guard, kind)
    return next(reversed([watch for watch in watches if watch.is_here] or watches), None)


def watches() -> list[Watch]:
    """Return the watches of the blocks that can still be unwound; none in a fork of the process."""
    return [watch for watch in [*_watches] if not watch.is_over]


def watches_of(guard: object, kind: type[WatchT]) -> list[WatchT]:
    """Return the watches of the blocks of a guard; none in a fork of the process."""
    return [watch for watch in [*_watches] if watch.guard is guard and isinstance(watch, kind)]


def deliver() -> None:
    """Let signals that were held unwind the innermost block."""
    while _held and is_main_thread():
        _arrive(_held.pop(0), None)


def _arrive(number: int, frame: FrameType | None) -> None:
    watch = _innermost(number)
    if watch is None:
        _put_back(number)
        signal.raise_signal(number)
    elif watch.is_over or not _is_undisturbed(frame):
        watch.take(number)
    else:
        _held.append(number)


def _pass_on(number: int) -> None:
    """Let a signal unwind the next block, or have its usual effect."""
    is_last = _innermost(number) is None
    if not is_last or not _is_of_loop(_handler_of(number)):
        _arrive(number, None)
    if is_last and _main_task(_handler_of(number)) is None:
        raise Signalled(number)


def _innermost(number: int) -> Watch | None:
    for watch in reversed(_watches):
        if number in watch.numbers and watch.is_live:
            return watch
    return None


def _is_undisturbed(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code in _undisturbed:
            return True
        frame = frame.f_back
    return False


def _handler_of(number: int) -> Handler:
    """Return the program's own handler."""
    handler = signal.getsignal(number)
    return _program[number] if handler is _arrive else handler


def _put_back(number: int) -> None:
    """Put back the program's handler, unless the program has set another one meanwhile."""
    if is_main_thread() and signal.getsignal(number) in (_arrive, signal.SIG_DFL):
        handler = _program.get(number, signal.SIG_DFL)
        main_task = _main_task(handler)
        has_ended = main_task is not None and main_task.done()
        signal.signal(number, signal.default_int_handler if has_ended else handler)


def _usual() -> Iterator[int]:
    return (number for number in _USUAL if _handler_of(number) is signal.SIG_DFL)


def _is_of_loop(handler: Handler) -> bool:
    """Say whether it is that of `loop.add_signal_handler`, which has heard of the signal before."""
    return getattr(handler, "__name__", None) == "_sighandler_noop"


def _interrupts(handler: Handler) -> bool:
    """Whether a handler of Ctrl-C may raise `KeyboardInterrupt`, as far as can be known."""
    return handler is signal.default_int_handler or _main_task(handler) is not None


def _main_task(handler: Handler) -> asyncio.Task[object] | None:
    """Return what Ctrl-C cancels, if the handler is that of `asyncio.run`."""
    return getattr(handler, "keywords", {}).get("main_task")


def _send_to_main_thread(number: int) -> None:
    """Send a signal that interrupts what the main thread waits for, where the system can."""
    ident = threading.main_thread().ident
    if ident is not None and hasattr(signal, "pthread_kill"):
        signal.pthread_kill(ident, number)
    else:
        signal.raise_signal(number)


def is_main_thread() -> bool:
    """Say whether this is the main thread, where signals are handled."""
    return threading.current_thread() is threading.main_thread()


_forking: Final = threading.local()


def _before_fork() -> None:
    """Let no signal through until the child has its own handlers, or it would be lost there."""
    _forking.mask = signal.pthread_sigmask(signal.SIG_BLOCK, set(_program))


def _after_fork_in_parent() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, _forking.mask)


def _after_fork_in_child() -> None:
    """Leave the blocks to the parent, and the signals to the program's own handlers."""
    _watches.clear()
    _held.clear()
    for number in list(_program):
        if signal.getsignal(number) is _arrive:
            _put_back(number)
    signal.pthread_sigmask(signal.SIG_SETMASK, _forking.mask)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork_in_parent,
        after_in_child=_after_fork_in_child,
    )
