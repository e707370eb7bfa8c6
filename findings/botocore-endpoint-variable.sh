#!/usr/bin/env bash
# AWS_ENDPOINT_URL_STEPFUNCTIONS is ignored in silence, and the request goes to AWS
#
# One would guess: that the variable is named for the client, `stepfunctions`, or for the host,
# `states`.
#
# Really: it is AWS_ENDPOINT_URL_SFN, for the model's service id. Any other name changes nothing
# and is warned of nowhere. So it is with other clients: `logs` is CLOUDWATCH_LOGS, `events` is
# EVENTBRIDGE.
#
# Versions: botocore 1.44.5.
#
# Why it matters: a test that was to stop a simulated execution stops, or fails to find, a real
# one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet botocore==1.44.5
env -i PATH="$PATH" HOME="$folder" AWS_EC2_METADATA_DISABLED=true venv/bin/python - <<'PYTHON'
import os
import sys
import warnings

import botocore
import botocore.session

warnings.simplefilter("error")


def client_of(service, **options):
    return botocore.session.Session().create_client(
        service,
        region_name="us-east-1",
        aws_access_key_id="example",
        aws_secret_access_key="example",
        **options,
    )


def obeyed(service, name):
    os.environ[variable := f"AWS_ENDPOINT_URL_{name}"] = "http://127.0.0.1:9"
    url = client_of(service).meta.endpoint_url
    del os.environ[variable]
    return url == "http://127.0.0.1:9"


seen = {
    (service, name): obeyed(service, name)
    for service, names in {
        "stepfunctions": ["STEPFUNCTIONS", "STATES", "SFN"],
        "logs": ["LOGS", "CLOUDWATCH_LOGS"],
        "events": ["EVENTS", "EVENTBRIDGE"],
    }.items()
    for name in names
}
print(f"botocore {botocore.__version__}: {seen}")
if list(seen.values()) != [False, False, True, False, True, False, True]:
    sys.exit("no longer so: SFN, CLOUDWATCH_LOGS and EVENTBRIDGE alone were expected to be obeyed")
PYTHON
