"""AWS Batch: its refs, errors, requests, responses and shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocancel._lazy import names_from

if TYPE_CHECKING:
    from botocancel.services.batch.errors import *
    from botocancel.services.batch.job import *
    from botocancel.services.batch.models import *
else:
    __getattr__ = names_from(__name__, "job", "errors", "models")
