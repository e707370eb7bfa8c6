"""Amazon Athena for botocancel: query executions are stopped as its own tasks are.

Installing the package is all: its entry point tells botocancel of the service. Requests,
responses and shapes are in `botocancel_athena.models`, errors in `botocancel_athena.errors`.
"""

from botocancel_athena.errors import AthenaError
from botocancel_athena.refs import QueryExecutionRef

__all__ = ["AthenaError", "QueryExecutionRef"]
