"""Run every comparison, or some; print tables, write JSON and a plot."""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks import environments
from benchmarks.comparisons import FULL, NEEDED, QUICK, comparisons, growth, memory, receipt
from benchmarks.measure import in_turn
from benchmarks.reaction import reactions
from benchmarks.report import Report
from benchmarks.servers import make_certificate, running

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.comparisons import Comparison, Size
    from benchmarks.measure import Sample
    from benchmarks.servers import Server

_OTHERS: Final = ("growth", "reaction", "memory", "receipt")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit status."""
    options = _parser().parse_args(arguments)
    size: Size = QUICK if options.quick else FULL
    if options.quick:
        pythons = dict.fromkeys(NEEDED, Path(sys.executable))
    else:
        pythons = environments.prepared(options.environments, frozenset(environments.PACKAGES))
    compared = comparisons(pythons, size)
    names = [each.name for each in compared]
    chosen: list[str] = options.only or [*names, *_OTHERS]
    if unknown := set(chosen) - {*names, *_OTHERS}:
        print(f"no comparison {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    report = Report()
    with ExitStack() as stack:
        servers = _servers(stack)
        for each in compared:
            if each.name in chosen:
                rounds = options.rounds or size.rounds or each.rounds
                server = servers[each.delay, each.tls]
                samples = in_turn(each.contenders, server, rounds, each.ends_after, each.limit)
                report.add(each, samples)
        if "growth" in chosen:
            report.add_growth(
                {
                    work: {number: _once(each, servers) for number, each in by_number.items()}
                    for work, by_number in growth(pythons, size).items()
                }
            )
        if "reaction" in chosen:
            report.add_reactions(reactions(20 if options.quick else 1000))
        if "receipt" in chosen:
            report.add_receipt(_once(receipt(pythons, size), servers).facts["samples"])
        if "memory" in chosen:
            report.add_memory([_once(each, servers).facts for each in memory(pythons, size)])
    report.write(options.output)
    return 0


def _servers(stack: ExitStack) -> dict[tuple[float, bool], Server]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    certificate = make_certificate(folder / "localhost.pem")
    return {
        (0.0, False): stack.enter_context(running()),
        (0.02, False): stack.enter_context(running(0.02)),
        (0.1, False): stack.enter_context(running(0.1)),
        (0.05, True): stack.enter_context(running(0.05, certificate)),
        (0.02, True): stack.enter_context(running(0.02, certificate)),
    }


def _once(comparison: Comparison, servers: dict[tuple[float, bool], Server]) -> Sample:
    server = servers[comparison.delay, comparison.tls]
    samples = in_turn(comparison.contenders, server, 1, comparison.ends_after)
    return samples[comparison.contenders[0].label][0]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="do little of all, in this environment: a smoke run"
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help="run these comparisons only")
    parser.add_argument("--rounds", type=int, help="how often each contender runs")
    parser.add_argument(
        "--environments", type=Path, default=environments.ROOT / ".benchmarks" / "environments"
    )
    parser.add_argument(
        "--output", type=Path, default=environments.ROOT / ".benchmarks" / "results"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
