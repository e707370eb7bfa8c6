"""Descriptions of tasks that are named, in the order in which they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from botocancel import BotocancelError, RetryPolicy, Shape, TaskClient, TaskSnapshot
    from botocancel.refs import NamesTask

    Description: TypeAlias = TaskSnapshot[Shape] | BotocancelError

__all__ = ["described"]


def described(
    client: TaskClient, tasks: Sequence[NamesTask], retry: RetryPolicy | None = None
) -> list[Description]:
    """Return the description of each task, or why there is none.

    Args:
        client: Whom to ask.
        tasks: The tasks, each once.
        retry: What is asked for again; else as the client's policy says.
    """
    results = {id(result.task): result for result in client.describe_many(tasks, retry=retry)}
    found = [results[id(task)] for task in tasks]
    return [each.value if each.error is None else each.error for each in found]
