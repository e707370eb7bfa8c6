"""Searches what other programs write for the ids of tasks."""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import unquote_to_bytes

import attrs

from botocancel import InvalidInput, task_ref
from botocancel.services import ref_types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from botocancel import Response, Shape, TaskRef

    AnyRef: TypeAlias = TaskRef[Shape, Response]

__all__ = ["LIMIT", "Found", "IdSearch"]

LIMIT: Final = 10_000
"""How many tasks are kept."""

_BEFORE: Final = 256
"""How many bytes before an id are looked at, to tell whether it begins there."""
_LONGEST: Final = 768
"""How many bytes an id takes at most, with colours and escapes in it."""

_TELLING: Final = 4
"""How many bytes tell the encoding."""

_NO_WORD_BEFORE: Final = "(?<![0-9A-Za-z])(?<![0-9A-Za-z][-_])"
_NO_WORD_AFTER: Final = "(?![-_]?[0-9A-Za-z])"

_COLOUR: Final = re.compile(
    rb"(?:\x1b|\\u001[bB]|\\x1[bB]|\\033|\\e)(?:\[[0-?]*[ -/]*[@-~]|[ -/]*[0-Z^-~])"
)
"""What a terminal takes for a command; as it is, or escaped in JSON or a program."""
_ESCAPE: Final = re.compile(rb"\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[^/])")
"""A line break, a quote or the like, as JSON and programs write it."""
_PECULIAR: Final = re.compile(rb"[\x1b\\%]")
_PECULIAR_ID: Final = re.compile(rb"[\w:/.-]*[\x1b\\%]")
_IN_ARN: Final = re.compile(rb"arn:[\w:/.*+@-]*\Z")


class Found:
    """The tasks whose ids were found."""

    def __init__(self) -> None:
        self._refs: dict[bytes, AnyRef] = {}
        self.more = False
        """Whether there were more than `LIMIT`, which are not kept."""

    def add(self, name: bytes) -> None:
        """Take in an id or ARN."""
        if name in self._refs:
            return
        if len(self._refs) == LIMIT:
            self.more = True
            return
        try:
            self._refs[name] = task_ref(name.decode())
        except InvalidInput:  # it is too long, say
            return

    def has_all(self, mark: _Mark, data: bytes) -> bool:
        """Say whether each mark in some data begins an id that is known already."""
        names = mark.anywhere.findall(data)
        return len(names) == data.count(mark.text) and self._refs.keys() >= set(names)

    @property
    def refs(self) -> list[AnyRef]:
        """Each task once, by its ARN if that was found too."""
        refs = list(self._refs.values())
        placed = {(ref.key, ref.id) for ref in refs if ref.region is not None}
        return [ref for ref in refs if ref.region or (ref.key, ref.id) not in placed]


class IdSearch:
    """Finds the ids of tasks in bytes that come piece by piece, wherever they are cut.

    Ids may stand in colours, in JSON, in URLs, beside letters of any script; in UTF-16, or in
    any encoding that holds ASCII. Only those that cannot be anything else are looked for: see
    `TaskRef.in_text`.
    """

    def __init__(self, found: Found) -> None:
        self._found = found
        self._read: Callable[[bytes], bytes] | None = None
        """Makes UTF-8 of what comes; None until enough has come to know how."""
        self._last = b""
        """The last bytes that came, from a little before `_next` on."""
        self._next = 0
        """Where in these the search goes on."""

    def feed(self, data: bytes) -> None:
        """Search what has come, but for its end: an id there may go on in what follows."""
        if self._read is None:
            data, self._last = self._last + data, b""
            if len(data) < _TELLING:
                self._last = data
                return
            self._read = _reader_of(data[:_TELLING])
        data = self._last + self._read(data)
        end = max(self._next, len(data) - _LONGEST)
        self._search(data, self._next, end)
        cut = max(0, end - _BEFORE)
        self._last, self._next = data[cut:], end - cut

    def finish(self) -> None:
        """Search the end too, for nothing follows."""
        self._search(self._last, self._next, len(self._last))

    def _search(self, data: bytes, start: int, end: int) -> None:
        """Take in the ids that begin between two places."""
        for mark in _marks():
            if mark.needs not in data:
                continue
            stop = end + len(mark.text) - 1
            at = data.find(mark.text, start, stop)
            if at >= 0:
                last = data.rfind(mark.text, start, stop)
                if self._found.has_all(mark, data[at:last]):  # as in most logs with ids
                    at = last
            while at >= 0:
                name = _name_at(data, at, mark.pattern)
                if name is not None:
                    self._found.add(name)
                at = data.find(mark.text, at + 1, stop)


def _reader_of(beginning: bytes) -> Callable[[bytes], bytes]:
    """Return what makes UTF-8 of data that begin so: with a mark of UTF-16, or with ASCII in it."""
    for encoding, mark, null in (("utf-16-le", b"\xff\xfe", 1), ("utf-16-be", b"\xfe\xff", 0)):
        if beginning.startswith(mark) or not any(beginning[null::2]):
            decoder = getincrementaldecoder(encoding)("replace")
            return lambda data: decoder.decode(data).encode()
    return bytes


@attrs.frozen
class _Mark:
    """Text that ids begin with."""

    text: bytes
    pattern: re.Pattern[bytes]
    """What these ids look like, apart from other words."""
    anywhere: re.Pattern[bytes]
    """What they look like within a word too."""
    needs: bytes = b""
    """A byte of the text that is rare elsewhere: it is looked for first, since that is fast."""


@cache
def _marks() -> tuple[_Mark, ...]:
    """Return what to look for: the beginnings of the ids of all kinds, as they may be written."""
    by_beginning: dict[str, list[str]] = {}
    for kind in ref_types():
        for pattern in kind.in_text:
            beginning = "".join(re.findall(r"\A[a-z:-]+", pattern))
            by_beginning.setdefault(beginning, []).append(pattern)
    return tuple(
        mark for beginning, them in by_beginning.items() for mark in _marks_of(beginning, them)
    )


def _marks_of(beginning: str, patterns: list[str]) -> Iterator[_Mark]:
    one_of = re.sub(r"\?P<\w+>", "?:", "|".join(patterns))  # two may have groups of one name
    anywhere = re.compile(one_of.encode())
    pattern = re.compile(f"{_NO_WORD_BEFORE}(?:{one_of}){_NO_WORD_AFTER}".encode())
    yield _Mark(beginning.encode(), pattern, anywhere)
    if ":" in beginning:  # as URLs have it
        for colon in ("%3A", "%3a"):
            yield _Mark(beginning.replace(":", colon).encode(), pattern, anywhere, needs=b"%")


def _name_at(data: bytes, at: int, pattern: re.Pattern[bytes]) -> bytes | None:
    """Return the id that begins at a place, as whoever reads it sees it."""
    match = pattern.match(data, at)
    if match is not None and data[at - 1 : at] not in {b":", b"/"}:  # nearly always
        return match[0]
    before = data[max(0, at - _BEFORE) : at]
    before = b"" if before[-1:].isspace() else b"".join(before.rsplit(None, 1)[-1:])
    if match is None and (_PECULIAR_ID.match(data, at) or _PECULIAR.search(before)):
        after = data[at : at + _LONGEST].split(None, 1)[0]
        apart = _plain(before, b" ")
        for colour in (b" ", b""):  # one may end the id, or stand within it
            match = match or pattern.match(apart + _plain(after, colour), len(apart))
    if match is None or (_ends_in_arn(before) and not data.startswith(b"arn", at)):
        return None
    return match[0]


def _ends_in_arn(text: bytes) -> bool:
    """Say whether what follows a text is a part of an ARN, which is looked at by itself."""
    return any(_IN_ARN.search(each) for each in (text, _plain(text, b"")))


def _plain(text: bytes, colour: bytes) -> bytes:
    """Return text without colours, and without what JSON and URLs have in place of characters."""
    if not _PECULIAR.search(text):
        return text
    text = _COLOUR.sub(colour, unquote_to_bytes(text))
    return _ESCAPE.sub(b" ", text).replace(rb"\/", b"/")
