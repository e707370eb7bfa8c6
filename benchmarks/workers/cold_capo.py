"""One cancel in a new process, by capo's plain client, as it is shipped."""

import sys

if sys.argv[1].startswith("arn:"):
    from capo_datasync import DataSyncClient

    with DataSyncClient() as client:
        client.cancel_task_execution(sys.argv[1])
else:
    from capo_fsx import FSxClient

    with FSxClient() as client:
        client.cancel_data_repository_task(task_id=sys.argv[1])
