"""Threads that make calls: daemons, so that no call keeps the process alive."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from contextvars import Context, copy_context
from itertools import count
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from botocancel._fork import let_go_after_fork

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Threads", "start_thread"]

ResultT = TypeVar("ResultT")

_PATIENCE: Final = 1.0
"""Seconds that a thread waits for another call before it ends."""
_MOST_LEFT: Final = 64
"""No thread is added while so many calls that nobody waits for are still under way."""

_numbers: Final = count(1)


def start_thread(work: Callable[[], object]) -> bool:
    """Start a daemon thread; say whether there could be one: at interpreter exit there cannot."""
    try:
        Thread(target=work, name=f"botocancel_{next(_numbers)}", daemon=True).start()
    except RuntimeError:
        return False
    return True


class _Job(NamedTuple, Generic[ResultT]):
    future: Future[ResultT]
    context: Context
    call: Callable[[], ResultT]

    def run(self) -> None:
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            result = self.context.run(self.call)
        except BaseException as error:  # noqa: BLE001  (whoever waits decides what becomes of it)
            self.future.set_exception(error)
        else:
            self.future.set_result(result)


class Threads:
    """An executor of daemon threads, which are started as they are needed and end when idle.

    Args:
        most: So many calls run at a time; more wait their turn. Calls that were left
            behind do not count, up to 64 of them.
    """

    def __init__(self, most: float) -> None:
        self._most = most
        self.let_go()
        let_go_after_fork(self)

    def let_go(self) -> None:
        """Have no threads: those of the process that this one was forked from are not here."""
        self._changed = Condition()
        self._jobs: deque[_Job[Any]] = deque()
        self._alive = 0
        self._idle = 0
        self._left = 0
        self._era = 0

    def submit(self, call: Callable[[], ResultT]) -> Future[ResultT]:
        """Make a call on a thread, in a copy of the caller's context.

        Where no thread can be started, the call is made at once, on the calling thread.
        """
        job = _Job[ResultT](Future(), copy_context(), call)
        with self._changed:
            has_thread = len(self._jobs) < self._idle or not self._may_add or self._add()
            if has_thread:
                self._jobs.append(job)
                self._changed.notify()
        if not has_thread:
            job.run()
        return job.future

    def leave(self, future: Future[ResultT]) -> bool:
        """Wait for a call no longer, and say whether it had begun; else it is not made."""
        if future.done():
            return True
        if future.cancel():
            return False
        with self._changed:
            self._left += 1
            if len(self._jobs) > self._idle and self._may_add:
                self._add()
        future.add_done_callback(self._came_back)
        return True

    def close(self) -> None:
        """Let idle threads end at once; calls that were submitted are made."""
        with self._changed:
            self._era += 1
            self._changed.notify_all()

    @property
    def _may_add(self) -> bool:
        return self._alive - self._left < self._most and self._left < _MOST_LEFT

    def _add(self) -> bool:
        self._alive += 1
        is_started = start_thread(self._work)
        if not is_started:
            self._alive -= 1
        return is_started

    def _came_back(self, _: Future[ResultT]) -> None:
        with self._changed:
            self._left -= 1

    def _work(self) -> None:
        while (job := self._next()) is not None:
            job.run()
            del job  # an idle thread keeps nothing alive

    def _next(self) -> _Job[Any] | None:
        """Wait for a job; None if the thread is to end."""
        with self._changed:
            era = self._era
            while not self._jobs:
                self._idle += 1
                is_notified = self._changed.wait(_PATIENCE)
                self._idle -= 1
                if not self._jobs and (not is_notified or era != self._era):
                    break
            if not self._jobs or self._alive - self._left > self._most:
                self._alive -= 1
                return None
            return self._jobs.popleft()
