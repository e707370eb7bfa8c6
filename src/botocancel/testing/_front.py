"""Where HTTP requests come in and answers go out, both judged by botocore's models."""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING, Final, cast

from botocancel.services._simulator import SimulatedError
from botocancel.testing._models import (
    botocore_is_older,
    error_shape,
    protocols_of,
    shapes_of,
    target_prefix,
)
from botocancel.testing._rules import broken_rules, pruned, wrong_types
from botocancel.testing._world import simulator_types
from botocancel.testing.faults import GarbageAnswered, conditions_of, replaced, spoiled
from botocancel.testing.wire import PROTOCOLS, HttpAnswer, caller_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import StructureShape

    from botocancel.services._simulator import AnySimulator
    from botocancel.testing._world import World
    from botocancel.testing.faults import Fault
    from botocancel.testing.wire import HttpRequest, Protocol

__all__ = ["ModelViolation", "answered", "refused"]

_REQUEST_ID: Final = "x-amzn-requestid"


class ModelViolation(AssertionError):
    """A simulator said what botocore's model of its service does not allow: a bug in it."""


def answered(world: World, request: HttpRequest) -> HttpAnswer:
    """Answer an HTTP request.

    Raises:
        ConnectionLost: A fault breaks the connection.
        ModelViolation: A simulator has a bug.
    """
    request_id = world.new_request_id()
    protocol = _protocol(request)
    service: str | None = None
    faults: tuple[Fault, ...] = ()
    came: Mapping[str, object] | SimulatedError
    try:
        service, operation = _target(protocol, request)
        simulator = _simulator(world, service, request)
        body = _read(protocol, request.body)
        came, faults = _performed(world, simulator, operation, body, request_id)
    except SimulatedError as refusal:
        came = refusal
    except GarbageAnswered as garbage:
        content = {"content-type": "text/html"}
        return _leaving(world, garbage.http_status, content, garbage.body.encode())
    headers = {**protocol.headers, _REQUEST_ID: request_id}
    if isinstance(came, SimulatedError):
        answer = _refusal(world, protocol, service, came, headers)
    else:
        answer = _leaving(world, 200, headers, protocol.write(came))
    arriving = spoiled(answer, faults)
    world.clock.advance(arriving.seconds_per_byte * len(arriving.body))
    return arriving


def refused(world: World, request: HttpRequest, error: SimulatedError) -> HttpAnswer:
    """Refuse an HTTP request that no service is to see."""
    protocol = _protocol(request)
    headers = {**protocol.headers, _REQUEST_ID: world.new_request_id()}
    return _refusal(world, protocol, None, error, headers)


def _refusal(
    world: World,
    protocol: Protocol,
    service: str | None,
    error: SimulatedError,
    headers: dict[str, str],
) -> HttpAnswer:
    error_type = protocol.error_type(service, error.code)
    if error.code.isascii() and error.code.isprintable():  # a fault's code may be anything
        headers["x-amzn-errortype"] = error.code
    body = protocol.write({**_error_body(service, error), "__type": error_type})
    return _leaving(world, error.http_status, headers, body)


def _leaving(world: World, status: int, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
    """Return an answer that leaves now, in simulated time."""
    date = format_datetime(world.clock.now, usegmt=True)
    always = {"date": date, "content-length": str(len(body))}
    return HttpAnswer(status=status, headers={**headers, **always}, body=body)


def _protocol(request: HttpRequest) -> Protocol:
    """Return the protocol of a request; the first where it is in none."""
    return next((each for each in PROTOCOLS if each.target(request)), PROTOCOLS[0])


def _target(protocol: Protocol, request: HttpRequest) -> tuple[str, str]:
    """Return the service, by botocore's name, and the operation.

    Raises:
        SimulatedError: There is no such operation.
    """
    prefix, operation = protocol.target(request) or ("", "")
    for service in simulator_types():
        if target_prefix(service) == prefix and protocol.name in protocols_of(service):
            return service, operation
    raise _unknown_operation()


def _simulator(world: World, service: str, request: HttpRequest) -> AnySimulator:
    """Return the simulator that the signature on a request is for.

    Raises:
        SimulatedError: The request is not signed, or by nobody known.
    """
    caller = caller_of(request)
    if caller is None:
        code, text = "MissingAuthenticationTokenException", "Missing Authentication Token"
        raise SimulatedError(code, text)
    if caller.account is None:
        code, text = "UnrecognizedClientException", "The security token in the request is invalid."
        raise SimulatedError(code, text)
    return world.simulator(service, caller.account, caller.region)


def _performed(
    world: World, simulator: AnySimulator, operation: str, body: object, request_id: str
) -> tuple[Mapping[str, object] | SimulatedError, tuple[Fault, ...]]:
    """Have the service answer; return the answer by AWS names, or a refusal, and the faults."""
    kind = simulator.request_types.get(operation)
    if kind is None:
        raise _unknown_operation()
    input_shape, output_shape = shapes_of(simulator.service, operation)
    parameters = _parameters(body, input_shape)

    def work(faults: tuple[Fault, ...]) -> dict[str, object]:
        broken = broken_rules(parameters, input_shape)
        if broken:
            msg = f"1 validation error detected: {broken[0]}"
            raise simulator.malformed(msg)
        try:
            answer = simulator.handle(kind.from_wire(parameters), conditions_of(faults))
        except SimulatedError as refusal:
            _vouch_for_error(simulator.service, refusal)
            raise
        injected = frozenset(fault.value for fault in faults if fault.value is not None)
        return _vouched(answer.to_wire(), output_shape, injected)

    came, faults = world.serve(simulator, operation, parameters, request_id, work)
    return came if isinstance(came, SimulatedError) else replaced(came, faults), faults


def _read(protocol: Protocol, body: bytes) -> object:
    try:
        return protocol.read(body)
    except (ValueError, RecursionError) as error:
        raise _not_serialized(str(error)) from None


def _parameters(body: object, shape: StructureShape) -> dict[str, object]:
    """Return the parameters; unknown ones are ignored.

    Raises:
        SimulatedError: A value is of the wrong type.
    """
    wrong = wrong_types(body, shape)
    if wrong:
        raise _not_serialized(wrong[0])
    return cast("dict[str, object]", pruned(body, shape))


def _vouched(
    answer: dict[str, object], shape: StructureShape, also_known: frozenset[str] = frozenset()
) -> dict[str, object]:
    """Return an answer that keeps to its shape.

    Raises:
        ModelViolation: It does not.
    """
    if botocore_is_older():
        return cast("dict[str, object]", pruned(answer, shape))
    broken = broken_rules(answer, shape, also_known=also_known)
    if broken:
        msg = f"{shape.name}: {'; '.join(broken)}"
        raise ModelViolation(msg)
    return answer


def _vouch_for_error(service: str, error: SimulatedError) -> None:
    """Check that a refusal keeps to its shape, where its service models it.

    Raises:
        ModelViolation: It does not.
    """
    shape = error_shape(service, error.code)
    if shape is not None:
        body = _error_body(service, error)
        _vouched({name: part for name, part in body.items() if name != "__type"}, shape)


def _error_body(service: str | None, error: SimulatedError) -> dict[str, object]:
    """Return an error by AWS names, its message under the name that its shape has for it."""
    shape = None if service is None else error_shape(service, error.code)
    message = "Message" if shape is not None and "Message" in shape.members else "message"
    return {"__type": error.code, message: error.message, **error.members}


def _unknown_operation() -> SimulatedError:
    return SimulatedError("UnknownOperationException", "The requested operation is not recognized.")


def _not_serialized(text: str) -> SimulatedError:
    return SimulatedError("SerializationException", text)
