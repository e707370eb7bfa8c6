"""The least a cancel can take with botocore's signer: SigV4Auth and urllib3, no client."""

import json
import os

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


class Signed:
    """Sends signed cancels; retries nothing, checks nothing, reads the answer."""

    def __init__(self, connections=1):
        self._url = os.environ["AWS_ENDPOINT_URL"]
        self._region = os.environ["AWS_DEFAULT_REGION"]
        self._pool = urllib3.PoolManager(maxsize=connections)
        self._credentials = Credentials(
            os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
        )

    def cancel(self, task):
        """Cancel one task, by its id or ARN."""
        if task.startswith("arn:"):
            service, target = "datasync", "FmrsService.CancelTaskExecution"
            body = {"TaskExecutionArn": task}
        else:
            service, target = "fsx", "AWSSimbaAPIService_v20180301.CancelDataRepositoryTask"
            body = {"TaskId": task}
        headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
        request = AWSRequest("POST", self._url + "/", headers, json.dumps(body).encode())
        SigV4Auth(self._credentials, service, self._region).add_auth(request)
        answer = self._pool.request(
            "POST", request.url, body=request.data, headers=dict(request.headers.items())
        )
        return answer.json()
