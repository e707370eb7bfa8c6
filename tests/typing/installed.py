"""Never run: what a user of the wheel writes, with none of the types of boto3 installed."""

from __future__ import annotations

from typing import assert_type

from botocancel import (
    Cancellation,
    DataRepositoryTaskRef,
    NamesTask,
    Outcome,
    Response,
    Result,
    Shape,
    TaskClient,
    TaskEnded,
    TaskRef,
    TaskSnapshot,
    task_ref,
)
from botocancel.services.fsx import CancelDataRepositoryTaskResponse, DataRepositoryTask
from botocancel.testing import SimulatedAWS

aws = SimulatedAWS()
client = TaskClient(aws.session(), clock=aws.clock)
ref = DataRepositoryTaskRef.parse("task-…")

assert_type(task_ref("task-…"), TaskRef[Shape, Response])
assert_type(client.cancel(ref), Cancellation[CancelDataRepositoryTaskResponse])
assert_type(client.cancel_and_wait(ref, timeout=60), Outcome[DataRepositoryTask])
try:
    client.cancel("task-…")
except TaskEnded as ended:
    assert_type(ended.snapshot, TaskSnapshot[Shape] | None)


def stopped(tasks: list[NamesTask | str]) -> list[Outcome]:
    results: list[Result[Outcome]] = list(client.cancel_and_wait_many(tasks))
    return [result.value for result in results if result.error is None]
