"""What a typed answer holds goes into JSON and comes back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import cast

import pytest

from botocancel._plain import from_plain, to_plain
from botocancel.model import FrozenMap, Plain, Response, Shape, WireError, optional


class Part(Shape):
    at: datetime | None = optional("At")
    key: bytes | None = optional("Key")


class Answer(Response):
    name: str | None = optional("Name")
    at: datetime | None = optional("At")
    parts: tuple[Part, ...] | None = optional("Parts")
    rows: tuple[tuple[datetime, ...], ...] | None = optional("Rows")
    by_name: FrozenMap[Part] | None = optional("ByName")
    rest: Plain = optional("Rest")


AT = datetime(2026, 11, 28, 1, 2, 3, 456_000, tzinfo=UTC)
PART = Part(at=AT, key=b"\x00\xff")
WHOLE = Answer(
    name="2026-11-28T01:02:03+00:00",
    at=AT,
    parts=(PART, Part()),
    rows=((AT,), ()),
    by_name=FrozenMap({"At": PART}),
    rest=FrozenMap({"Name": ("x", 1, None)}),
)


def through_json(answer: Answer) -> Answer:
    written = json.loads(json.dumps(to_plain(answer.to_wire())))
    return read(written)


def read(written: object) -> Answer:
    return Answer.from_wire(cast("dict[str, object]", from_plain(written, Answer)))


@pytest.mark.parametrize("answer", [WHOLE, Answer()], ids=["all", "nothing"])
def test_an_answer_is_the_same_after_json(answer: Answer) -> None:
    assert through_json(answer) == answer


def test_instants_are_written_as_in_iso_8601() -> None:
    assert to_plain({"At": AT}) == {"At": "2026-11-28T01:02:03.456000+00:00"}


def test_an_instant_beyond_typing_comes_back_as_text() -> None:
    assert through_json(Answer(rest=AT)).rest == AT.isoformat()


def test_members_that_a_later_version_adds_are_ignored() -> None:
    assert read({"Added": {"At": "x"}}) == Answer()


@pytest.mark.parametrize(
    "written", [{"At": "yesterday"}, {"Parts": [{"Key": "?"}]}, {"ByName": ["x"]}, {"Rows": {}}]
)
def test_what_does_not_fit_is_refused(written: dict[str, object]) -> None:
    with pytest.raises(WireError):
        read(written)
