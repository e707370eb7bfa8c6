"""How a simulated service behaves: refusals, settings, and the oddities of one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

import attrs
from attrs.validators import ge, in_, optional

from botocancel.services.declare import Refusal, Refusing

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ORDINARY",
    "Conditions",
    "Ending",
    "SimulatedError",
    "SimulatorSettings",
    "UnknownIds",
    "refused",
]


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


def refused(refusal: Refusing, **names: object) -> SimulatedError:
    """Return a refusal as the error that a simulated service answers.

    Args:
        refusal: Its code and its text.
        **names: What stands for ``{id}`` and other names in the text.
    """
    given = refusal if isinstance(refusal, Refusal) else Refusal(refusal[0], refusal[1])
    code, text, members = given
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", str(value))
    return SimulatedError(code, text, members=members)


def _is_ending(_: object, field: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, tuple) and value not in {"as declared", "as ended", "accept"}:
        msg = f"{field.name} is 'as declared', 'as ended', 'accept' or a refusal, not {value!r}"
        raise ValueError(msg)


Ending: TypeAlias = Literal["as declared", "as ended", "accept"] | Refusing
"""What becomes of a request: as the kind says, as for a task that has ended, or a refusal."""
UnknownIds: TypeAlias = Literal["as declared", "refuse", "omit"]


@attrs.frozen(kw_only=True)
class SimulatorSettings:
    """How a simulated service behaves, where that is free or not known."""

    kind: str | None = None
    """The key of the kind that they are for; None for all."""
    seconds: Mapping[str, float] = attrs.field(factory=dict[str, float])
    """How many seconds tasks stay in a status, where not as the service's table says."""
    lag: float = 0.0
    """Reads see every task as it was this many seconds ago (eventual consistency)."""
    visible_after: float = 0.0
    """No request finds a task until this many seconds after it was made, not even a cancel."""
    page_size: int | None = attrs.field(default=None, validator=optional(ge(1)))
    """The most items on a page, if that is less than what a service documents."""
    ended: Ending = attrs.field(default="as declared", validator=_is_ending)
    """What becomes of the cancel of a task that has ended: AWS may not say."""
    again: Ending = attrs.field(default="as declared", validator=_is_ending)
    """What becomes of the cancel of a task that is being cancelled."""
    too_soon: Ending = attrs.field(default="accept", validator=_is_ending)
    """What becomes of the cancel of a task that may be too soon to take one, by its status."""
    unknown: Ending = attrs.field(default="as declared", validator=_is_ending)
    """What becomes of the cancel of a task that there is not; a describe is refused likewise."""
    unknown_ids: UnknownIds = attrs.field(
        default="as declared", validator=in_(get_args(UnknownIds))
    )
    """Whether one unknown id fails the description of many, or is left out."""
    names_status: bool = True
    """Whether the answer to a cancel names a status, where its model has one."""
    canceled_failure: str | None = None
    """What a cancelled task says of its failure, where it ends in the status of failed ones."""
    canceled_failure_code: str | None = None
    """The error code that it tells then."""
    files: int = 1000
    """How many files a new task processes, where the service counts them."""
    size: int = 10 * 2**30
    """How many bytes a new task processes, where the service counts them."""


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
