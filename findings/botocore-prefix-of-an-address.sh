#!/usr/bin/env bash
# StartSyncExecution on 127.0.0.1 is sent to sync-127.0.0.1
#
# One would guess: that the endpoint URL one passes is where every request goes.
#
# Really: the prefix of the operation's host, `sync-`, is put before whatever host there is, an IP
# address included. Config(inject_host_prefix=False) leaves it out.
#
# Versions: botocore 1.44.5.
#
# Why it matters: of one client on one local server, all operations work but this; the error
# speaks of a host that nobody wrote.
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
from botocore.config import Config


class Raw:
    """The body of an answer."""

    def __init__(self, body):
        self.body = body

    def stream(self, *_args, **_options):
        yield self.body


def client_of(service, **options):
    return botocore.session.Session().create_client(
        service,
        region_name="us-east-1",
        aws_access_key_id="example",
        aws_secret_access_key="example",
        **options,
    )


MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:example"
urls = []


def answer(request, **_):
    urls.append(request.url)
    return AWSResponse(request.url, 200, {}, Raw(b"{}"))


for config in (None, Config(inject_host_prefix=False)):
    client = client_of("stepfunctions", endpoint_url="http://127.0.0.1:9", config=config)
    client.meta.events.register("before-send", answer)
    client.start_execution(stateMachineArn=MACHINE)
    client.start_sync_execution(stateMachineArn=MACHINE)
print(f"botocore {botocore.__version__}: {urls}")
plain = "http://127.0.0.1:9/"
if urls != [plain, "http://sync-127.0.0.1:9/", plain, plain]:
    sys.exit("no longer so: the prefix was expected for StartSyncExecution, unless told otherwise")
PYTHON
