"""The program that is killed: it starts with the name of a block here, and two DataSync tasks."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final

from botocancel import AsyncTaskClient, Guard, TaskClient
from botocancel.services.datasync import StartTaskExecutionRequest

if TYPE_CHECKING:
    from collections.abc import Callable

TASKS: Final = sys.argv[2:]


def say(*words: str) -> None:
    """Say something, in one piece."""
    os.write(1, f"{' '.join(words)}\n".encode())


def start(client: TaskClient, guard: Guard, task: str) -> str:
    """Start a task, and have it guarded."""
    started = client.call(StartTaskExecutionRequest(task_arn=task))
    guard.add(started)
    say("added", str(started.task_execution_arn))
    return str(started.task_execution_arn)


def release(guard: Guard, execution: str) -> None:
    """Have a task guarded no more."""
    say("releasing", execution)
    guard.release(execution)
    say("released", execution)


def plain(client: TaskClient) -> None:
    """Leave the block well."""
    with client.guard(keeper=True) as guard:
        executions = [start(client, guard, task) for task in TASKS]
        release(guard, executions[0])
        say("leaving")


def dies(client: TaskClient) -> None:
    """Leave the block by an exception, so that the guard cancels."""
    try:
        with client.guard(keeper=True) as guard:
            for task in TASKS:
                start(client, guard, task)
            say("leaving")
            int("")
    except ValueError:
        pass


def threads(client: TaskClient) -> None:
    """Have threads start the tasks."""
    with ThreadPoolExecutor(2) as pool, client.guard_process(keeper=True) as guard:
        executions = list(pool.map(partial(start, client, guard), TASKS))
        pool.submit(release, guard, executions[0]).result()
        say("leaving")


def coroutine(_: TaskClient) -> None:
    """Do it in a coroutine."""
    client = AsyncTaskClient()

    async def main() -> None:
        async with client.guard(keeper=True) as guard:
            executions: list[str] = []
            for task in TASKS:
                started = await client.call(StartTaskExecutionRequest(task_arn=task))
                guard.add(started)
                executions.append(str(started.task_execution_arn))
                say("added", executions[-1])
            say("releasing", executions[0])
            guard.release(executions[0])
            say("released", executions[0])
            say("leaving")

    asyncio.run(main())


if __name__ == "__main__":
    block: Callable[[TaskClient], None] = globals()[sys.argv[1]]
    made = TaskClient()
    made.describe(
        made.call(StartTaskExecutionRequest(task_arn=TASKS.pop()))
    )  # it has what it needs
    say("begins")
    block(made)
    say("left")
    time.sleep(60)  # until it is killed
