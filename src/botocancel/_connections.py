"""Why a connection failed: whether anything was sent, and whether it can come about later."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from botocore import exceptions as botocore_errors

from botocancel._variables import unfit_for_a_header, without_user
from botocancel.errors import ConfigurationError, TransportError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from botocancel._known import Known

__all__ = ["CONNECTION_ERRORS", "connection_error", "host_of", "is_showable", "is_unsent"]

CONNECTION_ERRORS: Final = (
    botocore_errors.HTTPClientError,
    botocore_errors.ConnectionError,
    botocore_errors.IncompleteReadError,
)
"""What botocore raises of the network, and of whatever else fails while it sends."""

_WHILE_CONNECTING: Final = (
    botocore_errors.EndpointConnectionError,
    botocore_errors.ConnectTimeoutError,
    botocore_errors.ProxyConnectionError,
)
"""Those that end an attempt before the request is on its way."""


class _Obstacle(NamedTuple):
    """What keeps a request from leaving, and does not pass by itself."""

    raised: type[Exception]
    """What botocore raises."""
    is_behind: Callable[[BaseException], bool]
    """Tells the exception behind it."""
    text: str
    remedy: str
    is_configuration: bool = False


def _is_certificate(error: BaseException) -> bool:
    # For a certificate of another host, urllib3 has a class of its own.
    is_urllib3s = type(error).__name__ == "CertificateError"
    return is_urllib3s or isinstance(error, ssl.SSLCertVerificationError)


def _is_ca_file(error: BaseException) -> bool:
    is_malformed = isinstance(error, ssl.SSLError) and error.library in {"X509", "PEM"}
    return is_malformed or isinstance(
        error, FileNotFoundError | IsADirectoryError | NotADirectoryError | PermissionError
    )


def _is_not_tls(error: BaseException) -> bool:
    return isinstance(error, ssl.SSLError) and error.reason == "WRONG_VERSION_NUMBER"


def _is_unknown_host(error: BaseException) -> bool:
    return isinstance(error, socket.gaierror)


def _is_header(error: BaseException) -> bool:
    return type(error) is ValueError and "header" in str(error).lower()


def _is_url(error: BaseException) -> bool:
    return isinstance(error, ValueError | botocore_errors.InvalidProxiesConfigError)


_UNKNOWN_HOST: Final = _Obstacle(
    botocore_errors.EndpointConnectionError,
    _is_unknown_host,
    "there is no host {host}",
    "check the region, the endpoint URL and the network",
)
_OBSTACLES: Final[Sequence[_Obstacle]] = (
    _UNKNOWN_HOST,
    _Obstacle(
        botocore_errors.SSLError,
        _is_certificate,
        "the certificate of {host} is not trusted",
        "if a proxy is in between, set AWS_CA_BUNDLE to the file of its CA certificates",
    ),
    _Obstacle(
        botocore_errors.SSLError,
        _is_ca_file,
        "the file of CA certificates cannot be read",
        "check AWS_CA_BUNDLE, and ca_bundle of the profile",
        is_configuration=True,
    ),
    _Obstacle(
        botocore_errors.SSLError,
        _is_not_tls,
        "{host} does not speak TLS",
        "check whether the endpoint URL begins with http or https",
    ),
    _Obstacle(
        botocore_errors.HTTPClientError,
        _is_header,
        "{header} holds a line break or another control character",
        "remove it",
        is_configuration=True,
    ),
    _Obstacle(
        botocore_errors.HTTPClientError,
        _is_url,
        "the URL of the endpoint or of the proxy cannot be used",
        "check AWS_ENDPOINT_URL, HTTPS_PROXY and HTTP_PROXY",
        is_configuration=True,
    ),
)


def is_unsent(error: BaseException) -> bool:
    """Say whether botocore's exception ended an attempt before anything was sent."""
    return isinstance(error, _WHILE_CONNECTING) or _obstacle(error) is not None


def is_showable(error: BaseException) -> bool:
    """Say whether neither botocore's exception nor one behind it shows the user part of a URL."""
    return all(without_user(text) == text for text in map(str, _behind(error)))


def connection_error(
    error: BaseException, operation: str, known: Known, *, may_have_applied: bool
) -> TransportError | ConfigurationError:
    """Return what a failed connection means for a call.

    Args:
        error: What botocore raised, one of `CONNECTION_ERRORS`.
        operation: The AWS operation that was called.
        known: What is known of the client that called it.
        may_have_applied: Whether this or an earlier attempt of the call may have taken effect.
    """
    obstacle = _obstacle(error)
    if obstacle is None:
        text = f"{operation}: no answer from the service: {without_user(str(error))}"
        return TransportError(text, may_have_applied=may_have_applied)
    header = unfit_for_a_header() or "the access key id, the session token or another header"
    text = obstacle.text.format(host=host_of(error), header=header)
    if obstacle.is_configuration:
        return ConfigurationError(
            f"{operation} could not be called: {text}",
            remedy=obstacle.remedy,
            may_have_applied=may_have_applied,
        )
    may_pass = obstacle is _UNKNOWN_HOST and known.may_be_found()
    return TransportError(
        f"{operation}: no answer from the service: {text}",
        remedy=obstacle.remedy,
        retryable=may_pass,
        may_have_applied=may_have_applied,
    )


def host_of(error: BaseException) -> str:
    """Return the host that botocore's exception is about."""
    details: dict[str, object] = getattr(error, "kwargs", {})
    url = str(details.get("endpoint_url") or "")
    return urlsplit(url).hostname or "the endpoint"


def _obstacle(error: BaseException) -> _Obstacle | None:
    causes = list(_behind(error))
    return next(
        (
            each
            for each in _OBSTACLES
            if type(error) is each.raised and any(map(each.is_behind, causes))
        ),
        None,
    )


def _behind(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those it was raised from."""
    each: BaseException | None = error
    while each is not None:
        yield each
        each = each.__cause__ or each.__context__
