"""A loader that reads little: botocore's data, cut down to what botocancel calls.

To make one client, botocore reads the endpoints of every service and the whole model of one.
The models come cut down with this package (``tools/generate_models.py`` writes them) and serve with
every botocore whose service has the same API version, protocols, authentication and parameters of
its endpoint rules. Which protocol is spoken, and all rules of endpoints, are those of the botocore
that is installed.
"""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, cast

from botocore.exceptions import BotoCoreError, DataNotFoundError
from botocore.loaders import Loader

from botocancel.services._builtin import CLIENTS

__all__ = ["MODEL", "SlimLoader", "free_parameters"]

MODEL: Final = "model.json"
"""The file in a service's folder that holds its model, cut down."""

_SERVICES: Final = Path(__file__).parent / "services"
_HEAD: Final = 4096
"""So many bytes of a model begin with its metadata."""
_TITLES: Final = frozenset({"serviceAbbreviation", "serviceFullName", "uid"})
"""Metadata that change nothing of a request."""
_CHOICES: Final = frozenset({"auth", "protocol", "protocols"})
"""Metadata of which a botocore may know fewer than the model that was cut."""

_HOST: Final = "{service}.{region}.{dnsSuffix}"
_FIPS_HOST: Final = "{service}-fips.{region}.{dnsSuffix}"
_NO_DUAL_STACK: Final = "aws-iso"
"""How the partitions are named for which botocore knows no dual-stack endpoints."""


class SlimLoader(Loader):
    """Loads a cut-down model and the endpoints of partitions, all else as its base.

    A session with this loader lists no regions of a service.

    Args:
        irregular_hosts: Whether to read the endpoints of every service as botocore does. FIPS
            endpoints need it: a proxy is chosen by the host that is named there.
    """

    def __init__(self, *, irregular_hosts: bool = False) -> None:
        super().__init__()
        self._irregular_hosts = irregular_hosts
        self._models: dict[str, object] = {}

    def load_service_model(
        self, service_name: str, type_name: str, api_version: str | None = None
    ) -> Any:  # noqa: ANN401  (the base class says so)
        """Load a model without listing every service there is."""
        try:
            version = api_version or self.determine_latest_version(service_name, type_name)
        except DataNotFoundError:  # the base class says which services there are
            return super().load_service_model(service_name, type_name, api_version)
        name = f"{service_name}/{version}/{type_name}"
        extras = (f"{name}.{kind}-extras" for kind in self.extras_types)
        if any(self.file_loader.exists(str(self._installed(extra))) for extra in extras):
            return super().load_service_model(service_name, type_name, api_version)
        if service_name not in CLIENTS or type_name != "service-2":
            return self.load_data(name)
        if name not in self._models:
            self._models[name] = self._slim(service_name, name) or self.load_data(name)
        return self._models[name]

    def load_data_with_path(self, name: str) -> Any:  # noqa: ANN401  (the base class says so)
        """Load by botocore's name of the data, such as ``endpoints``."""
        if name == "endpoints" and not self._irregular_hosts:
            with suppress(BotoCoreError, LookupError):
                known = self.load_data("partitions")["partitions"]
                return {"partitions": [*map(_partition, known)]}, str(self._installed(name))
        return super().load_data_with_path(name)

    def _slim(self, service: str, name: str) -> object | None:
        """Return the cut-down model of a service; None if it does not fit what is installed."""
        with suppress(OSError, ValueError, LookupError, BotoCoreError):
            slim = json.loads((_SERVICES / service.replace("-", "_") / MODEL).read_bytes())
            metadata = self._metadata(name)
            rules = self.load_service_model(service, "endpoint-rule-set-1")
            if _fits(slim["model"]["metadata"], metadata) and (
                free_parameters(rules) <= {*slim["parameters"]}
            ):
                return {**slim["model"], "metadata": metadata}
        return None

    def _metadata(self, name: str) -> dict[str, Any]:
        """Read what an installed model says of its service, which is how the file begins."""
        with gzip.open(self._installed(f"{name}.json.gz")) as file:
            head = file.read(_HEAD).decode(errors="replace")
        begin = head.index('"metadata":') + len('"metadata":')
        metadata, _ = json.JSONDecoder().raw_decode(head[begin:].lstrip())
        return cast("dict[str, Any]", metadata)

    def _installed(self, name: str) -> Path:
        return Path(self.BUILTIN_DATA_PATH, name)


def free_parameters(rules: dict[str, Any]) -> set[str]:
    """Return the parameters of endpoint rules that a service's model sets, not botocore."""
    return {name for name, each in rules["parameters"].items() if "builtIn" not in each}


def _fits(cut: dict[str, Any], installed: dict[str, Any]) -> bool:
    """Say whether the service is called as it was when its model was cut.

    It may offer fewer protocols and ways to authenticate: those that an older botocore knows.
    """
    return _fixed(installed) == _fixed(cut) and _choices(installed) <= _choices(cut)


def _fixed(metadata: dict[str, Any]) -> dict[str, object]:
    return {key: metadata[key] for key in metadata.keys() - _TITLES - _CHOICES}


def _choices(metadata: dict[str, Any]) -> set[str]:
    listed = (*metadata.get("protocols", ()), *metadata.get("auth", ()))
    return {metadata["protocol"], *listed}


def _partition(rules: dict[str, Any]) -> dict[str, Any]:
    """Return a partition of ``partitions.json`` in the form that ``endpoints.json`` has.

    botocore takes from there the partition, the region to sign for and whether there are FIPS and
    dual-stack endpoints; which host is called is said by the endpoint rules of the service.
    """
    name, outputs = rules["id"], rules["outputs"]
    suffix, dual_suffix = outputs["dnsSuffix"], outputs["dualStackDnsSuffix"]
    variants = [{"tags": ["fips"], "hostname": _FIPS_HOST, "dnsSuffix": suffix}]
    if not name.startswith(_NO_DUAL_STACK):
        variants += [
            {"tags": ["dualstack", "fips"], "hostname": _FIPS_HOST, "dnsSuffix": dual_suffix},
            {"tags": ["dualstack"], "hostname": _HOST, "dnsSuffix": dual_suffix},
        ]
    region = outputs["implicitGlobalRegion"]
    whole = f"{name}-global"
    everywhere = {"credentialScope": {"region": region}, "hostname": f"sts.{suffix}"}
    sts = {"partitionEndpoint": whole, "endpoints": {whole: everywhere}}  # called without a region
    return {
        "partition": name,
        "dnsSuffix": suffix,
        "regionRegex": rules["regionRegex"],
        "regions": {each: {} for each in rules["regions"] if not each.endswith("-global")},
        "defaults": {
            "hostname": _HOST,
            "protocols": ["https"],
            "signatureVersions": ["v4"],
            "variants": variants,
        },
        "services": {"sts": sts} if name == "aws" else {},
    }
