"""The control endpoint of the server: what is done to the simulated AWS from outside."""

from __future__ import annotations

import enum
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from botocancel.services._simulator import StatusChange
from botocancel.testing._documents import DocumentError, number, record
from botocancel.testing._scenario_keys import FAULT
from botocancel.testing.scenario import Names, Scenario, fault_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from botocancel.testing._pace import Pace
    from botocancel.testing.simulated_aws import SimulatedAWS

__all__ = ["CONTROL_PATH", "Control"]

CONTROL_PATH: Final = "/_botocancel/"

Document = dict[str, Any]

_OK: Final = 200
_BAD: Final = 400
_MISSING: Final = 404
_WRONG_METHOD: Final = 405


class Control:
    """Answers requests to the control endpoint; documents in, documents out.

    Args:
        aws: What is controlled.
        pace: How its time passes.
        scenario: What there is in it from the start; played here, and at each reset.

    Raises:
        DocumentError: The scenario speaks of something that there is not.
    """

    def __init__(self, aws: SimulatedAWS, pace: Pace, scenario: Scenario | None = None) -> None:
        self._aws = aws
        self._pace = pace
        self._scenario = scenario
        self._names: Names = {}
        self._calls: Mapping[str, Mapping[str, Callable[[object], Document]]] = {
            "": {"GET": self._help},
            "faults": {"POST": self._inject, "DELETE": self._clear},
            "history": {"GET": self._history},
            "names": {"GET": self._named},
            "requests": {"GET": self._requests},
            "reset": {"POST": self._reset},
            "scenario": {"POST": self._play},
            "time": {"GET": self._time, "POST": self._advance},
        }
        self.made = {} if scenario is None else scenario.play(aws, self._names)
        """What the scenario has made."""

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Document]:
        """Answer a request with an HTTP status and a document.

        Args:
            method: The HTTP method.
            path: The path after `CONTROL_PATH`.
            body: A document in JSON; empty for an empty one.
        """
        calls = self._calls.get(path.strip("/"))
        if calls is None:
            return _MISSING, _problem(f"there is no {path!r}; there are {_listed(self._calls)}")
        if method not in calls:
            return _WRONG_METHOD, _problem(f"{path} takes {_listed(calls)}, not {method}")
        try:
            return _OK, calls[method](json.loads(body or b"{}"))
        except DocumentError as error:
            return _BAD, _problem(str(error))
        except (ValueError, RecursionError) as error:
            return _BAD, _problem(f"the body is no JSON: {error}")

    def _help(self, _: object) -> Document:
        """List the calls."""
        return {
            f"{method} {CONTROL_PATH}{path}": (call.__doc__ or "").strip()
            for path, calls in self._calls.items()
            for method, call in calls.items()
        }

    def _time(self, _: object) -> Document:
        """Tell the time, and how fast it passes."""
        clock = self._aws.clock
        now = clock.now.isoformat()
        return {"now": now, "seconds": clock.seconds, "speed": self._pace.speed}

    def _advance(self, document: object) -> Document:
        """Move time on by {"advance": SECONDS}."""
        row = _row(record({"advance": number}, required=["advance"])(document, ""))
        self._aws.advance(row["advance"])
        return self._time(document)

    def _play(self, document: object) -> Document:
        """Make the file systems, tasks and executions of a scenario, and set its faults."""
        return dict(Scenario.more(document).play(self._aws, self._names))

    def _inject(self, document: object) -> Document:
        """Set a fault."""
        self._aws.inject(fault_of(_row(FAULT(document, "")), self._names))
        return {}

    def _clear(self, _: object) -> Document:
        """Clear all faults."""
        self._aws.clear_faults()
        return {}

    def _named(self, _: object) -> Document:
        """Tell the ids of what scenarios have named."""
        return dict(self._names)

    def _history(self, _: object) -> Document:
        """List every status change and every request a service handled, in order."""
        return {"history": _plain(self._aws.history)}

    def _requests(self, _: object) -> Document:
        """List every request that arrived, in order."""
        return {"requests": _plain(self._aws.requests)}

    def _reset(self, _: object) -> Document:
        """Begin again, as the server began."""
        self._aws.reset()
        self._names.clear()
        made = {} if self._scenario is None else self._scenario.play(self._aws, self._names)
        return dict(made)


def _row(checked: object) -> Document:
    return cast("Document", checked)


def _problem(problem: str) -> Document:
    return {"error": problem}


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(repr(name) for name in names)


def _plain(records: Sequence[attrs.AttrsInstance]) -> list[Document]:
    """Return records as documents of what JSON has."""
    return [{**_kind(item), **attrs.asdict(item, value_serializer=_serialized)} for item in records]


def _kind(item: object) -> Document:
    return {"kind": "status change" if isinstance(item, StatusChange) else "request"}


def _serialized(_: object, __: object, value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, enum.Enum) else value
