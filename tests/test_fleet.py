"""A fleet: each task is asked about in its own account, and no account hides another."""

from __future__ import annotations

import asyncio
import os
import re
import threading
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest

from botocancel import (
    Account,
    AsyncFleet,
    ConfigurationError,
    CredentialsUnavailable,
    Fleet,
    GapCause,
    InvalidInput,
    Phase,
    RetryPolicy,
)
from botocancel.testing import (
    DEFAULT_ACCOUNT,
    DEFAULT_REGION,
    Fault,
    FaultKind,
    SimulatedAccount,
    SimulatedAWS,
)
from botocancel.testing._network import session_over
from botocancel.testing.wire import access_key_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from botocancel.testing.wire import HttpAnswer, HttpRequest

REGIONS = ("us-east-1", "eu-west-1")


def number(index: int) -> str:
    return f"{111100000000 + index}"


def accounts(aws: SimulatedAWS, count: int, **of_each: Any) -> list[Account]:  # noqa: ANN401
    """Make so many accounts, each with a role."""
    for index in range(count):
        aws.add_account(SimulatedAccount(number(index), name=f"team {index}", **of_each))
    return [Account(number(index), role="StopTasks") for index in range(count)]


def started(aws: SimulatedAWS, account: str, region: str = DEFAULT_REGION) -> str:
    """Start a task that works for days; return its ARN."""
    simulator = aws.fsx(account=account, region=region)
    task = simulator.start(status="EXECUTING", seconds={"EXECUTING": 1e6})
    return f"arn:aws:fsx:{region}:{account}:task/{task}"


def fleet_of(aws: SimulatedAWS, them: list[Account], **options: Any) -> Fleet:  # noqa: ANN401
    return Fleet(them, session=aws.session(), clock=aws.clock, **options)


def test_tasks_of_all_accounts_are_found_and_stopped_each_in_its_own(aws: SimulatedAWS) -> None:
    fleet = fleet_of(aws, accounts(aws, 4))
    tasks = {started(aws, number(index), region) for index in range(4) for region in REGIONS}
    other = aws.datasync(account=number(2)).start(status="TRANSFERRING")
    listing = fleet.active()
    found = list(listing)
    assert listing.gaps == ()
    assert len(found) == len(tasks) + 1
    assert {each.ref.account for each in found} == {number(index) for index in range(4)}
    summary = fleet.cancel_and_wait_many(found).finish()
    assert {result.unwrap().phase for result in summary.done} == {Phase.CANCELED}
    assert len(summary.done) == len(found)
    assert str(other) in {str(each.ref) for each in found}
    assert {record.account for record in aws.requests} == {number(index) for index in range(4)}


def test_tasks_are_named_by_arn_too_and_each_call_of_a_batch_goes_to_its_account(
    aws: SimulatedAWS,
) -> None:
    fleet = fleet_of(aws, accounts(aws, 3), regions=REGIONS)
    tasks = [started(aws, number(index)) for index in range(3)]
    assert len(fleet.describe_many(tasks).finish().done) == 3
    assert len(fleet.cancel_many(tasks, reason="budget").finish().done) == 3
    aws.advance(600)
    assert {each.unwrap().phase for each in fleet.wait_many(tasks)} == {Phase.CANCELED}
    strangers = ["task-0123456789abcdef0", started(aws, "999999999999")]
    failed = fleet.cancel_many(strangers).finish().failed
    assert [type(each.error) for each in failed] == [ConfigurationError] * 2
    assert not [each for each in aws.requests if each.account == "999999999999"]


def test_an_account_that_fails_is_a_gap_with_its_cause_and_hides_no_other(
    aws: SimulatedAWS,
) -> None:
    them = accounts(aws, 6)
    known = [aws.add_account(SimulatedAccount(each.id)) for each in them]
    known[1].roles = ()
    known[2].is_denied = True
    them[3] = Account(number(3), role="StopTasks", suspended=True)
    known[4].regions = ("us-east-1",)
    them[4] = Account(number(4), role="StopTasks", regions=REGIONS)
    aws.inject(
        Fault(kind=FaultKind.ERROR, code="AccessDeniedException", service="datasync", times=1)
    )
    started(aws, number(0))
    listing = fleet_of(aws, them, workers=1, kinds=["fsx", "datasync"]).active()
    assert [each.ref.account for each in listing] == [number(0)]
    causes = Counter((gap.account, gap.cause) for gap in listing.gaps)
    [denied] = [gap for gap in listing.gaps if gap.cause is GapCause.DENIED]
    assert causes == {
        (number(1), GapCause.ROLE): 1,
        (number(2), GapCause.POLICY): 1,
        (number(3), GapCause.SUSPENDED): 1,
        (number(4), GapCause.REGION): 2,
        (denied.account, GapCause.DENIED): 1,
    }


def test_where_no_account_answers_that_is_raised(aws: SimulatedAWS) -> None:
    them = accounts(aws, 2, roles=("Other",))
    with pytest.raises(CredentialsUnavailable, match="not authorized to perform: sts:AssumeRole"):
        list(fleet_of(aws, them).active())


def test_an_external_id_is_passed_on(aws: SimulatedAWS) -> None:
    accounts(aws, 1, external_id="blue")
    right = Account(number(0), role=f"arn:aws:iam::{number(0)}:role/StopTasks", external_id="blue")
    assert list(fleet_of(aws, [right]).active()) == []
    wrong = Account(number(0), role="StopTasks", external_id="green")
    with pytest.raises(CredentialsUnavailable):
        list(fleet_of(aws, [wrong]).active())
    assert "blue" not in repr(right)


def test_roles_are_assumed_once_and_again_before_their_credentials_expire(
    aws: SimulatedAWS,
) -> None:
    them = accounts(aws, 3)
    fleet = fleet_of(aws, them)
    known = [aws.add_account(SimulatedAccount(each.id)) for each in them]
    tasks = [started(aws, each.id) for each in them for _ in range(5)]
    list(fleet.active())
    assert len(fleet.cancel_many(tasks).finish().done) == 15
    assert [each.assumed for each in known] == [1, 1, 1]
    for _ in range(3):
        aws.advance(3000)
        list(fleet.active())
    assert [each.assumed for each in known] == [4, 4, 4]


def test_tasks_of_an_account_that_cannot_be_entered_fail_at_once_and_the_others_are_stopped(
    aws: SimulatedAWS,
) -> None:
    """Its role is asked for once, not for each task."""
    them = accounts(aws, 3)
    shut = aws.add_account(SimulatedAccount(number(1), roles=()))
    tasks = [started(aws, each.id) for each in them for _ in range(20)]
    fleet = fleet_of(aws, them, regions=[DEFAULT_REGION])
    assert len(fleet.describe_many(tasks[:1]).finish().done) == 1
    summary = fleet.cancel_and_wait_many(tasks).finish()
    assert len(summary.done) == 40
    assert {type(each.error) for each in summary.failed} == {CredentialsUnavailable}
    assert {str(each.task).split(":")[4] for each in summary.failed} == {number(1)}
    assert 1 <= shut.refused <= 32


def test_running_it_again_finishes_what_could_not_be_done(
    aws: SimulatedAWS, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocancel._fleet_aws._BELIEVED", 0.0)
    them = accounts(aws, 2)
    shut = aws.add_account(SimulatedAccount(number(1), roles=()))
    tasks = [started(aws, each.id) for each in them]
    fleet = fleet_of(aws, them)
    assert len(fleet.cancel_and_wait_many(tasks).finish().done) == 1
    shut.roles = ("StopTasks",)
    assert len(fleet.cancel_and_wait_many(tasks).finish().done) == 2


def test_what_one_account_is_throttled_is_asked_again_and_costs_no_other(
    aws: SimulatedAWS,
) -> None:
    them = accounts(aws, 3)
    tasks = {each.id: [started(aws, each.id) for _ in range(20)] for each in them}
    for task in tasks[number(0)]:
        aws.inject(Fault(kind=FaultKind.THROTTLE, task=task.rpartition("/")[2]))
    summary = fleet_of(aws, them).cancel_many([*chain(*tasks.values())]).finish()
    assert len(summary.done) == 60
    sent = Counter(record.account for record in aws.requests)
    assert sent == {number(0): 40, number(1): 20, number(2): 20}


# --- no request is signed for another account ---------------------------------------------------


class Witness:
    """Compares whom each request is signed for with whose task it is about."""

    def __init__(self, aws: SimulatedAWS) -> None:
        self._aws = aws
        self._lock = threading.Lock()
        self.owners: dict[str, str] = {}
        self.seen = 0
        self.wrong: list[str] = []

    def answer(self, request: HttpRequest) -> HttpAnswer:
        named = re.findall(r"task-[0-9a-f]{17}", request.body.decode(errors="replace"))
        signed = re.search(r"Credential=AKIASIMU(\d{12})/", request.headers["authorization"])
        with self._lock:
            self.seen += len(named)
            signer = signed and signed[1]
            self.wrong += [name for name in named if self.owners[name] != signer]
        return self._aws.answer(request)


@pytest.fixture
def witness(aws: SimulatedAWS) -> Witness:
    return Witness(aws)


def crowd(aws: SimulatedAWS, witness: Witness) -> tuple[list[Account], list[str], dict[str, Any]]:
    """Make 50 accounts with 12 tasks each, in mixed order; some requests have to be sent again."""
    them = accounts(aws, 50)
    tasks = [started(aws, each.id) for _ in range(12) for each in them]
    for task in tasks:
        witness.owners[task.rpartition("/")[2]] = task.split(":")[4]
    aws.inject(Fault(kind=FaultKind.THROTTLE, times=40, after=20))
    session = session_over(witness.answer, account=DEFAULT_ACCOUNT, region=DEFAULT_REGION)
    options = {
        "session": session,
        "clock": aws.clock,
        "workers": 64,
        "retry": RetryPolicy(timeout=1e6),
    }
    return them, tasks, options


def test_64_threads_over_50_accounts_sign_no_request_for_another(
    aws: SimulatedAWS, witness: Witness
) -> None:
    them, tasks, options = crowd(aws, witness)
    assert len(Fleet(them, **options).cancel_many(tasks).finish().done) == len(tasks)
    assert witness.seen >= len(tasks)
    assert witness.wrong == []


def test_nor_do_coroutines(aws: SimulatedAWS, witness: Witness) -> None:
    them, tasks, options = crowd(aws, witness)

    async def work() -> int:
        async with AsyncFleet(them, **options) as fleet:
            assert len([each async for each in fleet.active(kinds=["fsx"])]) == len(tasks)
            return len((await fleet.cancel_many(tasks).finish()).done)

    assert asyncio.run(work()) == len(tasks)
    assert witness.wrong == []


def test_nor_does_a_forked_child(aws: SimulatedAWS, witness: Witness) -> None:
    """Roles were assumed, and clients were in use, when it was forked."""
    them, tasks, options = crowd(aws, witness)
    fleet = Fleet(them, **options)
    first, second = tasks[:300], tasks[300:]
    assert len(fleet.cancel_many(first).finish().done) == len(first)
    child = os.fork()
    if not child:
        try:
            done = len(fleet.cancel_many(second).finish().done)
            os._exit(0 if done == len(second) and not witness.wrong else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_the_witness_sees_a_request_that_is_signed_for_another(
    aws: SimulatedAWS, witness: Witness
) -> None:
    them, tasks, options = crowd(aws, witness)
    witness.owners = dict.fromkeys(witness.owners, number(0))
    Fleet(them, **options).cancel_many(tasks[:50]).finish()
    assert witness.wrong


# --- where the accounts come from ---------------------------------------------------------------


def test_the_accounts_of_an_organization(aws: SimulatedAWS) -> None:
    """The session's own account needs no role; one that is suspended is a gap."""
    accounts(aws, 25)
    aws.add_account(SimulatedAccount(DEFAULT_ACCOUNT, name="management", roles=()))
    aws.add_account(SimulatedAccount(number(30), name="old", status="SUSPENDED"))
    for account in (DEFAULT_ACCOUNT, number(24), number(30)):
        started(aws, account)
    fleet = Fleet.from_organization("StopTasks", session=aws.session(), clock=aws.clock)
    assert len(fleet.accounts) == 27
    assert {each.name for each in fleet.accounts if each.suspended} == {"old"}
    listing = fleet.active(kinds=["fsx"])
    assert {each.ref.account for each in listing} == {DEFAULT_ACCOUNT, number(24)}
    [gap] = listing.gaps
    assert (gap.account, gap.service, gap.cause) == (number(30), None, GapCause.SUSPENDED)


def test_the_accounts_of_profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each profile has credentials of its own; who they are of is asked."""
    aws, profiles = SimulatedAWS(), {"data": number(1), "web": number(2)}
    lines = [
        f"[{name}]\naws_access_key_id = {access_key_of(account)}\naws_secret_access_key = x\n"
        for name, account in profiles.items()
    ]
    (tmp_path / "credentials").write_text("".join(lines), encoding="utf-8")
    started(aws, number(2))
    with aws.serve() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
        fleet = Fleet.from_profiles(["data", "web"])
        assert {each.name: each.id for each in fleet.accounts} == profiles
        found = list(fleet.active(kinds=["fsx"]))
    assert [each.ref.account for each in found] == [number(2)]


WRONG: dict[str, Callable[[], object]] = {
    "11 digits": lambda: Account("11112222333"),
    "no role": lambda: Account("111122223333", role="a role"),
    "twice": lambda: Fleet([Account("111122223333"), Account("111122223333")]),
    "none": lambda: Fleet([]),
    "texts": lambda: Fleet(["111122223333"]),  # type: ignore[list-item]  # pyright: ignore
    "regions": lambda: Fleet([Account("111122223333")], regions=[]),
    "kinds": lambda: Fleet([Account("111122223333")], kinds=["s3"]),
    "no policy": lambda: Fleet([Account("111122223333")], retry=3),  # type: ignore[arg-type]  # pyright: ignore
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_fleet_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        WRONG[name]()
