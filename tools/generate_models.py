"""Write every service's ``models.py``, ``errors.py`` and ``patterns.py`` from botocore's models.

For the library's own services also the data of botocore, cut down to what their clients need.

Which service and operations, and what their errors mean, is in ``models.toml`` in the
folder of the service. Without arguments the files are
written; with ``--check`` they are compared with what would be written.
"""

from __future__ import annotations

import argparse
import difflib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from _errors_source import errors_source
from _models_source import cancel_source, models_source
from _patterns_source import patterns_source
from _service_model import CONFIGURATION, GenerationError, Service
from _services_source import builtin_source, unions_source
from _slim_data import slim_endpoints, slim_model

from botocancel._loader import ENDPOINTS, MODEL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGE: Final = ROOT / "src" / "botocancel"
SERVICES: Final = PACKAGE / "services"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit status: 1 for a difference, 2 for an error."""
    options = _parser().parse_args(arguments)
    try:
        drafts = dict(_generated(options.service_folder))
    except GenerationError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    sources = {
        path: _formatted(draft) if path.suffix == ".py" else draft for path, draft in drafts.items()
    }
    if options.check:
        return _compare(sources)
    for path, text in sources.items():
        path.write_text(text, encoding="utf-8")
        print(path)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; print what differs and exit with 1"
    )
    parser.add_argument(
        "--service-folder",
        action="append",
        type=Path,
        metavar="PATH",
        help=f"a folder with a {CONFIGURATION}; may be repeated (default: all of the library's)",
    )
    return parser


def _generated(folders: Sequence[Path] | None) -> Iterator[tuple[Path, str]]:
    """Yield the files and their unformatted text: of these folders, else of all the library's."""
    own = sorted(path.parent for path in SERVICES.glob(f"*/{CONFIGURATION}"))
    services = {folder: Service.load(folder) for folder in folders or own}
    for folder, service in services.items():
        yield folder / "_cancel.py", cancel_source(service)
        yield folder / "models.py", models_source(service)
        yield folder / "errors.py", errors_source(service)
        yield folder / "patterns.py", patterns_source(service)
    if not folders:
        yield SERVICES / "_builtin.py", builtin_source(list(services.values()))
        yield PACKAGE / "_unions.py", unions_source(list(services.values()))
        for folder, service in services.items():
            yield folder / MODEL, slim_model(service)
        yield SERVICES / ENDPOINTS, slim_endpoints(list(services.values()))


def _formatted(source: str) -> str:
    """Format as the repository's own configuration says, wherever the file will stand."""
    command = [sys.executable, "-m", "ruff", "format", "-"]
    run = subprocess.run(
        command, input=source, stdout=subprocess.PIPE, check=True, cwd=ROOT, encoding="utf-8"
    )
    return run.stdout


def _compare(sources: dict[Path, str]) -> int:
    """Print how the files differ from the sources; return 1 if any does."""
    differs = False
    for path, text in sources.items():
        present = path.read_text(encoding="utf-8") if path.exists() else ""
        difference = difflib.unified_diff(
            present.splitlines(keepends=True),
            text.splitlines(keepends=True),
            fromfile=str(path),
            tofile=f"{path} (generated)",
        )
        for line in difference:
            differs = True
            print(line, end="")
    return int(differs)


if __name__ == "__main__":
    sys.exit(main())
