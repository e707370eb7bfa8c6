"""The command line, which stands on the public face of the package: see `main`."""

from __future__ import annotations

import gc
import os
import sys
from importlib.util import find_spec
from typing import Final, NoReturn

from botocancel.cli._status import Status
from botocancel.cli._streams import OutputLost, complain, lost_output, repair, tell

__all__ = ["main"]

_EXTRA: Final = ("click", "rich")
"""What the extra ``cli`` brings."""

_RARELY: Final = 100_000
"""After so many more objects the collector looks for garbage: a start makes fewer, and all stay."""


def main() -> NoReturn:
    """Run the command ``botocancel``, or say what is to be installed first.

    Raises:
        SystemExit: Always; its code is the exit status, 2 if the extra is missing.
    """
    gc.set_threshold(_RARELY)
    repair()
    status = _run()
    lost = lost_output()
    if lost is not None and not lost.reader_left:
        complain(f"standard output: {lost}")
        status = status or Status.FAILED
    if status in {Status.INTERRUPTED, Status.BROKEN_PIPE}:
        os._exit(status)  # requests that are under way in threads are not waited for
    gc.freeze()  # or Python would look through all that there is, once more, as it ends
    sys.exit(status)


def _run() -> int:
    """Run the command, and return its exit status."""
    missing = [name for name in _EXTRA if find_spec(name) is None]
    if missing:
        needed = " and ".join(missing)
        tell(f"botocancel needs {needed} to run: pip install 'botocancel[cli]'")
        return Status.USAGE
    try:
        from botocancel.cli._group import called

        return called()
    except KeyboardInterrupt:
        complain("interrupted")
        return Status.INTERRUPTED
    except OutputLost as lost:
        return Status.BROKEN_PIPE if lost.reader_left else Status.FAILED
