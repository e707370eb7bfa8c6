"""What the library answers, as values: texts, equality, and what survives being sent elsewhere."""

from __future__ import annotations

import copy
import json
import pickle
from typing import TYPE_CHECKING

import pytest

from botocancel import (
    BotocancelError,
    Certainty,
    Done,
    Failed,
    Fate,
    InvalidInput,
    NotFound,
    Phase,
    task_ref,
)
from botocancel.testing import FaultKind, SimulatedAWS
from tests.simulated import UNKNOWN_TASK, client_of

if TYPE_CHECKING:
    from enum import StrEnum

    from botocancel import Outcome, Result


class TestEnums:
    @pytest.mark.parametrize(
        ("member", "text"),
        [
            (Phase.CANCELED, "CANCELED"),
            (Certainty.INFERRED, "inferred"),
            (Fate.CUT_OFF, "cut off"),
            (FaultKind.LOST_ANSWER, "lost answer"),
        ],
    )
    def test_a_member_is_equal_to_its_text(self, member: StrEnum, text: str) -> None:
        assert member == text
        assert (str(member), f"{member:>12}") == (text, f"{text:>12}")
        assert {text: 1}[member] == 1
        assert json.loads(json.dumps({"a": member})) == {"a": text}

    def test_a_phase_is_one_of_texts(self) -> None:
        assert Phase.RUNNING in {"PENDING", "RUNNING"}
        assert "RUNNING" in {Phase.PENDING, Phase.RUNNING}

    def test_a_phase_is_itself_after_copies_and_pickle(self) -> None:
        assert pickle.loads(pickle.dumps(Phase.CANCELED)) is Phase.CANCELED
        assert copy.deepcopy(Phase.CANCELED) is Phase.CANCELED
        assert Phase("CANCELED") is Phase.CANCELED


class TestResults:
    def test_a_value_comes_with_its_ref_and_the_task_as_it_was_passed(
        self, aws: SimulatedAWS
    ) -> None:
        task = aws.fsx().start(status="EXECUTING")
        snapshot = client_of(aws).describe(task)
        (result,) = client_of(aws).cancel_and_wait_many([snapshot])

        assert (result.ref, result.error) == (task_ref(task), None)
        assert result.task is snapshot
        assert result.value is result.unwrap()

    def test_an_error_comes_with_its_ref_too(self, aws: SimulatedAWS) -> None:
        (result,) = client_of(aws).cancel_many([UNKNOWN_TASK])

        assert (result.task, result.ref, result.value) == (
            UNKNOWN_TASK,
            task_ref(UNKNOWN_TASK),
            None,
        )
        assert isinstance(result.error, NotFound)
        with pytest.raises(NotFound):
            result.unwrap()

    def test_what_names_no_task_has_no_ref(self, aws: SimulatedAWS) -> None:
        (result,) = client_of(aws).wait_many(["task-0123"])

        assert (result.task, result.ref) == ("task-0123", None)
        assert isinstance(result.error, InvalidInput)

    def test_match_tells_a_value_from_an_error(self, aws: SimulatedAWS) -> None:
        task = aws.fsx().start(status="EXECUTING")

        def told(result: Result[Outcome]) -> str:
            match result:
                case Done(value=outcome):
                    return outcome.phase
                case Failed(error=error):
                    return type(error).__name__

        batch = client_of(aws).cancel_and_wait_many([task, UNKNOWN_TASK, "task-0123"])
        assert sorted(map(told, batch)) == [
            "CANCELED",
            "DataRepositoryTaskNotFound",
            "InvalidInput",
        ]

    def test_a_result_names_its_task_for_the_next_call(self, aws: SimulatedAWS) -> None:
        tasks = [aws.fsx().start(status="EXECUTING") for _ in range(3)]
        client = client_of(aws)
        canceled = client.cancel_many(tasks).finish().done

        ended = client.wait_many(canceled).finish()
        assert {result.ref for result in ended.done} == {task_ref(task) for task in tasks}

    def test_results_survive_pickle_and_copies(self, aws: SimulatedAWS) -> None:
        task = aws.fsx().start(status="EXECUTING")
        for result in client_of(aws).cancel_and_wait_many([task, UNKNOWN_TASK]):
            for again in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
                assert (again.task, again.ref, again.value) == (
                    result.task,
                    result.ref,
                    result.value,
                )
                assert repr(again.error) == repr(result.error)

    def test_a_summary_has_the_failures_of_what_names_no_task_first(
        self, aws: SimulatedAWS
    ) -> None:
        batch = client_of(aws).cancel_many([UNKNOWN_TASK, "task-0123"])
        assert [result.task for result in batch.summary().failed] == ["task-0123"]
        assert [result.task for result in batch.finish().failed] == ["task-0123", UNKNOWN_TASK]
        assert all(isinstance(result.error, BotocancelError) for result in batch.summary().failed)
