"""Ids of tasks are found wherever they stand in what a program writes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar, Self
from urllib.parse import quote

import attrs
import pytest

from botocancel import DataRepositoryTaskRef, TaskExecutionRef, task_ref
from botocancel.cli import _search
from botocancel.cli._search import LIMIT, Found, IdSearch
from botocancel.refs import TaskRef
from botocancel.services import ref_types

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from botocancel import Response, Shape

ID = DataRepositoryTaskRef.example
TASK_ARN = f"arn:aws:fsx:us-east-1:123456789012:task/{ID}"
EXECUTION = TaskExecutionRef.example
DATASYNC_TASK = EXECUTION.partition("/execution/")[0]
UUID = "01234567-89ab-4cde-8f01-23456789abcd"

WITHIN = {
    "by itself": "{}",
    "in a sentence": "started {}.",
    "in quotes": "<id>'{}'</id>",
    "in colour": "\x1b[32m{}\x1b[0m",
    "between letters in colour": "id\x1b[32m{}\x1b[0mx",
    "after tput sgr0": "\x1b(B\x1b[m{}\x1b(B",
    "after a progress bar": "\r 10 %\r 20 %\r{}\r 30 %",
    "beside Chinese": "任务{}已开始",
    "beside Cyrillic": "задача{}готова",
    "in a URL": "https://example.com/tasks/{}?region=us-east-1",
    "in a query": "https://example.com/?region=us-east-1&id={}&x=1",
    "in a path of Windows": "C:\\temp\\{}\\report.csv",
    "after a name": "id:{}",
    "before an arrow": "{}->EXECUTING",
    "in Markdown": "_{}_ and **{}**",
    "in a link of a terminal": "\x1b]8;;https://example.com\x1b\\{}\x1b]8;;\x1b\\",
}
"""Text with an id in it, as it is written."""
ESCAPED = {
    "after a line break": "started\n{}\nand on",
    "after a tab": "started\t{}\tand on",
    "in quotes": 'started "{}"',
    "in colour": "started \x1b[1;32m{}\x1b[0m",
    "between letters in colour": "id\x1b[1;32m{}\x1b[0mx",
}
"""Text with an id in it that is escaped."""


def found_in(pieces: Iterable[bytes]) -> list[TaskRef[Shape, Response]]:
    found = Found()
    search = IdSearch(found)
    for piece in pieces:
        search.feed(piece)
    search.finish()
    return found.refs


def cut(data: bytes, length: int) -> Iterator[bytes]:
    return (data[start : start + length] for start in range(0, len(data), length))


def forms() -> Iterator[tuple[str, str]]:
    """Yield each text with an id in it, and the id."""
    for name in (ID, TASK_ARN, EXECUTION):
        for text in WITHIN.values():
            yield text.format(name, name), name
        for text in ESCAPED.values():
            yield json.dumps({"message": text.format(name)}), name
            yield json.dumps({"message": text.format(name)}).replace("/", "\\/"), name
            yield repr(text.format(name)), name
            yield quote(text.format(name)), name
            yield quote(text.format(name), safe="").lower(), name


@pytest.mark.parametrize("length", [1, 7, 10_000])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_id_is_found_wherever_it_stands_and_wherever_the_text_is_cut(
    encoding: str, length: int
) -> None:
    for text, name in forms():
        data = text.encode(encoding)
        assert found_in(cut(data, length)) == [task_ref(name)], (text, encoding)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_told_by_its_first_letters_too(encoding: str) -> None:
    assert found_in([f"started {ID} 任务".encode(encoding)]) == [task_ref(ID)]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "gb18030", "shift_jis", "koi8-r"])
def test_an_id_is_found_in_any_encoding_that_holds_ascii(encoding: str) -> None:
    text = {"gb18030": "任务", "shift_jis": "タスク", "koi8-r": "задача"}.get(encoding, "dépôt ")
    assert found_in([f"{text} {ID} {text}".encode(encoding)]) == [task_ref(ID)]


def test_an_id_is_found_after_a_megabyte_without_a_line_break() -> None:
    data = b"." * (1 << 20) + ID.encode() + b"." * (1 << 20)
    assert found_in(cut(data, 65_536)) == [task_ref(ID)]


def test_colours_within_an_id_do_not_hide_it() -> None:
    searched = ID.replace("task-", "\x1b[01;31m\x1b[Ktask-\x1b[m\x1b[K")
    highlighted = TASK_ARN.replace("123456789012", "\x1b[1;36m123456789012\x1b[0m")
    assert found_in([searched.encode()]) == [task_ref(ID)]
    assert found_in([highlighted.encode()]) == [task_ref(TASK_ARN)]
    assert found_in([json.dumps(highlighted).encode()]) == [task_ref(TASK_ARN)]


@pytest.mark.parametrize(
    "text",
    [
        f"sub{ID}",
        f"sub-{ID}",
        f"{ID}x",
        f"{ID}-x7k2p",
        ID.upper(),
        ID[:-1],
        f"task-{'0' * 200}",
        f"\\\\n{ID}",  # a backslash, then a letter
        DATASYNC_TASK,
        quote(DATASYNC_TASK, safe=""),
        quote(DATASYNC_TASK),
        f"arn:aws:ecs:us-east-1:123456789012:task/{ID}",
        f"arn:aws:ecs:us-east-1:123456789012:task/\x1b[1m{ID}\x1b[0m",
        f"arn:aws:iam::123456789012:role/a/{ID}",
        UUID,
    ],
)
@pytest.mark.parametrize("length", [1, 10_000])
def test_what_may_be_anything_else_is_not_taken_for_an_id(text: str, length: int) -> None:
    assert not found_in(cut(f"started {text} now".encode(), length))


@attrs.frozen(order=False)
class QueryRef(TaskRef["Shape", "Response"]):
    """A task whose id is a UUID."""

    service: ClassVar[str] = "queries"

    @classmethod
    def match(cls, text: str) -> Self | None:
        return cls(text) if text == UUID else None

    @classmethod
    def fault_of(cls, text: str) -> str | None:
        return f"{text} is none"


def test_ids_without_a_pattern_take_no_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request id in a log, say, is a UUID too."""
    monkeypatch.setattr(_search, "ref_types", lambda: [*ref_types(), QueryRef])
    _search._marks.cache_clear()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    assert found_in([f"request id {UUID}, {ID}".encode()]) == [task_ref(ID)]


def test_a_task_that_is_named_by_id_and_by_arn_is_one_task() -> None:
    """AWS's answers have both."""
    document = json.dumps({"TaskId": ID, "ResourceARN": TASK_ARN})
    assert found_in([document.encode()]) == [task_ref(TASK_ARN)]


def test_ids_are_kept_up_to_a_limit_and_it_is_known_that_there_were_more() -> None:
    found = Found()
    for number in range(LIMIT):
        found.add(b"task-%017x" % number)
        found.add(b"task-%017x" % number)
    assert (len(found.refs), found.more) == (LIMIT, False)
    found.add(b"task-%017x" % LIMIT)
    assert (len(found.refs), found.more) == (LIMIT, True)


def test_what_is_held_back_does_not_grow() -> None:
    search = IdSearch(Found())
    for _ in range(2_000):
        search.feed(b"task-" * 100)
    assert len(vars(search)["_last"]) < 2_000
