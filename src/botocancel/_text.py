"""Text that comes from elsewhere, made fit to be shown and logged.

What AWS answers (failures, statuses, types, ids, messages of errors) may hold anything: escape
sequences that act on a terminal, line breaks that look like further log lines, marks that
reverse the order of what follows. All of it passes through here before a person or a log gets it.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["excerpt", "visible"]

_UNSAFE: Final = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # control characters: line breaks, escape sequences of 7 and 8 bits
    "\u2028\u2029"  # line and paragraph separators
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction of writing
    "\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # never to be seen
    "\ud800-\udfff"  # halves of surrogate pairs, which no encoding writes
    "]"
)
_LONGEST: Final = 1_000
"""So many characters of a text a person is shown."""
_END: Final = 4
"""One part in so many, of what is shown of a longer text, is its end."""


def visible(text: str) -> str:
    r"""Return a text with what acts on its reader, or is invisible, as escapes: ``\x1b``."""
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def excerpt(text: str, longest: int = _LONGEST) -> str:
    """Return a text as `visible` does, in one line of bounded length.

    Of a longer text the beginning and the end are left, and how much is left out is said.

    Args:
        text: Any text.
        longest: How many of its characters are shown at most.
    """
    left_out = len(text) - longest
    if left_out <= 0:
        return visible(text)
    end = longest // _END
    begins, ends = visible(text[: longest - end]), visible(text[len(text) - end :])
    return f"{begins}… ({left_out:,} characters left out) …{ends}"
