"""The kinds of faults, and how each is brought about."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final, cast

import attrs

from botocancel.services._simulator import SimulatedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocancel.services._simulator import AnySimulator, Conditions, Purpose
    from botocancel.testing.faults import Fault
    from botocancel.testing.wire import HttpAnswer

__all__ = ["KINDS", "ConnectionLost", "FaultKind", "GarbageAnswered", "Kind"]


class FaultKind(enum.StrEnum):
    """What goes wrong. The parameters of `Fault` that a kind takes are named with it."""

    THROTTLE = "throttle"
    """``ThrottlingException``, HTTP 400 (`message`)."""
    INTERNAL_ERROR = "internal error"
    """The service's own error of the kind, HTTP 500 (`message`, `late`)."""
    UNAVAILABLE = "unavailable"
    """``ServiceUnavailable``, HTTP 503 (`message`)."""
    ERROR = "error"
    """Any error at all (`code`, `message`, `http_status`, `members`, `late`)."""
    LOST_REQUEST = "lost request"
    """The connection breaks before the service has the request (`timed_out`)."""
    LOST_ANSWER = "lost answer"
    """The connection breaks after the request took effect (`timed_out`)."""
    SLOW = "slow"
    """Simulated time passes, after the request takes effect unless not `late` (`seconds`)."""
    GARBAGE = "garbage"
    """Something else answers, or the answer is broken (`body`, `http_status`, `late`)."""
    FOREIGN_CONTENT = "foreign content"
    """The request takes effect; the answer has another body, HTTP status and content type: a
    page of HTML and 200 unless said otherwise (`body`, `http_status`, `headers`)."""
    CUT_BODY = "cut body"
    """The request takes effect; the body of the answer, or of the refusal, ends before its
    ``Content-Length`` (`received`)."""
    DRIPPING = "dripping"
    """The request takes effect; each byte of the answer takes `seconds`. In process that is
    simulated time, over HTTP real time as well."""
    UNKNOWN_STATUS = "unknown status"
    """Every status in the answer reads `value`."""
    STALE_READ = "stale read"
    """A describe or list sees every task as it was `seconds` ago."""
    NOT_FOUND_AT_FIRST = "not found at first"
    """No cancel, describe or list finds a task made less than `seconds` ago."""
    WRONG_TASK = "wrong task"
    """The answer to a describe or list is that about another task, `other` or any; that to a
    cancel, which takes effect, names it."""
    REPEATED_TOKEN = "repeated token"  # noqa: S105  (a page's)
    """A list leads from its first page to the first page, by `tokens` tokens in turn: by one,
    A, A, A, unless said otherwise; by two, A, B, A."""
    ENDS_FIRST = "ends first"
    """The task ends in the same instant, just before the request is handled (`ending`)."""
    IGNORED_CANCEL = "ignored cancel"
    """The cancel is accepted, and nothing comes of it."""
    REPLACED_MEMBER = "replaced member"
    """`member` is left out, or called `new_name`; `members` are added to the answer."""
    MISSING_MEMBER = "missing member"
    """The answer is empty: the operation's list, or the id of the task, is missing."""
    ODD_ITEM = "odd item"
    """In the first list of the answer, the first item lacks `member`, or has `members`."""
    FAILED_REFRESH = "failed refresh"
    """A session cannot renew its credentials, of those whose credentials expire (`message`)."""


class ConnectionLost(Exception):
    """No answer arrives.

    Args:
        timed_out: Whether it was waited for in vain; else the connection was closed.
    """

    def __init__(self, *, timed_out: bool) -> None:
        super().__init__("read timeout" if timed_out else "connection closed")
        self.timed_out = timed_out


class GarbageAnswered(Exception):
    """What arrives is no answer of the service.

    Args:
        http_status: HTTP status of what arrives.
        body: What arrives.
    """

    def __init__(self, http_status: int, body: str) -> None:
        super().__init__(http_status, body)
        self.http_status = http_status
        self.body = body


@attrs.frozen(kw_only=True)
class Kind:
    """A row of the table of kinds: how a fault is brought about, at one of these points."""

    takes: frozenset[str] = frozenset()
    """The parameters that mean something."""
    needs: frozenset[str] = frozenset()
    purposes: tuple[Purpose, ...] = ("cancel", "read", "other")
    """What the operations are for that it makes sense for; none where it strikes no request."""
    late: bool = False
    bend: Callable[[Fault, Conditions], Conditions] | None = None
    """Makes what the service itself does oddly."""
    disrupt: Callable[[Fault, AnySimulator], Exception] | None = None
    """Makes what takes the place of the service's answer."""
    replace: Callable[[Fault, dict[str, object]], dict[str, object]] | None = None
    """Makes another answer of the service's, by AWS names."""
    spoil: Callable[[Fault, HttpAnswer], HttpAnswer] | None = None
    """Makes what arrives of the HTTP answer."""


def _throttled(fault: Fault, _: AnySimulator) -> Exception:
    return SimulatedError("ThrottlingException", fault.message or "Rate exceeded")


def _failed(fault: Fault, simulator: AnySimulator) -> Exception:
    return simulator.internal_error(fault.message or "An internal error has occurred.")


def _unavailable(fault: Fault, _: AnySimulator) -> Exception:
    return SimulatedError("ServiceUnavailable", fault.message or "Service unavailable", 503)


def _error(fault: Fault, _: AnySimulator) -> Exception:
    return SimulatedError(fault.code or "", fault.message, fault.http_status or 400, fault.members)


def _lost(fault: Fault, _: AnySimulator) -> Exception:
    return ConnectionLost(timed_out=bool(fault.timed_out))


def _garbled(fault: Fault, _: AnySimulator) -> Exception:
    return GarbageAnswered(fault.http_status or 200, fault.body or "")


_PAGE: Final = "<html><body>Please log in.</body></html>"


def _in_other_content(fault: Fault, answer: HttpAnswer) -> HttpAnswer:
    body = (_PAGE if fault.body is None else fault.body).encode()
    headers = {
        **answer.headers,
        "content-type": "text/html",
        "content-length": str(len(body)),
        **{name.lower(): value for name, value in (fault.headers or {}).items()},
    }
    return attrs.evolve(answer, status=fault.http_status or 200, headers=headers, body=body)


def _cut(fault: Fault, answer: HttpAnswer) -> HttpAnswer:
    received = len(answer.body) // 2 if fault.received is None else fault.received
    return attrs.evolve(answer, body=answer.body[:received])


def _dripped(fault: Fault, answer: HttpAnswer) -> HttpAnswer:
    return attrs.evolve(answer, seconds_per_byte=fault.seconds or 0.0)


def _with_members_replaced(fault: Fault, answer: dict[str, object]) -> dict[str, object]:
    kept = _without(answer, fault.member, fault.new_name)
    return {**cast("dict[str, object]", kept), **(fault.members or {})}


def _with_an_odd_item(fault: Fault, answer: dict[str, object]) -> dict[str, object]:
    for name, value in answer.items():
        if isinstance(value, list | tuple) and value:
            first, *others = cast("list[object]", value)
            if isinstance(first, dict):
                odd = _with_members_replaced(fault, cast("dict[str, object]", first))
                return {**answer, name: [odd, *others]}
    return answer


def _without(value: object, member: str | None, new_name: str | None) -> object:
    if isinstance(value, list | tuple):
        return [_without(part, member, new_name) for part in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    parts = cast("dict[str, object]", value)
    return {
        (new_name or "") if name == member else name: _without(part, member, new_name)
        for name, part in parts.items()
        if name != member or new_name is not None
    }


KINDS: Final[Mapping[FaultKind, Kind]] = {
    FaultKind.THROTTLE: Kind(takes=frozenset({"message"}), disrupt=_throttled),
    FaultKind.INTERNAL_ERROR: Kind(takes=frozenset({"message", "late"}), disrupt=_failed),
    FaultKind.UNAVAILABLE: Kind(takes=frozenset({"message"}), disrupt=_unavailable),
    FaultKind.ERROR: Kind(
        takes=frozenset({"code", "message", "http_status", "members", "late"}),
        needs=frozenset({"code"}),
        disrupt=_error,
    ),
    FaultKind.LOST_REQUEST: Kind(takes=frozenset({"timed_out"}), disrupt=_lost),
    FaultKind.LOST_ANSWER: Kind(takes=frozenset({"timed_out"}), disrupt=_lost, late=True),
    FaultKind.SLOW: Kind(
        takes=frozenset({"seconds", "late"}), needs=frozenset({"seconds"}), late=True
    ),
    FaultKind.GARBAGE: Kind(
        takes=frozenset({"body", "http_status", "late"}), disrupt=_garbled, late=True
    ),
    FaultKind.FOREIGN_CONTENT: Kind(
        takes=frozenset({"body", "http_status", "headers"}), spoil=_in_other_content
    ),
    FaultKind.CUT_BODY: Kind(takes=frozenset({"received"}), spoil=_cut),
    FaultKind.DRIPPING: Kind(
        takes=frozenset({"seconds"}), needs=frozenset({"seconds"}), spoil=_dripped
    ),
    FaultKind.UNKNOWN_STATUS: Kind(
        takes=frozenset({"value"}),
        needs=frozenset({"value"}),
        bend=lambda fault, conditions: attrs.evolve(conditions, status=fault.value),
    ),
    FaultKind.STALE_READ: Kind(
        takes=frozenset({"seconds"}),
        needs=frozenset({"seconds"}),
        purposes=("read",),
        bend=lambda fault, conditions: attrs.evolve(conditions, lag=fault.seconds),
    ),
    FaultKind.NOT_FOUND_AT_FIRST: Kind(
        takes=frozenset({"seconds"}),
        needs=frozenset({"seconds"}),
        purposes=("cancel", "read"),
        bend=lambda fault, conditions: attrs.evolve(conditions, visible_after=fault.seconds),
    ),
    FaultKind.WRONG_TASK: Kind(
        takes=frozenset({"other"}),
        purposes=("cancel", "read"),
        bend=lambda fault, conditions: attrs.evolve(conditions, wrong_task=True, other=fault.other),
    ),
    FaultKind.REPEATED_TOKEN: Kind(
        takes=frozenset({"tokens"}),
        purposes=("read",),
        bend=lambda fault, conditions: attrs.evolve(conditions, tokens=fault.tokens or 1),
    ),
    FaultKind.ENDS_FIRST: Kind(
        takes=frozenset({"ending"}),
        needs=frozenset({"ending"}),
        bend=lambda fault, conditions: attrs.evolve(conditions, ends_first=fault.ending),
    ),
    FaultKind.IGNORED_CANCEL: Kind(
        purposes=("cancel",),
        bend=lambda _, conditions: attrs.evolve(conditions, ignores_cancel=True),
    ),
    FaultKind.REPLACED_MEMBER: Kind(
        takes=frozenset({"member", "new_name", "members"}), replace=_with_members_replaced
    ),
    FaultKind.MISSING_MEMBER: Kind(replace=lambda _, __: {}),
    FaultKind.ODD_ITEM: Kind(
        takes=frozenset({"member", "members"}), purposes=("read",), replace=_with_an_odd_item
    ),
    FaultKind.FAILED_REFRESH: Kind(takes=frozenset({"message"}), purposes=()),
}
"""The kinds, and how each is brought about."""
