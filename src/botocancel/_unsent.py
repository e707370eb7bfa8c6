"""What is raised before anything was sent: the configuration, or the supply of credentials.

Such an exception may hold a secret: the line of a file that cannot be parsed, what a credential
process wrote, a password in a URL. So its words are passed on only where its class is listed
here, and it is never kept as a cause.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Final, NoReturn, cast

from botocore import exceptions as botocore_errors

from botocancel._connections import CONNECTION_ERRORS, connection_error, host_of
from botocancel._variables import quoted_in, without_user
from botocancel.errors import (
    BotocancelError,
    ConfigurationError,
    CredentialsExpired,
    CredentialsUnavailable,
    RequestExpired,
    ServiceError,
    meaning_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from botocancel._known import Known

__all__ = ["configured", "is_unsigned", "raise_alone", "unsent_error"]

_SUPPLIERS: Final = frozenset({"botocore.credentials", "botocore.tokens"})
"""The modules where credentials are had."""

_SIGNERS: Final = "botocore.signers"
"""The module that asks for credentials, and has requests signed with them."""

_SIGNATURES: Final = "botocore.auth"
"""The module that makes signatures."""

_HOOKS: Final = "botocore.hooks"
"""The module that calls handlers of events, the caller's among them."""


def _classes(*names: str) -> tuple[type[Exception], ...]:
    """Return those classes of botocore's exceptions that it has: others are newer."""
    found = (getattr(botocore_errors, name, None) for name in names)
    return tuple(kind for kind in found if kind is not None)


_SETTINGS: Final = "check the AWS_* variables and the profile"
_REGION: Final = "set AWS_REGION, or the region of the profile, to one such as us-east-1"
_CONFIGURATION: Final[Sequence[tuple[tuple[type[Exception], ...], str]]] = (
    (_classes("ProfileNotFound"), "check AWS_PROFILE, or add the profile to the AWS files"),
    (_classes("ConfigNotFound", "ConfigParseError"), "mend that file"),
    (_classes("InvalidRegionError", "NoRegionError", "UnknownRegionError"), _REGION),
    (_classes("InvalidRetryModeError"), "check AWS_RETRY_MODE, and retry_mode of the profile"),
    (
        _classes("InvalidMaxRetryAttemptsError"),
        "check AWS_MAX_ATTEMPTS, and max_attempts of the profile",
    ),
    (_classes("InvalidDefaultsMode"), "check AWS_DEFAULTS_MODE, and defaults_mode of the profile"),
    (
        _classes(
            "DataNotFoundError",
            "EndpointProviderError",
            "EndpointVariantError",
            "InfiniteLoopConfigError",
            "InvalidConfigError",
            "InvalidEndpointConfigurationError",
            "InvalidIMDSEndpointError",
            "InvalidIMDSEndpointModeError",
            "InvalidProxiesConfigError",
            "InvalidSTSRegionalEndpointsConfigError",
            "MissingDependencyException",
            "UnknownCredentialError",
            "UnknownEndpointError",
            "UnknownServiceError",
            "UnknownSignatureVersionError",
            "UnsupportedSignatureVersionError",
            "UnsupportedServiceProtocolsError",
        ),
        _SETTINGS,
    ),
)
"""What of botocore is said in its own words, for these name settings, and what to do about it."""

_CREDENTIALS: Final[Sequence[tuple[tuple[type[Exception], ...], str]]] = (
    (
        _classes("NoCredentialsError", "NoAuthTokenError"),
        "log in, or set AWS_PROFILE or the AWS_* credentials",
    ),
    (_classes("PartialCredentialsError"), "set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
    (_classes("SSOError", "TokenRetrievalError"), "run 'aws sso login{profile}'"),
    (_classes("LoginError"), "run 'aws login{profile}'"),
    (_classes("RefreshWithMFAUnsupportedError"), "use credentials that last longer"),
)
"""The same of what supplies credentials."""

_PROCESS: Final = "custom-process"
"""What botocore calls a credential_process of a profile."""

_BY_HAND: Final = "run a credential_process by hand to see why: what it wrote may hold a secret"

_REFUSALS: Final[Mapping[type[ServiceError], str]] = {
    CredentialsExpired: "log in again, or export fresh AWS_* credentials",
    RequestExpired: "set this machine's clock",
}
"""What to do about a refusal of the service that supplies credentials."""


class configured:  # noqa: N801  (it reads as a sentence)
    """Raise what the block meets in botocore's configuration as a `ConfigurationError`.

    Args:
        what: What cannot be done then.
        known: What is known of the client that is set up.
    """

    __slots__ = ("_known", "_what")

    def __init__(self, what: str, known: Known) -> None:
        self._what, self._known = what, known

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        is_ours = isinstance(error, BotocancelError) or not isinstance(error, Exception)
        if error is None or is_ours:
            return
        is_setting = isinstance(error, botocore_errors.BotoCoreError | ValueError | OSError)
        if is_setting or is_unsigned(error):
            raise_alone(unsent_error(error, self._what, self._known))


def raise_alone(error: BotocancelError) -> NoReturn:
    """Raise an error within the handling of another one that it shall not lead to."""
    try:
        raise error from None
    finally:
        error.__context__ = None


def is_unsigned(error: BaseException) -> bool:
    """Say whether an exception comes from where botocore has credentials and signs with them.

    What a hook of the caller raises meanwhile does not: it is the caller's own.
    """
    return _is_supply(error) or _called_by_signers(error) == _SIGNATURES


def _is_supply(error: BaseException) -> bool:
    is_below = not _SUPPLIERS.isdisjoint(_modules(error))
    return is_below or _called_by_signers(error) not in {None, _HOOKS, _SIGNATURES}


def _called_by_signers(error: BaseException) -> str | None:
    """Return the module of what `botocore.signers` called: of the caller's own, if it is that."""
    modules = _modules(error)
    if _SIGNERS not in modules:
        return None
    last = len(modules) - 1 - modules[::-1].index(_SIGNERS)
    return _SIGNATURES if modules[-1] == _SIGNERS else modules[last + 1]


def _modules(error: BaseException) -> list[str]:
    """Return the modules that an exception came through, aiobotocore's by botocore's names."""
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    return [str(frame.f_globals.get("__name__")).removeprefix("aio") for frame in frames]


def unsent_error(
    error: BaseException, what: str, known: Known, *, may_have_applied: bool = False
) -> ConfigurationError:
    """Return what kept a call from being made, without anything secret.

    Args:
        error: What botocore, or what it called, raised.
        what: What cannot be done.
        known: What is known of the client.
        may_have_applied: Whether an earlier attempt of the call may have taken effect.
    """
    for classes, remedy in _CONFIGURATION:
        if isinstance(error, classes):
            text = f"{what}: {_words(error)}"
            return ConfigurationError(text, remedy=remedy, may_have_applied=may_have_applied)
    for classes, remedy in _CREDENTIALS:
        if isinstance(error, classes):
            return CredentialsUnavailable(
                f"{what}: {_words(error)}",
                remedy=remedy.format(
                    profile=f" --profile {known.profile}" if known.profile else ""
                ),
                retryable=known.had_credentials,
                may_have_applied=may_have_applied,
            )
    if _is_supply(error):
        return _unavailable(error, what, known, may_have_applied=may_have_applied)
    why = _unusable(error, "something in the configuration cannot be used")
    return ConfigurationError(f"{what}: {why}", remedy=_SETTINGS, may_have_applied=may_have_applied)


def _unavailable(
    error: BaseException, what: str, known: Known, *, may_have_applied: bool
) -> CredentialsUnavailable:
    """Return what an exception from where credentials are had means."""
    name: str | None = None
    remedy: str | None
    may_pass = False
    if isinstance(error, botocore_errors.ClientError):
        refusal = ServiceError(cast("Mapping[str, object]", error.response), error.operation_name)
        meaning = meaning_of(refusal.code, refusal.http_status, refusal.message)
        name, may_pass, remedy = refusal.operation, meaning.retryable, _REFUSALS.get(meaning)
        said = f"{refusal.message or 'no message'} ({refusal.code})"
        why = f"{name}, which supplies its credentials, was refused: {said}"
    elif isinstance(error, CONNECTION_ERRORS):
        asking = f"asking {host_of(error)} for credentials"
        failure = connection_error(error, asking, known, may_have_applied=False)
        why, remedy, may_pass = failure.args[0], failure.remedy, failure.retryable
    elif isinstance(error, botocore_errors.CredentialRetrievalError):
        provider = error.kwargs.get("provider")
        why = f"{provider} supplies no credentials"
        remedy = _BY_HAND if provider == _PROCESS else _SETTINGS
    else:
        why, remedy = _unusable(error, "what supplies the credentials failed"), _SETTINGS
    return CredentialsUnavailable(
        f"{what}: {why}",
        operation_name=name,
        remedy=remedy,
        retryable=may_pass or known.had_credentials,
        may_have_applied=may_have_applied,
    )


def _unusable(error: BaseException, otherwise: str) -> str:
    """Say which file an exception is about, or which variable it quotes, without its words."""
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename} cannot be used ({error.strerror})"
    setting = quoted_in(str(error))
    return f"{setting} cannot be used" if setting else f"{otherwise} ({type(error).__name__})"


def _words(error: BaseException) -> str:
    return without_user(str(error)).rstrip(".")
