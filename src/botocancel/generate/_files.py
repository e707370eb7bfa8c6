"""The files that are generated for a folder: written, or compared with what is there."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from botocancel.generate._errors_source import errors_source
from botocancel.generate._models_source import models_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from botocancel.generate._service_model import Service

__all__ = ["generated", "write_or_compare"]


def generated(service: Service, folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files that are generated for a folder, and what they hold.

    Raises:
        GenerationError: The configuration does not fit the model.
    """
    yield folder / "models.py", models_source(service)
    yield folder / "errors.py", errors_source(service)


def write_or_compare(sources: Mapping[Path, str], *, check: bool) -> int:
    """Write the files, or print how they differ; return 1 if one does, else 0."""
    differs = False
    for path, text in sources.items():
        if check:
            present = path.read_text(encoding="utf-8") if path.exists() else ""
            lines = difflib.unified_diff(
                present.splitlines(keepends=True),
                text.splitlines(keepends=True),
                fromfile=str(path),
                tofile=f"{path} (generated)",
            )
            difference = "".join(lines)
            differs = differs or bool(difference)
            print(difference, end="")
        else:
            path.write_text(text, encoding="utf-8")
            print(path)
    return int(differs)
