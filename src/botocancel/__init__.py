"""Stop AWS work, and know that it stopped.

One typed `cancel(task)` for Amazon FSx data repository tasks and AWS DataSync
task executions. Importing this package imports no botocore; the first use of a
name loads what it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocancel._imports import load

if TYPE_CHECKING:
    from botocancel.accounts import Account
    from botocancel.aio import AsyncTaskClient
    from botocancel.batch import AsyncBatch, Batch
    from botocancel.client import TaskClient
    from botocancel.default import cancel, cancel_and_wait, describe
    from botocancel.errors import (
        AccessDenied,
        BotocancelError,
        BotocoreTooOld,
        ConfigurationError,
        Conflict,
        CredentialsExpired,
        CredentialsRejected,
        CredentialsUnavailable,
        InternalException,
        InvalidInput,
        InvalidRequest,
        InvalidResponse,
        JournalError,
        LimitExceeded,
        NotFound,
        RequestExpired,
        ServiceError,
        ServiceUnavailable,
        TaskCanceling,
        TaskEnded,
        Throttled,
        TransportError,
        UnexpectedError,
        Unsupported,
        WaitTimeout,
        is_retryable,
    )
    from botocancel.fleet import AsyncFleet, Fleet
    from botocancel.guard import AsyncGuard, Guard
    from botocancel.listing import AsyncListing, Listing
    from botocancel.model import (
        OpenEnum,
        Request,
        Response,
        ResponseMetadata,
        Shape,
        Unreadable,
        WireError,
    )
    from botocancel.phases import Phase
    from botocancel.polling import Backoff, RetryPolicy
    from botocancel.refs import NamesTask, TaskRef
    from botocancel.results import (
        Aftermath,
        Basis,
        Cancellation,
        Cause,
        Certainty,
        Done,
        Failed,
        Fate,
        Gap,
        GapCause,
        Outcome,
        Progress,
        Result,
        Sighting,
        Summary,
        TaskPlace,
        TaskSnapshot,
    )
    from botocancel.services import task_ref
    from botocancel.services.datasync import DataSyncError, TaskExecutionRef
    from botocancel.services.fsx import DataRepositoryTaskRef, FSxError

__all__ = [
    "AccessDenied",
    "Account",
    "Aftermath",
    "AsyncBatch",
    "AsyncFleet",
    "AsyncGuard",
    "AsyncListing",
    "AsyncTaskClient",
    "Backoff",
    "Basis",
    "Batch",
    "BotocancelError",
    "BotocoreTooOld",
    "Cancellation",
    "Cause",
    "Certainty",
    "ConfigurationError",
    "Conflict",
    "CredentialsExpired",
    "CredentialsRejected",
    "CredentialsUnavailable",
    "DataRepositoryTaskRef",
    "DataSyncError",
    "Done",
    "FSxError",
    "Failed",
    "Fate",
    "Fleet",
    "Gap",
    "GapCause",
    "Guard",
    "InternalException",
    "InvalidInput",
    "InvalidRequest",
    "InvalidResponse",
    "JournalError",
    "LimitExceeded",
    "Listing",
    "NamesTask",
    "NotFound",
    "OpenEnum",
    "Outcome",
    "Phase",
    "Progress",
    "Request",
    "RequestExpired",
    "Response",
    "ResponseMetadata",
    "Result",
    "RetryPolicy",
    "ServiceError",
    "ServiceUnavailable",
    "Shape",
    "Sighting",
    "Summary",
    "TaskCanceling",
    "TaskClient",
    "TaskEnded",
    "TaskExecutionRef",
    "TaskPlace",
    "TaskRef",
    "TaskSnapshot",
    "Throttled",
    "TransportError",
    "UnexpectedError",
    "Unreadable",
    "Unsupported",
    "WaitTimeout",
    "WireError",
    "cancel",
    "cancel_and_wait",
    "describe",
    "is_retryable",
    "task_ref",
]

__version__ = "0.1.0"

_HOMES = {
    "accounts": ("Account",),
    "fleet": ("AsyncFleet", "Fleet"),
    "aio": ("AsyncTaskClient",),
    "batch": ("AsyncBatch", "Batch"),
    "client": ("TaskClient",),
    "default": ("cancel", "cancel_and_wait", "describe"),
    "guard": ("AsyncGuard", "Guard"),
    "listing": ("AsyncListing", "Listing"),
    "model": (
        "OpenEnum",
        "Request",
        "Response",
        "ResponseMetadata",
        "Shape",
        "Unreadable",
        "WireError",
    ),
    "phases": ("Phase",),
    "polling": ("Backoff", "RetryPolicy"),
    "refs": ("NamesTask", "TaskRef"),
    "results": (
        "Aftermath",
        "Basis",
        "Cancellation",
        "Cause",
        "Certainty",
        "Done",
        "Failed",
        "Fate",
        "Gap",
        "GapCause",
        "Outcome",
        "TaskPlace",
        "Progress",
        "Result",
        "Sighting",
        "Summary",
        "TaskSnapshot",
    ),
    "services": ("task_ref",),
    "services.datasync.errors": ("DataSyncError",),
    "services.datasync.task_execution": ("TaskExecutionRef",),
    "services.fsx.errors": ("FSxError",),
    "services.fsx.data_repository_task": ("DataRepositoryTaskRef",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

if not TYPE_CHECKING:  # a checker would take it for a promise of every name

    def __getattr__(name: str) -> object:
        """Load a public name on first use; the errors are where no other home is listed."""
        if name not in __all__:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        value: object = getattr(load(f"{__name__}.{_HOME_OF.get(name, 'errors')}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
