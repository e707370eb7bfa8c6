"""The README and the pages under ``docs``: their code runs, their tables are those of the code.

Each ``python`` block runs, in the order of its page, against a simulated AWS; what it prints
is the ``text`` block that follows it, if one follows. One that cannot run has the comment
``<!-- not run: the reason -->`` before it.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import boto3
import pytest
import stamina
from attrs import fields

from botocancel import TaskClient, errors
from botocancel.errors import COMMON_CODES, ServiceError
from botocancel.services import service_named
from botocancel.services._builtin import BUILT_IN
from botocancel.services.datasync.spec import SERVICE as DATASYNC
from botocancel.services.fsx.spec import FSx
from botocancel.testing import DataSyncSettings, FaultKind, FSxSettings, SimulatedAWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

ROOT: Final = Path(__file__).parent.parent
PAGES: Final = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NOT_RUN: Final = 2
"""So many blocks cannot run; a new one has to be meant."""

BLOCK: Final = re.compile(
    r"(?:^<!-- not run: (?P<reason>.+?) -->\n+)?"
    r"^```python\n(?P<code>.*?)^```\n"
    r"(?:\n+```text\n(?P<output>.*?)^```$)?",
    re.DOTALL | re.MULTILINE,
)
LINK: Final = re.compile(r"\]\((?P<target>[^)#:\s]+)(?:#[^)]*)?\)")


class Block(NamedTuple):
    """A piece of code in a page."""

    line: int
    code: str
    output: str | None
    """What it prints, where the page shows that."""
    reason: str | None
    """Why it is not run."""


def blocks_of(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        line = text.count("\n", 0, found.start("code"))
        yield Block(line, found["code"], found["output"], found["reason"])


def no_time(_: float) -> None:
    """Sleep as if it took no time."""


@pytest.fixture
def namespace(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What every page may use without having made it; no retry waits in real time."""
    aws = SimulatedAWS()
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", aws.boto3_session())
    monkeypatch.setattr(time, "sleep", no_time)
    return {"aws": aws, "client": TaskClient(aws.session(), clock=aws.clock)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_code_of_a_page_runs_and_prints_what_it_says(
    page: Path, namespace: dict[str, object]
) -> None:
    for block in blocks_of(page):
        if block.reason is not None:
            continue
        aws = namespace["aws"]
        assert isinstance(aws, SimulatedAWS)
        namespace["export"] = aws.fsx().create_task(status="EXECUTING")
        namespace["execution"] = aws.datasync().start_execution(status="TRANSFERRING")
        printed = io.StringIO()
        code = compile("\n" * block.line + block.code, page, "exec")  # lines as in the page
        with contextlib.redirect_stdout(printed), stamina.set_testing(True, attempts=9, cap=True):
            exec(code, namespace)  # noqa: S102  (the project's own documentation)
        if block.output is not None:
            assert printed.getvalue() == block.output, f"{page.name}, line {block.line}"


def test_few_blocks_cannot_run() -> None:
    blocks = [block for page in PAGES for block in blocks_of(page)]
    not_run = [block.reason for block in blocks if block.reason is not None]

    assert len(not_run) == NOT_RUN, not_run


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_block_of_python_is_overlooked(page: Path) -> None:
    assert page.read_text(encoding="utf-8").count("```python") == len(list(blocks_of(page)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    for found in LINK.finditer(page.read_text(encoding="utf-8")):
        assert (page.parent / found["target"]).exists(), found["target"]


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a table of Markdown."""
    lines = [tuple(heads), *(tuple(map(str, row)) for row in rows)]
    lines.insert(1, ("---",) * len(lines[0]))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def yes_or_no(value: bool | None) -> str:  # noqa: FBT001  (what it is about)
    return "not documented" if value is None else "yes" if value else "no"


def meaning_of(leaf: type[ServiceError]) -> type[ServiceError]:
    return next(kind for kind in leaf.__mro__ if kind.__module__ == ServiceError.__module__)


def table_of_errors(name: str) -> str:
    """Return the table of the errors that a service models."""
    leaves = service_named(name).errors_by_code
    return table(
        ("error code", "class", "is a", "retryable"),
        (
            (f"`{code}`", f"`{kind.__name__}`", f"`{meaning_of(kind).__name__}`", retryable(kind))
            for code, kind in leaves.items()
        ),
    )


def retryable(kind: type[ServiceError]) -> str:
    return yes_or_no(kind.retryable)


def table_of_common_errors() -> str:
    """Return the table of the error codes that any service may answer."""
    meanings = dict.fromkeys(COMMON_CODES.values())
    return table(
        ("is a", "retryable", "error codes"),
        (
            (
                f"`{meaning.__name__}`",
                retryable(meaning),
                ", ".join(f"`{code}`" for code, kind in COMMON_CODES.items() if kind is meaning),
            )
            for meaning in meanings
        ),
    )


def table_of_phases(name: str) -> str:
    """Return the table of the statuses of a service."""
    return table(
        ("status", "phase", "ended"),
        (
            (f"`{status}`", f"`{phase.name}`", yes_or_no(phase.terminal))
            for status, phase in service_named(name).phases.items()
        ),
    )


def table_of_aftermaths() -> str:
    """Return the table of what a cancel leaves behind."""
    rows = {
        **{f"FSx `{kind}`": aftermath for kind, aftermath in FSx.aftermaths.items()},
        "DataSync execution": DATASYNC.aftermath(None),
    }
    return table(
        ("task", "files done", "files in flight", "files to come", "consistent", "repair"),
        (
            (
                task,
                aftermath.completed_files.value,
                aftermath.files_in_flight.value,
                aftermath.remaining_files.value,
                yes_or_no(aftermath.consistent),
                aftermath.repair or "none documented",
            )
            for task, aftermath in rows.items()
        ),
    )


TABLES: Final[Mapping[str, tuple[str, Callable[[], str]]]] = {
    "errors of FSx": ("errors.md", lambda: table_of_errors("fsx")),
    "errors of DataSync": ("errors.md", lambda: table_of_errors("datasync")),
    "common errors": ("errors.md", table_of_common_errors),
    "phases of FSx": ("services.md", lambda: table_of_phases("fsx")),
    "phases of DataSync": ("services.md", lambda: table_of_phases("datasync")),
    "aftermaths": ("services.md", table_of_aftermaths),
}


def test_the_tree_of_errors_is_that_of_the_code() -> None:
    lines = (inspect.getdoc(errors) or "").splitlines()
    tree = "\n".join(line.removeprefix("    ") for line in lines if line.startswith("    "))
    assert tree.startswith("BotocancelError")
    assert tree in (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TABLES)
def test_a_table_in_a_page_is_that_of_the_code(name: str) -> None:
    page, expected = TABLES[name]
    assert expected() in (ROOT / "docs" / page).read_text(encoding="utf-8"), expected()


def test_every_fault_and_setting_is_documented() -> None:
    page = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    settings = {field.name for kind in (FSxSettings, DataSyncSettings) for field in fields(kind)}
    kinds = {kind.name for kind in FaultKind}
    assert {name for name in kinds | settings if f"`{name}`" not in page} == set()


def test_every_service_has_its_tables() -> None:
    pages = "".join(
        (ROOT / "docs" / page).read_text(encoding="utf-8") for page, _ in TABLES.values()
    )
    for name in BUILT_IN:
        assert table_of_errors(name) in pages
        assert table_of_phases(name) in pages
