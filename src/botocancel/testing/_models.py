"""botocore's own models of the services, read from botocore and nowhere else on the machine."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, cast

import botocore
from botocore.exceptions import UnknownRegionError
from botocore.loaders import Loader
from botocore.model import ServiceModel, StructureShape
from botocore.regions import EndpointResolver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "MADE_WITH",
    "botocore_is_older",
    "endpoint_variable",
    "error_shape",
    "is_known",
    "loader",
    "partition_of",
    "protocols_of",
    "service_model",
    "shapes_of",
]

MADE_WITH: Final = (1, 44, 5)
"""The botocore that the typed models were generated from.

An older one does not know every member and value that the simulators answer.
"""


class _LoaderOnce(Loader):
    """A loader that reads a file once in a process, however many sessions there are."""

    def load_data_with_path(self, name: str) -> tuple[dict[str, object], str]:
        """Load a file of botocore's data, and tell where it was."""
        return _data(tuple(self.search_paths), name)

    def list_available_services(self, type_name: str) -> list[str]:
        """List the services that have a file of this type."""
        return _services(tuple(self.search_paths), type_name)


def loader() -> Loader:
    """Return a loader of botocore's own data."""
    return _loader_of(_LoaderOnce, [Loader.BUILTIN_DATA_PATH])


def _loader_of(kind: type[Loader], paths: list[str]) -> Loader:
    return kind(extra_search_paths=paths, include_default_search_paths=False)


@cache
def _data(paths: tuple[str, ...], name: str) -> tuple[dict[str, object], str]:
    return _loader_of(Loader, list(paths)).load_data_with_path(name)


@cache
def _services(paths: tuple[str, ...], type_name: str) -> list[str]:
    return _loader_of(Loader, list(paths)).list_available_services(type_name)


@cache
def is_known(service: str) -> bool:
    """Say whether the botocore in use has a model of a service."""
    return service in loader().list_available_services("service-2")


@cache
def service_model(service: str) -> ServiceModel:
    """Return botocore's model of a service."""
    return ServiceModel(loader().load_service_model(service, "service-2"), service)


def protocols_of(service: str) -> frozenset[str]:
    """Return the protocols that a service speaks, by botocore's names."""
    metadata = cast("Mapping[str, object]", service_model(service).metadata)
    listed = metadata.get("protocols") or (metadata["protocol"],)
    return frozenset(cast("Sequence[str]", listed))


def endpoint_variable(service: str) -> str:
    """Return the environment variable by which SDKs are told the endpoint of a service.

    It is named by the id in the service's model: ``AWS_ENDPOINT_URL_SFN`` is Step Functions'.
    """
    service_id = service_model(service).service_id
    return f"AWS_ENDPOINT_URL_{service_id.upper().replace(' ', '_')}"


@cache
def shapes_of(service: str, operation: str) -> tuple[StructureShape, StructureShape]:
    """Return the shapes of an operation's parameters and of its answer.

    One without members stands for a shape that there is not.
    """
    model = service_model(service).operation_model(operation)
    nothing = StructureShape("Nothing", {"type": "structure", "members": {}})
    return model.input_shape or nothing, model.output_shape or nothing


def error_shape(service: str, code: str) -> StructureShape | None:
    """Return the shape of an error; None where the service does not model it."""
    shapes = service_model(service).error_shapes
    return cast(
        "StructureShape | None", next((shape for shape in shapes if shape.name == code), None)
    )


@cache
def partition_of(region: str) -> str:
    """Return the partition of a region; ``aws`` where botocore does not know the region."""
    resolver = EndpointResolver(loader().load_data("endpoints"))
    try:
        return resolver.get_partition_for_region(region)
    except UnknownRegionError:
        return "aws"


@cache
def botocore_is_older() -> bool:
    """Say whether the botocore in use is older than the typed models."""
    return tuple(int(part) for part in botocore.__version__.split(".")[:3]) < MADE_WITH
