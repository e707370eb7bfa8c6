"""Each guarantee flipped off in the flows, to show that the simulation would find it missing."""

from __future__ import annotations

import json
import math
import secrets
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from unittest.mock import patch

import attrs

from botocancel import _answers, journal
from botocancel._entries import Asked
from botocancel.effects import Emit, Order, Record, Sleep, call, now, together
from botocancel.errors import BotocancelError, InvalidResponse, NotFound, WaitTimeout
from botocancel.flows import batches, evidence, single, waiters
from botocancel.flows.evidence import Evidence
from botocancel.journal import JournaledCancel
from botocancel.phases import Phase
from botocancel.results import Cancellation, Cause, Certainty, Done, Outcome
from botocancel.services import Kind, _describing, _listing, all_kinds, kind_of
from botocancel.services._pages import pages
from botocancel.services.datasync import task_execution as datasync
from botocancel.testing import FaultKind
from tests.simulation.schedule import FAULTS, journaled_schedule_of, schedule_of
from tests.simulation.schedule import Kind as CallKind

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from botocancel.effects import Flow, Instant
    from tests.simulation.schedule import Schedule

    Mutated: TypeAlias = Callable[..., object]

__all__ = ["MUTATIONS", "Mutation"]

AnyOutcome: TypeAlias = "Outcome[Any]"
Stop: Final[Any] = waiters.StopWaiter
Waiter: Final[Any] = waiters.Waiter


def _of_its_letter(mutation: Mutation) -> Callable[[int], Schedule]:
    return journaled_schedule_of if mutation.letter in "mnop" else schedule_of


@attrs.frozen
class Mutation:
    """One guarantee off."""

    letter: str
    name: str
    target: object
    attribute: str
    mutated: object
    also: tuple[tuple[object, str, object], ...] = ()
    """What has to be mutated besides, for the guarantee has more than one to keep it."""
    schedules: Callable[[int], Schedule] = attrs.Factory(_of_its_letter, takes_self=True)
    """What makes the schedules in which it is looked for."""

    @contextmanager
    def applied(self) -> Generator[None]:
        """Have the library break its word in the block."""
        with ExitStack() as stack:
            for each in ((self.target, self.attribute, self.mutated), *self.also):
                stack.enter_context(patch.object(*each))
            yield

    def __str__(self) -> str:
        return f"({self.letter}) {self.name}"


_result: Final[Mutated] = Stop.result
_init: Final[Mutated] = Stop.__init__
_init_any: Final[Mutated] = Waiter.__init__
_send_cancel: Final[Mutated] = Stop.send_cancel
_seen: Final[Mutated] = Stop.seen
_failed: Final[Mutated] = Stop.failed
_cancel: Final[Any] = single.cancel
_until_ended: Final[Any] = waiters.until_ended
_request_cancel: Final[Any] = single.request_cancel
_begin_with: Final[Mutated] = Evidence.begin_with
_cancel_accepted: Final[Mutated] = Evidence.cancel_accepted
_late: Final[Mutated] = Waiter.late
_described: Final[Any] = vars(_describing)["_described"]
_line: Final[Callable[..., str]] = vars(journal)["_line"]
_take: Final[Mutated] = vars(journal)["_take"]


def _changed(change: Callable[[Any, AnyOutcome], AnyOutcome]) -> Mutated:
    """Return `StopWaiter.result` with its outcomes changed."""

    def result(stop: Any, instant: Instant) -> object:  # noqa: ANN401
        outcome = _result(stop, instant)
        return change(stop, outcome) if isinstance(outcome, Outcome) else outcome

    return result


def _always_reported(_: object, outcome: AnyOutcome) -> AnyOutcome:
    return attrs.evolve(outcome, certainty=Certainty.REPORTED)


def _always_canceled(_: object, outcome: AnyOutcome) -> AnyOutcome:
    return attrs.evolve(outcome, phase=Phase.CANCELED)


def _canceled_if_taken(_: object, outcome: AnyOutcome) -> AnyOutcome:
    """Take an answer that is no refusal, to a cancel of what had ended, for the end."""
    return _always_canceled(_, outcome) if outcome.accepted else outcome


def _by_this_cancel(*_: object) -> Cause:
    return Cause.THIS_CANCEL


def _as_the_call_sees_it(stop: Any, outcome: AnyOutcome) -> AnyOutcome:  # noqa: ANN401
    phase = Phase.CANCELED if stop.known.accepted else outcome.snapshot.phase
    return attrs.evolve(outcome, phase=phase, certainty=Certainty.REPORTED)


def _forged(ref: Any) -> Cancellation[Any]:  # noqa: ANN401
    """Return the receipt of a cancel that was never sent."""
    at = datetime(2024, 1, 1, tzinfo=UTC)
    return Cancellation(
        ref=ref,
        accepted=True,
        phase=Phase.UNKNOWN,
        status=None,
        response=None,
        attempts=0,
        aftermath=kind_of(ref).aftermath(None),
        requested_at=at,
        answered_at=at,
        version="0",
    )


def _requested_at_once(stop: Any, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
    _init(stop, *args, **kwargs)
    stop.known.receipt = _forged(stop.ref)


def _failed_is_accepted(stop: Any, error: Any, at: float) -> None:  # noqa: ANN401
    _failed(stop, error, at)
    stop.known.receipt = stop.known.receipt or _forged(stop.ref)


def _asks_thrice(stop: Any) -> Flow[Any]:  # noqa: ANN401
    flows: Any = [_send_cancel(stop) for _ in range(3)]
    for flow in flows[1:]:
        yield from flow
    return (yield from flows[0])


def _knows_every_status(stop: Any, status: Any, snapshot: Any) -> None:  # noqa: ANN401
    if status not in stop.service.phases:
        raise KeyError(status)
    _seen(stop, status, snapshot)


def _never_late(waiter: Any, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
    _init_any(waiter, *args, **kwargs)
    waiter.deadline = math.inf


def _believes_without_asking(ref: Any, *_: object, **__: object) -> Flow[Any]:  # noqa: ANN401
    """Say that a cancel was accepted that was never sent."""
    yield from ()
    return _forged(ref)


def _takes_any_failure_for_accepted(ref: Any, *args: Any, **options: Any) -> Flow[Any]:  # noqa: ANN401
    try:
        return (yield from _cancel(ref, *args, **options))
    except BotocancelError:
        return (yield from _believes_without_asking(ref))


def _until_ended_and_then_some(followed: Any, on_progress: Any) -> Flow[Any]:  # noqa: ANN401
    """Take a nap when time is up."""
    try:
        return (yield from _until_ended(followed, on_progress))
    except WaitTimeout:
        yield Sleep(10.0)
        raise


def _loses_failures(refs: Any, orders: Any, retry: Any, rules: Any, _: Any) -> Flow[None]:  # noqa: ANN401
    """Emit the results that are no errors."""

    def one(ref: Any) -> Flow[None]:  # noqa: ANN401
        try:
            cancellation = yield from _cancel(ref, retry, rules, order=orders[ref])
        except BotocancelError:
            return
        yield Emit(Done(task=ref, ref=ref, value=cancellation))

    yield from together([one(ref) for ref in refs])


def _no_sleep(_: float) -> Sleep:
    return Sleep(0.0)


def _or_none(items: object, _: object) -> object:
    return items or ()


def _first_page(request_for: Any, ref: Any = None, **rest: Any) -> object:  # noqa: ANN401
    yield next(pages(request_for, ref, **rest))


def _pages_without_end(
    request_for: Any,  # noqa: ANN401
    ref: Any = None,  # noqa: ANN401
    *,
    region: Any = None,  # noqa: ANN401
    token: Any,  # noqa: ANN401
) -> object:
    """Follow the tokens, wherever they lead."""
    tokens: list[str | None] = [None]

    def turn() -> Flow[Any]:
        page: Any = yield from call(request_for(tokens[-1]), ref, region=region)
        tokens.append(token(page))
        return page

    yield turn()
    while tokens[-1]:
        yield turn()


def _pages_but_not_twice_the_same(
    request_for: Any,  # noqa: ANN401
    ref: Any = None,  # noqa: ANN401
    *,
    region: Any = None,  # noqa: ANN401
    token: Any,  # noqa: ANN401
) -> object:
    """Follow the tokens, unless one leads to the page that it stands on."""
    last: str | None = None

    def other_than_last(page: Any) -> str | None:  # noqa: ANN401
        nonlocal last
        before, last = last, token(page)
        if last and last == before:
            raise InvalidResponse(last)
        return last

    return _pages_without_end(request_for, ref, region=region, token=other_than_last)


class _Forgetful(dict[str, object]):
    """Knows only what it was told last."""

    def __setitem__(self, name: str, value: object) -> None:
        self.clear()
        super().__setitem__(name, value)


def _chunk_by_last_page(kind: Any, refs: Any) -> Flow[Any]:  # noqa: ANN401
    try:
        return (yield from _described(kind, refs, _Forgetful()))
    except BotocancelError as error:
        return dict.fromkeys(refs, error)


def _accepted_and_still_missing(known: Any, receipt: Any, at: float) -> None:  # noqa: ANN401
    missing = vars(Evidence)["_missing"].__get__(known)
    _cancel_accepted(known, receipt, at)
    vars(Evidence)["_missing"].__set__(known, missing)


_of_new_tasks: Final = partial(
    schedule_of,
    ages=(0.0,),
    calls=(CallKind.STOP, CallKind.STOP_MANY),
    faults=[fault for fault in FAULTS if fault.kind is FaultKind.NOT_FOUND_AT_FIRST],
)
"""Tasks that are stopped as soon as they are started, before descriptions have them."""


def _late_by_the_last_look(waiter: Any, instant: Instant) -> object:  # noqa: ANN401
    is_missing = isinstance(waiter.failure, NotFound)
    return waiter.failure if is_missing else _late(waiter, instant)


def _no_gap(*_: object) -> Sleep:
    return Sleep(0.0)


def _always(*_: object) -> bool:
    return True


def _never(*_: object) -> bool:
    return False


def _nothing(*_: object) -> None: ...


def _in_any_time(_: object, flow: Flow[Any]) -> Flow[Any]:
    """Run a flow whose requests are waited for as long as they take."""
    return (yield from flow)


# --- the journal ----------------------------------------------------------------------


def _ordered_without_a_word(refs: Any, reason: Any) -> Flow[Any]:  # noqa: ANN401
    """Order cancels, and note nothing."""
    at = (yield from now()).utc
    return {ref: Order((secrets.token_hex(8),), at, reason) for ref in refs}


def _noted_afterwards(ref: Any, order: Any, known: Any) -> Flow[Any]:  # noqa: ANN401
    try:
        receipt = yield from _request_cancel(ref, order, known)
    except BotocancelError:
        yield Record([Asked(cancel=order.ids[-1], at=order.at, ref=ref)])
        raise
    yield Record([Asked(cancel=order.ids[-1], at=order.at, ref=ref)])
    return receipt


def _taken_over_silently(cancels: Any) -> Flow[Any]:  # noqa: ANN401
    """Resume, and do not wait until the disk has what the page cache has."""
    yield from ()
    return {each.ref: Order(each.ids, each.asked_at, each.reason) for each in cancels}


def _line_without_a_beginning(entry: Any, locate: Any) -> str:  # noqa: ANN401
    return _line(entry, locate).lstrip("\n")


def _take_any_refusal_for_the_last(entry: Any, cancels: Any) -> None:  # noqa: ANN401
    _take(entry, cancels)
    if entry["entry"] == "failed":
        cancel = cancels[entry["cancel"]]
        cancel.refused = cancel.failure.type in {"TaskEnded", "NotFound", "InvalidRequest"}


def _take_any_receipt(entry: Any, cancels: Any) -> None:  # noqa: ANN401
    _take(entry, cancels)
    if entry["entry"] == "answered":
        for cancel in cancels.values():
            cancel.receipt = cancels[entry["cancel"]].receipt


def _take_no_receipt(entry: Any, cancels: Any) -> None:  # noqa: ANN401
    _take(entry, cancels)
    cancels[entry["cancel"]].receipt = None


def _is_not_accepted(cancel: Any) -> bool:  # noqa: ANN401
    return cancel.ended is None and not cancel.refused and cancel.lost


def _begin_blindly(known: Any, given: Any, instant: Instant) -> None:  # noqa: ANN401
    _begin_with(known, given._replace(lost=False), instant)


class _MendedJson:
    """Reads what is left of a line as if it were all of it."""

    dumps = json.dumps

    @staticmethod
    def loads(line: bytes) -> object:
        """Read a line, and fill in what is missing."""
        with suppress(ValueError):
            return json.loads(line)
        begun = json.loads(line.partition(b'"at"')[0].rstrip(b",") + b"}")
        return {
            "at": "2024-01-01T00:00:00+00:00",
            "phase": "CANCELED",
            "status": None,
            "certainty": "inferred",
            "basis": "receipt",
            "error": {"type": "", "message": "", "retryable": False, "may_have_applied": False},
            **begun,
        }


MUTATIONS: Final = (
    Mutation("a", "an inference is reported", Stop, "result", _changed(_always_reported)),
    Mutation("a", "every end is a cancel", Stop, "result", _changed(_always_canceled)),
    Mutation("a", "a cancel that was accepted took", Stop, "result", _changed(_canceled_if_taken)),
    Mutation(
        "b",
        "any end had been there before",
        Evidence,
        "had_ended_before",
        property(_always),
    ),
    Mutation(
        "b", "lost answers do not count", BotocancelError, "may_have_applied", property(_never)
    ),
    Mutation(
        "b", "what a lost cancel ended is not ours", evidence, "_ended_by_lost_cancel", _never
    ),
    Mutation("c", "accepted from the start", Stop, "__init__", _requested_at_once),
    Mutation("c", "a failure that may pass is an acceptance", Stop, "failed", _failed_is_accepted),
    Mutation("c", "whatever comes with 200 is an answer", _answers, "_fault_of_success", _nothing),
    Mutation("c", "a refusal inside an answer is none", Kind, "refusal_in", _nothing),
    Mutation("d", "time is never up", Waiter, "__init__", _never_late),
    Mutation("d", "a nap after the deadline", waiters, "until_ended", _until_ended_and_then_some),
    Mutation("d", "a wait never leaves a request", waiters, "in_time", _in_any_time),
    Mutation("e", "every cancel is sent three times", Stop, "send_cancel", _asks_thrice),
    Mutation(
        "e",
        "a list that leads back goes on",
        _describing,
        "pages",
        _pages_without_end,
        also=((_listing, "pages", _pages_without_end),),
    ),
    Mutation(
        "e",
        "a list that leads back over another page goes on",
        _describing,
        "pages",
        _pages_but_not_twice_the_same,
        also=((_listing, "pages", _pages_but_not_twice_the_same),),
    ),
    Mutation("e", "no delay between polls", waiters, "Sleep", _no_sleep),
    Mutation("f", "an unknown status is a KeyError", Stop, "seen", _knows_every_status),
    Mutation("g", "each call has its own view", Stop, "result", _changed(_as_the_call_sees_it)),
    Mutation("h", "a cancel is not even sent", batches, "cancel", _believes_without_asking),
    Mutation(
        "h", "a cancel that failed was accepted", batches, "cancel", _takes_any_failure_for_accepted
    ),
    Mutation("i", "a batch loses its failures", batches, "_cancel_group", _loses_failures),
    Mutation(
        "j",
        "no answer is an empty one",
        _answers,
        "_fault_of_success",
        _nothing,
        also=(
            (_describing, "listed", _or_none),
            (_listing, "listed", _or_none),
        ),
    ),
    Mutation(
        "j",
        "the first page is all",
        _describing,
        "pages",
        _first_page,
        also=((_listing, "pages", _first_page),),
    ),
    Mutation("j", "who is not found is left out", _listing, "gap", _no_gap),
    Mutation(
        "k",
        "an answer may be about any task",
        datasync.KIND,
        "answers",
        {},
        also=tuple((kind, "answers", {}) for kind in all_kinds()),
    ),
    Mutation("l", "not found is believed at once", Evidence, "is_missing", property(_always)),
    Mutation(
        "l",
        "an accepted cancel tells of no task",
        Evidence,
        "is_known",
        property(_never),
        schedules=_of_new_tasks,
    ),
    Mutation(
        "l",
        "a refusal tells of no task",
        Evidence,
        "is_there",
        property(_never),
        schedules=_of_new_tasks,
    ),
    Mutation(
        "l",
        "the last look decides, at the deadline",
        Waiter,
        "late",
        _late_by_the_last_look,
        schedules=_of_new_tasks,
    ),
    Mutation("l", "only the last page counts", _describing, "_chunk", _chunk_by_last_page),
    Mutation(
        "l",
        "what was missing before a cancel is missed after it",
        Evidence,
        "cancel_accepted",
        _accepted_and_still_missing,
        schedules=_of_new_tasks,
    ),
    Mutation(
        "m",
        "a cancel is noted when it has been answered",
        single,
        "ordered",
        _ordered_without_a_word,
        also=(
            (waiters, "ordered", _ordered_without_a_word),
            (batches, "ordered", _ordered_without_a_word),
            (single, "request_cancel", _noted_afterwards),
            (waiters, "request_cancel", _noted_afterwards),
        ),
    ),
    Mutation("m", "nobody waits for the disk", journal, "_FIRST", ()),
    Mutation("m", "a resume trusts what it reads", batches, "_taken_over", _taken_over_silently),
    Mutation("m", "a torn line spoils the next", journal, "_line", _line_without_a_beginning),
    Mutation("m", "what is settled is resumed", JournaledCancel, "is_open", property(_always)),
    Mutation("n", "any refusal is the last", journal, "_take", _take_any_refusal_for_the_last),
    Mutation(
        "n",
        "who accepts a cancel has said all",
        JournaledCancel,
        "is_open",
        property(_is_not_accepted),
    ),
    Mutation("n", "a torn line is taken", journal, "json", _MendedJson),
    Mutation("o", "a receipt of any task counts", journal, "_take", _take_any_receipt),
    Mutation("o", "no receipt counts", journal, "_take", _take_no_receipt),
    Mutation("p", "a resume does not look first", Evidence, "begin_with", _begin_blindly),
    Mutation("q", "what was cancelled was so by this cancel", Kind, "cause", _by_this_cancel),
)
"""At least one for each letter."""
