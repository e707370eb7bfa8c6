#!/usr/bin/env python3
"""Print how many lines of each kind are written by hand, and how many are generated."""

from __future__ import annotations

import sys
from pathlib import Path

from botocancel.services import all_kinds

_MARK = "# GENERATED"


def lines_of(path: Path) -> int:
    """Return how many lines a file has."""
    return len(path.read_text(encoding="utf-8").splitlines())


def lines_of_kinds() -> dict[str, tuple[int, int]]:
    """Return how many lines are written by hand and generated, by the keys of the kinds."""
    lines: dict[str, tuple[int, int]] = {}
    for kind in all_kinds():
        module = sys.modules[kind.ref_type.__module__]
        own = Path(str(module.__file__))
        files = sorted(own.parent.glob("*.py"))
        generated = [path for path in files if path.read_text(encoding="utf-8").startswith(_MARK)]
        kinds = [path for path in files if "MODELS" in path.read_text(encoding="utf-8")]
        shared = [path for path in files if path not in generated and path not in kinds]
        by_hand = lines_of(own) + sum(map(lines_of, shared))
        lines[kind.key] = (by_hand, sum(map(lines_of, generated)))
    return lines


def main() -> int:
    """Print the table; return 0."""
    print(f"{'kind':22} {'by hand':>8} {'generated, of its client':>25}")
    for key, (by_hand, generated) in lines_of_kinds().items():
        print(f"{key:22} {by_hand:8} {generated:25}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
