"""That the benchmarks work; what they measure is no test's business."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest

ROOT: Final = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the benchmarks, little of each."""
    folder = tmp_path_factory.mktemp("benchmarks")
    command = [sys.executable, "-m", "benchmarks", "--quick", "--output", str(folder)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True)
    assert run.returncode == 0, run.stderr
    return folder


def test_every_comparison_has_its_figures(results: Path) -> None:
    found = json.loads((results / "results.json").read_text(encoding="utf-8"))["results"]
    assert {"cold-fsx", "cold-datasync", "import", "warm", "layer", "cancels"} <= found.keys()
    assert {"waits", "bursts", "output", "growth", "reaction", "memory", "receipt"} <= found.keys()
    for comparison in (part for part in found.values() if "samples" in part):
        for samples in comparison["samples"].values():
            assert all(sample["cpu"] > 0 for sample in samples)


def test_a_wait_for_many_sends_fewer_requests_than_a_wait_for_each(results: Path) -> None:
    found = json.loads((results / "results.json").read_text(encoding="utf-8"))["results"]
    each, shared = (samples[0]["requests"] for samples in found["waits"]["samples"].values())
    assert shared * 10 < each


def test_a_limit_is_kept_to(results: Path) -> None:
    """The server refuses what is above it, and every task is cancelled all the same."""
    found = json.loads((results / "results.json").read_text(encoding="utf-8"))["results"]
    for (sample,) in found["limited"]["samples"].values():
        assert sample["requests"] - sample["refused"] == 12 + 1  # one to warm up


def test_the_plot_is_a_picture(results: Path) -> None:
    root = ET.fromstring((results / "results.svg").read_text(encoding="utf-8"))  # noqa: S314  (ours)
    assert root.tag.endswith("svg")
    assert len(root) > 5


def test_an_unknown_comparison_is_named() -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--only", "nonsense"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True)
    assert run.returncode == 2
    assert "nonsense" in run.stderr
