#!/usr/bin/env bash
# By default, botocore 1.44 asks three times for a quota that is used up
#
# One would guess: that LimitExceededException, which CloudWatch Logs documents as a quota of
# resources that is used up, is raised at the first answer, in every version.
#
# Really: the default retry mode of botocore 1.44 is `standard`, which takes that code for
# throttling, whatever the service: three requests, where `legacy`, the default of 1.43, sends
# one.
#
# Versions: botocore 1.43.117 and 1.44.5.
#
# Why it matters: a refusal that waiting cannot mend takes longer to arrive, and a count of
# requests that was written for one version is wrong with the other.
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
from botocore.exceptions import ClientError


class Handler(BaseHTTPRequestHandler):
    requests = 0

    def do_POST(self):
        Handler.requests += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"__type": "LimitExceededException", "message": "one export at a time"}'
        self.send_response(400)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

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


client = client_of("logs", endpoint_url=f"http://127.0.0.1:{server.server_port}")
try:
    client.create_export_task(
        logGroupName="example", destination="example", **{"from": 0, "to": 1700000000000}
    )
except client.exceptions.LimitExceededException:
    print(f"botocore {botocore.__version__}: requests: {Handler.requests}")
else:
    sys.exit("no longer so: LimitExceededException was expected")
if Handler.requests != int(sys.argv[1]):
    sys.exit(f"no longer so: {sys.argv[1]} were expected")
PYTHON
python3 -m venv before
before/bin/pip install --quiet botocore==1.43.117
env -i PATH="$PATH" HOME="$folder" AWS_EC2_METADATA_DISABLED=true before/bin/python seen.py 1
python3 -m venv since
since/bin/pip install --quiet botocore==1.44.5
env -i PATH="$PATH" HOME="$folder" AWS_EC2_METADATA_DISABLED=true since/bin/python seen.py 3
