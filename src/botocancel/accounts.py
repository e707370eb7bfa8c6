"""`Account`: one AWS account of a `Fleet`, and how to get into it."""

from __future__ import annotations

import re
from typing import Final

import attrs

from botocancel._checks import regions_of
from botocancel._text import named
from botocancel.errors import InvalidInput

__all__ = ["Account"]

_ID: Final = re.compile("[0-9]{12}")
_ROLE: Final = re.compile(r"arn:[a-z-]+:iam::[0-9]{12}:role/\S{1,512}|[\w+=,.@/-]{1,576}")


def _is_id(_: object, __: attrs.Attribute[str], value: object) -> None:
    if not (isinstance(value, str) and _ID.fullmatch(value)):
        msg = f"an account is 12 digits, such as '111122223333', not {named(value)}"
        raise InvalidInput(msg)


def _is_role(_: object, __: attrs.Attribute[str | None], value: object) -> None:
    if not (value is None or (isinstance(value, str) and _ROLE.fullmatch(value))):
        msg = f"role must be the name of a role or its ARN, such as 'StopTasks', not {named(value)}"
        raise InvalidInput(msg)


def _regions(value: object) -> tuple[str, ...] | None:
    return None if value is None else tuple(str(region) for region in regions_of(value))


@attrs.frozen
class Account:
    """One AWS account, and how to get into it.

    Raises:
        InvalidInput: The id or the role cannot be right.
    """

    id: str = attrs.field(validator=_is_id)
    """12 digits."""
    role: str | None = attrs.field(default=None, validator=_is_role, kw_only=True)
    """ARN of the role that is assumed there, or its name; None for the session's own credentials,
    or those of `profile`."""
    external_id: str | None = attrs.field(default=None, kw_only=True, repr=False)
    """What the role's trust policy asks for, if it does."""
    name: str | None = attrs.field(default=None, kw_only=True)
    """What people call it."""
    regions: tuple[str, ...] | None = attrs.field(default=None, kw_only=True, converter=_regions)
    """Where to look for its tasks; None for the regions of the fleet."""
    profile: str | None = attrs.field(default=None, kw_only=True)
    """The profile of the AWS files whose credentials are used, without a role."""
    suspended: bool = attrs.field(default=False, kw_only=True)
    """Whether it is known to be suspended: it is not asked, and is a gap."""
