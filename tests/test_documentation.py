"""The README and the pages under ``docs``: their code runs, their tables are those of the code.

Each ``python`` block runs, in the order of its page, against a simulated AWS; what it prints
is the ``text`` block that follows it, if one follows. One that cannot run has the comment
``<!-- not run: the reason -->`` before it. Type checkers read all of them.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import inspect
import io
import json
import re
import time
from functools import cache
from importlib import import_module
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Literal,
    ParamSpec,
    TypeGuard,
    TypeVar,
    cast,
    get_origin,
    get_overloads,
)

import boto3
import botocore.session
import pytest
import service_tables
import stamina
from _pages import DOCS, PAGES, ROOT, blocks_of, module_of, name_of
from _public import documentation_of, documented_at, value_of
from attrs import fields
from diagrams import diagram_of, file_of

from botocancel import Request, TaskClient, _generics, errors
from botocancel.errors import COMMON_CODES, ServiceError
from botocancel.services import DEFAULT_KINDS, kind_named
from botocancel.services._builtin import BUILT_IN, CLIENTS
from botocancel.testing import FaultKind, SimulatedAWS, SimulatorSettings
from tests.type_checkers import CHECKERS, listed, prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

NOT_RUN: Final = 5
"""So many blocks cannot run; a new one has to be meant."""

TASKS_ARE_THERE: Final = "`export` and `execution` are running"
"""A page that says so has new ones in each block."""

LINK: Final = re.compile(r"\]\((?P<target>[^)#:\s]+)(?:#[^)]*)?\)")


def no_time(_: float) -> None:
    """Sleep as if it took no time."""


@pytest.fixture
def namespace(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What every page may use without having made it; no retry waits in real time."""
    aws = SimulatedAWS()
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", aws.boto3_session())
    monkeypatch.setattr(time, "sleep", no_time)
    return {"aws": aws, "client": TaskClient(aws.session(), clock=aws.clock)}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_code_of_a_page_runs_and_prints_what_it_says(
    page: Path, namespace: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    has_tasks = TASKS_ARE_THERE in " ".join(page.read_text(encoding="utf-8").split())
    for block in blocks_of(page):
        if block.reason is not None:
            continue
        aws = namespace["aws"]
        assert isinstance(aws, SimulatedAWS)
        if has_tasks:
            namespace["export"] = aws.fsx().start(status="EXECUTING")
            namespace["execution"] = aws.datasync().start(status="TRANSFERRING")
        printed = io.StringIO()
        code = compile("\n" * block.line + block.code, page, "exec")  # lines as in the page
        with contextlib.redirect_stdout(printed), stamina.set_testing(True, attempts=9, cap=True):
            exec(code, namespace)  # noqa: S102  (the project's own documentation)
        if block.output is not None:
            assert printed.getvalue() == block.output, f"{name_of(page)}, line {block.line}"


def test_the_first_example_holds_for_tasks_that_had_ended() -> None:
    code = next(blocks_of(ROOT / "README.md")).code
    for running, ended in (
        ('fsx().start(status="EXECUTING")', 'fsx().start(status="SUCCEEDED")'),
        ("datasync().start()", 'datasync().start(status="SUCCESS")'),
    ):
        assert running in code
        code = code.replace(running, ended)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})  # noqa: S102  (the project's own documentation)
    assert printed.getvalue().count("SUCCEEDED, reported") == 2


GIVEN: Final = """
from botocancel import TaskClient
from botocancel.testing import SimulatedAWS

aws: SimulatedAWS
client: TaskClient
export: str
execution: str
"""
"""The types of what `namespace` and a block may use."""

AIRFLOW: Final = {
    "airflow/sdk.pyi": """
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

Function = TypeVar("Function", bound=Callable[..., object])

class Decorator(Protocol):
    def __call__(self, function: Function, /) -> Function: ...

def dag(*, schedule: str, start_date: datetime, catchup: bool) -> Decorator: ...
def task(*, execution_timeout: timedelta) -> Decorator: ...
""",
    "airflow/providers/amazon/aws/hooks/datasync.pyi": """
import boto3

class DataSyncHook:
    def __init__(self, *, aws_conn_id: str) -> None: ...
    def get_session(self) -> boto3.Session: ...
""",
}
"""The types of what the pages name of Airflow, which the tests do not install."""


@pytest.mark.parametrize("checker", CHECKERS)
def test_type_checkers_find_nothing_wrong_in_the_code_of_the_pages(
    checker: str, tmp_path: Path
) -> None:
    pytest.importorskip(checker, reason="the type checkers are of the group 'types'")
    pages = [page for page in PAGES if any(blocks_of(page))]
    modules = {re.sub(r"\W", "_", name_of(page)) + ".py": module_of(page) for page in pages}
    folder = prepared(
        tmp_path,
        {"given.py": GIVEN, **AIRFLOW, **modules},
        # A block imports what it needs, and shows that an error is what it is said to be.
        reportDuplicateImport="none",
        reportUnusedImport="none",
        reportUnnecessaryIsInstance="none",
        # Code for boto3 is as people write it; not all of boto3's types are installed.
        reportTypedDictNotRequiredAccess="none",
        reportUnknownMemberType="none",
        reportUnknownVariableType="none",
    )
    assert listed(CHECKERS[checker](folder)) == []


def test_few_blocks_cannot_run() -> None:
    blocks = [block for page in PAGES for block in blocks_of(page)]
    not_run = [block.reason for block in blocks if block.reason is not None]

    assert len(not_run) == NOT_RUN, not_run


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_block_of_python_is_overlooked(page: Path) -> None:
    assert page.read_text(encoding="utf-8").count("```python") == len(list(blocks_of(page)))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    for found in LINK.finditer(page.read_text(encoding="utf-8")):
        assert (page.parent / found["target"]).exists(), found["target"]


def yes_or_no(value: bool | None) -> str:  # noqa: FBT001  (what it is about)
    return "not documented" if value is None else "yes" if value else "no"


def meaning_of(leaf: type[ServiceError]) -> type[ServiceError]:
    return next(kind for kind in leaf.__mro__ if kind.__module__ == ServiceError.__module__)


def table_of_errors(name: str) -> str:
    """Return the table of the errors that a service models."""
    leaves = kind_named(name).errors_by_code
    return service_tables.table(
        ("error code", "class", "is a", "retryable"),
        (
            (f"`{code}`", f"`{kind.__name__}`", f"`{meaning_of(kind).__name__}`", retryable(kind))
            for code, kind in leaves.items()
        ),
    )


def retryable(kind: type[ServiceError]) -> str:
    return yes_or_no(kind.retryable)


def table_of_common_errors() -> str:
    """Return the table of the error codes that any service may answer."""
    meanings = dict.fromkeys(COMMON_CODES.values())
    return service_tables.table(
        ("is a", "retryable", "error codes"),
        (
            (
                f"`{meaning.__name__}`",
                retryable(meaning),
                ", ".join(f"`{code}`" for code, kind in COMMON_CODES.items() if kind is meaning),
            )
            for meaning in meanings
        ),
    )


def table_of_phases(name: str) -> str:
    """Return the table of the statuses of a service."""
    return service_tables.table(
        ("status", "phase", "ended"),
        (
            (f"`{status}`", f"`{phase.name}`", yes_or_no(phase.terminal))
            for status, phase in kind_named(name).phases.items()
        ),
    )


TABLES: Final[Mapping[str, tuple[str, Callable[[], str]]]] = {
    "errors of FSx": ("errors.md", lambda: table_of_errors("fsx")),
    "errors of DataSync": ("errors.md", lambda: table_of_errors("datasync")),
    "common errors": ("errors.md", table_of_common_errors),
    "phases of FSx": ("services.md", lambda: table_of_phases("fsx")),
    "phases of DataSync": ("services.md", lambda: table_of_phases("datasync")),
}


def test_the_tree_of_errors_is_that_of_the_code() -> None:
    lines = (inspect.getdoc(errors) or "").splitlines()
    tree = "\n".join(line.removeprefix("    ") for line in lines if line.startswith("    "))
    assert tree.startswith("BotocancelError")
    assert tree in (DOCS / "errors.md").read_text(encoding="utf-8")


def test_the_tables_of_the_kinds_are_written_from_their_declarations() -> None:
    assert (DOCS / "services.md").read_text(encoding="utf-8") == service_tables.page(), (
        "tools/service_tables.py"
    )


@pytest.mark.parametrize("name", TABLES)
def test_a_table_in_a_page_is_that_of_the_code(name: str) -> None:
    page, expected = TABLES[name]
    assert expected() in (DOCS / page).read_text(encoding="utf-8"), expected()


def test_every_fault_and_setting_is_documented() -> None:
    page = (DOCS / "testing.md").read_text(encoding="utf-8")
    settings = {field.name for field in fields(SimulatorSettings)}
    kinds = {kind.name for kind in FaultKind}
    assert {name for name in kinds | settings if f"`{name}`" not in page} == set()


def test_a_state_diagram_is_that_of_the_code() -> None:
    for name in DEFAULT_KINDS:
        assert file_of(name).read_text(encoding="utf-8") == diagram_of(name), "tools/diagrams.py"
        assert f"pictures/{file_of(name).name}" in (DOCS / "services.md").read_text("utf-8")


def test_every_public_name_is_documented() -> None:
    places = set(documented_at().values())
    assert {place for place in places if not documentation_of(place)} == set()


def annotated(value: object) -> Iterator[object]:
    """Yield what may have annotations: it, and if it is a class, its functions."""
    yield inspect.unwrap(value) if callable(value) else value
    for name, member in vars(value).items() if isinstance(value, type) else ():
        function = getattr(member, "__func__", getattr(member, "fget", member))
        if inspect.isfunction(function) and (name == "__init__" or not name.startswith("_")):
            yield from (function, *get_overloads(function))


def annotations_of(value: object) -> Mapping[str, object]:
    """Return the annotations of a class or function itself, not of a metaclass."""
    if isinstance(value, type) or inspect.isfunction(value):
        return inspect.get_annotations(cast("type", value))
    return cast("Mapping[str, object]", getattr(value, "__annotations__", {}))


def names_in_signatures() -> Iterator[tuple[str, str]]:
    """Yield the names in the annotations of what is public, each with its module."""
    for value in map(value_of, sorted(set(documented_at().values()))):
        for each in annotated(value):
            module = str(getattr(each, "__module__", ""))
            for annotation in annotations_of(each).values():
                text = getattr(annotation, "__forward_arg__", annotation)  # a `NamedTuple`'s
                nodes = [*ast.walk(ast.parse(str(text), mode="eval"))]
                of_modules = [node.value for node in nodes if isinstance(node, ast.Attribute)]
                for node in nodes if module.startswith("botocancel") else ():
                    if isinstance(node, ast.Name) and node not in of_modules:
                        yield module, node.id
                    if isinstance(node, ast.Attribute) and is_ours(module, node.value):
                        yield module, node.attr


def is_ours(module: str, value: ast.expr) -> bool:
    """Say whether a module calls another module of the package so."""
    return isinstance(value, ast.Name) and value.id not in names_from_elsewhere(module)


@cache
def names_from_elsewhere(module: str) -> set[str]:
    """Return what a module imports from outside of the package."""
    tree = ast.parse(inspect.getsource(import_module(module)))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {
        alias.asname or alias.name.partition(".")[0]
        for statement in imports
        if not str(getattr(statement, "module", "")).startswith("botocancel")
        for alias in statement.names
    }


def is_plain(module: str, name: str) -> bool:
    """Say whether a name is a type parameter, or of a ``Literal``, which is written out."""
    value = getattr(import_module(module), name, getattr(_generics, name, None))
    return isinstance(value, TypeVar | ParamSpec) or get_origin(value) is Literal


def test_every_name_in_a_public_signature_is_documented() -> None:
    public = {place.rpartition(".")[2] for place in documented_at()} | {*dir(builtins)}
    found = {*names_in_signatures()}
    assert ("botocancel.client", "IfEnded") in found
    assert {
        (module, name)
        for module, name in found
        if name not in public | names_from_elsewhere(module) and not is_plain(module, name)
    } == set()


def test_a_policy_allows_nothing_that_is_not_called() -> None:
    page = (DOCS / "guides" / "iam.md").read_text(encoding="utf-8")
    policies = [
        json.loads(text)
        for text in re.findall(r"^```json\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    ]
    allowed = set[str]()
    for statement in (statement for policy in policies for statement in policy["Statement"]):
        actions = statement["Action"]
        allowed.update([actions] if isinstance(actions, str) else actions)

    aws = SimulatedAWS()
    client = TaskClient(aws.session(), clock=aws.clock)
    execution = aws.datasync().start()
    client.cancel_and_wait_many([execution, aws.fsx().start()]).finish().raise_failures()
    client.restart(execution)
    assert list(client.active())
    assert allowed == {f"{request.service}:{request.operation}" for request in aws.requests}


def test_the_page_says_of_awss_example_what_the_model_says() -> None:
    page = (DOCS / "services.md").read_text(encoding="utf-8")
    model: Any = botocore.session.get_session().get_service_model("fsx")
    cancel = model.operation_model("CancelDataRepositoryTask")

    assert model.metadata["jsonVersion"] == "1.1"
    assert f"`POST {cancel.http['requestUri']}`" in page
    assert f"`X-Amz-Target: {model.metadata['targetPrefix']}.{cancel.name}`" in page
    assert f"its version is {model.api_version}" in page
    assert cancel.input_shape.members["TaskId"].type_name == "string"
    assert set(cancel.output_shape.members) == {"Lifecycle", "TaskId"}


_TABLES = re.compile("<!-- table: .*?<!-- end of table -->", re.DOTALL)
"""Tables of all kinds: operations of other services are called alike."""


@pytest.mark.parametrize("client", CLIENTS)
def test_operations_are_documented_with_awss_pages(client: str) -> None:
    """Those of FSx and DataSync on the page of the services, too."""
    page = (DOCS / "services.md").read_text(encoding="utf-8") if client in DEFAULT_KINDS else ""
    models = import_module(f"botocancel.services.{client.replace('-', '_')}.models")
    requests = [kind for kind in vars(models).values() if _is_request(kind)]
    assert requests
    for request in requests:
        address = rf"https://docs\.aws\.amazon\.com/\S+/API_{request.operation}\.html"
        assert re.search(address, inspect.getdoc(request) or ""), request
        assert f"`{request.__name__}`" in (inspect.getdoc(request.response_type) or "")
        if f"`{request.operation}`" in _TABLES.sub("", page):
            assert re.search(address, page), request.operation


def _is_request(value: object) -> TypeGuard[type[Request]]:
    return isinstance(value, type) and issubclass(value, Request) and value is not Request


def test_every_kind_is_on_the_page() -> None:
    page = (DOCS / "services.md").read_text(encoding="utf-8")
    others = BUILT_IN.keys() - set(DEFAULT_KINDS)  # these have a section each
    assert [key for key in others if f"`{key}`" not in page] == []


def test_the_services_of_the_first_page_have_their_tables() -> None:
    pages = "".join((DOCS / page).read_text(encoding="utf-8") for page, _ in TABLES.values())
    for name in DEFAULT_KINDS:
        assert table_of_errors(name) in pages
        assert table_of_phases(name) in pages
