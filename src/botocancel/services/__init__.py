"""The services botocancel knows: its own, and those that installed packages add.

A package adds one by an entry point of the group ``botocancel.services`` that
names a `Service`.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final, cast

from botocancel._imports import load
from botocancel._lazy import names_from
from botocancel._text import named
from botocancel.errors import InvalidInput
from botocancel.model import Response, Shape
from botocancel.refs import TaskRef, parse_as
from botocancel.services._builtin import BUILT_IN
from botocancel.services._expected import Expected, ExpectedAnswers
from botocancel.services._pages import listed, pages
from botocancel.services._permissions import Permission, any_resource
from botocancel.services._spec import Form, Service, Sight

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocancel._generics import DetailT, ResponseT
    from botocancel.services._wanted import Wanted
else:
    __getattr__ = names_from(__name__, "_wanted")  # a cancel filters nothing

__all__ = [
    "GROUP",
    "Expected",
    "ExpectedAnswers",
    "Form",
    "Permission",
    "Service",
    "Sight",
    "Wanted",
    "added_services",
    "all_services",
    "any_resource",
    "listed",
    "pages",
    "ref_types",
    "service_named",
    "service_of",
    "task_ref",
]

GROUP: Final = "botocancel.services"
"""The entry point group by which other packages add services."""


def task_ref(task: object) -> TaskRef[Shape, Response]:
    """Return the ref that anything naming a task names.

    Args:
        task: An AWS id or ARN, a ref, a typed model that names a task (such as
            ``DataRepositoryTask`` or ``StartTaskExecutionResponse``), or a snapshot
            or cancellation.

    Raises:
        InvalidInput: It names no task of a service that is known here.
    """
    if isinstance(task, TaskRef):
        return cast("TaskRef[Shape, Response]", task)
    if isinstance(task, Shape):
        return _ref_of_shape(task)
    ref: object = getattr(task, "located_ref", None) or getattr(task, "ref", None)
    if isinstance(ref, TaskRef):
        return cast("TaskRef[Shape, Response]", ref)
    if isinstance(task, str):  # kinds are loaded until one fits
        found = next((ref for kind in ref_types() if (ref := kind.match(task))), None)
        if found is not None:
            return found
    return parse_as(tuple(ref_types()), task)


def ref_types() -> Iterator[type[TaskRef[Shape, Response]]]:
    """Yield the class of refs of each kind of task, botocancel's own kinds first."""
    yield from map(_built_in_ref_type, BUILT_IN)
    for service in added_services().values():
        yield service.ref_type


def service_of(ref: TaskRef[DetailT, ResponseT]) -> Service[DetailT, ResponseT]:
    """Return the service of a ref."""
    return cast("Service[DetailT, ResponseT]", service_named(ref.service))


def service_named(name: str) -> Service[Shape, Response]:
    """Return the service that botocore calls `name`.

    Raises:
        InvalidInput: No such service is known here.
    """
    is_name = isinstance(cast("object", name), str)  # a caller may pass anything
    if is_name and name in BUILT_IN:
        return _built_in(name)
    if is_name and name in added_services():
        return added_services()[name]
    known = ", ".join(sorted({*BUILT_IN, *added_services()}))
    msg = f"no service {named(name)} is known to botocancel; known are {known}"
    raise InvalidInput(msg)


def all_services() -> tuple[Service[Shape, Response], ...]:
    """Return every service known here, by name."""
    return tuple(service_named(name) for name in sorted({*BUILT_IN, *added_services()}))


def _ref_of_shape(shape: Shape) -> TaskRef[Shape, Response]:
    for service in all_services():
        ref = service.ref_of(shape)
        if ref is not None:
            return ref
    msg = f"{type(shape).__name__} names no task, or lacks the member that does"
    raise InvalidInput(msg)


@cache
def _built_in(name: str) -> Service[Shape, Response]:
    return cast("Service[Shape, Response]", load(f"{__name__}.{name}.spec").SERVICE)


@cache
def _built_in_ref_type(name: str) -> type[TaskRef[Shape, Response]]:
    module = load(f"{__name__}.{name}.refs")
    return cast("type[TaskRef[Shape, Response]]", getattr(module, BUILT_IN[name]))


@cache
def added_services() -> Mapping[str, Service[Shape, Response]]:
    """Load the services that installed packages add, by name."""
    loaded = (cast("Service[Shape, Response]", entry.load()) for entry in entry_points(group=GROUP))
    return {service.name: service for service in loaded}
