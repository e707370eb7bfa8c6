"""What the ids and ARNs of Amazon Athena look like."""

from __future__ import annotations

from typing import Final

__all__ = [
    "AWS_ACCOUNT_ID_LENGTH",
    "AWS_ACCOUNT_ID_PATTERN",
    "IDENTITY_CENTER_APPLICATION_ARN_LENGTH",
    "IDENTITY_CENTER_APPLICATION_ARN_PATTERN",
    "QUERY_EXECUTION_ID_LENGTH",
    "QUERY_EXECUTION_ID_PATTERN",
]


QUERY_EXECUTION_ID_PATTERN: Final = r"\S+"
"""The pattern of ``QueryExecutionId``."""
QUERY_EXECUTION_ID_LENGTH: Final = (1, 128)
"""The least and the greatest number of characters of ``QueryExecutionId``."""

AWS_ACCOUNT_ID_PATTERN: Final = "^[0-9]+$"
"""The pattern of ``AwsAccountId``."""
AWS_ACCOUNT_ID_LENGTH: Final = (12, 12)
"""The least and the greatest number of characters of ``AwsAccountId``."""

IDENTITY_CENTER_APPLICATION_ARN_PATTERN: Final = (
    r"^arn:(aws|aws-us-gov|aws-cn|aws-iso|aws-iso-b):sso::\d{12}:"
    r"application/(sso)?ins-[a-zA-Z0-9-.]{16}/apl-[a-zA-Z0-9]{16}$"
)
"""The pattern of ``IdentityCenterApplicationArn``."""
IDENTITY_CENTER_APPLICATION_ARN_LENGTH: Final = (0, 255)
"""The least and the greatest number of characters of ``IdentityCenterApplicationArn``."""
