"""Killed at real moments, a program whose guard has a keeper leaves no task of its block."""

from __future__ import annotations

import os

import pytest

from tests.deaths.death import BLOCKS, killed, life_of

KILLS = 6
"""So many are killed here; ``python -m tests.deaths`` kills more."""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no keepers here")


@pytest.fixture(scope="module")
def life() -> dict[str, float]:
    return {block: life_of(block) for block in BLOCKS}


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_killed_program_has_its_tasks_cancelled_or_had_left_the_block(
    seed: int, life: dict[str, float]
) -> None:
    assert not killed(seed, life).wrong
