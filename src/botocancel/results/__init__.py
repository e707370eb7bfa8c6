"""What the library answers: snapshots of tasks, what a cancel did, and how it ended.

Each module is loaded on first use: all at once, a process with one cancel took 3 to 4 % more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocancel._lazy import names_from

if TYPE_CHECKING:
    from botocancel.results.batches import *
    from botocancel.results.cancellations import *
    from botocancel.results.certainty import *
    from botocancel.results.listings import *
    from botocancel.results.outcomes import *
    from botocancel.results.progress import *
    from botocancel.results.snapshots import *
else:
    __getattr__ = names_from(
        __name__,
        "cancellations",
        "certainty",
        "progress",
        "snapshots",
        "outcomes",
        "batches",
        "listings",
    )
