"""``botocancel policy``: the least IAM policy for what is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import click

from botocancel import task_ref
from botocancel.cli._command import operator_command
from botocancel.cli._documents import as_json
from botocancel.cli._streams import put
from botocancel.services import all_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from botocancel import Response, Shape, TaskRef
    from botocancel.cli._settings import Settings
    from botocancel.services import Kind, Permission

    AnyRef: TypeAlias = TaskRef[Shape, Response]

__all__ = ["command"]

_PURPOSES = ("cancel", "wait", "list", "restart")


@operator_command(
    "botocancel policy",
    "botocancel policy --for cancel --kind fsx",
    "botocancel policy --for cancel --for wait task-0123456789abcdef0 > policy.json",
    without=["profile", "regions", "endpoint_url", "output", "poll"],
)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option(
    "--for",
    "purposes",
    multiple=True,
    type=click.Choice(_PURPOSES),
    default=("cancel", "wait", "list"),
    show_default=True,
    help="What shall be allowed; may be repeated.",
)
@click.option("--kind", "services", multiple=True, metavar="NAME", help="Only of this kind.")
def command(
    settings: Settings,  # noqa: ARG001  (every command has them)
    *,
    ids: tuple[str, ...],
    purposes: tuple[str, ...],
    services: tuple[str, ...],
) -> None:
    """Write the least IAM policy that allows what is asked; nothing is sent.

    With IDs, it is limited to these tasks, where the service allows that; else to the
    tasks of every region and account.
    """
    if ids and services:
        msg = "the ids say which kinds are meant: give ids, or --kind, not both"
        raise click.UsageError(msg)
    refs = [task_ref(text) for text in ids]
    chosen = [service for service in all_kinds() if _is_meant(service, services, refs)]
    if unknown := set(services) - {kind.key for kind in all_kinds()}:
        msg = f"there is no kind {unknown.pop()!r}; 'botocancel services' lists them"
        raise click.UsageError(msg)
    by_resources: dict[tuple[str, ...], list[str]] = {}
    for service in chosen:
        mine = [ref for ref in refs if ref.key == service.key]
        for permission in service.permissions:
            if permission.needed_to & set(purposes):
                resources = _resources(permission, mine)
                by_resources.setdefault(resources, []).append(permission.action)
    statements = [
        {"Effect": "Allow", "Action": actions, "Resource": list(resources)}
        for resources, actions in by_resources.items()
    ]
    put(as_json({"Version": "2012-10-17", "Statement": statements}, indent=2))


def _is_meant(service: Kind[Shape, Response], names: Sequence[str], refs: Sequence[AnyRef]) -> bool:
    if names:
        return service.key in names
    return not refs or any(ref.key == service.key for ref in refs)


def _resources(permission: Permission, refs: Iterable[AnyRef]) -> tuple[str, ...]:
    if not permission.is_limited:
        return ("*",)
    return tuple(dict.fromkeys(permission.resource(ref) for ref in refs)) or (
        permission.resource(None),
    )
