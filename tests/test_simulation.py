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
from tests.simulation.world import World

if TYPE_CHECKING:
    from botocancel.testing import Fault
    from tests.simulation.mutations import Mutation

SCHEDULES = 20_000
"""So many are run here; ``python -m tests.simulation --schedules 200000`` runs more."""

JOURNALED = 5_000
"""So many with a journal; ``--journal`` runs more."""

MUTANTS = 2_000
"""A mutation has to be caught in so many."""

FOUND = {
    281: "(l) a batch believed a cancel that found no task, of one that it described then",
    905: "(j) an execution that was listed, and then not found, was left out without a word",
    1107: "(l) cancel_and_wait told of a task that it had described, by its refusal, as not found",
    1688: "(e) a list whose tokens lead back was read again",
    2437: "(e) and again, by two tokens in turn",
    2504: "(l) in a batch, not found before an accepted cancel was counted on after it",
    2736: "(l) the same of one task",
    4734: "(l) at the deadline, one look that found no task outweighed a description",
    6462: "(l) the words of a refusal did so, too",
    14148: "(l) a task on the first page of a description was not found on the next",
    21551: "(l) a refusal that told of a task was explained by a look that did not find it",
    24520: "(l) the same, where the task had been described before",
    27309: "(l) what the first page of a description told was lost with the next page",
    541141: "(l) of two tasks, one told on the first page was not found when the second failed",
    584236: "(d) a guard waited for a description that dripped",
}
"""Seeds of schedules that found something, and what it was."""

FOUND_WITH_A_JOURNAL = {
    3: "(n) the process was lost at a refusal that it had not believed yet",
    30646: "(l) what a listing told of a task was lost where its description failed",
    33255: "(m) after a refusal that was told, another process's failure opened the cancel again",
    346: "(m) a resume sent what another process had not yet got onto the disk",
}
"""The same of those whose callers keep a journal."""


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


@pytest.mark.parametrize("seed", FOUND_WITH_A_JOURNAL)
def test_what_was_found_once_with_a_journal_is_not_found_again(seed: int) -> None:
    assert not violations_of(seed, make=journaled_schedule_of)


@pytest.mark.parametrize("seed", FOUND)
def test_what_was_found_once_is_not_found_again(seed: int) -> None:
    assert not violations_of(seed)


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
    service=st.sampled_from(["fsx", "datasync"]),
    fails=st.booleans(),
    cancelable=st.booleans(),
    exists=st.booleans(),
    queued=st.booleans(),
)


class Callers(RuleBasedStateMachine):
    """Callers come, go and die, time passes and things go wrong, in whatever order it takes."""

    @initialize(tasks=st.lists(TASKS, min_size=1, max_size=3))
    def begin(self, tasks: list[TaskPlan]) -> None:
        self.faults: list[Fault] = []
        others = TaskPlan(service="fsx", status="FAILED"), TaskPlan(service="datasync")
        schedule = Schedule(
            seed=0, tasks=tuple(tasks), bystanders=others, calls=(), is_resumed=True
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
        self.world.begin(CallPlan(kind=kind, tasks=tasks, **plan))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

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
