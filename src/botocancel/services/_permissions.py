"""What the caller's identity must be allowed to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from botocancel._declared import Declared
from botocancel.identity import filled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocancel._generics import DetailT, ResponseT
    from botocancel.model import Response, Shape
    from botocancel.refs import TaskRef
    from botocancel.services._kind import Kind

__all__ = ["Actions", "Permission", "permissions_of"]


class Permission(NamedTuple):
    """One IAM action, as AWS's Service Authorization Reference has it."""

    action: str
    """Such as ``fsx:CancelDataRepositoryTask``; what follows the colon is the operation."""
    purposes: str
    """What takes it: some of the words ``cancel``, ``wait``, ``list`` and ``restart``."""
    on: str = "*"
    """The ARN that covers one task: the parts of the task's id stand in it as ``{region}``,
    ``{account}``, ``{partition}``, ``{id}``, and the named groups of the id's pattern."""

    @property
    def needed_to(self) -> frozenset[str]:
        """What takes it."""
        return frozenset(self.purposes.split())

    @property
    def is_limited(self) -> bool:
        """Whether the action can be limited to resources."""
        return self.on != "*"

    def resource(self, ref: TaskRef[Shape, Response] | None) -> str:
        """Return the ARN that covers one task; of None, the pattern that covers all."""
        return filled(self.on, ref)


class Actions(Declared):
    """The IAM actions of a kind whose operations take one each, called as the operation is.

    Where an action can be limited to resources, it is given the ARN that covers one task; see
    `Permission.on`.
    """

    prefix: str
    """What the names of the actions begin with, such as ``states``."""
    task: str
    """Of actions on one task."""
    describe: str | None = None
    """Of the action that describes tasks; None: as of the others."""
    list: str = "*"
    """Of the action that lists tasks."""


def permissions_of(kind: Kind[DetailT, ResponseT], actions: Actions) -> Iterator[Permission]:
    """Yield the permission for each operation that a kind declares."""
    example, under, repair = kind.example, kind.lists.under, kind.takes_up
    looks = "wait" if kind.lists.whole else "wait list"
    rows = [
        (kind.cancel_request(example), "cancel", actions.task),
        (kind.describing(example), looks, actions.describe or actions.task),
        *([(repair.request(example), "restart", actions.task)] if repair else []),
        *((listing, "list", actions.list) for listing in kind.listings),
        *([(under.request(None), "list", "*")] if under else []),
    ]
    purposes: dict[str, list[str]] = {}
    for request, purpose, _ in rows:
        purposes.setdefault(request.operation, []).append(purpose)
    resources = {request.operation: on for request, _, on in reversed(rows)}
    for operation, words in purposes.items():
        action = f"{actions.prefix}:{operation}"
        yield Permission(action, " ".join(words), resources[operation])
