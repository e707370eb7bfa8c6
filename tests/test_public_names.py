"""The names that each public module gives: the same for mypy, for pyright and when it runs."""

from __future__ import annotations

import builtins
import json
import keyword
import re
import shutil
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import TYPE_CHECKING, Final

import pytest

import botocancel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT: Final = Path(__file__).parent.parent
BUILT_IN: Final = {*dir(builtins), "ellipsis", "function", "reveal_locals", "reveal_type"}
"""What is defined everywhere; the last four for type checkers alone."""
HELPERS: Final = {"TYPE_CHECKING", "annotations", "names_from"}
"""pyright takes them along from the packages of services, which write down no ``__all__``."""
SOURCES: Final = Path(botocancel.__file__).parent


def public_modules() -> Iterator[str]:
    yield "botocancel"
    for found in walk_packages([str(SOURCES)], "botocancel."):
        if not re.search(r"\._", found.name):
            yield found.name


MODULES: Final = sorted(public_modules())


def names_at_run_time(module: str) -> set[str]:
    """Return what ``from module import *`` gives."""
    given: dict[str, object] = {}
    exec(f"from {module} import *", given)  # noqa: S102  (a statement that cannot be in a function)
    return given.keys() - {"__builtins__"}


def submodules(module: str) -> set[str]:
    """Return the modules of a package: pyright has those that its `__init__` takes names from."""
    here = SOURCES.joinpath(*module.split(".")[1:])
    return {source.stem for source in here.glob("*.py")}


@cache
def candidates(module: str) -> list[str]:
    """Return every name that the module gives when it runs, and every word in its sources."""
    here = SOURCES.joinpath(*module.split(".")[1:])
    sources = here.glob("*.py") if here.is_dir() else [here.with_suffix(".py")]
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    words = set(re.findall(r"\b[A-Za-z_]\w*", text))
    words = {word for word in words if not word.startswith("__")}
    words -= BUILT_IN | HELPERS | {*keyword.kwlist}
    return sorted(words | names_at_run_time(module))


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Return for each module a file that imports ``*`` and has a candidate on each further line."""
    folder = tmp_path_factory.mktemp("readers")
    files = {module: folder / f"read_{module.replace('.', '_')}.py" for module in MODULES}
    for module, file in files.items():
        file.write_text("\n".join([f"from {module} import *", *candidates(module)]))
    return files


def undefined_for_mypy(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield the files and the lines of the names that are not defined."""
    command = [sys.executable, "-m", "mypy", "--no-error-summary", str(folder)]
    run = subprocess.run(command, capture_output=True, check=False, cwd=ROOT, text=True)
    for file, line in re.findall(r"(\w+\.py):(\d+): error: .*\[name-defined\]", run.stdout):
        yield file, int(line)


def undefined_for_pyright(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield the files and the lines of the names that are not defined."""
    program = shutil.which("pyright", path=str(Path(sys.executable).parent))
    assert program is not None
    command = [program, "--outputjson", "--pythonpath", sys.executable, str(folder)]
    run = subprocess.run(command, capture_output=True, check=False, cwd=ROOT, text=True)
    for found in json.loads(run.stdout)["generalDiagnostics"]:
        if found.get("rule") == "reportUndefinedVariable":
            yield Path(found["file"]).name, found["range"]["start"]["line"] + 1


CHECKERS: Final = {"mypy": undefined_for_mypy, "pyright": undefined_for_pyright}


@pytest.mark.parametrize("checker", CHECKERS)
def test_a_checker_sees_the_names_that_are_there_at_run_time(
    checker: str, readers: Mapping[str, Path]
) -> None:
    pytest.importorskip(checker, reason="the type checkers are of the group 'types'")
    undefined = set(CHECKERS[checker](readers["botocancel"].parent))
    assert undefined
    for module, file in readers.items():
        seen = {
            name
            for line, name in enumerate(candidates(module), 2)
            if (file.name, line) not in undefined
        }
        assert seen - submodules(module) == names_at_run_time(module), module


@pytest.mark.parametrize("module", MODULES)
def test_all_is_exact(module: str) -> None:
    """Every module says what it gives, once and in order, and all of it is there."""
    listed = import_module(module).__all__
    assert len(set(listed)) == len(listed)
    assert set(listed) == names_at_run_time(module)
