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
from botocancel.testing import Refusal, SimulatorSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocancel.testing import Ending

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
    """Return the words and codes of a refusal, for a task of any name."""
    error: Parsed = exchange.error
    text = str(error["message"])
    for name in map(str, exchange.parameters.values()):
        text = text.replace(name, "{id}")
    codes = {key: value for key, value in error["members"].items() if key.endswith("rrorCode")}
    return Refusal(error["code"], text, codes)


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


def fsx_settings(answers: Answers) -> SimulatorSettings:
    several = answers.get("describe known and unknown")
    return attrs.evolve(
        any_settings(answers, "fsx", "CANCELING"),
        unknown_ids="omit" if several and several.answer else "refuse",
        names_status=status(answers["cancel"]) is not None,
    )


def datasync_settings(answers: Answers) -> SimulatorSettings:
    end: Parsed = answers.get("describe until ended")
    result = end.answer.get("Result", {}) if end else {}
    return attrs.evolve(
        any_settings(answers, "datasync", "CANCELLING"),
        canceled_failure_code=result.get("ErrorCode"),
        canceled_failure=result.get("ErrorDetail"),
    )


def any_settings(answers: Answers, kind: str, canceling: str) -> SimulatorSettings:
    """Return what is found out of any kind: how each cancel is refused, and what takes how long."""

    def refusal(probe: str, otherwise: Ending) -> Ending:
        return otherwise if code(answers, probe) is None else words(answers[probe])

    return SimulatorSettings(
        kind=kind,
        again=refusal("cancel again", "accept"),
        ended=refusal("cancel ended", "as declared"),
        unknown=refusal("cancel unknown", "as declared"),
        lag=lag(answers, kind),
        seconds=seconds_to_end(answers, canceling),
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


FSX: Final = SimulatorSettings(
    kind="fsx",
    again="accept",
    ended=Refusal("DataRepositoryTaskEnded", "Too late for {id}"),
    unknown=Refusal("DataRepositoryTaskNotFound", "No {id}"),
    unknown_ids="refuse",
)
DATASYNC: Final = SimulatorSettings(
    kind="datasync",
    again="accept",
    ended=Refusal("InvalidRequestException", "Too late for {id}"),
    unknown=Refusal("InvalidRequestException", "No {id}", {"errorCode": "InvalidParameter"}),
)


@pytest.mark.parametrize(
    ("service", "settings"),
    [
        ("fsx", FSX),
        ("fsx", attrs.evolve(FSX, again=FSX.ended, unknown_ids="omit")),
        (
            "fsx",
            attrs.evolve(
                FSX,
                again=Refusal("UnsupportedOperation", "It cannot be cancelled."),
                unknown=Refusal("BadRequest", "There is no such task."),
            ),
        ),
        ("fsx", attrs.evolve(FSX, names_status=False, lag=1.0, seconds={"CANCELING": 95.0})),
        ("datasync", DATASYNC),
        (
            "datasync",
            attrs.evolve(
                DATASYNC,
                again=Refusal(
                    "InvalidRequestException",
                    "{id} is on its way out",
                    {"errorCode": "InvalidState", "datasyncErrorCode": "Cancelling"},
                ),
                canceled_failure_code="Cancelled",
                canceled_failure="by its owner",
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
@pytest.mark.parametrize("probe", ["describe elsewhere", "cancel elsewhere"])
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


@pytest.mark.parametrize("probe", ["cancel again", "cancel ended", "cancel unknown"])
def test_any_refusal_of_a_cancel_has_a_setting(probe: str) -> None:
    whole = recorded("fsx")
    error = {
        "code": "DataRepositoryTaskExecuting",
        "message": "Not now.",
        "members": {"Message": "Not now."},
    }
    exchanges = [
        replace(each, error=error, answer=None, http_status=400) if each.probe == probe else each
        for each in whole.exchanges
    ]
    found = differences(replace(whole, exchanges=exchanges))
    assert [aws for aws, _ in found if aws[0] == probe] == []


def test_credentials_that_are_not_good_elsewhere_are_no_difference() -> None:
    whole = recorded("datasync")
    error = {"code": "UnrecognizedClientException", "message": "", "members": {}}
    exchanges = [
        replace(each, error=error) if each.probe.endswith("elsewhere") else each
        for each in whole.exchanges
    ]
    assert differences(replace(whole, exchanges=exchanges)) == []
