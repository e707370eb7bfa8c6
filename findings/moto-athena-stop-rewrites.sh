#!/usr/bin/env bash
# moto's Athena turns a query that succeeded into a cancelled one
#
# One would guess: that an end stays the end: to stop what SUCCEEDED changes nothing. And that an
# unknown id is an error of the service.
#
# Really: a query of moto has SUCCEEDED when it was started; a stop then sets it to CANCELLED. For
# an id that is not there, KeyError comes out of the caller's own call.
#
# Versions: moto 5.2.5, boto3 1.44.5.
#
# Why it matters: a test that asserts CANCELLED after a stop passes for code that came too late,
# and the handling of "no such query" cannot be tested.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet boto3==1.44.5 moto==5.2.5
env -i PATH="$PATH" HOME="$folder" AWS_EC2_METADATA_DISABLED=true venv/bin/python - <<'PYTHON'
import sys

import boto3
import moto
from botocore.exceptions import ClientError

with moto.mock_aws():
    client = boto3.client(
        "athena",
        region_name="us-east-1",
        aws_access_key_id="example",
        aws_secret_access_key="example",
    )

    def state():
        return client.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"][
            "State"
        ]

    query = client.start_query_execution(
        QueryString="SELECT 1", ResultConfiguration={"OutputLocation": "s3://example/"}
    )["QueryExecutionId"]
    seen = [state()]
    client.stop_query_execution(QueryExecutionId=query)
    seen.append(state())
    try:
        client.stop_query_execution(QueryExecutionId="00000000-0000-4000-8000-000000000000")
    except (ClientError, KeyError) as error:
        seen.append(type(error).__name__)
print(f"moto {moto.__version__}: {seen}")
if seen != ["SUCCEEDED", "CANCELLED", "KeyError"]:
    sys.exit("no longer so: SUCCEEDED, CANCELLED and KeyError were expected")
PYTHON
