"""What every kind of task has to fulfil, as tests: those of botocancel, and yours.

The package that adds a kind runs them with three lines in a test file of its own::

    @pytest.mark.parametrize("kind", [KIND])
    class TestConformance(KindConformance):
        pass

They need the extra ``server``. Nothing is taken but the `Kind`, known by its entry point.
"""

from __future__ import annotations

import asyncio
import copy
import json
import os
import pickle
import random
import re
from collections import Counter
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast
from unittest.mock import patch

import attrs
from botocore.session import Session

from botocancel import errors
from botocancel.aio import AsyncTaskClient
from botocancel.client import TaskClient
from botocancel.errors import (
    BotocancelError,
    InternalException,
    InvalidInput,
    InvalidRequest,
    InvalidResponse,
    NotFound,
    ServiceError,
    TaskEnded,
    Unsupported,
)
from botocancel.model import members_of
from botocancel.phases import Phase
from botocancel.results import Cancellation
from botocancel.services import kind_of, task_ref
from botocancel.services._reads import model_of, paths_of
from botocancel.services._simulator import SimulatorSettings
from botocancel.services.declare import DescribeMany
from botocancel.testing._models import service_model
from botocancel.testing.faults import Fault, FaultKind
from botocancel.testing.simulated_aws import SimulatedAWS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from botocore.model import Shape as BotocoreShape
    from botocore.model import StructureShape

    from botocancel.identity import DeclaredRef
    from botocancel.model import Response, Shape
    from botocancel.refs import TaskRef
    from botocancel.services._kind import AnyKind
    from botocancel.services._simulator.declared import DeclaredSimulator

    AnyRef: TypeAlias = TaskRef[Shape, Response]

__all__ = ["KindConformance"]

_MANY: Final = 101
"""So many tasks do not go on one page of any listing here."""

_PLACE: Final = {"region": "us-east-1", "account": "123456789012", "partition": "aws"}

_DREAMING: Final = "DREAMING"
"""A status that no service has."""


class KindConformance:
    """Tests of one kind; each takes it as the argument ``kind``."""

    # --- the tables ------------------------------------------------------------------------

    def test_every_status_that_the_model_names_has_a_phase(self, kind: AnyKind) -> None:
        """The statuses are the values of the enum, in a description, that has most of ours."""
        enums = {frozenset(_values(shape)) for name in _reads(kind) for shape in _below(kind, name)}
        statuses = max(enums, key=lambda values: (len(values & kind.phases.keys()), -len(values)))
        assert statuses, "no status of the service is in its model"
        assert not (statuses - kind.phases.keys()), "statuses without a phase"

    def test_the_phases_tell_running_stopped_and_ended(self, kind: AnyKind) -> None:
        """A cancel shows in a status on the way, or in one at the end, or beside the status."""
        phases = set(kind.phases.values())
        assert Phase.UNKNOWN not in phases
        assert phases >= {Phase.RUNNING, Phase.SUCCEEDED, Phase.FAILED}
        assert phases & {Phase.CANCELING, Phase.CANCELED} or kind.reports_canceled

    def test_every_modelled_error_has_its_class(self, kind: AnyKind) -> None:
        """Of every operation that the simulator answers, as botocore models it."""
        leaves = {kind.leaf(meaning) for meaning in errors.MEANINGS.values()}
        model = service_model(kind.client)
        for operation in _simulator(SimulatedAWS(), kind).request_types:
            shapes = cast("list[StructureShape]", model.operation_model(operation).error_shapes)
            for shape in shapes:
                assert shape.error_code in kind.errors_by_code, f"{shape.error_code}: no class"
                leaf = kind.errors_by_code[shape.error_code]
                assert issubclass(leaf, kind.error_base)
                assert leaf not in leaves

    def test_every_meaning_has_its_class(self, kind: AnyKind) -> None:
        """Whatever is concluded can be said in the service's name."""
        for meaning in errors.MEANINGS.values():
            leaf = kind.leaf(meaning)
            assert issubclass(leaf, meaning)
            assert issubclass(leaf, kind.error_base)

    def test_every_error_travels(self, kind: AnyKind) -> None:
        """It survives copies, pickle and tblib with all that it carries.

        tblib makes an error of what its `__reduce__` gives; Celery's JSON, of its message alone.
        """
        leaves = {kind.leaf(meaning) for meaning in errors.MEANINGS.values()}
        for leaf in {*kind.errors_by_code.values(), *leaves}:
            error = leaf({"Error": {"Code": "X", "Message": "m"}, "Extra": "kept"}, "Operation")
            error.ref = _example(kind)
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
        self, kind: AnyKind
    ) -> None:
        """It has a sentence and a source."""
        aftermath = kind.aftermath(None)
        assert aftermath.summary.endswith(".")
        assert aftermath.source

    def test_the_permissions_are_of_operations_that_there_are(self, kind: AnyKind) -> None:
        """And a cancel needs that of the operation that cancels."""
        modelled = {*service_model(kind.client).operation_names}
        for permission in kind.permissions:
            assert permission.action.partition(":")[2] in modelled
        to_cancel = [each.action for each in kind.permissions if "cancel" in each.needed_to]
        assert any(action.endswith(f":{_cancel_operation(kind)}") for action in to_cancel)

    def test_every_operation_says_what_its_answer_holds(self, kind: AnyKind) -> None:
        """A member that the model has; none, or nothing at all, only where the model has none."""
        model = service_model(kind.client)
        operations = _simulator(SimulatedAWS(), kind).request_types
        assert kind.answers.keys() >= operations.keys(), "operations without a row in `answers`"
        for operation, expected in kind.answers.items():
            output = model.operation_model(operation).output_shape
            members = output.members if output is not None else {}
            assert expected.member in (members or {None})
            assert expected.may_be_empty or output is not None
            assert not (expected.may_be_empty and members)

    # --- refs and requests -----------------------------------------------------------------

    def test_a_ref_goes_round(self, kind: AnyKind) -> None:
        """From its text, by pickle, and by the text that says which kind it is of."""
        ref = _example(kind)
        assert type(ref) is kind.ref_type
        assert (ref.key, ref.service) == (kind.key, kind.client)
        assert kind_of(ref) is kind
        pickled: object = pickle.loads(pickle.dumps(ref))  # noqa: S301  (pickled here)
        for twin in (kind.ref_type.parse(str(ref)), task_ref(ref.qualified), pickled):
            assert twin == ref
            assert hash(twin) == hash(ref)
        placed = attrs.evolve(ref, region=ref.region or "eu-west-1")
        named = task_ref(placed.qualified)
        assert (named.id, named.region) == (placed.id, placed.region)

    def test_ids_in_other_text_are_told_by_how_they_begin(self, kind: AnyKind) -> None:
        """Which is literal text, so that the search for them is fast."""
        patterns = kind.ref_type.in_text
        assert all(re.match("[a-z]{3,}[:-]", pattern) for pattern in patterns)
        if patterns:
            placed = attrs.evolve(_example(kind), **_PLACE)
            texts = {placed.id, placed.qualified}
            assert any(re.fullmatch(pattern, text) for pattern in patterns for text in texts)

    def test_a_request_names_the_task_it_is_about(self, kind: AnyKind) -> None:
        """And goes round by its wire form."""
        ref = _example(kind)
        request = kind.cancel_request(ref)
        assert request.service == kind.client
        assert kind.ref_of(request) == ref
        assert type(request).from_wire(request.to_wire()) == request

    def test_a_bare_id_names_a_task_only_where_it_tells_its_kind(self, kind: AnyKind) -> None:
        """Else it is refused, in words that say how to name the task, and nothing is sent."""
        form, aws = kind.ref_type.form, SimulatedAWS()
        if form.alone:
            assert task_ref(form.example) == _example(kind)
            return
        for call in (task_ref, _client(aws).cancel):
            refusal = _raised(cast("Any", call), cast("Any", form.example))
            assert isinstance(refusal, InvalidInput)
            assert f"{kind.key}:{form.example}" in str(refusal)
        assert not aws.requests

    # --- the simulator ---------------------------------------------------------------------

    def test_the_simulator_has_the_statuses_of_the_service(self, kind: AnyKind) -> None:
        """And agrees with it on what each means."""
        simulator = _simulator(SimulatedAWS(), kind)
        lifecycle = simulator.lifecycle
        assert (simulator.service, simulator.client) == (kind.key, kind.client)
        assert lifecycle.statuses == kind.phases.keys()
        assert kind.phases[lifecycle.succeeded] is Phase.SUCCEEDED
        assert kind.phases[lifecycle.failed] is Phase.FAILED
        canceled = Phase.FAILED if lifecycle.canceled == lifecycle.failed else Phase.CANCELED
        assert kind.phases[lifecycle.canceled] is canceled
        assert {status for status, phase in kind.phases.items() if phase.terminal} == {
            *lifecycle.ended
        }
        assert all(kind.phases[status] is Phase.CANCELING for status in lifecycle.stopping)

    def test_the_simulator_says_which_operation_cancels_and_which_read(self, kind: AnyKind) -> None:
        """Faults that strike only cancels, or only reads, go by that."""
        simulator = _simulator(SimulatedAWS(), kind)
        cancel = kind.cancel_request(_example(kind)).operation
        assert simulator.operations_to("cancel") == {cancel}
        assert simulator.operations_to("read")

    def test_every_status_is_described(self, kind: AnyKind) -> None:
        """Through botocore: the simulator says nothing that the model does not allow."""
        for status, phase in kind.phases.items():
            aws = SimulatedAWS()
            simulator = _simulator(aws, kind)
            task = _start(simulator, kind)
            aws.advance(1)
            simulator.set_status(task.id, status)
            snapshot = _client(aws).describe(task)
            assert (snapshot.status, snapshot.phase) == (status, phase)
            assert kind.status_of(snapshot.detail) == status
            for instant in (snapshot.created_at, snapshot.started_at, snapshot.ended_at):
                assert instant is None or (instant.tzinfo and instant <= aws.clock.now)
            assert snapshot.ended_at is None or phase.terminal

    def test_an_unknown_status_is_no_error_and_no_end(self, kind: AnyKind) -> None:
        """It is kept as the service says it."""
        aws = SimulatedAWS()
        task = _start(_simulator(aws, kind), kind)
        aws.inject(Fault(kind=FaultKind.UNKNOWN_STATUS, value=_DREAMING))
        snapshot = _client(aws).describe(task)
        assert (snapshot.status, snapshot.phase) == (_DREAMING, Phase.UNKNOWN)

    def test_a_description_that_tells_little_more_than_the_id_is_read(self, kind: AnyKind) -> None:
        """Of its members, only the id and what the typed model insists upon are there."""
        aws = SimulatedAWS()
        simulator = _simulator(aws, kind)
        task = _start(simulator, kind)
        described = simulator.handle(kind.describing(task))
        for member in _names_in(described.to_wire()) - _insisted_on(kind):
            operation = kind.describing(task).operation
            aws.inject(
                Fault(
                    kind=FaultKind.REPLACED_MEMBER, operation=operation, member=member, times=None
                )
            )
        snapshot = _client(aws).describe(task)
        assert snapshot.ref.id == task.id
        assert (snapshot.status, snapshot.phase) in {
            (None, Phase.UNKNOWN),
            (_working(kind), Phase.RUNNING),
        }

    # --- what a client does ----------------------------------------------------------------

    def test_a_cancel_is_answered(self, kind: AnyKind) -> None:
        """It is accepted where the service says so, and the task then stops."""
        for status in sorted(_simulator(SimulatedAWS(), kind).lifecycle.cancelable):
            aws = SimulatedAWS()
            simulator = _simulator(aws, kind)
            task = _start(simulator, kind)
            simulator.set_status(task.id, status)
            cancellation = _client(aws).cancel(task)
            assert cancellation.accepted
            assert isinstance(cancellation.response, _cancel_answer(kind))
            aws.advance(3600)
            assert simulator.status(task.id) == simulator.lifecycle.canceled

    def test_a_receipt_is_the_same_after_json(self, kind: AnyKind) -> None:
        """And names the kind, so that it is read as one of it."""
        aws = SimulatedAWS()
        receipt = _client(aws).cancel(_start(_simulator(aws, kind), kind))
        document = json.loads(json.dumps(receipt.to_dict()))
        assert document["service"] == kind.key
        assert Cancellation.from_dict(document) == receipt

    def test_cancel_and_wait_ends_canceled(self, kind: AnyKind) -> None:
        """Once by this call; and whoever calls later is not told otherwise."""
        aws = SimulatedAWS()
        simulator = _simulator(aws, kind)
        task = _start(simulator, kind)
        outcome = _client(aws).cancel_and_wait(task)
        assert outcome.canceled
        assert outcome.accepted
        assert outcome.snapshot.status == simulator.status(task.id) == simulator.lifecycle.canceled
        later = _client(aws).cancel_and_wait(task)
        assert later.snapshot.status == outcome.snapshot.status
        assert later.canceled or not kind.reports_canceled

    def test_a_cancel_whose_answer_was_lost_is_a_success(self, kind: AnyKind) -> None:
        """An end that our own request caused is no error."""
        aws = SimulatedAWS()
        simulator = _simulator(aws, kind)
        task = _start(simulator, kind)
        aws.inject(Fault(kind=FaultKind.LOST_ANSWER, operation=_cancel_operation(kind)))
        assert _client(aws).cancel_and_wait(task, if_ended="raise").canceled

    def test_a_cancel_that_came_to_nothing_is_sent_again(self, kind: AnyKind) -> None:
        """That it was accepted is not taken for an end."""
        aws = SimulatedAWS()
        task = _start(_simulator(aws, kind), kind)
        aws.inject(Fault(kind=FaultKind.IGNORED_CANCEL))
        outcome = _client(aws).cancel_and_wait(task)
        assert outcome.canceled
        assert outcome.cancels > 1

    def test_what_is_no_answer_is_not_believed(self, kind: AnyKind) -> None:
        """No call makes anything of it, and a cancel is seen to its end all the same."""
        right = _right_answers_to_cancel(kind)
        for fault in (FaultKind.CUT_BODY, FaultKind.FOREIGN_CONTENT, FaultKind.MISSING_MEMBER):
            aws = SimulatedAWS()
            client = _client(aws)
            task = _start(_simulator(aws, kind), kind)
            calls = [client.describe, _search(client, kind)]
            if fault not in right:
                calls.append(client.cancel)
            for call in calls:
                aws.inject(Fault(kind=fault, times=None))
                assert isinstance(_raised(call, task), InvalidResponse)
                aws.clear_faults()
            aws.inject(Fault(kind=fault, times=3))
            assert client.cancel_and_wait(task).canceled

    def test_an_answer_about_another_task_is_not_believed(self, kind: AnyKind) -> None:
        """What another task has come to is told of no other."""
        aws = SimulatedAWS()
        simulator, client = _simulator(aws, kind), _client(aws)
        other, task = (_start(simulator, kind) for _ in range(2))
        simulator.finish(other.id)
        aws.inject(Fault(kind=FaultKind.WRONG_TASK))
        if not isinstance(kind.describes, DescribeMany) or kind.describes.by_id:
            assert isinstance(_raised(client.describe, task), InvalidResponse)
        else:  # the answer is about all tasks
            assert client.describe(task).status == simulator.status(task.id)
        aws.inject(Fault(kind=FaultKind.WRONG_TASK, times=3))
        assert client.cancel_and_wait(task).canceled

    def test_a_listing_that_leads_back_to_its_beginning_ends(self, kind: AnyKind) -> None:
        """In an error, for nobody knows what is missing."""
        for tokens in (1, 2):
            aws = SimulatedAWS()
            client = _client(aws)
            for _ in range(_MANY):
                _start(_simulator(aws, kind), kind)
            aws.inject(Fault(kind=FaultKind.REPEATED_TOKEN, tokens=tokens, times=None))
            assert isinstance(_raised(_search(client, kind), _example(kind)), InvalidResponse)

    def test_a_task_that_has_ended_is_not_said_to_be_canceled(self, kind: AnyKind) -> None:
        """Whether the service refuses the cancel or not."""
        aws = SimulatedAWS()
        simulator = _simulator(aws, kind)
        task = _start(simulator, kind)
        simulator.finish(task.id)
        refusal = _raised(_client(aws).cancel, task)
        if refusal is not None:
            assert isinstance(refusal, TaskEnded)
            assert refusal.snapshot is not None
            assert refusal.snapshot.phase is Phase.SUCCEEDED
        outcome = _client(aws).cancel_and_wait(task)
        assert (outcome.phase, outcome.canceled) == (Phase.SUCCEEDED, False)

    def test_a_refusal_of_what_has_ended_is_no_acceptance(self, kind: AnyKind) -> None:
        """Whatever its code and its words; how the task ended is what descriptions say."""
        words = ("{id} is {status}", "Invalid request.", "{id} was not found or is not running")
        leaves = kind.errors_by_code.items()
        refusing = [code for code, leaf in leaves if issubclass(leaf, TaskEnded | InvalidRequest)]
        for code in ("ValidationException", *refusing):
            for text in words:
                for status in sorted(_simulator(SimulatedAWS(), kind).lifecycle.ended):
                    aws = _refusing(kind, code, text)
                    simulator, client = _simulator(aws, kind), _client(aws)
                    task = _start(simulator, kind)
                    simulator.set_status(task.id, status)
                    assert isinstance(_raised(client.cancel, task), TaskEnded)
                    outcome = client.cancel_and_wait(task)
                    assert not outcome.accepted
                    assert outcome.snapshot.status == status

    def test_a_task_that_there_is_not_is_not_found(self, kind: AnyKind) -> None:
        """By every call, as an error of the service."""
        aws = SimulatedAWS()
        client = _client(aws)
        for call in (client.describe, client.cancel, client.wait, client.cancel_and_wait):
            error = _raised(call, _unknown(kind))
            assert isinstance(error, NotFound)
            assert isinstance(error, kind.error_base)

    def test_the_service_may_fail(self, kind: AnyKind) -> None:
        """Its own error of that sort is one that its model has, if any; it is ridden out."""
        aws = SimulatedAWS()
        task = _start(_simulator(aws, kind), kind)
        aws.inject(Fault(kind=FaultKind.INTERNAL_ERROR))
        error = _raised(_client(aws).describe, task)
        assert isinstance(error, InternalException)
        leaves = kind.errors_by_code.items()
        modelled = [code for code, leaf in leaves if issubclass(leaf, InternalException)]
        assert error.code in (modelled or [error.code])
        aws.inject(Fault(kind=FaultKind.INTERNAL_ERROR, times=3))
        assert _client(aws).cancel_and_wait(task).canceled

    def test_a_restarted_task_is_at_work_unless_that_is_not_supported(self, kind: AnyKind) -> None:
        """It is a new one or the same; what AWS documents no repair of is not made up."""
        aws = SimulatedAWS()
        simulator = _simulator(aws, kind)
        task = _start(simulator, kind)
        simulator.set_status(task.id, simulator.lifecycle.canceled)
        client = _client(aws)
        try:
            fresh = client.restart(task)
        except Unsupported:
            return
        assert not client.describe(fresh).phase.terminal

    # --- many tasks ------------------------------------------------------------------------

    def test_many_are_stopped_and_one_failure_hides_no_other(self, kind: AnyKind) -> None:
        """More than go on one page, and one that there is not."""
        aws = SimulatedAWS()
        simulator = _simulator(aws, kind)
        tasks = [_start(simulator, kind) for _ in range(_MANY)]
        unknown = _unknown(kind)
        summary = _client(aws).cancel_and_wait_many([*tasks, unknown]).finish()
        assert len(summary.done) == _MANY
        assert all(result.unwrap().canceled for result in summary.done)
        assert [result.task for result in summary.failed] == [unknown]
        assert isinstance(summary.failed[0].error, NotFound)

    def test_what_is_active_is_found(self, kind: AnyKind) -> None:
        """All that has not ended, page by page, each once, and nothing else."""
        aws = SimulatedAWS()
        simulator = _simulator(aws, kind)
        ended = sorted(simulator.lifecycle.ended)
        tasks = {_start(simulator, kind) for _ in range(_MANY)}
        for status in ended:
            simulator.set_status(simulator.start(), status)
        client = _client(aws)
        found = list(client.active(kinds=[kind.key]))
        assert all(not snapshot.phase.terminal for snapshot in found)
        assert Counter(snapshot.ref.id for snapshot in found) == Counter(task.id for task in tasks)
        with_ended = list(client.active(kinds=[kind.key], ended=True))
        assert len(with_ended) == len(tasks) + len(ended)

    def test_a_task_in_each_status_that_is_no_end_is_found(self, kind: AnyKind) -> None:
        """One that waits, or is stopping, as one that works; unless no listing can show it."""
        aws = SimulatedAWS()
        simulator = _simulator(aws, kind)
        open_statuses = [
            status
            for status, state in kind.states.items()
            if state.is_listed and not state.phase.terminal
        ]
        tasks = {simulator.start(): status for status in open_statuses}
        for task, status in tasks.items():
            simulator.set_status(task, status)
        found = {
            snapshot.ref.id: snapshot.status for snapshot in _client(aws).active(kinds=[kind.key])
        }
        assert found == tasks

    def test_what_is_active_is_stopped_where_it_was_found(self, kind: AnyKind) -> None:
        """In another region than the client's own."""
        aws = SimulatedAWS()
        elsewhere = aws.simulator(kind.key, region="eu-west-1")
        task = _start(elsewhere, kind)
        client = _client(aws)
        (snapshot,) = client.active(kinds=[kind.key], regions=["eu-west-1"])
        assert client.cancel_and_wait(snapshot).canceled
        assert elsewhere.status(task.id) == elsewhere.lifecycle.canceled

    # --- two clients -----------------------------------------------------------------------

    def test_sync_and_async_do_and_say_the_same(self, kind: AnyKind) -> None:
        """The same requests, and the same answers."""
        aws, mirror = SimulatedAWS(), SimulatedAWS()
        random.seed(0)  # of the delays between polls
        told = _told(aws, _client(aws), kind)
        random.seed(0)
        assert asyncio.run(_told_async(mirror, mirror.session(), kind)) == told
        assert _requests(mirror) == _requests(aws)

    def test_over_http_they_do_and_say_the_same(self, kind: AnyKind) -> None:
        """Through sockets, by the endpoint that is set for the service."""
        near, sync, unhurried = (SimulatedAWS() for _ in range(3))
        random.seed(0)  # of the delays between polls
        told = _told(near, _client(near), kind)
        with _over_http(sync) as session:
            random.seed(0)
            assert _told(sync, TaskClient(session, clock=sync.clock), kind) == told
        with _over_http(unhurried) as session:
            random.seed(0)
            assert asyncio.run(_told_async(unhurried, session, kind)) == told
        assert _requests(sync) == _requests(unhurried) == _requests(near)


@contextmanager
def _over_http(aws: SimulatedAWS) -> Generator[Session]:
    """Serve over HTTP; yield a session that finds it by its environment, and nothing else."""
    with aws.serve() as server:
        others = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
        nothing = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
        with patch.dict(os.environ, {**others, **nothing, **server.environment}, clear=True):
            yield Session()
        assert not server.failures


def _told(aws: SimulatedAWS, client: TaskClient, kind: AnyKind) -> list[object]:
    """Return what a client says of one task, from its start to its end."""
    simulator = _simulator(aws, kind)
    first, second = (_start(simulator, kind) for _ in range(2))
    said: list[object] = [client.describe(first), client.cancel(first), client.wait(first)]
    said += [client.cancel_and_wait(second), list(client.active(kinds=[kind.key]))]
    return said


async def _told_async(aws: SimulatedAWS, session: Session, kind: AnyKind) -> list[object]:
    simulator = _simulator(aws, kind)
    client = AsyncTaskClient(session, clock=aws.clock)
    first, second = (_start(simulator, kind) for _ in range(2))
    said: list[object] = [await client.describe(first), await client.cancel(first)]
    said += [await client.wait(first), await client.cancel_and_wait(second)]
    said.append([snapshot async for snapshot in client.active(kinds=[kind.key])])
    return said


def _requests(aws: SimulatedAWS) -> list[tuple[str, Mapping[str, object], str]]:
    return [(record.operation, record.parameters, record.outcome) for record in aws.requests]


def _client(aws: SimulatedAWS) -> TaskClient:
    session = aws.session()
    session.set_config_variable("max_attempts", 1)  # botocore's own pauses take real time
    return TaskClient(session, clock=aws.clock)


def _refusing(kind: AnyKind, code: str, text: str) -> SimulatedAWS:
    """Return an AWS that refuses to cancel what has ended."""
    return SimulatedAWS(SimulatorSettings(kind=kind.key, ended=(code, text)))


def _simulator(aws: SimulatedAWS, kind: AnyKind) -> DeclaredSimulator:
    return aws.simulator(kind.key)


def _example(kind: AnyKind) -> DeclaredRef[Shape, Response]:
    return kind.ref_type.parse(kind.ref_type.example)


def _cancel_operation(kind: AnyKind) -> str:
    return kind.cancel_request(_example(kind)).operation


def _cancel_answer(kind: AnyKind) -> type[Response]:
    return kind.cancel_request(_example(kind)).response_type


def _right_answers_to_cancel(kind: AnyKind) -> set[FaultKind]:
    """Return what makes no wrong answer of one that has no members, or not even a body."""
    expected = kind.answers.get(_cancel_operation(kind))
    if expected is None or expected.member is not None:
        return set()
    nothing_to_cut = {FaultKind.CUT_BODY} if expected.may_be_empty else set[FaultKind]()
    return {FaultKind.MISSING_MEMBER, *nothing_to_cut}


def _names_in(value: object) -> set[str]:
    """Return the AWS names of all members in what is in the form of the wire."""
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return {*members, *(name for part in members.values() for name in _names_in(part))}
    items = cast("list[object]", value) if isinstance(value, list | tuple) else []
    return {name for part in items for name in _names_in(part)}


def _insisted_on(kind: AnyKind) -> set[str]:
    """Return the AWS names that lead to the id in a description, and those of what is required."""
    describes, response = kind.describes, kind.describing(_example(kind)).response_type
    to_detail = describes.details if isinstance(describes, DescribeMany) else describes.detail
    leading = [name for path in paths_of(response, to_detail, describes.id) for name in path or ()]
    detail = model_of(response, to_detail) or response
    required = {field.name for field in attrs.fields(detail) if field.default is attrs.NOTHING}
    return {*leading, *(members_of(detail)[name][0] for name in required)}


def _start(simulator: DeclaredSimulator, kind: AnyKind) -> AnyRef:
    """Start a task that works and can be cancelled."""
    return kind.ref_type(simulator.start(_working(kind)))


def _working(kind: AnyKind) -> str:
    """Return a status in which a task works and can be cancelled."""
    cancelable = _simulator(SimulatedAWS(), kind).lifecycle.cancelable
    return min(status for status in cancelable if kind.phases[status] is Phase.RUNNING)


def _unknown(kind: AnyKind) -> AnyRef:
    """Return a task of another AWS."""
    return _start(_simulator(SimulatedAWS(seed=1), kind), kind)


def _search(client: TaskClient, kind: AnyKind) -> Callable[[AnyRef], object]:
    """Return a call that lists all that is active, whatever its argument."""
    return lambda _: list(client.active(kinds=[kind.key]))


def _raised(call: Callable[[AnyRef], object], task: AnyRef) -> BotocancelError | None:
    try:
        call(task)
    except BotocancelError as error:
        return error
    return None


def _reads(kind: AnyKind) -> frozenset[str]:
    return _simulator(SimulatedAWS(), kind).operations_to("read")


def _values(shape: BotocoreShape) -> list[str]:
    return cast("list[str]", shape.metadata.get("enum", ()))


@cache
def _below(kind: AnyKind, operation: str) -> tuple[BotocoreShape, ...]:
    """Return the shapes that an operation's answer reaches."""
    output = service_model(kind.client).operation_model(operation).output_shape
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
