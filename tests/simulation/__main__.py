"""``python -m tests.simulation``: run many schedules, or replay one."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from typing import TYPE_CHECKING

from tests.simulation.hunt import be_quiet, catch, hunt, violations_of
from tests.simulation.mutations import MUTATIONS
from tests.simulation.schedule import journaled_schedule_of, schedule_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.schedule import Schedule

say = partial(print, flush=True)


def main() -> int:
    """Do what the command line says; return 1 if a guarantee was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--schedules", type=int, default=20_000, help="how many to run")
    parser.add_argument("--seed", type=int, default=0, help="the first one's seed")
    parser.add_argument("--processes", type=int, help="how many at a time; else one a core")
    parser.add_argument("--mutants", type=int, default=3_000, help="schedules a mutation has")
    parser.add_argument("--replay", type=int, metavar="SEED", help="tell one, step by step")
    parser.add_argument(
        "--journal", action="store_true", help="those whose callers keep a journal and die"
    )
    options = parser.parse_args()
    be_quiet()
    make = journaled_schedule_of if options.journal else schedule_of
    if options.replay is not None:
        return replay(options.replay, make)
    result = hunt(options.seed, options.schedules, options.processes, make=make)
    for line in result.failures[:20]:
        say(line)
    say(
        f"{result.schedules:,} schedules, {result.requests:,} requests, "
        f"{result.seconds:.1f} s: {result.rate:,.0f} schedules a second; "
        f"{len(result.failures)} broke a guarantee"
    )
    return int(bool(result.failures) | show_mutations(options.mutants))


def show_mutations(most: int) -> bool:
    """Print how many schedules catch each mutation; say whether one went free."""
    free = False
    for mutation in MUTATIONS:
        schedules = catch(mutation, most)
        free |= schedules is None
        caught = f"not caught in {most}" if schedules is None else f"caught in {schedules}"
        say(f"{mutation}: {caught} schedules")
    return free


def replay(seed: int, make: Callable[[int], Schedule]) -> int:
    """Print what happens in one schedule, and what is wrong with it."""
    schedule = make(seed)
    for task in schedule.tasks:
        say(task)
    for call in schedule.calls:
        say(call)
    for part in (*schedule.settings.items(), schedule.weather, schedule.poll):
        say(part)
    found = violations_of(seed, say, make=make)
    for violation in found:
        say(violation)
    say(f"seed {seed}: {len(found)} violations")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
