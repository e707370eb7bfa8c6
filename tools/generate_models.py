"""Write what is generated for the library's own services; with ``--check``, compare it.

The models and the errors of each service, as ``python -m botocancel.generate`` writes them for
any folder; botocore's model of it, cut down to what its client needs; and the index of the kinds.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from _services_source import builtin_source, kind_files
from _slim_data import slim_model

from botocancel._loader import MODEL
from botocancel.generate._configuration import GenerationError
from botocancel.generate._files import generated, write_or_compare
from botocancel.generate._service_model import Service

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

PACKAGE: Final = Path(__file__).resolve().parent.parent / "src" / "botocancel"
SERVICES: Final = PACKAGE / "services"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit status: 1 for a difference, 2 for an error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; print what differs and exit with 1"
    )
    options = parser.parse_args(arguments)
    files = kind_files(SERVICES)
    try:
        sources = dict(_generated({path.parent for path in files}))
    except GenerationError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    differs = write_or_compare(sources, check=options.check)
    index = {SERVICES / "_builtin.py": builtin_source(files)}  # the kinds import their models
    return write_or_compare(index, check=options.check) or differs


def _generated(folders: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """Yield the files of the services and what they hold."""
    for folder in sorted(folders):
        service = Service.load(folder)
        yield from generated(service, folder)
        yield folder / MODEL, slim_model(service)


if __name__ == "__main__":
    sys.exit(main())
