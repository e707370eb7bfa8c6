"""What a keeper does when its program has died: the last act of the process that `_keep` is."""

from __future__ import annotations

import logging
import os
import select
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypedDict, cast

from botocancel._handing import session_from
from botocancel._receipts import ref_from
from botocancel._reports import Report, patient
from botocancel.client import TaskClient
from botocancel.polling import Backoff, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["cancel"]

_logger = logging.getLogger("botocancel")

_ERRORS: Final = 2
_AT_ONCE: Final = 4096
"""So many bytes a pipe takes without waiting, if it takes any."""


class Settings(TypedDict):
    """What `Keeping.document` returned."""

    program: int
    timeout: float
    backoff: tuple[float, float, float]
    workers: int
    journal: str | None
    log: str | None


def cancel(
    settings: Settings,
    credentials: Mapping[str, str | None],
    tasks: Iterable[Mapping[str, object]],
) -> None:
    """Cancel tasks, and log what became of each.

    Args:
        settings: How.
        credentials: What `Handed.document` returned.
        tasks: What the program said of each.
    """
    _begin_to_log(settings)
    try:
        _cancel(settings, credentials, list(tasks))
    except Exception:
        _logger.exception("tasks may go on")


def _cancel(
    settings: Settings,
    credentials: Mapping[str, str | None],
    tasks: Iterable[Mapping[str, object]],
) -> None:
    refs = {ref_from(task): cast("str | None", task["endpoint"]) for task in tasks}
    _logger.info("the program has ended in a guard; cancelling %d tasks", len(refs))
    endpoints = {(ref.service, ref.region): url for ref, url in refs.items()}
    client = TaskClient(
        cast("Any", _Told(session_from(credentials), endpoints)),
        workers=settings["workers"],
        journal=settings["journal"],
    )
    first, growth, ceiling = settings["backoff"]
    backoff = Backoff(first=first, growth=growth, ceiling=ceiling)
    policy = patient(RetryPolicy(timeout=settings["timeout"], backoff=backoff))
    report = Report(refs, None, has_died=True)
    with report:
        for result in client.cancel_many([*refs], retry=policy):
            report.tell(result)


class _Told:
    """A session whose clients call where the program did."""

    def __init__(
        self,
        session: Any,  # noqa: ANN401  (botocore's)
        endpoints: Mapping[tuple[str, str | None], str | None],
    ) -> None:
        self._session = session
        self._endpoints = endpoints

    def create_client(self, service: str, *, region_name: str, **options: Any) -> Any:  # noqa: ANN401  (botocore's)
        """Make a client; name the endpoint only where the settings lead to another one."""
        make, told = self._session.create_client, self._endpoints.get((service, region_name))
        client = make(service, region_name=region_name, **options)
        if told is None or client.meta.endpoint_url == told:
            return client
        return make(service, region_name=region_name, endpoint_url=told, **options)

    def __getattr__(self, name: str) -> object:
        return getattr(self._session, name)


class _Errors(logging.Handler):
    """Writes to what was the program's standard error, unless that would have to be waited for."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        with suppress(OSError, ValueError):
            if select.select([], [_ERRORS], [], 0)[1]:
                os.write(_ERRORS, f"{self.format(record)}\n".encode()[:_AT_ONCE])


def _begin_to_log(settings: Settings) -> None:
    handlers: list[logging.Handler] = [_Errors()]
    if settings["log"] is not None:
        with suppress(OSError):
            handlers.append(logging.FileHandler(settings["log"], encoding="utf-8"))
    program, keeper = settings["program"], os.getpid()
    form = f"%(asctime)s botocancel keeper {keeper} of process {program}: %(message)s"
    for handler in handlers:
        handler.setFormatter(logging.Formatter(form))
        _logger.addHandler(handler)
    _logger.setLevel(logging.INFO)
