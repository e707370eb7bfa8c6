"""``botocancel restart``: the repair that a service documents for work that was cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocancel import BotocancelError
from botocancel.cli._command import operator_command
from botocancel.cli._documents import as_json, identity, name_of
from botocancel.cli._naming import named_tasks, task_arguments
from botocancel.cli._remedies import explained
from botocancel.cli._session import client_for
from botocancel.cli._status import Status
from botocancel.cli._streams import complain, put

if TYPE_CHECKING:
    from botocancel import Response, Shape, TaskRef
    from botocancel.cli._settings import Settings

__all__ = ["command"]


@operator_command(
    "botocancel restart arn:aws:datasync:us-east-1:123456789012:task/task-…/execution/exec-…",
    "botocancel restart exec-0123456789abcdef0 --output ids | botocancel wait -",
    without=["poll"],
)
@task_arguments
def command(settings: Settings, *, ids: tuple[str, ...], files: tuple[str, ...]) -> int:
    """Start the work of tasks anew, where AWS documents that after a cancel.

    A new execution of the same DataSync task is started, with the options, filters and
    report of the one that is named. A Step Functions execution is redriven under its ARN.
    For others, AWS documents no such repair.
    """
    refs = [task.ref for task in named_tasks(settings, ids, files)]
    client = client_for(settings, refs)
    documents: list[dict[str, object]] = []
    failed = False
    for ref in refs:
        try:
            fresh = client.restart(ref)
        except BotocancelError as error:
            complain(explained(error))
            failed = True
        else:
            documents.append({**identity(fresh), "restarted": name_of(ref)})
            _print(settings.output, ref, fresh, documents[-1])
    if settings.output == "json":
        put(as_json(documents, indent=2))
    return Status.FAILED if failed else Status.DONE


def _print(
    output: str,
    past: TaskRef[Shape, Response],
    fresh: TaskRef[Shape, Response],
    document: dict[str, object],
) -> None:
    match output:
        case "ids":
            put(name_of(fresh))
        case "jsonl":
            put(as_json(document))
        case "table":
            became = "taken up again" if fresh == past else f"started anew as\n{name_of(fresh)}"
            put(f"{name_of(past)}\n{became}")
        case _:
            pass
