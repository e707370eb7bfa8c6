"""The deterministic simulation: `tests.simulation` says what it checks, and by which letters."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.simulation.claims import LETTERS, violations
from tests.simulation.hunt import catch, hunt, violations_of
from tests.simulation.mutations import MUTATIONS
from tests.simulation.schedule import (
    FAULTS,
    CallPlan,
    Kind,
    Schedule,
    TaskPlan,
    journaled_schedule_of,
)
from tests.simulation.speech import KEYS, lifecycle_of
from tests.simulation.world import World

if TYPE_CHECKING:
    from botocancel.testing import Fault
    from tests.simulation.mutations import Mutation

SCHEDULES = 20_000
"""So many are run here; ``python -m tests.simulation --schedules 200000`` runs more."""

JOURNALED = 5_000
"""So many with a journal; ``--journal`` runs more."""

MUTANTS = 3_000
"""A mutation has to be caught in so many."""


def test_the_library_keeps_its_word_whatever_happens(capsys: pytest.CaptureFixture[str]) -> None:
    result = hunt(0, SCHEDULES)
    with capsys.disabled():
        print(f"\n{SCHEDULES:,} schedules, {result.rate:,.0f} a second")  # noqa: T201
    assert not result.failures, "\n".join(result.failures)


def test_what_was_asked_for_outlives_who_asked(capsys: pytest.CaptureFixture[str]) -> None:
    result = hunt(0, JOURNALED, make=journaled_schedule_of)
    with capsys.disabled():
        print(f"\n{JOURNALED:,} schedules with a journal, {result.rate:,.0f} a second")  # noqa: T201
    assert not result.failures, "\n".join(result.failures)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_the_simulation_catches(mutation: Mutation, capsys: pytest.CaptureFixture[str]) -> None:
    schedules = catch(mutation, MUTANTS)
    assert schedules is not None, f"not caught in {MUTANTS} schedules"
    with capsys.disabled():
        print(f"\n{mutation}: caught in {schedules} schedules ", end="")  # noqa: T201


def test_there_is_a_mutation_for_each_letter() -> None:
    assert {mutation.letter for mutation in MUTATIONS} == set(LETTERS)


def test_a_seed_replays_the_same_each_time() -> None:
    transcripts: list[list[str]] = [[], []]
    for transcript in transcripts:
        violations_of(7, transcript.append)
    assert transcripts[0] == transcripts[1] != []


def test_a_failing_seed_is_one_line_that_replays_it() -> None:
    mutation = next(each for each in MUTATIONS if each.letter == "c")
    with mutation.applied():
        line = hunt(0, 20, processes=1).failures[0]
    command = line.partition("  #")[0].split()
    assert command[:4] == ["python", "-m", "tests.simulation", "--replay"]
    done = subprocess.run(
        [sys.executable, *command[1:]],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "the service answers" in done.stdout
    assert done.stdout.endswith(f"seed {command[4]}: 0 violations\n")


TASKS = st.builds(
    TaskPlan,
    kind=st.sampled_from(KEYS),
    fails=st.booleans(),
    cancelable=st.booleans(),
    exists=st.booleans(),
    beside=st.booleans(),
)


class Callers(RuleBasedStateMachine):
    """Callers come, go and die, time passes and things go wrong, in whatever order it takes."""

    @initialize(tasks=st.lists(TASKS, min_size=1, max_size=3))
    def begin(self, tasks: list[TaskPlan]) -> None:
        self.faults: list[Fault] = []
        others = [
            TaskPlan(kind=key, status=status)
            for key in sorted({task.kind for task in tasks})
            for status in (lifecycle_of(key).failed, None)
        ]
        schedule = Schedule(
            seed=0, tasks=tuple(tasks), bystanders=tuple(others), calls=(), is_resumed=True
        )
        self.world = World(schedule)
        self.world.next_fault = lambda: self.faults.pop(0) if self.faults else None

    @rule(
        kind=st.sampled_from(Kind),
        timeout=st.sampled_from([0.0, 5.0, 100.0, 1000.0]),
        if_ended=st.sampled_from(["return", "raise"]),
        workers=st.sampled_from([1, 16]),
        journaled=st.booleans(),
    )
    def call(self, kind: Kind, **plan: object) -> None:
        plan["journaled"] = plan["journaled"] or kind is Kind.RESUME
        count = (
            0 if kind in {Kind.LIST, Kind.RESUME} else len(self.world.refs) if kind.is_batch else 1
        )
        tasks = tuple(range(count))
        kinds = tuple(sorted({ref.key for ref in self.world.refs}))
        self.world.begin(CallPlan(kind=kind, tasks=tasks, kinds=kinds, **plan))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    @rule(fault=st.sampled_from(FAULTS))
    def something_goes_wrong(self, fault: Fault) -> None:
        self.faults.append(fault)

    @rule(seconds=st.sampled_from([0.01, 0.1, 1.0, 10.0, 100.0]))
    def time_passes(self, seconds: float) -> None:
        self.world.clock.advance(seconds)

    @precondition(lambda self: any(not caller.is_over for caller in self.world.callers))
    @rule()
    def a_process_dies(self) -> None:
        next(caller for caller in self.world.callers if not caller.is_over).die()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.finish()
            assert not list(violations(self.world))


TestCallers = Callers.TestCase
TestCallers.settings = settings(max_examples=100, deadline=None, derandomize=True)
