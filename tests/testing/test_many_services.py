"""Services in every protocol, and kinds of one client, behind one endpoint."""

from __future__ import annotations

from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from urllib.parse import urlsplit

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.session import Session

from botocancel.testing import Fault, FaultKind, SimulatedAWS
from botocancel.testing import _world as world
from botocancel.testing._models import botocore_is_older, service_model
from botocancel.testing._protocols import PROTOCOLS
from botocancel.testing.wire import HttpRequest, access_key_of
from tests.testing.toys import Asked, Toy, simulating
from tests.witnesses.speakers import Speaking

if TYPE_CHECKING:
    from collections.abc import Callable

Client: TypeAlias = Any
"""A botocore client, whose methods are made at run time."""

ONCE = Config(retries={"total_max_attempts": 1, "mode": "standard"})
REASON = {"reason": "a test"}
APPLICATION = {"applicationId": "00fabcdef"}
needs_cbor = pytest.mark.skipif(
    botocore_is_older(), reason="this botocore's model has no CBOR in CodeBuild"
)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> SimulatedAWS:
    return simulating(monkeypatch)


def client_of(aws: SimulatedAWS, service: str) -> Client:
    """Return a botocore client that does not retry, and speaks CBOR where it can."""
    session = aws.session()
    if service == "codebuild":
        session.register_component("data_loader", Speaking("smithy-rpc-v2-cbor"))
    client: Client = session.create_client(cast("Any", service), config=ONCE)
    return client


def answer_of(error: ClientError) -> Any:  # noqa: ANN401  (what botocore parsed)
    """Return what came with an error."""
    return error.response


def signed(service: str) -> dict[str, str]:
    """Return the headers of a request that is signed for a service."""
    scope = f"{access_key_of('123456789012')}/20240101/us-east-1/{service}/aws4_request"
    return {"authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=h, Signature=0"}


def sent(aws: SimulatedAWS, method: str, path: str, service: str = "") -> tuple[int, str | None]:
    """Send a request by hand; return the HTTP status and the code of the error."""
    headers = signed(service) if service else {}
    answer = aws.answer(HttpRequest(method=method, path=path, headers=headers, body=b""))
    return answer.status, answer.headers.get("x-amzn-errortype")


class TestRest:
    def test_a_service_with_all_in_its_bodies(self, aws: SimulatedAWS) -> None:
        batch = client_of(aws, "batch")
        job = batch.submit_job(jobName="a", jobQueue="q", jobDefinition="d")["jobId"]
        [described] = batch.describe_jobs(jobs=[job])["jobs"]
        assert (described["status"], described["tags"]) == ("RUNNING", {"a b": "ü"})
        assert set(batch.cancel_job(jobId=job, **REASON)) == {"ResponseMetadata"}
        assert aws.simulator("batch").status(job) == "FAILED"
        other = aws.simulator("batch").start()
        first = batch.list_jobs(jobQueue="q", maxResults=1)
        second = batch.list_jobs(jobQueue="q", nextToken=first["nextToken"])
        pages = [page["jobSummaryList"][0]["jobId"] for page in (first, second)]
        assert (pages, second.get("nextToken")) == ([job, other], None)

    def test_an_error_is_the_service_s_own(self, aws: SimulatedAWS) -> None:
        """Told by a header, with the message in the body and the request id of the log."""
        batch = client_of(aws, "batch")
        with pytest.raises(batch.exceptions.ClientException) as caught:
            batch.terminate_job(jobId="none", **REASON)
        response = caught.value.response
        assert response["Error"] == {"Code": "ClientException", "Message": "There is no none."}
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
        assert response["ResponseMetadata"]["RequestId"] == aws.requests[-1].request_id

    def test_a_service_with_ids_in_paths(self, aws: SimulatedAWS) -> None:
        emr = client_of(aws, "emr-serverless")
        run = {**APPLICATION, "jobRunId": aws.simulator("emr-serverless").start()}
        answer = emr.cancel_job_run(**run)
        assert run.items() <= answer.items()
        assert aws.requests[-1].parameters == run
        told = emr.get_job_run(**run)["jobRun"]
        assert told["state"] == "CANCELLED"
        assert told["createdAt"] == aws.clock.at(0.25)
        with pytest.raises(emr.exceptions.ResourceNotFoundException) as caught:
            emr.get_job_run(**APPLICATION, jobRunId="00none")
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404

    def test_a_service_with_filters_in_query_strings(self, aws: SimulatedAWS) -> None:
        emr, runs = client_of(aws, "emr-serverless"), aws.simulator("emr-serverless")
        ended, old = runs.start("SUCCESS"), runs.start()
        aws.advance(50)
        new = runs.start()

        def listed(**filters: object) -> list[str]:
            answer = emr.list_job_runs(**APPLICATION, **filters)
            return [run["id"] for run in answer["jobRuns"]]

        assert listed() == [ended, old, new]
        assert listed(states=["RUNNING"]) == [old, new]
        assert listed(states=["FAILED", "SUCCESS"]) == [ended]
        since = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=50)
        assert listed(createdAtAfter=since) == [new]
        assert listed(maxResults=2) == [ended, old]
        assert aws.requests[-1].parameters == {**APPLICATION, "maxResults": 2}

    @pytest.mark.parametrize(
        ("sent_as", "read_as"),
        [("a%2Fb", "a/b"), ("a%252Fb", "a%2Fb"), ("a+b", "a+b"), ("%C3%BC", "ü"), ("%00", "\0")],
    )
    def test_an_id_in_a_path_is_decoded_once(
        self, aws: SimulatedAWS, sent_as: str, read_as: str
    ) -> None:
        """In process and over HTTP."""
        path, headers = f"/applications/0a/jobruns/{sent_as}", signed("emr-serverless")
        answer = aws.answer(HttpRequest(method="GET", path=path, headers=headers, body=b""))
        with aws.serve() as server, closing(_connected(server.url)) as connection:
            connection.request("GET", path, headers=headers)
            assert connection.getresponse().status == answer.status
        assert [record.parameters["jobRunId"] for record in aws.requests] == [read_as] * 2

    @pytest.mark.parametrize(
        ("method", "path", "service", "told"),
        [
            ("GET", "/nowhere", "batch", (404, "UnknownOperationException")),
            ("GET", "/v1/canceljob", "batch", (404, "UnknownOperationException")),
            ("POST", "/v1/canceljob/", "batch", (404, "UnknownOperationException")),
            ("POST", "/v1/canceljob", "emr-serverless", (404, "UnknownOperationException")),
            ("POST", "/v1/canceljob", "", (400, "MissingAuthenticationTokenException")),
            ("GET", "/applications/0a", "emr-serverless", (404, "UnknownOperationException")),
            ("GET", "/applications//jobruns", "emr-serverless", (404, "UnknownOperationException")),
        ],
    )
    def test_what_is_asked_of_nobody_is_refused(
        self, aws: SimulatedAWS, method: str, path: str, service: str, told: tuple[int, str]
    ) -> None:
        assert sent(aws, method, path, service) == told
        assert not aws.requests

    @pytest.mark.parametrize("service", ["emr-serverless", "omics"])
    def test_of_services_with_the_same_paths_the_signature_names_one(self, service: str) -> None:
        models = [service_model(name) for name in ("emr-serverless", "omics")]
        path = "/tags/arn%3Aaws"
        request = HttpRequest(method="GET", path=path, headers=signed(service), body=b"")
        assert PROTOCOLS[-1].target(request, models) == (
            service_model(service),
            "ListTagsForResource",
        )

    @pytest.mark.parametrize("value", ["x", "1.5", ""])
    def test_a_text_that_is_no_number_is_not_serialized(
        self, aws: SimulatedAWS, value: str
    ) -> None:
        request = HttpRequest(
            method="GET",
            path="/applications/0a/jobruns",
            query=f"maxResults={value}",
            headers=signed("emr-serverless"),
            body=b"",
        )
        answer = aws.answer(request)
        assert (answer.status, answer.headers["x-amzn-errortype"]) == (
            400,
            "SerializationException",
        )
        assert b"maxResults is no integer" in answer.body


class TestJson:
    @pytest.mark.parametrize(
        ("service", "version"), [("stepfunctions", "1.0"), ("sagemaker", "1.1")]
    )
    def test_the_version_is_that_of_the_service(
        self, aws: SimulatedAWS, service: str, version: str
    ) -> None:
        prefix = service_model(service).metadata["targetPrefix"]
        for operation in ("StopExecution", "StopTrainingJob", "Nothing"):
            headers = {**signed(service), "x-amz-target": f"{prefix}.{operation}"}
            answer = aws.answer(HttpRequest(headers=headers, body=b"{}"))
            assert answer.headers["content-type"] == f"application/x-amz-json-{version}"

    def test_an_instant_is_read_and_written(self, aws: SimulatedAWS) -> None:
        aws.advance(12.5)
        arn = aws.simulator("stepfunctions").start()
        answer = client_of(aws, "stepfunctions").stop_execution(executionArn=arn)
        assert answer["stopDate"] == aws.clock.now


@needs_cbor
class TestCbor:
    def test_a_service_that_botocore_speaks_cbor_to(self, aws: SimulatedAWS) -> None:
        codebuild = client_of(aws, "codebuild")
        build = aws.simulator("codebuild").start()
        answer = codebuild.stop_build(id=build)
        assert answer["ResponseMetadata"]["HTTPHeaders"]["content-type"] == "application/cbor"
        [told] = codebuild.batch_get_builds(ids=[build])["builds"]
        assert (told["id"], told["buildStatus"]) == (build, "STOPPED")
        assert told["startTime"] == aws.clock.at(0)
        with pytest.raises(codebuild.exceptions.InvalidInputException):
            codebuild.stop_build(id="none")


class ToBatch(Asked):
    service = "batch"
    operation = "StopTrainingJob"


class TestKinds:
    """Several kinds of tasks whose requests are one client's."""

    def test_each_answers_what_it_alone_does(self, aws: SimulatedAWS) -> None:
        """With an empty body, as the model of either operation has no answer."""
        client = client_of(aws, "sagemaker")
        training = aws.simulator("sagemaker-training").start()
        processing = aws.simulator("sagemaker-processing").start()
        answer = client.stop_processing_job(ProcessingJobName=processing)
        assert answer["ResponseMetadata"]["HTTPHeaders"]["content-length"] == "0"
        assert aws.simulator("sagemaker-processing").status(processing) == "FAILED"
        assert aws.simulator("sagemaker-training").status(training) == "RUNNING"
        client.stop_training_job(TrainingJobName=training)
        assert aws.simulator("sagemaker-training").status(training) == "FAILED"
        told = [(record.service, record.operation) for record in aws.requests]
        assert told == [
            ("sagemaker-processing", "StopProcessingJob"),
            ("sagemaker-training", "StopTrainingJob"),
        ]

    @pytest.mark.parametrize("kind", ["sagemaker-training", "sagemaker-processing"])
    def test_what_both_do_is_answered_by_the_one_that_has_the_task(
        self, aws: SimulatedAWS, kind: str
    ) -> None:
        simulator = aws.simulator(kind)
        arn = str(simulator.tasks[simulator.start()].names[-1])
        client = client_of(aws, "sagemaker")
        assert client.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "of", "Value": kind}]
        unknown = client.list_tags(ResourceArn="arn:aws:sagemaker:us-east-1:123456789012:x/y")
        assert unknown["Tags"][0]["Value"] == "sagemaker-processing"

    def test_a_typed_request_finds_its_kind_too(self, aws: SimulatedAWS) -> None:
        training = aws.simulator("sagemaker-training")
        asked = training.request_types["StopTrainingJob"]
        task = training.start()
        aws.handle(asked.from_wire({"TrainingJobName": task}))
        assert training.status(task) == "FAILED"
        with pytest.raises(LookupError, match="StopTrainingJob"):
            aws.handle(ToBatch.from_wire({}))

    def test_a_fault_may_be_of_one_kind_only(self, aws: SimulatedAWS) -> None:
        aws.inject(Fault(kind=FaultKind.THROTTLE, service="sagemaker-training", times=None))
        client = client_of(aws, "sagemaker")
        processing = aws.simulator("sagemaker-processing").start()
        client.stop_processing_job(ProcessingJobName=processing)
        with pytest.raises(ClientError, match="ThrottlingException"):
            client.stop_training_job(TrainingJobName="x")

    def test_an_operation_of_the_client_that_no_kind_has_is_refused(
        self, aws: SimulatedAWS
    ) -> None:
        with pytest.raises(ClientError, match="UnknownOperationException"):
            client_of(aws, "sagemaker").list_models()


class TestEndpoints:
    def test_every_client_is_told_its_endpoint(
        self, aws: SimulatedAWS, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """By the id of the service, once for all kinds of a client."""
        with aws.serve() as server:
            named = {name for name in server.environment if name.startswith("AWS_ENDPOINT_URL_")}
            ids = {"ATHENA", "CLOUDFORMATION", "CLOUDWATCH_LOGS", "FSX", "OMICS", "SFN"}
            assert {f"AWS_ENDPOINT_URL_{name}" for name in ids} <= named
            assert len(named) == len(world.clients())
            assert server.exports.count("AWS_ENDPOINT_URL_SAGEMAKER=") == 1
            for name, value in server.environment.items():
                monkeypatch.setenv(name, value)
            arn = aws.simulator("stepfunctions").start()
            client: Client = Session().create_client("stepfunctions")
            client.stop_execution(executionArn=arn)
        assert aws.simulator("stepfunctions").status(arn) == "FAILED"

    @pytest.mark.skipif(botocore_is_older(), reason="this botocore reads no such variable")
    def test_no_word_is_put_before_the_host(
        self, aws: SimulatedAWS, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        runs = aws.simulator("omics")
        task = runs.tasks["1"] = runs.tasks[runs.start()]  # the ids of runs are shorter
        with aws.serve() as server:
            for name, value in server.environment.items():
                monkeypatch.setenv(name, value)
            client: Client = Session().create_client("omics")
            answer = client.cancel_run(id="1")["ResponseMetadata"]
        assert (answer["HTTPStatusCode"], answer["HTTPHeaders"]["content-length"]) == (202, "0")
        assert task.status == "FAILED"

    def test_a_service_in_a_protocol_that_is_not_spoken_says_so(self, aws: SimulatedAWS) -> None:
        """In words that its own parser reads; the others are answered."""
        with pytest.raises(ClientError) as caught:
            client_of(aws, "cloudformation").cancel_update_stack(StackName="x")
        error = answer_of(caught.value)["Error"]
        assert error["Code"] == "NotImplemented"
        assert "smithy-rpc-v2-cbor, rest-json, not query, as cloudformation" in error["Message"]
        assert client_of(aws, "batch").list_jobs(jobQueue="q")["jobSummaryList"] == []
        assert client_of(aws, "fsx").describe_data_repository_tasks()["DataRepositoryTasks"] == []

    def test_a_service_that_this_botocore_does_not_know_keeps_nobody_from_answering(
        self, aws: SimulatedAWS, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class FromTheFuture(Toy):
            service = "from-the-future"

        types = {**world.simulator_types(), "from-the-future": FromTheFuture}
        monkeypatch.setattr(world, "simulator_types", lambda: types)
        assert client_of(aws, "batch").list_jobs(jobQueue="q")["jobSummaryList"] == []
        with aws.serve() as server:
            assert "AWS_ENDPOINT_URL_BATCH" in server.environment
            assert "FUTURE" not in server.exports


def _batch(aws: SimulatedAWS) -> Callable[[], Any]:
    job = aws.simulator("batch").start()
    return lambda: client_of(aws, "batch").describe_jobs(jobs=[job])


def _emr(aws: SimulatedAWS) -> Callable[[], Any]:
    aws.simulator("emr-serverless").start()
    return lambda: client_of(aws, "emr-serverless").list_job_runs(**APPLICATION)


def _build(aws: SimulatedAWS) -> Callable[[], Any]:
    build = aws.simulator("codebuild").start()
    return lambda: client_of(aws, "codebuild").batch_get_builds(ids=[build])


def _fsx(aws: SimulatedAWS) -> Callable[[], Any]:
    aws.fsx().start()
    return lambda: client_of(aws, "fsx").describe_data_repository_tasks()


@pytest.mark.parametrize(
    ("call_of", "member", "status"),
    [
        pytest.param(_fsx, "DataRepositoryTasks", "Lifecycle", id="json"),
        pytest.param(_batch, "jobs", "status", id="rest-json"),
        pytest.param(_emr, "jobRuns", "state", id="rest-json, ids in paths"),
        pytest.param(_build, "builds", "buildStatus", id="cbor", marks=needs_cbor),
    ],
)
class TestFaults:
    """Every kind of fault comes about in every protocol."""

    def test_errors(
        self,
        aws: SimulatedAWS,
        call_of: Callable[[SimulatedAWS], Callable[[], Any]],
        member: str,
        status: str,  # noqa: ARG002
    ) -> None:
        call = call_of(aws)
        for fault, code, http_status in (
            (Fault(kind=FaultKind.THROTTLE), "ThrottlingException", 400),
            (Fault(kind=FaultKind.UNAVAILABLE), "ServiceUnavailable", 503),
            (Fault(kind=FaultKind.ERROR, code="Odd", http_status=418), "Odd", 418),
            (Fault(kind=FaultKind.ERROR, code="a\nb"), "a\nb", 400),
            (Fault(kind=FaultKind.GARBAGE, body="<html>", http_status=502), "502", 502),
        ):
            aws.inject(fault)
            with pytest.raises(ClientError) as caught:
                call()
            response = answer_of(caught.value)
            assert response["Error"]["Code"] == code
            assert response["ResponseMetadata"]["HTTPStatusCode"] == http_status
        aws.inject(Fault(kind=FaultKind.INTERNAL_ERROR, message="Ouch"))
        with pytest.raises(ClientError, match="Ouch"):
            call()
        assert len(call()[member]) == 1

    def test_connections_that_break(
        self,
        aws: SimulatedAWS,
        call_of: Callable[[SimulatedAWS], Callable[[], Any]],
        member: str,
        status: str,  # noqa: ARG002
    ) -> None:
        call = call_of(aws)
        for kind in (FaultKind.LOST_REQUEST, FaultKind.LOST_ANSWER):
            aws.inject(Fault(kind=kind))
            with pytest.raises(ConnectionClosedError):
                call()
        assert len(call()[member]) == 1

    def test_bodies_that_are_spoiled(
        self,
        aws: SimulatedAWS,
        call_of: Callable[[SimulatedAWS], Callable[[], Any]],
        member: str,
        status: str,  # noqa: ARG002
    ) -> None:
        """The service has handled the request; no member of the answer arrives."""
        call = call_of(aws)
        whole = call()["ResponseMetadata"]["HTTPHeaders"]["content-length"]
        aws.inject(Fault(kind=FaultKind.MISSING_MEMBER))
        assert member not in call()
        for fault in (
            Fault(kind=FaultKind.CUT_BODY, received=0),
            Fault(kind=FaultKind.FOREIGN_CONTENT, body=""),
        ):
            aws.inject(fault)
            with suppress(AttributeError):  # of botocore's parser, at CBOR that is empty
                answer = call()
                length = answer["ResponseMetadata"]["HTTPHeaders"]["content-length"]
                assert (member in answer, length) == (False, whole if fault.received == 0 else "0")
        assert [record.outcome for record in aws.requests] == ["accepted"] * 4

    def test_answers_that_are_wrong(
        self,
        aws: SimulatedAWS,
        call_of: Callable[[SimulatedAWS], Callable[[], Any]],
        member: str,
        status: str,
    ) -> None:
        call = call_of(aws)
        aws.inject(Fault(kind=FaultKind.UNKNOWN_STATUS, value="PAUSED"))
        assert call()[member][0][status] == "PAUSED"
        aws.inject(Fault(kind=FaultKind.ODD_ITEM, member=status))
        assert status not in call()[member][0]
        aws.inject(Fault(kind=FaultKind.REPLACED_MEMBER, member=member, new_name="Other"))
        assert member not in call()
        aws.inject(Fault(kind=FaultKind.DRIPPING, seconds=1.0))
        before = aws.clock.seconds
        length = call()["ResponseMetadata"]["HTTPHeaders"]["content-length"]
        assert aws.clock.seconds - before == int(length)
        aws.inject(Fault(kind=FaultKind.STALE_READ, seconds=1e6))
        assert call()[member] == []


def _connected(url: str) -> HTTPConnection:
    return HTTPConnection(urlsplit(url).netloc, timeout=30)
