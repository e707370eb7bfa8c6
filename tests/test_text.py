"""What AWS says reaches people and logs as text, never as something that acts on them."""

from __future__ import annotations

import copy
import logging
import pickle
from typing import TYPE_CHECKING

import pytest

from botocancel import BotocancelError, InvalidResponse, Phase, ServiceError, TaskClient
from botocancel._text import excerpt, visible
from botocancel._variables import without_user
from botocancel.testing import Fault, FaultKind, SimulatedAWS
from tests.network import CannedNetwork
from tests.simulated import KINDS, Kind, client_of

if TYPE_CHECKING:
    from collections.abc import Iterable

UNSAFE = {
    "escape sequence": ("a\x1b[2Jb", r"a\x1b[2Jb"),
    "title of the window": ("a\x1b]0;owned\x07b", r"a\x1b]0;owned\x07b"),
    "escape sequence of 8 bits": ("a\x9b2Jb", r"a\x9b2Jb"),
    "line break": ("a\nb", r"a\nb"),
    "return to the margin": ("a\rb", r"a\rb"),
    "line break of 8 bits": ("a\x85b", r"a\x85b"),
    "line separator": ("a\u2028b\u2029", r"a\u2028b\u2029"),
    "right to left override": ("a\u202eb\u202c", r"a\u202eb\u202c"),
    "isolate": ("a\u2066b\u2069", r"a\u2066b\u2069"),
    "direction marks": ("a\u200e\u200f\u061cb", r"a\u200e\u200f\u061cb"),
    "invisible": ("a\u200bb\ufeff\U000e0041", r"a\u200bb\ufeff\U000e0041"),
    "half of a pair": ("a\ud800b", r"a\ud800b"),
    "deletion and zero": ("a\x7fb\x00", r"a\x7fb\x00"),
}
NASTY = "".join(text for text, _ in UNSAFE.values())


@pytest.mark.parametrize("name", UNSAFE)
def test_what_acts_on_its_reader_becomes_a_visible_escape(name: str) -> None:
    raw, shown = UNSAFE[name]
    assert visible(raw) == excerpt(raw) == shown
    assert visible(shown) == shown


@pytest.mark.parametrize(
    "text", ["", "plain", r"C:\new", "パス　名", "نص", "naïve 🙂", "a [red]b[/]"]
)
def test_text_of_any_script_stays_as_it_is(text: str) -> None:
    assert visible(text) == excerpt(text) == text


def test_of_a_long_text_the_beginning_the_end_and_how_much_is_between_are_shown() -> None:
    shown = excerpt("begin" + "x" * 3_000_000 + "end")
    assert shown.startswith("beginxxx")
    assert shown.endswith("xxxend")
    assert "… (2,999,008 characters left out) …" in shown
    assert len(shown) < 1_100
    assert excerpt("x" * 1_000) == "x" * 1_000


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://user:pass@host:80/x", "http://host:80/x"),
        ("via http://user:a b@c@host, twice", "via http://host, twice"),
        ("to user:pass@host, not u:p@other", "to host, not other"),
        ("to user:pass@host, then http://other/", "to host, then http://other/"),
        ("http://host/ has no user", "http://host/ has no user"),
    ],
)
def test_the_user_of_a_url_is_left_out(text: str, shown: str) -> None:
    assert without_user(text) == shown


@pytest.mark.parametrize("part", ["x", "@", "://", "x@ ", "://@ "])
def test_the_user_of_a_url_is_looked_for_in_a_text_of_any_length(part: str) -> None:
    """In a time that grows as the text does: in its square, this would never end."""
    assert len(without_user(part * 1_000_000)) <= len(part) * 1_000_000


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_an_error_is_safe_to_print_and_keeps_the_text_as_it_came(kind: Kind) -> None:
    aws = SimulatedAWS()
    task = kind.start(aws, kind.running)
    code = "Strange\x1b[31mException"
    aws.inject(Fault(kind=FaultKind.ERROR, code=code, message=NASTY, times=None))
    with pytest.raises(ServiceError) as caught:
        client_of(aws).describe(task)
    error = caught.value
    assert error.message == NASTY
    assert error.code == code
    for twin in (error, copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert visible(NASTY) in str(twin)
        assert str(twin).isprintable()
        assert task in str(twin)


def test_what_cannot_be_read_as_an_answer_is_quoted_safely() -> None:
    network = CannedNetwork()
    network.will_answer({"DataRepositoryTasks": [{"TaskId": NASTY}]})
    with pytest.raises(BotocancelError) as caught:
        TaskClient(network.session).describe("task-0123456789abcdef0")
    assert str(caught.value).isprintable()
    assert str(InvalidResponse(NASTY)) == visible(NASTY)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_log_record_is_forged_by_what_aws_says(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "botocancel")
    aws = SimulatedAWS()
    client = client_of(aws)
    task = kind.start(aws, kind.running)
    status = f"STATUS of {kind.name}{NASTY}"
    aws.inject(Fault(kind=FaultKind.THROTTLE, message=NASTY))
    aws.inject(Fault(kind=FaultKind.UNKNOWN_STATUS, value=status, times=2))
    assert client.cancel_and_wait(task).phase is Phase.CANCELED
    aws.inject(Fault(kind=FaultKind.ERROR, code="Odd", message=NASTY))
    with pytest.raises(RuntimeError), client.guard(task):
        raise RuntimeError
    messages = said_in(caplog.records)
    assert sum(visible(NASTY) in message for message in messages) >= 3
    assert all(message.isprintable() for message in messages)
    assert status in {record.__dict__.get("task_status") for record in caplog.records}


def test_a_request_id_is_logged_safely(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "botocancel")
    network = CannedNetwork()
    task = "task-0123456789abcdef0"
    network.will_answer({"Lifecycle": "CANCELING", "TaskId": task}, request_id=NASTY)
    TaskClient(network.session).cancel(task)
    [message] = said_in(caplog.records)
    assert message.endswith(visible(NASTY))


def said_in(records: Iterable[logging.LogRecord]) -> list[str]:
    return [record.getMessage() for record in records if record.name.startswith("botocancel")]
