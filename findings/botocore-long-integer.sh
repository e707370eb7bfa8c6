#!/usr/bin/env bash
# An integer of 4,301 digits makes the answer empty
#
# One would guess: that a valid JSON document is either parsed or an error.
#
# Really: Python's `json` raises ValueError for an integer of more than 4,300 digits. botocore
# takes every ValueError for "this is no JSON", and returns an answer without members.
#
# Versions: botocore 1.44.5, Python 3.11 and newer.
#
# Why it matters: no service counts that far; but it shows that botocore's answer to a body it
# cannot read is "nothing", and "nothing is running" must be told from it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet botocore==1.44.5
env -i PATH="$PATH" HOME="$folder" AWS_EC2_METADATA_DISABLED=true venv/bin/python - <<'PYTHON'
import json
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


def client_of(service, **options):
    return botocore.session.Session().create_client(
        service,
        region_name="us-east-1",
        aws_access_key_id="example",
        aws_secret_access_key="example",
        **options,
    )


def members(digits):
    body = '{"DataRepositoryTasks": [{"TaskId": "task-1", "Status": {"TotalCount": %s}}]}'
    body %= "1" * digits
    client = client_of("fsx")
    client.meta.events.register(
        "before-send", lambda request, **_: AWSResponse(request.url, 200, {}, Raw(body.encode()))
    )
    answer = client.describe_data_repository_tasks()
    del answer["ResponseMetadata"]
    return sorted(answer)


seen = members(4300), members(4301)
print(f"botocore {botocore.__version__}: members with 4,300 and 4,301 digits: {seen}")
if seen != (["DataRepositoryTasks"], []):
    sys.exit("no longer so: the members were expected with 4,300 digits alone")
try:
    json.loads("1" * 4301)
except ValueError as error:
    print(f"json: {error}")
else:
    sys.exit("no longer so: json was expected to refuse 4,301 digits")
PYTHON
