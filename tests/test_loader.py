"""Clients made from cut-down data say what clients made from all of botocore's data say."""

from __future__ import annotations

import copy
import gzip
import importlib
import json
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, cast

import pytest
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import UnknownServiceError
from botocore.handlers import REGISTER_FIRST, REGISTER_LAST
from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session
from botocore.utils import parse_timestamp

from botocancel import _loader, _session
from botocancel._loader import SlimLoader
from botocancel._session import new_session, timestamp
from botocancel.model import Request
from botocancel.services._builtin import CLIENTS
from botocancel.testing._models import botocore_is_older
from tests.network import LOADER, Body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from botocore.awsrequest import AWSPreparedRequest

ENDPOINTS: Final = LOADER.load_data("endpoints")
PARTITIONS: Final = LOADER.load_data("partitions")
REGIONS: Final = sorted(
    {
        *(region for each in ENDPOINTS["partitions"] for region in each["regions"]),
        *(region for each in PARTITIONS["partitions"] for region in each["regions"]),
        *("xx-new-1", "us-new-9", "cn-new-9", "us-gov-new-9"),
    }
    - {f"{each['partition']}-global" for each in ENDPOINTS["partitions"]}
)
"""Those of all partitions, and some that are newer than botocore."""
SLIM: Final = SlimLoader()
INSTALLED: Final = frozenset(LOADER.list_available_services("service-2"))
"""An older botocore knows fewer services."""
CREDENTIALS: Final = {
    "signin": ["CreateOAuth2Token"],
    "sso": ["GetRoleCredentials"],
    "sso-oidc": ["CreateToken", "RegisterClient"],
    "sts": ["AssumeRole", "AssumeRoleWithWebIdentity", "GetCallerIdentity"],
}
"""What is asked of those who give credentials."""
VARIANTS: Final = {
    "plain": Config(),
    "FIPS": Config(use_fips_endpoint=True),
    "dual-stack": Config(use_dualstack_endpoint=True),
    "both": Config(use_fips_endpoint=True, use_dualstack_endpoint=True),
}

# A signature covers the time; all that it covers besides is compared.
_CHANGING: Final = re.compile(rb"Signature=[0-9a-f]+|\d{8}T\d{6}Z|(?<=/)\d{8}(?=/)")
_RANDOM: Final = {"amz-sdk-invocation-id", "User-Agent", "X-Amzn-Trace-Id"}


@pytest.fixture(autouse=True)
def _no_data_of_the_machines_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Loader, "CUSTOMER_DATA_PATH", "/nonexistent")
    monkeypatch.delenv("AWS_DATA_PATH", raising=False)


# --- what is sent --------------------------------------------------------------------------


def operations_of(service: str) -> Iterator[str]:
    """Yield the operations that have a request."""
    module = importlib.import_module(f"botocancel.services.{service.replace('-', '_')}.models")
    for name in module.__all__:
        cls = getattr(module, name)
        if issubclass(cls, Request) and cls is not Request:
            yield cls.operation


def example_of(shape: Any, cut: Any, within: frozenset[str] = frozenset()) -> Any:  # noqa: ANN401  (botocore's shapes are not typed)
    """Return a value with every member that a shape and its cut-down one both have.

    A structure that is within one of the same shape has its plain members alone.
    """
    match shape.type_name:
        case "structure":
            members = {name: each for name, each in shape.members.items() if name in cut.members}
            if shape.name in within:
                nested = {"structure", "list", "map"}
                members = {n: each for n, each in members.items() if each.type_name not in nested}
            inner = within | {shape.name}
            return {n: example_of(each, cut.members[n], inner) for n, each in members.items()}
        case "list":
            made = example_of(shape.member, cut.member, within)
            return [made] * max(1, shape.metadata.get("min", 1))
        case "map":
            return {"key": example_of(shape.value, cut.value, within)}
        case "string":
            return shape.enum[0] if shape.enum else "x" * max(1, shape.metadata.get("min", 1))
        case "boolean":
            return True
        case "timestamp":
            return 1_700_000_000
        case _:
            return max(1, shape.metadata.get("min", 1))


class Said(NamedTuple):
    """What a client says of itself, and all that it sends; or why there is none."""

    sent: object
    endpoint: str = ""


class Both:
    """A session that reads little and one that reads all, which are told to send the same."""

    def __init__(self, **variables: object) -> None:
        self._sent: list[object] = []
        self._slim = self._prepared(new_session(), variables)
        self._full = self._prepared(Session(), variables)
        self._full.register_component("data_loader", LOADER)  # it has read much already

    def _prepared(self, session: Session, variables: Mapping[str, object]) -> Session:
        files = {"config_file": "/dev/null", "credentials_file": "/dev/null"}
        for name, value in {**files, **variables}.items():
            session.set_config_variable(name, value)
        session.set_credentials("AKIDEXAMPLE", "secret")
        session.register("before-send", cast("Any", self._answer))
        return session

    def _answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        headers = {
            name: _CHANGING.sub(b"", value if isinstance(value, bytes) else str(value).encode())
            for name, value in cast("Any", request.headers).items()
            if name not in _RANDOM
        }
        self._sent.append((request.method, request.url, headers, request.body))
        return AWSResponse(str(request.url), 200, cast("Any", {}), cast("Any", Body(b"{}")))

    def calls(self, service: str, operations: Iterable[str]) -> dict[str, Any]:
        """Return the methods that an installed botocore has for operations, and what to give."""
        slim, full = (each.get_service_model(service) for each in (self._slim, self._full))
        return {
            xform_name(name): example_of(
                full.operation_model(name).input_shape, slim.operation_model(name).input_shape
            )
            for name in sorted({*operations} & {*full.operation_names})
        }

    def say(
        self, service: str, region: str | None, calls: Mapping[str, Any], **settings: object
    ) -> tuple[Said, Said]:
        """Return what the client of each session says."""

        def said(session: Session) -> Said:
            self._sent.clear()
            try:
                client = cast("Any", session).create_client(service, region, **settings)
            except Exception as error:  # noqa: BLE001  (what fails has to fail the same)
                return Said(repr(error))
            for name, given in calls.items():
                try:
                    getattr(client, name)(**given)
                except Exception as error:  # noqa: BLE001
                    self._sent.append(repr(error))
            meta = client.meta
            return Said((meta.region_name, meta.partition, *self._sent), meta.endpoint_url)

        return said(self._slim), said(self._full)


def installed(service: str) -> str:
    if service not in INSTALLED:
        pytest.skip("botocore does not know the service")
    return service


@pytest.mark.parametrize("service", CLIENTS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_operation_sends_the_same_bytes_in_every_region(service: str, variant: str) -> None:
    both = Both()
    calls = both.calls(installed(service), operations_of(service))
    if not calls and botocore_is_older():
        pytest.skip("botocore knows none of the operations")
    assert calls
    for region in REGIONS:
        slim, full = both.say(service, region, calls, config=VARIANTS[variant])
        assert slim.sent == full.sent, region
        assert slim.endpoint == full.endpoint or variant in {"FIPS", "both"}, region


@pytest.mark.parametrize("service", CREDENTIALS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_who_gives_credentials_is_sent_the_same_bytes_in_every_region(
    service: str, variant: str
) -> None:
    both = Both()
    calls = both.calls(installed(service), CREDENTIALS[service])
    for region in (*REGIONS, None):
        slim, full = both.say(service, region, calls, config=VARIANTS[variant])
        assert slim.sent == full.sent, region


@pytest.mark.parametrize("service", CLIENTS)
def test_hosts_of_fips_endpoints_are_named_as_before(service: str) -> None:
    """So that a proxy is gone round by the same setting."""
    both = Both(use_fips_endpoint=True)
    for region in ("us-east-1", "us-gov-west-1"):
        slim, full = both.say(installed(service), region, {})
        assert slim == full


@pytest.mark.parametrize("service", CLIENTS)
def test_a_custom_endpoint_is_called_the_same(service: str) -> None:
    both = Both()
    calls = both.calls(installed(service), operations_of(service))
    url = "https://vpce.example:8443/path"
    slim, full = both.say(service, "eu-west-1", calls, endpoint_url=url)
    assert slim == full


@pytest.mark.parametrize(
    ("service", "calls"),
    {
        "events": {"cancel_replay": {"ReplayName": "r"}},
        "glacier": {"list_vaults": {}},  # to which botocore adds an account and a header
    }.items(),
)
def test_a_service_of_a_kind_that_a_package_adds_is_called_the_same(
    service: str, calls: dict[str, Any]
) -> None:
    """What botocore does for that service alone included."""
    slim, full = Both().say(service, "eu-west-1", calls)
    assert slim == full


def test_handlers_keep_their_place_in_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []

    def note(name: str) -> Callable[..., None]:
        def handler(**_: object) -> None:
            called.append(name)

        return handler

    events = [("before-call.fsx", note("last"), REGISTER_LAST), ("before-call.fsx", note("next"))]
    placed = [*events, ("before-call.fsx", note("first"), REGISTER_FIRST)]
    monkeypatch.setattr(_session, "BUILTIN_HANDLERS", placed)
    new_session().get_component("event_emitter").emit("before-call.fsx.X")
    assert called == ["first", "next", "last"]


# --- what is read --------------------------------------------------------------------------


def test_little_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cut-down data are in use with every botocore, and none is read twice."""
    read: list[str] = []
    load_file = JSONFileLoader.load_file

    def noting(self: JSONFileLoader, file_path: str) -> Any:  # noqa: ANN401
        found = load_file(self, file_path)
        if found is not None:
            read.append(Path(file_path).relative_to(Loader.BUILTIN_DATA_PATH).as_posix())
        return found

    monkeypatch.setattr(JSONFileLoader, "load_file", noting)
    session = new_session()
    for region in ("us-east-1", "eu-west-1"):
        session.create_client("fsx", region)
    needed = {"partitions", "fsx/2018-03-01/endpoint-rule-set-1"}
    assert needed <= {*read} <= {*needed, "_retry", "sdk-default-configuration"}
    assert len(read) == len({*read})


@pytest.mark.parametrize("service", CLIENTS)
def test_a_cut_down_model_fits_what_is_installed(service: str) -> None:
    """It has the operations and all errors, and speaks as the installed one does."""
    slim, full = (
        each.load_service_model(installed(service), "service-2") for each in (SLIM, LOADER)
    )
    if slim == full and botocore_is_older():
        pytest.skip("botocore calls the service otherwise, and its model is read in full")
    assert {*slim["operations"]} == {*operations_of(service)}
    assert slim["metadata"] == full["metadata"]
    errors = {name for name, shape in full["shapes"].items() if shape.get("exception")}
    assert errors <= slim["shapes"].keys()
    for name in slim["shapes"].keys() & full["shapes"].keys():
        assert slim["shapes"][name]["type"] == full["shapes"][name]["type"]


def partition_of(session: Session, region: str) -> object:
    try:
        return session.get_partition_for_region(region)
    except Exception as error:  # noqa: BLE001  (what fails has to fail the same)
        return repr(error)


def test_every_region_is_in_the_same_partition() -> None:
    slim, full = new_session(), Session()
    for region in (*REGIONS, "aws-global", "mars"):
        assert partition_of(slim, region) == partition_of(full, region)


# --- the full way --------------------------------------------------------------------------

Change: TypeAlias = "Callable[[dict[str, Any], dict[str, Any]], object]"
CHANGES: Final[Mapping[str, Change]] = {
    "another protocol": lambda model, _: model["metadata"].update(protocol="rest-json"),
    "one protocol more": lambda model, _: model["metadata"].update(protocols=["json", "new"]),
    "another way to authenticate": lambda model, _: model["metadata"].update(auth=["new"]),
    "another signing name": lambda model, _: model["metadata"].update(signingName="new"),
    "something new of the service": lambda model, _: model["metadata"].update(new=True),
    "no metadata at the head": lambda model, _: model["metadata"].update(serviceId="x" * 5000),
    "a parameter of the rules that an operation sets": lambda _, rules: rules["parameters"].update(
        New={"type": "string"}
    ),
}


def unchanged(_model: dict[str, Any], _rules: dict[str, Any]) -> None: ...


class Installed:
    """A botocore that has changed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._folder = folder
        monkeypatch.setattr(Loader, "BUILTIN_DATA_PATH", str(folder))

    def write(self, change: Change, version: str = "2018-03-01") -> dict[str, Any]:
        """Write the model of FSx, changed; return it."""
        kinds = ("service-2", "endpoint-rule-set-1")
        model, rules = (
            cast("dict[str, Any]", copy.deepcopy(LOADER.load_service_model("fsx", kind)))
            for kind in kinds
        )
        change(model, rules)
        for kind, data in zip(kinds, (model, rules), strict=True):
            path = self._folder / "fsx" / version / f"{kind}.json.gz"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(gzip.compress(json.dumps(data).encode()))
        return model


@pytest.fixture
def botocore(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Installed:
    return Installed(monkeypatch, tmp_path)


def fsx_model() -> dict[str, Any]:
    return cast("dict[str, Any]", SlimLoader().load_service_model("fsx", "service-2"))


@pytest.mark.parametrize("what", CHANGES)
def test_a_service_that_is_called_otherwise_is_read_in_full(what: str, botocore: Installed) -> None:
    model = botocore.write(CHANGES[what])
    assert fsx_model() == model


def test_another_version_of_the_api_is_read_in_full(botocore: Installed) -> None:
    botocore.write(unchanged)
    assert len(fsx_model()["operations"]) < 10
    model = botocore.write(
        lambda model, _: model["metadata"].update(apiVersion="2030-01-01"), "2030-01-01"
    )
    assert fsx_model() == model


def test_an_older_botocore_may_know_fewer_protocols_and_titles(botocore: Installed) -> None:
    def older(model: dict[str, Any], _: object) -> None:
        for name in ("auth", "protocols", "serviceFullName"):
            model["metadata"].pop(name, None)

    model = botocore.write(older)
    assert fsx_model()["operations"].keys() < model["operations"].keys()
    assert fsx_model()["metadata"] == model["metadata"]


def test_partitions_of_another_form_are_read_in_full(botocore: Installed, tmp_path: Path) -> None:
    botocore.write(unchanged)
    (tmp_path / "partitions.json").write_text('{"partitions": [{"id": "aws"}]}')
    (tmp_path / "endpoints.json").write_text('{"partitions": []}')
    assert SlimLoader().load_data("endpoints") == {"partitions": []}


def test_missing_data_are_no_harm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(_loader, "_SERVICES", tmp_path)
    assert fsx_model() == LOADER.load_service_model("fsx", "service-2")


def test_a_service_that_there_is_not_is_told_as_before() -> None:
    with pytest.raises(UnknownServiceError, match=r"(?s)'no-service'.*fsx"):
        SlimLoader().load_service_model("no-service", "service-2")


def test_extras_of_a_model_are_taken_in(botocore: Installed, tmp_path: Path) -> None:
    """botocore may bring additions to a model in a file of their own."""
    model = botocore.write(unchanged)
    extras = tmp_path / "fsx" / "2018-03-01" / "service-2.sdk-extras.json"
    extras.write_text('{"merge": {"metadata": {"more": 1}}}')
    assert fsx_model() == {**model, "metadata": {**model["metadata"], "more": 1}}


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


# --- timestamps ----------------------------------------------------------------------------


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
