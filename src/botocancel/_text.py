"""Text that comes from elsewhere, made fit to be shown and logged.

What AWS answers (failures, statuses, types, ids, messages of errors) may hold anything: escape
sequences that act on a terminal, line breaks that look like further log lines, marks that
reverse the order of what follows. All of it passes through here before a person or a log gets it.
"""

from __future__ import annotations

import re
from numbers import Number
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["excerpt", "named", "visible"]

_UNSAFE: Final = (
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
_LONGEST_VALUE: Final = 160
"""So many characters of a value that was passed in."""
_END: Final = 4
"""One part in so many, of what is shown of a longer text, is its end."""


def visible(text: str) -> str:
    r"""Return a text with what acts on its reader, or is invisible, as escapes: ``\x1b``."""
    return re.sub(_UNSAFE, lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


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


def named(value: object, is_harmless: Callable[[str], bool] = lambda _: False) -> str:
    """Return how an error names a value that somebody passed in and that cannot be right.

    Texts and numbers are shown, and plain collections of numbers and harmless texts. Of anything
    else only the type, for it may hold a secret.

    Args:
        value: The value.
        is_harmless: Says which texts may be shown of a collection.
    """
    if value is None or isinstance(value, Number):
        return repr(value)
    items = _items_of(value)
    is_shown = items is not None and all(
        isinstance(item, Number) or (isinstance(item, str) and is_harmless(item)) for item in items
    )
    if is_shown:
        return excerpt(repr(value), _LONGEST_VALUE)
    return f"something of type {type(value).__name__}"


def _items_of(value: object) -> list[object] | None:
    """Return what has to be harmless for a value to be; None where that is not known."""
    if isinstance(value, str):
        return []
    if isinstance(value, bytes):
        return [value.decode("ascii", "replace")]
    if type(value) is dict:  # not a subclass, whose repr may be anything
        return [part for item in cast("dict[object, object]", value).items() for part in item]
    is_plain = type(value) in {list, tuple, set, frozenset}
    return [*cast("Iterable[object]", value)] if is_plain else None
