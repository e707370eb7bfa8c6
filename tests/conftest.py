"""What holds for all tests, and what most begin with: a simulated AWS, the kinds of tasks."""

from __future__ import annotations

import random
import signal

import pytest

from botocancel.testing import SimulatedAWS
from tests.simulated import KINDS, Kind

# A shell starts what it runs in the background with these ignored, and so would all processes
# of the tests, which send them.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGQUIT"):
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def the_same_jitter_each_time() -> None:
    """Begin each test with the same chance, whatever ran before it."""
    random.seed(5)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each kind of task."""
    found = request.param
    assert isinstance(found, Kind)
    return found


@pytest.fixture
def aws() -> SimulatedAWS:
    """A simulated AWS of the test's own."""
    return SimulatedAWS()
