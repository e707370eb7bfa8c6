"""``botocancel show``: everything about one task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocancel import Basis, BotocancelError
from botocancel.cli._command import operator_command
from botocancel.cli._descriptions import described
from botocancel.cli._documents import aftermath_document, as_json, name_of, task_document
from botocancel.cli._durations import instant, spoken
from botocancel.cli._naming import named_tasks, task_arguments
from botocancel.cli._session import client_for
from botocancel.cli._streams import put
from botocancel.cli._verdicts import doubt
from botocancel.services import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from botocancel import Aftermath, Cancellation, Progress, Shape, TaskSnapshot
    from botocancel.cli._settings import Settings

__all__ = ["command"]

_KIB: Final = 1024.0
_UNITS: Final = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


@operator_command(
    "botocancel show task-0123456789abcdef0",
    "botocancel show exec-0123456789abcdef0 --region eu-west-1 --output json",
    without=["poll"],
)
@task_arguments
def command(settings: Settings, *, ids: tuple[str, ...], files: tuple[str, ...]) -> None:
    """Show a task, and what a cancel of it would leave behind.

    An ID is an AWS id or ARN, or the name that 'botocancel ls' shows. With the receipt of its
    cancel, it shows whether a task that has ended was cancelled.
    """
    for number, named in enumerate(named_tasks(settings, ids, files)):
        client = client_for(settings, [named.ref])
        [task] = described(client, [named])
        if isinstance(task, BotocancelError):
            raise task
        aftermath = None if task.phase.terminal else kind_of(task.ref).aftermath(task.detail)
        match settings.output:
            case "ids":
                put(name_of(task.ref))
            case "table":
                if number:
                    put("")
                _draw(task, named.receipt, aftermath)
            case form:
                document = {
                    **task_document(task),
                    "if_canceled": None if aftermath is None else aftermath_document(aftermath),
                    "detail": task.detail.to_wire(),
                }
                put(as_json(document, indent=2 if form == "json" else None))


def _draw(
    task: TaskSnapshot[Shape], receipt: Cancellation | None, aftermath: Aftermath | None
) -> None:
    from rich.table import Table

    from botocancel.cli._screen import PHASE_STYLES, bar, draw, marks, out, styled

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in _facts(task, receipt):
        table.add_row(label, styled((value, PHASE_STYLES[task.phase] if label == "phase" else "")))
    if task.progress.fraction is not None:
        table.add_row("progress", bar(task.progress, 20, pretty=marks(out())))
    for label, value in _amounts(task.progress):
        table.add_row(label, styled(value))
    if aftermath is not None:
        table.add_row("if cancelled", styled(aftermath.summary))
        if aftermath.repair:
            table.add_row("repair", styled(aftermath.repair))
    draw(table)


def _facts(task: TaskSnapshot[Shape], receipt: Cancellation | None) -> Iterator[tuple[str, str]]:
    ref = task.ref
    places = (ref.region, ref.account and f"account {ref.account}")
    facts = {
        "task": name_of(ref),
        "service": kind_of(ref).title,
        "where": ", ".join(place for place in places if place),
        "type": task.type,
        "source": task.parent,
        "phase": _phase(task),
        "cancel": None if receipt is None else _cancel(receipt),
        "created": _instant(task.created_at),
        "started": _instant(task.started_at),
        "ended": _instant(task.ended_at),
        "took": _took(task),
        "failure": task.failure,
    }
    return ((label, value) for label, value in facts.items() if value)


def _phase(task: TaskSnapshot[Shape]) -> str:
    phase, uncertain = f"{task.phase.value} ({task.status})", doubt(task)
    if task.basis is Basis.RECEIPT:
        return f"{phase}: inferred from the receipt of its cancel"
    return f"{phase}: it failed, or was cancelled; {uncertain}" if uncertain else phase


def _cancel(receipt: Cancellation) -> str:
    taken = "accepted" if receipt.accepted else "perhaps accepted"
    why = f": {receipt.reason}" if receipt.reason else ""
    return f"{taken} at {instant(receipt.answered_at)}{why}"


def _amounts(progress: Progress) -> Iterator[tuple[str, str]]:
    if progress.done is not None:
        of = "" if not progress.total else f" of {progress.total:,}"
        yield progress.unit or "done", f"{progress.done:,}{of}"
    if progress.bytes_done is not None:
        of = "" if not progress.bytes_total else f" of {_size(progress.bytes_total)}"
        yield "bytes", f"{_size(progress.bytes_done)}{of}"


def _instant(value: datetime | None) -> str | None:
    return None if value is None else instant(value)


def _took(task: TaskSnapshot[Shape]) -> str | None:
    if task.created_at is None or task.ended_at is None:
        return None
    return spoken((task.ended_at - task.created_at).total_seconds())


def _size(number: float) -> str:
    for unit in _UNITS[:-1]:
        if number < _KIB:
            return f"{number:.4g} {unit}"
        number /= _KIB
    return f"{number:.4g} {_UNITS[-1]}"
