"""The journal, held against what really happened: the letters m to p of `tests.simulation`."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from botocancel.journal import Refused, cancels_in
from botocancel.phases import Phase
from botocancel.results import Basis, Outcome
from botocancel.services import kind_of
from tests.simulation.costs import cancels_of
from tests.simulation.paper import entries_in
from tests.simulation.schedule import Kind
from tests.simulation.speech import said_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from botocancel.model import Response
    from tests.simulation.callers import AnyRef, Caller
    from tests.simulation.claims import Finding
    from tests.simulation.network import Sent
    from tests.simulation.world import World

__all__ = ["about_journal", "about_resume", "cancels_behind", "shows_cancel"]

_CLOSING: Final = frozenset({"ended", "refused"})


@attrs.define
class _Noted:
    """What the journal has of one task."""

    asked: set[str] = attrs.field(factory=set[str])
    """The ids of the cancels that were asked for."""
    refused: set[str] = attrs.field(factory=set[str])
    """Those of them that were refused for good, and not accepted later."""
    ended: set[str] = attrs.field(factory=set[str])
    """Those of which it has how the task ended."""
    has_receipt: bool = False
    """Whether it has the receipt of a cancel that was accepted."""

    @property
    def is_open(self) -> bool:
        """Whether there is something to do."""
        return bool(self.asked - self.refused - self.ended)


def _noted_in(content: bytes) -> Mapping[str, _Noted]:
    """Return what a journal's content says, by the id of the task."""
    tasks = dict[str, str]()
    noted = defaultdict[str, _Noted](_Noted)
    for entry in entries_in(content):
        if entry["entry"] == "asked":
            tasks[entry["cancel"]] = entry["task"]["id"]
        if entry["cancel"] not in tasks:
            continue  # what was asked for was not noted first: letter m
        task = noted[tasks[entry["cancel"]]]
        if entry["entry"] == "asked":
            task.asked.add(entry["cancel"])
        elif entry["entry"] == "answered":
            task.has_receipt |= entry["receipt"]["accepted"]
            if entry["receipt"]["accepted"]:
                task.refused.discard(entry["cancel"])
        elif entry["entry"] == "refused":
            task.refused.add(entry["cancel"])
        elif entry["entry"] == "ended":
            task.ended.add(entry["cancel"])
    return noted


def cancels_behind(world: World, caller: Caller, ref: AnyRef) -> list[Sent]:
    """Return the cancels that a caller may count on: its own, and those it has a receipt of."""
    if caller.plan.kind is not Kind.RESUME:
        return cancels_of(caller, ref)
    return [
        sent
        for each in world.callers
        if each is caller or each.plan.journaled
        for sent in cancels_of(each, ref)
    ]


def shows_cancel(sent: Sent, ref: AnyRef) -> bool:
    """Say whether an answer shows a task being cancelled, or a cancel of it accepted."""
    if not sent.succeeded:
        return False
    if sent.cancels and sent.task_id == ref.id:
        return True
    said = said_in(sent.request, cast("Response", sent.answer)).get(ref.id)
    return said is not None and said.phase is Phase.CANCELING


def about_resume(caller: Caller) -> Iterator[Finding]:
    """Judge what a caller that keeps the journal sends, and what a resume tells."""
    for sent in caller.sent:
        if sent.cancels and caller.plan.journaled and not sent.is_noted:
            yield "m", f"a cancel of {sent.task_id} left that the journal had not on disk"
    if caller.plan.kind is not Kind.RESUME:
        return
    noted = _noted_in(caller.found)
    for sent in caller.sent:
        if sent.cancels and sent.task_id is not None:
            if not (sent.task_id in noted and noted[sent.task_id].is_open):
                yield "m", f"it cancels {sent.task_id}, for which there was no more to do"
            if not _looked_before(caller, sent):
                yield "p", f"it cancels {sent.task_id} without having looked at it"
    for ref, result in caller.results:
        if isinstance(result, Outcome):
            yield from _about_receipt(ref, result, noted)


def _looked_before(caller: Caller, cancel: Sent) -> bool:
    """Say whether the caller had been told of a task before it sent a cancel of it."""
    return any(
        not sent.cancels
        and sent.said is not None
        and sent.ended is not None
        and sent.ended <= cancel.began
        and cancel.task_id in said_in(sent.request, sent.said)
        for sent in caller.sent
    )


def _about_receipt(
    ref: AnyRef, outcome: Outcome[Any], noted: Mapping[str, _Noted]
) -> Iterator[Finding]:
    """Judge what a resume makes of the receipts in the journal."""
    if outcome.receipt is not None and outcome.receipt.ref != ref:
        yield "o", f"{ref} is told by the receipt of {outcome.receipt.ref}"
    told = outcome.phase, outcome.basis
    is_doubtful = outcome.snapshot.phase is Phase.FAILED and not kind_of(ref).reports_canceled
    if is_doubtful and noted[ref.id].has_receipt and told != (Phase.CANCELED, Basis.RECEIPT):
        yield "o", f"the journal has a receipt of {ref}, which is told to be {told}"


def about_journal(world: World) -> Iterator[Finding]:
    """Judge what the journal says in the end."""
    content = bytes(world.paper.content)
    noted = _noted_in(content)
    may_be_asked = {
        world.refs[number].id
        for caller in world.callers
        if caller.plan.journaled
        for number in caller.plan.tasks
    }
    for task in noted.keys() - may_be_asked:
        yield "m", f"{task} is noted, which nobody asked to cancel"
    read = {number for each in cancels_in(content)[0] for number in each.ids}
    for task, each in noted.items():
        if each.asked - read:
            yield "n", f"{task}: what was asked for is not read"
    by_id = {ref.id: ref for ref in world.refs}
    tasks = {number: task for task, each in noted.items() for number in each.asked}
    for entry in entries_in(content):
        if entry["entry"] in _CLOSING and entry["cancel"] in tasks:
            ref = by_id[tasks[entry["cancel"]]]
            yield from (_about_end if entry["entry"] == "ended" else _about_refusal)(
                world, ref, entry
            )
    last = world.callers[-1]
    if world.schedule.is_resumed and last.ended is not None:
        told = {ref.id for ref, _ in last.results}
        for task, each in _noted_in(last.found).items():
            if each.is_open and task not in told:
                yield "n", f"{task} is forgotten: nobody says what became of its cancel"


def _about_end(world: World, ref: AnyRef, entry: Mapping[str, Any]) -> Iterator[Finding]:
    truth, service = world.status(ref), kind_of(ref)
    if entry["status"] != truth or truth not in world.simulator_of(ref).lifecycle.ended:
        yield "o", f"{ref} is noted to have ended as {entry['status']}; it is {truth}"
        return
    plain = world.phase(ref)
    told = entry["phase"], entry["certainty"]
    if plain is not Phase.FAILED or service.reports_canceled:
        if told != (plain.value, "reported"):
            yield "o", f"{ref}, which is {truth}, is noted to be {told}"
    elif told == ("CANCELED", "inferred"):
        sent = _sent_about(world, ref, by_cancel=entry["basis"] == "receipt")
        if not any(shows_cancel(each, ref) for each in sent):
            yield "o", f"{ref} is noted to be cancelled, by {entry['basis']}, which there is not"
    elif told != ("FAILED", "inferred"):
        yield "o", f"{ref}, which is {truth}, is noted to be {told}"


def _sent_about(world: World, ref: AnyRef, *, by_cancel: bool) -> Sequence[Sent]:
    """Return what was sent by those who keep the journal: cancels of a task, or what else."""
    return [
        sent
        for caller in world.callers
        if caller.plan.journaled
        for sent in (cancels_of(caller, ref) if by_cancel else caller.sent)
    ]


def _about_refusal(world: World, ref: AnyRef, entry: Mapping[str, Any]) -> Iterator[Finding]:
    """Judge that a cancel is left alone only if somebody was told, or died a moment before."""
    kind, number = entry["error"]["type"], entry["cancel"]
    for caller in world.callers:
        if any(told == ref and _is_a(kind, result) for told, result in caller.results):
            return
        if any(isinstance(word, Refused) and word.cancel == number for word in caller.last_words):
            return
    yield "n", f"{ref} is left alone, for {kind}, which nobody was told"


def _is_a(kind: str, result: object) -> bool:
    return any(each.__name__ == kind for each in type(result).__mro__)
