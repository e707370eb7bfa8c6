"""The identity of an Amazon Athena query execution."""

from __future__ import annotations

import re
from typing import ClassVar, Final, Self

import attrs

from botocancel.refs import TaskRef
from botocancel_athena.models import QueryExecution, StopQueryExecutionResponse
from botocancel_athena.patterns import QUERY_EXECUTION_ID_LENGTH, QUERY_EXECUTION_ID_PATTERN

__all__ = ["QueryExecutionRef"]

_ALLOWED: Final = re.compile(QUERY_EXECUTION_ID_PATTERN)
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@attrs.frozen(order=False)
class QueryExecutionRef(TaskRef[QueryExecution, StopQueryExecutionResponse]):
    """Identity of an Athena query execution, which holds no region.

    Athena's model allows any text without white space as an id, and a ref can be made of
    any. A bare text is taken for one (by `parse`, or as an argument of a client) only if it
    is a UUID, as the ids that Athena gives are: no other would tell it from other services'.

    Raises:
        InvalidInput: `id` is no id that Athena's model allows; nothing was sent.
    """

    service: ClassVar[str] = "athena"
    kind: ClassVar[str] = "Athena query execution"
    expected: ClassVar[str] = "the id of an Athena query execution (a UUID in lower case)"
    example: ClassVar[str] = "01234567-89ab-4cde-8f01-23456789abcd"

    def __attrs_post_init__(self) -> None:
        if not _is_allowed(self.id):
            self.parse(self.id)

    @classmethod
    def match(cls, text: str) -> Self | None:
        """Return the ref that a UUID names, or None."""
        return cls(text) if _UUID.fullmatch(text) else None

    @classmethod
    def fault_of(cls, text: str) -> str | None:
        """Say what is wrong with a text that looks like an ARN of Athena or like a UUID."""
        if re.match(r"arn:[^:]*:athena:", text):
            return "it is the ARN of another Athena resource; a query execution has none"
        if _UUID.fullmatch(text.lower()):
            return "it has upper-case letters"
        if re.fullmatch(r"[0-9a-fA-F]+(-[0-9a-fA-F]+){4}", text):
            return "its parts do not have the lengths of a UUID's"
        return None


def _is_allowed(text: object) -> bool:
    least, most = QUERY_EXECUTION_ID_LENGTH
    return (
        isinstance(text, str)
        and least <= len(text) <= most
        and _ALLOWED.fullmatch(text) is not None
    )
