"""How a simulated service behaves: refusals, settings, and the oddities of one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import attrs
from attrs.validators import ge, optional

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ORDINARY", "Conditions", "SimulatedError", "SimulatorSettings"]


class SimulatedError(Exception):
    """An error that a simulated service answers.

    Args:
        code: The error code, such as ``DataRepositoryTaskEnded``.
        message: The service's words.
        http_status: HTTP status of the answer.
        members: Further members of the error's shape, by their AWS names.
    """

    def __init__(
        self,
        code: str,
        message: str | None,
        http_status: int = 400,
        members: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(code, message, http_status, members)
        self.code = code
        self.message = message
        self.http_status = http_status
        self.members: Mapping[str, object] = members or {}

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


@attrs.frozen(kw_only=True)
class SimulatorSettings:
    """How a simulated service behaves, where that is free or not known."""

    seconds: Mapping[str, float] = attrs.field(factory=dict[str, float])
    """How many seconds tasks stay in a status, where not as the service's table says."""
    lag: float = 0.0
    """Reads see every task as it was this many seconds ago (eventual consistency)."""
    visible_after: float = 0.0
    """No request finds a task until this many seconds after it was made, not even a cancel."""
    page_size: int | None = attrs.field(default=None, validator=optional(ge(1)))
    """The most items on a page, if that is less than what a service documents."""


@attrs.frozen(kw_only=True)
class Conditions:
    """What is odd about one request; faults bring it about."""

    lag: float | None = None
    """Seconds by which this read is behind; None for what the settings say."""
    visible_after: float | None = None
    """Seconds until a new task is found; None for what the settings say."""
    wrong_task: bool = False
    """Whether the answer is about another task than the one asked about."""
    other: str | None = None
    """The id, or ARN, of that other task; None for any."""
    tokens: int = 0
    """How many tokens of pages follow each other in a circle; 0 where they lead to an end."""
    status: str | None = None
    """What every status in the answer reads, whatever is true."""
    ends_first: Literal["succeeded", "failed"] | None = None
    """How the task that the request is about ends just before it is handled."""
    ignores_cancel: bool = False
    """Whether a cancel is accepted and nothing comes of it."""


ORDINARY: Final = Conditions()
"""Nothing odd."""
