"""Calls, asked for again where what went wrong may pass."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING, Final, TypeVar

from botocancel import BotocancelError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from botocancel import RetryPolicy

__all__ = ["all_patiently"]

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

_CALLS_AT_A_TIME: Final = 16


def all_patiently(
    call: Callable[[ItemT], ResultT], items: Sequence[ItemT], policy: RetryPolicy
) -> list[ResultT | BotocancelError]:
    """Return what a call returns for each of some items, or why it returned nothing.

    It is made for all of them before any of those that failed is tried again, and the time
    in which that is done is of all together.

    Args:
        call: What is called, on several threads.
        items: What it is called with.
        policy: What is asked for again, and how long.
    """

    def result(item: ItemT) -> ResultT | BotocancelError:
        try:
            return call(item)
        except BotocancelError as error:
            return error

    def may_pass(result: object) -> bool:
        return isinstance(result, BotocancelError) and policy.retry_on(result)

    ends = time.monotonic() + policy.timeout
    pool = ThreadPoolExecutor(min(_CALLS_AT_A_TIME, len(items)) or 1, "botocancel-ask")
    try:
        results = list(pool.map(result, items))
        for attempt in count():
            open_ = [index for index, each in enumerate(results) if may_pass(each)]
            pause = policy.backoff.delay(attempt, random.random)
            if not open_ or time.monotonic() + pause > ends:
                break
            time.sleep(pause)
            again = pool.map(result, [items[index] for index in open_])
            for index, each in zip(open_, again, strict=True):
                results[index] = each
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return results
