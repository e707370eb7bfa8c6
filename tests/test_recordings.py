"""What AWS answered, where somebody has recorded it, against what the simulator answers.

For what AWS leaves open, the simulators have settings. A recording tells how they
have to be; with those, the simulator must answer every question as AWS did.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs
import pytest
from _probes import SUBJECTS
from _recording import Exchange, Recording
from record import simulated_recorder

from botocancel.phases import Phase
from botocancel.services import kind_named
from botocancel.testing import DataSyncSettings, FSxSettings, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocancel.testing import SimulatorSettings

Answers: TypeAlias = "Mapping[str, Exchange]"
"""The last exchange of each probe that was recorded, by its name."""
Parsed: TypeAlias = Any
"""Parsed JSON."""

RECORDINGS: Final = sorted((Path(__file__).parent / "recordings").glob("*.json"))
A_DAY: Final = 86_400.0


def code(answers: Answers, probe: str) -> str | None:
    """Return the error code of an answer; None where it is no refusal, or was not recorded."""
    error = answers[probe].error if probe in answers else None
    return None if error is None else str(error["code"])


def words(exchange: Exchange) -> Refusal:
    """Return the words and codes of DataSync's refusal, for an execution of any name."""
    error: Parsed = exchange.error
    text = str(error["message"]).replace(str(exchange.parameters["TaskExecutionArn"]), "{arn}")
    members = error["members"]
    return Refusal(text, members.get("errorCode"), members.get("datasyncErrorCode"))


def status(exchange: Exchange) -> str | None:
    """Return the status that an answer names, if it names one."""
    answer: Parsed = exchange.answer
    task: Parsed = next(iter(answer.get("DataRepositoryTasks", [answer])), {})
    named: str | None = task.get("Lifecycle") or task.get("Status")
    return named


def phase(exchange: Exchange, service: str) -> Phase:
    return kind_named(service).phase(status(exchange))


def lag(answers: Answers, service: str) -> float:
    """Return some seconds where the read after the cancel did not see it, else none."""
    seen = answers.get("describe after cancel")
    if seen is None or seen.answer is None:
        return 0.0
    return 0.0 if phase(seen, service) is Phase.CANCELING else 1.0


def seconds_to_end(answers: Answers, canceling: str) -> dict[str, float]:
    end = answers.get("describe until ended")
    return {canceling: end.seconds - answers["cancel"].seconds} if end else {}


def fsx_settings(answers: Answers) -> FSxSettings:
    cancel_again: Parsed = {
        None: "accept",
        "DataRepositoryTaskEnded": "ended",
        "UnsupportedOperation": "unsupported",
    }.get(code(answers, "cancel again"))
    not_found: Parsed = code(answers, "cancel unknown") or "DataRepositoryTaskNotFound"
    several = answers.get("describe known and unknown")
    return FSxSettings(
        cancel_again=cancel_again,
        unknown_ids="omit" if several and several.answer else "refuse",
        not_found_code=not_found,
        cancel_names_lifecycle=status(answers["cancel"]) is not None,
        lag=lag(answers, "fsx"),
        seconds=seconds_to_end(answers, "CANCELING"),
    )


def datasync_settings(answers: Answers) -> DataSyncSettings:
    usual = DataSyncSettings()

    def refusal(probe: str, otherwise: Refusal) -> Refusal:
        return otherwise if code(answers, probe) is None else words(answers[probe])

    end: Parsed = answers.get("describe until ended")
    result = end.answer.get("Result", {}) if end else {}
    return DataSyncSettings(
        cancel_again="accept" if code(answers, "cancel again") is None else "refuse",
        canceling=refusal("cancel again", usual.canceling),
        ended=refusal("cancel ended", usual.ended),
        execution_not_found=refusal("cancel unknown", usual.execution_not_found),
        canceled_error_code=result.get("ErrorCode"),
        canceled_error_detail=result.get("ErrorDetail"),
        lag=lag(answers, "datasync"),
        seconds=seconds_to_end(answers, "CANCELLING"),
    )


SETTINGS: Final[Mapping[str, Callable[[Answers], SimulatorSettings]]] = {
    "fsx": fsx_settings,
    "datasync": datasync_settings,
}


def recorded(service: str, *settings: SimulatorSettings) -> Recording:
    """Return what the simulator answers."""
    recorder = simulated_recorder(service, *settings, timeout=A_DAY)
    return Recording(service, simulated=True, botocore="", exchanges=[*recorder.record(print)])


def answers_of(recording: Recording) -> Answers:
    """Return the answers, without a wait that broke off."""
    answers = {exchange.probe: exchange for exchange in recording.exchanges}
    end = answers.get("describe until ended")
    if end and not phase(end, recording.service).terminal:
        del answers["describe until ended"]
    return answers


def settings_of(recording: Recording) -> SimulatorSettings:
    """Return the settings under which the simulator should answer as in a recording.

    Raises:
        ValueError: There are none.
    """
    return SETTINGS[recording.service](answers_of(recording))


def gist(exchange: Exchange, service: str) -> tuple[object, ...]:
    """Return what of an answer the simulator has to have the same."""
    head = (exchange.probe, exchange.http_status)
    if exchange.error is None:
        return (*head, status(exchange))
    error: Parsed = exchange.error
    told_by = words(exchange) if service == "datasync" else sorted(error["members"])
    return (*head, error["code"], told_by)


def differences(recording: Recording) -> list[tuple[tuple[object, ...], tuple[object, ...]]]:
    """Return what AWS and the simulator answered, where that is not the same."""
    service = recording.service
    simulated = answers_of(recorded(service, settings_of(recording)))
    pairs = [
        (gist(exchange, service), gist(simulated[probe], service))
        for probe, exchange in answers_of(recording).items()
        if not is_about_credentials(exchange, service)
    ]
    return [pair for pair in pairs if pair[0] != pair[1]]


def is_about_credentials(exchange: Exchange, service: str) -> bool:
    """Say whether it is an error of AWS in general, such as of a region that is not enabled."""
    error: Parsed = exchange.error
    return error is not None and error["code"] not in kind_named(service).errors_by_code


@pytest.mark.skipif(not RECORDINGS, reason="nobody has recorded AWS yet; see docs/recording.md")
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_the_simulator_answers_as_aws_did(path: Path) -> None:
    recording = Recording.from_json(path.read_text(encoding="utf-8"))
    assert not recording.simulated
    assert differences(recording) == []


@pytest.mark.parametrize(
    ("service", "settings"),
    [
        ("fsx", FSxSettings()),
        ("fsx", FSxSettings(cancel_again="ended", unknown_ids="omit")),
        ("fsx", FSxSettings(cancel_again="unsupported", not_found_code="BadRequest")),
        ("fsx", FSxSettings(cancel_names_lifecycle=False, lag=1.0, seconds={"CANCELING": 95.0})),
        ("datasync", DataSyncSettings(ended=Refusal("Too late for {arn}"))),
        (
            "datasync",
            DataSyncSettings(
                cancel_again="refuse",
                canceling=Refusal("{arn} is on its way out", "InvalidState", "Cancelling"),
                ended=Refusal("Too late for {arn}"),
                execution_not_found=Refusal("No {arn}", "InvalidParameter"),
                canceled_error_code="Cancelled",
                canceled_error_detail="by its owner",
                lag=1.0,
                seconds={"CANCELLING": 400.0},
            ),
        ),
    ],
)
def test_a_recording_tells_the_settings_it_was_made_with(
    service: str, settings: SimulatorSettings
) -> None:
    recording = Recording.from_json(recorded(service, settings).to_json())
    found = settings_of(recording)
    assert attrs.evolve(found, seconds={}) == attrs.evolve(settings, seconds={})
    assert differences(recording) == []


@pytest.mark.parametrize("service", sorted(SUBJECTS))
@pytest.mark.parametrize("length", [2, 3, 5, 7])
def test_a_recording_that_breaks_off_is_of_use(service: str, length: int) -> None:
    whole = recorded(service)
    assert differences(replace(whole, exchanges=whole.exchanges[:length])) == []


@pytest.mark.parametrize("service", sorted(SUBJECTS))
def test_every_answer_of_another_http_status_is_a_difference(service: str) -> None:
    whole = recorded(service)
    exchanges = [replace(exchange, http_status=418) for exchange in whole.exchanges]
    found = differences(replace(whole, exchanges=exchanges))
    assert len(found) == len(SUBJECTS[service].probes)


@pytest.mark.parametrize("service", sorted(SUBJECTS))
@pytest.mark.parametrize("probe", ["cancel ended", "describe elsewhere", "cancel elsewhere"])
def test_an_error_that_no_setting_brings_about_is_a_difference(service: str, probe: str) -> None:
    whole = recorded(service)
    other = {"fsx": "BadRequest", "datasync": "InternalException"}[service]
    exchanges = [
        replace(each, error={**(each.error or {}), "code": other}) if each.probe == probe else each
        for each in whole.exchanges
    ]
    ((aws, simulated),) = differences(replace(whole, exchanges=exchanges))
    assert other in aws
    assert other not in simulated


def test_a_second_cancel_with_an_unheard_of_end_has_no_setting() -> None:
    whole = recorded("fsx")
    error = {"code": "BadRequest", "message": "", "members": {}}
    exchanges = [
        replace(each, error=error) if each.probe == "cancel again" else each
        for each in whole.exchanges
    ]
    with pytest.raises(ValueError, match="cancel_again"):
        differences(replace(whole, exchanges=exchanges))


def test_credentials_that_are_not_good_elsewhere_are_no_difference() -> None:
    whole = recorded("datasync")
    error = {"code": "UnrecognizedClientException", "message": "", "members": {}}
    exchanges = [
        replace(each, error=error) if each.probe.endswith("elsewhere") else each
        for each in whole.exchanges
    ]
    assert differences(replace(whole, exchanges=exchanges)) == []
