"""Takes out of an answer of AWS what is an account's own, the same way each time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Scrubber"]

_KEPT: Final = frozenset(
    {
        *("DataRepositoryTasks", "TaskId", "Lifecycle", "Type", "ResourceARN", "FileSystemId"),
        *("CreationTime", "StartTime", "EndTime", "LastUpdatedTime", "FailureDetails", "Message"),
        *("Status", "TotalCount", "SucceededCount", "FailedCount", "ReleasedCapacity"),
        *("TaskExecutionArn", "TaskMode", "FilesTransferred", "BytesTransferred", "BytesWritten"),
        *("EstimatedFilesToTransfer", "EstimatedBytesToTransfer", "Result", "PrepareStatus"),
        *("TransferStatus", "VerifyStatus", "ErrorCode", "ErrorDetail"),
        *("message", "errorCode", "datasyncErrorCode"),
    }
)
"""The members that a recording is about; tags, paths, options and reports are not among them."""

_FORMS: Final[Mapping[str, str]] = {
    "bucket": r"(?:s3://|arn:[\w-]+:s3:::)[^\s\"',;]+",
    "principal": r"arn:[\w-]+:(?:iam|sts)::?[^\s\"',;]*",
    "key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "email": r"[\w.+-]+@[\w-]+\.[\w.-]+",
    "uuid": r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",
    "id": r"\b[a-z]+-[0-9a-f]{8,40}\b",
    "account": r"\b\d{12}\b",
    "address": r"\b\d{1,3}(?:\.\d{1,3}){3}\b",
    "path": r"(?<![\w:/.<-])/[\w.@+~/-]*\w",
}
"""What is taken out of texts, the first that fits; the ids of tasks and file systems stay ids."""

_FORM: Final = re.compile("|".join(f"(?P<{name}>{form})" for name, form in _FORMS.items()))


def _numbered(found: str, number: int) -> str:
    prefix, _, digits = found.rpartition("-")
    return f"{prefix}-{number:0{len(digits)}x}"


_REPLACEMENTS: Final[Mapping[str, Callable[[str, int], str]]] = {
    "bucket": lambda _, number: f"s3://bucket-{number}/path",
    "principal": lambda _, number: f"arn:aws:iam::123456789012:user/user-{number}",
    "key": lambda _, number: f"AKIA{number:016}",
    "email": lambda _, number: f"user-{number}@example.com",
    "uuid": lambda _, number: f"00000000-0000-4000-8000-{number:012}",
    "id": _numbered,
    "account": lambda _, number: "123456789012" if number == 1 else f"{number:012}",
    "address": lambda _, number: f"192.0.2.{number}",
    "path": lambda _, number: f"/path-{number}",
}


class Scrubber:
    """Replaces what is an account's own by numbered names, equal things by equal names.

    Args:
        keep: Texts that are made up already.
    """

    def __init__(self, keep: tuple[str, ...] = ()) -> None:
        self._keep = frozenset(keep)
        self._names: dict[tuple[str, str], str] = {}

    def text(self, text: str) -> str:
        """Return a text with nothing of the account's in it, as far as its form tells."""
        return _FORM.sub(lambda found: self._name(found.lastgroup or "", found[0]), text)

    def value(self, value: object) -> object:
        """Return a parsed value, scrubbed, and in what JSON can hold."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, datetime):
            return value.astimezone(UTC).isoformat()
        if isinstance(value, Mapping):
            parts = cast("Mapping[str, object]", value)
            return {name: self.value(part) for name, part in parts.items()}
        if isinstance(value, list | tuple):
            return [self.value(part) for part in cast("list[object]", value)]
        return value

    def answer(self, answer: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
        """Return what is kept of an answer, and the names of the members that are left out."""
        left_out: set[str] = set()
        kept = cast("dict[str, object]", self.value(_selected(answer, left_out)))
        return kept, sorted(left_out)

    def _name(self, kind: str, found: str) -> str:
        if found in self._keep:
            return found
        if (kind, found) not in self._names:
            number = 1 + sum(known == kind for known, _ in self._names)
            self._names[kind, found] = _REPLACEMENTS[kind](found, number)
        return self._names[kind, found]


def _selected(value: object, left_out: set[str]) -> object:
    if isinstance(value, Mapping):
        parts = cast("Mapping[str, object]", value)
        left_out.update(parts.keys() - _KEPT)
        return {name: _selected(parts[name], left_out) for name in parts if name in _KEPT}
    if isinstance(value, list):
        return [_selected(part, left_out) for part in cast("list[object]", value)]
    return value
