"""What every service has to fulfil, as tests: those of botocancel, and yours.

The package that adds a service runs them with three lines in a test file of its own::

    @pytest.mark.parametrize("service", [SERVICE])
    class TestConformance(ServiceConformance):
        pass

Nothing is taken but the `Service`, known by its entry point, and its simulator, which the
module ``simulator`` beside the service's own calls ``SIMULATOR``.
"""

from __future__ import annotations

import asyncio
import copy
import pickle
import random
import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

from botocancel import errors
from botocancel.aio import AsyncTaskClient
from botocancel.client import TaskClient
from botocancel.errors import (
    BotocancelError,
    InternalException,
    InvalidResponse,
    NotFound,
    ServiceError,
    TaskEnded,
    Unsupported,
)
from botocancel.phases import Phase
from botocancel.services import service_of, task_ref
from botocancel.testing._models import service_model
from botocancel.testing.faults import Fault, FaultKind
from botocancel.testing.simulated_aws import SimulatedAWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from botocore.model import Shape as BotocoreShape
    from botocore.model import StructureShape

    from botocancel.model import Response, Shape
    from botocancel.refs import TaskRef
    from botocancel.services import Service
    from botocancel.services._simulator import AnySimulator

__all__ = ["ServiceConformance"]

_MANY: Final = 101
"""So many tasks do not go on one page of any service here."""

_DREAMING: Final = "DREAMING"
"""A status that no service has."""


class ServiceConformance:
    """Tests of one service; each takes it as the argument ``service``."""

    # --- the tables ------------------------------------------------------------------------

    def test_every_status_that_the_model_names_has_a_phase(
        self, service: Service[Shape, Response]
    ) -> None:
        """The statuses are the values of the enum, in a description, that has most of ours."""
        enums = {
            frozenset(_values(shape)) for name in _reads(service) for shape in _below(service, name)
        }
        statuses = max(enums, key=lambda values: len(values & service.phases.keys()))
        assert statuses, "no status of the service is in its model"
        assert not (statuses - service.phases.keys()), "statuses without a phase"

    def test_the_phases_tell_running_stopped_and_ended(
        self, service: Service[Shape, Response]
    ) -> None:
        """A cancel shows in a status on the way, or in one at the end."""
        phases = set(service.phases.values())
        assert Phase.UNKNOWN not in phases
        assert phases >= {Phase.RUNNING, Phase.SUCCEEDED, Phase.FAILED}
        assert phases & {Phase.CANCELING, Phase.CANCELED}

    def test_every_modelled_error_has_its_class(self, service: Service[Shape, Response]) -> None:
        """Of every operation that the simulator answers, as botocore models it."""
        leaves = {service.leaf(meaning) for meaning in errors.MEANINGS.values()}
        model = service_model(service.name)
        for operation in _simulator(SimulatedAWS(), service).request_types:
            shapes = cast("list[StructureShape]", model.operation_model(operation).error_shapes)
            for shape in shapes:
                assert shape.error_code in service.errors_by_code, f"{shape.error_code}: no class"
                leaf = service.errors_by_code[shape.error_code]
                assert issubclass(leaf, service.error_base)
                assert leaf not in leaves

    def test_every_meaning_has_its_class(self, service: Service[Shape, Response]) -> None:
        """Whatever is concluded can be said in the service's name."""
        for meaning in errors.MEANINGS.values():
            leaf = service.leaf(meaning)
            assert issubclass(leaf, meaning)
            assert issubclass(leaf, service.error_base)

    def test_every_error_travels(self, service: Service[Shape, Response]) -> None:
        """It survives copies, pickle and tblib with all that it carries.

        tblib makes an error of what its `__reduce__` gives; Celery's JSON, of its message alone.
        """
        leaves = {service.leaf(meaning) for meaning in errors.MEANINGS.values()}
        for leaf in {*service.errors_by_code.values(), *leaves}:
            error = leaf({"Error": {"Code": "X", "Message": "m"}, "Extra": "kept"}, "Operation")
            error.ref = _example(service)
            pickled: object = pickle.loads(pickle.dumps(error))  # noqa: S301  (pickled here)
            make, arguments, state = cast("tuple[Any, Any, Any]", error.__reduce__())
            by_tblib: object = make(*arguments)
            cast("Any", by_tblib).__setstate__(state)
            for twin in (copy.copy(error), copy.deepcopy(error), pickled, by_tblib):
                assert isinstance(twin, ServiceError)
                assert (type(twin), twin.response, twin.ref) == (leaf, error.response, error.ref)
            by_message: object = leaf(*cast("tuple[str]", error.args))
            assert type(by_message) is leaf
            assert str(by_message) == error.args[0]

    def test_the_aftermath_is_said_even_of_a_task_that_was_not_described(
        self, service: Service[Shape, Response]
    ) -> None:
        """It has a sentence and a source."""
        aftermath = service.aftermath(None)
        assert aftermath.summary.endswith(".")
        assert aftermath.source

    def test_the_permissions_are_of_operations_that_there_are(
        self, service: Service[Shape, Response]
    ) -> None:
        """And a cancel needs that of the operation that cancels."""
        modelled = {*service_model(service.name).operation_names}
        for permission in service.permissions:
            assert permission.action.partition(":")[2] in modelled
        to_cancel = [each.action for each in service.permissions if "cancel" in each.needed_to]
        assert any(action.endswith(f":{_cancel_operation(service)}") for action in to_cancel)

    def test_every_operation_says_what_its_answer_holds(
        self, service: Service[Shape, Response]
    ) -> None:
        """A member that the model has; none only where the model has none."""
        model = service_model(service.name)
        operations = _simulator(SimulatedAWS(), service).request_types
        assert service.answers.keys() >= operations.keys(), "operations without a row in `answers`"
        for operation, expected in service.answers.items():
            output = model.operation_model(operation).output_shape
            members = output.members if output is not None else {}
            assert expected.member in (members or {None})

    # --- refs and requests -----------------------------------------------------------------

    def test_a_ref_goes_round(self, service: Service[Shape, Response]) -> None:
        """From its text, by pickle, and as the argument of a client."""
        ref = _example(service)
        assert type(ref) is service.ref_type
        assert ref.service == service.name
        assert service_of(ref) is service
        pickled: object = pickle.loads(pickle.dumps(ref))  # noqa: S301  (pickled here)
        for twin in (service.ref_type.parse(str(ref)), task_ref(service.ref_type.example), pickled):
            assert twin == ref
            assert hash(twin) == hash(ref)

    def test_ids_in_other_text_are_told_by_how_they_begin(
        self, service: Service[Shape, Response]
    ) -> None:
        """Which is literal text, so that the search for them is fast."""
        patterns = service.ref_type.in_text
        assert all(re.match("[a-z]{3,}[:-]", pattern) for pattern in patterns)
        if patterns:
            assert any(re.fullmatch(pattern, service.ref_type.example) for pattern in patterns)

    def test_a_request_names_the_task_it_is_about(self, service: Service[Shape, Response]) -> None:
        """And goes round by its wire form."""
        ref = _example(service)
        request = service.cancel_request(ref)
        assert request.service == service.name
        assert service.ref_of(request) == ref
        assert type(request).from_wire(request.to_wire()) == request

    # --- the simulator ---------------------------------------------------------------------

    def test_the_simulator_has_the_statuses_of_the_service(
        self, service: Service[Shape, Response]
    ) -> None:
        """And agrees with it on what each means."""
        simulator = _simulator(SimulatedAWS(), service)
        lifecycle = simulator.lifecycle
        assert simulator.service == service.name
        assert lifecycle.statuses == service.phases.keys()
        assert service.phases[lifecycle.succeeded] is Phase.SUCCEEDED
        assert service.phases[lifecycle.failed] is Phase.FAILED
        canceled = Phase.FAILED if lifecycle.canceled == lifecycle.failed else Phase.CANCELED
        assert service.phases[lifecycle.canceled] is canceled
        assert {status for status, phase in service.phases.items() if phase.terminal} == {
            *lifecycle.ended
        }
        assert all(service.phases[status] is Phase.CANCELING for status in lifecycle.stopping)

    def test_the_simulator_says_which_operation_cancels_and_which_read(
        self, service: Service[Shape, Response]
    ) -> None:
        """Faults that strike only cancels, or only reads, go by that."""
        simulator = _simulator(SimulatedAWS(), service)
        cancel = service.cancel_request(_example(service)).operation
        assert simulator.operations_to("cancel") == {cancel}
        assert simulator.operations_to("read")

    def test_every_status_is_described(self, service: Service[Shape, Response]) -> None:
        """Through botocore: the simulator says nothing that the model does not allow."""
        for status, phase in service.phases.items():
            aws = SimulatedAWS()
            simulator = _simulator(aws, service)
            task = simulator.start()
            aws.advance(1)
            simulator.set_status(task, status)
            snapshot = _client(aws).describe(task)
            assert (snapshot.status, snapshot.phase) == (status, phase)
            assert service.status_of(snapshot.detail) == status
            for instant in (snapshot.created_at, snapshot.started_at, snapshot.ended_at):
                assert instant is None or (instant.tzinfo and instant <= aws.clock.now)
            assert snapshot.ended_at is None or phase.terminal

    def test_an_unknown_status_is_no_error_and_no_end(
        self, service: Service[Shape, Response]
    ) -> None:
        """It is kept as the service says it."""
        aws = SimulatedAWS()
        task = _simulator(aws, service).start()
        aws.inject(Fault(kind=FaultKind.UNKNOWN_STATUS, value=_DREAMING))
        snapshot = _client(aws).describe(task)
        assert (snapshot.status, snapshot.phase) == (_DREAMING, Phase.UNKNOWN)

    # --- what a client does ----------------------------------------------------------------

    def test_a_cancel_is_answered(self, service: Service[Shape, Response]) -> None:
        """It is accepted where the service says so, and the task then stops."""
        for status in sorted(_simulator(SimulatedAWS(), service).lifecycle.cancelable):
            aws = SimulatedAWS()
            simulator = _simulator(aws, service)
            task = simulator.start()
            simulator.set_status(task, status)
            cancellation = _client(aws).cancel(task)
            assert cancellation.accepted
            assert isinstance(cancellation.response, _cancel_answer(service))
            aws.advance(3600)
            assert simulator.status(task) == simulator.lifecycle.canceled

    def test_cancel_and_wait_ends_canceled(self, service: Service[Shape, Response]) -> None:
        """Once by this call; and whoever calls later is not told otherwise."""
        aws = SimulatedAWS()
        simulator = _simulator(aws, service)
        task = simulator.start(_working(service))
        outcome = _client(aws).cancel_and_wait(task)
        assert outcome.canceled
        assert outcome.accepted
        assert outcome.snapshot.status == simulator.status(task) == simulator.lifecycle.canceled
        later = _client(aws).cancel_and_wait(task)
        assert later.snapshot.status == outcome.snapshot.status
        assert later.canceled or not service.reports_canceled

    def test_a_cancel_whose_answer_was_lost_is_a_success(
        self, service: Service[Shape, Response]
    ) -> None:
        """An end that our own request caused is no error."""
        aws = SimulatedAWS()
        simulator = _simulator(aws, service)
        task = simulator.start(_working(service))
        aws.inject(Fault(kind=FaultKind.LOST_ANSWER, operation=_cancel_operation(service)))
        assert _client(aws).cancel_and_wait(task, if_ended="raise").canceled

    def test_a_cancel_that_came_to_nothing_is_sent_again(
        self, service: Service[Shape, Response]
    ) -> None:
        """That it was accepted is not taken for an end."""
        aws = SimulatedAWS()
        task = _simulator(aws, service).start(_working(service))
        aws.inject(Fault(kind=FaultKind.IGNORED_CANCEL))
        outcome = _client(aws).cancel_and_wait(task)
        assert outcome.canceled
        assert outcome.cancels > 1

    def test_what_is_no_answer_is_not_believed(self, service: Service[Shape, Response]) -> None:
        """No call makes anything of it, and a cancel is seen to its end all the same."""
        to_cancel = service.answers.get(_cancel_operation(service))
        is_empty = to_cancel is not None and to_cancel.member is None
        for kind in (FaultKind.CUT_BODY, FaultKind.FOREIGN_CONTENT, FaultKind.MISSING_MEMBER):
            aws = SimulatedAWS()
            client = _client(aws)
            task = _simulator(aws, service).start(_working(service))
            calls = [client.describe, _search(client, service)]
            if not (is_empty and kind is FaultKind.MISSING_MEMBER):  # which is the right answer
                calls.append(client.cancel)
            for call in calls:
                aws.inject(Fault(kind=kind, times=None))
                assert isinstance(_raised(call, task), InvalidResponse)
                aws.clear_faults()
            aws.inject(Fault(kind=kind, times=3))
            assert client.cancel_and_wait(task).canceled

    def test_an_answer_about_another_task_is_not_believed(
        self, service: Service[Shape, Response]
    ) -> None:
        """What another task has come to is told of no other."""
        aws = SimulatedAWS()
        simulator, client = _simulator(aws, service), _client(aws)
        other, task = (simulator.start(_working(service)) for _ in range(2))
        simulator.finish(other)
        aws.inject(Fault(kind=FaultKind.WRONG_TASK))
        assert isinstance(_raised(client.describe, task), InvalidResponse)
        aws.inject(Fault(kind=FaultKind.WRONG_TASK, times=3))
        assert client.cancel_and_wait(task).canceled

    def test_a_listing_that_leads_back_to_its_beginning_ends(
        self, service: Service[Shape, Response]
    ) -> None:
        """In an error, for nobody knows what is missing."""
        for tokens in (1, 2):
            aws = SimulatedAWS()
            client = _client(aws)
            for _ in range(_MANY):
                _simulator(aws, service).start(_working(service))
            aws.inject(Fault(kind=FaultKind.REPEATED_TOKEN, tokens=tokens, times=None))
            assert isinstance(_raised(_search(client, service), ""), InvalidResponse)

    def test_a_task_that_has_ended_is_not_said_to_be_canceled(
        self, service: Service[Shape, Response]
    ) -> None:
        """Whether the service refuses the cancel or not."""
        aws = SimulatedAWS()
        simulator = _simulator(aws, service)
        task = simulator.start(_working(service))
        simulator.finish(task)
        refusal = _raised(_client(aws).cancel, task)
        if refusal is not None:
            assert isinstance(refusal, TaskEnded)
            assert refusal.snapshot is not None
            assert refusal.snapshot.phase is Phase.SUCCEEDED
        outcome = _client(aws).cancel_and_wait(task)
        assert (outcome.phase, outcome.canceled) == (Phase.SUCCEEDED, False)

    def test_a_task_that_there_is_not_is_not_found(self, service: Service[Shape, Response]) -> None:
        """By every call, as an error of the service."""
        aws = SimulatedAWS()
        client = _client(aws)
        for call in (client.describe, client.cancel, client.wait, client.cancel_and_wait):
            error = _raised(call, _unknown(service))
            assert isinstance(error, NotFound)
            assert isinstance(error, service.error_base)

    def test_the_service_may_fail(self, service: Service[Shape, Response]) -> None:
        """Its own error of the kind is one that its model has, and is ridden out."""
        aws = SimulatedAWS()
        task = _simulator(aws, service).start(_working(service))
        aws.inject(Fault(kind=FaultKind.INTERNAL_ERROR))
        error = _raised(_client(aws).describe, task)
        assert isinstance(error, InternalException)
        assert error.code in service.errors_by_code
        aws.inject(Fault(kind=FaultKind.INTERNAL_ERROR, times=3))
        assert _client(aws).cancel_and_wait(task).canceled

    def test_a_restart_makes_a_new_task_or_is_not_supported(
        self, service: Service[Shape, Response]
    ) -> None:
        """What AWS documents no repair of is not made up."""
        aws = SimulatedAWS()
        simulator = _simulator(aws, service)
        task = simulator.start(_working(service))
        simulator.set_status(task, simulator.lifecycle.canceled)
        client = _client(aws)
        try:
            fresh = client.restart(task)
        except Unsupported:
            return
        assert str(fresh) != task
        assert not client.describe(fresh).phase.terminal

    # --- many tasks ------------------------------------------------------------------------

    def test_many_are_stopped_and_one_failure_hides_no_other(
        self, service: Service[Shape, Response]
    ) -> None:
        """More than go on one page, and one that there is not."""
        aws = SimulatedAWS()
        simulator = _simulator(aws, service)
        tasks = [simulator.start(_working(service)) for _ in range(_MANY)]
        unknown = _unknown(service)
        summary = _client(aws).cancel_and_wait_many([*tasks, unknown]).finish()
        assert len(summary.done) == _MANY
        assert all(result.unwrap().canceled for result in summary.done)
        assert [str(result.task) for result in summary.failed] == [unknown]
        assert isinstance(summary.failed[0].error, NotFound)

    def test_what_is_active_is_found(self, service: Service[Shape, Response]) -> None:
        """All that has not ended, page by page, each once, and nothing else."""
        aws = SimulatedAWS()
        simulator = _simulator(aws, service)
        ended = sorted(simulator.lifecycle.ended)
        tasks = {simulator.start(_working(service)) for _ in range(_MANY)}
        for status in ended:
            simulator.set_status(simulator.start(), status)
        client = _client(aws)
        found = list(client.active(service=service.name))
        assert all(not snapshot.phase.terminal for snapshot in found)
        assert Counter(snapshot.ref.id for snapshot in found) == Counter(tasks)
        with_ended = list(client.active(service=service.name, ended=True))
        assert len(with_ended) == len(tasks) + len(ended)

    def test_what_is_active_is_stopped_where_it_was_found(
        self, service: Service[Shape, Response]
    ) -> None:
        """In another region than the client's own."""
        aws = SimulatedAWS()
        elsewhere = aws.simulator(service.name, region="eu-west-1")
        task = elsewhere.start(_working(service))
        client = _client(aws)
        (snapshot,) = client.active(service=service.name, regions=["eu-west-1"])
        assert client.cancel_and_wait(snapshot).canceled
        assert elsewhere.status(task) == elsewhere.lifecycle.canceled

    # --- two clients -----------------------------------------------------------------------

    def test_sync_and_async_do_and_say_the_same(self, service: Service[Shape, Response]) -> None:
        """The same requests, and the same answers."""
        aws, mirror = SimulatedAWS(), SimulatedAWS()
        random.seed(0)  # of the delays between polls
        told = _told(aws, service)
        random.seed(0)
        assert asyncio.run(_told_async(mirror, service)) == told
        assert _requests(mirror) == _requests(aws)


def _told(aws: SimulatedAWS, service: Service[Shape, Response]) -> list[object]:
    """Return what a client says of one task, from its start to its end."""
    simulator, client = _simulator(aws, service), _client(aws)
    first, second = (simulator.start(_working(service)) for _ in range(2))
    said: list[object] = [client.describe(first), client.cancel(first), client.wait(first)]
    said += [client.cancel_and_wait(second), list(client.active(service=service.name))]
    return said


async def _told_async(aws: SimulatedAWS, service: Service[Shape, Response]) -> list[object]:
    simulator = _simulator(aws, service)
    client = AsyncTaskClient(aws.session(), clock=aws.clock)
    first, second = (simulator.start(_working(service)) for _ in range(2))
    said: list[object] = [await client.describe(first), await client.cancel(first)]
    said += [await client.wait(first), await client.cancel_and_wait(second)]
    said.append([snapshot async for snapshot in client.active(service=service.name)])
    return said


def _requests(aws: SimulatedAWS) -> list[tuple[str, Mapping[str, object], str]]:
    return [(record.operation, record.parameters, record.outcome) for record in aws.requests]


def _client(aws: SimulatedAWS) -> TaskClient:
    session = aws.session()
    session.set_config_variable("max_attempts", 1)  # botocore's own pauses take real time
    return TaskClient(session, clock=aws.clock)


def _simulator(aws: SimulatedAWS, service: Service[Shape, Response]) -> AnySimulator:
    return aws.simulator(service.name)


def _example(service: Service[Shape, Response]) -> TaskRef[Shape, Response]:
    return service.ref_type.parse(service.ref_type.example)


def _cancel_operation(service: Service[Shape, Response]) -> str:
    return service.cancel_request(_example(service)).operation


def _cancel_answer(service: Service[Shape, Response]) -> type[Response]:
    return service.cancel_request(_example(service)).response_type


def _working(service: Service[Shape, Response]) -> str:
    """Return a status in which a task works and can be cancelled."""
    cancelable = _simulator(SimulatedAWS(), service).lifecycle.cancelable
    return min(status for status in cancelable if service.phases[status] is Phase.RUNNING)


def _unknown(service: Service[Shape, Response]) -> str:
    """Return the id of a task of another AWS."""
    return _simulator(SimulatedAWS(seed=1), service).start()


def _search(client: TaskClient, service: Service[Shape, Response]) -> Callable[[str], object]:
    """Return a call that lists all that is active, whatever its argument."""
    return lambda _: list(client.active(service=service.name))


def _raised(call: Callable[[str], object], task: str) -> BotocancelError | None:
    try:
        call(task)
    except BotocancelError as error:
        return error
    return None


def _reads(service: Service[Shape, Response]) -> frozenset[str]:
    return _simulator(SimulatedAWS(), service).operations_to("read")


def _values(shape: BotocoreShape) -> list[str]:
    return cast("list[str]", shape.metadata.get("enum", ()))


@cache
def _below(service: Service[Shape, Response], operation: str) -> tuple[BotocoreShape, ...]:
    """Return the shapes that an operation's answer reaches."""
    output = service_model(service.name).operation_model(operation).output_shape
    return tuple(_walk(output, set())) if output is not None else ()


def _walk(shape: BotocoreShape, entered: set[str]) -> Iterator[BotocoreShape]:
    if shape.name in entered:
        return
    entered.add(shape.name)
    yield shape
    members = [*getattr(shape, "members", {}).values()]
    for part in (*members, getattr(shape, "member", None), getattr(shape, "value", None)):
        if part is not None:
            yield from _walk(part, entered)
