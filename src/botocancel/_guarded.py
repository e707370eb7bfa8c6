"""The tasks that a guard takes along, and who else cancels them: what guards have in common."""

from __future__ import annotations

import logging
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Generic, Literal, Self, TypeAlias, TypeVar, cast

import attrs

from botocancel._reports import Report
from botocancel._signals import (
    Watch,
    deliver,
    is_main_thread,
    signal_numbers,
    undisturbed,
    watches,
    watches_of,
)
from botocancel.errors import BotocancelError, InvalidInput
from botocancel.polling import GUARD_RETRY, policy_of
from botocancel.services import task_ref

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable

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

__all__ = ["AnyGuarded", "Guarded", "Means", "let_go"]

_logger = logging.getLogger("botocancel.guard")

CancelManyT = TypeVar("CancelManyT")

_UNHEARD: Final = (
    "a guard outside the main thread hears no signals: SIGTERM would end the program and leave the "
    "tasks running; enter client.guard_process() in the main thread, or pass keeper=True here, or "
    "signals=[] if that is meant"
)


@attrs.frozen(kw_only=True)
class Means(Generic[CancelManyT]):
    """What a client gives its guards."""

    cancel_many: CancelManyT
    aws: Aws
    workers: int
    journal: str | os.PathLike[str] | None


class Guarded(Generic[CancelManyT]):
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
        self._retry = policy_of(retry, GUARD_RETRY) or GUARD_RETRY
        self.refs: list[AnyRef] = [task_ref(task) for task in tasks]
        self._means = means
        self._signals = signal_numbers(signals)
        self._always = always
        self._keeper = keeper
        self._keeping = None if keeper is False else _keeping(means, self._retry, keeper)
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


AnyGuarded: TypeAlias = "Guarded[CancelMany] | Guarded[CancelManyAsync]"


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


def let_go(watch: Watch, report: Report | None) -> None:
    """Let the keepers go, or leave to them what this process has not come to cancel."""
    for keeper in watch.keepers:
        if report is None or not report.left:
            keeper.release()
        else:
            keeper.hand_over()
