"""What type checkers say of right and of wrong calls; the files under ``typing`` never run."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_origin

import pytest
from _public import documented_at, value_of

from tests.type_checkers import CHECKERS, Errors, listed, prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES: Final = Path(__file__).parent / "typing"
WRONG: Final = FILES / "wrong.py"
DECLARATIONS: Final = "botocancel.services.declare."


@cache
def errors_of(checker: str) -> Errors:
    return CHECKERS[checker](FILES)


@pytest.fixture(params=CHECKERS)
def checker(request: pytest.FixtureRequest) -> str:
    pytest.importorskip(request.param, reason="the type checkers are of the group 'types'")
    return str(request.param)


@pytest.mark.parametrize("file", ["right.py", "installed.py"])
def test_right_calls_have_the_types_that_are_said(checker: str, file: str) -> None:
    assert errors_of(checker).get(file, {}) == {}


def test_each_wrong_call_is_reported_and_nothing_else(checker: str) -> None:
    lines = WRONG.read_text().splitlines()
    marked = {number for number, line in enumerate(lines, 1) if line.endswith("# wrong")}
    assert marked
    assert errors_of(checker)[WRONG.name].keys() == marked


def generics() -> Iterator[str]:
    """Yield the public classes that have type parameters, and the unions of such.

    Those of declarations have no defaults: mypy would take these where it is to infer.
    """
    places = set(documented_at().values())
    for place in sorted(place for place in places if not place.startswith(DECLARATIONS)):
        value = value_of(place)
        is_type = isinstance(value, type) or get_origin(value) is not None
        parameters: object = getattr(value, "__parameters__", None)
        if is_type and parameters:
            yield place


def test_a_public_class_may_be_named_without_its_parameters(checker: str, tmp_path: Path) -> None:
    named = list(generics())
    assert {"botocancel.Outcome", "botocancel.Result", "botocancel.services.Kind"} <= {*named}
    modules = sorted({place.rpartition(".")[0] for place in named})
    source = "".join(f"import {module}\n" for module in modules)
    source += "".join(
        f"def function{number}(value: {place}) -> {place}: return value\n"
        for number, place in enumerate(named)
    )
    assert listed(CHECKERS[checker](prepared(tmp_path, {"bare.py": source}))) == []
