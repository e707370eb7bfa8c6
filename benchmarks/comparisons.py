"""What is compared with what, on the same work."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import attrs

from benchmarks.measure import Contender
from botocancel.polling import DEFAULT_WORKERS

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORKERS: Final = Path(__file__).with_name("workers")
_FSX: Final = "task-0123456789abcdef0"
_DATASYNC: Final = (
    "arn:aws:datasync:us-east-1:123456789012:task/task-0123456789abcdef0"
    "/execution/exec-0123456789abcdef0"
)


@attrs.frozen(kw_only=True)
class Comparison:
    """One piece of work, and who does it."""

    name: str
    title: str
    contenders: tuple[Contender, ...]
    """The first is what the others are compared with."""
    per: int = 1
    """How many calls the work is, to tell what one takes."""
    delay: float = 0.0
    """Seconds that the server waits before each answer."""
    tls: bool = False
    ends_after: float = 0.0
    """Seconds until the tasks end."""
    limit: float = 0.0
    """So many requests a second are not refused; 0 for no limit."""
    rounds: int = 9
    figure: Literal["cpu", "wall"] = "cpu"
    """What of it the plot shows."""


@attrs.frozen
class Size:
    """How much work is done; little for a smoke run."""

    calls: int
    tasks: int
    waited: int
    lasting: float
    """Seconds that what is waited for goes on."""
    bursts: int
    workers: tuple[int, ...]
    growth: tuple[int, ...]
    listed: int
    regions: int
    """To look in."""
    accounts: int
    limited: int
    lines: int
    """Of a log."""
    rounds: int | None
    """How often; None for what each comparison says."""


FULL: Final = Size(
    500,
    1000,
    1000,
    30.0,
    12,
    (4, 8, 16, 24, 32, 48),
    (100, 1000, 10_000),
    100_000,
    34,
    40,
    150,
    1_000_000,
    None,
)
QUICK: Final = Size(5, 20, 60, 3.0, 2, (8, 16), (20,), 300, 2, 2, 12, 2_000, 1)

NEEDED: Final = frozenset({"botocancel", "boto3"})
"""The environments without which there is nothing to compare."""


def comparisons(pythons: Mapping[str, Path], size: Size) -> list[Comparison]:
    """Return what can be compared with these environments."""

    def contender(label: str, environment: str, script: str, *arguments: object) -> list[Contender]:
        python = pythons.get(environment)
        if python is None:
            return []
        where = (str(_WORKERS / script),) if script.endswith(".py") else ("-c", script)
        return [Contender(label, (str(python), *where, *map(str, arguments)))]

    def cold(task: str, capo: str, *command: str) -> tuple[Contender, ...]:
        cli = pythons.get("awscli")
        aws = (str(cli), str(cli.with_name("aws")), *command) if cli else None
        own = pythons["botocancel"]
        botocancel = (str(own), str(own.with_name("botocancel")), "cancel", task)
        return (
            *contender("boto3, naive", "boto3", "cold_boto3.py", task),
            *contender("botocore, no boto3", "boto3", "cold_botocore.py", task),
            *contender("botocancel", "botocancel", "cold_botocancel.py", task),
            Contender("botocancel command", botocancel),
            *contender(capo, "capo", "cold_capo.py", task),
            *([Contender("aws command", aws)] if aws else []),
            *contender("floor: SigV4Auth, urllib3", "boto3", "cold_signed.py", task),
        )

    def batch(
        work: str, number: int, workers: int, base: str, *details: float
    ) -> tuple[Contender, ...]:
        given = (work, number, workers, *details)
        return (
            *contender(base, "boto3", "batch_boto3.py", *given),
            *contender("botocancel", "botocancel", "batch_botocancel.py", *given),
        )

    def asynchronous(work: str, number: int, workers: int) -> tuple[Contender, ...]:
        return (
            *contender("aiobotocore", "aiobotocore", "batch_aiobotocore.py", work, number, workers),
            *contender("capo-fsx", "capo", "batch_capo.py", work, number, workers),
            *contender(
                "floor: SigV4Auth, urllib3", "boto3", "batch_signed.py", work, number, workers
            ),
        )

    naive = max(1, size.calls // 100)
    pools = [
        contender(f"boto3, pool of {n}", "boto3", "batch_boto3.py", "cancels", size.tasks, n)[0]
        for n in (10, 16)
    ]
    taskset = shutil.which("taskset")  # Linux has it
    bound = [
        attrs.evolve(each, command=(taskset, "-c", "0", *each.command))
        for each in contender(
            "botocancel, bound to one processor",
            *("botocancel", "batch_botocancel.py", "cancels", size.tasks, DEFAULT_WORKERS),
        )
        if taskset
    ]
    ours = [
        contender(
            f"botocancel, {n} workers",
            "botocancel",
            "batch_botocancel.py",
            "cancels",
            size.tasks,
            n,
        )[0]
        for n in size.workers
    ]

    def output(label: str, way: str, ids: int = 0) -> list[Contender]:
        return contender(label, "botocancel", "output.py", way, size.lines, ids)

    found = [
        Comparison(
            name="cold-fsx",
            title="A process that cancels one FSx task and exits",
            contenders=cold(
                _FSX, "capo-fsx", "fsx", "cancel-data-repository-task", "--task-id", _FSX
            ),
            rounds=15,
        ),
        Comparison(
            name="cold-datasync",
            title="A process that cancels one DataSync execution and exits",
            contenders=cold(
                _DATASYNC,
                "capo-datasync",
                *("datasync", "cancel-task-execution", "--task-execution-arn", _DATASYNC),
            ),
            rounds=15,
        ),
        Comparison(
            name="import",
            title="A process that imports and exits",
            contenders=(
                *contender("import attrs", "botocancel", "import attrs"),
                *contender("import botocancel", "botocancel", "import botocancel"),
                *contender("nothing", "botocancel", "pass"),
                *contender("import boto3", "boto3", "import boto3"),
            ),
            rounds=21,
        ),
        Comparison(
            name="warm",
            title=f"{size.calls} cancels, one after the other, on one client",
            contenders=(
                *batch("calls", size.calls, 10, "boto3, one client"),
                *asynchronous("calls", size.calls, 10),
            ),
            per=size.calls,
        ),
        Comparison(
            name="naive",
            title=f"{naive} cancels, a client for each",
            contenders=(
                *contender("boto3, naive", "boto3", "batch_boto3.py", "naive", naive, 1),
                *contender("botocancel", "botocancel", "batch_botocancel.py", "calls", naive, 1),
            ),
            per=naive,
        ),
        Comparison(
            name="layer",
            title="The library's own part of a cancel",
            contenders=tuple(contender("botocancel", "botocancel", "layer.py", 40 * size.calls)),
            per=40 * size.calls,
        ),
        Comparison(
            name="cancels",
            title=f"{size.tasks} cancels at 20 ms",
            contenders=(
                *batch("cancels", size.tasks, DEFAULT_WORKERS, f"boto3, pool of {DEFAULT_WORKERS}"),
                *pools,
                *bound,
                *contender(
                    "aiobotocore, its 10 connections",
                    *("aiobotocore", "batch_aiobotocore.py", "cancels", size.tasks, 10),
                ),
                *asynchronous("cancels", size.tasks, DEFAULT_WORKERS),
            ),
            per=size.tasks,
            delay=0.02,
            rounds=7,
            figure="wall",
        ),
        Comparison(
            name="workers",
            title=f"{size.tasks} cancels at 20 ms, by the number of workers",
            contenders=tuple(ours),
            per=size.tasks,
            delay=0.02,
            rounds=5,
            figure="wall",
        ),
        *(
            Comparison(
                name=f"places-{work}",
                title=f"{size.regions} regions, two kinds, at 100 ms: {title}",
                contenders=(
                    *contender("boto3, one by one", "boto3", "places_boto3.py", *given, 1),
                    *contender("boto3, pool of 32", "boto3", "places_boto3.py", *given, 32),
                    *contender("botocancel", "botocancel", "places_botocancel.py", *given),
                ),
                per=2 * size.regions,
                delay=0.1,
                ends_after=600.0,
                rounds=5,
                figure="wall",
            )
            for work, title in (("all", "what runs"), ("first", "the first task"))
            for given in [(work, size.regions)]
        ),
        Comparison(
            name="fleet",
            title=f"{size.accounts} accounts, 10 regions, two kinds, over TLS at 50 ms: what runs",
            contenders=(
                *contender(
                    "boto3, a session for each account, pool of 32",
                    *("boto3", "fleet_boto3.py", size.accounts, 10, 32),
                ),
                *contender("botocancel", "botocancel", "fleet_botocancel.py", size.accounts, 10),
            ),
            per=20 * size.accounts,
            delay=0.05,
            tls=True,
            ends_after=600.0,
            rounds=3,
        ),
        Comparison(
            name="waits",
            title=f"Waiting {size.lasting:.0f} s for {size.waited} tasks, polled with jitter",
            contenders=batch(
                "waits", size.waited, size.waited, "boto3, a wait for each", size.lasting / 6
            ),
            per=size.waited,
            delay=0.02,
            ends_after=size.lasting,
            rounds=3,
        ),
        Comparison(
            name="limited",
            title=f"{size.limited} cancels where 10 a second are taken, asked for until they are",
            contenders=(
                *batch(
                    "limited", size.limited, DEFAULT_WORKERS, f"boto3, pool of {DEFAULT_WORKERS}"
                ),
                *contender(
                    "boto3, adaptive",
                    *("boto3", "batch_boto3.py", "adaptive", size.limited, DEFAULT_WORKERS),
                ),
            ),
            per=size.limited,
            limit=10.0,
            rounds=1,
        ),
        Comparison(
            name="bursts",
            title=f"{size.bursts} bursts of 32 cancels over TLS at 20 ms, by default clients",
            contenders=batch("bursts", size.bursts, DEFAULT_WORKERS, "boto3, default client"),
            per=32 * size.bursts,
            delay=0.02,
            tls=True,
            rounds=5,
        ),
        Comparison(
            name="output",
            title=f"{size.lines} log lines, passed on",
            contenders=(
                *output("cat FILE | cat", "pipe"),
                *output("botocancel run -- cat FILE", "run"),
                *output("the same, an id a line, 1,000 ids", "run", 1_000),
                *output("botocancel run -- true", "start"),
            ),
            per=size.lines,
            rounds=7,
            figure="wall",
        ),
    ]
    return [each for each in found if each.contenders]


def growth(pythons: Mapping[str, Path], size: Size) -> dict[str, dict[int, Comparison]]:
    """Return the work whose growth is looked at, by the number of tasks."""
    command = (str(pythons["botocancel"]), str(_WORKERS / "batch_botocancel.py"))
    pace = (str(DEFAULT_WORKERS), "0.5")
    return {
        f"{work}, {delay * 1000:.0f} ms": {
            number: Comparison(
                name=f"growth-{work}-{delay * 1000:.0f}-{number}",
                title=f"{work} of {number} tasks",
                contenders=(Contender("botocancel", (*command, work, str(number), *pace)),),
                delay=delay,
                ends_after=2.0 if work == "waits" else 0.0,
                rounds=1,
            )
            for number in size.growth
        }
        for work in ("cancels", "waits")
        for delay in (0.0, 0.02)
    }


def memory(pythons: Mapping[str, Path], size: Size) -> list[Comparison]:
    """Return what tells how much memory results hold, by how many there are."""
    command = (str(pythons["botocancel"]), str(_WORKERS / "memory.py"))
    return [
        Comparison(
            name=f"memory-{held}",
            title=f"what is held of {held} tasks",
            contenders=(
                Contender(
                    "botocancel", (*command, str(held), str(held * size.listed // size.growth[-1]))
                ),
            ),
        )
        for held in size.growth
    ]


def receipt(pythons: Mapping[str, Path], size: Size) -> Comparison:
    """Return what tells how much of a warm cancel its receipt is, and a journal."""
    command = (str(pythons["botocancel"]), str(_WORKERS / "receipt.py"), str(size.calls))
    return Comparison(
        name="receipt", title="receipt", contenders=(Contender("botocancel", command),)
    )
