"""A block that takes its remote tasks with it when it dies."""

from __future__ import annotations

import functools
import logging
import os
import sys
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Final, Generic, ParamSpec, Self, TypeAlias, TypeVar, cast

import attrs

from botocancel._reports import Report, patient
from botocancel._signals import (
    CoroutineWatch,
    Watch,
    deliver,
    signal_numbers,
    undisturbed,
    watch_of,
    watches_of,
)
from botocancel._text import named
from botocancel.errors import BotocancelError, InvalidInput
from botocancel.services import task_ref

if TYPE_CHECKING:
    from asyncio import CancelledError, Future, Task
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    from botocancel._aws import Aws
    from botocancel._keeper import Keeper
    from botocancel.batch import AsyncBatch, Batch
    from botocancel.model import Response, Shape
    from botocancel.polling import RetryPolicy
    from botocancel.refs import NamesTask, TaskRef
    from botocancel.results import Cancellation

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

_under_way: Final[set[Task[None]]] = set()
"""What cancels tasks, kept here because the event loop does not keep it."""


@attrs.frozen(kw_only=True)
class Means(Generic[CancelManyT]):
    """What a client gives its guards."""

    cancel_many: CancelManyT
    aws: Aws
    workers: int
    journal: str | os.PathLike[str] | None


class _Guarded(Generic[CancelManyT]):
    """The tasks that a guard takes along, and how."""

    def __init__(
        self,
        means: Means[CancelManyT],
        tasks: Iterable[object],
        *,
        signals: Iterable[int] | None,
        always: bool,
        retry: RetryPolicy,
        keeper: bool | str | os.PathLike[str],
    ) -> None:
        self.refs: list[AnyRef] = [task_ref(task) for task in tasks]
        self._means = means
        self._signals = signal_numbers(signals)
        self._always = always
        self._retry = retry
        self._keeper = keeper
        _check_keeper(keeper)

    def _again(self) -> Self:
        """Return a guard of the same tasks that has not been entered."""
        return type(self)(
            self._means,
            self.refs,
            signals=self._signals,
            always=self._always,
            retry=self._retry,
            keeper=self._keeper,
        )

    @undisturbed
    def add(self, task: NamesTask[Shape, Response] | str | Shape) -> None:
        """Guard one more task. Any thread may call it.

        Raises:
            InvalidInput: `task` names no task.
        """
        try:
            ref = task_ref(task)
            self.refs.append(ref)
            for keeper in self._keepers():
                keeper.add(ref)
        finally:
            deliver()

    @undisturbed
    def release(self, task: NamesTask[Shape, Response] | str | Shape) -> None:
        """Guard a task no longer. Any thread may call it.

        Raises:
            InvalidInput: `task` names no task that is guarded.
        """
        try:
            self._release(task_ref(task))
        finally:
            deliver()

    def _release(self, ref: AnyRef) -> None:
        try:
            self.refs.remove(ref)
        except ValueError:
            msg = f"{ref} is not guarded"
            raise InvalidInput(msg) from None
        if ref not in self.refs:
            for keeper in self._keepers():
                keeper.drop(ref)

    def _keepers(self) -> list[Keeper]:
        """Return the keepers of the blocks that are entered."""
        return [watch.keeper for watch in watches_of(self, Watch) if watch.keeper is not None]

    def _make_ready(self) -> Keeper | None:
        """Have all that is needed to cancel before it is; return the keeper if there is to be one.

        Raises:
            ConfigurationError: There can be no keeper.
        """
        for ref in self.refs:
            try:
                self._means.aws.prepare(ref)
            except BotocancelError as error:
                _logger.warning(
                    "guard: %s could not be cancelled as things are: %s",
                    ref,
                    error,
                    extra={"task": str(ref)},
                )
        if self._keeper is False:
            return None
        from botocancel._keeper import Keeper, Keeping  # noqa: PLC0415  (only who wants one)

        log = None if self._keeper is True else self._keeper
        means = self._means
        keeping = Keeping(means.aws, self._retry, means.workers, means.journal, log)
        return Keeper(keeping, self.refs)

    def _report(self, watch: Watch, died: BaseException | None) -> Report | None:
        """Return what tells of the cancelling; None if there is nothing to cancel."""
        has_died = died is not None or watch.arrived is not None
        if self.refs and (has_died or self._always):
            return Report(self.refs, died, has_died=has_died, keeper=watch.keeper)
        return None


def _check_keeper(keeper: object) -> None:
    if not isinstance(keeper, bool | str | os.PathLike):
        msg = f"keeper must be True, False, or a file for its log, not {named(keeper)}"
        raise InvalidInput(msg)


def _let_go(watch: Watch, report: Report | None) -> None:
    """Let the keeper go, or leave to it what this process has not come to cancel."""
    if watch.keeper is not None:
        if report is None or not report.left:
            watch.keeper.release()
        else:
            watch.keeper.hand_over()


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
            watch.keeper = self._make_ready()
            deliver()
        except InvalidInput:
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
                    for result in self._means.cancel_many([*report.left], patient(self._retry)):
                        report.tell(result)
        finally:
            watch.settle()
            _let_go(watch, report)
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
            watch.keeper = await self._made_ready()
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

    async def _made_ready(self) -> Keeper | None:
        """Do `_make_ready` on a thread, for it may take a while, where there is something to do."""
        if not self.refs and self._keeper is False:
            return None
        from asyncio import CancelledError, get_running_loop, shield  # noqa: PLC0415  (as above)

        making = get_running_loop().run_in_executor(None, self._make_ready)
        try:
            return await shield(making)
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
            _let_go(watch, report)
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
                await self._round(report)
            except CancelledError:
                if watch.has_given_up:
                    raise
                await self._round(report)  # for `asyncio.run` cancels all that goes on at its end

    async def _round(self, report: Report) -> None:
        async for result in self._means.cancel_many([*report.left], patient(self._retry)):
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


def _let_go_unused(made: Future[Keeper | None]) -> None:
    """Let a keeper go whose block was cancelled before it began; that has cancelled its tasks."""
    if made.exception() is None and (keeper := made.result()) is not None:
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
