"""A network that answers what a test says, under real botocore clients."""

from __future__ import annotations

import json
from collections import deque
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.loaders import create_loader
from botocore.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from botocore.awsrequest import AWSPreparedRequest

LOADER = create_loader()
"""Shared, for it keeps what it has read."""
REQUEST_ID = "b25f48e8-84fd-11e6-80d9-574e0c4664cb"


class Body(BytesIO):
    """What botocore reads an answer from: urllib3's response, as far as it matters."""

    def stream(self, _: int = 0) -> Iterator[bytes]:
        """Yield the whole body."""
        yield self.read()


class CannedNetwork:
    """Hands out one session; each request gets the next answer, the last one for ever."""

    def __init__(
        self,
        *,
        region: str | None = "us-east-1",
        attempts: int = 1,
        session: Session | None = None,
    ) -> None:
        self.requests: list[tuple[str, Any]] = []
        self._answers: deque[AWSResponse | Exception] = deque()
        self.session = session or Session(include_builtin_handlers=True)
        self.session.register_component("data_loader", LOADER)
        self.session.set_config_variable("config_file", "/dev/null")
        self.session.set_config_variable("credentials_file", "/dev/null")
        self.session.set_config_variable("region", region)
        self.session.set_credentials("AKIDEXAMPLE", "secret-that-must-not-leak")
        self.session.set_default_client_config(
            Config(retries={"mode": "standard", "total_max_attempts": attempts})
        )
        self.watch(self._answer)

    def watch(self, handler: Callable[[AWSPreparedRequest], object]) -> None:
        """Call the handler with each request that is about to leave."""

        def handle(**event: Any) -> object:  # noqa: ANN401  (botocore's events hold anything)
            return handler(event["request"])

        self.session.register("before-send", cast("Any", handle))

    def will_answer(
        self,
        body: object,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        request_id: str | None = REQUEST_ID,
    ) -> None:
        """Add an answer: bytes as they are, anything else as JSON."""
        raw = Body(body if isinstance(body, bytes) else json.dumps(body).encode())
        sent = {"x-amzn-RequestId": request_id} if request_id else {}
        sent |= headers or {}
        self._answers.append(
            AWSResponse("https://canned.invalid", status, cast("Any", sent), cast("Any", raw))
        )

    def will_refuse(
        self, code: str, *, status: int = 400, message: str | None = "no", **members: str
    ) -> None:
        """Add an error in the wire form of AWS JSON."""
        self.will_answer({"__type": code, "message": message, **members}, status=status)

    def will_raise(self, error: Exception) -> None:
        """Break the connection."""
        self._answers.append(error)

    def _answer(self, request: AWSPreparedRequest) -> AWSResponse:
        target = cast("Any", request.headers["X-Amz-Target"]).decode()
        self.requests.append((target.rpartition(".")[2], json.loads(cast("bytes", request.body))))
        answer = self._answers[0] if len(self._answers) == 1 else self._answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        return answer
