"""AWS DataSync: its refs, errors, requests, responses and shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocancel._lazy import names_from

if TYPE_CHECKING:
    from botocancel.services.datasync.errors import *
    from botocancel.services.datasync.models import *
    from botocancel.services.datasync.refs import *
else:
    __getattr__ = names_from(__name__, "refs", "errors", "models")
