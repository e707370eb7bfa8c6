"""Every kind of task, simulated, and AWS's clients: what they ask, and what they understand.

The requests are those of the kind, sent by a program that checks them, and the answers, by its
own models.
"""

from __future__ import annotations

from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, cast

import pytest

from botocancel.errors import BotocancelError
from botocancel.services import all_kinds, kind_named
from botocancel.services._wanted import Wanted
from botocancel.services.declare import Page
from botocancel.testing import SimulatedAWS
from botocancel.testing._models import shapes_of
from botocancel.testing._rules import completed
from tests.witnesses.conversation import Refused
from tests.witnesses.speakers import CommandLine, JavaScript

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocancel.model import Request, Wire
    from botocancel.services._kind import AnyKind
    from tests.witnesses.conversation import Answer, Witness


def leaves(answer: object) -> Iterator[object]:
    """Yield all that stands in an answer, whatever it stands under."""
    if isinstance(answer, dict):
        parts = list(cast("dict[str, object]", answer).values())
    elif isinstance(answer, list):
        parts = cast("list[object]", answer)
    else:
        yield answer
        return
    for part in parts:
        yield from leaves(part)


def converse(kind: AnyKind, witness: Witness, aws: SimulatedAWS) -> None:
    """List, describe and stop a task; stop it again; hear that another does not exist."""
    simulator = aws.simulator(kind.key)
    lifecycle = simulator.lifecycle
    status = min(name for name in lifecycle.cancelable if kind.phases[name] == "RUNNING")
    ref = kind.ref_type(simulator.start())
    simulator.set_status(ref.id, status)
    unknown = kind.ref_type(SimulatedAWS(seed=1).simulator(kind.key).start())

    def ask(request: Request[Any]) -> Answer:
        return witness.ask(request.service, request.operation, **request.to_wire())

    if kind.lists.under is not None:
        ask(kind.lists.under.request(None))
    parent = getattr(simulator.tasks[ref.id], "parent", None) or ""
    first = Page(Wanted(), (status,) if kind.lists.by_status else (), parent=parent)
    listed = set(map(str, leaves(ask(kind.lists.request(first)))))
    assert {ref.id, ref.id.rpartition("/")[2]} & listed
    assert status in set(leaves(ask(kind.describing(ref))))
    ask(kind.cancel_request(ref, "a test"))
    aws.advance(3600)
    for _ in range(2):
        assert lifecycle.canceled in set(leaves(ask(kind.describing(ref))))
        with suppress(Refused):  # of what has ended; or accepted, and nothing comes of it
            ask(kind.cancel_request(ref, "a test"))
    with suppress(Refused):  # or an answer without a description, or of all others
        told = set(leaves(ask(kind.describing(unknown))))
        assert unknown.id not in told or kind.phases.keys().isdisjoint(told)


@pytest.mark.parametrize("kind", all_kinds(), ids=lambda kind: kind.key)
def test_the_command_line_and_a_simulated_kind_understand_each_other(kind: AnyKind) -> None:
    aws = SimulatedAWS()
    with aws.serve() as server:
        converse(kind, CommandLine(server), aws)
    assert not server.failures


@pytest.mark.parametrize("key", ["batch", "stepfunctions"])
def test_the_sdk_for_javascript_understands_rest_in_json_and_json_1_0(key: str) -> None:
    aws = SimulatedAWS()
    with aws.serve() as server, closing(JavaScript(server)) as witness:
        converse(kind_named(key), witness, aws)
    assert not server.failures


def startable() -> list[AnyKind]:
    """Return the kinds of which a task is started with what the model requires, and no more."""
    return [kind for kind in all_kinds() if started(kind, SimulatedAWS()) is not None]


def started(kind: AnyKind, aws: SimulatedAWS) -> Request[Any] | None:
    """Return the least request that starts a task; None where there has to be something before."""
    if kind.starts is None:
        return None
    request = kind.starts.request()
    shape, _ = shapes_of(kind.client, request.operation)
    wire = cast("Wire", completed({}, shape, aws.clock.now))
    least = request.from_wire(wire)
    try:
        aws.client().call(least)
    except BotocancelError:
        return None
    return least


@pytest.mark.parametrize("kind", startable(), ids=lambda kind: kind.key)
def test_the_command_line_starts_a_task(kind: AnyKind) -> None:
    aws = SimulatedAWS()
    least = cast("Request[Any]", started(kind, SimulatedAWS()))
    with aws.serve() as server:
        answer = CommandLine(server).ask(least.service, least.operation, **least.to_wire())
    (task,) = aws.simulator(kind.key).tasks
    assert {task, task.rpartition("/")[2]} & set(map(str, leaves(answer)))
    assert not server.failures
