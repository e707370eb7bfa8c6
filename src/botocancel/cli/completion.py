"""``botocancel completion``: the script that lets a shell complete command lines."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from botocancel.cli._streams import put

__all__ = ["command"]

_SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    r"""Write the completion script of a SHELL to standard output.

    \b
    bash: eval "$(botocancel completion bash)"
    zsh:  eval "$(botocancel completion zsh)"
    fish: botocancel completion fish | source
    """
    kind = get_completion_class(shell)
    if kind is None:  # pragma: no cover  (click knows these)
        msg = f"click completes no {shell}"
        raise click.UsageError(msg)
    group = context.find_root().command
    put(kind(group, {}, "botocancel", "_BOTOCANCEL_COMPLETE").source())
