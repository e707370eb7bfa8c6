"""What became of the tasks: results on standard output, what it adds up to on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocancel._text import excerpt
from botocancel.cli._advice import by_receipts, command_lines, resuming, still_canceling
from botocancel.cli._documents import as_json, name_of, short, verdict_document
from botocancel.cli._screen import draw, marks, out, say, state, styled
from botocancel.cli._status import Status
from botocancel.cli._streams import OutputLost, is_terminal, put
from botocancel.cli._tables import plural
from botocancel.cli._verdicts import SHOWN, End, Verdict, status_of
from botocancel.services import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from botocancel import Aftermath
    from botocancel.cli._settings import Settings

__all__ = ["Report"]

_ROWS: Final = 20
"""So many results a person gets as a table; of more, only those that need attention."""
_NOTEWORTHY: Final = frozenset(end for end in End if SHOWN[end].status is not Status.DONE)
_MINUTES: Final = "To stop may take minutes"
_WIDTH: Final = max(len(end.value) for end in End)


class Report:
    """Collects verdicts, and prints them in the form that is asked for.

    Args:
        settings: The options.
        stopping: Whether tasks are being stopped: then that goes on where output is lost.
    """

    def __init__(self, settings: Settings, *, stopping: bool) -> None:
        self._settings = settings
        self._stopping = stopping
        self._output = settings.output
        self.verdicts: list[Verdict] = []

    @property
    def status(self) -> Status:
        """The exit status that the verdicts make for."""
        return status_of(self.verdicts)

    def add(self, verdict: Verdict) -> None:
        """Take a verdict in, and print it at once unless a person wants to see them together."""
        self.verdicts.append(verdict)
        if self._output == "jsonl":
            self._print(as_json(verdict_document(verdict)))
        elif self._output == "ids" and verdict.end not in _NOTEWORTHY:
            self._print(name_of(verdict.ref))
        elif self._output == "table" and not is_terminal(1):
            self._print(
                f"{verdict.end.value:<{_WIDTH}}  {name_of(verdict.ref)}  {excerpt(verdict.note)}"
            )

    def finish(self) -> None:
        """Print what is not printed yet, and on standard error what it adds up to."""
        if self._output == "json":
            documents = [verdict_document(verdict) for verdict in self.verdicts]
            self._print(as_json(documents, indent=2))
        elif self._output == "table" and is_terminal(1):
            self._show_table()
        if self._output in {"table", "ids"}:
            self._sum_up()

    def _print(self, line: str) -> None:
        try:
            put(line)
        except OutputLost:
            if not self._stopping:
                raise

    def _show_table(self) -> None:
        from rich.table import Table

        verdicts = self.verdicts
        if len(verdicts) > _ROWS:
            verdicts = [verdict for verdict in verdicts if verdict.end in _NOTEWORTHY]
        pretty = marks(out())
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for verdict in verdicts[:_ROWS]:
            look = SHOWN[verdict.end]
            mark = look.mark if pretty else look.plain_mark
            table.add_row(
                styled((mark, look.style), " ", (short(name_of(verdict.ref)), "bold")),
                styled((verdict.end.value, look.style)),
                styled(verdict.note),
            )
        if table.row_count:
            draw(table)
        if len(verdicts) > _ROWS:
            say(f"… and {len(verdicts) - _ROWS} more; --output jsonl has all of them", "dim")

    def _sum_up(self) -> None:
        if len(self.verdicts) > 1:
            ends = [verdict.end for verdict in self.verdicts]
            counts = [f"{ends.count(end)} {end.value}" for end in End if end in ends]
            say(f"{plural(len(ends), 'task')}: {', '.join(counts)}", "bold")
        self._tell_how_to_wait()
        self._tell_aftermath()

    def _tell_how_to_wait(self) -> None:
        """Name the command that waits for what was cancelled, and knows that it was.

        Where a status does not tell that a task was cancelled, its receipt does.
        """
        settings, words = self._settings, "cancel --wait" if self._stopping else "wait"
        going_on = [
            verdict
            for verdict in self.verdicts
            if verdict.end is End.REQUESTED or (verdict.end in _NOTEWORTHY and verdict.accepted)
        ]
        refs = [verdict.ref for verdict in going_on]
        receipts = [verdict.receipt for verdict in going_on if _is_told_by_receipt(verdict)]
        if settings.journal is not None:
            if going_on or any(verdict.end is End.UNFINISHED for verdict in self.verdicts):
                say(f"{_MINUTES}; this waits until it is done:")
                _show_command([resuming(settings, settings.journal)])
        elif len(going_on) > _ROWS:
            say(f"{_MINUTES}; this waits for all that is being cancelled there:")
            _show_command(still_canceling(settings, words, refs))
            if receipts:
                say("Of what has ended by then, only receipts tell: next time, add --journal FILE.")
        elif going_on:
            plain = [verdict.ref for verdict in going_on if not _is_told_by_receipt(verdict)]
            if plain:
                say(f"{_MINUTES}; this waits until it is done:")
                _show_command(command_lines(settings, words, plain))
            if receipts:
                say(f"{_MINUTES}; this waits, and tells by the receipt that it was cancelled:")
                _show_command(by_receipts(settings, words, filter(None, receipts)))

    def _tell_aftermath(self) -> None:
        by_aftermath: dict[Aftermath, list[Verdict]] = {}
        for verdict in self.verdicts:
            if verdict.aftermath is not None:
                by_aftermath.setdefault(verdict.aftermath, []).append(verdict)
        for aftermath, verdicts in by_aftermath.items():
            service = kind_of(verdicts[0].ref)
            who = f"{service.title}, {plural(len(verdicts), 'task')}"
            state(("A cancel leaves behind ", "bold"), (f"({who}):", "dim"))
            state(aftermath.summary, indent=2)
            if aftermath.repair:
                state(f"Repair: {aftermath.repair}", indent=2)
                if any("restart" in each.needed_to for each in service.permissions):
                    refs = [verdict.ref for verdict in verdicts]
                    _show_command(command_lines(self._settings, "restart", refs))


def _is_told_by_receipt(verdict: Verdict) -> bool:
    """Say whether it takes a receipt to tell that a task was cancelled, and there is one."""
    return verdict.accepted and not kind_of(verdict.ref).reports_canceled


def _show_command(lines: Iterable[str]) -> None:
    for line in lines:
        say(f"  {line}")
