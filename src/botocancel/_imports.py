"""Imports on first use, by any thread; a fork waits until they have ended.

Python locks a module while it is imported, and a child that is forked meanwhile has that lock
for ever.
"""

from __future__ import annotations

import codecs
import os
import sys
from importlib import import_module
from threading import Condition, get_ident
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["load"]

_PATIENCE: Final = 10.0
"""Seconds after which a fork does not wait any longer."""


class _Imports:
    """The imports under way, and the thread that forks."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forget everything, as a forked child has to: it has no other threads."""
        self._changed = Condition()
        self._under_way: list[int] = []
        self._forking: int | None = None

    def load(self, name: str) -> ModuleType:
        me = get_ident()
        with self._changed:
            self._changed.wait_for(lambda: self._forking in {None, me})
            self._under_way.append(me)
        try:
            return import_module(name)
        finally:
            with self._changed:
                self._under_way.remove(me)
                self._changed.notify_all()

    def before_fork(self) -> None:
        me = get_ident()
        with self._changed:
            self._changed.wait_for(lambda: self._is_quiet_but_for(me), _PATIENCE)
            self._forking = me
        if "botocancel._aws" in sys.modules:
            codecs.lookup("idna")  # which Python imports for the name of the first host

    def after_fork(self) -> None:
        with self._changed:
            self._forking = None
            self._changed.notify_all()

    def _is_quiet_but_for(self, thread: int) -> bool:
        return self._forking in {None, thread} and {thread}.issuperset(self._under_way)


_imports: Final = _Imports()


def load(name: str) -> ModuleType:
    """Import a module by its full name."""
    return _imports.load(name)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_imports.before_fork,
        after_in_parent=_imports.after_fork,
        after_in_child=_imports.begin,
    )
