"""Smithy RPC v2 in CBOR: the operation in the path, all else in the body."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from botocancel.testing._protocols.json_rpc import named_by_prefix
from botocancel.testing._protocols.protocol import Content, error_type_header

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from botocore.model import OperationModel, ServiceModel

    from botocancel.testing._protocols.protocol import Refused
    from botocancel.testing.wire import HttpRequest

__all__ = ["RpcV2Cbor"]

_PATH: Final = re.compile(r"/service/([\w.]+)/operation/(\w+)")
_MARK: Final = {"smithy-protocol": "rpc-v2-cbor"}
_HEADERS: Final = {"content-type": "application/cbor", **_MARK}


class RpcV2Cbor:
    """Smithy RPC v2 in CBOR; needs ``cbor2``, of the extra ``server``."""

    name = "smithy-rpc-v2-cbor"
    unknown_status = 400

    def speaks(self, request: HttpRequest) -> bool:
        """Look for ``Smithy-Protocol``."""
        return _MARK.items() <= request.headers.items()

    def target(
        self, request: HttpRequest, services: Iterable[ServiceModel]
    ) -> tuple[ServiceModel, str] | None:
        """Read the path, such as ``/service/FmrsService/operation/CancelTaskExecution``."""
        found = _PATH.fullmatch(request.path)
        if found is None or request.method != "POST":
            return None
        return named_by_prefix(found[1], found[2], services)

    def read(
        self,
        request: HttpRequest,
        operation: OperationModel,  # noqa: ARG002  (CBOR says itself of what types values are)
    ) -> object:
        """Read CBOR; an empty body has no parameters.

        Raises:
            ValueError: The body is no CBOR.
        """
        import cbor2  # noqa: PLC0415  (of an extra)

        try:
            return cast("object", cbor2.loads(request.body or b"\xa0"))
        except cbor2.CBORDecodeError as error:
            raise ValueError(str(error)) from None

    def write(self, answer: Mapping[str, object], operation: OperationModel) -> Content:
        """Write CBOR; what has no answer by its model is answered with an empty body."""
        if not answer and operation.output_shape is None:
            return Content(headers=_MARK, body=b"")
        return Content(headers=_HEADERS, body=_encoded(answer))

    def refuse(self, refused: Refused) -> Content:
        """Write CBOR with the absolute id of the error's shape as ``__type``."""
        service = refused.service
        error_type = (
            f"com.amazonaws.{service.service_name}#{refused.code}" if service else refused.code
        )
        return Content(
            status=refused.status,
            headers={**_HEADERS, **error_type_header(refused.code)},
            body=_encoded({**refused.members, "__type": error_type}),
        )


def _encoded(members: Mapping[str, object]) -> bytes:
    """Write CBOR, with instants as tagged seconds since 1970."""
    import cbor2  # noqa: PLC0415  (of an extra)

    return cbor2.dumps(members, datetime_as_timestamp=True)
