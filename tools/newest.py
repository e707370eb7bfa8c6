"""Raise boto3 and botocore of the group ``newest`` to the newest: for the scheduled job."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
NAMES = ("boto3", "botocore")


def newest() -> dict[str, str]:
    """Ask pip for the newest versions that go together."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"]
    command = [*pip, "--report=-", *NAMES]
    run = subprocess.run(command, capture_output=True, check=True, text=True)
    found = cast("dict[str, Any]", json.loads(run.stdout))["install"]
    versions = {part["metadata"]["name"]: part["metadata"]["version"] for part in found}
    return {name: versions[name] for name in NAMES}


def raised(pyproject: str, versions: dict[str, str]) -> str:
    """Return the text of pyproject.toml with other versions in the group ``newest``."""
    start = pyproject.index("\nnewest = [")
    end = pyproject.index("\n]", start)
    group = pyproject[start:end]
    for name, version in versions.items():
        group = re.sub(rf'"{name}==[^"]*"', f'"{name}=={version}"', group)
    return pyproject[:start] + group + pyproject[end:]


def main() -> int:
    """Write the newest versions into pyproject.toml, and say which."""
    versions = newest()
    text = PYPROJECT.read_text(encoding="utf-8")
    PYPROJECT.write_text(raised(text, versions), encoding="utf-8")
    print(*(f"{name}=={version}" for name, version in versions.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
