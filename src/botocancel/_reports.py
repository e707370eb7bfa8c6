"""What is told of a cancelling that nobody waits for, and how hard it is tried."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import attrs

from botocancel._text import visible
from botocancel.errors import CredentialsUnavailable, NotFound, TaskCanceling, TaskEnded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from botocancel._keeper import Keeper
    from botocancel.model import Response, Shape
    from botocancel.polling import RetryPolicy
    from botocancel.refs import TaskRef
    from botocancel.results import Cancellation, Result

    AnyRef: TypeAlias = TaskRef[Shape, Response]

__all__ = ["Report", "patient"]

_logger = logging.getLogger("botocancel.guard")

_NOTHING_TO_STOP: Final = (TaskEnded, TaskCanceling)
_MAY_PASS: Final = (NotFound, CredentialsUnavailable)
"""A task just started may not be found yet, and whoever started it had credentials."""


def patient(policy: RetryPolicy) -> RetryPolicy:
    """Return a policy that asks again also after errors that otherwise are final."""

    def may_pass(error: BaseException) -> bool:
        return isinstance(error, _MAY_PASS) or policy.retry_on(error)

    return attrs.evolve(policy, retry_on=may_pass)


class Report:
    """Tells what became of each task: in the log, and on the exception that the block died of.

    Entered around the cancelling, it tells also of what breaks that off.

    Args:
        refs: The tasks.
        died: What the block died of.
        has_died: Whether it died, of that or of something else.
        keeper: Who cancels what is left over, if there is one.
    """

    def __init__(
        self,
        refs: Iterable[AnyRef],
        died: BaseException | None,
        *,
        has_died: bool,
        keeper: Keeper | None = None,
    ) -> None:
        self.left = list(dict.fromkeys(refs))
        """The tasks of which nothing has been told."""
        self._died = died
        self._has_died = has_died
        self._keeper = keeper

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> bool:
        if error is not None:
            what = "may go on" if self._keeper is None else "is left to its keeper"
            for ref in self.left:
                self._warn(logging.ERROR, ref, f"{what}, for cancelling broke off: {error!r}")
        return self._has_died and isinstance(error, Exception)

    def tell(self, result: Result[Cancellation[Response]]) -> None:
        """Tell what became of one task."""
        ref, error = cast("AnyRef", result.task), result.error
        self.left.remove(ref)
        if self._keeper is not None:
            self._keeper.drop(ref)
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
