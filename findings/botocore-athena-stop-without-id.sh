#!/usr/bin/env bash
# stop_query_execution() without an id asks to stop a query that nobody started
#
# One would guess: that ParamValidationError names the missing QueryExecutionId, which the model
# requires.
#
# Really: the model also marks it as an idempotency token, so botocore fills in a random UUID,
# another for each call, and sends the request. get_query_execution() without an id is refused.
#
# Versions: botocore 1.44.5.
#
# Why it matters: an id that was lost on the way (`**{}`) is a request about a query that does not
# exist, and not a mistake that is found before the network.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet botocore==1.44.5
env -i PATH="$PATH" HOME="$folder" AWS_EC2_METADATA_DISABLED=true venv/bin/python - <<'PYTHON'
import json
import sys
import uuid

import botocore
import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ParamValidationError


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


sent = []


def answer(request, **_):
    sent.append(json.loads(request.body)["QueryExecutionId"])
    return AWSResponse(request.url, 200, {}, Raw(b"{}"))


client = client_of("athena")
client.meta.events.register("before-send", answer)
try:
    client.stop_query_execution()
    client.stop_query_execution()
except ParamValidationError as error:
    sys.exit(f"no longer so: {error}")
print(f"botocore {botocore.__version__}: sent {sent}")
if len({uuid.UUID(made) for made in sent}) != 2:
    sys.exit("no longer so: two UUIDs were expected")
try:
    client.get_query_execution()
except ParamValidationError as error:
    print(f"get_query_execution(): {error}")
else:
    sys.exit("no longer so: get_query_execution() was expected to be refused")
PYTHON
