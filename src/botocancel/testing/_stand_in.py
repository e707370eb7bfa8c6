"""The simulated AWS in place of the real one, for clients that the code under test makes itself."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from functools import cache
from ipaddress import ip_address
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final
from unittest.mock import patch
from urllib.parse import urlsplit

import attrs
import boto3
import botocore.endpoint
from botocore.httpsession import URLLib3Session
from botocore.loaders import Loader

from botocancel.clocks import using_clock
from botocancel.testing._models import endpoint_variable, service_model
from botocancel.testing._network import before_send
from botocancel.testing._world import clients
from botocancel.testing.simulated_aws import DEFAULT_ACCOUNT, DEFAULT_REGION
from botocancel.testing.wire import access_key_of, caller_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

    from botocancel.testing.simulated_aws import SimulatedAWS
    from botocancel.testing.wire import HttpAnswer, HttpRequest

__all__ = ["NotSimulated", "isolated", "standing_in"]

_CONFIGURES: Final = ("AWS_", "BOTO_")
"""How the names of the variables begin that configure SDKs and command lines."""

_NOT_AWS: Final = ".simulated.invalid"
"""The end of the host names that clients send to.

None of AWS, or moto would take the requests for its own.
"""


class NotSimulated(AssertionError):
    """A request was about to leave this machine, to something that is not simulated here."""


@contextmanager
def standing_in(aws: SimulatedAWS) -> Generator[SimulatedAWS]:
    """Let every botocore and boto3 client of this process talk to a simulated AWS, for a block.

    Clients and sessions are the code's own, made in the block or before it, in any
    thread. Requests to other services stay with whoever simulates them, such as moto,
    or go to this machine where it is an endpoint of theirs; none leaves it. Every
    access key is good, for the account ``123456789012`` unless it is one of `aws`.

    Nothing waits: botocore's pauses before it tries again, and the waits of
    botocancel's clients that were given no clock, move the clock of `aws` on.

    Neither the configuration nor the credentials of the machine count in the block:
    see `isolated`. Clients of aiobotocore do not reach `aws`, nor anything else; they
    need `SimulatedAWS.serve`.
    """
    with (
        isolated(),
        using_clock(aws.clock),
        patch.object(boto3, "DEFAULT_SESSION", None),
        patch.object(URLLib3Session, "send", _sender(aws)),
        patch.object(botocore.endpoint, "time", _time_of(aws)),
    ):
        yield aws


@contextmanager
def isolated() -> Generator[None]:
    """Hide the machine's credentials and configuration from AWS's SDKs, for a block.

    Every variable ``AWS_*`` and ``BOTO_*`` is taken out of the environment, and back
    in at the end; in between, there are made up credentials, the region
    ``us-east-1``, no files and no metadata service. Child processes inherit that.
    """
    before = _variables()
    _set_variables(
        {
            "AWS_ACCESS_KEY_ID": access_key_of(DEFAULT_ACCOUNT),
            "AWS_SECRET_ACCESS_KEY": "simulated",
            "AWS_DEFAULT_REGION": DEFAULT_REGION,
            "AWS_REGION": DEFAULT_REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "BOTO_CONFIG": os.devnull,
            **{endpoint_variable(name): f"https://{name}{_NOT_AWS}" for name in clients()},
        }
    )
    try:
        with patch.object(Loader, "CUSTOMER_DATA_PATH", os.devnull):
            yield
    finally:
        _set_variables(before)


def _variables() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith(_CONFIGURES)}


def _set_variables(variables: Mapping[str, str]) -> None:
    for name in _variables():
        del os.environ[name]
    os.environ.update(variables)


def _sender(aws: SimulatedAWS) -> Callable[[URLLib3Session, AWSPreparedRequest], AWSResponse]:
    """Return what takes the place of `URLLib3Session.send`.

    It gets what no handler of ``before-send`` has answered, so moto comes first.
    """
    send_out = URLLib3Session.send
    answer = before_send(lambda request: _answered(aws, request))

    def send(session: URLLib3Session, request: AWSPreparedRequest) -> AWSResponse:
        if _is_near(request.url):
            return send_out(session, request)
        return answer(request=request)

    return send


def _answered(aws: SimulatedAWS, request: HttpRequest) -> HttpAnswer:
    """Have a request answered, whoever signed it.

    Raises:
        NotSimulated: It is for another service.
    """
    caller = caller_of(request)
    service = "an unsigned request" if caller is None else f"a request to {caller.service!r}"
    if caller is None or caller.service not in _signing_names():
        msg = (
            f"{service} was about to leave this machine; only {', '.join(_signing_names())} are "
            f"simulated here. Simulate the others too, with moto's mock_aws for example, or give "
            f"them an endpoint on this machine"
        )
        raise NotSimulated(msg)
    if caller.account is None:
        request = _signed_by(access_key_of(DEFAULT_ACCOUNT), request)
    return aws.answer(request)


def _signed_by(access_key: str, request: HttpRequest) -> HttpRequest:
    start, _, rest = request.headers["authorization"].partition("Credential=")
    _, slash, scope = rest.partition("/")
    authorization = f"{start}Credential={access_key}{slash}{scope}"
    return attrs.evolve(request, headers={**request.headers, "authorization": authorization})


@cache
def _signing_names() -> tuple[str, ...]:
    return tuple(service_model(client).signing_name for client in clients())


def _is_near(url: str) -> bool:
    """Say whether a URL is of this machine, or of a container beside it; AWS's never are."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return "." not in host


def _time_of(aws: SimulatedAWS) -> SimpleNamespace:
    """Return what takes the place of the module `time`, where botocore sleeps."""
    return SimpleNamespace(**{**vars(time), "sleep": aws.advance})
