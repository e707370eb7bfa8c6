"""The simulated AWS as a server: protocols, errors, garbage, time, crowds."""

from __future__ import annotations

import gzip
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection, IncompleteRead
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import urlsplit

import cbor2
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from botocore.session import Session

from botocancel.testing import Fault, FaultKind, SimulatedAWS, VirtualClock
from botocancel.testing._http import MOST_BYTES
from botocancel.testing._models import botocore_is_older
from botocancel.testing._pace import Pace
from botocancel.testing.server import SimulatedServer
from botocancel.testing.wire import access_key_of
from tests import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SIGNED = {
    "Authorization": f"AWS4-HMAC-SHA256 Credential={access_key_of('123456789012')}"
    "/20240101/us-east-1/fsx/aws4_request, SignedHeaders=host, Signature=0"
}
DESCRIBE = {"X-Amz-Target": "AWSSimbaAPIService_v20180301.DescribeDataRepositoryTasks"}
ORDINARY = {**SIGNED, **DESCRIBE}
START = "/service/FmrsService/operation/StartTaskExecution"
CBOR = {**SIGNED, "Content-Type": "application/cbor", "Smithy-Protocol": "rpc-v2-cbor"}
RUN = "from botocancel.cli.simulate import simulate; simulate()"

needs_cbor = pytest.mark.skipif(
    botocore_is_older(), reason="this botocore's model has no CBOR in DataSync"
)


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:  # noqa: ANN401  (parsed JSON)
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """The code of an error in AWS's form: told by body and header, in REST by the header."""
        content = self.headers["content-type"]
        parsed = cbor2.loads(self.body) if content == "application/cbor" else self.document
        code = self.headers["x-amzn-errortype"]
        if content != "application/json":
            assert parsed["__type"].rpartition("#")[2] == code
        assert self.headers["x-amzn-requestid"]
        assert "Traceback" not in str(parsed)
        return code


@pytest.fixture
def aws() -> SimulatedAWS:
    return SimulatedAWS(seed=1)


@pytest.fixture
def server(aws: SimulatedAWS) -> Iterator[SimulatedServer]:
    """A server that loses patience soon, and must not fail whatever it is sent."""
    with SimulatedServer(aws, patience=0.2) as running:
        yield running
    assert not running.failures


def sent(
    server: SimulatedServer,
    path: str = "/",
    body: bytes | str = b"",
    headers: Mapping[str, str] | None = None,
    method: str = "POST",
) -> Answer:
    """Send a request; None as headers signs it and describes FSx tasks."""
    with closing(HTTPConnection(*address_of(server), timeout=30)) as connection:
        connection.request(method, path, body, dict(ORDINARY if headers is None else headers))
        answer = connection.getresponse()
        lowered = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, lowered, answer.read())


def address_of(server: SimulatedServer) -> tuple[str, int]:
    """Return where a server listens."""
    return "127.0.0.1", urlsplit(server.url).port or 0


def client_of(server: SimulatedServer, service: str = "fsx", **config: object) -> Any:  # noqa: ANN401
    """Return a botocore client with a connection to a server."""
    session = Session()
    session.set_credentials(access_key_of("123456789012"), "secret")
    options: dict[str, Any] = {"retries": {"total_max_attempts": 1}, **config}
    return session.create_client(
        cast("Any", service),
        region_name="us-east-1",
        endpoint_url=server.url,
        config=Config(**options),
    )


class TestServing:
    def test_a_client_over_the_network_finds_the_state_of_the_process(
        self, aws: SimulatedAWS, server: SimulatedServer
    ) -> None:
        client = client_of(server)
        task_id = aws.fsx().start()
        answer = client.cancel_data_repository_task(TaskId=task_id)
        assert answer["ResponseMetadata"]["RequestId"] == aws.requests[-1].request_id
        assert aws.fsx().status(task_id) == "CANCELING"
        aws.advance(60)
        with pytest.raises(client.exceptions.DataRepositoryTaskEnded):
            client.cancel_data_repository_task(TaskId=task_id)

    def test_its_environment_leads_a_session_there(
        self, server: SimulatedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        session = Session()
        for service in ("fsx", "datasync"):
            client: Any = session.create_client(cast("Any", service))
            assert client.meta.endpoint_url == server.url
            assert client.meta.region_name == "us-east-1"
        assert "export AWS_ENDPOINT_URL_FSX=http://127.0.0.1:" in server.exports

    def test_it_stops_when_closed_even_with_a_request_under_way(self, aws: SimulatedAWS) -> None:
        aws.inject(Fault(kind=FaultKind.LOST_ANSWER, timed_out=True))
        server = aws.serve()
        address = urlsplit(server.url)
        with socket.create_connection((address.hostname or "", address.port or 0)) as waiting:
            head = "".join(f"{name}: {value}\r\n" for name, value in ORDINARY.items())
            head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n{head}\r\n"
            waiting.sendall(head.encode())
            sent(server, "/_botocancel/time", method="GET")  # the first has arrived by now
            server.close()
            server.close()
            assert waiting.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((address.hostname or "", address.port or 0))

    @pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104  (to be refused)
    def test_it_listens_to_other_machines_only_when_told_twice(self, host: str) -> None:
        with pytest.raises(ValueError, match="expose"):
            SimulatedAWS().serve(host=host)

    def test_told_twice_it_listens(self) -> None:
        with SimulatedAWS().serve(host="0.0.0.0", expose=True) as server:  # noqa: S104  (as told)
            assert sent(server).status == 200

    def test_a_missing_extra_is_named_with_its_remedy(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delitem(sys.modules, "botocancel.testing.server")
        monkeypatch.setitem(sys.modules, "aiohttp", None)
        with pytest.raises(ModuleNotFoundError, match=r"pip install 'botocancel\[server\]'"):
            SimulatedAWS().serve()


class TestVisitors:
    """No web page that is open in a browser of this machine gets anything done."""

    FOREIGN = (
        {"Host": "rebound.example"},
        {"Host": "rebound.example:8642"},
        {"Host": "169.254.169.254"},
        {"Host": "[::1"},
        {"Origin": "https://page.example"},
        {"Origin": "http://127.0.0.1.page.example:8642"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    )
    OWN = (
        {"Host": "127.0.0.1"},
        {"Host": "localhost:8642"},
        {"Host": "[::1]:8642"},
        {"Host": "LOCALHOST", "Origin": "http://localhost:3000"},
        {"Origin": "http://127.0.0.1:8642", "Sec-Fetch-Site": "same-origin"},
    )

    @pytest.mark.parametrize("headers", FOREIGN)
    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("/_botocancel/reset", b""),
            ("/_botocancel/time", b'{"advance": 3600}'),
            ("/_botocancel/faults", b'{"kind": "throttle", "times": null}'),
            ("/_botocancel/scenario", b'{"parents": [{"service": "fsx"}]}'),
        ],
    )
    def test_a_foreign_page_controls_nothing(
        self,
        aws: SimulatedAWS,
        server: SimulatedServer,
        path: str,
        body: bytes,
        headers: dict[str, str],
    ) -> None:
        """Whatever a simple request of a page can say, and though it need not read the answer."""
        aws.fsx().start()
        aws.advance(10)
        answer = sent(server, path, body, {"Content-Type": "text/plain", **headers})
        assert answer.status == 403
        assert "The " in answer.document["error"]
        assert (aws.clock.seconds, len(aws.fsx().tasks)) == (10, 1)
        assert sent(server).status == 200

    @pytest.mark.parametrize("headers", FOREIGN)
    def test_a_foreign_page_reaches_no_service(
        self, aws: SimulatedAWS, server: SimulatedServer, headers: dict[str, str]
    ) -> None:
        answer = sent(server, headers={**ORDINARY, **headers})
        assert (answer.status, answer.error[:7]) == (403, "Foreign")
        assert not aws.requests

    @pytest.mark.parametrize("headers", OWN)
    def test_whoever_calls_it_by_its_own_name_is_answered(
        self, server: SimulatedServer, headers: dict[str, str]
    ) -> None:
        assert sent(server, headers={**ORDINARY, **headers}).status == 200
        assert sent(server, "/_botocancel/time", b"", headers, "GET").status == 200

    def test_the_refusal_names_what_was_wrong_and_what_would_do(
        self, server: SimulatedServer
    ) -> None:
        told = sent(server, "/_botocancel/reset", b"", {"Host": "rebound.example"})
        assert "'rebound.example'" in told.document["error"]
        assert "127.0.0.1, localhost" in told.document["error"]
        told = sent(server, "/_botocancel/reset", b"", {"Origin": "https://page.example"})
        assert "'https://page.example'" in told.document["error"]

    def test_one_that_is_exposed_is_called_by_any_name_but_by_no_page(self) -> None:
        with SimulatedAWS().serve(host="0.0.0.0", expose=True) as server:  # noqa: S104  (as told)
            assert sent(server, headers={**ORDINARY, "Host": "aws.internal"}).status == 200
            page = {"Host": "aws.internal", "Origin": "http://aws.internal"}
            assert sent(server, "/_botocancel/reset", b"", page).status == 403


@needs_cbor
class TestCbor:
    def test_an_operation_is_named_by_the_path(
        self, aws: SimulatedAWS, server: SimulatedServer
    ) -> None:
        task_arn = aws.datasync().create_parent()
        answer = sent(server, START, cbor2.dumps({"TaskArn": task_arn}), CBOR)
        assert answer.headers["smithy-protocol"] == "rpc-v2-cbor"
        [arn] = aws.datasync().tasks
        assert cbor2.loads(answer.body) == {"TaskExecutionArn": arn}

    def test_an_error_is_named_by_its_absolute_shape(self, server: SimulatedServer) -> None:
        answer = sent(server, START, cbor2.dumps({"TaskArn": "task"}), CBOR)
        parsed = cbor2.loads(answer.body)
        assert parsed["__type"] == "com.amazonaws.datasync#InvalidRequestException"
        assert (answer.status, answer.error) == (400, "InvalidRequestException")

    def test_a_service_that_does_not_speak_it_is_not_there(self, server: SimulatedServer) -> None:
        path = "/service/AWSSimbaAPIService_v20180301/operation/DescribeDataRepositoryTasks"
        assert sent(server, path, b"", CBOR).error == "UnknownOperationException"


class TestGarbage:
    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            b"\xff\xfe\x00",
            b"[" * 100_000,
            b"[]",
            b'"text"',
            b'{"TaskIds": {"a": 1}}',
            b'{"MaxResults": NaN}',
            b'{"NextToken": "\\ud800"}',
            b'{"MaxResults": %s}' % (b"9" * 5000),
        ],
    )
    def test_a_body_that_is_no_request_is_not_serialized(
        self, server: SimulatedServer, body: bytes
    ) -> None:
        answer = sent(server, body=body)
        assert (answer.status, answer.error) == (400, "SerializationException")

    @needs_cbor
    @pytest.mark.parametrize(
        "body",
        [
            b"\xff",
            b"\xbf",
            b"\x81" * 100_000,
            b"\x5b" + b"\xff" * 8,
            b"\xa1\x67TaskArn\x61\xff",
            b"\xa1\x67TaskArn\xc1\xfb\x7f\xf0" + bytes(6),
            b"\xd8\x1c\x81\xd8\x1d\x00",
            b"{}",
        ],
    )
    def test_a_body_that_is_no_cbor_is_not_serialized(
        self, server: SimulatedServer, body: bytes
    ) -> None:
        answer = sent(server, START, body, CBOR)
        assert (answer.status, answer.error) == (400, "SerializationException")

    @pytest.mark.parametrize(
        ("path", "headers", "method", "code"),
        [
            ("/", {}, "POST", "UnknownOperationException"),
            ("/", {"X-Amz-Target": "DynamoDB_20120810.ListTables"}, "POST", "UnknownOperation"),
            ("/", {"X-Amz-Target": "FmrsService.Nothing"}, "POST", "MissingAuthentication"),
            ("/", {**SIGNED, "X-Amz-Target": "FmrsService.Nothing"}, "POST", "UnknownOperation"),
            ("/", {**DESCRIBE, "Authorization": "Bearer x"}, "POST", "MissingAuthentication"),
            ("/service/Nobody/operation/Nothing", CBOR, "POST", "UnknownOperationException"),
            ("/service/FmrsService", CBOR, "POST", "UnknownOperationException"),
            ("/", ORDINARY, "GET", "UnknownOperationException"),
            ("/", ORDINARY, "DELETE", "UnknownOperationException"),
            ("/%00%ff", {}, "PUT", "UnknownOperationException"),
        ],
    )
    def test_what_is_asked_of_nobody_is_refused(
        self, server: SimulatedServer, path: str, headers: dict[str, str], method: str, code: str
    ) -> None:
        assert sent(server, path, b"{}", headers, method).error.startswith(code)

    def test_a_body_too_large_is_refused(self, server: SimulatedServer) -> None:
        answer = sent(server, body=b" " * (MOST_BYTES + 1))
        assert (answer.status, answer.error) == (413, "RequestEntityTooLargeException")

    def test_a_body_that_does_not_come_is_not_waited_for(self, server: SimulatedServer) -> None:
        promised = {**ORDINARY, "Content-Length": "5"}
        answer = sent(server, body=b"{", headers=promised)
        assert (answer.status, answer.error) == (408, "RequestTimeoutException")

    @pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
    @pytest.mark.parametrize("body", [gzip.compress(b"{}", mtime=0), b"no archive"])
    def test_a_compressed_body_is_not_serialized(
        self, server: SimulatedServer, encoding: str, body: bytes
    ) -> None:
        answer = sent(server, body=body, headers={**ORDINARY, "Content-Encoding": encoding})
        assert (answer.status, answer.error) == (400, "SerializationException")

    @pytest.mark.parametrize(
        "pieces",
        [
            [b"Content-Length: 100\r\n\r\n", *[b" "] * 4],
            [b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n{\r\n", b"no chunk\r\n"],
            [b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\n \r\n"] * 4],
            [b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"],
        ],
        ids=["too little", "no chunk", "chunks without end", "waits to be asked"],
    )
    def test_a_body_that_comes_in_pieces_and_never_whole_is_given_up(
        self, server: SimulatedServer, pieces: list[bytes]
    ) -> None:
        head = "".join(f"{name}: {value}\r\n" for name, value in ORDINARY.items())
        with socket.create_connection(address_of(server), timeout=30) as caller:
            caller.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\n" + head.encode())
            for piece in pieces:
                caller.sendall(piece)
                time.sleep(0.02)
            told = caller.makefile("rb").read()
        assert b"\r\nx-amzn-errortype: " in told.lower()
        assert b"Traceback" not in told

    def test_a_caller_that_is_killed_fills_no_log(self, caplog: pytest.LogCaptureFixture) -> None:
        gone = ConnectionResetError("Cannot write to closing transport")
        logging.getLogger("botocancel.testing.server.http").error("aiohttp's", exc_info=gone)
        assert caplog.records == []

    @pytest.mark.parametrize(
        "garbage",
        [
            b"\x00\x01\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            b"POST / HTTP/1.1\r\nX: " + b"x" * 100_000,
            b"POST http://[::1 HTTP/1.1\r\n\r\n",
        ],
        ids=["bytes", "length", "header", "address"],
    )
    def test_what_is_no_http_fills_no_log(
        self, server: SimulatedServer, garbage: bytes, caplog: pytest.LogCaptureFixture
    ) -> None:
        with socket.create_connection(address_of(server), timeout=30) as caller:
            caller.sendall(garbage)
            told = caller.makefile("rb").read()
        assert told.startswith(b"HTTP/1.0 400 ")
        assert caplog.records == []

    @pytest.mark.parametrize("start", [b"", b"POST / HTTP/1.1\r\nHost:", b"\x00\x01\r\n\r\n"])
    def test_a_caller_that_never_makes_a_request_is_left(
        self, server: SimulatedServer, start: bytes
    ) -> None:
        with socket.create_connection(address_of(server), timeout=30) as caller:
            caller.sendall(start)
            told = caller.makefile("rb").read()
        assert b"Traceback" not in told
        assert sent(server).status == 200

    def test_a_bug_is_told_as_an_internal_failure(
        self, aws: SimulatedAWS, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(_: object) -> None:
            msg = "a bug"
            raise RuntimeError(msg)

        monkeypatch.setattr(aws, "answer", broken)
        with aws.serve() as server:
            answer = sent(server)
        assert (answer.status, answer.error) == (500, "InternalFailure")
        assert [str(failure) for failure in server.failures] == ["a bug"]


class TestFaults:
    @pytest.mark.parametrize("kind", [FaultKind.LOST_REQUEST, FaultKind.LOST_ANSWER])
    def test_a_connection_breaks(
        self, aws: SimulatedAWS, server: SimulatedServer, kind: FaultKind
    ) -> None:
        client = client_of(server)
        aws.inject(Fault(kind=kind))
        with pytest.raises(ConnectionClosedError):
            client.describe_data_repository_tasks()
        assert client.describe_data_repository_tasks()["DataRepositoryTasks"] == []

    def test_an_answer_does_not_come(self, aws: SimulatedAWS, server: SimulatedServer) -> None:
        aws.inject(Fault(kind=FaultKind.LOST_ANSWER, timed_out=True))
        with pytest.raises(ReadTimeoutError):
            client_of(server, read_timeout=0.1).describe_data_repository_tasks()

    def test_garbage_arrives_as_it_is(self, aws: SimulatedAWS, server: SimulatedServer) -> None:
        aws.inject(Fault(kind=FaultKind.GARBAGE, body="<html>", http_status=502))
        answer = sent(server)
        assert (answer.status, answer.body) == (502, b"<html>")

    def test_a_body_ends_before_its_length(
        self, aws: SimulatedAWS, server: SimulatedServer
    ) -> None:
        """The connection closes; what has arrived can be read."""
        aws.inject(Fault(kind=FaultKind.CUT_BODY, received=3))
        with closing(HTTPConnection(*address_of(server), timeout=30)) as connection:
            connection.request("POST", "/", b"", ORDINARY)
            answer = connection.getresponse()
            with pytest.raises(IncompleteRead) as caught:
                answer.read()
        assert caught.value.partial == b'{"D'
        assert answer.getheader("content-length") == str(3 + (caught.value.expected or 0))

    def test_another_content_arrives_with_its_type(
        self, aws: SimulatedAWS, server: SimulatedServer
    ) -> None:
        aws.inject(Fault(kind=FaultKind.FOREIGN_CONTENT))
        answer = sent(server)
        assert (answer.status, answer.headers["content-type"]) == (200, "text/html")
        assert answer.body.startswith(b"<html>")
        assert answer.headers["x-amzn-requestid"] == aws.requests[-1].request_id

    @pytest.mark.parametrize("speed", [None, 4.0])
    def test_an_answer_drips_in_real_time(self, aws: SimulatedAWS, speed: float | None) -> None:
        """No pause is as long as a read timeout, so botocore reads on to the end."""
        seconds = 0.02 * (speed or 1)
        aws.inject(Fault(kind=FaultKind.DRIPPING, seconds=seconds))
        with aws.serve(speed=speed) as server:
            began = time.monotonic()
            answer = client_of(server, read_timeout=1).describe_data_repository_tasks()
        length = int(answer["ResponseMetadata"]["HTTPHeaders"]["content-length"])
        assert time.monotonic() - began >= 0.02 * length
        assert aws.clock.seconds >= seconds * length

    def test_an_error_code_that_fits_no_header_is_in_the_body(
        self, aws: SimulatedAWS, server: SimulatedServer
    ) -> None:
        aws.inject(Fault(kind=FaultKind.ERROR, code="a\nb"))
        answer = sent(server)
        assert (answer.status, answer.document["__type"]) == (400, "a\nb")


class TestTime:
    def test_an_answer_has_the_date_of_simulated_time(
        self, aws: SimulatedAWS, server: SimulatedServer
    ) -> None:
        aws.advance(3600)
        assert sent(server).headers["date"] == "Mon, 01 Jan 2024 01:00:00 GMT"

    def test_time_follows_real_time_as_fast_as_it_is_told(self) -> None:
        real = iter([100.0, 101.0, 101.5])
        clock = VirtualClock()
        pace = Pace(60, lambda: next(real))
        pace.catch_up(clock)
        pace.catch_up(clock)
        assert clock.seconds == 90

    def test_simulated_time_that_has_passed_already_is_not_counted_twice(self) -> None:
        real = iter([100.0, 100.0, 101.0, 102.0])
        clock = VirtualClock()
        pace = Pace(60, lambda: next(real))
        pace.catch_up(clock)
        clock.advance(90)
        assert pace.owed(90) == 1.5
        pace.catch_up(clock)
        assert clock.seconds == 90
        pace.catch_up(clock)
        assert clock.seconds == 120

    def test_without_a_speed_time_stands_still(self, aws: SimulatedAWS) -> None:
        with aws.serve(speed=0) as server:
            sent(server)
        assert aws.clock.seconds == 0

    @pytest.mark.parametrize("speed", [-1, float("inf"), float("nan")])
    def test_a_speed_that_is_none_is_refused(self, aws: SimulatedAWS, speed: float) -> None:
        with pytest.raises(ValueError, match="speed"):
            aws.serve(speed=speed)

    def test_tasks_end_while_nobody_asks(self, aws: SimulatedAWS) -> None:
        task_id = aws.fsx().start(seconds={"PENDING": 1, "EXECUTING": 1})
        ended = threading.Event()
        aws.clock.call_in(2.5, ended.set)
        with aws.serve(speed=100):
            assert ended.wait(30)
        assert aws.fsx().status(task_id) == "SUCCEEDED"

    def test_a_slow_answer_takes_its_time(self, aws: SimulatedAWS) -> None:
        aws.inject(Fault(kind=FaultKind.SLOW, seconds=3600))
        with aws.serve(speed=10) as server, pytest.raises(ReadTimeoutError):
            client_of(server, read_timeout=0.1).describe_data_repository_tasks()


class TestCrowds:
    @needs_cbor
    def test_sixty_four_clients_at_once_lose_nothing(self) -> None:
        report = load.run(clients=64, requests=1500)
        assert report.complaints == []
        assert len(report.heard) == 1500

    @needs_cbor
    def test_a_cancel_that_is_lost_would_be_noticed(self) -> None:
        fault = Fault(kind=FaultKind.IGNORED_CANCEL, times=None)
        assert load.run(clients=2, requests=50, fault=fault).complaints


class TestCommand:
    def test_it_says_where_it_answers_until_it_is_stopped(self, tmp_path: Path) -> None:
        seeds = tmp_path / "seeds.yaml"
        seeds.write_text(
            "region: eu-west-1\ntasks: [{service: fsx, name: export, status: EXECUTING}]\n"
        )
        command = [sys.executable, "-c", RUN, "--seed-file", str(seeds), "--speed", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            watchdog = threading.Timer(60, process.kill)
            watchdog.start()
            assert process.stdout
            lines = list(takewhile(lambda line: "Ctrl-C" not in line, process.stdout))
            exports = [line.removeprefix("export ").strip() for line in lines if "=" in line]
            variables = dict(line.split("=", 1) for line in exports)
            [about] = [line for line in lines if line.startswith("# tasks export: ")]
            program = "import boto3; print(boto3.client('fsx').cancel_data_repository_task(TaskId='{}')['Lifecycle'])"  # noqa: E501  (one program)
            done = subprocess.run(
                [sys.executable, "-c", program.format(about.split()[-1])],
                env={**os.environ, **variables},
                capture_output=True,
                text=True,
                check=True,
            )
            process.send_signal(signal.SIGINT)
            assert (done.stdout, process.wait(30)) == ("CANCELING\n", 0)
            watchdog.cancel()

    @pytest.mark.parametrize(
        ("arguments", "seeds", "began"),
        [
            ([], "", None),
            ([], "start: 2024-02-29T12:00:00Z", "2024-02-29T12:00:00+00:00"),
            (["--start", "2025-01-01T01:00:00+01:00"], "", "2025-01-01T00:00:00+00:00"),
            (
                ["--start", "2025-01-01T00:00:00Z"],
                "start: 2024-02-29T12:00:00Z",
                "2025-01-01T00:00:00+00:00",
            ),
        ],
    )
    def test_its_time_begins_now_unless_told_otherwise(
        self, arguments: list[str], seeds: str, began: str | None, tmp_path: Path
    ) -> None:
        """So what is made there is as old as it seems; a reset goes back to that time."""
        (tmp_path / "seeds.yaml").write_text(seeds)
        command = [sys.executable, "-c", RUN, "--seed-file", str(tmp_path / "seeds.yaml")]
        before = datetime.now(UTC).replace(microsecond=0)
        with subprocess.Popen(
            [*command, "--speed", "0", *arguments], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            url = process.stdout.readline().partition(" at ")[2].partition(";")[0]
            with closing(HTTPConnection(urlsplit(url).netloc, timeout=30)) as connection:
                connection.request("POST", "/_botocancel/time", '{"advance": 60}')
                connection.getresponse().read()
                connection.request("POST", "/_botocancel/reset")
                connection.getresponse().read()
                connection.request("GET", "/_botocancel/time")
                told = datetime.fromisoformat(json.load(connection.getresponse())["now"])
            process.kill()
        if began is None:
            assert before <= told <= datetime.now(UTC)
        else:
            assert told.isoformat() == began

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["--host", "0.0.0.0"], "--expose"),  # noqa: S104  (to be refused)
            (["--seed-file", "missing.yaml"], "does not exist"),
            (["--seed-file", "wrong.yaml"], "fsx_taks: there is no such key; did you mean"),
            (["--speed", "-1"], "speed"),
            (["--start", "2024-01-01"], "start: expected a time with its zone"),
        ],
    )
    def test_it_says_what_it_does_not_do(
        self, arguments: list[str], words: str, tmp_path: Path
    ) -> None:
        (tmp_path / "wrong.yaml").write_text("fsx_taks: []\n")
        done = subprocess.run(
            [sys.executable, "-c", RUN, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode in {1, 2}
        assert words in done.stderr
        assert "Traceback" not in done.stderr


def test_a_client_is_refused_whose_credentials_nobody_gave_out(server: SimulatedServer) -> None:
    session = Session()
    session.set_credentials("AKIDEXAMPLE", "secret")
    client: Any = session.create_client("fsx", region_name="us-east-1", endpoint_url=server.url)
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        client.describe_data_repository_tasks()
