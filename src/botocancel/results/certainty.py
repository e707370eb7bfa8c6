"""How it is known how a task ended, and because of what."""

from __future__ import annotations

import enum

__all__ = ["Basis", "Cause", "Certainty"]


class Certainty(enum.StrEnum):
    """How it is known whether a task ended by being cancelled."""

    REPORTED = "reported"
    """The service's status says so."""
    INFERRED = "inferred"
    """The service has no status for it; so it is concluded from what else is known."""


class Basis(enum.StrEnum):
    """What it is concluded from."""

    STATUS = "status"
    """The service's own status, which says it. Certainty REPORTED."""
    RECEIPT = "receipt"
    """A cancel that the service accepted: the receipt is a `Cancellation`. INFERRED."""
    CANCELING = "canceling"
    """The task was seen being cancelled, by whomever. INFERRED."""
    NOTHING = "nothing"
    """The status is that of a failed and of a cancelled task alike, and nothing tells which.

    Such a task has the phase FAILED: it failed, or was cancelled before. INFERRED.
    """


class Cause(enum.StrEnum):
    """What ended a task that was cancelled, as far as the service tells."""

    THIS_CANCEL = "this cancel"
    """The cancel of the receipt: the service gives back the reason that was sent with it."""
    REQUEST = "a request"
    """A request to cancel, this one or somebody else's: the service does not say whose."""
    LIMIT = "a limit"
    """A limit that was set on the task, such as its longest run time."""
    UNKNOWN = "not known"
    """The service does not tell."""
