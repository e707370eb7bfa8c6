"""Write a service's ``patterns.py``: what its ids and ARNs look like, apart from its models.

An id is read without loading a class for every shape of the service.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from _model_text import Paragraph, docstring, literal
from _models_source import GENERATED, all_of
from _service_model import GenerationError, Json, Service, constant

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATTERN_PIECE: Final = re.compile(r".{1,80}$|.{1,79}[:|](?![]?*+{])|.{1,80}(?<!\\)")
"""What stands on one line of a long pattern."""


def patterns_source(service: Service) -> str:
    """Return the source, correct but not yet formatted."""
    about = docstring([Paragraph(f"What the ids and ARNs of {service.title} look like.")], "")
    names = [
        name for id_name, shape in service.identities.items() for name in _names(id_name, shape)
    ]
    return "\n\n".join(
        [
            f"{GENERATED.format(service=service)}\n{about}",
            "from __future__ import annotations",
            "from typing import Final",
            all_of(names),
            *(_identity(service, name, shape) for name, shape in service.identities.items()),
        ]
    )


def _names(name: str, shape: Json) -> Iterator[str]:
    yield f"{constant(name)}_PATTERN"
    if "max" in shape:
        yield f"{constant(name)}_LENGTH"


def _identity(service: Service, name: str, shape: Json) -> str:
    pattern = shape["pattern"]
    try:
        re.compile(pattern)
    except re.error as error:
        msg = f"{service.name}: Python cannot read the pattern of {name}: {error}"
        raise GenerationError(msg) from error
    about = f"The pattern of {literal(name)}."
    lines = [
        f"{constant(name)}_PATTERN: Final = {_string(pattern)}",
        docstring([Paragraph(about)], ""),
    ]
    if "max" in shape:
        about = f"The least and the greatest number of characters of {literal(name)}."
        lines += [
            f"{constant(name)}_LENGTH: Final = ({shape.get('min', 0)}, {shape['max']})",
            docstring([Paragraph(about)], ""),
        ]
    return "\n".join(lines)


def _string(text: str) -> str:
    is_raw = "\\" in text and '"' not in text
    pieces = _PATTERN_PIECE.findall(text)
    literals = [f'r"{piece}"' if is_raw else repr(piece) for piece in pieces]
    return f"({' '.join(literals)})" if len(literals) > 1 else literals[0]
