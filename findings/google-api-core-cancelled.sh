#!/usr/bin/env bash
# An operation that was cancelled does not raise Cancelled
#
# One would guess: that result() of a Google Cloud operation that was cancelled raises
# google.api_core.exceptions.Cancelled, for the operation's error has the code CANCELLED.
#
# Really: it raises a bare GoogleAPICallError, whatever the code is; the code is in its `errors`
# only. cancel() returns True as soon as it was asked for, also where the work then succeeds.
#
# Versions: google-api-core 2.44.0.
#
# Why it matters: `except Cancelled` around a wait for a stopped operation never matches, and
# `cancel() is True` is no proof that anything stopped.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet google-api-core==2.44.0
env -i PATH="$PATH" HOME="$folder" venv/bin/python - <<'PYTHON'
import importlib.metadata
import sys

from google.api_core import exceptions, operation
from google.longrunning import operations_pb2
from google.protobuf import struct_pb2
from google.rpc import code_pb2


def stopped(code):
    """Return what cancel() and result() say of work that ends with a code after the cancel."""
    end = operations_pb2.Operation(name="operations/example", done=True)
    if code is None:
        end.response.Pack(struct_pb2.Struct())
    else:
        end.error.code = code
    answers = [operations_pb2.Operation(name="operations/example"), end]
    future = operation.Operation(
        answers[0],
        lambda **_: answers.pop(0) if len(answers) > 1 else end,
        lambda **_: None,
        struct_pb2.Struct,
    )
    asked = future.cancel()
    try:
        return asked, type(future.result()).__name__
    except exceptions.GoogleAPICallError as error:
        return asked, type(error).__name__, future.cancelled()


seen = [stopped(None), stopped(code_pb2.CANCELLED)]
print(f"google-api-core {importlib.metadata.version('google-api-core')}: {seen}")
if seen != [(True, "Struct"), (True, "GoogleAPICallError", True)]:
    sys.exit("no longer so: a result, and GoogleAPICallError, were expected, each after True")
PYTHON
