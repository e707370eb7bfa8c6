"""The witnesses: AWS's own clients, as they come, each asked in its own way."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.session import Session

from tests.witnesses.conversation import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocancel.testing.server import SimulatedServer
    from tests.witnesses.conversation import Answer

ROOT = Path(__file__).parents[2]
JAVASCRIPT = Path(__file__).parent / "javascript"
PATIENCE = 120.0
"""Seconds that another program may take in all."""


def variables(endpoints: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a program that talks to a server, and to nothing else."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return {
        **kept,
        **endpoints,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
    }


class Botocore:
    """botocore, over a real connection, and in a protocol of the caller's choice."""

    def __init__(self, server: SimulatedServer, protocol: str = "json") -> None:
        self._server = server
        self._session = Session()
        self._session.register_component("data_loader", Speaking(protocol))
        found = server.environment
        key, secret = found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"]
        self._session.set_credentials(key, secret)
        self._clients: dict[str, Any] = {}

    def ask(self, service: str, operation: str, **parameters: object) -> Answer:
        client = self._clients.setdefault(service, self._client(service))
        try:
            answer = client._make_api_call(operation, parameters)  # noqa: SLF001  (by AWS's name)
        except ClientError as error:
            response: Answer = error.response
            code = response["Error"]["Code"]
            modelled = type(error).__name__ == code
            message = response["Error"].get("Message")
            status = response["ResponseMetadata"]["HTTPStatusCode"]
            raise Refused(
                code, message, status=status, members=response, modelled=modelled
            ) from error
        metadata = answer.pop("ResponseMetadata")
        assert metadata["RequestId"] == self._server.aws.requests[-1].request_id
        return answer

    def _client(self, service: str) -> Any:  # noqa: ANN401  (its methods are made at run time)
        return self._session.create_client(
            service,
            region_name="us-east-1",
            endpoint_url=self._server.url,
            config=Config(retries={"total_max_attempts": 1}),
        )


class Speaking(Loader):
    """A loader whose models know one protocol only, where they know it at all."""

    def __init__(self, protocol: str) -> None:
        super().__init__(extra_search_paths=[self.BUILTIN_DATA_PATH])
        self._protocol = protocol

    def load_service_model(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        model = super().load_service_model(*arguments, **options)
        metadata = model.get("metadata", {})
        if self._protocol in metadata.get("protocols", ()):
            metadata.update(protocol=self._protocol, protocols=[self._protocol])
        return model


class CommandLine:
    """AWS's command line, a process for each request."""

    _PRINTED = re.compile(
        r"\nAn error occurred \((\w+)\) when calling the (\w+) operation"
        r"(?: \(reached max retries: 0\))?: (.*)\n"
    )

    def __init__(self, server: SimulatedServer) -> None:
        self._variables = variables(server.environment)

    def ask(self, service: str, operation: str, **parameters: object) -> Answer:
        command = re.sub(r"(?<!^)(?=[A-Z])", "-", operation).lower()
        options = ["--no-paginate", "--output", "json", "--cli-input-json", json.dumps(parameters)]
        done = self.run(service, command, *options)
        if done.returncode == 0:
            return json.loads(done.stdout or "{}")
        printed = self._PRINTED.fullmatch(done.stderr)
        assert printed, done.stderr
        assert (done.returncode, done.stdout, printed[2]) == (255, "", operation)
        raise Refused(printed[1], printed[3])

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command_line(), *arguments],
            env=self._variables,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )


class JavaScript:
    """AWS's SDK for JavaScript, in a process that is asked one thing after the other."""

    def __init__(self, server: SimulatedServer, protocol: str = "json") -> None:
        self._server = server
        self._process = subprocess.Popen(
            [_node(), str(JAVASCRIPT / "witness.mjs"), protocol],
            env=variables(server.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._watchdog = threading.Timer(PATIENCE, self._process.kill)
        self._watchdog.start()

    def ask(self, service: str, operation: str, **parameters: object) -> Answer:
        asked = {"service": service, "operation": operation, "parameters": parameters}
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{json.dumps(asked)}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the SDK for JavaScript ended with status {self._process.wait()}"
        told = json.loads(line)
        if "answer" not in told:
            how = {name: told[name] for name in ("status", "members", "modelled")}
            raise Refused(told["code"], told["message"], **how)
        assert (told["status"], told["id"]) == (200, self._server.aws.requests[-1].request_id)
        return told["answer"]

    def close(self) -> None:
        self._watchdog.cancel()
        self._process.communicate(timeout=PATIENCE)


def command_line() -> str:
    """Return where AWS's command line is; skips the test where it is not installed."""
    folder = ROOT / ".venv-awscli"
    found = shutil.which("aws", path=os.pathsep.join([f"{folder}/bin", f"{folder}/Scripts"]))
    if found is None:
        pytest.skip("AWS's command line is not installed: `tools/run.py test tests` does it")
    return found


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node here to run AWS's SDK for JavaScript")
    if not (JAVASCRIPT / "node_modules").is_dir():
        pytest.skip("AWS's SDK for JavaScript is not installed: `tools/run.py test tests` does it")
    return node
