"""Tables for people, JSON for machines, a plot for the documentation."""

from __future__ import annotations

import json
import math
import platform
import sys
from html import escape
from typing import TYPE_CHECKING, Any, Final

import attrs

from benchmarks.measure import Spread, ratios

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.comparisons import Comparison
    from benchmarks.measure import Sample
    from benchmarks.reaction import Reaction

_WIDTH: Final = 760
_COLOURS: Final = ("#0b7285", "#c92a2a", "#5f3dc4", "#2b8a3e", "#e67700")


@attrs.define
class Report:
    """What was found, in the order it was found."""

    tables: list[str] = attrs.Factory(list[str])
    facts: dict[str, Any] = attrs.Factory(dict[str, Any])
    panels: list[str] = attrs.Factory(list[str])

    def add(self, comparison: Comparison, samples: Mapping[str, Sequence[Sample]]) -> None:
        """Take down a comparison."""
        base = comparison.contenders[0].label
        cpu, wall = ratios(samples, base, "cpu"), ratios(samples, base, "wall")
        header = [
            "",
            "CPU a call, ms",
            "CPU, ratio",
            "wall, ratio",
            "requests",
            "refused",
            "connections",
        ]
        rows = [
            [
                label,
                str(Spread.of([1000 * sample.cpu / comparison.per for sample in taken])),
                str(cpu[label]),
                str(wall[label]),
                f"{Spread.of([sample.requests for sample in taken]).median:.0f}",
                f"{Spread.of([sample.refused for sample in taken]).median:.0f}",
                f"{Spread.of([sample.connections for sample in taken]).median:.0f}",
            ]
            for label, taken in samples.items()
        ]
        self._table(comparison.title, header, rows)
        self.facts[comparison.name] = {
            "title": comparison.title,
            "base": base,
            "cpu_ratio": {label: attrs.asdict(spread) for label, spread in cpu.items()},
            "wall_ratio": {label: attrs.asdict(spread) for label, spread in wall.items()},
            "samples": {
                label: [attrs.asdict(s) for s in taken] for label, taken in samples.items()
            },
        }
        if len(samples) > 1:
            name, spreads = {"cpu": ("CPU", cpu), "wall": ("time", wall)}[comparison.figure]
            self.panels.append(_bars(f"{comparison.title}: {name} over {base}", spreads))

    def add_growth(self, found: Mapping[str, Mapping[int, Sample]]) -> None:
        """Take down how the work grows with the number of tasks."""
        header = ["", "tasks", "requests a task", "CPU a task, ms", "wall, s", "connections"]
        rows = [
            [
                work,
                f"{number:,}",
                f"{sample.requests / number:.3f}",
                f"{1000 * sample.cpu / number:.2f}",
                f"{sample.wall:.1f}",
                str(sample.connections),
            ]
            for work, by_number in found.items()
            for number, sample in by_number.items()
        ]
        self._table("Growth with the number of tasks", header, rows)
        self.facts["growth"] = {
            work: {number: attrs.asdict(sample) for number, sample in by_number.items()}
            for work, by_number in found.items()
        }
        for figure in ("cpu", "requests"):
            lines = {
                work: [(number, getattr(sample, figure)) for number, sample in by_number.items()]
                for work, by_number in found.items()
            }
            self.panels.append(_lines(f"Growth: {figure} by number of tasks (log, log)", lines))

    def add_reactions(self, found: Sequence[Reaction]) -> None:
        """Take down how soon an end is noticed, and at what price."""
        header = ["schedule", "late, median s", "late, 95 % s", "late, share", "requests a wait"]
        rows = [
            [
                each.schedule,
                f"{each.late:.1f}",
                f"{each.late_worst:.1f}",
                f"{each.share:.1%}",
                f"{each.requests:.0f}",
            ]
            for each in found
        ]
        self._table("Reaction time, tasks of 2 s to 4 h, simulated", header, rows)
        self.facts["reaction"] = [attrs.asdict(each) for each in found]
        points = {each.schedule: [(each.requests, each.late)] for each in found}
        self.panels.append(_lines("Seconds late by requests a wait (log, log)", points))

    def add_receipt(self, found: Mapping[str, Sequence[tuple[float, float]]]) -> None:
        """Take down the seconds of CPU and of wall time that a cancel takes, turn by turn."""
        (_, base), *_ = found.items()
        rows = [
            [
                label,
                str(Spread.of([1e6 * cpu for cpu, _ in taken])),
                *[
                    f"{Spread.of([mine[n] / other[n] for mine, other in pairs]).median - 1:+.1%}"
                    for n in (0, 1)
                    for pairs in [list(zip(taken, base, strict=True))]
                ],
            ]
            for label, taken in found.items()
        ]
        self._table("The receipt of a warm cancel", ["", "CPU a call, µs", "CPU", "wall"], rows)
        self.facts["receipt"] = found

    def add_memory(self, found: Sequence[Mapping[str, tuple[int, int]]]) -> None:
        """Take down how many bytes are used for how many of each."""
        lines = {name: [facts[name] for facts in found] for name in found[0]}
        rows = [
            [name, f"{number:,}", f"{used:,.0f}", f"{used / number:.0f}"]
            for name, line in lines.items()
            for number, used in line
        ]
        self._table("Memory", ["", "how many", "bytes", "bytes each"], rows)
        self.facts["memory"] = lines
        self.panels.append(_lines("Growth: bytes by number (log, log)", lines))

    def write(self, folder: Path) -> None:
        """Write ``results.json``, ``results.md`` and ``results.svg``."""
        folder.mkdir(parents=True, exist_ok=True)
        machine = {"python": platform.python_version(), "machine": platform.machine()}
        content = {**machine, "results": self.facts}
        (folder / "results.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        (folder / "results.md").write_text("\n".join(self.tables), encoding="utf-8")
        (folder / "results.svg").write_text(_svg(self.panels), encoding="utf-8")

    def _table(self, title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        lines = [header, ["---"] * len(header), *rows]
        text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        self.tables.append(f"## {title}\n\n{text}\n")
        print(self.tables[-1], flush=True)
        sys.stdout.flush()


def _svg(panels: Sequence[str]) -> str:
    heights = [int(panel.partition("|")[0]) for panel in panels]
    placed: list[str] = []
    top = 0
    for panel, height in zip(panels, heights, strict=True):
        placed.append(f'<g transform="translate(0 {top})">{panel.partition("|")[2]}</g>')
        top += height
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" '
        f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
        f"{''.join(placed)}</svg>\n"
    )


def _text(x: float, y: float, text: str, extra: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" {extra}>{escape(text)}</text>'


def _bars(title: str, spreads: Mapping[str, Spread]) -> str:
    """Draw medians as bars, and the quartiles on them."""
    left, most = 220, max(*(spread.high for spread in spreads.values()), 1.0)
    scale = (_WIDTH - left - 60) / most
    parts = [_text(10, 22, title, 'font-weight="bold"')]
    for row, (label, spread) in enumerate(spreads.items()):
        y = 36 + 22 * row
        colour = _COLOURS[0] if label.startswith("botocancel") else "#adb5bd"
        parts += [
            _text(left - 8, y + 13, label, 'text-anchor="end"'),
            (
                f'<rect x="{left}" y="{y}" width="{spread.median * scale:.1f}" height="16" '
                f'fill="{colour}"/>'
            ),
            (
                f'<path d="M{left + spread.low * scale:.1f} {y + 8}'
                f'H{left + spread.high * scale:.1f}" stroke="black"/>'
            ),
            _text(left + spread.high * scale + 6, y + 13, f"{spread.median:.2f}"),
        ]
    return f"{50 + 22 * len(spreads)}|{''.join(parts)}"


def _number(value: float) -> str:
    return f"{float(f'{value:.3g}'):,.15g}"


def _lines(title: str, lines: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Draw points, joined by lines, on two logarithmic axes."""
    left, right, top, bottom = 80, 440, 40, 260
    points = [(max(x, 1e-3), max(y, 1e-3)) for line in lines.values() for x, y in line]
    x_low, x_high = (f(math.log10(x) for x, _ in points) for f in (min, max))
    y_low, y_high = (f(math.log10(y) for _, y in points) for f in (min, max))

    def place(x: float, y: float) -> tuple[float, float]:
        across = (math.log10(max(x, 1e-3)) - x_low) / ((x_high - x_low) or 1)
        up = (math.log10(max(y, 1e-3)) - y_low) / ((y_high - y_low) or 1)
        return left + across * (right - left), bottom - up * (bottom - top)

    parts = [
        _text(10, 22, title, 'font-weight="bold"'),
        f'<path d="M{left} {top}V{bottom}H{right}" fill="none" stroke="#868e96"/>',
        _text(left, bottom + 18, _number(10**x_low)),
        _text(right, bottom + 18, _number(10**x_high), 'text-anchor="end"'),
        _text(left - 6, bottom, _number(10**y_low), 'text-anchor="end"'),
        _text(left - 6, top + 10, _number(10**y_high), 'text-anchor="end"'),
    ]
    for number, (label, line) in enumerate(lines.items(), 1):
        colour = _COLOURS[number % len(_COLOURS)]
        placed = [place(x, y) for x, y in line]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in placed)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in placed]
        x, y = placed[-1]
        parts.append(_text(x + 6, y - 4, str(number), f'fill="{colour}" font-size="10"'))
        key = f"{number}  {label}"
        parts.append(_text(right + 40, top - 7 + 17 * number, key, f'fill="{colour}"'))
    height = max(bottom + 40, top + 30 + 17 * len(lines))
    return f"{height}|{''.join(parts)}"
