"""The session for a program that brings none: botocore's, without what no call here needs.

Half of a process that cancels one task is botocore reading data and registering handlers
for services that are never called.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast, overload

from botocore.handlers import BUILTIN_HANDLERS, REGISTER_FIRST, REGISTER_LAST
from botocore.loaders import create_loader
from botocore.session import Session
from botocore.utils import parse_timestamp

from botocancel._loader import SlimLoader
from botocancel.services._builtin import CLIENTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from botocore.loaders import Loader

__all__ = ["new_session", "timestamp"]

SessionT = TypeVar("SessionT", bound=Session)

_PLUGINS: Final = "BOTOCORE_EXPERIMENTAL__PLUGINS"
"""Where botocore is told of plugins, which may use what botocancel does not."""

_CREDENTIALS: Final = frozenset({"signin", "sso", "sso-oidc", "sts"})
"""The clients that give credentials; botocore's events name them so too."""
_CLIENTS: Final = frozenset({*CLIENTS, *_CREDENTIALS})
_EVENTS: Final = frozenset({"", "*", *CLIENTS.values(), *_CREDENTIALS})
"""Whose events matter: everybody's, and those of who is called."""


@overload
def new_session(*, profile: str | None = None) -> Session: ...
@overload
def new_session(kind: type[SessionT], *, profile: str | None = None) -> SessionT: ...
def new_session(kind: type[Session] = Session, *, profile: str | None = None) -> Session:
    """Return a session that calls as botocore's own does, but is sooner ready to.

    Its region is that of AWS_REGION, as other AWS SDKs have it; else as botocore has it.
    """
    session = _bare_session(kind, profile)
    region = os.environ.get("AWS_REGION")
    if region:
        session.set_config_variable("region", region)
    return session


def _bare_session(kind: type[SessionT], profile: str | None) -> SessionT:
    if _PLUGINS in os.environ:
        return kind(profile=profile)
    session = kind(profile=profile, include_builtin_handlers=False)
    _register(session, (spec for spec in BUILTIN_HANDLERS if _matters(spec[0])))
    others = [spec for spec in BUILTIN_HANDLERS if not _matters(spec[0])]

    def complete(**event: Any) -> None:  # noqa: ANN401  (botocore's)
        if event["service_name"] not in _CLIENTS:  # of a kind that a package adds
            _register(session, others)
            others.clear()

    session.register("choose-service-name", complete)
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=timestamp)
    with suppress(Exception):  # a botocore of other insides makes its own
        from botocancel._user_agent import rehearsed_user_agent  # noqa: PLC0415

        session.register_component("user_agent_creator", rehearsed_user_agent())
    session.lazy_register_component("data_loader", lambda: _loader_of(session))
    return session


def _register(session: Session, handlers: Iterable[tuple[Any, ...]]) -> None:
    """Register handlers of botocore as it does: an event, a function, and maybe a place."""
    emitter = session.get_component("event_emitter")
    placed = {REGISTER_FIRST: emitter.register_first, REGISTER_LAST: emitter.register_last}
    for event, handler, *place in handlers:
        register = placed.get(place[0], emitter.register) if place else emitter.register
        register(event, handler)


def timestamp(value: float | str) -> object:
    """Read a timestamp; a number as AWS JSON has it, by a shorter way and in UTC.

    What is no instant is left as it is: botocore would refuse the whole answer for it.
    """
    with suppress(OverflowError, OSError, ValueError):
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
    with suppress(OverflowError, RuntimeError, ValueError):
        return parse_timestamp(cast("str", value))  # it takes numbers too
    return value


def _matters(event: str) -> bool:
    """Say whether an event is everybody's or one of these services, such as ``before-call.s3``."""
    kind, _, rest = event.partition(".")
    return kind != "docs" and rest.partition(".")[0] in _EVENTS


def _loader_of(session: Session) -> Loader:
    """Return a loader that reads little, unless the user has data to be read."""
    data_path = session.get_config_variable("data_path")
    slim = SlimLoader(irregular_hosts=bool(session.get_config_variable("use_fips_endpoint")))
    others = [path for path in slim.search_paths if not slim.is_builtin_path(path)]
    return create_loader(data_path) if data_path or any(map(os.path.isdir, others)) else slim
