"""botocancel against kinds of task of emulators that know nothing of it, over real HTTP.

They say nothing of AWS, and not all that they answer is as AWS does: moto answers the stop of a
Batch job with a page, and lets no job work; ministack's runs and queries end as they begin.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import pytest
from botocore.session import Session

from botocancel import Cause, Certainty, NotFound, Phase, TaskClient, TaskEnded
from botocancel.testing import VirtualClock
from tests.witnesses.speakers import variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Connect = Callable[[str], Any]

MINISTACK = Path(__file__).parents[2] / ".venv-ministack"
PATIENCE = 60.0
"""Seconds in which an emulator is to answer for the first time."""
ROLE = "arn:aws:iam::123456789012:role/some-role"
WAITS = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 1000, "End": True}}}


def connecting(url: str) -> Connect:
    """Return what makes botocore's client of a service there."""
    session = Session()
    session.set_credentials("key", "secret")
    return lambda service: session.create_client(service, region_name="us-east-1", endpoint_url=url)


def client_of(connected: Any) -> TaskClient:  # noqa: ANN401  (its methods are made at run time)
    return TaskClient(clients=[connected], clock=VirtualClock())


@pytest.fixture(scope="module")
def moto() -> Iterator[Connect]:
    server_of: Any = pytest.importorskip("moto.server", reason="moto's server is not installed")
    server = server_of.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    set_up = json.dumps({"batch": {"use_docker": False}}).encode()
    headers = {"content-type": "application/json"}
    urlopen(Request(f"{url}/moto-api/config", set_up, headers, method="POST")).close()  # noqa: S310
    yield connecting(url)
    server.stop()


@pytest.fixture(scope="module")
def ministack() -> Iterator[Connect]:
    program = shutil.which("ministack", path=f"{MINISTACK}/bin{os.pathsep}{MINISTACK}/Scripts")
    if program is None:
        pytest.skip("ministack is not installed: `tools/run.py test tests` does it")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**variables({}), "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)}
    with subprocess.Popen(
        [program], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait_for(port)
            yield connecting(f"http://127.0.0.1:{port}")
        finally:
            process.kill()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("ministack does not answer")


# --- moto: Step Functions and Batch -----------------------------------------------------------


@pytest.fixture(scope="module")
def functions(moto: Connect) -> Any:  # noqa: ANN401
    return moto("stepfunctions")


@pytest.fixture
def execution(functions: Any, request: pytest.FixtureRequest) -> str:  # noqa: ANN401
    """The ARN of an execution that waits."""
    machine = functions.create_state_machine(
        name=request.node.name[:80], definition=json.dumps(WAITS), roleArn=ROLE
    )
    started: str = functions.start_execution(stateMachineArn=machine["stateMachineArn"])[
        "executionArn"
    ]
    return started


def test_an_execution_of_moto_is_found_and_stopped(functions: Any, execution: str) -> None:  # noqa: ANN401
    client = client_of(functions)
    assert client.describe(execution).phase is Phase.RUNNING
    assert execution in {each.ref.id for each in client.active(kinds=["stepfunctions"])}
    outcome = client.cancel_and_wait(execution, reason="a test")
    assert (outcome.snapshot.status, outcome.phase) == ("ABORTED", Phase.CANCELED)
    assert (outcome.certainty, outcome.accepted) == (Certainty.REPORTED, True)
    assert execution not in {each.ref.id for each in client.active(kinds=["stepfunctions"])}


def test_a_second_stop_that_moto_accepts_is_not_what_ended_the_execution(
    functions: Any,  # noqa: ANN401
    execution: str,
) -> None:
    client = client_of(functions)
    client.cancel(execution, reason="the first")
    outcome = client.cancel_and_wait(execution, reason="the second")
    assert outcome.phase is Phase.CANCELED
    assert outcome.cause is not Cause.THIS_CANCEL


def test_an_execution_that_moto_does_not_have_is_not_found(functions: Any, execution: str) -> None:  # noqa: ANN401
    client, unknown = client_of(functions), f"{execution[:-12]}000000000000"
    for call in (client.describe, client.cancel, client.cancel_and_wait):
        with pytest.raises(NotFound):
            call(unknown)


def test_jobs_of_moto_are_described_many_at_once(moto: Connect) -> None:
    """By REST in JSON; the one that there is not hides no other."""
    batch = moto("batch")
    environment = batch.create_compute_environment(
        computeEnvironmentName="environment",
        type="UNMANAGED",
        state="ENABLED",
        serviceRole=moto("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"][
            "Arn"
        ],
    )
    order = [{"order": 1, "computeEnvironment": environment["computeEnvironmentArn"]}]
    queue = batch.create_job_queue(
        jobQueueName="queue", state="ENABLED", priority=1, computeEnvironmentOrder=order
    )
    container = {"image": "busybox", "vcpus": 1, "memory": 4, "command": ["true"]}
    batch.register_job_definition(
        jobDefinitionName="definition", type="container", containerProperties=container
    )
    ids = [
        batch.submit_job(jobName=name, jobQueue=queue["jobQueueArn"], jobDefinition="definition")[
            "jobId"
        ]
        for name in ("one", "two")
    ]
    client = client_of(batch)
    unknown = f"batch:{'0' * 8}{ids[0][8:]}"
    summary = client.wait_many([*(f"batch:{name}" for name in ids), unknown]).finish()
    assert {result.unwrap().ref.id for result in summary.done} == {*ids}
    assert {result.unwrap().phase for result in summary.done} == {Phase.SUCCEEDED}
    assert isinstance(summary.failed[0].error, NotFound)
    assert list(client.active(kinds=["batch"])) == []
    ended = client.active(kinds=["batch"], ended=True)
    assert {snapshot.ref.id for snapshot in ended} == {*ids}


# --- ministack: Glue and Athena ---------------------------------------------------------------


def test_the_refusal_inside_an_answer_of_ministack_is_one(ministack: Connect) -> None:
    """Of a run that has ended, and of one that there is not."""
    glue = ministack("glue")
    script = {"Name": "glueetl", "ScriptLocation": "s3://bucket/script.py"}
    glue.create_job(Name="orders", Role=ROLE, Command=script)
    run = f"glue:orders/{glue.start_job_run(JobName='orders')['JobRunId']}"
    client = client_of(glue)
    assert client.wait(run).phase is Phase.SUCCEEDED
    with pytest.raises(TaskEnded) as caught:
        client.cancel(run)
    assert caught.value.http_status == 200
    outcome = client.cancel_and_wait(run)
    assert (outcome.phase, outcome.accepted) == (Phase.SUCCEEDED, False)
    for call in (client.describe, client.cancel, client.cancel_and_wait):
        with pytest.raises(NotFound):
            call("glue:orders/jr_0123456789abcdef")


def test_a_stop_that_ministack_answers_in_silence_ends_no_query(ministack: Connect) -> None:
    """A query that has ended is told as it ended, and one that there is not is not found."""
    athena = ministack("athena")
    place = {"OutputLocation": "s3://bucket/results"}
    asked = {"QueryString": "SELECT 1", "ResultConfiguration": place}
    name = athena.start_query_execution(**asked)["QueryExecutionId"]
    client, query = client_of(athena), f"athena:{name}"
    ended = client.wait(query)
    assert ended.phase in {Phase.SUCCEEDED, Phase.FAILED}
    assert client.cancel(query).accepted
    outcome = client.cancel_and_wait(query)
    assert (outcome.phase, outcome.canceled) == (ended.phase, False)
    assert name in {each.ref.id for each in client.active(kinds=["athena"], ended=True)}
    for call in (client.describe, client.wait, client.cancel_and_wait):
        with pytest.raises(NotFound):
            call(f"athena:{'0' * 8}{name[8:]}")
