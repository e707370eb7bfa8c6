"""What the caller's identity must be allowed to do."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, cast

if TYPE_CHECKING:
    from botocancel.identity import DeclaredRef
    from botocancel.model import Response, Shape
    from botocancel.refs import TaskRef

__all__ = ["Permission"]


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
        parts: defaultdict[str, str] = defaultdict(lambda: "*")
        if ref is not None:
            known = cast("DeclaredRef[Shape, Response]", ref).parts
            parts.update({name: part for name, part in known.items() if part is not None})
        return self.on.format_map(parts)
