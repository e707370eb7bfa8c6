"""What callers pass in is checked before anything is done: the refusal names value and remedy."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import pytest

from botocancel import AsyncTaskClient, Backoff, InvalidInput, RetryPolicy, TaskClient
from tests.network import CannedNetwork

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TASK = "task-0123456789abcdef0"

WRONG: Mapping[str, tuple[str, dict[str, object], str]] = {
    "a region in place of regions": (
        "active",
        {"regions": "us-east-1"},
        "regions must be a list, such as regions=['us-east-1'], not 'us-east-1'",
    ),
    "a region that is no text": ("active", {"regions": [None, 7]}, "'us-east-1', not 7"),
    "no regions": ("active", {"regions": []}, "leave it out to look in the client's default"),
    "an age beyond all time": (
        "active",
        {"older_than": 1e12},
        "older_than must be a finite number of at least 0 and at most 1000000000, in seconds",
    ),
    "an age that is no number": ("active", {"older_than": "2h"}, "not '2h'"),
    "one kind in place of kinds": ("active", {"kinds": "fsx"}, "such as kinds=['fsx']"),
    "a kind that there is not": ("active", {"kinds": ["s3"]}, "no kind of task 's3' is known"),
    "a file system that is none": (
        "active",
        {"file_system": "TYPO"},
        "file_system must be the id of an FSx file system, such as 'fs-0123456789abcdef0'",
    ),
    "a file cache that is none": ("active", {"file_cache": "fs-0123456789abcdef0"}, "'fc-"),
    "an execution in place of its task": (
        "active",
        {
            "task": "arn:aws:datasync:us-east-1:123456789012:task/task-0123456789abcdef0"
            "/execution/exec-0123456789abcdef0"
        },
        "task must be the ARN of a DataSync task",
    ),
    "a type in small letters": (
        "active",
        {"type": "export_to_repository"},
        "type must be the type of an FSx data repository task, such as 'EXPORT_TO_REPOSITORY'",
    ),
    "a tag without a value": ("active", {"tag": "team"}, "tag must be a key and a value"),
    "filters that are no mapping": ("active", {"filters": ["a"]}, "filters must be a mapping"),
    "another end": (
        "cancel_and_wait",
        {"task": TASK, "if_ended": "nonsense"},
        "if_ended must be 'return' or 'raise', not 'nonsense'",
    ),
    "another end of many": (
        "cancel_and_wait_many",
        {"tasks": [TASK], "if_ended": "nonsense"},
        "if_ended must be 'return' or 'raise', not 'nonsense'",
    ),
    "a listener that is no function": (
        "wait",
        {"task": TASK, "on_progress": 5},
        "on_progress must be a function, not 5",
    ),
    "a listener of many that is no function": (
        "wait_many",
        {"tasks": [TASK], "on_progress": 5},
        "on_progress must be a function, not 5",
    ),
    "a number in place of a policy": (
        "cancel",
        {"task": TASK, "retry": 3},
        "retry must be a RetryPolicy, not 3",
    ),
    "a number in place of a policy for many": (
        "cancel_many",
        {"tasks": [TASK], "retry": 3},
        "retry must be a RetryPolicy, not 3",
    ),
    "a guard with a number": ("guard", {"retry": 3}, "retry must be a RetryPolicy, not 3"),
    "a guard with one signal": ("guard", {"signals": "SIGTERM"}, "signals must be a list"),
    "a guard with the name of a signal": ("guard", {"signals": ["SIGTERM"]}, "signal 'SIGTERM',"),
    "what is no request": ("call", {"request": TASK}, f"request must be a Request, not '{TASK}'"),
}


@pytest.mark.parametrize("what", WRONG)
def test_an_argument_that_cannot_be_right_is_refused_with_its_value(what: str) -> None:
    network = CannedNetwork()
    method, options, complaint = WRONG[what]
    call = getattr(TaskClient(network.session), method)
    with pytest.raises(InvalidInput) as caught:
        _consumed(call(**options))
    assert complaint in str(caught.value)
    assert network.requests == []


@pytest.mark.parametrize("what", WRONG)
def test_the_async_client_refuses_the_same(what: str) -> None:
    network = CannedNetwork()
    method, options, complaint = WRONG[what]

    async def call() -> None:
        async with AsyncTaskClient(network.session) as client:
            called = getattr(client, method)(**options)
            if hasattr(called, "__await__"):
                await called
            elif hasattr(called, "__aiter__"):
                _ = [item async for item in called]

    with pytest.raises(InvalidInput) as caught:
        asyncio.run(call())
    assert complaint in str(caught.value)
    assert network.requests == []


def _consumed(called: object) -> None:
    if hasattr(called, "__next__"):
        list(cast("Any", called))


UNMADE: Mapping[str, tuple[Callable[[], object], str]] = {
    "one client in place of clients": (
        lambda: TaskClient(clients=cast("Any", CannedNetwork().session.create_client("fsx"))),
        "clients must be a list, such as clients=[client], not something of type FSx",
    ),
    "a region that is no text": (lambda: TaskClient(region=cast("Any", 7)), "not 7"),
    "a region without a name": (lambda: TaskClient(region=""), "'us-east-1', not ''"),
    "a number in place of a backoff": (
        lambda: TaskClient(poll=cast("Any", 5)),
        "poll must be a Backoff, not 5",
    ),
    "a number in place of a policy": (
        lambda: AsyncTaskClient(retry=cast("Any", 5)),
        "retry must be a RetryPolicy, not 5",
    ),
    "a policy with a number in place of a backoff": (
        lambda: RetryPolicy(backoff=cast("Any", 5)),
        "backoff must be a Backoff, not 5",
    ),
    "a policy of classes": (
        lambda: RetryPolicy(retry_on=cast("Any", (OSError,))),
        "RetryPolicy.retry_on must be a function, not something of type tuple",
    ),
    "a backoff of text": (lambda: Backoff(first=cast("Any", "1s")), "not '1s'"),
}


@pytest.mark.parametrize("what", UNMADE)
def test_what_a_client_is_made_of_is_checked_too(what: str) -> None:
    make, complaint = UNMADE[what]
    with pytest.raises(InvalidInput) as caught:
        make()
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    "filters",
    [
        {"file_system": "fs-0123456789abcdef0"},
        {"file_system": "fs-01234567"},
        {"file_cache": "fc-0123456789abcdef0"},
        {"task": "arn:aws-new:datasync:us-east-1:123456789012:task/task-0123456789abcdef0"},
        {"type": "A_TYPE_THAT_IS_NEW"},
        {"tag": ("team", "")},
        {"older_than": 0},
    ],
    ids=str,
)
def test_filters_that_may_be_right_are_asked_for(filters: dict[str, Any]) -> None:
    network = CannedNetwork()
    network.will_answer({"DataRepositoryTasks": [], "TaskExecutions": []})
    assert list(TaskClient(network.session).active(**filters)) == []
    assert network.requests
