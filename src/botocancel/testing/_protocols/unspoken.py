"""The protocols that are not spoken: a request in one is refused so that it is understood."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from botocancel.testing._protocols.protocol import Content

if TYPE_CHECKING:
    from botocancel.testing._protocols.protocol import Refused

__all__ = ["Unspoken"]


class Unspoken:
    """Whatever else services speak; errors of all these are in XML."""

    def refuse(self, refused: Refused) -> Content:
        """Write XML as SDKs read it of ``query``, ``ec2`` and ``rest-xml`` alike."""
        code, message = escape(refused.code), escape(str(refused.members.get("message", "")))
        error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        body = f"<ErrorResponse>{error}</ErrorResponse>".encode()
        return Content(status=refused.status, headers={"content-type": "text/xml"}, body=body)
