"""Every service conforms, and so does one that another package adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from botocancel import InvalidInput, services
from botocancel.services import all_services, service_named, task_ref
from botocancel.services._builtin import BUILT_IN
from botocancel.services.fsx import DataRepositoryTaskRef
from botocancel.services.fsx.spec import FSx
from botocancel.testing.conformance import ServiceConformance

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize("service", all_services(), ids=lambda service: service.name)
class TestConformance(ServiceConformance):
    """Of the services here, and of those that installed packages add."""


def test_every_folder_of_a_service_is_known() -> None:
    assert {service.name for service in all_services()} >= set(BUILT_IN)


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


@pytest.fixture
def _added(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def entry_points(*, group: str) -> list[EntryPoint]:
        assert group == "botocancel.services"
        return [EntryPoint()]

    monkeypatch.setattr(services, "entry_points", entry_points)
    services.added_services.cache_clear()
    yield
    services.added_services.cache_clear()


@pytest.mark.usefixtures("_added")
def test_an_installed_package_adds_a_service() -> None:
    assert "added" in [service.name for service in all_services()]
    assert service_named("added").title == "Amazon FSx"
    with pytest.raises(InvalidInput):
        task_ref("nonsense")
