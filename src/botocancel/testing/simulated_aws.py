"""One AWS to talk to: through real botocore clients, or by typed requests."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar, cast

import attrs

from botocancel.client import TaskClient
from botocancel.model import Response, ResponseMetadata
from botocancel.services._simulator import DEFAULT_START, SimulatedError, VirtualClock
from botocancel.testing._credentials import ExpiringCredentials
from botocancel.testing._front import answered, refused
from botocancel.testing._network import session_over
from botocancel.testing._protocols.values import json_body
from botocancel.testing._world import World
from botocancel.testing.faults import GarbageAnswered, conditions_of, replaced, spoiled
from botocancel.testing.wire import HttpAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import boto3.session
    from botocore.session import Session

    from botocancel.model import Request
    from botocancel.services._simulator import (
        HistoryRecord,
        SimulatorSettings,
    )
    from botocancel.services._simulator.declared import DeclaredSimulator
    from botocancel.testing._identity import SimulatedAccount
    from botocancel.testing._world import RequestRecord
    from botocancel.testing.faults import Fault
    from botocancel.testing.server import SimulatedServer
    from botocancel.testing.wire import HttpRequest

__all__ = ["DEFAULT_ACCOUNT", "DEFAULT_REGION", "SimulatedAWS"]

DEFAULT_ACCOUNT: Final = "123456789012"
"""The account where none is named."""
DEFAULT_REGION: Final = "us-east-1"
"""The region where none is named."""

ResponseT = TypeVar("ResponseT", bound=Response)


class SimulatedAWS:
    """An AWS in this process: every account, every region, and time that moves when told to.

    Deterministic: the same seed and the same calls make the same ids and history.
    May be shared between threads.

    Args:
        *settings: How services behave where that is free or not known; one for a kind at most,
            and one for all others.
        seed: Decides ids, and faults that are only probable.
        start: When simulated time begins; aware.

    Raises:
        ValueError: `start` has no time zone, or settings are for no service here, or
            there are two for one.
    """

    def __init__(
        self, *settings: SimulatorSettings, seed: int = 0, start: datetime = DEFAULT_START
    ) -> None:
        self._clock = VirtualClock(start)
        self._new_world = partial(World, settings, seed, self._clock)
        self._world = self._new_world()

    @property
    def clock(self) -> VirtualClock:
        """Simulated time; the same object for as long as there is this AWS."""
        return self._clock

    @property
    def history(self) -> Sequence[HistoryRecord]:
        """Every status change and every request a service handled, in order; the truth."""
        return self._world.history

    @property
    def requests(self) -> Sequence[RequestRecord]:
        """Every request that arrived, handled or not, in order."""
        return self._world.requests

    def advance(self, seconds: float) -> None:
        """Move time on; tasks go on as they would in that time.

        Raises:
            ValueError: `seconds` is negative or not a finite number.
        """
        self.clock.advance(seconds)

    def inject(self, fault: Fault) -> None:
        """Let something go wrong with requests to come."""
        with self.clock.lock:
            self._world.faults.inject(fault)

    def clear_faults(self) -> None:
        """Let nothing go wrong any more."""
        with self.clock.lock:
            self._world.faults.clear()

    def simulator(
        self, service: str, *, region: str = DEFAULT_REGION, account: str = DEFAULT_ACCOUNT
    ) -> DeclaredSimulator:
        """Return the simulator of a kind of task, by its key, to set up and to look into.

        Raises:
            LookupError: No such kind is simulated.
            ValueError: The account is none.
        """
        return cast("DeclaredSimulator", self._world.simulator(service, account, region))

    def fsx(
        self, *, region: str = DEFAULT_REGION, account: str = DEFAULT_ACCOUNT
    ) -> DeclaredSimulator:
        """Return the simulated Amazon FSx of an account in a region, as `simulator` does."""
        return self.simulator("fsx", region=region, account=account)

    def datasync(
        self, *, region: str = DEFAULT_REGION, account: str = DEFAULT_ACCOUNT
    ) -> DeclaredSimulator:
        """Return the simulated AWS DataSync of an account in a region, as `simulator` does."""
        return self.simulator("datasync", region=region, account=account)

    def session(
        self,
        *,
        region: str = DEFAULT_REGION,
        account: str = DEFAULT_ACCOUNT,
        credentials_lifetime: float | None = None,
    ) -> Session:
        """Return a botocore session whose clients talk to this AWS.

        Its clients serialize, sign, retry and parse as ever; only what they send
        stays in the process. Nothing on the machine has a say: no environment
        variables, no files, no metadata service.

        Args:
            region: The session's region; its clients may be made for others.
            account: The account that its credentials are of, 12 digits.
            credentials_lifetime: Seconds of simulated time after which its credentials
                expire; None where they never do. botocore renews them as it signs a
                request from 15 minutes before that on, and has to from 10 minutes on.
        """
        credentials = None
        if credentials_lifetime is not None:
            credentials = ExpiringCredentials(
                account, credentials_lifetime, self.clock, self._faults_at_refresh
            )
        return session_over(self.answer, account=account, region=region, credentials=credentials)

    def _faults_at_refresh(self) -> tuple[Fault, ...]:
        with self.clock.lock:
            return self._world.faults.due_at_refresh()

    def boto3_session(
        self,
        *,
        region: str = DEFAULT_REGION,
        account: str = DEFAULT_ACCOUNT,
        credentials_lifetime: float | None = None,
    ) -> boto3.session.Session:
        """Return a boto3 session whose clients talk to this AWS, as `session` does."""
        from boto3.session import Session as Boto3Session  # noqa: PLC0415  (few need boto3)

        session = self.session(
            region=region, account=account, credentials_lifetime=credentials_lifetime
        )
        return Boto3Session(botocore_session=session)

    def client(self, *, region: str = DEFAULT_REGION, account: str = DEFAULT_ACCOUNT) -> TaskClient:
        """Return a client of botocancel that talks to this AWS; its waits take no real time."""
        return TaskClient(self.session(region=region, account=account), clock=self.clock)

    def handle(
        self,
        request: Request[ResponseT],
        *,
        region: str = DEFAULT_REGION,
        account: str = DEFAULT_ACCOUNT,
    ) -> ResponseT:
        """Answer a typed request, without botocore and without a wire; fast.

        Faults strike it as any other. Values are judged by the service alone, not
        by botocore's model.

        Raises:
            SimulatedError: The service refuses, or a fault says so.
            ConnectionLost: A fault says so.
            GarbageAnswered: A fault says so.
            WireError: A fault took a member that the answer's shape requires.
            LookupError: No such service or operation is simulated.
        """
        parameters = request.to_wire()
        simulator = self._world.asked(
            request.service, request.operation, parameters, account, region
        )
        request_id = self._world.new_request_id()

        def work(faults: tuple[Fault, ...]) -> ResponseT:
            return simulator.handle(request, conditions_of(faults))

        came, faults = self._world.serve(simulator, request.operation, parameters, request_id, work)
        if isinstance(came, SimulatedError):
            raise came
        metadata = ResponseMetadata(request_id=request_id, http_status=200)
        if not faults:
            return attrs.evolve(came, metadata=metadata)
        wire = replaced(came.to_wire(), faults)
        self._arrive(wire, faults)
        answer = cast("ResponseT", request.response_type.from_wire(wire))
        return attrs.evolve(answer, metadata=metadata)

    def _arrive(self, wire: dict[str, object], faults: tuple[Fault, ...]) -> None:
        """Let what becomes of an answer on its way become of it, though there is no wire.

        Raises:
            GarbageAnswered: It does not arrive as it left.
        """
        left = HttpAnswer(status=200, headers={}, body=json_body(wire))
        arrives = spoiled(left, faults)
        self.clock.advance(arrives.seconds_per_byte * len(arrives.body))
        if arrives.body != left.body:
            raise GarbageAnswered(arrives.status, arrives.body.decode(errors="replace"))

    def answer(self, request: HttpRequest) -> HttpAnswer:
        """Answer an HTTP request, as the services' endpoints do.

        Account and region are those that the request is signed for.

        Raises:
            ConnectionLost: A fault breaks the connection.
            ModelViolation: A simulator has a bug.
        """
        return answered(self._world, request)

    def add_account(self, account: SimulatedAccount) -> SimulatedAccount:
        """Add an account whose roles can be assumed, and that Organizations tells of."""
        self._world.accounts.known[account.id] = account
        return account

    def refuse(self, request: HttpRequest, error: SimulatedError) -> HttpAnswer:
        """Answer an HTTP request with an error, without any service seeing it."""
        return refused(self._world, request, error)

    def reset(self) -> None:
        """Begin again: no tasks, no faults, no history, and the clock at the start of time.

        Clients and sessions go on; simulators and logs taken before are of what was.
        """
        with self.clock.lock:
            self.clock.reset()
            self._world = self._new_world()

    def serve(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        speed: float | None = None,
        expose: bool = False,
    ) -> SimulatedServer:
        """Answer over HTTP, from a thread of its own, until closed.

        For another program, say::

            with SimulatedAWS().serve() as server:
                subprocess.run(["aws", "fsx", ...], env=os.environ | server.environment)

        Args:
            host: The address to listen on.
            port: The port to listen on; 0 for any that is free.
            speed: How many times as fast as real time simulated time passes; None, or
                0, where it moves only when told to.
            expose: Whether `host` may be another than a loopback address; whoever
                reaches it can do anything to this simulation.

        Raises:
            ModuleNotFoundError: The extra ``server`` is not installed.
            OSError: The port is taken.
            ValueError: `host` is no loopback address and `expose` not set, or `speed`
                is negative or not a finite number.
        """
        try:
            from botocancel.testing.server import SimulatedServer  # noqa: PLC0415  (of an extra)
        except ModuleNotFoundError as missing:
            msg = f"the server needs {missing.name}: pip install 'botocancel[server]'"
            raise ModuleNotFoundError(msg, name=missing.name) from missing
        return SimulatedServer(self, host=host, port=port, speed=speed, expose=expose)
