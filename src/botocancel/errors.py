"""What can go wrong, on two axes that join at a leaf.

*What happened* is one of the semantic classes below; *whose it is* is the base
of one service. Every error a service answers is an instance of both, of
botocore's `ClientError`, and of the error class of the very client that raised
it, so ``except`` clauses written for boto3 go on working::

    BotocancelError
    ├── InvalidInput (ValueError)            refused before anything was sent
    ├── ConfigurationError (BotoCoreError)   the call cannot be made as things are set up
    │   ├── BotocoreTooOld                   the installed botocore lacks the operation
    │   └── CredentialsUnavailable           what supplies the credentials failed
    ├── TransportError (BotoCoreError)       no answer arrived; retryable
    ├── InvalidResponse                      no answer to the request; retryable
    ├── WaitTimeout (TimeoutError)           the deadline of a wait has passed
    ├── UnexpectedError                      something else was raised, for one task of a batch
    └── ServiceError (ClientError)           the service answered with an error
        │   what happened                    whose it is
        ├── TaskEnded                        ├── FSxError
        ├── TaskCanceling                    └── DataSyncError
        ├── NotFound
        ├── Unsupported                      and a leaf is both:
        ├── InvalidRequest                   FSxTaskEnded(TaskEnded, FSxError)
        ├── Conflict                         └── DataRepositoryTaskEnded
        ├── LimitExceeded
        ├── AccessDenied
        ├── CredentialsRejected
        │   └── CredentialsExpired
        ├── RequestExpired
        ├── Throttled                        retryable
        ├── ServiceUnavailable               retryable
        └── InternalException                retryable

Leaves live beside their service: `botocancel.services.fsx.errors` and
`botocancel.services.datasync.errors`.
"""

from __future__ import annotations

import copy
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, Self, TypeVar, cast
from weakref import WeakValueDictionary

from botocore.exceptions import BotoCoreError, ClientError

from botocancel._text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from botocancel.model import Response, Shape
    from botocancel.refs import TaskRef
    from botocancel.results import Cancellation, TaskSnapshot

__all__ = [
    "COMMON_CODES",
    "MEANINGS",
    "AccessDenied",
    "BotocancelError",
    "BotocoreTooOld",
    "ConfigurationError",
    "Conflict",
    "CredentialsExpired",
    "CredentialsRejected",
    "CredentialsUnavailable",
    "InternalException",
    "InvalidInput",
    "InvalidRequest",
    "InvalidResponse",
    "JournalError",
    "LimitExceeded",
    "NotFound",
    "RequestExpired",
    "ServiceError",
    "ServiceUnavailable",
    "TaskCanceling",
    "TaskEnded",
    "Throttled",
    "TransportError",
    "UnexpectedError",
    "Unsupported",
    "WaitTimeout",
    "is_retryable",
    "leaf_of",
    "leaves_of",
    "meaning_name",
    "meaning_of",
]

ServiceErrorT = TypeVar("ServiceErrorT", bound="ServiceError")
ValueT = TypeVar("ValueT")


class BotocancelError(Exception):
    """Root of everything botocancel raises.

    ``str(error)`` is safe to print and to log: control characters in what a service said are
    escapes there. Attributes hold the text as it came.
    """

    retryable: bool = False
    """Whether the same call may succeed later, unchanged."""

    ref: TaskRef[Shape, Response] | None = None
    """The task that the call was about, where it was about one."""

    remedy: str | None = None
    """What to do about it, where the message of the error ends in that."""

    _may_have_applied: bool = False

    @property
    def may_have_applied(self) -> bool:
        """Whether the request may have taken effect although the call failed.

        False only where it certainly has not: nothing was sent, or the service refused the
        one request that was.
        """
        return self._may_have_applied

    def __str__(self) -> str:
        text = super().__str__()
        return visible(f"{text}; {self.remedy}" if self.remedy else text)

    # Not `__reduce_ex__`: there are tools, such as tblib, that call this one.
    def __reduce__(self) -> tuple[object, ...]:
        return type(self), self.args, self.__dict__


class InvalidInput(BotocancelError, ValueError):
    """What was passed in cannot be right; nothing was sent to AWS."""


class ConfigurationError(BotocancelError, BotoCoreError):
    """The call could not be made: no credentials, no region, no client for it.

    It has no cause, for what botocore raises before anything is sent may hold a secret.

    Args:
        message: What cannot be used.
        remedy: See `BotocancelError.remedy`.
        may_have_applied: See `BotocancelError.may_have_applied`; True where botocore was about
            to send the request once more.
    """

    def __init__(
        self, message: str, *, remedy: str | None = None, may_have_applied: bool = False
    ) -> None:
        Exception.__init__(self, message)
        self.remedy = remedy
        self._may_have_applied = may_have_applied


class BotocoreTooOld(ConfigurationError):
    """The installed botocore does not have the operation: its model of the service is older."""


class CredentialsUnavailable(ConfigurationError):
    """There are no credentials for the call: none are configured, or what supplies them failed.

    That may be AWS STS, IAM Identity Center (SSO), a credential process, or the metadata of an
    instance or container. Once a client has had credentials, a failure to renew them may pass,
    and is `retryable`.

    Args:
        message: What failed.
        operation_name: See the attribute.
        remedy: See `BotocancelError.remedy`.
        retryable: See `BotocancelError.retryable`.
        may_have_applied: As in `ConfigurationError`.
    """

    operation_name: str | None = None
    """The AWS operation that failed instead, such as ``AssumeRole``; None where none did."""

    def __init__(
        self,
        message: str,
        *,
        operation_name: str | None = None,
        remedy: str | None = None,
        retryable: bool = False,
        may_have_applied: bool = False,
    ) -> None:
        super().__init__(message, remedy=remedy, may_have_applied=may_have_applied)
        self.operation_name = operation_name
        self.retryable = retryable


class TransportError(BotocancelError, BotoCoreError):
    """No answer arrived: the connection failed, broke or timed out.

    Unless `may_have_applied` is False, the request may have taken effect all the same.
    botocore's exception is the `__cause__`, unless it shows the password in a URL.

    Args:
        message: What failed.
        remedy: See `BotocancelError.remedy`.
        retryable: See `BotocancelError.retryable`; False where the connection cannot come about.
        may_have_applied: See `BotocancelError.may_have_applied`.
    """

    retryable: bool = True
    _may_have_applied: bool = True

    def __init__(
        self,
        message: str,
        *,
        remedy: str | None = None,
        retryable: bool = True,
        may_have_applied: bool = True,
    ) -> None:
        Exception.__init__(self, message)
        self.remedy = remedy
        self.retryable = retryable
        self._may_have_applied = may_have_applied


class JournalError(BotocancelError, OSError):
    """The journal of cancels cannot be read or written; what it has not noted was not sent."""


class InvalidResponse(BotocancelError):
    """What came back is no answer to the request, or not all of one.

    It may be cut off, a proxy's, about another task, or not what the operation answers.
    The request may have taken effect all the same.

    Args:
        message: What is wrong with it.
        malformed: See the attribute.
    """

    retryable: bool = True
    _may_have_applied: bool = True

    malformed: bool = False
    """Whether it is the service's answer, but what it says of the task cannot be read.

    To ask again is then likely to bring the same.
    """

    def __init__(self, message: str, *, malformed: bool = False) -> None:
        super().__init__(message)
        self.malformed = malformed


class UnexpectedError(BotocancelError):
    """A call for one task of a batch raised what is no error of botocore's nor of AWS's.

    A hook of the program may have, or a provider of endpoints. It is the `__cause__`. A call
    that is no part of a batch raises it as it is.
    """

    _may_have_applied: bool = True


class WaitTimeout(BotocancelError, TimeoutError):
    """The deadline passed before the task was seen to end. It may go on, or end unseen."""

    snapshot: TaskSnapshot[Shape] | None = None
    """The last description; None where no describe succeeded."""
    accepted: bool = False
    """Whether the service accepted a cancel of this call."""
    receipt: Cancellation | None = None
    """The cancel that was accepted. `wait` on this error goes on with it."""
    requests: int = 0
    """How many requests were sent, as far as botocore tells."""
    elapsed: float = 0.0
    """How long the call took, in seconds."""


class ServiceError(BotocancelError, ClientError):
    """An error the service answered.

    Args:
        error_response: The parsed answer, as botocore's `ClientError` takes it; or only a
            message, which is all that some transports of errors keep (Celery's JSON).
        operation_name: The AWS operation, such as ``CancelDataRepositoryTask``.
    """

    service: ClassVar[str] = ""
    """botocore's name of the service; empty on the semantic classes."""
    title: ClassVar[str] = "AWS"
    """What AWS calls the service."""
    by_code: ClassVar[Mapping[str, type[ServiceError]]] = MappingProxyType({})
    """The class of each error code that the service is known to answer."""

    def __init__(
        self, error_response: Mapping[str, object] | str, operation_name: str = ""
    ) -> None:
        if isinstance(error_response, str):
            error_response = {"Error": {"Message": error_response}}
        super().__init__(cast("Any", error_response), operation_name)

    @property
    def operation(self) -> str:
        """The AWS operation that failed."""
        return self.operation_name

    @property
    def code(self) -> str:
        """The error code as the service wrote it; the HTTP status where it wrote none."""
        return str(self._part("Error").get("Code") or "Unknown")

    @property
    def message(self) -> str | None:
        """The service's own words, or None."""
        text = self._part("Error").get("Message")
        return None if text is None else str(text)

    @property
    def request_id(self) -> str | None:
        """AWS's id of the request, which AWS Support asks for."""
        value = self._part("ResponseMetadata").get("RequestId")
        return None if value is None else str(value)

    @property
    def http_status(self) -> int | None:
        """HTTP status of the last answer."""
        value = self._part("ResponseMetadata").get("HTTPStatusCode")
        return value if isinstance(value, int) else None

    @property
    def attempts(self) -> int:
        """How many requests botocore sent for this one call, itself included."""
        retries = self._part("ResponseMetadata").get("RetryAttempts")
        return 1 + retries if isinstance(retries, int) else 1

    @property
    def fault(self) -> Literal["client", "server"]:
        """Whose fault it was: the caller's, or the service's."""
        return "server" if (self.http_status or 0) >= _SERVER_FAULTS else "client"

    @property
    def may_have_applied(self) -> bool:
        """Whether the request, or one that botocore sent before it, may have taken effect."""
        return self.attempts > 1 or (self.retryable and not isinstance(self, Throttled))

    def __str__(self) -> str:
        message = self.message or "no message"
        if self.http_status is None:  # no service has answered; it is concluded here
            text = f"{self.operation}: {message}" if self.operation else message
        else:
            text = (
                f"An error occurred ({self.code}) when calling the {self.operation} operation: "
                f"{message}"
            )
        facts = [f"task {self.ref}"] if self.ref and str(self.ref) not in text else []
        facts += [f"HTTP {self.http_status}"] if self.http_status else []
        facts += [f"request id {self.request_id}"] if self.request_id else []
        facts += [f"{self.attempts} attempts"] if self.attempts > 1 else []
        return visible(f"{text} ({', '.join(facts)})" if facts else text)

    def _part(self, name: str) -> Mapping[str, object]:
        part = self._answer.get(name)
        return cast("Mapping[str, object]", part) if isinstance(part, dict) else {}

    @property
    def _answer(self) -> Mapping[str, object]:
        return cast("Mapping[str, object]", self.response)

    def _member(self, name: str, kind: type[ValueT]) -> ValueT | None:
        """Return a modelled member, which botocore leaves beside `Error` in the response."""
        value = self._answer.get(name)
        return value if isinstance(value, kind) else None

    # A client's error class is made at run time and cannot be imported, so an
    # error that also is one (see `as_raised_by`) pickles as the leaf it refines.
    _leaf: ClassVar[type[ServiceError]]
    _client_error: ClassVar[type[ClientError]] = ClientError

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        if "_leaf" not in cls.__dict__:
            cls._leaf = cls

    @classmethod
    def as_raised_by(cls, client_error: type[ClientError]) -> type[Self]:
        """Return this class joined with the error class of one client.

        An instance is caught by ``except client.exceptions.X`` too.
        """
        if client_error is ClientError:
            return cls
        joined = _JOINED.get((cls, id(client_error)))
        if joined is None:
            body = {
                "__module__": cls.__module__,
                "__doc__": cls.__doc__,
                "_leaf": cls,
                "_client_error": client_error,
            }
            joined = type(cls.__name__, (cls, client_error), body)
            _JOINED[cls, id(client_error)] = joined
        return cast("type[Self]", joined)

    def refined(self, leaf: type[ServiceErrorT]) -> ServiceErrorT:
        """Return the same answer as an error that says more exactly what happened."""
        error = leaf.as_raised_by(self._client_error)(self._answer, self.operation_name)
        error.__dict__.update(self.__dict__)
        return error

    def __reduce__(self) -> tuple[object, ...]:
        return self._leaf, (self._answer, self.operation_name), self.__dict__

    def __copy__(self) -> Self:
        return self._twin(self.__dict__)

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self._twin(copy.deepcopy(self.__dict__, memo))

    def _twin(self, state: Mapping[str, object]) -> Self:
        twin = type(self)(self._answer, self.operation_name)
        twin.__dict__.update(state)
        return twin


class TaskEnded(ServiceError):
    """The task had already ended, so there was nothing to cancel.

    `snapshot` says how it ended: it succeeded, failed, or was cancelled before.
    It is None where the task could not be described.
    """

    snapshot: TaskSnapshot[Shape] | None = None


class TaskCanceling(ServiceError):
    """The service refused the cancel because the task is being cancelled already."""

    snapshot: TaskSnapshot[Shape] | None = None


class NotFound(ServiceError):
    """The task, or what it belongs to, does not exist for this account in this region."""


class Unsupported(ServiceError):
    """The service does not do this for this resource."""


class InvalidRequest(ServiceError):
    """The service found the request malformed or its values impossible."""


class Conflict(ServiceError):
    """Something else that is running forbids it, such as another task on the file system."""


class LimitExceeded(ServiceError):
    """A quota of the account is used up."""


class AccessDenied(ServiceError):
    """The caller's identity lacks the permission."""


class CredentialsRejected(ServiceError):
    """AWS does not accept the credentials or the signature made with them."""


class CredentialsExpired(CredentialsRejected):
    """The session token has expired; log in again."""


class RequestExpired(ServiceError):
    """The request's timestamp is too far off; check this machine's clock."""


class Throttled(ServiceError):
    """Too many requests; slow down and ask again."""

    retryable: bool = True


class ServiceUnavailable(ServiceError):
    """The service cannot answer at the moment."""

    retryable: bool = True


class InternalException(ServiceError):
    """The service failed; it may have done what it was asked all the same."""

    retryable: bool = True


MEANINGS: Final[Mapping[str, type[ServiceError]]] = {
    name: value
    for name, value in list(globals().items())
    if isinstance(value, type) and issubclass(value, ServiceError)
}
"""The semantic classes by their names, `ServiceError` first."""

COMMON_CODES: Final[Mapping[str, type[ServiceError]]] = {
    "AccessDenied": AccessDenied,
    "AccessDeniedException": AccessDenied,
    "NotAuthorized": AccessDenied,
    "OptInRequired": AccessDenied,
    "UnauthorizedOperation": AccessDenied,
    "AuthFailure": CredentialsRejected,
    "IncompleteSignature": CredentialsRejected,
    "IncompleteSignatureException": CredentialsRejected,
    "InvalidClientTokenId": CredentialsRejected,
    "InvalidSignatureException": CredentialsRejected,
    "MissingAuthenticationToken": CredentialsRejected,
    "MissingAuthenticationTokenException": CredentialsRejected,
    "SignatureDoesNotMatch": CredentialsRejected,
    "UnrecognizedClientException": CredentialsRejected,
    "ExpiredToken": CredentialsExpired,
    "ExpiredTokenException": CredentialsExpired,
    "RequestExpired": RequestExpired,
    "RequestTimeTooSkewed": RequestExpired,
    "BandwidthLimitExceeded": Throttled,
    "EC2ThrottledException": Throttled,
    "LimitExceededException": Throttled,
    "PriorRequestNotComplete": Throttled,
    "ProvisionedThroughputExceededException": Throttled,
    "RequestLimitExceeded": Throttled,
    "RequestThrottled": Throttled,
    "RequestThrottledException": Throttled,
    "SlowDown": Throttled,
    "ThrottledException": Throttled,
    "Throttling": Throttled,
    "ThrottlingException": Throttled,
    "TooManyRequestsException": Throttled,
    "TransactionInProgressException": Throttled,
    "RequestAbortedException": ServiceUnavailable,
    "RequestTimeout": ServiceUnavailable,
    "RequestTimeoutException": ServiceUnavailable,
    "ServiceUnavailable": ServiceUnavailable,
    "ServiceUnavailableException": ServiceUnavailable,
    "InternalError": InternalException,
    "InternalFailure": InternalException,
    "InternalServerException": InternalException,
    "InvalidAction": Unsupported,
    "UnknownOperationException": Unsupported,
    "InvalidParameterCombination": InvalidRequest,
    "InvalidParameterValue": InvalidRequest,
    "InvalidQueryParameter": InvalidRequest,
    "MalformedHttpRequestException": InvalidRequest,
    "MalformedQueryString": InvalidRequest,
    "MissingAction": InvalidRequest,
    "MissingParameter": InvalidRequest,
    "RequestEntityTooLargeException": InvalidRequest,
    "SerializationException": InvalidRequest,
    "ValidationError": InvalidRequest,
    "ValidationException": InvalidRequest,
}
"""Error codes that any AWS service may answer, and what each means where its model has none.

AWS's list "Common Error Types", as it is and as it was, and what botocore takes for throttling.
"""

_LEAVES: Final[dict[tuple[type[ServiceError], type[ServiceError]], type[ServiceError]]] = {}
"""The classes that say what happened of one service, by its base class and the semantic class."""

_BY_TEXT: Final[Sequence[tuple[type[ServiceError], str, type[ServiceError]]]] = (
    (CredentialsRejected, "signature expired", RequestExpired),
    (CredentialsRejected, "signature not yet current", RequestExpired),
)
"""What a code means, words of the message in lower case, and what the two mean together.

AWS has one code, such as ``InvalidSignatureException``, for a wrong secret key and a wrong clock.
"""

_SERVER_FAULTS: Final = 500

# 404 is left out: it may be a proxy's, and would claim that the task is gone.
_STATUSES: Final[Mapping[int, type[ServiceError]]] = {
    401: CredentialsRejected,
    403: AccessDenied,
    408: ServiceUnavailable,
    429: Throttled,
    503: ServiceUnavailable,
}

# Weak, for every session has error classes of its own; a joined class keeps alive the one it joins.
_JOINED: Final[WeakValueDictionary[tuple[type[ServiceError], int], type[ServiceError]]] = (
    WeakValueDictionary()
)


def leaf_of(base: type[ServiceErrorT], meaning: type[ServiceError]) -> type[ServiceErrorT]:
    """Return the class that is both: ``FSxTaskEnded`` of ``FSxError`` and `TaskEnded`.

    It is made when it is first asked for, and is found in the module of the base class.

    Args:
        base: The class of all errors of one service.
        meaning: A semantic class of this module; `ServiceError` stands for the base itself.
    """
    if meaning is ServiceError:
        return base
    if (base, meaning) not in _LEAVES:
        parents = [each for each in meaning.__bases__ if issubclass(each, ServiceError)]
        bases = (meaning, *(leaf_of(base, each) for each in parents))
        name = f"{base.__name__.removesuffix('Error')}{meaning.__name__}"
        about = (meaning.__doc__ or name).partition("\n")[0]
        leaf = type(name, bases, {"__module__": base.__module__, "__doc__": about})
        _LEAVES.setdefault((base, meaning), leaf)  # of two threads, both get the first one's
    return cast("type[ServiceErrorT]", _LEAVES[base, meaning])


def leaves_of(base: type[ServiceError]) -> Callable[[str], type[ServiceError]]:
    """Return a ``__getattr__`` for the module of a base class, which finds the leaves by name."""
    prefix = base.__name__.removesuffix("Error")
    meanings = {f"{prefix}{name}": meaning for name, meaning in MEANINGS.items()}

    def find(name: str) -> type[ServiceError]:
        if name in meanings:
            return leaf_of(base, meanings[name])
        msg = f"module {base.__module__!r} has no attribute {name!r}"
        raise AttributeError(msg)

    return find


def meaning_of(
    code: str, http_status: int | None, message: str | None = None
) -> type[ServiceError]:
    """Return the semantic class for a code that a service does not model.

    The code decides, with the message where one code has several meanings; where it is
    unknown, the HTTP status; else `ServiceError`.
    """
    if code in COMMON_CODES:
        meaning, text = COMMON_CODES[code], (message or "").lower()
        return next(
            (new for old, words, new in _BY_TEXT if meaning is old and words in text), meaning
        )
    status = http_status or 0
    if status in _STATUSES:
        return _STATUSES[status]
    return InternalException if status >= _SERVER_FAULTS else ServiceError


def meaning_name(kind: type[BotocancelError]) -> str:
    """Return the name of the class of this module that an error's class is or stands on."""
    return next(each.__name__ for each in kind.__mro__ if each.__module__ == __name__)


def is_retryable(error: BaseException) -> bool:
    """Say whether the call that raised `error` may succeed later, unchanged.

    Fit for stamina's ``on=`` and tenacity's ``retry_if_exception``. False for
    everything botocancel did not raise.
    """
    return isinstance(error, BotocancelError) and error.retryable
