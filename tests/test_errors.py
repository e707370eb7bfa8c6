"""Every error code raises its class, whichever way it is caught, and survives travel."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore import exceptions as botocore_errors
from botocore.retries.standard import ThrottledRetryableChecker

import botocancel
from botocancel import TaskClient, errors, services
from botocancel.errors import COMMON_CODES, BotocancelError, ServiceError, Throttled, is_retryable
from botocancel.services import all_kinds, datasync, fsx, kind_named
from botocancel.services.fsx.data_repository_task import KIND
from tests.kinds import changed
from tests.network import REQUEST_ID, CannedNetwork

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TASK = "task-0123456789abcdef0"
EXECUTION = (
    "arn:aws:datasync:us-east-1:123456789012:task/task-0123456789abcdef0"
    "/execution/exec-0123456789abcdef0"
)
IDS = {"fsx": TASK, "datasync": EXECUTION}

SEEDED = [
    ("fsx", "BadRequest", 400, errors.InvalidRequest, fsx.BadRequest),
    ("fsx", "DataRepositoryTaskEnded", 400, errors.TaskEnded, fsx.DataRepositoryTaskEnded),
    ("fsx", "DataRepositoryTaskNotFound", 400, errors.NotFound, fsx.DataRepositoryTaskNotFound),
    ("fsx", "InternalServerError", 500, errors.InternalException, fsx.InternalServerError),
    ("fsx", "UnsupportedOperation", 400, errors.Unsupported, fsx.UnsupportedOperation),
    (
        "datasync",
        "InternalException",
        500,
        errors.InternalException,
        datasync.InternalException,
    ),
    (
        "datasync",
        "InvalidRequestException",
        400,
        errors.InvalidRequest,
        datasync.InvalidRequestException,
    ),
]
"""The errors of the two API documents: service, code, status, what happened, leaf."""

AWS_COMMON_ERRORS = [
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InternalFailure",
    "MalformedHttpRequestException",
    "NotAuthorized",
    "OptInRequired",
    "RequestAbortedException",
    "RequestEntityTooLargeException",
    "RequestExpired",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "ThrottlingException",
    "UnknownOperationException",
    "UnrecognizedClientException",
    "ValidationError",
]
"""AWS's list "Common Error Types", which both API documents refer to."""

MAY_PASS = {
    "InternalFailure",
    "RequestAbortedException",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "ThrottlingException",
}

CASES = [
    *SEEDED,
    *(
        (key, code, 400, meaning, kind_named(key).leaf(meaning))
        for key in IDS
        for code, meaning in COMMON_CODES.items()
    ),
]


def pickled(error: ServiceError) -> ServiceError:
    twin = pickle.loads(pickle.dumps(error))
    assert isinstance(twin, ServiceError)
    return twin


def rebuilt(error: ServiceError) -> ServiceError:
    """Return what tblib, as Dask and Celery load it, makes of an error on the other side."""
    make, arguments, state = cast("Any", error.__reduce__())
    twin = make(*arguments)
    assert isinstance(twin, ServiceError)
    twin.__setstate__(state)
    return twin


def no_sleep(_: float) -> None: ...


@pytest.fixture
def network() -> CannedNetwork:
    return CannedNetwork()


def raised_by_cancel(
    network: CannedNetwork, service: str, code: str, status: int = 400, **members: str
) -> tuple[ServiceError, Any]:
    """Cancel once, be refused, and return the error and the client that raised it."""
    network.will_refuse(code, status=status, **members)
    client = network.session.create_client(service)
    with pytest.raises(ServiceError) as caught:
        TaskClient(clients=[client]).cancel(IDS[service])
    return caught.value, client


@pytest.mark.parametrize(("service", "code", "status", "meaning", "leaf"), CASES)
def test_a_code_raises_its_class_and_is_caught_every_way(
    network: CannedNetwork,
    service: str,
    code: str,
    status: int,
    meaning: type[ServiceError],
    leaf: type[ServiceError],
) -> None:
    error, client = raised_by_cancel(network, service, code, status)

    base = {"fsx": fsx.FSxError, "datasync": datasync.DataSyncError}[service]
    generic = botocore_errors.ClientError
    modelled = getattr(client.exceptions, code, generic)
    for caught in (leaf, meaning, base, BotocancelError, generic, modelled):
        with pytest.raises(caught):
            raise error


@pytest.mark.parametrize(("service", "code", "status", "meaning", "leaf"), CASES)
@pytest.mark.parametrize(
    "travel",
    [copy.copy, copy.deepcopy, pickled, rebuilt],
    ids=["copy", "deepcopy", "pickle", "tblib"],
)
def test_an_error_survives_travel_with_all_it_carries(
    network: CannedNetwork,
    travel: Callable[[ServiceError], ServiceError],
    service: str,
    code: str,
    status: int,
    meaning: type[ServiceError],
    leaf: type[ServiceError],
) -> None:
    error, _ = raised_by_cancel(network, service, code, status, errorCode="E1")
    error.add_note("seen in the field")

    twin = travel(error)

    assert type(twin).__qualname__ == leaf.__qualname__
    assert isinstance(twin, leaf)
    assert isinstance(twin, meaning)
    assert twin.response == error.response
    assert str(twin) == str(error)
    assert twin.__dict__ == error.__dict__
    assert twin.__notes__ == ["seen in the field"]


@pytest.mark.parametrize("service", ["fsx", "datasync"])
def test_an_unknown_code_is_the_services_own_error_and_survives_travel(
    network: CannedNetwork, service: str
) -> None:
    error, _ = raised_by_cancel(network, service, "BrandNewProblem")

    assert error.code == "BrandNewProblem"
    assert type(error) in {fsx.FSxError, datasync.DataSyncError}
    for twin in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
        assert type(twin) is type(error)
        assert twin.response == error.response
        assert twin.operation == error.operation


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (401, errors.CredentialsRejected),
        (403, errors.AccessDenied),
        (429, errors.Throttled),
        (500, errors.InternalException),
        (502, errors.InternalException),
        (503, errors.ServiceUnavailable),
    ],
)
def test_the_http_status_decides_where_the_code_is_unknown(
    network: CannedNetwork, status: int, meaning: type[ServiceError]
) -> None:
    error, _ = raised_by_cancel(network, "fsx", "BrandNewProblem", status)
    assert isinstance(error, meaning)


def test_a_missing_page_is_not_taken_for_a_missing_task(network: CannedNetwork) -> None:
    """A 404 without a known code may be a proxy's, so it is no `NotFound`."""
    error, _ = raised_by_cancel(network, "fsx", "BrandNewProblem", 404)
    assert not isinstance(error, errors.NotFound)


def test_an_error_says_what_a_reader_needs(network: CannedNetwork) -> None:
    error, _ = raised_by_cancel(network, "fsx", "UnsupportedOperation", message="not this one")

    assert error.operation == "CancelDataRepositoryTask"
    assert error.code == "UnsupportedOperation"
    assert error.message == "not this one"
    assert error.request_id == REQUEST_ID
    assert error.http_status == 400
    assert error.attempts == 1
    assert error.fault == "client"
    assert str(error.ref) == TASK
    assert str(error) == (
        "An error occurred (UnsupportedOperation) when calling the CancelDataRepositoryTask "
        f"operation: not this one (task {TASK}, HTTP 400, request id {REQUEST_ID})"
    )


def test_a_task_that_the_message_names_is_not_named_again(network: CannedNetwork) -> None:
    error, _ = raised_by_cancel(
        network, "datasync", "InvalidRequestException", message=f"Execution {EXECUTION} is odd."
    )
    assert str(error).count(EXECUTION) == 1


def test_what_is_concluded_here_does_not_read_as_if_a_service_had_said_it(
    network: CannedNetwork,
) -> None:
    with pytest.raises(botocancel.Unsupported) as caught:
        TaskClient(network.session).restart(TASK)
    assert str(caught.value) == (
        f"restart: Amazon FSx documents no way to start a task like {TASK} anew; create a new one"
    )


def test_modelled_members_are_typed_properties(network: CannedNetwork) -> None:
    network.will_refuse("InvalidRequestException", errorCode="E1", datasyncErrorCode="D1")
    with pytest.raises(datasync.InvalidRequestException) as caught:
        TaskClient(network.session).describe(EXECUTION)
    assert caught.value.error_code == "E1"
    assert caught.value.datasync_error_code == "D1"


def test_attempts_count_what_botocore_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", no_sleep)
    network = CannedNetwork(attempts=3)
    error, _ = raised_by_cancel(network, "fsx", "InternalServerError", 500)
    assert error.attempts == 3
    assert error.fault == "server"
    assert "3 attempts" in str(error)
    assert len(network.requests) == 3


@pytest.mark.parametrize(
    ("code", "status", "retryable"),
    [
        ("InternalServerError", 500, True),
        ("ThrottlingException", 400, True),
        ("ServiceUnavailable", 503, True),
        ("SomethingNew", 429, True),
        ("BadRequest", 400, False),
        ("DataRepositoryTaskEnded", 400, False),
        ("ExpiredTokenException", 400, False),
        ("AccessDeniedException", 400, False),
    ],
)
def test_only_what_may_pass_is_retryable(
    network: CannedNetwork, code: str, status: int, *, retryable: bool
) -> None:
    error, _ = raised_by_cancel(network, "fsx", code, status)
    assert is_retryable(error) is error.retryable is retryable


@pytest.mark.parametrize(
    ("code", "status", "attempts", "may_have_applied"),
    [
        ("InternalServerError", 500, 1, True),
        ("RequestAbortedException", 400, 1, True),
        ("RequestTimeoutException", 408, 1, True),
        ("ThrottlingException", 400, 1, False),
        ("ThrottlingException", 400, 2, True),
        ("BadRequest", 400, 1, False),
        ("BadRequest", 400, 2, True),
    ],
)
def test_a_refusal_says_whether_the_request_may_have_taken_effect(
    code: str, status: int, attempts: int, *, may_have_applied: bool
) -> None:
    answer = {
        "Error": {"Code": code},
        "ResponseMetadata": {"HTTPStatusCode": status, "RetryAttempts": attempts - 1},
    }
    error = services.kind_named("fsx").error_class(code, status)(answer, "Cancel")
    assert error.may_have_applied is may_have_applied


@pytest.mark.parametrize("code", AWS_COMMON_ERRORS)
def test_every_common_error_of_aws_has_a_meaning(code: str) -> None:
    assert COMMON_CODES[code] is not ServiceError
    assert COMMON_CODES[code].retryable == (code in MAY_PASS)


def test_what_botocore_takes_for_throttling_is_throttled_unless_the_service_models_it() -> None:
    codes = getattr(ThrottledRetryableChecker, "_THROTTLED_ERROR_CODES")  # noqa: B009  (untyped)
    assert {code: COMMON_CODES.get(code) for code in codes} == dict.fromkeys(codes, Throttled)


def test_a_code_that_a_service_models_means_what_its_model_says() -> None:
    """`LimitExceededException` is throttling to botocore, and a quota where it is modelled."""
    modelled = changed(KIND, errors_by_code={"LimitExceededException": fsx.FSxLimitExceeded})
    assert issubclass(modelled.error_class("LimitExceededException", 400), errors.LimitExceeded)
    assert issubclass(KIND.error_class("LimitExceededException", 400), Throttled)


@pytest.mark.parametrize("code", ["InvalidSignatureException", "SignatureDoesNotMatch"])
@pytest.mark.parametrize(
    "message",
    [
        "Signature expired: 20261127T100000Z is now earlier than 20261127T105500Z",
        "Signature not yet current: 20261127T120000Z is still later than 20261127T110500Z",
    ],
)
def test_a_signature_that_is_too_old_or_too_young_is_the_clock(
    network: CannedNetwork, code: str, message: str
) -> None:
    error, _ = raised_by_cancel(network, "fsx", code, message=message)
    assert isinstance(error, errors.RequestExpired)


def test_a_signature_that_is_wrong_is_the_credentials(network: CannedNetwork) -> None:
    error, _ = raised_by_cancel(
        network, "fsx", "InvalidSignatureException", message="does not match"
    )
    assert isinstance(error, errors.CredentialsRejected)


def test_what_botocancel_did_not_raise_is_not_retryable() -> None:
    assert not is_retryable(TimeoutError())


NO_ANSWER = [
    botocore_errors.ConnectionClosedError(endpoint_url="https://x.invalid"),
    botocore_errors.EndpointConnectionError(endpoint_url="https://x.invalid"),
    botocore_errors.ConnectTimeoutError(endpoint_url="https://x.invalid"),
    botocore_errors.ReadTimeoutError(endpoint_url="https://x.invalid"),
    botocore_errors.ProxyConnectionError(proxy_url="https://x.invalid"),
    botocore_errors.SSLError(endpoint_url="https://x.invalid", error=OSError("bad certificate")),
    botocore_errors.ResponseStreamingError(error="cut"),
    botocore_errors.HTTPClientError(error="cut"),
]


@pytest.mark.parametrize("broken", NO_ANSWER, ids=lambda error: type(error).__name__)
def test_a_broken_connection_is_a_transport_error(
    network: CannedNetwork, broken: botocore_errors.BotoCoreError
) -> None:
    network.will_raise(broken)
    with pytest.raises(errors.TransportError) as caught:
        TaskClient(network.session).cancel(TASK)
    assert caught.value.__cause__ is broken
    assert isinstance(caught.value, botocore_errors.BotoCoreError)
    assert is_retryable(caught.value)
    assert str(caught.value.ref) == TASK


def subclasses(kind: type[Exception]) -> Iterator[type[Exception]]:
    for sub in kind.__subclasses__():
        yield sub
        yield from subclasses(sub)


BOTOCORE_ERRORS = sorted(
    {
        kind
        for kind in subclasses(botocore_errors.BotoCoreError)
        if kind.__module__ == "botocore.exceptions"
    },
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", BOTOCORE_ERRORS, ids=lambda kind: kind.__name__)
def test_whatever_botocore_raises_is_in_the_tree(
    network: CannedNetwork, kind: type[Exception]
) -> None:
    error = kind.__new__(kind)
    BaseException.__init__(error, "made by hand")
    network.will_raise(error)
    with pytest.raises(BotocancelError) as caught:
        TaskClient(network.session).cancel(TASK)
    is_unsent = isinstance(caught.value, errors.ConfigurationError)
    assert caught.value.__cause__ is (None if is_unsent else error)
    assert caught.value.__context__ is caught.value.__cause__


def test_what_a_hook_of_the_caller_raises_passes_unchanged(network: CannedNetwork) -> None:
    network.will_raise(ZeroDivisionError("a bug in somebody's event handler"))
    with pytest.raises(ZeroDivisionError):
        TaskClient(network.session).cancel(TASK)


TRAVELLERS = [
    errors.InvalidInput("no"),
    errors.ConfigurationError("no"),
    errors.CredentialsUnavailable(
        "no", operation_name="AssumeRole", retryable=True, may_have_applied=True
    ),
    errors.TransportError("no", retryable=False, may_have_applied=False),
    errors.InvalidResponse("no"),
    errors.WaitTimeout("no"),
]


@pytest.mark.parametrize("error", TRAVELLERS, ids=lambda error: type(error).__name__)
def test_errors_without_an_answer_survive_travel_too(error: BotocancelError) -> None:
    error.ref = botocancel.task_ref(TASK)
    make, arguments, state = cast("Any", error.__reduce__())
    by_tblib = make(*arguments)
    by_tblib.__setstate__(state)
    pickle_twin = pickle.loads(pickle.dumps(error))
    for twin in (copy.copy(error), copy.deepcopy(error), pickle_twin, by_tblib):
        assert type(twin) is type(error)
        assert str(twin) == str(error)
        assert twin.__dict__ == error.__dict__
        assert twin.may_have_applied == error.may_have_applied


def test_an_error_of_which_only_class_and_message_are_kept_keeps_its_class() -> None:
    """Celery's JSON makes an error anew from the name of its class and its arguments."""
    for kind in subclasses(errors.BotocancelError):
        twin = kind("the task had ended")
        assert str(twin) == "the task had ended"
        assert not isinstance(twin, ServiceError) or (twin.code, twin.attempts) == ("Unknown", 1)


def test_an_error_that_is_made_anew_from_its_arguments_says_the_same(
    network: CannedNetwork,
) -> None:
    error, _ = raised_by_cancel(network, "fsx", "UnsupportedOperation", message="not this one")
    twin = type(error)(*error.args)
    assert type(twin) is type(error)
    assert "not this one" in str(twin)


def test_no_error_shows_a_secret(network: CannedNetwork) -> None:
    error, _ = raised_by_cancel(network, "fsx", "AccessDeniedException")
    assert "secret" not in f"{error!r} {error} {error.response}"


def test_each_service_has_a_leaf_for_everything_that_can_happen() -> None:
    for kind in all_kinds():
        for meaning in errors.MEANINGS.values():
            leaf = kind.leaf(meaning)
            assert issubclass(leaf, meaning)
            assert leaf.service == kind.client
