"""What became of many tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, NoReturn, TypeAlias

import attrs

from botocancel._generics import ValueT_co

if TYPE_CHECKING:
    from botocancel.errors import BotocancelError
    from botocancel.refs import TaskRef

__all__ = ["Done", "Failed", "Result", "Summary"]


@attrs.frozen(kw_only=True)
class Done(Generic[ValueT_co]):
    """What came of one task of a batch."""

    task: object
    """The task as it was passed in."""
    ref: TaskRef
    """The task."""
    value: ValueT_co
    """What the method for one task returns."""
    error: ClassVar[None] = None

    def unwrap(self) -> ValueT_co:
        """Return the value."""
        return self.value


@attrs.frozen(kw_only=True)
class Failed:
    """What went wrong with one task of a batch."""

    task: object
    """The task as it was passed in."""
    ref: TaskRef | None
    """The task; None where what was passed in names none."""
    error: BotocancelError
    """What the method for one task raises."""
    value: ClassVar[None] = None

    def unwrap(self) -> NoReturn:
        """Raise the error.

        Raises:
            BotocancelError: What went wrong with this task.
        """
        raise self.error


Result: TypeAlias = Done[ValueT_co] | Failed
"""What became of one task of a batch: `Done` with a value, or `Failed` with an error.

Where ``result.error is None``, type checkers know that there is a value, and the other way round;
``match`` tells `Done` and `Failed` apart, and ``result.unwrap()`` returns the value or raises.
"""


@attrs.frozen(kw_only=True)
class Summary(Generic[ValueT_co]):
    """How a batch stands."""

    done: tuple[Done[ValueT_co], ...]
    """Results with a value, in order of completion."""
    failed: tuple[Failed, ...]
    """Results with an error, in order of completion."""
    pending: tuple[object, ...]
    """Tasks, as they were passed in, of which nothing is known yet."""

    def raise_failures(self) -> None:
        """Raise every error at once.

        Raises:
            ExceptionGroup: Of the errors, if there are any.
        """
        if self.failed:
            total = len(self.done) + len(self.failed) + len(self.pending)
            msg = f"{len(self.failed)} of {total} tasks failed"
            raise ExceptionGroup(msg, [result.error for result in self.failed])

    def __str__(self) -> str:
        return f"{len(self.done)} done, {len(self.failed)} failed, {len(self.pending)} pending"
