"""The standard streams, made to work in whatever state the program finds them.

They may be closed, full, left by their readers, set to not wait, or in encodings that lack
characters. That ends no command half way: what standard error does not take is dropped, and
what standard output does not take raises `OutputLost`, once.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from select import select
from typing import TYPE_CHECKING, Final, TextIO

from botocancel._text import excerpt

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = [
    "OutputLost",
    "complain",
    "is_terminal",
    "lost_output",
    "pass_on",
    "put",
    "repair",
    "tell",
]


class OutputLost(Exception):
    """Standard output does not take what is written; from now on it is dropped in silence."""

    def __init__(self, reason: OSError) -> None:
        super().__init__(reason.strerror)
        self.reader_left = isinstance(reason, BrokenPipeError)
        """Whether nobody reads it any more, which is no mistake of anybody's."""


class _Sink(io.RawIOBase):
    """A descriptor that is written to until that fails.

    Args:
        number: The descriptor.
        loud: Whether its failure raises `OutputLost`.
    """

    def __init__(self, number: int, *, loud: bool) -> None:
        self._raw = open(number, "wb", buffering=0, closefd=False)  # noqa: SIM115  (it stays open)
        self._loud = loud
        self.failure: OutputLost | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        """Write some of the data, and return how many bytes."""
        if self.failure is None:
            try:
                while (written := self._raw.write(data)) is None:  # somebody made it not wait
                    select([], [self._raw], [])
            except OSError as error:
                self.failure = OutputLost(error)
                if self._loud:
                    raise self.failure from error
            else:
                return written
        return memoryview(data).nbytes

    def writable(self) -> bool:
        """Return True."""
        return True

    def isatty(self) -> bool:
        """Say whether it is a terminal."""
        return self._raw.isatty()

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._raw.fileno()


_sinks: Final[dict[int, _Sink]] = {}
"""Where standard output and standard error go, once they are repaired."""


def repair() -> None:
    """Put streams that work in place of the standard ones."""
    _occupy()
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  (it stays open)
    _sinks[1], _sinks[2] = output, errors = _Sink(1, loud=True), _Sink(2, loud=False)
    sys.stdout = _text(output, sys.stdout, each_line=output.isatty())
    sys.stderr = _text(errors, sys.stderr, each_line=True)


def lost_output() -> OutputLost | None:
    """Return why some of the output is lost; None if all of it is written."""
    with suppress(OutputLost):
        sys.stdout.flush()
    return _sinks[1].failure


def _occupy() -> None:
    """Let descriptors that are closed lead nowhere.

    Else the next file or connection that is opened gets their number, and what is written there.
    """
    for number, flags in enumerate((os.O_RDONLY, os.O_WRONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # it gets the lowest number that is free
            os.set_inheritable(number, True)  # noqa: FBT003  (it takes no keyword)


def _text(sink: _Sink, before: TextIO | None, *, each_line: bool) -> io.TextIOWrapper:
    """Return a stream that writes to a sink, and writes what its encoding lacks as escapes."""
    return io.TextIOWrapper(
        io.BufferedWriter(sink),
        encoding="utf-8" if before is None else before.encoding,
        errors="backslashreplace",
        line_buffering=each_line,
    )


def is_terminal(number: int) -> bool:
    """Say whether a person sees a standard stream: 0, 1 or 2."""
    return os.isatty(number)


def pass_on(number: int, data: bytes) -> None:
    """Write bytes to standard output (1) or standard error (2) at once.

    No lock is held, so whoever ends the program never waits for one who is stuck in this.

    Raises:
        OutputLost: Standard output does not take them.
    """
    left = memoryview(data)
    while left:
        left = left[_sinks[number].write(left) :]


def put(line: str) -> None:
    """Write a line of results.

    Raises:
        OutputLost: Standard output does not take it.
    """
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def tell(text: str) -> None:
    """Say something on standard error, and go on if nobody listens any more."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def complain(text: str) -> None:
    """Say what is wrong, in one line on standard error."""
    tell(f"botocancel: {excerpt(text)}")
