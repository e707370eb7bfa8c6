"""What the caller's identity must be allowed to do is known of every kind of task."""

from __future__ import annotations

import json
import re
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

import botocore.session
import pytest

from botocancel.services import Permission, all_kinds

if TYPE_CHECKING:
    from botocancel.services._kind import AnyKind

KINDS = all_kinds()
RESOURCES: dict[str, list[str]] = json.loads(
    (Path(__file__).parent / "data" / "iam.json").read_text(encoding="utf-8")
)["resources"]
"""The ARNs that each action can be limited to, ``*`` where it need not be."""


def parts_of(permission: Permission) -> set[str]:
    """Return the names of the parts in what an action is limited to."""
    return {name for _, name, _, _ in Formatter().parse(permission.on) if name}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_each_action_is_an_operation_of_the_service(kind: AnyKind) -> None:
    model = botocore.session.get_session().get_service_model(kind.client)
    for permission in kind.permissions:
        prefix, _, operation = permission.action.partition(":")
        assert prefix == (model.signing_name or kind.client)
        assert operation in model.operation_names


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_the_permission_to_cancel_is_that_of_the_request(kind: AnyKind) -> None:
    ref = kind.ref_type(kind.ref_type.form.example)
    request = kind.cancel_request(ref)
    [cancel] = [each for each in kind.permissions if "cancel" in each.needed_to]
    assert cancel.action.endswith(f":{request.operation}")
    known = {name: part for name, part in ref.parts.items() if part is not None}
    asked = known.keys() & parts_of(cancel)
    assert all(known[name] in cancel.resource(ref) for name in asked)
    assert not any(known[name] in cancel.resource(None) for name in asked)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_what_an_action_is_limited_to_has_no_part_that_an_id_lacks(kind: AnyKind) -> None:
    """A part that is misspelt would allow more than it says. What a filter names may be one."""
    parts = kind.ref_type(kind.ref_type.form.example).parts
    for permission in kind.permissions:
        assert parts_of(permission) <= parts.keys() | kind.filters


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_each_action_is_limited_to_what_iam_limits_it_to(kind: AnyKind) -> None:
    """Where IAM knows no resource, a policy that names one allows nothing."""
    for permission in kind.permissions:
        known = [re.sub(r"\$\{\w+\}", "*", arn) for arn in RESOURCES[permission.action]]
        assert permission.resource(None) in known
        assert permission.is_limited or "*" in known


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_each_purpose_has_its_actions(kind: AnyKind) -> None:
    purposes = {purpose for each in kind.permissions for purpose in each.needed_to}
    assert {"cancel", "wait", "list"} <= purposes <= {"cancel", "wait", "list", "restart"}


def test_what_cannot_be_limited_is_allowed_for_any_resource() -> None:
    ref = KINDS[0].ref_type(KINDS[0].ref_type.form.example)
    unlimited = Permission("states:ListStateMachines", "list")
    assert not unlimited.is_limited
    assert unlimited.resource(None) == unlimited.resource(ref) == "*"
