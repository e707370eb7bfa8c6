"""One program that is killed, and what is then the case."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import attrs

from botocancel.testing import SimulatedAWS
from tests.loopback import serving
from tests.simulated import DATASYNC, asked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.loopback import LoopbackAWS

__all__ = ["BLOCKS", "Death", "killed", "life_of"]

BLOCKS: Final = ("plain", "coroutine", "threads", "dies")
_ROOT: Final = Path(__file__).parent.parent.parent
_MARK: Final = "BOTOCANCEL_DEATH"
_SOON: Final = 60.0
"""Seconds after which a process that hangs is given up; none takes so long."""


@attrs.define
class Death:
    """What came of one death."""

    seed: int
    block: str
    when: str = ""
    """The last word that the program said."""
    unguarded: int = 0
    """Tasks that had been started, and of which the program had not said that they were added."""
    canceled: int = 0
    seconds: float = 0.0
    """From the death until no process was left."""
    wrong: list[str] = attrs.field(factory=list[str])


def life_of(block: str) -> float:
    """Return how many seconds a block takes whose program is not killed in it."""
    with serving(SimulatedAWS()) as server, _program(server, block, uuid4().hex) as process:
        began = 0.0
        for line in _lines(process):
            if line == "begins":
                began = time.monotonic()
            if line == "left":
                lasted = time.monotonic() - began
                process.kill()
                return lasted
    msg = "the program fails without being killed"
    raise RuntimeError(msg)


def killed(seed: int, life: Mapping[str, float]) -> Death:
    """Kill a program at a moment that a seed chooses, and judge.

    Args:
        seed: Chooses the block, the moment, and whether the process group is killed.
        life: What `life_of` returned, for each block.
    """
    random = Random(seed)  # noqa: S311  (nothing here is a secret)
    death = Death(seed, random.choice(BLOCKS))
    mark = uuid4().hex
    with serving(SimulatedAWS()) as server:
        with _program(server, death.block, mark) as process:
            lines = _lines(process)
            next(lines)
            time.sleep(random.random() * life[death.block] * 1.1)
            if random.random() < 0.5:
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
            died = time.monotonic()
            said = [line.split() for line in lines]
        while (left := _living(mark)) and time.monotonic() - died < _SOON:
            time.sleep(0.01)
        death.seconds = time.monotonic() - died
        death.wrong += [f"process {pid} is left" for pid in left]
        _judge(server, said, death)
    return death


def _program(server: LoopbackAWS, block: str, mark: str) -> subprocess.Popen[str]:
    tasks = [server.aws.datasync().create_parent() for _ in range(3)]  # one to begin with
    return subprocess.Popen(
        [sys.executable, "-m", "tests.deaths.program", block, *tasks],
        cwd=_ROOT,
        env={
            **{name: text for name, text in os.environ.items() if not name.startswith("AWS_")},
            _MARK: mark,
            "AWS_ACCESS_KEY_ID": "AKIASIMU123456789012",
            "AWS_SECRET_ACCESS_KEY": "simulated",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_DATASYNC": server.url,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    )


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout is not None
    return (line.rstrip("\n") for line in process.stdout)


def _living(mark: str) -> list[int]:
    """Return the processes that have a mark in their environment."""
    text, found = f"{_MARK}={mark}".encode(), list[int]()
    for process in Path("/proc").iterdir():
        if process.name.isdecimal():
            try:
                if text in (process / "environ").read_bytes():
                    found.append(int(process.name))
            except OSError:  # it has gone, or is another user's
                pass
    return found


def _judge(server: LoopbackAWS, said: list[list[str]], death: Death) -> None:
    tasks = defaultdict[str, list[str]](list)
    for word, *rest in said:
        tasks[word] += rest
    words = {line[0] for line in said}
    death.when = said[-1][0] if said else "begins"
    canceled = {
        str(record.parameters["TaskExecutionArn"])
        for record in server.aws.requests
        if record.operation == DATASYNC.cancel and record.outcome == "accepted"
    }
    death.canceled = len(canceled)
    started = asked(server.aws)["StartTaskExecution"] - 1
    death.unguarded = started - len(tasks["added"])
    guarded = {task for task in tasks["added"] if task not in tasks["releasing"]}
    released = canceled & {*tasks["released"]}
    death.wrong += [f"{task} was released and is cancelled" for task in released]
    has_left = "left" in words and death.block != "dies"
    if has_left and canceled:
        death.wrong.append(f"{canceled} are cancelled though the block had been left")
    if not has_left and not guarded <= canceled:
        may_have_left = "leaving" in words and death.block != "dies"
        if not may_have_left or canceled:
            death.wrong.append(f"{guarded - canceled} may go on (last: {death.when})")
