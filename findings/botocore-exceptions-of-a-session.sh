#!/usr/bin/env bash
# client.exceptions.X of one session does not catch the same X of another session
#
# One would guess: that ExecutionDoesNotExist is one class for each service.
#
# Really: each session makes its own classes. They have one name, print alike, and none is a
# subclass of the other; of two clients of one session it is the same class.
#
# Versions: botocore 1.44.5.
#
# Why it matters: where there is a session for each account or thread, `except
# client.exceptions.ExecutionDoesNotExist` around a stop only catches what that client's session
# raised. Compare the code in the response.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet botocore==1.44.5
env -i PATH="$PATH" HOME="$folder" AWS_EC2_METADATA_DISABLED=true venv/bin/python - <<'PYTHON'
import sys

import botocore
import botocore.session
from botocore.awsrequest import AWSResponse


class Raw:
    """The body of an answer."""

    def __init__(self, body):
        self.body = body

    def stream(self, *_args, **_options):
        yield self.body


def client_of(session):
    return session.create_client(
        "stepfunctions",
        region_name="us-east-1",
        aws_access_key_id="example",
        aws_secret_access_key="example",
    )


session = botocore.session.Session()
client = client_of(session)
others = {"same session": client_of(session), "other": client_of(botocore.session.Session())}
body = b'{"__type": "ExecutionDoesNotExist", "message": "it is not there"}'
client.meta.events.register(
    "before-send", lambda request, **_: AWSResponse(request.url, 400, {}, Raw(body))
)
try:
    client.stop_execution(executionArn="arn:example")
except client.exceptions.ExecutionDoesNotExist as error:
    seen = {
        name: isinstance(error, other.exceptions.ExecutionDoesNotExist)
        for name, other in others.items()
    }
print(f"botocore {botocore.__version__}: caught by the class of {seen}")
if seen != {"same session": True, "other": False}:
    sys.exit("no longer so: only the class of the same session was expected to catch it")
PYTHON
