"""``botocancel demo``: what the library does, shown and checked on a simulated AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click
from rich.console import Console
from rich.progress_bar import ProgressBar

from botocancel import (
    Aftermath,
    Cancellation,
    Certainty,
    DataSyncError,
    FSxError,
    InternalException,
    InvalidInput,
    NotFound,
    Outcome,
    Phase,
    Response,
    Shape,
    TaskEnded,
    TaskExecutionRef,
    TaskSnapshot,
    Unsupported,
    is_retryable,
)
from botocancel.cli._stage import Scene, Stage, perform
from botocancel.cli._status import Status
from botocancel.services.datasync import StartTaskExecutionRequest, StartTaskExecutionResponse
from botocancel.services.fsx import (
    CompletionReport,
    CreateDataRepositoryTaskRequest,
    CreateDataRepositoryTaskResponse,
    DataRepositoryTaskType,
)
from botocancel.testing import Fault, FaultKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType


__all__ = ["SCENES", "command"]

_NAMED: Final = (
    CompletionReport,
    CreateDataRepositoryTaskRequest,
    DataRepositoryTaskType,
    StartTaskExecutionRequest,
)
_SERVICES: Final = ("Amazon FSx", "AWS DataSync")
_BAR: Final = 12


def start(stage: Stage) -> None:
    """Start an export and an execution by the requests of their services."""
    stage.names["file_system"] = stage.aws.fsx().create_parent()
    stage.names["task_arn"] = stage.aws.datasync().create_parent()
    export = stage.run(
        """
        client.call(
            CreateDataRepositoryTaskRequest(
                type=DataRepositoryTaskType.EXPORT_TO_REPOSITORY,
                file_system_id=file_system,
                report=CompletionReport(enabled=False),
            )
        )
        """,
        CreateDataRepositoryTaskResponse,
        name="export",
    )
    execution = stage.run(
        "client.call(StartTaskExecutionRequest(task_arn=task_arn))",
        StartTaskExecutionResponse,
        name="execution",
    )
    task = export.data_repository_task
    stage.check("FSx has made an export", task is not None and task.lifecycle == "PENDING")
    stage.check("DataSync has started an execution", execution.task_execution_arn is not None)


def look(stage: Stage) -> None:
    """List both by one call."""
    stage.later(90)
    running = stage.run("list(client.active())", list[TaskSnapshot[Shape]])
    stage.tabulate(
        ("service", "task", "phase", "status", "done", ""),
        [(snapshot.ref.key, *_row(snapshot)) for snapshot in running],
    )
    stage.check(
        "one task of each service, and both are at work",
        {snapshot.ref.key for snapshot in running} == {"fsx", "datasync"}
        and all(snapshot.phase is Phase.RUNNING for snapshot in running),
    )


def cancel(stage: Stage) -> None:
    """Cancel both by the same method, and compare the answers."""
    answers = (
        stage.run("client.cancel(export)", Cancellation[Response]),
        stage.run("client.cancel(execution)", Cancellation[Response]),
    )
    stage.compare(
        _SERVICES,
        {
            "accepted": [answer.accepted for answer in answers],
            "phase": [answer.phase.name for answer in answers],
            "answer": [type(answer.response).__name__ for answer in answers],
            "attempts": [answer.attempts for answer in answers],
        },
    )
    stage.check("both services accepted", all(answer.accepted for answer in answers))
    stage.check(
        "no phase is made up: FSx names one in its answer, DataSync does not",
        [answer.phase for answer in answers] == [Phase.CANCELING, Phase.UNKNOWN],
    )


def wait(stage: Stage) -> None:
    """Wait for both, and compare how they ended."""
    seen: list[TaskSnapshot[Shape]] = []
    stage.names["seen"] = seen
    outcomes = (
        stage.run(
            "client.cancel_and_wait(export, on_progress=seen.append)",
            Outcome[Shape],
            name="stopped",
        ),
        stage.run(
            "client.cancel_and_wait(execution, on_progress=seen.append)",
            Outcome[Shape],
            name="broken_off",
        ),
    )
    stage.compare(
        _SERVICES,
        {
            "statuses seen": [_statuses(seen, outcome) for outcome in outcomes],
            "ended as": [outcome.phase.name for outcome in outcomes],
            "certainty": [outcome.certainty.value for outcome in outcomes],
            "it took": [f"{outcome.elapsed:.0f} simulated seconds" for outcome in outcomes],
        },
    )
    stage.check("both were cancelled", all(outcome.canceled for outcome in outcomes))
    stage.check(
        "FSx reports it; of DataSync, which says ERROR, it is inferred",
        [outcome.certainty for outcome in outcomes] == [Certainty.REPORTED, Certainty.INFERRED],
    )


def mend(stage: Stage) -> None:
    """Show what is left behind, and run what AWS documents as the repair."""
    kept = stage.run("stopped.aftermath", Aftermath)
    cut = stage.run("broken_off.aftermath", Aftermath)
    stage.compare(
        _SERVICES,
        {
            "left behind": [kept.summary, cut.summary],
            "repair": [kept.repair or "none documented", cut.repair or "none documented"],
            "source": [kept.source, cut.source],
        },
    )
    stage.run("client.restart(execution)", TaskExecutionRef, name="repair")
    phase = stage.run("client.wait(repair).phase", Phase, echo=True)
    stage.check("another execution of the same task has run to its end", phase is Phase.SUCCEEDED)


def task_ended(stage: Stage) -> None:
    """Cancel a task that has succeeded."""
    stage.names["finished"] = stage.aws.fsx().start(status="SUCCEEDED")
    error = stage.refuse("client.cancel(finished)", TaskEnded)
    phase = stage.run("error.snapshot.phase", Phase, echo=True)
    stage.check("the error says how it ended", phase is Phase.SUCCEEDED)
    stage.check("and whose it is: FSx's", isinstance(error, FSxError))


def not_found(stage: Stage) -> None:
    """Cancel an execution that does not exist."""
    stage.names["gone"] = TaskExecutionRef.example
    error = stage.refuse("client.cancel(gone)", NotFound)
    stage.check(
        "the error keeps the code that the service answered",
        error.code == "InvalidRequestException",
    )
    stage.check("and whose it is: DataSync's", isinstance(error, DataSyncError))


def unsupported(stage: Stage) -> None:
    """Cancel a task that the service does not let be cancelled."""
    stage.names["fixed"] = task = stage.aws.fsx().start(status="EXECUTING", cancelable=False)
    error = stage.refuse("client.cancel(fixed)", Unsupported)
    stage.check("asking again would not help", not is_retryable(error))
    stage.check("the task goes on", stage.aws.fsx().status(task) == "EXECUTING")


def internal_exception(stage: Stage) -> None:
    """Cancel an execution while the service fails."""
    stage.names["running"] = stage.aws.datasync().start(status="TRANSFERRING")
    fails = Fault(kind=FaultKind.INTERNAL_ERROR, operation="CancelTaskExecution", times=None)
    stage.aws.inject(fails)
    error = stage.refuse("client.cancel(running)", InternalException)
    stage.aws.clear_faults()
    stage.check(f"botocore tried {error.attempts} times, and the error says so", error.attempts > 1)
    stage.check("asking again later may help", is_retryable(error))


def bad_id(stage: Stage) -> None:
    """Cancel by an id that is none."""
    sent = len(stage.aws.requests)
    stage.refuse('client.cancel("task-0123456789ABCDEF0")', InvalidInput)
    stage.check("nothing was sent", len(stage.aws.requests) == sent)


SCENES: Final = (
    Scene("Start a task on each service", start),
    Scene("See what is running", look),
    Scene("Cancel both, by the same function", cancel),
    Scene("Wait until they have ended; asking once more does no harm", wait),
    Scene("Know what is left behind, and mend it", mend),
    Scene("TaskEnded: there is nothing left to cancel", task_ended),
    Scene("NotFound: DataSync answers a bad request, and a describe tells", not_found),
    Scene("Unsupported: the service does not cancel this task", unsupported),
    Scene("InternalException: the service fails, and goes on failing", internal_exception),
    Scene("A bad id: refused before anything is sent", bad_id),
)
"""What is shown, in order."""


def _row(snapshot: TaskSnapshot[Shape]) -> tuple[RenderableType, ...]:
    task = str(snapshot.ref).rpartition("/")[2]
    share = snapshot.progress.fraction or 0.0
    bar = ProgressBar(total=1.0, completed=share, width=_BAR)
    return task, snapshot.phase.name, snapshot.status or "none", bar, f"{share:.0%}"


def _statuses(seen: Sequence[TaskSnapshot[Shape]], outcome: Outcome[Shape]) -> str:
    """Return the statuses that a task was seen in, each once."""
    mine = [snapshot.status or "none" for snapshot in seen if snapshot.ref == outcome.ref]
    return ", then ".join(dict.fromkeys(mine))


@click.command()
def command() -> None:
    """Cancel tasks on a simulated AWS, and check what comes of it.

    Real botocore clients send the requests; only the network is replaced, and time is
    simulated. The exit status is 0 if all that is shown held, else 1.
    """
    console = Console()
    stage = Stage(console, _NAMED)
    console.print("[bold]botocancel[/] on a simulated AWS, through real botocore clients")
    held = perform(SCENES, stage)
    console.print()
    if held:
        console.print("[bold green]All of it held.[/]")
    else:
        console.print(f"[bold red]{len(stage.failures)} of the claims did not hold.[/]")
    raise click.exceptions.Exit(Status.DONE if held else Status.FAILED)
