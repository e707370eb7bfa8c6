"""One cancel in a new process, by botocore without boto3."""

import sys

from botocore.session import get_session

if sys.argv[1].startswith("arn:"):
    client = get_session().create_client("datasync")
    client.cancel_task_execution(TaskExecutionArn=sys.argv[1])
else:
    get_session().create_client("fsx").cancel_data_repository_task(TaskId=sys.argv[1])
