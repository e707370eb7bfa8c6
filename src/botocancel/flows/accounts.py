"""Flows within one account of a fleet, and what keeps it from being looked into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import attrs

from botocancel.effects import Call, Emit, Together
from botocancel.errors import AccessDenied, CredentialsUnavailable, ServiceError
from botocancel.results import Gap, GapCause, TaskSnapshot

if TYPE_CHECKING:
    from botocancel._generics import ResultT
    from botocancel.effects import Effect, Flow
    from botocancel.errors import BotocancelError
    from botocancel.model import Shape

__all__ = ["cause_of_gap", "for_account"]

_NOT_ENABLED: Final = frozenset(
    {"AuthFailure", "InvalidClientTokenId", "OptInRequired", "UnrecognizedClientException"}
)
"""How services refuse the credentials of an account that has not enabled their region."""


def cause_of_gap(error: BotocancelError, *, is_entering: bool = False) -> GapCause:
    """Return what keeps a place from being looked in, as far as an error tells.

    Args:
        error: What was raised.
        is_entering: Whether it was raised when the account was entered.
    """
    if isinstance(error, ServiceError) and error.code in _NOT_ENABLED:
        return GapCause.REGION
    if "service control policy" in str(error):
        return GapCause.POLICY
    if is_entering and isinstance(error, CredentialsUnavailable):
        return GapCause.ROLE
    return GapCause.DENIED if isinstance(error, AccessDenied) else GapCause.OTHER


def for_account(account: str, flow: Flow[ResultT]) -> Flow[ResultT]:
    """Run a flow whose calls are about an account, and whose snapshots and gaps are of it."""
    try:
        effect = next(flow)
        while True:
            try:
                answer = yield _about(effect, account)
            except BaseException as error:  # noqa: BLE001  (the flow decides what becomes of it)
                effect = flow.throw(error)
            else:
                effect = flow.send(answer)
    except StopIteration as stop:
        return cast("ResultT", stop.value)


def _about(effect: Effect, account: str) -> Effect:
    match effect:
        case Call():
            return effect._replace(account=account)
        case Together(flows):
            return effect._replace(flows=tuple(for_account(account, each) for each in flows))
        case Emit(item):
            return Emit(_placed(item, account))
        case _:
            return effect


def _placed(item: object, account: str) -> object:
    """Return a snapshot or a gap that says of which account it is; anything else as it is."""
    if isinstance(item, Gap):
        return attrs.evolve(item, account=account)
    if isinstance(item, TaskSnapshot):
        snapshot = cast("TaskSnapshot[Shape]", item)
        ref = snapshot.ref
        return attrs.evolve(snapshot, ref=attrs.evolve(ref, account=ref.account or account))
    return item
