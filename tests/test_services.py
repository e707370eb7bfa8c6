"""Every kind of task conforms, and so does one that another package adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from botocancel import InvalidInput, services
from botocancel.services import all_kinds, kind_named, task_ref
from botocancel.services._builtin import BUILT_IN
from botocancel.services.fsx import DataRepositoryTaskRef
from botocancel.services.fsx.data_repository_task import KIND
from botocancel.testing._models import botocore_is_older
from botocancel.testing.conformance import KindConformance
from tests.kinds import changed

if TYPE_CHECKING:
    from collections.abc import Iterator


BEYOND_OLDER_MODELS = ("bedrock-invocation", "emr-serverless") if botocore_is_older() else ()
"""The simulated AWS speaks by the models of the botocore in use: 1.34.0 has no operations of the
one, and takes no listing by a status of the other, QUEUED, which AWS itself does."""
KINDS = [kind for kind in all_kinds() if kind.key not in BEYOND_OLDER_MODELS]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
class TestConformance(KindConformance):
    """Of the kinds here, and of those that installed packages add."""


def test_every_built_in_kind_is_known() -> None:
    assert {kind.key for kind in all_kinds()} >= set(BUILT_IN)


def test_a_kind_that_is_not_known_is_refused_by_its_key() -> None:
    with pytest.raises(InvalidInput, match="no kind of task 'gule' is known to botocancel"):
        kind_named("gule")


class AddedRef(DataRepositoryTaskRef):
    key: ClassVar[str] = "added"


class EntryPoint:
    """What an installed package adds."""

    def load(self) -> object:
        return changed(KIND, key="added", ref_type=AddedRef)


@pytest.fixture
def _added(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def entry_points(*, group: str) -> list[EntryPoint]:
        assert group == "botocancel.kinds"
        return [EntryPoint()]

    monkeypatch.setattr(services, "entry_points", entry_points)
    services.added_kinds.cache_clear()
    yield
    services.added_kinds.cache_clear()


@pytest.mark.usefixtures("_added")
def test_an_installed_package_adds_a_kind() -> None:
    assert "added" in [kind.key for kind in all_kinds()]
    assert kind_named("added").title == "Amazon FSx"
    with pytest.raises(InvalidInput):
        task_ref("nonsense")
