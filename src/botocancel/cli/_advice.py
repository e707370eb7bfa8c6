"""Command lines to go on with, which can be pasted into a shell as they are."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Final, TypeAlias

from botocancel.cli._documents import as_json, name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from botocancel import Cancellation, Response, Shape, TaskRef
    from botocancel.cli._settings import Settings

    AnyRef: TypeAlias = TaskRef[Shape, Response]

__all__ = ["by_receipts", "command_lines", "resuming", "still_canceling"]


_PROOF: Final = (
    "receipt",
    "service",
    "task",
    "accepted",
    "phase",
    "attempts",
    "requested_at",
    "answered_at",
    "service_time",
    "botocancel",
)
"""The members of a receipt that are needed to read it and to tell how its task ended."""


def command_lines(settings: Settings, words: str, refs: Sequence[AnyRef]) -> list[str]:
    """Return the lines of a command for tasks, on the same AWS as the command that runs now.

    Args:
        settings: The options of this command.
        words: The command and options of its own, such as ``cancel --wait``.
        refs: The tasks.
    """
    names = [quote(name_of(ref)) for ref in refs]
    return list(_folded(_command(settings, words, settings.regions), names))


def by_receipts(settings: Settings, words: str, receipts: Iterable[Cancellation]) -> list[str]:
    """Return the lines of a command for tasks that it is told of by the receipts of cancels.

    Args:
        settings: The options of this command.
        words: The command and options of its own, such as ``cancel --wait``.
        receipts: The receipts, of which it gets what tells how the task ended.
    """
    papers = [quote(as_json(_proof(receipt), separators=(",", ":"))) for receipt in receipts]
    pipe = f"| {_command(settings, words, settings.regions)} -"
    if len(papers) == 1:
        return [f"printf '%s\\n' {papers[0]} {pipe}"]
    return _folded("printf '%s\\n'", [*papers, pipe])


def resuming(settings: Settings, journal: Path) -> str:
    """Return the line of the command that goes on with the cancels of a journal."""
    return f"{_command(settings, 'resume', ())} {quote(str(journal))}"


def still_canceling(settings: Settings, words: str, refs: Sequence[AnyRef]) -> list[str]:
    """Return the line of a command for whatever is being cancelled where these tasks are."""
    kinds = {f"--kind {ref.key}" for ref in refs}
    regions = {ref.region for ref in refs if ref.region}
    everywhere = "all" in settings.regions
    listing = _command(
        settings,
        " ".join(["ls", "--phase CANCELING", *sorted(kinds), "--output ids"]),
        settings.regions if everywhere else sorted({*settings.regions, *regions}),
    )
    return [f"{listing} | {_command(settings, words, settings.regions)} -"]


def _command(settings: Settings, words: str, regions: Iterable[str]) -> str:
    options = [("--profile", settings.profile), ("--endpoint-url", settings.endpoint_url)]
    options += [("--region", region) for region in regions]
    given = [f"{option} {quote(value)}" for option, value in options if value is not None]
    return " ".join(["botocancel", words, *given])


def _proof(receipt: Cancellation) -> dict[str, object]:
    """Return what of a receipt tells how its task ended."""
    document = receipt.to_dict()
    proof = {name: document[name] for name in _PROOF}
    name = name_of(receipt.ref)
    return proof | {"task": {"id": name}} if name.startswith("arn:") else proof


def _folded(command: str, rest: Sequence[str]) -> list[str]:
    """Return a command in one line if one thing follows, else in a line for each."""
    if len(rest) == 1:
        return [f"{command} {rest[0]}"]
    lines = [command, *(f"  {each}" for each in rest)]
    return [*(f"{line} \\" for line in lines[:-1]), lines[-1]]
