"""Draw the pictures of the documentation, from what the command really shows on a terminal.

    .venv/bin/python tools/pictures.py

The tasks are those of a simulated AWS that the command talks to over HTTP.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from _terminal import Terminal

from botocancel.testing import SimulatedAWS

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER: Final = Path(__file__).resolve().parent.parent / "docs" / "pictures"
COLUMNS: Final = 100
LINES: Final = 26
LONG: Final = {"EXECUTING": 40_000.0}


def populate(aws: SimulatedAWS) -> None:
    """Make tasks of several ages."""
    fsx, datasync = aws.fsx(), aws.datasync()
    nightly, scratch = fsx.create_parent(), fsx.create_parent()
    transfer, archive = datasync.create_parent(Name="home"), datasync.create_parent(Name="archive")
    fsx.start(status="EXECUTING", parent=nightly, seconds=LONG)
    aws.advance(7_000)
    fsx.start(status="EXECUTING", parent=nightly, seconds=LONG)
    datasync.start(parent=transfer, seconds={"TRANSFERRING": 9_000.0})
    aws.advance(3_000)
    fsx.start(
        Type="RELEASE_DATA_FROM_FILESYSTEM",
        status="EXECUTING",
        parent=scratch,
        seconds=LONG,
    )
    fsx.start(status="EXECUTING", parent=nightly, seconds=LONG, cancelable=False)
    datasync.start(parent=archive, seconds={"TRANSFERRING": 2_000.0})
    datasync.start(parent=transfer)
    aws.advance(780)
    fsx.start(parent=scratch)


def draw(program: str, aws: SimulatedAWS, variables: Mapping[str, str]) -> None:
    """Run the command, and save what is to be seen."""
    populate(aws)

    def open_(*arguments: str) -> Terminal:
        return Terminal([program, *arguments], variables, columns=COLUMNS, lines=LINES)

    listing = open_("ls")
    listing.finish()
    listing.save_svg(FOLDER / "ls.svg", "botocancel ls")

    chosen = ["--phase", "RUNNING", "--older-than", "10m"]
    asked = open_("cancel", *chosen, "--wait", "--poll", "0.3")
    asked.until("[y/N]:")
    asked.save_svg(FOLDER / "cancel-asks.svg", f"botocancel cancel {' '.join(chosen)} --wait")
    asked.close()

    work = open_("cancel", *chosen, "--wait", "--poll", "0.3", "--yes")
    work.until("1 failed")
    work.until(
        lambda terminal: "\n".join(terminal.screen).count("CANCELING") == len(_known(terminal))
    )
    aws.advance(25)
    work.until("3 canceled")
    work.until("fs-")
    work.save_svg(FOLDER / "cancel-at-work.svg", f"botocancel cancel {' '.join(chosen)} --wait")
    aws.advance(10)
    work.finish()
    work.save_svg(FOLDER / "cancel-ends.svg", f"botocancel cancel {' '.join(chosen)} --wait")


def _known(terminal: Terminal) -> list[str]:
    """Return the lines of tasks that have not ended."""
    return [line for line in terminal.screen if re.match(r"  · (task|exec)-", line)]


def main() -> int:
    """Draw all pictures."""
    program = shutil.which("botocancel", path=Path(sys.executable).parent)
    if program is None:
        print("install the package first: python3 tools/run.py test", file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    aws = SimulatedAWS(start=datetime.now(UTC) - timedelta(seconds=10_780))
    with aws.serve() as server:
        variables = {
            **server.environment,
            "AWS_CONFIG_FILE": os.devnull,
            "LC_ALL": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
        }
        draw(program, aws, variables)
    for picture in sorted(FOLDER.glob("*.svg")):
        print(picture.relative_to(FOLDER.parent.parent))
    return 0


if __name__ == "__main__":
    sys.exit(main())
