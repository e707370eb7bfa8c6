"""Sphinx: the reference of the public names, and what names in docstrings refer to.

``.. public-names:: MODULE`` documents the public names of a module, in the order of its
``__all__``; with ``:from:``, those that are defined in these modules, in their order.

What a name is that stands in single backticks, or in an annotation, is found here: a
public name becomes a link, one that the sources import from elsewhere stays as it is, and
so does a type parameter; any other is a warning. The name of a ``Literal`` is replaced by
what it stands for.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import sys
from abc import ABC
from importlib import import_module
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Final,
    Generic,
    Literal,
    Protocol,
    TypeVar,
    get_origin,
)

import attrs
from _public import documentation_of, documented_at, is_function, names_of, value_of
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.addnodes import download_reference, pending_xref, pending_xref_condition
from sphinx.domains.python import PyXRefRole
from sphinx.ext.napoleon.docstring import GoogleDocstring
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

import botocancel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment
    from sphinx.util.typing import ExtensionMetadata

PACKAGE = Path(botocancel.__file__).parent

_DEFAULT: Final = re.compile(r"attr_dict\['(\w+)'\]\.default")


class PublicNames(SphinxDirective):
    """``public-names``."""

    required_arguments: ClassVar[int] = 1
    option_spec: ClassVar[Any] = {"from": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Document the names."""
        module: str = self.arguments[0]
        homes: list[str] = self.options.get("from", "").split()
        places = documented_at()
        names = [
            name for name in names_of(module) if places[f"{module}.{name}"] == f"{module}.{name}"
        ]
        if homes:
            names = [
                name
                for home in homes
                for name in names_of(home)
                if name in names and value_of(f"{home}.{name}") is value_of(f"{module}.{name}")
            ]
        lines = [f".. py:currentmodule:: {module}"]
        for name in names:
            lines += ["", *_directive(f"{module}.{name}")]
        return self.parse_text_to_nodes("\n".join(lines))


def _directive(full_name: str) -> list[str]:
    value = value_of(full_name)
    if inspect.isclass(value):
        options = {
            "members": "",
            "undoc-members": "",
            "exclude-members": "from_wire, to_wire",
            **_inherited(value),
            **({} if all(map(_is_inner, value.__bases__)) else {"show-inheritance": ""}),
        }
        named = [f"   :{option}: {argument}" for option, argument in options.items()]
        return [f".. autoclass:: {full_name}", *named]
    if is_function(value):
        return [f".. autofunction:: {full_name}"]
    text = documentation_of(full_name) or ""
    return [
        f".. py:data:: {full_name.rpartition('.')[2]}",
        "",
        *(f"   {line}" for line in text.splitlines()),
    ]


def _inherited(value: type) -> dict[str, str]:
    """Include the members of the bases that are not public themselves."""
    public = {id(value_of(place)) for place in documented_at()}
    bases = value.__mro__[1:]
    end = next(
        base for base in bases if id(base) in public or not base.__module__.startswith("botocancel")
    )
    return {} if end is bases[0] else {"inherited-members": end.__name__}


class Name(PyXRefRole):
    """What single backticks mean: a name of Python."""

    def process_link(
        self,
        env: BuildEnvironment,
        refnode: nodes.Element,
        has_explicit_title: bool,  # noqa: FBT001  (as Sphinx calls it)
        title: str,
        target: str,
    ) -> tuple[str, str]:
        """Note whether it may be the name of a parameter."""
        refnode["may_be_parameter"] = title.isidentifier() and title.islower()
        refnode["refdomain"], refnode["reftype"] = "py", "obj"
        return super().process_link(env, refnode, has_explicit_title, title, target)


class Names:
    """What the names in docstrings and annotations are."""

    def __init__(self) -> None:
        self.places = documented_at()
        self.short: dict[str, str] = {}
        self.known = set(dir(builtins))
        for place in dict.fromkeys(self.places.values()):
            module, _, name = place.rpartition(".")
            self.short.setdefault(name, place)
            home = getattr(value_of(place), "__module__", module)
            self.places.setdefault(f"{home}.{name}", place)
        for source in PACKAGE.rglob("*.py"):
            self.known.update(_names_in(ast.parse(source.read_text(encoding="utf-8"))))

    def candidates(self, target: str, module: str, class_: str) -> Iterator[str]:
        """Yield the names under which a target may be documented, the nearest first."""
        first, dot, rest = target.partition(".")
        yield f"{module}.{class_}.{target}"
        yield f"{module}.{target}"
        yield self.places.get(f"{module}.{first}", "") + dot + rest
        yield self.short.get(first, "") + dot + rest
        head, _, last = target.rpartition(".")
        yield self.places.get(target, "")
        yield f"{self.places.get(head, '')}.{last}"


def _names_in(tree: ast.Module) -> Iterator[str]:
    """Yield the names that a module imports from elsewhere, and its type parameters."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module)) if not module.startswith("botocancel"):
                for alias in node.names:
                    yield alias.asname or alias.name
                    yield f"{module}.{alias.name}"
            case ast.Import():
                yield from (alias.asname or alias.name for alias in node.names)
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="TypeVar"))
            ):
                yield name
            case _:
                pass


_NAMES = Names()


def resolve(
    app: Sphinx,
    env: BuildEnvironment,
    node: pending_xref,
    contnode: nodes.TextElement,
) -> nodes.Element | None:
    """Link a name to where it is documented, or leave one that is known as it is."""
    if node.get("refdomain") != "py":
        return None
    target = str(node["reftarget"])
    module, class_ = str(node.get("py:module")), str(node.get("py:class"))
    objects = env.domains.python_domain.objects
    for name in _NAMES.candidates(target, module, class_):
        if name in objects:
            place = objects[name]
            return make_refnode(
                app.builder, node["refdoc"], place.docname, place.node_id, contnode, name
            )
    owner = getattr(sys.modules.get(module), class_, None)
    if literal := _literals_by(owner).get(target):
        return nodes.inline(literal, literal)
    may_stay = node.get("may_be_parameter") or target in _NAMES.known or _exists(target)
    return contnode if may_stay else None


def _exists(target: str) -> bool:
    """Say whether it is a type parameter, or a name in a module from elsewhere."""
    module, _, name = target.rpartition(".")
    try:
        found: object = getattr(import_module(module), name)
    except (ImportError, ValueError, AttributeError):
        return False
    return isinstance(found, TypeVar) or not module.startswith("botocancel")


def _literals_by(owner: object) -> dict[str, str]:
    """Return the names of a ``Literal`` where something is defined, with what they stand for."""
    home = sys.modules.get(getattr(owner, "__module__", ""))
    return {
        name: str(value).removeprefix("typing.")
        for name, value in vars(home or object).items()
        if get_origin(value) is Literal and name not in _NAMES.short
    }


def google_style(  # noqa: PLR0917  (Sphinx calls it)
    app: Sphinx,  # noqa: ARG001
    what: str,
    name: str,  # noqa: ARG001
    value: object,
    options: object,  # noqa: ARG001
    lines: list[str],
) -> None:
    """Read a docstring as Google's style has it; of data, a colon is just a colon."""
    if what not in {"attribute", "data", "property"}:
        lines[:] = GoogleDocstring(lines, obj=value).lines()


def plain_signature(  # noqa: PLR0917  (Sphinx calls it)
    app: Sphinx,  # noqa: ARG001
    what: str,  # noqa: ARG001
    name: str,  # noqa: ARG001
    value: object,
    options: object,  # noqa: ARG001
    signature: str | None,
    returned: str | None,
) -> tuple[str, str | None] | None:
    """Show what a ``Literal`` stands for; of an attrs class, the defaults themselves."""
    if signature is None:
        return None
    for alias, literal in _literals_by(value).items():
        signature = re.sub(rf"\b{alias}\b", literal, signature)
    if isinstance(value, type) and attrs.has(value):
        fields = attrs.fields_dict(value)
        signature = _DEFAULT.sub(lambda found: repr(fields[found[1]].default), signature)
    return signature, returned


def public_bases(
    app: Sphinx,  # noqa: ARG001  (Sphinx calls it)
    name: str,  # noqa: ARG001
    value: object,  # noqa: ARG001
    options: object,  # noqa: ARG001
    bases: list[Any],
) -> None:
    """Leave out bases that tell a reader nothing."""
    bases[:] = [base for base in bases if not _is_inner(get_origin(base) or base)]


def _is_inner(base: type) -> bool:
    return base in {object, Generic, ABC, Protocol} or base.__name__.startswith("_")


def plain_links(app: Sphinx, doctree: nodes.document) -> None:  # noqa: ARG001  (Sphinx calls it)
    """Leave words plain that link to a file that is no page, or to a name that Python has."""
    for link in list(doctree.findall(download_reference)):
        link.replace_self(link.children)
    for reference in list(doctree.findall(pending_xref)):
        if reference["refdomain"] == "py" and hasattr(builtins, reference["reftarget"]):
            words = reference.children[0]
            is_one_of_two = isinstance(words, pending_xref_condition)  # short, or with its module
            reference.replace_self(words.children if is_one_of_two else [words])


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register with Sphinx."""
    app.add_directive("public-names", PublicNames)
    app.add_role("name", Name())
    app.connect("autodoc-process-docstring", google_style)
    app.connect("autodoc-process-signature", plain_signature)
    app.connect("autodoc-process-bases", public_bases)
    app.connect("missing-reference", resolve)
    app.connect("doctree-read", plain_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
