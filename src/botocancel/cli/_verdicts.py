"""What became of each task, as an operator wants to know it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import attrs

from botocancel import (
    BotocancelError,
    Cancellation,
    Cause,
    Certainty,
    Outcome,
    Phase,
    TaskCanceling,
    TaskEnded,
    TaskSnapshot,
    WaitTimeout,
    task_ref,
)
from botocancel.cli._durations import instant, spoken
from botocancel.cli._remedies import reason, remedy
from botocancel.cli._status import Status, worst
from botocancel.services import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from botocancel import Aftermath, Response, Result, Shape, TaskRef

__all__ = ["SHOWN", "End", "Verdict", "doubt", "judged", "status_of"]


class End(Enum):
    """How it went with one task. The values are part of the documented JSON."""

    CANCELED = "canceled"
    REQUESTED = "requested"
    SUCCEEDED = "succeeded"
    ENDED = "already ended"
    BROKE = "ended in failure"
    UNSUCCESSFUL = "unsuccessful"
    WAS_CANCELED = "was canceled"
    TIMED_OUT = "timed out"
    FAILED = "failed"
    UNFINISHED = "left unfinished"


@attrs.frozen
class _Look:
    """How an end is shown, and the exit status it makes for."""

    mark: str
    plain_mark: str
    style: str
    status: Status


SHOWN: Final[Mapping[End, _Look]] = {
    End.CANCELED: _Look("✓", "+", "green", Status.DONE),
    End.REQUESTED: _Look("→", ">", "cyan", Status.DONE),
    End.SUCCEEDED: _Look("✓", "+", "green", Status.DONE),
    End.ENDED: _Look("•", "-", "dim", Status.DONE),
    End.WAS_CANCELED: _Look("•", "-", "yellow", Status.FAILED),
    End.BROKE: _Look("✗", "x", "red", Status.FAILED),
    End.UNSUCCESSFUL: _Look("•", "-", "yellow", Status.FAILED),
    End.TIMED_OUT: _Look("…", "?", "yellow", Status.TIMED_OUT),
    End.FAILED: _Look("✗", "x", "bold red", Status.FAILED),
    End.UNFINISHED: _Look("…", "?", "yellow", Status.INTERRUPTED),
}

_ENDED_AS: Final[Mapping[Phase, str]] = {
    Phase.SUCCEEDED: "it had succeeded",
    Phase.FAILED: "it had failed",
    Phase.CANCELED: "it had been cancelled",
}

_WATCHED_ENDS: Final[Mapping[Phase, End]] = {
    Phase.SUCCEEDED: End.SUCCEEDED,
    Phase.FAILED: End.BROKE,
    Phase.CANCELED: End.WAS_CANCELED,
}


@attrs.frozen(kw_only=True)
class Verdict:
    """What became of one task."""

    ref: TaskRef[Shape, Response]
    end: End
    note: str
    """The end in a few words, or what went wrong and what to do."""
    receipt: Cancellation | None = None
    """Of the cancel of this command, or as the task was named by it."""
    certainty: str | None = None
    basis: str | None = None
    cause: str | None = None
    requested_at: datetime | None = None
    cancels: int = 0
    elapsed: float | None = None
    snapshot: TaskSnapshot[Shape] | None = None
    aftermath: Aftermath | None = None
    error: BotocancelError | None = None

    @property
    def accepted(self) -> bool:
        """Whether the service is known to have accepted a cancel."""
        return self.receipt is not None and self.receipt.accepted


def doubt(snapshot: TaskSnapshot[Shape]) -> str | None:
    """Say so where a status is that of what has failed and of what was cancelled."""
    service = kind_of(snapshot.ref)
    if snapshot.phase is not Phase.FAILED or service.reports_canceled:
        return None
    return f"{service.title}'s {snapshot.status} does not tell which"


def status_of(verdicts: Iterable[Verdict]) -> Status:
    """Return the exit status that verdicts make for together."""
    return worst(SHOWN[verdict.end].status for verdict in verdicts)


def judged(result: Result[Any], *, stopping: bool) -> Verdict:
    """Return the verdict on a task of a batch.

    Args:
        result: What became of it.
        stopping: Whether the task was to be stopped; else it was waited for.
    """
    given: Cancellation | None = getattr(result.task, "receipt", None)
    if result.error is not None:
        return _refused(task_ref(result.task), result.error, given, stopping=stopping)
    return _JUDGES[type(result.value)](result.value, given)


def _requested(cancellation: Cancellation[Response]) -> Verdict:
    lost = "an earlier request, whose answer was lost, seems to have been accepted"
    status = f", now {cancellation.status}" if cancellation.status else ""
    return Verdict(
        ref=cancellation.ref,
        end=End.REQUESTED,
        note=f"AWS accepted the cancel{status}" if cancellation.accepted else lost,
        receipt=cancellation,
        requested_at=cancellation.answered_at if cancellation.accepted else None,
        cancels=cancellation.attempts,
        aftermath=cancellation.aftermath,
    )


def _stopped(outcome: Outcome[Shape]) -> Verdict:
    if outcome.canceled:
        is_own = outcome.accepted and outcome.cancels
        after = f" after {spoken(outcome.elapsed)}" if is_own else _by(outcome.receipt)
        if outcome.cause is Cause.LIMIT:
            after = "; a limit that was set on it ended it"
        end, note = End.CANCELED, _how_known(outcome.snapshot, outcome.certainty) + after
    else:
        end, note = End.ENDED, _how_it_had_ended(outcome.snapshot)
        if outcome.accepted:
            note = f"{note} before the cancel took effect"
    return Verdict(
        ref=outcome.ref,
        end=end,
        note=note,
        receipt=outcome.receipt,
        certainty=outcome.certainty.value,
        basis=outcome.basis.value,
        cause=outcome.cause.value if outcome.cause else None,
        requested_at=outcome.requested_at,
        cancels=outcome.cancels,
        elapsed=round(outcome.elapsed, 3),
        snapshot=outcome.snapshot,
        aftermath=outcome.aftermath,
    )


def _how_known(snapshot: TaskSnapshot[Shape], certainty: Certainty) -> str:
    """Say how it is known that a task was cancelled."""
    if certainty is Certainty.INFERRED:
        return f"inferred: it stopped as {snapshot.status}"
    return "reported by AWS"


def _by(receipt: Cancellation | None) -> str:
    """Say by which cancel a task was cancelled, of those that were not sent by this command."""
    if receipt is None or not receipt.accepted:
        return "; by an earlier or another cancel"
    return f"; the cancel was accepted at {instant(receipt.answered_at)}"


def _watched(snapshot: TaskSnapshot[Shape], receipt: Cancellation | None) -> Verdict:
    """Return the verdict on a task that was waited for.

    Args:
        snapshot: How it ended.
        receipt: That of its cancel, if the task was named by it. Then it was to be cancelled.
    """
    if receipt is not None and snapshot.phase is Phase.CANCELED:
        return Verdict(
            ref=snapshot.ref,
            end=End.CANCELED,
            note=_how_known(snapshot, snapshot.certainty) + _by(receipt),
            receipt=receipt,
            requested_at=receipt.answered_at if receipt.accepted else None,
            snapshot=snapshot,
            certainty=snapshot.certainty.value,
            basis=snapshot.basis.value,
            aftermath=kind_of(snapshot.ref).aftermath(snapshot.detail),
        )
    end, which, uncertain = _WATCHED_ENDS[snapshot.phase], "", doubt(snapshot)
    if uncertain is not None:
        end, which = End.UNSUCCESSFUL, f", failed or cancelled ({uncertain})"
    took = ""
    if snapshot.ended_at and snapshot.created_at:
        took = f" after {spoken((snapshot.ended_at - snapshot.created_at).total_seconds())}"
    why = f": {snapshot.failure}" if snapshot.failure else ""
    return Verdict(
        ref=snapshot.ref,
        end=end,
        note=f"{snapshot.status}{took}{which}{why}",
        receipt=receipt,
        certainty=snapshot.certainty.value,
        basis=snapshot.basis.value,
        snapshot=snapshot,
    )


def _how_it_had_ended(snapshot: TaskSnapshot[Shape]) -> str:
    uncertain = doubt(snapshot)
    if uncertain is not None:
        return f"it had failed, or been cancelled before; {uncertain}"
    return _ENDED_AS.get(snapshot.phase, "it had ended")


_JUDGES: Final[Mapping[type, Callable[[Any, Cancellation | None], Verdict]]] = {
    Cancellation: lambda cancellation, _: _requested(cancellation),
    Outcome: lambda outcome, _: _stopped(outcome),
    TaskSnapshot: _watched,
}


def _refused(
    ref: TaskRef[Shape, Response],
    error: BotocancelError,
    given: Cancellation | None,
    *,
    stopping: bool,
) -> Verdict:
    parts = [reason(error)]
    if isinstance(error, WaitTimeout) and isinstance(error.__cause__, BotocancelError):
        parts.append(f"the last look failed: {reason(error.__cause__)}")
    parts += filter(None, [remedy(error)])
    why = "; ".join(parts)
    why = why.removeprefix(f"{ref}: ").removeprefix(f"{ref} ")  # the line has it already
    match error:
        case TaskEnded(snapshot=TaskSnapshot() as snapshot):
            ended = _how_it_had_ended(snapshot)
            return Verdict(ref=ref, end=End.ENDED, note=ended, snapshot=snapshot, error=error)
        case TaskEnded():
            return Verdict(ref=ref, end=End.ENDED, note="it had ended", error=error)
        case TaskCanceling(snapshot=snapshot):
            note = "it was being cancelled already"
            return Verdict(ref=ref, end=End.REQUESTED, note=note, snapshot=snapshot, error=error)
        case WaitTimeout(accepted=accepted, receipt=receipt, snapshot=snapshot, elapsed=elapsed):
            return Verdict(
                ref=ref,
                end=End.FAILED if stopping and not accepted else End.TIMED_OUT,
                note=why,
                receipt=receipt or given,
                elapsed=round(elapsed, 3),
                snapshot=snapshot,
                error=error,
            )
        case _:
            return Verdict(ref=ref, end=End.FAILED, note=why, receipt=given, error=error)
