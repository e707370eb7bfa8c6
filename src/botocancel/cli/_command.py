"""What the commands have in common: options, logging, errors in one line, exit statuses."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

import attrs
import click

from botocancel import BotocancelError, InvalidInput
from botocancel._text import excerpt
from botocancel.cli._durations import pause
from botocancel.cli._group import write_examples
from botocancel.cli._remedies import explained
from botocancel.cli._settings import Settings
from botocancel.cli._status import Status
from botocancel.cli._streams import OutputLost, complain, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["OUTPUTS", "journal_option", "operator_command"]

OUTPUTS: Final = ("table", "json", "jsonl", "ids")

_LEVELS: Final = {False: logging.WARNING, True: logging.DEBUG}


def _endpoint(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Insist on an endpoint that holds no secret, for errors name it."""
    if value is None:
        return None
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        msg = "expected a URL such as http://localhost:4566"
        raise click.BadParameter(msg, ctx, param)
    if parts.username or parts.password:
        msg = "it must hold no user name and no password"
        raise click.BadParameter(msg, ctx, param)
    return value


def _profiles(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    from botocancel.cli._session import known_profiles  # loads botocore

    return [name for name in known_profiles() if name.startswith(incomplete)]


def _regions(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    from botocancel.cli._session import known_regions  # loads botocore

    return [name for name in ("all", *known_regions()) if name.startswith(incomplete)]


_OPTIONS: Final[dict[str, Callable[..., Any]]] = {
    "profile": click.option(
        "--profile", metavar="NAME", shell_complete=_profiles, help="Profile of the AWS files."
    ),
    "regions": click.option(
        "--region",
        "regions",
        metavar="REGION",
        multiple=True,
        shell_complete=_regions,
        help="AWS region; where tasks are listed, several times or 'all'.",
    ),
    "endpoint_url": click.option(
        "--endpoint-url", metavar="URL", callback=_endpoint, help="Talk to this instead of AWS."
    ),
    "output": click.option(
        "--output", type=click.Choice(OUTPUTS), default="table", show_default=True
    ),
    "poll": click.option(
        "--poll",
        metavar="DURATION",
        type=pause,
        default="30s",
        show_default=True,
        help="Longest pause between two looks at AWS.",
    ),
    "verbose": click.option("-v", "--verbose", is_flag=True, help="Log each request, with its id."),
    "debug": click.option("--debug", is_flag=True, help="Log, and show tracebacks of errors."),
}
"""The common options, by the name of what they set in `Settings`."""


def journal_option(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Give a command the option that has its cancels noted, which sets `Settings.journal`."""
    option = click.option(
        "--journal",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Note each cancel in FILE before it is sent, for 'botocancel resume FILE'.",
    )
    return option(function)


class _OperatorCommand(click.Command):
    """A command that says what went wrong in one line, with the remedy."""

    examples: Sequence[str] = ()

    @property
    def _run(self) -> Callable[..., int | None]:
        return cast("Callable[..., int | None]", self.callback)

    def invoke(self, ctx: click.Context) -> None:
        """Run the command with its `Settings`, and exit with the `Status` it returns."""
        names = attrs.fields_dict(Settings).keys() & ctx.params.keys()
        settings = Settings(**{name: ctx.params.pop(name) for name in names})
        _log(settings)
        ctx.exit(self._status(ctx, settings))

    def _status(self, ctx: click.Context, settings: Settings) -> int:
        try:
            status = self._run(settings, **ctx.params)
        except (click.exceptions.Exit, click.Abort, OutputLost):
            raise
        except KeyboardInterrupt:
            raise click.Abort from None
        except click.UsageError as error:
            complain(error.format_message())
            return Status.USAGE
        except BotocancelError as error:
            _trace(settings)
            complain(explained(error))
            return Status.USAGE if isinstance(error, InvalidInput) else Status.FAILED
        except Exception as error:  # noqa: BLE001  (an operator gets no traceback unasked)
            _trace(settings)
            again = "" if settings.debug else "; --debug shows where"
            complain(f"this is a bug: {type(error).__name__}: {error}{again}")
            return Status.FAILED
        return Status.DONE if status is None else status

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  (click's signature)
        """Show the examples."""
        write_examples(formatter, self.examples)


def operator_command(
    *examples: str, without: Sequence[str] = ()
) -> Callable[[Callable[..., int | None]], click.Command]:
    """Return a decorator that makes a function a command, with the common options.

    The function takes the `Settings`, then its own parameters by name, and returns its
    `Status`, or None if all is done.

    Args:
        *examples: Lines for the end of the help.
        without: Common options that mean nothing to this command.
    """

    def decorate(function: Callable[..., int | None]) -> click.Command:
        command = click.command(cls=_OperatorCommand)(function)
        for name, option in _OPTIONS.items():  # after the command's own
            if name not in without:
                option(command)
        command.examples = examples
        return command

    return decorate


def _trace(settings: Settings) -> None:
    if settings.debug:
        for line in traceback.format_exc().rstrip("\n").split("\n"):
            tell(f"  {excerpt(line)}")  # set in, so that none looks like a line of the log


class _ToStderr(logging.Handler):
    """Writes to what is standard error at the moment: a live display stands in for it.

    A warning is written once, though a list may be asked for again and again.
    """

    def __init__(self) -> None:
        super().__init__()
        self._warned: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.levelno >= logging.WARNING:
            if message in self._warned:
                return
            self._warned.add(message)
        tell(excerpt(self.format(record)))


def _log(settings: Settings) -> None:
    handler = _ToStderr()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("botocancel")
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(_LEVELS[settings.verbose or settings.debug])
    if not (settings.verbose or settings.debug):  # commands say themselves where was not looked
        logging.getLogger("botocancel.flows.listing").setLevel(logging.ERROR)
    logging.getLogger().addHandler(logging.NullHandler())  # what others log is not for here
