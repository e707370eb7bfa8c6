"""Runs contenders in turn, over and over, so that what slows the machine slows them all."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from benchmarks.servers import Server

_TIMEOUT: Final = 600


@attrs.frozen
class Contender:
    """A command that does the work, and what it is called in the tables."""

    label: str
    command: tuple[str, ...]


@attrs.frozen
class Sample:
    """What one run took: of the whole process, unless it measured its work itself."""

    cpu: float
    """Seconds."""
    wall: float
    """Seconds."""
    requests: int
    refused: int
    connections: int
    facts: dict[str, Any]
    """What else the run told."""


@attrs.frozen
class Spread:
    """A median, and the quartiles around it."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarise some values."""
        if len(values) == 1:
            return cls(values[0], values[0], values[0])
        low, _, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(low, statistics.median(values), high)

    def __str__(self) -> str:
        return f"{self.median:.2f} [{self.low:.2f}-{self.high:.2f}]"


def in_turn(
    contenders: Sequence[Contender],
    server: Server,
    rounds: int,
    ends_after: float = 0.0,
    limit: float = 0.0,
) -> dict[str, list[Sample]]:
    """Run each contender once a round, after one round that does not count."""
    samples: dict[str, list[Sample]] = {contender.label: [] for contender in contenders}
    for number in range(rounds + (rounds > 1)):
        for contender in _rotated(contenders, number):
            server.reset(ends_after, limit)
            sample = _run(contender, server)
            if number or rounds == 1:
                samples[contender.label].append(sample)
    return samples


def ratios(samples: Mapping[str, Sequence[Sample]], base: str, figure: str) -> dict[str, Spread]:
    """Compare each with one of them, round by round."""
    return {
        label: Spread.of(
            [
                getattr(mine, figure) / (getattr(other, figure) or 1e-9)
                for mine, other in zip(taken, samples[base], strict=True)
            ]
        )
        for label, taken in samples.items()
    }


def _rotated(contenders: Sequence[Contender], number: int) -> Iterable[Contender]:
    start = number % len(contenders)
    return [*contenders[start:], *contenders[:start]]


def _run(contender: Contender, server: Server) -> Sample:
    before, started = _cpu_of_children(), time.perf_counter()
    done = subprocess.run(
        contender.command,
        env=_environ(server),
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT,
    )
    wall, cpu = time.perf_counter() - started, _cpu_of_children() - before
    if done.returncode:
        sys.exit(f"{contender.label} failed: {done.stderr[-2000:]}")
    seen = server.stats()
    facts = _facts(done.stdout)
    return Sample(
        cpu=facts.pop("cpu", cpu),
        wall=facts.pop("wall", wall),
        requests=seen["requests"],
        refused=seen["refused"],
        connections=seen["connections"],
        facts=facts,
    )


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _facts(printed: str) -> dict[str, Any]:
    try:
        facts = json.loads(printed.strip().rpartition("\n")[2])
    except ValueError:
        return {}
    return facts if facts.keys() & {"cpu", "refs"} else {}


def _environ(server: Server) -> dict[str, str]:
    """Return an environment in which every AWS client calls the server, and nothing else."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    trust = {"AWS_CA_BUNDLE": str(server.trusted)} if server.trusted else {}
    return {
        **kept,
        **trust,
        "HOME": os.devnull,
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": server.url,
    }
