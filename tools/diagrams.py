"""Draw the state diagrams of FSx and DataSync, ``docs/pictures/phases-*.svg``.

What is drawn comes from the tables that the code uses: statuses and their phases from the
`Kind`, what leads from one to another from the `Lifecycle` of its simulator. A test
compares the files with what would be drawn.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from _pages import DOCS

from botocancel import Phase
from botocancel.services import DEFAULT_KINDS, kind_named
from botocancel.services._simulator.declared import lifecycle_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from botocancel.services._simulator import Lifecycle

    Places = Mapping[str, "Box"]

WIDTH: Final = 108
HEIGHT: Final = 46
GAP: Final = 20
"""Between two boxes beside each other."""
PADDING: Final = 14
"""Between the frame and the boxes in it."""
LEFT: Final = 22
UPPER: Final = 46
LOWER: Final = 186
FRAME_END: Final = UPPER + HEIGHT + PADDING
LINE: Final = "#7a7a7a"
"""Of what stands outside the boxes: it can be read on white and on black."""

COLOURS: Final[Mapping[Phase, tuple[str, str]]] = {
    Phase.PENDING: ("#e6e8ec", "#1c1f24"),
    Phase.RUNNING: ("#cfe3fb", "#0b2b4d"),
    Phase.CANCELING: ("#fde7b3", "#4a3300"),
    Phase.CANCELED: ("#566270", "#ffffff"),
    Phase.SUCCEEDED: ("#1f7a3d", "#ffffff"),
    Phase.FAILED: ("#a32c2c", "#ffffff"),
}
"""What a box is filled with, and what its words are written in."""


class Box(NamedTuple):
    """Where the box of a status begins."""

    x: int
    y: int

    @property
    def end(self) -> int:
        """Its right side."""
        return self.x + WIDTH

    @property
    def centre(self) -> int:
        """The middle of its top."""
        return self.x + WIDTH // 2

    @property
    def middle(self) -> int:
        """The middle of its sides."""
        return self.y + HEIGHT // 2


def file_of(name: str) -> Path:
    """Return the file with the diagram of a service."""
    return DOCS / "pictures" / f"phases-{name}.svg"


def diagram_of(name: str) -> str:
    """Return the state diagram of a service, by botocore's name of it, as SVG."""
    service = kind_named(name)
    lifecycle = lifecycle_of(service)
    places = _places(lifecycle, service.phases)
    width = max(box.end for box in places.values()) + LEFT - PADDING
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {LOWER + HEIGHT + 8}" '
        f'width="{width}" role="img" font-family="system-ui, sans-serif" font-size="11.5">'
    )
    tip = (
        '<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
        f'<path d="M0 0 8 4 0 8z" fill="{LINE}"/></marker></defs>'
    )
    lines = [
        head,
        f"<title>The statuses of {service.title}, and the phase of each</title>",
        tip,
        *_around(places, lifecycle),
        *_between(places, lifecycle),
        *(line for status, phase in service.phases.items() for line in _box(places, status, phase)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _places(lifecycle: Lifecycle, phases: Mapping[str, Phase]) -> Places:
    """Place the way to success above, being cancelled and failure below."""
    at_work = [status for status in phases if status in lifecycle.cancelable]
    columns = [LEFT + number * (WIDTH + GAP) for number in range(len(at_work))]
    last = columns[-1] + WIDTH + PADDING + 2 * GAP
    return {
        **{status: Box(x, UPPER) for status, x in zip(at_work, columns, strict=True)},
        lifecycle.succeeded: Box(last, UPPER),
        **{status: Box(x, LOWER) for status, x in zip(_stops(lifecycle), columns, strict=False)},
        lifecycle.failed: Box(last, LOWER),  # which may be the status of a cancelled one, too
    }


def _stops(lifecycle: Lifecycle) -> list[str]:
    """Return what a cancelled task goes through; some services have no status for canceling."""
    return [status for status in (lifecycle.canceling, lifecycle.canceled) if status]


def _around(places: Places, lifecycle: Lifecycle) -> Iterator[str]:
    """Frame the statuses in which a cancel is accepted."""
    width = max(places[status].end for status in lifecycle.cancelable) - LEFT + 2 * PADDING
    yield (
        f'<rect x="{LEFT - PADDING}" y="{UPPER - PADDING}" width="{width}" '
        f'height="{HEIGHT + 2 * PADDING}" rx="10" fill="none" stroke="{LINE}" '
        'stroke-dasharray="5 4"/>'
    )
    yield _words(LEFT, UPPER - PADDING - 8, "here a cancel is accepted")


def _between(places: Places, lifecycle: Lifecycle) -> Iterator[str]:
    at_work = [status for status in places if status in lifecycle.cancelable]
    for status, following in zip(at_work, [*at_work[1:], lifecycle.succeeded], strict=True):
        step = lifecycle.steps.get(status)  # none where something else decides, such as a queue
        target = places[step.to if step else following]
        yield _line((places[status].end, target.middle), (target.x, target.middle))
    stops = [places[status] for status in _stops(lifecycle)]
    failed = places[lifecycle.failed]
    yield _line((stops[0].centre, FRAME_END), (stops[0].centre, stops[0].y))
    yield _words(stops[0].centre + 8, (FRAME_END + LOWER) // 2 + 4, "cancel")
    for stop, following_stop in pairwise(stops):
        yield _line((stop.end, stop.middle), (following_stop.x, following_stop.middle))
    frame_side = places[at_work[-1]].end + PADDING
    bend = FRAME_END - 6
    yield _line((frame_side, bend), (failed.centre, bend), (failed.centre, failed.y))
    yield _words(failed.centre + 8, (FRAME_END + LOWER) // 2 + 4, "failure")


def _box(places: Places, status: str, phase: Phase) -> Iterator[str]:
    fill, ink = COLOURS[phase]
    box = places[status]
    yield f'<rect x="{box.x}" y="{box.y}" width="{WIDTH}" height="{HEIGHT}" rx="6" fill="{fill}"/>'
    centred = f'text-anchor="middle" fill="{ink}"'
    yield f'<text x="{box.centre}" y="{box.y + 20}" font-weight="bold" {centred}>{status}</text>'
    yield f'<text x="{box.centre}" y="{box.y + 36}" {centred}>{phase.name}</text>'


def _line(*points: tuple[int, int]) -> str:
    path = " ".join(f"{x},{y}" for x, y in points)
    return (
        f'<polyline points="{path}" fill="none" stroke="{LINE}" stroke-width="1.5" '
        'marker-end="url(#tip)"/>'
    )


def _words(x: int, y: int, text: str) -> str:
    return f'<text x="{x}" y="{y}" fill="{LINE}">{text}</text>'


def main() -> None:
    """Draw them all."""
    for name in DEFAULT_KINDS:
        file_of(name).write_text(diagram_of(name), encoding="utf-8")
        print(file_of(name))


if __name__ == "__main__":
    main()
