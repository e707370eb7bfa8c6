"""What annotations may name beside the classes: what clients take, and what they return."""

from __future__ import annotations

from botocancel._aws import AwsClient, AwsClientMeta, AwsSession
from botocancel._unions import AnyCancellation, AnyOutcome, AnySnapshot
from botocancel.effects import OnProgress, OnSight
from botocancel.flows import Given, IfEnded

__all__ = [
    "AnyCancellation",
    "AnyOutcome",
    "AnySnapshot",
    "AwsClient",
    "AwsClientMeta",
    "AwsSession",
    "Given",
    "IfEnded",
    "OnProgress",
    "OnSight",
]
