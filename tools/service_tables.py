"""Write the tables of docs/services.md from the declarations of the kinds; ``--check`` compares.

A table stands between the comments ``<!-- table: NAME -->`` and ``<!-- end of table -->``.
How a service answers a cancel is what its simulation answers; a refusal is "modelled" where the
operation has its code in botocore's model.
"""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING, Final

from _pages import DOCS

from botocancel import ServiceError, TaskClient
from botocancel.phases import Phase
from botocancel.services import all_kinds
from botocancel.services._builtin import BUILT_IN
from botocancel.services.declare import DescribeMany
from botocancel.services.fsx.data_repository_task import AFTERMATHS
from botocancel.testing import SimulatedAWS
from botocancel.testing._models import service_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from botocancel import Aftermath
    from botocancel.services import AnyKind

PAGE: Final = DOCS / "services.md"
KINDS: Final = tuple(kind for kind in all_kinds() if kind.key in BUILT_IN)
_TABLE: Final = re.compile(r"(<!-- table: ([\w ]+) -->\n\n)(?:\|.*\n)*(\n<!-- end of table -->)")


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a table of Markdown."""
    lines = [tuple(heads), *(tuple(map(str, row)) for row in rows)]
    lines.insert(1, ("---",) * len(lines[0]))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def of_kinds() -> str:
    """Return the table of the kinds."""
    return table(
        ("kind", "a task is", "named by", "cancels", "describes", "lists", "a cancelled one is"),
        (
            (
                f"`{kind.key}`",
                kind.ref_type.form.kind,
                _named_by(kind),
                f"`{kind.cancel_request(kind.example).operation}`",
                _describes(kind),
                _lists(kind),
                _canceled(kind),
            )
            for kind in KINDS
        ),
    )


def _named_by(kind: AnyKind) -> str:
    form = kind.ref_type.form
    return f"`{kind.ref_type.example}`{', or its ARN' if form.arn else ''}"


def _describes(kind: AnyKind) -> str:
    operation, describes = kind.describing(kind.example).operation, kind.describes
    many = f", {describes.most} a request" if isinstance(describes, DescribeMany) else ""
    return f"`{operation}`{many}"


def _lists(kind: AnyKind) -> str:
    operations = ", ".join(f"`{listing.operation}`" for listing in kind.listings)
    under = kind.lists.under
    if under is None:
        return operations
    return f"{operations} under each of `{under.request(None).operation}`"


def _canceled(kind: AnyKind) -> str:
    statuses = [name for name, phase in kind.phases.items() if phase is Phase.CANCELED]
    if statuses:
        return f"{_codes(statuses)}: reported"
    failed = _codes(name for name, phase in kind.phases.items() if phase is Phase.FAILED)
    told = "other members tell: reported" if kind.reports_canceled else "nothing tells: inferred"
    return f"{failed}, and {told}"


def of_statuses() -> str:
    """Return the table of the statuses by phase."""
    phases = [phase for phase in Phase if phase is not Phase.UNKNOWN]
    return table(
        ("kind", *(f"`{phase.name}`" for phase in phases)),
        (
            (f"`{kind.key}`", *(_codes(_having(kind, phase)) or "none" for phase in phases))
            for kind in KINDS
        ),
    )


def _having(kind: AnyKind, phase: Phase) -> Iterator[str]:
    return (name for name, each in kind.phases.items() if each is phase)


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def of_answers() -> str:
    """Return the table of how a cancel is answered where there is nothing to cancel."""
    return table(
        ("kind", "what has ended", "what is being cancelled", "what there is not"),
        ((f"`{kind.key}`", *_answers(kind)) for kind in KINDS),
    )


def _answers(kind: AnyKind) -> Iterator[str]:
    aws = SimulatedAWS()
    simulator = aws.simulator(kind.key)
    session = aws.session()
    session.set_config_variable("max_attempts", 1)
    client = TaskClient(session, clock=aws.clock)
    running = next(_having(kind, Phase.RUNNING))
    ended, twice = simulator.start(running), simulator.start(running)
    simulator.set_status(ended, next(_having(kind, Phase.SUCCEEDED)))
    client.cancel(kind.ref_type.parse(twice))
    for name in (ended, twice, kind.example.id):
        try:
            client.cancel(kind.ref_type.parse(name))
        except ServiceError as error:
            is_modelled = error.code in _codes_of(kind, error.operation)
            yield f"`{error.code}`, {'modelled' if is_modelled else 'not modelled'}"
        else:
            yield "accepted"


def _codes_of(kind: AnyKind, operation: str) -> set[str]:
    """Return the codes of the errors that botocore's model has for an operation."""
    shapes = service_model(kind.client).operation_model(operation).error_shapes
    return {shape.metadata.get("error", {}).get("code", shape.name) for shape in shapes}


def of_aftermaths() -> str:
    """Return the table of what a cancel leaves behind."""
    rows: dict[str, Aftermath] = {}
    for kind in KINDS:
        types: Mapping[str, Aftermath] = AFTERMATHS if kind.key == "fsx" else {}
        rows |= {f"`{kind.key}`, `{name}`": left for name, left in types.items()}
        rows[f"`{kind.key}`{', any other' if types else ''}"] = kind.aftermath(None)
    return table(
        ("kind", "done", "in flight", "to come", "children", "output", "repair", "source"),
        ((name, *_left(left)) for name, left in rows.items()),
    )


def _left(left: Aftermath) -> Sequence[str]:
    output = f"{left.output.value}{', may be inconsistent' if left.may_be_inconsistent else ''}"
    return (
        left.done.value,
        left.in_flight.value,
        left.to_come.value,
        "none" if left.children is None else left.children.value,
        output,
        left.repair_by or "none documented",
        left.source,
    )


TABLES: Final[Mapping[str, Callable[[], str]]] = {
    "kinds": of_kinds,
    "statuses": of_statuses,
    "answers": of_answers,
    "aftermaths": of_aftermaths,
}


def page() -> str:
    """Return the page with its tables as they are to be."""
    text = PAGE.read_text(encoding="utf-8")
    return _TABLE.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}{found[3]}", text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or compare it; return 1 where it differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; say whether it differs"
    )
    made, present = page(), PAGE.read_text(encoding="utf-8")
    if parser.parse_args(arguments).check:
        if made != present:
            print(f"{PAGE} differs from the declarations; run tools/service_tables.py")
        return int(made != present)
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
