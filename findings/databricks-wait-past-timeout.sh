#!/usr/bin/env bash
# cancel_run_and_wait with a timeout of two seconds gives up after four
#
# One would guess: that the wait ends at its timeout, and that a run which broke inside Databricks
# (INTERNAL_ERROR, an end as good as TERMINATED) ends it as one that FAILED does.
#
# Really: it looks at the clock between sleeps only, which grow by a second each and are not cut
# short: two seconds become more than three. For INTERNAL_ERROR, OperationFailed is raised; for a
# run that FAILED, or that had succeeded before the cancel, the run is returned.
#
# Versions: databricks-sdk 0.162.0.
#
# Why it matters: the seconds between SIGTERM and SIGKILL are counted; and only the result state
# tells whether the cancel had any part in the end.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet databricks-sdk==0.162.0
env -i PATH="$PATH" HOME="$folder" venv/bin/python - <<'PYTHON'
import importlib.metadata
import json
import logging
import sys
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from databricks.sdk import WorkspaceClient

logging.disable()
state = {}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"run_id": 1, "state": state}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = WorkspaceClient(host=f"http://127.0.0.1:{server.server_port}", token="example")


def stopped(**now):
    state.clear()
    state.update(now)
    try:
        run = client.jobs.cancel_run_and_wait(1, timeout=timedelta(seconds=2))
    except Exception as error:
        return type(error).__name__
    return run.state.result_state.value


seen = [
    stopped(life_cycle_state="TERMINATED", result_state="SUCCESS"),
    stopped(life_cycle_state="TERMINATED", result_state="FAILED"),
    stopped(life_cycle_state="INTERNAL_ERROR", result_state="FAILED"),
]
began = time.monotonic()
seen.append(stopped(life_cycle_state="RUNNING"))
is_late = time.monotonic() - began > 3
version = importlib.metadata.version("databricks-sdk")
print(f"databricks-sdk {version}: {seen}, a second late: {is_late}")
if seen != ["SUCCESS", "FAILED", "OperationFailed", "TimeoutError"] or not is_late:
    sys.exit("no longer so: SUCCESS, FAILED, OperationFailed and a late TimeoutError were expected")
PYTHON
