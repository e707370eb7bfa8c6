"""A loader that reads little: botocore's data cut down to what botocancel calls.

To make one client, botocore reads the endpoints of every service and the whole model
of one. ``tools/generate_models.py`` cuts both down to what the calls of this library
need, and notes which file of botocore they were cut from. They stand in for that very
file only; whatever else is asked for is read as botocore reads it.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any, Final

from botocore.loaders import Loader

from botocancel.services._builtin import CLIENTS

__all__ = ["ENDPOINTS", "MODEL", "SlimLoader", "fingerprint"]

ENDPOINTS: Final = "_endpoints.json"
"""The file beside the services that holds the endpoints, cut down."""
MODEL: Final = "model.json"
"""The file in a service's folder that holds its model, cut down."""

_SERVICES: Final = Path(__file__).parent / "services"


def fingerprint(file: Path) -> list[int]:
    """Return what tells one version of a file from another: its size and its CRC-32."""
    content = file.read_bytes()
    return [len(content), zlib.crc32(content)]


class SlimLoader(Loader):
    """Loads the cut-down data in place of the files they were cut from, all else as its base."""

    def load_service_model(
        self, service_name: str, type_name: str, api_version: str | None = None
    ) -> Any:  # noqa: ANN401  (the base class says so)
        """Load a model without listing every service there is, where the service is known here."""
        if service_name not in CLIENTS:
            return super().load_service_model(service_name, type_name, api_version)
        version = api_version or self.determine_latest_version(service_name, type_name)
        name = f"{service_name}/{version}/{type_name}"
        extras = (f"{name}.{kind}-extras" for kind in self.extras_types)
        if any(self.file_loader.exists(str(self._installed(extra))) for extra in extras):
            return super().load_service_model(service_name, type_name, api_version)
        return self.load_data(name)

    def load_data_with_path(self, name: str) -> Any:  # noqa: ANN401  (the base class says so)
        """Load by botocore's name of the data, such as ``endpoints``."""
        service, _, rest = name.partition("/")
        slim = None
        if name == "endpoints":
            slim = self._slim(name, _SERVICES / ENDPOINTS)
        elif service in CLIENTS and rest.endswith("/service-2"):
            slim = self._slim(name, _SERVICES / service / MODEL)
        return slim or super().load_data_with_path(name)

    def _slim(self, name: str, file: Path) -> tuple[object, str] | None:
        """Read a cut-down file; None unless what it was cut from is what is installed."""
        try:
            slim = json.loads(file.read_bytes())
            source = self._installed(slim["source"])
            if slim["source"].startswith(f"{name}.") and fingerprint(source) == slim["fingerprint"]:
                return slim["data"], str(source)
        except OSError:
            pass
        return None

    def _installed(self, name: str) -> Path:
        return Path(self.BUILTIN_DATA_PATH, name)
