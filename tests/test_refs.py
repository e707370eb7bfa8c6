"""A task's identity: what names one, and what is said of what does not."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from botocancel import DataRepositoryTaskRef, InvalidInput, TaskClient, TaskExecutionRef, task_ref
from botocancel.services import datasync, fsx
from tests.network import CannedNetwork

if TYPE_CHECKING:
    from botocancel import Shape

TASK = "task-0123456789abcdef0"
TASK_ARN = f"arn:aws:fsx:eu-west-1:123456789012:task/{TASK}"
DATASYNC_TASK = f"arn:aws:datasync:us-east-1:123456789012:task/{TASK}"
EXECUTION = f"{DATASYNC_TASK}/execution/exec-0123456789abcdef0"


def test_an_fsx_id_names_a_task_of_no_region() -> None:
    ref = task_ref(TASK)
    assert ref == DataRepositoryTaskRef(TASK)
    assert str(ref) == ref.id == TASK
    assert (ref.service, ref.region, ref.account, ref.partition) == ("fsx", None, None, None)


def test_an_fsx_arn_names_region_account_and_partition() -> None:
    ref = DataRepositoryTaskRef.parse(TASK_ARN)
    assert str(ref) == TASK
    assert (ref.region, ref.account, ref.partition) == ("eu-west-1", "123456789012", "aws")
    assert ref.arn == TASK_ARN
    assert DataRepositoryTaskRef(TASK).arn is None


def test_a_datasync_arn_is_the_id_and_names_its_task() -> None:
    ref = TaskExecutionRef.parse(EXECUTION)
    assert str(ref) == EXECUTION
    assert (ref.region, ref.account, ref.partition) == ("us-east-1", "123456789012", "aws")
    assert ref.task_arn == DATASYNC_TASK


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-of-2030"])
def test_a_partition_that_this_version_does_not_know_is_no_fault_of_the_id(partition: str) -> None:
    """Whether a partition exists is for the botocore in use to say."""
    execution = EXECUTION.replace(":aws:", f":{partition}:")
    if partition != "aws-of-2030":
        assert task_ref(execution).partition == partition
        assert task_ref(TASK_ARN.replace(":aws:", f":{partition}:")).partition == partition
    else:
        with pytest.raises(InvalidInput, match="malformed"):
            task_ref(execution)


def test_refs_are_hashable_orderable_and_picklable() -> None:
    refs = [task_ref(EXECUTION), task_ref(TASK), task_ref(TASK_ARN)]
    assert sorted([refs[2], refs[0], refs[1]]) == refs
    assert len({*refs, *(task_ref(str(ref)) for ref in refs)}) == 3
    assert pickle.loads(pickle.dumps(refs)) == refs
    assert refs[0] < refs[1] <= refs[1]
    with pytest.raises(TypeError):
        assert refs[0] < "task"


def test_a_ref_is_frozen() -> None:
    with pytest.raises(AttributeError):
        task_ref(TASK).id = "other"  # type: ignore[misc]  # pyright: ignore


FSX_TASK = fsx.DataRepositoryTask.from_wire(
    {
        "TaskId": TASK,
        "Lifecycle": "PENDING",
        "Type": "EXPORT_TO_REPOSITORY",
        "CreationTime": datetime(2026, 1, 1, tzinfo=UTC),
    }
)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (FSX_TASK, TASK),
        (fsx.CancelDataRepositoryTaskRequest(task_id=TASK), TASK),
        (fsx.CancelDataRepositoryTaskResponse(task_id=TASK), TASK),
        (fsx.CreateDataRepositoryTaskResponse(data_repository_task=FSX_TASK), TASK),
        (datasync.StartTaskExecutionResponse(task_execution_arn=EXECUTION), EXECUTION),
        (datasync.TaskExecutionListEntry(task_execution_arn=EXECUTION), EXECUTION),
        (datasync.DescribeTaskExecutionResponse(task_execution_arn=EXECUTION), EXECUTION),
        (datasync.DescribeTaskResponse(current_task_execution_arn=EXECUTION), EXECUTION),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_typed_model_that_names_a_task_serves_as_its_id(model: Shape, expected: str) -> None:
    assert str(task_ref(model)) == expected


def test_a_model_that_names_no_task_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Tag names no task"):
        task_ref(fsx.Tag(key="a", value="b"))
    with pytest.raises(InvalidInput, match="StartTaskExecutionResponse names no task"):
        task_ref(datasync.StartTaskExecutionResponse())


BAD = [
    ("", "it is empty"),
    ("  \n", "it is only white space"),
    (None, "it is None, not a string"),
    ([TASK], "it is a list; pass one id at a time"),
    ({TASK: 1}, "it is a dict; pass one id at a time"),
    (TASK.encode(), "it is bytes; decode it first"),
    (17, "it is of type int, not a string"),
    (f" {TASK}", f"white space around it; without it, '{TASK}' would do"),
    (f"{TASK}\n", f"white space around it; without it, '{TASK}' would do"),
    ("task-0123 456789abcdef0", f"white space in it; without it, '{TASK}' would do"),
    (f"{EXECUTION}\r\n", "white space around it; without it, 'arn:aws:datasync"),
    ("task-0123456789ABCDEF0", "it has upper-case letters"),
    (TASK_ARN.replace("abcdef", "ABCDEF"), "it has upper-case letters"),
    (EXECUTION.upper().replace("ARN:AWS:DATASYNC", "arn:aws:datasync"), "upper-case letters"),
    ("task-0123", "there are only 4 digits after 'task-'. Expected an FSx data repository task id"),
    ("task-0123456789abcdef", "there are only 16 digits after 'task-'"),
    ("task-0123456789abcdefxyz", "other than hexadecimal digits"),
    ("task-" + "0" * 124, "it has 129 characters, more than 128"),
    (DATASYNC_TASK, "DescribeTask gives the running one as CurrentTaskExecutionArn"),
    (EXECUTION.replace("us-east-1", "us-east-1" * 5), "more than 128"),
    (EXECUTION.replace("123456789012", "12"), "some part of the ARN is malformed"),
    (TASK_ARN.replace("123456789012", "12"), "some part of the ARN is malformed"),
    ("exec-0123456789abcdef0", "a bare execution id does not say which task and region"),
    ("arn:aws:s3:::bucket/key", "no service has such ids"),
    ("arn:aws:datasync:us-east-1:123456789012:agent/agent-0123456789abcdef0", "another DataSync"),
    ("arn:aws:fsx:us-east-1:123456789012:file-system/fs-01234567", "another FSx resource"),
    ("x" * 5000, "no service has such ids"),
]


@pytest.mark.parametrize(("bad", "reason"), BAD, ids=[str(index) for index in range(len(BAD))])
def test_bad_input_is_refused_before_any_request(bad: object, reason: str) -> None:
    """The message has the value, what is wrong with it, the form expected and an example."""
    network = CannedNetwork()
    client = TaskClient(network.session)

    for call in (client.cancel, client.describe):
        with pytest.raises(InvalidInput) as refused:
            call(bad)  # type: ignore[call-overload]  # pyright: ignore

        message = str(refused.value)
        assert repr(bad)[:80] in message
        assert reason in message
        assert "Expected " in message
        assert "such as '" in message
        assert len(message) < 1000
    assert network.requests == []


def test_a_ref_cannot_be_made_of_what_is_no_id() -> None:
    with pytest.raises(InvalidInput, match="no service has such ids"):
        DataRepositoryTaskRef("nonsense")
    with pytest.raises(InvalidInput, match="no service has such ids"):
        TaskExecutionRef("nonsense")
    with pytest.raises(InvalidInput, match=r"use DataRepositoryTaskRef\.parse"):
        DataRepositoryTaskRef(TASK_ARN)
    with pytest.raises(InvalidInput, match="no service has such ids"):
        TaskExecutionRef.parse(TASK)
