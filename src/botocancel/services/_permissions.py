"""What the caller's identity must be allowed to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocancel.model import Response, Shape
    from botocancel.refs import TaskRef

__all__ = ["Permission", "any_resource"]


def any_resource(ref: TaskRef[Shape, Response] | None) -> str:  # noqa: ARG001  (a `Permission.resource`)
    """Return ``*``, for actions that cannot be limited to resources."""
    return "*"


@attrs.frozen(kw_only=True)
class Permission:
    """One IAM action, as AWS's Service Authorization Reference has it."""

    action: str
    """Such as ``fsx:CancelDataRepositoryTask``; what follows the colon is the operation."""
    needed_to: frozenset[str]
    """What takes it: some of ``cancel``, ``wait``, ``list`` and ``restart``."""
    resource: Callable[[TaskRef[Shape, Response] | None], str] = any_resource
    """Returns the ARN that covers one task; of None, the pattern that covers all."""
