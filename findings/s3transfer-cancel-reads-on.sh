#!/usr/bin/env bash
# An upload that was cancelled reads its source to the end
#
# One would guess: that cancel() of an upload from a stream stops reading it, and that a future
# that is done() gives its result at once.
#
# Really: done() is True at once. The thread that cuts the stream into parts goes on until the
# stream ends, throws the parts away, and only then result() raises CancelledError.
#
# Versions: s3transfer 0.19.3, boto3 1.44.5, moto 5.2.5.
#
# Why it matters: a runaway upload from a slow or endless source (a pipe, a log, another download)
# is "cancelled" and goes on to read for as long as the source gives.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet boto3==1.44.5 s3transfer==0.19.3 moto==5.2.5
env -i PATH="$PATH" HOME="$folder" AWS_EC2_METADATA_DISABLED=true venv/bin/python - <<'PYTHON'
import sys
import threading
from concurrent.futures import CancelledError

import boto3
import moto
import s3transfer
from s3transfer.manager import TransferConfig, TransferManager

PART = 5 * 2**20
is_read, is_cancelled = threading.Event(), threading.Event()


class Source:
    """Twenty parts, of which the fourth is given when the upload has been cancelled."""

    reads = 0

    def read(self, size=-1):
        self.reads += 1
        if self.reads == 4:
            is_read.set()
            is_cancelled.wait(30)
        return b"x" * size if self.reads <= 20 else b""


with moto.mock_aws():
    client = boto3.client(
        "s3",
        region_name="us-east-1",
        aws_access_key_id="example",
        aws_secret_access_key="example",
    )
    client.create_bucket(Bucket="example")
    source = Source()
    config = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART)
    with TransferManager(client, config) as manager:
        future = manager.upload(source, "example", "example")
        is_read.wait(30)
        future.cancel()
        is_done = future.done()
        is_cancelled.set()
        try:
            future.result()
        except CancelledError:
            seen = [is_done, source.reads >= 20]
print(f"s3transfer {s3transfer.__version__}: done at once, read to the end: {seen}")
if seen != [True, True]:
    sys.exit("no longer so: True and True were expected")
PYTHON
