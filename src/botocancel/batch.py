"""A batch: results as they come, and how it stands, whenever that is asked."""

from __future__ import annotations

from contextlib import aclosing
from itertools import islice
from typing import TYPE_CHECKING, Final, Generic, cast

import attrs

from botocancel import results
from botocancel._generics import ValueT_co
from botocancel._text import named
from botocancel.errors import BotocancelError, InvalidInput
from botocancel.flows import given_of

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Callable,
        Generator,
        Iterable,
        Iterator,
        Sequence,
    )

    from botocancel.effects import Flow
    from botocancel.flows import Given
    from botocancel.refs import TaskRef
    from botocancel.results import Done, Failed, Result, Summary

__all__ = ["AsyncBatch", "Batch"]

_SHOWN: Final = 20
"""So many tasks an interrupted batch names; `Batch.summary` has all."""


class _Tally(Generic[ValueT_co]):
    """What a batch was asked for, and what has become of it.

    A task that is named twice is handled once, with the receipt if one of the two is one. What
    names no task is a result with an error, as any other failure.
    """

    def __init__(self, tasks: Iterable[object]) -> None:
        self.pending: dict[TaskRef, object] = {}
        self.given: dict[TaskRef, Given] = {}
        self.done: list[Done[ValueT_co]] = []
        self.failed: list[Failed] = []
        if isinstance(tasks, str | bytes) or not hasattr(tasks, "__iter__"):
            example = f", such as [{named(tasks)}]" if isinstance(tasks, str) else ""
            msg = f"a batch takes a list of tasks{example}, not {named(tasks)}"
            raise InvalidInput(msg)
        for task in tasks:
            try:
                given = given_of(task)
            except BotocancelError as error:
                self.failed.append(results.Failed(task=task, ref=None, error=error))
                continue
            self.pending.setdefault(given.ref, task)
            if given.receipt is not None or given.ref not in self.given:
                self.given[given.ref] = given
        self.refused = tuple(self.failed)

    def note(self, item: object) -> Result[ValueT_co]:
        """Take note of a result that a flow emitted."""
        result = cast("Result[ValueT_co]", item)
        result = attrs.evolve(result, task=self.pending.pop(cast("TaskRef", result.ref)))
        if result.error is None:
            self.done.append(result)
        else:
            self.failed.append(result)
        return result

    def summary(self) -> Summary[ValueT_co]:
        """Return how the batch stands."""
        return results.Summary(
            done=tuple(self.done), failed=tuple(self.failed), pending=tuple(self.pending.values())
        )

    def interrupted(self, error: BaseException) -> None:
        """Say on an exception that ends the batch what was done and what not."""
        if isinstance(error, GeneratorExit):
            return
        note = f"The batch was interrupted: {self.summary()}."
        if self.pending:
            shown = [str(ref) for ref in islice(self.pending, _SHOWN)]
            more = len(self.pending) - len(shown)
            note += (
                "\nNothing is known of " + ", ".join(shown) + (f" and {more} more" if more else "")
            )
        error.add_note(note)


class Batch(Generic[ValueT_co]):
    """Iterate it for each result as it comes; it starts with the first one asked for.

    Left early (by ``break``, an exception or Ctrl-C), it sends no further request,
    and `summary` says what was done and what not.
    """

    def __init__(
        self,
        tasks: Iterable[object],
        flow: Callable[[Sequence[Given]], Flow[None]],
        drive: Callable[[Flow[None]], Generator[object]],
    ) -> None:
        self._tally: _Tally[ValueT_co] = _Tally(tasks)
        self._results = self._iterate(self._tally, flow, drive)

    @staticmethod  # if it referred to the batch, a batch that is dropped would go on for a while
    def _iterate(
        tally: _Tally[ValueT_co],
        flow: Callable[[Sequence[Given]], Flow[None]],
        drive: Callable[[Flow[None]], Generator[object]],
    ) -> Generator[Result[ValueT_co]]:
        yield from tally.refused
        try:
            for item in drive(flow(list(tally.given.values()))):
                yield tally.note(item)
        except BaseException as error:
            tally.interrupted(error)
            raise

    def __iter__(self) -> Iterator[Result[ValueT_co]]:
        try:
            yield from self._results
        finally:  # the loop was left, even if somebody keeps the batch
            self.close()

    def __next__(self) -> Result[ValueT_co]:
        return next(self._results)

    def summary(self) -> Summary[ValueT_co]:
        """Return how the batch stands now."""
        return self._tally.summary()

    def close(self) -> None:
        """Leave the batch where it stands; it sends no further request."""
        self._results.close()

    def finish(self) -> Summary[ValueT_co]:
        """Let the batch run to its end, and return how it went."""
        for _ in self._results:
            pass
        return self.summary()


class AsyncBatch(Generic[ValueT_co]):
    """`Batch`, iterated with ``async for``.

    Left early, it goes on until it is closed: by `aclose`, by ``contextlib.aclosing``,
    or when nothing refers to it any more.
    """

    def __init__(
        self,
        tasks: Iterable[object],
        flow: Callable[[Sequence[Given]], Flow[None]],
        drive: Callable[[Flow[None]], AsyncGenerator[object]],
    ) -> None:
        self._tally: _Tally[ValueT_co] = _Tally(tasks)
        self._results = self._iterate(self._tally, flow, drive)

    @staticmethod  # as in `Batch`
    async def _iterate(
        tally: _Tally[ValueT_co],
        flow: Callable[[Sequence[Given]], Flow[None]],
        drive: Callable[[Flow[None]], AsyncGenerator[object]],
    ) -> AsyncGenerator[Result[ValueT_co]]:
        for refused in tally.refused:
            yield refused
        try:
            async with aclosing(drive(flow(list(tally.given.values())))) as items:
                async for item in items:
                    yield tally.note(item)
        except BaseException as error:
            tally.interrupted(error)
            raise

    def __aiter__(self) -> AsyncIterator[Result[ValueT_co]]:
        return self._results

    async def __anext__(self) -> Result[ValueT_co]:
        return await anext(self._results)

    def summary(self) -> Summary[ValueT_co]:
        """Return how the batch stands now."""
        return self._tally.summary()

    async def aclose(self) -> None:
        """Leave the batch where it stands; it sends no further request."""
        await self._results.aclose()

    async def finish(self) -> Summary[ValueT_co]:
        """Let the batch run to its end, and return how it went."""
        async for _ in self._results:
            pass
        return self.summary()
