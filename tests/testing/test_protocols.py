"""The protocols, spoken with botocore's serializers and parsers over botocore's models."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.awsrequest import create_request_object, prepare_request_dict
from botocore.endpoint import convert_to_response_dict
from botocore.model import ListShape, MapShape, StructureShape
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from botocancel.testing._models import (
    botocore_is_older,
    is_known,
    protocols_of,
    service_model,
    shapes_of,
)
from botocancel.testing._network import before_send
from botocancel.testing._protocols import PROTOCOLS
from botocancel.testing._protocols.values import location_of
from botocancel.testing._rules import broken_rules, pruned, wrong_types
from botocancel.testing.wire import HttpAnswer, HttpRequest

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape

    from botocancel.testing._protocols import Protocol

TEXT = "a b/c%2Fd+e&f=g?h#ü\N{SNOWMAN}"
"""What has to be encoded, and looks as if it were, in any place but a header."""
DEPTH = 5
"""How deep values go; shapes may hold themselves."""


class Values:
    """Values of shapes, made up: enough members are left out, none has a wrong type."""

    def __init__(self, seed: object) -> None:
        self._random = Random(str(seed))  # noqa: S311  (nothing here is a secret)

    def of(self, shape: Shape, depth: int = 0) -> Any:  # noqa: ANN401  (whatever it says)
        """Return a value of a shape."""
        if isinstance(shape, StructureShape):
            return {"free": [1, None]} if shape.is_document_type else self._members(shape, depth)
        some = "ab" if depth < DEPTH else ""
        if isinstance(shape, ListShape):
            return [self._in(shape.member, location_of(shape), depth) for _ in some]
        if isinstance(shape, MapShape):
            return {key: self._in(shape.value, location_of(shape), depth) for key in some}
        return {
            "blob": bytes(self._random.randbytes(5)),
            "boolean": self._random.random() < 0.5,
            "double": self._random.randint(0, 99) / 4,
            "float": self._random.randint(0, 99) / 4,
            "integer": self._random.randint(-99, 99),
            "long": self._random.randint(0, 2**40),
            "string": TEXT,
            "timestamp": datetime.fromtimestamp(self._random.randint(0, 2**31), UTC),
        }[shape.type_name]

    def _members(self, shape: StructureShape, depth: int) -> dict[str, Any]:
        names = [
            name
            for name, member in shape.members.items()
            if location_of(member) == "uri"
            or name in shape.required_members
            or (depth < DEPTH and self._random.random() < 0.8)
        ]
        if shape.is_tagged_union:
            names = sorted(shape.members, key=lambda name: hasattr(shape.members[name], "members"))[
                :1
            ]
        return {
            name: self._in(shape.members[name], location_of(shape.members[name]), depth)
            for name in names
        }

    def _in(self, shape: Shape, location: str | None, depth: int) -> Any:  # noqa: ANN401
        """Return a value that has a form in its place."""
        if location == "statusCode":
            return 202
        is_host = shape.serialization.get("hostLabel")
        if shape.type_name == "string" and (is_host or location in {"header", "headers"}):
            return "host" if is_host else "a b%20c"
        return self.of(shape, depth + 1)


def spoken(protocol: Protocol, operation: OperationModel) -> tuple[Any, Any, Any, Any]:
    """Have a request made by botocore read, and its answer read by botocore.

    Returns:
        What was asked, what was read, what was answered, what botocore made of that.
    """
    values = Values(f"{operation.service_model.service_name} {operation.name}")
    asked, answered = (
        {} if shape is None else values.of(shape)
        for shape in (operation.input_shape, operation.output_shape)
    )
    read: list[object] = []

    def answer(request: HttpRequest) -> HttpAnswer:
        assert next(each for each in PROTOCOLS if each.speaks(request)) is protocol
        service = operation.service_model
        assert protocol.target(request, [service]) == (service, operation.name)
        read.append(protocol.read(request, operation))
        content = protocol.write(answered, operation)
        return HttpAnswer(status=content.status, headers=content.headers, body=content.body)

    serialized: Any = create_serializer(protocol.name, include_validation=False)
    wire = serialized.serialize_to_request(asked, operation)
    prepare_request_dict(wire, endpoint_url="https://simulated.invalid", context={})
    response = before_send(answer)(request=create_request_object(wire).prepare())
    parts = cast("Any", convert_to_response_dict)(response, operation)
    parser: Any = create_parser(protocol.name)
    parsed = parser.parse(parts, operation.output_shape)
    assert parsed.pop("ResponseMetadata")["HTTPStatusCode"] == response.status_code
    streamed = {name: part.read() for name, part in parsed.items() if hasattr(part, "read")}
    return asked, read[0], answered, {**parsed, **streamed}


def without_what_always_arrives(
    parsed: dict[str, Any], answered: dict[str, Any], operation: OperationModel
) -> dict[str, Any]:
    """Leave out what of every HTTP answer there is: a status, a body, the headers it has."""
    shape = operation.output_shape
    if shape is None:
        return parsed
    payload = shape.serialization.get("payload")
    return {
        name: part
        for name, part in parsed.items()
        if name in answered or (name != payload and location_of(shape.members[name]) is None)
    }


SERVICES = {
    "json": ("codeconnections", "datasync", "fsx", "glue", "sagemaker", "stepfunctions"),
    "smithy-rpc-v2-cbor": ("cloudwatch", "codebuild", "codeconnections", "datasync"),
    "rest-json": (
        *("apigateway", "batch", "bedrock", "chime", "emr-serverless", "glacier", "lambda"),
        *("omics", "workspaces-web"),
    ),
}
"""Of each protocol, services that use what there is of it."""


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)
def test_botocore_and_the_simulated_aws_understand_each_other(protocol: Protocol) -> None:
    """Every operation, with values in every place that its model knows."""
    names = [
        name
        for name in SERVICES[protocol.name]
        if is_known(name) and protocol.name in protocols_of(name)
    ]
    if not names:
        pytest.skip("this botocore does not speak it")
    for service in map(service_model, names):
        for name in service.operation_names:
            operation = service.operation_model(name)
            if not (operation.has_event_stream_input or operation.has_event_stream_output):
                asked, read, answered, parsed = spoken(protocol, operation)
                assert read == asked, operation
                arrived = without_what_always_arrives(parsed, answered, operation)
                assert arrived == answered, operation


def test_maps_stand_in_headers_and_query_strings() -> None:
    """Only the answer of one service has headers of any name."""
    protocol = PROTOCOLS[-1]
    operation = service_model("dataexchange").operation_model("SendApiAsset")
    asked, read, answered, parsed = spoken(protocol, operation)
    assert asked["RequestHeaders"] == {"a": "a b%20c", "b": "a b%20c"}
    assert set(asked["QueryStringParameters"]) == {"a", "b"}
    assert read == asked
    assert answered["ResponseHeaders"].items() <= parsed["ResponseHeaders"].items()


def wrongs_of(
    service: str,
    name: str,
    protocol: Protocol = PROTOCOLS[0],
    **parts: Any,  # noqa: ANN401  (passed on)
) -> list[str]:
    """Say what is wrong with the types of a request."""
    operation = service_model(service).operation_model(name)
    parts = {"headers": {}, "body": b"", **parts}
    request = HttpRequest(**parts)
    return wrong_types(protocol.read(request, operation), shapes_of(service, name)[0])


@pytest.mark.parametrize(
    ("service", "name", "body", "wrong"),
    [
        ("sagemaker", "ListTrainingJobs", {"CreationTimeAfter": "x"}, "creationTimeAfter"),
        ("sagemaker", "ListTrainingJobs", {"CreationTimeAfter": True}, "creationTimeAfter"),
        ("sagemaker", "ListTrainingJobs", {"CreationTimeAfter": 1e300}, "creationTimeAfter"),
        ("sagemaker", "ListTrainingJobs", {"CreationTimeAfter": None}, None),
        ("sagemaker", "ListTrainingJobs", {"CreationTimeAfter": 1e9}, None),
        ("sagemaker", "CreateProcessingJob", {"Environment": []}, "environment"),
        ("sagemaker", "CreateProcessingJob", {"Environment": {"a": 1}}, "environment.a.value"),
        ("sagemaker", "CreateProcessingJob", {"Tags": {}}, "tags"),
        ("sagemaker", "CreateProcessingJob", {"NetworkConfig": []}, "networkConfig"),
        ("glue", "ListJobs", [], "the body"),
        ("kms", "Decrypt", {"CiphertextBlob": "%%%"}, "ciphertextBlob"),
        ("kms", "Decrypt", {"CiphertextBlob": "ü"}, "ciphertextBlob"),
        ("kms", "Decrypt", {"CiphertextBlob": 7}, "ciphertextBlob"),
        ("kms", "Decrypt", {"CiphertextBlob": "aGk="}, None),
    ],
)
def test_a_value_of_another_type_is_told_of(
    service: str, name: str, body: object, wrong: str | None
) -> None:
    """JSON, which has no instants and no bytes, is read by the shapes."""
    told = wrongs_of(service, name, body=json.dumps(body).encode())
    assert [each.partition(" is no ")[0] for each in told] == ([wrong] if wrong else [])


REST = PROTOCOLS[-1]


def test_a_body_that_is_no_object_is_told_of_in_rest() -> None:
    assert wrongs_of("batch", "ListJobs", REST, body=b"[]") == ["the body is no structure"]


def test_a_text_of_another_type_is_told_of() -> None:
    """In a query string, where all is text."""
    path = "/applications/0a/jobruns"

    def told(query: str) -> list[str]:
        return wrongs_of("emr-serverless", "ListJobRuns", REST, path=path, query=query)

    assert told("maxResults=7&createdAtAfter=2024-01-01T00%3A00%3A00Z&other=x") == []
    assert told("maxResults=x") == ["maxResults is no integer"]
    for no_instant in ("x", "1704067200", "2024-01-01T00%3A00%3A00"):
        assert told(f"createdAtAfter={no_instant}") == ["createdAtAfter is no timestamp"]


@pytest.mark.skipif(botocore_is_older(), reason="this botocore has other models")
def test_a_list_in_a_header_may_have_quoted_commas() -> None:
    operation = service_model("entityresolution").operation_model("BatchDeleteUniqueId")
    serialize: Any = create_serializer("rest-json").serialize_to_request
    asked = {"workflowName": "a", "uniqueIds": ["a,b", 'say "c"', "d"]}
    headers = {
        name.lower(): value for name, value in serialize(asked, operation)["headers"].items()
    }
    request = HttpRequest(
        method="DELETE", path="/matchingworkflows/a/uniqueids", headers=headers, body=b""
    )
    assert REST.read(request, operation) == asked


def test_an_operation_without_parameters_has_none() -> None:
    operation = service_model("backup").operation_model("GetSupportedResourceTypes")
    assert operation.input_shape is None
    path = cast("dict[str, str]", operation.http)["requestUri"]
    request = HttpRequest(method="GET", path=path, query="a=b", headers={}, body=b"[]")
    assert REST.read(request, operation) == {}


@pytest.mark.skipif(botocore_is_older(), reason="this botocore has other models")
def test_documents_are_whatever_they_are() -> None:
    """Within them nothing is unknown, and nothing of the wrong type."""
    shape = service_model("bedrock-runtime").shape_for("ToolInputSchema")
    documents: list[object] = [[], "x", 1.5, {"a": {"b": None}}]
    for document in documents:
        value = {"json": document}
        assert not wrong_types(value, shape)
        assert pruned({**value, "other": 1}, shape) == value


def test_maps_are_judged_by_what_they_hold() -> None:
    shape = service_model("batch").shape_for("SubmitJobRequest")
    value = {"parameters": {"a": "b"}, "tags": {"x" * 129: "y", "z": "y" * 257}}
    told = [each for each in broken_rules(value, shape) if each.startswith("Value")]
    assert [each.partition(" at ")[2].partition(" failed")[0] for each in told] == [
        f"'tags.{'x' * 129}.key'",
        "'tags.z.value'",
    ]
    assert pruned(value, shape) == value
