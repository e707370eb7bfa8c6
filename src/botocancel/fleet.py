"""`Fleet` and `AsyncFleet`: the tasks of many accounts, as `TaskClient` has those of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self, TypedDict, Unpack, cast

from botocancel import flows
from botocancel._checks import (
    age_of,
    instance_of,
    items_of,
    regions_of,
    seconds_of,
    wait_options,
    workers_of,
)
from botocancel._entries import journal_at
from botocancel._fleet_aws import FleetAws, accounts_of_organization, accounts_of_profiles
from botocancel.accounts import Account
from botocancel.batch import AsyncBatch, Batch
from botocancel.errors import InvalidInput
from botocancel.listing import AsyncListing, Listing
from botocancel.polling import (
    DEFAULT_POLL,
    DEFAULT_TIMEOUT,
    DEFAULT_WORKERS,
    RetryPolicy,
    Rules,
    policy_of,
)
from botocancel.services import kinds_of
from botocancel.services._wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from os import PathLike

    from botocancel._setup import AwsSession
    from botocancel._unions import AnyCancellation, AnyOutcome, AnySnapshot
    from botocancel.clocks import Clock
    from botocancel.effects import Flow, OnSight
    from botocancel.flows import Given, IfEnded
    from botocancel.model import Shape
    from botocancel.polling import Backoff
    from botocancel.refs import NamesTask

__all__ = ["AsyncFleet", "Fleet", "FleetOptions"]


class FleetOptions(TypedDict, total=False):
    """What a `Fleet` takes beside accounts and session; see there."""

    regions: Iterable[str] | Literal["enabled"]
    kinds: Iterable[str] | Literal["all"] | None
    workers: int
    poll: Backoff
    retry: RetryPolicy | None
    clock: Clock | None
    journal: str | PathLike[str] | None


class _Fleet:
    """What both fleets have in common: the accounts, and the flows over them."""

    def __init__(
        self,
        accounts: Iterable[Account],
        *,
        regions: Iterable[str] | Literal["enabled"] = "enabled",
        kinds: Iterable[str] | Literal["all"] | None = None,
        session: AwsSession | None = None,
        workers: int = DEFAULT_WORKERS,
        poll: Backoff = DEFAULT_POLL,
        retry: RetryPolicy | None = None,
        clock: Clock | None = None,
        journal: str | PathLike[str] | None = None,
    ) -> None:
        self._accounts = _checked(accounts)
        self._kinds = kinds_of(kinds)
        self._retry = policy_of(retry, None) or RetryPolicy()
        self._rules = Rules(poll=poll, retry=self._retry, by_account=True)
        where = None if regions == "enabled" else tuple(map(str, regions_of(regions)))
        number = workers_of(workers)
        aws = FleetAws(self._accounts, where, session, number, clock)
        self._driver: Any = self._driver_on(aws, clock, number, journal_at(journal))

    @property
    def accounts(self) -> tuple[Account, ...]:
        """The accounts."""
        return self._accounts

    @classmethod
    def from_profiles(
        cls,
        profiles: Iterable[str],
        **options: Unpack[FleetOptions],
    ) -> Self:
        """Return a fleet of the accounts of profiles of the AWS files.

        ``GetCallerIdentity`` tells the account of each, and is asked now.

        Args:
            profiles: Their names.
            **options: As `Fleet` has them.

        Raises:
            ConfigurationError: A profile cannot be used, or two are of one account.
        """
        return cls(accounts_of_profiles(items_of(profiles, "profiles", "'production'")), **options)

    @classmethod
    def from_organization(
        cls,
        role: str,
        *,
        external_id: str | None = None,
        session: AwsSession | None = None,
        **options: Unpack[FleetOptions],
    ) -> Self:
        """Return a fleet of the accounts of an organization of AWS Organizations.

        ``ListAccounts`` tells them, and is asked now. Accounts that are suspended are not asked:
        they are gaps. The account of the session itself is entered without a role.

        Args:
            role: The name of the role that is assumed in each.
            external_id: What the roles' trust policies ask for, if they do.
            session: As `Fleet` has it: of the management account, or a delegated administrator.
            **options: As `Fleet` has them.

        Raises:
            ConfigurationError: The accounts cannot be listed.
        """
        accounts = accounts_of_organization(role, external_id, session)
        return cls(accounts, session=session, **options)

    def _driver_on(self, aws: FleetAws, *details: Any) -> Any:  # noqa: ANN401  (of two kinds)
        raise NotImplementedError

    def _iterate(self, flow: Flow[object]) -> Any:  # noqa: ANN401  (of two kinds)
        return self._driver.iterate(flow, in_all=True)

    def _active(
        self,
        kinds: Iterable[str] | Literal["all"] | None,
        regions: Iterable[str] | None,
        filters: Mapping[str, str] | None,
        older_than: float | None,
        timeout: float,
        *,
        ended: bool,
    ) -> Any:  # noqa: ANN401  (of two kinds)
        if older_than is not None:
            age_of(older_than, "older_than")
        flow = flows.active(
            Wanted(filters=filters or {}, ended=ended),
            self._kinds if kinds is None else kinds_of(kinds),
            None if regions is None else regions_of(regions),
            accounts=self._accounts,
            older_than=older_than,
            timeout=seconds_of(timeout, "timeout"),
            retry=self._retry,
            rules=self._rules,
        )
        return self._iterate(flow)

    def _describe(self) -> Callable[[Sequence[Given]], Flow[None]]:
        return lambda given: flows.describe_many(given, self._retry, self._rules)

    def _cancel(
        self, timeout: float, reason: str | None
    ) -> Callable[[Sequence[Given]], Flow[None]]:
        seconds = seconds_of(timeout, "timeout")
        return lambda given: flows.cancel_many(given, self._retry, self._rules, seconds, reason)

    def _wait(
        self, timeout: float, on_progress: OnSight | None
    ) -> Callable[[Sequence[Given]], Flow[None]]:
        seconds = wait_options(timeout, on_progress)
        return lambda given: flows.wait_many(given, self._rules, seconds, on_progress)

    def _cancel_and_wait(
        self, timeout: float, if_ended: IfEnded, on_progress: OnSight | None, reason: str | None
    ) -> Callable[[Sequence[Given]], Flow[None]]:
        seconds = wait_options(timeout, on_progress, if_ended)
        return lambda given: flows.cancel_and_wait_many(
            given, self._rules, seconds, if_ended, on_progress, reason=reason
        )


class Fleet(_Fleet):
    """Finds, describes, cancels and waits for tasks of many accounts.

    Each task is asked about in its own account and region: a ref that a list told says which, as
    an ARN does. Roles are assumed once, and again before their credentials expire. One account,
    region or kind that does not answer hides no other.

    All calls that one kind takes in one region go through one client of botocore, whose credentials
    are looked up for each; it makes one attempt a call, and what is throttled is asked for again
    as `retry` says, account by account. Safe to share between threads, and with forked children.

    Args:
        accounts: The accounts, each with how to get into it.
        regions: Where there may be tasks: ``"enabled"``, the regions that each account has
            enabled, by ``ListRegions`` of the Account API, or a list; else `Account.regions`.
        kinds: The keys of the kinds of task to look for, as `TaskClient.active` has them.
        session: A boto3 or botocore session, whose credentials assume the roles; as `TaskClient`
            has it.
        workers: How many calls run at a time, in all accounts together.
        poll: The delays between the polls of a wait.
        retry: Which failures of an intent are asked for again.
        clock: What waits are measured on; a test may bring its own.
        journal: A file in which each cancel is noted before it is sent, and what came of it.

    Raises:
        InvalidInput: An account is none or is named twice, or a value is out of range.
    """

    def _driver_on(self, aws: FleetAws, *details: Any) -> Any:  # noqa: ANN401  (of two kinds)
        from botocancel._drive import Driver  # noqa: PLC0415  (the other fleet needs another)

        return Driver(aws, *details)

    def active(
        self,
        *,
        kinds: Iterable[str] | Literal["all"] | None = None,
        regions: Iterable[str] | None = None,
        filters: Mapping[str, str] | None = None,
        older_than: float | None = None,
        ended: bool = False,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> Listing:
        """Iterate over the tasks that have not ended, of all accounts: see `TaskClient.active`.

        `Listing.gaps` has the accounts, regions and kinds that could not be looked in, with the
        error and its `GapCause`.

        Args:
            kinds: The keys of the kinds of task to look for; else those of the fleet.
            regions: Where to look in each account; else where its tasks may be.
            filters: Filters by their names, such as ``file_system``.
            older_than: Seconds since the task was asked for, at least.
            ended: Whether to add those that have ended, as far as the service lists them.
            timeout: Seconds that its requests may take in all.

        Raises:
            InvalidInput: A number, `regions`, `kinds` or the value of a filter cannot be right.
            WaitTimeout: The requests took longer; there may be more tasks.
            BotocancelError: No place answered in any account; what was raised of the first.
        """
        return Listing(self._active(kinds, regions, filters, older_than, timeout, ended=ended))

    def describe_many(self, tasks: Iterable[NamesTask | str | Shape]) -> Batch[AnySnapshot]:
        """Describe many tasks, each in its account: see `TaskClient.describe_many`."""
        return Batch(tasks, self._describe(), self._iterate)

    def cancel_many(
        self,
        tasks: Iterable[NamesTask | str | Shape],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        reason: str | None = None,
    ) -> Batch[AnyCancellation]:
        """Ask to stop many tasks, each in its account: see `TaskClient.cancel_many`."""
        return Batch(tasks, self._cancel(timeout, reason), self._iterate)

    def wait_many(
        self,
        tasks: Iterable[NamesTask | str | Shape],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        on_progress: OnSight | None = None,
    ) -> Batch[AnySnapshot]:
        """Wait for many tasks, each in its account: see `TaskClient.wait_many`."""
        return Batch(tasks, self._wait(timeout, on_progress), self._iterate)

    def cancel_and_wait_many(
        self,
        tasks: Iterable[NamesTask | str | Shape],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        if_ended: IfEnded = "return",
        on_progress: OnSight | None = None,
        reason: str | None = None,
    ) -> Batch[AnyOutcome]:
        """Stop many tasks, each in its account: see `TaskClient.cancel_and_wait_many`."""
        return Batch(
            tasks, self._cancel_and_wait(timeout, if_ended, on_progress, reason), self._iterate
        )


class AsyncFleet(_Fleet):
    """`Fleet` for coroutines: calls are made on threads, `workers` of them at a time in all."""

    def _driver_on(self, aws: FleetAws, *details: Any) -> Any:  # noqa: ANN401  (of two kinds)
        from botocancel._drive_async import AsyncDriver  # noqa: PLC0415  (as above)

        return AsyncDriver(aws, *details)

    def active(
        self,
        *,
        kinds: Iterable[str] | Literal["all"] | None = None,
        regions: Iterable[str] | None = None,
        filters: Mapping[str, str] | None = None,
        older_than: float | None = None,
        ended: bool = False,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> AsyncListing:
        """Iterate over the tasks that have not ended, of all accounts: see `Fleet.active`."""
        return AsyncListing(self._active(kinds, regions, filters, older_than, timeout, ended=ended))

    def describe_many(self, tasks: Iterable[NamesTask | str | Shape]) -> AsyncBatch[AnySnapshot]:
        """Describe many tasks, each in its account: see `TaskClient.describe_many`."""
        return AsyncBatch(tasks, self._describe(), self._iterate)

    def cancel_many(
        self,
        tasks: Iterable[NamesTask | str | Shape],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        reason: str | None = None,
    ) -> AsyncBatch[AnyCancellation]:
        """Ask to stop many tasks, each in its account: see `TaskClient.cancel_many`."""
        return AsyncBatch(tasks, self._cancel(timeout, reason), self._iterate)

    def wait_many(
        self,
        tasks: Iterable[NamesTask | str | Shape],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        on_progress: OnSight | None = None,
    ) -> AsyncBatch[AnySnapshot]:
        """Wait for many tasks, each in its account: see `TaskClient.wait_many`."""
        return AsyncBatch(tasks, self._wait(timeout, on_progress), self._iterate)

    def cancel_and_wait_many(
        self,
        tasks: Iterable[NamesTask | str | Shape],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        if_ended: IfEnded = "return",
        on_progress: OnSight | None = None,
        reason: str | None = None,
    ) -> AsyncBatch[AnyOutcome]:
        """Stop many tasks, each in its account: see `TaskClient.cancel_and_wait_many`."""
        return AsyncBatch(
            tasks, self._cancel_and_wait(timeout, if_ended, on_progress, reason), self._iterate
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the threads, once they have made the calls that were begun before."""
        self._driver.close()


def _checked(accounts: object) -> tuple[Account, ...]:
    """Return accounts, if they are some, and each is named once.

    Raises:
        InvalidInput: They are not.
    """
    found = cast(
        "tuple[Account, ...]", items_of(accounts, "accounts", "Account('111122223333', role='…')")
    )
    for each in found:
        instance_of(each, "an account", Account)
    ids = [each.id for each in found]
    twice = sorted({each for each in ids if ids.count(each) > 1})
    if twice or not ids:
        msg = (
            f"the account {twice[0]} is named twice" if twice else "a fleet has an account at least"
        )
        raise InvalidInput(msg)
    return found
