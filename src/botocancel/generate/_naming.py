"""Names in Python of what botocore's models name."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING

from botocore import xform_name

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Names", "class_name", "constant_name", "field_name"]


class Names:
    """Names of which none is given twice."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {*taken, *keyword.kwlist}

    def claim(self, name: str) -> str:
        """Return the name, with underscores after it while it is taken."""
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        return name


def class_name(shape: str) -> str:
    """Return the name of a class: that of the shape, with a capital."""
    name = re.sub(r"\W", "_", shape).lstrip("_")
    return f"{name[0].upper()}{name[1:]}"


def field_name(name: str) -> str:
    """Return the name of a member: ``task_id`` for ``TaskId``."""
    return _identifier(str(xform_name(re.sub(r"\W", "_", name))), "member")


def constant_name(value: str) -> str:
    """Return the name of a constant: ``LESS_THAN`` for ``LessThan`` and for ``less-than``."""
    return _identifier(str(xform_name(re.sub(r"\W", "_", value))).upper(), "VALUE")


def _identifier(name: str, prefix: str) -> str:
    name = name.strip("_")
    return name if name[:1].isalpha() else f"{prefix}_{name}".rstrip("_")
