"""What the caller's identity must be allowed to do is known of every service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import botocore.session
import pytest

from botocancel.services import all_services, any_resource

if TYPE_CHECKING:
    from botocancel import Response, Shape
    from botocancel.services import Service

SERVICES = all_services()


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_each_action_is_an_operation_of_the_service(service: Service[Shape, Response]) -> None:
    model = botocore.session.get_session().get_service_model(service.name)
    for permission in service.permissions:
        prefix, _, operation = permission.action.partition(":")
        assert prefix == (model.signing_name or service.name)
        assert operation in model.operation_names


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_the_permission_to_cancel_is_that_of_the_request(service: Service[Shape, Response]) -> None:
    ref = service.ref_type.parse(service.ref_type.example)
    request = service.cancel_request(ref)
    [cancel] = [each for each in service.permissions if "cancel" in each.needed_to]
    assert cancel.action.endswith(f":{request.operation}")
    assert ref.id in cancel.resource(ref)
    assert cancel.resource(None).endswith("*")


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_each_purpose_has_its_actions(service: Service[Shape, Response]) -> None:
    purposes = {purpose for each in service.permissions for purpose in each.needed_to}
    assert {"cancel", "wait", "list"} <= purposes <= {"cancel", "wait", "list", "restart"}


def test_what_cannot_be_limited_is_allowed_for_any_resource() -> None:
    assert any_resource(None) == "*"
