"""What is private to botocore and relied on here is in a table, and is as it was."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import botocore
import pytest

import botocancel
from tests.botocore_internals import DOCUMENTED, INTERNALS, Internal

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(botocancel.__file__).parent


@pytest.mark.parametrize("internal", INTERNALS, ids=lambda each: each.name)
def test_it_is_as_it_was(internal: Internal) -> None:
    digest = internal.digest()
    assert digest in internal.digests.split(), (
        f"{internal.name} is not as it was (botocore {botocore.__version__}). It is used in "
        f"{internal.used_by}: {internal.purpose}. Once that is seen to work, add {digest}"
    )


def imported(path: Path) -> Iterator[str]:
    """Yield what a module imports of botocore's undocumented modules, but for type checkers."""
    for node in run_time(ast.parse(path.read_text(encoding="utf-8")).body):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("botocore."):
            yield from (f"{node.module}:{alias.name}" for alias in node.names)
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("botocore."))


def run_time(body: list[ast.stmt]) -> Iterator[ast.AST]:
    for statement in body:
        if not (isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test)):
            yield from ast.walk(statement)


def test_every_import_of_what_is_not_documented_is_in_the_table() -> None:
    found = {
        name
        for path in SOURCE.rglob("*.py")
        for name in imported(path)
        if name.removeprefix("botocore.").partition(":")[0] not in DOCUMENTED
    }
    assert found
    covered = tuple(f"{each.name}." for each in INTERNALS)
    assert not [
        name
        for name in found
        if not any(row.startswith((f"{name}.", f"{name}:")) for row in covered)
    ]


def test_every_row_is_of_a_module_that_there_is() -> None:
    modules = {
        path.relative_to(SOURCE).with_suffix("").as_posix().replace("/", ".")
        for path in SOURCE.rglob("*.py")
    }
    assert {name for each in INTERNALS for name in each.used_by.split()} <= modules
