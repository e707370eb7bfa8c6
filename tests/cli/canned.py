"""An AWS behind a socket of this machine that answers what a test says, however odd it is."""

from __future__ import annotations

import json
import os
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

TASKS = [f"task-0123456789abcdef{number}" for number in range(10)]
"""Ids of data repository tasks."""
EXECUTIONS = [
    f"arn:aws:datasync:us-east-1:123456789012:task/{TASKS[0]}/execution/exec-0123456789abcdef{number}"
    for number in range(10)
]


def fsx_task(task: str, **members: object) -> dict[str, object]:
    """Return a data repository task as FSx describes it, with other members where given."""
    return {
        "TaskId": task,
        "Lifecycle": "EXECUTING",
        "Type": "EXPORT_TO_REPOSITORY",
        "CreationTime": 1_700_000_000.0,
        "ResourceARN": f"arn:aws:fsx:us-east-1:123456789012:task/{task}",
        "FileSystemId": "fs-0123456789abcdef0",
        **members,
    }


def execution(arn: str, **members: object) -> dict[str, object]:
    """Return a task execution as DataSync describes it, with other members where given."""
    return {
        "TaskExecutionArn": arn,
        "Status": "TRANSFERRING",
        "StartTime": 1_700_000_000.0,
        **members,
    }


class CannedAWS(ThreadingHTTPServer):
    """Answers each operation with what was said of it; tasks, with what `tasks` holds."""

    daemon_threads = True

    def __init__(self) -> None:
        self.refusal: dict[str, str] | None = None
        """What every request is refused with."""
        self.tasks: list[dict[str, object]] = []
        """What FSx has."""
        self.executions: list[dict[str, object]] = []
        """What DataSync has."""
        self.asked: list[tuple[str, dict[str, Any]]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def variables(self) -> dict[str, str]:
        """The environment in which programs call it."""
        return {
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server_address[1]}",
            "AWS_REGION": "us-east-1",
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def answer(self, operation: str, request: dict[str, Any]) -> tuple[int, object]:
        """Return the HTTP status and the body for a request."""
        self.asked.append((operation, request))
        if self.refusal is not None:
            return 400, self.refusal
        return 200, _ANSWERS[operation](self, request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of callers who left."""


def _fsx_tasks(aws: CannedAWS, request: Mapping[str, Any]) -> object:
    wanted = request.get("TaskIds")
    return {
        "DataRepositoryTasks": [
            task for task in aws.tasks if wanted is None or task.get("TaskId") in wanted
        ]
    }


def _execution(aws: CannedAWS, request: Mapping[str, Any]) -> object:
    arn = request["TaskExecutionArn"]
    return next(each for each in aws.executions if each["TaskExecutionArn"] == arn)


_ANSWERS: Mapping[str, Callable[[CannedAWS, Mapping[str, Any]], object]] = {
    "CancelDataRepositoryTask": lambda _, request: {
        "Lifecycle": "CANCELING",
        "TaskId": request["TaskId"],
    },
    "CancelTaskExecution": lambda _, __: {},
    "DescribeDataRepositoryTasks": _fsx_tasks,
    "DescribeTaskExecution": _execution,
    "ListTaskExecutions": lambda aws, _: {
        "TaskExecutions": [
            {name: each[name] for name in ("TaskExecutionArn", "Status") if name in each}
            for each in aws.executions
        ]
    },
    # Of the other kinds there is nothing.
    "ListJobs": lambda _, __: {"JobNames": []},
    "ListProcessingJobs": lambda _, __: {"ProcessingJobSummaries": []},
    "ListStateMachines": lambda _, __: {"stateMachines": []},
    "ListTrainingJobs": lambda _, __: {"TrainingJobSummaries": []},
    "ListWorkGroups": lambda _, __: {"WorkGroups": []},
    "describejobqueues": lambda _, __: {"jobQueues": []},
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        named = self.headers.get("X-Amz-Target", self.path.replace("/", "."))
        operation = named.rpartition(".")[2]
        status, document = cast("CannedAWS", self.server).answer(operation, request)
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", "b25f48e8-84fd-11e6-80d9-574e0c4664cb")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its own name)
        """Be quiet."""


@contextmanager
def answering() -> Generator[CannedAWS]:
    """Answer for the block."""
    with CannedAWS() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
