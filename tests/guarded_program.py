"""A program with a guard, which `test_guard_process` starts and kills; no test itself.

It starts with the URL of a simulated AWS, a task, how it shall be guarded and what it does
then. It prints ``ready`` when it is in the block.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from botocancel import AsyncTaskClient, TaskClient
from tests.loopback_session import LoopbackSession

URL, TASK, GUARD, END = sys.argv[1:]


def in_the_block() -> None:
    print("ready", flush=True)  # noqa: T201  (the test waits for it)
    come_to_the_end()


def come_to_the_end() -> None:
    match END:
        case "raise":
            msg = "the block died"
            raise RuntimeError(msg)
        case "exit":
            sys.exit(7)
        case "return":
            return
        case _:
            while not threading.Event().wait(0.5):  # for a signal: see `GLANCE`
                pass


def plain() -> None:
    with TaskClient(LoopbackSession(URL)).guard(TASK):
        in_the_block()


def nested() -> None:
    client = TaskClient(LoopbackSession(URL))
    with client.guard(TASK), client.guard():
        in_the_block()


def with_a_handler_of_its_own() -> None:
    def leave(_: int, __: object) -> None:
        sys.exit(9)

    signal.signal(signal.SIGTERM, leave)
    plain()


def threads() -> None:
    """Have guards in worker threads, which end when their task has."""
    client = TaskClient(LoopbackSession(URL))

    def work() -> None:
        with client.guard(TASK):
            print("ready", flush=True)  # noqa: T201  (the test waits for it)
            while client.describe(TASK).status != "CANCELING":
                time.sleep(0.05)

    with ThreadPoolExecutor() as pool, client.guard_process():
        pool.submit(work).result()


def forks() -> None:
    with TaskClient(LoopbackSession(URL)).guard(TASK):
        print("ready", flush=True)  # noqa: T201  (the test waits for it)
        child = os.fork()
        if not child:
            come_to_the_end()
        if END == "wait":
            os.kill(child, signal.SIGTERM)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201


async def coroutine() -> None:
    async with AsyncTaskClient(LoopbackSession(URL)).guard(TASK):
        if END != "wait":
            in_the_block()
        print("ready", flush=True)  # noqa: T201  (the test waits for it)
        await asyncio.Event().wait()


if __name__ == "__main__":
    # As Python has it, even where whoever started the tests ignores Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if GUARD == "coroutine":
        asyncio.run(coroutine())
    else:
        globals()[GUARD]()
