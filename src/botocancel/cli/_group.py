"""The group of commands, of which only the one that is called gets loaded."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["COMMANDS", "group"]

COMMANDS: Final[Mapping[str, str]] = {
    "demo": "Cancel tasks on a simulated AWS, and check what comes of it.",
}
"""What each command does. Its module, of the same name, calls it ``command``."""


class _LazyGroup(click.Group):
    """A group that knows its commands by a table, and loads one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click's signature)
        """Return the names in the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load the command of that name; None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"{__package__}.{cmd_name}")
        return cast("click.Command", module.command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by the table, so that help loads none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="botocancel")
def group() -> None:
    """Stop AWS work, and know that it stopped."""
