#!/usr/bin/env bash
# One time that Python cannot hold hides every other task of the answer
#
# One would guess: that a time that cannot be parsed is None, or its text, in the one item that
# has it.
#
# Really: ValueError leaves the call, and with it goes the whole answer: for a leap second, which
# RFC 3339 allows, and for the first second of the year 10000.
#
# Versions: botocore 1.44.5.
#
# Why it matters: the other tasks of the page can be neither seen nor cancelled; and it is no
# BotoCoreError, so the usual `except` misses it.
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
from botocore.exceptions import BotoCoreError, ClientError


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


def ids(time):
    body = (
        '{"DataRepositoryTasks": [{"TaskId": "task-1", "CreationTime": 1700000000},'
        ' {"TaskId": "task-2", "CreationTime": %s}]}' % time
    )
    client = client_of("fsx")
    client.meta.events.register(
        "before-send", lambda request, **_: AWSResponse(request.url, 200, {}, Raw(body.encode()))
    )
    try:
        tasks = client.describe_data_repository_tasks()["DataRepositoryTasks"]
    except (BotoCoreError, ClientError):
        return "an error of botocore"
    except ValueError:
        return "ValueError"
    return [task["TaskId"] for task in tasks]


times = {"1700000001": ["task-1", "task-2"]}
times |= {'"2016-12-31T23:59:60Z"': "ValueError", "253402300800": "ValueError"}
seen = {time: ids(time) for time in times}
print(f"botocore {botocore.__version__}: {seen}")
if seen != times:
    sys.exit(f"no longer so: {times} was expected")
PYTHON
