#!/usr/bin/env bash
# Stubber refuses what AWS Batch says of a job that has not started
#
# One would guess: that the Stubber takes every answer that the parser takes.
#
# Really: the model requires `startedAt`, documented as the time at which the job went from
# STARTING to RUNNING, in every job. The parser does not mind that it is not there; the Stubber
# raises ParamValidationError, and None is refused too. A status that no model has is taken.
#
# Versions: botocore 1.44.5.
#
# Why it matters: the job that is cancelled before it starts, the common case, can only be tested
# with a start that it never had.
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
from botocore.exceptions import ParamValidationError
from botocore.stub import Stubber


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


job = {
    "jobName": "nightly",
    "jobId": "0f0f0f0f-0000-4000-8000-000000000000",
    "jobQueue": "queue",
    "jobDefinition": "definition",
    "status": "RUNNABLE",
}


def stubbed(**more):
    stubber = Stubber(client_of("batch"))
    try:
        stubber.add_response("describe_jobs", {"jobs": [job | more]})
    except ParamValidationError:
        return False
    return True


client = client_of("batch")
body = json.dumps({"jobs": [job]}).encode()
client.meta.events.register(
    "before-send", lambda request, **_: AWSResponse(request.url, 200, {}, Raw(body))
)
seen = {
    "parsed": client.describe_jobs(jobs=[job["jobId"]])["jobs"] == [job],
    "stubbed": stubbed(),
    "stubbed with None": stubbed(startedAt=None),
    "stubbed with 0": stubbed(startedAt=0),
    "stubbed with an unknown status": stubbed(startedAt=0, status="UNHEARD_OF"),
}
print(f"botocore {botocore.__version__}: {seen}")
if list(seen.values()) != [True, False, False, True, True]:
    sys.exit("no longer so: the Stubber was expected to insist on startedAt, and on no status")
PYTHON
