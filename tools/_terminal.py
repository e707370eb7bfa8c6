"""A program on a terminal of its own, whose screen can be read, waited for and drawn."""

from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING, Final, cast

import pexpect
import pyte
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.style import Style
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["Terminal"]

_CHUNK: Final = 65_536
_PATIENCE: Final = 120.0
"""Seconds after which a program that does nothing is given up."""
_HISTORY: Final = 5_000
_PICTURE: Final = re.sub(r"@font-face \{\{.*?\}\}\n", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
"""Rich's, without the fonts that it loads from elsewhere."""
_NAMES: Final[Mapping[str, str]] = {"brown": "yellow", "default": "default"}
"""Where the emulator's names of colours are not rich's."""


class Terminal:
    """A program on a pseudo-terminal.

    Args:
        command: The program and its arguments.
        variables: Its environment.
        columns: Width of the screen.
        lines: Height of the screen.
    """

    def __init__(
        self,
        command: Sequence[str],
        variables: Mapping[str, str],
        *,
        columns: int = 80,
        lines: int = 24,
    ) -> None:
        self._process: pexpect.spawn[bytes] = pexpect.spawn(
            command[0],
            list(command[1:]),
            env=dict(variables),
            dimensions=(lines, columns),
            timeout=_PATIENCE,
        )
        self._process.delaybeforesend = None
        self._emulator = pyte.HistoryScreen(columns, lines, history=_HISTORY, ratio=0.5)
        self._stream = pyte.ByteStream(self._emulator)
        self.written = b""
        """All that the program has written."""

    @property
    def screen(self) -> list[str]:
        """The lines that are to be seen, without white space at their ends."""
        return [line.rstrip() for line in self._emulator.display]

    @property
    def text(self) -> str:
        """The screen and all that has scrolled off it."""
        above = [
            "".join(row[column].data for column in range(self._emulator.columns)).rstrip()
            for row in self._emulator.history.top
        ]
        return "\n".join([*above, *self.screen]).rstrip()

    def until(self, holds: str | Callable[[Terminal], bool]) -> None:
        """Let the program go on until the screen has a text, or a condition holds.

        Raises:
            AssertionError: The program ended before, or did nothing for long.
        """
        while not (holds in "\n".join(self.screen) if isinstance(holds, str) else holds(self)):
            try:
                self._read()
            except (pexpect.EOF, pexpect.TIMEOUT) as error:
                msg = f"{type(error).__name__} before {holds!r}:\n{self.text}"
                raise AssertionError(msg) from error

    def type(self, text: str) -> None:
        """Type something."""
        self._process.send(text)

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._process.sendintr()

    def finish(self) -> int:
        """Let the program go on to its end; return its exit status, as shells have it."""
        try:
            while True:
                self._read()
        except pexpect.EOF:
            self._process.close()
        signal = self._process.signalstatus
        return cast("int", self._process.exitstatus) if signal is None else 128 + signal

    def close(self) -> None:
        """End the program wherever it is."""
        self._process.close(force=True)

    def save_svg(self, path: Path, title: str) -> None:
        """Draw the screen as it is now, down to its last line that is not empty."""
        lines = self.screen
        while lines and not lines[-1]:
            lines.pop()
        console = Console(
            record=True,
            width=self._emulator.columns,
            file=StringIO(),
            force_terminal=True,
            color_system="truecolor",
        )
        for number in range(len(lines)):
            console.print(self._styled(number), no_wrap=True, crop=False)
        console.save_svg(str(path), title=title, unique_id=path.stem, code_format=_PICTURE)

    def _styled(self, number: int) -> Text:
        row = self._emulator.buffer[number]
        text = Text()
        for column in range(self._emulator.columns):
            cell = row[column]
            style = Style(
                color=_NAMES.get(cell.fg, cell.fg if cell.fg.isalpha() else f"#{cell.fg}"),
                bold=cell.bold,
                italic=cell.italics,
                reverse=cell.reverse,
            )
            text.append(cell.data, style)
        text.rstrip()
        return text

    def _read(self) -> None:
        chunk = self._process.read_nonblocking(_CHUNK, _PATIENCE)
        self.written += chunk
        self._stream.feed(chunk)
