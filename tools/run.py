#!/usr/bin/env python3
"""Run the demo or the checks; install first what they need, into ``.venv``.

    python3 tools/run.py demo                     a cancel, on the simulated AWS
    python3 tools/run.py test                     the gate: what every change has to pass
    python3 tools/run.py test lint types          only these checks
    python3 tools/run.py test tests -- -k wait    what follows ``--`` goes to pytest
    python3 tools/run.py test pythons             what takes longer, and is run every night

It needs nothing but Python and the package index that pip is set up with. An
environment is made anew when its Python is broken or another one, and installed
anew when ``pyproject.toml`` has changed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
JAVASCRIPT = ROOT / "tests" / "witnesses" / "javascript"
UV = "uv==0.13.9"
PIP = "pip>=25.1"  # the first that installs dependency groups
PIP_QUIETLY = ("python", "-m", "pip", "--quiet", "--disable-pip-version-check")
WHEELS = ".venv-example/wheels"
FROM_WHEELS = ("--no-index", "--find-links", WHEELS)
ADDED_SERVICE = "examples/replays"
ADDED_WHEELS = ".venv-example-service/wheels"
SIMULATION = "tests/test_simulation.py"
WITHOUT_SIMULATION = (f"--ignore={SIMULATION}",)
NEWEST_ONLY = (  # the pages are written for the newest, and compared with it; the others take long
    "tests/cli/test_cancel.py",
    "tests/cli/test_terminal.py",
    "tests/test_documentation.py",
    "tests/witnesses",
)
CORE = (  # what an older botocore may break, and every kind
    "tests/test_answers.py",
    "tests/test_batches.py",
    "tests/test_client.py",
    "tests/test_errors.py",
    "tests/test_loader.py",
    "tests/test_services.py",
    "tests/test_stopping.py",
    "tests/test_waiting.py",
    "tests/cli/test_ls.py",
)
WORKERS = 2 * (os.cpu_count() or 1)  # most tests wait for processes and clocks
PYTEST = ("pytest", "-n", str(WORKERS))

CHECKS: dict[str, list[list[str]]] = {
    "format": [["ruff", "format", "--check", "."]],
    "lint": [["ruff", "check", "."]],
    "imports": [["lint-imports", "--no-logo"]],
    "models": [
        ["python", "tools/generate_models.py", "--check"],
        [
            *("python", "-m", "botocancel.generate", "--check"),
            f"{ADDED_SERVICE}/src/botocancel_replays",
        ],
    ],
    # What other packages leave unknown, such as boto3's clients, is theirs to say.
    "types": [
        ["mypy"],
        ["pyright"],
        ["pyright", "--verifytypes", "botocancel", "--ignoreexternal"],
    ],
    "oldest": [[*PYTEST, *CORE]],
    # The example's tests, with botocancel as users have it: from the wheel, and nothing else.
    "example": [
        [*PIP_QUIETLY, "wheel", "--no-deps", "--wheel-dir", WHEELS, "."],
        [*PIP_QUIETLY, "install", "--no-deps", "--force-reinstall", *FROM_WHEELS, "botocancel"],
        [*PIP_QUIETLY, "install", "examples/cancel_service[test]"],
        ["python", "-m", "pytest", "examples/cancel_service"],
    ],
    # A service that a package adds, both from their wheels: its own tests, and ours over it.
    "example-service": [
        [*PIP_QUIETLY, "wheel", "--no-deps", "--wheel-dir", ADDED_WHEELS, ".", ADDED_SERVICE],
        [
            *(*PIP_QUIETLY, "install", "--no-deps", "--force-reinstall"),
            *("--no-index", "--find-links", ADDED_WHEELS, "botocancel", "botocancel-replays"),
        ],
        [*PIP_QUIETLY, "install", "--find-links", ADDED_WHEELS, "botocancel-replays[test]"],
        ["python", "-m", "pytest", ADDED_SERVICE],
        [  # with the example's settings, for ours are of plugins that are not installed there
            *("python", "-m", "pytest", "-c", f"{ADDED_SERVICE}/pyproject.toml", "--rootdir", "."),
            "tests/test_services.py",
        ],
    ],
    "api": [["python", "tools/check_api.py"]],
    "wheel": [["python", "tools/check_wheel.py"]],
    "docs": [["python", "tools/documentation.py"]],
    "simulation": [["pytest", SIMULATION]],
    # Last, for the run ends with pytest's closing line.
    "tests": [[*PYTEST, *WITHOUT_SIMULATION]],
}
"""The commands of each check of the gate, in the order they run."""

NIGHTLY: dict[str, list[list[str]]] = {
    "coverage": [[*PYTEST, "--cov", *WITHOUT_SIMULATION]],
    "oldest-all": [[*PYTEST, *WITHOUT_SIMULATION, *(f"--ignore={path}" for path in NEWEST_ONLY)]],
    "aiobotocore": [["pytest", "tests/aio"]],
    "pythons": [["python", "tools/check_wheel.py", "--pythons"]],
    "schedules": [
        ["python", "-m", "tests.simulation", "--schedules", "200000"],
        ["python", "-m", "tests.simulation", "--schedules", "200000", "--journal"],
    ],
    "kills": [
        ["python", "-m", "tests.kills", "--kills", "300"],
        ["python", "-m", "tests.deaths", "--kills", "200"],
    ],
}
"""The same of the checks that are no part of the gate, for they take long or want more room."""

EVERY = {**CHECKS, **NIGHTLY}


class CommandFailed(Exception):
    """A command ended with a status other than 0."""

    def __init__(self, status: int) -> None:
        self.status = status if status > 0 else 128 - status  # as shells report a signal
        super().__init__(f"exit status {self.status}")


@dataclass(frozen=True)
class Environment:
    """A virtual environment, and the dependency groups and the package that belong in it."""

    folder: Path
    groups: tuple[str, ...] = ()
    has_package: bool = True

    @property
    def programs(self) -> Path:
        """Where its programs are."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    def is_usable(self) -> bool:
        """Say whether it works, was made here, and has this Python's version."""
        pip = shutil.which("pip", path=self.programs)
        if pip is None:
            return False
        try:
            answer = subprocess.run([pip, "--version"], capture_output=True, text=True, check=False)
        except OSError:  # the Python it was made from is gone, or it was moved
            return False
        python = f"(python {sys.version_info.major}.{sys.version_info.minor})"
        return str(self.folder) in answer.stdout and python in answer.stdout

    def run(self, program: str, *arguments: str) -> None:
        """Run one of its programs, at the root of the repository.

        Raises:
            CommandFailed: It ended with a status other than 0.
        """
        path = os.pathsep.join([str(self.programs), os.environ.get("PATH", os.defpath)])
        variables = {**os.environ, "PATH": path, "VIRTUAL_ENV": str(self.folder)}
        command = [shutil.which(program, path=self.programs) or program, *arguments]
        status = subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode
        if status:
            raise CommandFailed(status)

    def install(self) -> None:
        """Install what belongs in it: with uv, which is fast, or else with pip.

        Raises:
            CommandFailed: Neither could.
        """
        what = ["--editable", ".[cli,server]"] if self.has_package else []
        for group in self.groups:
            what += ["--group", group]
        if not what:
            return
        pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        uv = ["-m", "uv", "pip", "install", "--quiet", "--system-certs"]  # pip's, by default
        try:
            self.run("python", *pip, UV)
            self.run("python", *uv, *what)
        except CommandFailed:
            print("== uv could not do it; trying pip", flush=True)
            self.run("python", *pip, "--upgrade", PIP)
            self.run("python", *pip, *what)


NEWEST = Environment(ROOT / ".venv", ("dev",))
OLDEST = Environment(ROOT / ".venv-oldest", ("oldest", "test"))
AIOBOTOCORE = Environment(ROOT / ".venv-aiobotocore", ("aiobotocore", "test"))
AWSCLI = Environment(ROOT / ".venv-awscli", ("awscli",), has_package=False)
MINISTACK = Environment(ROOT / ".venv-ministack", ("ministack",), has_package=False)
EXAMPLE = Environment(ROOT / ".venv-example", has_package=False)  # the check installs into it
EXAMPLE_SERVICE = Environment(ROOT / ".venv-example-service", has_package=False)  # as above
DEMO = Environment(NEWEST.folder)
PLACES = {
    "oldest": OLDEST,
    "oldest-all": OLDEST,
    "aiobotocore": AIOBOTOCORE,
    "example": EXAMPLE,
    "example-service": EXAMPLE_SERVICE,
}
"""Where a check runs, if not in `NEWEST`."""


@cache
def prepare(environment: Environment) -> None:
    """Make the environment and install into it, where that is not done already.

    Raises:
        CommandFailed: It could not be made, or something could not be installed.
    """
    name = environment.folder.name
    if not environment.is_usable():
        print(f"== making {name}", flush=True)
        make = [sys.executable, "-m", "venv", "--clear", str(environment.folder)]
        if status := subprocess.run(make, check=False).returncode:
            raise CommandFailed(status)
    stamp = environment.folder / "installed.txt"
    wanted = {hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()}
    wanted.update(environment.groups)
    if stamp.exists() and wanted <= set(stamp.read_text(encoding="utf-8").split()):
        return
    print(f"== installing into {name}", flush=True)
    stamp.unlink(missing_ok=True)
    environment.install()
    stamp.write_text("\n".join(sorted(wanted)), encoding="utf-8")


@cache
def prepare_witnesses() -> None:
    """Install AWS's command line, ministack and, where there is npm, AWS's SDK for JavaScript.

    Raises:
        CommandFailed: Something could not be installed.
    """
    prepare(AWSCLI)
    prepare(MINISTACK)
    npm = shutil.which("npm")
    if npm is None:
        print("== no npm here: the tests with AWS's SDK for JavaScript are skipped", flush=True)
        return
    wanted = hashlib.sha256((JAVASCRIPT / "package-lock.json").read_bytes()).hexdigest()
    stamp = JAVASCRIPT / "node_modules" / "installed.txt"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print("== installing AWS's SDK for JavaScript", flush=True)
    command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    if status := subprocess.run(command, cwd=JAVASCRIPT, check=False).returncode:
        raise CommandFailed(status)
    stamp.write_text(wanted, encoding="utf-8")


def demo(arguments: list[str]) -> None:
    """Run ``botocancel demo``."""
    prepare(DEMO)
    DEMO.run("botocancel", "demo", *arguments)


def check(name: str, for_pytest: list[str]) -> None:
    """Run one check.

    Arguments for pytest stand in place of the check's own.
    """
    environment = PLACES.get(name, NEWEST)
    prepare(environment)
    if name in {"tests", "coverage"}:
        prepare_witnesses()
    for program, *arguments in EVERY[name]:
        if program == "pytest" and for_pytest:
            arguments = for_pytest  # noqa: PLW2901  in place of the check's own
        print(f"\n== {name}: {' '.join([program, *arguments])}", flush=True)
        environment.run(program, *arguments)


def main(argv: list[str]) -> int:
    """Do what the command line says and return the exit status."""
    cut = argv.index("--") if "--" in argv else len(argv)
    passed_on = argv[cut + 1 :]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["demo", "test"])
    parser.add_argument("checks", nargs="*", help=f"any of {', '.join(EVERY)}; none: the gate")
    options = parser.parse_args(argv[:cut])
    if unknown := set(options.checks) - set(EVERY):
        parser.error(f"no such check: {', '.join(sorted(unknown))}; there are {', '.join(EVERY)}")
    doing = "demo"
    try:
        if options.command == "demo":
            demo(passed_on)
            return 0
        for doing in [name for name in EVERY if name in (options.checks or CHECKS)]:
            check(doing, passed_on)
    except CommandFailed as failure:
        print(f"\n== {doing} failed: {failure}", file=sys.stderr)
        return failure.status
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036  whoever starts it may have an older one
        sys.exit(f"tools/run.py needs Python 3.11 or newer; this is {sys.version}")
    sys.exit(main(sys.argv[1:]))
