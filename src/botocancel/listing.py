"""A search for tasks: snapshots as they come, and what could not be told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, cast

from botocancel import results

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator

    from botocancel._unions import AnySnapshot
    from botocancel.results import Gap

__all__ = ["AsyncListing", "Listing"]


class Listing(Iterator["AnySnapshot"]):
    """Iterate it for a snapshot of each task that is found; `gaps` has what is missing there."""

    def __init__(self, found: Generator[object]) -> None:
        self._found = found
        self._gaps: list[Gap] = []

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What could not be told so far: tasks that cannot be read, places that did not answer."""
        return tuple(self._gaps)

    def __next__(self) -> AnySnapshot:
        while isinstance(item := next(self._found), results.Gap):
            self._gaps.append(item)
        return cast("AnySnapshot", item)

    def close(self) -> None:
        """End the search: no further request is sent."""
        self._found.close()


class AsyncListing(AsyncIterator["AnySnapshot"]):
    """Iterate it by ``async for``: see `Listing`."""

    def __init__(self, found: AsyncGenerator[object]) -> None:
        self._found = found
        self._gaps: list[Gap] = []

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What could not be told so far: tasks that cannot be read, places that did not answer."""
        return tuple(self._gaps)

    async def __anext__(self) -> AnySnapshot:
        while isinstance(item := await anext(self._found), results.Gap):
            self._gaps.append(item)
        return cast("AnySnapshot", item)

    async def aclose(self) -> None:
        """End the search: no further request is sent."""
        await self._found.aclose()
