"""``python -m botocancel.generate FOLDER [--check]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from botocancel.generate._configuration import GenerationError
from botocancel.generate._files import generated, write_or_compare
from botocancel.generate._service_model import Service

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit status: 1 for a difference, 2 for an error."""
    options = _parser().parse_args(arguments)
    sources: dict[Path, str] = {}
    try:
        for folder in options.folders:
            sources |= generated(Service.load(folder), folder)
    except GenerationError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return write_or_compare(sources, check=options.check)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m botocancel.generate",
        description="Write models.py, errors.py and __init__.py of a service, by botocore's model.",
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; print what differs and exit with 1"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
