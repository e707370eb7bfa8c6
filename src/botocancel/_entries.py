"""What a journal of cancels notes: see `botocancel.journal`."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, Union

from botocancel import __version__
from botocancel.effects import Order
from botocancel.errors import BotocancelError, ServiceError, meaning_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from botocancel.effects import Begin, Whereabouts
    from botocancel.journal import Journal
    from botocancel.phases import Phase
    from botocancel.refs import TaskRef
    from botocancel.results import Basis, Cancellation, Certainty

__all__ = [
    "Answered",
    "Asked",
    "Ended",
    "Entry",
    "Failed",
    "Refused",
    "Resumed",
    "asked",
    "journal_at",
    "orders_for",
]


class Asked(NamedTuple):
    """A cancel is about to be asked for."""

    cancel: str
    """The id that all entries of one cancel share."""
    at: datetime
    ref: TaskRef
    reason: str | None = None

    def document(self, where: Whereabouts) -> dict[str, object]:
        """Return what is written of it."""
        ref, place = self.ref, where.place
        return {
            "service": ref.key,
            "task": {
                "id": ref.id,
                "region": ref.region or place.region,
                "account": ref.account,
                "partition": ref.partition or place.partition,
            },
            "place": {
                "account": place.account,
                "region": place.region,
                "partition": place.partition,
            },
            "reason": self.reason,
            **_asker(where),
        }


class Resumed(NamedTuple):
    """Another process is about to bring a cancel to its end that was asked for."""

    cancel: str
    at: datetime
    ref: TaskRef

    def document(self, where: Whereabouts) -> dict[str, object]:
        """Return what is written of it."""
        return _asker(where)


class Answered(NamedTuple):
    """A cancel was answered, and not refused: the receipt."""

    cancel: str
    at: datetime
    receipt: Cancellation

    def document(self, _: Whereabouts) -> dict[str, object]:
        """Return what is written of it."""
        return {"receipt": self.receipt.to_dict()}


class Failed(NamedTuple):
    """A request to cancel failed, or was refused; more may be known later."""

    cancel: str
    at: datetime
    error: BotocancelError

    def document(self, _: Whereabouts) -> dict[str, object]:
        """Return what is written of it."""
        return {"error": _error_document(self.error)}


class Refused(NamedTuple):
    """The cancel was refused for good, as its caller is told: there is no more to do."""

    cancel: str
    at: datetime
    error: BotocancelError

    def document(self, _: Whereabouts) -> dict[str, object]:
        """Return what is written of it."""
        return {"error": _error_document(self.error)}


class Ended(NamedTuple):
    """The task was seen to have ended."""

    cancel: str
    at: datetime
    phase: Phase
    status: str | None
    certainty: Certainty
    basis: Basis

    def document(self, _: Whereabouts) -> dict[str, object]:
        """Return what is written of it."""
        return {
            "phase": self.phase.value,
            "status": self.status,
            "certainty": self.certainty.value,
            "basis": self.basis.value,
        }


Entry: TypeAlias = Union[Asked, Resumed, Answered, Failed, Refused, Ended]  # noqa: UP007  (evaluated early)
"""One line of a journal."""


def orders_for(begin: Begin, at: datetime, *, named: bool) -> dict[TaskRef, Order]:
    """Return the orders of cancels that are asked for, with ids for a journal if `named`."""
    refs, reason = begin
    if not named:
        return {ref: Order((), at, reason) for ref in refs}
    return {ref: Order((secrets.token_hex(8),), at, reason) for ref in refs}


def asked(orders: Mapping[TaskRef, Order]) -> list[Asked]:
    """Return what is to be noted of orders before anything is sent."""
    return [
        Asked(name, order.at, ref, order.reason)
        for ref, order in orders.items()
        for name in order.ids
    ]


def _asker(where: Whereabouts) -> dict[str, object]:
    """Return what is written of who asks."""
    return {"caller": where.caller, "process": os.getpid(), "botocancel": __version__}


def _error_document(error: BotocancelError) -> dict[str, object]:
    """Return what is written of an error: of what the service said, what is safe to print."""
    document: dict[str, object] = {
        "type": meaning_name(type(error)),
        "message": str(error),
        "retryable": error.retryable,
        "may_have_applied": error.may_have_applied,
    }
    if isinstance(error, ServiceError):
        document |= {"code": error.code, "request_id": error.request_id}
    return document


def journal_at(path: str | os.PathLike[str] | None) -> Journal | None:
    """Return the journal in a file; None where there is to be none, so that it is not loaded."""
    if path is None:
        return None
    from botocancel.journal import Journal  # noqa: PLC0415  (few programs keep one)

    return Journal(path)
