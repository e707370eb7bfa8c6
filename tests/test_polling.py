"""When to ask again: the delays, the policies, and numbers that make none."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botocancel import (
    AsyncTaskClient,
    Backoff,
    InternalException,
    InvalidInput,
    RetryPolicy,
    TaskClient,
    TaskEnded,
    Throttled,
    TransportError,
    is_retryable,
)
from botocancel.polling import DEFAULT_POLL, DEFAULT_TIMEOUT
from botocancel.testing import SimulatedAWS
from tests.simulated import client_of

if TYPE_CHECKING:
    from collections.abc import Callable

ONE_HOUR = 3600
NO_NUMBERS = [-1, -0.001, math.nan, math.inf, -math.inf, 10**400, "5", None, True, [1], 1j]


def shown(value: object) -> str:
    return repr(value)[:12]


def most() -> float:
    """Draw as near to 1 as `random.random` gets."""
    return math.nextafter(1, 0)


# --- Backoff -------------------------------------------------------------------------------


def test_delays_grow_up_to_the_ceiling() -> None:
    backoff = Backoff(first=1, growth=2, ceiling=10)
    assert [backoff.bound(number) for number in range(6)] == [1, 2, 4, 8, 10, 10]


def test_a_delay_is_drawn_between_nothing_and_its_bound() -> None:
    backoff = Backoff(first=4, growth=2, ceiling=10)
    assert backoff.delay(1, lambda: 0.0) == 0
    assert backoff.delay(1, lambda: 0.5) == 4
    assert 7.9 < backoff.delay(1, most) < 8


def test_without_growth_every_delay_has_the_same_bound() -> None:
    backoff = Backoff(first=5, growth=1)
    assert {backoff.bound(number) for number in (0, 1, 50, 10**6)} == {5}


def test_the_ceiling_holds_from_the_first_delay_on() -> None:
    assert Backoff(first=60, ceiling=30).bound(0) == 30


@pytest.mark.parametrize("name", ["first", "ceiling"])
def test_a_backoff_that_would_ask_without_pause_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match=rf"Backoff.{name} .* at least 0.01, in seconds, not 0"):
        Backoff(**{name: 0})


@given(
    first=st.floats(0.01, 1e6),
    growth=st.floats(1, 100),
    ceiling=st.floats(0.01, 1e6),
    number=st.integers(0, 10**6),
    seed=st.integers(),
)
def test_no_delay_is_negative_or_above_the_ceiling(
    first: float, growth: float, ceiling: float, number: int, seed: int
) -> None:
    backoff = Backoff(first=first, growth=growth, ceiling=ceiling)
    draw = random.Random(seed).random  # noqa: S311  (nothing here is a secret)
    assert 0 <= backoff.delay(number, draw) <= backoff.bound(number) <= ceiling
    assert backoff.bound(number) <= backoff.bound(number + 1)


def test_by_default_a_wait_looks_soon_and_later_about_twice_a_minute() -> None:
    bounds = [DEFAULT_POLL.bound(number) for number in range(1000)]
    assert bounds[0] <= 1
    assert bounds[-1] == 30
    polls_an_hour = 2 * ONE_HOUR / 30  # a delay is half its bound on average
    assert polls_an_hour <= 240


def test_by_default_every_wait_ends() -> None:
    assert DEFAULT_TIMEOUT == ONE_HOUR


@pytest.mark.parametrize("name", ["first", "ceiling", "growth"])
@pytest.mark.parametrize("value", NO_NUMBERS, ids=shown)
def test_a_backoff_of_impossible_numbers_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        Backoff(**{name: value})  # type: ignore[arg-type]  # pyright: ignore
    message = str(caught.value)
    assert f"Backoff.{name} must be a finite number of at least" in message
    assert repr(value) in message


def test_delays_that_shrink_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"Backoff\.growth .* at least 1, not 0\.5"):
        Backoff(growth=0.5)


# --- RetryPolicy ---------------------------------------------------------------------------


def test_a_policy_asks_again_after_what_may_pass_and_nothing_else() -> None:
    answer = {"Error": {"Code": "X"}}
    policy = RetryPolicy()
    assert policy.retry_on is is_retryable
    assert policy.retry_on(Throttled(answer, "Cancel"))
    assert policy.retry_on(InternalException(answer, "Cancel"))
    assert policy.retry_on(TransportError("lost"))
    assert not policy.retry_on(TaskEnded(answer, "Cancel"))
    assert not policy.retry_on(RuntimeError())


@pytest.mark.parametrize("value", NO_NUMBERS, ids=shown)
def test_a_policy_of_an_impossible_duration_is_refused_by_name(value: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        RetryPolicy(timeout=value)  # type: ignore[arg-type]  # pyright: ignore
    message = str(caught.value)
    assert "RetryPolicy.timeout must be a finite number of at least 0, in seconds" in message
    assert repr(value) in message


def test_policies_and_backoffs_with_the_same_numbers_are_equal() -> None:
    assert Backoff() == Backoff()
    assert len({Backoff(), Backoff()}) == 1
    assert RetryPolicy(timeout=5) == RetryPolicy(timeout=5) != RetryPolicy(timeout=6)


# --- numbers that clients take -------------------------------------------------------------


@pytest.mark.parametrize("kind", [TaskClient, AsyncTaskClient])
@pytest.mark.parametrize("value", [0, 1.5, *NO_NUMBERS], ids=shown)
def test_a_client_has_a_whole_number_of_workers(
    kind: type[TaskClient | AsyncTaskClient], value: object
) -> None:
    with pytest.raises(InvalidInput) as caught:
        kind(workers=value)  # type: ignore[arg-type]  # pyright: ignore
    message = str(caught.value)
    assert "workers must be a whole number of at least 1" in message
    assert repr(value) in message
    assert "seconds" not in message


@pytest.mark.parametrize("value", NO_NUMBERS, ids=shown)
def test_a_timeout_that_is_none_is_refused_before_any_request(value: object) -> None:
    aws = SimulatedAWS()
    client = client_of(aws)
    task = aws.fsx().start()
    timeout: float = value  # type: ignore[assignment]  # pyright: ignore
    calls: list[Callable[[], object]] = [
        lambda: client.wait(task, timeout=timeout),
        lambda: client.cancel_and_wait(task, timeout=timeout),
        lambda: client.wait_many([task], timeout=timeout),
        lambda: client.cancel_and_wait_many([task], timeout=timeout),
    ]
    for call in calls:
        with pytest.raises(InvalidInput) as caught:
            call()
        message = str(caught.value)
        assert "timeout must be a finite number of at least 0, in seconds" in message
        assert repr(value) in message
    assert aws.requests == []


@pytest.mark.parametrize("value", [-1, math.nan, math.inf, 10**400], ids=shown)
def test_an_age_that_is_none_is_refused_before_any_request(value: float) -> None:
    aws = SimulatedAWS()
    with pytest.raises(InvalidInput, match="older_than must be a finite number of at least 0"):
        client_of(aws).active(older_than=value)
    assert aws.requests == []
