"""Credentials that cannot be had, or sent: said without a secret, and whose failure it was."""

from __future__ import annotations

import json
import logging
import pickle
import sys
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore import exceptions as botocore_errors
from botocore.credentials import Credentials
from botocore.session import Session

from botocancel import (
    AccessDenied,
    Backoff,
    BotocancelError,
    ConfigurationError,
    CredentialsUnavailable,
    RetryPolicy,
    TaskClient,
    TransportError,
    is_retryable,
)
from botocancel.cli._remedies import explained
from botocancel.testing import Fault, FaultKind, SimulatedAWS
from tests.environment import NOBODY, Environment, refusal, supplying
from tests.network import CannedNetwork

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TASK = "task-0123456789abcdef0"
SECRET = "IQoJb3JpZ2luX2VjEXAMPLETOKEN"
ROLE = (
    "[profile work]\nrole_arn = arn:aws:iam::123456789012:role/operator\nsource_profile = base\n"
    "[profile base]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n"
)
SSO = (
    "[profile work]\nsso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1\n"
    "sso_account_id = 123456789012\nsso_role_name = operator\n"
)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Environment:
    return Environment(monkeypatch, tmp_path)


def raised_by_cancel(client: TaskClient | None = None) -> BotocancelError:
    with pytest.raises(BotocancelError) as caught:
        (client or TaskClient()).cancel(TASK)
    return caught.value


def all_that_is_kept(error: BaseException) -> Iterator[str]:
    """Yield the text of an error, of what it was raised from, and of all they carry."""
    each: BaseException | None = error
    while each is not None:
        yield from (str(each), repr(each), repr(each.args), repr(vars(each)))
        each = each.__cause__ or each.__context__


# --- secrets -------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", ["AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID"])
def test_a_line_break_in_a_credential_is_told_by_its_variable_and_never_shown(
    variable: str, environment: Environment, caplog: pytest.LogCaptureFixture
) -> None:
    environment.set(**{variable: f"{SECRET}\n"})
    with caplog.at_level(logging.DEBUG, "botocancel"):
        error = raised_by_cancel()
    assert isinstance(error, ConfigurationError)
    assert f"{variable} holds a line break" in str(error)
    assert not error.retryable
    assert not error.may_have_applied
    kept = [*all_that_is_kept(error), repr(pickle.dumps(error)), explained(error)]
    kept += [record.getMessage() for record in caplog.records if "botocancel" in record.name]
    assert not [text for text in kept if SECRET in text]


def test_a_line_break_in_a_credential_is_not_waited_for(environment: Environment) -> None:
    environment.set(AWS_SESSION_TOKEN=f"{SECRET}\n")
    with pytest.raises(ConfigurationError):
        TaskClient().cancel_and_wait(TASK, timeout=60)


@pytest.mark.usefixtures("environment")
def test_a_credential_of_a_session_that_no_header_can_hold_is_not_shown() -> None:
    session = Session()
    session.set_credentials("AKIDEXAMPLE", "secret", f"{SECRET}\n")
    error = raised_by_cancel(TaskClient(session))
    assert "the access key id, the session token or another header" in str(error)
    assert not [text for text in all_that_is_kept(error) if SECRET in text]


PROCESSES = {
    "fails and complains": f"import sys; sys.exit('{SECRET}')",
    "writes what is no JSON": f"print('{SECRET}')",
    "writes other JSON": f"print('[\\\"{SECRET}\\\"]')",
}


@pytest.mark.parametrize("how", PROCESSES)
def test_what_a_credential_process_writes_is_not_shown(how: str, environment: Environment) -> None:
    program = environment.home / "process.py"
    program.write_text(PROCESSES[how], encoding="utf-8")
    environment.write_config(f"[default]\ncredential_process = {sys.executable} {program}\n")
    error = raised_by_cancel()
    assert isinstance(error, CredentialsUnavailable)
    assert not [text for text in all_that_is_kept(error) if SECRET in text]


def test_a_credential_process_that_there_is_not_is_named(environment: Environment) -> None:
    environment.write_config("[default]\ncredential_process = /nowhere/process\n")
    error = raised_by_cancel()
    assert isinstance(error, CredentialsUnavailable)
    assert "/nowhere/process cannot be used" in str(error)


def test_a_line_of_a_file_that_cannot_be_read_is_not_shown(environment: Environment) -> None:
    environment.write_config(f"[default]\naws_session_token {SECRET}\n")
    error = raised_by_cancel()
    assert isinstance(error, ConfigurationError)
    assert f"{environment.config}; mend that file" in str(error)
    assert not [text for text in all_that_is_kept(error) if SECRET in text]


# --- whose failure it was ------------------------------------------------------------------


def test_a_refusal_by_what_supplies_credentials_is_not_the_services(
    environment: Environment,
) -> None:
    environment.write_config(ROLE)
    with supplying(403, refusal("AccessDenied", "not authorized to assume operator")) as sts:
        environment.set(AWS_PROFILE="work", AWS_ENDPOINT_URL_STS=sts.url)
        error = raised_by_cancel()
    assert sts.requests == 1
    assert not isinstance(error, AccessDenied)
    assert isinstance(error, CredentialsUnavailable)
    assert error.operation_name == "AssumeRole"
    assert "not authorized to assume operator (AccessDenied)" in str(error)
    assert "CancelDataRepositoryTask could not be called" in str(error)
    assert not is_retryable(error)
    assert not error.may_have_applied
    assert "fsx:" not in explained(error)


def test_what_supplies_credentials_may_fail_for_a_while(environment: Environment) -> None:
    environment.write_config(ROLE)
    with supplying(503, refusal("ServiceUnavailable", "later")) as sts:
        environment.set(AWS_PROFILE="work", AWS_ENDPOINT_URL_STS=sts.url)
        error = raised_by_cancel()
    assert isinstance(error, CredentialsUnavailable)
    assert is_retryable(error)
    environment.set(AWS_ENDPOINT_URL_STS=NOBODY)
    error = raised_by_cancel()
    assert not isinstance(error, TransportError)
    assert isinstance(error, CredentialsUnavailable)
    assert "asking 127.0.0.1 for credentials" in str(error)
    assert is_retryable(error)


def test_a_clock_that_is_wrong_is_told_by_what_supplies_credentials_too(
    environment: Environment,
) -> None:
    environment.write_config(ROLE)
    late = "Signature expired: 20261127T100000Z is now earlier than 20261127T105500Z"
    with supplying(403, refusal("SignatureDoesNotMatch", late)) as sts:
        environment.set(AWS_PROFILE="work", AWS_ENDPOINT_URL_STS=sts.url)
        error = raised_by_cancel()
    assert str(error).endswith("set this machine's clock")


def test_a_session_of_sso_that_has_expired_says_how_to_log_in(environment: Environment) -> None:
    environment.write_config(SSO)
    environment.set(AWS_PROFILE="work")
    error = raised_by_cancel()
    assert isinstance(error, CredentialsUnavailable)
    assert str(error).endswith("run 'aws sso login --profile work'")


def test_no_credentials_say_where_they_could_come_from(environment: Environment) -> None:
    environment.set(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
    error = raised_by_cancel()
    assert isinstance(error, CredentialsUnavailable)
    assert not is_retryable(error)
    assert error.remedy == "log in, or set AWS_PROFILE or the AWS_* credentials"


def test_credentials_that_come_later_are_found_by_the_same_client(
    environment: Environment,
) -> None:
    environment.set(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
    client = TaskClient()
    assert isinstance(raised_by_cancel(client), CredentialsUnavailable)
    environment.set(AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY="secret")
    assert isinstance(raised_by_cancel(client), TransportError)


def test_a_part_of_the_credentials_is_told_by_its_variable(environment: Environment) -> None:
    environment.set(AWS_SECRET_ACCESS_KEY=None)
    error = raised_by_cancel()
    assert isinstance(error, CredentialsUnavailable)
    assert "missing: AWS_SECRET_ACCESS_KEY" in str(error)


# --- credentials that worked before --------------------------------------------------------

LIFETIME = 3600.0


def test_a_wait_goes_on_where_credentials_cannot_be_renewed_for_a_while() -> None:
    aws = SimulatedAWS()
    task = aws.fsx().start(status="EXECUTING", seconds={"CANCELING": 2 * LIFETIME})
    client = TaskClient(
        aws.session(credentials_lifetime=LIFETIME),
        clock=aws.clock,
        poll=Backoff(first=60, growth=1, ceiling=60),
    )
    client.cancel(task)
    aws.inject(Fault(kind=FaultKind.FAILED_REFRESH, times=5))
    outcome = client.cancel_and_wait(task, timeout=3 * LIFETIME)
    assert outcome.canceled


def test_credentials_that_cannot_be_renewed_may_be_later_only_if_they_were_there() -> None:
    aws = SimulatedAWS()
    task = aws.fsx().start(status="EXECUTING")
    session = aws.session(credentials_lifetime=60)  # so that they are renewed before a call
    aws.inject(Fault(kind=FaultKind.FAILED_REFRESH, times=2))
    client = TaskClient(session, clock=aws.clock)
    with pytest.raises(CredentialsUnavailable) as never_had:
        client.describe(task)
    with pytest.raises(CredentialsUnavailable):
        client.describe(task)
    client.describe(task)
    aws.inject(Fault(kind=FaultKind.FAILED_REFRESH))
    with pytest.raises(CredentialsUnavailable) as had:
        client.describe(task)
    assert (is_retryable(never_had.value), is_retryable(had.value)) == (False, True)


def test_a_guard_goes_on_where_credentials_cannot_be_renewed_for_a_while() -> None:
    aws = SimulatedAWS()
    task = aws.fsx().start(status="EXECUTING", seconds={"EXECUTING": LIFETIME})
    client = TaskClient(aws.session(credentials_lifetime=60), clock=aws.clock)
    client.describe(task)
    aws.inject(Fault(kind=FaultKind.FAILED_REFRESH, times=2))
    with pytest.raises(ZeroDivisionError), client.guard(task):
        raise ZeroDivisionError
    assert aws.fsx().status(task) in {"CANCELING", "CANCELED"}


def test_a_guard_goes_on_where_its_client_never_had_credentials() -> None:
    aws = SimulatedAWS()
    task = aws.fsx().start(status="EXECUTING", seconds={"EXECUTING": LIFETIME})
    client = TaskClient(aws.session(credentials_lifetime=60), clock=aws.clock)
    aws.inject(Fault(kind=FaultKind.FAILED_REFRESH, times=2))
    with pytest.raises(ZeroDivisionError), client.guard(task):
        raise ZeroDivisionError
    assert aws.fsx().status(task) in {"CANCELING", "CANCELED"}


# --- what was sent before ------------------------------------------------------------------


class Fickle(Credentials):
    """Credentials of the caller's own, of which some requests get none."""

    def __init__(self, *failures: Exception | None) -> None:
        super().__init__("AKIDEXAMPLE", "secret")
        self._failures = [*failures]

    def get_frozen_credentials(self) -> Any:  # noqa: ANN401  (untyped in botocore)
        """Return them, or raise what is next."""
        failure = self._failures.pop(0) if self._failures else None
        if failure is not None:
            raise failure
        return cast("Any", super()).get_frozen_credentials()


def no_sleep(_: float) -> None: ...


def client_with(network: CannedNetwork, *failures: Exception | None) -> TaskClient:
    session: Any = network.session
    session.get_credentials = lambda: Fickle(*failures)
    return TaskClient(session)


def test_whatever_an_own_supplier_raises_is_in_the_tree() -> None:
    error = raised_by_cancel(client_with(CannedNetwork(), LookupError(SECRET)))
    assert isinstance(error, CredentialsUnavailable)
    assert "(LookupError)" in str(error)
    assert not [text for text in all_that_is_kept(error) if SECRET in text]
    assert not error.may_have_applied


def test_credentials_that_are_gone_before_a_second_attempt_leave_the_first_in_doubt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", no_sleep)
    network = CannedNetwork(attempts=2)
    network.will_raise(botocore_errors.ConnectionClosedError(endpoint_url="https://x.invalid"))
    error = raised_by_cancel(client_with(network, None, LookupError()))
    assert isinstance(error, CredentialsUnavailable)
    assert error.may_have_applied


def test_an_attempt_that_never_left_is_not_in_doubt() -> None:
    network = CannedNetwork()
    network.will_raise(botocore_errors.EndpointConnectionError(endpoint_url="https://x.invalid"))
    error = raised_by_cancel(TaskClient(network.session))
    assert isinstance(error, TransportError)
    assert not error.may_have_applied
    network.will_raise(botocore_errors.ReadTimeoutError(endpoint_url="https://x.invalid"))
    network.will_raise(botocore_errors.ReadTimeoutError(endpoint_url="https://x.invalid"))
    raised_by_cancel(TaskClient(network.session))
    assert raised_by_cancel(TaskClient(network.session)).may_have_applied


def test_of_a_client_that_was_passed_in_any_attempt_may_have_left() -> None:
    network = CannedNetwork()
    network.will_raise(botocore_errors.EndpointConnectionError(endpoint_url="https://x.invalid"))
    client = TaskClient(clients=[network.session.create_client("fsx")])
    assert raised_by_cancel(client).may_have_applied


# --- hooks of the caller -------------------------------------------------------------------

OWN_ERRORS = [
    ZeroDivisionError("a bug"),
    botocore_errors.ClientError({"Error": {"Code": "AccessDenied"}}, "GetItem"),
]


@pytest.mark.parametrize("own", OWN_ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("event", ["before-sign", "before-send"])
def test_what_a_hook_of_the_caller_raises_passes_unchanged(event: str, own: Exception) -> None:
    network = CannedNetwork()
    network.will_answer({})

    def break_down(**_: object) -> None:
        raise own

    network.session.register(f"{event}.fsx", break_down, "first")
    with pytest.raises(type(own)) as caught:
        TaskClient(network.session, retry=RetryPolicy(timeout=0)).cancel(TASK)
    assert caught.value is own


def test_an_error_without_a_secret_is_json(environment: Environment) -> None:
    """As the command line prints it."""
    environment.set(AWS_SESSION_TOKEN=f"{SECRET}\n")
    assert SECRET not in json.dumps(explained(raised_by_cancel()))
