"""The public names: which there are, and where each is documented."""

from __future__ import annotations

import ast
import inspect
import pkgutil
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import TYPE_CHECKING, Final, cast

import botocancel
from botocancel.services._builtin import BUILT_IN

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MODULES", "documentation_of", "documented_at", "is_function", "names_of", "value_of"]

MODULES: Final = (
    "botocancel",
    "botocancel.services.datasync",
    "botocancel.services.fsx",
    "botocancel.typing",
    "botocancel.polling",
    "botocancel.testing",
    "botocancel.errors",
    "botocancel.clocks",
    "botocancel.journal",
    "botocancel.services",
    "botocancel.services.declare",
    "botocancel.identity",
    "botocancel.refs",
    "botocancel.model",
    "botocancel.effects",
    "botocancel.testing.simulators",
    "botocancel.testing.server",
    "botocancel.testing.scenario",
    "botocancel.testing.conformance",
)
"""The modules whose names are public; a name that several have is documented in the first."""


def names_of(module: str) -> tuple[str, ...]:
    """Return the public names of a module, in order."""
    own = getattr(import_module(module), "__all__", None)
    if own is not None:
        return tuple(cast("list[str]", own))
    parts = (import_module(f"{module}.{part}").__all__ for part in _parts(module))
    return tuple(sorted(name for part in parts for name in part))


def _parts(module: str) -> list[str]:
    """Return the modules whose names the package of a service has."""
    kinds = (entry.module.rpartition(".") for entry in BUILT_IN.values())
    name = module.rpartition(".")[2]
    return [*(file for folder, _, file in kinds if folder == name), "errors", "models"]


def documented_at() -> dict[str, str]:
    """Return each public name with its module, and the name under which it is documented."""
    first: dict[tuple[str, int], str] = {}
    places: dict[str, str] = {}
    for module in MODULES:
        for name in names_of(module):
            value = getattr(import_module(module), name)
            places[f"{module}.{name}"] = first.setdefault((name, id(value)), f"{module}.{name}")
    return places


def value_of(full_name: str) -> object:
    """Return what a name of a module stands for."""
    module, _, name = full_name.rpartition(".")
    return getattr(import_module(module), name)


def is_function(value: object) -> bool:
    """Say whether it is a function, whatever is wrapped around it."""
    return inspect.isfunction(inspect.unwrap(value)) if callable(value) else False


def documentation_of(full_name: str) -> str | None:
    """Return the docstring of a public name, be it of a class, a function or data."""
    value = value_of(full_name)
    if inspect.isclass(value) or is_function(value):
        return inspect.getdoc(value)
    return _documented_data().get(full_name.rpartition(".")[2])


@cache
def _documented_data() -> Mapping[str, str]:
    """Return the docstrings that follow assignments at the top of the package's modules."""
    found: dict[str, str] = {}
    modules = pkgutil.walk_packages(botocancel.__path__, "botocancel.")
    for module in (import_module(each.name) for each in modules if "__main__" not in each.name):
        body = ast.parse(inspect.getsource(module)).body
        for statement, following in pairwise(body):
            match statement, following:
                case (
                    ast.Assign(targets=[ast.Name(id=name)])
                    | ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    found.setdefault(name, inspect.cleandoc(text))
                case _:
                    pass
    return found
