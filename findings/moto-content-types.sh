#!/usr/bin/env bash
# moto's server labels the JSON of DataSync text/html, and mock_aws does not label it at all
#
# One would guess: that JSON comes as application/x-amz-json-1.1 with its length, as from AWS, by
# whichever door.
#
# Really: moto's server sends the JSON of DataSync and Batch as text/html, and that of Step
# Functions as application/x-amz-json-1.0; in the process, with mock_aws, the same answers have no
# content type and no length.
#
# Versions: moto 5.2.5, boto3 1.44.5.
#
# Why it matters: who checks that an answer is AWS's, and not the page of a proxy, by its content
# type, refuses moto; who checks its length has nothing to compare.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet boto3==1.44.5 moto==5.2.5 flask==3.1.3 flask-cors==6.0.5
env -i PATH="$PATH" HOME="$folder" AWS_EC2_METADATA_DISABLED=true venv/bin/python - <<'PYTHON'
import logging
import sys

import boto3
import moto
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").disabled = True
CALLS = {
    "datasync": "list_tasks",
    "batch": "describe_job_queues",
    "stepfunctions": "list_state_machines",
}


def headers(**options):
    for service, operation in CALLS.items():
        client = boto3.client(
            service,
            region_name="us-east-1",
            aws_access_key_id="example",
            aws_secret_access_key="example",
            **options,
        )
        yield getattr(client, operation)()["ResponseMetadata"]["HTTPHeaders"]


server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
served = [of.get("content-type") for of in headers(endpoint_url=f"http://127.0.0.1:{port}")]
server.stop()
with moto.mock_aws():
    mocked = [(of.get("content-type"), of.get("content-length")) for of in headers()]
print(f"moto {moto.__version__}: {list(CALLS)}: served {served}, mocked {mocked}")
html = "text/html; charset=utf-8"
if served != [html, html, "application/x-amz-json-1.0"] or mocked[:2] != [(None, None)] * 2:
    sys.exit("no longer so: text/html was expected of the server, and nothing of mock_aws")
PYTHON
