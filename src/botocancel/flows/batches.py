"""Many tasks at once: cancels side by side, polls that serve many, failures kept apart."""

from __future__ import annotations

import copy
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, TypeAlias

from botocancel.effects import Emit, Flow, Sleep, Tell, now, together
from botocancel.errors import BotocancelError, InvalidRequest, NotFound
from botocancel.flows.pace import Answer, paced
from botocancel.flows.single import cancel
from botocancel.flows.stopping import Stop, Watch
from botocancel.results import Done, Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from botocancel.effects import Instant, OnSight
    from botocancel.flows.pursuit import Pursuit
    from botocancel.flows.stopping import IfEnded
    from botocancel.model import Response, Shape
    from botocancel.polling import RetryPolicy, Rules
    from botocancel.refs import TaskRef
    from botocancel.results import Result
    from botocancel.services import Sight

__all__ = ["cancel_and_wait_many", "cancel_many", "wait_many"]

AnyRef: TypeAlias = "TaskRef[Shape, Response]"
AnyPursuit: TypeAlias = "Pursuit[Shape, Response, object]"


def cancel_many(refs: Iterable[AnyRef], retry: RetryPolicy | None, rules: Rules) -> Flow[None]:
    """Cancel each task; emit a result for each as it comes."""
    yield from _by_place(refs, lambda group: _cancel_group(group, retry, rules))


def wait_many(
    refs: Iterable[AnyRef], rules: Rules, timeout: float, on_progress: OnSight | None = None
) -> Flow[None]:
    """Wait for each task to end; emit a result for each as it comes."""
    started = yield from now()
    yield from _by_place(
        refs,
        lambda group: _follow([Watch(ref, rules, timeout, started) for ref in group], on_progress),
    )


def cancel_and_wait_many(
    refs: Iterable[AnyRef],
    rules: Rules,
    timeout: float,
    if_ended: IfEnded,
    on_progress: OnSight | None = None,
) -> Flow[None]:
    """Stop each task; emit a result for each as it comes."""
    started = yield from now()
    yield from _by_place(
        refs,
        lambda group: _follow(
            [Stop(ref, rules, timeout, started, if_ended) for ref in group], on_progress
        ),
    )


def _by_place(refs: Iterable[AnyRef], flow: Callable[[Sequence[AnyRef]], Flow[None]]) -> Flow[None]:
    """Run a flow for the tasks of each service and region, all side by side."""
    groups: dict[tuple[str, str | None, str | None], list[AnyRef]] = {}
    for ref in refs:
        groups.setdefault((ref.service, ref.region, ref.partition), []).append(ref)
    yield from together([flow(group) for group in groups.values()], at_once=True)


def _cancel_group(refs: Sequence[AnyRef], retry: RetryPolicy | None, rules: Rules) -> Flow[None]:
    """Cancel the tasks of one place, no faster than it takes cancels."""

    def one(ref: AnyRef) -> Flow[Answer]:
        try:
            cancellation = yield from cancel(ref, retry, rules)
        except BotocancelError as error:
            yield Emit(Failed(task=ref, ref=ref, error=error))
            return Answer.by(error)
        yield Emit(Done(task=ref, ref=ref, value=cancellation))
        return Answer.after(cancellation.attempts)

    yield from paced([partial(one, ref) for ref in refs], (retry or rules.retry).timeout)


def _follow(pursuits: Sequence[AnyPursuit], on_progress: OnSight | None) -> Flow[None]:
    """Look at all tasks of one place again and again; emit each result as it is known.

    The last look is at the deadline, unless cancels are under way then: see `until_ended`.
    """
    rules, is_last = pursuits[0].rules, False
    for number in count():
        asking = [] if is_last else [pursuit for pursuit in pursuits if pursuit.wants_cancel]
        failures = yield from _ask(asking, on_progress, even_late=number == 0)
        instant = yield from now()
        if not asking or pursuits[0].left(instant) >= 0:
            failures.update((yield from _look([pur for pur in pursuits if pur not in failures])))
            yield from _tell([pur for pur in pursuits if pur not in failures], on_progress)
            instant = yield from now()
        going: list[AnyPursuit] = []
        for pursuit in pursuits:
            result = _result(pursuit, failures.get(pursuit), instant, is_last=is_last)
            if result is None:
                going.append(pursuit)
            else:
                yield Emit(result)
        if not going:
            return
        pursuits = going
        left, delay = pursuits[0].left(instant), rules.poll.delay(number, rules.draw)
        is_last = delay >= left
        yield Sleep(min(left, delay))


def _result(
    pursuit: AnyPursuit, failure: BotocancelError | None, instant: Instant, *, is_last: bool
) -> Result | None:
    """Return what there is to say of a task; None while that is nothing."""
    try:
        if failure is not None:
            raise failure
        value = pursuit.result(instant)
        if value is None and (is_last or pursuit.left(instant) <= 0):
            raise pursuit.late(instant)
    except BotocancelError as error:
        error.ref = pursuit.ref
        return Failed(task=pursuit.ref, ref=pursuit.ref, error=error)
    return None if value is None else Done(task=pursuit.ref, ref=pursuit.ref, value=value)


def _ask(
    pursuits: Sequence[AnyPursuit], on_progress: OnSight | None, *, even_late: bool
) -> Flow[dict[AnyPursuit, BotocancelError]]:
    """Send the cancels, no faster than they are taken; return what will not pass, by task.

    One that had to queue until after the deadline is sent only if it is to be sent `even_late`.
    """
    failures: dict[AnyPursuit, BotocancelError] = {}

    def one(pursuit: AnyPursuit) -> Flow[Answer]:
        if not even_late and pursuit.left((yield from now())) < 0:
            return Answer.TAKEN
        try:
            answer = yield from pursuit.ask()
        except BotocancelError as error:
            failures[pursuit] = error
            return Answer.TAKEN
        if on_progress is not None and not pursuit.wants_cancel:
            yield Tell(on_progress, pursuit.sighting)
        return answer

    if pursuits:
        first = pursuits[0]
        deadline = first.started.monotonic + first.timeout
        sends = [partial(one, pursuit) for pursuit in pursuits]
        yield from paced(sends, first.rules.retry.timeout, deadline)
    return failures


def _tell(pursuits: Iterable[AnyPursuit], on_progress: OnSight | None) -> Flow[None]:
    """Tell what was seen of those tasks that the last look did see."""
    for pursuit in pursuits:
        if on_progress is not None and pursuit.failure is None:
            yield Tell(on_progress, pursuit.sighting)


def _look(pursuits: Sequence[AnyPursuit]) -> Flow[dict[AnyPursuit, BotocancelError]]:
    """Describe the tasks of one place; return what will not pass, by task."""
    if not pursuits:
        return {}
    service = pursuits[0].service
    sights = yield from service.describe_many([pursuit.ref for pursuit in pursuits])
    failures: dict[AnyPursuit, BotocancelError] = {}
    for pursuit in pursuits:
        try:
            _take(pursuit, sights[pursuit.ref])
        except BotocancelError as error:
            failures[pursuit] = error
    return failures


def _take(pursuit: AnyPursuit, sight: Sight[Shape] | BotocancelError) -> None:
    service = pursuit.service
    if isinstance(sight, BotocancelError):
        if isinstance(sight, InvalidRequest) and service.says_not_found(sight):
            sight = sight.refined(service.errors_by_meaning[NotFound])
        pursuit.failed(_own(sight))
    elif sight.detail is None:
        pursuit.seen(sight.status, None)
    else:
        snapshot = service.snapshot(pursuit.ref, sight.detail)
        pursuit.seen(snapshot.status, snapshot)


def _own(error: BotocancelError) -> BotocancelError:
    """Return an error for one task alone: what fails a whole batch is one error for all."""
    own = copy.copy(error)
    own.__cause__ = error.__cause__
    return own
