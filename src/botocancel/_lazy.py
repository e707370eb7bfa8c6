"""Packages whose names are loaded on first use, so that reading an id loads no models."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from botocancel._imports import load

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["names_from"]


def names_from(package: str, *modules: str) -> Callable[[str], object]:
    """Return a ``__getattr__`` for a package that finds public names in its modules, in turn.

    It finds ``__all__`` too: the names of all of them.
    """

    def find(name: str) -> object:
        if name in modules:
            return load(f"{package}.{name}")
        if name == "__all__":
            homes = (load(f"{package}.{module}") for module in modules)
            return sorted(name for home in homes for name in home.__all__)
        if not name.startswith("_"):
            for module in modules:
                home = load(f"{package}.{module}")
                if name in home.__all__:
                    found: object = getattr(home, name)
                    setattr(sys.modules[package], name, found)
                    return found
        msg = f"module {package!r} has no attribute {name!r}"
        raise AttributeError(msg)

    return find
