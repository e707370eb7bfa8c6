"""HTTP requests to the simulated AWS, under limits of size and time."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Final

import attrs
from aiohttp import web
from aiohttp.http import HttpProcessingError

from botocancel._text import visible
from botocancel.services._simulator import SimulatedError
from botocancel.testing._control import CONTROL_PATH
from botocancel.testing.faults import ConnectionLost
from botocancel.testing.wire import HttpAnswer, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocancel.testing._control import Control
    from botocancel.testing._pace import Pace
    from botocancel.testing._visitors import Visitors
    from botocancel.testing.simulated_aws import SimulatedAWS

__all__ = ["CALLERS_FAULTS", "MOST_BYTES", "Site"]

MOST_BYTES: Final = 1024 * 1024
"""The longest body; aiohttp's own limit."""

CALLERS_FAULTS: Final = (HttpProcessingError, web.RequestPayloadError, ConnectionResetError)
"""What aiohttp says where a request is no HTTP, or its caller is gone before the answer."""

_HOLD: Final = 300.0
"""The longest that a caller is kept waiting for an answer that is lost, in seconds."""

_log = logging.getLogger("botocancel.testing.server")

_TOO_LARGE: Final = SimulatedError(
    "RequestEntityTooLargeException", f"Request bodies have {MOST_BYTES} bytes at most.", 413
)
_TOO_SLOW: Final = SimulatedError(
    "RequestTimeoutException", "The request's body did not arrive in time.", 408
)
_BROKEN: Final = SimulatedError(
    "SerializationException", "The request's body broke off or is no HTTP.", 400
)
_OWN_FAULT: Final = SimulatedError(
    "InternalFailure", "The simulation has a bug; its log says more.", 500
)


class Site:
    """Answers each HTTP request: an error in AWS's form is the worst that comes of any.

    Args:
        aws: Who answers.
        control: Who answers below `CONTROL_PATH`.
        pace: How simulated time passes.
        patience: Seconds that a body may take to arrive.
        visitors: Tells whose requests are taken.
    """

    def __init__(
        self,
        aws: SimulatedAWS,
        control: Control,
        pace: Pace,
        patience: float,
        visitors: Visitors,
    ) -> None:
        self._visitors = visitors
        self._aws = aws
        self._control = control
        self._pace = pace
        self._patience = patience
        self.failures: list[Exception] = []
        """What went wrong here, in order: bugs, not faults."""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request; closes the connection where a fault says so."""
        try:
            answer = await self._answer(request)
        except ConnectionLost as lost:
            if lost.timed_out:  # cancelled as soon as the caller gives up
                await asyncio.sleep(_HOLD)
            if request.transport is not None:
                request.transport.close()
            return web.Response()
        response = web.StreamResponse(status=answer.status, headers=answer.headers)
        is_whole = answer.headers.get("content-length") == str(len(answer.body))
        if not (is_whole and request.content.is_eof()):  # else the next message begins nowhere
            response.force_close()
        await response.prepare(request)
        await self._write(response, answer)
        return response

    async def _write(self, response: web.StreamResponse, answer: HttpAnswer) -> None:
        """Write a body, at once or byte by byte; these take real time where time stands still."""
        seconds = answer.seconds_per_byte
        if not seconds:
            await response.write(answer.body)
            return
        for byte in answer.body:
            await asyncio.sleep(self._pace.owed(seconds) or seconds)
            await response.write(bytes([byte]))

    async def _answer(self, request: web.BaseRequest) -> HttpAnswer:
        arrived = HttpRequest(
            headers={name.lower(): value for name, value in request.headers.items()},
            body=b"",
            method=request.method,
            path=request.rel_url.raw_path,
            query=request.rel_url.raw_query_string,
        )
        refusal = self._visitors.refusal(arrived.headers)
        if refusal is not None:
            return self._refused(arrived, refusal)
        try:
            async with asyncio.timeout(self._patience):
                body = await request.read()
        except TimeoutError:
            return self._refused(arrived, _TOO_SLOW)
        except web.HTTPRequestEntityTooLarge:
            return self._refused(arrived, _TOO_LARGE)
        except CALLERS_FAULTS:
            return self._refused(arrived, _BROKEN)
        arrived = attrs.evolve(arrived, body=body)
        try:
            if arrived.path.startswith(CONTROL_PATH):
                return self._controlled(arrived)
            return await self._answer_in_time(arrived)
        except ConnectionLost:
            raise
        except Exception as failure:  # noqa: BLE001  (kept, and told of)
            _log.exception("the simulated AWS failed at a request to %s", visible(arrived.path))
            self.failures.append(failure)
            return self._refused(arrived, _OWN_FAULT)

    async def _answer_in_time(self, arrived: HttpRequest) -> HttpAnswer:
        """Let the services answer; where that takes simulated time, it takes real time too."""
        clock = self._aws.clock
        with clock.lock:
            self._pace.catch_up(clock)
            before = clock.seconds
            answer = self._aws.answer(arrived)
            dripping = answer.seconds_per_byte * len(answer.body)
            owed = self._pace.owed(max(0.0, clock.seconds - before - dripping))
        await asyncio.sleep(owed)
        return answer

    def _controlled(self, arrived: HttpRequest) -> HttpAnswer:
        with self._aws.clock.lock:
            self._pace.catch_up(self._aws.clock)
            path = arrived.path.removeprefix(CONTROL_PATH)
            status, document = self._control.answer(arrived.method, path, arrived.body)
        return _document(status, document)

    def _refused(self, arrived: HttpRequest, error: SimulatedError) -> HttpAnswer:
        """Refuse a request in the form of whom it is for."""
        if arrived.path.startswith(CONTROL_PATH):
            return _document(error.http_status, {"error": str(error)})
        return self._aws.refuse(arrived, error)


def _document(status: int, document: Mapping[str, object]) -> HttpAnswer:
    body = json.dumps(document, default=str, indent=2).encode() + b"\n"
    headers = {"content-type": "application/json", "content-length": str(len(body))}
    return HttpAnswer(status=status, headers=headers, body=body)
