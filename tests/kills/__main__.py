"""``python -m tests.kills``: kill many processes at random moments, and judge what is left."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path

from tests.kills.kill import killed_and_resumed, life_of

say = partial(print, flush=True)


def main() -> int:
    """Do what the command line says; return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=300, help="how many")
    parser.add_argument("--tasks", type=int, default=50, help="how many each process cancels")
    parser.add_argument("--seed", type=int, default=0, help="the first one's seed")
    options = parser.parse_args()
    bases, counts, wrong = Counter[str](), Counter[str](), 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        life = life_of(_made(place / "life"), options.tasks)
        say(f"a process that is not killed: journal after {life[0]:.2f} s, {life[1]:.2f} s in all")
        for seed in range(options.seed, options.seed + options.kills):
            kill = killed_and_resumed(seed, _made(place / str(seed)), options.tasks, life)
            bases.update(kill.bases)
            counts.update(
                {
                    "ended before they were killed": kill.finished,
                    "killed before the journal": not kill.noted,
                    "killed between the journal and the last cancel": 0 < kill.noted > kill.arrived,
                    "left a torn line": kill.torn,
                    "resumes": kill.resumes,
                    "resumes that were killed": kill.killed_resumes,
                }
            )
            wrong += bool(kill.wrong)
            for text in kill.wrong:
                say(f"seed {seed}: {text}")
            if seed % 20 == 19:
                say(f"{seed + 1 - options.seed} kills, {wrong} wrong")
    for what, count in counts.items():
        say(f"{count} {what}")
    for basis, count in bases.items():
        say(f"{count} ends told by {basis}")
    say(f"{options.kills} kills, {wrong} wrong")
    return int(wrong > 0)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    sys.exit(main())
