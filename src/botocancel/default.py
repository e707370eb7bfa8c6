"""The functions of the package: one call each, on a client that all of the process shares."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, overload

from botocancel._aws import default_session
from botocancel._fork import let_go_after_fork
from botocancel.client import TaskClient
from botocancel.clocks import default_clock
from botocancel.polling import DEFAULT_TIMEOUT

if TYPE_CHECKING:
    from botocancel._generics import DetailT, ResponseT
    from botocancel._unions import AnyCancellation, AnyOutcome, AnySnapshot
    from botocancel.clocks import Clock
    from botocancel.effects import OnProgress
    from botocancel.flows import IfEnded
    from botocancel.model import Response, Shape
    from botocancel.polling import RetryPolicy
    from botocancel.refs import NamesTask
    from botocancel.results import Cancellation, Outcome, TaskSnapshot

__all__ = ["cancel", "cancel_and_wait", "describe"]


@overload
def describe(task: NamesTask[DetailT, ResponseT]) -> TaskSnapshot[DetailT]: ...
@overload
def describe(task: str | Shape) -> AnySnapshot: ...
def describe(task: NamesTask[Shape, Response] | str | Shape) -> object:
    """Describe one task with the default client: see `TaskClient.describe`."""
    return _default.client().describe(task)


@overload
def cancel(
    task: NamesTask[DetailT, ResponseT],
    *,
    retry: RetryPolicy | None = None,
    reason: str | None = None,
) -> Cancellation[ResponseT]: ...
@overload
def cancel(
    task: str | Shape, *, retry: RetryPolicy | None = None, reason: str | None = None
) -> AnyCancellation: ...
def cancel(
    task: NamesTask[Shape, Response] | str | Shape,
    *,
    retry: RetryPolicy | None = None,
    reason: str | None = None,
) -> object:
    """Ask to stop one task with the default client: see `TaskClient.cancel`."""
    return _default.client().cancel(task, retry=retry, reason=reason)


@overload
def cancel_and_wait(
    task: NamesTask[DetailT, ResponseT],
    *,
    timeout: float = DEFAULT_TIMEOUT,
    if_ended: IfEnded = "return",
    on_progress: OnProgress | None = None,
    reason: str | None = None,
) -> Outcome[DetailT]: ...
@overload
def cancel_and_wait(
    task: str | Shape,
    *,
    timeout: float = DEFAULT_TIMEOUT,
    if_ended: IfEnded = "return",
    on_progress: OnProgress | None = None,
    reason: str | None = None,
) -> AnyOutcome: ...
def cancel_and_wait(
    task: NamesTask[Shape, Response] | str | Shape,
    *,
    timeout: float = DEFAULT_TIMEOUT,
    if_ended: IfEnded = "return",
    on_progress: OnProgress | None = None,
    reason: str | None = None,
) -> object:
    """Stop one task with the default client: see `TaskClient.cancel_and_wait`."""
    return _default.client().cancel_and_wait(
        task, timeout=timeout, if_ended=if_ended, on_progress=on_progress, reason=reason
    )


class _Default:
    """The client of the functions here."""

    def __init__(self) -> None:
        self._made: tuple[tuple[object, Clock], TaskClient] | None = None
        self.let_go()
        let_go_after_fork(self)

    def let_go(self) -> None:
        """Have a lock of this process; what the client has, it lets go of by itself."""
        self._lock = threading.Lock()

    def client(self) -> TaskClient:
        """Return the client.

        It is made anew if boto3's default session changed, or the default clock: a test
        with a clock of its own has an AWS of its own.
        """
        with self._lock:
            session, clock = default_session(), default_clock()
            if self._made is None or self._made[0] != (session, clock):
                self._made = (session, clock), TaskClient(session)
            return self._made[1]


_default: Final = _Default()
