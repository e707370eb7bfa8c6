"""Build the wheel, install it into empty environments, and use it there: the check ``wheel``.

Each extra has an environment of its own, and one has them all. With ``--pythons``, the check
``pythons``, the tests of the sdist, but for `ELSEWHERE`, run against the wheel with every other
supported Python that is found here, two side by side.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.parser import Parser
from functools import partial
from pathlib import Path
from zipfile import ZipFile

from distributions import ROOT, Built, build_twice, unpack

ELSEWHERE = (
    "tests/cli",
    "tests/test_benchmarks.py",
    "tests/test_documentation.py",
    "tests/test_generate_models.py",
    "tests/test_kills.py",
    "tests/test_simulation.py",
    "tests/witnesses",
)
"""Tests that are left to the check ``tests``: they take long, or are not of the package.

Of the command line, the demo is run.
"""

USERS_OWN = {"pytest"}
"""What no extra brings: whoever uses the modules that need it has it."""

IMPORT_ALL = """
import importlib, pkgutil, botocancel
lacking = {}
for module in pkgutil.walk_packages(botocancel.__path__, "botocancel."):
    if not module.name.endswith("__main__"):
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            lacking[module.name] = error.name
print(*sorted(set(lacking.values())))
"""
"""Imports every module, and prints the packages that are missing for some."""


class CheckFailed(Exception):
    """Something did not hold."""


def output_of(*command: str | Path, cwd: Path = ROOT) -> str:
    """Run a command and return what it prints.

    Raises:
        CheckFailed: It ended with a status other than 0.
    """
    # What is installed elsewhere is not to be found.
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    run = subprocess.run(
        command,
        cwd=cwd,
        env=variables,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if run.returncode:
        msg = f"{' '.join(map(str, command))}\n{run.stdout}"
        raise CheckFailed(msg)
    return run.stdout


@dataclass(frozen=True)
class Empty:
    """A virtual environment with nothing in it, not even pip."""

    folder: Path

    @classmethod
    def made(cls, folder: Path, python: str) -> Empty:
        """Make it from a Python."""
        output_of(python, "-m", "venv", "--without-pip", folder)
        return cls(folder)

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.program("python")

    def program(self, name: str) -> Path:
        """Return one of its programs."""
        folder = self.folder / ("Scripts" if os.name == "nt" else "bin")
        return Path(shutil.which(name, path=folder) or folder / name)

    def install(self, *what: str) -> None:
        """Install into it from outside: with uv, or else with pip."""
        uv = ("uv", "pip", "install", "--quiet", "--system-certs", "--python", self.python)
        try:
            output_of(sys.executable, "-m", *uv, *what)
        except CheckFailed:
            pip = ("pip", "--python", self.python, "install", "--quiet")
            output_of(sys.executable, "-m", *pip, *what)


def metadata_of(wheel: Path) -> tuple[list[str], list[str]]:
    """Return the extras of a wheel, and the versions of Python it says it is for."""
    with ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(name).decode())
    classifiers = "\n".join(metadata.get_all("Classifier", []))
    pythons = re.findall(r"^Programming Language :: Python :: (3\.\d+)$", classifiers, re.MULTILINE)
    return metadata.get_all("Provides-Extra", []), pythons


def find_python(version: str) -> str | None:
    """Return the program of a version of Python, if one is found that works.

    It is looked for in PATH and where pyenv keeps those that are not switched on.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    kept = (pyenv / "versions").glob(f"{version}.*/bin/python")
    for program in (f"python{version}", *map(str, kept)):
        try:
            return output_of(program, "-c", "import sys; print(sys.executable)").strip()
        except (OSError, CheckFailed):  # not there, or pyenv's way to say that it is not
            continue
    return None


def check_extras(folder: Path, wheel: Path, extras: list[str]) -> None:
    """Use the wheel with no extra, with each alone, and with all.

    Raises:
        CheckFailed: Something did not work.
    """
    for chosen in dict.fromkeys([(), *((extra,) for extra in extras), tuple(extras)]):
        name = f"[{','.join(chosen)}]" if chosen else ""
        empty = Empty.made(folder / f"extras-{'-'.join(chosen) or 'none'}", sys.executable)
        empty.install(f"{wheel}{name}")
        output_of(sys.executable, "-m", "pip", "--python", empty.python, "check")
        lacking = output_of(empty.python, "-I", "-c", IMPORT_ALL).split()
        missing = set(lacking) - USERS_OWN
        if missing and chosen == tuple(extras):
            msg = f"with all extras, modules lack {', '.join(sorted(missing))}"
            raise CheckFailed(msg)
        did = ["pip check", "imported"]
        if "cli" in chosen:
            if "All of it held." not in output_of(empty.program("botocancel"), "demo"):
                msg = "the demo did not say that all of it held"
                raise CheckFailed(msg)
            did.append("demo")
        sample = ROOT / "tests" / "typing" / "installed.py"
        mypy = ("mypy", "--strict", "--config-file=", "--cache-dir", os.devnull)
        output_of(sys.executable, "-m", *mypy, "--python-executable", empty.python, sample)
        did.append("typed sample")
        more = f"; modules that want more lack {', '.join(lacking)}" if lacking else ""
        print(f"botocancel{name}: {', '.join(did)}{more}", flush=True)


def run_suite(
    folder: Path,
    built: Built,
    extras: list[str],
    *,
    version: str,
    python: str,
) -> str:
    """Run tests of the sdist against the wheel and return its closing line.

    Raises:
        CheckFailed: A test failed.
    """
    source = unpack(built.sdist, folder / f"source-{version}")
    empty = Empty.made(folder / f"python-{version}", python)
    groups = [f"--group={source / 'pyproject.toml'}:{group}" for group in ("newest", "test")]
    empty.install(f"{built.wheel}[{','.join(extras)}]", *groups)
    home = output_of(
        empty.python, "-c", "import botocancel; print(botocancel.__file__)", cwd=source
    )
    if not Path(home).is_relative_to(empty.folder):
        msg = f"not the wheel would be tested, but {home}"
        raise CheckFailed(msg)
    tests = [f"--ignore={path}" for path in ELSEWHERE]
    return output_of(empty.python, "-m", "pytest", "-q", *tests, cwd=source).splitlines()[-1]


def check_pythons(folder: Path, built: Built, extras: list[str], versions: list[str]) -> None:
    """Run the tests against the wheel with each other Python that is found.

    Raises:
        CheckFailed: A test failed.
    """
    here = f"{sys.version_info.major}.{sys.version_info.minor}"  # of which `tests` has more
    pythons = {version: find_python(version) for version in versions if version != here}
    found = {version: python for version, python in pythons.items() if python}
    for version in pythons.keys() - found.keys():
        print(f"SKIPPED: Python {version} is not found here", flush=True)
    with ThreadPoolExecutor(max_workers=2) as pool:
        run = partial(run_suite, folder, built, extras)
        suites = {
            version: pool.submit(run, version=version, python=python)
            for version, python in found.items()
        }
        for version, suite in suites.items():
            print(f"Python {version}, the wheel: {suite.result()}", flush=True)


def main(argv: list[str]) -> int:
    """Check everything and return the exit status."""
    with tempfile.TemporaryDirectory(prefix="botocancel-wheel-") as name:
        folder = Path(name)
        built = build_twice(folder)
        for file, digest in built.digests().items():
            print(f"built twice, equal: sha256 {digest}  {file}", flush=True)
        extras, versions = metadata_of(built.wheel)
        try:
            if "--pythons" in argv:
                check_pythons(folder, built, extras, versions)
            else:
                check_extras(folder, built.wheel, extras)
        except CheckFailed as failure:
            print(f"FAILED: {failure}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
