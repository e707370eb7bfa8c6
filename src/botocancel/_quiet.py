"""No garbage is looked for while modules are loaded: there is none, and looking takes long."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from botocancel import _imports

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["load"]


def load(name: str) -> ModuleType:
    """Import a module while the collector rests, if it was at work.

    What was made meanwhile then counts as old, as modules are: the collector, back at work,
    need not look through all of it first.
    """
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        return _imports.load(name)
    finally:
        if was_at_work:
            _grow_old()
            gc.enable()


def _grow_old() -> None:
    """Let all objects there are be of the oldest generation, unless the program froze some."""
    if not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()
