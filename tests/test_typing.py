"""What type checkers say of right and of wrong calls; the files under ``typing`` never run."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RIGHT = "tests/typing/right.py"
WRONG = "tests/typing/wrong.py"
INSTALLED = "tests/typing/installed.py"
FILES = (RIGHT, WRONG, INSTALLED)


def reported_by_mypy(file: str) -> dict[int, str]:
    """Return the first error of each line."""
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-warn-unused-ignores", file],
        capture_output=True,
        check=False,
        cwd=ROOT,
        text=True,
    )
    assert run.returncode in {0, 1}, run.stdout + run.stderr
    found = re.findall(rf"^{re.escape(file)}:(\d+): error: (.*)$", run.stdout, re.MULTILINE)
    return {int(line): text for line, text in reversed(found)}


def reported_by_pyright(file: str) -> dict[int, str]:
    """Return the first error of each line."""
    program = shutil.which("pyright", path=str(Path(sys.executable).parent))
    assert program is not None
    run = subprocess.run(
        [program, "--outputjson", "--pythonpath", sys.executable, "--project", "tests/typing"],
        capture_output=True,
        check=False,
        cwd=ROOT,
        text=True,
    )
    answer = json.loads(run.stdout)
    assert answer["summary"]["filesAnalyzed"] == len(FILES)
    found = [entry for entry in answer["generalDiagnostics"] if entry["file"].endswith(file)]
    errors = [entry for entry in found if entry["severity"] == "error"]
    return {entry["range"]["start"]["line"] + 1: entry["message"] for entry in reversed(errors)}


CHECKERS = {"mypy": reported_by_mypy, "pyright": reported_by_pyright}


@pytest.fixture(params=CHECKERS)
def checker(request: pytest.FixtureRequest) -> str:
    pytest.importorskip(request.param, reason="the type checkers are of the group 'types'")
    return str(request.param)


@pytest.mark.parametrize("file", [RIGHT, INSTALLED])
def test_right_calls_have_the_types_that_are_said(checker: str, file: str) -> None:
    assert CHECKERS[checker](file) == {}


def test_each_wrong_call_is_reported_and_nothing_else(checker: str) -> None:
    lines = (ROOT / WRONG).read_text().splitlines()
    marked = {number for number, line in enumerate(lines, 1) if line.endswith("# wrong")}
    assert marked
    assert CHECKERS[checker](WRONG).keys() == marked
