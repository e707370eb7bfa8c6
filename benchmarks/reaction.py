"""How late a wait notices that its task has ended, and what it asks for that, by its schedule."""

from __future__ import annotations

import math
import random
import statistics
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import attrs

from botocancel import Backoff, flows, task_ref
from botocancel.effects import Call, Instant, Now, Sleep
from botocancel.polling import DEFAULT_POLL, Rules
from botocancel.services.fsx import (
    DataRepositoryTask,
    DataRepositoryTaskLifecycle,
    DataRepositoryTaskType,
    DescribeDataRepositoryTasksResponse,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_REF: Final = task_ref("task-0123456789abcdef0")
_START: Final = datetime(2024, 1, 1, tzinfo=UTC)
_SHORTEST, _LONGEST = 2.0, 4 * 3600.0


@attrs.frozen
class Reaction:
    """What a schedule made of many lifecycles."""

    schedule: str
    late: float
    """Median of the seconds between a task's end and the return of the wait."""
    late_worst: float
    """So late or less in 19 of 20."""
    share: float
    """Median of the same as a share of the task's own time."""
    requests: float
    """Mean number of requests for a wait."""


def reactions(lifecycles: int) -> list[Reaction]:
    """Try schedules on tasks that run from seconds to hours, each length as likely as another."""
    draw = random.Random(7)  # noqa: S311  (no secret)
    lengths = [
        math.exp(draw.uniform(math.log(_SHORTEST), math.log(_LONGEST))) for _ in range(lifecycles)
    ]
    return [_reaction(name, poll, lengths, jitter=jitter) for name, poll, jitter in _schedules()]


def _schedules() -> Iterator[tuple[str, Backoff, bool]]:
    yield "botocancel's default", DEFAULT_POLL, True
    for seconds in (5.0, 10.0, 30.0):
        yield f"every {seconds:.0f} s", Backoff(first=seconds, growth=1, ceiling=seconds), False
    for ceiling in (10.0, 60.0, 120.0):
        for growth in (1.2, 1.5, 2.0):
            name = f"first 1 s, times {growth}, at most {ceiling:.0f} s"
            yield name, Backoff(growth=growth, ceiling=ceiling), True


def _reaction(name: str, poll: Backoff, lengths: list[float], *, jitter: bool) -> Reaction:
    chance = random.Random(11)  # noqa: S311  (no secret)
    rules = Rules(poll=poll, draw=chance.random if jitter else lambda: 1.0)
    runs = [_wait(rules, length) for length in lengths]
    late = sorted(end - length for (end, _), length in zip(runs, lengths, strict=True))
    shares = [(end - length) / length for (end, _), length in zip(runs, lengths, strict=True)]
    return Reaction(
        name,
        statistics.median(late),
        late[int(0.95 * (len(late) - 1))],
        statistics.median(shares),
        statistics.fmean(requests for _, requests in runs),
    )


def _wait(rules: Rules, length: float) -> tuple[float, int]:
    """Drive the library's own flow through simulated time; return its end and its requests."""
    flow = flows.wait(flows.given_of(_REF), rules, 10 * _LONGEST)
    time, requests = 0.0, 0
    answer: object = None
    try:
        while True:
            match flow.send(answer):
                case Call():
                    requests += 1
                    answer = _description(ended=time >= length)
                case Sleep(seconds):
                    time += seconds
                    answer = None
                case Now():
                    answer = Instant(time, _START + timedelta(seconds=time))
                case other:
                    raise TypeError(other)
    except StopIteration:
        return time, requests


def _description(*, ended: bool) -> DescribeDataRepositoryTasksResponse:
    return _ENDED if ended else _RUNNING


def _answer(lifecycle: str) -> DescribeDataRepositoryTasksResponse:
    task = DataRepositoryTask(
        task_id=_REF.id,
        lifecycle=DataRepositoryTaskLifecycle(lifecycle),
        type=DataRepositoryTaskType.EXPORT_TO_REPOSITORY,
        creation_time=_START,
    )
    return DescribeDataRepositoryTasksResponse(data_repository_tasks=(task,))


_RUNNING: Final = _answer("EXECUTING")
_ENDED: Final = _answer("SUCCEEDED")
