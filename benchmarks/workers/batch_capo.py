"""The same by capo-fsx, as it is shipped: its plain client, and its asynchronous one."""

import asyncio
import sys

from measured import measured, task_ids

work, number, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
tasks = task_ids(number)


def calls():
    """One after the other, on one client."""
    from capo_fsx import FSxClient

    with FSxClient() as client:
        client.cancel_data_repository_task(task_id=tasks[0])
        with measured():
            for task in tasks:
                client.cancel_data_repository_task(task_id=task)


async def cancels():
    """All, as many at a time as the others do."""
    from capo_fsx import AsyncFSxClient

    places = asyncio.Semaphore(workers)
    async with AsyncFSxClient() as client:

        async def cancel(task):
            async with places:
                await client.cancel_data_repository_task(task_id=task)

        await cancel(tasks[0])
        with measured():
            await asyncio.gather(*map(cancel, tasks))


if work == "calls":
    calls()
else:
    asyncio.run(cancels())
