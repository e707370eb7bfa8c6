"""What callers were told, held against what really happened: the letters of `tests.simulation`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from botocancel.errors import BotocancelError, TaskCanceling, TaskEnded, WaitTimeout
from botocancel.phases import Phase
from botocancel.refs import TaskRef
from botocancel.results import Cancellation, Cause, Certainty, Outcome, TaskSnapshot
from botocancel.services import kind_of
from tests.simulation.costs import about_requests, about_time, cancels_of
from tests.simulation.hearsay import about_listing, about_statuses, about_what_is_missing
from tests.simulation.ledger import about_journal, about_resume, cancels_behind, shows_cancel
from tests.simulation.schedule import Kind
from tests.simulation.speech import phase_said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.callers import AnyRef, Caller
    from tests.simulation.world import World

__all__ = ["LETTERS", "Violation", "violations"]

LETTERS: Final = "abcdefghijklmnopq"

Finding: TypeAlias = tuple[str, str]
"""A letter, and what is wrong."""


@attrs.frozen
class Violation:
    """A guarantee that was not kept."""

    letter: str
    text: str

    def __str__(self) -> str:
        return f"({self.letter}) {self.text}"


def violations(world: World) -> Iterator[Violation]:
    """Hold everything that was said in a world, whose time is over, against its history."""
    for number, caller in enumerate(world.callers, 1):
        who = f"caller {number}, {caller.plan.kind.value}"
        for letter, text in (
            *_about_errors(caller),
            *(_about_batch(caller) if caller.plan.kind.is_batch else ()),
            *about_time(caller),
            *about_requests(world, caller),
            *about_listing(caller),
            *about_resume(caller),
        ):
            yield Violation(letter, f"{who}: {text}")
        for (ref, result), at in zip(caller.results, caller.told_at, strict=True):
            for letter, text in (
                *_about_result(world, caller, ref, result),
                *_about_what_was_done(world, caller, result),
                *about_statuses(caller, ref, result),
                *about_what_is_missing(caller, ref, result, at),
            ):
                yield Violation(letter, f"{who}, of {ref}: {text}")
    for text in _contradictions(world):
        yield Violation("g", text)
    for letter, text in about_journal(world):
        yield Violation(letter, text)


def _about_result(world: World, caller: Caller, ref: AnyRef, result: object) -> Iterator[Finding]:
    """Judge one result: letters a, b, c, h."""
    truth = world.status(ref)
    snapshot: object = None
    match result:
        case Outcome():
            snapshot = result.snapshot
            yield from _about_outcome(world, caller, ref, result)
        case TaskSnapshot():
            snapshot = result
        case TaskEnded():
            snapshot = result.snapshot
            if _caused_the_end(world, caller, ref):
                yield "b", f"TaskEnded is raised for an end that the call itself caused: {result}"
        case _:
            pass
    if isinstance(snapshot, TaskSnapshot) and (
        (caller.plan.kind.waits or snapshot.phase.terminal)
        and snapshot.status not in world.ends(ref)
    ):
        yield "a", f"it is told to have ended as {snapshot.status}; it is {truth}"
    counted_on = cancels_behind(world, caller, ref)
    if _says_accepted(result) and not any(sent.succeeded for sent in counted_on):
        yield "c", f"accepted, although no cancel of this call was answered so: {result!r:.200}"
    if (
        _promises_an_end(caller, result)
        and not world.ends(ref)
        and not world.is_taken_up(ref)
        and not any(sent.swallowed for sent in counted_on)
    ):
        yield "h", f"the task goes on ({truth}), although the call said: {result!r:.200}"


def _about_outcome(
    world: World, caller: Caller, ref: AnyRef, outcome: Outcome[Any]
) -> Iterator[Finding]:
    """Judge phase and certainty: letter a."""
    service = kind_of(ref)
    plain = phase_said(service, outcome.snapshot.detail)
    if plain is Phase.FAILED and not service.reports_canceled:
        if outcome.certainty is not Certainty.INFERRED:
            yield "a", "reported is said of an inference"
        if outcome.phase is Phase.CANCELED and not _has_grounds(world, caller, ref):
            yield "a", "CANCELED is inferred from nothing"
        if outcome.phase not in {Phase.CANCELED, Phase.FAILED}:
            yield "a", f"{outcome.phase} is concluded from {outcome.snapshot.status}"
    elif (outcome.phase, outcome.certainty) != (plain, Certainty.REPORTED):
        told = f"{outcome.phase.value}, {outcome.certainty.value}"
        yield "a", f"{told}, of a task whose status is {outcome.snapshot.status}"
    if outcome.accepted != (outcome.requested_at is not None):
        yield "c", "accepted and requested_at do not agree"


def _has_grounds(world: World, caller: Caller, ref: AnyRef) -> bool:
    """Say whether the call may infer a cancel: by a receipt, or by what it was shown."""
    return any(
        shows_cancel(sent, ref) for sent in (*cancels_behind(world, caller, ref), *caller.sent)
    )


def _caused_the_end(world: World, caller: Caller, ref: AnyRef) -> bool:
    """Say whether the task is being, or was, cancelled by a cancel of this very call."""
    if not any(sent.stopped for sent in cancels_of(caller, ref)):
        return False
    simulator = world.simulator_of(ref)
    last = simulator.tasks[ref.id].changes[-1]
    if last.cause == "cancel":
        return True
    canceling = simulator.lifecycle.canceling
    return last.before == canceling and last.cause == "time"


def _says_accepted(result: object) -> bool:
    if isinstance(result, Cancellation | Outcome | WaitTimeout):
        return result.accepted
    return isinstance(result, BotocancelError) and any(
        "had been accepted" in note for note in getattr(result, "__notes__", ())
    )


def _promises_an_end(caller: Caller, result: object) -> bool:
    """Say whether the caller may rely on the task's end; a guard also on there being no need."""
    no_need = isinstance(result, TaskEnded | TaskCanceling) and caller.plan.kind is Kind.GUARD
    return no_need or _says_accepted(result)


def _is_behind(world: World, receipt: Cancellation | None) -> bool:
    """Say whether the cancel that a receipt is of is what stopped the task."""
    return receipt is not None and any(
        sent.stopped
        for caller in world.callers
        if caller.plan.reason == receipt.reason or caller.plan.kind is Kind.RESUME
        for sent in cancels_of(caller, receipt.ref)
    )


def _about_what_was_done(world: World, caller: Caller, result: object) -> Iterator[Finding]:
    """Judge whom an end is put down to, and that what is said to be done was: letters q and c."""
    if isinstance(result, Outcome):
        is_ours = result.cause is Cause.THIS_CANCEL
        if is_ours and not _is_behind(world, result.receipt):
            yield "q", "it is told to have been ended by a cancel that did not stop it"
    was_begun = any(sent.purpose == "other" and sent.succeeded for sent in caller.sent)
    if isinstance(result, TaskRef) and not was_begun:
        yield "c", "it is told to be at work anew, which no answer said"


def _about_errors(caller: Caller) -> Iterator[Finding]:
    """Judge what got out: letter f."""
    errors = [error for _, error in caller.results if isinstance(error, BaseException)]
    if caller.raised is not None and (not caller.refs or caller.plan.kind.is_batch or caller.died):
        errors.append(caller.raised)
    for error in errors:
        if not isinstance(error, BotocancelError):
            yield "f", f"{type(error).__name__} gets out: {error}"


def _about_batch(caller: Caller) -> Iterator[Finding]:
    """Judge that each task has one result: letter i."""
    told, wanted = Counter(ref for ref, _ in caller.results), Counter(caller.refs)
    is_whole = caller.ended is not None and caller.raised is None
    if told - wanted or (is_whole and wanted - told):
        yield "i", f"{len(caller.results)} results of {len(caller.refs)} tasks"
    for ref, result in caller.results:
        if isinstance(result, BotocancelError) and result.ref != ref:
            yield "i", f"the error of {ref} names {result.ref}"


def _contradictions(world: World) -> Iterator[str]:
    """Compare what different callers were told of one task: letter g."""
    statuses: dict[AnyRef, set[str]] = {}
    phases: dict[AnyRef, set[str]] = {}
    for caller in world.callers:
        for ref, result in caller.results:
            snapshot = getattr(result, "snapshot", result)
            if isinstance(snapshot, TaskSnapshot) and snapshot.phase.terminal:
                statuses.setdefault(ref, set()).add(str(snapshot.status))
            if isinstance(result, Outcome) and result.certainty is Certainty.REPORTED:
                phases.setdefault(ref, set()).add(result.phase.value)
    for ref, told in (*statuses.items(), *phases.items()):
        if len(told) > 1 and len(world.ends(ref)) < len(told):
            yield f"{ref} is told to have ended as {' and as '.join(sorted(told))}"
