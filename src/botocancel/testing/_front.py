"""Where HTTP requests come in and answers go out, both judged by botocore's models."""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING, Final, cast

from botocancel.services._simulator import SimulatedError
from botocancel.testing._models import (
    botocore_is_older,
    error_shape,
    protocols_of,
    service_model,
    shapes_of,
)
from botocancel.testing._protocols import PROTOCOLS, UNSPOKEN, Content, Refused
from botocancel.testing._rules import broken_rules, completed, pruned, wrong_types
from botocancel.testing._world import clients
from botocancel.testing.faults import GarbageAnswered, conditions_of, replaced, spoiled
from botocancel.testing.wire import HttpAnswer, caller_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.model import OperationModel, ServiceModel, StructureShape

    from botocancel.services._simulator import AnySimulator
    from botocancel.testing._protocols import Protocol
    from botocancel.testing._world import World
    from botocancel.testing.faults import Fault
    from botocancel.testing.wire import HttpRequest

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
    told = world.accounts.answer(request)
    if told is not None:
        return told
    request_id = world.new_request_id()
    protocol, service = _protocol(request), None
    faults: tuple[Fault, ...] = ()
    try:
        service, name = _target(protocol, request)
        caller = _caller(request)
        world.accounts.check(request, *caller)
        operation = _operation(protocol, service, name)
        parameters = _parameters(protocol, request, operation)
        simulator = _simulator(world, caller, protocol, operation, parameters)
        came, faults = _performed(world, simulator, operation, parameters, request_id)
        if isinstance(came, SimulatedError):
            raise came
        content = protocol.write(came, operation)
    except SimulatedError as refusal:
        refuser = UNSPOKEN if isinstance(refusal, _NotSpoken) else protocol
        content = refuser.refuse(_refused(service, refusal))
    except GarbageAnswered as garbage:
        html = {"content-type": "text/html"}
        content = Content(status=garbage.http_status, headers=html, body=garbage.body.encode())
        return _leaving(world, content, {})
    arriving = spoiled(_leaving(world, content, {_REQUEST_ID: request_id}), faults)
    world.clock.advance(arriving.seconds_per_byte * len(arriving.body))
    return arriving


def refused(world: World, request: HttpRequest, error: SimulatedError) -> HttpAnswer:
    """Refuse an HTTP request that no service is to see."""
    content = _protocol(request).refuse(_refused(None, error))
    return _leaving(world, content, {_REQUEST_ID: world.new_request_id()})


class _NotSpoken(SimulatedError):
    """A request is to a service of which no protocol is spoken.

    Args:
        service: The service.
    """

    def __init__(self, service: ServiceModel) -> None:
        spoken = ", ".join(protocol.name for protocol in PROTOCOLS)
        name = service.service_name
        msg = f"the simulated AWS speaks {spoken}, not {service.protocol}, as {name} does"
        super().__init__("NotImplemented", msg, 501)


def _leaving(world: World, content: Content, headers: Mapping[str, str]) -> HttpAnswer:
    """Return an answer that leaves now, in simulated time."""
    date = format_datetime(world.clock.now, usegmt=True)
    always = {"date": date, "content-length": str(len(content.body))}
    headers = {**content.headers, **headers, **always}
    return HttpAnswer(status=content.status, headers=headers, body=content.body)


def _protocol(request: HttpRequest) -> Protocol:
    """Return the protocol of a request."""
    return next(each for each in PROTOCOLS if each.speaks(request))


def _target(protocol: Protocol, request: HttpRequest) -> tuple[ServiceModel, str]:
    """Return the service that a request is to, and the name of the operation.

    Raises:
        SimulatedError: There is no such operation, or the service's protocol is not spoken.
    """
    speaking = [service_model(name) for name in clients() if protocol.name in protocols_of(name)]
    found = protocol.target(request, speaking)
    if found is not None:
        return found
    caller, spoken = caller_of(request), {each.name for each in PROTOCOLS}
    for service in map(service_model, clients()):
        is_signed_for = caller is not None and caller.service == service.signing_name
        if is_signed_for and spoken.isdisjoint(protocols_of(service.service_name)):
            raise _NotSpoken(service)
    raise _unknown_operation(protocol)


def _caller(request: HttpRequest) -> tuple[str, str]:
    """Return the account and the region that a request is signed for.

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
    return caller.account, caller.region


_WORDS: Final = frozenset({"message", "Message"})
"""What members of errors that have their text are called."""


def _operation(protocol: Protocol, service: ServiceModel, name: str) -> OperationModel:
    if name in service.operation_names:
        return service.operation_model(name)
    raise _unknown_operation(protocol)


def _simulator(
    world: World,
    caller: tuple[str, str],
    protocol: Protocol,
    operation: OperationModel,
    parameters: Mapping[str, object],
) -> AnySimulator:
    """Return who answers a request.

    Raises:
        SimulatedError: Nobody here does.
    """
    client = operation.service_model.service_name
    try:
        return world.asked(client, operation.name, parameters, *caller)
    except LookupError:
        raise _unknown_operation(protocol) from None


def _performed(
    world: World,
    simulator: AnySimulator,
    operation: OperationModel,
    parameters: Mapping[str, object],
    request_id: str,
) -> tuple[Mapping[str, object] | SimulatedError, tuple[Fault, ...]]:
    """Have the service answer; return the answer by AWS names, or a refusal, and the faults."""
    kind = simulator.request_types[operation.name]
    input_shape, output_shape = shapes_of(simulator.client, operation.name)

    def work(faults: tuple[Fault, ...]) -> dict[str, object]:
        broken = broken_rules(parameters, input_shape)
        if broken:
            msg = f"1 validation error detected: {broken[0]}"
            raise simulator.malformed(msg)
        try:
            answer = simulator.handle(kind.from_wire(parameters), conditions_of(faults))
        except SimulatedError as refusal:
            shape = error_shape(simulator.client, refusal.code)
            if simulator.is_sketchy and shape is not None:
                made_up = completed({}, shape, simulator.clock.now, _WORDS)
                refusal.members = {**cast("dict[str, object]", made_up), **refusal.members}
            _vouch_for_error(simulator.client, refusal)
            raise
        injected = frozenset(fault.value for fault in faults if fault.value is not None)
        wire = answer.to_wire()
        if simulator.is_sketchy:
            whole = completed(wire, output_shape, simulator.clock.now, simulator.omits)
            wire = cast("dict[str, object]", whole)
        return _vouched(wire, output_shape, injected, simulator.omits)

    came, faults = world.serve(simulator, operation.name, parameters, request_id, work)
    return came if isinstance(came, SimulatedError) else replaced(came, faults), faults


def _parameters(
    protocol: Protocol, request: HttpRequest, operation: OperationModel
) -> dict[str, object]:
    """Return the parameters; unknown ones are ignored.

    Raises:
        SimulatedError: The body is malformed, or a value is of the wrong type.
    """
    try:
        arrived = protocol.read(request, operation)
    except (ValueError, RecursionError) as error:
        raise _not_serialized(str(error)) from None
    shape, _ = shapes_of(operation.service_model.service_name, operation.name)
    wrong = wrong_types(arrived, shape)
    if wrong:
        raise _not_serialized(wrong[0])
    return cast("dict[str, object]", pruned(arrived, shape))


def _vouched(
    answer: dict[str, object],
    shape: StructureShape,
    also_known: frozenset[str] = frozenset(),
    omitted: frozenset[str] = frozenset(),
) -> dict[str, object]:
    """Return an answer that keeps to its shape; but a list in it may be empty.

    Raises:
        ModelViolation: It does not.
    """
    if botocore_is_older():
        return cast("dict[str, object]", pruned(answer, shape))
    judged = {
        name: part for name, part in answer.items() if part != [] or name in shape.required_members
    }
    broken = broken_rules(judged, shape, also_known=also_known, omitted=omitted)
    if broken:
        msg = f"{shape.name}: {'; '.join(broken)}"
        raise ModelViolation(msg)
    return answer


def _vouch_for_error(service: str, error: SimulatedError) -> None:
    """Check that a refusal keeps to its shape, where its service models it.

    A message is sent with any error, though not every shape has a member for it.

    Raises:
        ModelViolation: It does not.
    """
    refused = _refused(service_model(service), error)
    if refused.shape is not None:
        known = refused.shape.members
        members = refused.members.items()
        kept = {name: part for name, part in members if name in known or name != "message"}
        _vouched(kept, refused.shape)


def _refused(service: ServiceModel | None, error: SimulatedError) -> Refused:
    """Return an error by AWS names, its message under the name that its shape has for it."""
    shape = None if service is None else error_shape(service.service_name, error.code)
    message = "Message" if shape is not None and "Message" in shape.members else "message"
    return Refused(
        code=error.code,
        status=error.http_status,
        members={message: error.message, **error.members},
        shape=shape,
        service=service,
    )


def _unknown_operation(protocol: Protocol) -> SimulatedError:
    code, text = "UnknownOperationException", "The requested operation is not recognized."
    return SimulatedError(code, text, protocol.unknown_status)


def _not_serialized(text: str) -> SimulatedError:
    return SimulatedError("SerializationException", text)
