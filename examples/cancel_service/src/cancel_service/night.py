"""What happens at night: an export of a file system, and a transfer."""

from __future__ import annotations

from dataclasses import dataclass

import boto3

from botocancel import BotocancelError, TaskClient


@dataclass(frozen=True)
class Copies:
    """What was started in the evening."""

    export: str
    """Id of an Amazon FSx data repository task."""
    transfer: str
    """ARN of an AWS DataSync task execution."""


@dataclass(frozen=True)
class Ending:
    """How one of the copies ended."""

    copy: str
    sentence: str
    goes_on: bool
    """Whether it may still be at work."""


def start(file_system_id: str, transfer_task_arn: str) -> Copies:
    """Start both copies.

    Raises:
        botocore.exceptions.ClientError: As AWS says. A transfer that does not start
            takes the export along.
    """
    created = boto3.client("fsx").create_data_repository_task(
        Type="EXPORT_TO_REPOSITORY", FileSystemId=file_system_id, Report={"Enabled": False}
    )
    export = created["DataRepositoryTask"]["TaskId"]
    with TaskClient().guard(export):
        started = boto3.client("datasync").start_task_execution(TaskArn=transfer_task_arn)
    return Copies(export, started["TaskExecutionArn"])


def stop(copies: Copies, timeout: float = 900.0) -> list[Ending]:
    """Stop what still runs, wait until it has stopped, and tell how each copy ended."""
    endings: list[Ending] = []
    tasks = (copies.export, copies.transfer)
    for result in TaskClient().cancel_and_wait_many(tasks, timeout=timeout):
        copy = str(result.task)
        try:
            outcome = result.unwrap()
        except BotocancelError as error:
            endings.append(Ending(copy, f"may go on: {error}", goes_on=True))
            continue
        sentence = outcome.phase.lower()
        if outcome.aftermath is not None:
            sentence += f"; {outcome.aftermath.summary}"
        endings.append(Ending(copy, sentence, goes_on=False))
    return endings
