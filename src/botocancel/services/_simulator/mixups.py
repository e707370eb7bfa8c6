"""Answers about another task than the one that was asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocancel.model import Request, Response
    from botocancel.services._simulator.tasks import SimulatedTask

__all__ = ["names_of_another", "renamed", "texts_in"]

MessageT = TypeVar("MessageT", bound="Request[Response] | Response")


def names_of_another(
    tasks: Mapping[str, SimulatedTask], asked: object, other: str | None
) -> dict[str, str]:
    """Return what another task is called, by the names of those that a request is about.

    Empty where the request is about none, or there is no other.

    Args:
        tasks: The tasks there are, by id.
        asked: The request, by AWS names.
        other: The id of the other task; None for the first that the request is not about.
    """
    texts = set(texts_in(asked))
    candidates = [task for task in tasks.values() if other in {None, task.id}]
    found = next((task for task in candidates if texts.isdisjoint(task.names)), None)
    if found is None:
        return {}
    pairs = [pair for task in tasks.values() for pair in zip(task.names, found.names, strict=True)]
    return {name: new for name, new in pairs if name in texts and name and new}


def renamed(message: MessageT, names: Mapping[str, str]) -> MessageT:
    """Return a request or an answer with other names in it."""
    if not names:
        return message
    wire = cast("dict[str, object]", _renamed(message.to_wire(), names))
    return cast("MessageT", type(message).from_wire(wire))


def texts_in(value: object) -> Iterator[str]:
    """Walk through the texts in what is in the form of the wire."""
    if isinstance(value, str):
        yield value
    for part in _parts(value):
        yield from texts_in(part)


def _parts(value: object) -> tuple[object, ...]:
    if isinstance(value, dict):
        return tuple(cast("dict[str, object]", value).values())
    return tuple(cast("list[object]", value)) if isinstance(value, list | tuple) else ()


def _renamed(value: object, names: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, dict):
        parts = cast("dict[str, object]", value)
        return {key: _renamed(part, names) for key, part in parts.items()}
    if isinstance(value, list | tuple):
        return [_renamed(part, names) for part in cast("list[object]", value)]
    return value
