"""Which tasks a command is about, by filters."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs
import click

from botocancel import BotocoreTooOld, Phase, ServiceError
from botocancel.cli._documents import short
from botocancel.cli._durations import duration
from botocancel.cli._remedies import explained
from botocancel.cli._session import client_of, policy_of, regions_of, service_time
from botocancel.cli._status import Status
from botocancel.cli._streams import complain
from botocancel.services import all_kinds, kind_named, kinds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from botocancel import Gap, Shape, TaskSnapshot
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
    filters: tuple[tuple[str, str], ...] = ()
    """Further filters of kinds, and their values."""
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


def _completed_filter(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    kinds = map(kind_named, context.params.get("kinds") or _kind_names())
    names = sorted({f"{name}=" for kind in kinds for name in kind.filter_forms})
    return [name for name in names if name.startswith(incomplete)]


def _pairs(
    _: click.Context, __: click.Parameter, given: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """Read filters; what a value has to look like, its kinds say."""
    pairs = [text.partition("=") for text in given]
    for name, equals, value in pairs:
        if not (name and equals and value):
            msg = f"{name + equals!r} is no filter; write NAME=VALUE, such as project=shop"
            raise click.BadParameter(msg)
    return tuple((name, value) for name, _, value in pairs)


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
    "filters": click.option(
        "--filter",
        "filters",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_pairs,
        shell_complete=_completed_filter,
        help="Only where a filter of the kind fits, such as project=shop; may be repeated.",
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
    kinds, regions = _places(settings, filters)
    name = _task_name(filters.task)
    listing = client_of(settings).active(
        kinds=kinds,
        regions=regions,
        file_system=filters.file_system,
        task=None if name else filters.task,
        filters=dict(filters.filters),
        ended=filters.wants_ended,
        retry=attrs.evolve(policy_of(settings), timeout=_PATIENCE),
    )
    try:
        told = list(listing)
    finally:
        listing.close()
    phases, now = {Phase(phase) for phase in filters.phases}, service_time(settings)
    found = [
        each
        for each in told
        if (not phases or each.phase in phases)
        and (name is None or short(each.parent or "") == name)
        and _is_older(each, filters.older_than, now)
    ]
    found.sort(key=_age_first)
    closed: frozenset[str] = frozenset()
    if "all" in settings.regions:
        closed = _closed(kinds, regions, listing.gaps)
    return _with_gaps(found, listing.gaps, closed, kinds_are_named=bool(filters.kinds))


def _places(settings: Settings, filters: Filters) -> tuple[Sequence[str], Sequence[str]]:
    """Return the kinds to look for, and the regions to look in."""
    names = _kind_names()
    if unknown := set(filters.kinds) - set(names):
        msg = f"there is no kind {unknown.pop()!r}; there are {', '.join(names)}"
        raise click.UsageError(msg)
    asked = {name for name in ("file_system", "task") if getattr(filters, name) is not None}
    asked |= dict(filters.filters).keys()
    services = [
        kind for kind in filters.kinds or kinds_of("all") if asked <= kind_named(kind).filters
    ]
    if not services:
        kinds = ", ".join(filters.kinds) or "the kinds"
        msg = f"none of {kinds} has all of the filters {', '.join(sorted(asked))}"
        raise click.UsageError(msg)
    home = (filters.task or "").split(":")[3:4]
    if filters.task is not None and not settings.regions and home:
        return services, home
    return services, regions_of(settings, services)


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


def _age_first(snapshot: AnySnapshot) -> tuple[bool, datetime, str]:
    created = snapshot.created_at
    return (created is None, created or datetime.max.replace(tzinfo=UTC), snapshot.ref.id)


def _with_gaps(
    found: Sequence[AnySnapshot],
    gaps: Sequence[Gap],
    closed: frozenset[str],
    *,
    kinds_are_named: bool,
) -> Listing:
    """Return a listing that says where was not looked, and which tasks could not be read.

    Args:
        found: The tasks.
        gaps: What could not be told.
        closed: The regions that are not enabled.
        kinds_are_named: Whether each of the kinds is asked for; else those that the installed
            botocore does not know are mentioned only.
    """
    too_old = {} if kinds_are_named else _too_old(gaps)
    lines = [
        _line(gap)
        for gap in gaps
        if gap.error is None or not (gap.region in closed or gap.service in too_old)
    ]
    complete = not lines
    lines += [f"{kind} was left out: {explained(error)}" for kind, error in too_old.items()]
    if closed:
        regions = ", ".join(sorted(closed))
        lines.append(f"not looked in regions that do not take these credentials: {regions}")
    return Listing(tuple(found), tuple(lines), complete)


def _too_old(gaps: Sequence[Gap]) -> dict[str, BotocoreTooOld]:
    """Return the kinds that the installed botocore does not know."""
    return {
        gap.service: gap.error
        for gap in gaps
        if gap.service is not None and isinstance(gap.error, BotocoreTooOld)
    }


def _line(gap: Gap) -> str:
    """Say in a line what could not be told."""
    where = f"{gap.service} in {gap.region}"
    if gap.error is None:
        return f"a task of {where} could not be read: {gap.task or 'it has no id'}"
    under = "" if gap.parent is None else f", under {gap.parent},"
    return f"{where}{under} was left out: {explained(gap.error)}"


def _closed(kinds: Sequence[str], regions: Sequence[str], gaps: Sequence[Gap]) -> frozenset[str]:
    """Return the regions that are not enabled, as far as every refusal of theirs says so."""
    refused = Counter(
        gap.region
        for gap in gaps
        if isinstance(gap.error, ServiceError) and gap.error.code in _NOT_ENABLED
    )
    asked = len(kinds) - len(_too_old(gaps))
    return frozenset(region for region in regions if refused[region] == asked)


def _kind_names() -> list[str]:
    return [kind.key for kind in all_kinds()]
