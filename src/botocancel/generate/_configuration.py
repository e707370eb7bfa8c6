"""Read what is to be generated: the literals ``MODELS`` in the Python files of a folder."""

from __future__ import annotations

import ast
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

__all__ = ["Configuration", "GenerationError", "kinds_in", "meant", "read"]

NAME: Final = "MODELS"
ALL: Final = "all"


class GenerationError(Exception):
    """The configuration, or botocore's model, holds what no code can be generated for."""


@attrs.frozen(kw_only=True)
class Configuration:
    """What is generated for one client of botocore."""

    where: str
    """The files it stands in, for messages."""
    client: str
    """botocore's name of the client."""
    title: str
    """AWS's name of the service."""
    prefix: str
    """What the names of its errors start with."""
    reference: str
    """Where AWS documents each operation ``X``: in ``API_X.html`` there."""
    operations: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    """Operations that start tasks; structures in their parameters are typed."""
    built: tuple[str, ...] = ()
    """What may be further operations, for classes called like their requests are used."""
    starting: tuple[str, ...] = ()
    """The same of operations that start tasks."""
    typed: frozenset[str] | None = frozenset()
    """Shapes that have a class although they are not directly in an answer; None: all have."""
    needed: frozenset[str] = frozenset()
    """Members of answers, as ``Shape.Member``, without which an answer cannot be read."""
    errors: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """Error codes, and the class of `botocancel.errors` that says what each means."""

    def error(self, message: str) -> GenerationError:
        """Return an error that names the files."""
        return GenerationError(f"{self.where}: {message}")


_TEXTS: Final = ("client", "title", "prefix", "reference")
_LISTS: Final = ("operations", "start", "typed", "needed")
_KEYS: Final = (*_TEXTS, *_LISTS, "errors")
_REQUIRED: Final = ("title", "prefix", "reference")
_REQUEST: Final = "Request"


def read(folder: Path) -> Configuration:
    """Unite the literals of the folder's files, and see which requests these use.

    Raises:
        GenerationError: There is none, or one is wrong.
    """
    trees = {path: _parsed(path) for path in sorted(folder.glob("*.py"))}
    found = {path: literal for path, tree in trees.items() for literal in _literals(tree, path)}
    if not found:
        msg = f"{folder}: no .py file there assigns a dictionary to {NAME}"
        raise GenerationError(msg)
    for path, literal in found.items():
        _check(path, literal)
    where = ", ".join(map(str, found))
    united: dict[str, Any] = {"where": where, "errors": {}}
    for path, literal in found.items():
        for key in literal.keys() & {*_TEXTS}:
            if united.setdefault(key, literal[key]) != literal[key]:
                msg = (
                    f"{path}: {NAME}[{key!r}] is {literal[key]!r}, but {united[key]!r} in another "
                    "file of the folder; one folder has the models of one client"
                )
                raise GenerationError(msg)
        meanings = literal.get("errors", {}).items()
        for meaning, code in ((meaning, code) for meaning, codes in meanings for code in codes):
            if united["errors"].setdefault(code, meaning) != meaning:
                msg = (
                    f"{path}: {NAME}['errors'] gives {code} the meaning {meaning}, but elsewhere "
                    f"the folder has {united['errors'][code]}; say it once"
                )
                raise GenerationError(msg)
    for key in _REQUIRED:
        if not any(key in literal for literal in found.values()):
            msg = f"{where}: {NAME} lacks {key!r}"
            raise GenerationError(msg)
    lists = {key: [literal.get(key, ()) for literal in found.values()] for key in _LISTS}
    united.setdefault("client", folder.resolve().name)
    return Configuration(
        **united,
        built=_in_order(_requests_in(trees[path]) for path in found),
        starting=_in_order(
            _requests_in(call)
            for path in found
            for call in ast.walk(trees[path])
            if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] == "Start"
        ),
        operations=_in_order(lists["operations"]),
        start=_in_order(lists["start"]),
        typed=None if ALL in lists["typed"] else frozenset(_in_order(lists["typed"])),
        needed=frozenset(_in_order(lists["needed"])),
    )


def kinds_in(folder: Path) -> list[str]:
    """Return the names of the modules that have a literal, in order."""
    return [path.stem for path in sorted(folder.glob("*.py")) if [*_literals(_parsed(path), path)]]


def meant(word: str, known: Iterable[str]) -> str:
    """Return a question after the word that was meant; nothing if none is like it."""
    like = get_close_matches(word, [*known], n=1)
    return f"; do you mean {like[0]!r}?" if like else ""


def _in_order(lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for items in lists for item in items))


def _parsed(path: Path) -> ast.Module:
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        msg = f"{path}: Python cannot read it: {error}"
        raise GenerationError(msg) from error


def _requests_in(tree: ast.AST) -> Iterator[str]:
    """Yield the operation of each name that looks like a request of a module: ``m.StopRequest``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.endswith(_REQUEST):
            yield node.attr.removesuffix(_REQUEST)


def _literals(tree: ast.Module, path: Path) -> Iterator[dict[str, Any]]:
    for statement in tree.body:
        match statement:
            case (
                ast.Assign([ast.Name(id="MODELS")], value)
                | ast.AnnAssign(target=ast.Name(id="MODELS"), value=ast.expr() as value)
            ):
                yield _literal(value, path)
            case _:
                pass


def _literal(value: ast.expr, path: Path) -> dict[str, Any]:
    try:
        literal = ast.literal_eval(value)
    except ValueError:
        literal = None
    if isinstance(literal, dict):
        return cast("dict[str, Any]", literal)
    msg = (
        f"{path}: line {value.lineno}: {NAME} is no dictionary written out; write every value as "
        "a literal, for the generator reads the file without running it"
    )
    raise GenerationError(msg)


def _check(path: Path, literal: Mapping[str, Any]) -> None:
    """Refuse what is no key, and values of other types."""
    for key, value in literal.items():
        if key not in _KEYS:
            known = ", ".join(_KEYS)
            msg = f"{path}: {NAME} has {key!r}, but knows only {known}{meant(str(key), _KEYS)}"
            raise GenerationError(msg)
        expected, fits = _expected(key, value)
        if not fits:
            msg = f"{path}: {NAME}[{key!r}] is {value!r}, but has to be {expected}"
            raise GenerationError(msg)


def _expected(key: str, value: object) -> tuple[str, bool]:
    """Return what a value has to be, and whether it is."""
    if key in _TEXTS:
        return "a text", isinstance(value, str) and bool(value)
    if key == "errors":
        table = cast("dict[object, object]", value) if isinstance(value, dict) else {1: 1}
        fits = _are_texts(table) and all(map(_is_list, table.values()))
        return "a dictionary of names of classes of botocancel.errors and lists of codes", fits
    is_list = _is_list(value)
    if key == "typed":
        return f"a list of names of shapes, or {ALL!r}", is_list or value == ALL
    return "a list of names", is_list


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple) and _are_texts(cast("list[object]", value))


def _are_texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)
