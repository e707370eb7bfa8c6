"""Calls, asked for again where what went wrong may pass."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar

from botocancel import BotocancelError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from botocancel import RetryPolicy

__all__ = ["all_patiently", "patiently"]

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

_CALLS_AT_A_TIME: Final = 16


def patiently(
    call: Callable[[], ResultT], policy: RetryPolicy, left: Event | None = None
) -> ResultT:
    """Return what a call returns, in the end.

    Args:
        call: What is called, again and again.
        policy: What is asked for again, and how long.
        left: Set when nobody wants the result any more.

    Raises:
        BotocancelError: It does not pass, or not in time.
    """
    left = left or Event()
    ends = monotonic() + policy.timeout
    for attempt in count():
        try:
            return call()
        except BotocancelError as error:
            pause = policy.backoff.delay(attempt, random.random)
            if not policy.retry_on(error) or left.is_set() or monotonic() + pause > ends:
                raise
            left.wait(pause)
    raise AssertionError  # pragma: no cover  (the loop has no end)


def all_patiently(
    call: Callable[[ItemT], ResultT], items: Collection[ItemT], policy: RetryPolicy
) -> list[ResultT | BotocancelError]:
    """Return what a call returns for each of some items, or why it returned nothing."""

    def result(item: ItemT) -> ResultT | BotocancelError:
        try:
            return patiently(lambda: call(item), policy)
        except BotocancelError as error:
            return error

    with ThreadPoolExecutor(min(_CALLS_AT_A_TIME, len(items)) or 1) as pool:
        return list(pool.map(result, items))
