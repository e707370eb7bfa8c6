"""From the HTML of botocore's service models to docstrings in valid reStructuredText."""

from __future__ import annotations

import itertools
import re
import textwrap
from html.parser import HTMLParser
from typing import Final

import attrs

LINE_LENGTH: Final = 100
INDENT: Final = " " * 4

_GLUE: Final = "\N{NO-BREAK SPACE}"
"""Stands for a space at which no line is broken, until the text is wrapped."""

_PLAIN: Final = str.maketrans(
    {
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        _GLUE: " ",
    }
)
_CALLOUTS: Final = {"note": "Note: ", "important": "Important: "}
_LISTS: Final = {"ul": "- ", "ol": "#. "}
_BLOCKS: Final = frozenset({"p", "div", "br", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "pre"})


@attrs.frozen
class Paragraph:
    """One paragraph of reStructuredText, not yet wrapped."""

    text: str
    depth: int = 0
    """How many lists it stands in."""
    marker: str = ""
    """The bullet it starts with, if it is the first of a list's item."""

    def wrapped(self, width: int, taken: int = 0) -> str:
        """Return its lines, none longer than `width` unless a single word is.

        So many characters as are `taken` stay free on the first line.
        """
        margin = "  " * self.depth
        lines = textwrap.wrap(
            self.text.replace(" - ", f"{_GLUE}- "),
            width,
            initial_indent=" " * taken + margin[: len(margin) - len(self.marker)] + self.marker,
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return "\n".join(lines)[taken:].replace(_GLUE, " ")

    def continues(self, previous: Paragraph) -> bool:
        """Say whether it is the item right after the item that `previous` is."""
        return bool(self.marker and previous.marker) and self.depth == previous.depth


def literal(code: str) -> str:
    """Mark up code, on one line."""
    return f"``{code.replace(' ', _GLUE)}``"


def paragraphs(html: str) -> list[Paragraph]:
    """Read a piece of the model's documentation."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.finish()


def sentence(name: str) -> str:
    """Make the sentence that a name is: "Creation time." for ``creation_time``."""
    words = name.replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}."


def summarised(content: list[Paragraph], name: str) -> list[Paragraph]:
    """Set the first sentence apart if it fits on one line, else start with the name's."""
    if not content:
        return [Paragraph(sentence(name))]
    first, *others = content
    summary, rest = _first_sentence(first.text)
    if not summary or len(summary) > LINE_LENGTH - len(INDENT) - len('r"""'):
        return [Paragraph(sentence(name)), *content]
    return [Paragraph(summary), *([Paragraph(rest)] if rest else []), *others]


def first_sentence(content: list[Paragraph]) -> list[Paragraph]:
    """Keep the first sentence only."""
    summary, _ = _first_sentence(content[0].text) if content else ("", "")
    return [Paragraph(summary)] if summary else content[:1]


def docstring(content: list[Paragraph], indent: str = INDENT) -> str:
    """Write the paragraphs as an indented string literal."""
    opening = 'r"""' if any("\\" in paragraph.text for paragraph in content) else '"""'
    text = _joined(content, LINE_LENGTH - len(indent), len(opening))
    one_line = f'{indent}{opening}{text}"""'
    if "\n" not in text and len(one_line) <= LINE_LENGTH and not text.endswith('"'):
        return one_line
    lines = [*f"{opening}{text}".split("\n"), '"""']
    return "\n".join(f"{indent}{line}".rstrip() for line in lines)


def _joined(content: list[Paragraph], width: int, opening: int) -> str:
    text = content[0].wrapped(width, opening)
    for previous, paragraph in itertools.pairwise(content):
        text += "\n" if paragraph.continues(previous) else "\n\n"
        text += paragraph.wrapped(width)
    return text


def _first_sentence(text: str) -> tuple[str, str]:
    match = re.match(r"(.+?(?<!e\.g)(?<!i\.e)\.)(?: +(?=[A-Z`(\"])(.+))?$", text)
    return (match[1], match[2] or "") if match else ("", "")


def _escaped(text: str) -> str:
    """Take the meaning from every character that reStructuredText would give one."""
    text = re.sub(r"([\\*`|])", r"\\\1", text)
    return re.sub(r"(?<=\w)_(?!\w)", r"\\_", text)


class _Reader(HTMLParser):
    """Collects paragraphs; of a link only the text stays."""

    def __init__(self) -> None:
        super().__init__()
        self._done: list[Paragraph] = []
        self._lists: list[str] = []
        self._pieces: list[str] = []
        self._code: list[str] | None = None
        self._marker = ""
        self._callout = ""

    def handle_starttag(
        self,
        tag: str,
        attrs: list[tuple[str, str | None]],  # noqa: ARG002 - the signature is the base class's
    ) -> None:
        if tag == "code":
            self._code = []
        elif tag in _LISTS:
            self._flush()
            self._lists.append(_LISTS[tag])
        elif tag == "li":
            self._flush()
            self._marker = self._lists[-1] if self._lists else ""
        elif tag in _CALLOUTS:
            self._flush()
            self._callout = _CALLOUTS[tag]
        elif tag in _BLOCKS:
            self._flush()

    def handle_endtag(self, tag: str) -> None:
        if tag == "code":
            self._end_code()
        elif tag in _LISTS:
            self._flush()
            del self._lists[-1:]
        elif tag in _BLOCKS or tag in _CALLOUTS or tag == "li":
            self._flush()

    def handle_data(self, data: str) -> None:
        plain = data.translate(_PLAIN)
        if self._code is not None:
            self._code.append(plain)
        elif self._pieces and self._pieces[-1].endswith("``") and plain[:1].isalnum():
            self._pieces.append(f"\\ {_escaped(plain)}")
        else:
            self._pieces.append(_escaped(plain))

    def finish(self) -> list[Paragraph]:
        """Return the paragraphs read."""
        self._flush()
        return self._done

    def _end_code(self) -> None:
        code = " ".join("".join(self._code or []).split())
        self._code = None
        if not code or "`" in code:
            self._pieces.append(_escaped(code))
            return
        if self._pieces and self._pieces[-1][-1:].isalnum():
            self._pieces.append("\\ ")
        self._pieces.append(literal(code))

    def _flush(self) -> None:
        text = re.sub(r"[ \t\r\n]+", " ", "".join(self._pieces)).strip(" ")
        self._pieces = []
        if text:
            self._done.append(Paragraph(self._callout + text, len(self._lists), self._marker))
            self._callout = self._marker = ""
