"""Write a service's ``errors.py``."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from _model_text import Paragraph, docstring, literal, paragraphs, sentence, summarised
from _models_source import GENERATED, all_of
from _service_model import SEMANTIC_ERRORS, Member, ModelledError, Service
from botocore import xform_name

from botocancel.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable

_HEAD = """\
from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from botocancel import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

"""


def errors_source(service: Service) -> str:
    """Return the source, correct but not yet formatted."""
    base = _leaf_name(service, ServiceError)
    leaves = [_leaf(service, meaning) for meaning in SEMANTIC_ERRORS if meaning is not ServiceError]
    modelled = service.modelled_errors
    names = [_leaf_name(service, meaning) for meaning in SEMANTIC_ERRORS]
    names += [error.name for error in modelled]
    by_meaning = [
        (f"errors.{meaning.__name__}", _leaf_name(service, meaning)) for meaning in SEMANTIC_ERRORS
    ]
    by_code = [(f'"{error.code}"', error.name) for error in modelled]
    about = docstring([Paragraph(f"The errors that {service.title} answers.")], "")
    return "\n\n".join(
        [
            f"{GENERATED.format(service=service)}\n{about}",
            _HEAD + all_of([*names, "BY_CODE", "BY_MEANING"]),
            _base(service, base),
            *leaves,
            *(_modelled(service, error) for error in modelled),
            _table(
                "BY_MEANING",
                f"type[errors.ServiceError], type[{base}]",
                by_meaning,
                "What happened, and the class that says it of this service.",
            ),
            _table(
                "BY_CODE",
                f"str, type[{base}]",
                by_code,
                "The error codes that the service's model names.",
            ),
        ]
    )


def _leaf_name(service: Service, meaning: type[ServiceError]) -> str:
    name = meaning.__name__
    return f"{service.prefix}Error" if meaning is ServiceError else f"{service.prefix}{name}"


def _base(service: Service, name: str) -> str:
    about = docstring([Paragraph(f"An error that {service.title} answered.")])
    return (
        f"class {name}(errors.ServiceError):\n{about}\n\n"
        f'    service: ClassVar[str] = "{service.name}"\n'
    )


def _leaf(service: Service, meaning: type[ServiceError]) -> str:
    parents = [parent for parent in meaning.__bases__ if issubclass(parent, ServiceError)]
    bases = ", ".join(_leaf_name(service, parent) for parent in parents)
    summary = inspect.getdoc(meaning) or sentence(meaning.__name__)
    return (
        f"class {_leaf_name(service, meaning)}(errors.{meaning.__name__}, {bases}):\n"
        f"{docstring([Paragraph(summary.splitlines()[0])])}\n"
    )


def _modelled(service: Service, error: ModelledError) -> str:
    operations = ", ".join(literal(name) for name in error.operations)
    about = (
        f"AWS: the error {literal(error.code)} of {operations}; HTTP status {error.http_status}."
    )
    content = summarised(paragraphs(error.documentation), xform_name(error.name))
    head = f"class {error.name}({_leaf_name(service, error.meaning)}):"
    body = docstring([*content, Paragraph(about)])
    return "\n\n".join([f"{head}\n{body}", *map(_property, error.members)])


def _property(member: Member) -> str:
    content = summarised(paragraphs(member.documentation), member.field)
    return (
        "    @property\n"
        f"    def {member.field}(self) -> str | None:\n"
        f"{docstring(content, ' ' * 8)}\n"
        f'        return self._member("{member.name}")'
    )


def _table(name: str, kinds: str, entries: Iterable[tuple[str, str]], about: str) -> str:
    body = "".join(f"{key}: {value}," for key, value in entries)
    return f"{name}: Final[Mapping[{kinds}]] = {{{body}}}\n{docstring([Paragraph(about)], '')}\n"
