"""What is known of one client of botocore from its calls so far."""

from __future__ import annotations

from time import monotonic
from typing import Final

import attrs

__all__ = ["Known"]

_PATIENCE: Final = 3.0
"""So many seconds a host that was never reached is looked up again: DNS may fail for a while."""


@attrs.define(eq=False)
class Known:
    """What is known of one client."""

    is_own: bool
    """Whether it was made here, so that what comes of each attempt is noted."""
    protocol: str = ""
    """What botocore calls the protocol that it speaks."""
    profile: str | None = None
    """The profile that its credentials are from, where one is named."""
    had_credentials: bool = False
    """Whether there have been credentials for a call."""
    was_answered: bool = False
    """Whether any call has been answered."""
    _unknown_since: float | None = None

    def may_be_found(self) -> bool:
        """Say whether a host that cannot be found now may be found a little later."""
        now = monotonic()
        if self._unknown_since is None:
            self._unknown_since = now
        return self.was_answered or now - self._unknown_since < _PATIENCE
