"""What went wrong in one line, and what to do about it."""

from __future__ import annotations

import json
from itertools import chain
from typing import TYPE_CHECKING, Final

from botocancel import (
    AccessDenied,
    BotocancelError,
    ConfigurationError,
    CredentialsExpired,
    CredentialsRejected,
    InternalException,
    JournalError,
    NotFound,
    RequestExpired,
    ServiceError,
    ServiceUnavailable,
    Throttled,
    TransportError,
    Unsupported,
    WaitTimeout,
)
from botocancel.services import kinds_of_client

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["explained", "reason", "remedy"]

_TRY_LATER: Final = "try again later"

_REMEDIES: Final[Sequence[tuple[type[BotocancelError], str]]] = (
    (
        CredentialsExpired,
        "log in again ('aws sso login' with the same --profile), or export fresh AWS_* credentials",
    ),
    (
        CredentialsRejected,
        "check --profile or the AWS_* credentials, and that the region is enabled for the account",
    ),
    (
        NotFound,
        "check the id, --region and --profile; 'botocancel ls --all' with them lists what there is",
    ),
    (Throttled, "AWS limits how often it may be asked; try again in a minute"),
    (JournalError, "check its path and its permissions, and the space on the disk"),
    (RequestExpired, "set this machine's clock"),
    (InternalException, _TRY_LATER),
    (ServiceUnavailable, _TRY_LATER),
    (TransportError, "check the network, --region and --endpoint-url"),
    (Unsupported, "nothing was changed; see 'botocancel services'"),
    (WaitTimeout, "AWS goes on without this program; ask again, with a longer --timeout"),
)
"""By the first class that fits."""

_BY_OPTION: Final = (
    (
        "Unable to locate credentials",
        "log in, give --profile, or set AWS_PROFILE or the AWS_* credentials",
    ),
    ("no region is configured", "give --region, or set AWS_REGION"),
)
"""What an option can do about, in place of the error's own remedy; by words of the message."""


def explained(error: BotocancelError) -> str:
    """Return an error and its remedy in one line."""
    advice = remedy(error)
    return f"{reason(error)}; {advice}" if advice else reason(error)


def reason(error: BotocancelError) -> str:
    """Return what went wrong, in one line."""
    if isinstance(error, ServiceError):
        about = f"{error.ref}: " if error.ref else ""
        refused = " was refused" if error.http_status else ""  # else nobody has answered
        text = f"{about}{error.operation}{refused}: {error.message or 'no message'}"
        text += f" ({error.code}"
        text += f", request id {error.request_id})" if error.request_id else ")"
    else:
        text = str(error).removesuffix(f"; {error.remedy}")
    return " ".join(text.split())


def remedy(error: BotocancelError) -> str | None:
    """Return what to do about an error; None where nothing is known, or its message says it."""
    if isinstance(error, AccessDenied):
        return f"its policy lacks {missing_statement(error)}"
    if isinstance(error, ConfigurationError):
        text = reason(error)
        return next((advice for words, advice in _BY_OPTION if words in text), error.remedy)
    fitting = (advice for kind, advice in _REMEDIES if isinstance(error, kind))
    return error.remedy or next(fitting, None)


def missing_statement(error: AccessDenied) -> str:
    """Return the statement of an IAM policy that would have allowed a call."""
    action, resource = f"{error.service}:{error.operation}", "*"
    of_client = (each.permissions for each in kinds_of_client(error.service))
    for permission in chain.from_iterable(of_client):
        if permission.action == action:
            resource = permission.resource(error.ref)
    return json.dumps({"Effect": "Allow", "Action": action, "Resource": resource})
