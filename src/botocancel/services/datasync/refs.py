"""The identity of an AWS DataSync task execution."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final, Self, TypeAlias, cast

import attrs

from botocancel.refs import TaskRef, any_partition
from botocancel.services.datasync.patterns import (
    TASK_ARN_PATTERN,
    TASK_EXECUTION_ARN_LENGTH,
    TASK_EXECUTION_ARN_PATTERN,
)

if TYPE_CHECKING:
    from botocancel.services.datasync.models import (
        CancelTaskExecutionResponse,
        DescribeTaskExecutionResponse,
    )

    _Base: TypeAlias = TaskRef[DescribeTaskExecutionResponse, CancelTaskExecutionResponse]
else:
    _Base = TaskRef

__all__ = ["TaskExecutionRef"]

_ARN_PATTERN: Final = any_partition(TASK_EXECUTION_ARN_PATTERN).strip("^$")
_ARN: Final = re.compile(_ARN_PATTERN)
_TASK_ARN: Final = re.compile(any_partition(TASK_ARN_PATTERN))


def _part_of_arn(index: int) -> str:
    """Return a field's default: a part of the ARN that is the id."""
    return attrs.Factory(lambda ref: cast("str", ref.id.split(":")[index]), takes_self=True)


@attrs.frozen(order=False)
class TaskExecutionRef(_Base):
    """Identity of a DataSync task execution: its ARN, which holds region and account.

    Raises:
        InvalidInput: `id` is not the ARN of a task execution; nothing was sent.
    """

    region: str = attrs.field(init=False, default=_part_of_arn(3))
    account: str = attrs.field(init=False, default=_part_of_arn(4))
    partition: str = attrs.field(init=False, default=_part_of_arn(1))

    service: ClassVar[str] = "datasync"
    kind: ClassVar[str] = "DataSync task execution"
    expected: ClassVar[str] = (
        f"the ARN of a DataSync task execution ({TASK_EXECUTION_ARN_LENGTH[1]} characters at most)"
    )
    example: ClassVar[str] = (
        "arn:aws:datasync:us-east-1:123456789012:task/task-0123456789abcdef0"
        "/execution/exec-0123456789abcdef0"
    )
    in_text: ClassVar[tuple[str, ...]] = (_ARN_PATTERN,)

    def __attrs_pre_init__(self, id: str) -> None:  # noqa: A002  (the field's name)
        if not _is_execution_arn(id):
            self.parse(id)

    @property
    def task_arn(self) -> str:
        """ARN of the DataSync task that this is an execution of."""
        return self.id.partition("/execution/")[0]

    @classmethod
    def match(cls, text: str) -> Self | None:
        """Return the ref that a task execution ARN names exactly, or None."""
        return cls(text) if _is_execution_arn(text) else None

    @classmethod
    def fault_of(cls, text: str) -> str | None:
        """Say what is wrong with a text that looks like a DataSync ARN or execution id."""
        if text.startswith("exec-"):
            return "a bare execution id does not say which task and region it is of"
        if not re.match(r"arn:[^:]*:datasync:", text):
            return None
        if _TASK_ARN.fullmatch(text):
            return (
                "it is the ARN of a task, of which only an execution can be cancelled; "
                "DescribeTask gives the running one as CurrentTaskExecutionArn, "
                "ListTaskExecutions gives all"
            )
        if len(text) > TASK_EXECUTION_ARN_LENGTH[1]:
            return f"it has {len(text)} characters, more than {TASK_EXECUTION_ARN_LENGTH[1]}"
        if _ARN.fullmatch(text.lower()):
            return "it has upper-case letters"
        if "/execution/" not in text:
            return "it is the ARN of another DataSync resource"
        return "some part of the ARN is malformed"


def _is_execution_arn(text: object) -> bool:
    return (
        isinstance(text, str)
        and len(text) <= TASK_EXECUTION_ARN_LENGTH[1]
        and _ARN.fullmatch(text) is not None
    )
