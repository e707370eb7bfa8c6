"""`TaskClient`: the flows, driven over botocore clients."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, TypeVar, cast, overload

from botocancel import flows
from botocancel._aws import Aws, default_session
from botocancel.model import Response, Shape
from botocancel.services import task_ref

if TYPE_CHECKING:
    from collections.abc import Iterable

    from botocancel._aws import AwsClient, AwsSession
    from botocancel.effects import Flow
    from botocancel.model import Request
    from botocancel.refs import NamesTask
    from botocancel.results import Cancellation, TaskSnapshot
    from botocancel.services._builtin import AnyCancellation, AnySnapshot

__all__ = ["TaskClient"]

DetailT = TypeVar("DetailT", bound=Shape)
ResponseT = TypeVar("ResponseT", bound=Response)
ResultT = TypeVar("ResultT")


class TaskClient:
    """Describes and cancels tasks of every service that botocancel knows.

    Safe to share between threads. Nothing is sent and no client is made before
    the first call.

    Args:
        session: A boto3 or botocore session. Without one, and without `clients`,
            boto3's default session if the program has set one up, else the usual
            chain of credentials and configuration.
        clients: Ready clients of boto3 or botocore, one a service and region, used
            as they are and never altered.
        region: Where to call for a task whose id holds no region; else the session's.

    Raises:
        InvalidInput: A session or client is none.
    """

    def __init__(
        self,
        session: AwsSession | None = None,
        *,
        clients: Iterable[AwsClient] = (),
        region: str | None = None,
    ) -> None:
        self._aws = Aws(session, clients=clients, region=region)

    def call(self, request: Request[ResponseT], *, region: str | None = None) -> ResponseT:
        """Send one request as it is; the typed, one-to-one layer over the AWS API.

        Args:
            request: A generated request, such as ``CancelDataRepositoryTaskRequest``.
            region: Where to send it; else where the task is that it names, else the
                client's default.

        Raises:
            BotocancelError: As the service or the connection had it.
        """
        return self._run(flows.send(request, region))

    @overload
    def describe(self, task: NamesTask[DetailT, ResponseT]) -> TaskSnapshot[DetailT]: ...
    @overload
    def describe(self, task: str | Shape) -> AnySnapshot: ...
    def describe(self, task: object) -> object:
        """Describe one task, by ``DescribeDataRepositoryTasks`` or ``DescribeTaskExecution``.

        Args:
            task: A ref or anything that has one, an AWS id or ARN, or a typed model
                that names a task.

        Raises:
            InvalidInput: `task` names no task; nothing was sent.
            NotFound: The task does not exist for this account in this region.
            BotocancelError: As the service or the connection had it.
        """
        return self._run(flows.describe(task_ref(task)))

    @overload
    def cancel(self, task: NamesTask[DetailT, ResponseT]) -> Cancellation[ResponseT]: ...
    @overload
    def cancel(self, task: str | Shape) -> AnyCancellation: ...
    def cancel(self, task: object) -> object:
        """Ask to stop one task, by ``CancelDataRepositoryTask`` or ``CancelTaskExecution``.

        One request, and a describe only where the refusal could mean several things.
        The answer says what the service accepted, not that the task has stopped.

        Args:
            task: A ref or anything that has one, an AWS id or ARN, or a typed model
                that names a task.

        Raises:
            InvalidInput: `task` names no task; nothing was sent.
            TaskEnded: The task had ended before; `TaskEnded.snapshot` says how.
            TaskCanceling: The task is being cancelled already, and the service refused.
            NotFound: The task does not exist for this account in this region.
            Unsupported: The service does not cancel this task.
            InternalException: The service failed.
            BotocancelError: As the service or the connection had it.
        """
        return self._run(flows.cancel(task_ref(task)))

    def _run(self, flow: Flow[ResultT]) -> ResultT:
        """Perform what the flow asks for until it returns."""
        try:
            effect = next(flow)
            while True:
                try:
                    answer = self._aws.send(effect)
                except BaseException as error:  # noqa: BLE001  (the flow decides what becomes of it)
                    effect = flow.throw(error)
                else:
                    effect = flow.send(answer)
        except StopIteration as stop:
            return cast("ResultT", stop.value)


@overload
def describe(task: NamesTask[DetailT, ResponseT]) -> TaskSnapshot[DetailT]: ...
@overload
def describe(task: str | Shape) -> AnySnapshot: ...
def describe(task: NamesTask[Shape, Response] | str | Shape) -> object:
    """Describe one task with the default client: see `TaskClient.describe`."""
    return _default_client().describe(task)


@overload
def cancel(task: NamesTask[DetailT, ResponseT]) -> Cancellation[ResponseT]: ...
@overload
def cancel(task: str | Shape) -> AnyCancellation: ...
def cancel(task: NamesTask[Shape, Response] | str | Shape) -> object:
    """Ask to stop one task with the default client: see `TaskClient.cancel`."""
    return _default_client().cancel(task)


_default_lock: Final = threading.Lock()
_default: tuple[object, TaskClient] | None = None


def _default_client() -> TaskClient:
    """Return the client of the module's functions, made anew if boto3's default session changed."""
    global _default  # noqa: PLW0603  (one client for the process, as boto3 has one session)
    with _default_lock:
        session = default_session()
        if _default is None or _default[0] is not session:
            _default = session, TaskClient(session)
        return _default[1]
