#!/usr/bin/env bash
# moto's Step Functions loses the cause of a stop, and a second stop moves the end
#
# One would guess: that describe_execution gives back the cause and error that stop_execution was
# given, and that stopDate is the time of the first stop.
#
# Really: neither is in the description, and each further stop_execution sets stopDate anew.
#
# Versions: moto 5.2.5, boto3 1.44.5.
#
# Why it matters: code that tells its own stops from others by their cause cannot be tested with
# it; and a test that compares the end of a task before and after a repeated cancel finds another
# one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet boto3==1.44.5 moto==5.2.5
env -i PATH="$PATH" HOME="$folder" AWS_EC2_METADATA_DISABLED=true venv/bin/python - <<'PYTHON'
import sys
import time

import boto3
import moto

with moto.mock_aws():
    client = boto3.client(
        "stepfunctions",
        region_name="us-east-1",
        aws_access_key_id="example",
        aws_secret_access_key="example",
    )
    machine = client.create_state_machine(
        name="example",
        definition='{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}',
        roleArn="arn:aws:iam::123456789012:role/example",
    )["stateMachineArn"]
    execution = client.start_execution(stateMachineArn=machine)["executionArn"]

    def stopped():
        client.stop_execution(executionArn=execution, error="Example", cause="an example")
        time.sleep(0.01)
        return client.describe_execution(executionArn=execution)

    first, second = stopped(), stopped()
seen = [first["status"], "cause" in first, "error" in first, second["stopDate"] > first["stopDate"]]
print(f"moto {moto.__version__}: status, has cause, has error, end has moved: {seen}")
if seen != ["ABORTED", False, False, True]:
    sys.exit("no longer so: ABORTED, False, False and True were expected")
PYTHON
