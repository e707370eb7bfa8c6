"""Tasks that are named: by ids on the command line, and by ids or receipts in what is read."""

from __future__ import annotations

import codecs
import re
import sys
from json import JSONDecoder
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import attrs
import click

from botocancel import Cancellation, InvalidInput, task_ref
from botocancel._receipts import ref_from
from botocancel.cli._documents import short
from botocancel.cli._selection import Filters, Listing, listed
from botocancel.services import all_kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from botocancel import Response, Shape, TaskRef
    from botocancel.cli._settings import Settings

    AnyRef: TypeAlias = TaskRef[Shape, Response]

__all__ = ["Named", "named_tasks", "task_arguments"]

_LONGEST_INPUT: Final = 64 << 20
"""In bytes: half a million ARNs."""
_SPACE: Final = re.compile(r"\s*")
_LINE: Final = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]*")
_NO_TASK: Final = (
    "it is JSON that names no task: expected a receipt, a line of "
    "'botocancel ls' or 'cancel' with --output jsonl, or a line of a journal"
)


@attrs.frozen
class Named:
    """A task that was named, with the receipt of its cancel if that is how."""

    ref: AnyRef
    receipt: Cancellation | None = None

    @property
    def weight(self) -> tuple[bool, bool, float]:
        """Which one counts where a task is named twice: that of the last accepted cancel."""
        receipt = self.receipt
        if receipt is None:
            return (False, False, 0.0)
        return (True, receipt.accepted, receipt.requested_at.timestamp())


def task_arguments(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Give a command the arguments that name tasks: ``ids`` and ``files``."""
    file = click.option(
        "-f",
        "--file",
        "files",
        multiple=True,
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False, allow_dash=True),
        help="Read tasks from FILE, as '-' does from standard input: ids, receipts, or JSON.",
    )
    return click.argument("ids", nargs=-1, metavar="[ID|-]...")(file(function))


def named_tasks(settings: Settings, texts: Sequence[str], files: Sequence[str] = ()) -> list[Named]:
    """Return the tasks that are named, each once.

    Args:
        settings: The options.
        texts: Ids; ``-`` stands for what standard input holds: ids, one a line, or JSON with
            receipts or with ids in it. The last part of an ARN, as `botocancel ls` shows it, is
            looked up.
        files: Files that hold the same; ``-`` is standard input.

    Raises:
        UsageError: None is asked for, something is no id, or names no task there is.
    """
    if not texts and not files:
        msg = "say which tasks: by id, by '-' for those on standard input, or by --file"
        raise click.UsageError(msg)
    entries = [*_entries(texts, files)]
    refs = _refs(settings, [entry for entry in entries if isinstance(entry, str)])
    tasks: dict[tuple[str, str, str | None], Named] = {}
    for entry in entries:
        task = Named(refs[entry]) if isinstance(entry, str) else entry
        key = (task.ref.key, task.ref.id, task.ref.region)
        tasks[key] = max(tasks.get(key, task), task, key=lambda each: each.weight)
    placed = {(service, id_) for service, id_, region in tasks if region is not None}
    return [
        task
        for (service, id_, region), task in tasks.items()
        if region is not None or (service, id_) not in placed
    ]


def _entries(texts: Iterable[str], files: Iterable[str]) -> Iterator[str | Named]:
    for text in texts:
        if text == "-":
            yield from _in_text(_content("-"), "standard input")
        else:
            yield text
    for file in files:
        yield from _in_text(_content(file), "standard input" if file == "-" else file)


def _content(file: str) -> str:
    """Return what a file holds, or standard input.

    Raises:
        UsageError: It cannot be read, or holds more than any list of tasks.
    """
    source = "standard input" if file == "-" else file
    try:
        if file == "-":
            data = sys.stdin.buffer.read(_LONGEST_INPUT + 1)
        else:
            with open(file, "rb") as stream:  # noqa: PTH123  (it may be a pipe of the shell's)
                data = stream.read(_LONGEST_INPUT + 1)
    except OSError as error:
        msg = f"{source} cannot be read: {error.strerror}"
        raise click.UsageError(msg) from error
    if len(data) > _LONGEST_INPUT:
        msg = f"{source} holds more than {_LONGEST_INPUT >> 20} MiB, which is no list of tasks"
        raise click.UsageError(msg)
    utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # of PowerShell
    return data.decode("utf-16" if utf_16 else "utf-8-sig", errors="replace")


def _in_text(text: str, source: str) -> Iterator[str | Named]:
    """Return the tasks in a text: ids, one a line, and JSON, on one line or on several.

    Raises:
        UsageError: There is JSON that cannot be read, or names no task.
    """
    decoder, at = JSONDecoder(), 0
    while (at := _end(_SPACE, text, at)) < len(text):
        if text[at] not in '{["':
            end = _end(_LINE, text, at)
            yield text[at:end].rstrip()
            at = end
            continue
        try:
            document, end = decoder.raw_decode(text, at)
            found = [*_in_document(document)]
        except InvalidInput as error:
            msg = f"{_place(text, at, source)}: {error}"
            raise click.UsageError(msg) from error
        except (ValueError, RecursionError) as error:
            msg = (
                f"{_place(text, at, source)} begins as JSON does, but is cut short or broken; "
                "a journal that was cut short is for 'botocancel resume'"
            )
            raise click.UsageError(msg) from error
        yield from found
        at = end


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return at if match is None else match.end()


def _place(text: str, at: int, source: str) -> str:
    line = text.count("\n", 0, at) + 1
    return f"line {line} of {source}"


def _in_document(document: object) -> Iterator[str | Named]:
    """Return the tasks that a JSON value names.

    Raises:
        InvalidInput: It names none, or has a receipt that cannot be read.
    """
    match document:
        case str():
            yield document
        case list():
            for number, each in enumerate(cast("list[object]", document), 1):
                try:
                    yield from _in_document(each)
                except InvalidInput as error:
                    msg = f"entry {number} of the list: {error}"
                    raise InvalidInput(msg) from error
        case dict():
            yield from _in_members(cast("dict[str, object]", document))
        case _:
            raise InvalidInput(_NO_TASK)


def _in_members(document: dict[str, object]) -> Iterator[Named]:
    match document:
        case {"receipt": dict()}:
            yield _receipted(cast("dict[str, object]", document["receipt"]))
        case {"receipt": form} if form is not None:
            yield _receipted(document)
        case {"journal": int(), "entry": "asked"}:
            yield Named(ref_from(document))
        case {"journal": int()}:  # what came of a cancel that another line names
            return
        case {"service": str(service), "id": str(id_)}:
            task = {name: document.get(name) for name in ("region", "account")}
            task["id"] = document.get("arn") or id_
            yield Named(ref_from({"service": service, "task": task}))
        case _:
            raise InvalidInput(_NO_TASK)


def _receipted(document: dict[str, object]) -> Named:
    receipt = Cancellation.from_dict(document)
    return Named(receipt.located_ref, receipt)


def _refs(settings: Settings, names: Sequence[str]) -> dict[str, AnyRef]:
    """Return the tasks of these ids.

    Raises:
        UsageError: Something is no id, or names no task there is.
    """
    names = list(dict.fromkeys(names))
    refs: dict[str, AnyRef] = {}
    faults: list[str] = []
    for name in names:
        try:
            refs[name] = task_ref(name)
        except InvalidInput as error:
            if not _is_short(name):
                faults.append(str(error))
    if not faults:
        refs |= _looked_up(settings, [name for name in names if name not in refs])
        faults = [
            f"there is no task {name} where was looked; name it by its ARN"
            for name in names
            if name not in refs
        ]
    if faults:
        more = f" (and {len(faults) - 1} more such)" if len(faults) > 1 else ""
        raise click.UsageError(faults[0] + more)
    return refs


def _is_short(text: str) -> bool:
    return not set(text) & set("/: \t") and any(
        text.startswith(short(service.ref_type.example).partition("-")[0] + "-")
        and short(service.ref_type.example) != service.ref_type.example
        for service in all_kinds()
    )


def _looked_up(settings: Settings, names: Sequence[str]) -> dict[str, AnyRef]:
    """Return the tasks of these short names: first of what is running, then of all there is."""
    found: dict[str, AnyRef] = {}
    listing = Listing()
    for filters in (Filters(), Filters(ended=True)):
        if found.keys() >= set(names):
            break
        listing = listed(settings, filters)
        found = {short(each.ref.id): each.ref for each in listing.found}
    if not found.keys() >= set(names):
        listing.tell_gaps()  # what is missing may be there
    return {name: found[name] for name in names if name in found}
