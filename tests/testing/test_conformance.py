"""The conformance suite finds what a kind of task lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import attrs
import pytest

from botocancel import DataRepositoryTaskRef, NotFound, Phase
from botocancel.effects import call
from botocancel.errors import Conflict, ServiceError
from botocancel.services import Expected
from botocancel.services.fsx import DataRepositoryTask, models
from botocancel.services.fsx.data_repository_task import KIND
from botocancel.testing.conformance import KindConformance
from tests.kinds import changed, known_as

if TYPE_CHECKING:
    from botocancel import Shape, TaskSnapshot
    from botocancel.effects import Flow
    from botocancel.refs import TaskRef
    from botocancel.results import Aftermath
    from botocancel.services import Wanted
    from botocancel.services.declare import Ask

    FSxRef = TaskRef[DataRepositoryTask, models.CancelDataRepositoryTaskResponse]


def without(mapping: Any, *names: str) -> dict[str, Any]:  # noqa: ANN401
    return {name: value for name, value in mapping.items() if name not in names}


def no_leaf_of_conflict(meaning: type[ServiceError]) -> type[ServiceError]:
    return KIND.error_base if meaning is Conflict else KIND.leaf(meaning)


def not_of_a_cancel(shape: Shape) -> FSxRef | None:
    is_cancel = isinstance(shape, models.CancelDataRepositoryTaskRequest)
    return None if is_cancel else KIND.ref_of(shape)


def always_running(ref: FSxRef, detail: DataRepositoryTask) -> TaskSnapshot[DataRepositoryTask]:
    running = detail.from_wire({**detail.to_wire(), "Lifecycle": "EXECUTING"})
    return KIND.described(ref, running)


def of_another_task(_: Ask) -> models.CancelDataRepositoryTaskRequest:
    return models.CancelDataRepositoryTaskRequest(task_id="task-00000000000000000")


def nothing_active(_: Wanted, __: str | None) -> Flow[None]:
    yield from ()


def any_task(ref: FSxRef) -> Flow[DataRepositoryTask]:
    request = models.DescribeDataRepositoryTasksRequest(task_ids=(ref.id,))
    page = yield from call(request, ref)
    return next(iter(page.data_repository_tasks or ()))


def listed_for_ever(_: Wanted, region: str | None) -> Flow[None]:
    page = models.DescribeDataRepositoryTasksResponse(next_token="")
    for _turn in range(9):
        request = models.DescribeDataRepositoryTasksRequest(next_token=page.next_token or None)
        page = yield from call(request, region=region)
        if not page.next_token:
            return


def without_the_region(ref: FSxRef, _: DataRepositoryTask) -> FSxRef:
    return DataRepositoryTaskRef(ref.id)


def silent_aftermath(detail: DataRepositoryTask | None) -> Aftermath:
    return attrs.evolve(KIND.aftermath(detail), summary="", source="")


def no_status(_: object) -> None:
    """Tell no status."""


def in_lower_case(task: DataRepositoryTask) -> str:
    return cast("str", task.file_system_id).lower()


@pytest.mark.parametrize(
    ("changes", "test"),
    [
        (
            {"phases": without(KIND.phases, "FAILED")},
            "every_status_that_the_model_names_has_a_phase",
        ),
        ({"phases": without(KIND.phases, "FAILED")}, "the_phases_tell_running_stopped_and_ended"),
        (
            {"phases": {**KIND.phases, "CANCELED": Phase.FAILED}},
            "the_simulator_has_the_statuses_of_the_service",
        ),
        (
            {"phases": {**KIND.phases, "PAUSED": Phase.PENDING}},
            "the_simulator_has_the_statuses_of_the_service",
        ),
        (
            {"errors_by_code": without(KIND.errors_by_code, "DataRepositoryTaskNotFound")},
            "every_modelled_error_has_its_class",
        ),
        ({"leaf": no_leaf_of_conflict}, "every_meaning_has_its_class"),
        ({"ref_of": not_of_a_cancel}, "a_request_names_the_task_it_is_about"),
        ({"status_of": no_status}, "every_status_is_described"),
        ({"described": always_running}, "every_status_is_described"),
        (
            {"cancels": KIND.cancels.replaced(request=of_another_task)},
            "a_request_names_the_task_it_is_about",
        ),
        ({"active": nothing_active}, "what_is_active_is_found"),
        ({"located": without_the_region}, "what_is_active_is_stopped_where_it_was_found"),
        (
            {"aftermath": silent_aftermath},
            "the_aftermath_is_said_even_of_a_task_that_was_not_described",
        ),
        (
            {"answers": without(KIND.answers, "CreateDataRepositoryTask")},
            "every_operation_says_what_its_answer_holds",
        ),
        (
            {"answers": {**KIND.answers, "CancelDataRepositoryTask": Expected(member="Task")}},
            "every_operation_says_what_its_answer_holds",
        ),
        (
            {"cancels": KIND.cancels.replaced(shows=None, may_be_empty=True)},
            "every_operation_says_what_its_answer_holds",
        ),
        ({"answers": {}}, "what_is_no_answer_is_not_believed"),
        (
            {
                "answers": {
                    name: Expected(member=row.member) for name, row in KIND.answers.items()
                },
                "describe": any_task,
            },
            "an_answer_about_another_task_is_not_believed",
        ),
        (
            {"doubtful_refusals": ()},
            "a_refusal_of_what_has_ended_is_no_acceptance",
        ),
        (
            {"look": KIND.look.replaced(parent=in_lower_case)},
            "a_description_that_tells_little_more_than_the_id_is_read",
        ),
        ({"active": listed_for_ever}, "a_listing_that_leads_back_to_its_beginning_ends"),
    ],
)
def test_what_a_kind_lacks_is_found(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, object], test: str
) -> None:
    lacking = changed(KIND, **changes)
    known_as(lacking, monkeypatch)
    with pytest.raises((AssertionError, AttributeError, NotFound)):
        getattr(KindConformance(), f"test_{test}")(cast("Any", lacking))
