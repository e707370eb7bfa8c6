"""The generator of the models, and the models it has written."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import itertools
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from copy import copy, deepcopy
from datetime import UTC, datetime, timedelta
from functools import cache, partial
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
from botocancel._values import reader_of
from botocancel.generate._configuration import Configuration
from botocancel.generate._errors_source import errors_source
from botocancel.generate._models_source import models_source
from botocancel.generate._service_model import Service
from botocancel.model import FrozenMap, OpenEnum, Request, Response, Shape, WireError
from botocancel.services import Form, kind_named
from botocancel.services.fsx import models as fsx
from botocancel.testing._models import botocore_is_older

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocancel.identity import Id

ROOT: Final = Path(__file__).resolve().parent.parent
SERVICES: Final = ("fsx", "datasync")
GENERATE: Final = ("-m", "botocancel.generate")


# ---- the generator ----


@attrs.frozen
class Toy:
    """A service that exists only in a test: a model for botocore, and a package's folder."""

    data: Path
    folder: Path
    model: dict[str, Any]
    configuration: dict[str, Any]

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
                        "output": {"shape": "StopOutput"},
                        "errors": [{"shape": "Gone"}],
                    }
                },
                "shapes": {
                    "StopInput": {
                        "type": "structure",
                        "required": ["ToyId"],
                        "members": {"ToyId": {"shape": "ToyId"}},
                    },
                    "StopOutput": {
                        "type": "structure",
                        "required": ["ToyId"],
                        "members": {"ToyId": {"shape": "ToyId"}},
                    },
                    "ToyId": {"type": "string"},
                    "Gone": {"type": "structure", "members": {}, "exception": True},
                },
            },
            configuration={
                "client": "toy",
                "title": "Amazon Toy",
                "prefix": "Toy",
                "reference": "https://aws.example/toy",
                "operations": ["Stop"],
                "errors": {"NotFound": ["Gone"]},
            },
        )

    def add(
        self, member: str, shape: str, part: str = "StopInput", **definitions: dict[str, Any]
    ) -> None:
        """Add a member to a structure, and the definitions of the shapes it needs."""
        self.model["shapes"][part]["members"][member] = {"shape": shape}
        self.model["shapes"].update(definitions)

    def generate(
        self, *literals: dict[str, Any], after: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Write the model and a file for each literal, then run the generator on the folder.

        Args:
            *literals: What is generated; by default the configuration.
            after: What else stands in each file.
        """
        model = self.data / "toy" / "2020-01-01" / "service-2.json"
        model.parent.mkdir(parents=True, exist_ok=True)
        model.write_text(json.dumps(self.model))
        self.folder.mkdir(exist_ok=True)
        for number, literal in enumerate(literals or (self.configuration,)):
            (self.folder / f"kind{number}.py").write_text(
                f"import nowhere\n\nMODELS = {literal!r}\n{after}\n"
            )
        return run(*GENERATE, self.folder, data=self.data)

    def load(self, name: str = "models") -> ModuleType:
        """Import a generated file."""
        package = ModuleType(f"toy_{uuid4().hex}")
        package.__path__ = [str(self.folder)]
        sys.modules[package.__name__] = package
        return importlib.import_module(f"{package.__name__}.{name}")


def structure(**members: str) -> dict[str, Any]:
    return {
        "type": "structure",
        "members": {name: {"shape": shape} for name, shape in members.items()},
    }


def list_of(shape: str) -> dict[str, Any]:
    return {"type": "list", "member": {"shape": shape}}


def map_of(shape: str) -> dict[str, Any]:
    return {"type": "map", "key": {"shape": "ToyId"}, "value": {"shape": shape}}


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
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=environ,
    )


@pytest.mark.skipif(botocore_is_older(), reason="this botocore has other models")
def test_check_finds_the_library_as_generated() -> None:
    """What is in the repository is what the tool writes."""
    done = run(ROOT / "tools" / "generate_models.py", "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_check_prints_what_an_edit_changed_and_writes_nothing(fsx_copy: Path) -> None:
    """A generated file that was edited makes the check fail, with the difference in sight."""
    models = fsx_copy / "models.py"
    edited = models.read_text().replace("task_id: str =", "task_id: bytes =")
    models.write_text(edited)

    done = run(*GENERATE, fsx_copy, "--check")

    assert done.returncode == 1
    assert '-    task_id: bytes = required("TaskId")\n+    task_id: str = req' in done.stdout
    assert models.read_text() == edited


def test_check_fails_where_a_generated_file_is_missing(fsx_copy: Path) -> None:
    """A service whose errors were never generated is not up to date."""
    (fsx_copy / "errors.py").unlink()

    done = run(*GENERATE, fsx_copy, "--check")

    assert done.returncode == 1
    assert "+class FSxError(errors.ServiceError):" in done.stdout


def test_a_folder_anywhere_gets_its_generated_files(toy: Toy) -> None:
    """A third party's service is generated as the library's own are; its files are not run."""
    done = toy.generate()
    assert (done.returncode, done.stderr) == (0, "")

    models, toy_errors = toy.load("models"), toy.load("errors")
    request = models.StopRequest(toy_id="a")
    assert (request.service, request.operation, request.method) == ("toy", "Stop", "stop")
    assert request.to_wire() == {"ToyId": "a"}
    assert request.response_type is models.StopResponse
    assert issubclass(toy_errors.Gone, (toy_errors.ToyNotFound, errors.NotFound))
    assert run(*GENERATE, toy.folder, "--check", data=toy.data).returncode == 0


def test_the_literals_of_a_folder_are_united(toy: Toy) -> None:
    """Two kinds of one client have their models in one file."""
    toy.model["operations"]["Start"] = {"name": "Start"}
    second = {**toy.configuration, "operations": ["Start"], "errors": {}}
    assert toy.generate(toy.configuration, second).stderr == ""
    models = toy.load()
    assert {"StopRequest", "StartRequest"} <= set(models.__all__)


def test_an_error_without_a_model_is_a_row(toy: Toy) -> None:
    """What a service is known to answer besides its model has its meaning too."""
    toy.configuration["errors"]["InternalException"] = ["ToyBroken"]
    toy.generate()
    module = toy.load("errors")
    assert {"Gone": module.Gone, "ToyBroken": module.ToyInternalException} == module.BY_CODE


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("ToyNotFoundException", errors.NotFound),
        ("ToyDoesNotExist", errors.NotFound),
        ("InvalidToy", errors.InvalidRequest),
        ("InternalToyFault", errors.InternalException),
        ("ToyAlreadyExists", errors.Conflict),
        ("UnsupportedToy", errors.Unsupported),
        ("ToyLimitExceeded", errors.LimitExceeded),
    ],
)
def test_an_error_whose_name_tells_what_it_means_need_not_be_listed(
    toy: Toy, code: str, meaning: type[errors.ServiceError]
) -> None:
    toy.model["operations"]["Stop"]["errors"].append({"shape": code})
    toy.model["shapes"][code] = structure()
    toy.generate()
    assert issubclass(toy.load("errors").BY_CODE[code], meaning)


def test_what_is_said_of_an_error_stands_before_what_its_name_tells(toy: Toy) -> None:
    toy.model["operations"]["Stop"]["errors"].append({"shape": "InvalidToyState"})
    toy.model["shapes"]["InvalidToyState"] = structure()
    toy.configuration["errors"]["TaskEnded"] = ["InvalidToyState"]
    toy.generate()
    assert issubclass(toy.load("errors").BY_CODE["InvalidToyState"], errors.TaskEnded)


def test_the_operations_are_those_whose_requests_the_file_uses(toy: Toy) -> None:
    """What is no operation of the service is not meant; what starts a task is seen by `Start`."""
    del toy.configuration["operations"], toy.configuration["client"]
    toy.model["operations"]["Begin"] = {"name": "Begin", "input": {"shape": "BeginInput"}}
    toy.model["shapes"]["BeginInput"] = structure(Outer="Outer")
    toy.model["shapes"]["Outer"] = structure(Id="ToyId")
    uses = "d.Start(request=lambda: m.BeginRequest), m.StopRequest(), errors.InvalidRequest"
    assert toy.generate(after=f"KIND = lambda: ({uses})").stderr == ""
    models = toy.load()
    assert {"StopRequest", "BeginRequest", "Outer"} <= set(models.__all__)
    assert models.StopRequest.service == "toy"


def test_an_error_that_any_service_may_answer_need_not_be_listed(toy: Toy) -> None:
    toy.model["operations"]["Stop"]["errors"].append({"shape": "ThrottlingException"})
    toy.model["shapes"]["ThrottlingException"] = structure()
    toy.generate()
    module = toy.load("errors")
    assert issubclass(module.BY_CODE["ThrottlingException"], errors.Throttled)


def test_the_members_of_an_error_have_their_types(toy: Toy) -> None:
    """What holds others stays where botocore puts it, in the response."""
    toy.model["shapes"].update(Seconds={"type": "integer"}, Ids=list_of("ToyId"))
    toy.model["shapes"]["Gone"] = structure(Message="ToyId", After="Seconds", Others="Ids")
    toy.generate()
    gone = toy.load("errors").Gone
    error = gone({"Error": {"Code": "Gone"}, "After": 3, "Others": ["a"]}, "Stop")
    assert error.after == 3
    assert not hasattr(error, "others")
    assert gone({"Error": {"Code": "Gone"}, "After": "soon"}, "Stop").after is None


def test_names_that_python_or_the_base_class_needs_get_an_underscore(toy: Toy) -> None:
    """No member of a model can break the class that is generated for it."""
    wire = {"ToyId": "a", "Class": "b", "Str": "c", "Operation": "d", "Metadata": "e"}
    for member in (*wire, "FromWire", "toy-id", "Plan", "Members", "1st"):
        toy.add(member, "ToyId")
    toy.generate()

    request = toy.load().StopRequest.from_wire(wire)

    assert (request.class_, request.str_, request.operation_) == ("b", "c", "d")
    assert (request.operation, request.metadata_, request.from_wire_) == ("Stop", "e", None)
    assert (request.toy_id, request.toy_id_, request.member_1st) == ("a", None, None)
    assert request.to_wire() == wire
    assert toy.load().StopRequest(toy_id="a", plan="p", members="m").plan == "p"


SHAPES: Final[dict[str, tuple[dict[str, Any], str, object, object]]] = {
    "number": ({"type": "double"}, "float | None", 0.5, 0.5),
    "blob": ({"type": "blob"}, "bytes | None", b"a", b"a"),
    "list of numbers": (list_of("Number"), "tuple[int, ...] | None", [1, 2], (1, 2)),
    "list of lists": (
        list_of("Numbers"),
        "tuple[tuple[int, ...], ...] | None",
        [[1], []],
        ((1,), ()),
    ),
    "map of texts": (map_of("ToyId"), "FrozenMap[str] | None", {"a": "b"}, FrozenMap({"a": "b"})),
    "map of structures": (
        map_of("Pair"),
        "FrozenMap[FrozenMap[Plain]] | None",
        {"a": {"Left": "l"}},
        FrozenMap({"a": FrozenMap({"Left": "l"})}),
    ),
    "document": (
        {"type": "structure", "members": {}, "document": True},
        "Plain",
        {"a": [1, None, {"b": True}]},
        FrozenMap({"a": (1, None, FrozenMap({"b": True}))}),
    ),
    "union": (
        {**structure(Left="ToyId", Right="Number"), "union": True},
        "FrozenMap[Plain] | None",
        {"Right": 1},
        FrozenMap({"Right": 1}),
    ),
    "list of enumerated texts": (list_of("Choice"), "tuple[str, ...] | None", ["A"], ("A",)),
    "a list that holds itself": (list_of("Odd"), "tuple[Plain, ...] | None", [[[]]], (((),),)),
    "a structure that holds itself": (
        structure(Odd="Odd"),
        "FrozenMap[Plain] | None",
        {"Odd": {"Odd": {}}},
        FrozenMap({"Odd": FrozenMap({"Odd": FrozenMap()})}),
    ),
}
"""Shapes, what their members are annotated with, a value that botocore parsed, and ours."""


@pytest.mark.parametrize("kind", SHAPES)
def test_every_kind_of_shape_is_read_and_written(toy: Toy, kind: str) -> None:
    """What has no class is a value that cannot change, and can be hashed and pickled."""
    definition, annotation, wire, value = SHAPES[kind]
    toy.add(
        "Odd",
        "Odd",
        Odd=definition,
        Number={"type": "integer"},
        Numbers=list_of("Number"),
        Pair=structure(Left="ToyId", Right="ToyId"),
        Choice={"type": "string", "enum": ["A", "B"]},
    )
    assert toy.generate().stderr == ""

    request_type = toy.load().StopRequest
    request = request_type.from_wire({"ToyId": "a", "Odd": wire})

    assert inspect.get_annotations(request_type)["odd"] == annotation
    assert request.odd == value
    assert with_lists(request.to_wire()) == {"ToyId": "a", "Odd": wire}
    assert hash(request) == hash(request_type(toy_id="a", odd=value))
    assert pickle.loads(pickle.dumps(value)) == value
    with pytest.raises(WireError, match="Odd"):
        request_type.from_wire({"ToyId": "a", "Odd": object()})


def test_a_frozen_map_cannot_change() -> None:
    items: FrozenMap[int] = FrozenMap({"a": 1})
    assert (dict(items), len(items), repr(items)) == ({"a": 1}, 1, "FrozenMap({'a': 1})")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        items.more = 2
    with pytest.raises(TypeError):
        items["a"] = 2  # type: ignore[index]  # pyright: ignore[reportIndexIssue]
    assert items == FrozenMap([("a", 1)])
    assert {items: 1}[FrozenMap({"a": 1})] == 1


@pytest.fixture
def nested(toy: Toy) -> Toy:
    """A toy with structures in structures, in its answer and in its parameters."""
    parts = {
        "Outer": structure(Inner="Inner", State="State"),
        "Inner": structure(Innermost="Innermost"),
        "Innermost": structure(Text="ToyId"),
        "Outers": list_of("Outer"),
        "Wanted": structure(Text="ToyId"),
        "State": {"type": "string", "enum": ["ON", "OFF"]},
    }
    toy.add("Items", "Outers", "StopOutput", **parts)
    toy.add("Wanted", "Wanted")
    return toy


@pytest.mark.parametrize(
    ("more", "classes"),
    [
        ({}, {"Outer"}),
        ({"start": ["Stop"]}, {"Outer", "Wanted"}),
        ({"typed": ["Inner", "State"]}, {"Outer", "Inner", "State"}),
        ({"typed": "all"}, {"Outer", "Inner", "Innermost", "Wanted", "State"}),
    ],
    ids=["nothing else", "start", "listed", "all"],
)
def test_structures_directly_in_an_answer_have_classes_and_others_where_listed(
    nested: Toy, more: dict[str, Any], classes: set[str]
) -> None:
    nested.configuration.update(more)
    assert nested.generate().stderr == ""
    models = nested.load()
    assert {*models.__all__} - {"StopRequest", "StopResponse"} == classes
    wire = {"Items": [{"Inner": {"Innermost": {"Text": "a"}}, "State": "ON"}]}
    answer = models.StopResponse.from_wire(wire)
    assert with_lists(answer.to_wire()) == wire
    assert hash(answer) == hash(models.StopResponse.from_wire(wire))


def test_the_values_of_an_enumeration_without_a_class_are_documented(nested: Toy) -> None:
    nested.generate()
    assert "One of ``ON``, ``OFF``." in (nested.folder / "models.py").read_text()


def test_of_an_answer_only_what_is_needed_is_insisted_on(toy: Toy) -> None:
    toy.generate()
    assert toy.load().StopResponse.from_wire({}).toy_id is None
    toy.configuration["needed"] = ["StopResponse.ToyId"]
    toy.generate()
    with pytest.raises(WireError, match="it lacks ToyId, which its shape requires"):
        toy.load().StopResponse.from_wire({})


def test_a_stream_is_left_out(toy: Toy) -> None:
    """It can be read once only, so it is no value."""
    toy.add("Events", "Events", "StopOutput", Events={**structure(), "eventstream": True})
    toy.add("Body", "Body", "StopOutput", Body={"type": "blob", "streaming": True})
    toy.generate()
    response = toy.load().StopResponse
    assert not hasattr(response, "body")
    assert "Left out, for it comes as a stream: ``Events``, ``Body``." in str(response.__doc__)


def test_the_documentation_is_one_sentence_of_plain_restructuredtext(toy: Toy) -> None:
    """Tags go, entities are decoded, and nothing is markup that the model did not mean so."""
    toy.model["operations"]["Stop"]["documentation"] = (
        "<p>Stops a <code>Toy</code>s one_ * two &amp; <a href='x'>a|b</a> "
        "it\N{RIGHT SINGLE QUOTATION MARK}s. Not this.</p> <p>Nor this.</p>"
    )
    toy.generate()

    assert inspect.getdoc(toy.load().StopRequest) == (
        "Stops a ``Toy``\\ s one\\_ \\* two & a\\|b it's.\n\n"
        "Modelled errors: ``Gone``.\n\n"
        "AWS: https://aws.example/toy/API_Stop.html"
    )


def test_the_limits_of_a_member_are_in_its_documentation(toy: Toy) -> None:
    toy.model["shapes"]["ToyId"] = {"type": "string", "pattern": r"^a\d+$", "min": 2, "max": 9}
    toy.generate()
    text = (toy.folder / "models.py").read_text()
    assert r'''    r"""Toy id. 2 to 9 characters, pattern ``^a\d+$``."""''' in text
    toy.model["shapes"]["ToyId"]["pattern"] = "[ -\u10ff]+"
    toy.generate()
    assert '''"""Toy id. 2 to 9 characters."""''' in (toy.folder / "models.py").read_text()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"operations": ["Halt"]}, "toy has no operation 'Halt'"),
        ({"operations": ["Stopp"]}, "toy has no operation 'Stopp'; do you mean 'Stop'?"),
        ({"client": "toyy"}, "MODELS['client'] is 'toyy', which botocore lacks; do you mean 'toy'"),
        ({"operation": ["Stop"]}, "MODELS has 'operation', but knows only client, title"),
        ({"operations": "Stop"}, "MODELS['operations'] is 'Stop', but has to be a list of names"),
        ({"errors": {}}, "MODELS['errors'] lacks 'Gone', which Stop may answer; add what it means"),
        ({"errors": {"Notfound": ["Gone"]}}, "gives Gone the meaning 'Notfound', which is none of"),
        ({"errors": {"NotFound": "Gone"}}, "but has to be a dictionary of names of classes of"),
        ({"operations": []}, "MODELS lacks 'operations', and the file uses no request of toy"),
        ({"typed": ["ToyState"]}, "MODELS['typed'] has 'ToyState', which is no shape of toy"),
        ({"typed": ["ToyId"]}, "'ToyId', which has no class or is reached by none"),
        ({"needed": ["StopResponse.Id"]}, "MODELS['needed'] has 'StopResponse.Id', which is no"),
        ({"title": ""}, "MODELS['title'] is '', but has to be a text"),
    ],
)
def test_a_configuration_that_does_not_fit_is_refused(
    toy: Toy, change: dict[str, Any], complaint: str
) -> None:
    """The message names the file, the value and the remedy, and nothing is written."""
    toy.configuration.update(change)

    done = toy.generate()

    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {toy.folder / 'kind0.py'}: ")
    assert complaint in done.stderr
    assert not (toy.folder / "models.py").exists()


@pytest.mark.parametrize("key", ["title", "prefix", "reference"])
def test_a_configuration_that_lacks_a_key_is_refused_by_its_name(toy: Toy, key: str) -> None:
    """A forgotten key is named."""
    del toy.configuration[key]
    done = toy.generate()
    assert done.returncode == 2
    assert f"kind0.py: MODELS lacks {key!r}" in done.stderr


@pytest.mark.parametrize(
    ("second", "complaint"),
    [
        ({"client": "ship"}, "MODELS['client'] is 'ship', but 'toy' in another file of the folder"),
        ({"errors": {"Conflict": ["Gone"]}}, "gives Gone the meaning Conflict, but elsewhere"),
    ],
)
def test_literals_that_contradict_each_other_are_refused(
    toy: Toy, second: dict[str, Any], complaint: str
) -> None:
    done = toy.generate(toy.configuration, second)
    assert done.returncode == 2
    assert complaint in done.stderr


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("", "no .py file there assigns a dictionary to MODELS"),
        ("MODELS = dict(client='toy')", "kind.py: line 1: MODELS is no dictionary written out"),
        ("MODELS = {", "kind.py: Python cannot read it"),
    ],
)
def test_a_folder_without_a_literal_is_refused(tmp_path: Path, source: str, complaint: str) -> None:
    (tmp_path / "kind.py").write_text(source)
    done = run(*GENERATE, tmp_path)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


LARGE: Final = 12
"""So many operations of each service at least, spread over all: of EC2, every 60th or so."""


def test_every_service_of_botocore_can_be_generated(tmp_path: Path) -> None:
    """There is no shape without a type in Python, no name twice, and nothing to format."""
    loader: Any = botocore.session.get_session().get_component("data_loader")
    for name in loader.list_available_services("service-2"):
        wire = loader.load_service_model(name, "service-2")
        operations = tuple(wire["operations"])
        sample = operations[:: max(1, len(operations) // LARGE)]
        raised = {
            error["shape"]
            for operation in sample
            for error in wire["operations"][operation].get("errors", ())
        }
        codes = {wire["shapes"][shape].get("error", {}).get("code", shape) for shape in raised}
        configuration = Configuration(
            where="here",
            client=name,
            title=name,
            prefix="Some",
            reference="https://aws.example",
            operations=sample,
            typed=None,
            errors=dict.fromkeys(codes, "Conflict"),
        )
        service = Service(configuration, wire)
        for kind, source in (
            ("models", models_source(service)),
            ("errors", errors_source(service)),
        ):
            (tmp_path / f"{name.replace('-', '_')}_{kind}.py").write_text(source)
            classes = [each for each in ast.parse(source).body if isinstance(each, ast.ClassDef)]
            names = [each.name for each in classes]
            assert len(names) == len({*names}), f"{name}: a class is there twice"
            for each in classes:
                fields = [line.target for line in each.body if isinstance(line, ast.AnnAssign)]
                targets = [ast.unparse(field) for field in fields]
                assert len(targets) == len({*targets}), f"{name}: {each.name} has a field twice"
    if importlib.util.find_spec("ruff"):
        done = run(
            *("-m", "ruff", "format", "--check", "--config", ROOT / "pyproject.toml", tmp_path)
        )
        assert done.returncode == 0, done.stdout[:1000]


# ---- the generated models ----


def models_of(service: str) -> ModuleType:
    return importlib.import_module(f"botocancel.services.{service}.models")


def errors_of(service: str) -> ModuleType:
    return importlib.import_module(f"botocancel.services.{service}.errors")


def base_of(service: str) -> type[errors.ServiceError]:
    return kind_named(service).error_base


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
def test_what_the_constructor_needs_is_insisted_on(service: str, cls: type[Shape]) -> None:
    """Of a request, all that the model requires; of an answer, less."""
    shape = shape_of(service, cls.__name__)
    insisted: set[str] = set()
    for name in shape.members:
        wire = Examples(full=True).structure(shape)
        del wire[name]
        try:
            cls.from_wire(wire)
        except WireError as error:
            assert str(error) == f"it lacks {name}, which its shape requires"  # noqa: PT017
            insisted.add(name)
    needed = [field for field in attrs.fields(cls) if field.default is attrs.NOTHING]
    assert len(insisted) == len(needed)
    assert insisted <= set(shape.required_members)
    if issubclass(cls, Request):
        assert insisted == set(shape.required_members)


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


@pytest.mark.parametrize("full", [True, False], ids=["full", "minimal"])
@pytest.mark.parametrize(("service", "cls"), STRUCTURES)
def test_models_can_be_copied_and_pickled(service: str, cls: type[Shape], *, full: bool) -> None:
    one = cls.from_wire(Examples(full=full).structure(shape_of(service, cls.__name__)))
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(one, protocol)) == one
    assert copy(one) == deepcopy(one) == one


@pytest.mark.parametrize(("service", "cls"), STRUCTURES)
def test_models_are_attrs_classes_to_their_users(service: str, cls: type[Shape]) -> None:
    """What takes attrs classes takes them."""
    one = cls.from_wire(Examples(full=True).structure(shape_of(service, cls.__name__)))
    values = {field.name: getattr(one, field.name) for field in attrs.fields(cls)}
    assert attrs.has(cls)
    assert attrs.fields_dict(cls).keys() == values.keys()
    assert all(field.kw_only for field in attrs.fields(cls))
    assert attrs.asdict(one, recurse=False) == values
    assert cls(**values) == attrs.evolve(one) == one
    assert inspect.signature(cls).parameters.keys() == values.keys()
    shown = [f"{name}={value!r}" for name, value in values.items() if f" {name}=" in f" {one!r}"]
    assert repr(one).startswith(f"{cls.__name__}(")
    assert all(each in repr(one) for each in shown)
    assert one != object()


def test_two_models_of_different_values_or_classes_differ() -> None:
    one, other = fsx.Tag(key="a", value="b"), fsx.Tag(key="a", value="c")
    assert one != other
    assert {one, other, attrs.evolve(other, value="b")} == {one, other}
    assert fsx.CancelDataRepositoryTaskResponse() != fsx.CreateDataRepositoryTaskResponse()
    assert repr(one) == "Tag(key='a', value='b')"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"key": "a"}, r"Tag\(\) lacks the keyword argument 'value'"),
        ({"key": "a", "value": "b", "x": 1}, r"Tag\(\) takes no keyword argument 'x'"),
    ],
)
def test_the_constructor_takes_what_it_needs_by_name(
    arguments: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(TypeError, match=complaint):
        fsx.Tag(**arguments)
    with pytest.raises(TypeError):
        fsx.Tag("a", "b")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def test_a_class_that_attrs_makes_may_stand_on_a_model() -> None:
    @attrs.frozen(kw_only=True)
    class Said(Response):
        words: str

    class SaidTwice(Said):
        pass

    for cls in (Said, SaidTwice):
        said = attrs.evolve(cls(words="a"), unreadable=())
        assert said.words == "a"
        names = [field.name for field in attrs.fields(cls)]
        assert names == ["metadata", "unreadable", "words"]


def test_the_attributes_of_a_model_say_what_attrs_says() -> None:
    fields = attrs.fields(fsx.CancelDataRepositoryTaskResponse)
    assert [field.name for field in fields] == ["metadata", "unreadable", "lifecycle", "task_id"]
    assert [field.inherited for field in fields] == [True, True, False, False]
    assert [field.repr for field in fields] == [False, False, True, True]
    assert [field.eq for field in fields] == [False, True, True, True]
    attrs.resolve_types(fsx.CancelDataRepositoryTaskResponse)
    assert fields.task_id.type == str | None


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
    """The forms of a kind are those of botocore's model, in partitions to come too."""
    kind = kind_named(service)
    tasks = {"fsx": ("TaskId", "FileSystemId"), "datasync": ("TaskExecutionArn", "TaskArn")}
    filters = {"fsx": "file_system", "datasync": "task"}
    forms: tuple[Id | Form, ...] = (kind.ref_type.form, kind.filter_forms[filters[service]])
    model = botocore.session.get_session().get_service_model(service)
    for name, form in zip(tasks[service], forms, strict=True):
        rules: Any = model.shape_for(name).metadata
        assert form.longest == rules["max"]
        assert re.fullmatch(rules["pattern"], form.example)
        assert form.fits(form.example)
        assert not form.fits(f"x{form.example}")


@pytest.mark.parametrize("service", SERVICES)
def test_no_tag_is_left_in_the_documentation(service: str) -> None:
    """The documentation is text."""
    for module in (models_of(service), errors_of(service)):
        source = inspect.getsource(module)
        assert not re.search(r"</?(?:[abip]|code|li|ul|note|important)\b[^>]*>|&\w+;", source)


# ---- the generated errors ----


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("name", errors.MEANINGS)
def test_every_meaning_has_a_leaf_of_the_service(service: str, name: str) -> None:
    """It is made when it is needed, and found in the module and in the package from then on."""
    module, meaning = errors_of(service), errors.MEANINGS[name]
    base = base_of(service)
    leaf = errors.leaf_of(base, meaning)
    assert leaf is errors.leaf_of(base, meaning)
    assert leaf is getattr(module, leaf.__name__)
    assert leaf is getattr(importlib.import_module(f"botocancel.services.{service}"), leaf.__name__)
    assert leaf.__name__ in module.__all__
    assert pickle.loads(pickle.dumps(leaf)) is leaf
    assert issubclass(leaf, meaning)
    assert issubclass(leaf, base)
    assert leaf.service == service
    assert str(leaf.__doc__).endswith(".")
    for parent in meaning.__bases__:
        if issubclass(parent, errors.ServiceError):
            assert issubclass(leaf, errors.leaf_of(base, parent))


def test_the_module_of_the_errors_has_nothing_else() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'FSxNothing'"):
        _ = errors_of("fsx").FSxNothing


def test_threads_that_need_a_leaf_at_once_get_the_same() -> None:
    for _ in range(20):
        base = type("SomeError", (errors.ServiceError,), {"__module__": __name__})
        with ThreadPoolExecutor(8) as pool:
            leaves = {*pool.map(partial(errors.leaf_of, base), [errors.CredentialsExpired] * 8)}
        assert len(leaves) == 1


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
    leaves = {errors.leaf_of(base_of(service), meaning) for meaning in errors.MEANINGS.values()}
    assert set(module.BY_CODE) == modelled
    for code, cls in module.BY_CODE.items():
        assert cls.__name__ == code
        assert cls.__base__ in leaves


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


class FrozenDatetime(datetime):
    """What a library that freezes time in tests puts in the place of `datetime`."""


def test_instants_are_read_while_time_is_frozen() -> None:
    instant = datetime(2024, 1, 1, tzinfo=UTC)
    assert reader_of(FrozenDatetime | None)(instant, "Created") == instant
    with pytest.raises(WireError, match="its Created is str, not an aware datetime"):
        reader_of(FrozenDatetime)("2024", "Created")
