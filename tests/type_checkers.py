"""mypy and pyright, each run once over the modules of a folder, as strict as they can be."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

ROOT: Final = Path(__file__).parent.parent
PYTHON: Final = "3.11"
"""The lowest version that there is."""

Errors: TypeAlias = "dict[str, dict[int, str]]"
"""The first error of each line, by the names of the files that have any."""


def prepared(folder: Path, sources: Mapping[str, str], **settings: object) -> Path:
    """Write files into a folder, and how pyright is to check them."""
    for name, source in sources.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, encoding="utf-8")
    config = {
        "include": ["."],
        "typeCheckingMode": "strict",
        "pythonVersion": PYTHON,
        **settings,
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def errors_of_mypy(folder: Path) -> Errors:
    """Run mypy without the settings of this project."""
    options = ["--strict", "--no-warn-unused-ignores", "--config-file=", "--python-version", PYTHON]
    files = sorted(str(file) for file in folder.glob("*.py"))
    run = subprocess.run(
        [sys.executable, "-m", "mypy", *options, *files],
        capture_output=True,
        check=False,
        cwd=ROOT,  # its cache is there
        text=True,
    )
    assert run.returncode in {0, 1}, run.stdout + run.stderr
    found = re.findall(r"^(.+?):(\d+): error: (.*)$", run.stdout, re.MULTILINE)
    return _by_file((file, int(line), text) for file, line, text in found)


def errors_of_pyright(folder: Path) -> Errors:
    """Run pyright by the ``pyrightconfig.json`` of the folder."""
    program = shutil.which("pyright", path=str(Path(sys.executable).parent))
    assert program is not None
    run = subprocess.run(
        [program, "--outputjson", "--pythonpath", sys.executable, "--project", str(folder)],
        capture_output=True,
        check=False,
        text=True,
    )
    answer = json.loads(run.stdout)
    assert answer["summary"]["filesAnalyzed"] == len(list(folder.rglob("*.py*"))), run.stdout
    return _by_file(
        (entry["file"], entry["range"]["start"]["line"] + 1, entry["message"])
        for entry in answer["generalDiagnostics"]
        if entry["severity"] == "error"
    )


def _by_file(found: Iterable[tuple[str, int, str]]) -> Errors:
    errors: Errors = {}
    for file, line, text in found:
        errors.setdefault(Path(file).name, {}).setdefault(line, text)
    return errors


CHECKERS: Final[Mapping[str, Callable[[Path], Errors]]] = {
    "mypy": errors_of_mypy,
    "pyright": errors_of_pyright,
}


def listed(errors: Errors) -> list[str]:
    """Return errors as lines to read."""
    return [
        f"{file}:{line}: {text.splitlines()[0]}"
        for file, lines in errors.items()
        for line, text in lines.items()
    ]
