"""What belongs to the process that made it: after a fork, the child lets go of it."""

from __future__ import annotations

import os
from typing import Final, Protocol
from weakref import WeakSet

__all__ = ["Owned", "let_go_after_fork"]


class Owned(Protocol):
    """Something with connections, locks or threads, which a forked child cannot use."""

    def let_go(self) -> None:
        """Start afresh, without touching what the parent has: its locks may never be released."""
        ...


_owned: Final[WeakSet[Owned]] = WeakSet()


def let_go_after_fork(owned: Owned) -> None:
    """Have `Owned.let_go` called in every child that is forked while this exists."""
    _owned.add(owned)


def _let_go() -> None:
    for owned in list(_owned):
        owned.let_go()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)
