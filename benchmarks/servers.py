"""Starts the loopback servers as processes of their own, and asks them what they saw."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs
import botocore

if TYPE_CHECKING:
    from collections.abc import Generator

SERVER: Final = Path(__file__).with_name("server.py")


@attrs.frozen
class Server:
    """A running server."""

    url: str
    trusted: Path | None = None
    """The certificates that its clients have to trust."""

    def stats(self) -> dict[str, int]:
        """Return the requests and connections since the last reset, this one's own left out."""
        seen: dict[str, int] = json.loads(self._ask("stats", None))
        return {**seen, "connections": seen["connections"] - 1}

    def reset(self, ends_after: float = 0.0, limit: float = 0.0) -> None:
        """Forget what was seen; tasks end so many seconds from now.

        Of requests no more than the limit are taken in a second, if there is one.
        """
        self._ask("reset", json.dumps({"ends_after": ends_after, "limit": limit}).encode())

    def _ask(self, path: str, body: bytes | None) -> bytes:
        trust = ssl.create_default_context(cafile=self.trusted) if self.trusted else None
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)
        )
        with opener.open(f"{self.url}/{path}", body, timeout=30) as answer:
            content: bytes = answer.read()
        return content


@contextmanager
def running(delay: float = 0.0, certificate: Path | None = None) -> Generator[Server]:
    """Run a server for the block."""
    command = [sys.executable, str(SERVER), "--delay", str(delay)]
    command += ["--certificate", str(certificate)] if certificate else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        scheme = "https" if certificate else "http"
        url = f"{scheme}://localhost:{port}"
        try:
            yield Server(url, trusting(certificate) if certificate else None)
        finally:
            process.terminate()


def trusting(certificate: Path) -> Path:
    """Write what botocore trusts, and this certificate; nobody's clients trust one alone."""
    everyones = Path(botocore.__file__).with_name("cacert.pem")
    bundle = certificate.with_name("trusted.pem")
    bundle.write_bytes(everyones.read_bytes() + certificate.read_bytes())
    return bundle


def make_certificate(file: Path) -> Path:
    """Write a key and a certificate for localhost, signed by itself."""
    from cryptography import x509  # noqa: PLC0415  (only TLS needs it)
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names: list[x509.GeneralName] = [
        x509.DNSName("localhost"),
        x509.IPAddress(IPv4Address("127.0.0.1")),
    ]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return file
