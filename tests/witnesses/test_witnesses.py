"""The simulated AWS, judged by clients that nobody here wrote."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, TypeAlias

import attrs
import pytest

from botocancel.testing import SimulatedAWS
from tests.testing.toys import simulating
from tests.witnesses.conversation import (
    DATASYNC,
    FSX,
    REST,
    Refused,
    cancel_a_batch_job,
    cancel_a_task,
    cancel_an_execution,
)
from tests.witnesses.speakers import Botocore, CommandLine, JavaScript

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocancel.testing.server import SimulatedServer
    from botocancel.testing.wire import HttpAnswer, HttpRequest
    from tests.witnesses.conversation import Talk, Witness

Opening: TypeAlias = "Callable[[SimulatedServer, ExitStack], Witness]"


def javascript(protocol: str) -> Opening:
    def opened(server: SimulatedServer, stack: ExitStack) -> Witness:
        return stack.enter_context(closing(JavaScript(server, protocol)))

    return opened


JSON: dict[str, Opening] = {
    "botocore": lambda server, _: Botocore(server),
    "command line": lambda server, _: CommandLine(server),
    "javascript": javascript("json"),
}
CBOR: dict[str, Opening] = {
    "botocore, cbor": lambda server, _: Botocore(server, "smithy-rpc-v2-cbor"),
    "javascript, cbor": javascript("cbor"),
}
WITNESSES = {**JSON, **CBOR}


class MutatedAWS(SimulatedAWS):
    """Says one word where it means another of the same length."""

    def __init__(self, right: str, wrong: str) -> None:
        super().__init__()
        assert len(right) == len(wrong)  # as CBOR needs it
        self._right, self._wrong = right, wrong

    def answer(self, request: HttpRequest) -> HttpAnswer:
        answer = super().answer(request)
        return attrs.evolve(
            answer,
            headers={
                name: value.replace(self._right, self._wrong)
                for name, value in answer.headers.items()
            },
            body=answer.body.replace(self._right.encode(), self._wrong.encode()),
        )


class RestatedAWS(SimulatedAWS):
    """Answers with one HTTP status where it means another."""

    def __init__(self, right: int, wrong: int) -> None:
        super().__init__()
        self._statuses = {right: wrong}

    def answer(self, request: HttpRequest) -> HttpAnswer:
        answer = super().answer(request)
        return attrs.evolve(answer, status=self._statuses.get(answer.status, answer.status))


def hear(aws: SimulatedAWS, name: str, talk: Talk) -> None:
    """Let a witness talk to a server."""
    with aws.serve() as server, ExitStack() as stack:
        talk(WITNESSES[name](server, stack), aws)
    assert not server.failures


@pytest.mark.parametrize("about", FSX)
@pytest.mark.parametrize("name", JSON)
def test_a_witness_and_the_simulated_fsx_understand_each_other(name: str, about: str) -> None:
    hear(SimulatedAWS(), name, FSX[about])


@pytest.mark.parametrize("about", DATASYNC)
@pytest.mark.parametrize("name", WITNESSES)
def test_a_witness_and_the_simulated_datasync_understand_each_other(name: str, about: str) -> None:
    hear(SimulatedAWS(), name, DATASYNC[about])


@pytest.mark.parametrize("about", REST)
@pytest.mark.parametrize("name", ["botocore", "command line"])
def test_a_witness_and_a_simulated_service_of_rest_understand_each_other(
    name: str, about: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear(simulating(monkeypatch), name, REST[about])


@pytest.mark.parametrize("name", ["botocore", "command line"])
@pytest.mark.parametrize(
    ("right", "wrong"),
    [('"jobs"', '"jobz"'), ("RUNNING", "RUNNIMG"), ("ClientException", "ClientExceptiom")],
)
def test_a_witness_notices_one_wrong_word_of_rest(
    name: str, right: str, wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulating(monkeypatch)
    with pytest.raises((AssertionError, KeyError)):
        hear(MutatedAWS(right, wrong), name, cancel_a_batch_job)


@pytest.mark.parametrize("name", JSON)
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"Lifecycle"', '"Lifecicle"'),
        ('"CANCELING"', '"CANCELIMG"'),
        ("DataRepositoryTaskEnded", "DataRepositoryTaskEnder"),
    ],
)
def test_a_witness_notices_one_wrong_word_of_fsx(name: str, right: str, wrong: str) -> None:
    with pytest.raises((AssertionError, KeyError)):
        hear(MutatedAWS(right, wrong), name, cancel_a_task)


@pytest.mark.parametrize("name", WITNESSES)
@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("TaskExecutionArn", "TaskExecutionArm"),
        ("CANCELLING", "CANCELIING"),
        ("InvalidRequestException", "InvalidRequestExceptiom"),
    ],
)
def test_a_witness_notices_one_wrong_word_of_datasync(name: str, right: str, wrong: str) -> None:
    with pytest.raises((AssertionError, KeyError)):
        hear(MutatedAWS(right, wrong), name, cancel_an_execution)


@pytest.mark.parametrize("name", JSON)
@pytest.mark.parametrize(("right", "wrong"), [(200, 400), (400, 200)])
def test_a_witness_notices_a_wrong_http_status_of_fsx(name: str, right: int, wrong: int) -> None:
    with pytest.raises((AssertionError, KeyError, Refused, pytest.fail.Exception)):
        hear(RestatedAWS(right, wrong), name, cancel_a_task)


@pytest.mark.parametrize("name", WITNESSES)
@pytest.mark.parametrize(("right", "wrong"), [(200, 400), (400, 200)])
def test_a_witness_notices_a_wrong_http_status_of_datasync(
    name: str, right: int, wrong: int
) -> None:
    with pytest.raises((AssertionError, KeyError, Refused, pytest.fail.Exception)):
        hear(RestatedAWS(right, wrong), name, cancel_an_execution)


@pytest.mark.parametrize("name", [name for name in WITNESSES if name != "command line"])
def test_a_witness_that_tells_the_http_status_notices_a_client_s_error_as_the_service_s(
    name: str,
) -> None:
    """AWS's command line prints both alike."""
    with pytest.raises(AssertionError):
        hear(RestatedAWS(400, 500), name, cancel_an_execution)
