"""Looking for tasks in many regions, by botocancel."""

import sys

from measured import measured, regions

from botocancel import TaskClient

work, number = sys.argv[1], int(sys.argv[2])
client = TaskClient()
with measured():
    found = client.active(kinds=["fsx", "datasync"], regions=regions(number))
    if work == "all":
        assert len(list(found)) == number
    else:
        next(found)
