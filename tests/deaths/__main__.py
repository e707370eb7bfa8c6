"""``python -m tests.deaths``: kill many programs at random moments, and judge what is left."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from functools import partial
from statistics import median

from tests.deaths.death import BLOCKS, Death, killed, life_of

say = partial(print, flush=True)


def main() -> int:
    """Do what the command line says; return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.deaths", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how many")
    parser.add_argument("--seed", type=int, default=0, help="the first one's seed")
    options = parser.parse_args()
    life = {block: life_of(block) for block in BLOCKS}
    for block, seconds in life.items():
        say(f"{block}: {seconds:.3f} s in the block")
    deaths = list[Death]()
    for seed in range(options.seed, options.seed + options.kills):
        deaths.append(killed(seed, life))
        for text in deaths[-1].wrong:
            say(f"seed {seed}, {deaths[-1].block}: {text}")
        if len(deaths) % 20 == 0:
            say(f"{len(deaths)} kills, {sum(bool(death.wrong) for death in deaths)} wrong")
    for when, count in Counter(death.when for death in deaths).most_common():
        say(f"{count} died after the word {when!r}")
    say(f"{sum(death.canceled for death in deaths)} tasks cancelled")
    say(f"{sum(death.unguarded for death in deaths)} tasks started and not said to be guarded yet")
    took = [death.seconds for death in deaths if death.canceled]
    if took:
        say(f"from death to the keeper's end: {median(took):.2f} s, at most {max(took):.2f} s")
    wrong = sum(bool(death.wrong) for death in deaths)
    say(f"{len(deaths)} kills, {wrong} wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
