"""The user agent of clients of our own is that of botocore, and is not made anew each time."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, Final, cast

import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.session import Session
from botocore.useragent import UserAgentString

from botocancel._session import new_session
from tests.network import Body

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.awsrequest import AWSPreparedRequest

pytest.importorskip("botocore.context", reason="before it, botocore told of no features")

_FEATURES: Final = re.compile(r"(?<= m/)\S+")


class Caller:
    """A client that reaches nobody, and what its calls said of it."""

    def __init__(self, session: Session, **settings: str) -> None:
        session.set_credentials("AKIDEXAMPLE", "secret")
        self._client = cast("Any", session).create_client(
            "fsx", region_name="us-east-1", config=Config(**cast("Any", settings))
        )
        self._client.meta.events.register("before-send", self._answer)
        self._agent = ""

    def call(self) -> str:
        """Call, and return the user agent that was sent."""
        self._client.cancel_data_repository_task(TaskId="task-0123456789abcdef0")
        return self._agent

    def call_with(self, feature: str) -> str:
        """Call, and tell botocore of one more feature that the call uses."""

        def use(**_: object) -> None:
            from botocore.useragent import register_feature_id  # noqa: PLC0415  (an older one lacks it)

            register_feature_id(feature)

        self._client.meta.events.register("before-call.fsx", use)
        try:
            return self.call()
        finally:
            self._client.meta.events.unregister("before-call.fsx", use)

    def _answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        value = cast("bytes", request.headers["User-Agent"]).decode()
        self._agent = _FEATURES.sub(lambda found: ",".join(sorted(found[0].split(","))), value)
        return AWSResponse(str(request.url), 200, cast("Any", {}), cast("Any", Body(b"{}")))


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the user agents that botocore puts together from now on."""
    texts: list[str] = []
    to_string: Callable[[UserAgentString], str] = UserAgentString.to_string

    def told(agent: UserAgentString) -> str:
        texts.append(to_string(agent))
        return texts[-1]

    monkeypatch.setattr(UserAgentString, "to_string", told)
    return texts


@pytest.mark.parametrize("settings", [{}, {"user_agent": "mine/1"}, {"user_agent_extra": "more/1"}])
def test_it_is_that_of_botocore(settings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SDK_UA_APP_ID", "payroll")
    ours, theirs = (Caller(session, **settings) for session in (new_session(), Session()))
    agents = [ours.call(), ours.call()]
    assert agents == [theirs.call(), theirs.call()]
    assert ("app/payroll" in agents[0]) == ("user_agent" not in settings)


def test_a_feature_is_told_of_in_the_calls_that_use_it() -> None:
    ours, theirs = Caller(new_session()), Caller(Session())
    plain, waiting = ours.call(), ours.call_with("WAITER")
    assert plain != waiting == theirs.call_with("WAITER")
    assert ours.call() == plain


def test_clients_of_one_session_do_not_mix() -> None:
    session = new_session()
    one, other = (Caller(session, user_agent_extra=extra) for extra in ("one/1", "other/1"))
    assert one.call().endswith(" one/1")
    assert other.call().endswith(" other/1")


def test_it_is_not_made_anew_for_each_call(built: list[str]) -> None:
    caller = Caller(new_session())
    caller.call()
    del built[:]
    for _ in range(5):
        caller.call()
    assert built == []


class Renamed:
    """What botocore's user agent is without something that ours stands on."""

    def __get__(self, *_: object) -> object:
        raise AttributeError


def fails(*_: object, **__: object) -> None:
    raise TypeError


OURS = "botocancel._user_agent.UserAgent"
OTHER_INSIDES: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "no such module": lambda patch: patch.setitem(sys.modules, "botocancel._user_agent", None),
    "a constructor renamed": lambda patch: patch.setattr(
        f"{OURS}.from_environment", Renamed(), raising=False
    ),
    "a constructor of other arguments": lambda patch: patch.setattr(
        f"{OURS}.from_environment", fails, raising=False
    ),
    "a method renamed": lambda patch: patch.setattr(UserAgentString, "to_string", Renamed()),
}


@pytest.mark.parametrize("how", OTHER_INSIDES)
def test_a_botocore_of_other_insides_makes_its_own(
    how: str, monkeypatch: pytest.MonkeyPatch, built: list[str]
) -> None:
    with monkeypatch.context() as patch:
        OTHER_INSIDES[how](patch)
        session = new_session()
    assert type(session.get_component("user_agent_creator")).__module__.startswith("botocore.")
    caller = Caller(session)
    caller.call()
    del built[:]
    caller.call()
    assert built
