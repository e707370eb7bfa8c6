"""What became of many tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar, cast

import attrs

if TYPE_CHECKING:
    from botocancel.errors import BotocancelError

__all__ = ["Result", "Summary"]

ValueT_co = TypeVar("ValueT_co", covariant=True)


@attrs.frozen(kw_only=True)
class Result(Generic[ValueT_co]):
    """What became of one task of a batch: a value, or an error, never both and never neither."""

    task: object
    """The task as it was passed in."""
    value: ValueT_co | None = None
    error: BotocancelError | None = None

    def unwrap(self) -> ValueT_co:
        """Return the value.

        Raises:
            BotocancelError: What went wrong with this task.
        """
        if self.error is not None:
            raise self.error
        return cast("ValueT_co", self.value)


@attrs.frozen(kw_only=True)
class Summary(Generic[ValueT_co]):
    """How a batch stands."""

    done: tuple[Result[ValueT_co], ...]
    """Results with a value, in order of completion."""
    failed: tuple[Result[ValueT_co], ...]
    """Results with an error, in order of completion."""
    pending: tuple[object, ...]
    """Tasks, as they were passed in, of which nothing is known yet."""

    def raise_failures(self) -> None:
        """Raise every error at once.

        Raises:
            ExceptionGroup: Of the errors, if there are any.
        """
        errors = [result.error for result in self.failed if result.error is not None]
        if errors:
            total = len(self.done) + len(self.failed) + len(self.pending)
            msg = f"{len(errors)} of {total} tasks failed"
            raise ExceptionGroup(msg, errors)

    def __str__(self) -> str:
        return f"{len(self.done)} done, {len(self.failed)} failed, {len(self.pending)} pending"
