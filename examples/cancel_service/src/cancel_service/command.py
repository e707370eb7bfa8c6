"""The command that the scheduler runs in the morning."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cancel_service.night import Copies, stop

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Stop the copies; the exit status is 1 if one of them may go on."""
    export, transfer = sys.argv[1:] if arguments is None else arguments
    endings = stop(Copies(export, transfer))
    for ending in endings:
        print(f"{ending.copy}: {ending.sentence}")
    return 1 if any(ending.goes_on for ending in endings) else 0


if __name__ == "__main__":
    sys.exit(main())
