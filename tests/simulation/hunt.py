"""Running many schedules, and looking for one that breaks a guarantee."""

from __future__ import annotations

import gc
import logging
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from time import perf_counter
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs

from tests.simulation.claims import violations
from tests.simulation.schedule import journaled_schedule_of, schedule_of
from tests.simulation.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.simulation.claims import Violation
    from tests.simulation.mutations import Mutation
    from tests.simulation.schedule import Schedule

    Make: TypeAlias = Callable[[int], Schedule]
    """Makes a schedule from a seed."""

__all__ = ["Hunt", "be_quiet", "catch", "hunt", "replayed", "violations_of"]

_CHUNK: Final = 500


@attrs.frozen
class Hunt:
    """What many schedules came to."""

    schedules: int
    requests: int
    seconds: float
    failures: tuple[str, ...]
    """A line for each seed that broke a guarantee; it says how to replay it."""

    @property
    def rate(self) -> float:
        """Schedules a second."""
        return self.schedules / self.seconds


def be_quiet() -> None:
    """Keep the library from logging the unknown statuses that it is answered."""
    logging.getLogger("botocancel").setLevel(logging.CRITICAL)


def violations_of(
    seed: int, say: Callable[[str], None] | None = None, *, make: Make = schedule_of
) -> list[Violation]:
    """Run the schedule of a seed and return what was wrong."""
    world = World(make(seed), say)
    world.run()
    return list(violations(world))


def replayed(seed: int, found: Sequence[Violation], make: Make = schedule_of) -> str:
    """Return the line that tells of a seed's failure and how to replay it."""
    letters = "".join(sorted({violation.letter for violation in found}))
    kind = " --journal" if make is journaled_schedule_of else ""
    return f"python -m tests.simulation{kind} --replay {seed}  # breaks {letters}: {found[0]}"


def hunt(
    first: int, schedules: int, processes: int | None = None, *, make: Make = schedule_of
) -> Hunt:
    """Run the schedules of so many seeds in a row, over as many processes as there are cores."""
    started = perf_counter()
    count = processes or os.cpu_count() or 1
    chunks = range(first, first + schedules, _CHUNK)
    sizes = [min(_CHUNK, first + schedules - start) for start in chunks]
    if count == 1:
        parts = [_run(make, start, size) for start, size in zip(chunks, sizes, strict=True)]
    else:
        with ProcessPoolExecutor(count, get_context("spawn"), initializer=be_quiet) as pool:
            parts = list(pool.map(partial(_run, make), chunks, sizes))
    return Hunt(
        schedules,
        sum(requests for requests, _ in parts),
        perf_counter() - started,
        tuple(line for _, lines in parts for line in lines),
    )


def _run(make: Make, first: int, schedules: int) -> tuple[int, list[str]]:
    """Run a chunk; return the number of requests and the failures."""
    requests, failures = 0, list[str]()
    gc.disable()  # a world is full of cycles, and soon gone as a whole
    try:
        for seed in range(first, first + schedules):
            world = World(make(seed))
            world.run()
            requests += sum(sent.attempts for caller in world.callers for sent in caller.sent)
            found = list(violations(world))
            if found:
                failures.append(replayed(seed, found, make))
    finally:
        gc.enable()
        gc.collect()
    return requests, failures


def catch(mutation: Mutation, most: int, first: int = 0) -> int | None:
    """Return how many schedules it takes to catch a mutation by its letter; None if too many."""
    with mutation.applied():
        for seed in range(first, first + most):
            found = violations_of(seed, make=mutation.schedules)
            if any(violation.letter == mutation.letter for violation in found):
                return seed - first + 1
    return None
