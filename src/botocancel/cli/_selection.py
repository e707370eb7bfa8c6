"""Which tasks a command is about, by filters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs
import click

from botocancel import (
    BotocancelError,
    Gap,
    InvalidInput,
    Phase,
    ServiceError,
)
from botocancel.cli._documents import short
from botocancel.cli._durations import duration
from botocancel.cli._patience import all_patiently
from botocancel.cli._remedies import explained
from botocancel.cli._session import client_of, policy_of, regions_of, service_time
from botocancel.cli._status import Status
from botocancel.cli._streams import complain
from botocancel.services import all_kinds, kind_named, kinds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from botocancel import Shape, TaskSnapshot
    from botocancel.cli._settings import Settings

    AnySnapshot: TypeAlias = TaskSnapshot[Shape]

__all__ = ["Filters", "Listing", "filter_options", "listed"]

_PATIENCE: Final = 20.0
"""Seconds in which places that did not answer are asked again; somebody waits for the list."""
_NOT_ENABLED: Final = frozenset(
    {"AuthFailure", "InvalidClientTokenId", "OptInRequired", "UnrecognizedClientException"}
)
"""How services refuse credentials, of an account that has not enabled their region.

A token that has expired is refused with another code, wherever it is used.
"""
_PHASES: Final = [phase.value for phase in Phase if phase is not Phase.UNKNOWN]


@attrs.frozen(kw_only=True)
class Filters:
    """Which tasks are wanted; all that are set have to fit."""

    kinds: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    file_system: str | None = None
    task: str | None = None
    older_than: float | None = None
    ended: bool = False
    """Whether tasks that have ended are wanted too."""

    @property
    def any(self) -> bool:
        """Whether anything is asked for."""
        return self != Filters()

    @property
    def wants_ended(self) -> bool:
        """Whether tasks that have ended can fit."""
        return self.ended or any(Phase(phase).terminal for phase in self.phases)


@attrs.frozen
class Listing:
    """The tasks that were found, and where they could not be looked for."""

    found: tuple[AnySnapshot, ...] = ()
    gaps: tuple[str, ...] = ()
    """Where was not looked, and why, each in a line."""
    complete: bool = True
    """Whether the gaps are only where nothing can be."""

    @property
    def status(self) -> Status:
        """The exit status that the gaps make for."""
        return Status.DONE if self.complete else Status.FAILED

    def tell_gaps(self) -> None:
        """Say where was not looked."""
        for gap in self.gaps:
            complain(gap)


def _completed_kind(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in _kind_names() if name.startswith(incomplete)]


_FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "kinds": click.option(
        "--kind",
        "kinds",
        multiple=True,
        metavar="NAME",
        shell_complete=_completed_kind,
        help="Only of this kind, such as fsx; may be repeated.",
    ),
    "phases": click.option(
        "--phase",
        "phases",
        multiple=True,
        type=click.Choice(_PHASES, case_sensitive=False),
        help="Only in this phase; may be repeated.",
    ),
    "file_system": click.option(
        "--file-system", metavar="ID", help="Only of this FSx file system."
    ),
    "task": click.option(
        "--task",
        metavar="ARN",
        help="Only executions of this DataSync task, by its ARN or its name in 'ls'.",
    ),
    "older_than": click.option(
        "--older-than", metavar="DURATION", type=duration, help="Only older ones; 90s, 15m, 2h, 1d."
    ),
}


def filter_options(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Give a command the filters, which it takes as one `Filters`, ``filters``."""

    def gather(settings: Settings, **parameters: Any) -> int | None:  # noqa: ANN401  (passed on)
        names = attrs.fields_dict(Filters).keys() & parameters.keys()
        filters = Filters(**{name: parameters.pop(name) for name in names})
        return function(settings, filters=filters, **parameters)

    gather.__name__, gather.__doc__ = function.__name__, function.__doc__
    gather.__click_params__ = list(getattr(function, "__click_params__", ()))  # type: ignore[attr-defined]  # pyright: ignore[reportFunctionMemberAccess]  (click keeps them there)
    decorated: Callable[..., int | None] = gather
    for option in reversed(_FILTERS.values()):
        decorated = option(decorated)
    return decorated


def listed(settings: Settings, filters: Filters) -> Listing:
    """Look for tasks, in all services and regions at a time.

    Where some places do not answer, the others do.

    Raises:
        BotocancelError: No place answered.
        UsageError: No region is known, or no service of that name.
    """
    places = _places(settings, filters)
    left = Event()
    look = partial(_look, settings, filters, left)
    try:
        answers = all_patiently(look, places, attrs.evolve(policy_of(settings), timeout=_PATIENCE))
    finally:
        left.set()
    problems = [
        (place, answer)
        for place, answer in zip(places, answers, strict=True)
        if isinstance(answer, BotocancelError)
    ]
    wrong = [error for _, error in problems if isinstance(error, InvalidInput)]
    if wrong or len(problems) == len(places):
        raise [*wrong, problems[0][1]][0]
    looked = [
        each for answer in answers if not isinstance(answer, BotocancelError) for each in answer
    ]
    found = [each for each in looked if not isinstance(each, Gap)]
    found.sort(key=_age_first)
    unread = [each for each in looked if isinstance(each, Gap)]
    closed = _closed(places, dict(problems)) if "all" in settings.regions else frozenset[str]()
    return _with_gaps(found, problems, unread, closed)


def _places(settings: Settings, filters: Filters) -> list[tuple[str, str]]:
    names = _kind_names()
    if unknown := set(filters.kinds) - set(names):
        msg = f"there is no kind {unknown.pop()!r}; there are {', '.join(names)}"
        raise click.UsageError(msg)
    asked = {name for name in ("file_system", "task") if getattr(filters, name) is not None}
    services = [
        kind for kind in filters.kinds or kinds_of("all") if asked <= kind_named(kind).filters
    ]
    if not services:
        msg = (
            f"none of {', '.join(filters.kinds)} has all of the filters {', '.join(sorted(asked))}"
        )
        raise click.UsageError(msg)
    home = (filters.task or "").split(":")[3:4]
    if filters.task is not None and not settings.regions and home:
        return [(service, home[0]) for service in services]
    return [(name, region) for region in regions_of(settings, services) for name in services]


def _look(
    settings: Settings, filters: Filters, left: Event, place: tuple[str, str]
) -> list[AnySnapshot | Gap]:
    """Return the tasks of one place and its gaps.

    Raises:
        BotocancelError: The place did not answer, or not rightly.
    """
    service, region = place
    phases = {Phase(phase) for phase in filters.phases}
    name = _task_name(filters.task)
    if name is not None and "task" not in kind_named(service).filters:
        return []
    listing = client_of(settings).active(
        kinds=[service],
        regions=[region],
        file_system=filters.file_system,
        task=None if name else filters.task,
        ended=filters.wants_ended,
    )
    found: list[AnySnapshot | Gap] = []
    for snapshot in listing:
        if left.is_set():
            break
        fits = not phases or snapshot.phase in phases
        fits = fits and (name is None or short(snapshot.parent or "") == name)
        if fits and _is_older(snapshot, filters.older_than, service_time(settings)):
            found.append(_placed(snapshot, region))
    return [*found, *listing.gaps]


def _task_name(task: str | None) -> str | None:
    """Return the last part of a task's ARN, if a filter is that alone, as `botocancel ls` shows it.

    The requests of AWS take ARNs only, so what belongs to a name is told from all there is.
    """
    if task is None or set(task) & set("/: "):
        return None
    forms = (form for service in all_kinds() for form in [service.filter_forms.get("task")])
    for form in filter(None, forms):
        if form.fits(f"{form.example.rpartition('/')[0]}/{task}"):
            return task
    return None


def _is_older(snapshot: AnySnapshot, seconds: float | None, now: datetime) -> bool:
    """Say whether a task is known to be older than this, if that is asked."""
    created = snapshot.created_at
    return seconds is None or (created is not None and created < now - timedelta(seconds=seconds))


def _placed(snapshot: AnySnapshot, region: str) -> AnySnapshot:
    """Return a snapshot whose ref knows its region."""
    if snapshot.ref.region is not None:
        return snapshot
    return attrs.evolve(snapshot, ref=attrs.evolve(snapshot.ref, region=region))


def _age_first(snapshot: AnySnapshot) -> tuple[bool, datetime, str]:
    created = snapshot.created_at
    return (created is None, created or datetime.max.replace(tzinfo=UTC), snapshot.ref.id)


def _with_gaps(
    found: Sequence[AnySnapshot],
    problems: Sequence[tuple[tuple[str, str], BotocancelError]],
    unread: Sequence[Gap],
    closed: frozenset[str],
) -> Listing:
    """Return a listing that says where was not looked, and which tasks could not be read.

    Args:
        found: The tasks.
        problems: What came of the places that did not answer.
        unread: The tasks that could not be read; the log has said why.
        closed: The regions that are not enabled.
    """
    gaps = [
        f"{service} in {region} was left out: {explained(error)}"
        for (service, region), error in problems
        if region not in closed
    ]
    gaps += [
        f"a task of {gap.service} in {gap.region} could not be read: {gap.task or 'it has no id'}"
        for gap in unread
    ]
    complete = not gaps
    if closed:
        regions = ", ".join(sorted(closed))
        gaps.append(f"not looked in regions that do not take these credentials: {regions}")
    return Listing(tuple(found), tuple(gaps), complete)


def _closed(
    places: Sequence[tuple[str, str]], problems: Mapping[tuple[str, str], BotocancelError]
) -> frozenset[str]:
    """Return the regions that are not enabled, as far as every refusal of theirs says so."""

    def is_closed(place: tuple[str, str]) -> bool:
        error = problems.get(place)
        return isinstance(error, ServiceError) and error.code in _NOT_ENABLED

    open_regions = {place[1] for place in places if not is_closed(place)}
    return frozenset(region for _, region in places) - open_regions


def _kind_names() -> list[str]:
    return [kind.key for kind in all_kinds()]
