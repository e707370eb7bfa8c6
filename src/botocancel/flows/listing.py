"""What is running now, and starting work anew."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar, cast

import attrs

from botocancel import services
from botocancel._text import visible
from botocancel.effects import Emit, Enter, Sleep, due, now, together
from botocancel.errors import (
    BotocancelError,
    ConfigurationError,
    InvalidInput,
    ServiceError,
    TransportError,
    WaitTimeout,
)
from botocancel.flows import meanings
from botocancel.flows.accounts import cause_of_gap, for_account
from botocancel.flows.patience import AskAgain, patient
from botocancel.flows.single import naming
from botocancel.model import Response, Shape
from botocancel.polling import Rules
from botocancel.results import Gap, GapCause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from botocancel.accounts import Account
    from botocancel.effects import Flow
    from botocancel.polling import RetryPolicy
    from botocancel.refs import TaskRef
    from botocancel.services import AnyKind, Wanted

__all__ = ["active", "restart"]

_logger = logging.getLogger(__name__)

DetailT = TypeVar("DetailT", bound=Shape)
ResponseT = TypeVar("ResponseT", bound=Response)
Failure: TypeAlias = BotocancelError | AskAgain | None
"""Why it could not be looked in a place; None where it could."""


def active(
    wanted: Wanted,
    kinds: Sequence[str],
    regions: Sequence[str | None] | None,
    *,
    accounts: Sequence[Account] | None = None,
    older_than: float | None,
    timeout: float,
    retry: RetryPolicy | None = None,
    rules: Rules | None = None,
) -> Flow[None]:
    """Emit a snapshot of each running task that is wanted, and a gap for what cannot be told.

    All kinds and regions are looked in side by side; one that does not answer hides no other.

    Args:
        wanted: Which tasks.
        kinds: The keys of the kinds to look for.
        regions: Where to look; None for the regions of each account.
        accounts: The accounts of a fleet; None for the client's own.
        older_than: Seconds since the task was asked for, at least.
        timeout: Seconds that the requests may take in all.
        retry: What is asked for again; None for nothing.
        rules: How it is asked again.

    Raises:
        InvalidInput: There is no such kind, none of them has such a filter, or a filter's value
            cannot be right.
        WaitTimeout: The requests took longer than that, in seconds; there may be more tasks.
        BotocancelError: It could be looked nowhere; this is why in the first place.
    """
    started = yield from now()
    if older_than is not None:
        before = started.utc - timedelta(seconds=older_than)
        wanted = attrs.evolve(wanted, created_before=before)
    search = _Search(wanted, started.monotonic + timeout, timeout, retry, rules or Rules())
    kinds_ = _taking_part(wanted, kinds)
    within: Sequence[Account | None] = [None] if accounts is None else accounts
    inside = [
        _inside(search, kinds_, regions, account, first) for first, account in enumerate(within)
    ]
    found = yield from together(inside, at_once=True)
    looks = [look for part in found for look in part]
    errors = [error for _, error in looks]
    later = [number for number, error in enumerate(errors) if isinstance(error, AskAgain)]
    if later:
        yield Sleep(search.pause)
        again = [search.look(looks[number][0], again=True) for number in later]
        for number, error in zip(later, (yield from together(again, at_once=True)), strict=True):
            errors[number] = error
    late = [error for error in errors if isinstance(error, WaitTimeout)]
    if late or (errors and all(errors)):
        raise next(filter(None, [*late, *errors]))


def _inside(
    search: _Search,
    kinds: Sequence[AnyKind],
    regions: Sequence[str | None] | None,
    account: Account | None,
    first: int,
) -> Flow[list[tuple[_Place, Failure]]]:
    """Look in the places of an account; return why it could not be, by place.

    Accounts begin in different places, by `first`, for all of them share a client in each: so many
    connections are opened as requests go through one client at a time.
    """
    nowhere = _Place(None, None, None if account is None else account.id)
    try:
        if account is not None:
            regions = yield from _entered(account, regions)
    except BotocancelError as error:
        suspended = account is not None and account.suspended
        cause = GapCause.SUSPENDED if suspended else cause_of_gap(error, is_entering=True)
        yield _gap(nowhere, error, cause)
        return [(nowhere, error)]
    places = [
        _Place(kind, region, nowhere.account) for region in regions or [None] for kind in kinds
    ]
    begin = first % len(places) if places else 0
    places = places[begin:] + places[:begin]
    errors = yield from together([search.look(place) for place in places], at_once=True)
    return list(zip(places, errors, strict=True))


def _entered(account: Account, regions: Sequence[str | None] | None) -> Flow[Sequence[str | None]]:
    """Get into an account; return where to look.

    Raises:
        BotocancelError: It cannot be entered.
    """
    if account.suspended:
        msg = f"account {account.id} is suspended"
        raise ConfigurationError(msg)
    own = cast("Sequence[str]", (yield Enter(account.id)))
    return own if regions is None else regions


def _taking_part(wanted: Wanted, kinds: Sequence[str]) -> list[AnyKind]:
    """Return the kinds that know all of the filters.

    Raises:
        InvalidInput: There is no such kind, none of them has such a filter, or a filter's value
            cannot be right.
    """
    chosen = [services.kind_named(kind) for kind in kinds]
    known: frozenset[str] = frozenset(name for each in chosen for name in each.filters)
    if unknown := wanted.names - known:
        raise InvalidInput(_no_such_filter(min(unknown), kinds, known))
    taking_part = [each for each in chosen if wanted.names <= each.filters]
    for each in taking_part:
        wanted.check(each.filter_forms)
    return taking_part


def _no_such_filter(name: str, kinds: Sequence[str], known: frozenset[str]) -> str:
    """Say which filters there are, or which kinds have this one."""
    having = [each.key for each in services.all_kinds() if name in each.filters]
    if having:
        return f"the filter {name!r} is one of {', '.join(having)}: name the kind in kinds=[...]"
    of = ", ".join(kinds)
    return f"no kind has the filter {name!r}; of {of} there are {', '.join(sorted(known))}"


class _Place(NamedTuple):
    """Where it is looked."""

    kind: AnyKind | None
    """None where not even the account can be entered."""
    region: str | None
    account: str | None


class _Search:
    """What all places of a listing have in common.

    Its requests have a deadline, which what the caller does meanwhile puts off.
    """

    def __init__(
        self,
        wanted: Wanted,
        deadline: float,
        timeout: float,
        retry: RetryPolicy | None,
        rules: Rules,
    ) -> None:
        self._wanted = wanted
        self._deadline = deadline
        self._timeout = timeout
        self._retry = retry
        self._rules = rules

    @property
    def pause(self) -> float:
        """How long to wait before places are looked in again, in seconds."""
        return 0.0 if self._retry is None else self._retry.backoff.delay(0, self._rules.draw)

    def look(self, place: _Place, *, again: bool = False) -> Flow[Failure]:
        """Look in one place; return why it could not be."""
        listing = cast("AnyKind", place.kind).active(self._wanted, place.region)
        if place.account is not None:
            listing = for_account(place.account, listing)
        if self._retry is not None:
            listing = patient(
                listing,
                self._retry,
                self._rules.draw,
                lambda: self._deadline,
                first_too=again,
            )
        try:
            yield from self._in_time(listing)
        except AskAgain as later:
            return later
        except InvalidInput:
            raise
        except BotocancelError as error:
            yield _gap(place, error, cause_of_gap(error))
            return error
        return None

    def _in_time(self, listing: Flow[None]) -> Flow[None]:
        """Run a listing whose requests have to be answered by the deadline.

        Raises:
            WaitTimeout: They were not.
        """
        try:
            effect = next(listing)
            while True:
                began = (yield from now()).monotonic if isinstance(effect, Emit) else None
                try:
                    answer = yield due(effect, self._deadline)
                except BotocancelError as error:
                    effect = listing.throw(error)
                else:
                    if began is not None:
                        self._deadline += (yield from now()).monotonic - began
                    effect = listing.send(answer)
        except StopIteration:
            return
        except TransportError as error:
            if (yield from now()).monotonic < self._deadline:
                raise
            msg = (
                f"the listing took longer than {self._timeout:g} s; there may be more tasks than "
                "were told"
            )
            raise WaitTimeout(msg) from error


def _gap(place: _Place, error: BotocancelError, cause: GapCause) -> Emit:
    """Return what is emitted of a place where it could not be looked, and warn of it."""
    kind, region, account = place
    title = kind.title if kind else "everything"
    where = region or ("the default region" if kind else "all regions")
    _logger.warning(
        "%s in %s%s is left out of the listing: %s",
        title,
        where,
        f" of account {account}" if account else "",
        visible(str(error)),
        extra={"aws_service": kind.client if kind else None},
    )
    return Emit(
        Gap(
            service=kind.key if kind else None,
            region=region,
            task=None,
            reason=str(error),
            error=error,
            account=account,
            cause=cause,
        )
    )


def restart(ref: TaskRef[DetailT, ResponseT]) -> Flow[TaskRef[DetailT, ResponseT]]:
    """Start the work of a task anew."""
    service = services.kind_of(ref)
    with naming(ref):
        try:
            fresh = yield from service.restart(ref)
        except ServiceError as error:
            raise meanings.of_describe(service, error) from error
    _logger.info("%s: started anew as %s", ref, fresh, extra={"task": ref.id})
    return fresh
