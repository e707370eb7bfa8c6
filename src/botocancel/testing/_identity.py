"""Accounts of the simulated AWS, and the services that tell of them: STS, Organizations, Account.

They answer as far as a fleet needs: ``AssumeRole``, ``GetCallerIdentity``, ``ListAccounts``,
``ListRegions``.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import attrs

from botocancel.services._simulator import SimulatedError
from botocancel.testing.wire import HttpAnswer, access_key_of, caller_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from botocancel.services._simulator import VirtualClock
    from botocancel.testing.wire import HttpRequest

__all__ = ["Accounts", "SimulatedAccount"]

_XML: Final = {"content-type": "text/xml"}
_JSON: Final = {"content-type": "application/x-amz-json-1.1"}
_STS: Final = "https://sts.amazonaws.com/doc/2011-06-15/"
_DENIED: Final = "AccessDenied"
_PAGE: Final = 20
_TOKEN: Final = "until-"  # noqa: S105  (how session tokens begin)


@attrs.define
class SimulatedAccount:
    """An account of the simulated AWS."""

    id: str
    name: str = ""
    roles: Sequence[str] = ("StopTasks",)
    """The names of its roles; all trust whoever knows their external id."""
    external_id: str | None = None
    regions: Sequence[str] = ("us-east-1", "eu-west-1")
    """The regions that are enabled; others refuse its credentials."""
    status: Literal["ACTIVE", "SUSPENDED"] = "ACTIVE"
    is_denied: bool = False
    """Whether a service control policy denies that its roles are assumed."""
    lifetime: float = 3600.0
    """Seconds of simulated time that the credentials of a role are good for."""
    assumed: int = 0
    """How often a role has been assumed."""
    refused: int = 0
    """How often that was refused."""


class Accounts:
    """The accounts that there are, and what is answered about them."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.known: dict[str, SimulatedAccount] = {}

    def check(self, request: HttpRequest, account: str, region: str) -> None:
        """Insist that an account's credentials are good now, in a region.

        Raises:
            SimulatedError: They are not.
        """
        token = request.headers.get("x-amz-security-token", "")
        if token.startswith(_TOKEN) and self._clock.seconds >= float(token.removeprefix(_TOKEN)):
            code, text = "ExpiredTokenException", "The security token in the request is expired"
            raise SimulatedError(code, text)
        known = self.known.get(account)
        if known is not None and region not in known.regions:
            code, text = (
                "UnrecognizedClientException",
                "The security token in the request is invalid.",
            )
            raise SimulatedError(code, text)

    def answer(self, request: HttpRequest) -> HttpAnswer | None:
        """Answer a request to one of the services that tell of accounts; None to any other."""
        caller = caller_of(request)
        if caller is None or caller.account is None:
            return None
        match caller.service:
            case "sts":
                return self._of_sts(request, caller.account)
            case "organizations":
                return self._of_organizations(request)
            case "account":
                return self._of_account(caller.account)
            case _:
                return None

    def _of_sts(self, request: HttpRequest, caller: str) -> HttpAnswer:
        asked = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        operation = asked.get("Action", "")
        try:
            told = self._assumed(asked) if operation == "AssumeRole" else _identity(caller)
        except SimulatedError as refusal:
            body = (
                f"<ErrorResponse xmlns='{_STS}'><Error><Type>Sender</Type><Code>{refusal.code}"
                f"</Code><Message>{escape(refusal.message or '')}</Message></Error></ErrorResponse>"
            )
            return HttpAnswer(status=refusal.http_status, headers=_XML, body=body.encode())
        body = (
            f"<{operation}Response xmlns='{_STS}'><{operation}Result>{told}</{operation}Result>"
            f"</{operation}Response>"
        )
        return HttpAnswer(status=200, headers=_XML, body=body.encode())

    def _assumed(self, asked: Mapping[str, str]) -> str:
        """Return what is told of a role that was assumed.

        Raises:
            SimulatedError: It may not be.
        """
        arn = asked["RoleArn"]
        account, name = arn.split(":")[4], arn.rpartition("/")[2]
        known = self.known.get(account)
        denied = f"User is not authorized to perform: sts:AssumeRole on resource: {arn}"
        if known is None:
            raise SimulatedError(_DENIED, denied, 403)
        is_trusted = name in known.roles and known.external_id == asked.get("ExternalId")
        if known.is_denied or known.status != "ACTIVE" or not is_trusted:
            known.refused += 1
            policy = " with an explicit deny in a service control policy" if known.is_denied else ""
            raise SimulatedError(_DENIED, denied + policy, 403)
        known.assumed += 1
        expires = self._clock.now + timedelta(seconds=known.lifetime)
        return (
            f"<Credentials><AccessKeyId>{access_key_of(account)}</AccessKeyId>"
            "<SecretAccessKey>simulated</SecretAccessKey>"
            f"<SessionToken>{_TOKEN}{self._clock.seconds + known.lifetime}</SessionToken>"
            f"<Expiration>{expires.isoformat()}</Expiration></Credentials>"
            f"<AssumedRoleUser><AssumedRoleId>AROA:{name}</AssumedRoleId><Arn>{arn}</Arn>"
            "</AssumedRoleUser>"
        )

    def _of_organizations(self, request: HttpRequest) -> HttpAnswer:
        asked = json.loads(request.body or b"{}")
        first = int(asked.get("NextToken", 0))
        last = first + min(_PAGE, int(asked.get("MaxResults", _PAGE)))
        told: dict[str, object] = {
            "Accounts": [
                {"Id": each.id, "Name": each.name, "Status": each.status}
                for each in [*self.known.values()][first:last]
            ]
        }
        if last < len(self.known):
            told["NextToken"] = str(last)
        return HttpAnswer(status=200, headers=_JSON, body=json.dumps(told).encode())

    def _of_account(self, account: str) -> HttpAnswer:
        known = self.known.get(account) or SimulatedAccount(account)
        regions = [{"RegionName": region, "RegionOptStatus": "ENABLED"} for region in known.regions]
        body = json.dumps({"Regions": regions}).encode()
        return HttpAnswer(status=200, headers=_JSON, body=body)


def _identity(account: str) -> str:
    arn = f"arn:aws:iam::{account}:user/simulated"
    return f"<UserId>AIDA</UserId><Account>{account}</Account><Arn>{arn}</Arn>"
