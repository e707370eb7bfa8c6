"""What is an answer of the service to the request, and what is none."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from botocancel import (
    AccessDenied,
    InternalException,
    InvalidResponse,
    Phase,
    ServiceUnavailable,
    TaskClient,
    TaskEnded,
    Throttled,
)
from botocancel.services import datasync, fsx
from botocancel.testing import VirtualClock
from tests.network import CannedNetwork

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocancel import BotocancelError

TASK = "task-0123456789abcdef0"
OTHER_TASK = "task-00000000000000001"
DATASYNC_TASK = "arn:aws:datasync:us-east-1:123456789012:task/task-0123456789abcdef0"
EXECUTION = f"{DATASYNC_TASK}/execution/exec-0123456789abcdef0"
OTHER_EXECUTION = f"{DATASYNC_TASK}/execution/exec-00000000000000001"
OTHER_TASKS_EXECUTION = EXECUTION.replace("task-0123456789abcdef0", OTHER_TASK)
JSON = {"content-type": "application/x-amz-json-1.1"}
HTML = {"content-type": "text/html; charset=utf-8"}
PAGE = b"<html>Sign in to the network</html>"


@pytest.fixture
def network() -> CannedNetwork:
    return CannedNetwork()


@pytest.fixture
def client(network: CannedNetwork) -> TaskClient:
    return TaskClient(network.session, clock=VirtualClock())


@pytest.fixture
def passed_in(network: CannedNetwork) -> TaskClient:
    """A client over botocore's clients that the caller made."""
    clients = [network.session.create_client(name) for name in ("fsx", "datasync")]
    return TaskClient(clients=clients, clock=VirtualClock())


def task(lifecycle: str = "EXECUTING", task_id: str = TASK) -> dict[str, object]:
    facts = {"Type": "EXPORT_TO_REPOSITORY", "CreationTime": 1_700_000_000}
    return {"TaskId": task_id, "Lifecycle": lifecycle, **facts}


def tasks(*found: object) -> dict[str, object]:
    return {"DataRepositoryTasks": [*found]}


def execution(status: str = "TRANSFERRING", arn: str = EXECUTION) -> dict[str, object]:
    return {"TaskExecutionArn": arn, "Status": status}


CALLS: dict[str, tuple[Callable[[TaskClient], object], object]] = {
    "cancel of fsx": (lambda client: client.cancel(TASK), {"TaskId": TASK}),
    "describe of fsx": (lambda client: client.describe(TASK), tasks(task())),
    "active of fsx": (lambda client: list(client.active(service="fsx")), tasks(task())),
    "cancel of datasync": (lambda client: client.cancel(EXECUTION), {}),
    "describe of datasync": (lambda client: client.describe(EXECUTION), execution()),
    "active of datasync": (
        lambda client: list(client.active(service="datasync")),
        {"TaskExecutions": []},
    ),
}
"""What a client does by one request, and what answers it."""


def framed(body: bytes, **headers: str) -> dict[str, str]:
    return {**JSON, "content-length": str(len(body)), **headers}


@pytest.fixture(params=CALLS)
def call(request: pytest.FixtureRequest) -> Callable[[TaskClient], object]:
    made, _ = CALLS[request.param]
    return made


# --- no answer at all ------------------------------------------------------------------------


@pytest.mark.parametrize("name", CALLS)
def test_a_whole_answer_is_believed(network: CannedNetwork, name: str) -> None:
    call, answer = CALLS[name]
    body = json.dumps(answer).encode()
    network.will_answer(body, headers=framed(body))
    call(TaskClient(network.session))


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("left", [0, 1, -1], ids=["nothing", "one byte", "all but one byte"])
def test_a_body_that_ends_before_its_length_is_no_answer(
    network: CannedNetwork, client: TaskClient, name: str, left: int
) -> None:
    """botocore makes an empty answer of it, without an error. `left` bytes arrive."""
    call, answer = CALLS[name]
    whole = json.dumps(answer).encode()
    network.will_answer(whole[:left], headers=framed(whole))
    with pytest.raises(InvalidResponse) as caught:
        call(client)
    assert caught.value.retryable


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (PAGE, HTML),
        (b"", JSON),
        (b"", framed(b"")),
        (b'{"__type": "InternalServerError", "message": "no"}', JSON),
        (b"null", HTML),
    ],
    ids=["a page", "no body", "no body, which it says", "an error with HTTP 200", "null as HTML"],
)
def test_what_comes_with_http_200_is_not_always_an_answer(
    network: CannedNetwork,
    client: TaskClient,
    call: Callable[[TaskClient], object],
    body: bytes,
    headers: dict[str, str],
) -> None:
    network.will_answer(body, headers=headers)
    with pytest.raises(InvalidResponse) as caught:
        call(client)
    assert caught.value.retryable


@pytest.mark.parametrize("name", [name for name in CALLS if name != "cancel of datasync"])
def test_an_answer_without_the_member_that_the_operation_answers_is_none(
    network: CannedNetwork, client: TaskClient, name: str
) -> None:
    call, _ = CALLS[name]
    network.will_answer({})
    with pytest.raises(InvalidResponse, match="the answer lacks"):
        call(client)


@pytest.mark.parametrize("request_id", ["", None])
def test_an_answer_without_a_request_id_is_none_of_aws(
    network: CannedNetwork, client: TaskClient, request_id: str | None
) -> None:
    headers = {} if request_id is None else {"x-amzn-RequestId": request_id}
    network.will_answer({}, headers=headers, request_id=None)
    with pytest.raises(InvalidResponse, match="no AWS request id"):
        client.cancel(EXECUTION)


def test_a_page_is_told_from_an_answer_by_its_type(
    network: CannedNetwork, client: TaskClient
) -> None:
    network.will_answer(PAGE, headers=HTML)
    with pytest.raises(InvalidResponse, match=r"'text/html'.* is a proxy in the way\?"):
        client.cancel(EXECUTION)


@pytest.mark.parametrize("name", CALLS)
def test_a_body_that_can_be_nothing_else_is_believed_whatever_its_type(
    network: CannedNetwork, client: TaskClient, passed_in: TaskClient, name: str
) -> None:
    """moto's server says of all that it answers that it is HTML."""
    call, answer = CALLS[name]
    body = json.dumps(answer).encode()
    network.will_answer(body, headers={**framed(body), **HTML})
    call(client)
    call(passed_in)


def test_the_length_of_an_encoded_body_is_not_that_of_what_it_holds(
    network: CannedNetwork, client: TaskClient
) -> None:
    """urllib3 has decoded it; and whether it was whole, too."""
    body = json.dumps(execution()).encode()
    sent = gzip.compress(body + b" " * 10_000)
    headers = {**JSON, "content-encoding": "gzip", "content-length": str(len(sent) + len(body))}
    network.will_answer(body, headers=headers)
    assert client.describe(EXECUTION).status == "TRANSFERRING"


@pytest.mark.parametrize(
    ("body", "headers"),
    [(PAGE, {**HTML, "content-length": str(len(PAGE))}), (b"", framed(b""))],
    ids=["a page", "no body, which it says"],
)
def test_of_a_client_that_is_passed_in_the_headers_are_judged(
    network: CannedNetwork,
    passed_in: TaskClient,
    call: Callable[[TaskClient], object],
    body: bytes,
    headers: dict[str, str],
) -> None:
    network.will_answer(body, headers=headers)
    with pytest.raises(InvalidResponse):
        call(passed_in)


def test_a_client_that_is_passed_in_is_not_altered(network: CannedNetwork) -> None:
    """No handler is added to its events."""
    ready: Any = network.session.create_client("datasync")
    received: list[dict[str, object]] = []

    def receive(parsed_response: dict[str, object], **_: object) -> None:
        received.append(parsed_response)

    ready.meta.events.register_last("response-received", receive)
    network.will_answer({})
    TaskClient(clients=[ready]).cancel(EXECUTION)
    assert [set(answer) for answer in received] == [{"ResponseMetadata"}]


# --- errors ----------------------------------------------------------------------------------


REFUSAL = json.dumps({"__type": "DataRepositoryTaskEnded", "message": "has ended"}).encode()


def test_an_error_that_is_cut_off_is_no_refusal(network: CannedNetwork, client: TaskClient) -> None:
    network.will_answer(REFUSAL[:20], status=400, headers=framed(REFUSAL))
    with pytest.raises(InvalidResponse, match=r"HTTP 400: the answer was cut off: 20 of \d+ bytes"):
        client.cancel(TASK)


def test_an_error_that_is_cut_off_is_no_refusal_where_its_length_is_not_known(
    network: CannedNetwork, passed_in: TaskClient
) -> None:
    network.will_answer(REFUSAL[:20], status=400, headers=framed(REFUSAL))
    with pytest.raises(InvalidResponse, match="HTTP 400: the answer is an error without a code"):
        passed_in.cancel(TASK)


@pytest.mark.parametrize(
    ("status", "body", "headers", "meaning"),
    [
        (400, REFUSAL, framed(REFUSAL), TaskEnded),
        (400, REFUSAL, HTML, TaskEnded),
        (403, b"", {}, AccessDenied),
        (403, PAGE, HTML, InvalidResponse),
        (404, PAGE, HTML, InvalidResponse),
        (403, b'{"__ty', framed(REFUSAL), InvalidResponse),
        (429, PAGE, HTML, Throttled),
        (500, b'{"__ty', framed(REFUSAL), InternalException),
        (503, PAGE, HTML, ServiceUnavailable),
    ],
)
def test_a_refusal_is_believed_of_the_service_alone(
    network: CannedNetwork,
    client: TaskClient,
    status: int,
    body: bytes,
    headers: dict[str, str],
    meaning: type[BotocancelError],
) -> None:
    """What may pass may be told by whatever is in between."""
    network.will_answer(body, status=status, headers=headers)
    with pytest.raises(meaning) as caught:
        client.cancel(TASK)
    assert isinstance(caught.value, TaskEnded) or caught.value.ref is not None


def test_an_error_carries_nothing_that_the_service_did_not_answer(
    network: CannedNetwork, client: TaskClient
) -> None:
    network.will_refuse("UnsupportedOperation")
    network.will_answer(tasks(task()))
    with pytest.raises(Exception, match="UnsupportedOperation") as caught:
        client.cancel(TASK)
    response: dict[str, object] = vars(caught.value)["response"]
    assert set(response) == {"Error", "ResponseMetadata"}


# --- somebody else's answer ------------------------------------------------------------------


FOREIGN: list[tuple[Callable[[TaskClient], object], object]] = [
    (lambda client: client.cancel(TASK), {"TaskId": OTHER_TASK, "Lifecycle": "CANCELING"}),
    (lambda client: client.describe(TASK), tasks(task("CANCELED", OTHER_TASK))),
    (lambda client: client.describe(TASK), tasks(task(), task("FAILED", OTHER_TASK))),
    (lambda client: client.describe(EXECUTION), execution("ERROR", OTHER_EXECUTION)),
    (
        lambda client: list(client.active(task=DATASYNC_TASK)),
        {"TaskExecutions": [execution(arn=OTHER_TASKS_EXECUTION)]},
    ),
    (
        lambda client: client.call(fsx.CancelDataRepositoryTaskRequest(task_id=TASK)),
        {"TaskId": OTHER_TASK},
    ),
    (
        lambda client: client.call(datasync.StartTaskExecutionRequest(task_arn=DATASYNC_TASK)),
        {"TaskExecutionArn": OTHER_TASKS_EXECUTION},
    ),
    (
        lambda client: client.call(datasync.DescribeTaskRequest(task_arn=DATASYNC_TASK)),
        {"TaskArn": DATASYNC_TASK.replace("123456789012", "210987654321")},
    ),
]


@pytest.mark.parametrize(("call", "answer"), FOREIGN)
def test_an_answer_about_another_task_is_none(
    network: CannedNetwork, client: TaskClient, call: Callable[[TaskClient], object], answer: object
) -> None:
    network.will_answer(answer)
    with pytest.raises(InvalidResponse, match="which was not asked about"):
        call(client)


def test_the_end_of_another_task_does_not_end_a_cancel(
    network: CannedNetwork, client: TaskClient
) -> None:
    network.will_answer({})
    network.will_answer(execution("ERROR", OTHER_EXECUTION))
    network.will_answer(execution("CANCELLING"))
    network.will_answer(execution("ERROR", OTHER_EXECUTION))
    network.will_answer(execution("SUCCESS"))
    assert client.cancel_and_wait(EXECUTION).phase is Phase.SUCCEEDED


def test_another_tasks_answer_does_not_make_a_task_missing(
    network: CannedNetwork, client: TaskClient
) -> None:
    network.will_answer(tasks(task("SUCCEEDED", OTHER_TASK)))
    network.will_answer(tasks(task("CANCELED")))
    assert client.wait(TASK).phase is Phase.CANCELED


def test_a_start_that_names_no_execution_is_not_the_callers_fault(
    network: CannedNetwork, client: TaskClient
) -> None:
    network.will_answer(execution("ERROR"))
    network.will_answer({})
    with pytest.raises(InvalidResponse, match="StartTaskExecution: the answer lacks"):
        client.restart(EXECUTION)
