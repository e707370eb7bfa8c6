"""A block that takes its remote tasks with it when it dies."""

from __future__ import annotations

import functools
import logging
import sys
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Final, Generic, ParamSpec, Self, TypeAlias, TypeVar, cast

import attrs

from botocancel._signals import (
    CoroutineWatch,
    Watch,
    deliver,
    signal_numbers,
    undisturbed,
    watch_of,
)
from botocancel._text import visible
from botocancel.errors import (
    CredentialsUnavailable,
    InvalidInput,
    NotFound,
    TaskCanceling,
    TaskEnded,
)
from botocancel.services import task_ref

if TYPE_CHECKING:
    from asyncio import CancelledError, Task
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    from botocancel.batch import AsyncBatch, Batch
    from botocancel.model import Response, Shape
    from botocancel.polling import RetryPolicy
    from botocancel.refs import NamesTask, TaskRef
    from botocancel.results import Cancellation, Result

    AnyRef: TypeAlias = TaskRef[Shape, Response]
    CancelMany: TypeAlias = Callable[[list[AnyRef], RetryPolicy], Batch[Cancellation[Response]]]
    CancelManyAsync: TypeAlias = Callable[
        [list[AnyRef], RetryPolicy], AsyncBatch[Cancellation[Response]]
    ]

__all__ = ["AsyncGuard", "Guard"]

_logger = logging.getLogger(__name__)

CancelManyT = TypeVar("CancelManyT")
Params = ParamSpec("Params")
RefT = TypeVar("RefT", bound="TaskRef[Shape, Response]")

_NOTHING_TO_STOP: Final = (TaskEnded, TaskCanceling)
_MAY_PASS: Final = (NotFound, CredentialsUnavailable)
"""A task just started may not be found yet, and whoever started it had credentials."""

_under_way: Final[set[Task[None]]] = set()
"""What cancels tasks, kept here because the event loop does not keep it."""


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
        self.refs: list[AnyRef] = [task_ref(task) for task in tasks]
        self._cancel_many = cancel_many
        self._signals = signal_numbers(signals)
        self._always = always
        self._retry = retry

    def _again(self) -> Self:
        """Return a guard of the same tasks that has not been entered."""
        return type(self)(
            self._cancel_many,
            self.refs,
            signals=self._signals,
            always=self._always,
            retry=self._retry,
        )

    @undisturbed
    def add(self, task: NamesTask[Shape, Response] | str | Shape) -> None:
        """Guard one more task.

        Raises:
            InvalidInput: `task` names no task.
        """
        self.refs.append(task_ref(task))
        deliver()

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

    def _report(self, watch: Watch, died: BaseException | None) -> _Report | None:
        """Return what tells of the cancelling; None if there is nothing to cancel."""
        has_died = died is not None or watch.arrived is not None
        if self.refs and (has_died or self._always):
            return _Report(self.refs, died, has_died=has_died)
        return None

    @property
    def _patience(self) -> RetryPolicy:
        """How hard to try, also after errors that otherwise are final."""

        def may_pass(error: BaseException) -> bool:
            return isinstance(error, _MAY_PASS) or self._retry.retry_on(error)

        return attrs.evolve(self._retry, retry_on=may_pass)


class _Report:
    """Tells what became of each task: in the log, and on the exception that the block died of.

    Entered around the cancelling, it tells also of what breaks that off.
    """

    def __init__(
        self, refs: Iterable[AnyRef], died: BaseException | None, *, has_died: bool
    ) -> None:
        self.left = list(dict.fromkeys(refs))
        """The tasks of which nothing has been told."""
        self._died = died
        self._has_died = has_died

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> bool:
        if error is not None:
            for ref in self.left:
                self._warn(logging.ERROR, ref, f"may go on, for cancelling broke off: {error!r}")
        return self._has_died and isinstance(error, Exception)

    def tell(self, result: Result[Cancellation[Response]]) -> None:
        """Tell what became of one task."""
        ref, error = cast("AnyRef", result.task), result.error
        self.left.remove(ref)
        if error is None:
            self._log(logging.INFO, ref, _said(result.unwrap()))
        elif isinstance(error, _NOTHING_TO_STOP):
            self._log(logging.INFO, ref, str(error))
        elif isinstance(error, NotFound):
            self._warn(logging.WARNING, ref, f"may go on, for it was not found: {error}")
        else:
            self._warn(logging.ERROR, ref, f"may go on, for its cancel failed: {error}")

    def _warn(self, level: int, ref: AnyRef, text: str) -> None:
        self._log(level, ref, text)
        if self._died is not None:
            self._died.add_note(f"{ref} {text}")

    @staticmethod
    def _log(level: int, ref: AnyRef, text: str) -> None:
        _logger.log(level, "guard: %s: %s", ref, text, extra={"task": str(ref)})


def _said(cancellation: Cancellation[Response]) -> str:
    if cancellation.accepted:
        return "cancel accepted"
    status = visible(str(cancellation.status))
    return f"most likely cancelled by a request whose answer was lost ({status})"


class Guard(_Guarded["CancelMany"]):
    """Cancels its tasks if its block dies: of an exception, Ctrl-C, `sys.exit` or a signal.

    What the block died of always gets out; a cancel that fails becomes a note on it. A
    signal has its usual effect afterwards. A block that ends well leaves the tasks alone.
    A second signal or Ctrl-C ends the cancelling too, unless it comes within a second.

    Applied to a function that returns a ref, it makes the function return a context
    manager that guards that ref.
    """

    @undisturbed
    def __enter__(self) -> Self:
        watch = Watch(self)
        try:
            watch.start(self._signals)
            deliver()
        except InvalidInput:
            raise
        except BaseException as died:  # a signal, so the block will not run
            self._leave(watch, died)
            raise
        return self

    @undisturbed
    def __exit__(
        self,
        kind: type[BaseException] | None,
        died: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        watch = watch_of(self, Watch)
        if watch is not None:
            self._leave(watch, died)

    def _leave(self, watch: Watch, died: BaseException | None) -> None:
        watch.leave()
        try:
            report = self._report(watch, died)
            if report is not None:
                with report:
                    for result in self._cancel_many([*report.left], self._patience):
                        report.tell(result)
        finally:
            watch.finish()

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
    """`Guard`, for a block of a coroutine: it may also die of being cancelled by asyncio.

    Whoever cancels the coroutine again while it cancels its tasks has to wait until it has
    done so. Only a second signal ends that, unless it comes within a second.
    """

    @undisturbed
    async def __aenter__(self) -> Self:
        from asyncio import current_task  # noqa: PLC0415  (only async code loads it)

        watch = CoroutineWatch(self, cast("Task[object]", current_task()))
        try:
            watch.start(self._signals)
            deliver()
        except InvalidInput:
            raise
        except BaseException as died:  # as in `Guard`
            await self._leave(watch, died)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        died: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        watch = watch_of(self, CoroutineWatch)
        if watch is not None:
            await self._leave(watch, died)

    async def _leave(self, watch: CoroutineWatch, died: BaseException | None) -> None:
        watch.leave()
        cancelled: CancelledError | None = None
        try:
            report = self._report(watch, died)
            if report is not None:
                cancelled = await self._cancel_all(watch, report)
        finally:
            watch.finish()
        if cancelled is not None and (died is None or isinstance(died, Exception)):
            raise cancelled

    async def _cancel_all(self, watch: CoroutineWatch, report: _Report) -> CancelledError | None:
        """Cancel the tasks, whoever cancels this coroutine meanwhile; return who did."""
        import asyncio  # noqa: PLC0415  (only async code loads it)

        work = self._work(watch, report)
        try:
            watch.work = asyncio.create_task(work)
        except RuntimeError:  # the loop was closed, and the coroutine is thrown away
            asyncio.run(work)
            return None
        _under_way.add(watch.work)
        watch.work.add_done_callback(_under_way.discard)
        cancelled = await _done(watch.work, is_here=watch.is_here)
        if not watch.work.cancelled():
            watch.work.result()
        return cancelled

    async def _work(self, watch: CoroutineWatch, report: _Report) -> None:
        from asyncio import CancelledError  # noqa: PLC0415  (only async code loads it)

        with report:
            try:
                await self._round(report)
            except CancelledError:
                if watch.has_given_up:
                    raise
                await self._round(report)  # for `asyncio.run` cancels all that goes on at its end

    async def _round(self, report: _Report) -> None:
        async for result in self._cancel_many([*report.left], self._patience):
            report.tell(result)

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


async def _done(work: Task[None], *, is_here: bool) -> CancelledError | None:
    """Wait until the work is done, whoever cancels the waiting; return who did, the last one."""
    from asyncio import CancelledError, wait  # noqa: PLC0415  (only async code loads it)

    cancelled = None
    with _shield() if is_here else nullcontext():
        while not work.done():
            try:
                await wait([work])
            except CancelledError as error:
                cancelled = error
    return cancelled


def _shield() -> AbstractContextManager[object]:
    """Return what anyio does not cancel through: it would, at each turn of the loop."""
    anyio_scope = getattr(sys.modules.get("anyio"), "CancelScope", None)
    return nullcontext() if anyio_scope is None else anyio_scope(shield=True)
