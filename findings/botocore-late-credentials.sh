#!/usr/bin/env bash
# A client that was made before there were credentials never finds them
#
# One would guess: that a client looks for credentials when it signs, as it renews them when they
# expire.
#
# Really: credentials are looked for once, when the client is made. A session finds them later,
# its new clients have them; the old client goes on raising NoCredentialsError.
#
# Versions: botocore 1.44.5.
#
# Why it matters: a service that starts before its credentials are there cannot cancel anything
# until it makes its clients anew.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet botocore==1.44.5
env -i PATH="$PATH" HOME="$folder" AWS_EC2_METADATA_DISABLED=true venv/bin/python - <<'PYTHON'
import os
import sys

import botocore
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.exceptions import NoCredentialsError


class Raw:
    """The body of an answer."""

    def __init__(self, body):
        self.body = body

    def stream(self, *_args, **_options):
        yield self.body


def answers(client):
    client.meta.events.register(
        "before-send", lambda request, **_: AWSResponse(request.url, 200, {}, Raw(b"{}"))
    )
    try:
        client.list_task_executions()
    except NoCredentialsError:
        return False
    return True


session = botocore.session.Session()
early = session.create_client("datasync", region_name="us-east-1")
seen = [answers(early)]
os.environ.update(AWS_ACCESS_KEY_ID="example", AWS_SECRET_ACCESS_KEY="example")
seen.append(answers(session.create_client("datasync", region_name="us-east-1")))
seen.append(answers(early))
print(f"botocore {botocore.__version__}: without, new client with, old client with: {seen}")
if seen != [False, True, False]:
    sys.exit("no longer so: the old client was expected to find no credentials, the new one to")
PYTHON
