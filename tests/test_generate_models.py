"""The generator of the models, and the models it has written."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, get_type_hints
from uuid import uuid4

import attrs
import botocore.session
import pytest
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from botocancel import errors
from botocancel.model import OpenEnum, Request, Response, Shape, WireError
from botocancel.services.fsx import models as fsx

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parent.parent
TOOL: Final = ROOT / "tools" / "generate_models.py"
SERVICES: Final = ("fsx", "datasync")

needs_ruff = pytest.mark.skipif(
    importlib.util.find_spec("ruff") is None, reason="the generator formats with ruff"
)


# ---- the generator ----


@attrs.frozen
class Toy:
    """A service that exists only in a test: a model for botocore, and a service folder."""

    data: Path
    folder: Path
    model: dict[str, Any]

    @classmethod
    def create(cls, directory: Path) -> Toy:
        return cls(
            data=directory / "data",
            folder=directory / "toy",
            model={
                "version": "2.0",
                "metadata": {
                    "apiVersion": "2020-01-01",
                    "endpointPrefix": "toy",
                    "protocol": "json",
                    "serviceFullName": "Toy",
                    "serviceId": "Toy",
                },
                "operations": {
                    "Stop": {
                        "name": "Stop",
                        "input": {"shape": "StopInput"},
                        "errors": [{"shape": "Gone"}],
                    }
                },
                "shapes": {
                    "StopInput": {
                        "type": "structure",
                        "required": ["ToyId"],
                        "members": {"ToyId": {"shape": "ToyId"}},
                    },
                    "ToyId": {"type": "string"},
                    "Gone": {"type": "structure", "members": {}, "exception": True},
                },
            },
        )

    def add(self, member: str, shape: str, **definitions: dict[str, Any]) -> None:
        """Add a member to the request, and the definitions of the shapes it needs."""
        self.model["shapes"]["StopInput"]["members"][member] = {"shape": shape}
        self.model["shapes"].update(definitions)

    def generate(
        self, operations: str = '["Stop"]', meanings: str = 'Gone = "NotFound"'
    ) -> subprocess.CompletedProcess[str]:
        """Write the model and the configuration, then run the tool on the folder."""
        model = self.data / "toy" / "2020-01-01" / "service-2.json"
        model.parent.mkdir(parents=True)
        model.write_text(json.dumps(self.model))
        self.folder.mkdir()
        (self.folder / "models.toml").write_text(
            'service = "toy"\nprefix = "Toy"\ntitle = "Amazon Toy"\n'
            'reference = "https://aws.example/toy"\n'
            'ref = "ToyRef"\ndetail = "StopResponse"\ncancel = "Stop"\n'
            f"operations = {operations}\n[errors]\n{meanings}\n"
        )
        return run("--service-folder", self.folder, data=self.data)

    def load(self, name: str) -> ModuleType:
        """Import a generated file."""
        package = ModuleType(f"toy_{uuid4().hex}")
        package.__path__ = [str(self.folder)]
        sys.modules[package.__name__] = package
        return importlib.import_module(f"{package.__name__}.{name}")


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    return Toy.create(tmp_path)


@pytest.fixture
def fsx_copy(tmp_path: Path) -> Path:
    source = ROOT / "src" / "botocancel" / "services" / "fsx"
    return shutil.copytree(source, tmp_path / "fsx")


def run(*arguments: object, data: Path | None = None) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, **({"AWS_DATA_PATH": str(data)} if data else {})}
    return subprocess.run(
        [sys.executable, TOOL, *map(str, arguments)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=environ,
    )


@needs_ruff
def test_check_finds_the_library_as_generated() -> None:
    """What is in the repository is what the tool writes."""
    done = run("--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_ruff
def test_check_prints_what_an_edit_changed_and_writes_nothing(fsx_copy: Path) -> None:
    """A generated file that was edited makes the check fail, with the difference in sight."""
    models = fsx_copy / "models.py"
    edited = models.read_text().replace("task_id: str\n", "task_id: bytes\n")
    models.write_text(edited)

    done = run("--check", "--service-folder", fsx_copy)

    assert done.returncode == 1
    assert "-    task_id: bytes\n+    task_id: str\n" in done.stdout
    assert models.read_text() == edited


@needs_ruff
def test_check_fails_where_a_generated_file_is_missing(fsx_copy: Path) -> None:
    """A service whose errors were never generated is not up to date."""
    (fsx_copy / "errors.py").unlink()

    done = run("--check", "--service-folder", fsx_copy)

    assert done.returncode == 1
    assert "+class FSxError(errors.ServiceError):" in done.stdout


@needs_ruff
def test_a_service_folder_anywhere_gets_its_generated_files(toy: Toy) -> None:
    """A third party's service is generated as the library's own are."""
    done = toy.generate()
    assert (done.returncode, done.stderr) == (0, "")

    models, toy_errors = toy.load("models"), toy.load("errors")
    request = models.StopRequest(toy_id="a")
    assert (request.service, request.operation, request.method) == ("toy", "Stop", "stop")
    assert request.to_wire() == {"ToyId": "a"}
    assert request.response_type is models.StopResponse
    assert issubclass(toy_errors.Gone, (toy_errors.ToyNotFound, errors.NotFound))
    assert run("--check", "--service-folder", toy.folder, data=toy.data).returncode == 0


@needs_ruff
def test_names_that_python_or_the_base_class_needs_get_an_underscore(toy: Toy) -> None:
    """No member of a model can break the class that is generated for it."""
    for member in ("Class", "Str", "Operation", "Metadata", "FromWire"):
        toy.add(member, "ToyId")
    toy.generate()

    wire = {"ToyId": "a", "Class": "b", "Str": "c", "Operation": "d", "Metadata": "e"}
    request = toy.load("models").StopRequest.from_wire(wire)

    assert (request.class_, request.str_, request.operation_) == ("b", "c", "d")
    assert (request.operation, request.metadata_, request.from_wire_) == ("Stop", "e", None)
    assert request.to_wire() == wire


@needs_ruff
def test_numbers_with_fractions_and_maps_of_strings_are_read(toy: Toy) -> None:
    """A map becomes pairs, which can be hashed as all of a shape can."""
    toy.add("Share", "Share", Share={"type": "double"})
    map_ = {"type": "map", "key": {"shape": "ToyId"}, "value": {"shape": "ToyId"}}
    toy.add("Names", "Names", Names=map_)
    toy.generate()

    kind = toy.load("models").StopRequest
    wire = {"ToyId": "a", "Share": 0.5, "Names": {"b": "c", "d": "e"}}
    request = kind.from_wire(wire)

    assert (request.share, request.names) == (0.5, (("b", "c"), ("d", "e")))
    assert request.to_wire() == wire
    assert hash(request) == hash(kind.from_wire(wire))
    for wrong in ({"Share": True}, {"Share": "1"}, {"Names": ["b"]}, {"Names": {"b": 1}}):
        with pytest.raises(WireError):
            kind.from_wire({"ToyId": "a", **wrong})


@needs_ruff
@pytest.mark.parametrize(
    "pattern", [r'^"?\d+\\$', "|".join(rf"^[a-z\-{n}]*:\\x$" for n in range(20))]
)
def test_the_pattern_of_an_id_is_kept_exactly(toy: Toy, pattern: str) -> None:
    """Quotes, backslashes and length do not change the constant."""
    toy.model["shapes"]["ToyId"] = {"type": "string", "pattern": pattern, "max": 9}
    toy.generate()

    patterns = toy.load("patterns")
    assert pattern == patterns.TOY_ID_PATTERN
    assert patterns.TOY_ID_LENGTH == (0, 9)


@needs_ruff
def test_html_becomes_plain_restructuredtext(toy: Toy) -> None:
    """Tags go, entities are decoded, and nothing is markup that the model did not mean so."""
    toy.model["operations"]["Stop"]["documentation"] = (
        "<p>Stops a <code>Toy</code>s motor &amp; <a href='x'>more</a>.</p> <p>All of:</p>"
        "<ul> <li> <p>one_ * two</p> </li> <li> <p>a|b</p> </li> </ul>"
        "<note> <p>It\N{RIGHT SINGLE QUOTATION MARK}s off.</p> </note>"
    )
    toy.generate()

    text = inspect.getdoc(toy.load("models").StopRequest)
    assert text is not None
    assert text.startswith(
        "Stops a ``Toy``\\ s motor & more.\n\nAll of:\n\n"
        "- one\\_ \\* two\n- a\\|b\n\nNote: It's off.\n\n"
    )


@pytest.mark.parametrize(
    ("shape", "definitions"),
    [
        ("Odd", {"Odd": {"type": "map", "key": {"shape": "ToyId"}, "value": {"shape": "Gone"}}}),
        ("Odd", {"Odd": {"type": "blob"}}),
        ("Odd", {"Odd": {"type": "structure", "members": {}, "union": True}}),
        ("Odd", {"Odd": {"type": "structure", "members": {}, "document": True}}),
        (
            "Odd",
            {
                "Odd": {"type": "list", "member": {"shape": "Inner"}},
                "Inner": {"type": "list", "member": {"shape": "ToyId"}},
            },
        ),
        (
            "Odd",
            {
                "Odd": {"type": "list", "member": {"shape": "Inner"}},
                "Inner": {"type": "string", "enum": ["A"]},
            },
        ),
    ],
    ids=["map of structures", "blob", "union", "document", "list of lists", "list of enums"],
)
def test_a_shape_that_cannot_be_read_is_refused_by_name(
    toy: Toy, shape: str, definitions: dict[str, Any]
) -> None:
    """The generator guesses nothing about shapes it was not made for."""
    toy.add("Strange", shape, **definitions)

    done = toy.generate()

    assert done.returncode == 2
    assert "toy: the member StopInput.Strange has the shape Odd" in done.stderr
    assert not (toy.folder / "models.py").exists()


@pytest.mark.parametrize(
    ("operations", "meanings", "complaint"),
    [
        ('["Stop"]', "", "an operation raises Gone, which is missing in [errors]"),
        (
            '["Stop"]',
            'Gone = "NotFound"\nLost = "NotFound"',
            "[errors] of models.toml has Lost, which no operation raises",
        ),
        ('["Stop"]', 'Gone = "Vanished"', "gives Gone the meaning Vanished, which does not exist"),
        ('["Halt"]', 'Gone = "NotFound"', "the model has no operation Halt"),
    ],
)
def test_a_configuration_that_does_not_fit_the_model_is_refused(
    toy: Toy, operations: str, meanings: str, complaint: str
) -> None:
    """The message names what is missing, superfluous or misspelt."""
    done = toy.generate(operations, meanings)

    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("key", ["service", "title", "reference", "cancel", "errors"])
def test_a_configuration_that_lacks_a_key_is_refused_by_its_name(tmp_path: Path, key: str) -> None:
    """A forgotten key is named."""
    folder = tmp_path / "fsx"
    folder.mkdir()
    whole = (ROOT / "src/botocancel/services/fsx/models.toml").read_text()
    (folder / "models.toml").write_text(
        re.sub(rf"^(\[?){key}\b", rf"\1x_{key}", whole, flags=re.MULTILINE)
    )

    done = run("--service-folder", folder)

    assert done.returncode == 2
    assert f"models.toml lacks '{key}'" in done.stderr


# ---- the generated models ----


def models_of(service: str) -> ModuleType:
    return importlib.import_module(f"botocancel.services.{service}.models")


def errors_of(service: str) -> ModuleType:
    return importlib.import_module(f"botocancel.services.{service}.errors")


@cache
def botocore_model(service: str) -> Any:  # noqa: ANN401 - botocore has no types
    loader: Any = botocore.session.get_session().get_component("data_loader")
    return ServiceModel(loader.load_service_model(service, "service-2"), service)


def shape_of(service: str, name: str) -> Any:  # noqa: ANN401 - botocore has no types
    """Return botocore's shape; skip the test where the installed botocore is too old for it."""
    model = botocore_model(service)
    if name not in model.shape_names:
        pytest.skip(f"this botocore has no {name}")
    return model.shape_for(name)


def public(service: str, base: type) -> Iterator[Any]:
    module = models_of(service)
    for name in module.__all__:
        value = getattr(module, name)
        if inspect.isclass(value) and issubclass(value, base):
            yield value


STRUCTURES: Final = [
    pytest.param(service, cls, id=f"{service}-{cls.__name__}")
    for service in SERVICES
    for cls in public(service, Shape)
]
ENUMERATIONS: Final = [
    pytest.param(service, cls, id=f"{service}-{cls.__name__}")
    for service in SERVICES
    for cls in public(service, OpenEnum)
]


class Examples:
    """Builds values that fit botocore's shapes, no two alike."""

    def __init__(self, *, full: bool) -> None:
        self.full = full
        self._numbers = itertools.count(1)

    def structure(self, shape: Any) -> dict[str, Any]:  # noqa: ANN401 - botocore has no types
        names = shape.members if self.full else shape.required_members
        return {name: self.value(shape.members[name]) for name in names}

    def value(self, shape: Any) -> object:  # noqa: ANN401 - botocore has no types
        number = next(self._numbers)
        match shape.type_name:
            case "structure":
                return self.structure(shape)
            case "list":
                return [self.value(shape.member) for _ in range(2)]
            case "string" if shape.enum:
                return shape.enum[number % len(shape.enum)]
            case "string":
                return f"value {number}".ljust(shape.metadata.get("min", 0), ".")
            case "integer" | "long":
                return number
            case "boolean":
                return bool(number % 2)
            case "timestamp":
                return datetime(2024, 2, 29, tzinfo=UTC) + timedelta(seconds=number)
            case unknown:
                raise AssertionError(unknown)


def with_lists(value: object) -> object:
    """Replace the tuples in what a model writes, which botocore takes as lists."""
    if isinstance(value, dict):
        return {name: with_lists(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [with_lists(part) for part in value]
    return value


@pytest.mark.parametrize("full", [True, False], ids=["full", "minimal"])
@pytest.mark.parametrize(("service", "cls"), STRUCTURES)
def test_what_is_read_is_written_the_same(service: str, cls: type[Shape], *, full: bool) -> None:
    """Every member survives the way in and out, and botocore takes what comes out."""
    shape = shape_of(service, cls.__name__)
    wire = Examples(full=full).structure(shape)

    written = cls.from_wire(wire).to_wire()

    assert with_lists(written) == wire
    report: Any = ParamValidator().validate(written, shape)
    assert not report.has_errors(), report.generate_report()


@pytest.mark.parametrize(("service", "cls"), STRUCTURES)
def test_a_missing_required_member_is_named(service: str, cls: type[Shape]) -> None:
    """What the model requires is insisted on."""
    shape = shape_of(service, cls.__name__)
    for name in shape.required_members:
        wire = Examples(full=True).structure(shape)
        del wire[name]
        with pytest.raises(WireError, match=rf"\b{name}\b"):
            cls.from_wire(wire)


@pytest.mark.parametrize(("service", "cls"), STRUCTURES)
def test_a_value_of_the_wrong_type_is_named(service: str, cls: type[Shape]) -> None:
    """No value of another type gets into a model."""
    shape = shape_of(service, cls.__name__)
    for name in shape.members:
        wire = {**Examples(full=True).structure(shape), name: object()}
        with pytest.raises(WireError, match=rf"\b{name}\b"):
            cls.from_wire(wire)


@pytest.mark.parametrize(("service", "cls"), STRUCTURES)
def test_unknown_members_are_ignored(service: str, cls: type[Shape]) -> None:
    """A member that AWS adds tomorrow breaks nothing today."""
    wire = Examples(full=True).structure(shape_of(service, cls.__name__))
    assert cls.from_wire({**wire, "Tomorrow": {}}) == cls.from_wire(wire)


@pytest.mark.parametrize(("service", "cls"), STRUCTURES)
def test_models_are_frozen_slotted_and_hashable(service: str, cls: type[Shape]) -> None:
    """A model is a value."""
    shape = shape_of(service, cls.__name__)
    one, other = (cls.from_wire(Examples(full=True).structure(shape)) for _ in range(2))
    assert (one, hash(one)) == (other, hash(other))
    assert not hasattr(one, "__dict__")
    for field in inspect.get_annotations(cls):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(one, field, None)


@pytest.mark.parametrize(("service", "cls"), STRUCTURES)
def test_the_types_of_the_fields_can_be_resolved(service: str, cls: type[Shape]) -> None:
    """Whoever reads the annotations at run time finds every name."""
    assert service in cls.__module__
    assert get_type_hints(cls).keys() >= inspect.get_annotations(cls).keys()


@pytest.mark.parametrize(("service", "cls"), ENUMERATIONS)
def test_documented_values_are_attributes(service: str, cls: type[OpenEnum]) -> None:
    """Each value that botocore documents is known, and has a name on the class."""
    named = {value for value in vars(cls).values() if isinstance(value, cls)}
    assert named == cls.values
    assert set(shape_of(service, cls.__name__).enum) <= cls.values


def test_an_unknown_value_is_kept() -> None:
    """A status that AWS adds tomorrow is read and written as it is."""
    wire = {**Examples(full=False).structure(shape_of("fsx", "DataRepositoryTask"))}
    task = fsx.DataRepositoryTask.from_wire({**wire, "Lifecycle": "DREAMING"})
    assert not task.lifecycle.known
    assert task.lifecycle == "DREAMING"
    assert task.to_wire()["Lifecycle"] == "DREAMING"


@pytest.mark.parametrize("service", SERVICES)
def test_a_request_knows_its_operation_and_its_response(service: str) -> None:
    """A request is enough to make the call, and to read its answer."""
    model = botocore_model(service)
    for request in public(service, Request):
        operation = model.operation_model(request.operation)
        assert request.service == service
        assert request.__name__ == f"{operation.name}Request"
        assert request.response_type.__name__ == f"{operation.name}Response"
        assert issubclass(request.response_type, Response)


def test_a_response_carries_its_metadata_and_never_writes_it() -> None:
    """The metadata is there to be read, and is no member."""
    response = models_of("fsx").CancelDataRepositoryTaskResponse.from_wire(
        {"ResponseMetadata": {"RequestId": "r", "HTTPStatusCode": 200, "RetryAttempts": 2}}
    )
    assert (response.metadata.request_id, response.metadata.attempts) == ("r", 3)
    assert response.to_wire() == {}


@pytest.mark.parametrize("service", SERVICES)
def test_ids_of_the_service_match_the_patterns(service: str) -> None:
    """The patterns are ones that Python reads as AWS meant them."""
    patterns = importlib.import_module(f"botocancel.services.{service}.patterns")
    arn = "arn:aws:datasync:us-east-1:111122223333:task/task-0123456789abcdef0"
    examples = {
        "fsx": {"TASK_ID": "task-0123456789abcdef0", "FILE_SYSTEM_ID": "fs-0123456789abcdef0"},
        "datasync": {
            "TASK_ARN": arn,
            "TASK_EXECUTION_ARN": f"{arn}/execution/exec-0123456789abcdef0",
        },
    }
    for name, example in examples[service].items():
        least, most = getattr(patterns, f"{name}_LENGTH")
        assert least <= len(example) <= most
        pattern = getattr(patterns, f"{name}_PATTERN")
        assert re.fullmatch(pattern, example)
        assert not re.fullmatch(pattern, f"x{example}")


@pytest.mark.parametrize("service", SERVICES)
def test_no_tag_is_left_in_the_documentation(service: str) -> None:
    """The documentation is text."""
    for module in (models_of(service), errors_of(service)):
        source = inspect.getsource(module)
        assert not re.search(r"</?(?:[abip]|code|li|ul|note|important)\b[^>]*>|&\w+;", source)


# ---- the generated errors ----


@pytest.mark.parametrize("service", SERVICES)
def test_every_meaning_has_a_leaf_of_the_service(service: str) -> None:
    """Whatever can happen has a class that says so of this service."""
    module = errors_of(service)
    base = module.BY_MEANING[errors.ServiceError]
    meanings = {
        value
        for value in vars(errors).values()
        if inspect.isclass(value) and issubclass(value, errors.ServiceError)
    }
    assert set(module.BY_MEANING) == meanings
    for meaning, leaf in module.BY_MEANING.items():
        assert issubclass(leaf, meaning)
        assert issubclass(leaf, base)
        assert leaf.service == service
        for parent in meaning.__bases__:
            assert issubclass(leaf, module.BY_MEANING.get(parent, parent))


@pytest.mark.parametrize("service", SERVICES)
def test_every_modelled_error_has_a_class(service: str) -> None:
    """The codes are those of the operations' model, and each class is a leaf of the service."""
    module = errors_of(service)
    model = botocore_model(service)
    modelled = {
        shape.name
        for request in public(service, Request)
        for shape in model.operation_model(request.operation).error_shapes
    }
    assert set(module.BY_CODE) == modelled
    for code, cls in module.BY_CODE.items():
        assert cls.__name__ == code
        assert cls.__base__ in module.BY_MEANING.values()


@pytest.mark.parametrize(
    ("service", "code", "member", "field"),
    [
        ("fsx", "ServiceLimitExceeded", "Limit", "limit"),
        ("fsx", "IncompatibleParameterError", "Parameter", "parameter"),
        ("datasync", "InternalException", "errorCode", "error_code"),
        ("datasync", "InvalidRequestException", "errorCode", "error_code"),
        ("datasync", "InvalidRequestException", "datasyncErrorCode", "datasync_error_code"),
    ],
)
def test_the_members_of_an_error_can_be_read(
    service: str, code: str, member: str, field: str
) -> None:
    """What the service says besides the message has a name; None where it says nothing."""
    cls = errors_of(service).BY_CODE[code]
    answer = {"Error": {"Code": code, "Message": "no"}}
    assert getattr(cls({**answer, member: "x"}, "Stop"), field) == "x"
    assert getattr(cls(answer, "Stop"), field) is None
