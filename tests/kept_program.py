"""A program whose guard has a keeper, which `test_keeper` starts and kills; no test itself.

It starts with the name of a function here, and the function's arguments.
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from botocore.credentials import RefreshableCredentials
from botocore.session import Session

from botocancel import AsyncTaskClient, TaskClient, _keeper

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PR_SET_CHILD_SUBREAPER = 36


def say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def wait() -> None:
    say("ready")
    while not threading.Event().wait(0.5):  # for a signal: see `GLANCE`
        pass


def plain(task: str, log: str = "") -> None:
    with TaskClient().guard(task, keeper=log or True):
        wait()


def journaled(task: str, journal: str) -> None:
    with TaskClient(journal=journal).guard(task, keeper=True):
        wait()


def adds(task: str, other: str) -> None:
    with TaskClient().guard(other, keeper=True) as guard:
        guard.add(task)
        guard.release(other)
        wait()


def in_a_thread(task: str) -> None:
    def work() -> None:
        with TaskClient().guard(task, keeper=True):
            wait()

    threading.Thread(target=work, daemon=True).start()
    time.sleep(1_000)


def coroutine(task: str) -> None:
    async def main() -> None:
        async with AsyncTaskClient().guard(task, keeper=True):
            say("ready")
            await asyncio.Event().wait()

    asyncio.run(main())


def exits(task: str) -> None:
    """End so that nothing is unwound."""
    with TaskClient().guard(task, keeper=True):
        say("ready")
        os._exit(3)


def leaves(task: str) -> None:
    with TaskClient().guard(task, keeper=True):
        say("ready")
        sys.stdin.readline()


def explicit(task: str) -> None:
    """Have credentials, and an endpoint, that no other process finds."""
    url = os.environ.pop("AWS_ENDPOINT_URL_FSX")
    keys = [os.environ.pop(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]
    client = Session().create_client(
        "fsx",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
    )
    with TaskClient(clients=[client]).guard(task, keeper=True):
        wait()


def refreshed(task: str, seconds: str) -> None:
    """Have credentials that last for so many seconds; their token says until when they are good."""
    key = os.environ.pop("AWS_ACCESS_KEY_ID")

    def renewed() -> Mapping[str, str]:
        expires = datetime.now(UTC) + timedelta(seconds=float(seconds))
        say(f"renewed in {threading.current_thread().name}")
        return {
            "access_key": key,
            "secret_key": "simulated",
            "token": f"until-{expires.timestamp()}",
            "expiry_time": expires.isoformat(),
        }

    session = Session()
    credentials = cast("Any", RefreshableCredentials).create_from_metadata(
        metadata=renewed(), refresh_using=renewed, method="of this program"
    )
    cast("Any", session)._credentials = credentials  # noqa: SLF001  (as programs do)
    with TaskClient(session).guard(task, keeper=True):
        wait()


def forks(task: str) -> None:
    """Have a child that goes on for long, and one that leaves the block."""
    with TaskClient().guard(task, keeper=True) as guard:
        if not os.fork():
            guard.add(task)
            guard.release(task)
            return
        if not os.fork():
            time.sleep(1_000)
        subprocess.Popen(["/bin/sleep", "1000"], close_fds=False)
        wait()


def descriptors() -> list[Path]:
    return [*Path("/proc/self/fd").iterdir()]


def blocks(task: str, number: str) -> None:
    """Enter and leave many blocks, adopt all orphans, and say which processes are left."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    client = TaskClient()
    before = len(descriptors())
    for _ in range(int(number)):
        with client.guard(task, keeper=True):
            pass
    left = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    say(f"left {len(left)} {len(descriptors()) - before}")


def listening() -> list[int]:
    """Return where the ids of the keepers that are started will be."""
    pids = list[int]()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if found := re.search(r"keeper (\d+) listens", record.getMessage()):
                pids.append(int(found[1]))

    logging.basicConfig(level=logging.WARNING)
    logger = logging.getLogger("botocancel")
    logger.addHandler(Listener())
    logger.setLevel(logging.DEBUG)
    return pids


def unadopted(task: str, number: str) -> None:
    """Enter and leave many blocks where nobody waits for orphans; say how many stay."""
    _keeper.__dict__["_ADOPTION"] = 0.0  # they are never waited for
    client, pids = TaskClient(), listening()
    for _ in range(int(number)):
        with client.guard(task, keeper=True):
            pass
    left = [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    say(f"left {len(left)} of {len(pids)}")


def negligent(task: str, number: str) -> None:
    """Adopt the orphans of a child, and wait for none of them."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    subprocess.run([sys.executable, *sys.orig_argv[1:3], "unadopted", task, number], check=True)


def stopped(task: str) -> None:
    """Leave a block whose keeper hears nothing."""
    pids = listening()
    with TaskClient().guard(task, keeper=True):
        os.kill(pids[0], signal.SIGSTOP)
    say("left")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    program: Callable[..., None] = globals()[sys.argv[1]]
    program(*sys.argv[2:])
