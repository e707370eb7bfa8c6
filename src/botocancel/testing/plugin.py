"""The pytest plugin: a simulated AWS as a fixture.

pytest loads it wherever botocancel is installed, so it imports nothing that takes
time until a fixture is used.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from botocancel.testing import SimulatedAWS
    from botocancel.testing.server import SimulatedServer

__all__ = ["pytest_configure", "simulated_aws", "simulated_aws_server"]


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        "simulated_aws(*settings, seed=0, start=...): what the SimulatedAWS of the fixture "
        "simulated_aws is made with, such as SimulatorSettings(kind='fsx', again='as ended')",
    )


@pytest.fixture
def simulated_aws(request: pytest.FixtureRequest) -> Generator[SimulatedAWS]:
    """A simulated AWS that every boto3 and botocore client of the test talks to.

    Create tasks, inject faults, move time on and read the request log on what it
    returns; see `botocancel.testing.SimulatedAWS`, and `botocancel.testing.standing_in`
    for what it does to the process.
    """
    from botocancel.testing import SimulatedAWS, standing_in  # noqa: PLC0415  (see the module)

    marker = request.node.get_closest_marker("simulated_aws")
    aws = SimulatedAWS(*marker.args, **marker.kwargs) if marker else SimulatedAWS()
    with standing_in(aws):
        yield aws


@pytest.fixture
def simulated_aws_server(simulated_aws: SimulatedAWS) -> Generator[SimulatedServer]:
    """The simulated AWS of the test over HTTP, for child processes and other SDKs.

    The environment names it as the endpoint, so clients made from now on use it.
    """
    from unittest.mock import patch  # noqa: PLC0415  (see the module)

    with simulated_aws.serve() as server, patch.dict(os.environ, server.environment):
        yield server
