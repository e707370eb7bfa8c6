"""A configuration that cannot be used is told, with the setting to change."""

from __future__ import annotations

import socket
import ssl
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.credentials import Credentials
from botocore.session import Session

from botocancel import (
    AsyncTaskClient,
    Backoff,
    BotocancelError,
    ConfigurationError,
    InvalidInput,
    TaskClient,
    TransportError,
    WaitTimeout,
    is_retryable,
)
from botocancel.cli._session import regions_of
from botocancel.cli._settings import Settings
from botocancel.testing import SimulatedAWS
from tests.environment import Environment, supplying
from tests.loopback import Cut, serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TASK = "task-0123456789abcdef0"
PASSWORD = "APasswordThatMustNotBeSeen"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Environment:
    return Environment(monkeypatch, tmp_path)


def raised_by_cancel() -> BotocancelError:
    with pytest.raises(BotocancelError) as caught:
        TaskClient().cancel(TASK)
    return caught.value


# --- settings ------------------------------------------------------------------------------

NO_ENDPOINT: dict[str, str | None] = {"AWS_ENDPOINT_URL": None}
UNUSABLE: dict[str, tuple[dict[str, str | None], str]] = {
    "a profile that there is not": ({"AWS_PROFILE": "nobody"}, "check AWS_PROFILE"),
    "attempts that are no number": (
        {"AWS_MAX_ATTEMPTS": "three"},
        "AWS_MAX_ATTEMPTS='three' cannot be used",
    ),
    "an endpoint that is no URL": (
        {"AWS_ENDPOINT_URL": "not a url"},
        "AWS_ENDPOINT_URL='not a url' cannot be used",
    ),
    "an endpoint without a scheme that HTTP has": (
        {"AWS_ENDPOINT_URL": "ftp://127.0.0.1:9"},
        "check AWS_ENDPOINT_URL",
    ),
    "a retry mode that there is not": ({"AWS_RETRY_MODE": "nonsense"}, "check AWS_RETRY_MODE"),
    "no attempts": ({"AWS_MAX_ATTEMPTS": "0"}, "check AWS_MAX_ATTEMPTS"),
    "a region that there is not": (
        {"AWS_REGION": "mars", **NO_ENDPOINT},
        "there is no such region; set AWS_REGION",
    ),
    "a pseudo-region": (
        {"AWS_REGION": "aws-global", **NO_ENDPOINT},
        "there is no such region; set AWS_REGION",
    ),
    "a region with a line break": ({"AWS_REGION": "us-east-1\n"}, r"'us-east-1\n' is no region"),
    "a region with spaces": ({"AWS_DEFAULT_REGION": "us east 1"}, "'us east 1' is no region"),
}


@pytest.mark.parametrize("what", UNUSABLE)
def test_a_setting_that_cannot_be_used_is_told_with_what_to_do(
    what: str, environment: Environment
) -> None:
    variables, remedy = UNUSABLE[what]
    environment.set(**variables)
    error = raised_by_cancel()
    assert isinstance(error, ConfigurationError)
    assert remedy in str(error)
    assert not is_retryable(error)
    assert not error.may_have_applied


def test_with_an_endpoint_of_ones_own_a_region_may_have_any_name(environment: Environment) -> None:
    aws = SimulatedAWS()
    with serving(aws) as server:
        environment.set(AWS_REGION="mars", AWS_ENDPOINT_URL=server.url)
        environment.set(AWS_ACCESS_KEY_ID="AKIASIMU123456789012")
        task = aws.fsx(region="mars").start()
        assert TaskClient().describe(task).ref.id == task


def test_a_setting_of_a_file_that_cannot_be_used_is_told_without_its_value(
    environment: Environment,
) -> None:
    environment.write_config("[default]\nmax_attempts = many\n")
    environment.set(AWS_MAX_ATTEMPTS=None, AWS_ACCESS_KEY_ID="AK", AWS_SECRET_ACCESS_KEY="SK")
    error = raised_by_cancel()
    assert isinstance(error, ConfigurationError)
    assert str(error).endswith("check the AWS_* variables and the profile")


# --- regions -------------------------------------------------------------------------------


def region_called(environment: Environment, client_of_region: Any = TaskClient) -> str | None:  # noqa: ANN401  (makes a client)
    """Return the region that a task without a region is asked for in."""
    aws = SimulatedAWS()
    with serving(aws) as server:
        environment.set(AWS_ENDPOINT_URL=server.url, AWS_ACCESS_KEY_ID="AKIASIMU123456789012")
        with pytest.raises(BotocancelError):
            client_of_region().describe(TASK)
    return aws.requests[0].region


def test_the_region_is_that_of_aws_region_then_that_of_aws_default_region_then_the_profiles(
    environment: Environment,
) -> None:
    environment.config.write_text("[default]\nregion = eu-west-3\n", encoding="utf-8")
    environment.set(AWS_REGION="eu-west-1", AWS_DEFAULT_REGION="eu-west-2")
    assert region_called(environment) == "eu-west-1"
    environment.set(AWS_REGION=None)
    assert region_called(environment) == "eu-west-2"
    environment.set(AWS_DEFAULT_REGION=None)
    assert region_called(environment) == "eu-west-3"


def test_the_command_line_reads_the_same_region(environment: Environment) -> None:
    environment.set(AWS_REGION="eu-west-1", AWS_DEFAULT_REGION="eu-west-2")
    assert regions_of(Settings(verbose=True), ["fsx"]) == ("eu-west-1",)


def test_a_session_that_names_no_region_has_that_of_aws_region(environment: Environment) -> None:
    environment.set(AWS_REGION="eu-west-1", AWS_DEFAULT_REGION=None)
    session = Session()
    assert region_called(environment, lambda: TaskClient(session)) == "eu-west-1"
    session.set_config_variable("region", "us-west-2")
    assert region_called(environment, lambda: TaskClient(session)) == "us-west-2"


@pytest.mark.parametrize("region", ["mars", "aws-global", "fips-us-gov-west-1"])
def test_all_regions_of_a_region_that_is_in_no_partition_are_not_guessed(
    region: str, environment: Environment
) -> None:
    environment.set(AWS_REGION=region)
    with pytest.raises(ConfigurationError, match="give each by --region"):
        regions_of(Settings(regions=("all",), debug=True), ["fsx"])


# --- passwords, and what is no session -----------------------------------------------------

WITH_PASSWORD = [
    f"http://user:{PASSWORD}@127.0.0.1:9",
    f"http://user:{PASSWORD}%20x@127.0.0.1:9",
    f"http://user:{PASSWORD} x@127.0.0.1:9",
    f"http://user:{PASSWORD}#x@127.0.0.1:9",
    f"http://user:{PASSWORD}@127.0.0.1:{PASSWORD}",
    f"ftp://user:{PASSWORD}@127.0.0.1:9",
    f"user:{PASSWORD}@127.0.0.1:9",
]


@pytest.mark.parametrize("url", WITH_PASSWORD)
def test_a_password_in_the_endpoint_is_shown_nowhere(url: str, environment: Environment) -> None:
    environment.set(AWS_ENDPOINT_URL=url)
    error: BaseException | None = raised_by_cancel()
    assert isinstance(error, TransportError | ConfigurationError)
    while error is not None:
        assert PASSWORD not in f"{error} {error!r} {error.args} {vars(error)}"
        error = error.__cause__ or error.__context__


def test_a_password_of_the_proxy_is_shown_nowhere(environment: Environment) -> None:
    environment.set(AWS_ENDPOINT_URL="http://fsx.invalid", NO_PROXY=None)
    for port in ("9", "port"):
        environment.set(HTTP_PROXY=f"http://user:{PASSWORD}@127.0.0.1:{port}")
        error = raised_by_cancel()
        assert PASSWORD not in f"{error} {error!r} {error.__cause__} {error.__context__}"


KEYS: Any = Credentials("AKIDEXAMPLE", PASSWORD)
WRONG_OBJECTS: dict[str, Callable[[], object]] = {
    "as a session": lambda: TaskClient(cast("Any", (KEYS, PASSWORD))),
    "as an async session": lambda: AsyncTaskClient(cast("Any", (KEYS, PASSWORD))),
    "as a client": lambda: TaskClient(clients=[cast("Any", (PASSWORD, PASSWORD))]),
    "as a task": lambda: TaskClient().cancel(cast("Any", (PASSWORD, PASSWORD))),
    "as bytes": lambda: TaskClient().cancel(cast("Any", PASSWORD.encode())),
    "as a time": lambda: TaskClient().wait(TASK, timeout=cast("Any", (PASSWORD,))),
    "as a number": lambda: TaskClient(workers=cast("Any", (PASSWORD,))),
    "as a delay": lambda: Backoff(first=cast("Any", (PASSWORD,))),
}


@pytest.mark.parametrize("how", WRONG_OBJECTS)
@pytest.mark.usefixtures("environment")
def test_of_a_wrong_object_only_the_type_is_named(how: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        WRONG_OBJECTS[how]()
    assert PASSWORD not in f"{caught.value!r}"
    assert ("bytes" if how == "as bytes" else "tuple") in str(caught.value)


def test_a_session_of_aiobotocore_is_refused_with_what_to_pass_instead() -> None:
    kind = type("AioSession", (Session,), {"__module__": "aiobotocore.session"})
    for client in (TaskClient, AsyncTaskClient):
        with pytest.raises(InvalidInput, match=r"AsyncTaskClient\(clients=\[…\]\)"):
            client(kind())


# --- connections that cannot come about ----------------------------------------------------


@pytest.fixture
def untrusted(tmp_path: Path) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate that nobody trusts."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).serial_number(1)
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    pem = serialization.Encoding.PEM
    certificate = cast("bytes", builder.sign(key, hashes.SHA256()).public_bytes(pem))
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "server.pem").write_bytes(private + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    return context


def test_an_untrusted_certificate_is_not_waited_for(
    untrusted: ssl.SSLContext, environment: Environment
) -> None:
    with supplying(200, "{}", untrusted) as server:
        environment.set(AWS_ENDPOINT_URL=server.url)
        with pytest.raises(TransportError, match="AWS_CA_BUNDLE") as caught:
            TaskClient().cancel_and_wait(TASK, timeout=60)
    assert "the certificate of localhost is not trusted" in str(caught.value)
    assert not is_retryable(caught.value)
    assert not caught.value.may_have_applied
    assert server.requests == 0


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_read_are_a_matter_of_configuration(
    content: str | None, untrusted: ssl.SSLContext, environment: Environment
) -> None:
    bundle = environment.home / "bundle.pem"
    if content is not None:
        bundle.write_text(content, encoding="utf-8")
    with supplying(200, "{}", untrusted) as server:
        environment.set(AWS_ENDPOINT_URL=server.url, AWS_CA_BUNDLE=str(bundle))
        with pytest.raises(ConfigurationError, match="check AWS_CA_BUNDLE"):
            TaskClient().cancel_and_wait(TASK, timeout=60)


def test_an_endpoint_that_does_not_speak_tls_is_not_waited_for(environment: Environment) -> None:
    with supplying(200, "{}") as server:
        environment.set(AWS_ENDPOINT_URL=server.url.replace("http:", "https:"))
        with pytest.raises(TransportError, match="does not speak TLS"):
            TaskClient().cancel_and_wait(TASK, timeout=60)


class Names:
    """Looks up host names: one is known for as long as it shall be."""

    HOST = "fsx.mars.invalid"

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._look_up = socket.getaddrinfo
        self.failures = 0
        """So many of the next look-ups fail."""
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401  (as it is)
        """Look up a host name."""
        if host == self.HOST:
            self.failures -= 1
            if self.failures >= 0:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            host = "127.0.0.1"
        return self._look_up(host, *args, **options)


QUICK = Backoff(first=0.01, growth=1)


def test_an_unknown_host_is_looked_up_again_for_a_short_while_only(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocancel._known._PATIENCE", 0.2)
    names = Names(monkeypatch)
    names.failures = sys.maxsize
    environment.set(AWS_ENDPOINT_URL=f"http://{Names.HOST}")
    with pytest.raises(TransportError, match=f"there is no host {Names.HOST}; check") as caught:
        TaskClient(poll=QUICK).cancel_and_wait(TASK, timeout=60)
    assert not is_retryable(caught.value)
    assert not caught.value.may_have_applied
    assert names.failures < sys.maxsize - 1


def test_a_host_that_was_reached_before_is_looked_up_until_the_deadline(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocancel._known._PATIENCE", 0.0)
    names = Names(monkeypatch)
    aws = SimulatedAWS()
    task = aws.fsx().start(status="EXECUTING")
    with serving(aws) as server:
        port = server.server_address[1]
        environment.set(AWS_ENDPOINT_URL=f"http://{Names.HOST}:{port}")
        environment.set(AWS_ACCESS_KEY_ID="AKIASIMU123456789012", AWS_MAX_ATTEMPTS="1")
        client = TaskClient(poll=QUICK)
        client.describe(task)
        server.cuts.append(Cut.BEFORE_THE_ANSWER)  # the next request needs a new connection
        names.failures = 5
        with pytest.raises(WaitTimeout):
            client.wait(task, timeout=0.5)
    assert names.failures < 0


# --- who asks ------------------------------------------------------------------------------


class Forgetful(Session):
    """A session that has credentials when a client is made, and none that can be had later."""

    error: Exception | None = None

    def get_credentials(self) -> Credentials:
        if self.error is not None:
            raise self.error
        return Credentials("AKIASIMU123456789012", "secret")


@pytest.mark.parametrize("error", [RuntimeError("the vault is shut"), OSError(5, "I/O error")])
def test_a_cancel_that_was_accepted_is_told_though_who_asked_is_not_known(
    error: Exception, environment: Environment
) -> None:
    aws = SimulatedAWS()
    session = Forgetful()
    with serving(aws) as server:
        environment.set(AWS_ENDPOINT_URL=server.url)
        client = TaskClient(session)
        task = aws.fsx().start(status="EXECUTING")
        assert client.cancel(task).caller == "AKIASIMU123456789012"
        session.error = error
        other = client.cancel(aws.fsx().start(status="EXECUTING"))
    assert (other.accepted, other.caller) == (True, None)
