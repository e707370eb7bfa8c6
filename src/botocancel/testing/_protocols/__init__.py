"""The protocols that the simulated AWS speaks: a class each, and a line in `PROTOCOLS`.

They know botocore's models of what is said, but no simulator, no state and no socket.
"""

from __future__ import annotations

from typing import Final

from botocancel.testing._protocols.cbor import RpcV2Cbor
from botocancel.testing._protocols.json_rpc import Json
from botocancel.testing._protocols.protocol import Content, Protocol, Refused, Refuser
from botocancel.testing._protocols.rest_json import RestJson
from botocancel.testing._protocols.unspoken import Unspoken

__all__ = ["PROTOCOLS", "UNSPOKEN", "Content", "Protocol", "Refused", "Refuser"]

PROTOCOLS: Final[tuple[Protocol, ...]] = (Json(), RpcV2Cbor(), RestJson())
"""The protocols that are spoken; a request is in the first that says so."""

UNSPOKEN: Final[Refuser] = Unspoken()
"""All others, in which nothing but a refusal is said."""
