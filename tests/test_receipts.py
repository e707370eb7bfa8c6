"""A cancel is a receipt: kept, passed on, read later, and evidence wherever a task is taken."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from botocancel import (
    Basis,
    Cancellation,
    Certainty,
    Fate,
    InvalidInput,
    Phase,
    TaskClient,
    WaitTimeout,
    __version__,
    task_ref,
)
from botocancel.testing import Fault, FaultKind, SimulatedAWS, SimulatorSettings
from tests.simulated import DATASYNC, FSX, Kind, asked, client_of

if TYPE_CHECKING:
    from collections.abc import Callable

FORMS = [Path(__file__).parent / "data" / f"receipts-{number}.jsonl" for number in (1, 2)]
"""Receipts as each form has them: read for ever."""


def as_it_is(receipt: Cancellation) -> Cancellation:
    return receipt


def through_json(receipt: Cancellation) -> Cancellation:
    return Cancellation.from_dict(json.loads(json.dumps(receipt.to_dict())))


def through_pickle(receipt: Cancellation) -> Cancellation:
    again: Cancellation = pickle.loads(pickle.dumps(receipt))
    return again


def basis_of(kind: Kind) -> Basis:
    """Return what it is concluded from that a task with a receipt was cancelled."""
    return Basis.STATUS if kind is FSX else Basis.RECEIPT


# --- evidence -------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [as_it_is, through_json, through_pickle])
def test_a_wait_with_the_receipt_of_an_accepted_cancel_tells_of_a_cancelled_task(
    aws: SimulatedAWS, kind: Kind, way: Callable[[Cancellation], Cancellation]
) -> None:
    receipt = way(client_of(aws).cancel(kind.start(aws, kind.running)))
    ended = client_of(aws).wait(receipt)
    assert ended.status == kind.canceled
    assert (ended.phase, ended.basis) == (Phase.CANCELED, basis_of(kind))
    assert (ended.certainty is Certainty.REPORTED) is (kind is FSX)


def test_without_the_receipt_a_failed_execution_failed_or_was_cancelled_before(
    aws: SimulatedAWS,
) -> None:
    task = DATASYNC.start(aws, "TRANSFERRING")
    client_of(aws).cancel(task)
    for ended in (client_of(aws).wait(task), client_of(aws).describe(task)):
        assert ended.phase is Phase.FAILED
        assert (ended.certainty, ended.basis) == (Certainty.INFERRED, Basis.NOTHING)


def test_a_task_that_has_ended_is_told_as_cancelled_to_who_has_the_receipt(
    aws: SimulatedAWS, kind: Kind
) -> None:
    task = kind.start(aws, kind.running)
    receipt = client_of(aws).cancel(task)
    client_of(aws).wait(task)
    before = asked(aws)[kind.cancel]
    outcome = client_of(aws).cancel_and_wait(receipt, if_ended="raise")
    assert outcome.canceled
    assert outcome.accepted
    assert outcome.receipt == receipt
    assert (outcome.basis, outcome.requested_at) == (basis_of(kind), receipt.answered_at)
    assert asked(aws)[kind.cancel] == before
    assert client_of(aws).describe(receipt).phase is Phase.CANCELED


def test_with_a_receipt_a_cancel_is_sent_again_only_if_it_cannot_be_under_way(
    aws: SimulatedAWS, kind: Kind
) -> None:
    task = kind.start(aws, kind.running)
    aws.inject(Fault(kind=FaultKind.IGNORED_CANCEL))
    receipt = client_of(aws).cancel(task)
    began = aws.clock.seconds
    assert client_of(aws).cancel_and_wait(receipt).canceled
    cancels = [record.seconds for record in aws.requests if record.operation == kind.cancel]
    assert len(cancels) == 2
    assert cancels[1] - began >= (30 if kind is FSX else 5)


def test_a_receipt_counts_in_a_batch_beside_tasks_without_one(aws: SimulatedAWS) -> None:
    tasks = [DATASYNC.start(aws, "TRANSFERRING") for _ in range(3)]
    receipts = [client_of(aws).cancel(task) for task in tasks]
    batch = client_of(aws).wait_many([receipts[0], tasks[1], receipts[2], tasks[2]])
    phases = {str(result.ref): result.unwrap().phase for result in batch}
    assert phases == {
        tasks[0]: Phase.CANCELED,
        tasks[1]: Phase.FAILED,
        tasks[2]: Phase.CANCELED,  # named twice, once with its receipt
    }
    stopped = client_of(aws).cancel_and_wait_many(receipts).finish()
    assert all(result.value.canceled for result in stopped.done)
    assert len(stopped.done) == 3


def test_the_outcome_and_the_timeout_of_a_wait_carry_the_receipt(
    aws: SimulatedAWS, kind: Kind
) -> None:
    task = kind.start(aws, kind.running, seconds={kind.canceling: 300})
    with pytest.raises(WaitTimeout) as caught:
        client_of(aws).cancel_and_wait(task, timeout=20)
    assert caught.value.receipt is not None
    again: WaitTimeout = pickle.loads(pickle.dumps(caught.value))
    assert again.receipt == caught.value.receipt
    assert again.receipt is not None
    assert client_of(aws).wait(again.receipt).phase is Phase.CANCELED


def test_a_receipt_goes_to_the_region_that_the_cancel_was_sent_to() -> None:
    aws = SimulatedAWS()
    there = TaskClient(aws.session(region="eu-west-1"), clock=aws.clock)
    task = aws.fsx(region="eu-west-1").start(status="EXECUTING")
    receipt = through_json(there.cancel(task))
    assert receipt.ref == task_ref(task)
    assert receipt.place.region == "eu-west-1"
    here = TaskClient(aws.session(region="us-east-1"), clock=aws.clock)
    ended = here.wait(receipt)
    assert ended.phase is Phase.CANCELED
    assert ended.ref.region == "eu-west-1"


def test_a_receipt_of_an_earlier_start_is_ignored_and_that_is_said(
    aws: SimulatedAWS, caplog: pytest.LogCaptureFixture
) -> None:
    aws.advance(3600)
    task = DATASYNC.start(aws, "ERROR")
    receipt = client_of(aws).cancel(DATASYNC.start(aws, "TRANSFERRING"))
    earlier = attrs.evolve(
        receipt, ref=task_ref(task), service_time=aws.clock.now - timedelta(seconds=5)
    )
    with caplog.at_level(logging.WARNING):
        ended = client_of(aws).wait(earlier)
    assert ended.phase is Phase.FAILED
    assert "earlier start" in caplog.text
    in_the_same_second = attrs.evolve(earlier, service_time=ended.created_at)
    assert client_of(aws).wait(in_the_same_second).phase is Phase.CANCELED


def test_a_cancel_that_was_most_likely_lost_is_looked_at_before_it_is_sent_again() -> None:
    aws = SimulatedAWS(
        SimulatorSettings(kind="fsx", again=("UnsupportedOperation", "It cannot be cancelled."))
    )
    task = FSX.start(aws, "EXECUTING")
    aws.inject(Fault(kind=FaultKind.LOST_ANSWER, operation=FSX.cancel))
    receipt = client_of(aws, attempts=3).cancel(task)
    assert not receipt.accepted
    before = asked(aws)[FSX.cancel]
    outcome = client_of(aws).cancel_and_wait(receipt, if_ended="raise")
    assert outcome.canceled
    assert not outcome.accepted
    assert asked(aws)[FSX.cancel] == before


# --- what is on it --------------------------------------------------------------------------


def test_a_receipt_says_where_when_who_and_by_what(kind: Kind) -> None:
    aws = SimulatedAWS()
    aws.advance(90)
    task = kind.start(aws, kind.running)
    client = TaskClient(aws.session(), clock=aws.clock)
    client.describe(task)
    receipt = client.cancel(task, reason="wrong bucket")
    assert receipt.requested_at == receipt.answered_at == aws.clock.at(90)
    assert receipt.service_time == aws.clock.at(90).replace(microsecond=0)
    assert receipt.place.region == "us-east-1"
    assert receipt.place.partition == "aws"
    assert len(receipt.request_ids) == receipt.attempts == 1
    assert receipt.caller is not None
    assert receipt.caller.startswith("AKIA")
    assert receipt.reason == "wrong bucket"
    assert receipt.version == __version__


def test_who_asked_is_not_known_of_clients_that_are_passed_in(
    aws: SimulatedAWS, kind: Kind
) -> None:
    assert client_of(aws).cancel(kind.start(aws, kind.running)).caller is None


def test_a_receipt_is_frozen_hashable_and_can_be_copied(aws: SimulatedAWS, kind: Kind) -> None:
    receipt = client_of(aws).cancel(kind.start(aws, kind.running))
    assert {receipt, copy.deepcopy(receipt), through_pickle(receipt)} == {receipt}
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        receipt.accepted = False  # type: ignore[misc]  # pyright: ignore


def test_a_receipt_is_the_same_after_json(aws: SimulatedAWS, kind: Kind) -> None:
    receipt = client_of(aws).cancel(kind.start(aws, kind.running), reason="why not")
    assert through_json(receipt) == receipt


# --- its form -------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_receipts_of_each_form_are_read(form: Path) -> None:
    receipts = [Cancellation.from_dict(json.loads(line)) for line in form.read_text().splitlines()]
    export, execution, lost = receipts
    assert export.ref == task_ref("task-0123456789abcdef0")
    assert (export.phase, export.place.region) == (Phase.CANCELING, "eu-west-1")
    assert export.request_ids == ("b25f48e8-84fd-11e6-80d9-574e0c4664cb",)
    assert execution.ref.region == "us-east-1"
    assert execution.service_time == datetime(2026, 11, 27, 20, 0, 1, tzinfo=UTC)
    assert (execution.caller, execution.reason) == ("AKIAIOSFODNN7EXAMPLE", "runaway transfer")
    assert (lost.accepted, lost.response) == (False, None)
    left = [export.aftermath.done, export.aftermath.in_flight, export.aftermath.to_come]
    assert left == [Fate.KEPT, Fate.FINISHED, Fate.NOT_DONE]
    assert [through_json(receipt) for receipt in receipts] == receipts


def document(**changes: object) -> dict[str, Any]:
    first: dict[str, Any] = json.loads(FORMS[-1].read_text().splitlines()[0])
    return {**first, **changes}


def test_what_a_later_version_adds_is_ignored() -> None:
    added = document(from_the_future={"x": 1}, phase="PONDERING")
    assert Cancellation.from_dict(added).phase is Phase.UNKNOWN


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ({}, "not a receipt"),
        ({"receipt": "1"}, "'1'"),
        (document(receipt=3), "install a newer one"),
        (document(service="teleport"), "no kind of task 'teleport'"),
        (document(task={"id": "task-0123"}), "only 4 digits"),
        (document(task="task-0123456789abcdef0"), "'task' is str"),
        (document(accepted="yes"), "'accepted' is str"),
        (document(attempts=None), "lacks 'attempts'"),
        (document(answered_at="yesterday"), "'yesterday'"),
        (document(response={"Lifecycle": 3}), "'response'"),
    ],
)
def test_what_is_no_receipt_is_refused_with_the_reason(
    broken: dict[str, object], fault: str
) -> None:
    with pytest.raises(InvalidInput, match=fault):
        Cancellation.from_dict(broken)
