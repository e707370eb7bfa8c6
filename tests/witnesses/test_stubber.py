"""botocore's own stubs, and its validation of what goes in and comes out of each operation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.session import Session
from botocore.stub import Stubber

from botocancel import TaskClient
from botocancel.services import DEFAULT_KINDS
from botocancel.testing import SimulatedAWS
from botocancel.testing._world import simulator_types
from tests.witnesses.conversation import UNKNOWN_EXECUTION, UNKNOWN_TASK

if TYPE_CHECKING:
    from botocancel.model import Request, Response

REQUESTS: dict[tuple[str, str], type[Request[Response]]] = {
    (kind.service, name): kind
    for service in simulator_types()
    for name, kind in SimulatedAWS().simulator(service).request_types.items()
}
"""By client and operation."""
IDS = {
    "TaskId": UNKNOWN_TASK,
    "TaskExecutionArn": UNKNOWN_EXECUTION,
    "TaskArn": UNKNOWN_EXECUTION.partition("/execution")[0],
}
PLAIN: dict[str, object] = {
    "boolean": True,
    "integer": 7,
    "long": 7,
    "float": 1.5,
    "double": 1.5,
    "blob": b"x",
    "timestamp": datetime(2024, 1, 1, tzinfo=UTC),
}


def full(shape: Any, *within: str) -> Any:  # noqa: ANN401  (a shape of botocore's, and whatever it says)
    """Return a value of a shape that has every member, and of a union one; no list of its like."""
    if shape is None:  # an operation without an output
        return {}
    if shape.type_name == "map":
        return {"key": full(shape.value, *within)}
    if shape.type_name == "structure":
        deeper = (*within, shape.name)
        members = list(shape.members.items())[: 1 if shape.is_tagged_union else None]
        return {name: IDS.get(name) or full(member, *deeper) for name, member in members}
    if shape.type_name == "list" and shape.member.name in within:
        return []
    if shape.type_name == "list":
        return [IDS.get(shape.member.name, full(shape.member, *within))]
    if shape.type_name != "string":
        value = PLAIN[shape.type_name]
        return max(value, shape.metadata.get("min", 0)) if isinstance(value, int) else value
    return shape.enum[0] if shape.enum else "x" * shape.metadata.get("min", 1)


def plain(value: object) -> object:
    """Return a value with its tuples as lists."""
    if isinstance(value, list | tuple):
        return [plain(part) for part in cast("list[object]", value)]
    if isinstance(value, dict):
        return {name: plain(part) for name, part in cast("dict[str, object]", value).items()}
    return value


@pytest.mark.parametrize(("service", "name"), REQUESTS)
def test_a_typed_call_survives_botocore_s_validation_with_every_member_set(
    service: str, name: str
) -> None:
    kind = REQUESTS[service, name]
    session = Session()
    session.set_credentials("key", "secret")
    client: Any = session.create_client(kind.service, region_name="us-east-1")
    operation = client.meta.service_model.operation_model(name)
    asked, answered = full(operation.input_shape), full(operation.output_shape)
    request = kind.from_wire(asked)
    assert plain(request.to_wire()) == asked
    method = next(key for key, value in client.meta.method_to_api_mapping.items() if value == name)
    with Stubber(client) as stubber:
        stubber.add_response(method, answered, dict(request.to_wire()))
        if kind.service in DEFAULT_KINDS:
            answer = TaskClient(clients=[client]).call(request)
        else:  # whose ids above are none
            answer = kind.response_type.from_wire(getattr(client, method)(**request.to_wire()))
        assert plain(answer.to_wire()) == answered
        stubber.assert_no_pending_responses()


def test_fsx_and_datasync_have_nine_operations() -> None:
    assert len([kind for kind in REQUESTS.values() if kind.service in DEFAULT_KINDS]) == 9
