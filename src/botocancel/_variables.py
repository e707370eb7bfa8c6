"""Which variable of the environment is to blame. One that may hold a secret is only named."""

from __future__ import annotations

import os
import re
from typing import Final

from botocancel._text import excerpt

__all__ = ["quoted_in", "unfit_for_a_header", "without_user"]

_IN_HEADERS: Final = ("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_ACCESS_KEY_ID")
_SECRET: Final = re.compile("KEY|TOKEN|SECRET|PASSWORD|AUTH")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_WORD: Final = re.compile(r"[^\s\"'`]+")
_LONGEST: Final = 100


def unfit_for_a_header() -> str | None:
    """Return the variable of the credentials whose value no header can hold."""
    return next((name for name in _IN_HEADERS if _CONTROL.search(os.environ.get(name, ""))), None)


def quoted_in(text: str) -> str | None:
    """Return the variable whose value a text quotes, as ``NAME='value'``."""
    for name, value in os.environ.items():
        is_quoted = value and (repr(value) in text or text.endswith(f": {value}"))
        if name.startswith("AWS_") and is_quoted and not _SECRET.search(name):
            return f"{name}={excerpt(without_user(value), _LONGEST)!r}"
    return None


def without_user(text: str) -> str:
    """Return a text in which no URL has a user name and password.

    They may hold any character, so all from the first ``://`` to the last ``@`` is left out;
    before it, and where there is none, all of a word up to its ``@``.
    """
    before, scheme, after = text.partition("://")
    return _WORD.sub(_after_at, before) + scheme + after.rpartition("@")[2]


def _after_at(word: re.Match[str]) -> str:
    return word[0].rpartition("@")[2]
