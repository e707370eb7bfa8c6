"""A program that works while it ends, which `test_exit` starts; no test itself.

It starts with the URL of a simulated AWS, what it does, when it does it, and the tasks.
"""

from __future__ import annotations

import asyncio
import atexit
import sys
import threading
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from botocancel import AsyncTaskClient, TaskClient
from tests.loopback_session import LoopbackSession

URL, WHAT, WHEN, *TASKS = sys.argv[1:]


def batch() -> None:
    TaskClient(LoopbackSession(URL)).cancel_and_wait_many(TASKS, timeout=60).finish()


def guard() -> None:
    with suppress(ZeroDivisionError), TaskClient(LoopbackSession(URL)).guard(*TASKS, signals=[]):
        raise ZeroDivisionError


def async_batch() -> None:
    async def work() -> None:
        async with AsyncTaskClient(LoopbackSession(URL)) as client:
            await client.cancel_and_wait_many(TASKS, timeout=60).finish()

    asyncio.run(work())


def async_batch_with_a_journal() -> None:
    async def work(path: Path) -> None:
        async with AsyncTaskClient(LoopbackSession(URL), journal=path) as client:
            await client.cancel_and_wait_many(TASKS, timeout=60).finish()

    with TemporaryDirectory() as folder:
        asyncio.run(work(Path(folder, "journal")))


def async_guard() -> None:
    async def work() -> None:
        async with AsyncTaskClient(LoopbackSession(URL)).guard(*TASKS, signals=[]):
            raise ZeroDivisionError

    with suppress(ZeroDivisionError):
        asyncio.run(work())


def left_batch() -> None:
    global left  # noqa: PLW0603  (it is there until the end)
    left = TaskClient(LoopbackSession(URL)).wait_many(TASKS, timeout=600)
    next(left)


def without_threads() -> None:
    """Do it as it has to be done at exit since Python 3.12, which then starts no thread."""
    refusal = RuntimeError("can't create new thread at interpreter shutdown")
    with patch.object(threading.Thread, "start", side_effect=refusal):
        work()


def after_main() -> None:
    threading.main_thread().join()
    work()


left: object = None
work = globals()[WHAT]
match WHEN:
    case "now":
        work()
    case "at exit":
        atexit.register(work)
    case "at exit, without threads":
        atexit.register(without_threads)
    case "in a thread, after main":
        threading.Thread(target=after_main).start()
    case _:
        raise ValueError(WHEN)
