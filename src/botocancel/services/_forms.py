"""What the values of filters look like."""

from __future__ import annotations

import re
from typing import NamedTuple

from botocancel.identity import placed

__all__ = ["Form"]


class Form(NamedTuple):
    """What the value of a filter looks like, if it is right."""

    pattern: str
    """The pattern of all of it; an ARN's may have ``{partition}``, ``{region}``, ``{account}``."""
    longest: int
    """How many characters it has at most."""
    expected: str
    """What it is, for messages."""
    example: str = ""
    """Needed unless it is of a parent that ids tell."""

    def fits(self, value: object) -> bool:
        """Say whether a value looks so."""
        is_text = isinstance(value, str) and len(value) <= self.longest
        return is_text and re.fullmatch(placed(self.pattern), str(value)) is not None
