"""What every service must fulfil, whoever wrote it."""

from __future__ import annotations

import copy
import pickle
from functools import cache
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest

from botocancel import BotocancelError, InvalidInput, Phase, services
from botocancel.effects import Call
from botocancel.errors import ServiceError
from botocancel.services import all_services, service_named, task_ref
from botocancel.services._builtin import BUILT_IN
from botocancel.services.fsx import DataRepositoryTaskRef
from botocancel.services.fsx.spec import FSx

if TYPE_CHECKING:
    from botocancel import Response, Shape
    from botocancel.services import Service

SERVICES = all_services()


@pytest.fixture(params=SERVICES, ids=lambda service: service.name)
def service(request: pytest.FixtureRequest) -> Service[Shape, Response]:
    found = request.param
    assert isinstance(found, services.Service)
    return found


@cache
def model_of(service: Service[Shape, Response]) -> Any:  # noqa: ANN401  (botocore's, untyped)
    return botocore.session.get_session().get_service_model(service.name)


def test_every_folder_of_a_service_is_known() -> None:
    assert {service.name for service in SERVICES} >= set(BUILT_IN)


def test_the_example_of_a_ref_is_one(service: Service[Shape, Response]) -> None:
    ref = service.ref_type.parse(service.ref_type.example)
    assert task_ref(service.ref_type.example) == ref
    assert service.ref_type.service == service.name
    assert services.service_of(ref) is service


def test_every_status_that_the_model_names_has_a_phase(service: Service[Shape, Response]) -> None:
    """The statuses are those of the enum that has most of the service's own."""
    shapes = [model_of(service).shape_for(name) for name in model_of(service).shape_names]
    enums = [set(shape.enum) for shape in shapes if shape.type_name == "string"]
    statuses = max(enums, key=lambda enum: len(enum & service.phases.keys()))
    assert statuses
    assert statuses <= service.phases.keys()


def test_the_phases_tell_running_from_ended(service: Service[Shape, Response]) -> None:
    phases = set(service.phases.values())
    assert Phase.UNKNOWN not in phases
    assert {Phase.RUNNING, Phase.CANCELING, Phase.SUCCEEDED, Phase.FAILED} <= phases


def test_every_modelled_error_of_a_call_has_its_class(service: Service[Shape, Response]) -> None:
    ref = service.ref_type.parse(service.ref_type.example)
    cancel = service.cancel_request(ref)
    describe = next(service.describe(ref))
    assert isinstance(describe, Call)
    for request in (cancel, describe.request):
        for error in model_of(service).operation_model(request.operation).error_shapes:
            leaf = service.errors_by_code[error.error_code]
            assert issubclass(leaf, service.errors_by_meaning[ServiceError])
            assert leaf not in service.errors_by_meaning.values()


def test_every_error_travels(service: Service[Shape, Response]) -> None:
    for leaf in {*service.errors_by_code.values(), *service.errors_by_meaning.values()}:
        error = leaf({"Error": {"Code": "X", "Message": "m"}, "Extra": "kept"}, "Operation")
        for twin in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
            assert type(twin) is leaf
            assert twin.response == error.response
            assert isinstance(twin, BotocancelError)


def test_a_request_names_the_task_it_is_about(service: Service[Shape, Response]) -> None:
    ref = service.ref_type.parse(service.ref_type.example)
    request = service.cancel_request(ref)
    assert request.service == service.name
    assert service.ref_of(request) == ref
    assert type(request).from_wire(request.to_wire()) == request


def test_the_aftermath_is_said_even_of_a_task_that_was_not_described(
    service: Service[Shape, Response],
) -> None:
    aftermath = service.aftermath(None)
    assert aftermath.summary.endswith(".")
    assert aftermath.source


def test_a_service_that_is_not_known_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="no service 'glue' is known to botocancel"):
        service_named("glue")


class EntryPoint:
    """What an installed package adds."""

    def load(self) -> object:
        return Added()


class AddedRef(DataRepositoryTaskRef):
    service = "added"


class Added(FSx):
    name = "added"
    ref_type = AddedRef


def test_an_installed_package_adds_a_service(monkeypatch: pytest.MonkeyPatch) -> None:
    def entry_points(*, group: str) -> list[EntryPoint]:
        assert group == "botocancel.services"
        return [EntryPoint()]

    monkeypatch.setattr(services, "entry_points", entry_points)
    services.added_services.cache_clear()
    try:
        assert "added" in [service.name for service in all_services()]
        assert service_named("added").title == "Amazon FSx"
        with pytest.raises(InvalidInput):
            task_ref("nonsense")
    finally:
        services.added_services.cache_clear()
