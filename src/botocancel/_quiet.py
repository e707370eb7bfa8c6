"""No garbage is looked for while modules are loaded: there is none, and looking takes long."""

from __future__ import annotations

import gc
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["load"]


def load(name: str) -> ModuleType:
    """Import a module while the collector rests, if it was at work."""
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        return import_module(name)
    finally:
        if was_at_work:
            gc.enable()
