"""Where the scenes of the demo play: code that is shown and run, answers, and checks of them."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Final, TypeVar, cast, get_origin

import attrs
from rich import box
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

import botocancel
from botocancel import TaskClient
from botocancel.cli._streams import OutputLost
from botocancel.testing import SimulatedAWS, SimulatorSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from rich.console import Console, RenderableType

__all__ = ["Scene", "Stage", "perform"]

AnswerT = TypeVar("AnswerT")
ErrorT = TypeVar("ErrorT", bound=Exception)

_INDENT: Final = 2


class Stage:
    """A simulated AWS, a client on it, and a console that shows what happens.

    Args:
        console: Where to show it.
        known: Classes that the code of the scenes can name.
    """

    def __init__(self, console: Console, known: Iterable[type] = ()) -> None:
        self.console = console
        self.failures: list[str] = []
        """The claims that did not hold."""
        self.aws: SimulatedAWS = SimulatedAWS(
            SimulatorSettings(kind="datasync", seconds={"CANCELLING": 120.0})
        )
        session = self.aws.session()
        session.set_config_variable("max_attempts", 2)  # botocore sleeps in real time in between
        self.names: dict[str, object] = {
            "client": TaskClient(session, clock=self.aws.clock),
            **{kind.__name__: kind for kind in known},
        }
        """What the code of the scenes can name."""

    def run(self, code: str, kind: type[AnswerT], *, name: str = "", echo: bool = False) -> AnswerT:
        """Show an expression, evaluate it, and return its value.

        Args:
            code: The expression.
            kind: What its value must be; parameters of a generic class are taken on trust.
            name: What the value is called from then on, if anything.
            echo: Whether to show the value.

        Raises:
            TypeError: The value is something else.
        """
        code = dedent(code).strip()
        self._show_code(f"{name} = {code}" if name else code)
        value: object = eval(code, self.names)  # noqa: S307  (what is shown is what is run)
        if not isinstance(value, get_origin(kind) or kind):
            msg = f"expected {kind}, got {value!r}"
            raise TypeError(msg)
        if name:
            self.names[name] = value
        if echo:
            self.show(Text(str(value)))
        return cast("AnswerT", value)

    def refuse(self, code: str, kind: type[ErrorT]) -> ErrorT:
        """Show an expression and the error that it raises, call it ``error``, and return it.

        Args:
            code: The expression.
            kind: What the error must be.

        Raises:
            AssertionError: It raises nothing.
        """
        try:
            value = self.run(code, object)
        except kind as error:
            self.names["error"] = error
            name = type(error).__name__
            self.show(Text.assemble((name, "bold red"), ": ", str(error)))
            self.show(Text(f"caught as {', '.join(_kinds_of(error))}", "dim"))
            return error
        msg = f"{kind.__name__} was to be raised, and it returned {value!r}"
        raise AssertionError(msg)

    def later(self, seconds: float) -> None:
        """Let simulated time pass."""
        self.aws.advance(seconds)
        self.show(Text(f"{seconds:.0f} simulated seconds later", "dim"))

    def show(self, what: RenderableType) -> None:
        """Show something, indented."""
        self.console.print(Padding(what, (0, 0, 0, _INDENT), expand=False), highlight=False)

    def compare(self, heads: Sequence[str], rows: Mapping[str, Iterable[object]]) -> None:
        """Show things side by side, one a column."""
        self.tabulate(("", *heads), [(label, *map(str, values)) for label, values in rows.items()])

    def tabulate(self, heads: Iterable[str], rows: Iterable[Iterable[RenderableType]]) -> None:
        """Show a table."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
        for number, head in enumerate(heads):
            first = number == 0
            table.add_column(head, overflow="fold", no_wrap=first, style="dim" if first else None)
        for row in rows:
            table.add_row(*row)
        self.show(table)

    def check(self, claim: str, holds: bool) -> None:  # noqa: FBT001  (it reads as: check, claim, test)
        """Show whether a claim holds, and remember if it does not."""
        plain = self.console.options.ascii_only
        good, bad = ("ok", "FAILED") if plain else ("✓", "✗ FAILED:")
        mark, style = (good, "green") if holds else (bad, "bold red")
        line = Table.grid(padding=(0, 1))
        line.add_row(Text(mark, style), Text(claim, "" if holds else style))
        self.show(line)
        if not holds:
            self.failures.append(claim)

    def _show_code(self, code: str) -> None:
        first, *others = code.splitlines()
        self.show(Text.assemble((">>> ", "cyan"), (first, "bold")))
        for line in others:
            self.show(Text.assemble(("... ", "cyan"), (line, "bold")))


@attrs.frozen
class Scene:
    """A part of the demo."""

    title: str
    play: Callable[[Stage], None]


def perform(scenes: Sequence[Scene], stage: Stage) -> bool:
    """Play scenes one after another; say whether all that they claim held.

    One that breaks off is a claim that failed.
    """
    for number, scene in enumerate(scenes, 1):
        stage.console.print()
        title = Text(f"{number}. {scene.title}", "bold")
        stage.console.print(Rule(title, align="left", style="cyan"))
        try:
            scene.play(stage)
        except OutputLost:
            raise
        except Exception as error:  # noqa: BLE001  (it is shown, and the other scenes play)
            stage.check(f"{type(error).__name__}: {error}", holds=False)
    return not stage.failures


def _kinds_of(error: Exception) -> list[str]:
    """Return the names by which ``except`` catches an error: botocancel's, botocore's, Python's."""
    public = [getattr(botocancel, name) for name in botocancel.__all__]
    return [
        kind.__name__
        for kind in type(error).__mro__
        if kind in public or kind.__name__ in {"ClientError", "ValueError"}
    ]
