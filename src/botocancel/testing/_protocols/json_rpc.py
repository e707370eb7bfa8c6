"""AWS JSON 1.0 and 1.1: the operation in a header, all else in the body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from botocancel.testing._protocols.protocol import Content, error_type_header
from botocancel.testing._protocols.values import from_json, json_body, parsed_json, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from botocore.model import OperationModel, ServiceModel

    from botocancel.testing._protocols.protocol import Refused
    from botocancel.testing.wire import HttpRequest

__all__ = ["Json", "named_by_prefix"]

_TARGET: Final = "x-amz-target"


class Json:
    """AWS JSON, in the version of each service's model."""

    name = "json"
    unknown_status = 400

    def speaks(self, request: HttpRequest) -> bool:
        """Look for ``X-Amz-Target``."""
        return _TARGET in request.headers

    def target(
        self, request: HttpRequest, services: Iterable[ServiceModel]
    ) -> tuple[ServiceModel, str] | None:
        """Read ``X-Amz-Target``, such as ``FmrsService.CancelTaskExecution``."""
        prefix, dot, operation = request.headers[_TARGET].rpartition(".")
        if not dot or request.method != "POST":
            return None
        return named_by_prefix(prefix, operation, services)

    def read(self, request: HttpRequest, operation: OperationModel) -> object:
        """Read JSON; an empty body has no parameters.

        Raises:
            ValueError: The body is no JSON, or some of its text no Unicode.
        """
        parsed, shape = parsed_json(request.body), operation.input_shape
        return parsed if shape is None else from_json(parsed, shape)

    def write(self, answer: Mapping[str, object], operation: OperationModel) -> Content:
        """Write JSON; what has no answer by its model is answered with an empty body."""
        shape = operation.output_shape
        body = json_body(answer, shape) if answer or shape is not None else b""
        return Content(headers=_labelled(operation.service_model), body=body)

    def refuse(self, refused: Refused) -> Content:
        """Write JSON with the code as ``__type``."""
        members = cast("dict[str, object]", to_json(refused.members, refused.shape))
        return Content(
            status=refused.status,
            headers={**_labelled(refused.service), **error_type_header(refused.code)},
            body=json_body({**members, "__type": refused.code}),
        )


def named_by_prefix(
    prefix: str, operation: str, services: Iterable[ServiceModel]
) -> tuple[ServiceModel, str] | None:
    """Return the service whose requests are named so, with the operation."""
    for service in services:
        if cast("Mapping[str, str]", service.metadata).get("targetPrefix") == prefix:
            return service, operation
    return None


def _labelled(service: ServiceModel | None) -> dict[str, str]:
    version = (
        "1.1" if service is None else cast("Mapping[str, str]", service.metadata)["jsonVersion"]
    )
    return {"content-type": f"application/x-amz-json-{version}"}
