"""Credentials of the simulated AWS that expire, in simulated time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.credentials import RefreshableCredentials
from botocore.exceptions import CredentialRetrievalError

from botocancel.testing.wire import access_key_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocancel.services._simulator import VirtualClock
    from botocancel.testing.faults import Fault

__all__ = ["ExpiringCredentials"]

_METHOD = "simulated"


class ExpiringCredentials:
    """Takes the place of a session's chain of credential providers.

    botocore renews credentials as it signs a request from 15 minutes before they expire
    on; from 10 minutes before on, the request fails if it cannot.

    Args:
        account: Whose they are, 12 digits.
        lifetime: Seconds of simulated time that they are good for, each time.
        clock: Simulated time.
        due: Returns the faults that strike an attempt to renew them.
    """

    def __init__(
        self,
        account: str,
        lifetime: float,
        clock: VirtualClock,
        due: Callable[[], tuple[Fault, ...]],
    ) -> None:
        self._account = account
        self._lifetime = timedelta(seconds=lifetime)
        self._clock = clock
        self._due = due
        self._renewals = 0

    def load_credentials(self) -> RefreshableCredentials:
        """Return the credentials; botocore asks a session's chain of providers for them so."""
        return RefreshableCredentials(
            access_key_of(self._account),
            "simulated",
            self._token,
            self._clock.now + self._lifetime,
            self._renewed,
            _METHOD,
            time_fetcher=lambda: self._clock.now,
        )

    def _renewed(self) -> dict[str, str]:
        """Return what renewed credentials are made of.

        Raises:
            CredentialRetrievalError: A fault says so.
        """
        for fault in self._due():
            text = fault.message or "the credentials could not be renewed"
            raise CredentialRetrievalError(provider=_METHOD, error_msg=text)
        self._renewals += 1
        return {
            "access_key": access_key_of(self._account),
            "secret_key": "simulated",
            "token": self._token,
            "expiry_time": (self._clock.now + self._lifetime).isoformat(),
        }

    @property
    def _token(self) -> str:
        return f"simulated-{self._renewals}"
