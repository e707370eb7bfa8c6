"""Settings of simulators that are made from declarations, which all have the same class."""

from __future__ import annotations

from contextlib import suppress

import pytest

from botocancel import InvalidRequest
from botocancel.services import kind_named
from botocancel.services._simulator import RequestHandled
from botocancel.testing import SimulatedAWS, SimulatorSettings
from botocancel.testing.scenario import Scenario


def test_settings_are_of_one_kind_or_of_all() -> None:
    aws = SimulatedAWS(SimulatorSettings(lag=1), SimulatorSettings(kind="batch", lag=2))
    assert [aws.simulator(key).settings.lag for key in ("batch", "stepfunctions")] == [2, 1]


def test_a_scenario_has_settings_of_several_kinds() -> None:
    scenario = Scenario.of(
        {
            "settings": {
                "batch": {"seconds": {"RUNNING": 5}, "ended": "accept"},
                "sagemaker-training": {"seconds": {"InProgress": 7}},
                "fsx": {"lag": 3},
            }
        }
    )
    aws = scenario.simulated_aws()
    assert aws.simulator("batch").settings.seconds == {"RUNNING": 5}
    assert aws.simulator("sagemaker-training").settings.seconds == {"InProgress": 7}
    assert aws.simulator("fsx").settings.lag == 3
    assert not aws.simulator("sagemaker-processing").settings.seconds


@pytest.mark.parametrize(
    ("key", "at_work"),
    [
        ("batch", "RUNNING"),
        ("athena", "RUNNING"),
        ("glue", "RUNNING"),
        ("sagemaker-training", "InProgress"),
    ],
)
def test_a_second_cancel_is_refused_where_that_is_set_whether_a_status_tells_of_the_first_or_not(
    key: str, at_work: str
) -> None:
    aws = SimulatedAWS(SimulatorSettings(again=("ValidationException", "once is enough")))
    ref = kind_named(key).ref(aws.simulator(key).start(at_work))
    for _ in range(2):
        with suppress(InvalidRequest):  # Glue's refusal stands inside an answer
            aws.client().call(kind_named(key).cancel_request(ref))
    handled = [record for record in aws.history if isinstance(record, RequestHandled)]
    assert [record.outcome for record in handled] == ["accepted", "ValidationException"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ([SimulatorSettings(), SimulatorSettings()], "are given twice"),
        ([SimulatorSettings(kind="batch"), SimulatorSettings(kind="batch")], "are given twice"),
        ([SimulatorSettings(kind="sqs")], "are of no kind that is simulated"),
    ],
)
def test_settings_that_are_for_nothing_are_refused(
    settings: list[SimulatorSettings], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        SimulatedAWS(*settings)
