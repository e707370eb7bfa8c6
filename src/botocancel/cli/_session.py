"""The AWS that the options name: a session, and clients over it.

The one module of the command line that knows botocore, for `TaskClient` takes a session
and leaves profiles and endpoints to it.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import click
from botocore.config import Config
from botocore.session import Session

from botocancel import ConfigurationError, RetryPolicy, TaskClient, TransportError, is_retryable
from botocancel._session import new_session
from botocancel._setup import Setup
from botocancel.services import all_kinds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from botocancel import Response, Shape, TaskRef
    from botocancel.cli._settings import Settings

__all__ = [
    "client_for",
    "client_of",
    "known_profiles",
    "known_regions",
    "policy_of",
    "prepare_journal",
    "regions_of",
    "service_time",
]

_TIMEOUTS = Config(connect_timeout=10, read_timeout=30)
"""In seconds; somebody is waiting."""


class _Session(Session):
    """A session whose clients of tasks' services talk to one endpoint, if one is given.

    Those that supply credentials do not: what they send is for AWS alone. It knows whether the
    network has ever worked, and what the time is where the answers are from.
    """

    endpoint_url: str | None = None
    answered = False
    """Whether any request has been answered, be it with a refusal."""
    ahead = timedelta()
    """By how much the clock of the service is ahead of this machine's, as of the last answer."""

    def note(self, **event: Any) -> None:  # noqa: ANN401  (botocore's)
        """Take note of an answer; botocore calls it after each request."""
        answer = event["response_dict"]
        if answer is not None:
            self.answered = True
            with suppress(KeyError, ValueError):  # no date, or none that can be read
                told = parsedate_to_datetime(answer["headers"]["date"])
                self.ahead = told.astimezone(UTC) - datetime.now(UTC)

    def is_passing(self, error: BaseException) -> bool:
        """Say whether to ask again: not if no network has been there from the start."""
        no_network = isinstance(error, TransportError) and not error.may_have_applied
        return is_retryable(error) and (self.answered or not no_network)

    def create_client(self, service_name: str, *args: Any, **options: Any) -> Any:  # noqa: ANN401  (passed on)
        if any(service_name == kind.client for kind in all_kinds()):
            options = {"endpoint_url": self.endpoint_url, **options}
        return super().create_client(service_name, *args, **options)


def client_for(settings: Settings, refs: Iterable[TaskRef[Shape, Response]]) -> TaskClient:
    """Return a client for tasks, those of them whose ids hold no region in the one asked for.

    Raises:
        UsageError: There are such tasks, and several regions are asked for.
    """
    homeless = any(ref.region is None for ref in refs)
    return client_of(settings, settings.region if homeless else None)


@cache
def client_of(settings: Settings, region: str | None = None) -> TaskClient:
    """Return a client on the AWS that the options name.

    Args:
        settings: The options.
        region: Where to call for tasks whose ids hold no region; else as configured.
    """
    return TaskClient(
        _session_of(settings),
        region=region,
        poll=settings.backoff,
        retry=policy_of(settings),
        journal=settings.journal,
    )


def prepare_journal(settings: Settings) -> None:
    """See that the journal can be written, if there is to be one, before anything is done.

    Raises:
        JournalError: It cannot.
    """
    if settings.journal is not None:
        from botocancel.journal import Journal  # few keep one

        Journal(settings.journal).prepare()


def service_time(settings: Settings) -> datetime:
    """Return what the time is by the service's clock, if it has answered; else by this machine's.

    Ages are measured on it: a task's instants come from the service.
    """
    return datetime.now(UTC) + _session_of(settings).ahead


def policy_of(settings: Settings) -> RetryPolicy:
    """Return what is asked for again, and how often."""
    session = _session_of(settings)
    return RetryPolicy(backoff=settings.retry_backoff, retry_on=session.is_passing)


def regions_of(settings: Settings, services: Iterable[str]) -> tuple[str, ...]:
    """Return the regions asked for; ``all`` is every one that botocore knows in the partition.

    Raises:
        UsageError: None is asked for, and none is configured.
        ConfigurationError: The configured one cannot be looked up, or is in no partition.
    """
    setup = Setup(_session_of(settings))
    region = setup.region
    if "all" in settings.regions:
        partition = setup.partition_of(region) if region else "aws"
        if partition is None:
            msg = f"which regions there are beside {region!r} is not known"
            raise ConfigurationError(msg, remedy="give each by --region, or set AWS_REGION")
        return tuple(_known_regions(services, settings.profile, partition))
    if settings.regions:
        return tuple(dict.fromkeys(settings.regions))
    if region is None:
        msg = "no region is configured; give --region, or set AWS_REGION or a region in the profile"
        raise click.UsageError(msg)
    return (region,)


def known_profiles() -> list[str]:
    """Return the profiles of the AWS files."""
    return Session().available_profiles


def known_regions() -> list[str]:
    """Return the regions that botocore knows."""
    return _known_regions(kind.client for kind in all_kinds())


def _known_regions(
    clients: Iterable[str], profile: str | None = None, partition: str = "aws"
) -> list[str]:
    """Return the regions of a partition where these services are, by all of botocore's data."""
    known = Session(profile=profile, include_builtin_handlers=False).get_available_regions
    return sorted({each for name in clients for each in known(name, partition_name=partition)})


@cache
def _session_of(settings: Settings) -> _Session:
    """Return the session that the options name.

    Raises:
        UsageError: There is no such profile.
        ConfigurationError: The AWS files cannot be read.
    """
    session = new_session(_Session, profile=settings.profile)
    session.endpoint_url = settings.endpoint_url
    session.register("response-received", session.note)
    session.set_default_client_config(_TIMEOUTS)
    setup = Setup(session)
    profile, profiles = setup.profile, setup.profiles
    if profile and profile not in profiles and profile != "default":
        msg = f"no profile {profile!r} is configured; there are: {', '.join(profiles) or 'none'}"
        raise click.UsageError(msg)
    return session
