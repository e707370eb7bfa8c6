"""One cancel in a new process, by boto3, as its documentation has it."""

import sys

import boto3

if sys.argv[1].startswith("arn:"):
    boto3.client("datasync").cancel_task_execution(TaskExecutionArn=sys.argv[1])
else:
    boto3.client("fsx").cancel_data_repository_task(TaskId=sys.argv[1])
