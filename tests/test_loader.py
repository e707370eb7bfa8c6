"""Clients made from cut-down data say what clients made from all of botocore's data say."""

from __future__ import annotations

import importlib
import json
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import EndpointVariantError
from botocore.handlers import BUILTIN_HANDLERS, REGISTER_FIRST
from botocore.loaders import Loader, create_loader
from botocore.regions import EndpointResolver
from botocore.session import Session
from botocore.utils import parse_timestamp

from botocancel import _loader, _session
from botocancel._loader import SlimLoader
from botocancel._session import new_session, timestamp
from botocancel.model import Request
from botocancel.services._builtin import CLIENTS
from tests.network import LOADER, Body

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.awsrequest import AWSPreparedRequest

SERVICES: Final = Path(_loader.__file__).parent / "services"
SLIM: Final = SlimLoader()
ENDPOINTS: Final = LOADER.load_data("endpoints")
REGIONS: Final = {
    part["partition"]: sorted(part["regions"])
    for part in ENDPOINTS["partitions"]
    if part["regions"]  # an older botocore knows some by name only
}
SESSIONS: Final = (new_session, Session)
CREDENTIALS: Final = [
    service
    for service in ("sts", "sso", "sso-oidc", "signin")
    if service in LOADER.list_available_services("service-2")  # an older botocore has fewer
]

# A signature covers the time; all that it covers besides is compared.
_CHANGING: Final = re.compile(rb"Signature=[0-9a-f]+|\d{8}T\d{6}Z|(?<=/)\d{8}(?=/)")
_RANDOM: Final = {"amz-sdk-invocation-id", "User-Agent", "X-Amzn-Trace-Id"}


def was_cut_from(file: Path) -> bool:
    """Say whether a cut-down file stands in for what is installed here."""
    slim = json.loads(file.read_text(encoding="utf-8"))
    source = Path(Loader.BUILTIN_DATA_PATH, slim["source"])
    return source.exists() and _loader.fingerprint(source) == slim["fingerprint"]


IS_NEWEST: Final = was_cut_from(SERVICES / _loader.ENDPOINTS)
needs_newest = pytest.mark.skipif(not IS_NEWEST, reason="the data are of another botocore")


def requests_of(service: str) -> Iterator[type[Request[Any]]]:
    """Yield a request of each operation, with what it requires."""
    module = importlib.import_module(f"botocancel.services.{service}.models")
    for name in module.__all__:
        cls = getattr(module, name)
        if issubclass(cls, Request) and cls is not Request:
            yield cls


def example_of(shape: Any) -> Any:  # noqa: ANN401  (botocore's shapes are not typed)
    """Return a value with every member of a shape."""
    match shape.type_name:
        case "structure":
            return {name: example_of(member) for name, member in shape.members.items()}
        case "list":
            return [example_of(shape.member)] * max(1, shape.metadata.get("min", 1))
        case "string":
            return shape.enum[0] if shape.enum else "x" * max(1, shape.metadata.get("min", 1))
        case "boolean":
            return True
        case "timestamp":
            return 1_700_000_000
        case _:
            return max(1, shape.metadata.get("min", 1))


def sent(session: Session, service: str, region: str, **settings: Any) -> list[object]:  # noqa: ANN401
    """Return all that a client of each operation sends, or why it cannot be made to."""
    is_slim = isinstance(session.get_component("data_loader"), SlimLoader)
    session.register_component("data_loader", SLIM if is_slim else LOADER)  # read once
    session.set_config_variable("config_file", "/dev/null")
    session.set_config_variable("credentials_file", "/dev/null")
    session.set_credentials("AKIDEXAMPLE", "secret")
    seen: list[object] = []

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        headers = {
            name: _CHANGING.sub(b"", value if isinstance(value, bytes) else str(value).encode())
            for name, value in cast("Any", request.headers).items()
            if name not in _RANDOM
        }
        seen.append((request.method, request.url, headers, request.body))
        return AWSResponse(str(request.url), 200, cast("Any", {}), cast("Any", Body(b"{}")))

    session.register("before-send", cast("Any", answer))
    try:
        client = cast("Any", session).create_client(service, region_name=region, **settings)
    except EndpointVariantError as error:
        return [str(error)]
    full = client.meta.service_model
    for cls in requests_of(service):
        operation = full.operation_model(cls.operation)
        try:
            getattr(client, cls.method)(**example_of(operation.input_shape))
        except Exception as error:  # noqa: BLE001  (what fails has to fail the same)
            seen.append(f"{type(error).__name__}: {error}")
    return [client.meta.endpoint_url, *seen]


@pytest.fixture(autouse=True)
def _no_data_of_the_machines_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loader, "CUSTOMER_DATA_PATH", "/nonexistent")
    monkeypatch.delenv("AWS_DATA_PATH", raising=False)


@pytest.mark.parametrize("service", CLIENTS)
@pytest.mark.parametrize("partition", REGIONS)
@pytest.mark.parametrize("dualstack", [False, True])
@pytest.mark.parametrize("fips", [False, True])
def test_every_operation_sends_the_same_bytes_in_every_partition(
    service: str, partition: str, *, fips: bool, dualstack: bool
) -> None:
    config = Config(use_fips_endpoint=fips, use_dualstack_endpoint=dualstack)
    region = REGIONS[partition][0]
    slim, full = (sent(each(), service, region, config=config) for each in SESSIONS)
    assert slim == full


@pytest.mark.parametrize("service", CLIENTS)
def test_a_custom_endpoint_is_called_the_same(service: str) -> None:
    settings = {"endpoint_url": "https://vpce.example:8443/path"}
    slim, full = (sent(each(), service, "eu-west-1", **settings) for each in SESSIONS)
    assert slim == full


@pytest.mark.parametrize("service", [*CLIENTS, "sts", "portal.sso", "oidc", "signin"])
def test_every_region_has_the_same_endpoint(service: str) -> None:
    slim, full = (EndpointResolver(each.load_data("endpoints")) for each in (SLIM, LOADER))
    for partition, regions in REGIONS.items():
        for region in [*regions, "xx-new-1"]:
            for fips in (False, True):
                for dualstack in (False, True):
                    asked = {
                        "service_name": service,
                        "region_name": region,
                        "partition_name": partition,
                        "use_fips_endpoint": fips,
                        "use_dualstack_endpoint": dualstack,
                    }
                    assert endpoint(slim, asked) == endpoint(full, asked)
            assert partition_of(slim, region) == partition_of(full, region)


def endpoint(resolver: Any, asked: Mapping[str, object]) -> object:  # noqa: ANN401
    try:
        return resolver.construct_endpoint(**asked)
    except Exception as error:  # noqa: BLE001  (what fails has to fail the same)
        return repr(error)


def partition_of(resolver: Any, region: str) -> object:  # noqa: ANN401
    try:
        return resolver.get_partition_for_region(region)
    except Exception as error:  # noqa: BLE001  (what fails has to fail the same)
        return repr(error)


@pytest.mark.parametrize("service", CREDENTIALS)
def test_who_gives_credentials_is_known_as_before(service: str) -> None:
    for kind in ("service-2", "endpoint-rule-set-1"):
        assert SLIM.load_service_model(service, kind) == LOADER.load_service_model(service, kind)


@pytest.mark.parametrize("service", CLIENTS)
def test_the_errors_of_a_service_are_read_as_before(service: str) -> None:
    slim, full = (
        each.load_service_model(service, "service-2")["shapes"] for each in (SLIM, LOADER)
    )
    errors = {name for name, shape in full.items() if shape.get("exception")}
    assert errors <= slim.keys()
    for name in slim:
        assert slim[name]["type"] == full[name]["type"]
        assert slim[name].get("members", {}).keys() == full[name].get("members", {}).keys()


@needs_newest
def test_little_is_read() -> None:
    """The cut-down data are in use, and no service is looked for that is not asked for."""
    loader = SlimLoader()
    model = loader.load_service_model("fsx", "service-2")
    endpoints = loader.load_data("endpoints")
    assert set(model["operations"]) == {each.operation for each in requests_of("fsx")}
    assert set(endpoints["partitions"][0]["services"]) >= {"fsx", "datasync", "sts"}
    credentials = {"oidc", "portal.sso", "signin", "sso", "sts"}
    assert len({*endpoints["partitions"][0]["services"]} - credentials) <= len(CLIENTS)


def no_fingerprint(_: Path) -> list[int]:
    return [0, 0]


@pytest.mark.parametrize("name", ["endpoints", "fsx/2018-03-01/service-2"])
def test_another_botocore_is_read_in_full(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_loader, "fingerprint", no_fingerprint)
    assert SlimLoader().load_data(name) == create_loader().load_data(name)


def test_missing_data_are_no_harm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(_loader, "_SERVICES", tmp_path)
    assert SlimLoader().load_data("endpoints") == create_loader().load_data("endpoints")


def test_extras_of_a_model_are_taken_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore may bring additions to a model in a file of their own."""
    version = tmp_path / "fsx" / "2018-03-01"
    version.mkdir(parents=True)
    (version / "service-2.json").write_text('{"metadata": {}}')
    (version / "service-2.sdk-extras.json").write_text('{"merge": {"metadata": {"more": 1}}}')
    monkeypatch.setattr(SlimLoader, "BUILTIN_DATA_PATH", str(tmp_path))
    model = SlimLoader().load_service_model("fsx", "service-2")
    assert model == {"metadata": {"more": 1}}


@pytest.mark.parametrize(
    "value", [0, 1_700_000_000.25, -5.5, 1e11, "2024-02-29T12:00:00Z", "1700000000"]
)
def test_a_timestamp_is_the_same_instant(value: float | str) -> None:
    instant = timestamp(value)
    assert instant == parse_timestamp(cast("str", value))
    assert isinstance(instant, datetime)
    assert instant.tzinfo is not None


@pytest.mark.parametrize(
    "value", [1e300, 10**400, float("inf"), "yesterday"], ids=["1e300", "10**400", "inf", "words"]
)
def test_what_is_no_instant_is_left_to_the_typed_layer(value: float | str) -> None:
    """So that one odd task of a listing does not hide the others."""
    assert timestamp(value) == value


def test_handlers_that_have_a_place_in_the_order_are_left_to_botocore(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    placed = [*BUILTIN_HANDLERS, ("before-call.fsx", print, REGISTER_FIRST)]
    monkeypatch.setattr(_session, "BUILTIN_HANDLERS", placed)
    assert not isinstance(loader_of(new_session()), SlimLoader)


def loader_of(session: Session) -> object:
    return session.get_component("data_loader")


def test_a_session_of_our_own_reads_little() -> None:
    assert isinstance(loader_of(new_session()), SlimLoader)


def test_data_of_the_users_own_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_DATA_PATH, ~/.aws/models and plugins all have their say."""
    with monkeypatch.context() as patch:
        patch.setenv("AWS_DATA_PATH", str(tmp_path))
        loader = loader_of(new_session())
        assert not isinstance(loader, SlimLoader)
        assert str(tmp_path) in cast("Any", loader).search_paths
    with monkeypatch.context() as patch:
        patch.setattr(Loader, "CUSTOMER_DATA_PATH", str(tmp_path))
        assert not isinstance(loader_of(new_session()), SlimLoader)
    with monkeypatch.context() as patch:
        patch.setenv("BOTOCORE_EXPERIMENTAL__PLUGINS", "x=y")
        assert not isinstance(loader_of(new_session()), SlimLoader)
