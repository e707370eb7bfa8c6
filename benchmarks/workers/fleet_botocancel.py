"""Looking for tasks in many accounts and regions, by botocancel."""

import sys

from measured import measured, regions

from botocancel import Account, Fleet

accounts, number = int(sys.argv[1]), int(sys.argv[2])
with measured():
    fleet = Fleet(
        [Account(f"{111100000000 + index}", role="StopTasks") for index in range(accounts)],
        regions=regions(number),
    )
    listing = fleet.active(kinds=["fsx", "datasync"])
    assert len(list(listing)) == accounts * number, listing.gaps[:1]
