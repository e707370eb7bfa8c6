"""The command line, which stands on the public face of the package: see `main`."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Final

__all__ = ["main"]

_EXTRA: Final = ("click", "rich")
"""What the extra ``cli`` brings."""


def main() -> None:
    """Run the command ``botocancel``, or say what is to be installed first.

    Raises:
        SystemExit: Always; its code is the exit status, 2 if the extra is missing.
    """
    missing = [name for name in _EXTRA if find_spec(name) is None]
    if missing:
        needed = " and ".join(missing)
        sys.stderr.write(f"botocancel needs {needed} to run: pip install 'botocancel[cli]'\n")
        sys.exit(2)
    from botocancel.cli._group import group

    group(prog_name="botocancel")
