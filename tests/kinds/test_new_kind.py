"""A kind that is not shipped is one file: what it gets for that, with nothing edited elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from tests.new_kind import EXPERIMENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_ENTRY_POINT: Final = "[botocancel.kinds]\nfis = stopping_experiments.experiment:KIND\n"
_CONFORMANCE: Final = """
import pytest
from botocancel.testing.conformance import KindConformance
from stopping_experiments.experiment import KIND

@pytest.mark.parametrize("kind", [KIND], ids=["fis"])
class TestConformance(KindConformance):
    pass
"""
_USER: Final = """
from botocancel import TaskClient
from stopping_experiments import ExperimentRef, StopExperimentResponse
from typing_extensions import assert_type

client = TaskClient()
ref = ExperimentRef("EXP0123456789abcdefg")
assert_type(client.cancel(ref).response, StopExperimentResponse | None)
state = client.describe(ref).detail.state
status: str | None = state.status if state else None
"""


class Installed:
    """The kind, as a package that is installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package = folder / "stopping_experiments"
        self.package.mkdir()
        (self.package / "experiment.py").write_text(EXPERIMENT, encoding="utf-8")
        (self.package / "py.typed").touch()
        metadata = folder / "stopping_experiments-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: stopping-experiments\nVersion: 1.0\n"
        )
        (metadata / "entry_points.txt").write_text(_ENTRY_POINT)
        self.python("-m", "botocancel.generate", str(self.package))

    def python(self, *arguments: str, **variables: str) -> str:
        """Run Python with the package installed; return what it prints."""
        done = subprocess.run(
            [sys.executable, *arguments],
            env={**os.environ, "PYTHONPATH": str(self.folder), **variables},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(tmp_path_factory.mktemp("site"))


def test_a_new_kind_passes_the_conformance_suite(installed: Installed) -> None:
    test = installed.folder / "test_experiments.py"
    test.write_text(_CONFORMANCE)
    assert " passed" in installed.python("-m", "pytest", "-q", "-p", "no:cacheprovider", str(test))


@pytest.mark.parametrize("checker", [["mypy", "--strict"], ["pyright"]], ids=lambda each: each[0])
def test_a_new_kind_is_clean_under_the_type_checkers(
    installed: Installed, checker: list[str]
) -> None:
    pytest.importorskip(checker[0])
    user = installed.folder / "user.py"
    user.write_text(_USER)
    (installed.folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    installed.python("-m", *checker, str(installed.package / "experiment.py"), str(user))


COMMANDS: Final[Mapping[str, Callable[[str], list[str]]]] = {
    "services": lambda _: ["services", "--output", "ids"],
    "policy": lambda _: ["policy", "--kind", "fis"],
    "ls": lambda _: ["ls", "--kind", "fis", "--output", "ids"],
    "show": lambda task: ["show", task, "--output", "json"],
    "cancel": lambda task: ["cancel", task, "--wait", "--poll", "0.05", "--output", "jsonl"],
}
SHOWN: Final = {
    "services": "fis",
    "policy": "fis:StopExperiment",
    "ls": "arn:aws:fis:us-east-1:123456789012:experiment/EXP",
    "show": '"status": "running"',
    "cancel": '"result": "canceled"',
}
_SERVED: Final = """
import subprocess, sys
from botocancel.testing import SimulatedAWS

aws = SimulatedAWS()
task = aws.simulator("fis").start("running")
with aws.serve(speed=10) as server:
    import os
    done = subprocess.run(
        [sys.executable, "-m", "botocancel", *(a.replace("TASK", task) for a in sys.argv[1:])],
        env={**os.environ, **server.environment}, capture_output=True, text=True, timeout=100,
    )
sys.stdout.write(done.stdout)
sys.stderr.write(done.stderr)
sys.exit(done.returncode)
"""


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_line_knows_a_new_kind(installed: Installed, command: str) -> None:
    words = COMMANDS[command]("fis:TASK")
    assert SHOWN[command] in installed.python("-c", _SERVED, *words)
