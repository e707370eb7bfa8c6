#!/usr/bin/env bash
# A listing that was cut off on its way is an empty listing
#
# One would guess: that a body shorter than its Content-Length raises an error, as a connection
# that broke.
#
# Really: botocore 1.43.114 raises ConnectionClosedError. Since 1.43.116 the body is read as far
# as it came, JSON that does not parse counts as no members, and the answer is {}.
#
# Versions: botocore 1.43.114, 1.43.116 and 1.44.5.
#
# Why it matters: whoever lists what is running in order to cancel it finds nothing to cancel, and
# no error says otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >seen.py <<'PYTHON'
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import botocore
import botocore.session
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", "400")
        self.end_headers()
        self.wfile.write(b'{"TaskExecutions": [{"TaskExec')

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()


def client_of(service, **options):
    return botocore.session.Session().create_client(
        service,
        region_name="us-east-1",
        aws_access_key_id="example",
        aws_secret_access_key="example",
        **options,
    )


client = client_of(
    "datasync",
    endpoint_url=f"http://127.0.0.1:{server.server_port}",
    config=Config(retries={"total_max_attempts": 1}),
)
try:
    answer = client.list_task_executions()
    del answer["ResponseMetadata"]
    seen = str(answer)
except ConnectionClosedError as error:
    seen = type(error).__name__
print(f"botocore {botocore.__version__}: {seen}")
if seen != sys.argv[1]:
    sys.exit(f"no longer so: {sys.argv[1]} was expected")
PYTHON
python3 -m venv before
before/bin/pip install --quiet botocore==1.43.114
env -i PATH="$PATH" HOME="$folder" AWS_EC2_METADATA_DISABLED=true before/bin/python seen.py ConnectionClosedError
python3 -m venv first
first/bin/pip install --quiet botocore==1.43.116
env -i PATH="$PATH" HOME="$folder" AWS_EC2_METADATA_DISABLED=true first/bin/python seen.py '{}'
python3 -m venv since
since/bin/pip install --quiet botocore==1.44.5
env -i PATH="$PATH" HOME="$folder" AWS_EC2_METADATA_DISABLED=true since/bin/python seen.py '{}'
