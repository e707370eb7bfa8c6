"""Sessions and clients of botocore, and calls through them."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, cast

from botocore import exceptions as botocore_errors
from botocore.config import Config

from botocancel import __version__
from botocancel._answers import keep_body, read
from botocancel._fork import let_go_after_fork
from botocancel._session import new_session
from botocancel._translation import translated
from botocancel.errors import ConfigurationError, InvalidInput
from botocancel.model import Response
from botocancel.services import service_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from botocancel.effects import Call

__all__ = ["Aws", "AwsClient", "AwsClientMeta", "AwsSession"]

ResponseT = TypeVar("ResponseT", bound=Response)


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


_inherited: Final[list[object]] = []
"""Clients of the process that this one was forked from, which are never freed.

Freeing one would close its connection pools, under locks that may be held by threads that
this process does not have.
"""


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
        awaits: Whether clients of aiobotocore can be served.

    Raises:
        InvalidInput: A session or client is none.
    """

    def __init__(
        self,
        session: AwsSession | None = None,
        *,
        clients: Iterable[AwsClient] = (),
        region: str | None = None,
        connections: int = 10,
        awaits: bool = False,
    ) -> None:
        self._passed = {_key_of(client): client for client in clients}
        self._has_async = any(_is_async(client) for client in self._passed.values())
        if self._has_async and not awaits:
            msg = "clients of aiobotocore have to be awaited; pass them to AsyncTaskClient"
            raise InvalidInput(msg)
        if session is None and not self._passed:
            session = default_session()
        self._given = session
        self._region = region
        self._connections = connections
        self._used_before_fork: set[tuple[str, str]] = set()
        self._begin()
        let_go_after_fork(self)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._clients = dict(self._passed)
        self._found: dict[tuple[str, str | None, str | None], AwsClient] = {}
        self._session = self._given
        if self._given is None and not self._passed:
            self._session = new_session()
        self._make = None if self._session is None else _maker_of(self._session, self._connections)

    def let_go(self) -> None:
        """Make new clients, in a forked child; those passed in that have connections are lost."""
        used = set(self._found.values())
        self._used_before_fork |= {key for key, each in self._passed.items() if each in used}
        _inherited.append((self._clients, self._session))
        self._begin()

    def send(self, call: Call[ResponseT]) -> ResponseT:
        """Send one request and return its typed answer.

        Raises:
            BotocancelError: Whatever went wrong, translated.
        """
        request = call.request
        client = self.client_for(request.service, call.region, call.partition)
        protocol = _protocol_of(client)
        with translated(request, protocol):
            answer = getattr(client, request.method)(**request.to_wire())
            return read(request, answer, protocol)

    def has_async_client(self, call: Call[Response]) -> bool:
        """Say whether the client that would send a request is one of aiobotocore."""
        if not self._has_async:
            return False
        client = self.client_for(call.request.service, call.region, call.partition)
        return _is_async(client)

    async def send_async(self, call: Call[ResponseT]) -> ResponseT:
        """Send one request by a client of aiobotocore: see `send`."""
        request = call.request
        client = self.client_for(request.service, call.region, call.partition)
        protocol = _protocol_of(client)
        with translated(request, protocol):
            answer = await getattr(client, request.method)(**request.to_wire())
            return read(request, answer, protocol)

    def client_for(
        self, service: str, region: str | None = None, partition: str | None = None
    ) -> AwsClient:
        """Return the client of a service in a region; None for the default one.

        Raises:
            ConfigurationError: There is no client, and none can be made.
            InvalidInput: The region is not in the partition that the task's ARN names,
                or the credentials in use are of another partition.
        """
        asked = (service, region, partition)
        client = self._found.get(asked)
        if client is None:
            with self._lock:
                client = self._found[asked] = self._find(service, region, partition)
        return client

    def _find(self, service: str, region: str | None, partition: str | None) -> AwsClient:
        region = region or self._region or self._default_region(service)
        self._check_partition(service, region, partition)
        if (service, region) in self._used_before_fork:
            msg = (
                f"the client of {service} in {region!r} that was passed was in use when this "
                "process was forked, and cannot be used here too; make clients, and what they are "
                "passed to, in the process that uses them, or pass a session instead"
            )
            raise ConfigurationError(msg)
        client = self._clients.get((service, region))
        if client is None:
            client = self._clients[service, region] = self._new_client(service, region)
        return client

    def _default_region(self, service: str) -> str:
        ready = [region for name, region in self._clients if name == service]
        if self._session is not None:
            region = _region_of(self._session)
            if region is None:
                msg = (
                    "no region is configured, and the task's id holds none; pass region=, use the "
                    "task's ARN, or set AWS_REGION or AWS_DEFAULT_REGION"
                )
                raise ConfigurationError(msg)
            return region
        if len(ready) == 1:
            return ready[0]
        msg = (
            f"the task's id holds no region, and there are clients of {service} in "
            f"{', '.join(sorted(ready)) or 'no region'}; pass region= or use the task's ARN"
        )
        raise ConfigurationError(msg)

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
        home = self._region or (_region_of(self._session) if self._session else None)
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
            return ready.meta.partition
        if self._session is None:
            return None
        try:
            return self._session.get_partition_for_region(region)
        except botocore_errors.UnknownRegionError:
            return None

    def _new_client(self, service: str, region: str) -> AwsClient:
        if self._make is None:
            have = ", ".join(f"{name} in {where}" for name, where in sorted(self._clients))
            msg = (
                f"no client of {service} in {region!r} was passed (there is {have}); add one to "
                f"clients=, or pass a session"
            )
            raise ConfigurationError(msg)
        try:
            return self._make(service, region)
        except botocore_errors.BotoCoreError as error:
            msg = f"no client of {service} in {region!r} can be made: {error}"
            raise ConfigurationError(msg) from error


def default_session() -> AwsSession | None:
    """Return boto3's default session if the program has set one up."""
    return cast("AwsSession | None", getattr(sys.modules.get("boto3"), "DEFAULT_SESSION", None))


def _maker_of(session: AwsSession, connections: int) -> Callable[[str, str], AwsClient]:
    make = getattr(session, "create_client", None) or getattr(session, "client", None)
    if make is None or not hasattr(session, "get_partition_for_region"):
        hint = "; pass ready clients as clients=[…]" if hasattr(session, "meta") else ""
        msg = f"{session!r} is not a boto3 or botocore session{hint}"
        raise InvalidInput(msg)
    config = Config(user_agent_extra=f"botocancel/{__version__}", max_pool_connections=connections)

    def new_client(service: str, region: str) -> AwsClient:
        client = make(service, region_name=region, config=config)
        client.meta.events.register("response-received", keep_body)
        return cast("AwsClient", client)

    return new_client


def _region_of(session: AwsSession) -> str | None:
    read = getattr(session, "get_config_variable", None)  # which only botocore's sessions have
    return cast("str | None", read("region") if read else getattr(session, "region_name", None))


def _protocol_of(client: AwsClient) -> str:
    """Return what botocore calls the protocol that a client speaks."""
    model = cast("Any", client.meta).service_model
    try:
        return cast("str", model.resolved_protocol)
    except AttributeError:  # botocore before 1.35.92 knows one protocol for a service
        return cast("str", model.metadata["protocol"])


def _is_async(client: AwsClient) -> bool:
    return any(base.__module__.startswith("aiobotocore.") for base in type(client).__mro__)


def _key_of(client: AwsClient) -> tuple[str, str]:
    try:
        service = cast("Any", client.meta).service_model.service_name
        region = client.meta.region_name
    except AttributeError:
        msg = f"{client!r} is not a client of boto3 or botocore; a session is passed as session="
        raise InvalidInput(msg) from None
    service_named(service)
    return service, region
