"""A block that takes its remote tasks with it when it dies."""

from __future__ import annotations

import functools
import logging
import sys
import warnings
from contextlib import (
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
    suppress,
)
from typing import (
    TYPE_CHECKING,
    Final,
    Generic,
    Literal,
    ParamSpec,
    Self,
    TypeAlias,
    TypeVar,
    cast,
)

import attrs

from botocancel._reports import Report, patient
from botocancel._signals import (
    CoroutineWatch,
    Watch,
    deliver,
    is_main_thread,
    signal_numbers,
    undisturbed,
    watch_of,
    watches,
    watches_of,
)
from botocancel.errors import BotocancelError, InvalidInput
from botocancel.services import task_ref

if TYPE_CHECKING:
    import os
    from asyncio import CancelledError, Future, Task
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    from botocancel._aws import Aws
    from botocancel._keeper import Keeping
    from botocancel._reports import Keeps
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

_UNHEARD: Final = (
    "a guard outside the main thread hears no signals: SIGTERM would end the program and leave the "
    "tasks running; enter client.guard_process() in the main thread, or pass keeper=True here, or "
    "signals=[] if that is meant"
)

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
        of_process: bool = False,
    ) -> None:
        self.refs: list[AnyRef] = [task_ref(task) for task in tasks]
        self._means = means
        self._signals = signal_numbers(signals)
        self._always = always
        self._retry = retry
        self._keeper = keeper
        self._keeping = None if keeper is False else _keeping(means, retry, keeper)
        self._is_of_process = of_process

    def _again(self) -> Self:
        """Return a guard of the same tasks that has not been entered."""
        return type(self)(
            self._means,
            self.refs,
            signals=self._signals,
            always=self._always,
            retry=self._retry,
            keeper=self._keeper,
            of_process=self._is_of_process,
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

    def _keepers(self) -> list[Keeps]:
        """Return who else cancels the tasks of the blocks that are entered."""
        return [keeper for watch in watches_of(self, Watch) for keeper in watch.keepers]

    def _guard_of_process(self, watch: Watch) -> AnyGuarded | None:
        """Return the guard of the process if this one, in another thread, relies on it.

        Raises:
            InvalidInput: This is to be the guard of the process, and cannot be.
        """
        found = next((each.guard for each in watches() if each.is_of_process), None)
        watch.is_of_process = self._is_of_process
        if self._is_of_process:
            _check_place(found)
            return None
        if is_main_thread():
            return None
        if found is None and self._signals is None and self._keeping is None:
            _logger.warning("guard: %s", _UNHEARD)
            warnings.warn(_UNHEARD, RuntimeWarning, stacklevel=3)
        return cast("AnyGuarded | None", found)

    def _make_ready(self, of_process: AnyGuarded | None) -> list[Keeps]:
        """Have all that is needed to cancel before it is; return who else is to cancel.

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
        keepers: list[Keeps] = []
        if self._keeping is not None:
            from botocancel._keeper import Keeper  # noqa: PLC0415  (only who wants one)

            keepers.append(Keeper(self._keeping, self.refs))
        if of_process is not None:
            keepers.append(_Entrusted(of_process, self.refs))
        return keepers

    def _report(self, watch: Watch, died: BaseException | None) -> Report | None:
        """Return what tells of the cancelling; None if there is nothing to cancel."""
        has_died = died is not None or watch.arrived is not None
        if self.refs and (has_died or self._always):
            report = Report(self.refs, died, has_died=has_died, keepers=watch.keepers)
            watch.begin_round(report.left)
            return report
        return None


AnyGuarded: TypeAlias = "_Guarded[CancelMany] | _Guarded[CancelManyAsync]"


class _Entrusted:
    """What a guard in another thread has entrusted to the guard of the process."""

    def __init__(self, guard: AnyGuarded, refs: Iterable[AnyRef]) -> None:
        self._guard = guard
        self._refs: list[AnyRef] = []
        for ref in refs:
            self.add(ref)

    def add(self, ref: AnyRef) -> None:
        """Have the process's guard cancel one more task."""
        self._refs.append(ref)
        self._guard.add(ref)

    def drop(self, ref: AnyRef) -> None:
        """Have it cancel a task no longer."""
        while ref in self._refs:
            self._refs.remove(ref)
            with suppress(InvalidInput):  # the program may have released it there
                self._guard.release(ref)

    def release(self) -> None:
        """Have it cancel nothing of this."""
        for ref in [*self._refs]:
            self.drop(ref)

    hand_over = release


def _keeping(
    means: Means[CancelManyT],
    retry: RetryPolicy,
    keeper: Literal[True] | str | os.PathLike[str],
) -> Keeping:
    """Return what is asked of a keeper."""
    from botocancel._keeper import Keeping  # noqa: PLC0415  (only who wants one)

    return Keeping(means.aws, retry, means.workers, means.journal, keeper)


def _check_place(other: object) -> None:
    """Refuse a guard of the process elsewhere than in the main thread, or beside another one."""
    if not is_main_thread():
        msg = "guard_process() is for the main thread, where Python handles signals"
        raise InvalidInput(msg)
    if other is not None:
        msg = "the process has a guard already; add the tasks to that one"
        raise InvalidInput(msg)


def _let_go(watch: Watch, report: Report | None) -> None:
    """Let the keepers go, or leave to them what this process has not come to cancel."""
    for keeper in watch.keepers:
        if report is None or not report.left:
            keeper.release()
        else:
            keeper.hand_over()


class Guard(_Guarded["CancelMany"]):
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
            _let_go(watch, report)
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


class AsyncGuard(_Guarded["CancelManyAsync"]):
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
        from asyncio import CancelledError, get_running_loop, shield  # noqa: PLC0415  (as above)

        making = get_running_loop().run_in_executor(None, self._make_ready, of_process)
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
