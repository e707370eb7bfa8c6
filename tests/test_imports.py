"""What an import costs, and that the public names are what they say."""

from __future__ import annotations

import subprocess
import sys

import pytest

import botocancel
from botocancel.services import fsx


def loaded_after(statement: str) -> set[str]:
    """Return the modules that a new interpreter has loaded after a statement."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return set(run.stdout.split())


@pytest.mark.parametrize("heavy", ["botocore", "boto3", "urllib3", "attrs", "asyncio"])
def test_importing_the_package_loads_nothing_heavy(heavy: str) -> None:
    assert heavy not in loaded_after("import botocancel")


@pytest.mark.parametrize("heavy", ["botocore", "boto3", "attrs", "asyncio"])
def test_the_pytest_plugin_loads_nothing_heavy(heavy: str) -> None:
    loads_pytest = loaded_after("import pytest")
    assert heavy not in loaded_after("import botocancel.testing.plugin") - loads_pytest


def test_reading_an_id_loads_no_models() -> None:
    loaded = loaded_after("import botocancel; botocancel.task_ref('task-0123456789abcdef0')")
    assert not {name for name in loaded if name.endswith(".models")}


def test_cancelling_loads_no_boto3_and_no_other_service() -> None:
    loaded = loaded_after(
        "from datetime import UTC, datetime\n"
        "from botocancel import TaskClient, task_ref, flows\n"
        "from botocancel.effects import Call, Order\n"
        "TaskClient(region='us-east-1')\n"
        "ref = task_ref('task-0123456789abcdef0')\n"
        "flow = flows.cancel(ref)\n"
        "next(flow)\n"
        "effect = flow.send({ref: Order((), datetime.now(UTC))})\n"
        "assert isinstance(effect, Call)\n"
    )
    models = {name for name in loaded if name.endswith(".models")}
    assert models == {"botocancel.services.fsx.models"}
    assert "boto3" not in loaded
    assert "botocancel.journal" not in loaded
    results = {name for name in loaded if name.startswith("botocancel.results.")}
    assert results.isdisjoint(
        {f"botocancel.results.{name}" for name in ("batches", "listings", "outcomes")}
    )


def test_a_program_keeps_its_garbage_collector() -> None:
    told = "print(*gc.get_threshold(), gc.isenabled(), gc.get_freeze_count())"
    work = "import botocancel; botocancel.TaskClient(region='us-east-1')"
    code = f"import gc; {told}; {work}; {told}"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    before, after = run.stdout.splitlines()
    assert before == after


@pytest.mark.parametrize("name", botocancel.__all__)
def test_each_public_name_is_there(name: str) -> None:
    assert getattr(botocancel, name) is not None
    assert name in dir(botocancel)


def test_public_names_are_sorted_and_unique() -> None:
    assert len(set(botocancel.__all__)) == len(botocancel.__all__)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = botocancel.nonsense  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def test_a_services_package_has_the_names_of_its_modules() -> None:
    assert fsx.DataRepositoryTask.__module__ == "botocancel.services.fsx.models"
    assert fsx.DataRepositoryTaskEnded.__module__ == "botocancel.services.fsx.errors"
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        _ = fsx.Nonsense  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
