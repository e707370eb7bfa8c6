"""The simulated AWS as a server: the same state machines, over HTTP."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import shlex
import socket
import threading
from typing import TYPE_CHECKING, Final

from aiohttp import web

from botocancel.testing._control import Control
from botocancel.testing._http import CALLERS_FAULTS, Site
from botocancel.testing._models import endpoint_variable
from botocancel.testing._pace import Pace
from botocancel.testing._visitors import Visitors
from botocancel.testing._world import clients
from botocancel.testing.simulated_aws import DEFAULT_ACCOUNT, DEFAULT_REGION
from botocancel.testing.wire import access_key_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from botocancel.testing.scenario import Names, Scenario
    from botocancel.testing.simulated_aws import SimulatedAWS

__all__ = ["SimulatedServer"]

_BACKLOG: Final = 1024
_TICK: Final = 0.1
_PATIENCE: Final = 10.0
_LEAVE_TAKING: Final = 0.2


def _is_not_the_callers_fault(record: logging.LogRecord) -> bool:
    """Leave out that a caller's HTTP is none; the caller is told."""
    return not (record.exc_info and isinstance(record.exc_info[1], CALLERS_FAULTS))


_log = logging.getLogger("botocancel.testing.server.http")
_log.addFilter(_is_not_the_callers_fault)


class SimulatedServer:
    """Answers for a simulated AWS over HTTP, from a thread of its own, until closed.

    Requests of web pages are refused, and those that call it by a name that is not its own,
    unless it is exposed.

    Made by `SimulatedAWS.serve`. Clients that sign with `environment`, whatever
    they are written in, find the state that `aws` has.

    Args:
        aws: Who answers.
        host: The address to listen on.
        port: The port to listen on; 0 for any that is free.
        speed: How many times as fast as real time simulated time passes; None, or 0,
            where it moves only when told to.
        expose: Whether `host` may be another than a loopback address.
        scenario: What there is from the start.
        patience: Seconds that a request may take to arrive.

    Raises:
        DocumentError: The scenario speaks of something that there is not.
        OSError: The port is taken.
        ValueError: `host` is no loopback address and `expose` not set, or `speed`
            is negative or not a finite number.
    """

    def __init__(
        self,
        aws: SimulatedAWS,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        speed: float | None = None,
        expose: bool = False,
        scenario: Scenario | None = None,
        patience: float = _PATIENCE,
    ) -> None:
        self.aws = aws
        self._region = scenario.region if scenario else DEFAULT_REGION
        self._account = scenario.account if scenario else DEFAULT_ACCOUNT
        self._pace = Pace(speed)
        self._patience = patience
        control = Control(aws, self._pace, scenario)
        self.made: Mapping[str, Sequence[Names]] = control.made
        """What the scenario has made: ids and names, by section."""
        self._site = Site(aws, control, self._pace, patience, Visitors(host, expose=expose))
        self._socket = _listening(host, port, expose=expose)
        self.url: str = _url(host, self._socket)
        """Where it answers, for every service."""
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="simulated-aws", daemon=True)
        self._thread.start()

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which AWS's tools and SDKs find it, and credentials it knows."""
        return {
            **{endpoint_variable(client): self.url for client in clients()},
            "AWS_ACCESS_KEY_ID": access_key_of(self._account),
            "AWS_SECRET_ACCESS_KEY": "simulated",
            "AWS_DEFAULT_REGION": self._region,
            "AWS_REGION": self._region,
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",  # else some look for sync-127.0.0.1
        }

    @property
    def exports(self) -> str:
        """The `environment` as lines for a shell."""
        return "\n".join(
            f"export {name}={shlex.quote(value)}" for name, value in self.environment.items()
        )

    @property
    def failures(self) -> Sequence[Exception]:
        """What went wrong in the server itself: bugs, not faults."""
        return tuple(self._site.failures)

    def close(self) -> None:
        """Stop answering, and wait until it has stopped."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._closing.set)
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = web.Server(
            self._site.handle,
            auto_decompress=False,  # neither service takes compressed requests
            handler_cancellation=True,
            keepalive_timeout=self._patience,
            lingering_time=1.0,
            access_log=None,
            logger=_log,
        )
        runner = web.ServerRunner(server, shutdown_timeout=_LEAVE_TAKING)
        await runner.setup()
        await web.SockSite(runner, self._socket, backlog=_BACKLOG).start()
        ticking = asyncio.create_task(self._tick()) if self._pace.speed else None
        await self._closing.wait()
        if ticking is not None:
            ticking.cancel()
        await runner.cleanup()

    async def _tick(self) -> None:
        """Let time pass where nobody asks for it, for those who look on in this process."""
        while True:
            self._pace.catch_up(self.aws.clock)
            await asyncio.sleep(_TICK)


def _url(host: str, listening: socket.socket) -> str:
    port: int = listening.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _listening(host: str, port: int, *, expose: bool) -> socket.socket:
    """Return a socket that listens.

    Raises:
        OSError: The port is taken, or the host is not here.
        ValueError: Others than this machine could reach it, and `expose` is not set.
    """
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    if not expose and not ipaddress.ip_address(address[0]).is_loopback:
        msg = (
            f"{host} can be reached from other machines, and whoever reaches the simulated AWS "
            "can do anything to it; to allow that, say so twice: the host, and expose"
        )
        raise ValueError(msg)
    return socket.create_server((str(address[0]), port), family=family, backlog=_BACKLOG)
