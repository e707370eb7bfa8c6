"""What became of each task, as an operator wants to know it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import attrs

from botocancel import (
    BotocancelError,
    Cancellation,
    Certainty,
    Outcome,
    Phase,
    TaskCanceling,
    TaskEnded,
    TaskSnapshot,
    WaitTimeout,
    task_ref,
)
from botocancel.cli._durations import spoken
from botocancel.cli._remedies import reason, remedy
from botocancel.cli._status import Status, worst
from botocancel.services import service_of

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
    accepted: bool = False
    """Whether the service accepted a cancel of this command."""
    certainty: str | None = None
    requested_at: datetime | None = None
    cancels: int = 0
    elapsed: float | None = None
    snapshot: TaskSnapshot[Shape] | None = None
    aftermath: Aftermath | None = None
    error: BotocancelError | None = None


def doubt(snapshot: TaskSnapshot[Shape]) -> str | None:
    """Say so where a status is that of what has failed and of what was cancelled."""
    service = service_of(snapshot.ref)
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
    ref = task_ref(result.task)
    if result.error is not None:
        return _refused(ref, result.error, stopping=stopping)
    judge = _JUDGES[type(result.value)]
    return judge(result.value)


def _requested(cancellation: Cancellation[Response]) -> Verdict:
    lost = "an earlier request, whose answer was lost, seems to have been accepted"
    status = f", now {cancellation.status}" if cancellation.status else ""
    return Verdict(
        ref=cancellation.ref,
        end=End.REQUESTED,
        note=f"AWS accepted the cancel{status}" if cancellation.accepted else lost,
        accepted=cancellation.accepted,
        cancels=cancellation.attempts,
        aftermath=cancellation.aftermath,
    )


def _stopped(outcome: Outcome[Shape]) -> Verdict:
    took = spoken(outcome.elapsed)
    if outcome.canceled:
        end, note = End.CANCELED, "reported by AWS"
        if outcome.certainty is Certainty.INFERRED:
            note = f"inferred: it stopped as {outcome.snapshot.status}"
        note += f" after {took}" if outcome.accepted else "; by an earlier or another cancel"
    else:
        end, note = End.ENDED, _how_it_had_ended(outcome.snapshot)
        if outcome.accepted:
            note = f"{note} before the cancel took effect"
    return Verdict(
        ref=outcome.ref,
        end=end,
        note=note,
        accepted=outcome.accepted,
        certainty=outcome.certainty.value,
        requested_at=outcome.requested_at,
        cancels=outcome.cancels,
        elapsed=round(outcome.elapsed, 3),
        snapshot=outcome.snapshot,
        aftermath=outcome.aftermath,
    )


def _watched(snapshot: TaskSnapshot[Shape]) -> Verdict:
    end, which, uncertain = _WATCHED_ENDS[snapshot.phase], "", doubt(snapshot)
    if uncertain is not None:
        end, which = End.UNSUCCESSFUL, f", failed or cancelled ({uncertain})"
    took = ""
    if snapshot.ended_at and snapshot.created_at:
        took = f" after {spoken((snapshot.ended_at - snapshot.created_at).total_seconds())}"
    why = f": {snapshot.failure}" if snapshot.failure else ""
    return Verdict(
        ref=snapshot.ref, end=end, note=f"{snapshot.status}{took}{which}{why}", snapshot=snapshot
    )


def _how_it_had_ended(snapshot: TaskSnapshot[Shape]) -> str:
    uncertain = doubt(snapshot)
    if uncertain is not None:
        return f"it had failed, or been cancelled before; {uncertain}"
    return _ENDED_AS.get(snapshot.phase, "it had ended")


_JUDGES: Final[Mapping[type, Callable[[Any], Verdict]]] = {
    Cancellation: _requested,
    Outcome: _stopped,
    TaskSnapshot: _watched,
}


def _refused(ref: TaskRef[Shape, Response], error: BotocancelError, *, stopping: bool) -> Verdict:
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
        case WaitTimeout(accepted=accepted, snapshot=snapshot, elapsed=elapsed):
            return Verdict(
                ref=ref,
                end=End.FAILED if stopping and not accepted else End.TIMED_OUT,
                note=why,
                accepted=accepted,
                elapsed=round(elapsed, 3),
                snapshot=snapshot,
                error=error,
            )
        case _:
            return Verdict(ref=ref, end=End.FAILED, note=why, error=error)
