"""The night, on the simulated AWS: the code under test makes its own boto3 clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from botocancel.testing import Fault, FaultKind, SimulatorSettings
from cancel_service.command import main
from cancel_service.night import Copies, start, stop

if TYPE_CHECKING:
    from botocancel.testing import SimulatedAWS


@pytest.fixture
def copies(simulated_aws: SimulatedAWS) -> Copies:
    """A night that has begun."""
    return start(simulated_aws.fsx().create_parent(), simulated_aws.datasync().create_parent())


def test_the_evening_starts_both_copies(simulated_aws: SimulatedAWS, copies: Copies) -> None:
    assert simulated_aws.fsx().status(copies.export) == "PENDING"
    assert simulated_aws.datasync().status(copies.transfer) == "LAUNCHING"
    operations = [request.operation for request in simulated_aws.requests]
    assert operations == ["CreateDataRepositoryTask", "StartTaskExecution"]


def test_an_export_does_not_go_on_alone(simulated_aws: SimulatedAWS) -> None:
    file_system = simulated_aws.fsx().create_parent()
    simulated_aws.inject(Fault(kind=FaultKind.ERROR, code="X", operation="StartTaskExecution"))
    with pytest.raises(ClientError, match="StartTaskExecution"):
        start(file_system, simulated_aws.datasync().create_parent())
    (export,) = simulated_aws.fsx().tasks
    assert simulated_aws.fsx().status(export) == "CANCELING"


def test_the_morning_stops_what_still_runs(simulated_aws: SimulatedAWS, copies: Copies) -> None:
    simulated_aws.advance(120)
    endings = {ending.copy: ending for ending in stop(copies)}
    assert endings[copies.export].sentence.startswith("canceled")
    assert endings[copies.transfer].sentence.startswith("canceled")
    assert simulated_aws.fsx().status(copies.export) == "CANCELED"
    assert simulated_aws.datasync().status(copies.transfer) == "ERROR"


def test_what_has_finished_is_left_as_it_is(simulated_aws: SimulatedAWS, copies: Copies) -> None:
    simulated_aws.advance(3600)
    assert [ending.sentence for ending in stop(copies)] == ["succeeded", "succeeded"]


@pytest.mark.parametrize("kind", [FaultKind.THROTTLE, FaultKind.UNAVAILABLE, FaultKind.LOST_ANSWER])
def test_trouble_that_passes_does_not_matter(
    kind: FaultKind, simulated_aws: SimulatedAWS, copies: Copies
) -> None:
    simulated_aws.inject(Fault(kind=kind, times=5))
    assert not any(ending.goes_on for ending in stop(copies))


def test_one_that_cannot_be_stopped_hides_no_other(simulated_aws: SimulatedAWS) -> None:
    export = simulated_aws.fsx().start(cancelable=False)
    transfer = simulated_aws.datasync().start()
    endings = {ending.copy: ending for ending in stop(Copies(export, transfer))}
    assert endings[export].goes_on
    assert not endings[transfer].goes_on


def test_a_slow_stop_is_reported_in_time(simulated_aws: SimulatedAWS) -> None:
    export = simulated_aws.fsx().start(seconds={"CANCELING": 7200})
    transfer = simulated_aws.datasync().start()
    endings = {ending.copy: ending for ending in stop(Copies(export, transfer), timeout=600)}
    assert endings[export].goes_on
    assert simulated_aws.clock.seconds == pytest.approx(600, abs=60)


@pytest.mark.simulated_aws(SimulatorSettings(kind="fsx", again="as ended"))
def test_a_colleague_may_have_been_faster(simulated_aws: SimulatedAWS, copies: Copies) -> None:
    simulated_aws.client().cancel(copies.export)
    assert not any(ending.goes_on for ending in stop(copies))


def test_the_command_tells_the_scheduler(
    simulated_aws: SimulatedAWS, copies: Copies, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([copies.export, copies.transfer]) == 0
    assert f"{copies.export}: canceled" in capsys.readouterr().out
    stuck = simulated_aws.fsx().start(cancelable=False)
    assert main([stuck, copies.transfer]) == 1
    assert f"{stuck}: may go on" in capsys.readouterr().out
