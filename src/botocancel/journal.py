"""A journal of cancels: what was asked for is on disk before it is asked, and then its answer.

A file of JSON, one entry a line. It is only ever appended to, by any number of processes.
Each entry begins and ends with a line break, so one that was cut short by the end of its
process spoils no other.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from botocancel._entries import Answered, Asked, Ended, Entry, Failed, Refused, Resumed
from botocancel._fork import let_go_after_fork
from botocancel._receipts import read_receipt, ref_from
from botocancel.effects import Whereabouts
from botocancel.errors import JournalError
from botocancel.phases import Phase
from botocancel.results import Basis, Cancellation, Certainty, TaskPlace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from botocancel.refs import TaskRef

__all__ = [
    "Answered",
    "Asked",
    "Ended",
    "Entry",
    "Failed",
    "Journal",
    "JournaledCancel",
    "JournaledEnd",
    "JournaledFailure",
    "Refused",
    "Resumed",
    "read",
    "unfinished",
]

_logger = logging.getLogger(__name__)

_FORM: Final = 1
"""The number of the form that entries have."""
_FIRST: Final = (Asked, Resumed)
"""Entries that are on disk before a request is sent; they say who sends it."""
_OWNER_ONLY: Final = 0o600


class Journal:
    """Appends entries to a file, which is made with the first one, for its owner alone.

    Safe for threads and processes at once. Threads that wait for the disk wait for it together.

    Args:
        path: The file.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path: Path = Path(path)
        self.let_go()
        let_go_after_fork(self)

    def let_go(self) -> None:
        """Open the file anew, in a forked child."""
        self._file: int | None = None
        self._writing = threading.Lock()
        self._syncing = threading.Lock()
        self._written = 0
        self._synced = 0

    def prepare(self) -> None:
        """Make the file if there is none, so that it is known that it can be written.

        Raises:
            JournalError: It cannot.
        """
        try:
            with self._writing:
                self._opened()
        except OSError as error:
            raise JournalError(self._fault(error)) from error

    def record(self, entries: Sequence[Entry], locate: Callable[[TaskRef], Whereabouts]) -> None:
        """Append entries; return when those that have to be are on disk.

        What came of a request that was sent is not lost because it cannot be written: then
        that is logged.

        Args:
            entries: What to write, in this order.
            locate: Says where a task is, and who asks.

        Raises:
            JournalError: What has to be on disk cannot be written.
        """
        if not entries:
            return
        is_durable = any(isinstance(entry, _FIRST) for entry in entries)
        try:
            number = self._append("".join([_line(entry, locate) for entry in entries]).encode())
            if is_durable:
                self._sync(number)
        except OSError as error:
            msg = self._fault(error)
            if is_durable:
                msg += "; so nothing was sent"
                raise JournalError(msg) from error
            _logger.error("%s", msg)  # noqa: TRY400  (the message has all there is to say)

    def _append(self, content: bytes) -> int:
        with self._writing:
            file = self._opened()
            while content:
                content = content[os.write(file, content) :]
            self._written += 1
            return self._written

    def _opened(self) -> int:
        if self._file is None:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
            self._file = os.open(self.path, flags, _OWNER_ONLY)
            _sync_folder(self.path.parent)
        return self._file

    def _fault(self, error: OSError) -> str:
        return f"the journal {self.path} cannot be written: {error.strerror or error}"

    def _sync(self, number: int) -> None:
        """Wait until what was appended is on disk; one wait serves all that wait meanwhile."""
        with self._syncing:
            if self._synced < number:
                written = self._written
                os.fsync(cast("int", self._file))
                self._synced = written

    def __del__(self) -> None:
        if self._file is not None:
            os.close(self._file)


def _name(kind: type[Entry]) -> str:
    return kind.__name__.lower()


def _line(entry: Entry, locate: Callable[[TaskRef], Whereabouts]) -> str:
    where = locate(entry.ref) if isinstance(entry, _FIRST) else Whereabouts(TaskPlace(), None)
    document = {
        "journal": _FORM,
        "entry": _name(type(entry)),
        "cancel": entry.cancel,
        "at": entry.at.isoformat(),
        **entry.document(where),
    }
    return f"\n{json.dumps(document, separators=(',', ':'))}\n"


def _sync_folder(folder: Path) -> None:
    """Have the file's name on disk too, where folders can be opened."""
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@attrs.frozen(kw_only=True)
class JournaledFailure:
    """What a request to cancel met, as a journal has it."""

    at: datetime
    type: str
    """The name of the semantic class of the error, such as ``Throttled``."""
    message: str
    code: str | None = None
    """AWS's code, where AWS refused."""
    request_id: str | None = None
    retryable: bool = False
    may_have_applied: bool
    """Whether the cancel may have taken effect all the same."""


@attrs.frozen(kw_only=True)
class JournaledEnd:
    """How a task was seen to have ended, as a journal has it."""

    at: datetime
    phase: Phase
    status: str | None
    """The status in the service's own words."""
    certainty: Certainty
    basis: Basis


@attrs.define(kw_only=True)
class JournaledCancel:
    """What a journal says of one cancel."""

    ids: tuple[str, ...]
    """By which its entries name it; several where several cancels of one task are taken as one."""
    ref: TaskRef
    asked_at: datetime
    reason: str | None
    receipt: Cancellation | None = None
    """That of the last cancel that was answered."""
    failure: JournaledFailure | None = None
    """What the last request that failed met; None if a later one did not fail."""
    refused: bool = False
    """Whether it was refused for good, as its caller was told; `failure` says how."""
    ended: JournaledEnd | None = None
    """How the task ended; None where that is not known."""

    @property
    def is_open(self) -> bool:
        """Whether it is not known how it came out: it was neither refused nor seen to end."""
        return self.ended is None and not self.refused

    @property
    def lost(self) -> bool:
        """Whether a request may have taken effect of which no answer is known.

        After each entry another one may have left, unless one was accepted.
        """
        return self.receipt is None or not self.receipt.accepted


def read(path: str | os.PathLike[str]) -> tuple[list[JournaledCancel], int]:
    """Read a journal.

    Returns:
        The cancels that were asked for, in that order, and the number of lines that cannot be
        read: what was being written when a process ended.

    Raises:
        JournalError: The file cannot be read.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        msg = f"the journal {path} cannot be read: {error.strerror or error}"
        raise JournalError(msg) from error
    return cancels_in(content)


def cancels_in(content: bytes) -> tuple[list[JournaledCancel], int]:
    """Return the cancels in the content of a journal, and the number of unreadable lines."""
    cancels: dict[object, JournaledCancel] = {}
    unreadable = 0
    for line in filter(bytes.strip, content.split(b"\n")):
        try:
            _take(json.loads(line), cancels)
        except (ValueError, KeyError, TypeError):
            unreadable += 1
    return list(cancels.values()), unreadable


def unfinished(cancels: Iterable[JournaledCancel]) -> list[JournaledCancel]:
    """Return the cancels that are to be brought to their end, one for each task.

    The receipt of an earlier cancel of the task counts too.
    """
    receipts: dict[TaskRef, Cancellation] = {}
    going: dict[TaskRef, JournaledCancel] = {}
    for cancel in cancels:
        receipt = cancel.receipt
        if receipt is not None and (receipt.accepted or cancel.ref not in receipts):
            receipts[cancel.ref] = receipt
        if cancel.is_open:
            before = going.get(cancel.ref)
            ids = (*before.ids, *cancel.ids) if before else cancel.ids
            going[cancel.ref] = attrs.evolve(cancel, ids=ids)
    return [attrs.evolve(each, receipt=receipts.get(ref)) for ref, each in going.items()]


def _take(entry: Mapping[str, object], cancels: dict[object, JournaledCancel]) -> None:
    """Take note of an entry; of one that a later version writes, there is nothing to note.

    Raises:
        ValueError, KeyError, TypeError: It is none.
    """
    name, number = entry["entry"], entry["cancel"]
    at = datetime.fromisoformat(cast("str", entry["at"]))
    if name == _name(Asked):
        cancels[number] = JournaledCancel(
            ids=(str(number),),
            ref=ref_from(entry),
            asked_at=at,
            reason=cast("str | None", entry.get("reason")),
        )
        return
    cancel = cancels[number]
    if name == _name(Answered):
        cancel.receipt = read_receipt(cast("Mapping[str, object]", entry["receipt"]))
        cancel.failure = None
        cancel.refused = cancel.refused and not cancel.receipt.accepted
    elif name in {_name(Failed), _name(Refused)}:
        cancel.failure = _failure(at, cast("Mapping[str, Any]", entry["error"]))
        cancel.refused = cancel.refused or name == _name(Refused)
    elif name == _name(Ended):
        cancel.ended = _end(at, cast("Mapping[str, Any]", entry))


def _failure(at: datetime, error: Mapping[str, Any]) -> JournaledFailure:
    return JournaledFailure(
        at=at,
        type=error["type"],
        message=error["message"],
        code=error.get("code"),
        request_id=error.get("request_id"),
        retryable=error["retryable"],
        may_have_applied=error["may_have_applied"],
    )


def _end(at: datetime, entry: Mapping[str, Any]) -> JournaledEnd:
    return JournaledEnd(
        at=at,
        phase=Phase(entry["phase"]),
        status=entry["status"],
        certainty=Certainty(entry["certainty"]),
        basis=Basis(entry["basis"]),
    )
