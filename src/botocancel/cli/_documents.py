"""What is printed as JSON: stable, and documented in `docs/command-line.md`."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias, cast

import attrs

from botocancel import InvalidInput, ServiceError, task_ref
from botocancel.cli._remedies import reason, remedy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from botocancel import Aftermath, BotocancelError, Response, Shape, TaskRef, TaskSnapshot
    from botocancel.cli._verdicts import Verdict
    from botocancel.identity import DeclaredRef

    AnyRef: TypeAlias = TaskRef[Shape, Response]
    Document: TypeAlias = dict[str, object]

__all__ = [
    "aftermath_document",
    "as_json",
    "identity",
    "meaning_of",
    "name_of",
    "short",
    "task_document",
    "verdict_document",
]


def name_of(ref: AnyRef) -> str:
    """Return what names a task wherever it is: its ARN, or its kind, id and region."""
    return cast("DeclaredRef[Shape, Response]", ref).qualified


def short(name: str) -> str:
    """Return the last part of an ARN, which people tell tasks apart by."""
    return name.rpartition("/")[2]


def identity(ref: AnyRef, snapshot: TaskSnapshot[Shape] | None = None) -> Document:
    """Return what says which task it is; a description may tell more than its id."""
    if snapshot is not None:
        with suppress(InvalidInput):  # a service may describe a task without naming it
            ref = task_ref(snapshot.detail)
    return {
        "id": ref.id,
        "arn": name if (name := name_of(ref)).startswith("arn:") else None,
        "service": ref.key,
        "region": ref.region,
        "account": ref.account,
    }


def task_document(snapshot: TaskSnapshot[Shape]) -> Document:
    """Return a task as it was seen."""
    progress = snapshot.progress
    return {
        **identity(snapshot.ref, snapshot),
        "type": snapshot.type,
        "parent": snapshot.parent,
        "phase": snapshot.phase,
        "status": snapshot.status,
        "progress": {**attrs.asdict(progress), "fraction": progress.fraction},
        "created_at": snapshot.created_at,
        "started_at": snapshot.started_at,
        "ended_at": snapshot.ended_at,
        "failure": snapshot.failure,
        "certainty": snapshot.certainty,
        "basis": snapshot.basis,
    }


def verdict_document(verdict: Verdict) -> Document:
    """Return what became of a task."""
    snapshot, aftermath, error = verdict.snapshot, verdict.aftermath, verdict.error
    return {
        **identity(verdict.ref, snapshot),
        "result": verdict.end,
        "message": verdict.note,
        "accepted": verdict.accepted,
        "certainty": verdict.certainty,
        "basis": verdict.basis,
        "cause": verdict.cause,
        "requested_at": verdict.requested_at,
        "cancels": verdict.cancels,
        "elapsed": verdict.elapsed,
        "task": None if snapshot is None else task_document(snapshot),
        "aftermath": None if aftermath is None else aftermath_document(aftermath),
        "error": None if error is None else _error_document(error),
        "receipt": None if verdict.receipt is None else verdict.receipt.to_dict(),
    }


def aftermath_document(aftermath: Aftermath) -> Document:
    """Return what a cancel leaves behind."""
    return attrs.asdict(aftermath)


def as_json(
    document: Mapping[str, object] | Iterable[object],
    *,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
) -> str:
    """Return a document as JSON: instants as in ISO 8601, enums by their values.

    All but printable ASCII is escaped, so no text in it acts on a terminal or fails to be encoded.
    """
    text = json.dumps(document, default=_plain, indent=indent, separators=separators)
    return text.replace("\x7f", r"\u007f")


def _error_document(error: BotocancelError) -> Document:
    document: Document = {
        "type": meaning_of(type(error)),
        "message": reason(error),
        "remedy": remedy(error),
        "retryable": error.retryable,
        "code": None,
        "request_id": None,
    }
    if isinstance(error, ServiceError):
        document |= {"code": error.code, "request_id": error.request_id}
    return document


def meaning_of(kind: type[BotocancelError]) -> str:
    """Return the name of the semantic class that an error is one of."""
    own = (each.__name__ for each in kind.__mro__ if each.__module__ == "botocancel.errors")
    return next(own)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return cast("object", value.value)
    msg = f"{type(value).__name__} has no form in JSON"
    raise TypeError(msg)
