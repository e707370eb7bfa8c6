"""What a protocol has to do, and what it is given and gives."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Protocol as StructuralType

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from botocore.model import OperationModel, ServiceModel, StructureShape

    from botocancel.testing.wire import HttpRequest

__all__ = ["Content", "Protocol", "Refused", "Refuser", "error_type_header"]


@attrs.frozen(kw_only=True)
class Content:
    """An answer before it leaves: neither dated nor measured."""

    status: int = 200
    headers: Mapping[str, str]
    """By name, in lower case."""
    body: bytes


@attrs.frozen(kw_only=True)
class Refused:
    """An error, before it is written."""

    code: str
    status: int
    members: Mapping[str, object]
    """By their AWS names, the message among them."""
    shape: StructureShape | None
    """The shape of the error; None where the service does not model it."""
    service: ServiceModel | None
    """Whose error it is; None where the request names no service."""


class Refuser(StructuralType):
    """What can be done without a service."""

    def refuse(self, refused: Refused) -> Content:
        """Return an error."""
        ...


class Protocol(Refuser, StructuralType):
    """What a protocol has to do."""

    @property
    def name(self) -> str:
        """What botocore's models call it."""
        ...

    @property
    def unknown_status(self) -> int:
        """HTTP status of the refusal of what is no operation."""
        ...

    def speaks(self, request: HttpRequest) -> bool:
        """Say whether a request is in this protocol."""
        ...

    def target(
        self, request: HttpRequest, services: Iterable[ServiceModel]
    ) -> tuple[ServiceModel, str] | None:
        """Return what a request is to: a service, and the name of the operation.

        Args:
            request: A request in this protocol.
            services: Those that it may be to.
        """
        ...

    def read(self, request: HttpRequest, operation: OperationModel) -> object:
        """Return the parameters, by their AWS names.

        What is of another type than its shape stays as it came.

        Raises:
            ValueError: The body is malformed.
        """
        ...

    def write(self, answer: Mapping[str, object], operation: OperationModel) -> Content:
        """Return an answer, given by its AWS names; members that no shape has are kept."""
        ...


def error_type_header(code: str) -> dict[str, str]:
    """Return the header that names an error; none where the code fits into no header."""
    return {"x-amzn-errortype": code} if code.isascii() and code.isprintable() else {}
