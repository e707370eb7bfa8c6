"""The group of commands, of which only the one that is called gets loaded."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, cast

import click

from botocancel.cli._status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["COMMANDS", "called", "write_examples"]

COMMANDS: Final[Mapping[str, str]] = {
    "ls": "List the tasks that are running.",
    "cancel": "Stop tasks, by id or by filter.",
    "show": "Show one task.",
    "wait": "Wait until tasks have ended.",
    "resume": "Finish the cancels of a journal.",
    "restart": "Start the work of tasks anew.",
    "run": "Run a command, and stop its tasks if it fails.",
    "services": "Show what is supported.",
    "policy": "Write the least IAM policy for what is asked.",
    "completion": "Write the completion script of a shell.",
    "demo": "Cancel tasks on a simulated AWS, and check what comes of it.",
    "simulate": "Answer as AWS does, on this machine, for whatever speaks to AWS.",
}
"""What each command does. Its module, of the same name, calls it ``command``."""

_EXAMPLES: Final = (
    "botocancel ls --region all",
    "botocancel cancel task-0123456789abcdef0 --wait",
    "botocancel cancel --kind fsx --file-system fs-0123456789abcdef0 --older-than 2h --dry-run",
    "botocancel run -- ./nightly-export.sh",
)


def write_examples(formatter: click.HelpFormatter, examples: Iterable[str]) -> None:
    """Write examples at the end of a help, as they are typed."""
    with formatter.section("Examples"):
        for example in examples:
            formatter.write(f"{'':{formatter.current_indent}}{example}\n")


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

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Show examples."""
        write_examples(formatter, _EXAMPLES)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="botocancel")
def group() -> None:
    """Stop AWS work, and know that it stopped."""


def called() -> int:
    """Run the command that the arguments name, and return its exit status.

    Raises:
        KeyboardInterrupt: It was interrupted.
        OutputLost: Standard output took no more.
    """
    try:
        status: int | None = group.main(prog_name="botocancel", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    return Status.DONE if status is None else status
