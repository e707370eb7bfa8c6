"""What the library does, as generators that yield effects: see `botocancel.effects`."""

from botocancel.flows.batches import cancel_and_wait_many, cancel_many, wait_many
from botocancel.flows.listing import active, restart
from botocancel.flows.single import cancel, describe, send
from botocancel.flows.stopping import IfEnded, cancel_and_wait, wait

__all__ = [
    "IfEnded",
    "active",
    "cancel",
    "cancel_and_wait",
    "cancel_and_wait_many",
    "cancel_many",
    "describe",
    "restart",
    "send",
    "wait",
    "wait_many",
]
