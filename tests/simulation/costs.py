"""What calls cost, in time and in requests: the letters d and e of `tests.simulation`."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Final

from botocancel.errors import ServiceError, WaitTimeout
from botocancel.model import Response
from botocancel.polling import GUARD_RETRY
from botocancel.results import Cancellation, Outcome
from botocancel.services import kind_named
from botocancel.services.declare import DescribeMany
from tests.simulation.schedule import Kind
from tests.simulation.speech import kind_of_request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocancel.polling import Backoff
    from tests.simulation.callers import AnyRef, Caller
    from tests.simulation.claims import Finding
    from tests.simulation.network import Sent
    from tests.simulation.world import World

__all__ = ["about_requests", "about_time", "cancels_of"]

_GRACE: Final = 1.0
"""Seconds that a request of a wait has at least, however close the deadline is."""
_TOKENS: Final = 2
"""So many tokens, at most, lead on in a circle before the first of them comes again."""
_INSTANT: Final = 1e-6
"""Simulated time has whole microseconds; what differs by less is the same."""


def cancels_of(caller: Caller, ref: AnyRef) -> list[Sent]:
    """Return the cancels of a task that a caller has sent."""
    return [sent for sent in caller.sent if sent.cancels and sent.task_id == ref.id]


def about_time(caller: Caller) -> Iterator[Finding]:
    """Judge when the call returned, and what it began when time was up: letter d."""
    if caller.died:
        return
    if caller.ended is None:
        yield "d", f"it never returns; its timeout is {caller.timeout:g} s"
        return
    if not caller.plan.kind.has_timeout:
        return
    deadline = caller.began + caller.timeout + _INSTANT
    if caller.ended > deadline + _grace(caller) + _INSTANT:
        yield "d", f"it returns {caller.ended - deadline:.3f} s late"
    late = [sent for sent in caller.sent if sent.began > deadline and not _goes_on(sent, caller)]
    late = _not_excused(late, caller) if late else []
    if late:
        names = ", ".join(sent.request.operation for sent in late)
        yield "d", f"{len(late)} requests begin after the deadline: {names}"


def _grace(caller: Caller) -> float:
    """Return how many seconds after its deadline a call may still return."""
    kind = caller.plan.kind
    if kind.is_strict:
        return 0.0
    if kind.waits:
        return _GRACE * (1 + len(caller.refs) * kind.is_batch)
    deadline = caller.began + caller.timeout
    answers = [sent.ended for sent in caller.sent if sent.ended is not None]
    return max([0.0, *[ended - deadline for ended in answers]])


def _not_excused(late: list[Sent], caller: Caller) -> list[Sent]:
    """Return what was sent late against the rules."""
    kind = caller.plan.kind
    if kind.is_strict:
        return late
    if kind.waits:
        if not kind.is_batch:
            return late
        cancels = (cancels_of(caller, ref) for ref in caller.refs)
        again = [sent for of_task in cancels for sent in of_task[1:] if sent in late]
        looks = [sent for sent in late if not sent.cancels]
        return again + looks[_look_bound(caller) - 1 :]  # a look's first request is never late
    found: list[Sent] = []
    for ref in caller.refs:
        of_task = [sent for sent in caller.sent if sent.task_id == ref.id]
        deadline = of_task[0].began + caller.timeout + _INSTANT if of_task else 0.0
        too_late = [sent for sent in of_task if sent in late and sent.began > deadline]
        found += too_late[0 if too_late and too_late[0].cancels else 1 :]
    return found


def _goes_on(sent: Sent, caller: Caller) -> bool:
    """Say whether a request asks for a further page of a description."""
    return caller.plan.kind is not Kind.LIST and bool(getattr(sent.request, "next_token", None))


def _look_bound(caller: Caller) -> int:
    """Return the most requests that one look at all the caller's tasks takes.

    Where one request describes many, unknown ids may split it; where it describes one, a listing
    may come before so many.
    """
    counts = Counter(ref.key for ref in caller.refs)
    return sum(
        2 * count - 1 if isinstance(kind_named(key).describes, DescribeMany) else count + count // 4
        for key, count in counts.items()
    )


def about_requests(world: World, caller: Caller) -> Iterator[Finding]:
    """Judge the number of requests, and what was said of it: letter e."""
    if caller.plan.kind is Kind.LIST:
        yield from _about_pages(caller)
        return
    rounds = _rounds(caller, world)
    counts = Counter(sent.task_id for sent in caller.sent if sent.cancels)
    others = sum(sent.purpose == "other" for sent in caller.sent)
    looks = sum(not sent.cancels and not _goes_on(sent, caller) for sent in caller.sent) - others
    pages = sum(_goes_on(sent, caller) for sent in caller.sent)
    bound = rounds if caller.plan.kind.cancels else 0
    if others > (caller.plan.kind is Kind.RESTART):
        yield "e", f"{others} requests that neither cancel nor read"
    for task_id, count in counts.items():
        if count > bound:
            yield "e", f"{count} cancels of {task_id}, where {bound} are possible"
    per_round = _look_bound(caller) if caller.plan.kind.waits else len(caller.refs)
    if looks > rounds * per_round:
        yield "e", f"{looks} describes, where {rounds} times {per_round} are possible"
    if pages > looks * (_most_pages(world, caller) + _TOKENS):
        yield "e", f"{pages} further pages of {looks} descriptions of {len(caller.refs)} tasks"
    yield from _about_what_was_counted(caller)


def _most_pages(world: World, caller: Caller) -> int:
    """Return how many pages a description has at most; it is of all tasks if it names none."""
    kinds = {ref.key: kind_named(ref.key) for ref in caller.refs}
    not_by_id = [
        key
        for key, kind in kinds.items()
        if isinstance(kind.describes, DescribeMany) and not kind.describes.by_id
    ]
    return len(caller.refs) + sum(world.count(key) for key in not_by_id)


def _about_what_was_counted(caller: Caller) -> Iterator[Finding]:
    """Judge what was said of the number of requests."""
    for ref, result in caller.results:
        told = sum(_told_attempts(sent) for sent in cancels_of(caller, ref))
        claimed = _claimed_cancels(result)
        if claimed is not None and claimed != told:
            yield "e", f"{claimed} cancels are said to be sent, where botocore told of {told}"
        if isinstance(result, Outcome | WaitTimeout):
            total = told if caller.plan.kind.is_batch else sum(map(_told_attempts, caller.sent))
            if result.requests != total:
                yield "e", f"{result.requests} requests are said, where botocore told of {total}"


def _about_pages(caller: Caller) -> Iterator[Finding]:
    """Judge that no page that was answered is asked for again, but of statuses that recur."""
    pages = Counter(
        (kind_of_request(sent.request), str(sent.request))
        for sent in caller.sent
        if sent.purpose in {"list", "parents"} and isinstance(sent.answer, Response)
    )
    for (kind, page), count in pages.items():
        if count > 1 + any(state.recurs for state in kind.states.values()):
            yield "e", f"{page} is asked {count} times"


def _claimed_cancels(result: object) -> int | None:
    match result:
        case Cancellation():
            return result.attempts
        case Outcome():
            return result.cancels
        case _:
            return None


def _told_attempts(sent: Sent) -> int:
    """Return how many attempts botocore tells of: of a call with no answer at all, one."""
    if isinstance(sent.answer, Response | ServiceError):
        return sent.attempts
    return int(sent.answer is None or sent.answer.may_have_applied)


def _rounds(caller: Caller, world: World) -> int:
    """Return how many times the call may look, or send its cancel, within its timeout."""
    schedule, kind = world.schedule, caller.plan.kind
    if not kind.has_timeout:
        return 1
    backoff = schedule.poll if kind.waits else schedule.retry.backoff
    if kind is Kind.GUARD:
        backoff = GUARD_RETRY.backoff
    return _most_rounds(backoff, caller.timeout, schedule.least_draw)


@cache
def _most_rounds(backoff: Backoff, timeout: float, least_draw: float) -> int:
    """Return how many rounds fit into the timeout if every delay is the least one."""
    rounds, elapsed = 1, 0.0
    while elapsed <= timeout:
        elapsed += backoff.delay(rounds - 1, lambda: least_draw)
        rounds += 1
    return rounds
