"""Builds the sdist and the wheel, and sees to it that whoever builds them gets the same bytes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ROOT", "Built", "NotReproducible", "build", "build_twice", "unpack"]

ROOT = Path(__file__).resolve().parent.parent


class NotReproducible(Exception):
    """Two builds of one source differ."""


@dataclass(frozen=True)
class Built:
    """The two files of a build."""

    sdist: Path
    wheel: Path

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of each file, by its name."""
        files = (self.sdist, self.wheel)
        return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def time_of_source() -> str:
    """Return the time that the files of a build get: that of the commit, in seconds."""
    git = ["git", "log", "-1", "--format=%ct"]
    try:
        run = subprocess.run(git, cwd=ROOT, capture_output=True, check=True, text=True)
    except (OSError, subprocess.CalledProcessError):  # no clone: any fixed time will do
        return "1577836800"
    return run.stdout.strip()


def build(folder: Path, source: Path = ROOT) -> Built:
    """Build both from a source tree, into an empty folder.

    Raises:
        subprocess.CalledProcessError: It could not be built.
    """
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    variables = {"SOURCE_DATE_EPOCH": time_of_source(), **os.environ}
    quiet = subprocess.DEVNULL
    subprocess.run(command, cwd=source, env=variables, check=True, stdout=quiet, stderr=quiet)
    return Built(next(folder.glob("*.tar.gz")), next(folder.glob("*.whl")))


def unpack(sdist: Path, folder: Path) -> Path:
    """Unpack an sdist and return the source tree in it."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return folder / sdist.name.removesuffix(".tar.gz")


def build_twice(folder: Path) -> Built:
    """Build from this tree, and again from the sdist that came of it, and compare.

    Raises:
        NotReproducible: The bytes differ, or the sdist lacks something.
        subprocess.CalledProcessError: It could not be built.
    """
    first = build(folder / "dist")
    second = build(folder / "again", unpack(first.sdist, folder / "source"))
    if first.digests() != second.digests():
        msg = f"two builds differ: {first.digests()} and {second.digests()}"
        raise NotReproducible(msg)
    return first
