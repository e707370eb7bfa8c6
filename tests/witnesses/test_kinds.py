"""Every kind of task, simulated, and AWS's command line: what it asks, and what it understands.

The requests are those of the kind, sent by a program that checks them, and the answers, by its
own models.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

import pytest

from botocancel.services import all_kinds
from botocancel.services._wanted import Wanted
from botocancel.services.declare import Page
from botocancel.testing import SimulatedAWS
from tests.witnesses.conversation import Refused
from tests.witnesses.speakers import CommandLine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocancel.model import Request
    from botocancel.services._kind import AnyKind
    from tests.witnesses.conversation import Answer


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


@pytest.mark.parametrize("kind", all_kinds(), ids=lambda kind: kind.key)
def test_the_command_line_and_a_simulated_kind_understand_each_other(kind: AnyKind) -> None:
    """It lists, describes and stops a task, and is told that another does not exist."""
    aws = SimulatedAWS()
    simulator = aws.simulator(kind.key)
    lifecycle = simulator.lifecycle
    status = min(name for name in lifecycle.cancelable if kind.phases[name] == "RUNNING")
    ref = kind.ref_type(simulator.start())
    simulator.set_status(ref.id, status)
    unknown = kind.ref_type(SimulatedAWS(seed=1).simulator(kind.key).start())
    with aws.serve() as server:
        witness = CommandLine(server)

        def ask(request: Request[Any]) -> Answer:
            return witness.ask(request.service, request.operation, **request.to_wire())

        parent = simulator.tasks[ref.id].parent or ""
        first = Page(Wanted(), (status,) if kind.lists.by_status else (), parent=parent)
        listed = set(map(str, leaves(ask(kind.lists.request(first)))))
        assert {ref.id, ref.id.rpartition("/")[2]} & listed
        assert status in set(leaves(ask(kind.describing(ref))))
        ask(kind.cancel_request(ref, "a test"))
        aws.advance(3600)
        assert lifecycle.canceled in set(leaves(ask(kind.describing(ref))))
        with suppress(Refused):  # or an answer without a description
            told = set(leaves(ask(kind.describing(unknown))))
            assert unknown.id not in told or kind.phases.keys().isdisjoint(told)
    assert not server.failures
