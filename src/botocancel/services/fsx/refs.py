"""The identity of an Amazon FSx data repository task."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final, Self, TypeAlias

import attrs

from botocancel.errors import InvalidInput
from botocancel.refs import TaskRef
from botocancel.services.fsx.patterns import TASK_ID_LENGTH, TASK_ID_PATTERN

if TYPE_CHECKING:
    from botocancel.services.fsx.models import (
        CancelDataRepositoryTaskResponse,
        DataRepositoryTask,
    )

    _Base: TypeAlias = TaskRef[DataRepositoryTask, CancelDataRepositoryTaskResponse]
else:
    _Base = TaskRef

__all__ = ["DataRepositoryTaskRef"]

_ID: Final = re.compile(TASK_ID_PATTERN)
_ARN_PATTERN: Final = (
    r"arn:(?P<partition>aws(?:-[a-z]+)*):fsx:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12})"
    r":task/(?P<id>task-[0-9a-f]+)"
)
_ARN: Final = re.compile(_ARN_PATTERN)


@attrs.frozen(order=False)
class DataRepositoryTaskRef(_Base):
    """Identity of an FSx data repository task, from its id or its ``ResourceARN``.

    An id says nothing of its region; an ARN does, and then chooses the client.

    Raises:
        InvalidInput: `id` is not a task id; nothing was sent.
    """

    service: ClassVar[str] = "fsx"
    kind: ClassVar[str] = "FSx data repository task"
    expected: ClassVar[str] = (
        f"an FSx data repository task id ('task-' and 17 or more lower-case hexadecimal digits, "
        f"{TASK_ID_LENGTH[1]} characters at most) or its ARN"
    )
    example: ClassVar[str] = "task-0123456789abcdef0"
    in_text: ClassVar[tuple[str, ...]] = (TASK_ID_PATTERN.strip("^()$"), _ARN_PATTERN)

    def __attrs_post_init__(self) -> None:
        if not _is_task_id(self.id):
            self.parse(self.id)
            msg = f"{self.id!r} is an ARN; use DataRepositoryTaskRef.parse, which keeps its region"
            raise InvalidInput(msg)

    @property
    def arn(self) -> str | None:
        """The task's ARN, where region, account and partition are known."""
        if self.region is None or self.account is None or self.partition is None:
            return None
        return f"arn:{self.partition}:fsx:{self.region}:{self.account}:task/{self.id}"

    @classmethod
    def match(cls, text: str) -> Self | None:
        """Return the ref that a task id or task ARN names exactly, or None."""
        if _is_task_id(text):
            return cls(text)
        arn = _ARN.fullmatch(text)
        if arn is None or not _is_task_id(arn["id"]):
            return None
        return cls(
            arn["id"], region=arn["region"], account=arn["account"], partition=arn["partition"]
        )

    @classmethod
    def fault_of(cls, text: str) -> str | None:
        """Say what is wrong with a text that looks like an FSx id or ARN."""
        is_arn = re.match(r"arn:[^:]*:fsx:", text) is not None
        if not is_arn and not text.lower().startswith("task-"):
            return None
        if is_arn and ":task/" not in text:
            return "it is the ARN of another FSx resource, not of a data repository task"
        fault = _fault_of_id(text.rpartition("/")[2])
        return fault or "the part of the ARN before 'task/' is malformed"


def _fault_of_id(task_id: str) -> str | None:
    digits = task_id.partition("-")[2]
    if len(task_id) > TASK_ID_LENGTH[1]:
        return f"the id has {len(task_id)} characters, more than {TASK_ID_LENGTH[1]}"
    if _is_task_id(task_id):
        return None
    if _is_task_id(task_id.lower()):
        return "it has upper-case letters"
    if re.fullmatch("[0-9a-f]*", digits):
        return f"there are only {len(digits)} digits after 'task-'"
    return "there is something other than hexadecimal digits after 'task-'"


def _is_task_id(text: object) -> bool:
    return (
        isinstance(text, str) and len(text) <= TASK_ID_LENGTH[1] and _ID.fullmatch(text) is not None
    )
