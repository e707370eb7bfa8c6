"""What is told of a cancelling that nobody waits for, and how hard it is tried."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, cast

import attrs

from botocancel._text import visible
from botocancel.errors import (
    BotocancelError,
    CredentialsUnavailable,
    NotFound,
    TaskCanceling,
    TaskEnded,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from botocancel.model import Response, Shape
    from botocancel.polling import RetryPolicy
    from botocancel.refs import TaskRef
    from botocancel.results import Cancellation, Result

    AnyRef: TypeAlias = TaskRef[Shape, Response]

__all__ = ["Keeps", "Report", "patient"]

_logger = logging.getLogger("botocancel.guard")

_NOTHING_TO_STOP: Final = (TaskEnded, TaskCanceling)
_MAY_PASS: Final = (NotFound, CredentialsUnavailable)
"""A task just started may not be found yet, and whoever started it had credentials."""


def patient(
    policy: RetryPolicy, on_failure: Callable[[AnyRef | None], object] = bool
) -> RetryPolicy:
    """Return a policy that asks again also after errors that otherwise are final.

    Args:
        policy: What it goes by.
        on_failure: Told of each task whose cancel has failed, by any thread.
    """

    def may_pass(error: BaseException) -> bool:
        if isinstance(error, BotocancelError):
            on_failure(error.ref)
        return isinstance(error, _MAY_PASS) or policy.retry_on(error)

    return attrs.evolve(policy, retry_on=may_pass)


class Keeps(Protocol):
    """Who cancels the tasks of a block, too, if the block cannot."""

    def add(self, ref: AnyRef) -> None:
        """Have it cancel one more task."""
        ...

    def drop(self, ref: AnyRef) -> None:
        """Have it cancel a task no longer."""
        ...

    def release(self) -> None:
        """Have it cancel nothing."""
        ...

    def hand_over(self) -> None:
        """Have it cancel its tasks."""
        ...


class Report:
    """Tells what became of each task: in the log, and on the exception that the block died of.

    Entered around the cancelling, it tells also of what breaks that off.

    Args:
        refs: The tasks.
        died: What the block died of.
        has_died: Whether it died, of that or of something else.
        keepers: Who else would cancel the tasks of which nothing is told.
    """

    def __init__(
        self,
        refs: Iterable[AnyRef],
        died: BaseException | None,
        *,
        has_died: bool,
        keepers: Sequence[Keeps] = (),
    ) -> None:
        self.left: list[AnyRef] = []
        """The tasks of which nothing has been told."""
        self._known: set[AnyRef] = set()
        self.add(refs)
        self._died = died
        self._has_died = has_died
        self._keepers = keepers

    def add(self, refs: Iterable[AnyRef]) -> bool:
        """Tell of more tasks, too; say whether there are any that were not known."""
        more = [ref for ref in dict.fromkeys(refs) if ref not in self._known]
        self._known.update(more)
        self.left += more
        return bool(more)

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> bool:
        if error is not None:
            what = "is left to its keeper" if self._keepers else "may go on"
            for ref in self.left:
                self._warn(logging.ERROR, ref, f"{what}, for cancelling broke off: {error!r}")
        return self._has_died and isinstance(error, Exception)

    def tell(self, result: Result[Cancellation[Response]]) -> None:
        """Tell what became of one task."""
        ref, error = cast("AnyRef", result.task), result.error
        self.left.remove(ref)
        for keeper in self._keepers:
            keeper.drop(ref)
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
