"""Killed at real moments, the command line leaves a journal that another process finishes."""

from __future__ import annotations

import pytest

from tests.kills.kill import killed_and_resumed, life_of

TASKS = 12
KILLS = 5
"""So many are killed here; ``python -m tests.kills`` kills more."""


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> tuple[float, float]:
    return life_of(tmp_path_factory.mktemp("life"), TASKS)


@pytest.mark.parametrize("seed", range(KILLS))
def test_what_a_killed_process_asked_for_is_known_and_finished(
    seed: int, tmp_path_factory: pytest.TempPathFactory, life: tuple[float, float]
) -> None:
    kill = killed_and_resumed(seed, tmp_path_factory.mktemp("kill"), TASKS, life)
    assert not kill.wrong
