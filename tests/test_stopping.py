"""Stopping a task, and knowing that it stopped; in simulated time, through botocore."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING

import attrs
import pytest

from botocancel import (
    AccessDenied,
    Backoff,
    BotocancelError,
    Certainty,
    Fate,
    InternalException,
    InvalidRequest,
    InvalidResponse,
    NotFound,
    Phase,
    RetryPolicy,
    TaskCanceling,
    TaskEnded,
    Throttled,
    TransportError,
    Unsupported,
    WaitTimeout,
    task_ref,
)
from botocancel.testing import Fault, FaultKind, SimulatedAWS, SimulatorSettings
from tests.simulated import (
    DATASYNC,
    FSX,
    UNKNOWN_BEHAVIOURS,
    Kind,
    accepted_cancels,
    asked,
    client_of,
    ended_at,
)

if TYPE_CHECKING:
    from botocancel import Outcome, Shape, TaskSnapshot
    from botocancel.testing import Ending

LOST = [FaultKind.LOST_REQUEST, FaultKind.LOST_ANSWER]
PASSING = [
    FaultKind.THROTTLE,
    FaultKind.INTERNAL_ERROR,
    FaultKind.UNAVAILABLE,
    FaultKind.LOST_REQUEST,
    FaultKind.LOST_ANSWER,
]


@pytest.fixture(autouse=True)
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let botocore's own retries take no time."""
    waits: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time.sleep", waits.append)


def certainty_of(kind: Kind) -> Certainty:
    """Return how it is known that a task of this service was cancelled."""
    return Certainty.REPORTED if kind is FSX else Certainty.INFERRED


def is_stopped(outcome: Outcome[Shape], aws: SimulatedAWS, kind: Kind) -> bool:
    """Say whether an outcome tells of a task that was cancelled, and tells the truth."""
    task = str(outcome.ref)
    assert kind.status(aws, task) == outcome.snapshot.status
    return (outcome.phase, outcome.snapshot.status, outcome.certainty) == (
        Phase.CANCELED,
        kind.canceled,
        certainty_of(kind),
    )


# --- guarantee 1: never claim what is not known ----------------------------------------------


@pytest.mark.parametrize("status", ["running", "waiting"])
def test_a_task_is_stopped_and_the_outcome_says_how(
    aws: SimulatedAWS, kind: Kind, status: str
) -> None:
    task = kind.start(aws, kind.running if status == "running" else None)
    aws.advance(1)

    outcome = client_of(aws).cancel_and_wait(task)

    assert is_stopped(outcome, aws, kind)
    assert outcome.canceled
    assert outcome.accepted
    assert outcome.requested_at == aws.clock.at(1)
    assert outcome.cancels == asked(aws)[kind.cancel] == 1
    assert outcome.requests == len(aws.requests)
    assert outcome.elapsed == aws.clock.seconds - 1
    assert aws.clock.seconds - ended_at(aws, task) <= 30
    assert outcome.ref == task_ref(task)


@pytest.mark.parametrize("behaviour", UNKNOWN_BEHAVIOURS)
@pytest.mark.parametrize("fault", [None, *LOST], ids=lambda fault: fault.value if fault else "")
@pytest.mark.parametrize("attempts", [1, 3])
def test_a_task_is_stopped_whichever_way_the_service_behaves(
    behaviour: str, fault: FaultKind | None, attempts: int
) -> None:
    kind, settings = UNKNOWN_BEHAVIOURS[behaviour]
    aws = SimulatedAWS(settings)
    task = kind.start(aws, kind.running)
    aws.advance(10)
    if fault is not None:
        aws.inject(Fault(kind=fault, operation=kind.cancel))

    outcome = client_of(aws, attempts=attempts).cancel_and_wait(task, if_ended="raise")

    assert outcome.snapshot.status == kind.status(aws, task) == kind.canceled
    assert accepted_cancels(aws, kind) >= outcome.accepted
    if kind is FSX:
        assert (outcome.phase, outcome.certainty) == (Phase.CANCELED, Certainty.REPORTED)
    else:
        assert outcome.certainty is Certainty.INFERRED
    if outcome.accepted or fault is None:
        assert outcome.phase is Phase.CANCELED


def test_an_error_of_datasync_is_no_cancel_where_nothing_says_so(aws: SimulatedAWS) -> None:
    """It ended before, so it had failed as far as anybody knows; and that is inferred too."""
    outcome = client_of(aws).cancel_and_wait(DATASYNC.start(aws, "ERROR"))
    assert not outcome.canceled
    assert outcome.phase is Phase.FAILED
    assert outcome.certainty is Certainty.INFERRED
    assert not outcome.accepted
    assert outcome.requested_at is None


def test_the_repair_of_datasync_is_told_of_an_execution_that_failed_too(
    aws: SimulatedAWS,
) -> None:
    """AWS documents it for every failure that interrupts an execution; on FSx of cancels only."""
    failed = client_of(aws).cancel_and_wait(DATASYNC.start(aws, "ERROR"))
    assert failed.aftermath is not None
    assert failed.aftermath.repair is not None
    assert client_of(aws).cancel_and_wait(DATASYNC.start(aws, "SUCCESS")).aftermath is None
    assert client_of(aws).cancel_and_wait(FSX.start(aws, "FAILED")).aftermath is None


def test_a_cancelling_that_was_seen_makes_an_error_of_datasync_a_cancel() -> None:
    """Somebody else's cancel was accepted; ours never was."""
    aws = SimulatedAWS(SimulatorSettings(kind="datasync", again="as ended"))
    outcome = client_of(aws).cancel_and_wait(DATASYNC.start(aws, "CANCELLING"))
    assert outcome.canceled
    assert outcome.certainty is Certainty.INFERRED
    assert not outcome.accepted


def test_what_succeeds_in_spite_of_an_accepted_cancel_has_succeeded(
    aws: SimulatedAWS, kind: Kind
) -> None:
    task = kind.start(aws, kind.running, seconds={kind.running: 60})
    aws.inject(Fault(kind=FaultKind.IGNORED_CANCEL, times=None))
    outcome = client_of(aws).cancel_and_wait(task)
    assert outcome.phase is Phase.SUCCEEDED
    assert outcome.certainty is Certainty.REPORTED
    assert outcome.accepted
    assert not outcome.canceled
    assert outcome.aftermath is None


# --- guarantee 2: an end that our own request caused is a success --------------------------


@pytest.mark.parametrize("attempts", [1, 3])
def test_cancel_and_wait_reports_success_when_the_first_answer_was_lost(
    aws: SimulatedAWS, kind: Kind, attempts: int
) -> None:
    aws.inject(Fault(kind=FaultKind.LOST_ANSWER, operation=kind.cancel))
    outcome = client_of(aws, attempts=attempts).cancel_and_wait(
        kind.start(aws, kind.running), if_ended="raise"
    )
    assert is_stopped(outcome, aws, kind)


@pytest.mark.parametrize("attempts", [1, 3])
@pytest.mark.parametrize("fault", [FaultKind.LOST_ANSWER, FaultKind.INTERNAL_ERROR])
def test_a_task_that_our_lost_cancel_ended_at_once_is_not_task_ended(
    kind: Kind, attempts: int, fault: FaultKind
) -> None:
    """The second attempt finds it ended, and only the first can have done that."""
    aws = SimulatedAWS(
        SimulatorSettings(kind="fsx", seconds={"CANCELING": 0}),
        SimulatorSettings(kind="datasync", seconds={"CANCELLING": 0}),
    )
    late = True if fault is FaultKind.INTERNAL_ERROR else None
    aws.inject(Fault(kind=fault, operation=kind.cancel, late=late))
    outcome = client_of(aws, attempts=attempts).cancel_and_wait(
        kind.start(aws, kind.running), if_ended="raise"
    )
    assert outcome.snapshot.status == kind.canceled
    assert not outcome.accepted
    assert outcome.certainty is certainty_of(kind)


@pytest.mark.parametrize("attempts", [1, 3])
def test_a_request_that_was_lost_is_sent_again(
    aws: SimulatedAWS, kind: Kind, attempts: int
) -> None:
    aws.inject(Fault(kind=FaultKind.LOST_REQUEST, operation=kind.cancel))
    outcome = client_of(aws, attempts=attempts).cancel_and_wait(kind.start(aws, kind.running))
    assert is_stopped(outcome, aws, kind)
    assert asked(aws)[kind.cancel] == outcome.cancels == 2


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: fault.value)
@pytest.mark.parametrize(
    "again", ["accept", "as ended", ("UnsupportedOperation", "It cannot be cancelled.")]
)
def test_cancel_alone_reports_success_when_the_first_answer_was_lost(
    again: Ending, fault: FaultKind
) -> None:
    aws = SimulatedAWS(SimulatorSettings(kind="fsx", again=again))
    task = FSX.start(aws, "EXECUTING")
    aws.inject(Fault(kind=fault, operation=FSX.cancel))
    cancellation = client_of(aws, attempts=3).cancel(task)
    assert cancellation.phase is Phase.CANCELING
    assert cancellation.accepted is (fault is FaultKind.LOST_REQUEST or again == "accept")
    assert cancellation.attempts == asked(aws)[FSX.cancel] == 2
    assert aws.fsx().status(task) == "CANCELING"


@pytest.mark.parametrize("failing", [FaultKind.THROTTLE, FaultKind.LOST_ANSWER])
def test_a_look_that_fails_does_not_make_our_own_lost_cancel_task_ended(
    failing: FaultKind,
) -> None:
    """What the task has become is not known then, and so it is not said that it had ended."""
    aws = SimulatedAWS(SimulatorSettings(kind="fsx", again="as ended"))
    task = FSX.start(aws, "EXECUTING")
    aws.inject(Fault(kind=FaultKind.LOST_ANSWER, operation=FSX.cancel))
    aws.inject(Fault(kind=failing, operation=FSX.describe))
    retry = RetryPolicy(timeout=60)
    cancellation = client_of(aws).cancel(task, retry=retry)
    assert not cancellation.accepted
    assert cancellation.phase is Phase.CANCELING


def test_without_a_policy_a_look_that_fails_leaves_it_open_what_a_lost_cancel_did() -> None:
    aws = SimulatedAWS(SimulatorSettings(kind="fsx", again="as ended"))
    task = FSX.start(aws, "EXECUTING")
    aws.inject(Fault(kind=FaultKind.LOST_ANSWER, operation=FSX.cancel))
    aws.inject(Fault(kind=FaultKind.THROTTLE, operation=FSX.describe, times=None))
    with pytest.raises(BotocancelError) as caught:
        client_of(aws, attempts=3).cancel(task)
    assert not isinstance(caught.value, TaskEnded)


def test_a_look_that_is_behind_does_not_make_our_own_lost_cancel_task_ended() -> None:
    aws = SimulatedAWS(SimulatorSettings(kind="fsx", again="as ended", lag=5))
    task = FSX.start(aws, "EXECUTING")
    aws.advance(60)
    aws.inject(Fault(kind=FaultKind.LOST_ANSWER, operation=FSX.cancel))
    cancellation = client_of(aws, attempts=3).cancel(task)
    assert not cancellation.accepted
    assert aws.fsx().status(task) == "CANCELING"


# --- guarantee 3: idempotent where the service is not -----------------------------------------


@pytest.mark.parametrize("behaviour", UNKNOWN_BEHAVIOURS)
def test_a_task_that_is_being_cancelled_is_waited_for(behaviour: str) -> None:
    kind, settings = UNKNOWN_BEHAVIOURS[behaviour]
    aws = SimulatedAWS(settings)
    task = kind.start(aws, kind.running)
    aws.advance(60)
    client_of(aws).cancel(task)
    outcome = client_of(aws).cancel_and_wait(task)
    assert kind.status(aws, task) == outcome.snapshot.status == kind.canceled
    if "at once" not in behaviour:
        assert outcome.canceled
        assert outcome.certainty is certainty_of(kind)


@pytest.mark.parametrize("status", ["canceled", "succeeded", "failed"])
def test_a_task_that_has_ended_answers_with_its_outcome(
    aws: SimulatedAWS, kind: Kind, status: str
) -> None:
    task = kind.start(aws, getattr(kind, status))
    outcome = client_of(aws).cancel_and_wait(task)
    assert outcome.snapshot.status == getattr(kind, status)
    assert outcome.canceled is (kind is FSX and status == "canceled")
    assert not outcome.accepted
    assert outcome.cancels == 1
    assert outcome.requests == len(aws.requests) == 2
    assert outcome.elapsed == 0


def test_it_may_be_asked_again_and_again(aws: SimulatedAWS, kind: Kind) -> None:
    task = kind.start(aws, kind.running)
    client = client_of(aws)
    first = client.cancel_and_wait(task)
    again = [client.cancel_and_wait(task) for _ in range(3)]
    assert first.canceled
    assert {outcome.snapshot for outcome in again} == {first.snapshot}
    assert not any(outcome.accepted for outcome in again)


def test_after_a_crash_a_new_caller_finds_the_same_end(aws: SimulatedAWS, kind: Kind) -> None:
    """The first caller dies once its cancel was accepted."""

    def die(_: object) -> None:
        raise KeyboardInterrupt

    task = kind.start(aws, kind.running)
    with pytest.raises(KeyboardInterrupt):
        client_of(aws).cancel_and_wait(task, on_progress=die)
    outcome = client_of(aws).cancel_and_wait(task)
    assert is_stopped(outcome, aws, kind)


def test_cancel_raises_what_the_service_says(kind: Kind) -> None:
    """Unlike `cancel_and_wait`."""
    aws = SimulatedAWS(
        SimulatorSettings(kind="fsx", again=("UnsupportedOperation", "It cannot be cancelled.")),
        SimulatorSettings(kind="datasync", again="as ended"),
    )
    with pytest.raises(TaskCanceling) as canceling:
        client_of(aws).cancel(kind.start(aws, kind.canceling))
    assert canceling.value.snapshot is not None
    with pytest.raises(TaskEnded) as ended:
        client_of(aws).cancel(kind.start(aws, kind.succeeded))
    assert ended.value.snapshot is not None
    assert ended.value.snapshot.phase is Phase.SUCCEEDED


# --- a race with the end -----------------------------------------------------------------


def test_a_task_that_ends_in_the_same_instant_has_succeeded(aws: SimulatedAWS, kind: Kind) -> None:
    task = kind.start(aws, kind.running)
    aws.inject(Fault(kind=FaultKind.ENDS_FIRST, ending="succeeded", operation=kind.cancel))
    outcome = client_of(aws).cancel_and_wait(task)
    assert outcome.phase is Phase.SUCCEEDED
    assert outcome.certainty is Certainty.REPORTED
    assert not outcome.accepted


@pytest.mark.parametrize("ending", ["succeeded", "failed"])
def test_a_race_that_is_lost_is_task_ended_if_that_is_asked_for(
    aws: SimulatedAWS, kind: Kind, ending: str
) -> None:
    task = kind.start(aws, kind.running)
    aws.inject(Fault(kind=FaultKind.ENDS_FIRST, ending=ending, operation=kind.cancel))  # type: ignore[arg-type]  # pyright: ignore
    with pytest.raises(TaskEnded) as caught:
        client_of(aws).cancel_and_wait(task, if_ended="raise")
    error = caught.value
    assert isinstance(error, kind.error)
    assert error.snapshot is not None
    assert error.snapshot.status == getattr(kind, ending)
    assert error.ref == task_ref(task)


def test_a_task_that_ends_while_it_is_being_cancelled_is_told_as_it_ended(
    aws: SimulatedAWS, kind: Kind
) -> None:
    """The service accepted, and the work was done all the same."""
    task = kind.start(aws, kind.running)

    def finish(snapshot: TaskSnapshot[Shape]) -> None:
        if snapshot.phase is Phase.CANCELING:
            aws.simulator(kind.name).finish(task)

    outcome = client_of(aws).cancel_and_wait(task, if_ended="raise", on_progress=finish)
    assert outcome.phase is Phase.SUCCEEDED
    assert outcome.accepted
    assert not outcome.canceled


def test_task_ended_is_said_even_if_no_cancel_was_ever_answered(
    aws: SimulatedAWS, kind: Kind
) -> None:
    aws.inject(Fault(kind=FaultKind.THROTTLE, operation=kind.cancel, times=None))
    task = kind.start(aws, kind.running, seconds={kind.running: 30})
    with pytest.raises(TaskEnded, match="before any cancel was answered") as caught:
        client_of(aws).cancel_and_wait(task, if_ended="raise")
    assert caught.value.snapshot is not None
    assert caught.value.snapshot.phase is Phase.SUCCEEDED
    assert isinstance(caught.value, kind.error)


# --- guarantee 4: deadlines, and cancels that do not take ----------------------------------------


def test_a_cancel_that_does_not_take_is_asked_for_again(aws: SimulatedAWS, kind: Kind) -> None:
    aws.inject(Fault(kind=FaultKind.IGNORED_CANCEL, times=3))
    outcome = client_of(aws).cancel_and_wait(kind.start(aws, kind.running))
    assert is_stopped(outcome, aws, kind)
    assert outcome.cancels == asked(aws)[kind.cancel] == 4
    assert outcome.requested_at == aws.clock.at(0)


def test_wait_timeout_says_that_the_cancel_was_accepted(aws: SimulatedAWS, kind: Kind) -> None:
    task = kind.start(aws, kind.running, seconds={kind.canceling: 1e9})
    with pytest.raises(WaitTimeout, match="the cancel was accepted") as caught:
        client_of(aws).cancel_and_wait(task, timeout=60)
    error = caught.value
    assert error.accepted
    assert error.elapsed == aws.clock.seconds == 60
    assert error.requests == len(aws.requests)
    assert error.snapshot is not None
    assert error.snapshot.status == kind.canceling
    assert asked(aws)[kind.cancel] == 1


def test_wait_timeout_says_that_no_cancel_was_accepted(aws: SimulatedAWS, kind: Kind) -> None:
    aws.inject(Fault(kind=FaultKind.THROTTLE, operation=kind.cancel, times=None))
    task = kind.start(aws, kind.running)
    with pytest.raises(WaitTimeout, match="the cancel was not accepted") as caught:
        client_of(aws).cancel_and_wait(task, timeout=60)
    assert not caught.value.accepted
    assert caught.value.elapsed == 60
    assert caught.value.requests == len(aws.requests)
    assert kind.status(aws, task) == kind.running


@pytest.mark.parametrize("timeout", [0, 0.5, 7, 600])
def test_it_ends_exactly_at_its_deadline(aws: SimulatedAWS, kind: Kind, timeout: float) -> None:
    task = kind.start(aws, kind.running, seconds={kind.canceling: 1e9})
    with pytest.raises(WaitTimeout):
        client_of(aws).cancel_and_wait(task, timeout=timeout)
    assert aws.clock.seconds == timeout
    assert kind.status(aws, task) == kind.canceling


def test_statuses_that_nobody_knows_are_ridden_out(aws: SimulatedAWS, kind: Kind) -> None:
    aws.inject(Fault(kind=FaultKind.UNKNOWN_STATUS, value="DREAMING", times=4))
    outcome = client_of(aws).cancel_and_wait(kind.start(aws, kind.running))
    assert is_stopped(outcome, aws, kind)


# --- guarantee 5: retries of the intent, and no stacked ones ---------------------------------


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: fault.value)
@pytest.mark.parametrize("operation", ["cancel", "describe"])
def test_what_may_pass_is_ridden_out(
    aws: SimulatedAWS, kind: Kind, fault: FaultKind, operation: str
) -> None:
    name = getattr(kind, operation)
    aws.inject(Fault(kind=fault, operation=name, times=4))
    outcome = client_of(aws).cancel_and_wait(kind.start(aws, kind.running))
    assert is_stopped(outcome, aws, kind)
    assert outcome.requests == len(aws.requests)
    assert outcome.cancels == asked(aws)[kind.cancel]


def test_requests_are_counted_with_botocores_own_retries(aws: SimulatedAWS, kind: Kind) -> None:
    aws.inject(Fault(kind=FaultKind.THROTTLE, operation=kind.cancel, times=5))
    aws.inject(Fault(kind=FaultKind.UNAVAILABLE, operation=kind.describe, after=1, times=4))
    outcome = client_of(aws, attempts=3).cancel_and_wait(kind.start(aws, kind.running))
    assert outcome.cancels == asked(aws)[kind.cancel] == 6
    assert outcome.requests == len(aws.requests)


def test_a_cancel_that_is_throttled_is_asked_for_once_a_poll(aws: SimulatedAWS, kind: Kind) -> None:
    """Three attempts of botocore's, then a look, then a delay; never three times three."""
    aws.inject(Fault(kind=FaultKind.THROTTLE, operation=kind.cancel, times=None))
    with pytest.raises(WaitTimeout):
        client_of(aws, attempts=3).cancel_and_wait(kind.start(aws, kind.running), timeout=60)
    times = Counter(item.seconds for item in aws.requests if item.operation == kind.cancel)
    assert set(times.values()) == {3}
    assert len(times) <= asked(aws)[kind.describe]


def test_an_accepted_cancel_is_not_sent_again_while_the_task_is_being_cancelled(
    aws: SimulatedAWS, kind: Kind
) -> None:
    task = kind.start(aws, kind.running, seconds={kind.canceling: 900})
    outcome = client_of(aws).cancel_and_wait(task)
    assert outcome.cancels == asked(aws)[kind.cancel] == 1


# --- refusals -------------------------------------------------------------------------------


def test_a_task_that_cannot_be_cancelled_is_unsupported_after_repeated_looks(
    aws: SimulatedAWS,
) -> None:
    task = FSX.start(aws, "EXECUTING", cancelable=False)
    with pytest.raises(Unsupported) as caught:
        client_of(aws).cancel_and_wait(task)
    assert caught.value.ref == task_ref(task)
    assert asked(aws)[FSX.cancel] == asked(aws)[FSX.describe] >= 3
    assert 30 <= aws.clock.seconds < 60  # another's cancel may take 30 s to be seen


def test_an_invalid_request_stays_one_after_repeated_looks(aws: SimulatedAWS) -> None:
    task = DATASYNC.start(aws, "TRANSFERRING", cancelable=False)
    with pytest.raises(InvalidRequest, match="cannot be cancelled"):
        client_of(aws).cancel_and_wait(task)
    assert asked(aws)[DATASYNC.cancel] == asked(aws)[DATASYNC.describe] >= 3
    assert aws.clock.seconds < 30


def test_a_refusal_that_no_look_explains_is_raised_at_the_deadline_too(
    aws: SimulatedAWS,
) -> None:
    task = FSX.start(aws, "EXECUTING", cancelable=False)
    with pytest.raises(Unsupported):
        client_of(aws, poll=Backoff(first=30)).cancel_and_wait(task, timeout=0)


def test_a_refusal_that_a_later_look_explains_is_none(kind: Kind) -> None:
    """The reads are behind, so the first looks do not show the cancel of another caller."""
    aws = SimulatedAWS(
        SimulatorSettings(
            kind="fsx", again=("UnsupportedOperation", "It cannot be cancelled."), lag=4
        ),
        SimulatorSettings(kind="datasync", again="as ended", lag=4),
    )
    task = kind.start(aws, kind.running)
    aws.advance(60)
    client_of(aws).cancel(task)
    poll = Backoff(first=4, growth=2)
    outcome = client_of(aws, poll=poll).cancel_and_wait(task)
    assert outcome.canceled
    assert not outcome.accepted


def test_a_task_that_there_is_not_is_not_found(aws: SimulatedAWS, kind: Kind) -> None:
    task = kind.unknown(aws)
    with pytest.raises(NotFound) as caught:
        client_of(aws).cancel_and_wait(task)
    assert caught.value.ref == task_ref(task)
    assert 5 <= aws.clock.seconds < 30


def test_where_there_is_no_time_to_look_again_not_found_is_told(
    aws: SimulatedAWS, kind: Kind
) -> None:
    with pytest.raises(NotFound):
        client_of(aws).cancel_and_wait(kind.unknown(aws), timeout=1)


def test_a_task_that_was_just_started_is_stopped_though_reads_do_not_find_it_yet(
    kind: Kind,
) -> None:
    aws = SimulatedAWS(
        SimulatorSettings(kind="fsx", lag=3), SimulatorSettings(kind="datasync", lag=3)
    )
    task = kind.start(aws, kind.running)
    outcome = client_of(aws).cancel_and_wait(task)
    assert outcome.canceled
    assert outcome.accepted


def test_not_found_after_an_accepted_cancel_is_believed_only_when_it_persists() -> None:
    aws = SimulatedAWS()
    task = FSX.start(aws, "EXECUTING")
    code = "DataRepositoryTaskNotFound"
    aws.inject(Fault(kind=FaultKind.ERROR, operation=FSX.describe, code=code, times=4))
    assert client_of(aws).cancel_and_wait(task).canceled

    aws.inject(Fault(kind=FaultKind.ERROR, operation=FSX.describe, code=code, times=None))
    began = aws.clock.seconds
    with pytest.raises(NotFound) as caught:
        client_of(aws).cancel_and_wait(FSX.start(aws, "EXECUTING"))
    assert 30 <= aws.clock.seconds - began < 90
    assert "had been accepted" in caught.value.__notes__[0]


def test_not_found_before_a_cancel_was_accepted_says_nothing_after_it() -> None:
    """It was too early then; since the cancel was accepted, the task is there."""
    aws = SimulatedAWS(SimulatorSettings(kind="datasync", visible_after=3, lag=8))
    task = DATASYNC.start(aws, "TRANSFERRING")
    outcome = client_of(aws).cancel_and_wait(task, timeout=300)
    assert outcome.canceled
    assert outcome.accepted


@pytest.mark.parametrize("method", ["cancel_and_wait", "cancel_and_wait_many"])
def test_a_cancel_that_finds_no_task_is_not_believed_of_one_that_is_described(
    aws: SimulatedAWS, kind: Kind, method: str
) -> None:
    """It is answered by a server that is behind: what was described last is told."""
    aws.inject(
        Fault(kind=FaultKind.NOT_FOUND_AT_FIRST, operation=kind.cancel, seconds=1000, times=None)
    )
    client, running = client_of(aws), kind.start(aws, kind.running)
    ended = kind.start(aws, kind.succeeded)
    if method == "cancel_and_wait":
        with pytest.raises(WaitTimeout) as late:
            client.cancel_and_wait(running, timeout=20)
        with pytest.raises(TaskEnded) as caught:
            client.cancel_and_wait(ended, if_ended="raise")
        errors: list[object] = [late.value, caught.value]
    else:
        batch = client.cancel_and_wait_many([running, ended], timeout=20, if_ended="raise")
        told = {result.task: result.error for result in batch}
        errors = [told[running], told[ended]]
    first, second = errors
    assert isinstance(first, WaitTimeout)
    assert first.snapshot is not None
    assert first.snapshot.status == kind.running
    assert isinstance(second, TaskEnded)
    assert second.snapshot is not None
    assert second.snapshot.phase is Phase.SUCCEEDED


def test_a_describe_that_finds_no_task_of_which_the_service_has_told_is_asked_again() -> None:
    """The refusal of the second cancel says that the task was there, and the first was lost."""
    aws = SimulatedAWS(SimulatorSettings(kind="fsx", again="as ended"))
    task = FSX.start(aws, "EXECUTING")
    aws.inject(Fault(kind=FaultKind.LOST_ANSWER, operation=FSX.cancel))
    aws.inject(Fault(kind=FaultKind.NOT_FOUND_AT_FIRST, operation=FSX.describe, seconds=1000))
    cancellation = client_of(aws).cancel(task, retry=RetryPolicy())
    assert cancellation.phase is Phase.CANCELING
    assert asked(aws) == {FSX.cancel: 3, FSX.describe: 2}


def test_a_refusal_in_misleading_words_denies_no_task_that_was_described() -> None:
    """The second one cannot be looked into, but the first was: there is such a task."""
    aws = SimulatedAWS()
    task = FSX.start(aws, "EXECUTING")
    lost = Fault(kind=FaultKind.LOST_REQUEST, timed_out=True, operation=FSX.cancel)
    refused = Fault(kind=FaultKind.ERROR, code="BadRequest", operation=FSX.cancel)
    text = f"{task} was not found or is not running"
    aws.inject(lost)
    aws.inject(attrs.evolve(refused, message=text, after=1, times=2))
    aws.inject(attrs.evolve(refused, operation=FSX.describe, message="Invalid request.", after=1))
    assert client_of(aws).cancel(task, retry=RetryPolicy()).accepted
    assert asked(aws) == {FSX.cancel: 4, FSX.describe: 2}


def test_a_contradiction_is_told_where_there_is_no_time_left() -> None:
    aws = SimulatedAWS(SimulatorSettings(kind="fsx", again="as ended"))
    task = FSX.start(aws, "EXECUTING")
    aws.inject(Fault(kind=FaultKind.LOST_ANSWER, operation=FSX.cancel))
    aws.inject(
        Fault(kind=FaultKind.NOT_FOUND_AT_FIRST, operation=FSX.describe, seconds=1000, times=None)
    )
    with pytest.raises(InvalidResponse, match="one of the answers is old") as caught:
        client_of(aws).cancel(task, retry=RetryPolicy(timeout=5))
    assert caught.value.ref == task_ref(task)
    assert caught.value.may_have_applied


def test_an_accepted_cancel_is_not_sent_again_before_a_lagging_status_can_have_caught_up() -> None:
    aws = SimulatedAWS(SimulatorSettings(kind="fsx", lag=25))
    task = FSX.start(aws, "EXECUTING")
    aws.advance(60)
    outcome = client_of(aws).cancel_and_wait(task)
    assert outcome.canceled
    assert outcome.cancels == asked(aws)[FSX.cancel] == 1


@pytest.mark.parametrize("code", ["AccessDeniedException", "ExpiredTokenException"])
def test_a_cancel_that_is_denied_is_raised_at_once(
    aws: SimulatedAWS, kind: Kind, code: str
) -> None:
    aws.inject(Fault(kind=FaultKind.ERROR, code=code, operation=kind.cancel, times=None))
    task = kind.start(aws, kind.running)
    with pytest.raises(BotocancelError) as caught:
        client_of(aws).cancel_and_wait(task)
    assert not caught.value.retryable
    assert asked(aws) == {kind.cancel: 1}
    assert kind.status(aws, task) == kind.running


def test_where_describing_is_denied_it_is_said_that_the_cancel_was_accepted(
    aws: SimulatedAWS, kind: Kind
) -> None:
    code = "AccessDeniedException"
    aws.inject(Fault(kind=FaultKind.ERROR, code=code, operation=kind.describe, times=None))
    task = kind.start(aws, kind.running)
    with pytest.raises(AccessDenied) as caught:
        client_of(aws).cancel_and_wait(task)
    assert caught.value.__notes__ == [f"The cancel of {task} had been accepted before."]
    assert caught.value.operation == kind.describe
    assert kind.status(aws, task) == kind.canceling


def test_where_describing_is_denied_a_refusal_stands_as_the_service_said_it(
    aws: SimulatedAWS,
) -> None:
    code = "AccessDeniedException"
    aws.inject(Fault(kind=FaultKind.ERROR, code=code, operation=FSX.describe, times=None))
    with pytest.raises(TaskEnded) as caught:
        client_of(aws).cancel_and_wait(FSX.start(aws, "SUCCEEDED"))
    assert caught.value.snapshot is None
    assert isinstance(caught.value.__cause__, AccessDenied)


# --- if_ended -----------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["canceled", "succeeded", "failed"])
def test_a_task_that_had_ended_before_raises_if_that_is_asked_for(
    aws: SimulatedAWS, kind: Kind, status: str
) -> None:
    task = kind.start(aws, getattr(kind, status))
    with pytest.raises(TaskEnded) as caught:
        client_of(aws).cancel_and_wait(task, if_ended="raise")
    assert isinstance(caught.value, kind.error)
    assert caught.value.snapshot is not None
    assert caught.value.snapshot.status == getattr(kind, status)


def test_an_end_that_this_call_brought_about_is_no_task_ended(
    aws: SimulatedAWS, kind: Kind
) -> None:
    outcome = client_of(aws).cancel_and_wait(kind.start(aws, kind.running), if_ended="raise")
    assert outcome.canceled


def test_a_task_that_was_being_cancelled_is_no_task_ended(aws: SimulatedAWS, kind: Kind) -> None:
    outcome = client_of(aws).cancel_and_wait(kind.start(aws, kind.canceling), if_ended="raise")
    assert outcome.canceled


# --- the aftermath --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task_type", "word"),
    [
        ("EXPORT_TO_REPOSITORY", "already exported"),
        ("RELEASE_DATA_FROM_FILESYSTEM", "stay released"),
        ("AUTO_RELEASE_DATA", "stay released"),
        ("IMPORT_METADATA_FROM_REPOSITORY", "already processed"),
    ],
)
def test_the_aftermath_is_that_of_the_type_of_the_task(
    aws: SimulatedAWS, task_type: str, word: str
) -> None:
    """The user guide has one sentence for every type."""
    outcome = client_of(aws).cancel_and_wait(FSX.start(aws, "EXECUTING", Type=task_type))
    left = outcome.aftermath
    assert left is not None
    assert left.done is Fate.KEPT
    assert left.in_flight is Fate.FINISHED
    assert left.to_come is Fate.NOT_DONE
    assert word in left.summary
    assert not left.may_be_inconsistent
    assert left.repair is None


def test_the_aftermath_of_datasync_says_no_more_than_its_page(aws: SimulatedAWS) -> None:
    """The page says "might be", and nothing of files whose turn had not come."""
    left = client_of(aws).cancel_and_wait(DATASYNC.start(aws, "TRANSFERRING")).aftermath
    assert left is not None
    assert left.in_flight is Fate.CUT_OFF
    assert left.may_be_inconsistent
    assert left.to_come is Fate.UNDOCUMENTED
    assert "may be" in left.summary
    assert left.repair is not None
    assert "new execution of the same task" in left.repair
    assert left.repair_by == "restart"


def test_on_progress_sees_the_cancel_take_effect(aws: SimulatedAWS, kind: Kind) -> None:
    seen: list[Phase] = []
    task = kind.start(aws, kind.running)
    outcome = client_of(aws).cancel_and_wait(
        task, on_progress=lambda snapshot: seen.append(snapshot.phase)
    )
    assert seen[0] is Phase.CANCELING
    assert seen[-1] is outcome.phase
    assert len(seen) == asked(aws)[kind.describe]


# --- cancel with a policy -----------------------------------------------------------------


def test_cancel_without_a_policy_makes_one_attempt(aws: SimulatedAWS, kind: Kind) -> None:
    aws.inject(Fault(kind=FaultKind.THROTTLE))
    with pytest.raises(Throttled):
        client_of(aws).cancel(kind.start(aws, kind.running))
    assert len(aws.requests) == 1


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: fault.value)
def test_cancel_with_a_policy_asks_again_and_counts(
    aws: SimulatedAWS, kind: Kind, fault: FaultKind
) -> None:
    aws.inject(Fault(kind=fault, times=3))
    task = kind.start(aws, kind.running)
    cancellation = client_of(aws).cancel(task, retry=RetryPolicy(timeout=300))
    assert cancellation.accepted
    assert cancellation.attempts == asked(aws)[kind.cancel] == 4
    assert kind.status(aws, task) == kind.canceling


def test_the_clients_own_policy_holds_for_cancel(aws: SimulatedAWS, kind: Kind) -> None:
    aws.inject(Fault(kind=FaultKind.THROTTLE, times=2))
    client = client_of(aws, retry=RetryPolicy(timeout=300))
    assert client.cancel(kind.start(aws, kind.running)).attempts == 3


def test_a_policy_counts_botocores_retries_too(aws: SimulatedAWS, kind: Kind) -> None:
    aws.inject(Fault(kind=FaultKind.THROTTLE, times=4))
    cancellation = client_of(aws, attempts=3).cancel(
        kind.start(aws, kind.running), retry=RetryPolicy(timeout=300)
    )
    assert cancellation.attempts == asked(aws)[kind.cancel] == 5


def test_a_policy_ends_in_time_with_what_went_wrong_last(aws: SimulatedAWS, kind: Kind) -> None:
    aws.inject(Fault(kind=FaultKind.INTERNAL_ERROR, times=None))
    backoff = Backoff(first=1, growth=2, ceiling=8)
    with pytest.raises(InternalException):
        client_of(aws).cancel(
            kind.start(aws, kind.running), retry=RetryPolicy(timeout=60, backoff=backoff)
        )
    assert 60 - 8 <= aws.clock.seconds <= 60
    assert aws.requests[-1].seconds <= 60


def test_what_a_policy_does_not_name_is_raised_at_once(aws: SimulatedAWS, kind: Kind) -> None:
    policy = RetryPolicy(retry_on=lambda error: isinstance(error, Throttled))
    aws.inject(Fault(kind=FaultKind.LOST_REQUEST))
    with pytest.raises(TransportError):
        client_of(aws).cancel(kind.start(aws, kind.running), retry=policy)
    assert len(aws.requests) == 1


def test_refusals_are_not_asked_for_again(aws: SimulatedAWS, kind: Kind) -> None:
    with pytest.raises(TaskEnded):
        client_of(aws).cancel(kind.start(aws, kind.succeeded), retry=RetryPolicy())
    assert asked(aws)[kind.cancel] == 1
    assert aws.clock.seconds == 0


@pytest.mark.parametrize("behaviour", UNKNOWN_BEHAVIOURS)
def test_a_policy_takes_our_own_lost_cancel_for_a_success(behaviour: str) -> None:
    kind, settings = UNKNOWN_BEHAVIOURS[behaviour]
    aws = SimulatedAWS(settings)
    task = kind.start(aws, kind.running)
    aws.advance(60)
    aws.inject(Fault(kind=FaultKind.LOST_ANSWER, operation=kind.cancel))
    cancellation = client_of(aws).cancel(task, retry=RetryPolicy(timeout=60))
    assert cancellation.attempts == asked(aws)[kind.cancel] >= 2
    assert kind.status(aws, task) in {kind.canceling, kind.canceled}


def test_each_attempt_is_logged_with_the_task_and_its_number(
    aws: SimulatedAWS, kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "botocancel")
    aws.inject(Fault(kind=FaultKind.THROTTLE, times=2))
    task = kind.start(aws, kind.running)
    client_of(aws).cancel(task, retry=RetryPolicy(timeout=300))
    attempts = [record for record in caplog.records if "attempt" in record.__dict__]
    assert [record.__dict__["attempt"] for record in attempts] == [1, 2]
    assert {record.__dict__["task"] for record in attempts} == {task}
    assert all("Rate exceeded" in record.getMessage() for record in attempts)


def test_a_cancel_that_is_accepted_is_logged_with_the_task(
    aws: SimulatedAWS, kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "botocancel")
    task = kind.start(aws, kind.running)
    client_of(aws).cancel_and_wait(task)
    accepted = [record for record in caplog.records if "was accepted" in record.getMessage()]
    assert [record.__dict__["task"] for record in accepted] == [task]
