"""One process that is killed, those that resume what it began, and what is then the case."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from math import inf
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

import attrs

from botocancel import Basis
from botocancel.journal import read, unfinished
from botocancel.testing import SimulatedAWS
from tests.simulated import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from botocancel.testing.server import SimulatedServer

__all__ = ["Kill", "killed_and_resumed", "life_of"]

_ROOT: Final = Path(__file__).parent.parent.parent
_COMMAND: Final = (sys.executable, "-m", "botocancel")
_SPEED: Final = 20.0
"""Simulated seconds in a real one."""
_OTHERS: Final = 10
"""So many tasks run besides, and are to be left alone."""
_SOON: Final = 120.0
"""Seconds after which a process that hangs is given up; none takes so long."""
_CANCELING: Final = 2.0
"""Simulated seconds for which a task is being cancelled."""


@attrs.define
class Kill:
    """What came of one kill."""

    seed: int
    arrived: int = 0
    """Of how many tasks a cancel had arrived when the process was dead."""
    noted: int = 0
    """How many the journal knew of then."""
    finished: bool = False
    """Whether it came to its end before it was killed."""
    torn: bool = False
    """Whether the journal was left with a line that is cut short."""
    resumes: int = 0
    killed_resumes: int = 0
    bases: dict[str, int] = attrs.field(factory=dict[str, int])
    """What the ends are concluded from, and how many are."""
    wrong: list[str] = attrs.field(factory=list[str])


class _Stage:
    """The simulated AWS with its tasks, and a journal."""

    def __init__(self, server: SimulatedServer, folder: Path, tasks: int) -> None:
        self.server, self.aws = server, server.aws
        self.journal = folder / "cancels.jsonl"
        self.kinds = {
            kind.start(
                self.aws, kind.running, seconds={kind.running: inf, kind.canceling: _CANCELING}
            ): kind
            for number in range(tasks + _OTHERS)
            for kind in [KINDS[number % len(KINDS)]]
        }
        ids = [*self.kinds]
        self.tasks, self.others = ids[:tasks], ids[tasks:]
        self._environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("AWS_")},
            **server.environment,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command line."""
        return subprocess.Popen(
            [*_COMMAND, *arguments],
            cwd=_ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def cancel(self) -> subprocess.Popen[str]:
        """Start what is killed."""
        return self.start("cancel", *self.tasks, "--journal", str(self.journal))

    def resume(self) -> subprocess.Popen[str]:
        """Start what brings it to its end."""
        return self.start("resume", str(self.journal))

    @property
    def arrived(self) -> set[str]:
        """The tasks of which a cancel has arrived."""
        cancels = {kind.cancel for kind in KINDS}
        return {
            str(record.parameters.get("TaskId") or record.parameters["TaskExecutionArn"])
            for record in self.aws.requests
            if record.operation in cancels
        }

    @property
    def noted(self) -> set[str]:
        """The tasks that the journal knows."""
        if not self.journal.exists():
            return set()
        return {cancel.ref.id for cancel in read(self.journal)[0]}

    def statuses(self, tasks: Sequence[str]) -> Mapping[str, str]:
        """Return the true statuses of tasks."""
        return {task: self.kinds[task].status(self.aws, task) for task in tasks}


def life_of(folder: Path, tasks: int) -> tuple[float, float]:
    """Return how long a process lives that is not killed: to its first entries, and in all."""
    with SimulatedAWS().serve(speed=_SPEED) as server:
        stage = _Stage(server, folder, tasks)
        began = time.monotonic()
        with stage.cancel() as process:
            _wait_for_entries(stage.journal, process, 0)
            until_journal = time.monotonic() - began
            output = process.communicate(timeout=_SOON)[0]
        if process.returncode:
            msg = f"the command fails without being killed: {output}"
            raise RuntimeError(msg)
        return until_journal, time.monotonic() - began


def killed_and_resumed(seed: int, folder: Path, tasks: int, life: tuple[float, float]) -> Kill:
    """Kill a process at a moment that a seed chooses, have others resume, and judge.

    Args:
        seed: Chooses the moments.
        folder: An empty one, for the journal.
        tasks: How many tasks it cancels.
        life: What `life_of` returned.
    """
    random, kill = Random(seed), Kill(seed)  # noqa: S311  (nothing here is a secret)
    with SimulatedAWS().serve(speed=_SPEED) as server:
        stage = _Stage(server, folder, tasks)
        with stage.cancel() as process:
            kill.finished = not _kill(process, stage.journal, random, life)
        kill.arrived, kill.noted = len(stage.arrived), len(stage.noted)
        kill.wrong += [f"{task} is not in the journal" for task in stage.arrived - stage.noted]
        if stage.journal.exists():
            _cut(stage.journal, random)
            kill.torn = read(stage.journal)[1] > 0
            _resume(stage, random, life, kill)
        _judge(stage, kill)
    return kill


def _resume(stage: _Stage, random: Random, life: tuple[float, float], kill: Kill) -> None:
    """Resume, also after a resume that was killed, until one lives to its end."""
    while True:
        kill.resumes += 1
        with stage.resume() as process:
            if random.random() < 0.3 and _kill(process, stage.journal, random, life):
                kill.killed_resumes += 1
                continue
            output = process.communicate(timeout=_SOON)[0]
        reported_failed = Basis.NOTHING in {
            cancel.ended.basis for cancel in read(stage.journal)[0] if cancel.ended is not None
        }
        if process.returncode and not reported_failed:
            kill.wrong.append(f"resume ends with {process.returncode}: {output}")
        return


def _judge(stage: _Stage, kill: Kill) -> None:
    """Hold the journal against the server's history."""
    noted = stage.noted
    kill.wrong += [f"{task} is cancelled, not noted" for task in stage.arrived - noted]
    kill.wrong += [f"{task} is cancelled, not asked" for task in stage.arrived - {*stage.tasks}]
    if noted not in (set(), {*stage.tasks}):
        kill.wrong.append(f"{len(noted)} of {len(stage.tasks)} tasks are noted")
    for task, status in stage.statuses(sorted(stage.kinds)).items():
        kind = stage.kinds[task]
        if status != (kind.canceled if task in noted else kind.running):
            kill.wrong.append(f"{task} is {status}")
    cancels = read(stage.journal)[0] if stage.journal.exists() else []
    kill.wrong += [f"{cancel.ref} is open in the journal" for cancel in unfinished(cancels)]
    for cancel in cancels:
        basis = "none" if cancel.ended is None else cancel.ended.basis.value
        kill.bases[basis] = kill.bases.get(basis, 0) + 1
        if cancel.receipt is not None and cancel.receipt.accepted and basis == "nothing":
            kill.wrong.append(f"the receipt of {cancel.ref} is not counted")
    kill.wrong += [f"the server fails: {error!r}" for error in stage.server.failures]


def _kill(
    process: subprocess.Popen[str], journal: Path, random: Random, life: tuple[float, float]
) -> bool:
    """Kill a process at a random moment, most likely when it is at its journal; say if it lived."""
    until_journal, in_all = life
    size = _size(journal)
    if random.random() < 0.1:
        time.sleep(random.random() * in_all)
    else:
        _wait_for_entries(journal, process, size)
        time.sleep(random.random() ** 2 * (in_all - until_journal))  # most is done at once
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=_SOON)
    return process.returncode == -signal.SIGKILL


def _size(journal: Path) -> int:
    return journal.stat().st_size if journal.exists() else 0


def _wait_for_entries(journal: Path, process: subprocess.Popen[str], size: int) -> None:
    """Wait until a journal has grown, or a process has ended."""
    while _size(journal) <= size and process.poll() is None:
        time.sleep(0.001)


def _cut(journal: Path, random: Random) -> None:
    """Cut the last line short, now and then, unless the program has waited for it."""
    content = journal.read_bytes()
    begin = content.rstrip(b"\n").rfind(b"\n") + 1
    if random.random() < 0.5 and not any(
        word in content[begin:] for word in (b'"asked"', b'"resumed"')
    ):
        journal.write_bytes(content[: begin + int(random.random() * (len(content) - begin))])
