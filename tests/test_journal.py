"""The journal: what was asked for is on disk before it is asked, and what came of it after."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from botocancel import AsyncTaskClient, JournalError, NotFound, Phase, TaskClient
from botocancel.journal import read, unfinished
from botocancel.testing import Fault, FaultKind, SimulatedAWS, SimulatorSettings
from tests.simulated import FSX, Kind, asked, client_of, clients_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from botocancel import Outcome, Summary
    from botocancel.testing.wire import HttpRequest


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "cancels.jsonl"


@pytest.fixture
def syncs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Files that were waited for until they were on disk."""
    files: list[int] = []
    monkeypatch.setattr("botocancel.journal.os.fsync", files.append)
    monkeypatch.setattr("botocancel.journal._sync_folder", not_at_all)
    return files


def not_at_all(_: object) -> None: ...


class Killed(BaseException):
    """The process ends here."""


def entries(journal: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in journal.read_text().splitlines() if line]


def names(journal: Path) -> list[str]:
    return [entry["entry"] for entry in entries(journal)]


def full_disk(_: int, __: bytes) -> int:
    raise OSError(28, "No space left on device")


def killed_at(number: int) -> Callable[[HttpRequest], None]:
    """Return what ends the process when a request is about to leave."""
    left = iter(range(number))

    def watch(_: HttpRequest) -> None:
        if next(left, None) is None:
            raise Killed

    return watch


# --- what is written, and when --------------------------------------------------------------


def test_a_cancel_is_on_disk_before_its_first_request_leaves(
    aws: SimulatedAWS, kind: Kind, journal: Path, syncs: list[int]
) -> None:
    task = kind.start(aws, kind.running)
    seen: list[list[str]] = []

    def watch(_: HttpRequest) -> None:
        assert syncs
        seen.append(names(journal))

    client_of(aws, watch=watch, journal=journal).cancel(task, reason="wrong bucket")
    assert seen == [["asked"]]
    assert names(journal) == ["asked", "answered"]
    first, answered = entries(journal)
    assert first["task"]["id"] == task
    assert first["reason"] == "wrong bucket"
    assert first["place"]["region"] == "us-east-1"
    assert answered["receipt"]["accepted"]
    assert len(syncs) == 1


def test_how_it_ended_is_written_too(aws: SimulatedAWS, kind: Kind, journal: Path) -> None:
    client_of(aws, journal=journal).cancel_and_wait(kind.start(aws, kind.running))
    assert names(journal) == ["asked", "answered", "ended"]
    assert entries(journal)[-1]["phase"] == "CANCELED"


def test_each_failure_is_written_without_a_second_wait_for_the_disk(
    aws: SimulatedAWS, kind: Kind, journal: Path, syncs: list[int]
) -> None:
    aws.inject(Fault(kind=FaultKind.INTERNAL_ERROR, operation=kind.cancel, times=2))
    client_of(aws, journal=journal).cancel_and_wait(kind.start(aws, kind.running))
    assert names(journal) == ["asked", "failed", "failed", "answered", "ended"]
    assert entries(journal)[1]["error"]["type"] == "InternalException"
    assert len(syncs) == 1


def test_a_batch_is_on_disk_as_a_whole_before_it_begins_by_one_wait(
    aws: SimulatedAWS, kind: Kind, journal: Path, syncs: list[int]
) -> None:
    tasks = [kind.start(aws, kind.running) for _ in range(50)]
    before: list[int] = []

    def watch(_: HttpRequest) -> None:
        before.append(journal.read_text().count('"entry":"asked"'))

    with_journal = client_of(aws, watch=watch, journal=journal)
    assert len(with_journal.cancel_many(tasks).finish().done) == 50
    assert set(before) == {50}
    assert names(journal).count("answered") == 50
    assert len(syncs) == 1


def test_without_a_journal_nothing_is_written(
    aws: SimulatedAWS, kind: Kind, syncs: list[int]
) -> None:
    client_of(aws).cancel_and_wait(kind.start(aws, kind.running))
    assert not syncs


def test_only_the_owner_can_read_it_and_no_secret_is_in_it(kind: Kind, journal: Path) -> None:
    aws = SimulatedAWS()
    session = aws.session()
    client = TaskClient(session, clock=aws.clock, journal=journal)
    client.cancel(kind.start(aws, kind.running))
    with pytest.raises(NotFound):
        client.cancel(kind.unknown(aws))
    assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    credentials = session.get_credentials()
    assert credentials is not None
    assert str(credentials.secret_key) not in journal.read_text()


def test_where_it_cannot_be_written_nothing_is_sent(
    aws: SimulatedAWS, kind: Kind, tmp_path: Path
) -> None:
    client = client_of(aws, journal=tmp_path / "no such folder" / "cancels.jsonl")
    tasks = [kind.start(aws, kind.running) for _ in range(3)]
    with pytest.raises(JournalError, match=r"no such folder.*nothing was sent"):
        client.cancel(tasks[0])
    failed = client.cancel_and_wait_many(tasks).finish().failed
    assert {str(result.ref) for result in failed} == set(tasks)
    assert all(isinstance(result.error, JournalError) for result in failed)
    assert not aws.requests


def test_what_came_of_a_cancel_is_told_even_if_it_cannot_be_written(
    aws: SimulatedAWS,
    kind: Kind,
    journal: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    write = os.write

    def full(file: int, content: bytes) -> int:
        if b'"answered"' in content:
            raise OSError(28, "No space left on device")
        return write(file, content)

    monkeypatch.setattr("botocancel.journal.os.write", full)
    assert client_of(aws, journal=journal).cancel(kind.start(aws, kind.running)).accepted
    assert "No space left on device" in caplog.text
    assert [cancel.is_open for cancel in read(journal)[0]] == [True]


def test_the_asynchronous_client_keeps_one_too(
    aws: SimulatedAWS, kind: Kind, journal: Path
) -> None:
    task = kind.start(aws, kind.running)
    clients = clients_of(aws)

    async def work() -> Summary[Outcome]:
        async with AsyncTaskClient(clients=clients, clock=aws.clock, journal=journal) as client:
            await client.cancel(task)
            assert names(journal) == ["asked", "answered"]
            return await client.resume(journal).finish()

    summary = asyncio.run(work())
    assert [result.value.phase for result in summary.done] == [Phase.CANCELED]
    assert names(journal)[-1] == "ended"


# --- resume ---------------------------------------------------------------------------------


def test_a_cancel_that_was_accepted_is_waited_for_and_not_sent_again(
    aws: SimulatedAWS, kind: Kind, journal: Path
) -> None:
    client_of(aws, journal=journal).cancel(kind.start(aws, kind.running))
    (result,) = client_of(aws).resume(journal)
    outcome = result.unwrap()
    assert outcome.canceled
    assert outcome.accepted
    assert asked(aws)[kind.cancel] == 1
    assert not list(client_of(aws).resume(journal))


def test_a_cancel_that_never_left_is_sent(aws: SimulatedAWS, kind: Kind, journal: Path) -> None:
    task = kind.start(aws, kind.running)
    with pytest.raises(Killed):
        client_of(aws, watch=killed_at(0), journal=journal).cancel(task)
    assert asked(aws)[kind.cancel] == 0
    (result,) = client_of(aws).resume(journal)
    assert result.unwrap().canceled
    assert asked(aws)[kind.cancel] == 1


def test_a_cancel_whose_answer_was_lost_is_looked_at_first(
    aws: SimulatedAWS, kind: Kind, journal: Path
) -> None:
    task = kind.start(aws, kind.running)
    aws.inject(Fault(kind=FaultKind.LOST_ANSWER, operation=kind.cancel))
    with pytest.raises(Exception, match=kind.cancel):
        client_of(aws, journal=journal).cancel(task)
    aws.advance(5)
    (result,) = client_of(aws).resume(journal)
    assert result.unwrap().canceled
    assert asked(aws)[kind.cancel] == 1


def test_the_whole_of_a_batch_that_was_broken_off_is_finished(
    aws: SimulatedAWS, kind: Kind, journal: Path
) -> None:
    tasks = [kind.start(aws, kind.running) for _ in range(6)]
    other = kind.start(aws, kind.running)
    client = client_of(aws, watch=killed_at(2), journal=journal, workers=1)
    with pytest.raises(Killed):
        client.cancel_many(tasks).finish()
    summary = client_of(aws).resume(journal).finish()
    assert {str(result.ref) for result in summary.done} == set(tasks)
    assert all(result.value.canceled for result in summary.done)
    assert kind.status(aws, other) == kind.running


def test_what_was_refused_or_has_ended_is_left_alone(
    aws: SimulatedAWS, kind: Kind, journal: Path
) -> None:
    client = client_of(aws, journal=journal)
    client.cancel_and_wait(kind.start(aws, kind.running))
    with pytest.raises(NotFound):
        client.cancel(kind.unknown(aws))
    before = len(aws.requests)
    assert not list(client_of(aws).resume(journal))
    assert len(aws.requests) == before


def test_a_task_that_was_asked_for_twice_is_one(
    aws: SimulatedAWS, kind: Kind, journal: Path
) -> None:
    task = kind.start(aws, kind.running)
    client_of(aws, journal=journal).cancel(task)
    with pytest.raises(Killed):
        client_of(aws, watch=killed_at(0), journal=journal).cancel(task)
    (result,) = client_of(aws).resume(journal)
    assert result.unwrap().accepted
    assert all(cancel.ended is not None for cancel in read(journal)[0])


def test_a_resume_that_was_broken_off_can_be_resumed(
    aws: SimulatedAWS, kind: Kind, journal: Path
) -> None:
    tasks = [kind.start(aws, kind.running) for _ in range(3)]
    with pytest.raises(Killed):
        client_of(aws, watch=killed_at(1), journal=journal, workers=1).cancel_many(tasks).finish()
    with pytest.raises(Killed):
        client_of(aws, watch=killed_at(3), workers=1).resume(journal).finish()
    assert len(client_of(aws).resume(journal).finish().done) <= 3
    assert not unfinished(read(journal)[0])
    assert {kind.status(aws, task) for task in tasks} == {kind.canceled}


def test_what_it_says_of_a_cancel_is_typed(aws: SimulatedAWS, kind: Kind, journal: Path) -> None:
    client = client_of(aws, journal=journal)
    with pytest.raises(NotFound):
        client.cancel(kind.unknown(aws))
    ended = client.cancel_and_wait(kind.start(aws, kind.running))
    refused, stopped = read(journal)[0]
    assert refused.failure is not None
    assert (refused.refused, refused.failure.type) == (True, "NotFound")
    assert not refused.failure.may_have_applied
    assert refused.failure.code
    assert refused.failure.request_id
    assert stopped.failure is None
    assert stopped.ended is not None
    assert (stopped.ended.phase, stopped.ended.status) == (ended.phase, kind.canceled)
    assert (stopped.ended.certainty, stopped.ended.basis) == (ended.certainty, ended.basis)
    assert stopped.ended.at == aws.clock.now


def test_a_resume_is_on_disk_before_it_sends_anything_by_one_wait(
    aws: SimulatedAWS, kind: Kind, journal: Path, syncs: list[int]
) -> None:
    """What was asked for may have been read before it was on disk: its writer was lost first."""
    tasks = [kind.start(aws, kind.running) for _ in range(3)]
    with pytest.raises(Killed):
        client_of(aws, watch=killed_at(0), journal=journal, workers=1).cancel_many(tasks).finish()
    syncs.clear()
    seen: list[list[str]] = []
    client_of(aws, watch=lambda _: seen.append(names(journal))).resume(journal).finish()
    assert seen[0] == ["asked"] * 3 + ["resumed"] * 3
    assert len(syncs) == 1
    assert entries(journal)[-1]["entry"] == "ended"
    assert entries(journal)[3]["process"] == os.getpid()


def test_where_a_resume_cannot_be_noted_nothing_is_sent(
    aws: SimulatedAWS, kind: Kind, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client_of(aws, journal=journal).cancel(kind.start(aws, kind.running))
    before = len(aws.requests)
    monkeypatch.setattr("botocancel.journal.os.write", full_disk)
    (result,) = client_of(aws).resume(journal)
    assert isinstance(result.error, JournalError)
    assert len(aws.requests) == before


def test_a_refusal_that_was_not_believed_yet_is_not_the_last_word(
    aws: SimulatedAWS, kind: Kind, journal: Path
) -> None:
    """A new task may not be found at first; cancel_and_wait asks again, unless it is lost."""
    task = kind.start(aws, kind.running)
    aws.inject(Fault(kind=FaultKind.NOT_FOUND_AT_FIRST, seconds=1000.0, times=1))
    with pytest.raises(Killed):
        client_of(aws, watch=killed_at(1), journal=journal).cancel_and_wait(task)
    assert names(journal) == ["asked", "failed"]
    (result,) = client_of(aws).resume(journal)
    assert result.unwrap().canceled


def test_a_refusal_that_the_caller_was_told_is_the_last_word(
    aws: SimulatedAWS, kind: Kind, journal: Path
) -> None:
    client, unknown = client_of(aws, journal=journal), kind.unknown(aws)
    with pytest.raises(NotFound):
        client.cancel(unknown)
    with pytest.raises(NotFound):
        client.cancel_and_wait(unknown)
    client.cancel_many([unknown]).finish()
    client.cancel_and_wait_many([unknown]).finish()
    cancels, _ = read(journal)
    assert [cancel.refused for cancel in cancels] == [True] * 4
    assert {cancel.failure.type for cancel in cancels if cancel.failure} == {"NotFound"}


def test_what_another_process_meets_after_the_last_word_does_not_open_it_again(
    aws: SimulatedAWS, kind: Kind, journal: Path
) -> None:
    with pytest.raises(NotFound):
        client_of(aws, journal=journal).cancel(kind.unknown(aws))
    failed = next(line for line in journal.read_text().splitlines() if '"failed"' in line)
    with journal.open("a") as file:
        file.write(f"\n{failed}\n")
    assert not unfinished(read(journal)[0])


def test_after_a_failure_another_request_may_have_been_lost(
    aws: SimulatedAWS, kind: Kind, journal: Path
) -> None:
    task = kind.start(aws, kind.running)
    aws.inject(Fault(kind=FaultKind.THROTTLE, operation=kind.cancel, times=3))
    with pytest.raises(Killed):
        client_of(aws, watch=killed_at(4), journal=journal).cancel_and_wait(task)
    assert "failed" in names(journal)
    before = len(aws.requests)
    client_of(aws).resume(journal).finish()
    assert aws.requests[before].operation == kind.describe


def test_the_receipt_of_an_earlier_cancel_of_the_task_counts(
    aws: SimulatedAWS, kind: Kind, journal: Path
) -> None:
    task = kind.start(aws, kind.running)
    client_of(aws, journal=journal).cancel_and_wait(task)
    with pytest.raises(Killed):
        client_of(aws, watch=killed_at(0), journal=journal).cancel(task)
    (result,) = client_of(aws).resume(journal)
    assert result.unwrap().canceled


# --- cut short anywhere ---------------------------------------------------------------------


def test_cut_at_any_byte_it_is_read_and_knows_all_that_was_asked_for(
    aws: SimulatedAWS, kind: Kind, tmp_path: Path, journal: Path
) -> None:
    task = kind.start(aws, kind.running)
    aws.inject(Fault(kind=FaultKind.INTERNAL_ERROR, operation=kind.cancel))
    client_of(aws, journal=journal).cancel_and_wait(task)
    whole = journal.read_bytes()
    cut = tmp_path / "cut.jsonl"
    first_entry = whole.index(b"\n", 1)
    for length in range(len(whole)):
        cut.write_bytes(whole[:length])
        cancels, unreadable = read(cut)
        assert unreadable <= 1
        assert [cancel.ref.id for cancel in cancels] == [task] * (length >= first_entry)


def test_an_entry_that_was_cut_short_spoils_no_other(
    aws: SimulatedAWS, kind: Kind, journal: Path
) -> None:
    first, second = kind.start(aws, kind.running), kind.start(aws, kind.running)
    client_of(aws, journal=journal).cancel(first)
    journal.write_bytes(journal.read_bytes()[:-40])
    client_of(aws, journal=journal).cancel(second)
    cancels, unreadable = read(journal)
    assert [str(cancel.ref) for cancel in cancels] == [first, second]
    assert unreadable == 1
    assert len(client_of(aws).resume(journal).finish().done) == 2


def test_a_line_that_is_no_entry_is_counted_and_passed_over(
    aws: SimulatedAWS, journal: Path
) -> None:
    journal.write_text('hello\n[1]\n{"entry": "answered", "cancel": "x"}\n{"entry": "new"}\n')
    assert read(journal) == ([], 4)
    assert not list(client_of(aws).resume(journal))


def test_a_journal_that_is_not_there_is_said_to_be_so(aws: SimulatedAWS, journal: Path) -> None:
    with pytest.raises(JournalError, match="cannot be read: No such file"):
        client_of(aws).resume(journal)


def test_threads_and_processes_write_whole_lines(journal: Path) -> None:
    program = (
        "import sys, threading\n"
        "from botocancel.testing import SimulatedAWS\n"
        "from botocancel import TaskClient\n"
        "aws = SimulatedAWS()\n"
        "tasks = [aws.fsx().start(status='EXECUTING') for _ in range(40)]\n"
        "client = TaskClient(aws.session(), clock=aws.clock, journal=sys.argv[1])\n"
        "def work(mine):\n"
        "    for task in mine: client.cancel(task)\n"
        "threads = [threading.Thread(target=work, args=(tasks[n::4],)) for n in range(4)]\n"
        "[thread.start() for thread in threads]\n"
        "[thread.join() for thread in threads]\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program, str(journal)]) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    cancels, unreadable = read(journal)
    assert (len(cancels), unreadable) == (120, 0)
    assert all(cancel.receipt is not None for cancel in cancels)


def test_threads_wait_for_the_disk_together(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one waits, the others gather, and the next wait is for all of them."""
    aws = SimulatedAWS(SimulatorSettings(kind="fsx"))
    tasks = [FSX.start(aws, "EXECUTING") for _ in range(9)]
    client = client_of(aws, journal=journal)
    written = threading.Semaphore(0)
    release = threading.Event()
    waits: list[int] = []

    def sync(file: int) -> None:
        waits.append(file)
        release.wait(20)

    write = os.write

    def note(file: int, content: bytes) -> int:
        written.release()
        return write(file, content)

    monkeypatch.setattr("botocancel.journal._sync_folder", not_at_all)
    monkeypatch.setattr("botocancel.journal.os.fsync", sync)
    monkeypatch.setattr("botocancel.journal.os.write", note)
    threads = [threading.Thread(target=client.cancel, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for _ in tasks:
        assert written.acquire(timeout=20)
    release.set()
    for thread in threads:
        thread.join(20)
    assert len(waits) <= 3
    assert len(read(journal)[0]) == 9
