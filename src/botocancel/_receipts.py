"""Receipts of cancels, read from plain data."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, TypeVar, cast

import attrs

from botocancel import services
from botocancel._plain import from_plain
from botocancel.errors import InvalidInput
from botocancel.model import WireError
from botocancel.phases import Phase
from botocancel.results import Aftermath, Cancellation, Fate, TaskPlace
from botocancel.results.cancellations import FORM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocancel.refs import TaskRef

__all__ = ["read_receipt", "ref_from"]

ValueT = TypeVar("ValueT")

_REPAIRS: Final[Mapping[str | None, Literal["redrive", "restart"]]] = {
    "redrive": "redrive",
    "restart": "restart",
}
"""The repairs that are known; a later version may know more."""

_IN_FORM_1: Final[Mapping[str, str]] = {
    "completed_files": "done",
    "files_in_flight": "in_flight",
    "remaining_files": "to_come",
}
"""What the first form calls members of an aftermath: it knew work on files only."""


def read_receipt(document: Mapping[str, object]) -> Cancellation:
    """Read what `Cancellation.to_dict` of this or an earlier version returned.

    Raises:
        InvalidInput: It is no receipt, or one of a later form, or of an unknown service.
    """
    form = document.get("receipt")
    if not isinstance(form, int) or form < 1:
        msg = f"not a receipt of a cancel: its 'receipt' is {form!r}, not a number from 1 to {FORM}"
        raise InvalidInput(msg)
    if form > FORM:
        msg = (
            f"the receipt has form {form}, and this version of botocancel reads forms up to "
            f"{FORM}; install a newer one"
        )
        raise InvalidInput(msg)
    ref = ref_from(document)
    service = services.kind_of(ref)
    response = _of(document, "response", dict[str, object])
    response_type = service.cancel_request(ref).response_type
    try:
        wire = cast("dict[str, object]", from_plain(response, response_type))
        answer = None if response is None else response_type.from_wire(wire)
    except WireError as error:
        msg = f"not a receipt of a cancel: its 'response' cannot be read: {error}"
        raise InvalidInput(msg) from error
    left = _of(document, "aftermath", dict[str, object])
    return Cancellation(
        ref=ref,
        accepted=_needed(document, "accepted", bool),
        phase=_phase(_needed(document, "phase", str)),
        status=_of(document, "status", str),
        response=answer,
        attempts=_needed(document, "attempts", int),
        aftermath=service.aftermath(None) if left is None else _aftermath(left, form),
        requested_at=_instant(_needed(document, "requested_at", str)),
        answered_at=_instant(_needed(document, "answered_at", str)),
        service_time=_perhaps_instant(_of(document, "service_time", str)),
        request_ids=tuple(_of(document, "request_ids", list[str]) or ()),
        place=_place(_of(document, "place", dict[str, object]) or {}),
        caller=_of(document, "caller", str),
        reason=_of(document, "reason", str),
        version=_needed(document, "botocancel", str),
    )


def ref_from(document: Mapping[str, object]) -> TaskRef:
    """Return the task that a document names, by its ``service`` and its ``task``.

    Raises:
        InvalidInput: It names none.
    """
    service = services.kind_named(_needed(document, "service", str))
    task = _needed(document, "task", dict[str, object])
    ref: TaskRef = service.ref_type.parse(_needed(task, "id", str))
    place = {name: _of(task, name, str) for name in ("region", "account", "partition")}
    missing = {
        name: value
        for name, value in place.items()
        if value is not None and getattr(ref, name) is None
    }
    return attrs.evolve(ref, **missing) if missing else ref


def _of(document: Mapping[str, object], name: str, kind: type[ValueT]) -> ValueT | None:
    value = document.get(name)
    plain = getattr(kind, "__origin__", kind)
    if value is None or isinstance(value, plain):
        return cast("ValueT | None", value)
    msg = f"not a receipt of a cancel: its {name!r} is {type(value).__name__}, not {plain.__name__}"
    raise InvalidInput(msg)


def _needed(document: Mapping[str, object], name: str, kind: type[ValueT]) -> ValueT:
    value = _of(document, name, kind)
    if value is None:
        msg = f"not a receipt of a cancel: it lacks {name!r}"
        raise InvalidInput(msg)
    return value


def _phase(text: str) -> Phase:
    return Phase.__members__.get(text, Phase.UNKNOWN)


def _fate(text: str | None) -> Fate:
    return next((fate for fate in Fate if fate == text), Fate.UNDOCUMENTED)


def _instant(text: str) -> datetime:
    try:
        value = datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"not a receipt of a cancel: {text!r} is no instant as in ISO 8601"
        raise InvalidInput(msg) from error
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


def _perhaps_instant(text: str | None) -> datetime | None:
    return None if text is None else _instant(text)


def _place(document: Mapping[str, object]) -> TaskPlace:
    return TaskPlace(
        account=_of(document, "account", str),
        region=_of(document, "region", str),
        partition=_of(document, "partition", str),
    )


def _aftermath(document: Mapping[str, object], form: int) -> Aftermath:
    if form == 1:
        document = {_IN_FORM_1.get(name, name): value for name, value in document.items()}
    children = _of(document, "children", str)
    return Aftermath(
        done=_fate(_needed(document, "done", str)),
        in_flight=_fate(_needed(document, "in_flight", str)),
        to_come=_fate(_needed(document, "to_come", str)),
        children=None if children is None else _fate(children),
        output=_fate(_of(document, "output", str)),
        may_be_inconsistent=bool(_of(document, "may_be_inconsistent", bool)),
        billed=_of(document, "billed", str),
        summary=_needed(document, "summary", str),
        repair=_of(document, "repair", str),
        repair_by=_REPAIRS.get(_of(document, "repair_by", str)),
        source=_needed(document, "source", str),
    )
