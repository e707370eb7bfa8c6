"""What the ids and ARNs of AWS DataSync look like."""

from __future__ import annotations

from typing import Final

__all__ = [
    "IAM_ROLE_ARN_LENGTH",
    "IAM_ROLE_ARN_PATTERN",
    "LOCATION_ARN_LENGTH",
    "LOCATION_ARN_PATTERN",
    "LOG_GROUP_ARN_LENGTH",
    "LOG_GROUP_ARN_PATTERN",
    "NETWORK_INTERFACE_ARN_LENGTH",
    "NETWORK_INTERFACE_ARN_PATTERN",
    "S3_BUCKET_ARN_LENGTH",
    "S3_BUCKET_ARN_PATTERN",
    "S3_OBJECT_VERSION_ID_LENGTH",
    "S3_OBJECT_VERSION_ID_PATTERN",
    "TASK_ARN_LENGTH",
    "TASK_ARN_PATTERN",
    "TASK_EXECUTION_ARN_LENGTH",
    "TASK_EXECUTION_ARN_PATTERN",
]


TASK_EXECUTION_ARN_PATTERN: Final = (
    r"^arn:(aws|aws-cn|aws-us-gov|aws-eusc|aws-iso|aws-iso-b):datasync:[a-z\-0-9]+:"
    r"[0-9]{12}:task/task-[0-9a-f]{17}/execution/exec-[0-9a-f]{17}$"
)
"""The pattern of ``TaskExecutionArn``."""
TASK_EXECUTION_ARN_LENGTH: Final = (0, 128)
"""The least and the greatest number of characters of ``TaskExecutionArn``."""

IAM_ROLE_ARN_PATTERN: Final = (
    "^arn:(aws|aws-cn|aws-us-gov|aws-eusc|aws-iso|aws-iso-b):iam::[0-9]{12}:role/.*$"
)
"""The pattern of ``IamRoleArn``."""
IAM_ROLE_ARN_LENGTH: Final = (0, 2048)
"""The least and the greatest number of characters of ``IamRoleArn``."""

S3_BUCKET_ARN_PATTERN: Final = (
    r"^arn:(aws|aws-cn|aws-us-gov|aws-eusc|aws-iso|aws-iso-b):s3:[a-z\-0-9]*:"
    r"[0-9]{12}:accesspoint[/:][a-zA-Z0-9\-.]{1,63}$|^arn:(aws|aws-cn|aws-us-gov|"
    r"aws-eusc|aws-iso|aws-iso-b):s3-outposts:[a-z\-0-9]+:[0-9]{12}:"
    r"outpost[/:][a-zA-Z0-9\-]{1,63}[/:]accesspoint[/:][a-zA-Z0-9\-]{1,63}$|^arn:(aws|"
    r"aws-cn|aws-us-gov|aws-eusc|aws-iso|aws-iso-b):s3:::[a-zA-Z0-9.\-_]{1,255}$"
)
"""The pattern of ``S3BucketArn``."""
S3_BUCKET_ARN_LENGTH: Final = (0, 268)
"""The least and the greatest number of characters of ``S3BucketArn``."""

S3_OBJECT_VERSION_ID_PATTERN: Final = "^.+$"
"""The pattern of ``S3ObjectVersionId``."""
S3_OBJECT_VERSION_ID_LENGTH: Final = (1, 100)
"""The least and the greatest number of characters of ``S3ObjectVersionId``."""

TASK_ARN_PATTERN: Final = (
    r"^arn:(aws|aws-cn|aws-us-gov|aws-eusc|aws-iso|aws-iso-b):datasync:[a-z\-0-9]+:"
    r"[0-9]{12}:task/task-[0-9a-f]{17}$"
)
"""The pattern of ``TaskArn``."""
TASK_ARN_LENGTH: Final = (0, 128)
"""The least and the greatest number of characters of ``TaskArn``."""

LOCATION_ARN_PATTERN: Final = (
    r"^arn:(aws|aws-cn|aws-us-gov|aws-eusc|aws-iso|aws-iso-b):datasync:[a-z\-0-9]+:"
    r"[0-9]{12}:location/loc-[0-9a-z]{17}$"
)
"""The pattern of ``LocationArn``."""
LOCATION_ARN_LENGTH: Final = (0, 128)
"""The least and the greatest number of characters of ``LocationArn``."""

LOG_GROUP_ARN_PATTERN: Final = (
    r"^arn:(aws|aws-cn|aws-us-gov|aws-eusc|aws-iso|aws-iso-b):logs:[a-z\-0-9]+:"
    r"[0-9]{12}:log-group:([^:\*]*)(:\*)?$"
)
"""The pattern of ``LogGroupArn``."""
LOG_GROUP_ARN_LENGTH: Final = (0, 562)
"""The least and the greatest number of characters of ``LogGroupArn``."""

NETWORK_INTERFACE_ARN_PATTERN: Final = (
    r"^arn:aws[\-a-z]{0,}:ec2:[a-z\-0-9]*:[0-9]{12}:network-interface/eni-[0-9a-f]+$"
)
"""The pattern of ``NetworkInterfaceArn``."""
NETWORK_INTERFACE_ARN_LENGTH: Final = (0, 128)
"""The least and the greatest number of characters of ``NetworkInterfaceArn``."""
