"""What every command that talks to AWS is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import click

from botocancel import Backoff

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal, TypeAlias

    Output: TypeAlias = Literal["table", "json", "jsonl", "ids"]

__all__ = ["Settings"]


@attrs.frozen(kw_only=True)
class Settings:
    """The options that commands have in common."""

    profile: str | None = None
    regions: tuple[str, ...] = ()
    endpoint_url: str | None = None
    output: Output = "table"
    poll: float = 30.0
    """Longest pause between two looks, in seconds."""
    verbose: bool = False
    debug: bool = False
    journal: Path | None = None
    """Where cancels are noted before they are sent; None for nowhere."""

    @property
    def region(self) -> str | None:
        """The one region asked for; None for the session's.

        Raises:
            UsageError: There are several.
        """
        if len(self.regions) > 1 or "all" in self.regions:
            msg = "tasks given by id are in one region: give --region once, or use their ARNs"
            raise click.UsageError(msg)
        return next(iter(self.regions), None)

    @property
    def backoff(self) -> Backoff:
        """The pauses between looks."""
        return Backoff(first=min(1.0, self.poll), ceiling=self.poll)

    @property
    def retry_backoff(self) -> Backoff:
        """The pauses before asking again for what has failed."""
        return Backoff(first=min(0.5, self.poll), growth=2.0, ceiling=min(20.0, self.poll))
