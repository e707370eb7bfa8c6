"""Start a task of each kind on the simulated AWS, find them all, and stop them in one call."""

from __future__ import annotations

from botocancel.services import kinds_of
from botocancel.testing import SimulatedAWS


def main() -> None:
    """Print what was running, and how each task ended."""
    aws = SimulatedAWS()
    for kind in kinds_of("all"):
        aws.simulator(kind).start()
    client = aws.client()
    running = list(client.active(kinds="all"))
    print(f"running: {len(running)} tasks of {len({each.ref.key for each in running})} kinds")
    outcomes = [result.unwrap() for result in client.cancel_and_wait_many(running)]
    for outcome in sorted(outcomes, key=lambda outcome: outcome.ref.key):
        print(
            f"{outcome.ref.key:21}{outcome.snapshot.status:15}"
            f"{outcome.phase}, {outcome.certainty}; cause: {outcome.cause}"
        )


if __name__ == "__main__":
    main()
