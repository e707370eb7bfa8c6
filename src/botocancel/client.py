"""`TaskClient`: the flows, driven in plain code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeVar, overload

from botocancel import flows, services
from botocancel._aws import Aws
from botocancel._checks import (
    age_of,
    instance_of,
    region_of,
    regions_of,
    seconds_of,
    wait_options,
    workers_of,
)
from botocancel._drive import Driver
from botocancel._entries import journal_at
from botocancel.batch import Batch
from botocancel.listing import Listing
from botocancel.model import Request
from botocancel.polling import (
    DEFAULT_POLL,
    DEFAULT_TIMEOUT,
    DEFAULT_WORKERS,
    GUARD_RETRY,
    RetryPolicy,
    Rules,
    policy_of,
)
from botocancel.services import kinds_of, task_ref

if TYPE_CHECKING:
    import signal
    from collections.abc import Iterable, Mapping
    from os import PathLike

    from botocancel._aws import AwsClient, AwsSession
    from botocancel._generics import DetailT, ResponseT
    from botocancel._guarded import CancelMany, Means
    from botocancel._unions import AnyCancellation, AnyOutcome, AnySnapshot
    from botocancel.clocks import Clock
    from botocancel.effects import OnProgress, OnSight
    from botocancel.flows import IfEnded
    from botocancel.guard import Guard
    from botocancel.model import Response, Shape
    from botocancel.polling import Backoff
    from botocancel.refs import NamesTask, TaskRef
    from botocancel.results import Cancellation, Outcome, TaskSnapshot

__all__ = ["TaskClient"]

RefT = TypeVar("RefT", bound="TaskRef[Shape, Response]")


class TaskClient:
    """Describes, cancels, waits for and guards tasks of every service that botocancel knows.

    Safe to share between threads, and with forked children. Nothing is sent and no
    client is made before the first call.

    Wherever a task is taken, it may be a ref or anything that has one (a snapshot, a
    cancellation, an outcome), an AWS id or ARN, or a typed model that names a task.

    Args:
        session: A boto3 or botocore session. Without one, and without `clients`,
            boto3's default session if the program has set one up, else the usual
            chain of credentials and configuration.
        clients: Ready clients of boto3 or botocore, one a service and region, used
            as they are and never altered.
        region: Where to call for a task whose id holds no region; else the session's.
        poll: The delays between the polls of a wait.
        retry: Which failures of an intent are asked for again. Waits have a policy of
            their own if none is given; `cancel` then makes one attempt.
        workers: How many calls of a batch run at a time, in each service and region, and of
            `active` in all; clients that are made here keep so many connections.
        clock: What waits are measured on; a test may bring its own.
        journal: A file in which each cancel is noted before it is sent, and what came of it:
            see `botocancel.journal.Journal`; None for none.

    Raises:
        InvalidInput: A session or client is none, or a number is out of range.
    """

    def __init__(
        self,
        session: AwsSession | None = None,
        *,
        clients: Iterable[AwsClient] = (),
        region: str | None = None,
        poll: Backoff = DEFAULT_POLL,
        retry: RetryPolicy | None = None,
        workers: int = DEFAULT_WORKERS,
        clock: Clock | None = None,
        journal: str | PathLike[str] | None = None,
    ) -> None:
        self._workers = workers_of(workers)
        self._retry = retry
        self._rules = Rules(poll=poll, retry=retry or RetryPolicy())
        region = region_of(region)
        self._journal = journal
        self._aws = Aws(session, clients=clients, region=region, connections=self._workers)
        self._driver = Driver(self._aws, clock, self._workers, journal_at(journal))

    def call(self, request: Request[ResponseT], *, region: str | None = None) -> ResponseT:
        """Send one request as it is; the typed, one-to-one layer over the AWS API.

        Args:
            request: A generated request, such as ``CancelDataRepositoryTaskRequest``.
            region: Where to send it; else where the task is that it names, else the
                client's default.

        Raises:
            BotocancelError: As the service or the connection had it.
        """
        instance_of(request, "request", Request)
        return self._driver.run(flows.send(request, region_of(region)))

    @overload
    def describe(self, task: NamesTask[DetailT, ResponseT]) -> TaskSnapshot[DetailT]: ...
    @overload
    def describe(self, task: str | Shape) -> AnySnapshot: ...
    def describe(self, task: object) -> object:
        """Describe one task, by ``DescribeDataRepositoryTasks`` or ``DescribeTaskExecution``.

        Raises:
            InvalidInput: `task` names no task; nothing was sent.
            NotFound: The task does not exist for this account in this region.
            BotocancelError: As the service or the connection had it.
        """
        given = flows.given_of(task)
        return self._driver.run(flows.describe(given.ref, given))

    @overload
    def cancel(
        self,
        task: NamesTask[DetailT, ResponseT],
        *,
        retry: RetryPolicy | None = None,
        reason: str | None = None,
    ) -> Cancellation[ResponseT]: ...
    @overload
    def cancel(
        self, task: str | Shape, *, retry: RetryPolicy | None = None, reason: str | None = None
    ) -> AnyCancellation: ...
    def cancel(
        self, task: object, *, retry: RetryPolicy | None = None, reason: str | None = None
    ) -> object:
        """Ask to stop one task, by ``CancelDataRepositoryTask`` or ``CancelTaskExecution``.

        One request, and a describe only where the refusal could mean several things.
        The answer says what the service accepted, not that the task has stopped.

        Args:
            task: The task.
            retry: Ask again after failures that may pass, as this policy says; else as
                the client's does; without either, there is one attempt.
            reason: Why, for the receipt and the journal.

        Raises:
            InvalidInput: `task` names no task; nothing was sent.
            TaskEnded: The task had ended before; `TaskEnded.snapshot` says how.
            TaskCanceling: The task is being cancelled already, and the service refused.
            NotFound: The task does not exist for this account in this region.
            Unsupported: The service does not cancel this task.
            InternalException: The service failed.
            BotocancelError: As the service or the connection had it.
        """
        policy = policy_of(retry, self._retry)
        return self._driver.run(flows.cancel(task_ref(task), policy, self._rules, reason))

    @overload
    def wait(
        self,
        task: NamesTask[DetailT, ResponseT],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        on_progress: OnProgress | None = None,
    ) -> TaskSnapshot[DetailT]: ...
    @overload
    def wait(
        self,
        task: str | Shape,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        on_progress: OnProgress | None = None,
    ) -> AnySnapshot: ...
    def wait(
        self,
        task: object,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        on_progress: OnProgress | None = None,
    ) -> object:
        """Describe a task again and again until it has ended, however it ended.

        Failures that may pass, and statuses that nobody knows, are ridden out.

        Args:
            task: The task.
            timeout: Seconds until it gives up; at the deadline it looks once more.
            on_progress: Called with each new snapshot.

        Raises:
            InvalidInput: `task` names no task, or `timeout` is no number of seconds.
            WaitTimeout: The task was not seen to end in time; it has the last snapshot.
            BotocancelError: What will not pass.
        """
        seconds = wait_options(timeout, on_progress)
        return self._driver.run(flows.wait(flows.given_of(task), self._rules, seconds, on_progress))

    @overload
    def cancel_and_wait(
        self,
        task: NamesTask[DetailT, ResponseT],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        if_ended: IfEnded = "return",
        on_progress: OnProgress | None = None,
        reason: str | None = None,
    ) -> Outcome[DetailT]: ...
    @overload
    def cancel_and_wait(
        self,
        task: str | Shape,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        if_ended: IfEnded = "return",
        on_progress: OnProgress | None = None,
        reason: str | None = None,
    ) -> AnyOutcome: ...
    def cancel_and_wait(
        self,
        task: object,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        if_ended: IfEnded = "return",
        on_progress: OnProgress | None = None,
        reason: str | None = None,
    ) -> object:
        """Stop a task: cancel it, and again if that did not take, until it has ended.

        May be called again, by many at once, after a crash, on a task that is being
        cancelled or has ended: it answers with the outcome.

        Args:
            task: The task.
            timeout: Seconds until it gives up; at the deadline it looks once more, unless
                a cancel is under way then.
            if_ended: What to do about a task that had ended before any cancel of this
                call could matter: ``"return"`` its outcome, or ``"raise"`` `TaskEnded`.
            on_progress: Called with each new snapshot.
            reason: Why, for the receipt and the journal.

        Raises:
            InvalidInput: `task` names no task, or `timeout` is no number of seconds.
            TaskEnded: The task had ended before, and `if_ended` is ``"raise"``.
            WaitTimeout: The task was not seen to end in time; it has the last snapshot and
                says whether the cancel was accepted.
            NotFound: The task does not exist for this account in this region.
            Unsupported: The service does not cancel this task.
            BotocancelError: What will not pass.
        """
        seconds = wait_options(timeout, on_progress, if_ended)
        return self._driver.run(
            flows.cancel_and_wait(
                flows.given_of(task), self._rules, seconds, if_ended, on_progress, reason=reason
            )
        )

    @overload
    def cancel_many(
        self,
        tasks: Iterable[NamesTask[DetailT, ResponseT]],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        retry: RetryPolicy | None = None,
        reason: str | None = None,
    ) -> Batch[Cancellation[ResponseT]]: ...
    @overload
    def cancel_many(
        self,
        tasks: Iterable[NamesTask | str | Shape],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        retry: RetryPolicy | None = None,
        reason: str | None = None,
    ) -> Batch[AnyCancellation]: ...
    def cancel_many(
        self,
        tasks: Iterable[object],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        retry: RetryPolicy | None = None,
        reason: str | None = None,
    ) -> Batch[object]:
        """Ask to stop many tasks; results come in order of completion.

        What goes wrong with one, a bad id included, is its result and hides no other. A
        task that is named twice is asked once. Where a service throttles, the rest goes
        there at the rate that it takes; what was refused is asked for again as the policy says.

        Args:
            tasks: The tasks.
            timeout: Seconds until it gives up on those that have no answer: `TransportError`
                says of each whether its cancel was sent.
            retry: As in `cancel`.
            reason: Why, for the receipts and the journal.
        """
        seconds = seconds_of(timeout, "timeout")
        policy = policy_of(retry, self._retry)
        return Batch(
            tasks,
            lambda given: flows.cancel_many(given, policy, self._rules, seconds, reason),
            self._driver.iterate,
        )

    @overload
    def describe_many(
        self,
        tasks: Iterable[NamesTask[DetailT, ResponseT]],
        *,
        retry: RetryPolicy | None = None,
    ) -> Batch[TaskSnapshot[DetailT]]: ...
    @overload
    def describe_many(
        self,
        tasks: Iterable[NamesTask | str | Shape],
        *,
        retry: RetryPolicy | None = None,
    ) -> Batch[AnySnapshot]: ...
    def describe_many(
        self, tasks: Iterable[object], *, retry: RetryPolicy | None = None
    ) -> Batch[object]:
        """Describe many tasks; results come in order of completion, as `describe` has them.

        One request describes as many as the service allows, on FSx 50. What goes wrong with one,
        a bad id included, is its result and hides no other.

        Args:
            tasks: The tasks.
            retry: Ask again after failures that may pass, as this policy says; else as the
                client's does; without either, there is one attempt.
        """
        policy = policy_of(retry, self._retry)
        return Batch(
            tasks,
            lambda given: flows.describe_many(given, policy, self._rules),
            self._driver.iterate,
        )

    @overload
    def wait_many(
        self,
        tasks: Iterable[NamesTask[DetailT, ResponseT]],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        on_progress: OnSight | None = None,
    ) -> Batch[TaskSnapshot[DetailT]]: ...
    @overload
    def wait_many(
        self,
        tasks: Iterable[NamesTask | str | Shape],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        on_progress: OnSight | None = None,
    ) -> Batch[AnySnapshot]: ...
    def wait_many(
        self,
        tasks: Iterable[object],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        on_progress: OnSight | None = None,
    ) -> Batch[object]:
        """Wait for many tasks; results come in order of completion, as `wait` would have them.

        One poll serves many: FSx describes 50 tasks a request, and on DataSync listings
        are read where that is cheaper than describes.

        Args:
            tasks: The tasks.
            timeout: Seconds until it gives up on those that have not ended.
            on_progress: Called with each look at each task, maybe by several threads.
        """
        seconds = wait_options(timeout, on_progress)
        return Batch(
            tasks,
            lambda given: flows.wait_many(given, self._rules, seconds, on_progress),
            self._driver.iterate,
        )

    @overload
    def cancel_and_wait_many(
        self,
        tasks: Iterable[NamesTask[DetailT, ResponseT]],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        if_ended: IfEnded = "return",
        on_progress: OnSight | None = None,
        reason: str | None = None,
    ) -> Batch[Outcome[DetailT]]: ...
    @overload
    def cancel_and_wait_many(
        self,
        tasks: Iterable[NamesTask | str | Shape],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        if_ended: IfEnded = "return",
        on_progress: OnSight | None = None,
        reason: str | None = None,
    ) -> Batch[AnyOutcome]: ...
    def cancel_and_wait_many(
        self,
        tasks: Iterable[object],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        if_ended: IfEnded = "return",
        on_progress: OnSight | None = None,
        reason: str | None = None,
    ) -> Batch[object]:
        """Stop many tasks; results come in order of completion, as `cancel_and_wait` has them.

        Cancels run side by side, as in `cancel_many`; one poll serves many, as in
        `wait_many`, and the first one is when each cancel has been sent. The requests in an
        outcome are its own cancels only, for the polls are shared.

        Args:
            tasks: The tasks.
            timeout: Seconds until it gives up on those that have not ended.
            if_ended: As in `cancel_and_wait`.
            on_progress: Called when a cancel is accepted, and with each look at each task, maybe
                by several threads.
            reason: Why, for the receipts and the journal.
        """
        seconds = wait_options(timeout, on_progress, if_ended)
        return Batch(
            tasks,
            lambda given: flows.cancel_and_wait_many(
                given, self._rules, seconds, if_ended, on_progress, reason=reason
            ),
            self._driver.iterate,
        )

    def resume(
        self,
        journal: str | PathLike[str],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        on_progress: OnSight | None = None,
    ) -> Batch[AnyOutcome]:
        """Bring to their end the cancels of a journal of which it does not say how they ended.

        What was accepted is waited for, by its receipt. What was under way, and perhaps lost, is
        looked at first, and sent again only if the task is still running. Nothing is cancelled
        that the journal does not say was asked for. That it is resumed, and what comes of it,
        is noted there too; where it cannot be written, nothing is sent.

        Args:
            journal: The file.
            timeout: Seconds until it gives up on those that have not ended.
            on_progress: As in `cancel_and_wait_many`.

        Raises:
            JournalError: The file cannot be read.
        """
        from botocancel.journal import read, unfinished  # noqa: PLC0415  (few programs keep one)

        seconds = seconds_of(timeout, "timeout")
        cancels = unfinished(read(journal)[0])
        return Batch(
            cancels,
            lambda given: flows.resume(given, cancels, self._rules, seconds, on_progress),
            self._driver.noting_in(journal).iterate,
        )

    def active(
        self,
        *,
        kinds: Iterable[str] | Literal["all"] | None = None,
        regions: Iterable[str] | None = None,
        file_system: str | None = None,
        file_cache: str | None = None,
        task: str | None = None,
        type: str | None = None,  # noqa: A002  (as FSx calls it)
        tag: tuple[str, str] | None = None,
        filters: Mapping[str, str] | None = None,
        older_than: float | None = None,
        ended: bool = False,
        timeout: float = DEFAULT_TIMEOUT,
        retry: RetryPolicy | None = None,
    ) -> Listing:
        """Iterate over the tasks that have not ended, page by page, hiding the pages.

        All kinds and regions are looked in side by side, as many requests at a time as the
        client has workers, and what is found is told at once. A task that cannot be read, and a
        kind or region that does not answer, hides no other: `Listing.gaps` has it, with a
        warning in the log. Only where no place at all answers, the error of the first is
        raised. A filter limits the search to the kinds whose API knows it. A task that changes
        meanwhile is seen once at most.

        Args:
            kinds: The keys of the kinds of task to look for, such as ``["stepfunctions"]``, or
                ``"all"`` for each that botocancel brings; else FSx data repository tasks and
                DataSync task executions.
            regions: Where to look; else in the client's default region.
            file_system: FSx file system id.
            file_cache: FSx file cache id.
            task: ARN of a DataSync task, for its executions.
            type: FSx task type, such as ``EXPORT_TO_REPOSITORY``.
            tag: Key and value of a tag of an FSx task.
            filters: Filters of other kinds, by their names, such as ``state_machine``.
            older_than: Seconds since the task was asked for, at least.
            ended: Whether to add those that have ended, as far as the service lists them.
            timeout: Seconds that its requests may take in all; what the caller does between
                two snapshots takes none of them.
            retry: Ask again after failures that may pass, as this policy says; else as the
                client's does; without either, there is one attempt.

        Raises:
            InvalidInput: A number, `regions`, `kinds` or the value of a filter cannot be right,
                or none of the kinds knows a filter.
            WaitTimeout: The requests took longer; there may be more tasks.
            BotocancelError: No kind answered in any region; what was raised of the first.
        """
        if older_than is not None:
            age_of(older_than, "older_than")
        seconds = seconds_of(timeout, "timeout")
        wanted = services.Wanted(
            file_system=file_system,
            file_cache=file_cache,
            task=task,
            type=type,
            tag=tag,
            filters=filters or {},
            ended=ended,
        )
        places = regions_of(regions)
        return Listing(
            self._driver.iterate(
                flows.active(
                    wanted,
                    kinds_of(kinds),
                    places,
                    older_than=older_than,
                    timeout=seconds,
                    retry=policy_of(retry, self._retry),
                    rules=self._rules,
                ),
                in_all=True,
            )
        )

    @overload
    def restart(self, task: RefT) -> RefT: ...
    @overload
    def restart(
        self, task: NamesTask[DetailT, ResponseT] | str | Shape
    ) -> TaskRef[Shape, Response]: ...
    def restart(self, task: object) -> object:
        """Start the work of a task anew, or take it up again, where AWS documents such a repair.

        For DataSync a new execution takes over options, includes, excludes, manifest and report, by
        ``StartTaskExecution``; a Step Functions execution is redriven under its ARN.

        Raises:
            Unsupported: The service documents no such repair, as FSx does not; or the task's state
                does not allow it.
            BotocancelError: As the service or the connection had it.
        """
        return self._driver.run(flows.restart(task_ref(task)))

    def guard(
        self,
        *tasks: NamesTask | str | Shape,
        signals: Iterable[signal.Signals] | None = None,
        always: bool = False,
        retry: RetryPolicy = GUARD_RETRY,
        keeper: bool | str | PathLike[str] = False,
    ) -> Guard:
        """Return a context manager that cancels tasks if its block dies: see `Guard`.

        Args:
            tasks: What to guard; `Guard.add` adds more in the block.
            signals: Signals that shall count as a death; SIGTERM and SIGHUP if none are named,
                where the program has no handlers of its own for them.
            always: Cancel also when the block ends well.
            retry: How hard to try.
            keeper: Whether to start a process that cancels the tasks if this one dies without a
                word, as by SIGKILL; or a file for its log.

        Raises:
            InvalidInput: One of `tasks` names no task, or a signal or `keeper` cannot be right.
            ConfigurationError: There are no keepers on this system, or for the clients that were
                passed. On entering the block: the keeper cannot be started.
        """
        from botocancel.guard import Guard  # noqa: PLC0415  (only who guards loads it)

        return Guard(
            self._means,
            tasks,
            signals=signals,
            always=always,
            retry=retry,
            keeper=keeper,
        )

    def guard_process(
        self,
        *tasks: NamesTask | str | Shape,
        signals: Iterable[signal.Signals] | None = None,
        always: bool = False,
        retry: RetryPolicy = GUARD_RETRY,
        keeper: bool | str | PathLike[str] = False,
    ) -> Guard:
        """Return a guard of the whole process, to be entered once, in the main thread.

        Worker threads, executors and callbacks add and release their tasks. The tasks of guards
        that are entered in other threads are its tasks, too, until these are left; it cancels
        them with this client.

        Args:
            tasks: As in `guard`.
            signals: As in `guard`.
            always: As in `guard`.
            retry: As in `guard`.
            keeper: As in `guard`.

        Raises:
            InvalidInput: As `guard`. On entering it: this is another thread, or the process has
                such a guard.
            ConfigurationError: As `guard`.
        """
        from botocancel.guard import Guard  # noqa: PLC0415  (only who guards loads it)

        return Guard(
            self._means,
            tasks,
            signals=signals,
            always=always,
            retry=retry,
            keeper=keeper,
            of_process=True,
        )

    @property
    def _means(self) -> Means[CancelMany]:
        """What guards cancel with."""
        from botocancel._guarded import Means  # noqa: PLC0415  (as in `guard`)

        return Means(
            cancel_many=lambda refs, policy: self.cancel_many(refs, retry=policy),
            aws=self._aws,
            workers=self._workers,
            journal=self._journal,
        )
