"""Many tasks at once: cancels side by side, polls that serve many, failures kept apart."""

from __future__ import annotations

import copy
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, TypeAlias, cast

from botocancel import services
from botocancel._entries import Resumed
from botocancel.effects import (
    Emit,
    Flow,
    Order,
    Record,
    Sleep,
    Tell,
    by,
    now,
    together,
)
from botocancel.errors import BotocancelError, NotFound, ServiceError, TransportError
from botocancel.flows import meanings
from botocancel.flows.accounts import for_account
from botocancel.flows.pace import paced
from botocancel.flows.single import cancel, judged, ordered
from botocancel.flows.waiters import EndWaiter, StopWaiter, in_rounds, in_time
from botocancel.model import Response, Shape
from botocancel.results import Done, Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from botocancel.effects import Instant, OnSight
    from botocancel.flows.evidence import Given
    from botocancel.flows.waiters import IfEnded, Waiter
    from botocancel.journal import JournaledCancel
    from botocancel.polling import RetryPolicy, Rules
    from botocancel.refs import TaskRef
    from botocancel.results import Result
    from botocancel.services import Sight

__all__ = ["cancel_and_wait_many", "cancel_many", "describe_many", "resume", "wait_many"]

AnyRef: TypeAlias = "TaskRef[Shape, Response]"
AnyWaiter: TypeAlias = "Waiter[Shape, Response, object]"


def cancel_many(
    given: Iterable[Given],
    retry: RetryPolicy | None,
    rules: Rules,
    timeout: float,
    reason: str | None = None,
) -> Flow[None]:
    """Cancel each task; emit a result for each as it comes."""
    deadline = (yield from now()).monotonic + timeout
    orders = yield from _unless_unwritable(given, ordered([each.ref for each in given], reason))
    cancels = _by_place(
        [each for each in given if each.ref in orders],
        rules,
        lambda group: _cancel_group([each.ref for each in group], orders, retry, rules, deadline),
    )
    yield from by(deadline, cancels)


def describe_many(given: Iterable[Given], retry: RetryPolicy | None, rules: Rules) -> Flow[None]:
    """Describe each task, in as few requests as there can be; emit a result for each."""

    def group(them: Sequence[Given]) -> Flow[None]:
        most = services.kind_of(them[0].ref).described_at_once
        parts = [them[start : start + most] for start in range(0, len(them), most)]
        yield from together([_describe_part(part, retry, rules) for part in parts])

    yield from _by_place(given, rules, group)


def _describe_part(given: Sequence[Given], retry: RetryPolicy | None, rules: Rules) -> Flow[None]:
    """Describe as many tasks as one request takes, and those again of which that may pass."""
    service = services.kind_of(given[0].ref)
    ends = (yield from now()).monotonic + (0 if retry is None else retry.timeout)
    going = list(given)
    for number in count():
        sights = yield from service.describe_each([each.ref for each in going])
        pause = 0.0 if retry is None else retry.backoff.delay(number, rules.draw)
        is_last = (yield from now()).monotonic + pause > ends
        again: list[Given] = []
        for each in going:
            result = yield from _described(each, sights[each.ref])
            error = result.error
            if retry is not None and error is not None and not is_last and retry.retry_on(error):
                again.append(each)
            else:
                yield Emit(result)
        if not again:
            return
        going = again
        yield Sleep(pause)


def _described(given: Given, sight: Sight[Shape] | BotocancelError) -> Flow[Result]:
    """Return what a description of one task says, or why there is none."""
    ref, service = given.ref, services.kind_of(given.ref)
    if isinstance(sight, BotocancelError):
        meant = meanings.of_describe(service, sight) if isinstance(sight, ServiceError) else sight
        error = _own(meant)
        error.ref = ref
        return Failed(task=ref, ref=ref, error=error)
    detail = cast("Shape", sight.detail)  # what was described has one
    snapshot = yield from judged(given, service.described(ref, detail))
    return Done(task=ref, ref=ref, value=snapshot)


def wait_many(
    given: Iterable[Given], rules: Rules, timeout: float, on_progress: OnSight | None = None
) -> Flow[None]:
    """Wait for each task to end; emit a result for each as it comes."""
    started = yield from now()
    yield from _by_place(
        given,
        rules,
        lambda group: _follow(
            [EndWaiter(each, rules, timeout, started) for each in group], on_progress
        ),
    )


def cancel_and_wait_many(
    given: Iterable[Given],
    rules: Rules,
    timeout: float,
    if_ended: IfEnded,
    on_progress: OnSight | None = None,
    *,
    reason: str | None = None,
) -> Flow[None]:
    """Stop each task; emit a result for each as it comes."""
    orders = yield from _unless_unwritable(given, ordered([each.ref for each in given], reason))
    yield from _finish(given, orders, rules, timeout, on_progress, if_ended=if_ended)


def resume(
    given: Iterable[Given],
    cancels: Iterable[JournaledCancel],
    rules: Rules,
    timeout: float,
    on_progress: OnSight | None = None,
) -> Flow[None]:
    """Bring cancels to their end that a journal says were asked for; emit each result."""
    orders = yield from _unless_unwritable(given, _taken_over(cancels))
    yield from _finish(given, orders, rules, timeout, on_progress)


def _taken_over(cancels: Iterable[JournaledCancel]) -> Flow[Mapping[AnyRef, Order]]:
    """Note that cancels are resumed; return what was asked for, by task."""
    at = (yield from now()).utc
    orders = {each.ref: Order(each.ids, each.asked_at, each.reason) for each in cancels}
    yield Record(
        [
            Resumed(cancel=name, at=at, ref=ref)
            for ref, order in orders.items()
            for name in order.ids
        ]
    )
    return orders


def _unless_unwritable(
    given: Iterable[Given], noting: Flow[Mapping[AnyRef, Order]]
) -> Flow[Mapping[AnyRef, Order]]:
    """Note what is to be done; where that fails, it is the result of each, and nothing is."""
    try:
        return (yield from noting)
    except BotocancelError as error:
        for each in given:
            yield Emit(Failed(task=each.ref, ref=each.ref, error=_own(error)))
        return {}


def _finish(
    given: Iterable[Given],
    orders: Mapping[AnyRef, Order],
    rules: Rules,
    timeout: float,
    on_progress: OnSight | None,
    *,
    if_ended: IfEnded = "return",
) -> Flow[None]:
    """Bring cancels to their end that are noted; emit a result for each as it comes."""
    started = yield from now()

    def follow(group: Sequence[Given]) -> Flow[None]:
        waiters = [
            StopWaiter[Shape, Response](
                each, orders[each.ref], rules, timeout, started, if_ended=if_ended
            )
            for each in group
        ]
        return _follow(waiters, on_progress)

    yield from _by_place([each for each in given if each.ref in orders], rules, follow)


def _by_place(
    given: Iterable[Given], rules: Rules, flow: Callable[[Sequence[Given]], Flow[None]]
) -> Flow[None]:
    """Run a flow for the tasks of each place, all side by side."""
    groups: dict[tuple[str | None, ...], list[Given]] = {}
    for each in given:
        account = each.ref.account if rules.by_account else None
        place = (account, each.ref.key, each.ref.region, each.ref.partition)
        groups.setdefault(place, []).append(each)
    flows = [
        flow(group) if account is None else for_account(account, flow(group))
        for (account, *_), group in groups.items()
    ]
    yield from together(flows, at_once=True)


def _cancel_group(
    refs: Sequence[AnyRef],
    orders: Mapping[AnyRef, Order],
    retry: RetryPolicy | None,
    rules: Rules,
    deadline: float,
) -> Flow[None]:
    """Cancel the tasks of one place, no faster than it takes cancels, until the deadline."""

    def one(ref: AnyRef) -> Flow[None]:
        try:
            cancellation = yield from cancel(
                ref, retry, rules, order=orders[ref], deadline=deadline
            )
        except BotocancelError as error:
            yield Emit(Failed(task=ref, ref=ref, error=error))
        else:
            yield Emit(Done(task=ref, ref=ref, value=cancellation))

    sends = [partial(one, ref) for ref in refs]
    yield from paced(sends, (retry or rules.retry).timeout, deadline)


def _follow(waiters: Sequence[AnyWaiter], on_progress: OnSight | None) -> Flow[None]:
    """Cancel and look at the tasks of one place again and again; emit each result when known."""
    going = list(waiters)
    rules, deadline = going[0].rules, going[0].deadline
    is_first = True

    def one(is_last: bool) -> Flow[bool]:  # noqa: FBT001  (`in_rounds` says so)
        nonlocal going, is_first
        at = (yield from now()).monotonic
        asking = [] if is_last else [waiter for waiter in going if waiter.wants_cancel(at)]
        failures = yield from _send_cancels(asking, on_progress, even_late=is_first)
        is_first = False
        instant = yield from now()
        if not asking or instant.monotonic <= deadline:
            failures.update((yield from _look([each for each in going if each not in failures])))
            yield from _tell([each for each in going if each not in failures], on_progress)
            instant = yield from now()
        is_late = is_last or instant.monotonic >= deadline
        results = {each: _result(each, failures.get(each), instant, is_late) for each in going}
        for waiter, result in results.items():
            if result is not None:
                yield from waiter.note(result.error)
                yield Emit(result)
        going = [waiter for waiter, result in results.items() if result is None]
        return not going

    yield from in_rounds(rules, deadline, one)


def _result(
    waiter: AnyWaiter,
    failure: BotocancelError | None,
    instant: Instant,
    is_late: bool,  # noqa: FBT001  (one of four things that it is told)
) -> Result | None:
    """Return what there is to say of a task; None while that is nothing."""
    try:
        if failure is not None:
            raise failure
        value = waiter.result(instant)
        if value is None and is_late:
            raise waiter.late(instant)
    except BotocancelError as error:
        error.ref = waiter.ref
        return Failed(task=waiter.ref, ref=waiter.ref, error=error)
    return None if value is None else Done(task=waiter.ref, ref=waiter.ref, value=value)


def _send_cancels(
    waiters: Sequence[AnyWaiter], on_progress: OnSight | None, *, even_late: bool
) -> Flow[dict[AnyWaiter, BotocancelError]]:
    """Send the cancels, no faster than they are taken; return what will not pass, by task.

    One that had to queue until after the deadline is sent only if it is to be sent
    `even_late`, and as long as such late ones are answered.
    """
    failures: dict[AnyWaiter, BotocancelError] = {}
    is_answering = True

    def one(waiter: AnyWaiter) -> Flow[None]:
        nonlocal is_answering
        is_late = (yield from now()).monotonic > waiter.deadline
        if is_late and not (even_late and is_answering):
            return
        try:
            yield from in_time(waiter, waiter.send_cancel())
        except BotocancelError as error:
            failures[waiter] = error
            return
        is_answering = not (is_late and isinstance(waiter.failure, TransportError))
        if on_progress is not None and waiter.known.accepted:
            yield Tell(on_progress, waiter.sighting)

    if waiters:
        first = waiters[0]
        sends = [partial(one, waiter) for waiter in waiters]
        yield from paced(sends, first.rules.retry.timeout, first.deadline)
    return failures


def _tell(waiters: Iterable[AnyWaiter], on_progress: OnSight | None) -> Flow[None]:
    """Tell what was seen of those tasks that the last look did see."""
    for waiter in waiters:
        if on_progress is not None and waiter.failure is None:
            yield Tell(on_progress, waiter.sighting)


def _look(waiters: Sequence[AnyWaiter]) -> Flow[dict[AnyWaiter, BotocancelError]]:
    """Describe the tasks of one place; return what will not pass, by task."""
    if not waiters:
        return {}
    service = waiters[0].service
    # An id that is not found may cost the others of its request another one, so it goes apart.
    by_id = service.describes_by_id
    is_missing = [by_id and isinstance(waiter.failure, NotFound) for waiter in waiters]
    apart = [
        [waiter.ref for waiter, missing in zip(waiters, is_missing, strict=True) if missing is part]
        for part in (False, True)
    ]
    looks = together([service.describe_many(refs) for refs in apart if refs])
    found = yield from in_time(waiters[0], looks)
    sights = {ref: sight for part in found for ref, sight in part.items()}
    at = (yield from now()).monotonic
    failures: dict[AnyWaiter, BotocancelError] = {}
    for waiter in waiters:
        try:
            _take(waiter, sights[waiter.ref], at)
        except BotocancelError as error:
            failures[waiter] = error
    return failures


def _take(waiter: AnyWaiter, sight: Sight[Shape] | BotocancelError, at: float) -> None:
    service = waiter.service
    if not isinstance(sight, BotocancelError) and sight.failure is not None:
        waiter.seen(sight.status, None)
        sight = sight.failure
    if isinstance(sight, BotocancelError):
        if isinstance(sight, ServiceError):
            sight = meanings.of_describe(service, sight)
        waiter.failed(_own(sight), at)
    elif sight.detail is None:
        waiter.seen(sight.status, None)
    else:
        snapshot = service.described(waiter.ref, sight.detail)
        waiter.seen(snapshot.status, snapshot)


def _own(error: BotocancelError) -> BotocancelError:
    """Return an error for one task alone: what fails a whole batch is one error for all."""
    own = copy.copy(error)
    own.__cause__ = error.__cause__
    return own
