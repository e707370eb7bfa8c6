"""Virtual environments for botocancel and each of its peers, so that none loads another's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT: Final = Path(__file__).resolve().parent.parent

PACKAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "botocancel": (
        str(ROOT),
        "boto3==1.44.5",
        "botocore==1.44.5",
        "click==8.5.1",
        "rich==15.0.0",
    ),
    "boto3": ("boto3==1.44.5", "botocore==1.44.5"),
    "aiobotocore": ("aiobotocore==3.10.0",),
    "capo": ("capo-fsx==0.11.0", "capo-datasync==0.11.0"),
    "awscli": ("awscli==1.45.11",),
}
"""What is installed where; botocancel from this very tree."""


def prepared(folder: Path, names: frozenset[str]) -> dict[str, Path]:
    """Make what is missing of the environments; return the Python of each.

    Raises:
        subprocess.CalledProcessError: One could not be made.
    """
    return {name: _prepared(folder / name, PACKAGES[name]) for name in PACKAGES if name in names}


def _prepared(home: Path, packages: tuple[str, ...]) -> Path:
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        print(f"making {home}", file=sys.stderr, flush=True)
        _run(sys.executable, "-m", "venv", str(home))
    stamp = home / "packages.txt"
    wanted = "\n".join(packages)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        print(f"installing {', '.join(packages)}", file=sys.stderr, flush=True)
        _run(*pip, *packages)
        stamp.write_text(wanted, encoding="utf-8")
    if str(ROOT) in packages:  # the tree may have changed since
        _run(*pip, "--no-deps", "--force-reinstall", str(ROOT))
    compiled(python)
    return python


def compiled(python: Path) -> None:
    """Compile what is installed beside this Python, so that no start is charged for it."""
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = subprocess.run(
        [str(python), "-c", where], check=True, capture_output=True, text=True
    ).stdout.strip()
    _run(str(python), "-m", "compileall", "-q", "-j0", packages, check=False)


def _run(*command: str, check: bool = True) -> None:
    """Run a command that is allowed to write bytecode."""
    environ = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, check=check, env=environ, stdout=subprocess.DEVNULL)
