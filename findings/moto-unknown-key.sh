#!/usr/bin/env bash
# moto takes an access key that nobody made for the default account's
#
# One would guess: that an access key that no create_access_key or assume_role gave out is refused,
# as InvalidClientTokenId or UnrecognizedClientException; or else that it is nobody's.
#
# Really: it is the account 123456789012. Only keys that moto gave out are of the account that
# they were made for.
#
# Versions: moto 5.2.5, boto3 1.44.5.
#
# Why it matters: in a test with several accounts, a request that is signed with the wrong key
# finds an account all the same, and what should have been refused stops a task of another one.
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


def sts(key, secret, token=None):
    return boto3.client(
        "sts",
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
    )


with moto.mock_aws():
    unknown = sts("AKIAEXAMPLEEXAMPLE00", "example")
    role = unknown.assume_role(
        RoleArn="arn:aws:iam::210987654321:role/example", RoleSessionName="example"
    )["Credentials"]
    known = sts(role["AccessKeyId"], role["SecretAccessKey"], role["SessionToken"])
    seen = [client.get_caller_identity()["Account"] for client in (unknown, known)]
print(f"moto {moto.__version__}: {seen}")
if seen != ["123456789012", "210987654321"]:
    sys.exit("no longer so: 123456789012 and 210987654321 were expected")
PYTHON
