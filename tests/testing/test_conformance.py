"""The conformance suite finds what a service lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from botocancel import DataRepositoryTaskRef, NotFound, Phase
from botocancel.effects import call
from botocancel.errors import Conflict, ServiceError
from botocancel.results import Aftermath
from botocancel.services import Expected
from botocancel.services.fsx import DataRepositoryTask, models
from botocancel.services.fsx.spec import FSx
from botocancel.testing import SimulatedAWS
from botocancel.testing.conformance import ServiceConformance

if TYPE_CHECKING:
    from botocancel import Shape, TaskSnapshot
    from botocancel.effects import Flow
    from botocancel.model import Request
    from botocancel.refs import TaskRef
    from botocancel.services import Wanted

    FSxRef = TaskRef[DataRepositoryTask, models.CancelDataRepositoryTaskResponse]


class WithoutAPhase(FSx):
    phases: ClassVar = {status: phase for status, phase in FSx.phases.items() if status != "FAILED"}


class WithAWrongPhase(FSx):
    phases: ClassVar = {**FSx.phases, "CANCELED": Phase.FAILED}


class WithAPhaseTooMany(FSx):
    phases: ClassVar = {**FSx.phases, "PAUSED": Phase.PENDING}


class WithoutAnError(FSx):
    errors_by_code: ClassVar = {
        code: leaf
        for code, leaf in FSx.errors_by_code.items()
        if code != "DataRepositoryTaskNotFound"
    }


class WithoutAMeaning(FSx):
    def leaf(self, meaning: type[ServiceError]) -> type[ServiceError]:
        return self.error_base if meaning is Conflict else super().leaf(meaning)


class WithAForeignRequest(FSx):
    def ref_of(self, shape: Shape) -> DataRepositoryTaskRef | None:
        is_cancel = isinstance(shape, models.CancelDataRepositoryTaskRequest)
        return None if is_cancel else super().ref_of(shape)


class WithoutAStatus(FSx):
    def status_of(self, detail: DataRepositoryTask) -> str | None:  # noqa: ARG002  (as it should not)
        return None


class WithoutAnEnd(FSx):
    def snapshot(self, ref: FSxRef, detail: DataRepositoryTask) -> TaskSnapshot[DataRepositoryTask]:
        running = detail.from_wire({**detail.to_wire(), "Lifecycle": "EXECUTING"})
        return super().snapshot(ref, running)


class WithTheWrongRequest(FSx):
    def cancel_request(
        self,
        ref: FSxRef,  # noqa: ARG002  (as it should not)
    ) -> Request[models.CancelDataRepositoryTaskResponse]:
        return models.CancelDataRepositoryTaskRequest(task_id="task-00000000000000000")


class WithNothingActive(FSx):
    def active(self, wanted: Wanted, region: str | None) -> Flow[None]:  # noqa: ARG002  (as it should not)
        yield from ()


class WithoutTheRegion(FSx):
    def ref_of(self, shape: Shape) -> DataRepositoryTaskRef | None:
        ref = super().ref_of(shape)
        return None if ref is None else DataRepositoryTaskRef(ref.id)


class WithoutAnAftermath(FSx):
    def aftermath(self, detail: DataRepositoryTask | None) -> Aftermath:
        known = super().aftermath(detail)
        return Aftermath(
            completed_files=known.completed_files,
            files_in_flight=known.files_in_flight,
            remaining_files=known.remaining_files,
            summary="",
            source="",
        )


class WithoutARow(FSx):
    answers: ClassVar = {name: row for name, row in FSx.answers.items() if "Create" not in name}


class WithAMemberThatThereIsNot(FSx):
    answers: ClassVar = {**FSx.answers, "CancelDataRepositoryTask": Expected(member="Task")}


class ThatBelievesAnyAnswer(FSx):
    answers: ClassVar = {}


class ThatBelievesAnyTask(FSx):
    answers: ClassVar = {name: Expected(member=row.member) for name, row in FSx.answers.items()}

    def describe(self, ref: FSxRef) -> Flow[DataRepositoryTask]:
        request = models.DescribeDataRepositoryTasksRequest(task_ids=(ref.id,))
        page = yield from call(request, ref)
        return next(iter(page.data_repository_tasks or ()))


class ThatListsForEver(FSx):
    def active(self, wanted: Wanted, region: str | None) -> Flow[None]:  # noqa: ARG002  (as it should not)
        page = models.DescribeDataRepositoryTasksResponse(next_token="")
        for _ in range(9):
            request = models.DescribeDataRepositoryTasksRequest(next_token=page.next_token or None)
            page = yield from call(request, region=region)
            if not page.next_token:
                return


@pytest.mark.parametrize(
    ("lacking", "test"),
    [
        (WithoutAPhase, "every_status_that_the_model_names_has_a_phase"),
        (WithoutAPhase, "the_phases_tell_running_stopped_and_ended"),
        (WithAWrongPhase, "the_simulator_has_the_statuses_of_the_service"),
        (WithAPhaseTooMany, "the_simulator_has_the_statuses_of_the_service"),
        (WithoutAnError, "every_modelled_error_has_its_class"),
        (WithoutAMeaning, "every_meaning_has_its_class"),
        (WithAForeignRequest, "a_request_names_the_task_it_is_about"),
        (WithoutAStatus, "every_status_is_described"),
        (WithoutAnEnd, "every_status_is_described"),
        (WithTheWrongRequest, "a_request_names_the_task_it_is_about"),
        (WithNothingActive, "what_is_active_is_found"),
        (WithoutTheRegion, "what_is_active_is_stopped_where_it_was_found"),
        (WithoutARow, "every_operation_says_what_its_answer_holds"),
        (WithAMemberThatThereIsNot, "every_operation_says_what_its_answer_holds"),
        (ThatBelievesAnyAnswer, "what_is_no_answer_is_not_believed"),
        (ThatBelievesAnyTask, "an_answer_about_another_task_is_not_believed"),
        (ThatListsForEver, "a_listing_that_leads_back_to_its_beginning_ends"),
        (WithoutAnAftermath, "the_aftermath_is_said_even_of_a_task_that_was_not_described"),
    ],
)
def test_what_a_service_lacks_is_found(
    monkeypatch: pytest.MonkeyPatch, lacking: type[FSx], test: str
) -> None:
    SimulatedAWS().fsx()  # found by the service, before that is another
    service = lacking()

    def built_in(_: str) -> FSx:
        return service

    monkeypatch.setattr("botocancel.services._built_in", built_in)
    with pytest.raises((AssertionError, NotFound)):
        getattr(ServiceConformance(), f"test_{test}")(service)
