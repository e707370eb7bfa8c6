"""The pages of the documentation, and the code in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parent.parent
DOCS: Final = ROOT / "docs"
BUILT: Final = DOCS / "_build"
"""Where Sphinx writes to."""
PAGES: Final = [
    ROOT / "README.md",
    *sorted(page for page in DOCS.rglob("*.md") if not page.is_relative_to(BUILT)),
]

_BLOCK: Final = re.compile(
    r"(?:^<!-- not run: (?P<reason>.+?) -->\n+)?"
    r"^```python\n(?P<code>.*?)^```\n"
    r"(?:\n+```text\n(?P<output>.*?)^```$)?",
    re.DOTALL | re.MULTILINE,
)


class Block(NamedTuple):
    """A piece of Python in a page."""

    line: int
    code: str
    output: str | None
    """What it prints, where the page shows that."""
    reason: str | None
    """Why it is not run; None where it is."""


def name_of(page: Path) -> str:
    """Return the path of a page in the repository."""
    return page.relative_to(ROOT).as_posix()


def blocks_of(page: Path) -> Iterator[Block]:
    """Yield the blocks of Python in a page, from top to bottom."""
    text = page.read_text(encoding="utf-8")
    for found in _BLOCK.finditer(text):
        line = text.count("\n", 0, found.start("code"))
        yield Block(line, found["code"], found["output"], found["reason"])


def module_of(page: Path) -> str:
    """Return the code of a page as one module, each line where the page has it.

    What a page may use without having made it comes from a module ``given``.
    """
    blocks = list(blocks_of(page))
    lines = [""] * max((block.line + block.code.count("\n") for block in blocks), default=0)
    for block in blocks:
        code = block.code.splitlines()
        lines[block.line : block.line + len(code)] = code
    return "\n".join(["from given import *", *lines[1:], ""])
