"""From the HTML of botocore's service models to docstrings in valid reStructuredText."""

from __future__ import annotations

import re
import textwrap
from html.parser import HTMLParser
from typing import Final

__all__ = ["INDENT", "LINE_LENGTH", "docstring", "first_sentence", "literal", "sentence", "titled"]

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
        "\N{NON-BREAKING HYPHEN}": "-",
        _GLUE: " ",
    }
)
_BLOCKS: Final = frozenset(
    {"p", "div", "br", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "pre", "ul", "ol", "li"}
    | {"note", "important", "fullname", "title"}
)
_SENTENCE: Final = re.compile(r"(.+?(?<!e\.g)(?<!i\.e)\.)(?: +(?=[A-Z`(\"]).+)?$")
_LEADS_ON: Final = re.compile(r"(,? (as follows|such as|the following))?[:;,]?$")
"""What ends a text of which the rest is not taken."""


def literal(code: str) -> str:
    """Mark up code, on one line."""
    return f"``{code.replace(' ', _GLUE)}``"


def sentence(name: str) -> str:
    """Make the sentence that a name is: "Creation time." for ``creation_time``."""
    words = name.replace("_", " ").strip()
    return f"{words[:1].upper()}{words[1:]}."


def first_sentence(html: str, name: str) -> str:
    """Return the first sentence of a piece of documentation; of the name, if there is none."""
    text = _first_paragraph(html)
    if not text:
        return sentence(name)
    text = text.removeprefix("(Optional) ")
    match = _SENTENCE.match(text)
    return match[1] if match else f"{_LEADS_ON.sub('', text)}."


def titled(text: str, name: str, indent: str = INDENT) -> list[str]:
    """Set the sentence of the name before a text that is more than one line."""
    fits = len(text) <= LINE_LENGTH - len(indent) - len('r""""""')
    return [text] if fits else [sentence(name), text]


def docstring(paragraphs: list[str], indent: str = INDENT) -> str:
    """Write the paragraphs as an indented string literal, as the formatter leaves it."""
    quotes = 'r"""' if any("\\" in text for text in paragraphs) else '"""'
    width = LINE_LENGTH - len(indent)
    texts = [_wrapped(paragraphs[0], width, len(quotes))]
    texts += [_wrapped(text, width) for text in paragraphs[1:]]
    text = "\n\n".join(texts).replace('"""', "'''")
    one_line = f'{indent}{quotes}{text}"""'
    if "\n" not in text and len(one_line) <= LINE_LENGTH and not text.endswith(('"', "\\")):
        return one_line
    lines = [*f"{quotes}{text}".split("\n"), '"""']
    return "\n".join(f"{indent}{line}".rstrip() for line in lines)


def _first_paragraph(html: str) -> str:
    reader = _Reader()
    for piece in html.split("</p>"):
        reader.feed(f"{piece}</p>")
        if reader.paragraphs:
            return reader.paragraphs[0]
    return ""


def _wrapped(text: str, width: int, taken: int = 0) -> str:
    """Return lines no longer than `width`, where no word is; some of the first may be taken."""
    lines = textwrap.wrap(
        text,
        width,
        initial_indent=" " * taken,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)[taken:].replace(_GLUE, " ")


def _escaped(text: str) -> str:
    """Take the meaning from every character that reStructuredText would give one."""
    text = re.sub(r"([\\*`|])", r"\\\1", text)
    return re.sub(r"(?<=\w)_(?!\w)", r"\\_", text)


class _Reader(HTMLParser):
    """Collects paragraphs; of a link only the text stays."""

    def __init__(self) -> None:
        super().__init__()
        self.paragraphs: list[str] = []
        self._pieces: list[str] = []
        self._code: list[str] | None = None

    def handle_starttag(
        self,
        tag: str,
        attrs: list[tuple[str, str | None]],  # noqa: ARG002 - the signature is the base class's
    ) -> None:
        if tag == "code":
            self._code = []
        elif tag in _BLOCKS:
            self._flush()

    def handle_endtag(self, tag: str) -> None:
        if tag == "code":
            self._end_code()
        elif tag in _BLOCKS:
            self._flush()

    def handle_data(self, data: str) -> None:
        plain = data.translate(_PLAIN)
        if self._code is not None:
            self._code.append(plain)
        elif self._pieces and self._pieces[-1].endswith("``") and plain[:1].isalnum():
            self._pieces.append(f"\\ {_escaped(plain)}")
        else:
            self._pieces.append(_escaped(plain))

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
            self.paragraphs.append(text)
