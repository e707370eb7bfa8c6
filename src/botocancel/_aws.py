"""Clients of botocore by service and region, and calls through them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast

from botocancel._answers import read
from botocancel._checks import items_of
from botocancel._fork import let_go_after_fork
from botocancel._handing import Handed
from botocancel._known import Known
from botocancel._setup import (
    NOBODY,
    AwsClient,
    AwsClientMeta,
    AwsSession,
    Setup,
    default_session,
    is_async,
    protocol_of,
)
from botocancel._translation import translated
from botocancel.effects import Whereabouts
from botocancel.errors import (
    BotocancelError,
    BotocoreTooOld,
    ConfigurationError,
    CredentialsUnavailable,
    InvalidInput,
)
from botocancel.model import Response
from botocancel.results import TaskPlace
from botocancel.services import kinds_of_client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from botocancel.effects import Call
    from botocancel.model import Request, Shape
    from botocancel.refs import TaskRef

__all__ = ["Aws", "AwsClient", "AwsClientMeta", "AwsSession", "default_session"]

ResponseT = TypeVar("ResponseT", bound=Response)


_inherited: Final[list[object]] = []
"""Clients of the process that this one was forked from, which are never freed.

Freeing one would close its connection pools, under locks that may be held by threads that
this process does not have.
"""


class _Reached(NamedTuple):
    """A client, what is known of it, and where it calls, but for the account."""

    client: AwsClient
    known: Known
    place: TaskPlace

    @classmethod
    def by(cls, client: AwsClient, known: Known) -> _Reached:
        """Return what is reached by a client."""
        meta = client.meta
        return cls(client, known, TaskPlace(region=meta.region_name, partition=meta.partition))


class Aws:
    """Clients by service and region, made once and under a lock, and calls through them.

    A forked child makes clients of its own, for the connections of those that are there are
    its parent's.

    Args:
        session: Makes the clients that `clients` lacks. Without either, boto3's
            default session if the program has set one up, else a new botocore
            session, which finds credentials and region by the usual chain.
        clients: Ready clients, used as they are and never altered.
        region: Where to call for a task whose id holds no region; else the session's.
        connections: How many connections a client that is made here keeps open.
        attempts: How often botocore tries a call of such a client; None for as configured.
        awaits: Whether clients of aiobotocore can be served.

    Raises:
        InvalidInput: A session or client has the wrong type.
        ConfigurationError: botocore cannot use its configuration.
    """

    def __init__(
        self,
        session: AwsSession | None = None,
        *,
        clients: Iterable[AwsClient] = (),
        region: str | None = None,
        connections: int = 10,
        attempts: int | None = None,
        awaits: bool = False,
    ) -> None:
        items = cast("tuple[AwsClient, ...]", items_of(clients, "clients", "client"))
        self._passed = {_key_of(client): client for client in items}
        self._has_async = any(map(is_async, self._passed.values()))
        if self._has_async and not awaits:
            msg = "clients of aiobotocore have to be awaited; pass them to AsyncTaskClient"
            raise InvalidInput(msg)
        if session is None and not self._passed:
            session = default_session()
        self._given = session
        self._region = region
        self._connections = connections
        self._attempts = attempts
        self._used_before_fork: set[tuple[str, str]] = set()
        self._begin()
        let_go_after_fork(self)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._clients = {
            key: _Reached.by(client, Known(is_own=False, protocol=protocol_of(client)))
            for key, client in self._passed.items()
        }
        self._found: dict[tuple[str, str | None, str | None], _Reached] = {}
        is_needed = self._given is not None or not self._passed
        self._setup = Setup(self._given, self._connections, self._attempts) if is_needed else None

    def let_go(self) -> None:
        """Make new clients, in a forked child; those passed in that have connections are lost."""
        used = {reached.client for reached in self._found.values()}
        self._used_before_fork |= {key for key, each in self._passed.items() if each in used}
        _inherited.append((self._clients, self._setup))
        self._begin()

    def send(self, call: Call[ResponseT]) -> ResponseT:
        """Send one request and return its typed answer.

        Raises:
            BotocancelError: Whatever went wrong, translated.
        """
        request = call.request
        reached = self._reach(request.service, call.region, call.partition)
        client, known, _ = reached
        try:
            with translated(request, known):
                answer = _method(client, request)(**request.to_wire())
                return read(request, answer, known.protocol)
        except CredentialsUnavailable:
            self._forget(reached)
            raise

    def has_async_client(self, call: Call[Response]) -> bool:
        """Say whether the client that would send a request is one of aiobotocore."""
        if not self._has_async:
            return False
        client = self.client_for(call.request.service, call.region, call.partition)
        return is_async(client)

    async def send_async(self, call: Call[ResponseT]) -> ResponseT:
        """Send one request by a client of aiobotocore: see `send`."""
        request = call.request
        client, known, _ = self._reach(request.service, call.region, call.partition)
        with translated(request, known):
            answer = await _method(client, request)(**request.to_wire())
            return read(request, answer, known.protocol)

    def enter(self, account: str) -> tuple[str, ...]:
        """Get into an account of a fleet, and return the regions where there may be tasks.

        Raises:
            ConfigurationError: This is no fleet.
        """
        msg = f"account {account} is of no fleet"
        raise ConfigurationError(msg)

    def whereabouts(self, ref: TaskRef[Shape, Response]) -> Whereabouts:
        """Say where the requests about a task go, and who asks, without sending any."""
        try:
            _, known, place = self._reach(ref.service, ref.region, ref.partition)
        except BotocancelError:  # the request itself will say so
            return Whereabouts(TaskPlace(account=ref.account, region=ref.region), None)
        is_own = known.is_own and known.had_credentials
        caller = self._setup.caller if self._setup is not None and is_own else NOBODY
        account = ref.account or caller.account
        if account is not None:
            place = TaskPlace(account=account, region=place.region, partition=place.partition)
        return Whereabouts(place, caller.access_key)

    def prepare(self, ref: TaskRef[Shape, Response]) -> None:
        """Have the client for the requests about a task, and its credentials, without sending any.

        Raises:
            BotocancelError: They cannot be had as things are.
        """
        if self._reach(ref.service, ref.region, ref.partition).known.is_own and self._setup:
            self._setup.renew()

    def endpoint(self, ref: TaskRef[Shape, Response]) -> tuple[str, str]:
        """Return where the requests about a task go: the region, and the URL.

        Raises:
            BotocancelError: There is no client for them, and none can be made.
        """
        client, _, place = self._reach(ref.service, ref.region, ref.partition)
        return cast("str", place.region), cast("Any", client.meta).endpoint_url

    def check_handing(self) -> None:
        """Check that another process can be handed credentials, as far as that is known at once.

        Raises:
            ConfigurationError: The clients that were passed have none to hand over.
        """
        if self._setup is None:
            _ = self.handed

    @property
    def handed(self) -> Handed:
        """What another process is handed for the credentials that are in use.

        Raises:
            ConfigurationError: They cannot be handed to it.
        """
        if self._setup is not None:
            return self._setup.handed
        if self._has_async:
            msg = "the credentials of clients of aiobotocore cannot be handed to another process"
            raise ConfigurationError(msg, remedy="pass a session instead of clients")
        return Handed.of_clients(self._passed.values())

    def client_for(
        self, service: str, region: str | None = None, partition: str | None = None
    ) -> AwsClient:
        """Return the client of a service in a region; None for the default one.

        Raises:
            ConfigurationError: There is no client, and none can be made.
            InvalidInput: The region is not in the partition that the task's ARN names,
                or the credentials in use are of another partition.
        """
        return self._reach(service, region, partition).client

    def _reach(self, service: str, region: str | None, partition: str | None) -> _Reached:
        asked = (service, region, partition)
        reached = self._found.get(asked)
        if reached is None:
            with self._lock:
                reached = self._found[asked] = self._find(service, region, partition)
        return reached

    def _forget(self, reached: _Reached) -> None:
        """Have a client made anew if it was made where there were no credentials yet.

        It would have none for ever, as botocore looks for them when a client is made.
        """
        if reached.known.had_credentials or not reached.known.is_own:
            return
        with self._lock:
            self._clients = {
                key: each for key, each in self._clients.items() if each is not reached
            }
            self._found = {key: each for key, each in self._found.items() if each is not reached}

    def _find(self, service: str, region: str | None, partition: str | None) -> _Reached:
        region = region or self._region or self._default_region(service)
        self._check_partition(service, region, partition)
        if (service, region) in self._used_before_fork:
            msg = (
                f"the client of {service} in {region!r} that was passed was in use when this "
                "process was forked, and cannot be used here too; make clients, and what they are "
                "passed to, in the process that uses them, or pass a session instead"
            )
            raise ConfigurationError(msg)
        reached = self._clients.get((service, region))
        if reached is None:
            reached = self._clients[service, region] = self._new_client(service, region)
        return reached

    def _default_region(self, service: str) -> str:
        ready = [region for name, region in self._clients if name == service]
        if self._setup is not None:
            region = self._setup.region
            if region is None:
                msg = "no region is configured, and the task's id holds none"
                remedy = "pass region=, use the task's ARN, or set AWS_REGION or AWS_DEFAULT_REGION"
                raise ConfigurationError(msg, remedy=remedy)
            return region
        if len(ready) == 1:
            return ready[0]
        msg = (
            f"the task's id holds no region, and there are clients of {service} in "
            f"{', '.join(sorted(ready)) or 'no region'}"
        )
        raise ConfigurationError(msg, remedy="pass region= or use the task's ARN")

    def _check_partition(self, service: str, region: str, partition: str | None) -> None:
        if partition is None:
            return
        actual = self._partition_of(service, region)
        if actual is not None and actual != partition:
            msg = (
                f"the ARN names the partition {partition!r}, but its region {region!r} is in "
                f"{actual!r}; check the ARN, such as 'arn:{actual}:…:{region}:…'"
            )
            raise InvalidInput(msg)
        home = self._region or (self._setup.region if self._setup else None)
        own = self._partition_of(service, home) if home else None
        if own is not None and own != partition:
            msg = (
                f"the task is in the partition {partition!r}, but this client is set up for "
                f"{home!r} in {own!r}, whose credentials do not work there; pass a session "
                f"with a region and credentials of {partition!r}"
            )
            raise InvalidInput(msg)

    def _partition_of(self, service: str, region: str) -> str | None:
        ready = self._clients.get((service, region))
        if ready is not None:
            return ready.client.meta.partition
        return None if self._setup is None else self._setup.partition_of(region)

    def _new_client(self, service: str, region: str) -> _Reached:
        if self._setup is None:
            have = ", ".join(f"{name} in {where}" for name, where in sorted(self._clients))
            msg = f"no client of {service} in {region!r} was passed (there is {have})"
            raise ConfigurationError(msg, remedy="add one to clients=, or pass a session")
        return _Reached.by(*self._setup.new_client(service, region))


def _method(client: AwsClient, request: Request[Response]) -> Callable[..., Any]:
    """Return the method of a client that sends a request.

    Raises:
        BotocoreTooOld: The client's model of the service is older than the operation.
    """
    method = cast("Callable[..., Any] | None", getattr(client, request.method, None))
    if method is None:
        msg = f"this botocore's model of {request.service} does not have {request.operation} yet"
        raise BotocoreTooOld(msg, remedy="install a newer botocore")
    return method


def _key_of(client: AwsClient) -> tuple[str, str]:
    try:
        service = cast("Any", client.meta).service_model.service_name
        region = client.meta.region_name
    except AttributeError:
        msg = (
            f"something of type {type(client).__name__} is not a client of boto3 or botocore; "
            "a session is passed as session="
        )
        raise InvalidInput(msg) from None
    next(kinds_of_client(service))
    return service, region
