"""What botocore is set up with: the caller's session, and all that is looked up in it.

Whatever is wrong with the configuration or with the supply of credentials shows here, when a
region is looked up or a client made, and is a `ConfigurationError`.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, cast
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.exceptions import UnknownRegionError

from botocancel import __version__
from botocancel._answers import keep_body
from botocancel._handing import Handed
from botocancel._known import Known
from botocancel._session import new_session
from botocancel._text import excerpt
from botocancel._translation import note_attempt
from botocancel._unsent import configured
from botocancel.errors import ConfigurationError, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "NOBODY",
    "AwsClient",
    "AwsClientMeta",
    "AwsSession",
    "Caller",
    "Setup",
    "default_session",
    "is_async",
    "protocol_of",
]

_REGION: Final = re.compile("[A-Za-z0-9-]{1,63}")
"""What fits into a host name; botocore's own pattern takes a line break at the end."""

_FORM: Final = re.compile("[a-z]+(-[a-z]+)+-[0-9]+")

_EXAMPLE: Final = "set AWS_REGION, or the region of the profile, to one such as us-east-1"


class AwsSession(Protocol):
    """A boto3 session or a botocore session."""

    def get_partition_for_region(self, region_name: str) -> str:
        """Return the partition of a region, as both kinds of session do."""
        ...


class AwsClientMeta(Protocol):
    """What a ready client says of itself."""

    @property
    def region_name(self) -> str:
        """Region the client talks to."""
        ...

    @property
    def partition(self) -> str:
        """Partition of that region."""
        ...


class AwsClient(Protocol):
    """A client made by boto3, botocore or aiobotocore."""

    @property
    def meta(self) -> AwsClientMeta:
        """What the client says of itself."""
        ...


class Caller(NamedTuple):
    """Whose credentials are in use, as far as they say so."""

    access_key: str | None = None
    account: str | None = None


NOBODY: Final = Caller()


class Setup:
    """A session, and what is looked up in it.

    Args:
        session: The caller's; else a new one of botocore.
        connections: How many connections a client keeps open.
        attempts: How often it tries a call; None for as configured.

    Raises:
        InvalidInput: It has the wrong type.
        ConfigurationError: botocore cannot use its configuration.
    """

    def __init__(
        self, session: AwsSession | None, connections: int = 10, attempts: int | None = None
    ) -> None:
        if session is None:
            with configured("no session can be made", Known(is_own=True)):
                session = new_session()
        name = type(session).__name__
        if is_async(session):
            msg = (
                f"this {name} of aiobotocore is not a boto3 or botocore session; open its clients "
                "with 'async with', and pass them to AsyncTaskClient(clients=[…])"
            )
            raise InvalidInput(msg)
        make = getattr(session, "create_client", None) or getattr(session, "client", None)
        if make is None or not hasattr(session, "get_partition_for_region"):
            hint = "; pass ready clients as clients=[…]" if hasattr(session, "meta") else ""
            msg = f"something of type {name} is not a boto3 or botocore session{hint}"
            raise InvalidInput(msg)
        self._session = session
        self._make = cast("Callable[..., Any]", make)
        self._config = Config(
            user_agent_extra=f"botocancel/{__version__}",
            max_pool_connections=connections,
            retries=None if attempts is None else {"total_max_attempts": attempts},
        )

    @property
    def profile(self) -> str | None:
        """The profile that is asked for; None for the default one."""
        profile = self._variable("profile", "profile_name")
        return None if profile == "default" else profile

    @property
    def profiles(self) -> list[str]:
        """The profiles of the AWS files.

        Raises:
            ConfigurationError: They cannot be read.
        """
        with configured("the profiles cannot be read", Known(is_own=True)):
            return list(cast("Any", self._session).available_profiles)

    @property
    def region(self) -> str | None:
        """The region that is configured; None where there is none.

        That of AWS_REGION, which botocore does not read, where the session names none.

        Raises:
            ConfigurationError: It cannot be looked up.
        """
        with configured("the region cannot be looked up", Known(is_own=True)):
            region = self._variable("region", "region_name")
        return region or os.environ.get("AWS_REGION")

    @property
    def caller(self) -> Caller:
        """Whose the credentials are that are in use.

        Nobody's if finding out takes a request, or fails: a call that needs them says why.
        """
        try:
            credentials = cast("Any", self._session).get_credentials()
            needs_refresh = getattr(credentials, "refresh_needed", None)
            if credentials is None or (needs_refresh is not None and needs_refresh()):
                return NOBODY
            return Caller(credentials.access_key, getattr(credentials, "account_id", None))
        except Exception:  # noqa: BLE001  (no receipt is lost because this note is not on it)
            return NOBODY

    @property
    def handed(self) -> Handed:
        """What another process is handed for the credentials.

        Raises:
            ConfigurationError: What there is of credentials cannot be used.
        """
        return Handed.of_session(self._session)

    def renew(self) -> None:
        """Have credentials that are good now, where there are any.

        Raises:
            ConfigurationError: They cannot be had.
        """
        with configured("no credentials can be had", Known(is_own=True, profile=self.profile)):
            credentials = cast("Any", self._session).get_credentials()
            if credentials is not None:
                credentials.get_frozen_credentials()

    def partition_of(self, region: str) -> str | None:
        """Return the partition of a region; None where botocore knows none.

        Raises:
            ConfigurationError: It cannot be looked up.
        """
        with configured(f"the partition of {region} cannot be looked up", Known(is_own=True)):
            try:
                return self._session.get_partition_for_region(region)
            except UnknownRegionError:
                return None

    def new_client(self, service: str, region: str) -> tuple[AwsClient, Known]:
        """Make a client.

        Raises:
            ConfigurationError: None can be made.
        """
        what = f"no client of {service} in {excerpt(region)} can be made"
        if not _REGION.fullmatch(region):
            msg = f"{what}: {region!r} is no region"
            raise ConfigurationError(msg, remedy=_EXAMPLE)
        known = Known(is_own=True, profile=self.profile)
        with configured(what, known):
            client = self._make(service, region_name=region, config=self._config)
        if _is_made_up(region, client.meta.endpoint_url):
            msg = f"{what}: there is no such region"
            raise ConfigurationError(msg, remedy=_EXAMPLE)
        known.protocol = protocol_of(client)
        for handler in (note_attempt, keep_body):
            client.meta.events.register("response-received", handler)
        return cast("AwsClient", client), known

    def _variable(self, name: str, attribute: str) -> str | None:
        """Look up what botocore's sessions have as a variable, and boto3's as an attribute."""
        read = getattr(self._session, "get_config_variable", None)
        return cast("str | None", read(name) if read else getattr(self._session, attribute, None))


def default_session() -> AwsSession | None:
    """Return boto3's default session if the program has set one up."""
    return cast("AwsSession | None", getattr(sys.modules.get("boto3"), "DEFAULT_SESSION", None))


def is_async(thing: object) -> bool:
    """Say whether a session or client is one of aiobotocore or aioboto3, which are awaited."""
    packages = {base.__module__.partition(".")[0] for base in type(thing).__mro__}
    return not packages.isdisjoint({"aiobotocore", "aioboto3"})


def protocol_of(client: AwsClient) -> str:
    """Return what botocore calls the protocol that a client speaks."""
    model = cast("Any", client.meta).service_model
    try:
        return cast("str", model.resolved_protocol)
    except AttributeError:  # botocore before 1.35.92 knows one protocol for a service
        return cast("str", model.metadata["protocol"])


def _is_made_up(region: str, endpoint_url: str) -> bool:
    """Say whether botocore has made a host name of what is no region, such as ``aws-global``.

    A region of the right form may be newer than botocore; and with an endpoint of the caller's
    own, any name may do.
    """
    host = urlsplit(endpoint_url).hostname or ""
    return not _FORM.fullmatch(region) and region.lower() in host
