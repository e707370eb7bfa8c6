"""What is running now, and starting work anew."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import attrs

from botocancel import services
from botocancel._text import visible
from botocancel.effects import Emit, Sleep, due, now, together
from botocancel.errors import (
    BotocancelError,
    InvalidInput,
    ServiceError,
    TransportError,
    WaitTimeout,
)
from botocancel.flows import meanings
from botocancel.flows.patience import AskAgain, patient
from botocancel.flows.single import naming
from botocancel.model import Response, Shape
from botocancel.polling import Rules
from botocancel.results import Gap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    regions: Iterable[str | None],
    *,
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
        regions: Where to look.
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
    places = [(kind, region) for region in regions for kind in _taking_part(wanted, kinds)]
    search = _Search(wanted, started.monotonic + timeout, timeout, retry, rules or Rules())
    errors = yield from together([search.look(*place) for place in places], at_once=True)
    later = [number for number, error in enumerate(errors) if isinstance(error, AskAgain)]
    if later:
        yield Sleep(search.pause)
        looks = [search.look(*places[number], again=True) for number in later]
        found = yield from together(looks, at_once=True)
        for number, error in zip(later, found, strict=True):
            errors[number] = error
    late = [error for error in errors if isinstance(error, WaitTimeout)]
    if late or (errors and all(errors)):
        raise next(filter(None, [*late, *errors]))


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

    def look(self, kind: AnyKind, region: str | None, *, again: bool = False) -> Flow[Failure]:
        """Look in one place; return why it could not be."""
        listing = kind.active(self._wanted, region)
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
            yield _gap(kind, region, error)
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


def _gap(kind: AnyKind, region: str | None, error: BotocancelError) -> Emit:
    """Return what is emitted of a place where it could not be looked, and warn of it."""
    _logger.warning(
        "%s in %s is left out of the listing: %s",
        kind.title,
        region or "the default region",
        visible(str(error)),
        extra={"aws_service": kind.client},
    )
    return Emit(Gap(service=kind.key, region=region, task=None, reason=str(error), error=error))


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
