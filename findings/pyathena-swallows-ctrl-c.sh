#!/usr/bin/env bash
# Ctrl-C while PyAthena waits for a query does not end the program
#
# One would guess: that the query is stopped, as the option kill_on_interrupt says, and that
# KeyboardInterrupt goes on its way.
#
# Really: KeyboardInterrupt ends in the wait. If the query is cancelled, OperationalError is
# raised, which `except Exception` takes for a failed query; if it succeeded before the stop came,
# execute() returns as if nobody had pressed a key, and the program goes on.
#
# Versions: pyathena 3.35.2, boto3 1.44.5.
#
# Why it matters: a loop over queries cannot be ended by Ctrl-C: each press stops one query and
# the next one is started.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet pyathena==3.35.2 boto3==1.44.5
env -i PATH="$PATH" HOME="$folder" AWS_EC2_METADATA_DISABLED=true venv/bin/python - <<'PYTHON'
import importlib.metadata
import json
import logging
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pyathena

logging.disable()
signal.signal(signal.SIGINT, signal.default_int_handler)
state = {}
result = {
    "ResultSet": {
        "Rows": [{"Data": [{"VarCharValue": "n"}]}, {"Data": [{"VarCharValue": "1"}]}],
        "ResultSetMetadata": {"ColumnInfo": [{"Name": "n", "Type": "integer"}]},
    }
}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps(self.answer()).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer(self):
        match self.headers["X-Amz-Target"].rpartition(".")[2]:
            case "StartQueryExecution":
                return {"QueryExecutionId": "example"}
            case "GetQueryExecution":
                if state["now"] == "RUNNING":
                    os.kill(os.getpid(), signal.SIGINT)
                return {
                    "QueryExecution": {
                        "QueryExecutionId": "example",
                        "Query": "SELECT 1 AS n",
                        "ResultConfiguration": {"OutputLocation": "s3://example/result.csv"},
                        "Status": {"State": state["now"]},
                    }
                }
            case "StopQueryExecution":
                state["now"] = state["end"]
                return {}
            case _:
                return result

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
connection = pyathena.connect(
    s3_staging_dir="s3://example/",
    region_name="us-east-1",
    endpoint_url=f"http://127.0.0.1:{server.server_port}",
    aws_access_key_id="example",
    aws_secret_access_key="example",
    poll_interval=0.5,
)


def interrupted(end):
    state.update(now="RUNNING", end=end)
    try:
        return connection.cursor().execute("SELECT 1 AS n").fetchall()
    except (Exception, KeyboardInterrupt) as error:
        return type(error).__name__


seen = [interrupted("CANCELLED"), interrupted("SUCCEEDED")]
print(f"pyathena {importlib.metadata.version('pyathena')}: {seen}")
if seen != ["OperationalError", [(1,)]]:
    sys.exit("no longer so: OperationalError and the rows were expected")
PYTHON
