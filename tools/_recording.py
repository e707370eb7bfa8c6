"""What a service answered, as a file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Exchange", "Recording"]


@dataclass(frozen=True)
class Exchange:
    """A request and its answer, scrubbed."""

    probe: str
    seconds: float
    """Since the first request."""
    region: str
    operation: str
    parameters: Mapping[str, object]
    http_status: int
    answer: Mapping[str, object] | None = None
    """By AWS names; None where it was refused."""
    error: Mapping[str, object] | None = None
    """``code``, ``message`` and ``members`` of a refusal."""
    left_out: list[str] = field(default_factory=list[str])
    """Members of the answer that are not recorded."""


@dataclass(frozen=True)
class Recording:
    """What a service answered."""

    service: str
    simulated: bool
    botocore: str
    exchanges: list[Exchange]

    def to_json(self) -> str:
        """Return it as the text of a file."""
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Recording:
        """Read such a text."""
        data = json.loads(text)
        exchanges = [Exchange(**each) for each in data.pop("exchanges")]
        return cls(**data, exchanges=exchanges)
