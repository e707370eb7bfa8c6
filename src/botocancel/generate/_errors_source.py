"""Write a service's ``errors.py``, laid out as the formatter would leave it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore import xform_name

from botocancel.errors import MEANINGS, ServiceError
from botocancel.generate._models_source import GENERATED, listing
from botocancel.generate._text import INDENT, LINE_LENGTH, docstring, first_sentence, titled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocancel.generate._service_model import Member, ModelledError, Service

__all__ = ["errors_source"]

_HEAD: Final = """\
from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from botocancel import errors

if TYPE_CHECKING:
    from collections.abc import Mapping
"""


def errors_source(service: Service) -> str:
    """Return the source of ``errors.py``."""
    base = service.leaf(ServiceError)
    by_code = {error.code: error.name for error in service.modelled_errors}
    by_code |= {code: service.leaf(each) for code, each in service.unmodelled_codes.items()}
    names = ["BY_CODE", *map(service.leaf, MEANINGS.values())]
    names += [error.name for error in service.modelled_errors]
    title = service.configuration.title
    return "\n".join(
        [
            GENERATED.format(service=service),
            docstring([f"The errors that {title} answers."], ""),
            "",
            _HEAD,
            listing("__all__", names),
            "\n",
            f"class {base}(errors.ServiceError):",
            docstring([f"An error that {title} answered."]),
            "",
            f'{INDENT}service: ClassVar[str] = "{service.name}"',
            f'{INDENT}title: ClassVar[str] = "{title}"',
            "\n",
            _leaves(service, by_code),
            "\n",
            *(f"{_modelled(service, error)}\n\n" for error in service.modelled_errors),
            _by_code(base, by_code),
            docstring(["The class of each error code that the service is known to answer."], ""),
            f"{base}.by_code = BY_CODE",
            "",
        ]
    )


def _by_code(base: str, by_code: Mapping[str, str]) -> str:
    rows = "".join(f'\n{INDENT}"{code}": {name},' for code, name in sorted(by_code.items()))
    end = "\n" if rows else ""
    return f"BY_CODE: Final[Mapping[str, type[{base}]]] = {{{rows}{end}}}"


def _leaves(service: Service, by_code: Mapping[str, str]) -> str:
    """Write what type checkers know of the leaves; `errors.leaves_of` makes them when needed."""
    needed = {service.leaf(error.meaning) for error in service.modelled_errors}
    needed |= {*by_code.values()}
    leaves = {
        service.leaf(meaning): meaning
        for meaning in MEANINGS.values()
        if meaning is not ServiceError
    }
    return "\n".join(
        [
            "if TYPE_CHECKING:",
            *(f"\n{_leaf(service, name, meaning)}" for name, meaning in leaves.items()),
            "",
            "else:",
            f"{INDENT}__getattr__ = errors.leaves_of({service.leaf(ServiceError)})",
            *(f'{INDENT}{name} = __getattr__("{name}")' for name in leaves if name in needed),
        ]
    )


def _leaf(service: Service, name: str, meaning: type[ServiceError]) -> str:
    parents = [parent for parent in meaning.__bases__ if issubclass(parent, ServiceError)]
    bases = ", ".join([f"errors.{meaning.__name__}", *map(service.leaf, parents)])
    line = f"{INDENT}class {name}({bases}): ..."
    if len(line) <= LINE_LENGTH:
        return line
    return f"{INDENT}class {name}(\n{INDENT * 2}{bases}\n{INDENT}): ..."


def _modelled(service: Service, error: ModelledError) -> str:
    name = xform_name(error.name)
    about = docstring(titled(first_sentence(error.documentation, name), name))
    head = f"class {error.name}({service.leaf(error.meaning)}):"
    return "\n\n".join([f"{head}\n{about}", *map(_property, error.members)])


def _property(member: Member) -> str:
    about = first_sentence(member.documentation, member.field)
    return "\n".join(
        [
            f"{INDENT}@property",
            f"{INDENT}def {member.field}(self) -> {member.annotation} | None:",
            docstring(titled(about, member.field, INDENT * 2), INDENT * 2),
            f'{INDENT * 2}return self._member("{member.name}", {member.annotation})',
        ]
    )
