"""What is an answer of the service to the request, and what is none."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from botocancel import (
    AccessDenied,
    AsyncTaskClient,
    Gap,
    InternalException,
    InvalidResponse,
    NotFound,
    Phase,
    ServiceUnavailable,
    TaskClient,
    TaskEnded,
    Throttled,
    WaitTimeout,
    WireError,
)
from botocancel._session import new_session
from botocancel.services import datasync, fsx
from botocancel.services.datasync.task_execution import KIND
from botocancel.testing import Fault, FaultKind, SimulatedAWS, VirtualClock
from tests.kinds import changed, known_as
from tests.network import REQUEST_ID, CannedNetwork
from tests.simulated import DATASYNC, asked, client_of

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
    "active of fsx": (lambda client: list(client.active(kinds=["fsx"])), tasks(task())),
    "cancel of datasync": (lambda client: client.cancel(EXECUTION), {}),
    "describe of datasync": (lambda client: client.describe(EXECUTION), execution()),
    "active of datasync": (
        lambda client: list(client.active(kinds=["datasync"])),
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
        (b"null", JSON),
        (PAGE, JSON),
        (PAGE, {}),
        (b'{"error": "no route"}', HTML),
    ],
    ids=[
        "a page",
        "no body",
        "no body, which it says",
        "an error with HTTP 200",
        "null",
        "a page that says it is JSON",
        "a page that does not say what it is",
        "an object that says it is a page",
    ],
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


@pytest.fixture
def _cancel_has_no_output(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of SageMaker's jobs."""
    known_as(changed(KIND, cancels=KIND.cancels.replaced(may_be_empty=True)), monkeypatch)


@pytest.mark.usefixtures("_cancel_has_no_output")
@pytest.mark.parametrize("answer", [b"", b"{}"])
def test_an_operation_without_an_output_is_answered_with_an_empty_body(
    network: CannedNetwork, client: TaskClient, passed_in: TaskClient, answer: bytes
) -> None:
    network.will_answer(answer, headers=framed(answer))
    assert client.cancel(EXECUTION).accepted
    assert passed_in.cancel(EXECUTION).accepted


@pytest.mark.usefixtures("_cancel_has_no_output")
@pytest.mark.parametrize(
    ("body", "headers", "request_id"),
    [
        (b"", {**HTML, "content-length": "0"}, REQUEST_ID),
        (b"", framed(b""), None),
        (b"", framed(b"{}"), REQUEST_ID),
        (PAGE, framed(PAGE), REQUEST_ID),
        (b'{"__type": "InternalServerError"}', JSON, REQUEST_ID),
    ],
    ids=["an empty page", "from elsewhere", "cut off", "a page", "an error with HTTP 200"],
)
def test_of_an_operation_without_an_output_not_whatever_is_empty_is_an_answer(
    network: CannedNetwork,
    client: TaskClient,
    body: bytes,
    headers: dict[str, str],
    request_id: str | None,
) -> None:
    network.will_answer(body, headers=headers, request_id=request_id)
    with pytest.raises(InvalidResponse):
        client.cancel(EXECUTION)


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


# --- listings --------------------------------------------------------------------------------


@pytest.mark.parametrize("tokens", ["A", "AB"], ids=["A, A", "A, B, A, B"])
@pytest.mark.parametrize("service", ["fsx", "datasync"])
def test_a_listing_that_leads_back_to_a_page_that_was_read_ends_in_an_error(
    network: CannedNetwork, client: TaskClient, service: str, tokens: str
) -> None:
    for token in tokens * 2:
        page = {"DataRepositoryTasks": [], "TaskExecutions": [], "NextToken": token}
        network.will_answer(page)
    with pytest.raises(InvalidResponse, match="leads back to one that was read before"):
        list(client.active(kinds=[service]))
    assert len(network.requests) == len(tokens) + 1


def test_executions_whose_listing_leads_back_are_described() -> None:
    aws = SimulatedAWS()
    everything = [DATASYNC.start(aws, "SUCCESS") for _ in range(108)]
    arns = [*everything[:4], *everything[-4:]]  # which are not on one page
    fault = Fault(kind=FaultKind.REPEATED_TOKEN, operation="ListTaskExecutions", times=None)
    aws.inject(fault)
    assert len(client_of(aws).wait_many(arns).finish().done) == 8
    assert asked(aws) == {"ListTaskExecutions": 2, "DescribeTaskExecution": 8}


def test_a_task_on_the_second_page_of_a_description_is_found(
    network: CannedNetwork, client: TaskClient
) -> None:
    network.will_answer({**tasks(task()), "NextToken": "more"})
    network.will_answer(tasks(task("CANCELED", OTHER_TASK)))
    network.will_answer(tasks(task("SUCCEEDED")))
    summary = client.wait_many([TASK, OTHER_TASK]).finish()
    assert {result.ref.id: result.unwrap().phase for result in summary.done} == {
        TASK: Phase.SUCCEEDED,
        OTHER_TASK: Phase.CANCELED,
    }


def test_a_task_on_the_first_page_of_a_description_is_kept_where_the_second_is_refused(
    network: CannedNetwork, client: TaskClient
) -> None:
    """Only what is missing is asked about again."""
    network.will_answer({**tasks(task("CANCELED")), "NextToken": "more"})
    network.will_refuse("DataRepositoryTaskNotFound")
    network.will_answer(tasks(task("SUCCEEDED", OTHER_TASK)))
    summary = client.wait_many([TASK, OTHER_TASK]).finish()
    assert {result.ref.id: result.unwrap().phase for result in summary.done} == {
        TASK: Phase.CANCELED,
        OTHER_TASK: Phase.SUCCEEDED,
    }
    assert len(network.requests) == 3


def test_tasks_of_another_file_system_are_not_those_asked_for(
    network: CannedNetwork, client: TaskClient
) -> None:
    """They are not to be cancelled for it."""
    network.will_answer(tasks({**task(), "FileSystemId": "fs-00000000000000001"}))
    with pytest.raises(InvalidResponse, match="about 'fs-00000000000000001', which was not asked"):
        list(client.active(file_system="fs-0123456789abcdef0"))


# --- one odd task ----------------------------------------------------------------------------

HUGE = 10**400
THIRD_TASK = "task-00000000000000002"
ODD: dict[str, tuple[dict[str, object], str | None]] = {
    "an id of unknown form": ({**task(), "TaskId": "job/\ud800"}, "job/\ud800"),
    "no creation time": ({"TaskId": OTHER_TASK, "Lifecycle": "EXECUTING", "Type": "X"}, OTHER_TASK),
    "a huge count": ({**task(task_id=OTHER_TASK), "Status": {"TotalCount": HUGE}}, OTHER_TASK),
    "a huge time": ({**task(task_id=OTHER_TASK), "CreationTime": HUGE}, OTHER_TASK),
    "no id": ({**task(), "TaskId": None}, None),
}
"""A description that cannot be read, and the id that it is listed by."""


@pytest.mark.parametrize("odd", ODD)
def test_one_odd_task_of_fsx_is_a_gap_in_the_listing(
    caplog: pytest.LogCaptureFixture, odd: str
) -> None:
    """In a session that botocancel makes: for such a time, botocore's own refuses all of it."""
    item, named = ODD[odd]
    network = CannedNetwork(session=new_session())
    network.will_answer(tasks(task(), item, task(task_id=THIRD_TASK)))
    listing = TaskClient(network.session).active(kinds=["fsx"])
    assert [snapshot.ref.id for snapshot in listing] == [TASK, THIRD_TASK]
    assert [(gap.service, gap.task) for gap in listing.gaps] == [("fsx", named)]
    [warning] = [record for record in caplog.records if record.levelname == "WARNING"]
    assert "a task is left out of the listing, since it cannot be read" in warning.getMessage()


ODD_ENTRIES: dict[str, object] = {
    "an ARN of unknown form": {"TaskExecutionArn": "arn:aws:datasync:exec", "Status": "QUEUED"},
    "no ARN": {"Status": "QUEUED"},
    "a status that is a number": {"TaskExecutionArn": EXECUTION, "Status": 7},
}


@pytest.mark.parametrize("odd", ODD_ENTRIES)
def test_one_odd_execution_of_datasync_is_a_gap_in_the_listing(
    network: CannedNetwork, client: TaskClient, odd: str
) -> None:
    entries = [ODD_ENTRIES[odd], execution(arn=OTHER_EXECUTION)]
    network.will_answer({"TaskExecutions": entries})
    network.will_answer(execution(arn=OTHER_EXECUTION))
    listing = client.active(kinds=["datasync"], task=DATASYNC_TASK)
    assert [snapshot.ref.id for snapshot in listing] == [OTHER_EXECUTION]
    assert [gap.service for gap in listing.gaps] == ["datasync"]


def test_an_execution_whose_description_cannot_be_read_is_a_gap_in_the_listing(
    network: CannedNetwork,
) -> None:
    network.will_answer({"TaskExecutions": [execution(), execution(arn=OTHER_EXECUTION)]})
    network.will_answer({**execution(), "FilesTransferred": HUGE})
    network.will_answer(execution(arn=OTHER_EXECUTION))
    one_by_one = TaskClient(network.session, workers=1)
    listing = one_by_one.active(kinds=["datasync"])
    assert [snapshot.ref.id for snapshot in listing] == [OTHER_EXECUTION]
    assert [gap.task for gap in listing.gaps] == [EXECUTION]
    assert "its FilesTransferred is int, not an integer of 64 bits" in listing.gaps[0].reason


def test_an_execution_whose_description_is_no_answer_ends_the_listing(
    network: CannedNetwork, client: TaskClient
) -> None:
    """It may be read the next time; nobody is to believe that the listing is whole."""
    network.will_answer({"TaskExecutions": [execution()]})
    network.will_answer({})
    with pytest.raises(InvalidResponse):
        list(client.active(kinds=["datasync"]))


@pytest.mark.parametrize("odd", ["no creation time", "a huge count", "an id of unknown form"])
def test_one_odd_task_of_a_batch_is_one_result(
    network: CannedNetwork, client: TaskClient, odd: str
) -> None:
    """It is not said to be missing, and the others go on."""
    network.will_answer(tasks(task("SUCCEEDED"), ODD[odd][0], task("FAILED", THIRD_TASK)))
    network.will_answer(tasks(ODD[odd][0]))
    summary = client.wait_many([TASK, OTHER_TASK, THIRD_TASK], timeout=60).finish()
    assert {result.ref.id for result in summary.done} == {TASK, THIRD_TASK}
    [failed] = summary.failed
    assert isinstance(failed.error, WaitTimeout)
    assert isinstance(failed.error.__cause__, InvalidResponse)
    assert failed.error.__cause__.malformed


def test_a_task_that_is_missing_beside_an_odd_one_is_not_found(
    network: CannedNetwork, client: TaskClient
) -> None:
    """The odd one says which it is."""
    network.will_answer(tasks(ODD["a huge count"][0]))
    sights = client.wait_many([TASK, OTHER_TASK], timeout=60).finish()
    errors = {result.ref.id: result.error for result in sights.failed if result.ref}
    assert isinstance(errors[TASK], NotFound)
    assert isinstance(errors[OTHER_TASK], WaitTimeout)


def test_a_task_that_cannot_be_read_is_told_so_by_a_describe(
    network: CannedNetwork, client: TaskClient
) -> None:
    network.will_answer(tasks({"TaskId": TASK, "Lifecycle": "EXECUTING", "Type": "X"}))
    with pytest.raises(
        InvalidResponse, match="it lacks CreationTime, which its shape requires"
    ) as caught:
        client.describe(TASK)
    assert caught.value.malformed


def test_the_typed_layer_says_what_a_listing_lacks(
    network: CannedNetwork, client: TaskClient
) -> None:
    network.will_answer({"TaskExecutions": [execution(), ODD_ENTRIES["a status that is a number"]]})
    answer = client.call(datasync.ListTaskExecutionsRequest())
    assert answer.task_executions is not None
    assert [entry.task_execution_arn for entry in answer.task_executions] == [EXECUTION]
    [unreadable] = answer.unreadable
    assert unreadable.index == 1
    assert unreadable.reason == "TaskExecutions: its Status is int, not a string"
    assert unreadable.item["TaskExecutionArn"] == EXECUTION


def test_half_a_surrogate_pair_hides_no_task(network: CannedNetwork, client: TaskClient) -> None:
    failed = {**task("FAILED"), "FailureDetails": {"Message": "a\ud800b"}}
    network.will_answer(tasks(failed, task(task_id=OTHER_TASK)))
    snapshots = list(client.active(kinds=["fsx"], ended=True))
    assert [snapshot.failure for snapshot in snapshots] == ["a\ud800b", None]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_gaps_are_told_by_both_clients(network: CannedNetwork, asynchronous: bool) -> None:  # noqa: FBT001
    network.will_answer(tasks(task(), ODD["no creation time"][0]))

    async def gaps() -> tuple[Gap, ...]:
        listing = AsyncTaskClient(network.session).active(kinds=["fsx"])
        assert [snapshot.ref.id async for snapshot in listing] == [TASK]
        return listing.gaps

    if asynchronous:
        found = asyncio.run(gaps())
    else:
        listing = TaskClient(network.session).active(kinds=["fsx"])
        assert [snapshot.ref.id for snapshot in listing] == [TASK]
        found = listing.gaps
    assert [(gap.task, gap.region) for gap in found] == [(OTHER_TASK, None)]


# --- requests --------------------------------------------------------------------------------


def test_a_request_that_cannot_be_read_is_not_called_an_answer() -> None:
    """As the sample of a request in AWS's reference, whose id is a list."""
    with pytest.raises(WireError) as caught:
        fsx.CancelDataRepositoryTaskRequest.from_wire({"TaskId": [TASK]})
    assert str(caught.value) == "its TaskId is list, not a string"
    with pytest.raises(WireError, match="it lacks TaskId, which its shape requires"):
        fsx.CancelDataRepositoryTaskRequest.from_wire({})
