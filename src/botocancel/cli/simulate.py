"""``botocancel simulate``: the simulated AWS over HTTP, until stopped."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from botocancel.cli._interrupts import handled, named
from botocancel.cli._streams import put
from botocancel.clocks import GLANCE

if TYPE_CHECKING:
    from botocancel.testing.scenario import Scenario
    from botocancel.testing.server import SimulatedServer

__all__ = ["command", "simulate"]


@click.command()
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="0 takes any that is free.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--expose", is_flag=True, help="Let --host be one that other machines reach.")
@click.option(
    "--speed",
    default=1.0,
    show_default=True,
    type=click.FloatRange(min=0, max=1e6),
    help="Simulated seconds in a real one; with 0, time moves by the control endpoint only.",
)
@click.option(
    "--seed-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What there is from the start: a scenario in YAML or JSON.",
)
@click.option(
    "--start",
    metavar="TIME",
    help="When simulated time begins, as 2024-01-01T00:00:00Z; without it, as the scenario says, "
    "or else now.",
)
def simulate(
    *,
    port: int,
    host: str,
    expose: bool,
    speed: float,
    seed_file: Path | None,
    start: str | None,
) -> None:
    """Answer as AWS does, on this machine, for whatever speaks to AWS.

    Prints the lines that lead AWS's command line and SDKs here, and answers until
    it is stopped (Ctrl-C). It listens on this machine only, unless told twice.
    """
    try:
        from botocancel.testing.scenario import Scenario
        from botocancel.testing.server import SimulatedServer
    except ModuleNotFoundError as missing:
        msg = f"the server needs {missing.name}: pip install 'botocancel[cli,server]'"
        raise click.ClickException(msg) from missing
    scenario = Scenario.of({}) if seed_file is None else _loaded(seed_file)
    stopped = threading.Event()
    with handled(named("SIGINT", "SIGTERM"), lambda _: stopped.set()):
        try:
            if start is not None:
                scenario = scenario.starting(start)
            server = SimulatedServer(
                scenario.simulated_aws(start=datetime.now(UTC).replace(microsecond=0)),
                host=host,
                port=port,
                speed=speed,
                expose=expose,
                scenario=scenario,
            )
        except (OSError, ValueError) as error:
            msg = f"{error} (--expose)" if not expose and "expose" in str(error) else str(error)
            raise click.ClickException(msg) from None
        with server:
            _announce(server)
            while not stopped.wait(GLANCE):
                pass


def _loaded(seed_file: Path) -> Scenario:
    from botocancel.testing.scenario import load_scenario

    try:
        return load_scenario(seed_file)
    except ValueError as error:
        msg = f"{seed_file}: {error}"
        raise click.ClickException(msg) from None


def _announce(server: SimulatedServer) -> None:
    """Say where it answers and what there is, as lines for a shell."""
    put(f"# the simulated AWS answers at {server.url}; in other terminals:")
    put(server.exports)
    for section, rows in server.made.items():
        for row in rows:
            name = f" {row['name']}" if "name" in row else ""
            put(f"# {section}{name}: {row['id']}")
    put("# Ctrl-C stops it")


command: Final = simulate
