"""Blocks that signals reach at each bytecode, which `test_guard_process` looks at; no test itself.

It starts with the name of a block, how far it is from one place to the next, and what arrives
there: one signal, or several such as ``15,2``, a millisecond apart. For each place it forks a child
in which they arrive where that bytecode is executed, and prints a line of JSON: see `Run`.
"""

from __future__ import annotations

import asyncio
import gc
import inspect
import json
import mmap
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from itertools import count
from types import FrameType
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from botocancel import AsyncTaskClient, TaskClient, _guarded, _reports, _signals, guard
from botocancel.testing import SimulatedAWS
from tests.simulated import FSX, clients_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from _typeshed import TraceFunction

    from botocancel.testing.wire import HttpAnswer, HttpRequest


MILLISECOND: Final = 0.001
SIZE: Final = 4096


class Run(NamedTuple):
    """What became of a block that signals reached."""

    signals: list[int]
    place: str
    """Function and line that were interrupted."""
    guarded: bool
    """Whether a guard handled the signal: it had been entered, and had not been left."""
    entrusted: int
    """How many tasks guards had been given."""
    ended_well: bool
    canceled: int
    """How many tasks."""
    status: int
    """As `subprocess` has it."""


class Report:
    """What a child tells, even if it is killed: it shares this memory with its parent."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, SIZE)

    def tell(self, **news: object) -> None:
        text = json.dumps({**self.read(), **news}).encode()
        self._memory[:SIZE] = text.ljust(SIZE, b"\0")

    def read(self) -> dict[str, object]:
        text = self._memory[:SIZE].rstrip(b"\0")
        return json.loads(text) if text else {}

    def clear(self) -> None:
        self._memory[:SIZE] = bytes(SIZE)


report = Report()


class AWS(SimulatedAWS):
    """Tells how many tasks it has cancelled."""

    def answer(self, request: HttpRequest) -> HttpAnswer:
        answer = super().answer(request)
        report.tell(canceled=sum(self.fsx().status(task) == FSX.canceling for task in tasks))
        return answer


aws = AWS()
tasks = [FSX.start(aws, FSX.running) for _ in range(2)]
clients = clients_of(aws)


def new_client() -> TaskClient:
    """Return a client for this process; one that its parent has used is of no use."""
    return TaskClient(clients=clients, clock=aws.clock)


def new_async_client() -> AsyncTaskClient:
    return AsyncTaskClient(clients=clients, clock=aws.clock)


def end_well() -> None:
    report.tell(ended_well=True)


def ends_well() -> None:
    with new_client().guard(tasks[0]):
        end_well()


def dies() -> None:
    with new_client().guard(tasks[0]):
        raise ZeroDivisionError


def adds() -> None:
    with new_client().guard() as entered:
        entered.add(tasks[0])
        end_well()


def swallows() -> None:
    with new_client().guard(tasks[0]), suppress(BaseException):  # as a finalizer does
        end_well()


def nested() -> None:
    client = new_client()
    with client.guard(tasks[0]), client.guard(tasks[1]):
        end_well()


def coroutine() -> None:
    async def main() -> None:
        async with new_async_client().guard(tasks[0]):
            await asyncio.sleep(0)
            end_well()

    asyncio.run(main())


def coroutine_dies() -> None:
    async def main() -> None:
        async with new_async_client().guard(tasks[0]):
            raise ZeroDivisionError

    asyncio.run(main())


BLOCKS: dict[str, tuple[Callable[[], None], CodeType]] = {
    "ends_well": (ends_well, guard.Guard.__enter__.__code__),
    "dies": (dies, guard.Guard.__enter__.__code__),
    "adds": (adds, guard.Guard.add.__code__),
    "swallows": (swallows, guard.Guard.__enter__.__code__),
    "nested": (nested, guard.Guard.__enter__.__code__),
    "coroutine": (coroutine, guard.AsyncGuard.__aenter__.__code__),
    "coroutine_dies": (coroutine_dies, guard.AsyncGuard.__aenter__.__code__),
}
"""Each block, and where a guard is entrusted with a task."""

TRACED = {guard.__file__, _guarded.__file__, _reports.__file__, _signals.__file__}


def trace(name: str, number: int, reached: Callable[[str, int], None]) -> None:
    """Trace a block and its guard, and call this at one place, of so many.

    It is told the name of the place, and how many tasks guards have been entrusted with.
    """
    entrusting = BLOCKS[name][1]
    done, entrusted = -1, list[FrameType]()

    def step(frame: FrameType, event: str, _: object) -> TraceFunction | None:
        nonlocal done
        code = frame.f_code
        if code.co_filename not in TRACED and code is not end_well.__code__:
            return None
        if event in {"call", "opcode", "return"}:
            done += 1
            if code is entrusting and frame not in entrusted:  # a coroutine is called again
                entrusted.append(frame)
            if done == number:
                sys.settrace(None)
                reached(f"{event} in {code.co_qualname}:{frame.f_lineno}", len(entrusted))
        frame.f_trace_opcodes = True
        return step

    here = inspect.currentframe()
    assert here is not None
    here.f_trace_opcodes = True  # or Python 3.12 traces no bytecode at all
    sys.settrace(step)


def child(name: str, number: int, signals: list[int]) -> NoReturn:
    """Run a block, and let signals reach it."""
    first, *others = signals
    usual = signal.getsignal(signal.SIGTERM)

    def further() -> None:
        for each in others:
            time.sleep(MILLISECOND)
            os.kill(os.getpid(), each)

    def interrupt(place: str, entrusted: int) -> None:
        guarded = signal.getsignal(signal.SIGTERM) is not usual
        report.tell(place=place, guarded=guarded, entrusted=entrusted)
        if others:
            threading.Thread(target=further, daemon=True).start()
        signal.raise_signal(first)

    status: object = 0
    trace(name, number, interrupt)
    try:
        BLOCKS[name][0]()
    except ZeroDivisionError:
        status = 1
    except KeyboardInterrupt:
        status = 128 + signal.SIGINT
    except SystemExit as end:
        status = end.code
    os._exit(status if isinstance(status, int) else 1)


def make_ready(name: str) -> None:
    """Run the block: what is made once is made, and Python 3.13 traces what it has seen traced."""
    trace(name, sys.maxsize, print)
    with suppress(ZeroDivisionError):
        BLOCKS[name][0]()
    sys.settrace(None)
    for thread in threading.enumerate()[1:]:
        thread.join()  # it would not be in a fork
    tasks[:] = [FSX.start(aws, FSX.running) for _ in tasks]
    gc.disable()
    gc.freeze()  # what is not touched is not copied


def main(name: str, step: str, *combinations: str) -> None:
    # As Python has it, even where whoever started the tests ignores Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    make_ready(name)
    for first, combination in enumerate(combinations):
        signals = [int(each) for each in combination.split(",")]
        for number in count(first, int(step)):
            run = interrupted(name, number, signals)
            if run is None:
                break
            print(json.dumps(run), flush=True)  # noqa: T201  (the test reads it)


def interrupted(name: str, number: int, signals: list[int]) -> Run | None:
    """Run a block in a child that signals reach at one place; None if it has no such place."""
    report.clear()
    process = os.fork() or child(name, number, signals)
    _, status = os.waitpid(process, 0)
    told = report.read()
    if "place" not in told:
        return None
    return Run(
        signals=signals,
        place=str(told["place"]),
        guarded=bool(told["guarded"]),
        entrusted=int(str(told["entrusted"])),
        ended_well="ended_well" in told,
        canceled=int(str(told.get("canceled", 0))),
        status=os.waitstatus_to_exitcode(status),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
