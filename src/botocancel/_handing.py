"""How another process has the credentials of a session: it makes that again, or is handed them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import attrs

from botocancel._known import Known
from botocancel._session import new_session
from botocancel._unsent import configured
from botocancel.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from botocore.session import Session

    Document: TypeAlias = dict[str, str | None]

__all__ = ["Handed", "session_from"]

_MADE_AGAIN: Final = frozenset(
    {
        "assume-role",
        "assume-role-with-web-identity",
        "boto-config",
        "config-file",
        "container-role",
        "custom-process",
        "ec2-credentials-file",
        "env",
        "iam-role",
        "login",
        "shared-credentials-file",
        "sso",
    }
)
"""What botocore calls the supplies that another process finds by the same settings."""

_FILES: Final = ("config_file", "credentials_file")
"""The variables of a session that say where its files are."""


@attrs.frozen
class Handed:
    """What is handed to another process for the credentials of a session or a client."""

    credentials: Any
    """botocore's; None where there are none."""
    again: Document | None
    """The settings by which the session is made again; None where it cannot."""

    @classmethod
    def of_session(cls, session: object) -> Handed:
        """Return what is handed over for a session of boto3 or botocore.

        Raises:
            ConfigurationError: What it has of credentials cannot be used.
        """
        core: Any = getattr(session, "_session", session)  # boto3's has botocore's
        with configured("the credentials cannot be found", Known(is_own=True)):
            credentials = core.get_credentials()
            if not _can_be_made_again(core, credentials):
                return cls(credentials, None)
            again: Document = {name: core.get_config_variable(name) for name in _FILES}
            # Where the environment names the profile, credentials of the environment go first.
            again["profile"] = core.instance_variables().get("profile")
            return cls(credentials, again)

    @classmethod
    def of_clients(cls, clients: Iterable[object]) -> Handed:
        """Return what is handed over for ready clients of botocore.

        Raises:
            ConfigurationError: They have several credentials.
        """
        signers = [cast("Any", client)._request_signer for client in clients]  # noqa: SLF001  (nothing else tells)
        all_credentials = {id(each): each for each in [signer._credentials for signer in signers]}  # noqa: SLF001
        if len(all_credentials) > 1:
            msg = "the clients have several credentials, of which one can be handed to a process"
            raise ConfigurationError(msg, remedy="pass a session instead of clients")
        return cls(next(iter(all_credentials.values())), None)

    @property
    def expires(self) -> datetime | None:
        """When what `document` has said last is of no more use; None for never."""
        if self.again is not None:
            return None
        return cast("datetime | None", getattr(self.credentials, "_expiry_time", None))

    def document(self) -> Document:
        """Return what `session_from` makes the session from, renewed if need be.

        Raises:
            CredentialsUnavailable: They cannot be renewed.
        """
        if self.again is not None or self.credentials is None:
            return self.again or {}
        with configured("the credentials cannot be renewed", Known(is_own=True)):
            frozen = self.credentials.get_frozen_credentials()
        return {
            "access_key": frozen.access_key,
            "secret_key": frozen.secret_key,
            "token": frozen.token,
        }


def session_from(document: Mapping[str, str | None]) -> Session:
    """Make a session from what `Handed.document` returned."""
    session = new_session(profile=document.get("profile"))
    for name in _FILES:
        if document.get(name) is not None:
            session.set_config_variable(name, document[name])
    access_key, secret_key = document.get("access_key"), document.get("secret_key")
    if access_key is not None and secret_key is not None:
        session.set_credentials(access_key, secret_key, document.get("token"))
    return session


def _can_be_made_again(session: Any, credentials: Any) -> bool:  # noqa: ANN401  (botocore's)
    """Say whether another process finds these credentials by itself."""
    if credentials is None:
        return True
    method = getattr(credentials, "method", None)
    if method == "env":  # the program may set the variables anew, where they have an expiry
        return not hasattr(credentials, "refresh_needed")
    return method in _MADE_AGAIN and not _asks_for_a_code(session)


def _asks_for_a_code(session: Any) -> bool:  # noqa: ANN401  (botocore's)
    """Say whether a person is asked for a code (MFA) somewhere on the way to the credentials."""
    profiles = cast("Mapping[str, Mapping[str, str]]", session.full_config.get("profiles", {}))
    name, seen = session.get_config_variable("profile") or "default", set[str]()
    while name in profiles and name not in seen:
        seen.add(name)
        if "mfa_serial" in profiles[name]:
            return True
        name = profiles[name].get("source_profile", "")
    return False
