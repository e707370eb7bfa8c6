"""Sessions of botocore that call the simulated AWS behind a socket: see `tests.loopback`.

A module of its own, for programs that need nothing of the simulation start faster.
"""

from __future__ import annotations

from typing import Any, cast

from botocore.config import Config
from botocore.session import Session


class LoopbackSession(Session):
    """A session of botocore whose clients call one URL, whatever the service.

    Args:
        url: What they call.
        attempts: How often botocore itself tries a call.
    """

    def __init__(self, url: str, *, attempts: int = 3) -> None:
        super().__init__()
        self._url = url
        self.set_config_variable("config_file", "/dev/null")
        self.set_config_variable("credentials_file", "/dev/null")
        self.set_config_variable("region", "us-east-1")
        self.set_credentials("AKIASIMU123456789012", "simulated")
        retries = {"mode": "standard", "total_max_attempts": attempts}
        self.set_default_client_config(Config(retries=cast("Any", retries)))

    def create_client(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401  (passed on)
        """Make a client as ever, but for its endpoint."""
        return super().create_client(*args, **{**options, "endpoint_url": self._url})
