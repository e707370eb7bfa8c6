"""What the library does, as generators that yield effects: see `botocancel.effects`.

A flow is loaded on first use: a program that cancels one task needs one, and with all of them
takes 4 % more.
"""

from typing import TYPE_CHECKING

from botocancel._lazy import names_from

if TYPE_CHECKING:
    from botocancel.flows.batches import (
        cancel_and_wait_many,
        cancel_many,
        describe_many,
        resume,
        wait_many,
    )
    from botocancel.flows.evidence import Given, given_of
    from botocancel.flows.listing import active, restart
    from botocancel.flows.single import cancel, describe, send
    from botocancel.flows.waiters import IfEnded, cancel_and_wait, wait
else:
    __getattr__ = names_from(__name__, "single", "evidence", "waiters", "batches", "listing")

__all__ = [
    "Given",
    "IfEnded",
    "active",
    "cancel",
    "cancel_and_wait",
    "cancel_and_wait_many",
    "cancel_many",
    "describe",
    "describe_many",
    "given_of",
    "restart",
    "resume",
    "send",
    "wait",
    "wait_many",
]
