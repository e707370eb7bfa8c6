"""Connections: how many are opened, and what becomes of a cancel when one is cut."""

from __future__ import annotations

import random
import threading
from typing import TYPE_CHECKING

import pytest

from botocancel import Certainty, InvalidResponse, Phase, RetryPolicy, TaskClient, TransportError
from botocancel.testing import SimulatedAWS, SimulatorSettings
from tests.loopback import Cut, serving
from tests.loopback_session import LoopbackSession
from tests.simulated import DATASYNC, FSX, Kind, asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.loopback import LoopbackAWS

SOON = 20.0
"""Seconds after which a test that hangs gives up; none takes so long."""

WORKERS = 32
BURSTS = 12


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let botocore's own retries take no time, and have the same jitter each time."""
    waits: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", waits.append)
    random.seed(11)


@pytest.fixture
def server() -> Iterator[LoopbackAWS]:
    with serving(SimulatedAWS(SimulatorSettings(kind="fsx", again="as ended"))) as server:
        yield server


def client_of(server: LoopbackAWS, *, attempts: int = 3, workers: int = 16) -> TaskClient:
    session = LoopbackSession(server.url, attempts=attempts)
    return TaskClient(session, clock=server.aws.clock, workers=workers)


# --- how many --------------------------------------------------------------------------------


def test_12_bursts_of_32_calls_open_no_more_than_32_connections(server: LoopbackAWS) -> None:
    """The barrier lets no call through before all 32 of its burst have arrived."""
    barrier = threading.Barrier(WORKERS)
    server.watch = lambda _: barrier.wait(SOON)
    client = client_of(server, workers=WORKERS)
    for _ in range(BURSTS):
        tasks = [FSX.start(server.aws, "EXECUTING") for _ in range(WORKERS)]
        client.cancel_many(tasks).finish().raise_failures()
    assert len(server.aws.requests) == BURSTS * WORKERS
    assert server.connections == WORKERS


def test_calls_one_after_another_share_a_connection(server: LoopbackAWS, kind: Kind) -> None:
    client_of(server).cancel_and_wait(kind.start(server.aws, kind.running))
    assert len(server.aws.requests) > 2
    assert server.connections == 1


# --- when one is cut --------------------------------------------------------------------------


@pytest.mark.parametrize("attempts", [1, 3])
@pytest.mark.parametrize("cut", Cut, ids=lambda cut: cut.value)
def test_cancel_and_wait_reports_success_when_the_first_answer_was_cut_off(
    server: LoopbackAWS, kind: Kind, cut: Cut, attempts: int
) -> None:
    task = kind.start(server.aws, kind.running)
    server.cuts = [cut]
    outcome = client_of(server, attempts=attempts).cancel_and_wait(task, if_ended="raise")
    assert outcome.phase is Phase.CANCELED
    assert kind.status(server.aws, task) == outcome.snapshot.status == kind.canceled
    assert outcome.certainty is (Certainty.REPORTED if kind is FSX else Certainty.INFERRED)
    assert server.cuts == []


def test_cancel_alone_reports_success_when_the_first_answer_was_cut_off(
    server: LoopbackAWS,
) -> None:
    """FSx refuses the second attempt as ended; a look tells that it was the first that did it."""
    task = FSX.start(server.aws, "EXECUTING")
    server.cuts = [Cut.BEFORE_THE_ANSWER]
    cancellation = client_of(server).cancel(task)
    assert not cancellation.accepted
    assert cancellation.phase is Phase.CANCELING
    assert cancellation.attempts == asked(server.aws)[FSX.cancel] == 2


@pytest.mark.parametrize("cut", Cut, ids=lambda cut: cut.value)
def test_wherever_the_answer_is_cut_off_a_cancel_that_may_retry_is_a_success(
    server: LoopbackAWS, kind: Kind, cut: Cut
) -> None:
    """Some versions of botocore take HTTP 200 for an answer; the others send the cancel again.

    If not even the request id had arrived, nobody can tell whose answer it was.
    """
    task = kind.start(server.aws, kind.running)
    server.cuts = [cut]
    cancellation = client_of(server).cancel(task, retry=RetryPolicy())
    assert cancellation.accepted or cancellation.phase is Phase.CANCELING
    assert cancellation.attempts == asked(server.aws)[kind.cancel]
    assert kind.status(server.aws, task) == kind.canceling


@pytest.mark.parametrize("cut", Cut, ids=lambda cut: cut.value)
def test_a_task_that_a_cut_off_cancel_ended_at_once_is_not_task_ended(cut: Cut) -> None:
    with serving(SimulatedAWS(SimulatorSettings(kind="fsx", seconds={"CANCELING": 0}))) as server:
        task = FSX.start(server.aws, "EXECUTING")
        server.cuts = [cut]
        outcome = client_of(server).cancel_and_wait(task, if_ended="raise")
        assert outcome.canceled


def test_looks_that_are_cut_off_are_ridden_out(server: LoopbackAWS, kind: Kind) -> None:
    task = kind.start(server.aws, kind.canceling)
    server.cuts = [*Cut] * 2
    snapshot = client_of(server, attempts=1).wait(task)
    assert snapshot.status == kind.canceled
    assert server.cuts == []


def test_a_listing_that_is_cut_off_is_not_empty(server: LoopbackAWS, kind: Kind) -> None:
    """botocore may say that the connection broke, or make an empty answer of it."""
    kind.start(server.aws, kind.running)
    client = client_of(server, attempts=1)
    for cut in (Cut.BEFORE_THE_BODY, Cut.IN_THE_BODY):
        server.cuts = [cut]
        with pytest.raises((InvalidResponse, TransportError)):
            list(client.active(kinds=[kind.name]))
    assert len(list(client.active(kinds=[kind.name]))) == 1


def test_where_every_connection_is_cut_it_is_a_transport_error(server: LoopbackAWS) -> None:
    task = DATASYNC.start(server.aws, "TRANSFERRING")
    server.cuts = [Cut.BEFORE_THE_ANSWER] * 3
    with pytest.raises(TransportError):
        client_of(server).cancel(task)
    assert len(server.aws.requests) == 3


def test_where_nobody_listens_it_is_a_transport_error() -> None:
    with serving(SimulatedAWS()) as server:
        client = client_of(server)
    with pytest.raises(TransportError):
        client.cancel("task-0123456789abcdef0")
