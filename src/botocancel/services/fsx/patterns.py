"""What the ids and ARNs of Amazon FSx look like."""

from __future__ import annotations

from typing import Final

__all__ = [
    "FILE_CACHE_ID_LENGTH",
    "FILE_CACHE_ID_PATTERN",
    "FILE_SYSTEM_ID_LENGTH",
    "FILE_SYSTEM_ID_PATTERN",
    "RESOURCE_ARN_LENGTH",
    "RESOURCE_ARN_PATTERN",
    "TASK_ID_LENGTH",
    "TASK_ID_PATTERN",
]


TASK_ID_PATTERN: Final = "^(task-[0-9a-f]{17,})$"
"""The pattern of ``TaskId``."""
TASK_ID_LENGTH: Final = (12, 128)
"""The least and the greatest number of characters of ``TaskId``."""

RESOURCE_ARN_PATTERN: Final = (
    r"^arn:(?=[^:]+:fsx:[^:]+:\d{12}:)((|"
    r"(?=[a-z0-9-.]{1,63})(?!\d{1,3}(\.\d{1,3}){3})(?![^:]*-{2})(?![^:]*-\.)(?![^:]*\."
    r"-)[a-z0-9].*(?<!-)):){4}(?!/).{0,1024}$"
)
"""The pattern of ``ResourceARN``."""
RESOURCE_ARN_LENGTH: Final = (8, 512)
"""The least and the greatest number of characters of ``ResourceARN``."""

FILE_SYSTEM_ID_PATTERN: Final = "^(fs-[0-9a-f]{8,})$"
"""The pattern of ``FileSystemId``."""
FILE_SYSTEM_ID_LENGTH: Final = (11, 21)
"""The least and the greatest number of characters of ``FileSystemId``."""

FILE_CACHE_ID_PATTERN: Final = "^(fc-[0-9a-f]{8,})$"
"""The pattern of ``FileCacheId``."""
FILE_CACHE_ID_LENGTH: Final = (11, 21)
"""The least and the greatest number of characters of ``FileCacheId``."""
