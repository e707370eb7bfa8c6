"""The keys that scenarios may have, section by section, and what takes their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast, get_args

from botocancel.services import kind_named
from botocancel.services._simulator.behaviour import UnknownIds
from botocancel.services.declare import Refusal
from botocancel.testing._documents import (
    Check,
    DocumentError,
    choice,
    duration,
    flag,
    instant,
    listed,
    mapped,
    number,
    optional,
    positive,
    record,
    text,
    whole,
)
from botocancel.testing._models import service_model, shapes_of
from botocancel.testing._rules import broken_rules
from botocancel.testing._world import clients, simulator_types
from botocancel.testing.faults import FaultKind
from botocancel.testing.simulated_aws import DEFAULT_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocancel.services._simulator import AnySimulator

__all__ = ["FAULT", "MORE", "WHOLE", "Row"]

Row = dict[str, Any]
"""An entry of a section, checked: the arguments of what makes it."""


def _account(value: object, where: str) -> str:
    digits = text(value, where)
    if len(digits) == len(DEFAULT_ACCOUNT) and digits.isascii() and digits.isdigit():
        return digits
    raise DocumentError(where, f"an account is 12 digits in quotes, not {digits!r}")


def _operation(value: object, where: str) -> object:
    models = [service_model(client) for client in clients()]
    return choice(name for model in models for name in model.operation_names)(value, where)


def _seconds(kind: type[AnySimulator]) -> Check:
    return mapped(duration, kind.lifecycle.steps)


def _facts(key: str, *, of_parent: bool) -> Check:
    """Take what a task of a kind, or what such tasks are of, is made with, by AWS's names."""
    kind = kind_named(key)
    parent = kind.simulated.parent if kind.simulated else None
    request = kind.starts.request() if kind.starts else None
    if of_parent:
        request = parent.describe() if parent and parent.describe else None

    def check(value: object, where: str) -> Mapping[str, object]:
        facts = cast("Mapping[str, object]", mapped(lambda part, _: part)(value, where))
        if request is None:
            return facts
        shape = shapes_of(kind.client, request.operation)[1 if of_parent else 0]
        judged = {name: part for name, part in facts.items() if name in shape.members}
        broken = broken_rules(judged, shape, omitted=frozenset(shape.required_members))
        if broken:
            raise DocumentError(where, broken[0])
        return facts

    return check


def _of_kind(table: Callable[[str, type[AnySimulator]], Mapping[str, Check]]) -> Check:
    """Take an entry that says of which kind it is, and then what there is for that kind."""

    def check(value: object, where: str) -> Row:
        known = simulator_types()
        said = cast("Row", value).get("service") if _is_row(value) else None
        if not isinstance(said, str) or said not in known:
            choosing = record({"service": choice(known)}, required=["service"])
            return cast("Row", choosing({} if said is None else {"service": said}, where))
        rows = {"service": text, "name": text, **table(said, known[said])}
        return cast("Row", record(rows)(value, where))

    return check


def _is_row(value: object) -> bool:
    return isinstance(value, dict)


_SECTIONS: Final[Mapping[str, Check]] = {
    "parents": _of_kind(lambda key, _: {"facts": _facts(key, of_parent=True)}),
    "tasks": _of_kind(
        lambda key, kind: {
            "parent": text,
            "status": choice(kind.lifecycle.statuses),
            "seconds": _seconds(kind),
            "files": whole,
            "size": whole,
            "fails": flag,
            "failure": text,
            "failure_code": text,
            "cancelable": flag,
            "facts": _facts(key, of_parent=False),
        }
    ),
}
"""What can be made, in the order it is made."""

FAULT: Final = record(
    {
        "kind": choice(kind.value for kind in FaultKind),
        "service": choice(simulator_types()),
        "operation": _operation,
        "task": text,
        "after": whole,
        "times": optional(whole),
        "probability": number,
        "late": flag,
        "code": text,
        "message": text,
        "http_status": whole,
        "members": mapped(lambda part, _: part),
        "seconds": number,
        "body": text,
        "headers": mapped(text),
        "received": whole,
        "value": text,
        "other": text,
        "tokens": whole,
        "ending": choice(["succeeded", "failed"]),
        "timed_out": flag,
        "member": text,
        "new_name": text,
    },
    required=["kind"],
)
"""A fault: the parameters of `Fault`; its tasks may be names that a scenario gave."""

MORE: Final[Mapping[str, Check]] = {
    "region": text,
    "account": _account,
    **{name: listed(check) for name, check in _SECTIONS.items()},
    "faults": listed(FAULT),
}
"""What may be said of an AWS that runs already."""


def _ending(value: object, where: str) -> object:
    if isinstance(value, str):
        return choice(["as declared", "as ended", "accept"])(value, where)
    table = {"code": text, "text": text, "members": mapped(lambda part, _: part)}
    return Refusal(**cast("Row", record(table, required=["code", "text"])(value, where)))


def _settings(kind: type[AnySimulator]) -> Check:
    return record(
        {
            "seconds": _seconds(kind),
            "lag": number,
            "visible_after": number,
            "page_size": positive,
            "ended": _ending,
            "again": _ending,
            "too_soon": _ending,
            "unknown": _ending,
            "unknown_ids": choice(get_args(UnknownIds)),
            "names_status": flag,
            "canceled_failure": text,
            "canceled_failure_code": text,
            "files": whole,
            "size": whole,
        }
    )


_SETTINGS: Final = record({service: _settings(kind) for service, kind in simulator_types().items()})

WHOLE: Final = record({**MORE, "seed": whole, "start": instant, "settings": _SETTINGS})
"""What may be said of a whole AWS."""
