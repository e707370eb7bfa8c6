"""What the receipt of a warm cancel costs, and a journal: with and without, in turn."""

import json
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from unittest.mock import patch

from botocancel import Cancellation, TaskClient, __version__, task_ref
from botocancel.effects import Order, now
from botocancel.flows import single

CALLS = 20

turns = int(sys.argv[1])
chance = Random(7)
"""In a random order, so that none suffers more than others from what was before it."""
ref = task_ref("task-0123456789abcdef0")


def ordered(refs, reason):
    """Order cancels that have no name and are not noted."""
    at = (yield from now()).utc
    return {ref: Order((), at, reason) for ref in refs}


def answer(ref, order, evidence, response):
    """Say what a cancel did, and leave out what a receipt has more."""
    instant = yield from now()
    status = evidence.service.status_in(response)
    cancellation = Cancellation(
        ref=ref,
        accepted=True,
        phase=evidence.service.phase(status),
        status=status,
        response=response,
        attempts=evidence.cancels,
        aftermath=evidence.service.aftermath(None),
        requested_at=order.at,
        answered_at=instant.utc,
        version=__version__,
    )
    evidence.cancel_accepted(cancellation, instant.monotonic)
    return cancellation


def cancels(client):
    """Return the seconds of CPU and of wall time that some cancels take."""
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(CALLS):
        client.cancel(ref)
    return [time.process_time() - cpu, time.perf_counter() - wall]


def bare(client):
    """The same without receipts."""
    with patch.object(single, "ordered", ordered), patch.object(single, "_receipt", answer):
        return cancels(client)


with tempfile.TemporaryDirectory() as folder:
    clients = TaskClient(), TaskClient(journal=Path(folder) / "cancels.jsonl")
    contenders = {
        "without a receipt": lambda: bare(clients[0]),
        "with a receipt": lambda: cancels(clients[0]),
        "with a receipt and a journal": lambda: cancels(clients[1]),
    }
    samples = {label: [] for label in contenders}
    for turn in range(turns + 1):
        for label in chance.sample([*contenders], len(contenders)):
            sample = [seconds / CALLS for seconds in contenders[label]()]
            if turn:  # what is done first does not count
                samples[label].append(sample)
print(json.dumps({"cpu": time.process_time(), "samples": samples}))
