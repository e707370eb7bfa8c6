"""The clients that serve all accounts of a fleet, and the credentials of each account.

There is one client for each service and region. Its credentials are looked up for each attempt
of a call: a context variable says whose, which is set where the call is sent and nowhere else.
"""

from __future__ import annotations

import copy
import threading
from contextvars import ContextVar
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from botocore.credentials import Credentials, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from botocancel._aws import Aws
from botocancel._connections import CONNECTION_ERRORS, connection_error
from botocancel._known import Known
from botocancel._session import new_session
from botocancel._setup import Caller, Setup, default_session
from botocancel._unsent import configured
from botocancel.accounts import Account
from botocancel.clocks import default_clock
from botocancel.effects import Whereabouts
from botocancel.errors import ConfigurationError, CredentialsUnavailable
from botocancel.model import Response
from botocancel.results import TaskPlace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from botocore.credentials import ReadOnlyCredentials

    from botocancel._setup import AwsSession
    from botocancel.clocks import Clock
    from botocancel.effects import Call
    from botocancel.model import Shape
    from botocancel.refs import TaskRef

__all__ = ["FleetAws", "accounts_of_organization", "accounts_of_profiles"]

ResultT = TypeVar("ResultT")
ResponseT = TypeVar("ResponseT", bound=Response)

_CREDENTIALS: Final[ContextVar[Any]] = ContextVar("botocancel_credentials")
"""Whose credentials sign the call; without a default, so that none is signed by chance."""

_SESSION_NAME: Final = "botocancel"
_BELIEVED: Final = 10.0
"""Seconds for which an account that cannot be entered is not tried again."""
_HOME: Final = "us-east-1"
"""Where the regions of accounts are asked for if no region is configured."""
_ENABLED: Final = ["ENABLED", "ENABLED_BY_DEFAULT"]


_LOOKED_UP: Final = frozenset({"access_key", "account_id", "secret_key", "token"})
"""What credentials consist of."""


class _OfTheCall(Credentials):
    """Credentials of the account that the call is about, which is about to be signed."""

    def __init__(self) -> None:
        self.method = "fleet"  # all else is looked up

    def __getattr__(self, name: str) -> str | None:
        if name not in _LOOKED_UP:
            raise AttributeError(name)
        return cast("str | None", getattr(_present(), name, None))

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """Return the credentials to sign one attempt with; renew them before that if need be."""
        return _present()


def _present() -> ReadOnlyCredentials:
    """Return the credentials of the account that the call is about.

    Raises:
        ConfigurationError: The call is about no account; it is not sent.
    """
    try:
        credentials = _CREDENTIALS.get()
    except LookupError:
        msg = "a client of a fleet was called without an account"
        raise ConfigurationError(msg) from None
    frozen: ReadOnlyCredentials = credentials.get_frozen_credentials()
    return frozen


class FleetAws(Aws):
    """Clients by service and region, each for all accounts.

    They make one attempt a call, for botocore shares what it keeps of retries among all callers
    of a client: throttled in one account, it would not ask again in another.

    Args:
        accounts: The accounts.
        regions: Where there may be tasks; None for the regions that each account has enabled.
        session: Assumes the roles; see `Aws`.
        connections: How many connections a client keeps open.
        clock: By which credentials expire; None for the default.
    """

    def __init__(
        self,
        accounts: Iterable[Account],
        regions: tuple[str, ...] | None,
        session: AwsSession | None,
        connections: int,
        clock: Clock | None = None,
    ) -> None:
        self.accounts: Mapping[str, Account] = {each.id: each for each in accounts}
        self._regions = regions
        self._clock = clock
        self._base = session or default_session() or new_session()
        super().__init__(_for_all(self._base), connections=connections, attempts=1)

    def _begin(self) -> None:
        self._credentials: dict[str, Any] = {}
        self._suppliers: dict[str, Any] = {}
        self._base_lock = threading.Lock()
        self._shut: dict[str, tuple[CredentialsUnavailable, float]] = {}
        super()._begin()

    def send(self, call: Call[ResponseT]) -> ResponseT:
        """Send one request, signed for the account that it is about."""
        token = _CREDENTIALS.set(self._usable(self.account_of(call.account)))
        try:
            return super().send(call)
        finally:
            _CREDENTIALS.reset(token)

    def whereabouts(self, ref: TaskRef[Shape, Response]) -> Whereabouts:
        """Say where the requests about a task go, and who asks, without sending any."""
        found = super().whereabouts(ref)
        place, account = found.place, ref.account
        if account is None and len(self.accounts) == 1:
            account = next(iter(self.accounts))
        credentials = self._credentials.get(account or "")
        key = None if credentials is None else _key_of(credentials)
        return Whereabouts(
            TaskPlace(account=account, region=place.region, partition=place.partition), key
        )

    def account_of(self, account: str | None) -> Account:
        """Return the account that a call is about: the only one, if it names none.

        Raises:
            ConfigurationError: It is not of this fleet.
        """
        if account is None and len(self.accounts) == 1:
            return next(iter(self.accounts.values()))
        if account is None:
            msg = "the task's id names no account, and the fleet has several"
            raise ConfigurationError(msg, remedy="name the task by its ARN, or by what a list told")
        found = self.accounts.get(account)
        if found is None:
            msg = f"the task is in the account {account}, which is none of this fleet"
            raise ConfigurationError(msg, remedy="add the account to the fleet")
        return found

    def enter(self, account: str) -> tuple[str, ...]:
        """Get into an account, and return the regions where there may be tasks.

        Raises:
            CredentialsUnavailable: Its role cannot be assumed.
            ConfigurationError: Its regions cannot be told.
        """
        found = self.account_of(account)
        credentials = self._usable(found)
        return found.regions or self._regions or self._enabled(found, credentials)

    def _now(self) -> datetime:
        return (self._clock or default_clock()).utc()

    def _usable(self, account: Account) -> Any:  # noqa: ANN401  (botocore's)
        """Return the credentials of an account, once they can be used.

        That they cannot, and that this will not pass, is believed for a while: of a thousand tasks
        in an account that cannot be entered, one asks.

        Raises:
            CredentialsUnavailable: Its role cannot be assumed.
        """
        error, until = self._shut.get(account.id, (None, 0.0))
        if error is not None and monotonic() < until:
            raise copy.copy(error)
        credentials = self._credentials_of(account)
        try:
            with configured(f"account {account.id} cannot be entered", Known(is_own=True)):
                credentials.get_frozen_credentials()
        except CredentialsUnavailable as denied:
            if not denied.retryable:
                self._shut[account.id] = copy.copy(denied), monotonic() + _BELIEVED
            raise
        return credentials

    def _credentials_of(self, account: Account) -> Any:  # noqa: ANN401  (botocore's)
        credentials = self._credentials.get(account.id)
        if credentials is None:
            with self._base_lock:
                credentials = self._credentials.get(account.id)
                if credentials is None:
                    credentials = self._credentials[account.id] = self._new_credentials(account)
        return credentials

    def _new_credentials(self, account: Account) -> Any:  # noqa: ANN401  (botocore's)
        if account.role is not None:
            return DeferredRefreshableCredentials(
                lambda: self._assumed(account),
                "sts-assume-role",
                time_fetcher=self._now,
            )
        with configured(f"account {account.id} has no credentials", Known(is_own=True)):
            base = self._base if account.profile is None else new_session(profile=account.profile)
            credentials = cast("Any", base).get_credentials()
            if credentials is None:
                raise NoCredentialsError
        return credentials

    def _assumed(self, account: Account) -> dict[str, object]:
        """Assume the role of an account; return what botocore makes credentials of."""
        role = str(account.role)
        if not role.startswith("arn:"):
            partition = Setup(self._base).partition_of(_home_of(self._base)) or "aws"
            role = f"arn:{partition}:iam::{account.id}:role/{role}"
        asked = {"RoleArn": role, "RoleSessionName": _SESSION_NAME}
        if account.external_id is not None:
            asked["ExternalId"] = account.external_id
        told = self._client("sts", self._base).assume_role(**asked)["Credentials"]
        return {
            "access_key": told["AccessKeyId"],
            "secret_key": told["SecretAccessKey"],
            "token": told["SessionToken"],
            "expiry_time": told["Expiration"].isoformat(),
        }

    def _enabled(self, account: Account, credentials: object) -> tuple[str, ...]:
        """Return the regions that an account has enabled, as the Account API tells."""
        token = _CREDENTIALS.set(credentials)
        try:
            told = _told(
                lambda: self._client("account", _for_all(self._base)),
                f"the regions of account {account.id} are not told",
                lambda client: [
                    str(region["RegionName"])
                    for page in client.get_paginator("list_regions").paginate(
                        RegionOptStatusContains=_ENABLED
                    )
                    for region in page["Regions"]
                ],
                remedy="allow account:ListRegions, or pass regions=[…]",
            )
        finally:
            _CREDENTIALS.reset(token)
        return tuple(sorted(told))

    def _client(self, service: str, session: AwsSession) -> Any:  # noqa: ANN401  (botocore's)
        """Return a client that supplies what calls need; made once."""
        with self._lock:
            client = self._suppliers.get(service)
            if client is None:
                client = self._suppliers[service] = _client_of(session, service)
        return client


def _for_all(session: AwsSession) -> AwsSession:
    """Return a session like this one, whose clients are signed for with those of the call."""
    inner = copy.copy(cast("Any", getattr(session, "_session", session)))  # of boto3, or botocore's
    credentials = _OfTheCall()
    inner.get_credentials = lambda: credentials
    return cast("AwsSession", inner)


def _key_of(credentials: object) -> str | None:
    """Return the access key in use; None where finding out takes a request, or fails."""
    try:
        needs_refresh = getattr(credentials, "refresh_needed", None)
        if needs_refresh is not None and needs_refresh():
            return None
        return Caller(cast("Any", credentials).access_key).access_key
    except (BotoCoreError, ClientError):
        return None


def accounts_of_profiles(profiles: Iterable[object]) -> list[Account]:
    """Return the account of each profile, as ``GetCallerIdentity`` tells it.

    Raises:
        ConfigurationError: A profile cannot be used, or two are of one account.
    """
    found: dict[str, Account] = {}
    for profile in map(str, profiles):
        session = new_session(profile=profile)
        id_ = _identity(session, f"the account of the profile {profile} is not told")
        other = found.setdefault(id_, Account(id_, name=profile, profile=profile))
        if other.profile != profile:
            msg = f"the profiles {other.profile} and {profile} are of one account, {id_}"
            raise ConfigurationError(msg)
    return list(found.values())


def accounts_of_organization(
    role: str, external_id: str | None, session: AwsSession | None
) -> list[Account]:
    """Return the accounts of an organization, as ``ListAccounts`` tells them.

    Raises:
        ConfigurationError: They cannot be listed.
    """
    base = session or default_session() or new_session()
    what = "the accounts of the organization are not told"
    own = _identity(base, what)
    told = _told(
        lambda: _client_of(base, "organizations"),
        what,
        lambda client: [
            account
            for page in client.get_paginator("list_accounts").paginate()
            for account in page["Accounts"]
        ],
    )
    return [
        Account(
            account["Id"],
            role=None if account["Id"] == own else role,
            external_id=None if account["Id"] == own else external_id,
            name=account.get("Name"),
            suspended=(account.get("State") or account["Status"]) != "ACTIVE",
        )
        for account in told
    ]


def _identity(session: AwsSession, what: str) -> str:
    """Return the account that a session's credentials are of."""
    return _told(
        lambda: _client_of(session, "sts"),
        what,
        lambda client: str(client.get_caller_identity()["Account"]),
    )


def _client_of(session: AwsSession, service: str) -> Any:  # noqa: ANN401  (botocore's)
    make = getattr(session, "create_client", None) or cast("Any", session).client
    return make(service, region_name=_home_of(session))


def _home_of(session: AwsSession) -> str:
    return Setup(session).region or _HOME


def _told(
    make: Callable[[], Any], what: str, ask: Callable[[Any], ResultT], remedy: str | None = None
) -> ResultT:
    """Return what a service tells.

    Args:
        make: Makes the client.
        what: What is not known if it does not.
        ask: Asks it.
        remedy: What to do where it refuses.

    Raises:
        TransportError: It does not answer.
        ConfigurationError: It refuses, or cannot be asked.
    """
    known = Known(is_own=True)
    try:
        with configured(what, known):
            try:
                return ask(make())
            except CONNECTION_ERRORS as error:
                raise connection_error(error, what, known, may_have_applied=False) from None
    except ClientError as error:
        msg = f"{what}: {error}"
        raise ConfigurationError(msg, remedy=remedy) from error
