"""``botocancel services``: what is supported."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from botocancel.cli._command import operator_command
from botocancel.cli._documents import as_json, meaning_of
from botocancel.cli._streams import put
from botocancel.services import all_kinds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocancel import Response, Shape
    from botocancel.cli._settings import Settings
    from botocancel.services import Kind

__all__ = ["command"]


@operator_command(
    "botocancel services",
    "botocancel services --output json",
    without=["profile", "regions", "endpoint_url", "poll"],
)
def command(settings: Settings) -> None:
    """Show the services that are supported: ids, operations, statuses and errors."""
    documents = [_document(service) for service in all_kinds()]
    match settings.output:
        case "json":
            put(as_json(documents, indent=2))
        case "jsonl":
            for document in documents:
                put(as_json(document))
        case "ids":
            for document in documents:
                put(str(document["name"]))
        case _:
            for document in documents:
                _draw(document)


def _document(service: Kind[Shape, Response]) -> dict[str, object]:
    return {
        "name": service.key,
        "title": service.title,
        "task": service.ref_type.kind,
        "id": service.ref_type.expected,
        "example": service.ref_type.example,
        "reports_canceled": service.reports_canceled,
        "operations": {
            permission.action.partition(":")[2]: sorted(permission.needed_to)
            for permission in service.permissions
        },
        "statuses": {status: phase.value for status, phase in service.phases.items()},
        "errors": {code: meaning_of(kind) for code, kind in service.errors_by_code.items()},
    }


def _draw(document: Mapping[str, object]) -> None:
    from rich.table import Table

    from botocancel import Phase
    from botocancel.cli._screen import PHASE_STYLES, draw, styled

    draw(styled((str(document["title"]), "bold"), (f" ({document['name']})", "dim")))
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("  task", styled(str(document["task"])))
    table.add_row("  such as", styled(str(document["example"])))
    draw(table)
    for title, label in (
        ("operations", "used to"),
        ("statuses", "phase"),
        ("errors", "raised as"),
    ):
        rows = cast("Mapping[str, object]", document[title])
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(min_width=32)
        grid.add_column()
        grid.add_row(styled((f"  {title}", "dim")), styled((label, "dim")))
        for name, value in rows.items():
            text = ", ".join(cast("list[str]", value)) if isinstance(value, list) else str(value)
            style = PHASE_STYLES[Phase(text)] if title == "statuses" else ""
            grid.add_row(styled(f"  {name}"), styled((text, style)))
        draw(grid)
    draw("")
