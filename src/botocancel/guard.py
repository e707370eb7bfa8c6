"""A block that takes its remote tasks with it when it dies."""

from __future__ import annotations

import functools
import logging
import signal
import threading
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Final, Generic, ParamSpec, Self, TypeAlias, TypeVar, cast

from botocancel._text import visible
from botocancel.errors import InvalidInput, NotFound, TaskCanceling, TaskEnded
from botocancel.services import task_ref

if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable
    from contextlib import AbstractAsyncContextManager, AbstractContextManager
    from types import FrameType, TracebackType

    from botocancel.batch import AsyncBatch, Batch
    from botocancel.model import Response, Shape
    from botocancel.polling import RetryPolicy
    from botocancel.refs import NamesTask, TaskRef
    from botocancel.results import Cancellation, Result

    CancelMany: TypeAlias = Callable[
        [list[TaskRef[Shape, Response]], RetryPolicy], Batch[Cancellation[Response]]
    ]
    CancelManyAsync: TypeAlias = Callable[
        [list[TaskRef[Shape, Response]], RetryPolicy], AsyncBatch[Cancellation[Response]]
    ]

__all__ = ["AsyncGuard", "Guard"]

_logger = logging.getLogger(__name__)

Params = ParamSpec("Params")
RefT = TypeVar("RefT", bound="TaskRef[Shape, Response]")

_NOTHING_TO_STOP: Final = (TaskEnded, TaskCanceling, NotFound)


class _Signalled(BaseException):
    """Unwinds the block of a guard that a signal has reached."""


class _Signals:
    """The signals that one guard watches for."""

    def __init__(self, named: tuple[int, ...] | None) -> None:
        self._named = named
        self._watched: list[int] = []
        self._unwind: Callable[[], None]
        self._is_unwinding: Callable[[], bool]
        self.arrived: int | None = None

    def watch(self, unwind: Callable[[], None], is_unwinding: Callable[[], bool]) -> None:
        """Unwind the block when a signal arrives that the program does not ignore.

        Args:
            unwind: Called when a signal arrives.
            is_unwinding: Says whether the block comes to its end by itself where a guard
                within it has ended.

        Raises:
            InvalidInput: Signals are named, and this is not the main thread.
        """
        if threading.current_thread() is not threading.main_thread():
            if self._named:
                msg = "only the main thread can watch for signals; guard without signals= here"
                raise InvalidInput(msg)
            return
        self._unwind, self._is_unwinding = unwind, is_unwinding
        for number in (signal.SIGTERM,) if self._named is None else self._named:
            if number not in _guards:
                if signal.getsignal(number) is signal.SIG_IGN:
                    continue
                _guards[number] = []
                _handlers[number] = signal.signal(number, _arrive)
            _guards[number].append(self)
            self._watched.append(number)

    def take(self, number: int) -> None:
        """Unwind the block because of a signal."""
        self.arrived = number
        self._unwind()

    def restore(self) -> None:
        """Watch no more; the last guard to do so puts the program's own handler back."""
        while self._watched:
            number = self._watched.pop()
            _guards[number].remove(self)
            if not _guards[number]:
                del _guards[number]
                handler = _handlers.pop(number)
                signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def pass_on(self) -> None:
        """Let the signal that arrived unwind the next guard, or have its usual effect.

        Raises:
            SystemExit: The program's own handler returned; the block was unwound all the same.
        """
        if self.arrived is None:
            return
        following = _guards.get(self.arrived, [])[-1:]
        for guard in following:
            guard.arrived = self.arrived
            if not guard._is_unwinding():  # noqa: SLF001  (one of its own kind)
                guard.take(self.arrived)
        if not following:
            signal.raise_signal(self.arrived)
            raise SystemExit(128 + self.arrived)


_guards: Final[dict[int, list[_Signals]]] = {}
"""Who watches for which signal; the one that came last is unwound first."""

_handlers: Final[dict[int, Callable[[int, FrameType | None], object] | int | None]] = {}
"""The program's own handlers of those signals."""


def _arrive(number: int, _: FrameType | None) -> None:
    _guards[number][-1].take(number)


CancelManyT = TypeVar("CancelManyT")


class _Guarded(Generic[CancelManyT]):
    """The tasks that a guard takes along, and how."""

    def __init__(
        self,
        cancel_many: CancelManyT,
        tasks: Iterable[object],
        *,
        signals: Iterable[int] | None,
        always: bool,
        retry: RetryPolicy,
    ) -> None:
        self.refs: list[TaskRef[Shape, Response]] = [task_ref(task) for task in tasks]
        self._cancel_many = cancel_many
        self._named = None if signals is None else tuple(signals)
        self._signals = _Signals(self._named)
        self._always = always
        self._retry = retry

    def _again(self) -> Self:
        """Return a guard of the same tasks that has not been entered."""
        return type(self)(
            self._cancel_many,
            self.refs,
            signals=self._named,
            always=self._always,
            retry=self._retry,
        )

    def add(self, task: NamesTask[Shape, Response] | str | Shape) -> None:
        """Guard one more task.

        Raises:
            InvalidInput: `task` names no task.
        """
        self.refs.append(task_ref(task))

    def release(self, task: NamesTask[Shape, Response] | str | Shape) -> None:
        """Guard a task no longer.

        Raises:
            InvalidInput: `task` names no task that is guarded.
        """
        ref = task_ref(task)
        if ref not in self.refs:
            msg = f"{ref} is not guarded"
            raise InvalidInput(msg)
        self.refs.remove(ref)

    def _tell_of_all(self, error: Exception, died: BaseException) -> None:
        """Log what broke the cancelling itself, and note it on the exception."""
        tasks = ", ".join(str(ref) for ref in self.refs)
        _logger.error("guard: %s may go on: %r", tasks, error)
        died.add_note(f"{tasks} may go on, for cancelling broke off: {error!r}")


def _told(cancellation: Cancellation[Response]) -> str:
    if cancellation.accepted:
        return "cancel accepted"
    status = visible(str(cancellation.status))
    return f"most likely cancelled by a request whose answer was lost ({status})"


def _tell(result: Result[Cancellation[Response]], died: BaseException | None) -> None:
    """Log what became of a task, and note on the exception what went wrong."""
    error, extra = result.error, {"task": str(result.task)}
    if error is None or isinstance(error, _NOTHING_TO_STOP):
        _logger.info("guard: %s: %s", result.task, error or _told(result.unwrap()), extra=extra)
        return
    _logger.error("guard: %s may go on: %s", result.task, error, extra=extra)
    if died is not None:
        died.add_note(f"{result.task} may go on, for its cancel failed: {error}")


class Guard(_Guarded["CancelMany"]):
    """Cancels its tasks if its block dies: of an exception, Ctrl-C, `sys.exit` or a signal.

    What the block died of always gets out; a cancel that fails becomes a note on it. A
    signal has its usual effect afterwards. A block that ends well leaves the tasks alone.
    A second signal or Ctrl-C ends the cancelling too.

    Applied to a function that returns a ref, it makes the function return a context
    manager that guards that ref.
    """

    def __enter__(self) -> Self:
        def unwind() -> None:
            raise _Signalled

        self._signals.watch(unwind, is_unwinding=lambda: False)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        died: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if died is not None or self._always:
                for result in self._cancel_many(self.refs, self._retry):
                    _tell(result, died)
        except Exception as error:
            if died is None:
                raise
            self._tell_of_all(error, died)
        finally:
            self._signals.restore()
            self._signals.pass_on()

    def __call__(
        self, function: Callable[Params, RefT]
    ) -> Callable[Params, AbstractContextManager[RefT]]:
        """Return the function with the task that it starts guarded."""

        @functools.wraps(function)
        @contextmanager
        def guarded(*args: Params.args, **kwargs: Params.kwargs) -> Generator[RefT]:
            fresh = self._again()
            with fresh:
                ref = function(*args, **kwargs)
                fresh.add(ref)
                yield ref

        return guarded


class AsyncGuard(_Guarded["CancelManyAsync"]):
    """`Guard`, for a block of a coroutine: it may also die of being cancelled by asyncio."""

    async def __aenter__(self) -> Self:
        from asyncio import current_task, get_running_loop  # noqa: PLC0415  (only async code loads it)

        loop, block = get_running_loop(), cast("Task[object]", current_task())

        def unwind() -> None:
            loop.call_soon_threadsafe(block.cancel)

        self._signals.watch(unwind, is_unwinding=lambda: current_task(loop) is block)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        died: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if died is not None or self._always:
                async for result in self._cancel_many(self.refs, self._retry):
                    _tell(result, died)
        except Exception as error:
            if died is None:
                raise
            self._tell_of_all(error, died)
        finally:
            self._signals.restore()
            self._signals.pass_on()

    def __call__(
        self, function: Callable[Params, Awaitable[RefT]]
    ) -> Callable[Params, AbstractAsyncContextManager[RefT]]:
        """Return the coroutine function with the task that it starts guarded."""

        @functools.wraps(function)
        @asynccontextmanager
        async def guarded(*args: Params.args, **kwargs: Params.kwargs) -> AsyncGenerator[RefT]:
            fresh = self._again()
            async with fresh:
                ref = await function(*args, **kwargs)
                fresh.add(ref)
                yield ref

        return guarded
