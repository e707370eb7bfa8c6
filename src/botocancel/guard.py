"""A block that takes its remote tasks with it when it dies."""

from __future__ import annotations

import functools
import sys
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Final, ParamSpec, Self, TypeVar, cast

from botocancel._guarded import Guarded, let_go
from botocancel._reports import Report, patient
from botocancel._signals import CoroutineWatch, Watch, deliver, undisturbed, watch_of
from botocancel._threads import Threads
from botocancel.errors import InvalidInput

if TYPE_CHECKING:
    from asyncio import CancelledError, Task
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
    from concurrent.futures import Future
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    from botocancel._guarded import (
        AnyGuarded,
        CancelMany,  # noqa: F401  (the bases name it)
        CancelManyAsync,  # noqa: F401  (as above)
    )
    from botocancel._reports import Keeps
    from botocancel.model import Response, Shape
    from botocancel.refs import TaskRef

__all__ = ["AsyncGuard", "Guard"]

Params = ParamSpec("Params")
RefT = TypeVar("RefT", bound="TaskRef[Shape, Response]")

_under_way: Final[set[Task[None]]] = set()
"""What cancels tasks, kept here because the event loop does not keep it."""


class Guard(Guarded["CancelMany"]):
    """Cancels its tasks if its block dies: of an exception, Ctrl-C, `sys.exit` or a signal.

    What the block died of always gets out; a cancel that fails becomes a note on it. A
    signal has its usual effect afterwards. A block that ends well leaves the tasks alone.
    A second signal or Ctrl-C ends the cancelling too, unless it comes within a second, once each
    task has been asked to stop, or after 5 seconds.

    Applied to a function that returns a ref, it makes the function return a context
    manager that guards that ref.
    """

    @undisturbed
    def __enter__(self) -> Self:
        watch = Watch(self)
        try:
            of_process = self._guard_of_process(watch)
            watch.start(self._signals)
            watch.keepers = self._make_ready(of_process)
            deliver()
        except (InvalidInput, RuntimeWarning):
            deliver()
            raise
        except BaseException as died:  # mostly a signal; the block will not run
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
        report: Report | None = None
        try:
            report = self._report(watch, died)
            if report is not None:
                with report:
                    self._cancel_all(watch, report)
        finally:
            watch.settle()
            let_go(watch, report)
            watch.finish()

    def _cancel_all(self, watch: Watch, report: Report) -> None:
        retry = patient(self._retry, watch.asked)
        while report.left:
            for result in self._means.cancel_many([*report.left], retry):
                report.tell(result)
                watch.asked(result.task)
            report.add(self.refs)  # what other threads have added meanwhile

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


class AsyncGuard(Guarded["CancelManyAsync"]):
    """`Guard`, for a block of a coroutine: it may also die of being cancelled by asyncio.

    Whoever cancels the coroutine again while it cancels its tasks has to wait until it has
    done so. Only a second signal ends that, as in `Guard`.
    """

    @undisturbed
    async def __aenter__(self) -> Self:
        from asyncio import current_task  # noqa: PLC0415  (only async code loads it)

        watch = CoroutineWatch(self, cast("Task[object]", current_task()))
        try:
            of_process = self._guard_of_process(watch)
            watch.start(self._signals)
            watch.keepers = await self._made_ready(of_process)
            deliver()
        except (InvalidInput, RuntimeWarning):
            deliver()
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

    async def _made_ready(self, of_process: AnyGuarded | None) -> list[Keeps]:
        """Do `_make_ready` on a thread, for it may take a while, where there is something to do."""
        if not self.refs and self._keeping is None:
            return self._make_ready(of_process)
        from asyncio import CancelledError, shield, wrap_future  # noqa: PLC0415  (as above)

        making = Threads(most=1).submit(functools.partial(self._make_ready, of_process))
        try:
            return await shield(wrap_future(making))
        except CancelledError:
            making.add_done_callback(_let_go_unused)
            raise

    async def _leave(self, watch: CoroutineWatch, died: BaseException | None) -> None:
        watch.leave()
        cancelled: CancelledError | None = None
        report: Report | None = None
        try:
            report = self._report(watch, died)
            if report is not None:
                cancelled = await self._cancel_all(watch, report)
        finally:
            watch.settle()
            let_go(watch, report)
            watch.finish()
        if cancelled is not None and (died is None or isinstance(died, Exception)):
            raise cancelled

    async def _cancel_all(self, watch: CoroutineWatch, report: Report) -> CancelledError | None:
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

    async def _work(self, watch: CoroutineWatch, report: Report) -> None:
        from asyncio import CancelledError  # noqa: PLC0415  (only async code loads it)

        with report:
            try:
                await self._round(watch, report)
            except CancelledError:
                if watch.has_given_up:
                    raise
                await self._round(
                    watch, report
                )  # for `asyncio.run` cancels all that goes on at its end

    async def _round(self, watch: CoroutineWatch, report: Report) -> None:
        retry = patient(self._retry, watch.asked)
        while report.left:
            async for result in self._means.cancel_many([*report.left], retry):
                report.tell(result)
                watch.asked(result.task)
            report.add(self.refs)  # as in `Guard`

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


def _let_go_unused(made: Future[list[Keeps]]) -> None:
    """Let keepers go whose block was cancelled before it began; that has cancelled its tasks."""
    for keeper in made.result() if made.exception() is None else ():
        keeper.release()


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
