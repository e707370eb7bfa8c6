"""Which HTTP requests the server takes: none that a web page of another origin makes.

A page that is open in a browser of this machine can send to loopback addresses, and need
not read the answer to do harm. Browsers say where such a request is from (``Origin``,
``Sec-Fetch-Site``), and whom the page takes the server for (``Host``), which is its own
name where it has that name resolve to this machine.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from botocancel.services._simulator import SimulatedError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Visitors"]

_OTHER_SITES: Final = frozenset({"cross-site", "same-site"})


class Visitors:
    """Tells requests that the server takes from those of foreign pages.

    Args:
        host: The address, or name, that the server was told to listen on.
        expose: Whether other machines may send requests, which may call it anything.
    """

    def __init__(self, host: str, *, expose: bool) -> None:
        self._host = host.lower()
        self._expose = expose

    def refusal(self, headers: Mapping[str, str]) -> SimulatedError | None:
        """Return the refusal of a request by its headers, whose names are in lower case."""
        host, origin = headers.get("host", ""), headers.get("origin")
        if host and not self._expose and not self._is_own(f"//{host}"):
            msg = (
                f"The Host header is {host!r}. The simulated AWS answers to 127.0.0.1, localhost "
                f"and {self._host} only; to be called by other names, it has to be exposed."
            )
            return SimulatedError("ForeignHost", msg, 403)
        is_foreign = origin is not None and not self._is_own(origin)
        if is_foreign or headers.get("sec-fetch-site") in _OTHER_SITES:
            msg = f"The simulated AWS takes no requests of web pages; Origin is {origin!r}."
            return SimulatedError("ForeignOrigin", msg, 403)
        return None

    def _is_own(self, url: str) -> bool:
        """Say whether a URL, or an origin, is of this machine by a name that none else has."""
        try:
            name = urlsplit(url).hostname or ""
        except ValueError:
            return False
        if name in {"localhost", self._host}:
            return True
        try:
            return ip_address(name).is_loopback
        except ValueError:
            return False
