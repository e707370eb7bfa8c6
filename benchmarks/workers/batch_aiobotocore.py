"""The same by aiobotocore, in an event loop."""

import asyncio
import sys

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from measured import measured, task_ids

work, number, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
tasks = task_ids(number)


async def main():
    """Cancel one after the other, or as many at a time as the others do."""
    places = asyncio.Semaphore(1 if work == "calls" else workers)
    config = AioConfig(max_pool_connections=workers)
    async with get_session().create_client("fsx", config=config) as client:

        async def cancel(task):
            async with places:
                await client.cancel_data_repository_task(TaskId=task)

        await cancel(tasks[0])
        with measured():
            await asyncio.gather(*map(cancel, tasks))


asyncio.run(main())
