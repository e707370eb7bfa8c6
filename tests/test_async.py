"""`AsyncTaskClient` has the same methods as `TaskClient`, awaited."""

from __future__ import annotations

import inspect

import pytest
from botocancel import AsyncTaskClient, TaskClient


def public(cls: type) -> dict[str, object]:
    """Return the public methods of a class and its constructor."""
    named = {name: value for name, value in vars(cls).items() if not name.startswith("_")}
    return {**named, "__init__": cls.__init__}


METHODS = sorted(public(TaskClient))


def parameters(method: object) -> list[tuple[str, object, object]]:
    assert callable(method)
    found = inspect.signature(method).parameters.values()
    return [(each.name, each.kind, each.default) for each in found]


def test_both_clients_have_the_same_methods() -> None:
    assert sorted(public(AsyncTaskClient).keys() - {"close"}) == METHODS


@pytest.mark.parametrize("name", METHODS)
def test_a_method_takes_the_same_in_both_clients(name: str) -> None:
    assert parameters(public(TaskClient)[name]) == parameters(public(AsyncTaskClient)[name])
    assert inspect.signature(getattr(TaskClient, name)).parameters.keys() == (
        inspect.signature(getattr(AsyncTaskClient, name)).parameters.keys()
    )


@pytest.mark.parametrize(
    "name", ["call", "describe", "cancel", "wait", "cancel_and_wait", "restart"]
)
def test_what_answers_once_is_awaited(name: str) -> None:
    assert inspect.iscoroutinefunction(getattr(AsyncTaskClient, name))
